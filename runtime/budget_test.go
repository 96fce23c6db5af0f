package gv_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gvthread/gvthread/internal/hotpath"
	"github.com/gvthread/gvthread/internal/steps"
	gv "github.com/gvthread/gvthread/runtime"
)

// budgets are how many locked instructions an operation may take. Whoever adds one to a
// hot path has to raise a number here, and to say why; whoever takes one away lowers it.
// The functions of the scheduler on these paths say what is theirs: Yield, park, Claim,
// ready, Enter, Exit, advance.
var budgets = []struct {
	path   string
	locked float64
}{
	{"yield", 1},
	{"handover", 6},
	{"select", 14},
	{"mutex", 2},
	{"spawn", 15},
	{"do", 9},
}

// TestBudget counts the locked instructions of the hot paths, without accounting and with
// it, which adds none. They are a good part of the price, and unlike the time they don't
// depend on the machine.
func TestBudget(t *testing.T) {
	if testing.CoverMode() == "atomic" {
		t.Skip("with -covermode=atomic each counter is a locked instruction")
	}
	if len(budgets) != len(hotpath.Paths) {
		t.Errorf("%d budgets of %d hot paths", len(budgets), len(hotpath.Paths))
	}
	for _, b := range budgets {
		t.Run(b.path, func(t *testing.T) {
			for _, side := range []string{hotpath.Threads, hotpath.Accounted} {
				t.Run(side, func(t *testing.T) { checkBudget(t, b.path, side, b.locked) })
			}
		})
	}
}

// checkBudget counts one side of a path.
func checkBudget(t *testing.T, path, side string, budget float64) {
	p, ok := hotpath.Named(path)
	if !ok {
		t.Fatal("there is no such path")
	}
	c, err := hotpath.Count(t.Context(), p, side, "-test.run=^TestBudgetChild$")
	if errors.Is(err, steps.ErrUnavailable) || errors.Is(err, gv.ErrNativeUnavailable) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.2f locked instructions of %.0f", c.Locked, c.Instructions)
	// What comes once in all the operations, such as a link to be allocated, is no part of
	// each.
	if c.Locked > budget+0.5 {
		t.Errorf("%s: %.2f locked instructions, and the budget is %.0f:%s", p.About, c.Locked, budget, places(c))
	}
}

// places lists where the locked instructions are.
func places(c hotpath.Cost) string {
	var text strings.Builder
	for _, s := range c.Sites {
		fmt.Fprintf(&text, "\n%6.2f  %s", float64(s.Locked)/float64(c.N), s)
	}
	return text.String()
}

// TestBudgetChild is the process that TestBudget counts.
func TestBudgetChild(t *testing.T) {
	played, err := hotpath.Child()
	if !played {
		t.Skip("only in a process that TestBudget starts")
	}
	if err != nil {
		t.Fatal(err)
	}
}
