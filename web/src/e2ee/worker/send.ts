import type { Kind } from '../frame/kind.ts';
import type { Sealer } from '../frame/sealer.ts';
import { codecIn, replace, type Formats } from './encoded.ts';
import type { Gate } from './gate.ts';
import { provingFrames } from './messages.ts';
import type { EncodedFrame } from './scope.ts';
import { Tally } from './tally.ts';

/** What a SendTransform needs besides its track. */
export interface SendParts {
  readonly sealer: Sealer;
  readonly gate: Gate;
  /** Called once, when the first frames went on. */
  readonly proved: () => void;
}

/** SendTransform seals the frames of one sender, of all its layers. What it cannot seal it drops. */
export class SendTransform implements Transformer<EncodedFrame, EncodedFrame> {
  readonly tally = new Tally();
  formats: Formats = {};
  readonly #kind: Kind;
  readonly #track: number;
  readonly #parts: SendParts;

  constructor(kind: Kind, track: number, parts: SendParts) {
    this.#kind = kind;
    this.#track = track;
    this.#parts = parts;
  }

  readonly transform = async (frame: EncodedFrame, out: TransformStreamDefaultController<EncodedFrame>): Promise<void> => {
    this.tally.seen++;
    try {
      this.#parts.gate.check(this.#kind);
      const codec = codecIn(frame, this.formats);
      replace(frame, await this.#parts.sealer.seal(new Uint8Array(frame.data), codec, this.#kind, this.#track));
      this.#parts.gate.check(this.#kind); // the user may have asked for silence meanwhile
    } catch (error) {
      this.tally.drop(error);
      return;
    }
    this.tally.pass(frame.data.byteLength);
    out.enqueue(frame);
    if (this.tally.passed === provingFrames) this.#parts.proved();
  };
}
