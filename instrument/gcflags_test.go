package instrument

import (
	"path/filepath"
	"testing"
)

// The flags of a package are those that the go command gives it.
func TestGcflagsOf(t *testing.T) {
	dir := t.TempDir()
	main := gcPackage{path: "m/cmd/x", file: filepath.Join(dir, "cmd", "x", "main.go"), named: true}
	dep := gcPackage{path: "example.org/dep", file: filepath.Join(t.TempDir(), "dep.go")}
	std := gcPackage{path: "encoding/json", file: "/go/src/encoding/json/decode.go"}
	for _, test := range []struct {
		values         []string
		main, dep, std string
	}{
		{nil, "", "", ""},
		{[]string{"-N -l"}, "-N -l", "", ""},
		{[]string{"all=-N", "-l"}, "-l", "-N", "-N"},
		{[]string{"-l", "all=-N"}, "-N", "-N", "-N"},
		{[]string{"all=-N", ""}, "", "-N", "-N"},
		{[]string{"./...=-N"}, "-N", "", ""},
		{[]string{"./cmd/x=-N"}, "-N", "", ""},
		{[]string{"./cmd=-N", "./cmd/y/...=-l"}, "", "", ""},
		{[]string{"./c.../x=-N"}, "-N", "", ""},
		{[]string{"example.org/...=-N", "m=-l"}, "", "-N", ""},
		{[]string{"std=-N", "cmd/x=-l"}, "", "", "-N"},
		{[]string{"example.org/dep=-d=ssa/check/on"}, "", "-d=ssa/check/on", ""},
	} {
		for p, want := range map[gcPackage]string{main: test.main, dep: test.dep, std: test.std} {
			got, err := gcflagsOf(p, test.values, dir)
			if err != nil || got != want {
				t.Errorf("-gcflags %q give %s %q, %v, want %q", test.values, p.path, got, err, want)
			}
		}
	}
	if _, err := gcflagsOf(dep, []string{"all"}, dir); err == nil {
		t.Error("-gcflags=all is no error")
	}
}
