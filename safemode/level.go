package safemode

import "github.com/ductile-go/ductile/internal/refuse"

// A Level is how far a service is degraded, and, of a piece of work, the lowest level that still does it.
type Level uint8

// The levels, best first.
const (
	Normal   Level = iota // everything is done
	Degraded              // work named Normal is let go
	Safe                  // work named Degraded is let go, too: only what is named Safe is done
)

// String returns the level's name.
func (l Level) String() string {
	switch l {
	case Normal:
		return "normal"
	case Degraded:
		return "degraded"
	case Safe:
		return "safe"
	default:
		return "unknown"
	}
}

func (l Level) valid() bool { return l <= Safe }

func refuseLevel(method string, level Level) error {
	return refuse.Value("safemode", method, uint8(level), "Normal, Degraded or Safe")
}
