package sched

import "github.com/gvthread/gvthread/runtime/internal/event"

// A recording gets each turn: who has had a worker, from when to when, and why no longer.
// The places are those of accounting (account.go), and so is the time, where there is an
// account: the turns that are recorded add up to what is accounted for. While nobody
// records, worker.log is nil, and that is all that a switch sees of it.
//
// The log of a worker is guarded by its lock, and that of outside by outside's.

// StartRecording begins to write into r, which is new.
func (s *Scheduler) StartRecording(r *event.Recording) {
	s.monitor.needExact(1)
	r.Start = Now()
	for i, w := range s.workers {
		l := &r.Logs[i]
		w.Lock.Lock()
		l.Next, w.log = w.log, l
		if w.cur != nil {
			v := w.cur.event(r.Start)
			l.Begin(&v)
		}
		w.Unlock()
	}
	o := &s.outside
	o.Lock.Lock()
	r.Outside.Next, o.log = o.log, &r.Outside
	o.Unlock()
}

// StopRecording ends that.
func (s *Scheduler) StopRecording(r *event.Recording) {
	for i, w := range s.workers {
		w.Lock.Lock()
		link := &w.log
		for *link != &r.Logs[i] {
			link = &(*link).Next
		}
		*link = r.Logs[i].Next
		w.Unlock()
	}
	o := &s.outside
	o.Lock.Lock()
	link := &o.log
	for *link != &r.Outside {
		link = &(*link).Next
	}
	*link = r.Outside.Next
	o.Unlock()
	s.monitor.needExact(-1)
}

// CopyRecording copies what r has up to now into w.
func (s *Scheduler) CopyRecording(r *event.Recording, w *event.Window) {
	w.Workers = make([]event.Track, len(s.workers))
	for i, from := range s.workers {
		r.CopyLog(i, &from.Lock, w)
	}
	r.CopyOutside(&s.outside.Lock, w)
}

// Standing returns what t does without a worker, if it neither has one nor waits for
// another task. A task that runs another one in its goroutine counts as one in Leave.
func (t *Task) Standing() (v event.Standing, ok bool) {
	pl := t.lockPlace()
	if pl == nil {
		return v, false
	}
	defer pl.Unlock()
	switch t.state() {
	case New, Ready, Preempted:
		v.Since, v.Due = t.readyAt, uint8(t.Due())
	default:
		if pl != &t.s.outside.place {
			return v, false // it has a worker
		}
	}
	v.State = t.standing()
	return v, true
}

// standing says what t does, which has no worker. The caller has locked its place.
func (t *Task) standing() event.State {
	switch t.state() {
	case Blocked:
		return event.InBlock
	case Running:
		return event.Displaced
	}
	return event.Ready
}

// note says why w's task, whose turn may be about to end, leaves. The caller has locked w.
func (w *worker) note(why event.Cause) {
	if w.log != nil {
		w.cause, w.wait = why, 0
	}
}

// event returns a turn of t that begins.
func (t *Task) event(at int64) event.Turn {
	id, name := t.s.config.Bodies.Name(t)
	v := event.Turn{
		Begin: at, Ready: at, Thread: id, Name: name,
		Priority: uint8(t.Base()), Due: uint8(t.Due()), Effective: uint8(t.Priority()),
		Boosted: t.marks.has(markBoosted),
	}
	if t.readyAt != never {
		v.Ready = t.readyAt
	}
	return v
}

// putBlocked puts t, which has no worker, where tasks in Leave are. The caller has locked
// outside, and has taken t back from there before.
func (s *Scheduler) putBlocked(t *Task) {
	s.outside.logPassage(t, true)
	t.where.Store(at(Blocked, s.outside.index))
}

// logPassage notes that t is about to leave outside, or, with blocks, that it goes on there,
// in Leave. The caller has locked o.
func (o *outsideTasks) logPassage(t *Task, blocks bool) {
	if o.log == nil {
		return
	}
	id, _ := t.s.config.Bodies.Name(t)
	p := event.Passage{At: Now(), Thread: id, From: t.standing(), Blocks: blocks}
	for l := o.log; l != nil; l = l.Next {
		l.Pass(p)
	}
}

// What follows is called with w locked, and while somebody records.

// logTurn notes that t is about to get w, after its account has.
func (w *worker) logTurn(t *Task) {
	at, ended := w.log.Ended()
	if w.cur == nil || !ended {
		at = w.logTime() // else one turn begins where the other has ended
	}
	w.logEnd(at)
	w.logBegin(t, at)
}

// logTime returns the time of what is happening, which the account has noted already, if
// there is one.
func (w *worker) logTime() int64 {
	if w.account != nil {
		return w.account.since
	}
	return Now()
}

// logTimeOf is logTime for a change that comes when t becomes ready.
func (w *worker) logTimeOf(t *Task) int64 {
	if w.account != nil {
		return w.account.since
	}
	return t.readyAt
}

func (w *worker) logBegin(t *Task, at int64) {
	v := t.event(at)
	for l := w.log; l != nil; l = l.Next {
		l.Begin(&v)
	}
}

// logEnd ends the turn of w's task, if it has not ended.
func (w *worker) logEnd(at int64) {
	for l := w.log; l != nil; l = l.Next {
		l.End(at, w.cause, w.wait)
	}
}

// logEndNow is logEnd after the account has ended the turn.
func (w *worker) logEndNow() {
	if _, ended := w.log.Ended(); !ended {
		w.logEnd(w.logTime())
	}
}

// logResume goes on with the turn that has ended, as resumeTurn does.
func (w *worker) logResume() {
	for l := w.log; l != nil; l = l.Next {
		l.Resume()
	}
}

// logWake notes that w's task has made t ready.
func (w *worker) logWake(t *Task) {
	id, _ := t.s.config.Bodies.Name(t)
	for l := w.log; l != nil; l = l.Next {
		l.Wake(event.Wake{At: t.readyAt, Woken: id})
	}
}
