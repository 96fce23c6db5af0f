package arch

import (
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The functions below make bare system calls: their callers are in a hurry, and
// must not lose their P on the way.

// currentCore returns the core that the caller is on, -1 if that can't be known.
func currentCore() int {
	var cpu uint32
	if _, _, errno := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); errno != 0 {
		return -1
	}
	return int(cpu)
}

// lastCore returns the core that a thread of this process is on or was on last,
// -2 if that can't be known.
func lastCore(tid int) int {
	var path [48]byte // zeroed: ends the string
	b := append(path[:0], "/proc/self/task/"...)
	b = strconv.AppendInt(b, int64(tid), 10)
	_ = append(b, "/stat"...)
	dir := unix.AT_FDCWD
	fd, _, errno := unix.RawSyscall6(unix.SYS_OPENAT, uintptr(dir), uintptr(unsafe.Pointer(&path)), unix.O_RDONLY|unix.O_CLOEXEC, 0, 0, 0)
	if errno != 0 {
		return -2
	}
	var buf [512]byte
	n, _, errno := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&buf)), uintptr(len(buf)))
	unix.RawSyscall(unix.SYS_CLOSE, fd, 0, 0)
	if errno != 0 {
		return -2
	}
	return processorField(buf[:n])
}

// processorField returns the field "processor" of a stat file, proc(5): the
// 39th, of which the second is a name in parentheses that may hold anything.
func processorField(stat []byte) int {
	const after = 39 - 2 // fields from the name's closing parenthesis
	field := 0
	cpu := -2
	for i := len(stat) - 1; i >= 0; i-- {
		if stat[i] == ')' {
			stat = stat[i:]
			break
		}
	}
	for _, c := range stat {
		switch {
		case c == ' ':
			field++
			if field > after {
				return cpu
			}
			if field == after {
				cpu = 0
			}
		case field == after:
			cpu = 10*cpu + int(c-'0')
		}
	}
	return cpu
}
