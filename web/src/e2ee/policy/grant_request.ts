import { equal, type Bytes } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { kindSet } from './kind.ts';
import { PolicyError } from './policy_error.ts';
import { ascending, bytes, list, oneOf, record, text, version, whole } from './record.ts';
import { mustBeSigned, signLabelled, type Signer } from './signing.ts';

/** Most legs that one request, and one grant, may name. */
export const mostLegs = 256;

const legField = record({
  /** Number of the leg in key ids; legs are in the order of it. */
  no: whole(1023),
  kind: oneOf(['phone', 'roomSystem', 'recorder']),
  /** What the gateway calls the leg, and the number of the caller with digits masked: claims of the gateway and its network. */
  label: text(0, 64),
  number: text(0, 32),
});

const requestField = record({
  v: version,
  room: text(1, 64),
  group: bytes(16),
  /** Random, new for each request. */
  id: bytes(16),
  /** Ed25519 key of the gateway. */
  gateway: bytes(32),
  /** X25519 key, new for each request, that bundles are sealed to. */
  hpke: bytes(32),
  legs: list(legField, mostLegs, 1),
  /** Kinds that the gateway wants to hear or see. */
  scope: kindSet,
  /** Kinds that its legs want to send. */
  speak: kindSet,
  /** Unix time in seconds. */
  notAfter: whole(),
});

/** GrantRequest is what a gateway asks a meeting for. */
export type GrantRequest = ReturnType<typeof requestField>;

/** Leg is one telephone, room system or recorder behind a gateway. */
export type Leg = ReturnType<typeof legField>;

/** SignedRequest is a request as it travels: its CBOR and the gateway's signature over it. */
export interface SignedRequest {
  readonly request: Bytes;
  readonly sig: Bytes;
}

/** signRequest is what a gateway sends; here it serves tests and browsers that act as one. */
export async function signRequest(gateway: Signer, asked: Omit<GrantRequest, 'v' | 'gateway'>): Promise<SignedRequest> {
  const request = encodeCbor({ ...asked, legs: asked.legs.map((leg) => ({ ...leg })), v: 1, gateway: gateway.publicKey });
  return { request, sig: await signLabelled(gateway, 'legroom/1 request', request) };
}

/** decodeRequest reads a request. It proves nothing until checkRequest. Errors: PolicyError. */
export function decodeRequest(encoded: Uint8Array): GrantRequest {
  const request = requestField(decodeCbor(encoded), 'request');
  const numbers = request.legs.map((leg) => leg.no);
  if (!ascending(numbers)) throw new PolicyError('malformed', 'request.legs.no');
  return request;
}

/** Where a request has to belong. */
export interface RequestPlace {
  readonly room: string;
  readonly group: Uint8Array;
  /** Keys of the gateways that the room knows. */
  readonly gateways: readonly Uint8Array[];
}

/**
 * checkRequest is the request in signed, where one of the room's gateways signed it for this very room and group: before that,
 * nothing of it is shown to anybody. Errors: PolicyError.
 */
export async function checkRequest(signed: SignedRequest, place: RequestPlace): Promise<GrantRequest> {
  const request = decodeRequest(signed.request);
  if (request.room !== place.room) throw new PolicyError('foreign', 'request.room');
  if (!equal(request.group, place.group)) throw new PolicyError('foreign', 'request.group');
  if (!place.gateways.some((gateway) => equal(gateway, request.gateway))) throw new PolicyError('foreign', 'request.gateway');
  await mustBeSigned('request.sig', request.gateway, 'legroom/1 request', signed.sig, signed.request);
  return request;
}

