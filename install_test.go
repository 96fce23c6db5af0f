package gvthread_test

import (
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

// busy is what the program lacks: a loop that needs a safepoint, and one that the default
// policy exempts. All of its own pass one in gv's calls.
const busy = `package main

func busy(numbers []int, f func(int)) {
	sum := 0
	for _, n := range numbers {
		sum += n
	}
	for {
		f(sum)
	}
}
`

// effects are what must come of README.md's commands, one after the other in one folder.
var effects = map[string]func(t *trial, out string, err error){
	"go get github.com/gvthread/gvthread/runtime": func(t *trial, out string, err error) {
		t.succeeds(out, err)
		t.writeProgram()
		t.says(t.run("go run ."), "sum 30")
	},
	"go get github.com/gvthread/gvthread/runtime/gvprom": func(t *trial, out string, err error) {
		t.succeeds(out, err)
		t.measures("go get github.com/gvthread/gvthread/runtime/gvprom")
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
		t.says(out, "this for loop has no safepoint")
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
	newcomer.withoutModule()
	newcomer.toolAlone()
}

// measured is a program that shows metrics of its threads.
const measured = `package main

import (
	"fmt"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvprom"
	"github.com/prometheus/client_golang/prometheus"
)

func main() {
	rt, err := gv.New(gv.Config{})
	fmt.Println(err)
	prometheus.MustRegister(gvprom.NewCollector(rt, gvprom.WithName("web")))
	metrics, err := prometheus.DefaultGatherer.Gather()
	fmt.Println(metrics, err)
}
`

// measures tries a module that has what the command adds, and no more.
func (t *trial) measures(command string) {
	t.Helper()
	dir := t.dir
	defer func() { t.dir = dir }()
	t.dir = t.TempDir()
	t.run("go mod init example.com/metrics")
	t.run(command)
	t.write("main.go", measured)
	t.says(t.run("go run ."), "gv_workers_idle")
}

// toolAlone tries a module that has the tool and imports nothing of gvthread. It is told
// what else it needs, and what is generated then builds, without more.
func (t *trial) toolAlone() {
	t.dir = t.TempDir()
	t.run("go mod init example.com/tool")
	t.write("main.go", "package main\n\n//go:generate go tool gvinstrument ./...\n\nfunc main() {}\n")
	t.write("busy.go", busy)
	t.run("go get -tool github.com/gvthread/gvthread/cmd/gvinstrument")
	out, err := t.try("go generate ./...")
	if err == nil {
		t.Error("go generate does without the sums of what the runtime package imports")
	}
	t.says(out, "nothing has been written; add it with\n\tgo get github.com/gvthread/gvthread/runtime\n")
	t.run("go get github.com/gvthread/gvthread/runtime")
	t.run("go generate ./...")
	t.says(t.run("cat busy.go"), "//gv:inserted")
	t.run("go build ./...")
}

// withoutSums tries a module that has the runtime package but not what that imports. It
// is left alone, the command that is named is the one that helps, and a build of copies
// needs none.
func (t *trial) withoutSums() {
	t.dir = t.TempDir()
	t.run("go mod init example.com/other")
	t.run("go get github.com/gvthread/gvthread")
	t.writeProgram()
	out, err := t.try("gvinstrument ./...")
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 {
		t.Errorf("gvinstrument ./...: %v, want exit code 1", err)
	}
	t.says(out, "missing go.sum entry", "nothing has been written; add it with\n\tgo get github.com/gvthread/gvthread/runtime\n")
	t.instrumented(false)
	t.says(t.run("gvinstrument run ."), "sum 30")
	t.says(t.run("gvinstrument -l ./..."), "busy.go")
	t.run("go get github.com/gvthread/gvthread/runtime")
	t.run("gvinstrument ./...")
	t.instrumented(true)
	t.run("go build ./...")
}

// withoutModule tries a module that has nothing of gvthread. A build of copies has the
// release that gvinstrument is of, the only one there is.
func (t *trial) withoutModule() {
	t.dir = t.TempDir()
	t.run("go mod init example.com/bare")
	t.write("main.go", "package main\n\nfunc main() { busy(nil, func(int) { panic(1) }) }\n")
	t.write("busy.go", busy)
	before := t.run("cat go.mod")
	for _, build := range []string{"gvinstrument build", "gvinstrument -deps=all build"} {
		t.run(build + " -o program .")
		t.says(t.run("go tool nm program"), "github.com/gvthread/gvthread/runtime.")
	}
	if after := t.run("cat go.mod"); after != before {
		t.Errorf("go.mod is now\n%s", after)
	}
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

// writeProgram writes README.md's program, and what it lacks.
func (t *trial) writeProgram() {
	t.Helper()
	t.write("main.go", t.program)
	t.write("busy.go", busy)
}

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

// instrumented checks that safepoints were inserted, or that all is what it was.
func (t *trial) instrumented(want bool) {
	t.Helper()
	for name, before := range map[string]string{"main.go": t.program, "busy.go": busy} {
		text, err := os.ReadFile(filepath.Join(t.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want := want && name == "busy.go"
		if got := strings.Contains(string(text), "//gv:inserted"); got != want || !want && string(text) != before {
			t.Errorf("inserted safepoints in %s: %v, want %v", name, got, want)
		}
	}
}
