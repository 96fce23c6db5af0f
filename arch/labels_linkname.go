//go:build go1.26 && !go1.28

package arch

import (
	"context"
	"reflect"
	"runtime/pprof"
	"unsafe"
)

// Labels returns a context that has the labels of the calling goroutine for runtime/pprof,
// and nothing else. So pprof.SetGoroutineLabels gives a goroutine the labels back that it
// had, and pprof.WithLabels adds to them.
func Labels() (ctx context.Context, known bool) {
	set := getProfLabel()
	if set == nil {
		return context.Background(), true
	}
	return labelled{context.Background(), reflect.NewAt(labelsType, set).Interface()}, true
}

// labelled is a context that has labels.
type labelled struct {
	context.Context
	labels any
}

func (c labelled) Value(key any) any {
	if key == LabelsKey {
		return c.labels
	}
	return nil
}

// labelsType is what a goroutine's labels point to, as a context's do (runtime/pprof/label.go:
// labelMap, go1.26 and go1.27).
var labelsType = reflect.TypeOf(pprof.WithLabels(context.Background(), pprof.LabelSet{}).Value(LabelsKey)).Elem()

// It is among the names that the runtime keeps open for linkname (runtime/proflabel.go,
// go1.26 and go1.27).
//
//go:linkname getProfLabel runtime/pprof.runtime_getProfLabel
func getProfLabel() unsafe.Pointer
