package e2eetest

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"

	"github.com/fxamacker/cbor/v2"

	"legroom/e2ee"
)

// Bundle is all that goes into a sealed bundle. Tests may change every part.
type Bundle struct {
	// N of the grant, Epoch of the keys, Transcript of the group in it.
	N          uint32
	Epoch      uint64
	Transcript [32]byte
	// Group, and the Request as it was encoded, that the seal is bound to.
	Group   e2ee.Group
	Request []byte
	// HPKE is the key to seal to.
	HPKE e2ee.Key
	// Inside is the epoch that stands in the sealed part.
	Inside uint64
	// K and G are keys by the names of their kinds.
	K, G map[string][]byte
	// Sealer is the leaf that vouches for it.
	Sealer Leaf
	// Forge changes the envelope before it is encoded; may be nil.
	Forge func(*Envelope)
}

// Envelope is the sealed form, with the names it has in CBOR.
type Envelope struct {
	// N of the grant, Epoch and Transcript as in Bundle.
	N          uint32 `cbor:"n"`
	Epoch      uint64 `cbor:"epoch"`
	Transcript []byte `cbor:"transcript"`
	// Credential and Leaf key of the sealer.
	Credential []byte `cbor:"credential"`
	Leaf       []byte `cbor:"leaf"`
	// Enc and Ciphertext of HPKE, Signature of the leaf.
	Enc        []byte `cbor:"enc"`
	Ciphertext []byte `cbor:"ct"`
	Signature  []byte `cbor:"sig"`
}

// NewBundle seals a key for each kind of the grant. The keys depend on epoch and kind: see BrowserKey and LegKey.
func (m *Meeting) NewBundle(g e2ee.GrantEntry, epoch uint64, sealer Leaf) *Bundle {
	r, err := e2ee.DecodeRequest(g.Request)
	if err != nil {
		panic(err) // a test's own input
	}
	b := &Bundle{
		N: g.N, Epoch: epoch, Transcript: sha256.Sum256(u64(epoch)), Group: m.Group(), Request: g.Request, HPKE: r.HPKE,
		Inside: epoch, K: make(map[string][]byte), G: make(map[string][]byte), Sealer: sealer,
	}
	for _, k := range g.Scope.Kinds() {
		b.K[k.String()] = BrowserKey(epoch, k.String())
	}
	for _, k := range g.Speak.Kinds() {
		b.G[k.String()] = LegKey(epoch, g.N, k.String())
	}
	return b
}

// BrowserKey stands for the key of a kind in an epoch that the group would derive, 16 bytes.
func BrowserKey(epoch uint64, kind string) []byte {
	sum := sha256.Sum256(append(u64(epoch), "media "+kind...))
	return sum[:16]
}

// LegKey stands for the grantee's key of a kind in an epoch that the group would derive, 16 bytes.
func LegKey(epoch uint64, n uint32, kind string) []byte {
	sum := sha256.Sum256(append(append(u64(epoch), u32(n)...), "grantee "+kind...))
	return sum[:16]
}

// Info is what the seal is bound to.
func (b *Bundle) Info() []byte { return b.info("legroom/1 bundle") }

func (b *Bundle) info(label string) []byte {
	request := sha256.Sum256(b.Request)
	out := append(append([]byte(label), 0), b.Group[:]...)
	out = append(append(out, u64(b.Epoch)...), b.Transcript[:]...)
	return append(append(out, u32(b.N)...), request[:]...)
}

// Clear is what gets sealed.
func (b *Bundle) Clear() []byte {
	return encode(struct {
		V     int               `cbor:"v"`
		Epoch uint64            `cbor:"epoch"`
		K     map[string][]byte `cbor:"K"`
		G     map[string][]byte `cbor:"G"`
	}{1, b.Inside, b.K, b.G})
}

// Seal gives the bundle as it travels.
func (b *Bundle) Seal() []byte { return b.seal("legroom/1 bundle", b.Clear()) }

// SealNote seals a code that was compared, for the same grant and epoch.
func (b *Bundle) SealNote(code string, at int64) []byte {
	return b.seal("legroom/1 note", encode(struct {
		V    int    `cbor:"v"`
		Code string `cbor:"code"`
		At   int64  `cbor:"at"`
	}{1, code, at}))
}

// seal under a label, and under another with "sig" behind it.
func (b *Bundle) seal(label string, clear []byte) []byte {
	to, err := ecdh.X25519().NewPublicKey(b.HPKE[:])
	if err != nil {
		panic(err) // a test's own input
	}
	public, err := hpke.NewDHKEMPublicKey(to)
	if err != nil {
		panic(err)
	}
	enc, sender, err := hpke.NewSender(public, hpke.HKDFSHA256(), hpke.AES128GCM(), b.info(label))
	if err != nil {
		panic(err)
	}
	ct, err := sender.Seal(nil, clear)
	if err != nil {
		panic(err)
	}
	info := sha256.Sum256(b.info(label))
	leaf := Public(b.Sealer.Key)
	e := &Envelope{
		N: b.N, Epoch: b.Epoch, Transcript: b.Transcript[:], Credential: b.Sealer.Credential, Leaf: leaf[:], Enc: enc, Ciphertext: ct,
	}
	e.Signature = b.Sealer.Sign(label+" sig", info[:], enc, ct)
	if b.Forge != nil {
		b.Forge(e)
	}
	return encode(e)
}

// Renumbered is a sealed bundle that says to be of another epoch; its signature is of the one it was sealed for.
func Renumbered(sealed []byte, epoch uint64) []byte {
	e := new(Envelope)
	if err := cbor.Unmarshal(sealed, e); err != nil {
		panic(err) // a test's own input
	}
	e.Epoch = epoch
	return encode(e)
}

// Sign signs under a label as the leaf.
func (l Leaf) Sign(label string, parts ...[]byte) []byte {
	text := append([]byte(label), 0)
	for _, p := range parts {
		text = append(text, p...)
	}
	return ed25519.Sign(l.Key, text)
}

func encode(v any) []byte {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // the options are constants
	}
	b, err := mode.Marshal(v)
	if err != nil {
		panic(err) // a test's own input
	}
	return b
}
