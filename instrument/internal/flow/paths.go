package flow

import "go/ast"

// ahead returns where control goes from b without closing a loop statement.
func (b *Block) ahead() []*Block {
	if b.Closes {
		return nil
	}
	return b.Succs
}

// search returns the blocks that can be reached from some others, over those of next.
func search(stack []*Block, enter func(*Block) bool, next func(*Block) []*Block) Set {
	seen := Set{}
	stack = append([]*Block(nil), stack...)
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[b] || !enter(b) {
			continue
		}
		seen[b] = true
		stack = append(stack, next(b)...)
	}
	return seen
}

// Forward returns the blocks that can be reached from b without closing a loop
// statement: within the set in, unless that is nil, and without entering a block
// that cut holds.
func Forward(b *Block, in, cut Set) Set {
	return search([]*Block{b}, func(b *Block) bool { return !cut[b] && (in == nil || in[b]) }, (*Block).ahead)
}

// backward returns the blocks from which control can come to one of the tails, back to the
// head at most: within the set in, unless that is nil.
func backward(tails []*Block, head *Block, in Set) Set {
	return search(tails, func(b *Block) bool { return in == nil || in[b] }, func(b *Block) []*Block {
		if b == head {
			return nil
		}
		return b.Preds
	})
}

// Open returns the blocks on the ways from the entry to an exit that enter no block of cut.
// Others lead to a panic, say, and that to no caller's next round.
func (g *Graph) Open(cut Set) Set { return backward(g.Exits, nil, Forward(g.Entry, nil, cut)) }

// Most stands for all greater sums of weights.
const Most = 1 << 40

// Longest returns the greatest sum of weights on a way from b that closes no loop
// statement: within the set in, unless that is nil. A goto's way round counts once.
func Longest(b *Block, in Set, weight func(*Block) int64) int64 {
	memo := map[*Block]int64{}
	var visit func(b *Block) int64
	visit = func(b *Block) int64 {
		if sum, done := memo[b]; done {
			return sum
		}
		memo[b] = 0
		own, most := min(weight(b), Most), int64(0)
		for _, to := range b.ahead() {
			if in == nil || in[to] {
				most = max(most, visit(to))
			}
		}
		memo[b] = min(own+most, Most)
		return memo[b]
	}
	return visit(b)
}

// Cycles returns the strongly connected components of a graph that hold a cycle, those
// that others lead to first. It is Tarjan's algorithm.
func Cycles[T comparable](nodes []T, next func(T) []T) [][]T {
	var (
		out   [][]T
		stack []T
		index = map[T]int{}
		low   = map[T]int{}
		on    = map[T]bool{}
		visit func(n T)
	)
	visit = func(n T) {
		index[n] = len(index) + 1
		low[n] = index[n]
		stack, on[n] = append(stack, n), true
		self := false
		for _, to := range next(n) {
			self = self || to == n
			if index[to] == 0 {
				visit(to)
				low[n] = min(low[n], low[to])
			} else if on[to] {
				low[n] = min(low[n], index[to])
			}
		}
		if low[n] != index[n] {
			return
		}
		for i := len(stack) - 1; ; i-- {
			on[stack[i]] = false
			if stack[i] == n {
				if len(stack)-i > 1 || self {
					out = append(out, append([]T(nil), stack[i:]...))
				}
				stack = stack[:i]
				return
			}
		}
	}
	for _, n := range nodes {
		if index[n] == 0 {
			visit(n)
		}
	}
	return out
}

// Reaches tells whether control can come from the entry to b without passing a condition
// that excludes: it is asked about each condition, and what it comes out as.
func (g *Graph) Reaches(b *Block, excludes func(cond ast.Expr, truth bool) bool) bool {
	return search([]*Block{g.Entry}, func(*Block) bool { return true }, func(b *Block) []*Block {
		var on []*Block
		for i, next := range b.Succs {
			if b.Cond == nil || !excludes(b.Cond, i == 0) {
				on = append(on, next)
			}
		}
		return on
	})[b]
}
