package gv

import (
	"context"

	"github.com/gvthread/gvthread/arch"
)

// outside returns what f does outside of any bubble of testing/synctest. It is for
// channels that the runtime keeps: one that is made in a bubble can't be closed from
// outside. The caller holds no spin lock.
func outside(f func() <-chan struct{}) (c <-chan struct{}) {
	arch.Outside(func() { c = f() })
	return c
}

// A bubbleContext is a context that was given in a bubble. For a context that is not its
// own, package context starts a goroutine, which waits on a channel that it makes there:
// the end of a thread, which is outside, could not close that. So the goroutine is one
// of bubbleContext's. Package context asks for it only where it would start its own.
type bubbleContext struct{ context.Context }

func (c bubbleContext) AfterFunc(f func()) (stop func() bool) {
	if own, ok := c.Context.(interface {
		AfterFunc(f func()) (stop func() bool)
	}); ok {
		return own.AfterFunc(f)
	}
	var stopped chan struct{}
	arch.Outside(func() { stopped = make(chan struct{}) })
	go func() {
		select {
		case <-c.Done():
			f()
		case <-stopped:
		}
	}()
	// Package context stops it once, and asks for no answer.
	return func() bool { close(stopped); return true }
}
