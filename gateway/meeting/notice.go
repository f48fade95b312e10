package meeting

import (
	"encoding/json"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
)

// What browsers are told, as web/src/e2ee/meeting/wire.ts names it.
type (
	doneAnswer struct {
		Type string `json:"type"` // done
		ID   int64  `json:"id"`
	}
	failedAnswer struct {
		Type  string `json:"type"` // failed
		ID    int64  `json:"id"`
		Fault fault  `json:"fault"`
		After int64  `json:"after"` // ms
	}
	recordsAnswer struct {
		Type    string      `json:"type"` // records
		ID      int64       `json:"id"`
		Records []logRecord `json:"records"`
	}
	logRecord struct {
		Seq    uint64 `json:"seq"`
		Kind   string `json:"kind"`
		Epoch  uint64 `json:"epoch"`
		Commit []byte `json:"commit,omitempty"`
	}
	helloNotice struct {
		Type   string `json:"type"` // hello
		Group  []byte `json:"group,omitempty"`
		Seated bool   `json:"seated"`
	}
	appliedNotice struct {
		Type   string    `json:"type"` // applied
		Record logRecord `json:"record"`
	}
	welcomedNotice struct {
		Type    string `json:"type"` // welcomed
		Seq     uint64 `json:"seq"`
		Welcome []byte `json:"welcome"`
	}
	applicantNotice struct {
		Type       string `json:"type"` // applicant, applicantGone
		Ref        []byte `json:"ref"`
		KeyPackage []byte `json:"keyPackage,omitempty"`
		// Participant is whom a host denies by the card. Nobody vouches for it, so it is good for nothing else.
		Participant string `json:"participant,omitempty"`
	}
	relayedNotice struct {
		Type    string `json:"type"` // relayed
		Message []byte `json:"message"`
	}
	bundledNotice struct {
		Type  string `json:"type"` // bundled
		Epoch uint64 `json:"epoch"`
		N     uint32 `json:"n"`
	}
	presenceNotice struct {
		Type string `json:"type"` // presence
		Leaf uint32 `json:"leaf"`
		Here bool   `json:"here"`
	}
	askedNotice struct {
		Type    string `json:"type"` // asked, withdrawn
		Request []byte `json:"request"`
		Sig     []byte `json:"sig,omitempty"`
	}
)

// encode writes one of them.
func encode(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // nothing in them can fail
	}
	return text
}

// record as it travels.
func record(r *delivery.Record) logRecord {
	return logRecord{Seq: r.Seq, Kind: r.Kind.String(), Epoch: r.Epoch, Commit: r.Commit}
}

// noticeOf gives what a notice of the delivery service is to a browser.
func noticeOf(n delivery.Notice) any {
	switch n := n.(type) {
	case delivery.Applied:
		return appliedNotice{"applied", record(&n.Record)}
	case delivery.Welcomed:
		return welcomedNotice{"welcomed", n.Seq, n.Welcome}
	case delivery.Applicant:
		return applicantNotice{"applicant", n.Ref[:], n.KeyPackage, string(n.Member)}
	case delivery.ApplicantGone:
		return applicantNotice{Type: "applicantGone", Ref: n.Ref[:]}
	case delivery.Relayed:
		return relayedNotice{"relayed", n.Message}
	default:
		return nil
	}
}

func asked(l *e2ee.LiveRequest) json.RawMessage {
	sig := l.Signature()
	return encode(askedNotice{"asked", l.Encoded(), sig[:]})
}

func withdrawn(id [16]byte) json.RawMessage { return encode(askedNotice{"withdrawn", id[:], nil}) }
