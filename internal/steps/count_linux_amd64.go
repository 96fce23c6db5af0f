package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

var (
	// attempts is how many children Count starts before it gives up: in each the
	// marks may have landed on two OS threads, or an OS thread that was stopped may
	// have held a lock of Go's runtime. Tests set it.
	attempts = 5
	// stalled is how long an OS thread may take for some steps before it counts as
	// waiting for one that is stopped. Tests set it.
	stalled = 5 * time.Second
)

// Count starts the executable of this process again, with the given arguments and
// with env added to its environment, and returns a Profile for each pair of marks
// that it makes, once it has ended. The child runs without garbage collections.
//
// The error wraps ErrUnavailable where the system refuses it. Other errors say
// that the child failed, with what it wrote to its standard error, or that it could
// not be counted in several attempts. When ctx ends, the child is killed and Count
// returns its cause.
func Count(ctx context.Context, args, env []string) ([]Profile, error) {
	if raceEnabled {
		return nil, fmt.Errorf("%w with the race detector: atomic operations are calls of it", ErrUnavailable)
	}
	var err error
	for range attempts {
		var profiles []Profile
		profiles, err = onOwnThread(func() ([]Profile, error) { return count(ctx, args, env) })
		if context.Cause(ctx) != nil {
			return nil, context.Cause(ctx)
		}
		if !errors.Is(err, errDisturbed) {
			return profiles, err
		}
	}
	return nil, fmt.Errorf("counting instructions, %d attempts: %w", attempts, err)
}

// errDisturbed is wrapped by errors that another attempt may not have.
var errDisturbed = errors.New("disturbed")

// onOwnThread calls fn on an OS thread that ends with it: only the one that started
// a child may trace it, and nothing of it is to be left to others.
func onOwnThread(fn func() ([]Profile, error)) (profiles []Profile, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and not unlocked
		profiles, err = fn()
	}()
	<-done
	return profiles, err
}

// count is one attempt.
func count(ctx context.Context, args, env []string) ([]Profile, error) {
	pid, output, err := start(args, env)
	if err != nil {
		return nil, err
	}
	t := &tracer{pid: pid, tasks: map[int]bool{pid: true}, code: map[uint64]kind{}}
	// Nobody has reaped the child while the tracer runs, so pid is not another's.
	kill := func() { unix.Kill(pid, unix.SIGKILL) }
	t.watchdog = time.AfterFunc(stalled, func() {
		t.stalled.Store(true)
		kill()
	})
	stop := context.AfterFunc(ctx, kill)
	status, err := t.run()
	stop()
	t.watchdog.Stop()
	if err != nil {
		kill()
		t.reap()
	}
	text := <-output
	switch {
	case t.stalled.Load():
		return nil, fmt.Errorf("%w: an OS thread made no step for %v: it waits for another", errDisturbed, stalled)
	case err != nil:
		return nil, err
	case !status.Exited() || status.ExitStatus() != 0:
		return nil, fmt.Errorf("the counted process %s: %s", describe(status), text)
	}
	return t.profiles, nil
}

// describe says how a process ended.
func describe(s unix.WaitStatus) string {
	if s.Signaled() {
		return fmt.Sprintf("was ended by %v", s.Signal())
	}
	return fmt.Sprintf("exited with %d", s.ExitStatus())
}

// start starts the child, which stops before its first instruction. What it writes
// to its standard error comes from output when it has ended.
func start(args, env []string) (pid int, output <-chan string, err error) {
	executable, err := os.Executable()
	if err != nil {
		return 0, nil, fmt.Errorf("starting the counted process: %w", err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, nil, fmt.Errorf("starting the counted process: %w", err)
	}
	defer null.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return 0, nil, fmt.Errorf("starting the counted process: %w", err)
	}
	pid, err = syscall.ForkExec(executable, append([]string{executable}, args...), &syscall.ProcAttr{
		Env:   append(os.Environ(), append([]string{"GOGC=off", "GOMEMLIMIT=off"}, env...)...),
		Files: []uintptr{null.Fd(), null.Fd(), w.Fd()},
		// Its OS threads are a process group, so that one can wait for them alone.
		Sys: &syscall.SysProcAttr{Ptrace: true, Setpgid: true},
	})
	w.Close()
	if err != nil {
		r.Close()
		if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOSYS) {
			err = fmt.Errorf("%w: ptrace: %w", ErrUnavailable, err)
		}
		return 0, nil, fmt.Errorf("starting the counted process: %w", err)
	}
	text := make(chan string, 1)
	go func() {
		defer r.Close()
		data, _ := io.ReadAll(r)
		text <- strings.TrimSpace(string(data))
	}()
	return pid, text, nil
}
