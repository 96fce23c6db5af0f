package main

import (
	"fmt"
	"os"
	"runtime"
)

// A memory is what the process takes, in bytes.
type memory struct {
	stack, heap int64 // in use, by Go's own count
	// resident memory and virtual, which is address space, are by the operating system's
	// count; 0 where that isn't known.
	resident, virtual int64
}

// measure returns what is in use after a garbage collection.
func measure() memory {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	resident, virtual := systemMemory()
	return memory{int64(m.StackInuse), int64(m.HeapAlloc), resident, virtual}
}

// systemMemory reads from where Linux has it what memory and address space the process has.
func systemMemory() (resident, virtual int64) {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, 0
	}
	if _, err := fmt.Sscan(string(data), &virtual, &resident); err != nil {
		return 0, 0
	}
	page := int64(os.Getpagesize())
	return resident * page, virtual * page
}

func (m memory) minus(before memory) memory {
	return memory{m.stack - before.stack, m.heap - before.heap, m.resident - before.resident, m.virtual - before.virtual}
}
