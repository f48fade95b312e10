/**
 * Why a frame is not let through:
 * - `empty`: nothing to seal or open: no bytes, which browsers send as padding at the start, or no slice or picture;
 * - `malformed`: not what its codec or RFC 9605 says, or too large;
 * - `unit`: a NAL unit or OBU that may not pass, also inside a slice;
 * - `codec`: a codec that we do not seal, or one of the other medium;
 * - `noKey`: nothing to seal with yet; `muted`: its kind is held back by the user or a question to them; `exhausted`: the
 *   counter ran out;
 * - `epoch`: made under keys that are not held (any more); `late`: its keys did not come in time;
 * - `roster`: a sender that is not in its epoch, or was removed since; `reflection`: our own; `binding`: not the sender that
 *   is shown here; `grant`: a telephone system outside of what it was granted;
 * - `tag`: not sealed by a member; `authentication`: does not open; `replay`: was here before, or is too old;
 * - `failed`: something broke here.
 */
export type RefusalReason =
  | 'empty' | 'malformed' | 'unit' | 'codec'
  | 'noKey' | 'muted' | 'exhausted'
  | 'epoch' | 'late'
  | 'roster' | 'reflection' | 'binding' | 'grant'
  | 'tag' | 'authentication' | 'replay'
  | 'failed';

/** Refusal is the one error of a frame that is dropped. Its text is the reason and nothing of the frame. */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(`frame refused: ${reason}`);
    this.name = 'Refusal';
    this.reason = reason;
  }
}
