import { kinds, type Kind } from '../frame/kind.ts';
import { concat, lab, own, u32, u64, type Bytes } from '../policy/bytes.ts';
import { decodeCbor, encodeCbor, type CborMap } from '../policy/cbor.ts';
import { blob, bytes, maybe, record, version, whole } from '../policy/record.ts';
import { sha256, signLabelled, type Signer } from '../policy/signing.ts';
import { newHpke } from './suite.ts';

const kindKeys = record({ audio: maybe(bytes(16)), video: maybe(bytes(16)), screen: maybe(bytes(16)), 'screen-audio': maybe(bytes(16)) });
const bundleField = record({ v: version, epoch: whole(), K: kindKeys, G: kindKeys });

const sealedField = record({
  n: whole(0xffffffff, 1),
  epoch: whole(),
  transcript: bytes(32),
  /** CBOR of the sealer's credential. */
  credential: blob,
  /** Raw Ed25519 key of the sealer's leaf. */
  leaf: bytes(32),
  enc: bytes(32),
  ct: blob,
  sig: bytes(64),
});

/** Keys by kind, 16 bytes each. */
export type KindKeys = Readonly<Partial<Record<Kind, Bytes>>>;

/** Bundle is what one gateway gets for one epoch: K of the kinds it may open, G of those it may send. */
export type Bundle = ReturnType<typeof bundleField>;

/** SealedBundle is a bundle as it travels. */
export type SealedBundle = ReturnType<typeof sealedField>;

/** Whom a bundle is for, and in which epoch. */
export interface BundlePlace {
  /** MLS group id, 16 bytes. */
  readonly group: Uint8Array;
  readonly epoch: bigint;
  /** Confirmed transcript hash of the epoch, 32 bytes. */
  readonly transcript: Uint8Array;
  /** Number of the grant, and the CBOR of the request it was made of. */
  readonly n: number;
  readonly request: Uint8Array;
}

/** What is sealed to a gateway: the keys of an epoch, or a note. The label keeps one from passing as the other. */
export type SealLabel = 'legroom/1 bundle' | 'legroom/1 note';

/** bundleInfo binds what is sealed to its place: the info of HPKE (RFC 9180, 5.1), and what the sealer signs the hash of. */
export async function bundleInfo(place: BundlePlace, label: SealLabel = 'legroom/1 bundle'): Promise<Bytes> {
  const { group, epoch, transcript, n, request } = place;
  return concat(lab(label), group, u64(epoch), transcript, u32(n), await sha256(request));
}

/** sealBundle seals keys to the X25519 key of the request, and signs with the sealer's leaf key. credential is the CBOR of its credential. */
export async function sealBundle(
  place: BundlePlace, keys: { readonly K: KindKeys; readonly G: KindKeys }, hpke: Bytes, sealer: Signer, credential: Bytes,
): Promise<SealedBundle> {
  const plain = encodeCbor({ v: 1, epoch: Number(place.epoch), K: asMap(keys.K), G: asMap(keys.G) });
  const sealed = await sealTo(place, 'legroom/1 bundle', plain, hpke, sealer, credential);
  plain.fill(0);
  return sealed;
}

/** sealTo seals plain to the X25519 key of the request in the place, and signs as sealBundle. */
export async function sealTo(
  place: BundlePlace, label: SealLabel, plain: Bytes, hpke: Bytes, sealer: Signer, credential: Bytes,
): Promise<SealedBundle> {
  const info = await bundleInfo(place, label);
  const epoch = Number(place.epoch);
  const suite = newHpke();
  const recipientPublicKey = await suite.kem.deserializePublicKey(hpke.slice().buffer);
  const sender = await suite.createSenderContext({ recipientPublicKey, info: info.slice().buffer });
  const ct = new Uint8Array(await sender.seal(plain.slice().buffer));
  const enc = new Uint8Array(sender.enc);
  const sig = await signLabelled(sealer, label === 'legroom/1 note' ? 'legroom/1 note sig' : 'legroom/1 bundle sig', await sha256(info), enc, ct);
  return { n: place.n, epoch, transcript: own(place.transcript), credential, leaf: sealer.publicKey, enc, ct, sig };
}

/** encodeSealed is what is uploaded beside the commit. */
export function encodeSealed(sealed: SealedBundle): Bytes {
  return encodeCbor({ ...sealed });
}

/** decodeSealed reads a sealed bundle. Errors: PolicyError. */
export function decodeSealed(encoded: Uint8Array): SealedBundle {
  return sealedField(decodeCbor(encoded), 'sealed');
}

/** decodeBundle reads an opened bundle. Errors: PolicyError. */
export function decodeBundle(encoded: Uint8Array): Bundle {
  return bundleField(decodeCbor(encoded), 'bundle');
}

function asMap(keys: KindKeys): CborMap {
  return Object.fromEntries(kinds.flatMap((kind) => (keys[kind] === undefined ? [] : [[kind, keys[kind]]])));
}
