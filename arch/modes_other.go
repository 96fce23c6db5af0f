//go:build !(linux && (amd64 || arm64) && go1.26 && !go1.28)

package arch

// inMode knows nothing on this platform.
func inMode() bool { return false }

func leaveModes() {}
