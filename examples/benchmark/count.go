package main

import (
	"errors"
	"fmt"
	"sync"

	"github.com/gvthread/gvthread/internal/hotpath"
	"github.com/gvthread/gvthread/internal/steps"
	gv "github.com/gvthread/gvthread/runtime"
)

// countRows are the instructions of the hot paths, the locked ones first: a path is
// counted once for both of its rows.
func countRows() []row {
	var locked, all []row
	for _, p := range hotpath.Paths {
		c := newCounter(p)
		locked = append(locked, c.row("locked", func(c hotpath.Cost) float64 { return c.Locked }))
		all = append(all, c.row("instructions", func(c hotpath.Cost) float64 { return c.Instructions }))
	}
	return append(locked, all...)
}

// A counter counts both sides of a path when they are first asked for.
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
	return &counter{p, map[string]*cost{sideThreads: {}, sideGoroutines: {}}}
}

// row returns the row of one of the numbers that are counted.
func (c *counter) row(what string, number func(hotpath.Cost) float64) row {
	side := func(name string) measure {
		return func(t turn) (values, error) {
			cost, err := c.count(t, name)
			return values{number(cost)}, err
		}
	}
	return row{
		name: what + "_" + c.path.Name, about: c.path.About, unit: what + "/op", most: 1,
		threads: side(sideThreads), goroutines: side(sideGoroutines),
	}
}

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
