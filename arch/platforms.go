// # Other platforms
//
// What a Native engine for darwin/arm64 and windows/amd64 would need, read from Go 1.26.8
// and 1.27.4. Files without a directory are of Go's package runtime. Tried was, with the build
// tags widened: both build, vet and link with either release, without the stack slots and with
// the four calls left out that only Linux has. Nothing has run there.
//
// What holds unchanged on both:
//   - The contract above with the collector, with its statuses, and with those who watch: none
//     of that depends on the operating system (proc.go, preempt.go, mgcmark.go, trace.go).
//   - The functions of linkname.go, and writeBarrier, which the assembly reads.
//   - Steps 1, 2, 4 and 5 of switchg, all of markPreempt and cas. The arm64 assembly leaves R18
//     alone, which belongs to the platform, and R27, which belongs to Go's assembler. No code
//     is made or changed while the program runs, so it doesn't matter who forbids that.
//   - Status, ClaimPreempted, WithdrawPreempt and ForgetPreempt: they only use a g.
//   - The self-check, but for two of its expectations of live goroutines. m.procid is not what gettid returns:
//     see below. And on Windows g.stackguard0 is 5,024 bytes above the end of a stack, where
//     checkRunning expects less than 2,048: stackGuard has room for the system there
//     (stackSystem in stack.go).
//
// The tables: on darwin, for amd64 and arm64, all offsets are those of Linux. On Windows four
// are 48 bytes less, since an m has no fields for signals there: m.curg, m.p, m.locks and
// m.trace.buf. So windows needs a table of its own, and rtlayout to read PE beside ELF.
//
// # darwin/arm64
//
// The switch, step 3. On Linux without cgo, g is kept in R28 only. On darwin it is in
// thread-local storage, too, with cgo and without: load_g in tls_arm64.s leaves it out on other
// systems alone, and sigtramp in sys_darwin_arm64.s takes g from there. A signal that found
// the goroutine that was switched away from, whose m is nil, would end the process. So step 3
// has to store B there as well, before step 4 makes A.m nil. runtime·save_g does
// that, and Go 1.27's linker refuses a reference to it. Its four instructions can be written
// out: they need TPIDRRO_EL0, with the lowest three bits cleared, and runtime·tls_g, to which
// both releases let assembly refer.
//
// Forced preemption. The signal is SIGURG, as on Linux (sigPreempt in signal_unix.go), and its
// handler is the same code. But:
//   - tgkill becomes pthread_kill: m.procid is the thread's pthread_self (minit and signalM in
//     os_darwin.go). It is reached as golang.org/x/sys/unix reaches libSystem, by
//     cgo_import_dynamic, and called by syscall.rawSyscall, which is open for linkname: this
//     links with both releases. A pthread_t may not be used after its thread's end, where Linux
//     says ESRCH. So the signal has to be sent while markPreempt holds the status, which keeps
//     g.m from going away, and not after it, as Signal is.
//   - Go counts its preemption signals there: preemptM adds to pendingPreemptSignals,
//     doSigPreempt takes one away for each SIGURG that it handles, whoever has sent it, and
//     syscall.Exec waits until none is left (go.dev/issue/41702). Signals of ours would make the
//     count negative, and take that protection away from the program. No linker gives
//     the count out. Go would have to open it, or preemptM.
//
// The second point is why there is no such engine: the switch can be had, and forced
// preemption can't be had without harm to Go.
//
// The Monitor. LockOSThread gives it an OS thread, as on Linux. What it asks the system for
// differs:
//   - futex becomes kevent with a user event, which ends with EINTR when a signal comes
//     (netpoll_kqueue.go): so a stop of the world gets the Monitor off its P. It has to be
//     called by syscall.RawSyscall6, which tells Go's scheduler nothing (asm_darwin_arm64.s of
//     package syscall), or the P would be lost. What Go itself waits by does not end with a
//     signal (pthread_cond_timedwait_relative_np, in semasleep in os_darwin.go): a stop of the
//     world would wait for the Monitor, up to 5 ms.
//   - sched_setattr has no counterpart: no thread can be given a time slice of its own. A
//     thread has a class of service, and that of the Monitor can be raised. How late it wakes
//     then, beside workers that compute, can only be measured there.
//   - ThreadTime reads the clock of another thread, which Linux has. It may say that this
//     is not known: a thread without a core is then asked to stop where its worker would
//     have been borrowed.
//
// # windows/amd64
//
// The switch, step 3, holds as it is. A thread's g is in a slot of the thread's environment
// block, at GS plus runtime·tls_g (wintls in sys_windows_amd64.s), and the assembler makes
// of MOVQ TLS, as getg and switchg have it, just that (obj6.go in cmd/internal/obj/x86). Nobody
// interrupts a thread by a signal: others suspend it, and look for its g by the stack that its
// stack pointer is in (gFromSP in os_windows.go). Between steps 3 and 5 that is A's, and m.curg
// is B. So they find no g, and let the thread go on.
//
// Forced preemption. There is nothing to send. preemptM in os_windows.go suspends the thread,
// reads its registers, asks isAsyncSafePoint, and pushes a call of asyncPreempt. To do
// the same from outside takes two things that Go gives nobody: isAsyncSafePoint, which reads
// the tables of unsafe points, and m.preemptExtLock, without which a thread that is suspended
// on its way into ExitProcess hangs the process. What is left is to set g.preempt and
// g.preemptStop, as markPreempt does, and to leave the thread to Go: sysmon calls preemptM for
// a P whose schedtick has stood still for 10 ms (retake in proc.go). A thread without
// safepoints would be stopped after that time, not after Config.Grace. Here, too, Go would
// have to open preemptM.
//
// The Monitor:
//   - futex becomes an event and a high-resolution timer, which Go's usleep and network poller
//     use (createHighResTimer in os_windows.go): its semasleep waits for whole milliseconds.
//   - The P can't be kept: each call of Windows goes through cgocall, and so through
//     entersyscall. The Monitor has to get a P back whenever it wakes, from Go's idle ones, of
//     which there are some as long as GOMAXPROCS is raised.
//   - sched_setattr has no counterpart, either; SetThreadPriority is what Go gives to its
//     profiler (profileLoop in os_windows.go), and would be for the Monitor.
//
// So Windows would have the direct switch, and preemption would hardly be better than the
// Portable engine's.
package arch
