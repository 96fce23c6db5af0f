package instrument_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/gvthread/gvthread/instrument"
)

// The README has the table that the rules print: -update writes it.
func TestReadmeShowsRules(t *testing.T) {
	const file, begin, end = "../README.md", "<!-- rules -->\n", "<!-- end of rules -->\n"
	readme, err := os.ReadFile(file)
	must(t, err)
	before, rest, ok := strings.Cut(string(readme), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("README.md has no place for the rules")
	}
	if *update {
		must(t, os.WriteFile(file, []byte(before+begin+instrument.RulesTable()+end+after), 0o666))
	} else if table != instrument.RulesTable() {
		t.Error("the rules in README.md are not those of rules.go: go test ./instrument -run TestReadmeShowsRules -update writes them")
	}
}

func TestAnalyzerShowsRules(t *testing.T) {
	if !strings.Contains(instrument.Analyzer.Doc, instrument.RulesText()) {
		t.Error("the analyzer's documentation lacks the rules")
	}
	for _, r := range instrument.Rules {
		if !strings.Contains(instrument.RulesText(), "  "+r.Name+": ") {
			t.Errorf("the rules' text lacks %s", r.Name)
		}
	}
}

// What is decided about a back-edge is what its rule says, and every rule decides about
// some of the test's inputs.
func TestRulesDecide(t *testing.T) {
	rules := map[string]instrument.Rule{}
	for _, r := range instrument.Rules {
		if _, twice := rules[r.Name]; twice {
			t.Errorf("two rules are named %s", r.Name)
		}
		rules[r.Name] = r
	}
	holds := map[string]int{}
	for _, policy := range instrument.PolicyNames {
		must(t, instrument.Analyzer.Flags.Set("policy", policy))
		for _, r := range analysistest.Run(silent{t}, analysistest.TestData(), instrument.Analyzer, "bounds", "directive", "exempt", "generated", "loops", "recursion") {
			for _, s := range r.Result.(*instrument.Report).Sites {
				holds[s.Rule]++
				rule := rules[s.Rule]
				if s.Decision != rule.Decision || s.Form != rule.Form || s.Class != rule.Class || !template(rule.Reason).MatchString(s.Reason) {
					t.Errorf("%s in %s is %s %s (%s: %q), which rule %q does not say", s.Kind, s.Func, s.Decision, s.Form, s.Class, s.Reason, s.Rule)
				}
			}
		}
	}
	must(t, instrument.Analyzer.Flags.Set("policy", "default"))
	for name := range rules {
		if holds[name] == 0 {
			t.Errorf("rule %s holds nowhere", name)
		}
	}
}

// silent takes no notice of diagnostics: what is expected is for one policy.
type silent struct{ *testing.T }

func (silent) Errorf(string, ...any) {}

// template returns what reasons of a rule look like.
func template(reason string) *regexp.Regexp {
	return regexp.MustCompile("^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(reason), ".+") + "$")
}
