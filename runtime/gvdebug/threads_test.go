package gvdebug_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvdebug"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// ids returns the IDs of a list.
func ids(l gvdebug.ThreadList) (ids []uint64) {
	for _, t := range l.Threads {
		ids = append(ids, t.ID)
	}
	return ids
}

// The query says which threads are listed, and in which order.
func TestThreadsByQuery(t *testing.T) {
	enginetest.Each(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		h := gvdebug.Handler(rt)
		if l := get[gvdebug.ThreadList](t, h, "/threads.json"); l.Matching != 0 || l.Threads == nil || l.Waiting == nil {
			t.Errorf("without threads: %+v, want empty lists and no null", l)
		}
		c := gv.NewChan[int](0)
		for _, th := range []*gv.Thread{ // with the IDs from 1 on
			park(rt, gv.WithName("b"), gv.WithPriority(gv.Low)),
			park(rt, gv.WithName("Reindex"), gv.WithPriority(gv.High)),
			rt.Go(func(context.Context) error { _, err := c.Recv(); return err }, gv.WithName("a"), gv.WithPriority(gv.Low)),
			park(rt),
		} {
			until(func() bool { return th.State() == gv.StateBlocked })
		}
		for _, tt := range []struct {
			query    string
			matching int
			want     []uint64
		}{
			{"", 4, []uint64{1, 2, 3, 4}},
			{"limit=2", 4, []uint64{1, 2}},
			{"limit=2&sort=-ID", 4, []uint64{4, 3}},
			{"state=blocked", 4, []uint64{1, 2, 3, 4}},
			{"state=Running", 0, nil},
			{"priority=low", 2, []uint64{1, 3}},
			{"priority=Low&state=New", 0, nil},
			{"match=RE", 2, []uint64{2, 3}}, // Reindex, and one that waits to receive
			{"match=block&priority=high", 1, []uint64{2}},
			{"match=3", 1, []uint64{3}},
			{"match=%3Cscript%3E", 0, nil},
			{"sort=Name", 4, []uint64{4, 2, 3, 1}},
			{"sort=-Name", 4, []uint64{1, 3, 2, 4}},
			{"sort=Priority&limit=2", 4, []uint64{2, 4}},
			{"sort=-Priority&limit=3", 4, []uint64{1, 3, 4}},
			{"state=&priority=&match=&sort=&limit=", 4, []uint64{1, 2, 3, 4}},
		} {
			l := get[gvdebug.ThreadList](t, h, "/threads.json?"+tt.query)
			if got := ids(l); !slices.Equal(got, tt.want) {
				t.Errorf("%q: threads %v, want %v", tt.query, got, tt.want)
			}
			if l.Matching != tt.matching {
				t.Errorf("%q: %d match, want %d", tt.query, l.Matching, tt.matching)
			}
			if l.Alive[gv.StateBlocked] != 4 || len(l.Alive) != 1 || len(l.Waiting) != 0 {
				t.Errorf("%q: alive are %v, and %v wait for a worker", tt.query, l.Alive, l.Waiting)
			}
		}
	})
}

// What changes all the time is sorted as it was seen, and those that have waited for longest
// are told beside what the query is for.
func TestThreadsInMotion(t *testing.T) {
	enginetest.Each(t, gv.Config{Workers: 1, Accounting: true}, func(t *testing.T, rt *gv.Runtime) {
		for range 20 {
			rt.Go(func(ctx context.Context) error {
				for ctx.Err() == nil {
					gv.Yield()
				}
				return nil
			})
		}
		h := gvdebug.Handler(rt)
		until(func() bool { return rt.Stats().Switches > 100 })
		waited := 0
		for range 50 {
			for query, order := range map[string]func(a, b *gv.ThreadInfo) int{
				"sort=State":     func(a, b *gv.ThreadInfo) int { return cmp.Compare(a.State, b.State) },
				"sort=RunTime":   func(a, b *gv.ThreadInfo) int { return cmp.Compare(a.RunTime, b.RunTime) },
				"sort=ReadyFor":  func(a, b *gv.ThreadInfo) int { return cmp.Compare(a.ReadyFor, b.ReadyFor) },
				"sort=-ReadyFor": func(a, b *gv.ThreadInfo) int { return cmp.Compare(b.ReadyFor, a.ReadyFor) },
			} {
				l := get[gvdebug.ThreadList](t, h, "/threads.json?"+query)
				if len(l.Threads) != 20 || !slices.IsSortedFunc(l.Threads, order) {
					t.Errorf("%q: %d threads, which are not sorted", query, len(l.Threads))
				}
				slices.SortStableFunc(l.Threads, func(a, b *gv.ThreadInfo) int {
					return cmp.Or(cmp.Compare(b.ReadyFor, a.ReadyFor), cmp.Compare(a.ID, b.ID))
				})
				waited += len(l.Waiting)
				if len(l.Waiting) > 5 || len(l.Waiting) < 5 && l.Threads[len(l.Waiting)].ReadyFor > 0 {
					t.Errorf("%d threads are said to have waited for longest", len(l.Waiting))
				}
				for i, th := range l.Waiting {
					if *th != *l.Threads[i] || th.ReadyFor == 0 {
						t.Errorf("%+v is said to have waited for longest, and %+v has", *th, *l.Threads[i])
					}
				}
			}
		}
		if waited == 0 {
			t.Error("of 20 threads on one worker none has ever waited")
		}
	})
}

