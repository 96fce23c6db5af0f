package gv

import "fmt"

// A Case is one of the things that Select and SelectInOrder wait for. SendCase, RecvCase and
// Default make them, and a Case may be used again. The zero Case is never
// ready.
type Case struct {
	kind caseKind
	// ch is the Chan, nil for Default and where the *Chan was nil.
	ch selectable
	// operand is the T to send, or the *T to receive into.
	operand any
}

type caseKind uint8

const (
	caseNever caseKind = iota
	caseSend
	caseRecv
	caseDefault
)

var errSelectClosed = fmt.Errorf("gv: send in select: %w", ErrClosed)

// SendCase is the Case of sending v to ch. If ch is nil it is never ready.
func SendCase[T any](ch *Chan[T], v T) Case {
	if ch == nil {
		return Case{}
	}
	return Case{caseSend, ch, v}
}

// RecvCase is the Case of receiving from ch into *v. If v is nil, what is
// received is dropped. If ch is nil the Case is never ready.
func RecvCase[T any](ch *Chan[T], v *T) Case {
	if ch == nil {
		return Case{}
	}
	return Case{caseRecv, ch, v}
}

// Default is the Case that is chosen when no other is ready. A Select has one at
// most.
func Default() Case { return Case{kind: caseDefault} }

// Select waits until one of the cases can go ahead, does what it says, and
// returns its index. If several can, one of them is chosen at random, each with
// the same probability. With a Default Case, Select does not block; without
// any, it blocks until the calling thread is cancelled.
//
// The error is what Send or Recv would have returned: if the Chan of a Case is
// closed, the Case is ready, and being chosen returns its index and ErrClosed,
// for a RecvCase, having set its variable to zero, or an error that wraps
// ErrClosed, for a SendCase. If the calling thread is cancelled, before the
// call or while it waits, Select returns -1 and an error that wraps
// ErrCancelled and the cause, and has neither sent nor received. As TrySend and
// TryRecv, a Select with a Default does not look at cancellation.
//
// A value to send is stored in the Case as an interface, which allocates where
// that does; otherwise Select does not allocate in a steady state, for up to
// eight cases.
func Select(cases ...Case) (chosen int, err error) { return selectFrom(cases, true) }

// SelectInOrder is Select that chooses the first of the cases that can go ahead, not one
// at random: so one of them comes before another whenever both are ready. If none is
// ready it waits for whichever is ready next. A Default Case may stand anywhere.
func SelectInOrder(cases ...Case) (chosen int, err error) { return selectFrom(cases, false) }

// selectFrom is Select, and SelectInOrder if the cases are not to be shuffled.
func selectFrom(cases []Case, shuffled bool) (chosen int, err error) {
	s := selection{cases: cases, fallback: -1}
	s.arrange()
	if shuffled {
		s.shuffle()
	}
	var t *Thread
	var k ticket
	if s.fallback < 0 {
		t = Current()
		if err := t.cancelCause(); err != nil {
			Safepoint()
			return -1, err
		}
		if t == nil {
			k = plainTicket() // now, since it can't be made under a spin lock
		}
	}
	chosen, other, result := s.try()
	if result == chanBlocks && s.fallback < 0 {
		if t != nil {
			k = t.newTicket(waitSelect, true)
		}
		return s.waitLocked(k)
	}
	s.unlock()
	if s.fallback < 0 {
		other.wakeBy(t.asTask())
		k.doneAny()
	} else {
		other.wakeAny()
	}
	Safepoint()
	switch result {
	case chanBlocks:
		return s.fallback, nil
	case chanClosed:
		return chosen, s.closed(chosen)
	}
	return chosen, nil
}
