package spin

// The packed form is a sequence of
//
//	0lllllll, bytes        a run of l+1 bytes as they are
//	1lllllll, low, high    a copy of l+minMatch bytes from the given distance back
const (
	maxRun      = 128
	minMatch    = 4
	maxMatch    = minMatch + 127
	maxDistance = 1<<16 - 1
)

const (
	hashBits = 13
	maxTries = 48 // earlier places looked at for each match
)

// A finder finds earlier places with the same bytes.
type finder struct {
	// last has the last position at which 4 bytes with that hash began, plus 1.
	last [1 << hashBits]int32
	// previous has, for each position, the one before it with that hash, plus 1.
	previous []int32
}

// maxPacked is the most that n bytes can need in packed form.
func maxPacked(n int) int { return n + (n+maxRun-1)/maxRun }

// compress puts data in packed form into dst, which has maxPacked bytes, and
// returns the length.
func compress(dst, data []byte, f *finder) int {
	for i := range f.last {
		f.last[i] = 0
	}
	n, run := 0, 0 // bytes in dst; start of the bytes not yet in it
	for i := 0; i < len(data); {
		distance, length := f.find(data, i)
		if length < minMatch {
			f.add(data, i)
			i++
			continue
		}
		n = putRuns(dst, n, data[run:i])
		dst[n] = byte(0x80 | (length - minMatch))
		dst[n+1] = byte(distance)
		dst[n+2] = byte(distance >> 8)
		n += 3
		for range length {
			f.add(data, i)
			i++
		}
		run = i
	}
	return putRuns(dst, n, data[run:])
}

// putRuns puts data as it is into dst at n and returns the new n.
func putRuns(dst []byte, n int, data []byte) int {
	for len(data) > 0 {
		run := min(len(data), maxRun)
		dst[n] = byte(run - 1)
		n++
		for _, b := range data[:run] {
			dst[n] = b
			n++
		}
		data = data[run:]
	}
	return n
}

// hash hashes the 4 bytes at data[i:].
func hash(data []byte, i int) uint32 {
	v := uint32(data[i]) | uint32(data[i+1])<<8 | uint32(data[i+2])<<16 | uint32(data[i+3])<<24
	return v * 2654435761 >> (32 - hashBits)
}

// add makes position i one that find can find.
func (f *finder) add(data []byte, i int) {
	if i+minMatch > len(data) {
		return
	}
	h := hash(data, i)
	f.previous[i] = f.last[h]
	f.last[h] = int32(i + 1)
}

// find returns the longest match for data[i:] among the positions that were
// added, as far as maxTries and maxDistance go.
func (f *finder) find(data []byte, i int) (distance, length int) {
	if i+minMatch > len(data) {
		return 0, 0
	}
	limit := min(len(data)-i, maxMatch)
	at := int(f.last[hash(data, i)]) - 1
	for range maxTries {
		if at < 0 || i-at > maxDistance {
			break
		}
		n := 0
		for n < limit && data[at+n] == data[i+n] {
			n++
		}
		if n > length {
			distance, length = i-at, n
		}
		at = int(f.previous[at]) - 1
	}
	return distance, length
}

// expand puts what was packed into dst and returns its length; false if packed
// is malformed or dst too small.
func expand(dst, packed []byte) (int, bool) {
	n := 0
	for i := 0; i < len(packed); {
		length := int(packed[i] & 0x7f)
		if packed[i]&0x80 == 0 {
			length++
			i++
			if i+length > len(packed) || n+length > len(dst) {
				return n, false
			}
			for _, b := range packed[i : i+length] {
				dst[n] = b
				n++
			}
			i += length
			continue
		}
		if i+3 > len(packed) {
			return n, false
		}
		length += minMatch
		distance := int(packed[i+1]) | int(packed[i+2])<<8
		i += 3
		if distance == 0 || distance > n || n+length > len(dst) {
			return n, false
		}
		for range length { // byte by byte: the copy may overlap itself
			dst[n] = dst[n-distance]
			n++
		}
	}
	return n, true
}
