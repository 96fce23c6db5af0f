//go:build !(linux && (amd64 || arm64) && go1.26 && !go1.28)

package arch

import "unsafe"

func settle(*localTable, unsafe.Pointer) {
	panic("arch: a value on a stack, on a platform that has no table of where")
}
