// Torture runs threads of package gv that do everything threads may do, in
// random order, beside everything that disturbs a Go program, and checks that
// nothing is lost, nothing hangs, and nothing runs that shouldn't.
//
//	go run ./testdata/torture -duration 2m
//
// It works in rounds. Each opens a runtime with a configuration of its own,
// runs threads on it for a second or two, closes it, and draws up the balance.
// The seed decides what a round is made of and what each thread does in which
// order; with -seed and -round the same schedule of actions can be had again.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	goruntime "runtime"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == heartArg {
		beat()
	}
	o, err := parseOptions(os.Args[1:], os.Stdout)
	if errors.Is(err, errListed) || errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(2)
	}
	os.Exit(run(o))
}

// run does the rounds and returns the exit code.
func run(o options) int {
	fmt.Printf("torture: seed %d, %v, %s, GOMAXPROCS %d, %d CPUs\n",
		o.seed, o.duration, goruntime.Version(), goruntime.GOMAXPROCS(0), goruntime.NumCPU())
	r := newReport(o)
	var err error
	if r.heart, err = startHeart(r); err != nil {
		fmt.Fprintln(os.Stderr, "torture: start the process that watches the machine:", err)
		return 2
	}
	defer r.heart.stop()
	stop := r.watch()
	defer stop()
	before := takeStock()
	end := time.Now().Add(o.duration)
	for n := o.round; time.Now().Before(end) && !r.failed(); n++ {
		p := planRound(o, n)
		r.begin(p)
		playRound(o, p, r)
		if !r.failed() {
			before.check(r)
		}
		if o.rounds > 0 && n-o.round+1 >= o.rounds {
			break
		}
	}
	return r.verdict()
}
