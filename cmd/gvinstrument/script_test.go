package main

import (
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
		RequireExplicitExec: true,
	})
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
