package arch_test

import (
	"context"
	"maps"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/gvthread/gvthread/arch"
)

// labelsOf returns the labels that ctx has.
func labelsOf(ctx context.Context) map[string]string {
	labels := map[string]string{}
	pprof.ForLabels(ctx, func(key, value string) bool {
		labels[key] = value
		return true
	})
	return labels
}

// currentLabels returns the calling goroutine's labels, from Labels.
func currentLabels(t *testing.T) context.Context {
	t.Helper()
	ctx, known := arch.Labels()
	if !known {
		t.Skip("the labels of a goroutine can't be read in this release of Go")
	}
	return ctx
}

// The labels that a goroutine has can be read, added to, and given back.
func TestLabels(t *testing.T) {
	if got := labelsOf(currentLabels(t)); len(got) != 0 {
		t.Fatalf("a goroutine without labels has %v", got)
	}
	type other struct{}
	given := context.WithValue(t.Context(), other{}, 1)
	pprof.Do(given, pprof.Labels("a", "1", "b", "2"), func(context.Context) {
		before := currentLabels(t)
		if got, want := labelsOf(before), map[string]string{"a": "1", "b": "2"}; !maps.Equal(got, want) {
			t.Errorf("labels %v, want %v", got, want)
		}
		if before.Value(other{}) != nil || before.Done() != nil {
			t.Error("the context has more than labels")
		}
		pprof.SetGoroutineLabels(pprof.WithLabels(before, pprof.Labels("b", "3")))
		if got, want := labelsOf(currentLabels(t)), map[string]string{"a": "1", "b": "3"}; !maps.Equal(got, want) {
			t.Errorf("labels %v, want %v", got, want)
		}
		pprof.SetGoroutineLabels(before)
		if after := currentLabels(t); before.Value(arch.LabelsKey) != after.Value(arch.LabelsKey) {
			t.Errorf("labels %v are not those that were given back", labelsOf(after))
		}
		var profile strings.Builder
		if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil || !strings.Contains(profile.String(), `{"a":"1", "b":"2"}`) {
			t.Errorf("goroutine profile, error %v:\n%s", err, &profile)
		}
	})
	if got := labelsOf(currentLabels(t)); len(got) != 0 {
		t.Errorf("labels %v are left", got)
	}
}
