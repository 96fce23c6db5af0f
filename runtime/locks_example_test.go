package gv_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

func ExampleMutex() {
	var mu gv.Mutex
	total := 0
	gv.Run(func(context.Context) error {
		for i := range 10 {
			gv.Go(func(context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				total += i
				return nil
			})
		}
		return nil
	})
	fmt.Println(total)
	// Output: 45
}

func ExampleMutex_LockContext() {
	var mu gv.Mutex
	mu.Lock()
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Millisecond, errors.New("took too long"))
	defer cancel()
	fmt.Println(mu.LockContext(ctx))
	// Output: took too long
}

func ExampleRWMutex() {
	var mu gv.RWMutex
	prices := map[string]int{"tea": 3}

	mu.Lock()
	prices["coffee"] = 4
	mu.Unlock()

	mu.RLock()
	fmt.Println(prices["tea"], prices["coffee"])
	mu.RUnlock()
	// Output: 3 4
}

func ExampleCond() {
	var mu gv.Mutex
	ready := gv.NewCond(&mu)
	var queue []string

	consumer := gv.Go(func(context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		for len(queue) == 0 {
			ready.Wait()
		}
		fmt.Println(queue[0])
		return nil
	})

	mu.Lock()
	queue = append(queue, "job")
	mu.Unlock()
	ready.Signal()
	consumer.Wait()
	// Output: job
}

func ExampleWaitGroup() {
	var wg gv.WaitGroup
	results := make([]int, 4)
	for i := range results {
		wg.Go(func(context.Context) error {
			results[i] = i * i
			return nil
		}, gv.WithPriority(gv.Low))
	}
	wg.Wait()
	fmt.Println(results)
	// Output: [0 1 4 9]
}

// At most 16 MB are in use at once.
func ExampleSemaphore() {
	memory := gv.NewSemaphore(16 << 20)
	var wg gv.WaitGroup
	for range 100 {
		wg.Go(func(ctx context.Context) error {
			const size = 4 << 20
			if err := memory.Acquire(ctx, size); err != nil {
				return err
			}
			defer memory.Release(size)
			gv.Yield() // work
			return nil
		})
	}
	wg.Wait()
	fmt.Println(memory.TryAcquire(16 << 20))
	// Output: true
}

// Memory becomes scarce: what is held stays so, and the rest waits.
func ExampleSemaphore_Resize() {
	memory := gv.NewSemaphore(16)
	fmt.Println(memory.TryAcquire(8))
	memory.Resize(4)
	fmt.Println(memory.TryAcquire(1))
	memory.Release(8)
	fmt.Println(memory.TryAcquire(1))
	// Output:
	// true
	// false
	// true
}
