package ductile

// deepen makes room on the stack of a goroutine that has just begun, while there is next to nothing on it to move. A copy needs more than
// the two kilobytes that a goroutine begins with; to move all its frames when it has found out costs an Async call a quarter of its time.
// The index is for the compiler, which must not know that nothing is kept here.
//
//go:noinline
func deepen(index int) byte {
	var room [2 << 10]byte
	return room[index]
}
