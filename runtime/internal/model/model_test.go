package model

import (
	"errors"
	"testing"
)

// A sound model holds; a flawed one violates a property.
type (
	sound[O any] struct {
		name    string
		options O
	}
	flawed[O any] struct {
		flaw     flaw
		options  O
		property string
	}
)

// limit is more states than any model has.
const limit = 4_000_000

// check explores models, and says how many states they have.
func check[O any, S comparable](t *testing.T, newModel func(O, flaw) *model[S], good []sound[O], bad []flawed[O]) {
	for _, test := range good {
		t.Run(test.name, func(t *testing.T) {
			n, err := newModel(test.options, "").explore(limit)
			if err != nil {
				t.Fatalf("%d states: %v", n, err)
			}
			t.Logf("%d states", n)
		})
	}
	for _, test := range bad {
		t.Run(string(test.flaw), func(t *testing.T) {
			n, err := newModel(test.options, test.flaw).explore(limit)
			var v *violation
			if !errors.As(err, &v) || v.property != test.property {
				t.Fatalf("%d states: %v\nit should be found that: %s", n, err, test.property)
			}
			t.Logf("%d states: %s, after %d steps", n, v.property, len(v.trace))
		})
	}
}

func TestWait(t *testing.T) {
	check(t, newWaitModel, []sound[waitOptions]{
		{"claimed", waitOptions{waits: 3}},
		{"by each other", waitOptions{waits: 2, peers: true}},
		{"interrupted", waitOptions{waits: 2, interrupts: true}},
		{"interrupted by each other", waitOptions{waits: 1, peers: true, interrupts: true}},
		{"with another priority", waitOptions{waits: 2, peers: true, changes: true}},
		{"goroutine", waitOptions{waits: 3, peers: true, goroutine: true}},
	}, []flawed[waitOptions]{
		{armedAsParked, waitOptions{waits: 1}, "a task is in a queue and runs"},
		{parksBlindly, waitOptions{waits: 1}, "a wake-up is lost"},
		{placesLate, waitOptions{waits: 1}, "a worker and its task don't agree"},
		{checksFirst, waitOptions{waits: 1, interrupts: true}, "an interruption is lost"},
		{anyGeneration, waitOptions{waits: 2, interrupts: true}, "a wait is ended by the ticket of another"},
		{neverSettled, waitOptions{waits: 1, changes: true}, "a task is queued under another priority than its own"},
		{lendsClaimed, waitOptions{waits: 1}, "a wake-up is lost"},
	})
}

func TestSwitch(t *testing.T) {
	good := []sound[switchOptions]{
		{"waits", switchOptions{waits: unlimited, yields: true}},
		{"leaves", switchOptions{yields: true, leaves: true}},
		{"Monitor", switchOptions{waits: unlimited, yields: true, monitor: true}},
		{"collector", switchOptions{waits: unlimited, yields: true, collector: true}},
		{"Monitor and collector", switchOptions{waits: unlimited, monitor: true, collector: true}},
		{"profiler", switchOptions{waits: unlimited, yields: true, profiler: true}},
	}
	if !testing.Short() {
		good = append(good, sound[switchOptions]{"a wait and leaves", switchOptions{waits: 1, leaves: true}})
	}
	check(t, newSwitchModel, good, []flawed[switchOptions]{
		{plainWhileMarking, switchOptions{yields: true, collector: true}, "a status is corrupted"},
		{marksLeaving, switchOptions{waits: unlimited, monitor: true}, "a status is corrupted"},
		{unlocksFirst, switchOptions{yields: true, monitor: true}, "a status is corrupted"},
		{requeuesLate, switchOptions{yields: true}, "a worker and its task don't agree"},
		{resumersDontWait, switchOptions{waits: unlimited}, "a goroutine is readied that doesn't wait"},
		{publishesFirst, switchOptions{waits: unlimited}, "a goroutine is readied that doesn't wait"},
		{switchWaits, switchOptions{waits: unlimited}, "everybody waits for ever"},
		{fillWaits, switchOptions{waits: 1, yields: true}, "everybody waits for ever"},
		{withoutBeginPark, switchOptions{leaves: true}, "everybody waits for ever"},
		{neverLooksBack, switchOptions{leaves: true}, "everybody waits for ever"},
		{profileUnasked, switchOptions{yields: true, profiler: true}, "a profile reads the stack of a running goroutine"},
	})
}

