import { decodeCbor, encodeCbor } from '../policy/cbor.ts';
import type { Bytes } from '../policy/bytes.ts';
import { PolicyError } from '../policy/policy_error.ts';
import { record, text, version, whole } from '../policy/record.ts';

const noteField = record({
  v: version,
  /** The short code, eight digits. */
  code: text(8, 8),
  /** Unix time in seconds at which people found it to be the same. */
  at: whole(),
});

/** Note is what a telephone system is told of a comparison. It proves nothing against whoever runs that system. */
export type Note = Omit<ReturnType<typeof noteField>, 'v'>;

/** encodeNote is what is sealed. Errors: PolicyError where the code is not eight digits. */
export function encodeNote({ code, at }: Note): Bytes {
  const encoded = encodeCbor({ v: 1, code, at });
  decodeNote(encoded);
  return encoded;
}

/** decodeNote reads a note. Errors: PolicyError. */
export function decodeNote(encoded: Uint8Array): Note {
  const { code, at } = noteField(decodeCbor(encoded), 'note');
  if (!/^[0-9]{8}$/.test(code)) throw new PolicyError('malformed', 'note.code');
  return { code, at };
}
