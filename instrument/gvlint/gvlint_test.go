package gvlint_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/gvthread/gvthread/instrument"
	"github.com/gvthread/gvthread/instrument/gvlint"
)

// build returns the analyzer that golangci-lint gets for settings, which it has from YAML.
func build(t *testing.T, settings any) *analysis.Analyzer {
	t.Helper()
	newPlugin, err := register.GetPlugin(gvlint.Name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPlugin(settings)
	if err != nil {
		t.Fatal(err)
	}
	analyzers, err := p.BuildAnalyzers()
	if err != nil || len(analyzers) != 1 {
		t.Fatalf("%d analyzers and error %v, want one analyzer", len(analyzers), err)
	}
	// Otherwise it would get no types.
	if got := p.GetLoadMode(); got != register.LoadModeTypesInfo {
		t.Errorf("load mode %q, want %q", got, register.LoadModeTypesInfo)
	}
	return analyzers[0]
}

func TestSettings(t *testing.T) {
	for _, test := range []struct {
		settings                     any
		policy, recursion, generated string
	}{
		{nil, "default", "true", "false"},
		{map[string]any{}, "default", "true", "false"},
		{map[string]any{"policy": "strict", "recursion": false, "generated": true}, "strict", "false", "true"},
	} {
		flags := build(t, test.settings).Flags
		for name, want := range map[string]string{"policy": test.policy, "recursion": test.recursion, "generated": test.generated} {
			if got := flags.Lookup(name).Value.String(); got != want {
				t.Errorf("with %v, %s is %s, want %s", test.settings, name, got, want)
			}
		}
	}
}

func TestBadSettings(t *testing.T) {
	for _, test := range []struct {
		settings any
		want     string
	}{
		{map[string]any{"policy": "lax"}, `unknown policy "lax"; choose one of default, strict, full`},
		{map[string]any{"polity": "full"}, `unknown field "polity"; there are policy (a name), recursion and generated (true or false)`},
		{map[string]any{"policy": 7}, "decoding settings"},
	} {
		if _, err := gvlint.New(test.settings); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("with %v: error %v, want one with %q", test.settings, err, test.want)
		}
	}
}

// The plugin without settings reports, and mends, what instrument.Analyzer does.
func TestSameAsAnalyzer(t *testing.T) {
	a := build(t, nil)
	if a == instrument.Analyzer {
		t.Error("the plugin shares its flags with others")
	}
	testdata, err := filepath.Abs("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range []string{"facts", "loops", "names", "recursion"} {
		analysistest.RunWithSuggestedFixes(t, testdata, a, pkg)
	}
}
