import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from 'ts-mls/message.js';
import { equal, own, type Bytes } from '../policy/bytes.ts';
import { GroupError } from './group_error.ts';

/** The longest of each message that is looked at, and the longest payload of an application message, bytes. */
export const limits = { commit: 64 * 1024, welcome: 256 * 1024, keyPackage: 16 * 1024, message: 16 * 1024, payload: 8 * 1024 } as const;

/**
 * decodeMessage reads one MLSMessage (RFC 9420, 6) that fills bytes and is spelled as the library would spell it, so that what
 * is judged, signed and hashed is the same. Errors: GroupError malformed. Nothing in it is trusted yet.
 */
export function decodeMessage(bytes: Uint8Array, limit: number): MLSMessage {
  if (bytes.length > limit) throw new GroupError('malformed', 'too long');
  let message: MLSMessage | undefined;
  try {
    message = decodeMlsMessage(bytes, 0)?.[0];
    // The library does not look behind the end of a message, and takes longer spellings of a length.
    if (message !== undefined && !equal(encodeMlsMessage(message), bytes)) message = undefined;
  } catch {
    // Whatever its decoder throws at strange bytes, it means only this.
    message = undefined;
  }
  if (message === undefined) throw new GroupError('malformed', 'not an MLS message');
  return message;
}

/** encodeMessage is the bytes that travel. */
export function encodeMessage(message: MLSMessage): Bytes {
  return own(encodeMlsMessage(message));
}
