package gvdebug_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvdebug"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// unzip returns the files of a report.
func unzip(t *testing.T, report []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(report), int64(len(report)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		files[f.Name] = string(text)
	}
	return files
}

// names returns the names of the files in order.
func names(files map[string]string) (list []string) {
	for name := range files {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// A report has all parts, and the thread is in each that is about threads.
func TestReport(t *testing.T) {
	enginetest.Each(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		parked := park(rt, gv.WithName("reindex"))
		until(func() bool { return parked.State() == gv.StateBlocked })
		spinner := rt.Go(func(ctx context.Context) error {
			for ctx.Err() == nil {
				gv.Yield()
			}
			return nil
		}, gv.WithName("spinner"))
		var report bytes.Buffer
		if err := gvdebug.WriteReport(t.Context(), &report, rt, 10*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		parked.Cancel(nil)
		spinner.Cancel(nil)
		files := unzip(t, report.Bytes())
		if got, want := names(files), []string{"build.txt", "capabilities.json", "dump.txt", "goroutines.txt", "stats.json", "timeline.json"}; !slices.Equal(got, want) {
			t.Fatalf("the report has %q, want %q", got, want)
		}
		for name, want := range map[string]string{
			"build.txt":         "path\t",
			"capabilities.json": rt.Capabilities().Engine.String(),
			"dump.txt":          "reindex",
			"goroutines.txt":    "goroutine ",
			"stats.json":        `"Workers":1`,
			"timeline.json":     "spinner",
		} {
			if !strings.Contains(files[name], want) {
				t.Errorf("%s has no %q:\n%s", name, want, files[name])
			}
			if strings.HasSuffix(name, ".json") && !json.Valid([]byte(files[name])) {
				t.Errorf("%s is no JSON:\n%s", name, files[name])
			}
		}
	})
}

// A report has what can be had, and says why it hasn't the rest.
func TestReportOfClosedRuntime(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{Workers: 1})
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	var report bytes.Buffer
	if err := gvdebug.WriteReport(t.Context(), &report, rt, time.Hour); err != nil {
		t.Fatal(err)
	}
	files := unzip(t, report.Bytes())
	if reason := files["timeline.json.error.txt"]; !strings.Contains(reason, gv.ErrRuntimeClosed.Error()) {
		t.Errorf("the reason for no timeline is %q, among %q", reason, names(files))
	}
	if files["dump.txt"] == "" || files["timeline.json"] != "" {
		t.Errorf("the report has %q", names(files))
	}
}

// fullDisk is a writer that takes nothing.
type fullDisk struct{}

var errFull = errors.New("the disk is full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestReportErrors(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{Workers: 1})
	if err := gvdebug.WriteReport(t.Context(), fullDisk{}, rt, 0); !errors.Is(err, errFull) {
		t.Errorf("on a full disk: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errFull)
	if err := gvdebug.WriteReport(ctx, io.Discard, rt, time.Hour); !errors.Is(err, errFull) {
		t.Errorf("after the end of the context: %v", err)
	}
}

// The page offers a report.
func TestReportDownload(t *testing.T) {
	h := gvdebug.Handler(enginetest.Open(t, gv.Config{Workers: 1}))
	w := ask(t, h, "GET", "/report")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/zip" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	if files := unzip(t, w.Body.Bytes()); files["timeline.json"] == "" {
		t.Errorf("the report has %q", names(files))
	}
	if w := ask(t, h, "HEAD", "/report"); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD is answered with %d and %d bytes", w.Code, w.Body.Len())
	}
}
