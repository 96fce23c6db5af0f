package arch

import (
	"bytes"
	"runtime"
	"sync"
	"time"
)

// A bubble of testing/synctest is a set of goroutines with a clock of their own. What a
// goroutine of a bubble starts or makes belongs to the bubble: a goroutine has its
// clock, and the bubble waits for its end; a channel can't be used, nor a
// sync.WaitGroup counted up, from outside. So what lasts for longer than a call, or is
// shared, is started and made outside: by Launch and Outside.

// epoch is when the process started, about.
var epoch = time.Now()

// longest is longer than processes run.
const longest = 20 * 365 * 24 * time.Hour

// plausible reports whether d can be the time since epoch. The clock of a bubble begins
// with the year 2000, so there it is negative, or much too long where the machine has
// no idea of the date.
func plausible(d time.Duration) bool { return uint64(d) < uint64(longest) }

// Now returns the time that has passed since the process started, in nanoseconds, on
// the machine's clock, also in a bubble. Where it is not Linux, it may block for a
// moment in a bubble.
func Now() int64 {
	d := time.Since(epoch)
	if !plausible(d) {
		return realNow()
	}
	return int64(d)
}

// InBubble reports whether the calling goroutine is in a bubble of testing/synctest.
func InBubble() bool {
	in, known := bubbled()
	if !known {
		in = clockOfBubble()
	}
	return in && headerSaysBubble()
}

// clockOfBubble reports whether the calling goroutine seems to have a bubble's clock:
// such times have no monotonic part (runtime/time.go, go1.26 and go1.27), which Round
// takes away from others.
func clockOfBubble() bool {
	t := time.Now()
	return t == t.Round(0) || !plausible(t.Sub(epoch))
}

// headerSaysBubble reports whether the header of the calling goroutine's stack trace
// says that it is in a bubble: nobody else is to be sent on detours because a clock or
// a field is not what it was.
func headerSaysBubble() bool {
	var buf [128]byte
	header, _, _ := bytes.Cut(buf[:runtime.Stack(buf[:], false)], []byte("\n"))
	return bytes.Contains(header, []byte("synctest bubble"))
}

// Launch starts fn as a goroutine that is in no bubble, whoever calls it, and in none of the
// modes that goroutines inherit: see inMode. It doesn't block, and may be called pinned; in a
// bubble, fn starts a little later.
func Launch(fn func()) {
	switch {
	case InBubble():
		launches.add(fn)
	case inMode():
		go func() {
			leaveModes()
			fn()
		}()
	default:
		go fn()
	}
}

// Outside calls fn outside of any bubble, and returns when that has returned. In a
// bubble, that is in another goroutine: fn must not panic, and the caller not be
// pinned.
func Outside(fn func()) {
	if !InBubble() {
		fn()
		return
	}
	// A Mutex belongs to no bubble, and who waits for it doesn't let its clock go on.
	var done sync.Mutex
	done.Lock()
	launches.add(func() {
		defer done.Unlock()
		fn()
	})
	done.Lock()
}
