package toolexec

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/gvthread/gvthread/instrument/internal/insert"
)

// The cover tool counts statements in the originals, so that its blocks are theirs.
// It only inserts, so the safepoints can be put into what it has written.

// counting matches what the cover tool inserts: statements that count, whose
// variables it names after the package, and imports.
var counting = regexp.MustCompile(`^(?:(?:_cover_atomic_\.\w+\(&)?goCover_[0-9a-f]+_\w*\[\d+\](?: = \w+|\+\+|, \w+\))(?: ; |;)|; import (?:_cover_atomic_|_) "[a-z/]+")`)

// isCovered tells whether a file was written by the cover tool.
func isCovered(name string) bool { return strings.HasSuffix(name, ".cover.go") }

// covered returns what becomes of a file that the cover tool has written for one in
// the plan, and nil for others.
func (p *Plan) covered(name string) (Source, []byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return Source{}, nil, err
	}
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	original, ok := strings.CutPrefix(string(first), "//line ")
	original, ok2 := strings.CutSuffix(original, ":1:1")
	if !ok || !ok2 {
		return Source{}, nil, nil
	}
	s, ok := p.Files[original]
	if !ok {
		return Source{}, nil, nil
	}
	src, err := s.check(original)
	if err != nil {
		return s, nil, err
	}
	out, err := merge(src, rest, s.Inserts)
	if err != nil {
		return s, nil, fmt.Errorf("%s: %w", original, err)
	}
	return s, append(append(first, '\n'), out...), nil
}

// merge puts the inserts of an original into a text that has others already.
func merge(src, text []byte, inserts []insert.Insert) ([]byte, error) {
	var out bytes.Buffer
	at := 0
	for i := 0; ; i++ {
		at += theirs(&out, src[i:], text[at:])
		for len(inserts) > 0 && inserts[0].Offset == i {
			out.WriteString(inserts[0].Text)
			inserts = inserts[1:]
		}
		if i == len(src) {
			break
		}
		for at < len(text) && text[at] != src[i] && (text[at] == '{' || text[at] == '}') {
			// Else branches get braces of their own.
			out.WriteByte(text[at])
			at++
			at += theirs(&out, src[i:], text[at:])
		}
		if at == len(text) || text[at] != src[i] {
			line := 1 + bytes.Count(src[:i], []byte("\n"))
			return nil, fmt.Errorf("line %d: the cover tool of this Go release writes what gvinstrument does not know; please report this", line)
		}
		out.WriteByte(src[i])
		at++
	}
	out.Write(text[at:])
	return out.Bytes(), nil
}

// theirs copies what the cover tool has inserted before src, and returns how long
// that is.
func theirs(out *bytes.Buffer, src, text []byte) int {
	n := 0
	for {
		if n == len(text) || !bytes.ContainsRune([]byte("_g;"), rune(text[n])) {
			return n // most often
		}
		m := counting.Find(text[n:])
		if m == nil || bytes.HasPrefix(src, m) {
			return n
		}
		out.Write(m)
		n += len(m)
	}
}
