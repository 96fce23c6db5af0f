package main

import (
	"fmt"
	"net/url"

	"github.com/gvthread/gvthread/examples/latency/internal/corpus"
	"github.com/gvthread/gvthread/examples/latency/internal/load"
)

// requested is how many different files are asked for, none of them above
// largestRequested bytes: a request is a little work.
const (
	requested        = 256
	largestRequested = 64 << 10
)

// makeRequests prepares requests about files under the directory source, and the
// answers that they must get.
func makeRequests(source string) ([]load.Request, error) {
	files, err := corpus.Open(source)
	if err != nil {
		return nil, err
	}
	var requests []load.Request
	for i := 0; i < files.Len() && len(requests) < requested; i++ {
		f := files.File(i)
		if f.Size > largestRequested {
			continue
		}
		body, err := describe(f)
		if err != nil {
			return nil, err
		}
		path := (&url.URL{Path: "/files/" + f.Name}).EscapedPath()
		requests = append(requests, load.Request{
			Name: f.Name,
			Raw:  fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path),
			Body: body,
		})
	}
	if len(requests) == 0 {
		return nil, fmt.Errorf("all files under %s are above %d bytes: none can be asked for", source, largestRequested)
	}
	return requests, nil
}
