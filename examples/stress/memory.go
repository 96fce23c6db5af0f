package main

import (
	"fmt"
	"os"
	"runtime"
)

// A memory is what the process takes, in bytes.
type memory struct {
	stack, heap int64 // in use, by Go's own count
	resident    int64 // by the operating system's; 0 where it isn't known
}

// measure returns what is in use after a garbage collection.
func measure() memory {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return memory{
		stack:    int64(m.StackInuse),
		heap:     int64(m.HeapAlloc),
		resident: resident(),
	}
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
	return memory{m.stack - before.stack, m.heap - before.heap, m.resident - before.resident}
}
