package gv_test

import (
	"context"
	"encoding/json"
	"expvar"
	"fmt"

	gv "github.com/gvthread/gvthread/runtime"
)

// Package expvar serves what a runtime does as JSON, at /debug/vars of
// http.DefaultServeMux.
func ExampleStats_expvar() {
	rt, err := gv.New(gv.Config{Workers: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()
	if expvar.Get("gv") == nil { // a name can be published once
		expvar.Publish("gv", expvar.Func(func() any { return rt.Stats() }))
	}
	if err := rt.Run(func(context.Context) error { return nil }); err != nil {
		fmt.Println(err)
	}

	var vars map[string]json.RawMessage
	if err := json.Unmarshal([]byte(expvar.Get("gv").String()), &vars); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("Workers: %s\nFinished: %s\nReady: %s\n", vars["Workers"], vars["Finished"], vars["Ready"])
	// Output:
	// Workers: 2
	// Finished: 1
	// Ready: {"Critical":0,"High":0,"Low":0,"Normal":0}
}
