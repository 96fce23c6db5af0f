// Package instrument finds the loops of Go packages that have no safepoint, decides
// about each, and puts safepoints in.
//
// # Back-edges
//
// Control can come round again in three ways: through a for or range statement,
// through a goto that leads back to itself, and through a cycle of calls. All are
// found in the control flow (internal/flow), not in the text: code behind a return makes
// no loop, and a goto that leads on makes none either. A back-edge is covered if
// every way round it passes a safepoint: a call that yields for certain in the runtime
// package, or of a function that is known to pass one, here or in another package
// (facts.go).
//
// # The rules
//
// One table decides about every back-edge (rules.go), and a policy is a subset of it.
//
// A check is cheap, but not in a loop of a few instructions: Go keeps no register
// across a call, even one that is hardly ever made. So the default policy leaves out
// tight loops whose rounds something in memory bounds (internal/bound, cost.go): the ways
// round that pass no safepoint are short and make no calls but to functions whose
// time their own text bounds, and the number of rounds is about a length. What
// bounds a loop must be provable.
//
// A safepoint goes last into a loop's body if all rounds come there, or into a branch at its
// end: then the jump over the check is the one to the next round (candidate.go).
//
// The analyzer and the rewriter share the decision, and it does not change by what
// the rewriter inserts: a second run changes nothing, and the checker accepts what
// the rewriter leaves.
//
// # Rewriting
//
// internal/load reads the packages, and internal/insert writes. In place, a formatted file
// is changed as a syntax tree with comments attached (github.com/dave/dst). A file that
// isn't formatted is changed as text, so that it keeps its layout. Either way [Remove]
// gives the original back. For an overlay the safepoints go on existing lines, so that
// all positions stay as they are.
//
// # Builds with dependencies
//
// An overlay reaches neither the module cache nor the cover tool. A [Build] runs the go
// command's tools through [Toolexec] instead, with a map of the copies that was made before.
// The compiler and cgo are given the copies under the originals' names; into what the cover tool
// has written of an original the safepoints are inserted; the importcfg of a package gets the runtime
// package, and so does the linker's. Packages of the standard library import nothing. They link to two variables
// by name (std.go).
//
// The go command's cache must not take a package with copies for one without. Each such
// package has a flag for the compiler of its own, which names the copies and which the compiler does not see. So
// a package is compiled again when its copies change, and all others are shared with plain builds.
package instrument
