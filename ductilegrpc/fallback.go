package ductilegrpc

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/grpc"

	"github.com/ductile-go/ductile"
	"github.com/ductile-go/ductile/fallback"
	"github.com/ductile-go/ductile/internal/refuse"
)

// Fallback returns a fallback for the unary calls of one method, for a pipeline that several methods share: it has no answer for others, nor
// for streams.
//
//	ductilegrpc.Fallback("/shop.Inventory/Get", func(ctx context.Context, request *pb.GetRequest, cause error) (*pb.Stock, error) {
//		return cache.Get(request.GetSku()), nil
//	})
//
// f is called for what the options of package fallback say, as a function given to fallback.Func is. A nil reply means that it has no answer either:
// the call returns its own error. What it answers is copied into the caller's reply, so it may answer the same again. It must not change the
// request. If Req is not the type of the method's requests, the answer fails; if Reply is not that of its replies, so does the call.
//
// It panics on a name that is not that of a method, on a nil f, and on options that make no sense.
func Fallback[Req, Reply any](
	method string, f func(ctx context.Context, request *Req, cause error) (*Reply, error), options ...fallback.Option,
) ductile.Fallback {
	if !isMethod(method) || service(method) == method {
		panic(refuse.Value("ductilegrpc", "Fallback", strconv.Quote(method), `the full name of a method, as "/shop.Inventory/Get"`))
	}
	if f == nil {
		panic(refuse.Value("ductilegrpc", "Fallback", "nil", "a function that answers for a cause"))
	}
	return &instead{method, fallback.Func(func(ctx context.Context, cause error) (any, error) {
		request, err := requestOf(ctx)
		if err != nil {
			return nil, err
		}
		typed, ok := request.(*Req)
		if !ok {
			return nil, fmt.Errorf("ductilegrpc: the fallback of %s takes a %T, and the request is a %T", method, typed, request)
		}
		reply, err := f(ctx, typed, cause)
		if reply == nil || err != nil {
			return nil, err
		}
		return reply, nil
	}, options...)}
}

// requestOf returns the request of the unary call that ctx belongs to: a copy, where who asks may run on after the call.
func requestOf(ctx context.Context) (request any, err error) {
	c, _ := ctx.Value(methodKey{}).(*called)
	if c == nil || c.call == nil {
		return nil, errors.New("ductilegrpc: there is no request in a context that is not that of a unary call")
	}
	err = c.call.lend(func() {
		if request = c.call.request; c.call.apart {
			request = clone(request)
		}
	})
	return request, err
}

// instead is a fallback for one method.
type instead struct {
	method string
	*fallback.Policy
}

// Accepts reports whether out is for the value of a call through a [Client].
func (i *instead) Accepts(out any) bool {
	switch out.(type) {
	case *any, *grpc.ClientStream:
		return true
	default:
		return false
	}
}

// Recover fills out, if the call is one of the method.
func (i *instead) Recover(ctx context.Context, cause error, out any) (by string, err error) {
	if answer, ok := out.(*any); ok && Method(ctx) == i.method {
		by, err = i.Policy.Recover(ctx, cause, out)
		if *answer == nil {
			by = ""
		}
	}
	return by, err
}

// String returns what the fallback does, for Pipeline.String.
func (i *instead) String() string {
	_, on, _ := strings.Cut(i.Policy.String(), ", on ")
	return "asks a function for " + i.method + ", on " + on
}
