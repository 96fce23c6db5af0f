package hotpath

import (
	"context"
	"errors"
	"fmt"
	"os"
	goruntime "runtime"
	"strconv"
	"strings"
	"time"

	"github.com/gvthread/gvthread/internal/steps"
	gv "github.com/gvthread/gvthread/runtime"
)

// The sides of a Path.
const (
	Threads    = "gv"
	Accounted  = "accounted" // threads with Config.Accounting
	Goroutines = "go"
)

// variable tells a child what to do: the name of a path, the side, and how many
// operations.
const variable = "GVTHREAD_HOTPATH"

// rounds is how often a child does its operations while they are counted. What
// disturbs one of them does not come in each: a signal that was on its way, an allocation
// for which Go's allocator needs a new span, or a Monitor that was stopped, by the first
// mark, while it rested, so that each operation wakes it anew.
const rounds = 6

// A Cost is what one operation of a Path takes.
type Cost struct {
	Instructions, Locked float64
	// Sites are the places of the locked instructions, with how many there are in n
	// operations.
	Sites []steps.Site
	N     int
}

// Count counts the instructions of p.Counted operations of one side of p on one OS
// thread. It starts this process's executable with args, and the new process must call Child.
// The threads run on the Native engine. Errors that wrap steps.ErrUnavailable or
// gv.ErrNativeUnavailable say why that can't be done here; otherwise they are those
// of steps.Count.
func Count(ctx context.Context, p Path, side string, args ...string) (Cost, error) {
	n := p.Counted
	if side != Goroutines {
		rt, err := gv.New(oneWorker)
		if err != nil {
			return Cost{}, err
		}
		if err := rt.Close(); err != nil {
			return Cost{}, err
		}
	}
	task := fmt.Sprintf("%s=%s %s %d", variable, p.Name, side, n)
	profiles, err := steps.Count(ctx, args, []string{task})
	if err != nil {
		return Cost{}, fmt.Errorf("%s, side %s: %w", p.Name, side, err)
	}
	if len(profiles) != 1+rounds {
		return Cost{}, fmt.Errorf("%s, side %s: the process that is counted made %d pairs of marks, not %d: does it call hotpath.Child?",
			p.Name, side, len(profiles), 1+rounds)
	}
	marks, m := profiles[0], steps.Least(profiles[1:])
	per := func(count int) float64 { return float64(count) / float64(n) }
	return Cost{per(m.Instructions - marks.Instructions), per(m.Locked), m.Sites, n}, nil
}

// oneWorker is the Config of threads that are counted: nothing is to end a slice while
// an instruction takes microseconds.
var oneWorker = gv.Config{Workers: 1, Engine: gv.Native, TimeSlice: time.Hour, MaxWait: time.Hour, NoForced: true}

// Child does what Count asks of a process that it has started, and reports whether
// this is one.
func Child() (played bool, err error) {
	task := os.Getenv(variable)
	if task == "" {
		return false, nil
	}
	return true, play(strings.Fields(task))
}

func play(task []string) error {
	if len(task) != 3 {
		return fmt.Errorf("%s is %q: it takes a path, a side, and a number", variable, task)
	}
	p, ok := Named(task[0])
	if !ok {
		return fmt.Errorf("%s: there is no path %q", variable, task[0])
	}
	n, err := strconv.Atoi(task[2])
	if err != nil {
		return fmt.Errorf("%s: number of operations: %w", variable, err)
	}
	switch task[1] {
	case Threads, Accounted:
		c := oneWorker
		c.Accounting = task[1] == Accounted
		rt, err := gv.New(c)
		if err != nil {
			return err
		}
		err = repeat(func(measure func(func())) error { return p.Thread(rt, n, measure) })
		return errors.Join(err, rt.Close())
	case Goroutines:
		goruntime.GOMAXPROCS(1)
		return repeat(func(measure func(func())) error {
			p.Goroutine(n, measure)
			return nil
		})
	}
	return fmt.Errorf("%s: there is no side %q", variable, task[1])
}

// warm is how long a child does its operations before they are counted: pools fill,
// stacks grow, and the Monitor looks as often as it does beside threads that work.
const warm = 10 * time.Millisecond

// repeat calls side until what it measures was counted often enough. The first pair of
// marks has nothing between them.
func repeat(side func(measure func(ops func())) error) error {
	steps.Begin()
	steps.End()
	for range rounds {
		err := side(func(ops func()) {
			for began := time.Now(); time.Since(began) < warm; {
				ops()
			}
			steps.Begin()
			ops()
			steps.End()
		})
		if err != nil {
			return err
		}
	}
	return nil
}
