package model

import "testing"

var (
	// A high task ends, and a low one has its worker while a middle one is started.
	vacantFalls = vacantOptions{workers: 1, prios: [vacantTasks]uint8{0, 3, 2}, ready: 1, ends: 1, change: none}
	// The same, with another priority for one of them.
	vacantRaised  = vacantOptions{workers: 1, prios: [vacantTasks]uint8{1, 3, 2}, ready: 1, ends: 1, change: 2, changed: 0}
	vacantLowered = vacantOptions{workers: 1, prios: [vacantTasks]uint8{1, 3, 2}, ready: 1, ends: 1, change: 0, changed: 3}
	vacantBoosted = vacantOptions{workers: 1, prios: [vacantTasks]uint8{1, 3, 2}, ready: 1, ends: 1, change: 1, changed: 0}
	// A task follows one of the same priority; a higher one is started.
	vacantSame = vacantOptions{workers: 1, prios: [vacantTasks]uint8{2, 2, 1}, ready: 1, ends: 1, change: none}
	// A task is started, below the one that runs, and raised, still below it.
	vacantWaits = vacantOptions{workers: 1, prios: [vacantTasks]uint8{0, 3, 2}, ready: 1, change: 2, changed: 1}
	// The last task ends while one is started.
	vacantEnds = vacantOptions{workers: 1, prios: [vacantTasks]uint8{2, 2, 2}, ends: 2, change: none}

	vacantTwo     = vacantOptions{workers: 2, prios: [vacantTasks]uint8{2, 3, 1}, ends: 1, change: none}
	vacantTwoSet  = vacantOptions{workers: 2, prios: [vacantTasks]uint8{2, 3, 1}, ends: 1, change: 1, changed: 0}
	vacantTwoEnds = vacantOptions{workers: 2, prios: [vacantTasks]uint8{2, 3, 1}, ends: 3, change: none}
)

func TestVacant(t *testing.T) {
	for _, test := range []struct {
		name string
		o    vacantOptions
	}{
		{"falls", vacantFalls},
		{"a task that starts is raised", vacantRaised},
		{"a running task is lowered", vacantLowered},
		{"a ready task is boosted", vacantBoosted},
		{"stays the same", vacantSame},
		{"a task that waits is raised", vacantWaits},
		{"the last ends", vacantEnds},
		{"two workers", vacantTwo},
		{"two workers, a running task is raised", vacantTwoSet},
		{"two workers, all end", vacantTwoEnds},
	} {
		t.Run(test.name, func(t *testing.T) { explore(t, vacantModel(test.o, vacantSound)) })
	}
}

func TestVacantFlaws(t *testing.T) {
	const (
		unasked = "a task is ready that is higher than one that runs, and nobody asks"
		vacant  = "a worker is vacant while a task is ready"
	)
	for _, test := range []struct {
		name     string
		flaw     vacantFlaw
		o        vacantOptions
		property string
	}{
		{"bits without a barrier", bitsUnpublished, vacantEnds, vacant},
		{"bits without a barrier, of a higher task", bitsUnpublished, vacantFalls, unasked},
		{"looks once", looksOnce, vacantEnds, vacant},
		{"is vacant without a barrier", addsLate, vacantEnds, vacant},
		{"looks before it publishes the level", levelLate, vacantFalls, unasked},
		{"asks before it queues", asksFirst, vacantFalls, unasked},
		{"reads the priority before it says where the task is", readsFirst, vacantWaits, "a task is queued under another priority than its own"},
		{"takes requests back after the look", answersLast, vacantSame, unasked},
	} {
		t.Run(test.name, func(t *testing.T) { mustFail(t, vacantModel(test.o, test.flaw), test.property) })
	}
}
