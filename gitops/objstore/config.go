package objstore

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/config"
)

// harmlessExtensions of a repository say nothing about how objects are stored.
var harmlessExtensions = []string{
	"noop", "noop-v1", "partialclone", "preciousobjects", "refstorage", "relativeworktrees",
	"submodulepathconfig", "worktreeconfig",
}

// checkFormat refuses a repository whose configuration, beside its objects
// directory, says that objects are not stored in the way that this package knows.
// Without configuration there is no reason to think so. Included files do not
// count, as for git.
func checkFormat(objects string) error {
	path := filepath.Join(filepath.Dir(objects), "config")
	data, err := readSmall(path)
	if err != nil {
		return err
	}
	var cfg config.Config
	if err := config.NewDecoder(bytes.NewReader(data)).Decode(&cfg); err != nil {
		return &Unsupported{fmt.Sprintf("the configuration %s (%v)", path, err)}
	}
	if v := lastOption(cfg, "core", "repositoryformatversion"); v != "" {
		if n, err := strconv.Atoi(v); err != nil || n > 1 {
			return &Unsupported{fmt.Sprintf("repository format version %.20q", v)}
		}
	}
	for _, s := range cfg.Sections {
		if !strings.EqualFold(s.Name, "extensions") {
			continue
		}
		for _, o := range s.Options {
			if err := checkExtension(strings.ToLower(o.Key), o.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkExtension(name, value string) error {
	if slices.Contains(harmlessExtensions, name) || name == "objectformat" && strings.EqualFold(value, "sha1") {
		return nil
	}
	return &Unsupported{fmt.Sprintf("the repository extension %.40s = %.40s", name, value)}
}

func lastOption(cfg config.Config, section, key string) string {
	value := ""
	for _, s := range cfg.Sections {
		for _, o := range s.Options {
			if strings.EqualFold(s.Name, section) && strings.EqualFold(o.Key, key) {
				value = o.Value
			}
		}
	}
	return value
}
