// Package sched runs tasks on a fixed number of workers: the ready task of the highest
// priority first, and in turns among equals. It knows no channel, no context, no error and
// no panic. For package gv, which alone imports it, a [Task] is a thread, and a [Ticket]
// a wait of a thread or of a goroutine.
//
// # The life of a task
//
// Init makes a task. Make puts it into a queue; Enter makes the calling goroutine carry it
// instead. A worker picks it, and gives it a fiber if it has none: a goroutine of the pool
// that carries one task after another. From then on the task runs, is ready, waits or is
// outside, until it ends and its worker goes to the next one.
//
// # Places
//
// A task is at one place, and the place's lock guards it (place.go). Its where has the
// state and the place in one word:
//
//	place           states                   the task
//	a worker        Running                  has the worker: worker.cur
//	a worker        New, Ready, Preempted    is in the worker's queue
//	shared          New, Ready, Preempted    is in the queue for all workers
//	outside         Blocked                  is in Leave, or has entered another task
//	outside         Preempted                has lent its worker, and does not run yet
//	outside         Running                  has lost its worker, and may run
//	nowhere         New, Done                has not been made ready, or has ended
//	nowhere         Blocked                  waits: whoever claims the wait owns the task
//	nowhere         Running                  is on its way to a worker, pinned
//
// A task that is nowhere belongs to one side, which puts it somewhere. So the lock is
// found by lockPlace: read where, lock that place, look again. lockWorker does the same
// for the calling task's worker, and returns nil where it has lost it: the task then takes
// itself back from outside (takeBack), or finds that it has a worker again.
//
// # Leaving a worker
//
// There is one way: lock the worker, note what becomes of the task, give the worker to the
// next one. A goroutine that does not go on gets off its stack then; the lock is held
// across the switch, and arch releases it when the goroutine is off its stack (depart). So
// whoever holds a worker's lock finds its task outside of any switch, and each task in the
// queue resumable. A task that others can make ready before, with another lock, tells arch
// first (BeginLeave), and takes that back if it goes on after all (Stay). The ways differ in
// what becomes of the task:
//
//	yield      it is in the queue again           leave.go: Yield, Answer
//	wait       it is nowhere, until it is claimed wait.go: park
//	end        it is Done                         fiber.go: advance, end; enter.go: Exit
//	Leave      it is outside, and goes on         leave.go: Leave; enter.go: Enter in a task
//	force      it has been stopped, and is ready  force.go: collect, preempted
//	seizure    it is outside: it does not run     seize.go: takeBlocked, usurp; watch.go: take
//
// What is next is decided in two functions of worker.go. pass gives the worker away only
// if a task of some priority is ready; where that is simple, rotate does. fill gives it to any,
// or makes it vacant. Both give it back to its lender first. pick chooses: the highest priority
// of this queue, the shared one and all others, and within one priority of this queue and the
// shared one the task that was ready first.
//
// # Offering
//
// A task that becomes ready needs a worker, and who made it ready looks for one (offer.go).
// First a vacant one. Then one whose task is blocked in Go, if the waker has no worker
// itself; the Monitor does that for the others. Then the one that runs the lowest task
// below it, which is asked to yield. A task that the running one wakes stays in that one's
// queue for a moment, as long as it is alone: the waker is mostly about to wait itself, and
// the two go on by a direct switch. The Monitor gives it to a vacant worker if that does not
// happen.
//
// Two sides can miss each other here: one makes a task ready while the other makes a worker
// vacant, or its level lower. Each publishes its own word with a barrier and then looks at
// the other's (Word.Publish), so that one of them sees both. A task that stays with its
// waker takes no barrier: the Monitor looks into the queues with their locks before it blocks.
//
// # Waiting
//
// One word has a wait (wait.go): its generation, and whether it is armed, parked or over.
// The owner arms it, hands out tickets, and parks. Whoever claims a ticket has ended the
// wait, and a later claim fails. A claim of a parked wait is followed by Wake, and the
// claimer is pinned in between.
//
// # Outside, and loans
//
// A worker can be taken from a task that does not run (seize.go). If the task is blocked in
// Go, it has lost the worker for good. If it only has no core or no P, a more urgent task
// borrows the worker: worker.lent names the lender, and repay gives the worker back as soon
// as nothing above the lender is ready; recall asks the borrower to yield if the lender comes
// to be above it. Both kinds are listed (outside.go). A listed task that is found running is
// astray (stray): it is asked to get a worker at its next safepoint, where it takes itself back
// (found), and stopped if it does not. While no task with a worker runs and none is ready, nobody
// looks after them: who takes a vacant worker has the Monitor do so again (attendOutside). A loan
// ends once: the worker's lock and then outside's decide between the lender, the borrower and the
// Monitor.
//
// # Requests
//
// A request to yield is worker.preempt, with its reason (ask.go). It concerns whatever task
// has the worker; pick takes it back before it looks at the queues, so that a later request
// stands. preemptPending counts them, the tasks that are astray, the stacks that are to be
// measured, and the schedulers with a Schedule: while it is zero a safepoint is one load.
//
// A request by force is fiber.request (force.go). The goroutine is marked, a signal makes it
// look, and where it has stopped it is collected. It stands until then, or until the task
// leaves its worker by itself and withdraws it; forgotten, it would stop the goroutine for
// ever. Who needs the worker waits a little for that; the Monitor does the rest.
//
// # The Monitor
//
// It does what only time tells (monitor.go, look.go, watch.go, starve.go, share.go, budget.go,
// stack.go, slotstack.go, longslice.go, vacant.go): it ends sleeps, rests and slices, forces
// tasks that do not answer, takes workers from tasks blocked in Go, boosts those that higher
// ones starve, demotes those that have had their budget, measures stacks, and asks the Watcher,
// which it also tells of those that wait for too long or have used most of their slots. While
// nothing is to be timed it blocks. Those who bring something earlier than planned wake it
// (wakeAt, attend, lookBy); what they bring while it looks, late finds.
//
// # Schedules from outside
//
// For tests, Config.Schedule decides in place of the Monitor and of the order in which tasks
// became ready (schedule.go). Only ways that are taken anyway where a request stands lead
// there.
//
// # Locks
//
// All are spin locks whose holders are pinned. They may make small records: Go lets no pinned
// goroutine start a collection, or assist one. The locks are taken in this order:
//
//	longSlices.lock, inheritance.lock
//	the lock of one worker
//	shared, outside, vacantWorkers.lock, fiberPool.lock, timers.lock, budgets.lock
//	idlers.lock
//
// None of a line is taken with another of its line held, but for fiberPool.lock, which is
// taken with outside held, too. stackInspection.lock, monitor.timing and the lock of arch.Locals
// are taken alone.
// The locks of package gv come before all of these: it calls Claim and Lend under them. That
// of a Schedule comes after all.
//
// A second worker is locked by TryLock only (steal); a worker that could not look into
// another's queue asks its own task to look again. And nobody waits for a worker's lock
// while somebody may wait for him to get off his stack: that is, once his task can be made
// ready. The holder of that lock may be the one who waits, in a switch to him. The locks of
// the last two lines are free of that: no holder of theirs waits for anybody's stack.
//
// # Who may call what
//
// Exported methods are called with no lock of this package held. Yield, Safepoint, Answer,
// CheckStack, Leave, Return, Exit, Arm, SleepUntil, Pass and Reach are called by the task
// itself, in its goroutine, and Wait by the owner. Of the others:
//
//	give, pass, rotate, fill, becomeVacant, pick, enqueue, repay    the worker locked
//	seize, relevel, setLevel, unboostOn, spread, vacate, restFor    the same
//	arrange                                                         the same
//	depart, release                                                 locked, and they unlock
//	putOutside, writeOff, repaid, forgetLent, keep, spare, embody   the worker locked
//	beginBudget, chargeBudget, budgets.enter                         the same
//	endTurn, resumeTurn, report, and the account's but runTime       the same
//	note, and what begins with log but logPassage                    the same
//	publish, recall                                                 no worker locked
//	readyShared, expedite, makeWay, employ                          the same, and pinned, since
//	                                                                next is resumed at once
//	ready, readyElsewhere                                           the same, and they unpin
//	acquire                                                         pinned, the task nowhere
//	Task.request, endRequest, withdraw, followUp                    the task's place locked
//	lends, unlist, unlistUnpaid                                     outside locked
//	collect, stop, resume, noneTaken, hasNews, attendOutside        no lock held
//	look and what it calls                                          the Monitor, pinned
//
// # Files
//
//	scheduler.go           Start, Close, and what others may know of a scheduler
//	task.go, marks.go      what the scheduler knows of a task
//	place.go               where it is
//	worker.go, vacant.go   workers, those without a task, and their rests
//	queue.go, tasklist.go, prefetch.go run queues, and their lists
//	pick.go                the choice among them
//	leave.go, offer.go     leaving a worker and coming back; finding one
//	wait.go, timer.go      waits, and those that end at a time
//	fiber.go, fiberrare.go goroutines that carry tasks, and what few of them have
//	fiberpool.go, fiberstack.go those that carry none
//	idle.go, stock.go      the end of those that nobody needs, and those that many will need
//	enter.go               tasks on goroutines of others
//	ask.go, force.go       requests to yield, and by force
//	hearing.go             which tasks are known to answer them
//	seize.go, outside.go   workers of tasks that don't run, and tasks without workers
//	priority.go, inherit.go priorities, and which one is in force
//	monitor.go, look.go    the Monitor, and what it does each time that it looks
//	watch.go               what it does for a worker
//	starve.go, share.go    who is boosted, since higher ones keep all workers; boosted.go: until when
//	budget.go              who goes on at a lower priority, since it has run for long
//	slice.go, longslice.go time slices, and those of the operating system
//	account.go, histogram.go what the workers' time goes to, and waits for them
//	record.go              what package event gets of turns and passages
//	overdue.go             tasks that wait for too long
//	stack.go, slotstack.go Config.MaxStack, Config.DeepSlots
//	schedule.go            Config.Schedule
//	inspect.go             for tests of package gv
package sched
