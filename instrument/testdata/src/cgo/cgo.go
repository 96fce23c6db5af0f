package cgo

// static int one(void) { return 1; }
import "C"

func f(n int) {
	for i := 0; i < n; i++ { // want `no safepoint`
		C.one()
	}
}
