// Package gvhttp serves HTTP requests in gvthreads.
//
// A server needs no change but a wrapper around its handler:
//
//	srv := &http.Server{Handler: gvhttp.Handler(rt, mux)}
//
// Each request is then handled in a thread of its own, a Critical one unless
// the options say otherwise, so that it doesn't wait for lower threads that
// compute. The server's goroutine is that thread while the handler runs. PerRequest
// chooses the options by the request, Shedder bounds how many requests wait, and Listener
// sees to it that slow clients hold no worker.
package gvhttp

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	gv "github.com/gvthread/gvthread/runtime"
)

// Handler returns a handler that runs h.ServeHTTP as a new thread of rt for each
// request, on the goroutine that calls it. A nil rt stands for the runtime that
// gv.Go uses, which is the default runtime. A nil h panics.
//
// The thread is Critical and unnamed; opts change that. Its context, which is
// the context of the request that h gets, comes from the original request's (a
// gv.WithContext in opts has no effect): the thread is cancelled when the
// client goes away, when rt is closed, and, as a request's context is, when h has
// returned. The threads that h has started are cancelled with it: work that is to
// outlive the request is started by a goroutine.
//
// To its caller, which is usually the server, the handler behaves as h does. It
// returns when h has. A panic of h is passed on with its original value, so that
// http.ErrAbortHandler and middleware that recovers work; its stack, as the server logs
// it, has the frames of h and of the server. It is no business of the runtime's
// OnPanic. runtime.Goexit in h ends the caller's goroutine.
//
// If the thread can't be started, because rt is closed or has Config.MaxThreads
// threads, or if it is cancelled before its first turn, the answer is 503
// Service Unavailable.
//
// Reading the request's body gives the worker to another thread while it
// blocks, as in gv.Block. The http.ResponseWriter is passed to h as it is; for writes,
// Listener does the same. If h
// hijacks the connection and serves it itself, the end of the thread's context doesn't
// end a read from it, and closing rt waits for h: let h close the connection then, by
// context.AfterFunc.
//
// Middleware that calls its handler in a goroutine of its own, such as
// http.TimeoutHandler, belongs around this handler, not into it: that goroutine has no
// priority.
func Handler(rt *gv.Runtime, h http.Handler, opts ...gv.Option) http.Handler {
	return newHandler(rt, h, opts)
}

// PerRequest is Handler with options that options chooses for each request: its
// priority by path, header or tenant, say, or its name.
//
// options is called before there is a thread, in the goroutine of the caller, which has
// no priority: it should be quick, and neither read the body nor block. It sees the
// request as the caller has it: Pattern is set if a ServeMux calls this handler, and not
// if this handler calls the ServeMux. A panic of options goes to the caller. A nil
// options panics.
func PerRequest(rt *gv.Runtime, h http.Handler, options func(*http.Request) []gv.Option) http.Handler {
	if options == nil {
		panic("gvhttp: PerRequest: nil options; use Handler for options that are always the same")
	}
	per := newHandler(rt, h, nil)
	per.options = options
	return per
}

// errReturned is the cause with which a request's context ends that nothing has ended
// before.
var errReturned = fmt.Errorf("gvhttp: the handler has returned: %w", context.Canceled)

// A handler is fixed once it serves requests.
type handler struct {
	do    func(func(context.Context) error, ...gv.Option) error
	inner http.Handler
	opts  []gv.Option
	// options, if not nil, are added to opts.
	options func(*http.Request) []gv.Option
	// shedder is nil where nobody is refused.
	shedder *Shedder
}

func newHandler(rt *gv.Runtime, h http.Handler, opts []gv.Option) *handler {
	if h == nil {
		panic("gvhttp: nil handler")
	}
	do := gv.Do
	if rt != nil {
		do = rt.Do
	}
	return &handler{
		do:    do,
		inner: h,
		opts:  append([]gv.Option{gv.WithPriority(gv.Critical), gv.WithRepanic()}, opts...),
	}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{inner: h.inner, w: w, r: r}
	opts := slices.Clip(h.opts)
	if h.options != nil {
		opts = append(opts, h.options(r)...)
	}
	opts = append(opts, gv.WithContext(r.Context()))
	if h.shedder != nil {
		if c.line = h.shedder.join(gv.PriorityOf(opts...)); c.line == nil {
			h.shedder.refuse(w)
			return
		}
		defer c.leaveLine()
	}
	if err := h.do(c.run, opts...); err != nil {
		// It has not begun: what has gone wrong in inner does not return to here.
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
	}
}

// A call is one request.
type call struct {
	inner http.Handler
	w     http.ResponseWriter
	r     *http.Request
	own   *http.Request // what inner gets
	// line is where the request waits for its first turn; nil when it doesn't, or nobody
	// counts.
	line *line
}

// leaveLine ends the request's wait, if it waits.
func (c *call) leaveLine() {
	if c.line != nil {
		c.line.leave()
		c.line = nil
	}
}

// run is the thread's function.
func (c *call) run(ctx context.Context) error {
	c.leaveLine()
	defer gv.Current().Cancel(errReturned)
	c.own = c.r.WithContext(ctx)
	if b := c.r.Body; b != nil && b != http.NoBody {
		c.own.Body = body{b, c.r, c.own}
	}
	defer c.giveBack()
	c.inner.ServeHTTP(c.w, c.own)
	return nil
}

// giveBack lets the caller see what inner has set in its request: a ServeMux the
// pattern and the path's values, for middleware; ParseMultipartForm the files that the
// server has to remove.
func (c *call) giveBack() {
	r := c.own.WithContext(c.r.Context())
	if _, ok := r.Body.(body); ok {
		r.Body = c.r.Body
	}
	*c.r = *r
}
