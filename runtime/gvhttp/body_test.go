package gvhttp_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvhttp"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

func TestBody(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		srv, _ := serve(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Body == http.NoBody {
				fmt.Fprint(w, "nothing")
				return
			}
			n, err := io.Copy(w, r.Body)
			if err == nil {
				err = r.Body.Close()
			}
			if err != nil {
				t.Errorf("after %d bytes: %v", n, err)
			}
		})))
		for _, size := range []int{1, 100, 1 << 20} {
			sent := strings.Repeat("x", size)
			resp, err := srv.Client().Post(srv.URL, "text/plain", strings.NewReader(sent))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || string(got) != sent {
				t.Errorf("of %d bytes %d came back, error %v", size, len(got), err)
			}
		}
		if got, want := get(t, srv), "200 nothing"; got != want {
			t.Errorf("answer %s, want %s", got, want)
		}
	})
}

// Requests that wait for their bodies hold no worker: more of them than there
// are workers, and lower threads still run.
func TestWaitingForBodiesHoldsNoWorker(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		clients := rt.Stats().Workers + 2
		reading := make(chan struct{}, clients)
		srv, _ := serve(t, gvhttp.Handler(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			reading <- struct{}{}
			io.Copy(w, r.Body)
		})))
		answers := make(chan string, clients)
		var bodies []*io.PipeWriter
		for range clients {
			from, to := io.Pipe()
			bodies = append(bodies, to)
			go func() {
				resp, err := srv.Client().Post(srv.URL, "text/plain", from)
				if err != nil {
					answers <- err.Error()
					return
				}
				defer resp.Body.Close()
				got, err := io.ReadAll(resp.Body)
				answers <- fmt.Sprint(string(got), err)
			}()
		}
		for range clients {
			<-reading
		}
		ran := rt.Go(func(context.Context) error { return nil }, gv.WithPriority(gv.Low))
		if err := ran.Wait(); err != nil {
			t.Error(err)
		}
		for _, to := range bodies {
			io.WriteString(to, "late")
			to.Close()
		}
		for range clients {
			if got, want := <-answers, "late<nil>"; got != want {
				t.Errorf("answer %s, want %s", got, want)
			}
		}
	})
}
