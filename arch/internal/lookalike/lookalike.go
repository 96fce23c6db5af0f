// Package runtime has a type that is called as one of Go's runtime is, for a test of package
// arch: programs have packages of that name.
package runtime

type g struct{ goid uint8 }

// G returns a *runtime.g.
func G() any { return &g{goid: 1} }
