//go:build !(linux && (amd64 || arm64) && go1.26 && !go1.28)

package arch

// sliceWatcher has nothing to watch on this platform.
var sliceWatcher sliceWatch

type sliceWatch struct{}

func (sliceWatch) start()     {}
func (sliceWatch) stop()      {}
func (sliceWatch) know([]int) {}

// WantSlices has nothing to ask for on this platform.
func WantSlices(bool) {}
