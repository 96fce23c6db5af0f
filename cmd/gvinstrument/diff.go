package main

import (
	"bytes"
	"fmt"
)

const diffContext = 3

// unified returns the difference of two texts in the unified format. Most lines
// are the same and only few are new, so lines are matched greedily from the top,
// with a look ahead for the next line that both have.
func unified(name string, a, b []byte) []byte {
	x, y := bytes.SplitAfter(a, []byte("\n")), bytes.SplitAfter(b, []byte("\n"))
	var ops []diffLine
	for i, j := 0, 0; i < len(x) || j < len(y); {
		if i < len(x) && j < len(y) && bytes.Equal(x[i], y[j]) {
			ops = append(ops, diffLine{' ', x[i]})
			i, j = i+1, j+1
			continue
		}
		di, dj := resync(x[i:], y[j:])
		for range di {
			ops = append(ops, diffLine{'-', x[i]})
			i++
		}
		for range dj {
			ops = append(ops, diffLine{'+', y[j]})
			j++
		}
	}
	return hunks(name, ops)
}

type diffLine struct {
	op   byte
	text []byte
}

// resync returns how many lines to leave out of x and y until they agree again.
func resync(x, y [][]byte) (dx, dy int) {
	for n := 1; n <= len(x)+len(y); n++ {
		for dx := range n + 1 {
			dy := n - dx
			if dx < len(x) && dy < len(y) && bytes.Equal(x[dx], y[dy]) && len(bytes.TrimSpace(x[dx])) > 0 {
				return dx, dy
			}
		}
	}
	return len(x), len(y)
}

func hunks(name string, ops []diffLine) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", name, name)
	la, lb := 1, 1
	for i := 0; i < len(ops); {
		if ops[i].op == ' ' {
			i, la, lb = i+1, la+1, lb+1
			continue
		}
		from := max(0, i-diffContext)
		to, same := i, 0
		for to < len(ops) && same <= 2*diffContext {
			if ops[to].op == ' ' {
				same++
			} else {
				same = 0
			}
			to++
		}
		to -= max(0, same-diffContext)
		la, lb = la-(i-from), lb-(i-from)
		var body bytes.Buffer
		na, nb := 0, 0
		for _, l := range ops[from:to] {
			if len(l.text) == 0 {
				continue // behind the last newline
			}
			body.WriteByte(l.op)
			body.Write(l.text)
			if !bytes.HasSuffix(l.text, []byte("\n")) {
				body.WriteString("\n\\ No newline at end of file\n")
			}
			if l.op != '+' {
				na++
			}
			if l.op != '-' {
				nb++
			}
		}
		fmt.Fprintf(&out, "@@ -%d,%d +%d,%d @@\n%s", la, na, lb, nb, &body)
		la, lb, i = la+na, lb+nb, to
	}
	return out.Bytes()
}
