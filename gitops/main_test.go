package gitops

import (
	"os"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
)

func TestMain(m *testing.M) {
	gittest.InMemory()
	os.Exit(m.Run())
}
