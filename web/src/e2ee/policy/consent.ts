import { u64, type Bytes } from './bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from './cbor.ts';
import { PolicyError } from './policy_error.ts';
import { bytes, list, whole, type Field } from './record.ts';
import { mustBeSigned, sha256, signLabelled, type Signer } from './signing.ts';

/** Consent is one leaf's signature that a gateway may be let in. */
export interface Consent {
  readonly leaf: number;
  readonly sig: Bytes;
}

/** What is consented to, and by whom: the raw Ed25519 key of each leaf. */
export interface ConsentTo {
  readonly group: Uint8Array;
  readonly epoch: bigint;
  /** CBOR of the gateway's request. */
  readonly request: Uint8Array;
  readonly leaves: ReadonlyMap<number, Uint8Array>;
}

/** signConsent is the leaf's signature over group, epoch and request: it counts in one commit of that epoch only. */
export async function signConsent(leafKey: Signer, leaf: number, to: Omit<ConsentTo, 'leaves'>): Promise<Consent> {
  return { leaf, sig: await signLabelled(leafKey, 'legroom/1 consent', to.group, u64(to.epoch), await sha256(to.request)) };
}

/** encodeConsents is the authenticated_data of the commit: [[leaf, sig], ...] by leaf, as CBOR. */
export function encodeConsents(consents: readonly Consent[]): Bytes {
  return encodeCbor([...consents].sort((a, b) => a.leaf - b.leaf).map(({ leaf, sig }) => [leaf, sig]));
}

/** checkConsents holds where every leaf is there once, in order, and signed. Errors: PolicyError. */
export async function checkConsents(encoded: Uint8Array, to: ConsentTo): Promise<void> {
  const consents = list(pair, 25)(decodeCbor(encoded), 'consents');
  const due = [...to.leaves].sort(([a], [b]) => a - b);
  if (consents.length !== due.length) throw new PolicyError('signature', 'consents: not of all');
  const hash = await sha256(to.request);
  for (const [i, [leaf, key]] of due.entries()) {
    const consent = consents[i];
    if (consent?.leaf !== leaf) throw new PolicyError('signature', 'consents: not of all');
    await mustBeSigned('consents.sig', key, 'legroom/1 consent', consent.sig, to.group, u64(to.epoch), hash);
  }
}

const pair: Field<Consent> = (value, where) => {
  const [leaf, sig, ...rest] = Array.isArray(value) ? (value as readonly CborValue[]) : [];
  if (leaf === undefined || sig === undefined || rest.length > 0) throw new PolicyError('malformed', where);
  return { leaf: whole(1023)(leaf, where), sig: bytes(64)(sig, where) };
};
