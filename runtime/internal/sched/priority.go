package sched

// A Priority orders tasks: the lowest number comes first, so p < q means that p is higher.
// Within one priority the order is first in, first out.
type Priority uint8

// The priorities, as package gv has them.
const (
	Critical Priority = iota
	High
	Normal
	Low

	NumPriorities = 4
	// None stands for nothing: an empty queue, a vacant worker. It is below all
	// priorities.
	None Priority = NumPriorities
)

// higher returns the set of the priorities above p, a bit each.
func (p Priority) higher() uint32 { return 1<<(p%32) - 1 }

// notLower returns the set of p and those above.
func (p Priority) notLower() uint32 { return 2<<(p%32) - 1 }

// above returns the lowest priority above p. Above Critical there is none: it is its own.
func (p Priority) above() Priority { return max(p, 1) - 1 }
