package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

const (
	// slotThreads are parked, or deep, at once.
	slotThreads = 10_000
	deepThreads = 100
	// deepStack is how deep those are, in bytes.
	deepStack = 1 << 20
	// deepMaxThreads bounds the threads of a runtime whose opening is not what is measured.
	deepMaxThreads = 2 * slotThreads
)

// slotRows are about Config.Stacks. Both sides are threads, the first on slots, the second
// on growing stacks.
func slotRows() []row {
	var rows []row
	for _, name := range []string{"yield", "spawn"} {
		p := pathNamed(name)
		rows = append(rows, row{name: "slots_" + name, about: p.About, unit: "ns/op", more: priceMore,
			threads:    pathOfThreads(p, 1, gv.Config{Workers: 1, Stacks: gv.SlotStacks}),
			goroutines: pathOfThreads(p, 1, gv.Config{Workers: 1}),
		})
	}
	rows = append(rows,
		row{name: "slots_recursion", about: "one of 100 new ones that are 1 MiB deep at once", unit: "ns/op", more: priceMore,
			threads: deepOn(gv.SlotStacks), goroutines: deepOn(gv.GrowingStacks)},
		row{name: "slots_memory", about: "memory of the process, with page tables, for one of 10,000 that wait to receive from a channel", unit: "B", most: 1,
			threads: memoryOn(gv.SlotStacks), goroutines: memoryOn(gv.GrowingStacks)},
	)
	for i := range rows {
		rows[i].about += ", on slots, and on growing stacks"
		rows[i].apart = true
		rows[i].threads = presentOnly(rows[i].threads)
	}
	return rows
}

// presentOnly is m, where there are slots.
func presentOnly(m measure) measure {
	return func(t turn) (values, error) {
		v, err := m(t)
		if errors.Is(err, gv.ErrSlotsUnavailable) {
			err = fmt.Errorf("%w: %w", errAbsent, err)
		}
		return v, err
	}
}

// deepOn returns the measure of what it takes to get deep in stacks of a kind.
func deepOn(stacks gv.StackKind) measure {
	return func(t turn) (v values, err error) {
		err = t.withRuntime(gv.Config{Workers: 1, MaxThreads: deepMaxThreads, Stacks: stacks}, func(rt *gv.Runtime) error {
			gate := gv.NewChan[int](0)
			threads := make([]*gv.Thread, deepThreads)
			stop := stopwatch()
			for i := range threads {
				threads[i] = rt.Go(func(context.Context) error {
					descend(deepStack, func() { gate.Recv() })
					return nil
				})
			}
			untilBlocked(threads)
			v = stop().each(deepThreads)
			gate.Close()
			return waitAll(threads)
		})
		return v, err
	}
}

// descend calls f with so many bytes of stack in use.
//
//go:noinline
func descend(bytes int, f func()) byte {
	var frame [256]byte
	if bytes < len(frame) {
		f()
		return 0
	}
	frame[bytes&255] = descend(bytes-len(frame), f)
	return frame[(bytes+1)&255]
}

// memoryOn returns the measure of what parked threads take on stacks of a kind.
func memoryOn(stacks gv.StackKind) measure {
	return func(t turn) (v values, err error) {
		err = t.withRuntime(gv.Config{Workers: 2, MaxThreads: deepMaxThreads, Stacks: stacks}, func(rt *gv.Runtime) error {
			gate := gv.NewChan[int](0)
			threads := make([]*gv.Thread, slotThreads)
			before, err := residentMemory()
			if err != nil {
				return err
			}
			for i := range threads {
				threads[i] = rt.Go(func(context.Context) error {
					gate.Recv()
					return nil
				})
			}
			untilBlocked(threads)
			after, err := residentMemory()
			v = values{(after - before) / slotThreads}
			gate.Close()
			return errors.Join(err, waitAll(threads))
		})
		return v, err
	}
}

// untilBlocked returns when all threads wait.
func untilBlocked(threads []*gv.Thread) {
	for _, th := range threads {
		for th.State() != gv.StateBlocked {
			time.Sleep(50 * time.Microsecond)
		}
	}
}

// residentMemory returns what memory the process has, with its page tables, in bytes, after
// a garbage collection.
func residentMemory() (bytes float64, err error) {
	inUse()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errAbsent, err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		if name != "VmRSS" && name != "VmPTE" {
			continue
		}
		var kilobytes float64
		if _, err := fmt.Sscanf(value, "%f kB", &kilobytes); err != nil {
			return 0, fmt.Errorf("reading %s: %w", name, err)
		}
		bytes += kilobytes * 1024
	}
	return bytes, nil
}
