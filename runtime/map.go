package gv

import (
	"context"
	"iter"
)

// Map calls fn for each value of seq as ForEach does, while the sequence that it returns is
// gone through, and yields the results in the order of the values. It takes at most n
// values of seq beyond those whose results it has yielded, and yields what is there
// before it takes another.
//
// The first failure ends the sequence: after the results before it, as far as the
// cancellation has left them, it is the error of the last pair, whose R is zero. All errors
// before are nil. A loop that ends early cancels the rest and waits for it.
//
// Each loop over the sequence begins anew, with the runtime of who runs it. Map panics if n
// is less than 1, if fn is nil, and the loop for WithContext.
func Map[T, R any](ctx context.Context, seq iter.Seq[T], n int, fn func(context.Context, T) (R, error), opts ...Option) iter.Seq2[R, error] {
	checkLoop("Map", n, fn == nil)
	return func(yield func(R, error) bool) {
		w := &mapping[R]{group: NewGroup(ctx, opts...), yield: yield}
		defer w.group.abandon(errAbandoned)
		for v := range seq {
			if !w.start(func(ctx context.Context) (R, error) { return fn(ctx, v) }) {
				break
			}
			for w.firstEnded() || len(w.ahead) == n {
				if !w.give() {
					return
				}
			}
		}
		for len(w.ahead) > 0 {
			if !w.give() {
				return
			}
		}
		w.fail()
	}
}

// A mapping is one loop over what Map returns.
type mapping[R any] struct {
	group *Group
	yield func(R, error) bool
	ahead []*mapped[R] // started, and not yet yielded
}

// A mapped is one result, which is there when its thread has ended well.
type mapped[R any] struct {
	thread *Thread
	result R
}

// start starts a thread for the next result, and reports whether it could.
func (w *mapping[R]) start(fn func(context.Context) (R, error)) bool {
	m := &mapped[R]{}
	t, err := w.group.start(func(ctx context.Context) (err error) {
		m.result, err = fn(ctx)
		return err
	}, nil)
	m.thread = t
	if err == nil {
		w.ahead = append(w.ahead, m)
	}
	Safepoint()
	return err == nil
}

// firstEnded reports whether give need not wait.
func (w *mapping[R]) firstEnded() bool {
	return len(w.ahead) > 0 && w.ahead[0].thread.state() == StateDone
}

// give waits for the first result and yields it, and reports whether there is to be
// another.
func (w *mapping[R]) give() bool {
	m := w.ahead[0]
	w.ahead[0], w.ahead = nil, w.ahead[1:]
	if err := m.thread.Wait(); err != nil {
		w.group.fail(err) // if it is the caller's own cancellation
		w.fail()
		return false
	}
	return w.yield(m.result, nil)
}

// fail yields the Group's failure, if there is one.
func (w *mapping[R]) fail() {
	if err := w.group.Wait(); err != nil {
		var none R
		w.yield(none, err)
	}
}
