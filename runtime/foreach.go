package gv

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// errAbandoned is the cause of the cancellation of threads whose results nobody will
// ask for.
var errAbandoned = errors.New("gv: the caller has ended the loop")

// ForEach calls fn for each value of seq, each time in a thread of its own, of which
// at most n are alive at a time, and waits until all have ended. It returns what
// Group.Wait does: after the first failure no function is called any more, and the
// rest is cancelled, as at the end of ctx. The threads have the options opts, and
// belong to the runtime of who calls ForEach: to have another, call it in Runtime.Do.
//
// The caller goes through seq itself, beside the threads, and takes a value when the one
// before has got its thread. If seq panics, so does ForEach, when the threads that it has
// cancelled then have ended. ForEach panics if n is less than 1, if fn is nil, and for
// WithContext.
func ForEach[T any](ctx context.Context, seq iter.Seq[T], n int, fn func(context.Context, T) error, opts ...Option) error {
	checkLoop("ForEach", n, fn == nil)
	g := NewGroup(ctx, opts...)
	g.SetLimit(n)
	defer g.abandon(errAbandoned) // which is over already, unless seq panics
	for v := range seq {
		if g.Go(func(ctx context.Context) error { return fn(ctx, v) }) != nil {
			break
		}
	}
	return g.Wait()
}

// checkLoop panics if ForEach or Map, which op says, is misused.
func checkLoop(op string, n int, missing bool) {
	if n < 1 {
		panic(fmt.Sprintf("gv: %s with at most %d threads at a time: it must be at least 1", op, n))
	}
	if missing {
		panic(fmt.Sprintf("gv: %s of a nil function", op))
	}
}
