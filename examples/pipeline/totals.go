package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
)

// totals are the sums of sizes, by the files' extensions.
type totals map[string]*total

type total struct {
	files, full, packed int64
}

func (t totals) add(s size) {
	sum := t[filepath.Ext(s.path)]
	if sum == nil {
		sum = &total{}
		t[filepath.Ext(s.path)] = sum
	}
	sum.files++
	sum.full += s.full
	sum.packed += s.packed
}

// print writes a table, with the extension first that takes most.
func (t totals) print(out io.Writer) {
	fmt.Fprintf(out, "%-12s %8s %12s %12s %6s\n", "extension", "files", "bytes", "compressed", "to")
	all := &total{}
	largest := func(a, b string) int { return cmp.Or(cmp.Compare(t[b].full, t[a].full), cmp.Compare(a, b)) }
	for _, ext := range slices.SortedFunc(maps.Keys(t), largest) {
		sum := t[ext]
		sum.print(out, cmp.Or(ext, "none"))
		all.files += sum.files
		all.full += sum.full
		all.packed += sum.packed
	}
	all.print(out, "all")
}

func (t *total) print(out io.Writer, name string) {
	fmt.Fprintf(out, "%-12s %8d %12d %12d %5.1f%%\n", name, t.files, t.full, t.packed, 100*float64(t.packed)/float64(max(t.full, 1)))
}
