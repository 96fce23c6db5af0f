package gvdebug

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	gv "github.com/gvthread/gvthread/runtime"
)

// A ThreadList is what threads.json answers. Its query may have
//
//	state     a gv.State, by name
//	priority  a gv.Priority, by name
//	match     a text in the thread's name or in what it waits for, or its ID
//	sort      a field of gv.ThreadInfo: ID, Name, Priority, State, ReadyFor or RunTime; with
//	          a minus in front the highest come first. Otherwise the order is that of the IDs.
//	limit     how many threads to list, up to 10000; otherwise 100
//
// Text may be in upper or lower case. An empty value is as none. What can't be understood is
// answered 400, with a text that says why.
type ThreadList struct {
	// Alive is how many threads there are, by state.
	Alive map[gv.State]int
	// Matching is how many of these the query is for, and Threads the first of them.
	Matching int
	Threads  []*gv.ThreadInfo
	// Waiting are those, of all, that have waited for a worker for longest.
	Waiting []*gv.ThreadInfo
}

const (
	defaultLimit = 100
	maxLimit     = 10_000
	// waiting is how many threads ThreadList.Waiting has.
	waiting = 5
)

// A compare is as for slices.SortFunc.
type compare func(a, b *gv.ThreadInfo) int

// orders are by the names of fields.
var orders = map[string]compare{
	"ID":       func(a, b *gv.ThreadInfo) int { return cmp.Compare(a.ID, b.ID) },
	"Name":     func(a, b *gv.ThreadInfo) int { return cmp.Compare(a.Name, b.Name) },
	"Priority": func(a, b *gv.ThreadInfo) int { return cmp.Compare(a.Priority, b.Priority) },
	"State":    func(a, b *gv.ThreadInfo) int { return cmp.Compare(a.State, b.State) },
	"ReadyFor": func(a, b *gv.ThreadInfo) int { return cmp.Compare(a.ReadyFor, b.ReadyFor) },
	"RunTime":  func(a, b *gv.ThreadInfo) int { return cmp.Compare(a.RunTime, b.RunTime) },
}

// longest has those first that have waited for longest.
func longest(a, b *gv.ThreadInfo) int { return orders["ReadyFor"](b, a) }

// A query says which threads are wanted.
type query struct {
	// state and priority are nil for all.
	state    *gv.State
	priority *gv.Priority
	// match is in lower case.
	match string
	order compare
	limit int
}

// parseQuery reads the query of an URL.
func parseQuery(raw string) (query, error) {
	q := query{order: orders["ID"], limit: defaultLimit}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, fmt.Errorf("query %q: %w", raw, err)
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if n := len(values[key]); n > 1 {
			return q, fmt.Errorf("query has %q %d times; give it once", key, n)
		}
		if err := q.set(key, values.Get(key)); err != nil {
			return q, err
		}
	}
	return q, nil
}

// set reads a parameter.
func (q *query) set(key, value string) error {
	switch key {
	case "state", "priority", "match", "sort", "limit":
	default:
		return fmt.Errorf("query has %q; use state, priority, match, sort or limit", key)
	}
	if value == "" {
		return nil
	}
	switch key {
	case "state":
		q.state = new(gv.State)
		return q.state.UnmarshalText([]byte(value))
	case "priority":
		q.priority = new(gv.Priority)
		return q.priority.UnmarshalText([]byte(value))
	case "match":
		q.match = strings.ToLower(value)
	case "sort":
		field, down := strings.CutPrefix(value, "-")
		order, ok := orders[field]
		if !ok {
			return fmt.Errorf("query has sort=%q; use one of %s, with a minus for the highest first", value, strings.Join(slices.Sorted(maps.Keys(orders)), ", "))
		}
		q.order = order
		if down {
			q.order = func(a, b *gv.ThreadInfo) int { return order(b, a) }
		}
	case "limit":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > maxLimit {
			return fmt.Errorf("query has limit=%q; use a number from 1 to %d", value, maxLimit)
		}
		q.limit = n
	}
	return nil
}

// matches reports whether t is wanted.
func (q *query) matches(t *gv.ThreadInfo) bool {
	if q.state != nil && t.State != *q.state || q.priority != nil && t.Priority != *q.priority {
		return false
	}
	return q.match == "" ||
		strings.Contains(strings.ToLower(t.Name), q.match) ||
		strings.Contains(strings.ToLower(t.Waits), q.match) ||
		strconv.FormatUint(t.ID, 10) == q.match
}

// list goes through the threads of rt.
func (q *query) list(rt *gv.Runtime) ThreadList {
	l := ThreadList{Alive: map[gv.State]int{}}
	wanted, oldest := newRanking(q.order, q.limit), newRanking(longest, waiting)
	for t := range rt.Threads() {
		l.Alive[t.State]++
		if t.ReadyFor > 0 {
			oldest.add(&t)
		}
		if q.matches(&t) {
			l.Matching++
			wanted.add(&t)
		}
	}
	l.Threads, l.Waiting = wanted.first(), oldest.first()
	return l
}

// A ranking finds the first of many threads, in memory for twice as many as it returns.
type ranking struct {
	order compare
	limit int
	// sorted is how many of those that were seen are the first of all that came before them.
	sorted int
	seen   []*gv.ThreadInfo
}

func newRanking(order compare, limit int) *ranking {
	return &ranking{order: order, limit: limit, seen: []*gv.ThreadInfo{}} // not nil, which is null in JSON
}

// add is called in the order of the IDs, which decides between equals.
func (r *ranking) add(t *gv.ThreadInfo) {
	if r.sorted == r.limit && r.order(t, r.seen[r.limit-1]) >= 0 {
		return
	}
	r.seen = append(r.seen, t)
	if len(r.seen) == 2*r.limit {
		r.first()
	}
}

// first returns the first of those that were added, in order, and forgets the others.
func (r *ranking) first() []*gv.ThreadInfo {
	slices.SortFunc(r.seen, func(a, b *gv.ThreadInfo) int {
		return cmp.Or(r.order(a, b), cmp.Compare(a.ID, b.ID))
	})
	r.sorted = min(len(r.seen), r.limit)
	r.seen = r.seen[:r.sorted]
	return r.seen
}
