package toolexec

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// compile gives the compiler the copies of a package's files, under the names of
// the originals, and what they import.
func (c *call) compile() error {
	keyed := c.takeKey()
	out, at := c.flag("-o")
	if at < 0 {
		return nil
	}
	dir := filepath.Dir(out)
	p, err := c.plan()
	if err != nil || !keyed && p.ID == "" {
		return err
	}
	u := use{plan: p, dir: dir}
	for i := len(c.args) - 1; i >= 0 && strings.HasSuffix(c.args[i], ".go"); i-- {
		if c.args[i], err = u.replace(c.args[i]); err != nil {
			return err
		}
	}
	if u.first == "" {
		return nil
	}
	if target := c.target(); p.ID != "" && target != p.Target {
		return fmt.Errorf("the map %s is for %s, and this is a build for %s; write one with the same GOOS, GOARCH and GOFLAGS", c.name, p.Target, target)
	}
	if trim, at := c.flag("-trimpath"); at >= 0 {
		c.set(at, p.rename(u.renamed, trim))
	}
	if err := c.provide(&u); err != nil {
		return err
	}
	return c.shorten(dir)
}

// maxArgs is how long arguments are together at most. It is the go command's limit.
const maxArgs = 30 << 10

// shorten hands long arguments to the compiler in a file in dir: the new names of a few hundred
// files are more than Linux takes as one argument. The go command does it where it runs a
// tool itself: cmd/go/internal/work, passLongArgsInResponseFiles.
func (c *call) shorten(dir string) error {
	escape := strings.NewReplacer("\\", "\\\\", "\n", "\\n")
	var text strings.Builder
	for _, arg := range c.args {
		text.WriteString(escape.Replace(arg) + "\n")
	}
	if text.Len() <= maxArgs {
		return nil
	}
	name := filepath.Join(dir, "gv_args")
	c.args = []string{"@" + name}
	return os.WriteFile(name, []byte(text.String()), 0o666)
}

// takeKey removes KeyFlag from the arguments, and reports whether it was there.
func (c *call) takeKey() bool {
	for i, arg := range c.args {
		if strings.HasPrefix(arg, KeyFlag+"=") {
			c.args = append(c.args[:i:i], c.args[i+1:]...)
			return true
		}
	}
	return false
}

// Target names what a package is compiled for: packages for one target can't import
// those for another.
func Target(goos, goarch string, flags []string) string {
	target := goos + "/" + goarch
	for _, f := range []string{"-race", "-msan", "-asan"} {
		if slices.Contains(flags, f) {
			target += " " + f
		}
	}
	return target
}

// target returns the target of a call of the compiler, to which the go command says
// it.
func (c *call) target() string { return Target(os.Getenv("GOOS"), os.Getenv("GOARCH"), c.args) }

// A use is what a package takes from the plan.
type use struct {
	plan    *Plan
	dir     string            // for files that are made for this package
	first   string            // a copy
	renamed map[string]string // copies by name, and their originals
	imports bool              // some copy imports the runtime package
	std     bool              // some copy calls the function of Std
}

// replace returns the file that is to be compiled for another.
func (u *use) replace(name string) (string, error) {
	if s, ok := u.plan.Files[absolute(name)]; ok {
		if _, err := s.check(absolute(name)); err != nil {
			return "", err
		}
		if u.renamed == nil {
			u.renamed = map[string]string{}
		}
		u.renamed[s.Copy] = absolute(name)
		return s.Copy, u.note(s, s.Copy)
	}
	if !isCovered(name) {
		return name, nil
	}
	s, text, err := u.plan.covered(name)
	if err != nil || text == nil {
		return name, err
	}
	// The text names its original in its first line.
	to := filepath.Join(u.dir, "gv_"+filepath.Base(name))
	if err := os.WriteFile(to, text, 0o666); err != nil {
		return "", err
	}
	return to, u.note(s, to)
}

func (u *use) note(s Source, name string) error {
	if _, err := os.Stat(name); err != nil {
		return fmt.Errorf("the instrumented copy is gone: %w; run gvinstrument again", err)
	}
	u.first = name
	u.imports = u.imports || !s.Std
	u.std = u.std || s.Std
	return nil
}

// provide adds what the copies need: the runtime package, or a file that stands for
// it.
func (c *call) provide(u *use) error {
	file, err := parser.ParseFile(token.NewFileSet(), u.first, nil, parser.PackageClauseOnly)
	if err != nil {
		return err
	}
	text := "package " + file.Name.Name + "\n"
	if u.std {
		if err := c.addLinks([]Link{u.plan.Atomic}); err != nil {
			return err
		}
		text += u.plan.Std.text()
	}
	if u.imports {
		if err := c.addLinks(u.plan.Links[:1]); err != nil {
			return err
		}
		// The linker drops the function, but the archive is another one. So the go command
		// links again where it is only the runtime package that differs.
		text += "\nfunc gvinstrument_" + u.plan.Mark + "() {}\n"
	}
	extra := filepath.Join(u.dir, "gv_instrument.go")
	if err := os.WriteFile(extra, []byte(text), 0o666); err != nil {
		return err
	}
	c.args = append(c.args, extra)
	return nil
}

// text returns the declarations that a package of the standard library needs. The
// variables are those of the runtime package, or zero where that is not linked.
func (s *Std) text() string {
	return `
import "sync/atomic"
import _ "unsafe"

//go:linkname gvinstrumentPending ` + s.Pending + `
var gvinstrumentPending int32

//go:linkname gvinstrumentSlow ` + s.Slow + `
var gvinstrumentSlow func()

func ` + s.Func + `() {
	if atomic.LoadInt32(&gvinstrumentPending) != 0 {
		gvinstrumentSlow()
	}
}
`
}

// link gives the linker the runtime package, if the go command doesn't know that the
// program has it.
func (c *call) link() error {
	p, err := c.plan()
	if err != nil {
		return err
	}
	return c.addLinks(p.Links)
}

// addLinks adds compiled packages to the importcfg, unless they are in there.
func (c *call) addLinks(links []Link) error {
	name, at := c.flag("-importcfg")
	if at < 0 {
		return nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	text := string(data)
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	has := map[string]bool{}
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "packagefile "); ok {
			path, _, _ := strings.Cut(rest, "=")
			has[path] = true
		}
	}
	for _, l := range links {
		if has[l.Path] {
			continue
		}
		if _, err := os.Stat(l.File); err != nil {
			return fmt.Errorf("the compiled package %s is gone from the go command's cache: %w; run gvinstrument again", l.Path, err)
		}
		text += "packagefile " + l.Path + "=" + l.File + "\n"
	}
	to := name + ".gv"
	if err := os.WriteFile(to, []byte(text), 0o666); err != nil {
		return err
	}
	c.set(at, to)
	return nil
}
