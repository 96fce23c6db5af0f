//go:build (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A slice that is over is noticed at the kernel's tick, which may be 4 ms. Until then an OS
// thread that has woken up, say to poll the network, waits for one that computes: one of a
// worker's, or of the garbage collector's. So there is an OS thread that has Linux look every
// watchPeriod, while anybody wants that.
//
// Linux brings the processor time of a thread up to date when it is read, and looks then
// whether it is to make way (task_sched_runtime in kernel/sched/core.c, update_curr in
// fair.c).
//
// The thread has no P, as one in a long system call: when it was the Monitor that did this,
// it came too late where it mattered most. A stop of the world takes all Ps, and to get one
// again, after it, the Monitor needs a core from those that it would have looked at. In
// examples/latency that took a third of p90 and of p99, and of the time of the stops.
//
// watch and what it calls run without a P: they are never stopped or preempted, their stack
// can't grow, and they may not allocate, write pointers, or enter the race detector.

const (
	// watchPeriod costs some 5% of a core on a virtual machine, most of it for waking up. With
	// 500 µs it costs half of that, and p90 in examples/latency is longer by a sixth.
	watchPeriod = 250 * time.Microsecond
	// watchMost is how many threads are known, and watchAtOnce how many are looked at each
	// time, in turns if there are more.
	watchMost   = 1024
	watchAtOnce = 64
	// watchEnds is set in the word when the thread is to end.
	watchEnds = 1 << 31
	// watchName is what top -H, ps -T and perf call it.
	watchName = "gv-slices"
)

// sliceWatcher is the one of the process.
var sliceWatcher sliceWatch

type sliceWatch struct {
	// word is what the thread waits for: how many want it to look, or watchEnds.
	word uint32
	// known of the threads are valid.
	known   uint32
	threads [watchMost]int32

	// The thread's own: looks counts what it has looked at.
	looks  uint32
	period unix.Timespec
	time   unix.Timespec

	ended chan struct{} // nil while the thread does not run
}

// start starts the thread, unless it runs. Those of start, stop and know must not be called
// at the same time.
func (w *sliceWatch) start() {
	if raceEnabled || w.ended != nil {
		return
	}
	w.period = unix.NsecToTimespec(int64(watchPeriod))
	ended := make(chan struct{})
	w.ended = ended
	GoOnThread(func() {
		defer close(ended)
		_ = tuneThread(watchName) // what is refused here has been granted to others just now
		w.watch()
	})
}

// stop ends it, and waits for that.
func (w *sliceWatch) stop() {
	if w.ended == nil {
		return
	}
	atomic.OrUint32(&w.word, watchEnds)
	w.wake()
	<-w.ended
	w.ended = nil
	atomic.AndUint32(&w.word, ^uint32(watchEnds))
}

// know says which threads there are.
func (w *sliceWatch) know(threads []int) {
	n := min(len(threads), watchMost)
	for i, tid := range threads[len(threads)-n:] { // rather the newest
		atomic.StoreInt32(&w.threads[i], int32(tid))
	}
	atomic.StoreUint32(&w.known, uint32(n))
}

// WantSlices says that the caller wants the slices of OS threads to be kept, or no longer.
// It makes at most one bare system call.
func WantSlices(want bool) {
	if !want {
		atomic.AddUint32(&sliceWatcher.word, ^uint32(0))
	} else if atomic.AddUint32(&sliceWatcher.word, 1) == 1 {
		sliceWatcher.wake()
	}
}

func (w *sliceWatch) wake() { wakeFutex(unsafe.Pointer(&w.word)) }

// watch is what the thread does. Its own loads of word need no order: the futex sees to it.
//
//go:nosplit
//go:norace
func (w *sliceWatch) watch() {
	entersyscallblock()
	for {
		switch word := w.word; {
		case word&watchEnds != 0:
			exitsyscall()
			return
		case word == 0:
			w.sleep(word, nil)
		default:
			w.sleep(word, &w.period)
			w.look()
		}
	}
}

// sleep waits for d, or for ever, or until wake is called, if word has not changed.
//
//go:nosplit
//go:norace
func (w *sliceWatch) sleep(word uint32, d *unix.Timespec) {
	unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&w.word)), futexWait, uintptr(word), uintptr(unsafe.Pointer(d)), 0, 0)
}

// look has Linux look at the threads.
//
//go:nosplit
//go:norace
func (w *sliceWatch) look() {
	n := w.known
	for i := uint32(0); i < n && i < watchAtOnce; i++ {
		w.looks++
		tid := w.threads[w.looks%n%watchMost]
		unix.RawSyscall(unix.SYS_CLOCK_GETTIME, threadClock(int(tid)), uintptr(unsafe.Pointer(&w.time)), 0)
	}
}
