package cmd

import "time"

// parseDate reads a day (2026-08-16, midnight UTC) or a time (RFC 3339) that a
// flag was given.
func parseDate(flag, s string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usagef("--%s takes a day such as 2026-08-16 or a time such as 2026-08-16T07:05:00Z, not %q", flag, s)
}

// parsePast is parseDate for what has happened: a day that is still to come is
// refused.
func (a *app) parsePast(flag, s string) (time.Time, error) {
	t, err := parseDate(flag, s)
	if err == nil && t.After(a.env.Now()) {
		err = usagef("--%s %s is still to come", flag, s)
	}
	return t, err
}
