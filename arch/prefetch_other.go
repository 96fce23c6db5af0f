//go:build !(linux && (amd64 || arm64) && go1.26 && !go1.28)

package arch

// Prefetch does nothing on this platform.
func Prefetch[T any](*T) {}

// PrefetchGoroutine does nothing on this platform.
func (f *Fiber) PrefetchGoroutine() {}

// PrefetchStack does nothing on this platform.
func (f *Fiber) PrefetchStack() {}
