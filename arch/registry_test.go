package arch

import (
	"sync"
	"testing"
)

// What is entered is found by its number until it is removed, while others come and go.
func TestRegistryConcurrently(t *testing.T) {
	defer watchdog(t)()
	var r Registry[int]
	if r.Find(MinNumber) != nil {
		t.Error("an empty Registry has a value")
	}
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			for range 50 {
				v := new(int)
				number := r.Enter(v)
				if number < MinNumber || number > MaxNumber {
					t.Errorf("number %d", number)
				}
				if got := r.Find(number); got != v {
					t.Errorf("found %p, entered %p", got, v)
				}
				r.Leave(number)
				if r.Find(number) != nil {
					t.Error("found what was removed")
				}
			}
		})
	}
	wg.Wait()
}

// When all numbers have been given, they begin again with those that are free.
func TestRegistryGivesNumbersAgain(t *testing.T) {
	var r Registry[int]
	var old, last, next int
	if n := r.Enter(&old); n != MinNumber {
		t.Errorf("the first number is %d", n)
	}
	r.last.Store(MaxNumber - 1)
	if n := r.Enter(&last); n != MaxNumber {
		t.Errorf("the last number is %d", n)
	}
	if n := r.Enter(&next); n != MinNumber+1 {
		t.Errorf("the next number is %d", n)
	}
	if r.Find(MinNumber) != &old || r.Find(MaxNumber) != &last || r.Find(MinNumber+1) != &next {
		t.Error("found something else than was entered")
	}
}
