package gv

import (
	"context"
	"fmt"

	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// A member is a thread of a Group, from before it starts until it and all that it
// has started have ended. It is the thread's tally.
type member struct {
	group  *Group
	fn     func(context.Context) error
	thread *Thread
	// slots is where it has a slot while it is alive, nil if there is no limit.
	slots *Semaphore
	// next and prev are guarded by the Group's lock.
	next, prev *member
}

// newMember makes one for the given operation. It panics if that is misused.
func (g *Group) newMember(op string, fn func(context.Context) error, opts []Option) *member {
	if fn == nil {
		panic(fmt.Sprintf("gv: Group.%s of a nil function", op))
	}
	checkMemberOptions("Group."+op, opts)
	g.mu.Lock()
	slots := g.slots
	g.mu.Unlock()
	return &member{group: g, fn: fn, slots: slots}
}

// checkMemberOptions panics if opts are not for threads of a Group.
func checkMemberOptions(op string, opts []Option) {
	if len(opts) > 0 && apply(opts).ctx != nil {
		panic(fmt.Sprintf("gv: %s with WithContext: the context of a Group's threads is the one that NewGroup was given", op))
	}
}

// admit waits for a slot, or returns why m can't be started.
func (m *member) admit() error {
	if err := Current().cancelCause(); err != nil {
		return err
	}
	if c := m.group.stopped(); c != nil {
		return c.err
	}
	if m.slots == nil {
		return nil
	}
	if err := m.slots.acquire(context.Background(), 1, waitSlot); err != nil {
		return err
	}
	if c := m.group.stopped(); c != nil {
		m.slots.release(1)
		return c.err
	}
	return nil
}

// start starts m, which has its slot.
func (m *member) start(opts []Option) (*Thread, error) {
	g := m.group
	rt, caller := g.rt, Current()
	if rt == nil {
		rt = runtimeOf(caller)
	}
	caller = rt.own(caller)
	o := apply(append(g.opts, opts...))
	o.tally = m
	t := rt.spawn(m.run, o, caller, caller.scope(), 0)
	if t.state() == StateDone {
		return t, t.Err()
	}
	t.task.MakeBy(caller.asTask(), sched.New)
	return t, nil
}

// run is the thread's function.
func (m *member) run(ctx context.Context) error {
	if c := m.group.stopped(); c != nil {
		return c.err
	}
	err := m.fn(ctx)
	if _, panicked := err.(*PanicError); !panicked {
		// Before the thread's context ends, which may make others fail.
		m.group.fail(err)
	}
	return err
}

// enter gives t, which is m's thread, the Group's context, and lets the Group cancel it. If
// that has happened already, run finds out.
func (m *member) enter(t *Thread) {
	g := m.group
	g.alive.add(1)
	m.thread = t
	o := t.opts()
	o.unlink = m.unlink
	if g.ctx != nil {
		o.ctx, o.timed = g.ctx, g.timed
	}
	g.mu.Lock()
	m.next = g.first
	if g.first != nil {
		g.first.prev = m
	}
	g.first = m
	g.mu.Unlock()
}

// unlink is called once, when the thread's family is over, or the thread was refused:
// there is nothing left to be cancelled.
func (m *member) unlink() bool {
	g := m.group
	g.mu.Lock()
	defer g.mu.Unlock()
	if m.prev != nil {
		m.prev.next = m.next
	} else {
		g.first = m.next
	}
	if m.next != nil {
		m.next.prev = m.prev
	}
	return true
}

func (m *member) returned(t *Thread, err error) {
	if p, ok := err.(*PanicError); ok {
		m.group.failPanicked(t, p)
		return
	}
	m.group.fail(err)
}

func (m *member) heard() bool { return m.group.hearers.Load() > 0 }

func (m *member) leave() {
	m.fn = nil
	if m.slots != nil {
		m.slots.release(1)
	}
	m.group.alive.add(-1)
}
