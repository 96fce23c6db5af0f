package model

// A fiberWord is the word of an arch.Fiber.
type fiberWord uint8

const (
	wordRunning fiberWord = iota
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

// none stands for no thread, fiber, worker or OS thread.
const none = 0xff

// A set is a set of small numbers.
type set uint8

func setOf(elements ...uint8) (s set) {
	for _, i := range elements {
		s |= 1 << i
	}
	return s
}

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
