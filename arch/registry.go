package arch

import (
	"sync/atomic"
	"unsafe"
)

// A Registry numbers values, and finds a value by its number: for who can keep a number
// where a pointer would cost a write barrier with each change. The zero Registry is empty.
type Registry[T any] struct {
	t    localTable
	last atomic.Uint32
}

const (
	// MinNumber and MaxNumber bound the numbers of a Registry. Those below are free for
	// other uses.
	MinNumber = 16
	MaxNumber = 1<<28 - 1
)

// Enter enters v and returns its number. One that was in use before is given again only
// after all others.
func (r *Registry[T]) Enter(v *T) (number uint32) {
	for number < MinNumber || r.Find(number) != nil {
		number = r.last.Add(1) & MaxNumber
	}
	r.t.enter(uint64(number), unsafe.Pointer(v))
	return number
}

// Leave removes what has that number, as something has.
func (r *Registry[T]) Leave(number uint32) { r.t.leave(uint64(number)) }

// Find returns what has that number, nil if nothing has.
func (r *Registry[T]) Find(number uint32) *T { return (*T)(r.t.find(uint64(number))) }
