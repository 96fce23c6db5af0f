package gv

import "github.com/gvthread/gvthread/arch"

// Views of the insides of the runtime, for tests that must know who waits.

// Waiters returns how many are in a Wait for t.
func (t *Thread) Waiters() int {
	l := &t.life
	l.lock.lock()
	defer l.lock.unlock()
	return len(l.waiters)
}

// CompleteConfig returns c with the defaults filled in.
func CompleteConfig(c Config) Config {
	c, err := c.complete()
	if err != nil {
		panic(err)
	}
	return c
}

// Displaced reports whether t has lost its worker to a more urgent thread and has
// not been stopped.
func (t *Thread) Displaced() bool {
	return t.load().state() == StatePreempted && t.load().place() == nowhere && t.fiber.Status() != arch.StatusPreempted
}
