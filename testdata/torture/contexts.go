package main

import (
	"context"
	"sync"
)

// contexts are those of a world's actors. When all threads have ended, so have they.
type contexts struct {
	mu  sync.Mutex
	all []context.Context
}

// add takes note of the context of a, which calls it. Some are asked for Done while
// their threads run, the others first in balance.
func (c *contexts) add(a *actor) {
	if a.r.IntN(2) == 0 {
		a.ctx.Done()
	}
	c.mu.Lock()
	c.all = append(c.all, a.ctx)
	c.mu.Unlock()
}

// balance checks that all have ended, with an error that a context may have.
func (c *contexts) balance(w *world) {
	for _, ctx := range c.all {
		select {
		case <-ctx.Done():
			if err := ctx.Err(); err != context.Canceled && err != context.DeadlineExceeded {
				w.r.violation("a context has ended with %v", err)
			}
		default:
			w.r.violation("a context is open when all threads have ended; its Err is %v", ctx.Err())
		}
	}
	c.all = nil
}