// A query that can't be understood is refused with what is wrong, and what to use.
func TestBadQueries(t *testing.T) {
	h := gvdebug.Handler(enginetest.Open(t, gv.Config{}))
	for query, want := range map[string]string{
		"state=Sleeping":      `gvdebug: gv: "Sleeping" is no state; use one of New, Ready, `,
		"priority=Urgent":     `gvdebug: gv: "Urgent" is no priority; use one of Critical, `,
		"sort=Parent":         `gvdebug: query has sort="Parent"; use one of ID, Name, Priority, ReadyFor, RunTime, State, `,
		"sort=-":              `gvdebug: query has sort="-"; use one of `,
		"sort=--ID":           `gvdebug: query has sort="--ID"; use one of `,
		"limit=0":             `gvdebug: query has limit="0"; use a number from 1 to 10000`,
		"limit=10001":         `gvdebug: query has limit="10001"; `,
		"limit=ten":           `gvdebug: query has limit="ten"; `,
		"limit=1&limit=2":     `gvdebug: query has "limit" 2 times; give it once`,
		"name=x":              `gvdebug: query has "name"; use state, priority, match, sort or limit`,
		"name=":               `gvdebug: query has "name"; `,
		"match=%zz":           `gvdebug: query "match=%zz": invalid URL escape "%zz"`,
		"state=New;sort=Name": `gvdebug: query "state=New;sort=Name": `,
	} {
		w := ask(t, h, "GET", "/threads.json?"+query)
		if w.Code != http.StatusBadRequest || !strings.HasPrefix(w.Body.String(), want) {
			t.Errorf("%q: %d %s; want 400 %s", query, w.Code, w.Body, want)
		}
	}
}

// The first of many threads are those that would be first if all were sorted.
func TestManyThreads(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 10_000
	}
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		g := rt.NewGroup(t.Context())
		for range n {
			opts := []gv.Option{gv.WithName(fmt.Sprint("n", rand.IntN(1000))), gv.WithPriority(gv.Priority(rand.IntN(4)))}
			if err := g.Go(func(context.Context) error { return gv.Sleep(time.Hour) }, opts...); err != nil {
				t.Fatal(err)
			}
		}
		until(func() bool { s := rt.Stats(); return s.Ready == [4]int{} })
		h := gvdebug.Handler(rt)
		all := slices.Collect(rt.Threads())
		for query, order := range map[string]func(a, b gv.ThreadInfo) int{
			"sort=ID":        func(_, _ gv.ThreadInfo) int { return 0 },
			"sort=-ID":       func(a, b gv.ThreadInfo) int { return cmp.Compare(b.ID, a.ID) },
			"sort=Name":      func(a, b gv.ThreadInfo) int { return cmp.Compare(a.Name, b.Name) },
			"sort=-Priority": func(a, b gv.ThreadInfo) int { return cmp.Compare(b.Priority, a.Priority) },
		} {
			slices.SortFunc(all, func(a, b gv.ThreadInfo) int { return cmp.Or(order(a, b), cmp.Compare(a.ID, b.ID)) })
			for _, limit := range []int{1, 777, 10_000} {
				l := get[gvdebug.ThreadList](t, h, fmt.Sprintf("/threads.json?%s&limit=%d", query, limit))
				var want []uint64
				for _, th := range all[:limit] {
					want = append(want, th.ID)
				}
				if got := ids(l); !slices.Equal(got, want) || l.Matching != n || l.Alive[gv.StateBlocked] != n {
					t.Errorf("%s, limit %d: %d threads of %d, which are not those that are first", query, limit, len(got), l.Matching)
				}
			}
		}
		g.Cancel(nil)
		g.Wait()
	})
}
