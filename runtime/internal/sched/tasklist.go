package sched

// A taskList is a FIFO of tasks, linked through them: of those of one priority in a queue,
// or of those outside.
type taskList struct {
	first, last *Task
	n           int
}

// append puts t at the end.
func (l *taskList) append(t *Task) {
	t.next, t.prev = nil, l.last
	if l.last != nil {
		l.last.next = t
	} else {
		l.first = t
	}
	l.last = t
	l.n++
}

// prepend puts t at the front.
func (l *taskList) prepend(t *Task) {
	t.next, t.prev = l.first, nil
	if l.first != nil {
		l.first.prev = t
	} else {
		l.last = t
	}
	l.first = t
	l.n++
}

// cut takes out t, which is in l.
func (l *taskList) cut(t *Task) {
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
	l.n--
}

// rotate is append(t) and cut(l.first), in the fewer stores of a list that does not become
// empty: what each turn of a round goes through.
func (l *taskList) rotate(t *Task) {
	first := l.first
	t.next, t.prev = nil, l.last
	l.last.next = t
	l.last = t
	l.first = first.next
	l.first.prev = nil
	first.next = nil
}
