package gv

// Views of the insides of groups, for tests that must know who is there.

// Alive returns how many threads of g are alive.
func (g *Group) Alive() int { return int(g.alive.state.Load() / 2) }

// Waiting returns how many wait for the limit of g.
func (g *Group) Waiting() int { return g.slots.Waiting() + g.slots.Beyond() }

// Members returns how many threads g watches: those that are alive, and those that
// have left others running.
func (g *Group) Members() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for m := g.first; m != nil; m = m.next {
		n++
	}
	return n
}

// Waiting says what t, which is blocked, waits for.
func (t *Thread) Waiting() string { return t.waiting() }
