package main

import (
	"context"
	"sync"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// The sizes of the channels' rows.
const (
	buffer = 64
	many   = 4 // senders, and receivers
)

// channelRows are about channels and Select.
func channelRows() []row {
	return []row{
		pathRow("chan_workers_1", "a value over an unbuffered channel and one back, one worker", "handover", 2, 1),
		pathRow("chan_workers_2", "the same with two workers", "handover", 2, 2),
		{
			name: "chan_buffered", about: "a value over a channel with a buffer of 64, one worker", unit: "ns/op", more: priceMore,
			threads: perOp(bufferedThreads), goroutines: perOp(bufferedGoroutines),
		},
		{
			name: "chan_4_to_4", about: "a value over an unbuffered channel from 4 senders to 4 receivers, two workers",
			unit: "ns/op", more: priceMore, threads: manyThreads, goroutines: manyGoroutines,
		},
		pathRow("select", "a value over one of two channels and one back, one worker", "select", 1, 1),
		{
			name: "chan_goroutine", about: "a value over an unbuffered channel and one back, between a thread and a goroutine",
			unit: "ns/op", more: priceMore, threads: perOp(withGoroutine), goroutines: perOp(betweenGoroutines),
		},
	}
}

func bufferedThreads(t turn, n int, measure func(func())) error {
	return t.withRuntime(gv.Config{Workers: 1}, func(rt *gv.Runtime) error {
		return rt.Run(func(context.Context) error {
			c := gv.NewChan[int](buffer)
			gv.Go(func(context.Context) error {
				for i := range n {
					c.Send(i)
				}
				c.Close()
				return nil
			})
			measure(func() {
				for range c.All() {
				}
			})
			return nil
		})
	})
}

func bufferedGoroutines(_ turn, n int, measure func(func())) error {
	withProcs(1, func() {
		c := make(chan int, buffer)
		go func() {
			for i := range n {
				c <- i
			}
			close(c)
		}()
		measure(func() {
			for range c {
			}
		})
	})
	return nil
}

func manyThreads(t turn) (v values, err error) {
	err = t.withRuntime(gv.Config{Workers: 2}, func(rt *gv.Runtime) error {
		var senders crew
		c := gv.NewChan[int](0)
		var sending, receiving []*gv.Thread
		for i := range many {
			sending = append(sending, rt.Go(func(context.Context) error {
				senders.work(func() { c.Send(i) })
				return nil
			}))
			receiving = append(receiving, rt.Go(func(context.Context) error {
				for range c.All() {
				}
				return nil
			}))
		}
		p := senders.price(many, t.long)
		err := waitAll(sending)
		c.Close()
		if err == nil {
			err = waitAll(receiving)
		}
		v = p.each(senders.done.Load())
		return err
	})
	return v, err
}

func manyGoroutines(t turn) (v values, err error) {
	withProcs(2, func() {
		var senders crew
		c := make(chan int)
		var sending, receiving sync.WaitGroup
		for i := range many {
			sending.Go(func() { senders.work(func() { c <- i }) })
			receiving.Go(func() {
				for range c {
				}
			})
		}
		p := senders.price(many, t.long)
		sending.Wait()
		close(c)
		receiving.Wait()
		v = p.each(senders.done.Load())
	})
	return v, nil
}

func withGoroutine(t turn, n int, measure func(func())) error {
	return t.withRuntime(gv.Config{Workers: 1}, func(rt *gv.Runtime) error {
		return rt.Run(func(context.Context) error {
			ping, pong := gv.NewChan[int](0), gv.NewChan[int](0)
			var other sync.WaitGroup
			other.Go(func() {
				for v := range ping.All() {
					pong.Send(v)
				}
			})
			measure(func() {
				for i := range n {
					ping.Send(i)
					pong.Recv()
				}
			})
			ping.Close()
			gv.Block(other.Wait)
			return nil
		})
	})
}

func betweenGoroutines(_ turn, n int, measure func(func())) error {
	withProcs(2, func() {
		ping, pong := make(chan int), make(chan int)
		var other sync.WaitGroup
		other.Go(func() {
			for v := range ping {
				pong <- v
			}
		})
		time.Sleep(time.Millisecond) // the other has its own processor
		measure(func() {
			for i := range n {
				ping <- i
				<-pong
			}
		})
		close(ping)
		other.Wait()
	})
	return nil
}
