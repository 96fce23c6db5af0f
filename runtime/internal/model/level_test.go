package model

import "testing"

var (
	// A high thread ends, and a low one has its worker while a middle one is
	// started.
	levelFalls = levelOptions{workers: 1, prios: [levelThreads]uint8{0, 3, 2}, ready: 1, ends: 1, change: none}
	// The same, with another priority for one of them.
	levelRaised  = levelOptions{workers: 1, prios: [levelThreads]uint8{1, 3, 2}, ready: 1, ends: 1, change: 2, changed: 0}
	levelLowered = levelOptions{workers: 1, prios: [levelThreads]uint8{1, 3, 2}, ready: 1, ends: 1, change: 0, changed: 3}
	levelBoosted = levelOptions{workers: 1, prios: [levelThreads]uint8{1, 3, 2}, ready: 1, ends: 1, change: 1, changed: 0}
	// A thread follows one of the same priority; a higher one is started.
	levelSame = levelOptions{workers: 1, prios: [levelThreads]uint8{2, 2, 1}, ready: 1, ends: 1, change: none}
	// A thread is started, below the one that runs, and raised, still below it.
	levelWaits  = levelOptions{workers: 1, prios: [levelThreads]uint8{0, 3, 2}, ready: 1, change: 2, changed: 1}
	levelTwo    = levelOptions{workers: 2, prios: [levelThreads]uint8{2, 3, 1}, ends: 1, change: none}
	levelTwoSet = levelOptions{workers: 2, prios: [levelThreads]uint8{2, 3, 1}, ends: 1, change: 1, changed: 0}
)

func TestLevel(t *testing.T) {
	for _, test := range []struct {
		name string
		o    levelOptions
	}{
		{"falls", levelFalls},
		{"a thread that starts is raised", levelRaised},
		{"a running thread is lowered", levelLowered},
		{"a ready thread is boosted", levelBoosted},
		{"stays the same", levelSame},
		{"a thread that waits is raised", levelWaits},
		{"two workers", levelTwo},
		{"two workers, a running thread is raised", levelTwoSet},
	} {
		t.Run(test.name, func(t *testing.T) { explore(t, levelModel(test.o, levelSound)) })
	}
}

func TestLevelFlaws(t *testing.T) {
	for _, test := range []struct {
		name     string
		flaw     levelFlaw
		o        levelOptions
		property string
	}{
		{"looks before it publishes the level", levelLooksFirst, levelFalls, "a thread is ready that is higher than one that runs, and nobody asks"},
		{"asks before it queues", levelAsksFirst, levelFalls, "a thread is ready that is higher than one that runs, and nobody asks"},
		{"reads the priority before it publishes the place", levelReadsFirst, levelWaits, "a thread is queued under another priority than its own"},
		{"takes requests back after the look", levelAnswersLast, levelSame, "a thread is ready that is higher than one that runs, and nobody asks"},
	} {
		t.Run(test.name, func(t *testing.T) { mustFail(t, levelModel(test.o, test.flaw), test.property) })
	}
}
