//go:build gvgap

// Package gv measures the time between two safepoints, for programs that keep one
// goroutine busy.
package gv

import (
	"math/bits"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// The histogram is a file mapped into memory, so that it outlives the process
// however that ends: counts of gaps in nanoseconds, 8 buckets to the octave.
const buckets = 64 * 8

var (
	hist  *[buckets]uint64
	start = time.Now()
)

func init() {
	name := os.Getenv("GVGAP")
	if name == "" {
		hist = new([buckets]uint64)
		return
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		panic(err)
	}
	if err := f.Truncate(buckets * 8); err != nil {
		panic(err)
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, buckets*8, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	hist = (*[buckets]uint64)(unsafe.Pointer(&b[0]))
}

var before int64

// Safepoint counts the time since the last one.
func Safepoint() {
	now := int64(time.Since(start))
	if before == 0 {
		before = now // what went on until now is the program's start
		return
	}
	gap := uint64(now - before)
	before = now
	if gap < 8 {
		hist[gap]++
		return
	}
	n := bits.Len64(gap)
	hist[(n-3)*8+int(gap>>(n-4)&7)]++
}
