package gvtest

import (
	"math/rand/v2"
	"slices"

	"github.com/gvthread/gvthread/runtime/internal/schedule"
)

// A chooser takes the decisions of one schedule, all from one seed.
//
// Half of the seeds walk at random: at each point any ready thread goes on. That finds what
// needs many switches. The others go by random priorities, as in S. Burckhardt, P. Kothari,
// M. Musuvathi and S. Nagarakatte, "A randomized scheduler with probabilistic guarantees of
// finding bugs", ASPLOS 2010: the first ready thread in a random order goes on until it
// waits, and at a few points, chosen in advance, the running one becomes the last. That
// finds what needs few switches, with one thread left behind for long. From a number of
// points on these walk, too, so that threads that wait in a loop don't wait for ever.
type chooser struct {
	rng   *rand.Rand
	steps int
	// ordered is at how many points the order counts: 0 for those that walk.
	ordered int
	// changes are the points at which the running thread becomes the last.
	changes []int
	// ranks is the order, by thread.
	ranks map[uint64]uint64
	// last is the rank of the thread that became the last.
	last uint64
}

const (
	// mostChanges bounds the changes of an order, at the points up to one of leastOrdered
	// times a power of 2.
	mostChanges  = 3
	leastOrdered = 8
	orderedSizes = 7
	// lastRanks is where the ranks of threads begin that became the last.
	lastRanks = 1 << 32
)

func newChooser(seed uint64) *chooser {
	c := &chooser{rng: rand.New(rand.NewPCG(seed, 0)), ranks: map[uint64]uint64{}, last: lastRanks}
	if c.rng.IntN(2) == 0 {
		return c
	}
	c.ordered = leastOrdered << c.rng.IntN(orderedSizes)
	for range c.rng.IntN(mostChanges + 1) {
		c.changes = append(c.changes, 1+c.rng.IntN(c.ordered))
	}
	return c
}

// Rank implements schedule.Conductor.
func (c *chooser) Rank(thread uint64) uint64 {
	if c.steps > c.ordered {
		return c.rng.Uint64()
	}
	r, ok := c.ranks[thread]
	if !ok {
		r = uint64(c.rng.Uint32())
		c.ranks[thread] = r
	}
	return r
}

// Step implements schedule.Conductor.
func (c *chooser) Step(thread uint64, p schedule.Point) {
	c.steps++
	if p == schedule.Yields || slices.Contains(c.changes, c.steps) {
		c.last++
		c.ranks[thread] = c.last
	}
}

// Choose implements schedule.Conductor.
func (c *chooser) Choose(n int) int { return c.rng.IntN(n) }
