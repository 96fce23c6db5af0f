package gvthread_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// The commands in README.md for programs of one's own.
var readmeCommand = regexp.MustCompile(`(?m)^    ((?:go get|go install|go vet|go tool|gvinstrument) .*?)(?: +# .*)?$`)

// A trial is an empty folder somewhere else, for one who has read README.md.
type trial struct {
	*testing.T
	dir, program string // the program is README's
	env          []string
}

// effects are what must come of README.md's commands, one after the other in one folder.
var effects = map[string]func(t *trial, out string, err error){
	"go get github.com/gvthread/gvthread/runtime": func(t *trial, out string, err error) {
		t.succeeds(out, err)
		t.write("main.go", t.program)
		t.says(t.run("go run ."), "sum 30")
	},
	"go install github.com/gvthread/gvthread/cmd/gvinstrument@latest": func(t *trial, out string, err error) {
		t.succeeds(out, err)
		t.says(t.run("gvinstrument version"), "gvinstrument "+version)
	},
	"gvinstrument run .": func(t *trial, out string, err error) {
		t.succeeds(out, err, "sum 30")
		t.run("gvinstrument -overlay over.json ./...")
		t.run("go build -overlay over.json -o program . && ./program")
		t.instrumented(false)
	},
	"gvinstrument ./...": func(t *trial, out string, err error) {
		t.succeeds(out, err, "safepoints inserted in 1 files")
		t.instrumented(true)
		t.says(t.run("go run ."), "sum 30")
	},
	"go vet -vettool=$(which gvinstrument) ./...": (*trial).isContent,
	"gvinstrument -check ./...":                   (*trial).isContent,
	"gvinstrument -deps=all run .": func(t *trial, out string, err error) {
		t.succeeds(out, err, "sum 30")
	},
	"gvinstrument '-deps=all,!golang.org/x/...' test -cover ./...": func(t *trial, out string, err error) {
		t.succeeds(out, err, "coverage:")
	},
	"gvinstrument -remove ./...": func(t *trial, out string, err error) {
		t.succeeds(out, err)
		t.instrumented(false)
		// With -trimpath, Go takes what it fixes from its cache, with the names of the
		// folders of an earlier run, unless the package is another.
		t.write("folder.go", "package main\n\n// "+t.dir+"\n")
		t.run("go fix -fixtool=$(which gvinstrument) ./...")
		t.instrumented(true)
		t.run("gvinstrument -remove ./...")
	},
	"go get -tool github.com/gvthread/gvthread/cmd/gvinstrument": (*trial).isContent,
	"go tool gvinstrument run .": func(t *trial, out string, err error) {
		t.succeeds(out, err, "sum 30")
		t.instrumented(false)
	},
	"go vet -vettool=$(go tool -n gvinstrument) ./...": func(t *trial, out string, err error) {
		if err == nil {
			t.Error("it finds nothing where nothing is instrumented")
		}
		t.says(out, "this range loop has no safepoint")
		t.lints(true)
		t.write("generate.go", "package main\n\n//go:generate go tool gvinstrument ./...\n")
		t.run("go generate ./...")
		t.instrumented(true)
		t.lints(false)
	},
	"go vet -vettool=$(go tool -n gvinstrument) -gvsafepoint.policy=full ./...": func(t *trial, out string, err error) {
		if err == nil {
			t.Error("the full policy finds nothing that the default has left")
		}
		t.says(out, "every back-edge is checked")
	},
}

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
			shown = shown || m != nil && m[2] == "main.go" && strings.HasSuffix(m[7], "can run for long")
		}
		if shown != want {
			t.Errorf("VS Code shows a finding with %q: %v, want %v", args, shown, want)
		}
	}
}

// block returns the first block of a language in a README.md, and what follows it.
func block(t *testing.T, text, language string) (block, rest string) {
	t.Helper()
	_, text, ok := strings.Cut(text, "```"+language+"\n")
	block, rest, end := strings.Cut(text, "```\n")
	if !ok || !end {
		t.Fatalf("there is no block of %s", language)
	}
	return block, rest
}

