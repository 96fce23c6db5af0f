// Gen writes the layout tables of package arch, one file per Go release, and the
// list of what they have, into the current directory. Run it with
//
//	go generate ./arch
//
// To add a release, append its newest patch to releases and run it. A field
// that moved shows as a difference between the new table and the one before;
// a field that is gone, or has another width, is an error. Then widen the
// build tags that end at the last known release, and read the release's
// changes to the runtime: a table can be right where its use no longer is.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/gvthread/gvthread/arch/internal/rtlayout"
)

// releases has the newest patch of each Go release that has a table. Patches
// of one release share it: Go doesn't move these fields in a patch, and the
// tests of package arch check the one that runs them.
var releases = []string{
	"go1.26.11",
	"go1.27.4",
}

// arches are the architectures that have a Native engine.
var arches = []string{"amd64", "arm64"}

func main() {
	log.SetFlags(0)
	log.SetPrefix("arch/gen: ")
	for _, version := range releases {
		if err := generate(context.Background(), version); err != nil {
			log.Fatal(err)
		}
	}
	text, err := renderFields(releases, rtlayout.Items())
	if err == nil {
		err = os.WriteFile("layout_fields.go", text, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// generate writes the table of one release.
func generate(ctx context.Context, version string) error {
	items := rtlayout.Items()
	byArch := make(map[string]rtlayout.Values)
	for _, arch := range arches {
		target := rtlayout.Target{Version: version, GOARCH: arch}
		log.Printf("building a probe with %s", target)
		data, err := rtlayout.Probe(ctx, target)
		if err != nil {
			return err
		}
		if byArch[arch], err = rtlayout.Read(data, target, items); err != nil {
			return err
		}
	}
	values, err := rtlayout.Merge(version, byArch)
	if err != nil {
		return err
	}
	name, text, err := render(version, items, values)
	if err != nil {
		return fmt.Errorf("rendering the table of %s: %w", version, err)
	}
	return os.WriteFile(name, text, 0o644)
}
