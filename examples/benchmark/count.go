package main

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gvthread/gvthread/internal/hotpath"
	"github.com/gvthread/gvthread/internal/steps"
	gv "github.com/gvthread/gvthread/runtime"
)

// countRows are the instructions of the hot paths: the locked ones, all, and those with
// Config.Accounting. Each side of a path is counted once for all of its rows.
func countRows() []row {
	var locked, all, accounting []row
	for _, p := range hotpath.Paths {
		c := newCounter(p)
		locked = append(locked, c.row("locked", func(c hotpath.Cost) float64 { return c.Locked }))
		r := c.row("instructions", instructions)
		all = append(all, r)
		if slices.Contains(accounted, p.Name) {
			accounting = append(accounting, c.accountingRow(r))
		}
	}
	return slices.Concat(locked, all, accounting)
}

// A counter counts each side of a path when it is first asked for.
type counter struct {
	path  hotpath.Path
	costs map[string]*cost
}

type cost struct {
	once sync.Once
	hotpath.Cost
	err error
}

func newCounter(p hotpath.Path) *counter {
	return &counter{p, map[string]*cost{hotpath.Threads: {}, hotpath.Accounted: {}, hotpath.Goroutines: {}}}
}

// row returns the row of one of the numbers that are counted.
func (c *counter) row(what string, number func(hotpath.Cost) float64) row {
	return row{
		name: what + "_" + c.path.Name, about: c.path.About, unit: what + "/op", most: 1,
		threads: c.side(hotpath.Threads, number), goroutines: c.side(hotpath.Goroutines, number),
	}
}

// accountingRow is the row of all instructions, r, with accounting on its first side, and
// without on the second.
func (c *counter) accountingRow(r row) row {
	r.name, r.about = "instructions_accounting_"+c.path.Name, r.about+withAccounting
	r.threads, r.goroutines = c.side(hotpath.Accounted, instructions), r.threads
	return r
}

// side returns the measure of a side.
func (c *counter) side(name string, number func(hotpath.Cost) float64) measure {
	return func(t turn) (values, error) {
		cost, err := c.count(t, name)
		return values{number(cost)}, err
	}
}

func instructions(c hotpath.Cost) float64 { return c.Instructions }

// count counts a side, once.
func (c *counter) count(t turn, side string) (hotpath.Cost, error) {
	if t.engine == gv.Portable {
		return hotpath.Cost{}, fmt.Errorf("%w: with the Portable engine threads move from one OS thread to another, and one is counted", errAbsent)
	}
	k := c.costs[side]
	k.once.Do(func() {
		k.Cost, k.err = hotpath.Count(t.ctx, c.path, side)
		if errors.Is(k.err, steps.ErrUnavailable) || errors.Is(k.err, gv.ErrNativeUnavailable) {
			k.err = fmt.Errorf("%w: %w", errAbsent, k.err)
		}
	})
	return k.Cost, k.err
}
