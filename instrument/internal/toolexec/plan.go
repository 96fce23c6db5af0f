// Package toolexec is what stands between the go command and the tools that it
// runs under -toolexec: it gives the tools instrumented copies of source files, and
// the package that the copies import.
//
// All decisions are in a plan, which is made before the build. A tool that the plan
// says nothing about runs as if it had been called directly.
package toolexec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/gvthread/gvthread/instrument/internal/insert"
)

// format is the version of the plan and of what the tools make of it.
const format = "1"

// A Plan is what a build needs to know.
type Plan struct {
	Format string
	// ID is set for builds whose command line is not ours. Then the tools name it as a part
	// of their version, so that the go command's cache keeps what they make apart.
	// In builds of ours KeyFlag marks the packages that have copies.
	ID     string            `json:",omitempty"`
	Target string            `json:",omitempty"` // with an ID: what Links are compiled for
	Goroot string            // the compiler names files in there differently
	Files  map[string]Source // by the name of the original
	Links  []Link            // the package that copies import, first, and all that it imports
	Mark   string            // tells different Links apart
	Std    *Std              `json:",omitempty"`
	Atomic Link              // with Std: sync/atomic
}

// A Source is a file that has an instrumented copy.
type Source struct {
	Copy    string          // the file to be compiled instead
	Sum     string          // of the original's text
	Inserts []insert.Insert // how the copy is made
	Std     bool            `json:",omitempty"` // it calls Std's function and imports nothing
}

// A Link is a compiled package.
type Link struct{ Path, File string }

// Std says how packages of the standard library, which can't import the runtime
// package, reach it.
type Std struct {
	Func    string // the function that the copies call
	Pending string // the linker's name of the variable that is not zero when somebody waits
	Slow    string // the linker's name of the variable that holds the function to be called then
}

// KeyFlag is the compiler flag that tells a package's copies apart. It is in the
// go command's hash of the package, and the compiler never sees it.
const KeyFlag = "-gvcopies"

// Sum names a text.
func Sum(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// Key returns the value of KeyFlag for a package with these copies, in the order of
// their names.
func (p *Plan) Key(files []string) string {
	h := sha256.New()
	fmt.Fprintln(h, format)
	for _, name := range files {
		f := p.Files[name]
		fmt.Fprintln(h, f.Sum, f.Std, f.Inserts)
		if !f.Std {
			fmt.Fprintln(h, p.Mark)
		} else if p.Std != nil {
			fmt.Fprintln(h, *p.Std)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Write writes the plan to a file.
func (p *Plan) Write(name string) error {
	p.Format = format
	data, err := json.MarshalIndent(p, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o666)
}

// Read reads a plan from a file.
func Read(name string) (*Plan, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the map of instrumented files: %w", err)
	}
	p := &Plan{}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("reading the map of instrumented files %s: %w", name, err)
	}
	if p.Format != format {
		return nil, fmt.Errorf("%s was written by another version of gvinstrument; write it again", name)
	}
	return p, nil
}

// check returns the text of the original. It fails if that is no longer what the copy was
// made from: the go command has hashed the new text, and would keep what is made of the
// old one under that hash.
func (s Source) check(original string) ([]byte, error) {
	src, err := os.ReadFile(original)
	if err != nil {
		return nil, err
	}
	if Sum(src) != s.Sum {
		return nil, fmt.Errorf("%s has changed since it was instrumented; run gvinstrument again", original)
	}
	return src, nil
}
