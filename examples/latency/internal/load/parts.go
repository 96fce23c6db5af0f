package load

import (
	"slices"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/way"
)

// Parts are how long the parts of a request's way took, each in ascending order. They
// are empty where the server doesn't tell (package way), and lack the requests that were
// not answered.
type Parts struct {
	ToHandler Samples // sent, until the server called the handler
	ToThread  Samples // until the handler ran in its thread
	ToDone    Samples // until the answer was ready to be written
	ToAnswer  Samples // until it was read by the client
}

// A passage is when a request came by the places on its way, in nanoseconds since 1970.
type passage struct {
	sent     int64
	server   way.Stamps
	answered int64 // 0 if not, or if the server doesn't tell
}

// parts sorts the parts of passages.
func parts(passages []passage) (p Parts) {
	for i := range passages {
		w := &passages[i]
		if w.answered == 0 {
			continue
		}
		p.ToHandler = append(p.ToHandler, time.Duration(w.server.Handler-w.sent))
		p.ToThread = append(p.ToThread, time.Duration(w.server.Thread-w.server.Handler))
		p.ToDone = append(p.ToDone, time.Duration(w.server.Done-w.server.Thread))
		p.ToAnswer = append(p.ToAnswer, time.Duration(w.answered-w.server.Done))
	}
	p.sort()
	return p
}

func (p *Parts) sort() {
	for _, s := range []Samples{p.ToHandler, p.ToThread, p.ToDone, p.ToAnswer} {
		slices.Sort(s)
	}
}
