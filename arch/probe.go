package arch

import "sync"

// Native reports whether the Native engine can be used in this process: nil, or
// the reason why not. The first call checks the layout table and the switch
// against the program's types and live goroutines, which takes some hundred
// microseconds; the result is kept.
func Native() error { return nativeOnce() }

var nativeOnce = sync.OnceValue(func() (err error) {
	Outside(func() { err = probeNative() })
	return err
})

// ForcedPreemption reports whether RequestPreempt works in this process: nil,
// or the reason why not. It is never nil where Native isn't. The first call
// tries it out on a goroutine that runs beside the caller, so GOMAXPROCS must be
// 2 at least; the result is kept.
func ForcedPreemption() error { return forcedOnce() }

var forcedOnce = sync.OnceValue(func() error {
	if err := Native(); err != nil {
		return err
	}
	var err error
	Outside(func() { err = probeForced() })
	return err
})
