package gv

import (
	"fmt"

	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// A Priority orders threads. It is strict: while a thread of a higher priority
// is ready, no worker stays with one of a lower priority, up to the bound that
// Config.MaxWait sets. Among threads of one priority the order is first in,
// first out.
type Priority uint8

const (
	// Critical is for work that somebody waits for now: a request, a
	// heartbeat. It should be short.
	Critical Priority = iota
	// High is above what threads get by default.
	High
	// Normal is what a thread has unless WithPriority says otherwise.
	Normal
	// Low is for background work.
	Low

	numPriorities = 4
	// noPriority stands for nothing: an empty queue, an idle worker. It is
	// below all priorities.
	noPriority Priority = numPriorities
)

// The scheduler has the same priorities, and states, by the same numbers: this compiles
// only if so.
var (
	_ = [1]struct{}{}[Low-Priority(sched.Low)]
	_ = [1]struct{}{}[noPriority-Priority(sched.None)]
	_ = [1]struct{}{}[StateBlocked-State(sched.Blocked)]
	_ = [1]struct{}{}[StateDone-State(sched.Done)]
)

// String returns the name of the constant.
func (p Priority) String() string {
	switch p {
	case Critical:
		return "Critical"
	case High:
		return "High"
	case Normal:
		return "Normal"
	case Low:
		return "Low"
	}
	return fmt.Sprintf("Priority(%d)", uint8(p))
}

// clamp maps what is no priority to the lowest one.
func (p Priority) clamp() Priority { return min(p, Low) }
