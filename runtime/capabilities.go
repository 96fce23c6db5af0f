package gv

import "github.com/gvthread/gvthread/arch"

// Capabilities says what a runtime can do on this machine, with this Go, and
// why not where it can't.
type Capabilities struct {
	// Engine is Native or Portable; EngineReason says why it is not Native.
	Engine       Engine
	EngineReason string
	// Forced says whether threads that run into no safepoint are preempted by
	// signal; ForcedReason why not. Without it they share the processor as
	// goroutines do.
	Forced       bool
	ForcedReason string
	// Stacks is "goroutine", if threads have goroutine stacks, which grow and shrink, or
	// "slots": see SlotStacks. StacksReason says why they have none if Config asks for
	// slots.
	Stacks       string
	StacksReason string
	// MaxStack says whether Config.MaxStack can be enforced; MaxStackReason why
	// not.
	MaxStack       bool
	MaxStackReason string
	// Environment is what the variable GVTHREAD said when the runtime was opened, with
	// what is wrong with it. The word portable makes Config.Engine Portable, also where the
	// program asks for Native, and Config.Stacks GrowingStacks, and noforced sets Config.NoForced.
	Environment string
	// Timer is empty, or says what the operating system refused when it was
	// asked to wake the timer thread on time: sleeps and preemption come later
	// then.
	Timer string
	// Processors is empty, or says that the program has set GOMAXPROCS, after New, to
	// less than the runtime needs, and what that costs. The program's choice stands.
	Processors string
}

// Capabilities returns what the runtime can do now.
func (rt *Runtime) Capabilities() Capabilities {
	c := rt.caps
	if err := rt.sched.TimerError(); err != nil {
		c.Timer = "asking for a precise timer thread: " + err.Error()
	} else if err := processors.refused(); rt.native && err != nil {
		c.Timer = "asking for short time slices: " + err.Error()
	}
	need, _ := rt.processorNeed(true)
	c.Processors = need.describe(rt)
	return c
}

// describe fills in rt.caps and decides on forced preemption.
func (rt *Runtime) describe(env environment, nativeErr error) {
	c := &rt.caps
	c.Environment = env.String()
	c.Stacks, c.StacksReason = "goroutine", env.stacksReason()
	if rt.config.Stacks == SlotStacks {
		c.Stacks = "slots"
	}
	c.Engine = Portable
	switch {
	case rt.native:
		c.Engine = Native
	case rt.config.Engine == Portable:
		c.EngineReason = env.engineReason()
	default:
		c.EngineReason = nativeErr.Error()
	}
	switch {
	case !rt.native:
		c.ForcedReason = "the Portable engine leaves it to Go, which gives each goroutine 10 ms at a time"
	case rt.config.NoForced:
		c.ForcedReason = env.forcedReason()
	default:
		if err := arch.ForcedPreemption(); err != nil {
			c.ForcedReason = err.Error()
		} else {
			c.Forced = true
		}
	}
	rt.forced = c.Forced
}
