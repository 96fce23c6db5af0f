package instrument

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// keepExtended gives the file temp the extended attributes of the file name, access
// control lists among them, and no others.
func keepExtended(temp, name string) error {
	want, err := extended(name)
	if err != nil {
		return err
	}
	have, err := extended(temp)
	if err != nil {
		return err
	}
	for key, value := range want {
		if !bytes.Equal(have[key], value) || have[key] == nil {
			if err := syscall.Setxattr(temp, key, value, 0); err != nil {
				return fmt.Errorf("its attribute %s can't be kept (%w); take it away, or use gvinstrument build, which leaves sources alone", key, err)
			}
		}
	}
	for key := range have {
		// What the directory gives to new files, if it is not what this one has.
		if want[key] == nil && syscall.Removexattr(temp, key) != nil {
			return fmt.Errorf("it would get the attribute %s from its directory", key)
		}
	}
	return nil
}

// extended returns the extended attributes of a file. Those of the kernel's that are
// about its text are not among them.
func extended(name string) (map[string][]byte, error) {
	var keys []byte
	size, err := syscall.Listxattr(name, nil)
	if err == nil && size > 0 {
		keys = make([]byte, size)
		size, err = syscall.Listxattr(name, keys)
	}
	if errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading its extended attributes: %w", err)
	}
	out := map[string][]byte{}
	for key := range strings.SplitSeq(string(keys[:size]), "\x00") {
		if key == "" || key == "security.ima" || key == "security.evm" {
			continue
		}
		value := make([]byte, 1<<16) // the most that the kernel allows
		n, err := syscall.Getxattr(name, key, value)
		if err != nil {
			return nil, fmt.Errorf("reading its attribute %s: %w", key, err)
		}
		out[key] = value[:n]
	}
	return out, nil
}
