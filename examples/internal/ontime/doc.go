// Package ontime is for those who measure how late others are: a load generator shares
// the machine with what it measures, and should not wait for a core itself.
package ontime
