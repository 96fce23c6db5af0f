//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

// fields are the offsets of a table, for tests that spoil them. Those that are
// soft hold values like those of others: a wrong offset may look right. The program's
// description tells them apart.
func (l *table) fields() map[string]struct {
	offset *uintptr
	soft   bool
} {
	type field = struct {
		offset *uintptr
		soft   bool
	}
	return map[string]field{
		"stackLo":     {&l.stackLo, false},
		"stackHi":     {&l.stackHi, false},
		"stackguard0": {&l.stackguard0, true},
		"m":           {&l.m, false},
		"schedSP":     {&l.schedSP, false},
		"schedPC":     {&l.schedPC, true},
		"status":      {&l.status, false},
		"goid":        {&l.goid, false},
		"lockedm":     {&l.lockedm, false},
		"bubble":      {&l.bubble, true},
		"waitreason":  {&l.waitreason, true},
		"stktopsp":    {&l.stktopsp, false},
		"mG0":         {&l.mG0, false},
		"mProcid":     {&l.mProcid, false},
		"mCurg":       {&l.mCurg, false},
		"mP":          {&l.mP, false},
		"mLocks":      {&l.mLocks, false},
		"pSchedtick":  {&l.pSchedtick, true},
	}
}

func TestTableFits(t *testing.T) {
	for range 20 {
		if err := built.check(); err != nil {
			t.Fatal(err)
		}
	}
	if n, want := len(built.fields()), int(unsafe.Sizeof(table{})/unsafe.Sizeof(uintptr(0))); n != want {
		t.Errorf("the tests know %d fields of the table, and it has %d", n, want)
	}
}

// The right table fits also where the collector never rests, and moves the stacks
// that are looked at.
func TestTableFitsBesideTheCollector(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1)) // begins anew at each allocation
	for range 100 {
		if err := built.check(); err != nil {
			t.Fatal(err)
		}
	}
}

// The right table fits also where so many goroutines run that a turn takes tens of thousands of
// those of the P.
func TestTableFitsAmongMany(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some 200 MB")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var over atomic.Bool
	var ended sync.WaitGroup
	for range 70_000 {
		ended.Go(func() {
			for !over.Load() {
				runtime.Gosched()
			}
		})
	}
	if err := built.check(); err != nil {
		t.Error(err)
	}
	over.Store(true)
	ended.Wait()
}

// collecting collects garbage until the function that it returns is called.
func collecting() (stop func()) {
	var stopped atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !stopped.Load() {
			runtime.GC()
		}
	}()
	return func() {
		stopped.Store(true)
		<-done
	}
}

// A table with one wrong offset is refused, by an error that says so, whatever
// the wrong field leads to; the check never crashes, also with the collector
// beside it.
func TestWrongOffsetsAreRefused(t *testing.T) {
	defer collecting()()
	for name := range built.fields() {
		t.Run(name, func(t *testing.T) {
			right := *built.fields()[name].offset
			// Not 1<<56 and above alone: Linux on arm64 lets programs put what
			// they like into the top byte of an address, so that 1<<62 is 0.
			wrongs := []uintptr{1 << 12, 1 << 20, 1 << 32, 1 << 46, 1 << 54, ^uintptr(0) - 15}
			// Not beyond the end of g, which has 456 bytes in go1.26: there is another
			// g, and where its stack lies below this one, its stack.hi is what stack.lo
			// has to be.
			for off := uintptr(0); off < 456; off += 4 {
				wrongs = append(wrongs, off)
			}
			for _, wrong := range wrongs {
				if wrong == right {
					continue
				}
				spoilt := built
				field := spoilt.fields()[name]
				*field.offset = wrong
				err := spoilt.check()
				if err == nil {
					if !field.soft {
						t.Errorf("accepted at %d, where the table has %d", wrong, right)
					}
					continue
				}
				if !strings.Contains(err.Error(), "does not fit "+runtime.Version()) {
					t.Errorf("at %d: the error does not say what is wrong: %v", wrong, err)
				}
			}
		})
	}
}

// Two fields that have changed places are told apart.
func TestSwappedFieldsAreRefused(t *testing.T) {
	spoilt := built
	spoilt.stackLo, spoilt.stackHi = built.stackHi, built.stackLo
	if spoilt.check() == nil {
		t.Error("stack.lo and stack.hi")
	}
	spoilt = built
	spoilt.mG0, spoilt.mCurg = built.mCurg, built.mG0
	if spoilt.check() == nil {
		t.Error("g0 and curg")
	}
	spoilt = built
	spoilt.m, spoilt.goid = built.goid, built.m
	if spoilt.check() == nil {
		t.Error("m and goid")
	}
}

// Where the engine works, so does its trial, again and again.
func TestTrialsCanBeRepeated(t *testing.T) {
	if err := Native(); err != nil {
		t.Skip(err)
	}
	for range 50 {
		if err := checkSwitch(); err != nil {
			t.Fatal(err)
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0))))
	if err := ForcedPreemption(); err != nil {
		t.Skip(err)
	}
	before := runtime.NumGoroutine()
	for range 5 {
		if err := probeForced(); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 1000 {
			t.Fatalf("%d goroutines, %d before the trials", runtime.NumGoroutine(), before)
		}
		time.Sleep(time.Millisecond)
	}
}
