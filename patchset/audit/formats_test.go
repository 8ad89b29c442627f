package audit_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/git-carry/git-carry/patchset/audit"
)

// both are the outputs of the story, whole and for the public.
func both(t *testing.T) map[string]map[string][]byte {
	a := storyAccount(t)
	return map[string]map[string][]byte{"full": outputs(t, a), "public": outputs(t, a.Public())}
}

// parseMetrics reads the text format with the parser of Prometheus.
func parseMetrics(t *testing.T, text []byte) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return families
}

func TestPrometheusReadsTheMetrics(t *testing.T) {
	a := storyAccount(t)
	families := parseMetrics(t, outputs(t, a)["report.prom"])
	for name, want := range map[string]float64{
		"git_carry_patches": 16, "git_carry_patches_carried": 16, "git_carry_patches_overdue": 2, "git_carry_conflicts_open": 2,
		"git_carry_patches_added_total": 48, "git_carry_patches_dropped_total": 1, "git_carry_patches_public_late": 1,
		"git_carry_report_timestamp_seconds": float64(a.Totals.AsOf.Unix()),
	} {
		sum := 0.0
		for _, m := range families[name].GetMetric() {
			sum += m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
		if sum != want {
			t.Errorf("%s sums up to %v, want %v", name, sum, want)
		}
	}
	h := families["git_carry_resolution_seconds"].GetMetric()[0].GetHistogram()
	if h.GetSampleCount() != 3 || h.GetSampleSum() <= 0 || h.GetBucket()[len(h.GetBucket())-1].GetCumulativeCount() != 3 {
		t.Errorf("histogram of resolutions: %v", h)
	}
	labels := []string{"severity", "state", "problem"}
	for name, f := range families {
		switch {
		case f.GetHelp() == "":
			t.Errorf("%s: no help", name)
		case strings.HasSuffix(name, "_total") != (f.GetType() == dto.MetricType_COUNTER):
			t.Errorf("%s: the name and the type %v do not go together", name, f.GetType())
		case strings.Contains(name, "age"):
			t.Errorf("%s: an age is wrong a minute later", name)
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if !slices.Contains(labels, l.GetName()) {
					t.Errorf("%s: label %s", name, l.GetName())
				}
			}
		}
	}
}

