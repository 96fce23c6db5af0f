package main

import (
	"context"
	"errors"

	gv "github.com/gvthread/gvthread/runtime"
)

// The actions here pass values, which the ledger follows.

// someChan returns one of the round's channels, and its number.
func (a *actor) someChan() (*gv.Chan[token], int) {
	i := a.r.IntN(len(a.w.chans))
	return a.w.chans[i], i
}

// send sends a value.
func send(a *actor) error {
	v, ok := a.w.ledger.issue(a.sender)
	if !ok {
		return nil
	}
	c, _ := a.someChan()
	err := c.Send(v)
	a.w.ledger.sent(a.w, v, err, "Send")
	return err
}

// recv receives a value.
func recv(a *actor) error {
	c, i := a.someChan()
	start := a.w.ledger.tick()
	v, err := c.Recv()
	if err == nil {
		a.w.ledger.received(a.w, v, i, start, "Recv")
	}
	return err
}

// trySend sends a value if that need not block.
func trySend(a *actor) error {
	if v, ok := a.w.ledger.issue(a.sender); ok {
		c, _ := a.someChan()
		a.w.ledger.sent(a.w, v, c.TrySend(v), "TrySend")
	}
	return nil
}

// tryRecv receives a value if that need not block.
func tryRecv(a *actor) error {
	c, i := a.someChan()
	start := a.w.ledger.tick()
	v, err := c.TryRecv()
	if err == nil {
		a.w.ledger.received(a.w, v, i, start, "TryRecv")
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
	via := make([]int, n)
	for i := range cases {
		c, number := a.someChan()
		via[i] = number
		v, ok := a.w.ledger.issue(a.sender)
		if ok && a.r.IntN(2) == 0 {
			values[i] = v
			cases[i] = gv.SendCase(c, v)
			continue
		}
		if ok {
			a.w.ledger.sent(a.w, v, gv.ErrFull, "Select") // not needed
		}
		cases[i] = gv.RecvCase(c, &values[i])
	}
	sends := make([]bool, n)
	for i, v := range values {
		sends[i] = v != token{}
	}
	if a.r.IntN(4) == 0 {
		cases = append(cases, gv.Default())
	}
	start := a.w.ledger.tick()
	choose := gv.Select
	if a.r.IntN(2) == 0 {
		choose = gv.SelectInOrder
	}
	chosen, err := choose(cases...)
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
			a.w.ledger.received(a.w, v, via[i], start, "Select")
		case v != token{}:
			a.w.r.violation("Select chose case %d, and case %d received %+v", chosen, i, v)
		}
	}
	return err
}

// pingPong exchanges numbers with a thread of its own.
func pingPong(a *actor) error {
	c := gv.NewChan[uint64](a.r.IntN(2))
	back := gv.NewChan[uint64](0)
	t := gv.Go(func(context.Context) error {
		defer back.Close()
		for x := range c.All() {
			if err := back.Send(step(x)); err != nil {
				return err
			}
		}
		return nil
	}, gv.WithPriority(gv.Priority(a.r.IntN(4))))
	err := func() error {
		defer c.Close()
		for range a.r.IntN(1000) {
			x := a.r.Uint64()
			if err := c.Send(x); err != nil {
				return err
			}
			got, err := back.Recv()
			if errors.Is(err, gv.ErrClosed) {
				return nil // the other has been cancelled, or was never started
			}
			if err != nil {
				return err
			}
			if got != step(x) {
				a.w.r.violation("the other thread answered %#x with %#x", x, got)
			}
			a.w.r.values.Add(2)
		}
		return nil
	}()
	if err != nil {
		return err
	}
	if err := t.Wait(); err != nil && a.ctx.Err() == nil && !errors.Is(err, gv.ErrTooManyThreads) {
		a.w.r.violation("the other thread ended with %v", err)
	}
	return a.cancellation()
}
