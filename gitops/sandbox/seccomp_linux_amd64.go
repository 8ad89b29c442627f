package sandbox

import "golang.org/x/sys/unix"

const thisArch = unix.AUDIT_ARCH_X86_64
