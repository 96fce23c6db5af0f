package gv

import (
	"time"

	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A source is a Runtime whose turns package gvtrace records: an event.Source.
type source struct{ rt *Runtime }

func init() {
	event.Of = func(rt any) event.Source {
		if rt, ok := rt.(*Runtime); ok && rt != nil {
			return source{rt}
		}
		return source{runtimeOfCaller()}
	}
}

// Start implements event.Source.
func (s source) Start(bytes uint64) (*event.Recording, error) {
	if s.rt.live.isShut() {
		return nil, ErrRuntimeClosed
	}
	r := event.NewRecording(s.rt.config.Workers, bytes)
	s.rt.sched.StartRecording(r)
	return r, nil
}

// Stop implements event.Source.
func (s source) Stop(r *event.Recording) { s.rt.sched.StopRecording(r) }

// Window implements event.Source.
//
// The order matters: what a thread does at the end of the window is either seen here, or
// the thread has had a turn by the time that the turns are copied.
func (s source) Window(r *event.Recording, age int64) *event.Window {
	w := &event.Window{End: now(), Wall: time.Now()}
	for _, t := range s.rt.live.all() {
		if v, ok := t.task.Standing(); ok {
			v.Thread = t.id
			w.Standing = append(w.Standing, v)
		}
	}
	s.rt.sched.CopyRecording(r, w)
	w.Close(r.Start, age)
	return w
}

// WaitText implements event.Source.
func (s source) WaitText(wait uint8) string { return waitKind(wait).String() }
