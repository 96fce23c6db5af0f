//go:build !linux

package main

import "os"

// limits are none: all of them are Linux's.
var limits []limit

// restart is never called without a case.
func restart(func() error) error { return errSkip }

// hangUp ends a process.
func hangUp(p *os.Process) error { return p.Kill() }
