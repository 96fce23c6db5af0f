package gv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	goruntime "runtime"
	"runtime/debug"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// slotsEnv is what the environment must have for slots.
const slotsEnv = "GODEBUG=gcshrinkstackoff=1"

// onSlots runs a test of slots: in a process of its own, where it is called again. It reports
// whether this is that process.
func onSlots(t *testing.T) bool {
	t.Helper()
	if !inChild() {
		open(t, gv.Config{Engine: gv.Native}) // or skip
	}
	return inOwnProcess(t, slotsEnv)
}

// openOnSlots is open on slots, of which there are as many as kernels and emulators with
// guard pages that are mappings can have.
func openOnSlots(t *testing.T, c gv.Config) *gv.Runtime {
	t.Helper()
	c.Stacks, c.MaxThreads = gv.SlotStacks, 1000
	rt := open(t, c)
	if rt.Capabilities().Stacks != "slots" {
		t.Fatal("there are no slots")
	}
	return rt
}

func TestStackKindString(t *testing.T) {
	for kind, want := range map[gv.StackKind]string{gv.GrowingStacks: "GrowingStacks", gv.SlotStacks: "SlotStacks", 9: "StackKind(9)"} {
		if got := kind.String(); got != want {
			t.Errorf("%d is %q, want %q", kind, got, want)
		}
	}
}

// Without the setting, and without the Native engine, there are no slots, for a reason that
// says what to do.
func TestSlotsRefused(t *testing.T) {
	if inChild() {
		_, err := gv.New(gv.Config{Stacks: gv.SlotStacks})
		fmt.Println("New:", err)
		return
	}
	refused := func(err error, words ...string) {
		t.Helper()
		for _, w := range words {
			if !errors.Is(err, gv.ErrSlotsUnavailable) || !strings.Contains(err.Error(), w) {
				t.Errorf("the error lacks %q: %v", w, err)
			}
		}
	}
	_, err := gv.New(gv.Config{Stacks: gv.SlotStacks, Engine: gv.Portable})
	refused(err, "Native engine", "Config.Engine is Portable")

	open(t, gv.Config{Engine: gv.Native}) // or skip
	before := goruntime.GOMAXPROCS(0)
	_, err = gv.New(gv.Config{Stacks: gv.SlotStacks, SlotSize: 3 << 20})
	if err == nil {
		t.Error("slots of 3 MiB can be had")
	}
	if n := goruntime.GOMAXPROCS(0); n != before {
		t.Errorf("GOMAXPROCS is %d after New has failed, and was %d", n, before)
	}
	out, err := child(t, "GODEBUG=")
	if err != nil || !strings.Contains(out, slotsEnv) || !strings.Contains(out, "Config.MaxThreads is 2097152") {
		t.Errorf("%v\n%s", err, out)
	}
	t.Setenv("GVTHREAD", "portable")
	rt, err := gv.New(gv.Config{Stacks: gv.SlotStacks})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	if c := rt.Capabilities(); c.Stacks != "goroutine" || !strings.Contains(c.StacksReason, "GVTHREAD") {
		t.Errorf("with GVTHREAD=portable stacks are %q (%s)", c.Stacks, c.StacksReason)
	}
}

// Threads on slots use the stack in full, in turns, beside the collector; what each has used
// is to be seen; and the memory is given back once they have ended, with their fibers.
func TestSlotThreads(t *testing.T) {
	if !onSlots(t) {
		return
	}
	rt := openOnSlots(t, gv.Config{Workers: 2})
	const threads, deep = 100, 2 << 20
	reached, release := gv.NewChan[*gv.Thread](threads), make(chan struct{})
	var all []*gv.Thread
	for i := range threads {
		all = append(all, rt.Go(func(context.Context) error {
			sink(deep+i, func() {
				gv.Yield()
				reached.Send(gv.Current())
				gv.Block(func() { <-release })
			})
			if !strings.Contains(string(debug.Stack()), "arch.slotReturn") {
				return errors.New("is on no slot")
			}
			return nil
		}))
	}
	for range threads {
		reached.Recv()
	}
	goruntime.GC()
	for i := range rt.Threads() {
		if i.StackUsed < deep || i.StackUsed > deep+1<<20 {
			t.Errorf("thread %d has used %d bytes of stack, and is %d deep", i.ID, i.StackUsed, deep)
		}
	}
	var dump bytes.Buffer
	if err := rt.Dump(&dump); err != nil || strings.Count(dump.String(), "KiB") != threads {
		t.Errorf("the dump does not show the stacks: %v\n%.2000s", err, dump.String())
	}
	close(release)
	for _, thread := range all {
		if err := thread.Wait(); err != nil {
			t.Error(err)
		}
	}
	until(func() bool { return rt.Stats().Fibers == 0 })
	if err := rt.Run(func(context.Context) error { return nil }); err != nil {
		t.Error(err)
	}
}

