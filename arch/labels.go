package arch

import (
	"context"
	"runtime/pprof"
)

// LabelsKey is the key by which a context has labels for runtime/pprof.
var LabelsKey = labelsKey()

func labelsKey() (key any) {
	pprof.Label(asked{context.Background(), &key}, "")
	return key
}

// asked is a context that notes which key it is asked for.
type asked struct {
	context.Context
	key *any
}

func (c asked) Value(key any) any {
	*c.key = key
	return nil
}
