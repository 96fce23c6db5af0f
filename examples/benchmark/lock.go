package main

import (
	"sync"

	gv "github.com/gvthread/gvthread/runtime"
)

// contenders is how many want the contended lock.
const contenders = 16

// held is how often they add to what the lock protects: about 100 ns.
const held = 100

// lockRows are about mutexes.
func lockRows() []row {
	return []row{
		pathRow("mutex", "lock and unlock, uncontended", "mutex", 1, 1),
		{
			name: "mutex_contended", about: "lock, 100 ns of work, and unlock, by 16 on two workers", unit: "ns/op", more: priceMore,
			threads: func(t turn) (values, error) {
				var m gv.Mutex
				var total int
				return threadCrew(gv.Config{Workers: 2}, contenders, func() { critical(&m, &total) })(t)
			},
			goroutines: func(t turn) (values, error) {
				var m sync.Mutex
				var total int
				return goCrew(2, contenders, func() { critical(&m, &total) })(t)
			},
		},
	}
}

// critical adds to what a lock protects.
func critical(m sync.Locker, total *int) {
	m.Lock()
	for i := range held {
		*total += i
	}
	m.Unlock()
}
