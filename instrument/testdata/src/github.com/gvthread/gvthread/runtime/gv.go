// Package gv stands for the real runtime package: the analyzer needs names only.
package gv

import "context"

func Safepoint() {}
func Yield()     {}
func Sleep(int)  {}
func Current() int { return 0 }

type Chan[T any] struct{}

func (*Chan[T]) Recv() (v T, err error)     { return }
func (*Chan[T]) TrySend(T) error            { return nil }
func (*Chan[T]) Len() int                   { return 0 }
func (*Chan[T]) Close()                     {}
func (*Chan[T]) All() func(func(T) bool)    { return nil }

type Mutex struct{}

func (*Mutex) Lock()   {}
func (*Mutex) Unlock() {}

type Group struct{}

func (*Group) Go(func(context.Context) error) error   { return nil }
func (*Group) TryGo(func(context.Context) error) bool { return true }

type WaitGroup struct{}

func (*WaitGroup) Go(func(context.Context) error) {}

func importedByTheRuntime() {
	for {
	} // never instrumented
}
