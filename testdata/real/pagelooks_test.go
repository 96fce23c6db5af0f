package real_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	gv "github.com/gvthread/gvthread/runtime"
)

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
	p.await(`document.querySelectorAll('#preemptions .area[d*=L]').length > 0`)
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
