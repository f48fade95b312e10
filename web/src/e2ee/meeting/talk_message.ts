// Application messages: CBOR {v, t, ...} inside PrivateMessages. Who sends one says MLS, never the message.
import type { Bytes } from '../policy/bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../policy/cbor.ts';
import { PolicyError } from '../policy/policy_error.ts';
import { bytes, flag, oneOf, record, text, version, whole, type Field } from '../policy/record.ts';
import { decodeCodeMessage, encodeCodeMessage } from '../mls/app_message.ts';
import type { CodeMessage } from '../mls/short_code.ts';

/** The longest chat message, bytes of UTF-8. */
export const maxChat = 4000;

/** RoomMessage is what members say to one another apart from codes. id is that of a gateway's request, 16 bytes. */
export type RoomMessage =
  | { readonly t: 'chat'; readonly text: string }
  | { readonly t: 'hand'; readonly up: boolean }
  /** I go: a host removes my leaf. */
  | { readonly t: 'leave' }
  | { readonly t: 'veto'; readonly id: Bytes }
  /** A consent for a commit of that epoch (see signConsent); its leaf is the sender's. */
  | { readonly t: 'consent'; readonly id: Bytes; readonly epoch: number; readonly sig: Bytes }
  /** A host turns the request down. */
  | { readonly t: 'declined'; readonly id: Bytes }
  /** Frames that name that leaf seem to be of a later epoch: is it still in this one? Who is says so. */
  | { readonly t: 'where'; readonly leaf: number }
  | { readonly t: 'here' };

/** TalkMessage is everything that a PrivateMessage may hold. */
export type TalkMessage = RoomMessage | CodeMessage;

type Reader<T extends RoomMessage['t']> = Field<Extract<RoomMessage, { t: T }> & { readonly v: 1 }>;

const readers: { readonly [T in RoomMessage['t']]: Reader<T> } = {
  chat: record({ v: version, t: oneOf(['chat']), text: text(1, maxChat) }),
  hand: record({ v: version, t: oneOf(['hand']), up: flag }),
  leave: record({ v: version, t: oneOf(['leave']) }),
  veto: record({ v: version, t: oneOf(['veto']), id: bytes(16) }),
  consent: record({ v: version, t: oneOf(['consent']), id: bytes(16), epoch: whole(), sig: bytes(64) }),
  declined: record({ v: version, t: oneOf(['declined']), id: bytes(16) }),
  where: record({ v: version, t: oneOf(['where']), leaf: whole() }),
  here: record({ v: version, t: oneOf(['here']) }),
};

/** encodeTalk is the payload of the PrivateMessage. Errors: PolicyError where a text is too long. */
export function encodeTalk(message: TalkMessage): Bytes {
  if (isCode(message)) return encodeCodeMessage(message);
  const encoded = encodeCbor({ v: 1, ...message });
  decodeTalk(encoded); // what others would not read is not sent
  return encoded;
}

/** decodeTalk reads a payload; undefined for a kind that only newer browsers know. Errors: PolicyError. */
export function decodeTalk(payload: Uint8Array): TalkMessage | undefined {
  const code = decodeCodeMessage(payload);
  if (code !== undefined) return code;
  const value = decodeCbor(payload);
  const t = typeOf(value);
  return t === undefined ? undefined : readers[t](value, t);
}

/** isCode tells messages of the short code from the others. */
export function isCode(message: TalkMessage): message is CodeMessage {
  return message.t === 'sas-start' || message.t === 'sas-commit' || message.t === 'sas-reveal';
}

function typeOf(value: CborValue): RoomMessage['t'] | undefined {
  if (typeof value !== 'object' || value instanceof Uint8Array || Array.isArray(value)) throw new PolicyError('malformed', 'message');
  const t = 't' in value ? value.t : undefined;
  return typeof t === 'string' && Object.hasOwn(readers, t) ? (t as RoomMessage['t']) : undefined;
}
