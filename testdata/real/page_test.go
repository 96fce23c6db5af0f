package real_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	gv "github.com/gvthread/gvthread/runtime"
)

// hostile is a thread's name that would do something in a page that took it for markup.
const hostile = "<img src=x onerror=alert(1)>"

// busy keeps a runtime at work: threads of all priorities, that compute and that wait. stop
// ends them.
func busy(rt *gv.Runtime) (stop func()) {
	var over atomic.Bool
	for i := range 12 {
		rt.Go(func(context.Context) error {
			for !over.Load() {
				for began := time.Now(); time.Since(began) < time.Duration(i)*500*time.Microsecond; {
					gv.Safepoint()
				}
				if i < 9 {
					_ = gv.Sleep(8 * time.Millisecond)
				}
			}
			return nil
		}, gv.WithName([]string{"GET /search", "heartbeat", "thumbnails", "reindex"}[i/3]), gv.WithPriority(gv.Priority(i/3)))
	}
	rest := gv.NewChan[int](0)
	for i := range 30 {
		rt.Go(func(context.Context) error { _, err := rest.Recv(); return err }, gv.WithName(fmt.Sprint("consumer ", i)))
	}
	rt.Go(func(context.Context) error { return gv.Sleep(time.Hour) }, gv.WithName(hostile))
	return func() { over.Store(true) }
}

// The page follows what the runtime does, and its table what the user asks for. It ends with
// the runtime.
func TestPage(t *testing.T) {
	for _, engine := range []gv.Engine{gv.Native, gv.Portable} {
		t.Run(engine.String(), func(t *testing.T) {
			rt, err := gv.New(gv.Config{Engine: engine, Workers: 2, Accounting: true})
			if err != nil {
				t.Skip(err)
			}
			stop := busy(rt)
			defer rt.Close()
			defer stop()
			p := openTab(t, rt)
			p.testLive(rt.Capabilities())
			p.testTable()
			p.testPause()
			stop()
			if err := rt.Close(); err != nil {
				t.Error(err)
			}
			p.await(`document.getElementById('status').textContent === 'Runtime closed'`)
			p.await(`document.getElementById('threads-count').textContent === '0 alive'`)
		})
	}
}

// testLive looks at all panels.
func (p *tab) testLive(c gv.Capabilities) {
	p.t.Helper()
	p.await(drawn + `.includes('L')`)
	for what, expression := range map[string]string{
		"numbers":      `document.getElementById('tiles').textContent`,
		"plots":        drawn,
		"waits":        `document.querySelector('#times tbody').textContent`,
		"run times":    fmt.Sprintf(column, "ran") + `.join()`,
		"longest wait": `document.getElementById('waiting').textContent`,
	} {
		before := eval[string](p, expression)
		p.t.Logf("%s: %.100q", what, before)
		p.await(fmt.Sprintf("%s !== %q", expression, before))
	}
	if n := eval[int](p, `document.querySelectorAll('#workers li').length`); n != 2 {
		p.t.Errorf("%d workers are shown", n)
	}
	p.await(`/[µm]s$/.test(document.querySelector('#times tbody td').textContent)`)
	p.await(`[...document.querySelectorAll('#threads td.name')].some((td) => td.textContent === '` + hostile + `')`)
	if n := eval[int](p, `document.querySelectorAll('main img').length`); n != 0 {
		p.t.Errorf("a thread's name has become markup: %d images", n)
	}
	p.testPointing()
	shown := eval[string](p, `document.getElementById('capabilities').textContent`)
	for _, want := range []string{c.Engine.String(), c.EngineReason, c.ForcedReason} {
		if !strings.Contains(shown, want) {
			p.t.Errorf("capabilities are shown as %q, without %q", shown, want)
		}
	}
}

// testPointing points at the plots: their legends then tell of that time.
func (p *tab) testPointing() {
	p.t.Helper()
	for _, plot := range []string{"ready", "preemptions"} {
		at := eval[[]float64](p, `((r) => [r.left + 60, r.top + 20])(document.querySelector('#`+plot+` svg').getBoundingClientRect())`)
		p.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
		when := `document.querySelector('#` + plot + ` .when').textContent`
		p.await(when + `.endsWith(' s ago')`)
		p.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 1, 1))
		p.await(when + ` === 'now'`)
	}
}

