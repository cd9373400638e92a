// Package shop is the service of the example, as shop.proto has it.
package shop

//go:generate go run github.com/bufbuild/buf/cmd/buf@v1.57.2 generate
