package rtlayout

import (
	"debug/dwarf"
	"errors"
	"fmt"
	"strings"
)

// Values maps the Const of an Item to its value.
type Values map[string]int64

// Read looks every item up in the DWARF of a probe built by target.
//
// An item that is absent, or whose size is not the expected one, is an error
// that names it; all such items are reported together.
func Read(data *dwarf.Data, target Target, items []Item) (Values, error) {
	found, err := index(data, items)
	if err != nil {
		return nil, fmt.Errorf("reading DWARF of %s: %w", target, err)
	}
	values := make(Values, len(items))
	var errs []error
	for _, it := range items {
		value, err := found.value(it)
		switch {
		case err == nil:
			values[it.Const] = value
		case errors.Is(err, errNotFound) && it.Arch != "" && it.Arch != target.GOARCH:
			// Not needed here; Merge takes it from where it is.
		default:
			errs = append(errs, fmt.Errorf("%s %w in %s: compare src/runtime/runtime2.go of that release "+
				"with arch/internal/rtlayout/items.go, and review what uses %s", it, err, target, it.Const))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return values, nil
}

// symbols are the structs and constants that the items refer to.
type symbols struct {
	structs   map[string]*dwarf.StructType
	constants map[string]int64
}

// index collects what items refer to in one pass over data.
func index(data *dwarf.Data, items []Item) (*symbols, error) {
	wanted := make(map[string]bool)
	for _, it := range items {
		if it.Type != "" {
			wanted[it.Type] = true
		} else {
			wanted[it.Path] = true
		}
	}
	found := &symbols{
		structs:   make(map[string]*dwarf.StructType),
		constants: make(map[string]int64),
	}
	for r := data.Reader(); ; {
		entry, err := r.Next()
		if err != nil {
			return nil, err
		}
		if entry == nil {
			return found, nil
		}
		name, _ := entry.Val(dwarf.AttrName).(string)
		if !wanted[name] {
			continue
		}
		switch entry.Tag {
		case dwarf.TagStructType:
			typ, err := data.Type(entry.Offset)
			if err != nil {
				return nil, fmt.Errorf("type %s: %w", name, err)
			}
			if st, ok := typ.(*dwarf.StructType); ok {
				found.structs[name] = st
			}
		case dwarf.TagConstant:
			if value, ok := entry.Val(dwarf.AttrConstValue).(int64); ok {
				found.constants[name] = value
			}
		}
	}
}

// errNotFound says that a release doesn't have an item.
var errNotFound = errors.New("not found")

// value returns the offset of a field or the value of a constant.
func (s *symbols) value(it Item) (int64, error) {
	if it.Type == "" {
		value, ok := s.constants[it.Path]
		if !ok {
			return 0, errNotFound
		}
		return value, nil
	}
	st, ok := s.structs[it.Type]
	if !ok {
		return 0, errNotFound
	}
	var typ dwarf.Type = st
	var offset int64
	for name := range strings.SplitSeq(it.Path, ".") {
		field := fieldOf(typ, name)
		if field == nil {
			return 0, errNotFound
		}
		offset += field.ByteOffset
		typ = field.Type
	}
	if typ.Size() != it.Size {
		return 0, fmt.Errorf("has %d bytes where %d were expected", typ.Size(), it.Size)
	}
	return offset, nil
}

// fieldOf returns the field of typ with that name, or nil. Go's DWARF wraps
// each named struct in a typedef.
func fieldOf(typ dwarf.Type, name string) *dwarf.StructField {
	for {
		def, ok := typ.(*dwarf.TypedefType)
		if !ok {
			break
		}
		typ = def.Type
	}
	st, ok := typ.(*dwarf.StructType)
	if !ok {
		return nil
	}
	for _, field := range st.Field {
		if field.Name == name {
			return field
		}
	}
	return nil
}