// Panics, runtime.Goexit and ends of locked goroutines are as on other stacks.
func TestSlotThreadsEnd(t *testing.T) {
	if !onSlots(t) {
		return
	}
	rt := openOnSlots(t, gv.Config{Workers: 2})
	for i := range 300 {
		var panicked *gv.PanicError
		if err := rt.Go(func(context.Context) error {
			sink(i<<7, func() { panic(i) })
			return nil
		}).Wait(); !errors.As(err, &panicked) || panicked.Value != i {
			t.Errorf("a panic became %v", err)
		}
		if err := rt.Go(func(context.Context) error {
			defer func() { _ = recover() }()
			sink(i<<7, goruntime.Goexit)
			return nil
		}).Wait(); !errors.Is(err, gv.ErrGoexit) {
			t.Errorf("Goexit became %v", err)
		}
		if err := rt.Go(func(context.Context) error {
			goruntime.LockOSThread()
			return nil
		}).Wait(); err != nil {
			t.Error(err)
		}
		if i%50 == 0 {
			goruntime.GC()
		}
	}
}

// Do runs on its caller's stack.
func TestSlotDo(t *testing.T) {
	if !onSlots(t) {
		return
	}
	rt := openOnSlots(t, gv.Config{Workers: 1})
	onSlot := func() bool { return strings.Contains(string(debug.Stack()), "arch.slotReturn") }
	if err := rt.Do(func(context.Context) error {
		if onSlot() {
			t.Error("Do of a goroutine is on a slot")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	if err := rt.Run(func(context.Context) error {
		return rt.Do(func(context.Context) error {
			if !onSlot() {
				t.Error("Do of a thread is not on that one's slot")
			}
			return nil
		})
	}); err != nil {
		t.Error(err)
	}
}

// A thread that needs more than its slot ends the process, with Go's report, in which a label
// says which thread that was. Logger is told before, when most of the slot is used.
func TestSlotThreadOverflow(t *testing.T) {
	if inChild() {
		records := make(recorder, 10)
		rt := openOnSlots(t, gv.Config{Workers: 1, SlotSize: 4 << 20, Logger: slog.New(records)})
		rt.Run(func(context.Context) error {
			return gv.Go(func(context.Context) error {
				sink(3<<20, func() {
					fmt.Println("Logger:", told(records))
					endless(0)
				})
				return nil
			}, gv.WithName("deep")).Wait()
		})
		return
	}
	open(t, gv.Config{Engine: gv.Native}) // or skip
	out, err := child(t, slotsEnv+",tracebacklabels=1")
	if err == nil {
		t.Error("the process has not ended")
	}
	for _, w := range []string{
		"runtime: goroutine stack exceeds 4194304-byte limit", "fatal error: stack overflow",
		"runtime_test.endless(", `thread 2 \"deep\"`, "Config.SlotSize", "4194304",
		`Logger: gv: the stack slot of thread 2 "deep" has been used to 3`, "raise Config.SlotSize",
	} {
		if !strings.Contains(out, w) {
			t.Errorf("the report lacks %q:\n%.3000s", w, out)
		}
	}
}

// told waits, running, until the Logger is told something, and returns what.
func told(records recorder) string {
	for len(records) == 0 {
		enginetest.Spin(1000)
	}
	return (<-records).Message
}

// The Logger is told once of each thread that has used most of its slot, and of no other.
func TestSlotsDeepThreads(t *testing.T) {
	if !onSlots(t) {
		return
	}
	enoughProcessors(t)
	const deep, threads = 3 << 20, 20
	records := make(recorder, 2*threads)
	rt := openOnSlots(t, gv.Config{Workers: 1, SlotSize: 4 << 20, Logger: slog.New(records)})
	for range threads {
		// They have one slot, one after another.
		err := rt.Go(func(context.Context) error {
			self := gv.Current()
			sink(deep, func() {
				want := fmt.Sprintf("gv: the stack slot of thread %d has been used to ", self.ID())
				if got := told(records); !strings.HasPrefix(got, want) {
					t.Errorf("the Logger was told %q, want %q", got, want)
				}
			})
			return nil
		}).Wait()
		if err != nil {
			t.Error(err)
		}
		if err := rt.Go(func(context.Context) error {
			sink(deep/2, func() { enginetest.Spin(3_000_000) })
			return nil
		}).Wait(); err != nil {
			t.Error(err)
		}
	}
	if len(records) > 0 {
		t.Errorf("the Logger was told %q, too", (<-records).Message)
	}
}

// On slots each safepoint measures the stack, so that no recursion through safepoints is fast
// enough to get to the end of a slot, and safepoints are free again after Close.
func TestSlotMaxStack(t *testing.T) {
	if !onSlots(t) {
		return
	}
	rt := openOnSlots(t, gv.Config{Workers: 2, SlotSize: 1 << 20, MaxStack: 256 << 10})
	for range 200 {
		err := rt.Go(func(context.Context) error {
			endless(0)
			return nil
		}).Wait()
		var overflow *gv.StackOverflowError
		if !errors.As(err, &overflow) || overflow.Depth > overflow.Max+4096 {
			t.Fatalf("endless recursion became %v", err)
		}
	}
	if err := rt.Close(); err != nil || gv.PreemptPending() != 0 || gv.SafepointsSlow() {
		t.Errorf("Close: %v; %d requests stand", err, gv.PreemptPending())
	}
}
