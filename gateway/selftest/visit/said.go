package visit

import "encoding/json"

// said is any message of the gateway as far as all have it in common.
type said struct {
	Type string `json:"type"`
}

// groupMessage carries what the delivery service of the group says.
type groupMessage struct {
	Message groupSaid `json:"message"`
}

// groupSaid is what the delivery service of the group says: see web/src/e2ee/meeting/wire.ts.
type groupSaid struct {
	Type    string      `json:"type"`
	Fault   string      `json:"fault"`
	Group   []byte      `json:"group"`
	Seated  bool        `json:"seated"`
	Seq     uint64      `json:"seq"`
	Welcome []byte      `json:"welcome"`
	Record  groupRecord `json:"record"`
}

// groupRecord is one of the log of the group.
type groupRecord struct {
	Seq    uint64 `json:"seq"`
	Kind   string `json:"kind"`
	Epoch  uint64 `json:"epoch"`
	Commit []byte `json:"commit"`
}

// groupWait asks to be let in.
type groupWait struct {
	Type       string `json:"type"`
	ID         int    `json:"id"`
	KeyPackage []byte `json:"keyPackage"`
}

func read[T any](data []byte) (*T, error) {
	out := new(T)
	return out, json.Unmarshal(data, out)
}
