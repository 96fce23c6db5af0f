//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unsafe"
)

// A program has descriptions of its types, for package reflect, and so of the structures of
// Go's runtime: the names, places and sizes of all fields, as they are in this very program,
// whatever patch of Go, and with whatever experiments, it was built with.

// typesByString returns the types that have a name. It is among the names that package
// reflect keeps open for linkname (reflect/type.go, go1.26 and go1.27).
//
//go:linkname typesByString reflect.typesByString
func typesByString(name string) []unsafe.Pointer

// A layoutField is a field that the tables have: the path to it, its place by the table that
// the program was built with, and its size.
type layoutField struct {
	structure, path string
	offset, size    uintptr
}

// checkFields holds fields against the program's descriptions of them.
func checkFields(fields []layoutField) error {
	var errs []error
	for _, f := range fields {
		offset, size, err := describedField(f.structure, f.path)
		switch {
		case err != nil:
			errs = append(errs, err)
		case offset != f.offset || size != f.size:
			errs = append(errs, fmt.Errorf("%s.%s has %d bytes at %d; the table has %d at %d",
				f.structure, f.path, size, offset, f.size, f.offset))
		}
	}
	return errors.Join(errs...)
}

// describedField returns where a field of one of the runtime's structures is in this program,
// and its size. The path leads to it through structures that are fields themselves.
func describedField(structure, path string) (offset, size uintptr, err error) {
	t := runtimesOwn(typesByString("*" + structure))
	if t == nil {
		return 0, 0, fmt.Errorf("the program has no description of %s", structure)
	}
	for name := range strings.SplitSeq(path, ".") {
		var field reflect.StructField
		found := t.Kind() == reflect.Struct
		if found {
			field, found = t.FieldByName(name)
		}
		if !found {
			return 0, 0, fmt.Errorf("%s has no field %s in this program", structure, path)
		}
		offset += field.Offset
		t = field.Type
	}
	return offset, t.Size(), nil
}

// runtimesOwn returns the structure of Go's runtime that one of some types is a pointer to, nil
// if none is. Other packages may be called runtime, too. With plugins there may be several of
// Go's, which are the same.
func runtimesOwn(pointers []unsafe.Pointer) reflect.Type {
	for _, p := range pointers {
		if t := typeAt(p).Elem(); t.PkgPath() == "runtime" {
			return t
		}
	}
	return nil
}

// typeAt returns the type that a description is of. An interface begins with a pointer to the
// description of what is in it.
func typeAt(description unsafe.Pointer) reflect.Type {
	var v any
	*(*unsafe.Pointer)(unsafe.Pointer(&v)) = description
	return reflect.TypeOf(v)
}
