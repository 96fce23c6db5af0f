package gvhttp_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	goruntime "runtime"
	"sync"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// The context of a request ends when the handler has returned, however it does that,
// also where the caller's goes on, and with it the threads that the handler started.
func TestRequestEndsWithItsHandler(t *testing.T) {
	for name, leave := range map[string]func(){
		"returns": func() {},
		"panics":  func() { panic(http.ErrAbortHandler) },
		"Goexit":  goruntime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
				const requests = 20
				var waiting sync.WaitGroup
				children := make(chan *gv.Thread, requests)
				h := gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					waiting.Go(func() { <-r.Context().Done() })
					children <- gv.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
					leave()
				}))
				for range requests {
					var caller sync.WaitGroup
					caller.Go(func() {
						defer func() { _ = recover() }()
						h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
					})
					caller.Wait()
					if err := (<-children).Wait(); !errors.Is(err, gv.ErrCancelled) {
						t.Errorf("a thread that the handler started ends with %v", err)
					}
				}
				waiting.Wait()
			})
		})
	}
}
