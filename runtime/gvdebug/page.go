package gvdebug

import (
	"embed"
	"net/http"
)

//go:embed page
var page embed.FS

// pageFiles are the parts of the page with their types: what package mime knows depends on
// the machine.
var pageFiles = map[string]string{
	"index.html":  "text/html; charset=utf-8",
	"icon.svg":    "image/svg+xml",
	"page.css":    style,
	"panels.css":  style,
	"threads.css": style,
	"page.js":     script,
	"format.js":   script,
	"history.js":  script,
	"panels.js":   script,
	"plot.js":     script,
	"threads.js":  script,
}

const (
	style  = "text/css; charset=utf-8"
	script = "text/javascript; charset=utf-8"
)

// servePage returns an endpoint that answers with a part of the page.
func servePage(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", pageFiles[name])
		http.ServeFileFS(w, r, page, "page/"+name)
	}
}
