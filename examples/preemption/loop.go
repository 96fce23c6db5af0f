package main

import (
	"sync/atomic"

	gv "github.com/gvthread/gvthread/runtime"
)

// spin computes until it is to stop. It calls nothing of package gv.
func spin(stop *atomic.Bool) (x uint64) {
	for x = 1; !stop.Load(); {
		for range 1000 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
	}
	return x
}

// spinWithSafepoints is spin with what gvinstrument would put into it.
func spinWithSafepoints(stop *atomic.Bool) (x uint64) {
	for x = 1; !stop.Load(); {
		gv.Safepoint()
		for range 1000 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
	}
	return x
}
