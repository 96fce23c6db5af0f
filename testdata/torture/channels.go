package main

import (
	"errors"

	gv "github.com/gvthread/gvthread/runtime"
)

// The actions here pass values, which the ledger follows.

// someChan returns one of the round's channels.
func (a *actor) someChan() *gv.Chan[token] { return a.w.chans[a.r.IntN(len(a.w.chans))] }

// send sends a value.
func send(a *actor) error {
	v, ok := a.w.ledger.issue()
	if !ok {
		return nil
	}
	err := a.someChan().Send(v)
	a.w.ledger.sent(a.w, v, err, "Send")
	return err
}

// recv receives a value.
func recv(a *actor) error {
	v, err := a.someChan().Recv()
	if err == nil {
		a.w.ledger.received(a.w, v, "Recv")
	}
	return err
}

// trySend sends a value if that need not block.
func trySend(a *actor) error {
	if v, ok := a.w.ledger.issue(); ok {
		a.w.ledger.sent(a.w, v, a.someChan().TrySend(v), "TrySend")
	}
	return nil
}

// tryRecv receives a value if that need not block.
func tryRecv(a *actor) error {
	v, err := a.someChan().TryRecv()
	if err == nil {
		a.w.ledger.received(a.w, v, "TryRecv")
	} else if !errors.Is(err, gv.ErrEmpty) {
		return err
	}
	return nil
}

// selectSome does one of several sends and receives.
func selectSome(a *actor) error {
	n := 1 + a.r.IntN(6)
	values := make([]token, n) // sent or received, by the number of the case
	cases := make([]gv.Case, n)
	for i := range cases {
		v, ok := a.w.ledger.issue()
		if ok && a.r.IntN(2) == 0 {
			values[i] = v
			cases[i] = gv.SendCase(a.someChan(), v)
			continue
		}
		if ok {
			a.w.ledger.sent(a.w, v, gv.ErrFull, "Select") // not needed
		}
		cases[i] = gv.RecvCase(a.someChan(), &values[i])
	}
	sends := make([]bool, n)
	for i, v := range values {
		sends[i] = v != token{}
	}
	if a.r.IntN(4) == 0 {
		cases = append(cases, gv.Default())
	}
	chosen, err := gv.Select(cases...)
	if err == nil && (chosen < 0 || chosen >= len(cases)) || err != nil && chosen != -1 {
		a.w.r.violation("Select chose %d of %d: %v", chosen, len(cases), err)
	}
	for i, v := range values {
		switch {
		case sends[i] && i == chosen:
			a.w.ledger.sent(a.w, v, nil, "Select")
		case sends[i]:
			a.w.ledger.sent(a.w, v, gv.ErrFull, "Select")
		case i == chosen:
			a.w.ledger.received(a.w, v, "Select")
		case v != token{}:
			a.w.r.violation("Select chose case %d, and case %d received %+v", chosen, i, v)
		}
	}
	return err
}
