package instrument

// reaches tells whether control can come from a to b without closing a loop
// statement.
func reaches(a, b *block) bool {
	return forward(a, nil, nil)[b]
}

// forward returns the blocks that can be reached from b without closing a loop
// statement: within the set in, unless that is nil, and without entering a block
// that cut holds.
func forward(b *block, in, cut map[*block]bool) map[*block]bool {
	seen := map[*block]bool{}
	stack := []*block{b}
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[b] || cut[b] || in != nil && !in[b] {
			continue
		}
		seen[b] = true
		for _, e := range b.succs {
			if !e.back {
				stack = append(stack, e.to)
			}
		}
	}
	return seen
}

// maxSum stands for all greater sums of weights.
const maxSum = 1 << 40

// longest returns the greatest sum of weights on a way from b that closes no loop
// statement: within the set in, unless that is nil. A goto's way round counts once.
func longest(b *block, in map[*block]bool, weight func(*block) int64) int64 {
	memo := map[*block]int64{}
	var visit func(b *block) int64
	visit = func(b *block) int64 {
		if sum, done := memo[b]; done {
			return sum
		}
		memo[b] = 0
		own, most := min(weight(b), maxSum), int64(0)
		for _, e := range b.succs {
			if !e.back && (in == nil || in[e.to]) {
				most = max(most, visit(e.to))
			}
		}
		memo[b] = min(own+most, maxSum)
		return memo[b]
	}
	return visit(b)
}

// returning returns the blocks from which control can come to an exit: the others
// lead to a panic, and that to no caller's next round.
func (g *graph) returning() map[*block]bool {
	in := map[*block]bool{}
	stack := append([]*block(nil), g.exits...)
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !in[b] {
			in[b] = true
			stack = append(stack, b.preds...)
		}
	}
	return in
}

// region returns the blocks that a round through l can touch.
func (l *backEdge) region() map[*block]bool {
	in := map[*block]bool{l.head: true}
	stack := append([]*block(nil), l.tails...)
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if in[b] {
			continue
		}
		in[b] = true
		stack = append(stack, b.preds...)
	}
	if l.first != nil {
		return in
	}
	// A goto's way round begins at its label; what leads to the label from
	// outside is no part of it.
	ahead := forward(l.head, nil, nil)
	for b := range in {
		if !ahead[b] {
			delete(in, b)
		}
	}
	return in
}

// coveredBy tells whether every way round l enters a block of cut.
func (l *backEdge) coveredBy(region, cut map[*block]bool) bool {
	open := forward(l.head, region, cut)
	for _, t := range l.tails {
		if open[t] {
			return false
		}
	}
	return true
}

// openRegion returns the blocks on the ways round l that enter no block of cut.
func (l *backEdge) openRegion(region, cut map[*block]bool) map[*block]bool {
	ahead := forward(l.head, region, cut)
	open := map[*block]bool{}
	stack := append([]*block(nil), l.tails...)
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if open[b] || !ahead[b] {
			continue
		}
		open[b] = true
		if b != l.head {
			stack = append(stack, b.preds...)
		}
	}
	return open
}
