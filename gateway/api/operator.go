package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"legroom/e2ee"
)

// Call is one running call as the operator sees it. Numbers are masked.
type Call struct {
	ID        string `json:"id" doc:"Call-ID of SIP"`
	From      string `json:"from" doc:"who calls, masked"`
	Source    string `json:"source" doc:"address the call comes from"`
	Transport string `json:"transport" doc:"udp, tcp or tls"`
	CallRoom
	Role     string `json:"role" doc:"guest or host"`
	Phase    string `json:"phase" doc:"how far the call has come"`
	Codec    string `json:"codec" doc:"what was agreed"`
	Security string `json:"security" doc:"clear, sdes, sdesKeyInClear or dtls"`
	CallPlans
	Started  time.Time `json:"started"`
	Received uint64    `json:"receivedPackets"`
	Sent     uint64    `json:"sentPackets"`
	Lost     int64     `json:"lostPackets"`
	JitterMS float64   `json:"jitterMs" doc:"of what comes in"`
}

// CallPlans are how the media of a call are carried.
type CallPlans struct {
	Plan     string `json:"plan" doc:"how its sound is carried"`
	Pictures string `json:"pictures,omitempty" doc:"of a room system: how what it sees is made, or forward"`
}

// CallRoom is the room of a call.
type CallRoom struct {
	Room    string `json:"room,omitempty" doc:"number of the room, once it was dialled"`
	Mode    string `json:"mode,omitempty" doc:"what that room promises: open, mixed or sealed"`
	Granted bool   `json:"granted" doc:"whether hosts of an encrypted room have let this call in; it hears nothing before"`
}

// RefusedCall is one call that was turned away, in words an operator can act on.
type RefusedCall struct {
	Time      time.Time `json:"time"`
	From      string    `json:"from" doc:"who called, masked"`
	To        string    `json:"to" doc:"what was called, masked, without a PIN"`
	Source    string    `json:"source"`
	Transport string    `json:"transport"`
	Status    int       `json:"status" doc:"SIP status; 200 when the caller was told by voice"`
	Rule      string    `json:"rule" doc:"the rule that decided it"`
	Fix       string    `json:"fix" doc:"what would let such a call in"`
}

// CallLister is where the operator's list of calls comes from.
type CallLister interface {
	// Calls that run now, oldest first.
	Calls() []Call
	// Refused calls, latest first.
	Refused() []RefusedCall
}

// OperatorConfig is what the operator's listener shows.
type OperatorConfig struct {
	// Calls to list.
	Calls CallLister
	// Metrics in the format of Prometheus.
	Metrics http.Handler
	// Ready tells whether calls are taken.
	Ready func() bool
	// Version of the gateway.
	Version string
	// Identity is the key by which encrypted rooms know the gateway.
	Identity *e2ee.Identity
	// Meetings are those of encrypted rooms and their logs.
	Meetings MeetingLister
	// Tapper looks at what a room forwards; nil for none.
	Tapper Tapper
}

type callsAnswer struct {
	Body struct {
		Calls []Call `json:"calls"`
	}
}

type refusedAnswer struct {
	Body struct {
		Refused []RefusedCall `json:"refused"`
	}
}

// NewOperator is the operator's handler: metrics, health, the calls, and their description at /openapi.json.
func NewOperator(cfg OperatorConfig) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", cfg.Metrics)
	health(mux, cfg.Ready)
	about := huma.DefaultConfig("Legroom operator", cfg.Version)
	about.DocsPath = "" // its page would load scripts from another site
	api := humago.New(mux, about)
	huma.Get(api, "/api/v1/calls", func(context.Context, *struct{}) (*callsAnswer, error) {
		out := &callsAnswer{}
		out.Body.Calls = append([]Call{}, cfg.Calls.Calls()...)
		return out, nil
	})
	huma.Get(api, "/api/v1/calls/refused", func(context.Context, *struct{}) (*refusedAnswer, error) {
		out := &refusedAnswer{}
		out.Body.Refused = append([]RefusedCall{}, cfg.Calls.Refused()...)
		return out, nil
	})
	huma.Get(api, "/api/v1/identity", func(context.Context, *struct{}) (*identityAnswer, error) {
		return &identityAnswer{Body: identityOf(cfg.Identity)}, nil
	})
	operateMeetings(api, cfg.Meetings)
	operateTap(api, cfg.Tapper)
	return mux
}
