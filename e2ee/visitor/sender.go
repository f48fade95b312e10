package visitor

import (
	"legroom/e2ee"
	"legroom/e2ee/replay"
)

// Sender is who a key id names in its epoch.
type Sender struct {
	// Name as the credential claims it; of a grantee the label of its line.
	Name string
	// Leaf of a browser; nil of a grantee.
	Leaf *replay.Leaf
	// Leg of a grantee, and N, the number of its Grant; nil of a browser.
	Leg *e2ee.RequestLeg
	N   uint32
}
