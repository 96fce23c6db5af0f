package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// limits are all cases.
var limits = []limit{
	{name: "nothing", want: []string{"engine=Native", "forced=true"}},
	{name: "tgkill", restrict: refuse(unix.EPERM, unix.SYS_TGKILL),
		want: []string{"engine=Native", "forced=false", "sending a signal to a thread was refused: operation not permitted"}},
	{name: "tgkill-enosys", restrict: refuse(unix.ENOSYS, unix.SYS_TGKILL),
		want: []string{"engine=Native", "forced=false", "sending a signal to a thread was refused: function not implemented"}},
	{name: "sched_setattr", restrict: refuse(unix.EPERM, unix.SYS_SCHED_SETATTR),
		want: []string{"forced=true", "sched_setattr: operation not permitted"}},
	{name: "sched_getattr", restrict: refuse(unix.ENOSYS, unix.SYS_SCHED_GETATTR),
		want: []string{"forced=true", "sched_getattr: function not implemented"}},
	{name: "prctl", restrict: refuse(unix.EPERM, unix.SYS_PRCTL),
		want: []string{"forced=true", "prctl(PR_SET_TIMERSLACK): operation not permitted"}},
	// Only a hint is lost.
	{name: "getcpu", restrict: refuse(unix.ENOSYS, unix.SYS_GETCPU), want: []string{"forced=true"}},
	{name: "syscalls", restrict: refuse(unix.ENOSYS, unix.SYS_TGKILL, unix.SYS_SCHED_SETATTR, unix.SYS_SCHED_GETATTR, unix.SYS_PRCTL, unix.SYS_GETCPU),
		want: []string{"engine=Native", "forced=false", "prctl"}},
	// Go takes no notice of it.
	{name: "sigurg", restrict: blockSIGURG, want: []string{"engine=Native", "forced=true"}},
	{name: "noproc", start: unshareMounts, restrict: hideProc,
		want: []string{"forced=true", "/proc/self/task: no such file or directory"}},
	{name: "memory", env: []string{"GOMEMLIMIT=16MiB", "GOGC=off"}, want: []string{"forced=true"}},
	{name: "oneprocessor", env: []string{"GOMAXPROCS=1"}, want: []string{"forced=true", "workers=1 of 1"}},
	{name: "onecore", restrict: oneCore, want: []string{"forced=true", "workers=1 of 1"}},
	{name: "quota", start: quota(10), restrict: joinGroup, want: []string{"engine=Native", "forced=true"}},
	{name: "quotachange", start: quotaOfTwo, restrict: joinGroup, work: followQuota, want: []string{"GOMAXPROCS follows"}},
	{name: "osthreads", start: ofNobody, restrict: fewThreads, want: []string{"forced=true"}},
}

// restart restricts the process and starts the program anew in it.
func restart(restrict func() error) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	goruntime.LockOSThread()
	if restrict != nil {
		if err := restrict(); err != nil {
			return err
		}
	}
	return os.NewSyscallError("exec", syscall.Exec(self, os.Args, append(os.Environ(), readyEnv+"=1")))
}

// hangUp makes a process print its stacks, and end.
func hangUp(p *os.Process) error { return p.Signal(unix.SIGQUIT) }

// refuse makes system calls fail.
func refuse(errno unix.Errno, calls ...uint32) func() error {
	return func() error {
		// What the filter looks at begins with the number of the call.
		filter := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}}
		for _, call := range calls {
			filter = append(filter,
				unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jf: 1},
				unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)})
		}
		filter = append(filter, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
		program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return os.NewSyscallError("prctl(PR_SET_NO_NEW_PRIVS)", err)
		}
		if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program))); errno != 0 {
			return os.NewSyscallError("seccomp", errno)
		}
		return nil
	}
}

// blockSIGURG leaves the signal blocked, as a careless parent may.
func blockSIGURG() error {
	var set unix.Sigset_t
	set.Val[0] = 1 << (unix.SIGURG - 1)
	return os.NewSyscallError("rt_sigprocmask", unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil))
}

// unshareMounts gives the process mounts of its own.
func unshareMounts(cmd *exec.Cmd) (func() error, error) {
	if os.Getuid() != 0 {
		return nil, errors.New("it needs root")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
	return func() error { return nil }, nil
}

// hideProc puts an empty folder over /proc.
func hideProc() error {
	return os.NewSyscallError("mount", unix.Mount("none", "/proc", "tmpfs", 0, ""))
}

// oneCore leaves the process one core.
func oneCore() error {
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return os.NewSyscallError("sched_getaffinity", err)
	}
	for cpu := 0; one.Count() == 0; cpu++ {
		if all.IsSet(cpu) {
			one.Set(cpu)
		}
	}
	return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(0, &one))
}

// ofNobody starts the process as a user that has no other: for root there is no
// limit.
func ofNobody(cmd *exec.Cmd) (func() error, error) {
	if os.Getuid() != 0 {
		return nil, errors.New("it needs root")
	}
	dir, err := os.MkdirTemp("", "limits")
	if err != nil {
		return nil, err
	}
	undo := func() error { return os.RemoveAll(dir) }
	program, err := os.ReadFile(cmd.Path)
	if err == nil {
		// Others may not look into the folder that go run builds in.
		cmd.Path = filepath.Join(dir, "limits")
		err = errors.Join(os.Chmod(dir, 0o755), os.WriteFile(cmd.Path, program, 0o755))
	}
	if err != nil {
		return nil, errors.Join(err, undo())
	}
	user := uint32(1_000_000 + os.Getpid())
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	return undo, nil
}

// fewThreads bounds the OS threads of the process.
func fewThreads() error {
	n := uint64(osThreads)
	return os.NewSyscallError("setrlimit", unix.Setrlimit(unix.RLIMIT_NPROC, &unix.Rlimit{Cur: n, Max: n}))
}

// osThreads are enough on two cores: the workers, three more Ps, the timer thread, and what
// Go has for itself.
const osThreads = 24
