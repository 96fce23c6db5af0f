// Package load sends HTTP requests at a steady rate and measures the answers.
//
// The load is open: request k is due k intervals after the start, whatever has
// become of the requests before it, and its latency counts from then. A server
// that stalls for 100 ms therefore shows not one slow answer but as many as
// were due in that time ("coordinated omission" is what hides them). A request
// goes out on any connection that is free; if none is, it waits for one, and
// that wait counts too.
//
// The generator shares the machine with the server that it measures, so it is
// made to cost little and to be on time: on Linux one OS thread, in real time
// where it may, sleeps in the kernel until the next request is due or an answer
// has come, and writes what is prepared. How late that thread was itself is part
// of the Result. On another machine, which is where clients usually are, it would
// not displace the server at all.
package load
