package gv

// A family is a thread and all that it started, and that they started. It is over
// when all of them have ended: until then a cancellation reaches them through those
// that have ended, and the contexts of these may still end for another reason.

// joinFamily makes t, whose parent is fixed already, known to it.
func (t *Thread) joinFamily() {
	t.life.parent.hadChildren = true
	l := &t.life.parent.life
	l.lock.Lock()
	l.adopt(t)
	l.lock.Unlock()
}

// adopt puts child into the list. The caller holds the lock.
func (l *lifecycle) adopt(child *Thread) {
	child.life.nextChild = l.children
	if l.children != nil {
		l.children.life.prevChild = child
	}
	l.children = child
}

// appendChildren appends those in the list to ts. The caller holds the lock.
func (l *lifecycle) appendChildren(ts []*Thread) []*Thread {
	for child := l.children; child != nil; child = child.life.nextChild {
		ts = append(ts, child)
	}
	return ts
}

// leaveFamily is called when t has run its last, or never will run. If its family
// is over, t's context ends, the watch over the context that it was given too, and
// the parent, whose last child it may be, loses it.
//
// It comes before the end of t: it calls the user's code, which may block, as only
// a thread may that has not ended. It panics if that code does, but has done its
// work nevertheless. A second call does nothing.
func (t *Thread) leaveFamily() {
	if t.left {
		return
	}
	t.left = true
	l := &t.life
	if !t.hadChildren && t.opts().unlink == nil && t.madeContext() == nil {
		// There is nothing to end, and nobody to wait for: it is over in finish.
		if p := l.parent; p != nil && p.life.lose(t) {
			p.familyOver()
		}
		return
	}
	if l.lose(nil) {
		t.familyOver()
	}
}

// lose takes child from the family, or, if that is nil, the thread itself. It
// reports whether that was the last: then the family is over.
func (l *lifecycle) lose(child *Thread) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	if child == nil {
		l.gone = true
	} else {
		l.disown(child)
	}
	if !l.gone || l.children != nil || l.over {
		return false
	}
	l.over = true
	return true
}

// disown takes child out of the list. The caller holds the lock.
func (l *lifecycle) disown(child *Thread) {
	c := &child.life
	if c.prevChild == nil && l.children != child {
		return // it is out already
	}
	if c.prevChild != nil {
		c.prevChild.life.nextChild = c.nextChild
	} else {
		l.children = c.nextChild
	}
	if c.nextChild != nil {
		c.nextChild.life.prevChild = c.prevChild
	}
	c.nextChild, c.prevChild = nil, nil
}

// isOver reports whether t and all that it started have ended.
func (t *Thread) isOver() bool {
	l := &t.life
	if l.ended.Load() == 0 {
		return false
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.over
}

// familyOver follows on the end of t's family.
func (t *Thread) familyOver() {
	for {
		l := &t.life
		if s := t.madeContext(); s != nil {
			s.end(t.finalEnd())
		}
		if o := t.opts(); o.unlink != nil {
			defer o.unlink() // the user's code: it may panic
			o.unlink = nil
		}
		p := l.parent
		if p == nil {
			t.rt().live.roots.lose(t)
			return
		}
		if !p.life.lose(t) {
			return
		}
		t = p
	}
}

// cancelAncestors cancels those that t descends from, with c. They have ended, or are
// cancelled with c anyway, but their contexts may still be open.
func (t *Thread) cancelAncestors(c *cancellation) {
	for p := t.life.parent; p != nil && p.cancellation() != c; p = p.life.parent {
		p.cancel(c)
	}
}
