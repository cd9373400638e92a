package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/ductile-go/ductile/examples/grpc/shop"
)

// A client makes calls. Nothing here knows whether it is protected.
type client struct {
	*grpc.ClientConn
	inventory shop.InventoryClient
}

// newClient returns a client as programs have it. The options are those that protect it.
func newClient(n network, options ...grpc.DialOption) (*client, error) {
	target, by := n.target()
	// A service has many clients, and gives them jitter. Here, when one finds its server again is no matter of chance.
	soon := backoff.Config{BaseDelay: 40 * time.Millisecond, Multiplier: 1.6, MaxDelay: 80 * time.Millisecond}
	conn, err := grpc.NewClient(target, slices.Concat(options, []grpc.DialOption{
		by,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: soon, MinConnectTimeout: time.Second}), // a day of eleven seconds is short
	})...)
	if err != nil {
		return nil, err
	}
	return &client{conn, shop.NewInventoryClient(conn)}, nil
}

// call calls a method once, and checks what it is told.
func (c *client) call(method string, number int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	var told interface{ GetNumber() int64 }
	var err error
	switch method {
	case get:
		told, err = c.inventory.Get(ctx, &shop.Article{Number: number})
	case quote:
		told, err = c.inventory.Quote(ctx, &shop.Article{Number: number})
	case watch:
		told, err = c.watch(ctx, number)
	case reserve:
		return c.reserve(ctx, number)
	}
	if err == nil && told.GetNumber() != number {
		err = fmt.Errorf("asked for %d and was told of %d", number, told.GetNumber())
	}
	return err
}

func (c *client) reserve(ctx context.Context, number int64) error {
	made, err := c.inventory.Reserve(ctx, &shop.Order{Id: number, Number: number})
	if err == nil && made.GetOrder() != number {
		err = fmt.Errorf("ordered %d and was told of %d", number, made.GetOrder())
	}
	return err
}

// watch watches an article until there are none left, and returns that.
func (c *client) watch(ctx context.Context, number int64) (last *shop.Stock, err error) {
	stream, err := c.inventory.Watch(ctx, &shop.Article{Number: number})
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		stock, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF) && n == changes+1:
			return last, nil
		case err != nil:
			return nil, err
		}
		last = stock
	}
}

// services returns what the server serves, by reflection.
func (c *client) services() (names []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*deadline)
	defer cancel()
	stream, err := grpc_reflection_v1.NewServerReflectionClient(c).ServerReflectionInfo(ctx)
	if err != nil {
		return nil, err
	}
	list := &grpc_reflection_v1.ServerReflectionRequest_ListServices{ListServices: "*"}
	if err := stream.Send(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: list}); err != nil {
		return nil, err
	}
	answer, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	for _, service := range answer.GetListServicesResponse().GetService() {
		names = append(names, service.GetName())
	}
	return names, nil
}
