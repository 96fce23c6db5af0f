package real_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvdebug"
)

// A tab is one of a browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// openTab opens the live page of rt.
func openTab(t *testing.T, rt *gv.Runtime) *tab {
	t.Helper()
	mux := http.NewServeMux()
	gvdebug.Register(mux, rt)
	p := openURL(t, serveHTTP(t, mux)+"/debug/gv/", "")
	p.await(`document.getElementById('status').textContent === 'Live'`)
	return p
}

// openURL opens a page in a browser of its own, which ends with the test. The test fails if the
// page says anything to the console, but for what has a known text in it, or asks for anything
// that is neither below it nor in it. It is skipped where there is no Chromium.
func openURL(t *testing.T, url, known string) *tab {
	t.Helper()
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
			if err == nil && (known == "" || !strings.Contains(m.Text, known)) {
				t.Errorf("the page says on the console: %v %s %s", m.Type, m.Text, m.URL)
			}
		}
		watching <- struct{}{}
	}()
	go func() {
		for r, err := range asked {
			if err == nil && !strings.HasPrefix(r.Request.URL, url) && !strings.HasPrefix(r.Request.URL, "data:") {
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
	p.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(url))
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

// drawn has the shapes of the plots.
const drawn = `[...document.querySelectorAll('.plot .area')].map((a) => a.getAttribute('d')).join()`

// column has the texts of a column of the table of threads, by its class.
const column = `[...document.querySelectorAll('#threads td.%s')].map((td) => td.textContent)`
