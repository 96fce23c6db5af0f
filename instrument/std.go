package instrument

import (
	"strings"

	"github.com/gvthread/gvthread/instrument/internal/insert"
	"github.com/gvthread/gvthread/instrument/internal/toolexec"
)

// stdSafe are patterns of the packages of the standard library that may be instrumented: those that
// compute for long, and that neither are in stdPinned nor imported by those. TestStdIsSafe
// holds this.
const stdSafe = `archive/tar archive/zip bufio
	compress/bzip2 compress/flate compress/gzip compress/lzw compress/zlib
	encoding/ascii85 encoding/asn1 encoding/base32 encoding/base64 encoding/binary encoding/csv encoding/gob
	encoding/hex encoding/json/... encoding/pem encoding/xml
	go/ast go/build go/constant go/doc go/format go/parser go/printer go/scanner go/token go/types
	html html/template image image/color image/draw image/gif image/jpeg image/png index/suffixarray
	math/big mime mime/multipart mime/quotedprintable regexp regexp/syntax sort
	text/scanner text/tabwriter text/template text/template/parse`

// stdPinned are the packages that the runtime package may run while its caller is
// pinned or holds a lock, with all that they import. It imports more than these.
const stdPinned = `bytes cmp container/heap context errors fmt io iter maps math math/bits math/rand/v2 os
	runtime runtime/debug runtime/trace slices strconv strings sync sync/atomic syscall time unsafe
	golang.org/x/sys/unix`

// stdLink is how they reach the runtime package: by the names that two variables have
// for the linker, an atomic.Int32 and a func(). TestStdLinkIsThere finds them.
var stdLink = toolexec.Std{
	Func:    "gvinstrumentSafepoint",
	Pending: RuntimePath + "/internal/sched.preemptPending",
	Slow:    RuntimePath + ".stdSafepoint",
}

// instrumentStd finds the back-edges of the packages of the standard library that may be
// instrumented, and what their files become. These import nothing, and call a function that
// the compiler gets in a file of its own.
func instrumentStd(o Options) (*Result, error) {
	o.Patterns, o.standard, o.SameLine, o.Tests, o.Deps, o.Std = strings.Fields(stdSafe), true, true, false, false, false
	res, err := Instrument(o)
	if err != nil {
		return nil, err
	}
	for i := range res.Files {
		res.Files[i].std = true
		res.Files[i].toStd()
	}
	return res, nil
}

// toStd replaces the calls of an import by calls of stdLink's function.
func (f *File) toStd() {
	var out []Insert
	name := ""
	for _, i := range f.Inserts {
		if rest, ok := strings.CutPrefix(i.Text, insert.InlineImport); ok {
			name, _, _ = strings.Cut(rest, " ")
		}
	}
	for _, i := range f.Inserts {
		if !strings.HasPrefix(i.Text, insert.InlineImport) {
			out = append(out, Insert{Offset: i.Offset, Text: strings.ReplaceAll(i.Text, name+".Safepoint()", stdLink.Func+"()")})
		}
	}
	f.Inserts, f.New = out, insert.Apply(f.Old, out)
}
