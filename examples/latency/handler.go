package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/gvthread/gvthread/examples/latency/internal/corpus"
)

// A description is the answer to GET /files/NAME.
type description struct {
	Name      string `json:"name"`
	Bytes     int    `json:"bytes"`
	Lines     int    `json:"lines"`
	Functions int    `json:"functions"`
	SHA256    string `json:"sha256"`
}

// describe reads f and returns its description as JSON.
func describe(f *corpus.File) ([]byte, error) {
	data, err := f.Read()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	return json.Marshal(description{
		Name:      f.Name,
		Bytes:     len(data),
		Lines:     bytes.Count(data, []byte("\n")),
		Functions: bytes.Count(data, []byte("\nfunc ")),
		SHA256:    hex.EncodeToString(sum[:]),
	})
}

// describer answers GET /files/NAME for the files of c. It knows nothing of
// threads.
func describer(c *corpus.Corpus) http.Handler {
	byName := make(map[string]*corpus.File, c.Len())
	for i := range c.Len() {
		byName[c.File(i).Name] = c.File(i)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /files/{name...}", func(w http.ResponseWriter, r *http.Request) {
		f := byName[r.PathValue("name")]
		if f == nil {
			http.NotFound(w, r)
			return
		}
		body, err := describe(f)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	})
	return mux
}
