//go:build !(linux && (amd64 || arm64) && go1.26 && !go1.28)

package arch

import (
	"fmt"
	"runtime"
)

func probeNative() error {
	return fmt.Errorf("arch: no native engine for %s on %s/%s (have go1.26 and go1.27 on linux/amd64 and linux/arm64)",
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func probeForced() error { return probeNative() }
