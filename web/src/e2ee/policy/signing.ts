// Ed25519 (RFC 8032) and SHA-256 by WebCrypto. Everything signed begins with a label and a zero byte; strings that MLS signs begin
// with a length below 0x40 and ours with "l" (0x6c), so no signature of one can pass as one of the other.
import { concat, hex, lab, own, type Bytes } from './bytes.ts';
import { PolicyError } from './policy_error.ts';

/** A key that signs: a leaf's, a person's identity, a gateway's. The private part never leaves it. */
export interface Signer {
  /** The raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Bytes;
  /** sign is the 64-byte signature of message as it is, without a label. */
  sign(message: Bytes): Promise<Bytes>;
}

/** What may be signed, one label a use. */
export type SignatureLabel =
  | 'legroom/1 leaf'
  | 'legroom/1 charter'
  | 'legroom/1 pass'
  | 'legroom/1 host'
  | 'legroom/1 request'
  | 'legroom/1 consent'
  | 'legroom/1 bundle sig'
  | 'legroom/1 note sig'
  | 'legroom/1 checkpoint'
  | 'legroom/1 log';

/** signLabelled is the signature of label, a zero byte and the parts. */
export function signLabelled(signer: Signer, label: SignatureLabel, ...parts: readonly Uint8Array[]): Promise<Bytes> {
  return signer.sign(concat(lab(label), ...parts));
}

/** verifyLabelled says whether signature is publicKey's over label, a zero byte and the parts. A key or signature of a wrong form is false. */
export async function verifyLabelled(
  publicKey: Uint8Array, label: SignatureLabel, signature: Uint8Array, ...parts: readonly Uint8Array[]
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', own(publicKey), 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, own(signature), concat(lab(label), ...parts));
  } catch {
    return false;
  }
}

/** mustBeSigned throws PolicyError (signature, where) unless verifyLabelled holds. */
export async function mustBeSigned(
  where: string, publicKey: Uint8Array, label: SignatureLabel, signature: Uint8Array, ...parts: readonly Uint8Array[]
): Promise<void> {
  if (!(await verifyLabelled(publicKey, label, signature, ...parts))) throw new PolicyError('signature', where);
}

/** newSigner makes an Ed25519 key. extractable is false for identity keys, which live in IndexedDB as they are. */
export async function newSigner(extractable = false): Promise<Signer & { readonly pair: CryptoKeyPair }> {
  const pair = await crypto.subtle.generateKey('Ed25519', extractable, ['sign', 'verify']);
  return { pair, ...(await signerOf(pair)) };
}

/** signerOf wraps a stored key pair. */
export async function signerOf(pair: CryptoKeyPair): Promise<Signer> {
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  return { publicKey, sign: async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, message)) };
}

/** Fingerprint of a gateway's key for people to compare: eight groups of four hex digits. */
export async function gatewayFingerprint(gateway: Uint8Array): Promise<string> {
  const digits = hex((await sha256(lab('legroom/1 gateway'), gateway)).slice(0, 16));
  return (digits.match(/.{4}/g) ?? []).join(' ');
}

/** sha256 of the parts, 32 bytes. */
export async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)));
}

/** hmacSha256 of the parts, 32 bytes. */
export async function hmacSha256(secret: Uint8Array, ...parts: readonly Uint8Array[]): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', own(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, concat(...parts)));
}
