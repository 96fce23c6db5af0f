package gvthread_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A finding, as the Go extension of VS Code finds it in a linter's output (runTool in
// extension/src/util.ts).
var finding = regexp.MustCompile(`^([^:]*: )?((.:)?[^:]*):(\d+)(:(\d+)?)?:(?:\w+:)? (.*)$`)

// lints checks that VS Code has something to show, or nothing, with README.md's settings.
func (t *trial) lints(want bool) {
	t.Helper()
	var settings struct {
		Tool  string            `json:"go.lintTool"`
		Tools map[string]string `json:"go.alternateTools"`
	}
	script, rest := block(t.T, readme(t.T), "sh")
	config, _ := block(t.T, rest, "json")
	if err := json.Unmarshal([]byte(config), &settings); err != nil {
		t.Fatal(err)
	}
	wrapper := strings.ReplaceAll(settings.Tools[settings.Tool], "${workspaceFolder}", t.dir)
	if err := os.MkdirAll(filepath.Join(t.dir, ".vscode"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.write(".vscode/gvcheck", script)
	t.run("chmod +x .vscode/gvcheck")
	// Of a package it has no argument, and of a workspace one.
	for _, args := range []string{"", " ./..."} {
		shown := false
		for line := range strings.Lines(t.run(wrapper + args + " 2>/dev/null")) {
			m := finding.FindStringSubmatch(strings.TrimSpace(line))
			shown = shown || m != nil && m[2] == "busy.go" && strings.HasSuffix(m[7], "can run for long")
		}
		if shown != want {
			t.Errorf("VS Code shows a finding with %q: %v, want %v", args, shown, want)
		}
	}
}
