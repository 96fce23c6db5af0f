//go:build !(linux && amd64)

package steps

import (
	"context"
	"fmt"
	goruntime "runtime"
)

// Begin does nothing here.
func Begin() {}

// End does nothing here.
func End() {}

// Count returns an error that wraps ErrUnavailable: only linux/amd64 has it.
func Count(context.Context, []string, []string) ([]Profile, error) {
	return nil, fmt.Errorf("%w on %s/%s: only linux/amd64 has that", ErrUnavailable, goruntime.GOOS, goruntime.GOARCH)
}
