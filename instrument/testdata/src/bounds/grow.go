package bounds

import (
	"bytes"
	"strings"
)

func growsSlices(n int) (out []int) {
	for i := 0; i < n; i++ { // ok
		out = append(out, i)
	}
	for i := 0; i < n; i++ { // ok
		if i&1 == 0 {
			out = append(out, i)
		} else {
			out = append(out, i, i)
		}
	}
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		if i&1 == 0 {
			out = append(out, i)
		}
	}
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		out = append(out, i)
		if len(out) > 9 {
			out = out[:0]
		}
	}
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		out = append(out[:0], i)
	}
	var none []int
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		out = append(out, none...)
	}
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		var mine []int
		mine = append(mine, i)
		_ = mine
	}
	var empty []struct{}
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		empty = append(empty, struct{}{})
	}
	for i := 0; i < len(out); i++ { // want `nothing in memory bounds`
		out = append(out, i)
	}
	for { // want `nothing in memory bounds`
		out = append(out, 1)
	}
}

func growsFrom(c <-chan int, f func(func(int) bool), n int) (out []int) {
	for v := range c { // want `nothing in memory bounds`
		out = append(out, v)
	}
	for v := range f { // want `no safepoint`
		out = append(out, v)
	}
	for i := range n { // ok
		out = append(out, i)
	}
	return out
}

func growsAlias(n int) (out []int) {
	other := &out
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		out = append(out, i)
		*other = nil
	}
	return out
}

func growsText(n int, text string) string {
	var b strings.Builder
	for i := 0; i < n; i++ { // ok
		b.WriteByte('x')
	}
	for i := 0; i < n; i++ { // ok
		if i&1 == 0 {
			b.WriteByte('x')
			continue
		}
		b.WriteRune('y')
		b.WriteString("")
	}
	for i := 0; i < n; i++ { // ok
		b.WriteString("xy")
	}
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		b.WriteString("")
	}
	for i := 0; i < n; i++ { // want `can run for long`
		b.WriteByte('x')
		b.Reset()
	}
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		var mine bytes.Buffer
		mine.WriteByte('x')
	}
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		b.WriteByte('x')
		b = strings.Builder{}
	}
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		b.WriteString(text)
	}
	return b.String() + growsTextOf(n, &b)
}

func growsTextOf(n int, p *strings.Builder) string {
	for i := 0; i < n; i++ { // ok
		p.WriteByte('x')
	}
	for i := 0; i < n; i++ { // want `tight loop that nothing in memory bounds`
		p.WriteByte('x')
		*p = strings.Builder{}
	}
	return p.String()
}
