package gvhttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// describe answers with the thread that it runs in.
var describe = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	th := gv.Current()
	fmt.Fprintf(w, "%q %v", th.Name(), th.Priority())
})

func TestPerRequest(t *testing.T) {
	shared := make([]gv.Option, 1, 8) // with room that nobody may write to
	shared[0] = gv.WithPriority(gv.High)
	h := func(rt *gv.Runtime) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/", gvhttp.PerRequest(rt, describe, func(r *http.Request) []gv.Option {
			if gv.Current() != nil {
				t.Error("the options are chosen in a thread")
			}
			switch {
			case r.Header.Get("X-Tenant") == "free":
				return []gv.Option{gv.WithPriority(gv.Low), gv.WithName(r.Pattern)}
			case r.URL.Path == "/report":
				return []gv.Option{gv.WithPriority(gv.Normal)}
			case r.URL.Path == "/shared":
				return shared
			}
			return nil
		}))
		return mux
	}
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		for _, tt := range []struct{ path, tenant, want string }{
			{"/", "", `"" Critical`},
			{"/report", "", `"" Normal`},
			{"/report", "free", `"/" Low`},
			{"/shared", "", `"" High`},
			{"/", "", `"" Critical`},
		} {
			r := httptest.NewRequest("GET", tt.path, nil)
			r.Header.Set("X-Tenant", tt.tenant)
			rec := httptest.NewRecorder()
			h(rt).ServeHTTP(rec, r)
			if got := rec.Body.String(); got != tt.want {
				t.Errorf("%s for tenant %q ran in %s, want %s", tt.path, tt.tenant, got, tt.want)
			}
		}
	})
	if shared = shared[:2]; shared[1] != nil {
		t.Error("the handler wrote behind the options that it was given")
	}
}

// What the options function panics with is the caller's, as a panic of the handler is.
func TestPanicOfTheOptionsReachesTheCaller(t *testing.T) {
	h := gvhttp.PerRequest(nil, describe, func(*http.Request) []gv.Option { panic("no such tenant") })
	defer func() {
		if v := recover(); v != "no such tenant" {
			t.Errorf("panic %v", v)
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

// Misuse is found where the handler is made.
func TestMisusePanics(t *testing.T) {
	options := func(*http.Request) []gv.Option { return nil }
	for want, misuse := range map[string]func(){
		"gvhttp: nil handler":  func() { gvhttp.PerRequest(nil, nil, options) },
		"gvhttp: nil listener": func() { gvhttp.Listener(nil) },
		"gvhttp: PerRequest: nil options; use Handler for options that are always the same": func() {
			gvhttp.PerRequest(nil, describe, nil)
		},
		"gvhttp: Shedder.MaxWaiting of Low is -1; it must not be negative (0 means any number)": func() {
			(&gvhttp.Shedder{MaxWaiting: [4]int{gv.Low: -1}}).Handler(nil, describe, nil)
		},
		"gvhttp: Shedder.RetryAfter is -1s; it must not be negative (0 means 1 s)": func() {
			(&gvhttp.Shedder{RetryAfter: -1e9}).Handler(nil, describe, nil)
		},
	} {
		func() {
			defer func() {
				if v := recover(); v != want {
					t.Errorf("panic %v, want %v", v, want)
				}
			}()
			misuse()
		}()
	}
}
