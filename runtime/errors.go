package gv

import (
	"context"
	"errors"
	"fmt"
)

// The errors of this package. Those that carry more, such as the cause of a
// cancellation, wrap one of these.
var (
	// ErrCancelled is wrapped by what a blocking call returns in a thread that
	// was cancelled. errors.Is(err, context.Canceled) holds for it too.
	ErrCancelled = fmt.Errorf("gv: thread cancelled: %w", context.Canceled)
	// ErrClosed is returned for a closed Chan: by Recv when nothing is left in
	// it, and by TryRecv.
	ErrClosed = errors.New("gv: channel closed")
	// ErrFull is returned by TrySend when the value can't be taken now.
	ErrFull = errors.New("gv: channel full")
	// ErrEmpty is returned by TryRecv when there is no value now.
	ErrEmpty = errors.New("gv: channel empty")
	// ErrTooManyThreads is the error of a thread that was not started because
	// Config.MaxThreads threads were alive.
	ErrTooManyThreads = errors.New("gv: too many threads")
	// ErrRuntimeClosed is the error of a thread that was not started because
	// its runtime had been closed, and the cause of the cancellation of those
	// that Close finds alive.
	ErrRuntimeClosed = errors.New("gv: runtime closed")
	// ErrThreadEnded is the cause, as context.Cause returns it, with which a thread's
	// context ends when nothing has ended it before: the thread and all that it
	// started have ended. errors.Is(err, context.Canceled) holds for it too.
	ErrThreadEnded = fmt.Errorf("gv: thread ended: %w", context.Canceled)
	// ErrGoexit is the error of a thread that ended by runtime.Goexit.
	ErrGoexit = errors.New("gv: thread ended by runtime.Goexit")
	// ErrNativeUnavailable is wrapped by the error of New when Config.Engine
	// is Native and the Native engine can't be used; the rest says why.
	ErrNativeUnavailable = errors.New("gv: native engine not available")
	// ErrSlotsUnavailable is wrapped by the error of New when Config.Stacks is
	// SlotStacks and slots can't be had; the rest says why, and what to change.
	ErrSlotsUnavailable = errors.New("gv: stack slots not available")
	// ErrInsideThread is returned by Close and Shutdown, which wait for all
	// threads, when a thread of the same runtime calls them.
	ErrInsideThread = errors.New("gv: Close and Shutdown would wait for the thread that calls them: call them in a goroutine")
)

// cancelError is what blocking calls return in a cancelled thread.
type cancelError struct{ cause error }

// cancelled makes the error for a cancellation with the given cause.
func cancelled(cause error) error {
	if cause == nil || cause == ErrCancelled {
		return ErrCancelled
	}
	return &cancelError{cause}
}

func (e *cancelError) Error() string { return "gv: thread cancelled: " + e.cause.Error() }

// Unwrap lets errors.Is find ErrCancelled, context.Canceled and the cause.
func (e *cancelError) Unwrap() []error { return []error{ErrCancelled, e.cause} }
