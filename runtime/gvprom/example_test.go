package gvprom_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvprom"
)

// A server answers Prometheus.
func ExampleNewCollector() {
	rt, err := gv.New(gv.Config{Workers: 2, Accounting: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	registry := prometheus.NewRegistry()
	registry.MustRegister(gvprom.NewCollector(rt, gvprom.WithName("web")))
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))

	if err := rt.Run(func(context.Context) error { return nil }); err != nil {
		fmt.Println(err)
	}
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.Lines(answer.Body.String()) {
		if strings.HasPrefix(line, "gv_workers{") || strings.HasPrefix(line, "gv_threads_finished_total") {
			fmt.Print(line)
		}
	}
	// Output:
	// gv_threads_finished_total{runtime="web"} 1
	// gv_workers{runtime="web"} 2
}
