//go:build !linux

package main

import "errors"

// nicedMissing says why there is no such mode.
const nicedMissing = "only Linux sets the niceness of single OS threads"

func newNiced(serverTask) (system, error) { return nil, errors.New(nicedMissing) }
