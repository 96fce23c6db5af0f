package main

import (
	"errors"
	"sync/atomic"

	gv "github.com/gvthread/gvthread/runtime"
)

// A token is a value that goes through a channel: its number in the ledger, and
// the same number again, disguised, so that a torn value shows.
type token struct {
	n     uint32
	check uint32
}

const tokenMask = 0x5bd1e995

// ledgerSize is how many values a round may send.
const ledgerSize = 1 << 19

// A ledger knows of each value whether it was sent and received, and when.
type ledger struct {
	next    atomic.Uint32
	senders atomic.Uint32
	clock   atomic.Uint32
	entries [ledgerSize]entry
}

// An entry is what the ledger knows of a value. What isn't atomic is ordered by the
// channel: the sender writes from before it sends, and the receiver the rest.
type entry struct {
	state      atomic.Uint32
	from       uint32 // the sender's number
	via        int32  // the channel's
	start, end uint32 // when the receiver asked, and when it had the value
}

// The bits of an entry's state.
const (
	wasIssued uint32 = 1 << iota
	wasSent
	wasReceived
	wasKept // the sender was told that it was not sent
)

// newSender returns the number of somebody who sends.
func (l *ledger) newSender() uint32 { return l.senders.Add(1) }

// tick returns the time, which goes on with each look.
func (l *ledger) tick() uint32 { return l.clock.Add(1) }

// issue makes a new value of a sender, one with a higher number than those before;
// false when there are no more.
func (l *ledger) issue(sender uint32) (token, bool) {
	if l.next.Load() >= ledgerSize {
		return token{}, false
	}
	n := l.next.Add(1) - 1
	if n >= ledgerSize {
		return token{}, false
	}
	l.entries[n].from = sender
	l.entries[n].state.Store(wasIssued)
	return token{n, n ^ tokenMask}, true
}

// sent notes what came of sending v.
func (l *ledger) sent(w *world, v token, err error, by string) {
	bit := wasSent
	if err != nil {
		bit = wasKept
		if !errors.Is(err, gv.ErrCancelled) && !errors.Is(err, gv.ErrFull) && !errors.Is(err, gv.ErrClosed) {
			w.r.violation("%s: %v", by, err)
		}
	}
	if old := l.entries[v.n].state.Or(bit); old&(wasSent|wasKept) != 0 || old&wasReceived != 0 && bit == wasKept {
		w.r.violation("%s of value %d returned %v, but it was %b", by, v.n, err, old)
	}
}

// received notes that v was received from a channel by somebody who asked at start.
func (l *ledger) received(w *world, v token, via int, start uint32, by string) {
	if v.check != v.n^tokenMask || v.n >= ledgerSize {
		w.r.violation("%s: a value that nobody sent: %+v", by, v)
		return
	}
	e := &l.entries[v.n]
	if old := e.state.Or(wasReceived); old&wasIssued == 0 || old&(wasReceived|wasKept) != 0 {
		w.r.violation("%s of value %d, but it was %b", by, v.n, old)
		return
	}
	e.via, e.start, e.end = int32(via), start, l.tick()
	w.r.values.Add(1)
}

// balance receives what is left in the channels, and checks that each value that
// was sent was received, in order.
func (l *ledger) balance(w *world) {
	for i, c := range w.chans {
		for {
			start := l.tick()
			v, err := c.TryRecv()
			if err != nil {
				break
			}
			l.received(w, v, i, start, "TryRecv at the end")
		}
	}
	for n := range l.issued() {
		if e := l.entries[n].state.Load(); e != wasIssued|wasSent|wasReceived && e != wasIssued|wasKept {
			w.r.violation("at the end value %d is %b (1 issued, 2 sent, 4 received, 8 kept)", n, e)
			return
		}
	}
	l.checkOrder(w)
}

// issued is how many values there are.
func (l *ledger) issued() int { return int(min(l.next.Load(), ledgerSize)) }

// checkOrder checks that what one sender sent on one channel came in order. Where
// several receive, one may have its value later than another that asked after it;
// but who asks when a value has been received already must not get an earlier one.
func (l *ledger) checkOrder(w *world) {
	type line struct {
		from uint32
		via  int32
	}
	first := map[line]uint32{} // when the first of the later values had been received
	for n := l.issued() - 1; n >= 0; n-- {
		e := &l.entries[n]
		if e.state.Load()&wasReceived == 0 {
			continue
		}
		k := line{e.from, e.via}
		end, later := first[k]
		if later && end < e.start {
			w.r.violation("value %d of sender %d was received from channel %d, at %d to %d, after a later one, at %d", n, e.from, e.via, e.start, e.end, end)
			return
		}
		if !later || e.end < end {
			first[k] = e.end
		}
	}
}
