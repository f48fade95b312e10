import { concat, lab, own, prefixed, u64, utf8, type Bytes } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { bytes, maybe, oneOf, record, text, version, whole, type RecordOf } from './record.ts';
import { hmacSha256, mustBeSigned, signLabelled, type Signer } from './signing.ts';

const fields = {
  v: version,
  kind: oneOf(['guest', 'account', 'device']),
  /** What the person calls itself: a claim, shown by display rules only. */
  name: text(1, 160),
  /** The account or device at the server's directory, or empty: a claim of the server. */
  subject: text(0, 128),
  /** Raw Ed25519 public key of the browser profile, the account or the guest. */
  identity: bytes(32),
  /** Unix time in seconds at which cert ends; at most 24 h ahead, which whoever adds the leaf checks. */
  notAfter: whole(),
  /** The identity's signature over room, leaf key and notAfter. */
  cert: bytes(64),
  /** Shows that whoever made the leaf held the invitation link (see lobbyProof). */
  link: maybe(bytes(16)),
} as const;

/** Credential is what an MLS leaf says of its owner: the same browser as before, never a true name. */
export type Credential = RecordOf<typeof fields>;

/** What a new credential is made of; leafKey is the raw Ed25519 key of the MLS leaf. */
export interface CredentialClaim {
  readonly room: string;
  readonly leafKey: Bytes;
  readonly kind: Credential['kind'];
  readonly name: string;
  readonly subject: string;
  readonly notAfter: number;
  /** Secret of the invitation link, 16 bytes, where the person came by one. */
  readonly linkSecret?: Bytes | undefined;
}

/** issueCredential signs a credential for one leaf in one room. Errors: PolicyError where a text is too long. */
export async function issueCredential(identity: Signer, claim: CredentialClaim): Promise<Credential> {
  const { room, leafKey, kind, name, subject, notAfter, linkSecret } = claim;
  const cert = await signLabelled(identity, 'legroom/1 leaf', prefixed(utf8(room)), leafKey, u64(notAfter));
  const link = linkSecret === undefined ? {} : { link: await lobbyProof(linkSecret, room, leafKey) };
  return decodeCredential(encodeCbor({ v: 1, kind, name, subject, identity: identity.publicKey, notAfter, cert, ...link }));
}

/** encodeCredential is the identity field of the MLS basic credential. */
export function encodeCredential(credential: Credential): Bytes {
  return encodeCbor({ ...credential });
}

/** decodeCredential reads the identity field of a basic credential. It proves nothing until checkCredential. Errors: PolicyError. */
export function decodeCredential(encoded: Uint8Array): Credential {
  return record(fields)(decodeCbor(encoded), 'credential');
}

/** checkCredential holds where the identity let this leaf key into this room. It does not look at the clock. Errors: PolicyError (signature). */
export async function checkCredential(credential: Credential, room: string, leafKey: Uint8Array): Promise<void> {
  const { identity, cert, notAfter } = credential;
  await mustBeSigned('credential.cert', identity, 'legroom/1 leaf', cert, prefixed(utf8(room)), leafKey, u64(notAfter));
}

/** lobbyProof is the first 16 bytes of HMAC-SHA-256(link secret, label, room, leaf key): all who have the link see who else came with it. */
export async function lobbyProof(linkSecret: Uint8Array, room: string, leafKey: Uint8Array): Promise<Bytes> {
  return (await hmacSha256(linkSecret, concat(lab('legroom/1 lobby'), prefixed(utf8(room)), own(leafKey)))).slice(0, 16);
}
