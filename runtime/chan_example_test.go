package gv_test

import (
	"context"
	"errors"
	"fmt"

	gv "github.com/gvthread/gvthread/runtime"
)

func ExampleChan() {
	squares := gv.NewChan[int](2)
	gv.Go(func(context.Context) error {
		defer squares.Close()
		for i := range 4 {
			if err := squares.Send(i * i); err != nil {
				return err // cancelled
			}
		}
		return nil
	})
	for {
		v, err := squares.Recv()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(v)
	}
	// Output:
	// 0
	// 1
	// 4
	// 9
	// gv: channel closed
}

func ExampleChan_All() {
	words := gv.NewChan[string](0)
	gv.Go(func(context.Context) error {
		words.Send("green")
		words.Send("threads")
		words.Close()
		return nil
	})
	for w := range words.All() {
		fmt.Println(w)
	}
	// Output:
	// green
	// threads
}

func ExampleChan_TrySend() {
	c := gv.NewChan[int](1)
	fmt.Println(c.TrySend(1))
	fmt.Println(c.TrySend(2))
	c.Close()
	err := c.TrySend(3)
	fmt.Println(err, errors.Is(err, gv.ErrClosed))
	// Output:
	// <nil>
	// gv: channel full
	// gv: try to send: gv: channel closed true
}

// A cancelled thread no longer waits.
func ExampleChan_Recv_cancelled() {
	c := gv.NewChan[int](0)
	t := gv.Go(func(context.Context) error {
		_, err := c.Recv()
		return err
	})
	t.Cancel(errors.New("not needed any more"))
	err := t.Wait()
	fmt.Println(err)
	fmt.Println(errors.Is(err, gv.ErrCancelled), errors.Is(err, context.Canceled))
	// Output:
	// gv: thread cancelled: not needed any more
	// true true
}

func ExampleSelect() {
	numbers, quit := gv.NewChan[int](0), gv.NewChan[string](0)
	gv.Go(func(context.Context) error {
		for i := range 3 {
			numbers.Send(i)
		}
		quit.Send("enough")
		return nil
	})
	var n int
	var why string
	for {
		chosen, err := gv.Select(
			gv.RecvCase(numbers, &n),
			gv.RecvCase(quit, &why),
		)
		switch {
		case err != nil:
			fmt.Println(err)
			return
		case chosen == 0:
			fmt.Println(n)
		default:
			fmt.Println(why)
			return
		}
	}
	// Output:
	// 0
	// 1
	// 2
	// enough
}

func ExampleDefault() {
	c := gv.NewChan[int](0)
	switch chosen, _ := gv.Select(gv.SendCase(c, 1), gv.Default()); chosen {
	case 0:
		fmt.Println("sent")
	case 1:
		fmt.Println("nobody receives")
	}
	// Output: nobody receives
}

// As long as there are orders to stop, no work is taken.
func ExampleSelectInOrder() {
	stop, work := gv.NewChan[string](1), gv.NewChan[string](2)
	work.Send("first")
	work.Send("second")
	stop.Send("stop")
	var order, job string
	for range 2 {
		switch chosen, _ := gv.SelectInOrder(gv.RecvCase(stop, &order), gv.RecvCase(work, &job)); chosen {
		case 0:
			fmt.Println(order)
		case 1:
			fmt.Println(job)
		}
	}
	// Output:
	// stop
	// first
}
