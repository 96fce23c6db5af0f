package load

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Request is what is sent, and what must come back.
type Request struct {
	// Name stands for the request in errors.
	Name string
	// Raw is the whole request as it goes over the connection.
	Raw []byte
	// Body is the body that the answer must have.
	Body []byte
}

// A Config describes one run.
type Config struct {
	Addr     string        // of the server
	Conns    int           // keep-alive connections
	Rate     float64       // requests a second
	Warmup   time.Duration // requests due before it has passed are sent, not measured
	Duration time.Duration // of the measured part
	// Drain is how long Run waits, after the last request was due, for the
	// answers that are missing.
	Drain    time.Duration
	Requests []Request // sent in turn
	// Measuring, if not nil, is called at the start of the measured part, Measured
	// at its end or with the last answer, and Progress about once a second: all by
	// Run, in its caller's goroutine.
	Measuring func()
	Measured  func()
	Progress  func(Progress)
}

// Progress says how far a run has come.
type Progress struct {
	Elapsed  time.Duration // since the start, warm-up included
	Answered int           // since the start
	Slowest  time.Duration // of the answers since the last Progress
}

// check says what makes c unusable.
func (c *Config) check() error {
	switch {
	case c.Conns < 1:
		return fmt.Errorf("load: %d connections: at least 1 is needed", c.Conns)
	case !(c.Rate > 0 && c.Rate <= 1e6):
		return fmt.Errorf("load: a rate of %v requests a second: it must be above 0 and at most 1e6", c.Rate)
	case c.Duration <= 0 || c.Warmup < 0 || c.Drain < 0:
		return fmt.Errorf("load: duration %v, warm-up %v, drain %v: the first must be above 0, the others at least 0", c.Duration, c.Warmup, c.Drain)
	case len(c.Requests) == 0:
		return errors.New("load: no requests to send")
	case c.total() == c.unmeasured():
		return fmt.Errorf("load: no request is due in %v at %v requests a second", c.Duration, c.Rate)
	}
	return nil
}

// interval is the time from one request to the next.
func (c *Config) interval() time.Duration {
	return time.Duration(float64(time.Second) / c.Rate)
}

// unmeasured is the number of requests due during the warm-up.
func (c *Config) unmeasured() int { return int(c.Warmup.Seconds() * c.Rate) }

// total is the number of requests in the whole run.
func (c *Config) total() int { return int((c.Warmup + c.Duration).Seconds() * c.Rate) }

// Run sends the requests of cfg and returns what it measured. It ends early,
// with an error, when ctx does, when a connection fails, and at the first
// answer that is not what the Request says.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := newRun(cfg, cancel)
	d := driver{run: r}
	defer d.close()
	if err := d.connect(ctx); err != nil {
		return nil, err
	}
	r.start = time.Now()
	driven := make(chan struct{})
	go func() {
		defer close(driven)
		d.drive(ctx)
	}()
	err := r.await(ctx)
	cancel(nil)
	<-driven
	if err != nil {
		return nil, err
	}
	return r.result(), nil
}
