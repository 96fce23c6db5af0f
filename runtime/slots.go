package gv

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// A StackKind is where threads have their stacks.
type StackKind uint8

const (
	// GrowingStacks are those that goroutines have: they begin small, are copied to larger
	// ones as they grow, and the garbage collector makes them smaller.
	GrowingStacks StackKind = iota
	// SlotStacks are slots of Config.SlotSize in a region that is reserved for as many
	// threads as Config.MaxThreads allows: 32 TiB by default, which is a quarter of the address
	// space of most machines, so that several runtimes need less MaxThreads. A slot takes memory as far as it is used, and
	// gives it back when it was idle for about a second. Nothing is copied when a stack
	// grows, but a thread takes at least 12 KiB, where a growing stack begins with 2 KiB.
	//
	// They need Linux on amd64 or arm64 (not gVisor, which doesn't tell how deep a slot has
	// been used), the Native engine, and GODEBUG=gcshrinkstackoff=1
	// in the environment in which the program is started: no stack of the program, also of
	// goroutines, becomes smaller then. While such a runtime is open, Go's limit for stacks
	// (see runtime/debug.SetMaxStack) is Config.SlotSize, for goroutines, too: a stack that
	// needs more ends the process with Go's report. With tracebacklabels=1 in GODEBUG, too,
	// the report names the thread. Config.Logger is told of threads whose slots have been used
	// to more than three quarters, and of what to raise: the Monitor looks once a millisecond at
	// those that have workers. So a fast recursion may be at the end before, and a thread that
	// gets deep and is blocked then may not be seen; and what earlier threads on the same slot
	// had used, unseen, may be told of a later one, which may then go without a warning of its
	// own. A program must not raise the limit meanwhile: the process would still end, but with
	// a report that doesn't say why.
	//
	// Do runs its function on the caller's stack, whatever that is.
	SlotStacks
)

// String returns the name of the constant.
func (k StackKind) String() string {
	switch k {
	case GrowingStacks:
		return "GrowingStacks"
	case SlotStacks:
		return "SlotStacks"
	}
	return fmt.Sprintf("StackKind(%d)", uint8(k))
}

const (
	defaultSlotSize = 16 << 20
	// slotMaxStack is the part of a slot that Config.MaxStack may be: deferred functions may
	// use as much again.
	slotMaxStack = 2
)

// completeStacks fills in the defaults of what Config says about stacks, or says what is
// wrong.
func (c *Config) completeStacks() error {
	if c.MaxStack != 0 && c.MaxStack < minMaxStack {
		return fmt.Errorf("gv: new runtime: Config.MaxStack is %d bytes; it must be at least %d (0 means Go's limit)", c.MaxStack, minMaxStack)
	}
	switch c.Stacks {
	case GrowingStacks:
		if c.SlotSize != 0 {
			return fmt.Errorf("gv: new runtime: Config.SlotSize is %d, but Config.Stacks is not SlotStacks", c.SlotSize)
		}
		return nil
	case SlotStacks:
	default:
		return fmt.Errorf("gv: new runtime: Config.Stacks is %v; use GrowingStacks or SlotStacks", c.Stacks)
	}
	setDefault(&c.SlotSize, defaultSlotSize)
	if most := c.SlotSize / slotMaxStack; c.MaxStack > most {
		return fmt.Errorf("gv: new runtime: Config.MaxStack is %d bytes; on slots of %d it must be at most %d", c.MaxStack, c.SlotSize, most)
	}
	return nil
}

// openSlots opens the slots that the runtime's threads run on, if they do.
func (rt *Runtime) openSlots() error {
	c := &rt.config
	if c.Stacks != SlotStacks {
		return nil
	}
	if !rt.native {
		return fmt.Errorf("%w: they need the Native engine, and the engine is Portable: %s", ErrSlotsUnavailable, rt.caps.EngineReason)
	}
	var err error
	rt.slots, err = arch.OpenSlots(sched.FibersFor(c.MaxThreads, c.Workers), c.SlotSize)
	if err != nil {
		return fmt.Errorf("%w: Config.MaxThreads is %d, Config.SlotSize %d: %w", ErrSlotsUnavailable, c.MaxThreads, c.SlotSize, err)
	}
	rt.slotLabels = slices.Contains(strings.Split(os.Getenv("GODEBUG"), ","), "tracebacklabels=1")
	return nil
}

// labelStack says who runs on the slot that t, the calling thread, has: to debuggers, and to
// those who read Go's report of an overflow, by labels that come to ctx's. With
// Config.ProfileLabels there are labels already.
func (t *Thread) labelStack(ctx context.Context) context.Context {
	if t.rt().slots == nil {
		return ctx
	}
	t.task.LabelStack(t.id)
	if !t.rt().slotLabels || t.rt().config.ProfileLabels {
		return ctx
	}
	return pprof.WithLabels(ctx, pprof.Labels(
		"gvthread", t.describe(),
		"Config.SlotSize", strconv.Itoa(t.rt().config.SlotSize)))
}

// reportSlot is called, in a goroutine of its own, when used bytes of the slot that t runs on
// have been used. It tells Config.Logger.
func (t *Thread) reportSlot(used int) {
	size := t.rt().config.SlotSize
	t.rt().config.Logger.LogAttrs(context.Background(), slog.LevelWarn,
		fmt.Sprintf("gv: the stack slot of %s has been used to %d of %d bytes, and one that needs more ends the process: raise Config.SlotSize", t.describe(), used, size),
		slog.Uint64("thread", t.id), slog.String("name", t.Name()), slog.Int("used", used), slog.Int("slotSize", size))
}
