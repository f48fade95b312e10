import type { Bytes } from '../frame/bytes.ts';
import { codecOf, type Codec } from '../frame/codec/codec.ts';
import { Refusal } from '../frame/refusal.ts';
import type { EncodedFrame } from './scope.ts';

/** Formats are the MIME types of payload types, where frames do not name them. */
export type Formats = Readonly<Record<number, string>>;

/** codecIn finds the codec of a frame. Errors: Refusal `codec` for one that is unknown or not ours. */
export function codecIn(frame: EncodedFrame, formats: Formats): Codec {
  const { mimeType, payloadType } = frame.getMetadata();
  const codec = codecOf(mimeType ?? (payloadType === undefined ? '' : formats[payloadType] ?? ''));
  if (codec === undefined) throw new Refusal('codec');
  return codec;
}

/** replace puts other bytes into a frame. */
export function replace(frame: EncodedFrame, bytes: Bytes): void {
  frame.data = bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
