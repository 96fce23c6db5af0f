package sched

import (
	"sync/atomic"
	"testing"
	"time"
)

// A task that has lost its worker, and goes on in Go while nothing else runs and the Monitor is
// blocked, makes way once another has that worker.
func TestStrayMakesWay(t *testing.T) {
	others := map[string]func(t *Task, blocks chan<- Ticket, returns <-chan struct{}){
		"comes back": func(t *Task, blocks chan<- Ticket, returns <-chan struct{}) {
			t.Leave()
			blocks <- Ticket{}
			<-returns
			t.Return()
		},
		"is woken": func(t *Task, blocks chan<- Ticket, _ <-chan struct{}) {
			k := t.Arm(false)
			blocks <- k
			k.Wait()
		},
	}
	for name, blocks := range others {
		t.Run(name, func(t *testing.T) { strayMakesWay(t, blocks) })
	}
}

func strayMakesWay(t *testing.T, block func(t *Task, blocks chan<- Ticket, returns <-chan struct{})) {
	s := start(t, 1)
	strays, goesOn := make(chan struct{}), make(chan struct{})
	blocks, returns := make(chan Ticket, 1), make(chan struct{})
	var runs, ended atomic.Bool
	stray, strayed := run(s, Normal, func(t *Task) {
		close(strays)
		<-goesOn
		for runs.Store(true); !ended.Load(); {
			t.Safepoint()
		}
	})
	<-strays
	makesWay := false
	_, done := run(s, Normal, func(t *Task) {
		block(t, blocks, returns)
		for deadline := time.Now().Add(10 * time.Second); !makesWay && time.Now().Before(deadline); {
			makesWay = stray.state() == Ready
		}
		ended.Store(true)
	})
	ticket := <-blocks
	for s.monitor.planned.Load() != never || s.busy() {
		time.Sleep(time.Millisecond)
	}
	close(goesOn)
	for !runs.Load() {
		time.Sleep(time.Millisecond)
	}
	close(returns)
	if !ticket.None() {
		if _, blocked := ticket.Claim(); blocked {
			ticket.Wake()
		}
	}
	<-done
	<-strayed
	if !makesWay {
		t.Error("a task went on without a worker for as long as another had the only one")
	}
}
