//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import "unsafe"

// A goroutine hands modes down to those that it starts (newproc1 in runtime/proc.go, go1.26 and
// go1.27): it is in crypto/fips140.WithoutEnforcement, in crypto/subtle.WithDataIndependentTiming,
// or in runtime/secret.Do. Those who start one for what it will do later, for others, don't.

// inMode reports whether the calling goroutine is in such a mode, if that is known.
//
//go:norace
func inMode() bool {
	if !layoutChecked.Load() {
		return false
	}
	g := getg()
	return *(*uint8)(unsafe.Add(g, gFipsOnlyBypass))|*(*uint8)(unsafe.Add(g, gDitWanted)) != 0 || *(*int32)(unsafe.Add(g, gSecret)) != 0
}

// leaveModes takes the calling goroutine, which is new, out of those that it has inherited. Its
// OS thread may stay in one until Go's scheduler runs another goroutine there: that costs time,
// and is no harm.
//
//go:norace
func leaveModes() {
	if !layoutChecked.Load() {
		return
	}
	g := getg()
	*(*uint8)(unsafe.Add(g, gFipsOnlyBypass)) = 0
	*(*uint8)(unsafe.Add(g, gDitWanted)) = 0
	*(*int32)(unsafe.Add(g, gSecret)) = 0
}
