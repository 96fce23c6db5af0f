package spin

import (
	"bytes"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

func noise(n int) []byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return b
}

// pack returns data in packed form.
func pack(data []byte) []byte {
	s := new(scratch)
	s.grow(len(data))
	return s.packed[:compress(s.packed, data, &s.finder)]
}

func TestRoundTrip(t *testing.T) {
	source, err := os.ReadFile("lz.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		data   []byte
		packed int // the most that it may take
	}{
		{"nothing", nil, 0},
		{"a byte", []byte("a"), 2},
		{"shorter than a match", []byte("aaa"), 4},
		{"a run", bytes.Repeat([]byte("a"), 1000), 40},
		{"text", []byte(strings.Repeat("from far and near ", 500)), 300},
		{"source", source, len(source) * 2 / 3},
		{"noise", noise(70_000), maxPacked(70_000)},
		{"noise twice, too far apart", append(noise(70_000), noise(70_000)...), maxPacked(140_000)},
		{"noise twice, near", append(noise(60_000), noise(60_000)...), maxPacked(60_000) + 1600},
	} {
		t.Run(tt.name, func(t *testing.T) {
			packed := pack(tt.data)
			if len(packed) > tt.packed {
				t.Errorf("%d bytes take %d packed, want %d or less", len(tt.data), len(packed), tt.packed)
			}
			back := make([]byte, len(tt.data))
			if n, ok := expand(back, packed); !ok || n != len(back) || !bytes.Equal(back, tt.data) {
				t.Errorf("%d bytes came back as %d, ok: %v, the same: %v", len(back), n, ok, bytes.Equal(back, tt.data))
			}
			for range 2 { // the second time in used buffers
				if err := Process(tt.data); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestExpandRefusesWhatIsMalformed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		packed []byte
		room   int
	}{
		{"run cut short", []byte{3, 'a', 'b'}, 100},
		{"run without room", []byte{1, 'a', 'b'}, 1},
		{"copy cut short", []byte{0, 'a', 0x80, 1}, 100},
		{"copy from before the start", []byte{0, 'a', 0x80, 2, 0}, 100},
		{"copy from nowhere", []byte{0, 'a', 0x80, 0, 0}, 100},
		{"copy without room", []byte{0, 'a', 0x80, 1, 0}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n, ok := expand(make([]byte, tt.room), tt.packed); ok {
				t.Errorf("accepted as %d bytes", n)
			}
		})
	}
}

func TestSumIsFNV(t *testing.T) {
	data := noise(1000)
	h := fnv.New64a()
	h.Write(data)
	if got := sum(data); got != h.Sum64() {
		t.Errorf("sum %x, hash/fnv says %x", got, h.Sum64())
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("abcabcabcabc"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := Process(data); err != nil {
			t.Error(err)
		}
		expand(make([]byte, 1000), data) // must not panic
	})
}

func BenchmarkProcess(b *testing.B) {
	data, err := os.ReadFile("lz.go")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if err := Process(data); err != nil {
			b.Fatal(err)
		}
	}
}
