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
const ledgerSize = 1 << 20

// A ledger knows of each value whether it was sent and received.
type ledger struct {
	next    atomic.Uint32
	entries [ledgerSize]atomic.Uint32
}

// The bits of an entry.
const (
	wasIssued uint32 = 1 << iota
	wasSent
	wasReceived
	wasKept // the sender was told that it was not sent
)

// issue makes a new value; false when there are no more.
func (l *ledger) issue() (token, bool) {
	if l.next.Load() >= ledgerSize {
		return token{}, false
	}
	n := l.next.Add(1) - 1
	if n >= ledgerSize {
		return token{}, false
	}
	l.entries[n].Store(wasIssued)
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
	if old := l.entries[v.n].Or(bit); old&(wasSent|wasKept) != 0 || old&wasReceived != 0 && bit == wasKept {
		w.r.violation("%s of value %d returned %v, but it was %b", by, v.n, err, old)
	}
}

// received notes that v was received.
func (l *ledger) received(w *world, v token, by string) {
	if v.check != v.n^tokenMask || v.n >= ledgerSize {
		w.r.violation("%s: a value that nobody sent: %+v", by, v)
		return
	}
	if old := l.entries[v.n].Or(wasReceived); old&wasIssued == 0 || old&(wasReceived|wasKept) != 0 {
		w.r.violation("%s of value %d, but it was %b", by, v.n, old)
	}
	w.r.values.Add(1)
}

// balance receives what is left in the channels, and checks that each value that
// was sent was received.
func (l *ledger) balance(w *world) {
	for _, c := range w.chans {
		for {
			v, err := c.TryRecv()
			if err != nil {
				break
			}
			l.received(w, v, "TryRecv at the end")
		}
	}
	for n := range min(l.next.Load(), ledgerSize) {
		if e := l.entries[n].Load(); e != wasIssued|wasSent|wasReceived && e != wasIssued|wasKept {
			w.r.violation("at the end value %d is %b (1 issued, 2 sent, 4 received, 8 kept)", n, e)
			return
		}
	}
}
