package sched

// A fiberRare is what most fibers never have.
type fiberRare struct {
	// request is nil unless the goroutine is asked to stop: see force.go. It is guarded by
	// the lock of the place that the task is at.
	request *request
	// outer is what the list of those outside knows of the task, nil if the task is not
	// listed. It is guarded by the lock of outside.
	outer *outer
	// stack is nil in schedulers that neither watch stacks nor have slots. Fixed.
	stack *stackWatch
}

// needRare returns f's fiberRare, which it makes if there is none.
func (f *fiber) needRare() *fiberRare {
	r := f.rare.Load()
	if r == nil {
		r = new(fiberRare)
		if !f.rare.CompareAndSwap(nil, r) {
			r = f.rare.Load() // another of its fields has another lock
		}
	}
	return r
}

// request, outer and stack return what f has of that, nil if nothing. The caller holds the
// lock that guards it.

func (f *fiber) request() *request {
	if r := f.rare.Load(); r != nil {
		return r.request
	}
	return nil
}

func (f *fiber) outer() *outer {
	if r := f.rare.Load(); r != nil {
		return r.outer
	}
	return nil
}

func (f *fiber) stack() *stackWatch {
	if r := f.rare.Load(); r != nil {
		return r.stack
	}
	return nil
}
