package gv

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// contextEnds are what is to be done when contexts end. Package context would do that in
// goroutines, at any time. Here it is done at the next point.
type contextEnds struct {
	n       atomic.Int32
	lock    sync.Mutex
	list    []*contextEnd
	looking atomic.Bool // due calls methods of contexts
}

type contextEnd struct {
	ctx context.Context
	f   func()
}

// after is afterEnd for a controlled runtime.
func (e *contextEnds) after(ctx context.Context, f func()) (stop func() bool) {
	end := &contextEnd{ctx, f}
	e.lock.Lock()
	e.list = append(e.list, end)
	e.n.Store(int32(len(e.list)))
	e.lock.Unlock()
	return func() bool { return e.remove(end) }
}

// remove takes end out, and reports whether it was there.
func (e *contextEnds) remove(end *contextEnd) bool {
	e.lock.Lock()
	defer e.lock.Unlock()
	i := slices.Index(e.list, end)
	if i < 0 {
		return false
	}
	e.list = slices.Delete(e.list, i, i+1)
	e.n.Store(int32(len(e.list)))
	return true
}

// due returns those whose contexts have ended.
func (e *contextEnds) due() (due []*contextEnd) {
	if e.n.Load() == 0 {
		return nil
	}
	e.lock.Lock()
	all := slices.Clone(e.list)
	e.lock.Unlock()
	e.looking.Store(true)
	defer e.looking.Store(false)
	for _, end := range all {
		if end.ctx.Err() != nil {
			due = append(due, end)
		}
	}
	return due
}

// run does what is due.
func (e *contextEnds) run(due []*contextEnd) {
	for _, end := range due {
		if e.remove(end) {
			end.f()
		}
	}
}
