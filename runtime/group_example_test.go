package gv_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// The first failure cancels the other threads, and is what Wait returns.
func ExampleGroup() {
	g := gv.NewGroup(context.Background(), gv.WithPriority(gv.Low))
	for _, host := range []string{"a", "b", "c"} {
		g.Go(func(context.Context) error {
			if host == "b" {
				return errors.New("b does not answer")
			}
			return gv.Sleep(time.Hour) // ends at once when b has failed
		}, gv.WithName(host))
	}
	fmt.Println(g.Wait())
	// Output: b does not answer
}

// Go waits while as many threads are alive as SetLimit says.
func ExampleGroup_SetLimit() {
	g := gv.NewGroup(context.Background())
	g.SetLimit(2)
	sums := make([]int, 10)
	for i := range sums {
		if g.Go(func(context.Context) error {
			for n := range i + 1 {
				sums[i] += n
			}
			return nil
		}) != nil {
			break // the Group is cancelled: Wait says why
		}
	}
	fmt.Println(g.Wait(), sums)
	// Output: <nil> [0 1 3 6 10 15 21 28 36 45]
}

// A panic in one thread is the Group's error.
func ExampleGroup_Wait() {
	g := gv.NewGroup(context.Background())
	g.Go(func(context.Context) error { panic("out of luck") })
	var p *gv.PanicError
	if errors.As(g.Wait(), &p) {
		fmt.Println(p.Value)
	}
	// Output: out of luck
}

func ExampleForEach() {
	lengths := make([]int, 3)
	words := []string{"one", "three", "seven"}
	err := gv.ForEach(context.Background(), slices.Values([]int{0, 1, 2}), 2, func(_ context.Context, i int) error {
		lengths[i] = len(words[i])
		return nil
	})
	fmt.Println(lengths, err)
	// Output: [3 5 5] <nil>
}

func ExampleMap() {
	words := slices.Values([]string{"one", "two", "", "three"})
	upper := func(_ context.Context, word string) (string, error) {
		if word == "" {
			return "", errors.New("a word is empty")
		}
		return strings.ToUpper(word), nil
	}
	for word, err := range gv.Map(context.Background(), words, 1, upper) {
		if err != nil {
			fmt.Println("error:", err)
			break
		}
		fmt.Println(word)
	}
	// Output:
	// ONE
	// TWO
	// error: a word is empty
}
