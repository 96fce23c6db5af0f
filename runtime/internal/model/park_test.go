package model

import "testing"

func TestPark(t *testing.T) {
	for _, test := range []struct {
		name string
		o    parkOptions
	}{
		{"one worker", parkOptions{threads: 2, workers: 1, waits: 2}},
		{"one worker, hand-offs", parkOptions{threads: 2, workers: 1, waits: 1, yields: 1, handOffs: 1}},
		{"two workers", parkOptions{threads: 2, workers: 2, waits: 2}},
		{"two workers, hand-offs", parkOptions{threads: 2, workers: 2, waits: 1, handOffs: 1}},
		{"three threads", parkOptions{threads: 3, workers: 2, waits: 1}},
		{"portable", parkOptions{threads: 2, workers: 1, waits: 1, yields: 1, handOffs: 1, portable: true}},
	} {
		t.Run(test.name, func(t *testing.T) { explore(t, parkModel(test.o, parkSound)) })
	}
}

func TestParkFlaws(t *testing.T) {
	for _, test := range []struct {
		name     string
		flaw     parkFlaw
		o        parkOptions
		property string
	}{
		{"nobody is held back", parkNobodyHeldBack, parkOptions{threads: 2, workers: 2, waits: 1, yields: 1}, "a thread is resumed while it is on its stack"},
		{"forgets who was woken early", parkForgetsWoken, parkOptions{threads: 2, workers: 1, waits: 1}, "a wake-up is lost"},
		{"queues who was woken early", parkQueuesEarly, parkOptions{threads: 2, workers: 1, waits: 1}, "a worker is held by a thread that doesn't know"},
		{"looks once", parkLooksOnce, parkOptions{threads: 2, workers: 1, waits: 1}, "a ready thread is never run"},
		{"takes any turn", parkAnyTurn, parkOptions{threads: 2, workers: 1, waits: 1, yields: 1, handOffs: 1}, "the turn of a thread goes back"},
		{"takes from any thread", parkAnyThread, parkOptions{threads: 2, workers: 1, waits: 1, yields: 1, handOffs: 1}, "a thread runs on a worker that another holds"},
		{"without BeginPark", parkWithoutBegin, parkOptions{threads: 2, workers: 1, waits: 1}, "a wake-up is lost"},
	} {
		t.Run(test.name, func(t *testing.T) { mustFail(t, parkModel(test.o, test.flaw), test.property) })
	}
}
