package main

import (
	"sync"

	gv "github.com/gvthread/gvthread/runtime"
)

// contenders is how many want the contended lock.
const contenders = 16

// held is how many rounds they compute with the lock held: about 100 ns.
const held = 65

// lockRows are about mutexes.
func lockRows() []row {
	return []row{
		pathRow("mutex", "lock and unlock, uncontended", "mutex", 1, 1),
		{
			name: "mutex_contended", about: "lock, 100 ns of work, and unlock, by 16 on two workers", unit: "ns/op", more: priceMore,
			threads: func(t turn) (values, error) {
				var m gv.Mutex
				return threadCrew(gv.Config{Workers: 2}, contenders, func() { critical(&m) })(t)
			},
			goroutines: func(t turn) (values, error) {
				var m sync.Mutex
				return goCrew(2, contenders, func() { critical(&m) })(t)
			},
		},
	}
}

// critical computes with a lock held.
func critical(m sync.Locker) {
	m.Lock()
	spin(held)
	m.Unlock()
}
