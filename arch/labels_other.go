//go:build !(go1.26 && !go1.28)

package arch

import "context"

// Labels knows nothing of this release.
func Labels() (ctx context.Context, known bool) { return nil, false }
