// What members send one another inside PrivateMessages: CBOR {v, t, ...}. Here are those of the codes; chat, hands and votes are
// added beside them.
import type { Bytes } from '../policy/bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../policy/cbor.ts';
import { PolicyError } from '../policy/policy_error.ts';
import { bytes, list, oneOf, record, version, whole, type Field } from '../policy/record.ts';
import type { CodeMessage } from './short_code.ts';

const readers: { readonly [T in CodeMessage['t']]: Field<Extract<CodeMessage, { t: T }> & { readonly v: 1 }> } = {
  'sas-start': record({ v: version, t: oneOf(['sas-start']), sid: bytes(16), leaves: list(whole(1023), 256, 2) }),
  'sas-commit': record({ v: version, t: oneOf(['sas-commit']), sid: bytes(16), c: bytes(32) }),
  'sas-reveal': record({ v: version, t: oneOf(['sas-reveal']), sid: bytes(16), r: bytes(32) }),
};

/** encodeCodeMessage is the payload of the PrivateMessage. */
export function encodeCodeMessage(message: CodeMessage): Bytes {
  return encodeCbor({ v: 1, ...message });
}

/** decodeCodeMessage reads a payload; undefined where t is none of the codes. Errors: PolicyError. */
export function decodeCodeMessage(payload: Uint8Array): CodeMessage | undefined {
  const value = decodeCbor(payload);
  switch (typeOf(value)) {
    case 'sas-start':
      return readers['sas-start'](value, 'sas-start');
    case 'sas-commit':
      return readers['sas-commit'](value, 'sas-commit');
    case 'sas-reveal':
      return readers['sas-reveal'](value, 'sas-reveal');
    default:
      return undefined;
  }
}

function typeOf(value: CborValue): CborValue | undefined {
  if (typeof value !== 'object' || value instanceof Uint8Array || Array.isArray(value)) throw new PolicyError('malformed', 'message');
  return 't' in value ? value.t : undefined;
}
