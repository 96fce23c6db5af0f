package model

import (
	"errors"
	"testing"
)

// limit is more states than any model has.
const limit = 4_000_000

// A modelled is what makes a model, sound or with a flaw.
type modelled[S comparable] interface{ model(flaw) *model[S] }

// A flawed is a flaw, where it is found, and by what property that is violated.
type flawed[M any] struct {
	flaw     flaw
	m        M
	property string
}

// check explores models, and says how many states they have: those that hold, and flawed ones.
func check[S comparable, M modelled[S]](t *testing.T, sound map[string]M, bad []flawed[M]) {
	t.Parallel()
	for name, m := range sound {
		t.Run(name, func(t *testing.T) {
			n, err := m.model("").explore(limit)
			if err != nil {
				t.Fatalf("%d states: %v", n, err)
			}
			t.Logf("%d states", n)
		})
	}
	for _, test := range bad {
		t.Run(string(test.flaw), func(t *testing.T) {
			n, err := test.m.model(test.flaw).explore(limit)
			var v *violation
			if !errors.As(err, &v) || v.property != test.property {
				t.Fatalf("%d states: %v\nit should be found that: %s", n, err, test.property)
			}
			t.Logf("%d states: %s, after %d steps", n, v.property, len(v.trace))
		})
	}
}

func TestWait(t *testing.T) {
	check(t, map[string]waitModel{
		"claimed":                   {waits: 3},
		"by each other":             {waits: 2, peers: true},
		"interrupted":               {waits: 2, interrupts: true},
		"interrupted by each other": {waits: 1, peers: true, interrupts: true},
		"with another priority":     {waits: 2, peers: true, changes: true},
		"goroutine":                 {waits: 3, peers: true, goroutine: true},
	}, []flawed[waitModel]{
		{armedAsParked, waitModel{waits: 1}, "a task is in a queue and runs"},
		{parksBlindly, waitModel{waits: 1}, "a wake-up is lost"},
		{placesLate, waitModel{waits: 1}, "a worker and its task don't agree"},
		{checksFirst, waitModel{waits: 1, interrupts: true}, "an interruption is lost"},
		{anyGeneration, waitModel{waits: 2, interrupts: true}, "a wait is ended by the ticket of another"},
		{neverSettled, waitModel{waits: 1, changes: true}, "a task is queued under another priority than its own"},
		{lendsClaimed, waitModel{waits: 1}, "a wake-up is lost"},
	})
}

func TestSwitch(t *testing.T) {
	sound := map[string]switchModel{
		"waits":                 {waits: unlimited, yields: true},
		"leaves":                {yields: true, leaves: true},
		"a wait and leaves":     {waits: 1, leaves: true},
		"Monitor":               {waits: unlimited, yields: true, monitor: true},
		"collector":             {waits: unlimited, yields: true, collector: true},
		"Monitor and collector": {waits: unlimited, monitor: true, collector: true},
		"profiler":              {waits: unlimited, yields: true, profiler: true},
	}
	if testing.Short() {
		delete(sound, "a wait and leaves") // nearly two million states
	}
	check(t, sound, []flawed[switchModel]{
		{plainWhileMarking, switchModel{yields: true, collector: true}, "a status is corrupted"},
		{marksLeaving, switchModel{waits: unlimited, monitor: true}, "a status is corrupted"},
		{unlocksFirst, switchModel{yields: true, monitor: true}, "a status is corrupted"},
		{requeuesLate, switchModel{yields: true}, "a worker and its task don't agree"},
		{resumersDontWait, switchModel{waits: unlimited}, "a goroutine is readied that doesn't wait"},
		{publishesFirst, switchModel{waits: unlimited}, "a goroutine is readied that doesn't wait"},
		{switchWaits, switchModel{waits: unlimited}, "everybody waits for ever"},
		{fillWaits, switchModel{waits: 1, yields: true}, "everybody waits for ever"},
		{withoutBeginPark, switchModel{leaves: true}, "everybody waits for ever"},
		{neverLooksBack, switchModel{leaves: true}, "everybody waits for ever"},
		{profileUnasked, switchModel{yields: true, profiler: true}, "a profile reads the stack of a running goroutine"},
	})
	// What fillWaits adds is the fault where it is found, and not missed without.
	if _, err := (switchModel{waits: 1, yields: true}).model(switchWaits).explore(limit); err != nil {
		t.Errorf("one wait: %v", err)
	}
}

