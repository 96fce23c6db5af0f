package gv

import "encoding/json"

// A ByPriority has a value for each priority, at its index. In JSON it is an object with
// the names of the priorities as keys.
type ByPriority[T any] [numPriorities]T

// MarshalJSON returns the object. It fails if a value can't be JSON.
func (b ByPriority[T]) MarshalJSON() ([]byte, error) {
	named := make(map[Priority]T, len(b))
	for p, v := range b {
		named[Priority(p)] = v
	}
	return json.Marshal(named)
}

// UnmarshalJSON sets all values: those that the object doesn't have are zero. If it fails,
// also because a key is no priority's name, it leaves b as it is; so does null.
func (b *ByPriority[T]) UnmarshalJSON(text []byte) error {
	var named map[Priority]T
	if err := json.Unmarshal(text, &named); err != nil {
		return err
	}
	if named == nil {
		return nil // null
	}
	*b = ByPriority[T]{}
	for p, v := range named {
		b[p] = v
	}
	return nil
}
