package gvprom_test

import (
	"os/exec"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvprom"
)

// The text format can be read back, and has what the registry had.
func TestTextFormat(t *testing.T) {
	want := gather(t, gvprom.NewCollector(open(t, gv.Config{Workers: 2, Accounting: true}), gvprom.WithName("a \"b\"\nc")))
	parser := expfmt.NewTextParser(model.UTF8Validation)
	got, err := parser.TextToMetricFamilies(strings.NewReader(text(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	wantFamilies(t, got, 1)
	for name, f := range want {
		for i, m := range f.GetMetric() {
			if g := got[name].GetMetric()[i]; g.GetHistogram().GetSampleSum() != m.GetHistogram().GetSampleSum() ||
				g.GetCounter().GetValue() != m.GetCounter().GetValue() || labels(g) != labels(m) {
				t.Errorf("%v was read as %v", m, g)
			}
		}
	}
}

// text returns metrics as a server gets them.
func text(t *testing.T, families map[string]*dto.MetricFamily) string {
	t.Helper()
	var b strings.Builder
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// Prometheus's own tool has nothing to say.
func TestPromtool(t *testing.T) {
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Skipf("promtool, of Debian's package prometheus, is missing: %v", err)
	}
	rt := open(t, gv.Config{Workers: 2, Accounting: true})
	cmd := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(text(t, gather(t, gvprom.NewCollector(rt, gvprom.WithName("web")))))
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}
