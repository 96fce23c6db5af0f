//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A table is the layout constants as values, for the self-check to hold against
// live goroutines. The engine itself uses the constants.
type table struct {
	stackLo, stackHi, stackguard0, m, schedSP, schedPC, status, goid uintptr
	lockedm, bubble, waitreason, stktopsp                            uintptr
	mG0, mProcid, mCurg, mP, mLocks, pSchedtick                      uintptr
}

// built is the table that this binary was built with.
var built = table{
	stackLo: gStackLo, stackHi: gStackHi, stackguard0: gStackguard0, m: gM,
	schedSP: gSchedSP, schedPC: gSchedPC, status: gAtomicstatus, goid: gGoid,
	lockedm: gLockedm, bubble: gBubble, waitreason: gWaitreason, stktopsp: gStktopsp,
	mG0: mG0, mProcid: mProcid, mCurg: mCurg, mP: mP, mLocks: mLocks,
	pSchedtick: pSchedtick,
}

// probeNative decides whether the Native engine can be used.
func probeNative() (err error) {
	if !strings.HasPrefix(strings.TrimPrefix(runtime.Version(), "devel "), layoutRelease) {
		return fmt.Errorf("arch: built for %s, but this is %s", layoutRelease, runtime.Version())
	}
	if runtime.GOARCH == "arm64" && iscgo {
		return fmt.Errorf("arch: on linux/arm64 the native engine can't be used with cgo; build with CGO_ENABLED=0")
	}
	if err := checkFields(layoutFields); err != nil {
		return misfit(err)
	}
	if pPreempt, _, err = describedField("runtime.p", "preempt"); err != nil {
		return misfit(err)
	}
	if err := built.check(); err != nil {
		return err
	}
	if err := checkSwitch(); err != nil {
		return err
	}
	layoutChecked.Store(true)
	return nil
}

// check holds the table against live goroutines: one that runs and is locked to
// its thread, and one that is parked. It never writes through the table, and
// survives reading through a wrong one.
func (l table) check() error {
	result := make(chan error, 1)
	go func() {
		// Not unlocked before the end: with a wrong table, nobody knows what
		// state the thread is in.
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		defer func() {
			if r := recover(); r != nil {
				result <- misfit(fmt.Errorf("reading through it failed: %v", r))
			}
		}()
		err := l.checkRunning()
		if err == nil {
			err = l.checkParked()
		}
		if err != nil {
			err = misfit(err)
		}
		result <- err
	}()
	return <-result
}

// misfit says that the table is not this program's.
func misfit(err error) error {
	return fmt.Errorf("arch: layout table for %s does not fit %s: %w", layoutRelease, runtime.Version(), err)
}

// The functions below read at addresses that may be anything, if the table is
// wrong. Those are kept as numbers, since the collector ends the process when it
// finds a bad pointer.

func word(base, off uintptr) uintptr {
	base += off
	return **(**uintptr)(unsafe.Pointer(&base))
}

func half(base, off uintptr) uint32 {
	base += off
	return **(**uint32)(unsafe.Pointer(&base))
}

func octet(base, off uintptr) uint8 {
	base += off
	return **(**uint8)(unsafe.Pointer(&base))
}

// mismatch is what the checks below return.
func mismatch(field string, want, got any) error {
	return fmt.Errorf("%s is not where it is expected: want %v, found %v", field, want, got)
}

