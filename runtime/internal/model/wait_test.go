package model

import "testing"

func TestWait(t *testing.T) {
	for _, test := range []struct {
		name string
		o    waitOptions
	}{
		{"claimed", waitOptions{waits: 3}},
		{"by each other", waitOptions{waits: 2, peers: true}},
		{"interrupted", waitOptions{waits: 2, interrupts: true}},
		{"interrupted by each other", waitOptions{waits: 1, peers: true, interrupts: true}},
		{"with another priority", waitOptions{waits: 2, peers: true, changes: true}},
		{"goroutine", waitOptions{waits: 3, peers: true, goroutine: true}},
	} {
		t.Run(test.name, func(t *testing.T) { explore(t, waitModel(test.o, waitSound)) })
	}
}

func TestWaitFlaws(t *testing.T) {
	for _, test := range []struct {
		name     string
		flaw     waitFlaw
		o        waitOptions
		property string
	}{
		{"armed as parked", armedAsParked, waitOptions{waits: 1}, "a task is in a queue and runs"},
		{"parks blindly", parksBlindly, waitOptions{waits: 1}, "a wake-up is lost"},
		{"places itself late", placesLate, waitOptions{waits: 1}, "a worker and its task don't agree"},
		{"checks first", checksFirst, waitOptions{waits: 1, interrupts: true}, "an interruption is lost"},
		{"any generation", anyGeneration, waitOptions{waits: 2, interrupts: true}, "a wait is ended by the ticket of another"},
		{"never settled", neverSettled, waitOptions{waits: 1, changes: true}, "a task is queued under another priority than its own"},
		{"lends to who is claimed", lendsClaimed, waitOptions{waits: 1}, "a wake-up is lost"},
	} {
		t.Run(test.name, func(t *testing.T) { mustFail(t, waitModel(test.o, test.flaw), test.property) })
	}
}
