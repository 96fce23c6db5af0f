// Package gvtest tests code that uses gvthreads.
//
// [Run] gives a test a runtime of its own, and sees to it that it does not hang and that no
// thread is left. [Explore] tries many schedules of the same code: it finds lost updates,
// deadlocks and missed wake-ups that come once in thousands of runs otherwise, and replays
// them.
//
//	func TestTransfer(t *testing.T) {
//		gvtest.Explore(t, func(t testing.TB, rt *gv.Runtime) {
//			…
//		})
//	}
//
// # Schedules
//
// A schedule is all that package gv leaves open, decided by a seed. In the runtimes of Explore
// one thread runs at a time. Wherever it calls package gv, [gv.Safepoint] included, another
// ready thread of the same priority may go on in its place; higher ones come first, as
// always. Where several cases of a Select are ready, the seed decides, too.
//
// Time is virtual: it stands still while a thread is ready, and then goes on to when the next
// [gv.Sleep] ends. With Runs(1), a test of an hour's sleeps takes no time.
//
// The seeds are 1, 2, 3 and so on, so that a test does the same each time. go test
// -gvtest.seed=N tries the schedule of seed N only.
//
// # What is not controlled
//
// The same seed gives the same schedule if nothing depends on what gvtest does not decide:
//
//   - Goroutines. They work as always. If all threads wait, Explore gives goroutines, and timers
//     of Go, two seconds to wake one, before it calls that a deadlock.
//   - Locks, channels and the clock of Go, and so the deadlines of contexts: as long as one
//     may end a wait, nothing is a deadlock. That a context has ended is noticed at the next
//     call of package gv.
//   - What [gv.Block] calls. Time waits for it for a tenth of a second.
//   - A thread that blocks in Go elsewhere: no other runs for a second, before it loses its
//     worker. Put that into gv.Block.
//
// A loop that waits for other threads has to call package gv in each round: until it does, no
// other thread runs. gvinstrument puts safepoints there.
//
// Tests in bubbles of testing/synctest and tests with gvtest go side by side, but neither
// within the other: threads are in no bubble.
package gvtest
