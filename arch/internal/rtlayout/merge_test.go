package rtlayout

import (
	"maps"
	"strings"
	"testing"
)

func TestMerge(t *testing.T) {
	for _, test := range []struct {
		name   string
		byArch map[string]Values
		want   Values
		errs   []string
	}{
		{
			name: "agreement",
			byArch: map[string]Values{
				"amd64": {"gM": 48, "gGoid": 152},
				"arm64": {"gM": 48, "gGoid": 152},
			},
			want: Values{"gM": 48, "gGoid": 152},
		},
		{
			name: "only one has it",
			byArch: map[string]Values{
				"amd64": {"gM": 48},
				"arm64": {"gM": 48, "gSchedLR": 88},
			},
			want: Values{"gM": 48, "gSchedLR": 88},
		},
		{
			name: "disagreement",
			byArch: map[string]Values{
				"amd64": {"gM": 48, "gGoid": 152, "mP": 208},
				"arm64": {"gM": 56, "gGoid": 160, "mP": 208},
			},
			errs: []string{
				"gM is 48 on amd64 and 56 on arm64 in go1.26.8",
				"gGoid is 152 on amd64 and 160 on arm64 in go1.26.8",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Merge("go1.26.8", test.byArch)
			if !maps.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if (err != nil) != (test.errs != nil) {
				t.Fatalf("got error %v, want one of %q", err, test.errs)
			}
			for _, want := range test.errs {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
		})
	}
}
