//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import "unsafe"

//lint:file-ignore U1000 the assembly uses them

// Offsets into Fiber.
const (
	fiberWord = unsafe.Offsetof(Fiber{}.word)
	fiberG    = unsafe.Offsetof(Fiber{}.g)
)
