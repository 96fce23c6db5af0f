// Gvinstrument puts safepoints on the loop back-edges of Go packages, and reports
// those that have none.
//
// Usage:
//
//	gvinstrument [flags] packages            rewrite the sources in place
//	gvinstrument [flags] build|run|test|vet|install …
//	                                         the go command, on instrumented copies
//	go vet -vettool=$(which gvinstrument) packages
//
// Run gvinstrument -h for the flags.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/gvthread/gvthread/instrument"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1 // something is missing under -check, or the work failed
	exitUsage   = 2
)

func main() {
	if isVetTool(os.Args[1:]) {
		unitchecker.Main(instrument.Analyzer)
	}
	if len(os.Args) > 2 && os.Args[1] == "toolexec" {
		os.Exit(tool(os.Args[2], os.Args[3:], os.Stdout, os.Stderr))
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// isVetTool tells whether the go command runs us as its vet tool: it asks for our
// version, then for our flags, and then hands over a configuration file, behind flags
// alone. A program that gvinstrument runs may be given such a file, too.
func isVetTool(args []string) bool {
	if len(args) == 0 {
		return false
	}
	for _, a := range args[:len(args)-1] {
		if !strings.HasPrefix(a, "-") {
			return false
		}
	}
	return args[0] == "-V=full" || args[0] == "-flags" || strings.HasSuffix(args[len(args)-1], ".cfg")
}

// A command is what the command line asks for.
type command struct {
	instrument.Options
	diff, list, check, json, remove, where, quiet, verbose, version bool

	overlay, toolexec string
	deps              string
	tags              string
	stdout, stderr    io.Writer
}

const usage = `usage:
	gvinstrument [flags] packages
		put safepoints into the packages' sources
	gvinstrument [flags] build|run|test|vet|install [go flags] packages
		run the go command on instrumented copies; the sources stay as they are
	go vet -vettool=$(which gvinstrument) packages
		report the loops that have no safepoint
	gvinstrument help|version

flags:
`

func run(args []string, stdout, stderr io.Writer) int {
	c := &command{stdout: stdout, stderr: stderr}
	fs := c.flags()
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitOK
		}
		return exitUsage
	}
	rest := fs.Args()
	if code, done := c.aside(fs); done {
		return code
	}
	if len(rest) == 0 {
		fmt.Fprintln(stderr, "gvinstrument: no packages; name some, for example ./... (gvinstrument -h shows the flags)")
		return exitUsage
	}
	if err := c.Policy.Validate(); err != nil {
		fmt.Fprintln(stderr, "gvinstrument:", err)
		return exitUsage
	}
	if c.tags != "" {
		c.BuildFlags = []string{"-tags=" + c.tags}
	}
	var code int
	var err error
	if slices.Contains(goCommands, rest[0]) {
		if c.diff || c.list || c.check || c.json || c.remove || c.where || c.overlay != "" || c.toolexec != "" {
			fmt.Fprintf(stderr, "gvinstrument: -d, -l, -check, -json, -remove, -copies, -overlay and -toolexec are for sources, not for %s (a package of that name is ./%s)\n", rest[0], rest[0])
			return exitUsage
		}
		code, err = c.goCommand(rest[0], rest[1:])
	} else {
		for _, a := range rest {
			if strings.HasPrefix(a, "-") {
				fmt.Fprintf(stderr, "gvinstrument: the flag %s stands behind a package; flags come first\n", a)
				return exitUsage
			}
		}
		c.Patterns = rest
		code, err = c.sources()
	}
	if err != nil {
		fmt.Fprintln(stderr, "gvinstrument:", err)
	}
	return code
}

// aside does what has to do with no package, and tells whether that was asked for.
func (c *command) aside(fs *flag.FlagSet) (code int, done bool) {
	name := fs.Arg(0)
	switch {
	case c.version || name == "version":
		fmt.Fprintln(c.stdout, versionText())
	case name == "help":
		fs.SetOutput(c.stdout)
		fs.Usage()
	case slices.Contains(otherCommands, name):
		fmt.Fprintf(c.stderr, "gvinstrument: go %s builds nothing to put safepoints into; call it by itself (a package of that name is ./%s)\n", name, name)
		return exitUsage, true
	default:
		return 0, false
	}
	return exitOK, true
}

// versionText names the release that the command was installed from, and the Go
// release that built it.
func versionText() string {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	return "gvinstrument " + version + " " + runtime.Version()
}

func (c *command) flags() *flag.FlagSet {
	fs := flag.NewFlagSet("gvinstrument", flag.ContinueOnError)
	fs.SetOutput(c.stderr)
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), usage)
		fs.PrintDefaults()
		fmt.Fprint(fs.Output(), "\nflags of the vet tool:\n")
		checkerFlags(fs.Output())
		fmt.Fprint(fs.Output(), "\nrules, of which the first that holds decides about a back-edge:\n", instrument.RulesText())
	}
	c.Policy = instrument.DefaultPolicy
	fs.BoolVar(&c.diff, "d", false, "print a diff and write nothing")
	fs.BoolVar(&c.list, "l", false, "list the files that would change and write nothing")
	fs.BoolVar(&c.check, "check", false, "report the loops without a safepoint, write nothing, and exit with 1 if there are any")
	fs.BoolVar(&c.json, "json", false, "report every back-edge as a line of JSON and write nothing; with -remove, -d or -l, not allowed")
	fs.BoolVar(&c.remove, "remove", false, "take out the safepoints that gvinstrument inserted")
	fs.BoolVar(&c.where, "copies", false, "make the copies that a go command would be run on, and print where they are")
	fs.BoolVar(&c.quiet, "q", false, "print no summary and no progress")
	fs.BoolVar(&c.verbose, "v", false, "say which safepoint goes into which file, and why; with -remove, which files change")
	fs.BoolVar(&c.version, "version", false, "print the version")
	fs.BoolVar(&c.Tests, "tests", false, "also look into test files")
	fs.StringVar(&c.overlay, "overlay", "", "write an overlay for go build -overlay to this `file`, and leave the sources alone")
	fs.StringVar(&c.deps, "deps", "", "with a go command, -copies or -toolexec: also instrument the dependencies that match these `patterns` of import paths, separated by commas: all, example.org/lib/...; ! before one takes away what it matches, in the main module too")
	fs.BoolVar(&c.Std, "std", false, "with a go command, -copies or -toolexec: also instrument the packages of the standard library that compute for long and may yield, such as encoding/json, compress/flate and sort")
	fs.StringVar(&c.toolexec, "toolexec", "", "write a map for go build -toolexec=\"gvinstrument toolexec map.json\" to this `file`, and leave the sources alone")
	fs.StringVar(&c.tags, "tags", "", "build tags, as for go build")
	fs.StringVar(&c.Policy.Name, "policy", c.Policy.Name, "which loops get a safepoint: "+strings.Join(instrument.PolicyNames, ", "))
	fs.BoolVar(&c.Policy.Recursion, "recursion", c.Policy.Recursion, "also cut cycles of calls")
	fs.BoolVar(&c.Policy.Generated, "generated", c.Policy.Generated, "also look into generated files")
	return fs
}

// checkerFlags prints the flags that the go command takes for us as its vet tool.
func checkerFlags(w io.Writer) {
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(w)
	a := instrument.Analyzer
	a.Flags.VisitAll(func(f *flag.Flag) { fs.Var(f.Value, a.Name+"."+f.Name, f.Usage) })
	fs.PrintDefaults()
}
