package main

import (
	"fmt"
	"os"
	"runtime"
)

// A memory is what the process takes, in bytes.
type memory struct {
	Stack, Heap int64 // in use, by Go's own count
	Resident    int64 // by the operating system's; 0 where it isn't known
}

// inUse returns what is in use after a garbage collection.
func inUse() memory {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return memory{Stack: int64(m.StackInuse), Heap: int64(m.HeapAlloc), Resident: resident()}
}

// resident reads the resident set size from where Linux has it.
func resident() int64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(data), &size, &pages); err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

func (m memory) minus(before memory) memory {
	return memory{m.Stack - before.Stack, m.Heap - before.Heap, m.Resident - before.Resident}
}

// total is what Go has in use.
func (m memory) total() int64 { return m.Stack + m.Heap }
