// Package examples holds programs to run and change, each in a directory of its own.
package examples
