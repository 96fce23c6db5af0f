package sched

// A taskList is a FIFO of tasks, linked through them: of those of one priority in a queue,
// or of those outside. Tasks that are in no list have no links.
type taskList struct {
	first, last *Task
	n           int
}

// append puts t at the end, and reports whether l was empty.
func (l *taskList) append(t *Task) (first bool) {
	l.n++
	last := l.last
	if last == nil {
		l.first, l.last = t, t
		return true
	}
	last.next, t.prev, l.last = t, last, t
	return false
}

// prepend puts t at the front, and reports whether l was empty.
func (l *taskList) prepend(t *Task) (last bool) {
	l.n++
	first := l.first
	if first == nil {
		l.first, l.last = t, t
		return true
	}
	first.prev, t.next, l.first = t, first, t
	return false
}

// cut takes out t, which is in l.
func (l *taskList) cut(t *Task) {
	l.n--
	if l.first == l.last {
		l.first, l.last = nil, nil
		return
	}
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		l.first = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	} else {
		l.last = t.prev
	}
	t.next, t.prev = nil, nil
}

// rotate is append(t) and cut(l.first), in the fewer stores of a list that does not become
// empty: what each turn of a round goes through.
func (l *taskList) rotate(t *Task) {
	first, last := l.first, l.last
	if first == last {
		l.first, l.last = t, t
		return
	}
	second := first.next
	last.next, t.prev, l.last = t, last, t
	second.prev, first.next, l.first = nil, nil, second
}
