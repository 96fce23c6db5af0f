package main

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"
)

// A result is what the turns of a row have found.
type result struct {
	row
	turns map[string][]values // by side
	// absent says why the row could not be measured here.
	absent error
}

// errAbsent is wrapped by the error of a measure that this machine doesn't have.
var errAbsent = errors.New("not measured")

// measureAll measures the rows one after the other.
func measureAll(ctx context.Context, rows []row, o options, p *progress) ([]result, error) {
	var results []result
	for _, r := range rows {
		p.begin(r.name)
		res, err := measureRow(ctx, r, o, p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		p.end(res)
		results = append(results, res)
	}
	return results, nil
}

// measureRow measures both sides of a row in turns. The side that begins alternates.
func measureRow(ctx context.Context, r row, o options, p *progress) (result, error) {
	res := result{row: r, turns: map[string][]values{}}
	rounds := o.Rounds
	if r.most > 0 {
		rounds = min(rounds, r.most)
	}
	order := []string{sideThreads, sideGoroutines}
	for round := range rounds {
		for _, side := range order {
			p.turn(round, rounds, side)
			v, err := measureSide(turn{ctx, o.Engine, o.Turn}, r, side)
			if cause := context.Cause(ctx); cause != nil {
				return res, cause
			}
			if errors.Is(err, errAbsent) {
				res.absent = err
				return res, nil
			}
			if err != nil {
				return res, fmt.Errorf("side %s: %w", side, err)
			}
			res.turns[side] = append(res.turns[side], v)
		}
		slices.Reverse(order)
	}
	return res, nil
}

// measureSide does one turn.
func measureSide(t turn, r row, side string) (values, error) {
	if r.apart {
		return measureApart(t, r.name, side)
	}
	goruntime.GC() // what was left over by others is not this one's
	return r.side(side)(t)
}

// value returns value i of a side: the median of its turns, or the greatest if it is a
// maximum.
func (r *result) value(side string, i int) float64 {
	sorted := r.sorted(side, i)
	if i > 0 && r.more[i-1] == "max" {
		return sorted[len(sorted)-1]
	}
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// spread returns half the distance between the least and the greatest of a side's turns,
// as a share of the median.
func (r *result) spread(side string) float64 {
	sorted := r.sorted(side, 0)
	return quotient((sorted[len(sorted)-1]-sorted[0])/2, r.value(side, 0))
}

// ratio is that of value i of threads to that of goroutines.
func (r *result) ratio(i int) float64 {
	return quotient(r.value(sideThreads, i), r.value(sideGoroutines, i))
}

// sorted returns value i of a side's turns in order.
func (r *result) sorted(side string, i int) []float64 {
	var vs []float64
	for _, v := range r.turns[side] {
		vs = append(vs, v[i])
	}
	slices.Sort(vs)
	return vs
}

// quotient is a/b, or 0 if b is 0: JSON has no infinity.
func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
