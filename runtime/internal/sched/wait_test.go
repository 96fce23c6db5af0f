package sched

import (
	"sync/atomic"
	"testing"
)

// A wait that is over before its owner blocks passes a safepoint all the same: the owner
// keeps its worker, and another task may have asked for that.
func TestWaitThatIsOver(t *testing.T) {
	for name, end := range map[string]func(*Task, Ticket){
		"claimed":     func(_ *Task, k Ticket) { k.Claim() },
		"interrupted": func(task *Task, _ Ticket) { task.marks.set(markInterrupted) },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, 1)
			_, done := run(s, Low, func(task *Task) {
				for {
					var ran atomic.Bool
					urgent := newTaskOf(s, Critical, func() { ran.Store(true) })
					k := task.Arm(true)
					end(task, k)
					urgent.Make(New)
					if ran.Load() {
						continue // by force
					}
					k.Wait()
					if !ran.Load() {
						t.Error("the task goes on, though its worker was asked for")
					}
					return
				}
			})
			<-done
		})
	}
}
