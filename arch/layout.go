package arch

// The switch, the preemption request and the self-check use fields of the
// runtime's g, m and p, and the values of goroutine statuses. Where those are
// differs between Go releases, so each release has a table: one block of
// constants in layout_go1NN.go, closed at both ends by its build tags. A
// release without a table gets probe_other.go, which refuses.
//
// A constant is named after its struct and field: gSchedSP is the offset of
// sched.sp in runtime.g. The offsets hold on amd64 and arm64 alike. They are
// untyped, and reach assembly as const_gSchedSP through go_asm.h.
//
// The tables are generated from the DWARF of programs built with each release.
// TestLayoutMatchesToolchain compares them with the toolchain that runs the
// tests, and checkFields with the program itself.

//go:generate go run ./gen
