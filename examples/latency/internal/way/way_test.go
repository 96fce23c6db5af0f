package way

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestStamps(t *testing.T) {
	var inside, called time.Time
	h := Arrive(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called = time.Now()
		Work(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			inside = time.Now()
			io.WriteString(w, "one")
			io.WriteString(w, "two")
		})).ServeHTTP(w, r)
	}))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	if got := rec.Body.String(); got != "onetwo" {
		t.Errorf("the answer is %q", got)
	}
	s, ok := Read(rec.Header())
	if !ok || s.Handler > called.UnixNano() || s.Thread < called.UnixNano() || s.Thread > inside.UnixNano() || s.Done < inside.UnixNano() {
		t.Errorf("stamps %+v, ok: %v; called at %d, inside at %d", s, ok, called.UnixNano(), inside.UnixNano())
	}
}

func TestReadWithoutStamps(t *testing.T) {
	for _, text := range []string{"", "1 2", "a b c"} {
		if s, ok := Read(http.Header{header: {text}}); ok {
			t.Errorf("%q is read as %+v", text, s)
		}
	}
}
