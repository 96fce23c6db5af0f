package steps

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A tracer follows all OS threads of a child. One OS thread, which started the
// child, calls its methods.
type tracer struct {
	pid   int
	tasks map[int]bool // the OS threads of the child that run, or are about to
	moved uint64       // how far from here the child was loaded
	// code has the kind of the instruction at each address that was seen.
	code     map[uint64]kind
	profiles []Profile

	watchdog *time.Timer // ends a child that makes no step
	stalled  atomic.Bool // it has
}

// ended is the error of a child that has ended between two marks.
type ended unix.WaitStatus

func (e ended) Error() string { return "the counted process " + describe(unix.WaitStatus(e)) }

// errTwoThreads is the error of marks that don't belong together.
var errTwoThreads = fmt.Errorf("%w: the marks are on two OS threads", errDisturbed)

// run follows the child to its end and returns how it ended.
func (t *tracer) run() (status unix.WaitStatus, err error) {
	if _, status, _, err := t.next(); err != nil || !status.Stopped() {
		return status, err // before the first instruction
	}
	t.watchdog.Stop() // outside the marks the child may take its time
	if err := unix.PtraceSetOptions(t.pid, unix.PTRACE_O_TRACECLONE|unix.PTRACE_O_EXITKILL); err != nil {
		return 0, fmt.Errorf("%w: ptrace: %w", ErrUnavailable, err)
	}
	if t.moved, err = moved(t.pid); err != nil {
		return 0, err
	}
	err = resume(t.pid, 0)
	for err == nil {
		var task int
		var known bool
		task, status, known, err = t.next()
		switch {
		case err != nil:
		case status.Stopped():
			err = t.stopped(task, status, known)
		case task == t.pid:
			return status, nil
		}
	}
	var e ended
	if errors.As(err, &e) {
		return unix.WaitStatus(e), nil
	}
	return 0, err
}

// next waits until an OS thread of the child has stopped or ended. It is known if it
// was seen before.
func (t *tracer) next() (task int, status unix.WaitStatus, known bool, err error) {
	task, status, err = wait(-t.pid)
	if err != nil {
		return task, status, false, err
	}
	known = t.tasks[task]
	if status.Stopped() {
		t.tasks[task] = true
	} else {
		delete(t.tasks, task)
	}
	return task, status, known, nil
}

// stopped lets an OS thread that has stopped go on, after what it stopped for.
func (t *tracer) stopped(task int, status unix.WaitStatus, known bool) error {
	signal := status.StopSignal()
	switch {
	case !known: // new, and stopped for that
		return resume(task, 0)
	case signal == unix.SIGTRAP: // it has started another
		return resume(task, 0)
	case signal == beginMark:
		return t.between(task)
	case signal == endMark:
		return errTwoThreads
	}
	return resume(task, signal)
}

// between counts what task executes until its end mark, while all others are
// stopped.
func (t *tracer) between(task int) error {
	t.watchdog.Reset(stalled)
	defer t.watchdog.Stop()
	if err := t.freeze(task); err != nil {
		return err
	}
	together, apart, err := t.share(task)
	if err != nil {
		return err
	}
	together()
	counts, err := t.step(task)
	if err != nil {
		return err
	}
	apart()
	t.profiles = append(t.profiles, t.profile(counts))
	for other := range t.tasks {
		if err := resume(other, 0); err != nil {
			return err
		}
	}
	return nil
}

// freeze stops all OS threads but task. Those that have just been started, and were
// not seen yet, are stopped anyway.
func (t *tracer) freeze(task int) error {
	running := 0
	for other := range t.tasks {
		if other == task {
			continue
		}
		if err := unix.Tgkill(t.pid, other, unix.SIGSTOP); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("stopping an OS thread of the counted process: %w", err)
		}
		running++
	}
	for running > 0 {
		other, status, known, err := t.next()
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		switch signal := status.StopSignal(); {
		case !status.Stopped() || signal == unix.SIGSTOP:
			running--
		case signal == beginMark || signal == endMark:
			return errTwoThreads
		case signal == unix.SIGTRAP:
			err = resume(other, 0)
		default:
			err = resume(other, signal)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	// patience is how many steps the watchdog sees as one.
	patience = 1024
	// tooMany are more steps than are counted between two marks. One that has made so many
	// spins for a lock whose holder is stopped.
	tooMany = 1 << 17
)

// step runs task an instruction at a time until its end mark, and counts.
func (t *tracer) step(task int) (*counts, error) {
	c := &counts{sites: map[uint64]int{}}
	var regs unix.PtraceRegs
	for n := 0; ; n++ {
		if n%patience == 0 {
			t.watchdog.Reset(stalled)
		}
		if n == tooMany {
			return nil, fmt.Errorf("%w: an OS thread has made %d steps: it waits for another", errDisturbed, n)
		}
		if err := unix.PtraceGetRegs(task, &regs); err != nil {
			return nil, lost(err)
		}
		k, err := t.kindAt(task, regs.Rip)
		if err != nil {
			return nil, err
		}
		if err := unix.PtraceSingleStep(task); err != nil {
			return nil, lost(err)
		}
		status, err := t.waitFor(task)
		if err != nil {
			return nil, err
		}
		switch signal := status.StopSignal(); {
		case signal == endMark:
			return c, nil
		case signal == unix.SIGURG: // a preemption that was asked for before
		case signal != unix.SIGTRAP:
			return nil, fmt.Errorf("%w: by the signal %v", errDisturbed, signal)
		case status.TrapCause() > 0: // in the midst of the system call that starts an OS thread
		default:
			c.add(regs.Rip, k)
		}
	}
}

// waitFor waits until task stops. OS threads that it has started meanwhile stay
// stopped. The error is an ended if the process has ended.
func (t *tracer) waitFor(task int) (unix.WaitStatus, error) {
	for {
		other, status, _, err := t.next()
		switch {
		case err != nil:
			return 0, err
		case other == t.pid && !status.Stopped():
			return 0, ended(status)
		case other == task && status.Stopped():
			return status, nil
		}
	}
}

// kindAt returns the kind of the instruction at pc.
func (t *tracer) kindAt(task int, pc uint64) (kind, error) {
	k, ok := t.code[pc]
	if ok {
		return k, nil
	}
	var code [longest]byte
	if _, err := unix.PtracePeekText(task, uintptr(pc), code[:]); err != nil {
		return k, lost(err)
	}
	k = decode(code[:])
	k.atomic = isAtomic(uintptr(pc - t.moved))
	t.code[pc] = k
	return k, nil
}

// resume lets a stopped task go on, and delivers a signal to it unless that is 0.
// One that was killed meanwhile will be waited for.
func resume(task int, signal unix.Signal) error {
	if err := unix.PtraceCont(task, int(signal)); err != nil && !errors.Is(err, unix.ESRCH) {
		return lost(err)
	}
	return nil
}

// lost is the error of a child that can't be followed any more.
func lost(err error) error {
	if errors.Is(err, unix.ESRCH) { // killed
		return fmt.Errorf("%w: ptrace: %w", errDisturbed, err)
	}
	return fmt.Errorf("following the counted process: ptrace: %w", err)
}

// wait waits until an OS thread of those that id names has stopped or ended.
func wait(id int) (task int, status unix.WaitStatus, err error) {
	for {
		task, err = unix.Wait4(id, &status, unix.WALL, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			err = fmt.Errorf("waiting for the counted process: %w", err)
		}
		return task, status, err
	}
}

// reap waits for a child that was killed, so that nothing of it is left.
func (t *tracer) reap() {
	for {
		if _, _, err := wait(-t.pid); err != nil {
			return
		}
	}
}