var (
	calendarName = regexp.MustCompile(`^[A-Z][A-Z0-9-]*(;[A-Z-]+=[A-Za-z0-9-]+)*$`)
	calendarDay  = regexp.MustCompile(`^[0-9]{8}$`)
	calendarTime = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z$`)
	bareMarks    = regexp.MustCompile(`(^|[^\\])(\\\\)*[,;]`)
)

// component is a part of a calendar: its properties by name, and what is in it.
type component struct {
	name  string
	props map[string][]string
	parts []*component
}

// parseCalendar reads RFC 5545 and nothing looser.
func parseCalendar(t *testing.T, data []byte) *component {
	t.Helper()
	text := string(data)
	if !strings.HasSuffix(text, "\r\n") || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r") {
		t.Fatal("a line that does not end with CR LF")
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Fatalf("line of %d bytes, or cut inside a character: %q", len(line), line)
		}
	}
	root := &component{}
	open := []*component{root}
	for line := range strings.SplitSeq(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n ", ""), "\r\n"), "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !calendarName.MatchString(name) {
			t.Fatalf("no content line: %q", line)
		}
		top := open[len(open)-1]
		switch name {
		case "BEGIN":
			c := &component{name: value, props: map[string][]string{}}
			top.parts = append(top.parts, c)
			open = append(open, c)
		case "END":
			if top.name != value {
				t.Fatalf("%s ends %s", line, top.name)
			}
			open = open[:len(open)-1]
		default:
			name, _, _ = strings.Cut(name, ";")
			top.props[name] = append(top.props[name], value)
		}
	}
	if len(open) != 1 || len(root.parts) != 1 || root.parts[0].name != "VCALENDAR" {
		t.Fatal("not one whole calendar")
	}
	return root.parts[0]
}

func TestCalendarIsStrict(t *testing.T) {
	for kind, files := range both(t) {
		calendar := parseCalendar(t, files["report.ics"])
		if v := calendar.props["VERSION"]; len(v) != 1 || v[0] != "2.0" || len(calendar.props["PRODID"]) != 1 {
			t.Errorf("%s: version %v, product %v", kind, v, calendar.props["PRODID"])
		}
		if len(calendar.parts) == 0 {
			t.Errorf("%s: no event", kind)
		}
		uids := map[string]bool{}
		for _, e := range calendar.parts {
			one := func(c *component, name string) string {
				if len(c.props[name]) != 1 {
					t.Fatalf("%s: %s has %d of %s", kind, c.name, len(c.props[name]), name)
				}
				return c.props[name][0]
			}
			if uid := one(e, "UID"); uids[uid] {
				t.Errorf("%s: %s twice", kind, uid)
			} else {
				uids[uid] = true
			}
			if !calendarTime.MatchString(one(e, "DTSTAMP")) || !calendarDay.MatchString(one(e, "DTSTART")) || !calendarDay.MatchString(one(e, "DTEND")) || one(e, "DTEND") <= one(e, "DTSTART") {
				t.Errorf("%s: times of %v", kind, e.props)
			}
			for _, name := range []string{"SUMMARY", "DESCRIPTION"} {
				if text := one(e, name); bareMarks.MatchString(text) || strings.Contains(text, "Escape what") {
					t.Errorf("%s: %s not escaped, or it says what the hole is: %q", kind, name, text)
				}
			}
			if cancelled := one(e, "STATUS") == "CANCELLED"; cancelled != (len(e.parts) == 0) {
				t.Errorf("%s: cancelled %v with %d alarms", kind, cancelled, len(e.parts))
			}
			for _, alarm := range e.parts {
				if alarm.name != "VALARM" || one(alarm, "ACTION") != "DISPLAY" || one(alarm, "TRIGGER") == "" || one(alarm, "DESCRIPTION") == "" {
					t.Errorf("%s: alarm %v", kind, alarm)
				}
			}
		}
	}
}

// TestCalendarKeepsItsEvents: the same patch has the same event next week, and a change
// of what its day rests on raises the number of the revision.
func TestCalendarKeepsItsEvents(t *testing.T) {
	w := story(t)
	events := func(asOf time.Time) map[string]string {
		out := map[string]string{}
		for _, e := range parseCalendar(t, outputs(t, w.account(asOf))["report.ics"]).parts {
			id, _, _ := strings.Cut(e.props["SUMMARY"][0], " ")
			out[id] = e.props["UID"][0] + " " + e.props["SEQUENCE"][0] + " " + e.props["DTSTART"][0]
		}
		return out
	}
	a, b := events(w.now), events(w.now.AddDate(0, 0, 7))
	if a["T1040"] != b["T1040"] || !strings.Contains(a["T1040"], " 1 ") || !strings.Contains(a["T1044"], " 0 ") {
		t.Errorf("%q became %q; %q", a["T1040"], b["T1040"], a["T1044"])
	}
}

func TestChartsAreXML(t *testing.T) {
	for kind, files := range both(t) {
		charts := 0
		for name, data := range files {
			if !strings.HasSuffix(name, ".svg") {
				continue
			}
			charts++
			ids := map[string]bool{}
			var names []string
			d := xml.NewDecoder(bytes.NewReader(data))
			for {
				token, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s %s: %v", kind, name, err)
				}
				start, ok := token.(xml.StartElement)
				if !ok {
					continue
				}
				names = append(names, start.Name.Local)
				for _, a := range start.Attr {
					if a.Name.Local == "id" && ids[a.Value] {
						t.Errorf("%s %s: id %s twice", kind, name, a.Value)
					}
					if a.Name.Local == "id" {
						ids[a.Value] = true
					}
					if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Value, "://") && a.Name.Local != "xmlns" || strings.Contains(a.Value, "NaN") {
						t.Errorf("%s %s: %s=%q", kind, name, a.Name.Local, a.Value)
					}
				}
			}
			for _, want := range []string{"svg", "title", "desc", "text"} {
				if !slices.Contains(names, want) {
					t.Errorf("%s %s: no %s", kind, name, want)
				}
			}
		}
		if want := map[string]int{"full": 6, "public": 5}[kind]; charts != want {
			t.Errorf("%s: %d charts, want %d", kind, charts, want)
		}
	}
}

var (
	pageTag = regexp.MustCompile(`<([a-z][a-z0-9]*)((?:\s[^<>]*)?)>`)
	pageID  = regexp.MustCompile(`\sid="([^"]*)"`)
	pageRef = regexp.MustCompile(`(?:href="#|aria-labelledby=")([^"]*)"`)
)

