package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gvthread/gvthread/instrument"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"gvinstrument": main,
	})
}

// The scripts run in modules that require the stub of the runtime package, so that
// nothing is downloaded, or the module that this is, whose dependencies are
// there.
func TestScripts(t *testing.T) {
	stub, err := filepath.Abs("../../testdata/modules/stub")
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip("no cache for the go command:", err)
	}
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	modules, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Skip("no go command:", err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("STUB", stub)
			e.Setenv("MODULE", module)
			e.Setenv("GOMODCACHE", strings.TrimSpace(string(modules)))
			e.Setenv("MODULES", strings.TrimSpace(string(modules)))
			// The commands of testscript.Main come first.
			e.Setenv("TOOL", filepath.Join(filepath.SplitList(e.Getenv("PATH"))[0], "gvinstrument"))
			e.Setenv("GOCACHE", filepath.Join(cache, "go-build"))
			e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, ".cache"))
			e.Setenv("GOFLAGS", "-mod=mod")
			e.Setenv("GOPROXY", "off")
			e.Setenv("GONOSUMDB", "*")
			e.Setenv("GOTOOLCHAIN", "local")
			return nil
		},
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"profile": writeProfile},
		Condition:           condition,
		RequireExplicitExec: true,
	})
}

// condition knows the condition slow: GV_SLOW=1 asks for what compiles much of the standard
// library anew. The step deps of .ci/run does.
func condition(name string) (bool, error) {
	if name != "slow" {
		return false, fmt.Errorf("unknown condition %q; there are slow and those of testscript", name)
	}
	return os.Getenv("GV_SLOW") == "1", nil
}

// writeProfile is the command profile FILE: it writes a profile of the processor's
// time, the same each time, so that the go command's cache has what is made by it.
func writeProfile(ts *testscript.TestScript, _ bool, args []string) {
	// In the format of github.com/google/pprof/proto/profile.proto: a field is its number
	// times 8, plus 2 for a text or a message, which has its length before it.
	field := func(number byte, text string) string { return string([]byte{number<<3 | 2, byte(len(text))}) + text }
	number := func(field, value byte) string { return string([]byte{field << 3, value}) }
	text := ""
	for _, word := range []string{"", "samples", "count", "dep.org/dep/small.Loop", "small.go", "main.main", "main.go"} {
		text += field(6, word)
	}
	text += field(1, number(1, 1)+number(2, 2)) // the unit of the samples
	for id := byte(1); id <= 2; id++ {
		text += field(5, number(1, id)+number(2, 1+2*id)+number(3, 1+2*id)+number(4, 2+2*id)+number(5, 1))
		text += field(4, number(1, id)+field(4, number(1, id)+number(2, 5)))
	}
	text += field(2, field(1, "\x01\x02")+field(2, "\x64")) // seen a hundred times
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}

func TestHelpShowsRules(t *testing.T) {
	var out strings.Builder
	if code := run([]string{"-h"}, io.Discard, &out); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if !strings.HasSuffix(out.String(), instrument.RulesText()) {
		t.Errorf("the help does not end with the rules:\n%s", out.String())
	}
}