// checkRunning checks the fields that a running goroutine can know of itself.
func (l table) checkRunning() error {
	g := uintptr(getg())
	// Not yet locked to its thread, which tells lockedm from m.
	if locked, m := word(g, l.lockedm), word(g, l.m); locked != 0 || m == 0 {
		return mismatch("g.lockedm", "0, and g.m another", fmt.Sprintf("%#x and %#x", locked, m))
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	if want, err := goid(); err != nil {
		return err
	} else if got := word(g, l.goid); uint64(got) != want {
		return mismatch("g.goid", want, got)
	}
	var local byte
	here := uintptr(unsafe.Pointer(&local))
	lo, hi := word(g, l.stackLo), word(g, l.stackHi)
	if lo >= here || here >= hi || hi-lo > 1<<30 || (hi-lo)&(hi-lo-1) != 0 {
		return mismatch("g.stack", "bounds around the stack pointer", fmt.Sprintf("%#x-%#x", lo, hi))
	}
	if top := word(g, l.stktopsp); top >= hi || hi-top < -settledMark || hi-top > slotStart {
		return mismatch("g.stktopsp", fmt.Sprintf("some words below %#x", hi), hex(top))
	}
	// The guard is near the low end, or poisoned by a request to preempt.
	if guard := word(g, l.stackguard0); guard < ^uintptr(0)-4096 && (guard <= lo || guard-lo >= 2048) {
		return mismatch("g.stackguard0", "an address at the end of the stack", fmt.Sprintf("%#x in %#x-%#x", guard, lo, hi))
	}
	if s := half(g, l.status); s&^statusScan != statusRunning {
		return mismatch("g.atomicstatus", statusRunning, s)
	}

	// The goroutine is locked to its thread: lockedm and m are the same.
	m := word(g, l.m)
	if m == 0 || word(g, l.lockedm) != m {
		return mismatch("g.lockedm", "g.m of a locked goroutine", fmt.Sprintf("%#x and %#x", word(g, l.lockedm), m))
	}
	if tid := word(m, l.mProcid); int(tid) != unix.Gettid() {
		return mismatch("m.procid", unix.Gettid(), tid)
	}
	if curg := word(m, l.mCurg); curg != g {
		return mismatch("m.curg", hex(g), hex(curg))
	}
	g0 := word(m, l.mG0)
	if g0 == 0 || g0 == g || word(g0, l.m) != m || l.outOfStack(g0) {
		return mismatch("m.g0", "a g with the same m, and another stack", hex(g0))
	}
	return l.checkCounters(m)
}

func hex(n uintptr) string { return fmt.Sprintf("%#x", n) }

// checkCounters checks the two counters that the switch changes, by changes
// that Go itself makes, and the P that one of them is in.
func (l table) checkCounters(m uintptr) error {
	before := half(m, l.mLocks)
	procPin()
	during := half(m, l.mLocks)
	procUnpin()
	if after := half(m, l.mLocks); during != before+1 || after != before {
		return mismatch("m.locks", "one more while pinned", []uint32{before, during, after})
	}
	// Each turn that Go's scheduler gives adds to the count of the P. The
	// goroutine may come back on another P each time: compare each with itself.
	// It is not pinned here, though it may lose the P between two lines: in a
	// pinned goroutine a fault would not be a panic, but the end.
	seen := make(map[uintptr]uint32)
	for moved := 0; moved < enoughTurns; moved++ {
		p := word(m, l.mP)
		if p == 0 {
			return mismatch("m.p", "a P", "none")
		}
		now := half(p, l.pSchedtick)
		if before, ok := seen[p]; !ok {
			moved--
		} else if now == before {
			return mismatch("p.schedtick", "a count of turns", now)
		}
		seen[p] = now
		if len(seen) > maxProcessors {
			return mismatch("m.p", "one of the Ps", fmt.Sprintf("%d of them", len(seen)))
		}
		runtime.Gosched()
	}
	return nil
}

const (
	// enoughTurns is for how many turns a count must keep up with them. On a machine that is
	// busy turns take long.
	enoughTurns = 3
	// patience is how often the check looks whether a goroutine has parked, which makes some
	// seconds: the machine may be busy.
	patience = 100_000
	// maxWaitReason is more than the waitReasons that there are (runtime2.go).
	maxWaitReason = 100
	// maxProcessors is more Ps than any machine has.
	maxProcessors = 1 << 14
)

// outOfStack reports whether g's saved stack pointer is not in g's stack.
func (l table) outOfStack(g uintptr) bool {
	sp := word(g, l.schedSP)
	return sp <= word(g, l.stackLo) || sp >= word(g, l.stackHi)
}

// checkParked checks the fields that only mean something in a parked goroutine:
// in one that is not locked to a thread, what a lock had set is clear; and the
// thread of one that is locked runs nothing.
func (l table) checkParked() error {
	for _, lock := range []bool{false, true} {
		p := parkedProbe{ready: make(chan struct{}), release: make(chan struct{})}
		go p.run(l, lock)
		<-p.ready
		err := l.checkParkedProbe(&p, lock)
		close(p.release)
		if err != nil {
			return err
		}
	}
	return nil
}

// A parkedProbe is a goroutine that is parked for the check.
type parkedProbe struct {
	g uintptr
	// depth is how far from the high end of its stack, by the table, it is
	// parked, a few frames more or less.
	depth          uintptr
	goid           uint64
	goidErr        error
	ready, release chan struct{}
}

func (p *parkedProbe) run(l table, lock bool) {
	if lock {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	p.g = uintptr(getg())
	p.goid, p.goidErr = goid()
	p.fillStack(l)
}

// fillStack parks with the stack half full, and far from both ends of it. The
// collector leaves it where it is then: it makes stacks smaller of which less than
// a quarter is in use (shrinkstack in runtime/stack.go), and moves only what is in
// use, without the return address that the check looks for.
//
//go:noinline
func (p *parkedProbe) fillStack(l table) byte {
	var frame [32 << 10]byte
	frame[len(os.Args)] = 1
	p.park(l)
	return frame[len(os.Args)]
}

//go:noinline
func (p *parkedProbe) park(l table) {
	var local byte
	p.depth = word(p.g, l.stackHi) - uintptr(unsafe.Pointer(&local))
	close(p.ready)
	<-p.release
}

func (l table) checkParkedProbe(p *parkedProbe, lock bool) error {
	g := p.g
	for i := 0; half(g, l.status) != statusWaiting; i++ {
		if i == patience {
			return mismatch("g.atomicstatus", statusWaiting, half(g, l.status))
		}
		time.Sleep(10 * time.Microsecond)
	}
	if p.goidErr != nil {
		return p.goidErr
	}
	if got := word(g, l.goid); uint64(got) != p.goid {
		return mismatch("g.goid", p.goid, got)
	}
	if m := word(g, l.m); m != 0 {
		return mismatch("g.m", "nil while parked", hex(m))
	}
	if inBubble := word(uintptr(getg()), l.bubble) != 0; inBubble != (word(g, l.bubble) != 0) {
		return mismatch("g.bubble", "the starter's", hex(word(g, l.bubble)))
	}
	// It waits for a channel.
	if r := octet(g, l.waitreason); r == waitReasonZero || r > maxWaitReason {
		return mismatch("g.waitreason", "a reason to wait", r)
	}
	lo, hi := word(g, l.stackLo), word(g, l.stackHi)
	sp := word(g, l.schedSP)
	if at := hi - p.depth; l.outOfStack(g) || sp >= at || at-sp > 4096 {
		return mismatch("g.sched.sp", fmt.Sprintf("below %#x in %#x-%#x", at, lo, hi), hex(sp))
	}
	pc := word(g, l.schedPC)
	if fn := runtime.FuncForPC(pc); fn == nil || fn.Name() != "runtime.gopark" {
		return mismatch("g.sched.pc", "runtime.gopark", fn)
	}
	// Where a call pushes it, the return address is below the stack pointer.
	if runtime.GOARCH == "amd64" && word(sp-8, 0) != pc {
		return mismatch("g.sched.sp", "where the return address was", hex(sp))
	}
	m := word(g, l.lockedm)
	if lock != (m != 0) {
		return mismatch("g.lockedm", fmt.Sprintf("locked: %v", lock), hex(m))
	}
	if lock && word(m, l.mCurg) != 0 {
		return mismatch("m.curg", "nil while parked", hex(word(m, l.mCurg)))
	}
	return nil
}

// goid returns the calling goroutine's number as its stack trace prints it.
func goid() (uint64, error) {
	var buf [64]byte
	fields := strings.Fields(string(buf[:runtime.Stack(buf[:], false)]))
	if len(fields) < 2 {
		return 0, fmt.Errorf("no goroutine number in the stack header %q", buf)
	}
	return strconv.ParseUint(fields[1], 10, 64)
}

// checkSwitch switches between two goroutines, both ways, and lets both go.
func checkSwitch() error {
	const rounds = 4
	var a, b Fiber
	var lock Lock
	var turns atomic.Int32
	done := make(chan struct{}, 2)
	parked := make(chan struct{})
	go func() {
		b.Bind(true)
		Pin()
		close(parked)
		b.Park(nil)
		for range rounds {
			turns.Add(1)
			lock.Lock()
			b.Switch(&a, &lock)
		}
		done <- struct{}{}
	}()
	<-parked
	go func() {
		a.Bind(true)
		for range rounds {
			lock.Lock()
			a.Switch(&b, &lock)
		}
		b.Ready()
		done <- struct{}{}
	}()
	<-done
	<-done
	if n := turns.Load(); n != rounds {
		return fmt.Errorf("arch: switching between two goroutines %d times took %d turns", rounds, n)
	}
	return nil
}

// The trial of a forced preemption takes microseconds where it works at all. But
// the machine may be busy, or stand still: it is given up only after that time
// and that many requests, which follow each other after forcedAgain.
const (
	forcedTimeout  = 2 * time.Second
	forcedRequests = 50
	forcedAgain    = 500 * time.Microsecond
)

// debugSetting returns what GODEBUG has for a name, of which the last counts.
func debugSetting(name string) (value int) {
	for setting := range strings.SplitSeq(os.Getenv("GODEBUG"), ",") {
		if v, ok := strings.CutPrefix(setting, name+"="); ok {
			if n, err := strconv.Atoi(v); err == nil {
				value = n
			}
		}
	}
	return value
}

// probeForced stops a goroutine by force, and lets it go on.
func probeForced() error {
	// gccheckmark sets asyncpreemptoff (parsedebugvars in runtime/runtime1.go).
	for _, name := range []string{"asyncpreemptoff", "gccheckmark"} {
		if n := debugSetting(name); n != 0 {
			return fmt.Errorf("arch: no forced preemption: GODEBUG has %s=%d", name, n)
		}
	}
	if err := unix.Tgkill(pid, unix.Gettid(), 0); err != nil {
		return fmt.Errorf("arch: no forced preemption: sending a signal to a thread was refused: %w", err)
	}
	var f Fiber
	var lock Lock // nobody switches
	var stop atomic.Bool
	started := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		f.Bind(true)
		close(started)
		for !stop.Load() {
			// Under the race detector, a Load is a call into C, which can't be
			// stopped.
			for range 1000 {
			}
		}
		close(ended)
	}()
	<-started
	defer func() {
		stop.Store(true)
		<-ended
	}()
	start, asked := time.Now(), time.Time{}
	for requests := 0; requests < forcedRequests || time.Since(start) < forcedTimeout; {
		if f.ClaimPreempted() {
			f.Ready()
			return nil
		}
		// A signal that hits the goroutine where it can't be stopped does
		// nothing: ask again.
		if time.Since(asked) > forcedAgain {
			asked = time.Now()
			requests++
			lock.Lock()
			tid := f.RequestPreempt()
			lock.Unlock()
			if tid != 0 {
				Signal(tid)
			}
		}
		runtime.Gosched()
	}
	// Nobody will look after the request: take it back, or what it has stopped
	// would stand for ever.
	stop.Store(true)
	for {
		select {
		case <-ended:
			return fmt.Errorf("arch: no forced preemption: a goroutine did not stop within %v of the request", forcedTimeout)
		default:
			if f.ClaimPreempted() {
				f.Ready()
			}
			runtime.Gosched()
		}
	}
}
