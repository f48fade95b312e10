package api

// Role is what a participant may do.
type Role string

// Roles of a participant.
const (
	RoleGuest Role = "guest"
	RoleHost  Role = "host"
)

// Kind is what somebody is in the room with.
type Kind string

// Kinds of leg.
const (
	KindBrowser    Kind = "browser"
	KindPhone      Kind = "phone"
	KindRoomSystem Kind = "roomSystem"
	KindRecorder   Kind = "recorder"
)

// State is how far a participant has come.
type State string

// States of a participant. Who has left is in no roster.
const (
	StateWaiting State = "waiting"
	StateJoined  State = "joined"
)

// Security is that of a participant's own hop to the gateway, never that of the meeting.
type Security string

// Securities of a hop: DTLS-SRTP, SDES-SRTP with keys over TLS, SDES-SRTP whose key went over an unencrypted hop, plain RTP.
const (
	SecurityDTLS           Security = "dtls"
	SecuritySDES           Security = "sdes"
	SecuritySDESKeyInClear Security = "sdesKeyInClear"
	SecurityClear          Security = "clear"
)

// Source is what a stream shows or lets hear.
type Source string

// Sources a client may publish.
const (
	SourceMicrophone  Source = "microphone"
	SourceCamera      Source = "camera"
	SourceScreen      Source = "screen"
	SourceScreenAudio Source = "screenAudio"
)

// Mode is the encryption policy of a room.
type Mode string

// Modes of a room. In an open room every hop is encrypted or marked, and the gateway can hear and see all of it. Mixed and
// sealed rooms are end-to-end encrypted between browsers: telephones come into a mixed one by a grant, into a sealed one
// never.
const (
	ModeOpen   Mode = "open"
	ModeMixed  Mode = "mixed"
	ModeSealed Mode = "sealed"
)

// MaxScope is the most that may be granted to the gateway in an encrypted room.
type MaxScope string

// Bounds of a grant: microphones and the sound of screens, or pictures too.
const (
	MaxScopeAudio      MaxScope = "audio"
	MaxScopeAudioVideo MaxScope = "audio+video"
)

// VetoRule says whose consent a grant needs.
type VetoRule string

// Rules: hosts alone decide, anybody may veto, or everybody has to consent.
const (
	VetoRuleHost VetoRule = "host"
	VetoRuleAny  VetoRule = "any"
	VetoRuleAll  VetoRule = "all"
)

// NoticeCode names something to tell the user.
type NoticeCode string

// Notices.
const (
	NoticeMutedByHost    NoticeCode = "mutedByHost"
	NoticeHandRaised     NoticeCode = "handRaised"
	NoticeWaitingInLobby NoticeCode = "waitingInLobby"
	NoticeLocked         NoticeCode = "locked"
	NoticeUnlocked       NoticeCode = "unlocked"
	NoticeMadeHost       NoticeCode = "madeHost"
	NoticeDraining       NoticeCode = "draining"
	NoticeJoined         NoticeCode = "joined"
	NoticeLeft           NoticeCode = "left"
	NoticeHostAsked      NoticeCode = "hostAsked"
)

// ErrorCode names why a message was not obeyed.
type ErrorCode string

// Error codes.
const (
	ErrorBadMessage    ErrorCode = "badMessage"
	ErrorNotHost       ErrorCode = "notHost"
	ErrorNoParticipant ErrorCode = "noParticipant"
	ErrorBadOffer      ErrorCode = "badOffer"
	ErrorNoCodec       ErrorCode = "noCodec"
	ErrorNotAdmitted   ErrorCode = "notAdmitted"
	ErrorEncrypted     ErrorCode = "encrypted"
	ErrorNoRoomCodec   ErrorCode = "noRoomCodec"
	ErrorInternal      ErrorCode = "internal"
)
