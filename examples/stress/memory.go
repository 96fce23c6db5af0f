package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// A memory is what the process takes, in bytes.
type memory struct {
	stack, heap int64 // in use, by Go's own count
	// resident memory, that of page tables, which it doesn't include, and virtual, which is
	// address space, are by the operating system's count; 0 where that isn't known.
	resident, tables, virtual int64
}

// measure returns what is in use after a garbage collection.
func measure() memory {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	now := systemMemory()
	now.stack, now.heap = int64(m.StackInuse), int64(m.HeapAlloc)
	return now
}

// systemMemory reads from where Linux has it what memory and address space the process has.
func systemMemory() (m memory) {
	data, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(line, ":")
		field := map[string]*int64{"VmRSS": &m.resident, "VmPTE": &m.tables, "VmSize": &m.virtual}[name]
		if field == nil {
			continue
		}
		if _, err := fmt.Sscanf(value, "%d kB", field); err == nil {
			*field <<= 10
		}
	}
	return m
}

func (m memory) minus(before memory) memory {
	return memory{m.stack - before.stack, m.heap - before.heap, m.resident - before.resident, m.tables - before.tables, m.virtual - before.virtual}
}
