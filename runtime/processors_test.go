package gv_test

import (
	goruntime "runtime"
	"testing"

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
