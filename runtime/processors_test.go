package gv_test

import (
	"context"
	"log/slog"
	"os"
	goruntime "runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

func mustOpen(t *testing.T, c gv.Config) *gv.Runtime {
	t.Helper()
	rt, err := gv.New(c)
	if err != nil {
		t.Skip(err)
	}
	return rt
}

func mustClose(t *testing.T, rt *gv.Runtime) {
	t.Helper()
	if err := rt.Close(); err != nil {
		t.Error(err)
	}
}

// GOMAXPROCS is raised while native runtimes are open, by more for more of them
// and for more workers, and is back when the last is closed, in whatever order
// they close.
func TestProcessorsAreGivenBack(t *testing.T) {
	if !inOwnProcess(t) {
		return
	}
	before := goruntime.GOMAXPROCS(0)
	a := mustOpen(t, gv.Config{Engine: gv.Native})
	one := goruntime.GOMAXPROCS(0)
	if one <= before {
		t.Errorf("GOMAXPROCS is %d with a runtime, and %d without", one, before)
	}
	b := mustOpen(t, gv.Config{Engine: gv.Native, Workers: before + 3})
	two := goruntime.GOMAXPROCS(0)
	if two != one+(one-before)+3 {
		t.Errorf("GOMAXPROCS is %d, %d, %d with 0, 1, 2 runtimes, one of them with 3 workers more", before, one, two)
	}
	mustClose(t, a)
	if got := goruntime.GOMAXPROCS(0); got != two-(one-before) {
		t.Errorf("GOMAXPROCS is %d after the first Close", got)
	}
	mustClose(t, b)
	if got := goruntime.GOMAXPROCS(0); got != before {
		t.Errorf("GOMAXPROCS is %d after the last Close, and was %d", got, before)
	}
}

func TestPortableLeavesProcessorsAlone(t *testing.T) {
	before := goruntime.GOMAXPROCS(0)
	rt := mustOpen(t, gv.Config{Engine: gv.Portable, Workers: before + 5})
	if got := goruntime.GOMAXPROCS(0); got != before {
		t.Errorf("GOMAXPROCS is %d, was %d", got, before)
	}
	mustClose(t, rt)
}

// What the program itself sets while a runtime is open stands after Close.
func TestProgramsChoiceStands(t *testing.T) {
	before := goruntime.GOMAXPROCS(0)
	defer goruntime.GOMAXPROCS(before)
	rt := mustOpen(t, gv.Config{Engine: gv.Native})
	goruntime.GOMAXPROCS(before + 7)
	mustClose(t, rt)
	if got := goruntime.GOMAXPROCS(0); got != before+7 {
		t.Errorf("GOMAXPROCS is %d, the program has set it to %d", got, before+7)
	}
}

// A choice that the program makes between two runtimes stands when both have closed,
// in whatever order, and the second one still has what it needs.
func TestProgramsChoiceStandsBetweenRuntimes(t *testing.T) {
	before := goruntime.GOMAXPROCS(0)
	defer goruntime.GOMAXPROCS(before)
	for _, firstOpened := range []bool{true, false} {
		goruntime.GOMAXPROCS(before)
		a := mustOpen(t, gv.Config{Engine: gv.Native})
		goruntime.GOMAXPROCS(before + 7)
		b := mustOpen(t, gv.Config{Engine: gv.Native})
		if got := goruntime.GOMAXPROCS(0); got <= before+7 {
			t.Errorf("GOMAXPROCS is %d with a second runtime, and was %d without", got, before+7)
		}
		if !firstOpened {
			a, b = b, a
		}
		mustClose(t, a)
		mustClose(t, b)
		if got := goruntime.GOMAXPROCS(0); got != before+7 {
			t.Errorf("first opened closed first: %v: GOMAXPROCS is %d, the program has set it to %d", firstOpened, got, before+7)
		}
	}
}

// A runtime has as many workers as the program has processors, whatever other runtimes
// have added to them: in a process that has none yet, and has some.
func TestWorkersAreNotCountedTwice(t *testing.T) {
	if !inChild() {
		for _, procs := range []string{"1", "3"} {
			if out, err := child(t, "GOMAXPROCS="+procs); err != nil {
				t.Errorf("GOMAXPROCS=%s: %v\n%s", procs, err, out)
			}
		}
		return
	}
	procs, err := strconv.Atoi(os.Getenv("GOMAXPROCS"))
	if err != nil {
		t.Fatal(err)
	}
	var open []*gv.Runtime
	for _, engine := range []gv.Engine{gv.Auto, gv.Portable, gv.Auto, gv.Auto} {
		rt := mustOpen(t, gv.Config{Engine: engine})
		open = append(open, rt)
		if n := rt.Stats().Workers; n != procs {
			t.Errorf("runtime %d, %v, has %d workers, with GOMAXPROCS=%d", len(open), engine, n, procs)
		}
	}
	if n := gv.DefaultRuntime().Stats().Workers; n != procs {
		t.Errorf("the default runtime has %d workers, with GOMAXPROCS=%d", n, procs)
	}
	for _, rt := range open {
		mustClose(t, rt)
	}
	rt := mustOpen(t, gv.Config{})
	if n := rt.Stats().Workers; n != procs {
		t.Errorf("after the others have closed, one has %d workers, with GOMAXPROCS=%d", n, procs)
	}
	mustClose(t, rt)
}

// A runtime that is opened after the program has chosen another number, while others
// are open, has that many workers.
func TestWorkersFollowTheProgramsChoice(t *testing.T) {
	before := goruntime.GOMAXPROCS(0)
	defer goruntime.GOMAXPROCS(before)
	a := mustOpen(t, gv.Config{Engine: gv.Native})
	goruntime.GOMAXPROCS(before + 4)
	for range 2 {
		b := mustOpen(t, gv.Config{Engine: gv.Native})
		if n := b.Stats().Workers; n != before+4 {
			t.Errorf("%d workers, and the program has set GOMAXPROCS to %d", n, before+4)
		}
		defer mustClose(t, b)
	}
	mustClose(t, a)
}

// A program that sets GOMAXPROCS for a while and puts back what it was, has chosen
// nothing, though it has read what a runtime had set; also if runtimes were opened or
// closed meanwhile.
func TestPutBackIsNoChoice(t *testing.T) {
	before := goruntime.GOMAXPROCS(0)
	defer goruntime.GOMAXPROCS(before)
	for _, test := range []struct {
		name      string
		meanwhile func(a, b *gv.Runtime) []*gv.Runtime // returns what is open then
	}{
		{"nothing", func(a, b *gv.Runtime) []*gv.Runtime { return []*gv.Runtime{a, b} }},
		{"asked", func(a, b *gv.Runtime) []*gv.Runtime { gv.CompleteConfig(gv.Config{}); return []*gv.Runtime{a, b} }},
		{"opened", func(a, b *gv.Runtime) []*gv.Runtime {
			return []*gv.Runtime{a, b, mustOpen(t, gv.Config{Engine: gv.Native})}
		}},
		{"closed", func(a, b *gv.Runtime) []*gv.Runtime { mustClose(t, a); return []*gv.Runtime{b} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := mustOpen(t, gv.Config{Engine: gv.Native}), mustOpen(t, gv.Config{Engine: gv.Native})
			read := goruntime.GOMAXPROCS(before + 11)
			open := test.meanwhile(a, b)
			goruntime.GOMAXPROCS(read)
			if n := gv.CompleteConfig(gv.Config{}).Workers; n != before {
				t.Errorf("a new runtime would have %d workers, and the program has chosen %d", n, before)
			}
			for _, rt := range open {
				if got := goruntime.GOMAXPROCS(0); got <= before {
					t.Errorf("GOMAXPROCS is %d with a runtime open, and was %d without", got, before)
				}
				mustClose(t, rt)
			}
			if got := goruntime.GOMAXPROCS(0); got != before {
				t.Errorf("GOMAXPROCS is %d after the last Close, and was %d", got, before)
			}
		})
	}
}

// Where the program leaves a runtime fewer processors than it needs, the Logger is
// told, once for each number, and Capabilities says so until there are enough again.
func TestTooFewProcessorsAreReported(t *testing.T) {
	procs := goruntime.GOMAXPROCS(0)
	defer goruntime.GOMAXPROCS(procs)
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			goruntime.GOMAXPROCS(procs + spareProcessors)
			records := make(recorder, 100)
			rt := open(t, gv.Config{Workers: 2, Engine: engine, Logger: slog.New(records)})
			before := goruntime.GOMAXPROCS(0)
			work := func() { // keeps the Monitor awake
				err := rt.Do(func(context.Context) error { return gv.Sleep(time.Millisecond) })
				if err != nil {
					t.Error(err)
				}
			}
			said := func() string { return rt.Capabilities().Processors }
			if work(); said() != "" {
				t.Errorf("at first: %q", said())
			}
			for range 2 {
				// The Monitor looks now and then: it may not have seen that there were enough
				// in between.
				for len(records) == 0 {
					goruntime.GOMAXPROCS(before)
					work()
					if said() != "" {
						t.Errorf("with %d again: %q", before, said())
					}
					goruntime.GOMAXPROCS(1)
					for range 30 {
						work()
					}
				}
				if want := "GOMAXPROCS was set to 1 after"; !strings.HasPrefix(said(), want) {
					t.Errorf("Capabilities: %q, want %q", said(), want)
				}
				r := <-records
				if r.Level != slog.LevelWarn || r.Message != "gv: "+said() {
					t.Errorf("the Logger was told %v %q", r.Level, r.Message)
				}
				for range 30 {
					work()
				}
				if len(records) != 0 {
					t.Errorf("%d more reports of the same", len(records))
				}
			}
			goruntime.GOMAXPROCS(max(procs, 2))
		})
	}
}
