package sandbox

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Where the command finds itself, when it has a root of its own.
const (
	innerDir = "/checkout"
	innerTmp = "/tmp"
)

// newRoot makes a root in memory that holds what may be seen and no more, and
// goes there. What is not in it does not exist for whatever is started later.
func (b *box) newRoot() error {
	// Nothing that is mounted here shows outside.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("mounts of its own: %w", err)
	}
	root := b.job.Spec.Room
	most := fmt.Sprintf("mode=755,nr_inodes=200000,size=%d", b.job.Spec.Limits.Memory)
	if err := unix.Mount("tmpfs", root, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, most); err != nil {
		return fmt.Errorf("a root in memory: %w", err)
	}
	for _, path := range shown {
		if err := show(root, path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	for _, path := range devices {
		if err := bind(path, filepath.Join(root, path), false); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := bind(b.job.Spec.Dir, filepath.Join(root, innerDir), true); err != nil {
		return fmt.Errorf("the checkout: %w", err)
	}
	if err := setMount(filepath.Join(root, innerDir), unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV); err != nil {
		return err
	}
	if err := furnish(root); err != nil {
		return err
	}
	return enter(root)
}

// show puts a part of the machine into the new root, to be read only.
func show(root, path string) error {
	info, err := os.Lstat(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	there := filepath.Join(root, path)
	if info.Mode()&os.ModeSymlink != 0 { // /bin, where it is in /usr
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(there), 0o755); err != nil {
			return err
		}
		return os.Symlink(target, there)
	}
	if err := bind(path, there, info.IsDir()); err != nil {
		return err
	}
	return setMount(there, unix.MOUNT_ATTR_RDONLY|unix.MOUNT_ATTR_NOSUID)
}

func bind(from, to string, dir bool) error {
	parent := to
	if !dir {
		parent = filepath.Dir(to)
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	if !dir {
		if err := os.WriteFile(to, nil, 0o644); err != nil {
			return err
		}
	}
	return unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, "")
}

func setMount(path string, attributes uint64) error {
	return unix.MountSetattr(-1, path, unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: attributes})
}

// furnish makes the places that programs expect.
func furnish(root string) error {
	for _, dir := range []string{"/proc", innerTmp, "/dev/shm"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	for name, target := range map[string]string{"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"} {
		if err := os.Symlink(target, filepath.Join(root, "dev", name)); err != nil {
			return err
		}
	}
	if err := unix.Mount("proc", filepath.Join(root, "proc"), "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("processes of its own: %w", err)
	}
	return nil
}

// enter makes root the root, and lets go of the old one.
func enter(root string) error {
	if err := unix.Chdir(root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("a root of its own: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return err
	}
	return unix.Chdir("/")
}
