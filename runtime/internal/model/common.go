package model

// A fiberWord is the word of an arch.Fiber.
type fiberWord uint8

const (
	wordRunning fiberWord = iota
	wordLeaving
	wordParking
	wordParked
	wordToken
)

// A status is g.atomicstatus, without the scan bit.
type status uint8

const (
	gRunning status = iota
	gRunnable
	gWaiting
	gPreempted
)

// A taskState is the state in a task's where.
type taskState uint8

const (
	taskRuns    taskState = iota
	taskReady             // in a queue
	taskWaits             // nowhere, and may be claimed
	taskClaimed           // nowhere, and belongs to the one who has claimed it
	taskOutside
)

// none stands for no task, fiber, worker or OS thread.
const none = 0xff

// A move is a step of one actor: its name, where the actor is after it, and what else
// it changes.
type move[S any] func(what string, pc uint8, change func(n *S))

// A set is a set of small numbers.
type set uint8

func (s set) has(i uint8) bool    { return s&(1<<i) != 0 }
func (s set) with(i uint8) set    { return s | 1<<i }
func (s set) without(i uint8) set { return s &^ (1 << i) }
func (s set) each(f func(i uint8)) {
	for i := uint8(0); i < 8; i++ {
		if s.has(i) {
			f(i)
		}
	}
}
