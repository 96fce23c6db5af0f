// Package steps counts the instructions that a piece of a program executes, and
// how many of them lock the bus or a cache line. Such counts don't depend on how
// busy the machine is, so a test can hold a function to a budget.
//
// A program counts itself: Count starts its executable again as a child, and the
// child surrounds what is to be counted with Begin and End.
//
//	steps.Begin()
//	for range 100 {
//		gv.Yield()
//	}
//	steps.End()
//
// Between the marks one OS thread of the child runs, the one that made the first
// mark, an instruction at a time. All others are stopped: neither Go's sysmon nor
// the collector's helpers disturb the count, and code that waits for another OS
// thread can't be counted. What a second OS thread would have added, such as
// the wait for a lock that it holds, is not in the counts.
//
// Linux on amd64 has this. Elsewhere, where the system refuses ptrace, and with the race
// detector, Count returns an error that wraps ErrUnavailable.
package steps

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// ErrUnavailable is wrapped by the errors of Count where instructions can't be
// counted at all; the rest says why.
var ErrUnavailable = errors.New("instructions can't be counted")

// A Profile is what was executed between one Begin and its End.
type Profile struct {
	// Instructions is how many instructions were executed. What the system does
	// in a system call is not in it, and a repeated string instruction is one.
	Instructions int
	// Locked is how many of them were locked: had the LOCK prefix, or exchanged a
	// register with memory.
	Locked int
	// Sites are the places of the locked ones, the most frequent first.
	Sites []Site
}

// A Site is a line that has a locked instruction.
type Site struct {
	Function string
	// Within is the function that the compiler has inlined Function into; without
	// inlining it is the same.
	Within string
	File   string
	Line   int
	Locked int // how often it was executed
}

// String returns the functions and the line.
func (s Site) String() string {
	text := fmt.Sprintf("%s (%s:%d)", s.Function, filepath.Base(s.File), s.Line)
	if s.Within != s.Function {
		text += " in " + s.Within
	}
	return text
}

// Least returns the Profile with the fewest locked instructions, and among those the
// fewest instructions: whatever disturbs a count adds to it. It panics if there is none.
func Least(profiles []Profile) Profile {
	return slices.MinFunc(profiles, func(a, b Profile) int {
		if a.Locked != b.Locked {
			return a.Locked - b.Locked
		}
		return a.Instructions - b.Instructions
	})
}
