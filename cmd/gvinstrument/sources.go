package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/gvthread/gvthread/instrument"
)

// sources does what is to be done with the sources in place.
func (c *command) sources() (int, error) {
	copies := c.where || c.overlay != "" || c.toolexec != ""
	if n := count(c.diff, c.list, c.check, c.json, c.where, c.overlay != "", c.toolexec != ""); n > 1 || c.remove && (c.check || c.json || copies) {
		return exitUsage, errors.New("choose one of -d, -l, -check, -json, -copies, -overlay and -toolexec; -remove goes with -d and -l only")
	}
	if (c.deps != "" || c.Std) && c.toolexec == "" && !c.where {
		return exitUsage, errors.New("-deps and -std are for a go command (gvinstrument -deps=all build ./...), -copies and -toolexec: sources of other modules are not rewritten")
	}
	switch {
	case c.where:
		return c.showCopies()
	case c.overlay != "":
		return c.writeOverlay()
	case c.toolexec != "":
		return c.writeMap()
	}
	done := c.progress()
	var res *instrument.Result
	var err error
	if c.remove {
		res, err = instrument.RemoveAll(c.Options)
	} else {
		res, err = instrument.Instrument(c.Options)
	}
	done()
	bad := errors.Is(err, instrument.ErrDirective)
	if err != nil && !(c.looksOnly() && (bad || errors.Is(err, instrument.ErrNoRuntime) || errors.Is(err, instrument.ErrModuleCache))) {
		return exitFailure, err
	}
	if c.looksOnly() {
		code, found := c.show(res)
		if bad {
			return exitFailure, errors.Join(err, found)
		}
		return code, found
	}
	if n, err := instrument.Clean(res.Dirs); err != nil {
		return exitFailure, err
	} else if n > 0 && !c.quiet {
		fmt.Fprintf(c.stderr, "gvinstrument: removed %d files that a run which was killed had left\n", n)
	}
	if err := instrument.Write(res.Files); err != nil {
		return exitFailure, err
	}
	c.explain(res)
	c.summary(res)
	return exitOK, nil
}

// show prints what was found, and writes nothing.
func (c *command) show(res *instrument.Result) (int, error) {
	if c.list || c.diff {
		c.explain(res)
	}
	switch {
	case c.json:
		out := json.NewEncoder(c.stdout)
		for _, r := range res.Rows {
			r.File = relative(r.File)
			if err := out.Encode(r); err != nil {
				return exitFailure, err
			}
		}
	case c.check:
		return c.reportMissing(res)
	case c.list:
		for _, f := range res.Files {
			fmt.Fprintln(c.stdout, relative(f.Name))
		}
	case c.diff:
		for _, f := range res.Files {
			c.stdout.Write(diff.Diff(relative(f.Name), f.Old, relative(f.Name), f.New))
		}
	}
	return exitOK, nil
}

func (c *command) looksOnly() bool { return c.diff || c.list || c.check || c.json }

func count(bs ...bool) (n int) {
	for _, b := range bs {
		if b {
			n++
		}
	}
	return n
}

// reportMissing prints the loops without a safepoint as a compiler prints errors.
func (c *command) reportMissing(res *instrument.Result) (int, error) {
	n := 0
	for _, r := range res.Rows {
		if r.Decision == instrument.Missing {
			n++
			fmt.Fprintf(c.stdout, "%s:%d:%d: %s in %s has no safepoint: %s\n", relative(r.File), r.Line, r.Column, r.Kind, r.Func, r.Reason)
		}
	}
	if n > 0 {
		return exitFailure, fmt.Errorf("%d of %d back-edges have no safepoint; gvinstrument with the same flags, without -check, inserts them", n, len(res.Rows))
	}
	return exitOK, nil
}

// progress shows how far the work is, once it takes long. The function that it
// returns ends the display.
func (c *command) progress() func() {
	if c.quiet {
		return func() {}
	}
	start, shown := time.Now(), time.Now()
	any := false
	c.Progress = func(done, total int) {
		if time.Since(start) < 2*time.Second || time.Since(shown) < time.Second {
			return
		}
		shown, any = time.Now(), true
		fmt.Fprintf(c.stderr, "gvinstrument: %d of %d packages\n", done, total)
	}
	return func() {
		if any {
			fmt.Fprintf(c.stderr, "gvinstrument: all packages, %.1fs\n", time.Since(start).Seconds())
		}
	}
}

// explain serves -v.
func (c *command) explain(res *instrument.Result) {
	switch {
	case !c.verbose:
	case c.remove:
		for _, f := range res.Files {
			fmt.Fprintf(c.stderr, "%s: without safepoints\n", relative(f.Name))
		}
	default:
		for _, r := range res.Rows {
			if r.Decision == instrument.Missing {
				fmt.Fprintf(c.stderr, "%s:%d:%d: %s in %s gets a safepoint: %s (rule %s)\n", relative(r.File), r.Line, r.Column, r.Kind, r.Func, r.Reason, r.Rule)
			}
		}
	}
}

// summary tells a person what happened.
func (c *command) summary(res *instrument.Result) {
	if c.quiet {
		return
	}
	if c.remove {
		fmt.Fprintf(c.stderr, "gvinstrument: removed the safepoints from %d files\n", len(res.Files))
		return
	}
	var inserted, covered, exempt int
	classes := map[string]int{}
	for _, r := range res.Rows {
		switch r.Decision {
		case instrument.Missing:
			inserted++
		case instrument.Covered:
			covered++
		default:
			exempt++
			classes[r.Class]++
		}
	}
	var why []string
	for _, k := range instrument.Classes() {
		if classes[k] > 0 {
			why = append(why, fmt.Sprintf("%d %s", classes[k], k))
		}
	}
	detail := ""
	if len(why) > 0 {
		detail = " (" + strings.Join(why, ", ") + ")"
	}
	fmt.Fprintf(c.stderr, "gvinstrument: %d back-edges: %d safepoints inserted in %d files, %d covered already, %d exempt%s\n",
		len(res.Rows), inserted, len(res.Files), covered, exempt, detail)
}

// relative shortens a name for a person in the current directory.
func relative(name string) string {
	wd, err := os.Getwd()
	if err != nil {
		return name
	}
	rel, err := filepath.Rel(wd, name)
	if err != nil || strings.HasPrefix(rel, "..") {
		return name
	}
	return rel
}
