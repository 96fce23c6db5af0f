package instrument_test

import (
	"path/filepath"
	"testing"

	"github.com/gvthread/gvthread/instrument"
)

// A formatted file may have functions on one line. Their safepoint has a line of its
// own, and the removal gives the one line back.
func TestInstrumentOneLine(t *testing.T) {
	const src = `package m

func even(n int) bool { return n == 0 || odd(n-1) }

func odd(n int) bool { return n != 0 && even(n-1) }
`
	stub, err := filepath.Abs("../testdata/modules/stub")
	must(t, err)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), "module m\n\ngo 1.23\n\nrequire github.com/gvthread/gvthread v0.0.0\n\nreplace github.com/gvthread/gvthread => "+stub+"\n")
	writeFile(t, filepath.Join(dir, "m.go"), src)
	res, err := instrument.Instrument(instrument.Options{
		Dir: dir, Patterns: []string{"."}, Policy: instrument.Policy{Name: "full", Recursion: true},
	})
	must(t, err)
	if len(res.Files) != 1 {
		t.Fatalf("%d files changed", len(res.Files))
	}
	back, err := instrument.Remove(res.Files[0].New)
	must(t, err)
	if string(back) != src {
		t.Errorf("the removal is not exact:\n%s\nafter\n%s", back, res.Files[0].New)
	}
}
