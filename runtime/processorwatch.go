package gv

import (
	"context"
	"fmt"
	"log/slog"
	goruntime "runtime"
	"time"
)

// A processorWatch notices that the program has left a runtime with fewer Ps than it
// needs, which takes from it what it promises. The choice is the program's, and
// stands; but nobody would think of it when threads come late.
//
// All fields are the Monitor's.
type processorWatch struct {
	due, limitsDue int64
	// scarce says that there were too few at the last look, and told how many there
	// were when Config.Logger was told of it, 0 if it has not been, or they have been
	// enough since.
	scarce bool
	told   int
}

// watchProcessorsEvery is how often the Monitor looks while it is awake.
const watchProcessorsEvery = 10 * time.Millisecond

// A processorNeed is how many Ps a runtime has and needs.
type processorNeed struct {
	have, need, runtimes int
}

// processorNeed returns what rt has and needs; false if that can't be known without
// waiting: the Monitor must not wait for a goroutine that a thread may have displaced.
func (rt *Runtime) processorNeed(wait bool) (n processorNeed, ok bool) {
	if !rt.native {
		return processorNeed{goruntime.GOMAXPROCS(0), rt.portableNeed, 1}, true
	}
	p := &processors
	if wait {
		p.lock.Lock()
	} else if !p.lock.TryLock() {
		return processorNeed{}, false
	}
	defer p.lock.Unlock()
	return processorNeed{goruntime.GOMAXPROCS(0), p.needLocked(), len(p.open)}, true
}

// scarce reports whether there are too few.
func (n processorNeed) scarce() bool { return n.have < n.need }

// describe says what is missing, what it costs and what to do.
func (n processorNeed) describe(rt *Runtime) string {
	if !n.scarce() {
		return ""
	}
	if !rt.native {
		return fmt.Sprintf("GOMAXPROCS was set to %d after the runtime was opened: only so many of its %d workers run at once now; set it to %d, or before gv.New",
			n.have, rt.config.Workers, n.need)
	}
	who := "the runtime needs"
	if n.runtimes > 1 {
		who = fmt.Sprintf("the %d open runtimes need", n.runtimes)
	}
	return fmt.Sprintf("GOMAXPROCS was set to %d after the runtime was opened, and %s %d: one for each worker, and %d more for its Monitor, goroutines and the garbage collector; "+
		"while threads compute, those of higher priority now start 10 ms late and later, instead of at once; set it to %d, or before gv.New",
		n.have, who, n.need, extra, n.need)
}

// look looks, if it is time to, after GOMAXPROCS, and has Config.Logger
// told, and after new OS threads.
func (w *processorWatch) look(rt *Runtime, at int64) {
	if at < w.due {
		return
	}
	n, ok := rt.processorNeed(false)
	if !ok {
		// The goroutine that has the lock may wait for the very P that the Monitor would
		// keep.
		w.scarce = true
		return
	}
	w.due = at + int64(watchProcessorsEvery)
	if rt.native {
		processors.shortenNew()
		if at >= w.limitsDue {
			w.limitsDue = at + int64(followLimitsEvery)
			go processors.follow() // it takes a lock, and may stop the world
		}
	}
	w.scarce = n.scarce()
	switch {
	case !w.scarce:
		w.told = 0
	case n.have != w.told && rt.config.Logger != nil:
		w.told = n.have
		// A handler of Logger may block, or take long.
		rt.callbacks.Go(func() {
			rt.config.Logger.LogAttrs(context.Background(), slog.LevelWarn, "gv: "+n.describe(rt),
				slog.Int("gomaxprocs", n.have), slog.Int("needed", n.need))
		})
	}
}
