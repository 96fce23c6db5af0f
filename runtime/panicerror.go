package gv

import (
	"errors"
	"fmt"
	"log/slog"
)

// A PanicError is the error of a thread whose function panicked. It prints the
// panic's value, and not the stack, which is not for everybody's eyes: that is in Stack, in
// what %+v prints, and in what package slog logs.
type PanicError struct {
	Value any // what panic was called with
	// Stack is the stack of the thread at the panic, as debug.Stack prints it; of
	// one that has overflowed only the last calls.
	Stack []byte
}

// Error says that a thread panicked, and with which value.
func (e *PanicError) Error() string { return fmt.Sprintf("gv: thread panicked: %v", e.Value) }

// Format adds the stack for %+v. Other verbs print the text that Error returns.
func (e *PanicError) Format(s fmt.State, verb rune) {
	if verb == 'v' && s.Flag('+') {
		fmt.Fprintf(s, "%s\n\n%s", e.Error(), e.Stack)
		return
	}
	fmt.Fprintf(s, fmt.FormatString(s, verb), e.Error())
}

// LogValue returns a group of the error's text, "error", and "stack".
func (e *PanicError) LogValue() slog.Value {
	return slog.GroupValue(slog.String("error", e.Error()), slog.String("stack", string(e.Stack)))
}

// Unwrap returns the panic value if it is an error, and nil otherwise.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// A joinedError is what errors.Join makes, except that %+v prints each with its stack.
type joinedError struct{ error }

// join is errors.Join for what may be panics.
func join(errs ...error) error {
	if err := errors.Join(errs...); err != nil {
		return joinedError{err}
	}
	return nil
}

func (e joinedError) Unwrap() []error { return e.error.(interface{ Unwrap() []error }).Unwrap() }

func (e joinedError) Format(s fmt.State, verb rune) {
	if verb != 'v' || !s.Flag('+') {
		fmt.Fprintf(s, fmt.FormatString(s, verb), e.Error())
		return
	}
	for i, err := range e.Unwrap() {
		if i > 0 {
			fmt.Fprintln(s)
		}
		fmt.Fprintf(s, "%+v", err)
	}
}

// A lastPanic is a PanicError that ends the process, which prints what Error
// returns: the stack too.
type lastPanic struct{ *PanicError }

func (p lastPanic) Error() string { return fmt.Sprintf("%+v", p.PanicError) }
