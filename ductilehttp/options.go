package ductilehttp

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ductile-go/ductile/fault"
	"github.com/ductile-go/ductile/internal/refuse"
)

// An Option changes what [NewTransport] makes.
type Option func(*config) error

type config struct {
	classify   func(*http.Response, error) fault.Class
	drainBytes int64
	drainTime  time.Duration

	key            func(*http.Request) string
	firstByte      bool
	bufferBytes    int64
	resendHeader   string
	deadlineHeader string
}

const (
	maxDrainBytes = 16 << 20
	maxDrainTime  = 10 * time.Second
	maxBuffer     = 64 << 20
)

// Classify sets the opinion of what an answer or an error means, one of which is nil, in place of [Class], which it may call for what it has
// no opinion of.
func Classify(classify func(answer *http.Response, err error) fault.Class) Option {
	return func(c *config) error {
		if classify == nil {
			return refuse.Value("ductilehttp", "Classify", "nil", "a function from an answer or an error to its class")
		}
		c.classify = classify
		return nil
	}
}

// Drain sets how much of an answer that is not returned is read, and for how long, so that its connection can be used again: 64 KiB and
// 50 ms unless set, at most 16 MiB and 10 s. More than that is cheaper to close. Of a failed answer that another attempt may follow, the first
// 16 KiB of them are read before the wait. With 0 bytes nothing is read.
func Drain(bytes int64, within time.Duration) Option {
	return func(c *config) error {
		if bytes < 0 || bytes > maxDrainBytes || within <= 0 || within > maxDrainTime {
			return refuse.Value("ductilehttp", "Drain", fmt.Sprintf("%d, %v", bytes, within),
				fmt.Sprintf("from 0 to %d bytes, within more than zero and at most %v", maxDrainBytes, maxDrainTime))
		}
		c.drainBytes, c.drainTime = bytes, within
		return nil
	}
}

// Key sets what tells requests apart for [NewKeyedTransport], in place of [Host]: a tenant, a shard, a host with its path. It is called
// concurrently, and must not change the request.
func Key(key func(*http.Request) string) Option {
	return func(c *config) error {
		if key == nil {
			return refuse.Value("ductilehttp", "Key", "nil", "a function from a request to its key")
		}
		c.key = key
		return nil
	}
}

// FirstByte makes an attempt last until the first byte of the answer's body, and not only until its header, where the answer is a success: for
// servers that send the header before they begin to work, as model inference does. A hedge then compares how long people wait, and what breaks off
// before the first byte is a failure that can be repeated.
func FirstByte() Option {
	return func(c *config) error {
		c.firstByte = true
		return nil
	}
}

// BufferBody makes a transport read bodies of requests that have no GetBody into memory before it sends them, up to so many bytes, at most
// 64 MiB: so a request that may be repeated, by its method or by its sender's word or because it never left, can be. One that is longer is sent as it comes, and once.
//
// The first attempt reads the whole body before it sends anything, within its timeout. It is not for bodies that are written while the answer
// is read.
func BufferBody(bytes int64) Option {
	return func(c *config) error {
		if bytes < 1 || bytes > maxBuffer {
			return refuse.Value("ductilehttp", "BufferBody", bytes, fmt.Sprintf("from 1 to %d bytes", maxBuffer))
		}
		c.bufferBytes = bytes
		return nil
	}
}

// SendResendCount makes a transport tell the server, in a header of this name, how often a request was sent before: nothing on the first
// attempt, 1 on the second. See also [ResendCount].
func SendResendCount(header string) Option {
	return func(c *config) (err error) {
		c.resendHeader, err = headerName("SendResendCount", header)
		return err
	}
}

// SendDeadline makes a transport tell the server, in a header of this name, how long the attempt may still take, in whole milliseconds: so that
// a server need not begin, or go on with, what nobody waits for. Attempts without a deadline say nothing. [HonorDeadline] is the server's part.
// It replaces a header of that name that the request has.
func SendDeadline(header string) Option {
	return func(c *config) (err error) {
		c.deadlineHeader, err = headerName("SendDeadline", header)
		return err
	}
}

// headerName returns the name of a header as net/http keeps it.
func headerName(option, header string) (string, error) {
	for _, c := range []byte(header) {
		if !strings.ContainsRune(token, rune(c)) {
			return "", refuse.Value("ductilehttp", option, strconv.Quote(header), "the name of a header: letters, digits and hyphens")
		}
	}
	if header == "" {
		return "", refuse.Value("ductilehttp", option, `""`, "the name of a header")
	}
	return http.CanonicalHeaderKey(header), nil
}

const token = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

// Validate returns what NewTransport and NewKeyedTransport would panic with, or nil. [Key] is right for the second only.
func Validate(options ...Option) error {
	_, err := configure(options)
	return err
}

func configure(options []Option) (config, error) {
	c := config{classify: Class, drainBytes: 64 << 10, drainTime: 50 * time.Millisecond}
	err := refuse.Apply("ductilehttp", &c, options)
	return c, err
}
