// Package model holds models of the protocols by which tasks are parked, made ready, switched
// and preempted, and explores all orders in which their actors' steps can mix. It is there for
// its tests: no other package uses it.
//
// A model is written by hand beside the code that it stands for: each file says which. An
// actor's code is a function that reads like that code (proc.go). A step in it is what the code
// does between two moments at which others can see or disturb it: an access to an atomic word,
// or what is done under a lock. Start with explore_test.go, which has the smallest model.
//
// Who changes that code changes the model, and first of all makes it fail where the change is
// wrong: each model has variants that are known to be wrong, its flaws, and model_test.go
// asserts that exploring finds each of them, by the property that it violates.
//
// What the models leave out, tests and torture have to find: the order of plain memory
// accesses within a step, Go's own scheduler beyond the statuses of goroutines, and time.
// Memory is sequentially consistent here, as Go's atomics are; where the code stores without a
// barrier, and it matters, that others see the store is a step of its own. A time-out is a step
// that may come at any moment.
package model