// Whoever follows README.md in an empty folder gets what it says.
func TestReadmeCommands(t *testing.T) {
	newcomer := newTrial(t)
	done := map[string]bool{}
	for _, command := range readmeCommand.FindAllStringSubmatch(readme(t), -1) {
		effect := effects[command[1]]
		if effect == nil {
			t.Fatalf("README.md has the command %q: say here what must come of it", command[1])
		}
		out, err := newcomer.try(command[1])
		t.Log(command[1])
		effect(newcomer, out, err)
		done[command[1]] = true
	}
	newcomer.run("go build ./...") // go.mod is complete
	for command := range effects {
		if !done[command] {
			t.Errorf("README.md does not have the command %q", command)
		}
	}
	newcomer.withoutSums()
}

// withoutSums tries a module that has the runtime package but not what that imports. It
// is left alone, and the command that is named is the one that helps.
func (t *trial) withoutSums() {
	t.dir = t.TempDir()
	t.run("go mod init example.com/other")
	t.run("go get github.com/gvthread/gvthread")
	t.write("main.go", t.program)
	for _, command := range []string{"gvinstrument ./...", "gvinstrument run ."} {
		out, err := t.try(command)
		if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 {
			t.Errorf("%s: %v, want exit code 1", command, err)
		}
		t.says(out, "missing go.sum entry", "nothing has been written; add it with\n\tgo get github.com/gvthread/gvthread/runtime\n")
		t.instrumented(false)
	}
	t.says(t.run("gvinstrument -l ./..."), "main.go")
	t.run("go get github.com/gvthread/gvthread/runtime")
	t.run("gvinstrument ./...")
	t.instrumented(true)
	t.run("go build ./...")
}

// newTrial makes an empty folder with an empty module cache. The release comes from
// the checkout. What it needs comes from the cache of modules that built this test, or
// from where that would have it from.
func newTrial(t *testing.T) *trial {
	t.Helper()
	if testing.Short() {
		t.Skip("takes some seconds, and the first time longer")
	}
	if _, err := exec.LookPath("sh"); err != nil || runtime.GOOS == "windows" {
		t.Skip("README.md's commands are for a shell")
	}
	env := func(name string) string {
		out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	bin := t.TempDir()
	program, _ := block(t, readme(t), "go")
	n := &trial{T: t, dir: t.TempDir(), program: program, env: append(os.Environ(),
		"GOPROXY="+serveRelease(t)+",file://"+filepath.ToSlash(env("GOMODCACHE"))+"/cache/download,"+env("GOPROXY"),
		"GOMODCACHE="+t.TempDir(), "GOBIN="+bin, "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"XDG_CACHE_HOME="+t.TempDir(), "GOCACHE="+env("GOCACHE"),
		// Without the names of folders, what one run compiles serves the next, too.
		"GOFLAGS=-modcacherw -trimpath", "GOWORK=off", "GOSUMDB=off", "GOPRIVATE=", "GONOPROXY=none",
	)}
	n.run("go mod init example.com/trial")
	return n
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// try runs a command line in the folder, and returns what it prints.
func (t *trial) try(command string) (string, error) {
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir, cmd.Env = t.dir, t.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// run is try for a command that must not fail.
func (t *trial) run(command string) string {
	t.Helper()
	out, err := t.try(command)
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return out
}

// succeeds checks that a command did not fail, and what it said.
func (t *trial) succeeds(out string, err error, texts ...string) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.says(out, texts...)
}

// isContent checks that a command had nothing to complain of.
func (t *trial) isContent(out string, err error) { t.Helper(); t.succeeds(out, err) }

func (t *trial) write(name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(t.dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func (t *trial) says(out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("it does not say %q, but\n%s", text, out)
		}
	}
}

// instrumented checks that the program has safepoints that were inserted, or is what it
// was.
func (t *trial) instrumented(want bool) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(t.dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Contains(string(text), "gv.Safepoint() //gv:inserted"); got != want || !want && string(text) != t.program {
		t.Errorf("inserted safepoints: %v, want %v", got, want)
	}
}
