package mailbox

import "strings"

// gitNames finds the two names of a file. A header names a file up to three
// times; the names must agree, or two readers would change different files.
func (r *diffReader) gitNames(h gitHeader) (oldName, newName string, err error) {
	if (h.from == "") != (h.to == "") {
		return "", "", r.syntax("a rename or copy with one name only")
	}
	if err := r.checkNull(h); err != nil {
		return "", "", err
	}
	first, second, split := splitGitNames(h.names)
	if h.from != "" {
		return r.renamed(h)
	}
	strip := r.strip
	if strip == 0 && !(split && first == second) {
		strip = 1
	}
	var name string
	for _, n := range []string{h.oldName, h.newName, first, second} {
		if n == "" || n == devNull {
			continue
		}
		stripped, err := r.stripName(n, strip)
		if err != nil {
			return "", "", err
		}
		if name != "" && name != stripped {
			return "", "", r.syntax("the header names two files, " + QuotePath(name) + " and " + QuotePath(stripped) + ", but no rename or copy")
		}
		name = stripped
	}
	if name == "" {
		return "", "", r.syntax("the header does not tell the file's name")
	}
	return name, name, nil
}

// checkNull compares "new file" and "deleted file" with the --- and +++ lines.
func (r *diffReader) checkNull(h gitHeader) error {
	if h.oldName == "" && h.newName == "" {
		return nil
	}
	if (h.oldName == devNull) != (h.kind == KindAdd) || (h.newName == devNull) != (h.kind == KindDelete) {
		return r.syntax("the header does not agree with itself on whether the file is new or deleted")
	}
	return nil
}

// renamed returns the names of a rename or copy, which git writes without
// prefix; the --- and +++ lines must agree with them.
func (r *diffReader) renamed(h gitHeader) (oldName, newName string, err error) {
	names := [2]string{h.from, h.to}
	for i, header := range [2]string{h.oldName, h.newName} {
		if header != "" && header != names[i] && afterSlash(header) != names[i] && r.strip <= 1 {
			return "", "", r.syntax("the header names two files for one side of a rename or copy")
		}
		if r.strip > 1 {
			if names[i], err = r.stripName(names[i], r.strip-1); err != nil {
				return "", "", err
			}
		}
	}
	return names[0], names[1], nil
}

// splitGitNames takes the two names from what follows "diff --git ". Names
// without quotes may hold spaces; then only two that are equal but for a
// prefix of equal length can be told apart, which git relies on as well.
func splitGitNames(s string) (first, second string, ok bool) {
	if strings.HasPrefix(s, `"`) {
		first, rest, ok := unquoteC(s)
		second, found := strings.CutPrefix(rest, " ")
		if !ok || !found {
			return "", "", false
		}
		if strings.HasPrefix(second, `"`) {
			second, rest, ok = unquoteC(second)
			return first, second, ok && rest == ""
		}
		return first, second, true
	}
	if i := strings.Index(s, ` "`); i >= 0 {
		second, rest, ok := unquoteC(s[i+1:])
		return s[:i], second, ok && rest == ""
	}
	mid := len(s) / 2
	if len(s)%2 == 0 || s[mid] != ' ' {
		return "", "", false
	}
	first, second = s[:mid], s[mid+1:]
	if first != second && afterSlash(first) != afterSlash(second) {
		return "", "", false
	}
	return first, second, true
}

func afterSlash(name string) string {
	_, after, ok := strings.Cut(name, "/")
	if !ok {
		return name
	}
	return after
}

// stripName cuts n leading directories.
func (r *diffReader) stripName(name string, n int) (string, error) {
	rest := name
	for ; n > 0; n-- {
		var ok bool
		if _, rest, ok = strings.Cut(rest, "/"); !ok {
			return "", r.syntax("the name " + QuotePath(name) + " has too few directories to strip")
		}
	}
	return rest, nil
}
