// Package migrating holds the programs of the guides in docs/migrating: what a program had with another library, and what it has
// with Ductile. It is all tests. They run the code that stands in the guides, check what the guides say of the other library against
// that library, and keep each page equal to its program.
package migrating
