package cmd

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// helpDir holds the help text of every command; UPDATE_HELP=1 writes it anew.
var helpDir = filepath.Join("..", "testdata", "help")

// runHere runs a command in this process, in a directory without a vault.
func runHere(t *testing.T, environ []string, args ...string) (exit int, stdout, stderr string) {
	t.Helper()
	var out, talk bytes.Buffer
	exit = Run(context.Background(), Env{
		Dir: t.TempDir(), Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &talk,
		Environ: append([]string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent"}, environ...),
		Now:     func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) },
		Random:  strings.NewReader(strings.Repeat("not random ", 1000)),
	})
	return exit, out.String(), talk.String()
}

// words is the command line that leads to a command, without "git carry".
func words(c *cobra.Command) []string { return strings.Fields(c.CommandPath())[2:] }

func TestHelpIsGolden(t *testing.T) {
	wanted := map[string]bool{}
	for _, c := range allCommands(newRootCmd(&app{})) {
		name := strings.Join(append([]string{"git-carry"}, words(c)...), "-") + ".txt"
		wanted[name] = true
		t.Run(name, func(t *testing.T) {
			exit, got, stderr := runHere(t, nil, append([]string{"help"}, words(c)...)...)
			if exit != 0 || stderr != "" {
				t.Fatalf("exit code %d, stderr %q", exit, stderr)
			}
			file := filepath.Join(helpDir, name)
			if os.Getenv("UPDATE_HELP") != "" {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("help differs from %s (-file +now); if it is meant: make golden\n%s", file, diff)
			}
		})
	}
	files, err := filepath.Glob(filepath.Join(helpDir, "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !wanted[filepath.Base(file)] {
			t.Errorf("%s is the help of no command", file)
		}
	}
}

// plainType finds flags whose value has no name: the library then says its type.
var plainType = regexp.MustCompile(`--[a-z-]+ (string|stringArray|strings|int|ints|intSlice|duration)\b`)

func TestEveryCommandExplainsItself(t *testing.T) {
	for _, c := range allCommands(newRootCmd(&app{})) {
		name := c.CommandPath()
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: the short text must be there and end without a full stop: %q", name, c.Short)
		}
		if c.IsAdditionalHelpTopicCommand() || c.Hidden {
			continue
		}
		if !c.HasSubCommands() && (c.Long == "" || c.Example == "") {
			t.Errorf("%s: no long text or no example", name)
		}
		for _, line := range strings.Split(c.Long+"\n"+c.Example, "\n") {
			if len([]rune(line)) > 120 {
				t.Errorf("%s: a line of %d characters: %s", name, len(line), line)
			}
		}
		for _, flag := range plainType.FindAllString(c.LocalFlags().FlagUsages(), -1) {
			t.Errorf("%s: %s: name the value in backquotes", name, flag)
		}
	}
}

func TestUnknownHelpTopicIsAUsageError(t *testing.T) {
	exit, stdout, stderr := runHere(t, nil, "help", "nosuch")
	if exit != exitUsage || stdout != "" || !strings.Contains(stderr, `"nosuch"`) {
		t.Errorf("exit %d, stdout %q, stderr %q", exit, stdout, stderr)
	}
}
