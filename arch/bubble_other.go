//go:build !(linux && (amd64 || arm64) && go1.26 && !go1.28)

package arch

// bubbled knows nothing on this platform.
func bubbled() (in, known bool) { return false, false }
