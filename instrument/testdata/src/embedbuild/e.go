//go:build linux || !linux

package embedbuild

import (
	_ "embed"
)

//go:embed e.go
var self string

func f(g func()) {
	for { // want `no safepoint`
		g()
	}
}
