// Package dep hands out pointers to what it exports.
package dep

type T struct{ I int }

func (t *T) Ptr() *int { return &t.I }

var Limit []int
