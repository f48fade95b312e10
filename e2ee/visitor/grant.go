package visitor

import (
	"legroom/e2ee"
	"legroom/e2ee/sframe"
)

// grant that is in force.
type grant struct {
	n     uint32
	legs  []e2ee.RequestLeg
	speak e2ee.Scope
	media map[sframe.Kind][]byte
}
