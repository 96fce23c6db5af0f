package steps

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// share returns functions that move task and the tracer to one core, and the child
// back to all that it may use. Each step is a switch between the two, and on one core
// that takes no interrupt of another.
func (t *tracer) share(task int) (together, apart func(), err error) {
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(task, &all); err != nil {
		return nil, nil, fmt.Errorf("asking for the cores of the counted process: %w", err)
	}
	for cpu := range len(all) * 64 {
		if all.IsSet(cpu) {
			one.Set(cpu)
			break
		}
	}
	// Where it is refused, counting takes longer.
	move := func(task int, to *unix.CPUSet) { _ = unix.SchedSetaffinity(task, to) }
	together = func() {
		move(0, &one) // this OS thread does nothing else
		move(task, &one)
	}
	apart = func() {
		// Those that task has started have its core.
		for task := range t.tasks {
			move(task, &all)
		}
	}
	return together, apart, nil
}
