package breaker

import "maps"

// SettingsOf returns what a breaker goes by, but for its classifier, which cannot be compared.
func SettingsOf(b *Breaker) any {
	c := *b.current.Load().settings
	c.classify, c.countAs = nil, maps.Clone(c.countAs) // which nobody changes later, or this would not tell
	return c
}
