// Package arch is the contact with Go's runtime.
package arch
