package gv

import (
	"context"
	"runtime/pprof"

	"github.com/gvthread/gvthread/arch"
)

// With Config.ProfileLabels a goroutine has labels for runtime/pprof while it carries a
// thread. They come to those that are there already: on a goroutine of the runtime's those
// of the context that WithContext gave, in Do those of the caller's goroutine. The thread's
// context has them, too, since pprof.Do gives the goroutine those of a context.

// The keys of the labels.
const (
	threadLabel   = "gv.thread"
	priorityLabel = "gv.priority"
)

// labelled returns ctx with t's labels.
func (t *Thread) labelled(ctx context.Context) context.Context {
	return pprof.WithLabels(ctx, pprof.Labels(priorityLabel, t.base().String(), threadLabel, t.Name()))
}

// performLabelled is perform, within caller if that isn't nil, with t's labels, after which
// the goroutine has those again that it had. Where they can't be known, they stay.
func (t *Thread) performLabelled(caller *Thread, repanic bool) error {
	if had, known := arch.Labels(); known {
		pprof.SetGoroutineLabels(t.labelled(had))
		defer pprof.SetGoroutineLabels(had)
	}
	if caller != nil { // as in Do, which a function for the two ways would cost a call
		return t.performWithin(caller, repanic)
	}
	return t.perform(repanic)
}

// relabel gives the goroutine of t, the calling thread, the label of its priority, which has
// changed. Other labels stay, also those that t has set itself.
func (t *Thread) relabel() {
	if have, known := arch.Labels(); known {
		pprof.SetGoroutineLabels(pprof.WithLabels(have, pprof.Labels(priorityLabel, t.base().String())))
	}
}

// unlabel takes the labels from a goroutine of the runtime's, which carries no thread now.
func unlabel() { pprof.SetGoroutineLabels(context.Background()) }
