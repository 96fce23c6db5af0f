package instrument_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gvthread/gvthread/instrument"
	"github.com/gvthread/gvthread/instrument/internal/load"
)

// What the runtime package imports must be excluded, or a safepoint would close an
// import cycle; and instrument must know the runtime package as a string only.
func TestImports(t *testing.T) {
	for _, path := range goList(t, "-deps", instrument.RuntimePath) {
		if !load.Excluded(path) {
			t.Errorf("the runtime package imports %s, which is not excluded", path)
		}
	}
	for _, path := range goList(t, "-deps", ".", "../cmd/gvinstrument") {
		if path == instrument.RuntimePath {
			t.Error("instrument imports the runtime package")
		}
	}
	for path, want := range map[string]bool{"example.com/m": false, "strings": true, "m": false, "golang.org/x/sysinfo": false, instrument.RuntimePath + "/gvhttp": true} {
		if load.Excluded(path) != want {
			t.Errorf("Excluded(%q) = %v", path, !want)
		}
	}
}

func goList(t *testing.T, args ...string) []string {
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Fields(string(out))
}

// The check must be inlined into its callers, and what could be inlined before and
// got no safepoint must stay so.
func TestInlining(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"go.mod": stubModule(t),
		"a.go": `package m

func Sum(s []int) (n int) {
	for _, v := range s {
		n += v
	}
	return n
}

func Index(s string, c byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			return i
		}
	}
	return -1
}

func Bits(x uint) (n int) {
	for x > 0 {
		x >>= 1
		n++
	}
	return n
}

func Axpy(a float64, x, y []float64, n, incX, incY, ix, iy int) {
	if incX == 0 {
		return
	}
	for i := 0; i < n; i++ {
		y[iy] += a * x[ix]
		ix += incX
		iy += incY
	}
}

type Set struct{ words []uint64 }

func (s *Set) Has(i uint16) bool { return s.words[i>>6]>>(i&63)&1 != 0 }

type List struct{ items []uint16 }

func Common(s *Set, l *List, n int) (both int) {
	for i := 0; i < n; i++ {
		if s.Has(l.items[i]) {
			both++
		}
	}
	return both
}

func Search(s []int, x, hi int) int {
	lo := 0
	for lo <= hi {
		mid := int(uint(lo+hi) >> 1)
		if s[mid] < x {
			lo = mid + 1
		} else {
			hi = mid - 1
		}
	}
	return lo
}

func Poll(f func() bool) {
	for f() {
	}
}
`,
	}
	for name, text := range files {
		writeFile(t, filepath.Join(dir, name), text)
	}
	before := canInline(t, dir)
	res, err := instrument.Instrument(instrument.Options{Dir: dir, Patterns: []string{"."}, Policy: instrument.DefaultPolicy})
	must(t, err)
	must(t, instrument.Write(res.Files))
	after := canInline(t, dir)
	for _, f := range []string{"Sum", "Index", "Bits", "Axpy", "Common", "Search"} {
		if !before[f] || !after[f] {
			t.Errorf("%s can be inlined: before %v, after %v", f, before[f], after[f])
		}
	}
	if !strings.Contains(diagnostics(t, dir, "."), "inlining call to gv.Safepoint") {
		t.Error("Safepoint is not inlined into Poll")
	}
	// The real one, too.
	if !regexp.MustCompile(`can inline Safepoint\b`).MatchString(diagnostics(t, ".", instrument.RuntimePath)) {
		t.Error("the runtime package's Safepoint cannot be inlined")
	}
}

var inlinable = regexp.MustCompile(`can inline (\w+)`)

func canInline(t *testing.T, dir string) map[string]bool {
	out := map[string]bool{}
	for _, m := range inlinable.FindAllStringSubmatch(diagnostics(t, dir, "."), -1) {
		out[m[1]] = true
	}
	return out
}

func diagnostics(t *testing.T, dir, pkg string) string {
	cmd := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-m", pkg)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}
