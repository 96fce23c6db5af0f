package steps

import "testing"

func TestDecode(t *testing.T) {
	for _, tt := range []struct {
		name string
		code []byte
		want kind
	}{
		{"LOCK XADDQ AX, (CX)", []byte{0xf0, 0x48, 0x0f, 0xc1, 0x01}, kind{locked: true}},
		{"LOCK XADDL AX, FS:(CX)", []byte{0x64, 0xf0, 0x0f, 0xc1, 0x01}, kind{locked: true}},
		{"LOCK CMPXCHGW CX, (DX)", []byte{0x66, 0xf0, 0x0f, 0xb1, 0x0a}, kind{locked: true}},
		{"XCHGQ AX, (CX)", []byte{0x48, 0x87, 0x01}, kind{locked: true}},
		{"XCHGB AL, 8(CX)", []byte{0x86, 0x41, 0x08}, kind{locked: true}},
		{"XCHGQ AX, CX", []byte{0x48, 0x87, 0xc8}, kind{}},
		{"XCHGL R8, AX", []byte{0x41, 0x90}, kind{}},
		{"CMPXCHGQ CX, (DX)", []byte{0x48, 0x0f, 0xb1, 0x0a}, kind{}},
		{"ADDQ $0xf0, SP", []byte{0x48, 0x81, 0xc4, 0xf0, 0, 0, 0}, kind{}},
		{"REP MOVSQ", []byte{0xf3, 0x48, 0xa5}, kind{repeated: true}},
		{"REP STOSB", []byte{0xf3, 0xaa}, kind{repeated: true}},
		{"MOVSB", []byte{0xa4}, kind{}},
		{"PAUSE", []byte{0xf3, 0x90}, kind{}},
		{"MOVUPS X0, (CX)", []byte{0xf3, 0x0f, 0x7f, 0x01}, kind{}},
		{"VMOVDQU (AX), Y0", []byte{0xc5, 0xfe, 0x6f, 0x00}, kind{}},
	} {
		if got := decode(tt.code); got != tt.want {
			t.Errorf("%s is %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
