package ledger

// Line is a line as tests change it.
type Line = line

// Parse reads a line; nil when it is none.
func Parse(b []byte) *Line {
	l, _, _, ok := parseLine(b)
	if !ok {
		return nil
	}
	return l
}

// Encode signs a line.
func Encode(l *Line, s Signer) ([]byte, error) { return l.encode(s) }

// MaxLine and MaxVouched are limits.
const (
	MaxLine    = maxLine
	MaxVouched = maxVouched
	MostListed = mostListed
)
