package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/audit"
	"github.com/git-carry/git-carry/tui"
)

// auditLook is a look at the audit screen: what a person sees, and how.
type auditLook struct {
	a    *app
	view tui.AuditView
	day  string // "" for now
	said string

	reading reading
	report  audit.Report
}

// run shows the audit until the person leaves; board tells that they want the board.
func (x *auditLook) run(ctx context.Context, streams tui.Streams) (board bool, err error) {
	for {
		screen, err := x.screen(ctx)
		if err != nil {
			return false, err
		}
		res, err := tui.RunAudit(ctx, tui.NewAuditSession(screen, x.view), streams, x.a.theme())
		if err != nil {
			return false, err
		}
		x.view, x.said = res.View, ""
		switch {
		case res.Board:
			return true, nil
		case res.Export != "":
			x.said = x.export(ctx, res.Export)
		case res.Travel:
			x.travel(ctx, res.AsOf)
		case !res.Refresh:
			return false, nil
		}
	}
}

// travel goes to another day, or stays where it is and says why.
func (x *auditLook) travel(ctx context.Context, day string) {
	o := auditOptions{at: day}
	if _, _, err := o.read(ctx, x.a); err != nil {
		x.said = err.Error()
		return
	}
	x.day = day
}

func (x *auditLook) screen(ctx context.Context) (tui.Audit, error) {
	o := auditOptions{at: x.day}
	r, asOf, err := o.read(ctx, x.a)
	if err != nil {
		return tui.Audit{}, err
	}
	report, err := r.audit(ctx, asOf, false)
	if err != nil {
		return tui.Audit{}, err
	}
	x.reading, x.report = r, report
	actor, err := x.a.actor(r.registry, x.a.claim(ctx))
	if err != nil {
		return tui.Audit{}, err
	}
	moments, err := board{reading: r}.moments(ctx)
	if err != nil {
		return tui.Audit{}, err
	}
	out := tui.Audit{
		Report: report, Limits: r.limitDays, You: actor.String(), Past: x.day != "", Said: x.said, Timelines: moments,
	}
	out.Trains, out.TrainNames = audit.Trains(r.ledger)
	return out, nil
}

// export writes a file and says what came of it.
func (x *auditLook) export(ctx context.Context, name string) string {
	at := x.a.path(name)
	if rest, home := strings.CutPrefix(name, "~/"); home && x.a.env.Getenv("HOME") != "" {
		at = filepath.Join(x.a.env.Getenv("HOME"), rest)
	}
	if _, err := os.Lstat(at); !errors.Is(err, fs.ErrNotExist) {
		return "nothing was written: " + name + " is there already, or cannot be looked at; give another name"
	}
	data, what, err := x.file(ctx, strings.TrimPrefix(filepath.Ext(name), "."))
	if err != nil {
		return "nothing was written: " + err.Error()
	}
	mode := fs.FileMode(0o600)
	if x.view.Public {
		mode = 0o644
	}
	if err := gitops.ReplaceFile(at, data, mode); err != nil {
		return "nothing was written: " + err.Error()
	}
	return "wrote " + what + " to " + at
}

// file is the audit in a format: the table as it is narrowed, or what may be published. A page,
// metrics and a calendar are always of the whole report.
func (x *auditLook) file(ctx context.Context, format string) (data []byte, what string, err error) {
	if write := x.table(format); write != nil {
		var b bytes.Buffer
		err := write(&b)
		return b.Bytes(), count(len(x.shown().Rows), "patch", "patches"), err
	}
	if format == "txt" {
		return []byte(audit.CountsText(x.report.Counts(x.reading.limitDays))), "the public counts", nil
	}
	o := reportOptions{at: x.day, public: x.view.Public}
	what = "the whole report"
	if o.public {
		what = "the public report"
	}
	for i, f := range reportFormats {
		if f.flag != format {
			continue
		}
		paths := make([]string, len(reportFormats))
		paths[i] = "-"
		files, err := o.reports(ctx, x.a, paths)
		if err != nil {
			return nil, "", err
		}
		return files[0].data, what, nil
	}
	return nil, "", errors.New("the end of the name says the format: .csv .json .txt .html .prom .ics")
}

// shown is the report as the screen narrows it.
func (x *auditLook) shown() audit.Report { return x.report.Only(x.view.Filter).Sorted(x.view.Order) }

// table writes what the screen shows, in the formats of git carry audit; nil for others, and
// where nothing may be named.
func (x *auditLook) table(format string) func(io.Writer) error {
	if x.view.Public {
		return nil
	}
	switch format {
	case "csv":
		return func(w io.Writer) error { return audit.CSV(w, x.shown()) }
	case "json":
		return func(w io.Writer) error {
			enc := json.NewEncoder(w)
			enc.SetIndent("", "  ")
			return enc.Encode(audit.NewDocument(x.shown()))
		}
	case "txt":
		return func(w io.Writer) error { _, err := io.WriteString(w, audit.Text(x.shown())); return err }
	}
	return nil
}
