// Package gvlint is instrument.Analyzer as a module plugin of golangci-lint, which links
// it into a golangci-lint of one's own. README.md says how.
package gvlint

import (
	"fmt"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/gvthread/gvthread/instrument"
)

// Name is the plugin's name in .golangci.yml.
const Name = "gvsafepoint"

func init() { register.Plugin(Name, New) }

// settings are those in .golangci.yml. What is not there is as in
// instrument.DefaultPolicy.
type settings struct {
	Policy    *string `json:"policy"`
	Recursion *bool   `json:"recursion"`
	Generated *bool   `json:"generated"`
}

// New returns the plugin for settings as golangci-lint reads them; nil if there are none.
// It returns an error if one of them is unknown, or names no policy.
func New(given any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[settings](given)
	if err != nil {
		return nil, fmt.Errorf("%w; there are policy (a name), recursion and generated (true or false)", err)
	}
	policy := instrument.DefaultPolicy
	set(&policy.Name, s.Policy)
	set(&policy.Recursion, s.Recursion)
	set(&policy.Generated, s.Generated)
	analyzer, err := instrument.NewAnalyzer(policy)
	if err != nil {
		return nil, err
	}
	return plugin{analyzer}, nil
}

// set sets what a setting is for, if there is one.
func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// plugin is what golangci-lint asks for its analyzers.
type plugin struct{ analyzer *analysis.Analyzer }

// BuildAnalyzers returns the one analyzer.
func (p plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	return []*analysis.Analyzer{p.analyzer}, nil
}

// GetLoadMode says that the analyzer needs types.
func (plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