// testTable filters and sorts, with the mouse and with keys.
func (p *tab) testTable() {
	p.t.Helper()
	name := fmt.Sprintf(column, "name")
	count := `document.getElementById('threads-count').textContent`
	p.do(chromedp.SendKeys(chromedp.CSS("#filter [name=match]"), "CONSUMER 1"))
	p.await(count + `.startsWith('11 of 43 match')`)
	if names := eval[[]string](p, name); len(names) != 11 || slices.ContainsFunc(names, func(n string) bool { return !strings.HasPrefix(n, "consumer 1") }) {
		p.t.Errorf("filtered by name: %q", names)
	}
	sorted := func(field, want string) {
		p.t.Helper()
		p.await(fmt.Sprintf(`document.querySelector('[data-sort=%s]').ariaSort === %q`, field, want))
		p.await(fmt.Sprintf(`((names) => names.join() === names.toSorted()%s.join())(%s)`, map[string]string{"ascending": "", "descending": ".reverse()"}[want], name))
	}
	p.do(chromedp.Click(chromedp.CSS("[data-sort=Name] button")))
	sorted("Name", "ascending")
	p.do(chromedp.Focus(chromedp.CSS("[data-sort=Name] button")), chromedp.KeyEvent("\r"))
	sorted("Name", "descending")
	p.do(choose("state", "New"))
	p.await(count + `.startsWith('0 of 43 match') && !document.getElementById('threads-note').hidden`)
	p.do(choose("state", ""), choose("match", ""), choose("priority", "Low"))
	p.await(count + `.startsWith('3 of 43 match')`)
	if names := eval[[]string](p, name); !slices.Equal(names, []string{"reindex", "reindex", "reindex"}) {
		p.t.Errorf("filtered by priority: %q", names)
	}
	p.do(choose("priority", ""))
	p.await(count + `.startsWith('43 alive')`)
}

// choose sets a field of the filter, as a user does.
func choose(name, value string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
		const field = document.getElementById('filter').elements[%q];
		field.value = %q;
		field.dispatchEvent(new Event('input', {bubbles: true}));
	}`, name, value))
}

// testPause stops the page and has it go on.
func (p *tab) testPause() {
	p.t.Helper()
	const status, tiles = `document.getElementById('status').textContent`, `document.getElementById('tiles').textContent`
	p.do(chromedp.Click(chromedp.CSS("#pause")))
	p.await(status + ` === 'Paused'`)
	before := eval[string](p, tiles)
	p.do(chromedp.Sleep(2500 * time.Millisecond))
	if now := eval[string](p, tiles); now != before {
		p.t.Errorf("the page is paused, and goes on from %q to %q", before, now)
	}
	p.do(chromedp.Click(chromedp.CSS("#pause")))
	p.await(status + ` === 'Live'`)
	p.await(fmt.Sprintf("%s !== %q", tiles, before))
}

// Of 100,000 threads the page shows 10,000, and finds one among all.
func TestPageOfManyThreads(t *testing.T) {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	const n = 100_000
	for i := range n {
		rt.Go(func(context.Context) error { return gv.Sleep(time.Hour) }, gv.WithName(fmt.Sprint("sleeper ", i)))
	}
	p := openTab(t, rt)
	const rows, count = `document.querySelectorAll('#threads tbody tr').length`, `document.getElementById('threads-count').textContent`
	p.await(count + `.startsWith('100,000 alive, the first 50 shown')`)
	began := time.Now()
	p.do(choose("limit", "10000"))
	p.await(rows + ` === 10000`)
	t.Logf("10,000 rows were shown after %v", time.Since(began))
	began = time.Now()
	p.do(choose("match", "sleeper 99999"))
	p.await(rows + ` === 1`)
	t.Logf("one thread was found after %v", time.Since(began))
	if name := eval[[]string](p, fmt.Sprintf(column, "name")); !slices.Equal(name, []string{"sleeper 99999"}) {
		t.Errorf("found %q", name)
	}
	p.await(`!document.getElementById('times-off').hidden && document.getElementById('times').hidden`)
}

// What the page offers to download is there.
func TestPageDownloads(t *testing.T) {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	p := openTab(t, rt)
	for _, link := range eval[[]string](p, `[...document.querySelectorAll('a')].map((a) => a.href)`) {
		resp, err := http.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", link, resp.Status)
		}
	}
}
