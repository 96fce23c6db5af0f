package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// A memory is what the process takes, in bytes.
type memory struct {
	Stack, Heap int64 // in use, by Go's own count
	// Resident memory, that of page Tables, which it doesn't include, and Virtual, which is
	// address space, are by the operating system's count; 0 where that isn't known.
	Resident, Tables, Virtual int64
}

// inUse returns what is in use after a garbage collection.
func inUse() memory {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	now := systemMemory()
	now.Stack, now.Heap = int64(m.StackInuse), int64(m.HeapAlloc)
	return now
}

// systemMemory reads from where Linux has it what memory and address space the process has.
func systemMemory() (m memory) {
	data, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(line, ":")
		field := map[string]*int64{"VmRSS": &m.Resident, "VmPTE": &m.Tables, "VmSize": &m.Virtual}[name]
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
	return memory{m.Stack - before.Stack, m.Heap - before.Heap, m.Resident - before.Resident, m.Tables - before.Tables, m.Virtual - before.Virtual}
}

// total is what Go has in use.
func (m memory) total() int64 { return m.Stack + m.Heap }