func TestLoan(t *testing.T) {
	const (
		split   = "a worker and its task don't agree"
		stopped = "a goroutine is stopped for ever"
	)
	check(t, newLoanModel, []sound[loanOptions]{
		{"parks", loanOptions{loans: 3, parks: 2}},
		{"safepoints", loanOptions{loans: 3}},
		{"leaves", loanOptions{loans: 2, leaves: 2, parks: 1}},
		{"requests", loanOptions{loans: 3, requests: 2}},
		{"blocks", loanOptions{loans: 2, blocks: 2, requests: 2}},
		{"all", loanOptions{loans: 3, parks: 2, leaves: 1, blocks: 1, requests: 2}},
	}, []flawed[loanOptions]{
		{placesEarly, loanOptions{loans: 1}, split},
		{takesBackBlindly, loanOptions{loans: 1}, split},
		{repaysBlindly, loanOptions{loans: 1, parks: 1}, split},
		{straysLate, loanOptions{loans: 1, parks: 1}, "a task counts as astray that is not outside"},
		{ignoresOutside, loanOptions{loans: 1}, "a task never has a worker again"},
		{forgetsRequest, loanOptions{loans: 1, requests: 1}, stopped},
		{forgetsOutside, loanOptions{loans: 1, requests: 1}, stopped},
		{keepsRequest, loanOptions{parks: 1, requests: 1}, "a request stands for a task that has left"},
		{withdrawsLate, loanOptions{parks: 1, requests: 1}, "a request is counted that doesn't stand"},
		{withdrawsBlindly, loanOptions{blocks: 1, requests: 1}, stopped},
		{unpinned, loanOptions{parks: 1, requests: 1}, stopped},
	})
}

func TestVacant(t *testing.T) {
	const (
		unasked = "a task is ready that is higher than one that runs, and nobody asks"
		vacant  = "a worker is vacant while a task is ready"
	)
	type prios = [3]uint8
	// A high task ends, and a low one has its worker while a middle one is made ready.
	falls := vacantOptions{workers: 1, prios: prios{0, 3, 2}, runs: 1, ready: 1, ends: 1, change: none}
	// The last task ends while another is made ready.
	last := vacantOptions{workers: 1, prios: prios{2, 2, 2}, runs: 1, ends: 2, change: none}
	// A low task gets a worker that was vacant, while others are made ready.
	idle := vacantOptions{workers: 1, prios: prios{3, 1, 2}, change: none}
	// A task is made ready, below the one that runs, and raised, still below it.
	waits := vacantOptions{workers: 1, prios: prios{0, 3, 2}, runs: 1, ready: 1, change: 2, changed: 1}
	above := vacantOptions{workers: 1, prios: prios{1, 3, 2}, runs: 1, ready: 1, change: 2}
	// A task follows one of the same priority; a higher one is made ready.
	same := vacantOptions{workers: 1, prios: prios{2, 2, 1}, runs: 1, ready: 1, ends: 1, change: none}
	changed := func(task, prio uint8) vacantOptions {
		return vacantOptions{workers: 1, prios: prios{1, 3, 2}, runs: 1, ready: 1, ends: 1, change: task, changed: prio}
	}
	check(t, newVacantModel, []sound[vacantOptions]{
		{"falls", falls},
		{"a task that is made ready is raised", changed(2, 0)},
		{"a running task is lowered", changed(0, 3)},
		{"a ready task is boosted", changed(1, 0)},
		{"a task that is made ready is raised above", above},
		{"stays the same", same},
		{"a task that waits is raised", waits},
		{"the last ends", last},
		{"idle", idle},
		{"two workers", vacantOptions{workers: 2, prios: prios{2, 3, 1}, runs: 2, ends: 1, change: none}},
		{"two workers, a running task is raised", vacantOptions{workers: 2, prios: prios{2, 3, 1}, runs: 2, ends: 1, change: 1}},
		{"two workers, all end", vacantOptions{workers: 2, prios: prios{2, 3, 1}, runs: 2, ends: 3, change: none}},
	}, []flawed[vacantOptions]{
		{bitsUnpublished, last, vacant},
		{bitsUnpublished, falls, unasked},
		{looksOnce, last, vacant},
		{addsLate, last, vacant},
		{levelLate, falls, unasked},
		{levelBlind, idle, unasked},
		{asksFirst, falls, unasked},
		{offersMoved, above, unasked},
		{readsFirst, waits, "a task is queued under another priority than its own"},
		{answersLast, same, unasked},
	})
}
