// Package arch is the contact with Go's runtime: all assembly, all linknames, all
// offsets into the runtime's structures, and nearly all unsafe code of the module.
// It knows nothing of threads, queues or priorities.
//
// A [Fiber] is a goroutine that can be parked and resumed. Two engines do it. The
// Portable one uses a channel, and works wherever Go does. The Native one switches
// from one goroutine straight to another on the same OS thread, and stops goroutines
// by the signal that Go itself preempts them with.
//
// # The contract of the Native engine
//
// With the collector: a goroutine's stack is found through its g, and scanned, moved
// or shrunk at any time at which the goroutine is parked. So a goroutine that
// is switched away from is in every respect one that Go has parked: its registers are
// in g.sched, its status is Gwaiting, its m is nil; and nothing on its stack is touched
// after its status says so.
//
// With the collector, about statuses: it holds a status by the bit Gscan while it works on
// the stack. So a status is changed by compare-and-swap, with one exception. While
// runtime.writeBarrier is 0, a switch that holds a [Lock] changes both statuses by plain
// stores. Nobody else changes them then:
//   - The collector sets Gscan to mark a stack. Marking begins and ends with the world
//     stopped, writeBarrier is not 0 in between, and the world is not stopped while the
//     caller is pinned.
//   - An execution trace suspends goroutines that it has not seen (traceAdvance in
//     runtime/trace.go): a second after it began, or at its end. trace.IsEnabled is true
//     well before and until after that, and no direct switch is made then.
//   - RequestPreempt and ClaimPreempted are our own. Who calls them for a goroutine holds
//     the lock with which it would switch. One that others may own, with another lock,
//     before it is off its stack says so first ([Fiber.BeginLeave]), and is not marked.
//
// With the one who resumes: a goroutine that parks, or switches away, still runs on its
// stack for a moment after others can know of it. It leaves its Lock to [Fiber.Park] or
// [Fiber.Switch], and the last step, on another stack, is to publish that it is parked and
// to release the lock. So who has locked it finds no goroutine of that lock in the middle
// of a switch. Who resumes a goroutine without the lock waits until it is off its stack;
// hence nobody may wait for a lock, on the way there, that such a waiter could hold. Two
// that leave may each be the one that the other resumes: so a switch waits for a moment
// only, and then leaves the rest to Go's scheduler.
//
// With Go's scheduler: the m, the P and the g of an OS thread agree whenever a signal
// may come. Code that must not be interrupted is pinned ([Pin]), which keeps Go from
// preempting it, and from stopping the world in between. A parked goroutine that is
// resumed through Go's scheduler is resumed by goready, as if it had waited for a
// channel.
//
// With registers: a switch is a call, after which the compiler expects none to be
// kept but SP, g and the frame pointer. Those are saved and restored; the closure
// context of a goroutine that was stopped by a signal is restored as gogo does it. The
// goroutine that is resumed goes on by RET, not by a jump: each CALL has its RET then, by
// which the processor predicts all returns up the stack.
//
// With the maker of goroutines: the words above the outermost frame are nobody's. [Locals]
// has a goroutine's own value there, where the collector doesn't see it, and a stack is moved
// with it; see settle_native.go.
//
// With those who guard secrets: a goroutine with data-independent timing, or in secret.Do, is
// resumed, and switched away from, through Go's scheduler, which does what that takes.
//
// With those who watch: no switch is made directly that a goroutine profile or an
// execution trace would miss; see observed_native.go.
//
// # Stack slots
//
// A goroutine that [Slots.Launch] starts runs on a slot: a piece of a reserved region, which
// is its g.stack as long as its function runs. That is not the collector's memory. So:
//   - Whoever walks the stack ends at the slot's outermost function, as at the goexit of any
//     goroutine: frames, panics, traces and profiles have nothing of the goroutine's own stack.
//     What the frames there hold is not scanned meanwhile; Launch alone has such frames.
//   - A pointer into a slot is none of the heap's, and is treated as one into a stack where
//     g.stack says so.
//   - The collector must not move the stack to a smaller one: GODEBUG=gcshrinkstackoff=1.
//     Nor may the goroutine, to a larger one: Go's limit for stacks is lowered, so that an
//     overflow ends the process with Go's report. If either were to happen nevertheless, the
//     stack's size, which is no power of two, would end the process before memory that Go
//     doesn't own is copied over or freed.
//   - The goroutine ends on its own stack. runtime.Goexit has none to return to: its last
//     deferred function goes there.
//   - The race detector doesn't watch addresses outside Go's heap. What a goroutine has on
//     its stack is its own; what it shares is in the heap.
//
// # When Go changes
//
// The offsets are constants of one table for each Go release, made by the generator
// in arch/gen from the DWARF of programs built with that release. [Native] holds the table that
// the program was built with against the descriptions that the program has of its own types,
// field by field, and against live goroutines, by reading only, before anything is written
// through it; then it makes a few switches. A release
// without a table, a table that doesn't fit, and a platform without the engine are
// all the same to callers: Native returns the reason, and every Fiber is portable.
// platforms.go says what the engine would need on others.
package arch
