package gvdebug

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	goruntime "runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtrace"
)

// WriteReport writes a zip file with what helps to find out what is wrong with rt, which may
// be nil for gv.DefaultRuntime, for whoever is asked: what the program was built from, and for
// what it runs (build.txt), a gv.Capabilities, a Snapshot, what Runtime.Dump writes, the stacks
// of all goroutines, and what the workers do in the next record (timeline.json; 0 for no
// timeline).
//
// It blocks for that long, or until ctx has ended. What can't be had is replaced by the reason,
// in a file that ends in .error.txt; so a report of a runtime that is closed has no
// timeline. An error is one of w's, or ctx's. The world is stopped while the stacks are
// written, which takes some microseconds a goroutine.
//
// The report has names of threads, functions and files, and values on stacks that are printed
// as numbers: look into it before it goes to others.
func WriteReport(ctx context.Context, w io.Writer, rt *gv.Runtime, record time.Duration) error {
	if rt == nil {
		rt = gv.DefaultRuntime()
	}
	z := zip.NewWriter(w)
	parts := []struct {
		name  string
		write func(io.Writer) error
	}{
		{"build.txt", writeBuild},
		{"capabilities.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(rt.Capabilities()) }},
		{"stats.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(snapshot(rt)) }},
		{"dump.txt", rt.Dump},
		{"goroutines.txt", func(w io.Writer) error { return pprof.Lookup("goroutine").WriteTo(w, 2) }},
		{"timeline.json", func(w io.Writer) error { return gvtrace.Record(ctx, rt, w, record) }},
	}
	if record <= 0 {
		parts = parts[:len(parts)-1]
	}
	for _, part := range parts {
		if err := writePart(z, part.name, part.write); err != nil {
			return err
		}
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("gvdebug: write a report: %w", err)
		}
	}
	return z.Close()
}

// writePart adds a file to z, or the reason why it can't be had.
func writePart(z *zip.Writer, name string, write func(io.Writer) error) error {
	out := &part{z: z, name: name}
	switch err := write(out); {
	case out.err != nil:
		return fmt.Errorf("gvdebug: write a report: %w", out.err)
	case err != nil:
		return writePart(z, name+".error.txt", func(w io.Writer) error {
			_, failed := fmt.Fprintln(w, err)
			return failed
		})
	}
	return nil
}

// A part is a file of z that is made when it is first written to.
type part struct {
	z    *zip.Writer
	name string
	w    io.Writer
	err  error // the archive's
}

func (p *part) Write(b []byte) (n int, err error) {
	if p.w == nil {
		p.w, p.err = p.z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: time.Now()})
	}
	if p.err == nil {
		n, p.err = p.w.Write(b)
	}
	return n, p.err
}

// writeBuild writes what the program was built from, and what it runs on.
func writeBuild(w io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("the program was built without information on its modules")
	}
	_, err := fmt.Fprintf(w, "%s %s/%s, %d processors, GOMAXPROCS %d, GODEBUG=%q, GVTHREAD=%q\n\n%s",
		goruntime.Version(), goruntime.GOOS, goruntime.GOARCH, goruntime.NumCPU(), goruntime.GOMAXPROCS(0),
		os.Getenv("GODEBUG"), os.Getenv("GVTHREAD"), info)
	return err
}

// reportTime is what a report that is downloaded records.
const reportTime = time.Second

func (h *handler) report(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="gv-report.zip"`)
	if r.Method != http.MethodHead {
		WriteReport(r.Context(), w, h.runtime(), reportTime) // an error is the client's, which is gone
	}
}