func TestLoan(t *testing.T) {
	const (
		split   = "a worker and its task don't agree"
		stopped = "a goroutine is stopped for ever"
	)
	sound := map[string]loanState{
		"parks":      {loans: 3, parks: 2},
		"safepoints": {loans: 3},
		"leaves":     {loans: 2, leaves: 2, parks: 1},
		"requests":   {loans: 3, requests: 2},
		"blocks":     {loans: 2, blocks: 2, requests: 2},
		"all":        {loans: 3, parks: 2, leaves: 1, blocks: 1, requests: 2},
	}
	if testing.Short() {
		delete(sound, "all") // more than a million states
	}
	check(t, sound, []flawed[loanState]{
		{placesEarly, loanState{loans: 1}, split},
		{takesBackBlindly, loanState{loans: 1}, split},
		{repaysBlindly, loanState{loans: 1, parks: 1}, split},
		{straysLate, loanState{loans: 1, parks: 1}, "a task counts as astray that is not outside"},
		{ignoresOutside, loanState{loans: 1}, "a task never has a worker again"},
		{vacatesLent, loanState{loans: 1}, "a worker is vacant while its lender has none"},
		{forgetsRequest, loanState{loans: 1, requests: 1}, stopped},
		{forgetsOutside, loanState{loans: 1, requests: 1}, stopped},
		{keepsRequest, loanState{parks: 1, requests: 1}, "a request stands for a task that has left"},
		{withdrawsLate, loanState{parks: 1, requests: 1}, "a request is counted that doesn't stand"},
		{withdrawsBlindly, loanState{blocks: 1, requests: 1}, stopped},
		{unpinned, loanState{parks: 1, requests: 1}, stopped},
	})
}

func TestVacant(t *testing.T) {
	const (
		unasked = "a task is ready that is higher than one that runs, and nobody asks"
		vacant  = "a worker is vacant while a task is ready"
	)
	type prios = [3]uint8
	var (
		falls  = vacantModel{workers: 1, prios: prios{0, 3, 2}, runs: 1, ready: 1, ends: 1}
		last   = vacantModel{workers: 1, prios: prios{2, 2, 2}, runs: 1, ends: 2}
		same   = vacantModel{workers: 1, prios: prios{2, 2, 1}, runs: 1, ready: 1, ends: 1}
		idle   = vacantModel{workers: 1, prios: prios{3, 1, 2}}
		below  = vacantModel{workers: 1, prios: prios{0, 3, 2}, runs: 1, ready: 1, changes: true, change: 2, changed: 1}
		above  = vacantModel{workers: 1, prios: prios{1, 3, 2}, runs: 1, ready: 1, changes: true, change: 2, changed: 0}
		lowers = vacantModel{workers: 1, prios: prios{3, 3, 0}, runs: 1, ready: 1, changes: true, change: 2, changed: 2}
		two    = vacantModel{workers: 2, prios: prios{2, 3, 1}, runs: 2, ends: 1}
	)
	ends := func(m vacantModel, n uint8) vacantModel { m.ends = n; return m }
	fresh := func(m vacantModel) vacantModel { m.fresh = true; return m }
	changes := func(m vacantModel, task, prio uint8) vacantModel {
		m.changes, m.change, m.changed = true, task, prio
		return m
	}
	sound := map[string]vacantModel{
		"a high task ends, and a low one follows":    falls,
		"the last task ends":                         last,
		"a task follows one of the same priority":    same,
		"a worker is vacant":                         idle,
		"a task is raised below the running one":     below,
		"a task is raised above the running one":     above,
		"a task is raised, and the running one ends": ends(above, 1),
		"a new task is raised":                       fresh(above),
		"a new task is lowered":                      fresh(lowers),
		"a running task is lowered":                  changes(above, 0, 3),
		"a running task is lowered, and ends":        ends(changes(above, 0, 3), 1),
		"a ready task is boosted":                    ends(changes(above, 1, 0), 1),
		"two workers":                                two,
		"two workers, and a running task is raised":  changes(two, 1, 0),
		"two workers, and all tasks end":             ends(two, 3),
	}
	if testing.Short() {
		delete(sound, "two workers, and a running task is raised") // more than a million states
	}
	check(t, sound, []flawed[vacantModel]{
		{bitsUnpublished, last, vacant},
		{bitsUnpublished, falls, unasked},
		{looksOnce, last, vacant},
		{addsLate, last, vacant},
		{levelLate, falls, unasked},
		{levelBlind, idle, unasked},
		{asksFirst, falls, unasked},
		{offersOld, fresh(above), unasked},
		{offersOld, fresh(lowers), unasked},
		{readsFirst, below, "a task is queued under another priority than its own"},
		{answersLast, same, unasked},
	})
}

func TestStays(t *testing.T) {
	const blocked = "the Monitor is blocked while a task waits"
	check(t, map[string]staysModel{"a task stays": {}}, []flawed[staysModel]{
		{looksUnlocked, staysModel{}, blocked},
		{plansLast, staysModel{}, blocked},
		{attendsFirst, staysModel{}, blocked},
	})
}

func TestInherit(t *testing.T) {
	const other = "another priority is in force than follows"
	check(t, map[string]inheritModel{"a boosted task": {}}, []flawed[inheritModel]{
		{followsOnce, inheritModel{}, other},
		{seenBefore, inheritModel{}, other},
		{looksFirst, inheritModel{}, other},
	})
}
