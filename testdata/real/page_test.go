package real_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvdebug"
)

// hostile is a thread's name that would do something in a page that took it for markup.
const hostile = "<img src=x onerror=alert(1)>"

// A tab is one of a browser, which shows the live page.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// openTab opens the live page of rt in a browser of its own, which ends with the test. The
// test fails if the page says anything to the console, or asks another host for anything. It
// is skipped where there is no Chromium.
func openTab(t *testing.T, rt *gv.Runtime) *tab {
	t.Helper()
	mux := http.NewServeMux()
	gvdebug.Register(mux, rt)
	base := serveHTTP(t, mux)
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(findChromium(t)))
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // which root can't have
	}
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	ctx, stopAllocator := chromedp.NewExecAllocator(ctx, opts...)
	ctx, stopBrowser := chromedp.NewContext(ctx)
	said, asked := chromedp.Console(ctx), chromedp.Events(ctx, network.RequestWillBeSent)
	watching := make(chan struct{}, 2)
	go func() {
		for m, err := range said {
			if err == nil {
				t.Errorf("the page says on the console: %v %s %s", m.Type, m.Text, m.URL)
			}
		}
		watching <- struct{}{}
	}()
	go func() {
		for r, err := range asked {
			if err == nil && !strings.HasPrefix(r.Request.URL, base+"/debug/gv/") {
				t.Errorf("the page asks for %s", r.Request.URL)
			}
		}
		watching <- struct{}{}
	}()
	t.Cleanup(func() {
		stopBrowser()
		stopAllocator()
		stop()
		<-watching
		<-watching
	})
	p := &tab{t, ctx}
	p.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(base+"/debug/gv/"))
	p.await(`document.getElementById('status').textContent === 'Live'`)
	return p
}

// findChromium returns the path of a Chromium.
func findChromium(t *testing.T) string {
	for _, name := range []string{"chromium-headless-shell", "chromium", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no Chromium in PATH (on Debian: apt-get install chromium-headless-shell)")
	return ""
}

// do does what a user does.
func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// await waits until a condition holds in the page.
func (p *tab) await(condition string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Poll[chromedp.Void](condition)); err != nil {
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText`))
		p.t.Fatalf("waiting for %s: %v; the page has\n%s", condition, err, text)
	}
}

// eval returns the value of an expression in the page.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// column has the texts of a column of the table of threads, by its class.
const column = `[...document.querySelectorAll('#threads td.%s')].map((td) => td.textContent)`

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
	const drawn = `[...document.querySelectorAll('.plot .area')].map((a) => a.getAttribute('d')).join()`
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

// The page can be read on narrow and on wide screens, by day and by night, and with a screen
// reader; who wants no motion has none. Its pictures are among the test's artifacts.
func TestPageLooks(t *testing.T) {
	rt, err := gv.New(gv.Config{Workers: 2, Accounting: true})
	if err != nil {
		t.Fatal(err)
	}
	stop := busy(rt)
	defer rt.Close()
	defer stop()
	p := openTab(t, rt)
	p.await(`document.querySelectorAll('#waiting .bar').length > 0`)
	for _, width := range []int64{390, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			p.prefer("prefers-color-scheme", scheme)
			p.do(chromedp.EmulateViewport(width, 900))
			p.await(fmt.Sprintf(`innerWidth === %d`, width))
			// All of the page is in sight: it doesn't draw what isn't.
			p.do(chromedp.EmulateViewport(width, eval[int64](p, `document.documentElement.scrollHeight`)))
			picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(t.ArtifactDir(), fmt.Sprintf("%d-%s.png", width, scheme)), picture, 0o666); err != nil {
				t.Error(err)
			}
			if got := eval[int64](p, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%d %s: the page is %d wide", width, scheme, got)
			}
			if pale := eval[[]string](p, `(`+paleTexts+`)()`); len(pale) > 0 {
				t.Errorf("%d %s: too little contrast: %q", width, scheme, pale)
			}
		}
	}
	if unnamed := eval[[]string](p, unnamedControls); len(unnamed) > 0 {
		t.Errorf("without a name for a screen reader: %q", unnamed)
	}
	p.prefer("prefers-reduced-motion", "no-preference")
	p.await(`document.getAnimations().length > 0`)
	p.prefer("prefers-reduced-motion", "reduce")
	p.await(`document.getAnimations().length === 0`)
}

// prefer sets what the user has told the browser to prefer.
func (p *tab) prefer(feature, value string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// paleTexts is a function that returns the texts whose contrast is below what WCAG 2 asks for,
// 4.5.
const paleTexts = `() => {
	const rgb = (color) => color.match(/[\d.]+/g).map(Number);
	const linear = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
	const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
	const ground = (e) => {
		for (; e; e = e.parentElement) {
			const color = rgb(getComputedStyle(e).backgroundColor);
			if (color.length === 3 || color[3] === 1) return color;
		}
		return [255, 255, 255];
	};
	const pale = [];
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const e = texts.currentNode.parentElement;
		if (!texts.currentNode.data.trim() || !e.checkVisibility() || e.closest(':disabled, noscript, .unseen')) continue;
		const style = getComputedStyle(e);
		const [a, b] = [luminance(rgb(e instanceof SVGElement ? style.fill : style.color)), luminance(ground(e))];
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) pale.push(e.tagName + ' ' + texts.currentNode.data.trim() + ' ' + contrast.toFixed(2));
	}
	return pale;
}`

// unnamedControls lists what can be used or read, and has no name.
const unnamedControls = `[
	...[...document.querySelectorAll('input, select')].filter((e) => e.labels.length === 0),
	...[...document.querySelectorAll('button, a, h1, h2, th')].filter((e) => !e.textContent.trim()),
	...[...document.querySelectorAll('section, table, [tabindex], [role=img]')].filter((e) =>
		!(e.caption || e.ariaLabel || document.getElementById(e.getAttribute('aria-labelledby'))?.textContent)),
	...[...document.querySelectorAll('img')].filter((e) => !e.hasAttribute('alt')),
].map((e) => e.outerHTML.slice(0, 100))`

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
		to, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.Get(to.String())
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", link, resp.Status)
		}
	}
}
