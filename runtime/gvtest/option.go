package gvtest

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/schedule"
)

// replay is the seed of the one schedule that Explore is to try, 0 if there is none.
var replay = flag.Uint64("gvtest.seed", 0, "try the schedule of this `seed` only, in every gvtest.Explore; 0 means all")

// An Option says more about a test.
type Option func(*options)

type options struct {
	config *gv.Config
	seed   *uint64
	runs   *int
}

// Config sets up the runtime of Run. Without it, it is the zero gv.Config.
func Config(c gv.Config) Option {
	return func(o *options) { o.config = &c }
}

// Seed sets the seed of the first schedule that Explore tries, which is 1 otherwise. Those
// that follow have the seeds that follow. A seed is not 0.
func Seed(n uint64) Option {
	return func(o *options) { o.seed = &n }
}

// Runs sets how many schedules Explore tries: 1,000 without it, and 100 with -short.
func Runs(n int) Option {
	return func(o *options) { o.runs = &n }
}

// The default numbers of schedules.
const (
	defaultRuns = 1000
	shortRuns   = 100
)

// apply returns what opts say.
func apply(opts []Option) (o options) {
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

var errInBubble = errors.New("gvtest: in a bubble of testing/synctest, of whose clock threads are no part: call Run and Explore outside")

// forRun returns the Config, or says what is wrong.
func (o options) forRun() (gv.Config, error) {
	if schedule.InBubble() {
		return gv.Config{}, errInBubble
	}
	if o.seed != nil || o.runs != nil {
		return gv.Config{}, errors.New("gvtest: Run with Seed or Runs: it runs its function once, in no schedule of its own; use Explore")
	}
	if o.config == nil {
		return gv.Config{}, nil
	}
	return *o.config, nil
}

// forExplore returns the first seed and the number of schedules, or says what is wrong.
func (o options) forExplore() (seed uint64, runs int, err error) {
	seed, runs = 1, defaultRuns
	if testing.Short() {
		runs = shortRuns
	}
	if o.seed != nil {
		seed = *o.seed
	}
	if o.runs != nil {
		runs = *o.runs
	}
	switch {
	case schedule.InBubble():
		return 0, 0, errInBubble
	case o.config != nil:
		return 0, 0, errors.New("gvtest: Explore with Config: its runtimes have one worker, the Portable engine and a clock of their own; use Run")
	case seed == 0:
		return 0, 0, errors.New("gvtest: Explore with Seed(0): a seed is not 0")
	case seed+uint64(max(runs, 1)-1) < seed:
		return 0, 0, fmt.Errorf("gvtest: Explore with Seed(%d) and %d runs: seeds are counted on from there, and end at %d", seed, runs, uint64(math.MaxUint64))
	case runs < 1:
		return 0, 0, fmt.Errorf("gvtest: Explore with Runs(%d): it must be at least 1", runs)
	case *replay != 0:
		return *replay, 1, nil
	}
	return seed, runs, nil
}
