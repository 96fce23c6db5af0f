package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// Each kind of work goes on, beside all others, and ends when it is to.
func TestWork(t *testing.T) {
	for _, engine := range []gv.Engine{gv.Native, gv.Portable} {
		t.Run(engine.String(), func(t *testing.T) {
			rt, err := gv.New(gv.Config{Engine: engine, Workers: 2, MaxWait: time.Millisecond})
			if err != nil {
				t.Skip(err)
			}
			var m mix
			for i, k := range kinds {
				m = append(m, spec{threads: 1 + i%2, priority: gv.Priority(i % 4), work: k.name})
			}
			if caps := rt.Capabilities(); caps.Engine == gv.Native && !caps.Forced {
				m = slices.DeleteFunc(m, func(s spec) bool { return s.work == "spin" }) // nobody could stop it
			}
			g := start(rt, m)
			for _, c := range g.crews {
				for c.rounds.Load() < 5 {
					time.Sleep(time.Millisecond)
				}
			}
			if err := g.stop(); err != nil {
				t.Error(err)
			}
			for _, th := range g.threads {
				if th.State() != gv.StateDone {
					t.Errorf("a thread that does %s has not ended", th.Name())
				}
			}
			if err := rt.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// One token goes round a ring, so the threads take turns.
func TestRing(t *testing.T) {
	rt, err := gv.New(gv.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	g := start(rt, mix{{threads: 3, priority: gv.Normal, work: "channel"}})
	c := g.crews[0]
	for c.rounds.Load() < 1000 {
		time.Sleep(time.Millisecond)
	}
	if err := errors.Join(g.stop(), rt.Close()); err != nil {
		t.Error(err)
	}
	tokens := 0
	for _, ch := range c.ring {
		tokens += ch.Len()
	}
	// A thread that is cancelled between the two calls keeps it.
	if tokens > 1 {
		t.Errorf("%d tokens are left of one", tokens)
	}
}

// A canceller cancels when a text is written to it.
type canceller struct {
	bytes.Buffer
	text   string
	cancel context.CancelFunc
}

func (c *canceller) Write(data []byte) (int, error) {
	if strings.Contains(string(data), c.text) {
		c.cancel()
	}
	return c.Buffer.Write(data)
}

// The command shows every second what has been done, and all of it when it is
// interrupted.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := canceller{text: "1 Low lock ", cancel: cancel}
	args := []string{"-for", "1h", "-workers", "2", "-mix", "2 CRITICAL sleep,1 low lock"}
	if err := run(ctx, args, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{"engine, 2 workers\n", "after ", " switches, ", " 2 Critical sleep ", " rounds", "in all: "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the output:\n%s", want, text)
		}
	}
	if n := strings.Count(text, "1 Low lock "); n < 2 {
		t.Errorf("%d lines for a crew, want one for a second and one for all:\n%s", n, text)
	}
}

// The command ends by itself, and says what an engine lacks.
func TestEnds(t *testing.T) {
	t.Setenv("GVTHREAD", "portable")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-for", "1ms"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Portable engine", "GVTHREAD in the environment has portable", "in all: ", "4 Low spin"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in the output:\n%s", want, &out)
		}
	}
}

// The live page is served while the command runs, with the times, and its link is printed.
func TestPage(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, to := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-for", "1h", "-http", "127.0.0.1:0"}, to, io.Discard)
		to.Close()
		ended <- err
	}()
	var link string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		_, after, ok := strings.Cut(lines.Text(), "live page: ")
		if !ok {
			continue
		}
		link = after
		for file, want := range map[string]string{"": "<title>gvthread</title>", "stats.json": `"Waits":{"Bounds":`} {
			resp, err := http.Get(link + file)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || !strings.Contains(string(text), want) {
				t.Errorf("%s%s: no %q in %.1000s, error %v", link, file, want, text, err)
			}
		}
		cancel()
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if resp, err := http.Get(link + "stats.json"); err == nil {
		resp.Body.Close()
		t.Error("the page is served after the command's end")
	}
}

func TestTake(t *testing.T) {
	c := &crew{}
	c.note(2)
	c.note(5)
	c.note(3)
	if rounds, longest := c.take(); rounds != 3 || longest != 5 {
		t.Errorf("%d rounds, the longest of %d", rounds, longest)
	}
	c.note(4)
	if rounds, longest := c.take(); rounds != 1 || longest != 4 {
		t.Errorf("then %d rounds, the longest of %d", rounds, longest)
	}
	if c.total != 4 || c.worst != 5 {
		t.Errorf("in all %d rounds, the longest of %d", c.total, c.worst)
	}
}

func TestMix(t *testing.T) {
	var m mix
	if err := m.Set("2 critical sleep, 4 Low spin"); err != nil {
		t.Fatal(err)
	}
	if want := (mix{{2, gv.Critical, "sleep"}, {4, gv.Low, "spin"}}); !slices.Equal(m, want) {
		t.Errorf("mix %v, want %v", m, want)
	}
	var again mix
	if err := again.Set(m.String()); err != nil || !slices.Equal(again, m) {
		t.Errorf("%q is read as %v, error %v", m.String(), again, err)
	}
}

func TestBadArguments(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-mix", ""}, "0 words"},
		{[]string{"-mix", "4 low spin,"}, "0 words"},
		{[]string{"-mix", "4 low"}, "2 words"},
		{[]string{"-mix", "0 low spin"}, `"0" threads`},
		{[]string{"-mix", "x low spin"}, `"x" threads`},
		{[]string{"-mix", "4 lower spin"}, `priority "lower"`},
		{[]string{"-mix", "4 low dance"}, "use one of spin, safepoint, yield"},
		{[]string{"-for", "0s"}, "must be above 0"},
		{[]string{"-workers", "-1"}, "Config.Workers is -1"},
		{[]string{"-http", "nowhere"}, "-http nowhere: listen tcp: "},
		{[]string{"4", "low", "spin"}, "only flags"},
	} {
		if err := run(t.Context(), tt.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("arguments %q: error %v, want one with %q", tt.args, err, tt.want)
		}
	}
	var usage bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, io.Discard, &usage); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: error %v", err)
	}
	if want := "1 critical sleep, 2 normal channel, 4 low spin"; !strings.Contains(usage.String(), want) {
		t.Errorf("no %q in the usage:\n%s", want, &usage)
	}
}
