package gvthread_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const golangci = "github.com/golangci/golangci-lint"

// A line that golangci-lint and go vet have in common.
var lintLine = regexp.MustCompile(`(?m)^(\S+\.go:\d+:\d+: .*?)(?: \(gvsafepoint\))?$`)

// Whoever follows instrument/gvlint/README.md gets a golangci-lint that reports and mends
// what the vet tool does.
func TestGolangci(t *testing.T) {
	if os.Getenv("GV_SLOW") != "1" {
		t.Skip("compiles golangci-lint twice: GV_SLOW=1 asks for that, as .ci/run golangci does")
	}
	text, err := os.ReadFile("instrument/gvlint/README.md")
	if err != nil {
		t.Fatal(err)
	}
	custom, rest := block(t, string(text), "yaml")
	config, rest := block(t, rest, "yaml")
	n := newTrial(t)
	n.run("go install " + module + "/cmd/gvinstrument@latest")
	n.cloneGolangci(strings.Fields(custom)[1])

	n.dir = t.TempDir()
	n.run("go mod init example.com/lint")
	n.run("go get github.com/gvthread/gvthread/runtime")
	n.write(".custom-gcl.yml", custom)
	n.write(".golangci.yml", strings.Replace(config, "linters:\n", "linters:\n  default: none\n", 1))
	n.copyInputs()
	before := n.sources()
	vet, _ := n.try("go vet -vettool=$(which gvinstrument) ./...")
	n.run("GOFLAGS=-modcacherw go fix -fixtool=$(which gvinstrument) ./...")
	fixed := n.sources()
	for name, text := range before {
		n.write(name, text)
	}
	if before["loops/loops.go"] == fixed["loops/loops.go"] {
		t.Error("go fix has nothing to mend")
	}
	commands := indented.FindAllStringSubmatch(rest, -1)
	if len(commands) < 3 {
		t.Errorf("README.md has the commands %q, want those that build, report and mend", commands)
	}
	for _, command := range commands {
		out, err := n.try(command[1])
		t.Log(command[1])
		switch command[1] {
		case "golangci-lint custom":
			n.succeeds(out, err)
		case "./custom-gcl run ./...":
			got, want := lintLines(out), lintLines(vet)
			if len(want) == 0 {
				t.Errorf("go vet finds nothing: %s", vet)
			}
			n.differ(got, want)
		case "./custom-gcl run --fix ./...":
			for name, got := range n.sources() {
				if got != fixed[name] {
					t.Errorf("go fix makes another %s", name)
					n.differ(strings.Split(got, "\n"), strings.Split(fixed[name], "\n"))
				}
			}
		default:
			t.Errorf("README.md has the command %q: say here what must come of it", command[1])
		}
	}
}

// indented are the commands of a README.md.
var indented = regexp.MustCompile(`(?m)^    (\S.*?)(?: +# .*)?$`)

// differ reports the lines that golangci-lint and the go command don't have in common.
func (t *trial) differ(lint, command []string) {
	t.Helper()
	for _, line := range lint {
		if !slices.Contains(command, line) {
			t.Errorf("golangci-lint alone: %s", line)
		}
	}
	for _, line := range command {
		if !slices.Contains(lint, line) {
			t.Errorf("the go command alone: %s", line)
		}
	}
}

// cloneGolangci installs a golangci-lint, and makes a repository of its module: that is
// where golangci-lint custom has its sources from.
func (t *trial) cloneGolangci(version string) {
	t.Helper()
	t.run("go install " + golangci + "/v2/cmd/golangci-lint@" + version)
	repo := t.TempDir()
	t.dir = repo
	t.run(`cp -R "$(go env GOMODCACHE)/` + golangci + "/v2@" + version + `/." .`)
	t.run("git init -q && git add -Af && git -c user.name=test -c user.email=test@example.com commit -qm module && git tag " + version)
	t.env = append(t.env, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.file://"+repo+".insteadOf",
		"GIT_CONFIG_VALUE_0=https://"+golangci+".git", "GOLANGCI_LINT_CACHE="+t.TempDir())
}

// copyInputs copies the analyzer's inputs into the module, whose import paths are others.
func (t *trial) copyInputs() {
	t.Helper()
	const inputs = "instrument/testdata/src"
	for _, pkg := range []string{"bounds", "directive", "exempt", "facts", "generated", "gotos", "loops", "names", "othergv", "owncalls", "ranges", "recursion", "tests"} {
		err := filepath.WalkDir(filepath.Join(inputs, pkg), func(file string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(file) == ".golden" {
				return err
			}
			name, err := filepath.Rel(inputs, file)
			if err != nil {
				return err
			}
			if d.IsDir() {
				if err := os.Mkdir(filepath.Join(t.dir, name), 0o777); err != nil {
					return err
				}
				t.write(filepath.Join(name, "bodies.s"), "") // where those could be that functions lack
				return nil
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			t.write(name, importOfInput.ReplaceAllString(string(text), `"example.com/lint/$1"`))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// importOfInput is an import of another of the analyzer's inputs.
var importOfInput = regexp.MustCompile(`"(\w+/(?:dep|gv))"`)

// sources returns the texts of the module's Go files.
func (t *trial) sources() map[string]string {
	t.Helper()
	texts := map[string]string{}
	tree := os.DirFS(t.dir)
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" {
			return err
		}
		text, err := fs.ReadFile(tree, name)
		texts[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// lintLines returns the findings among the lines that a tool prints, in order.
func lintLines(out string) (lines []string) {
	for _, m := range lintLine.FindAllStringSubmatch(out, -1) {
		lines = append(lines, filepath.Clean(m[1]))
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}
