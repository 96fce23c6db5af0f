//go:build !(linux && (amd64 || arm64) && go1.26 && !go1.28)

package arch

import "fmt"

// A Slot is nothing on this platform.
type Slot struct{}

// Slots is nothing on this platform.
type Slots struct {
	OnFree func()
}

// SlotStacks says why there are no slots on this platform.
func SlotStacks() error { return fmt.Errorf("arch: no stack slots: %w", Native()) }

// OpenSlots fails on this platform.
func OpenSlots(count, size int) (*Slots, error) { return nil, SlotStacks() }

// Nobody has Slots on this platform, and the methods below are unreachable.

// Launch can't be called on this platform.
func (r *Slots) Launch(fn func(*Slot)) {}

// Clean has nothing to clean on this platform.
func (r *Slots) Clean() bool { return false }

// HighWater is 0 on this platform.
func (r *Slots) HighWater(*Slot) int { return 0 }

// Close has nothing to close on this platform.
func (r *Slots) Close() {}

// Deep finds nothing on this platform.
func (s *Slot) Deep() int { return 0 }

// Shed has nothing to give back on this platform.
func (s *Slot) Shed() {}

// Label has nobody to write about on this platform.
func (s *Slot) Label(thread, priority uint64) {}