// TestPageStandsAlone: nothing runs, nothing is loaded, every reference leads somewhere
// in the page, and every table says what it is.
func TestPageStandsAlone(t *testing.T) {
	for kind, files := range both(t) {
		page := string(files["report.html"])
		for _, bad := range []string{"<script", "<img", "<link", "<iframe", "http://", "https://", "@import", "javascript:", " style=", "ZgotmplZ", "%!"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: the page has %q", kind, bad)
			}
		}
		if !strings.Contains(page, `content="default-src &#39;none&#39;; style-src &#39;sha256-`) && !strings.Contains(page, `content="default-src 'none'; style-src 'sha256-`) {
			t.Errorf("%s: no policy against loading", kind)
		}
		ids := map[string]int{}
		for _, m := range pageID.FindAllStringSubmatch(page, -1) {
			if ids[m[1]]++; ids[m[1]] > 1 {
				t.Errorf("%s: id %s twice", kind, m[1])
			}
		}
		for _, m := range pageRef.FindAllStringSubmatch(page, -1) {
			for id := range strings.FieldsSeq(m[1]) {
				if ids[id] == 0 {
					t.Errorf("%s: nothing has the id %s", kind, id)
				}
			}
		}
		tables := map[string]int{}
		for _, m := range pageTag.FindAllStringSubmatch(page, -1) {
			tables[m[1]]++
			if m[1] == "th" && !strings.Contains(m[2], `scope="`) {
				t.Errorf("%s: %s", kind, m[0])
			}
		}
		if tables["table"] == 0 || tables["table"] != tables["caption"] || tables["main"] != 1 || tables["h1"] != 1 || tables["nav"] != 1 {
			t.Errorf("%s: tags %v", kind, tables)
		}
	}
}

// TestPublicCSVIsByMonth: a line for each month, and only numbers in it.
func TestPublicCSVIsByMonth(t *testing.T) {
	a := storyAccount(t)
	records, err := csv.NewReader(bytes.NewReader(outputs(t, a.Public())["report.csv"])).ReadAll()
	if err != nil || len(records) != 1+len(a.Totals.Months) {
		t.Fatalf("%d records, %v", len(records), err)
	}
	added := 0
	for _, r := range records[1:] {
		n, err := strconv.Atoi(r[1])
		if err != nil {
			t.Error(err)
		}
		added += n
	}
	if added != 48 {
		t.Errorf("%d added, want 48", added)
	}
}

func TestEmptyVault(t *testing.T) {
	for _, a := range []audit.Account{newEmpty(t), newEmpty(t).Public()} {
		for name, data := range outputs(t, a) {
			if len(data) == 0 {
				t.Errorf("%s is empty", name)
			}
		}
	}
}

func newEmpty(t *testing.T) audit.Account {
	w := newWorld(t, noon)
	return w.account(noon)
}
