package rtlayout

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Merge makes one table of what was read for each architecture of a release,
// keyed by GOARCH. Architectures must agree: the tables have one constant for
// all of them. An item that only some architectures have is taken from those.
func Merge(release string, byArch map[string]Values) (Values, error) {
	merged := make(Values)
	from := make(map[string]string) // the architecture that a value came from
	var errs []error
	for _, arch := range slices.Sorted(maps.Keys(byArch)) {
		for _, name := range slices.Sorted(maps.Keys(byArch[arch])) {
			value := byArch[arch][name]
			other, seen := merged[name]
			if seen && other != value {
				errs = append(errs, fmt.Errorf("%s is %d on %s and %d on %s in %s: "+
					"one table can't serve both; split it by architecture",
					name, other, from[name], value, arch, release))
				continue
			}
			merged[name], from[name] = value, arch
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return merged, nil
}
