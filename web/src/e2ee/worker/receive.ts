import type { Clock } from '../frame/epochs.ts';
import type { Medium } from '../frame/kind.ts';
import { sameSource, type Source } from '../frame/keyid.ts';
import type { Expected, Incoming, Opener } from '../frame/opener.ts';
import { Refusal } from '../frame/refusal.ts';
import { codecIn, replace, type Formats } from './encoded.ts';
import type { EncodedFrame } from './scope.ts';
import { Tally } from './tally.ts';

/** How long a frame waits for the keys of the coming epoch, ms, and how many do in one receiver. */
export const patience = { ms: 500, frames: 64, bytes: 1 << 23 } as const;

/** What a ReceiveTransform needs. */
export interface ReceiveParts {
  readonly medium: Medium;
  readonly opener: Opener;
  readonly now: Clock;
  /** Called when another source is opened than before. */
  readonly heard: (source: Source) => void;
  /** Called for every frame that says to be of a leaf that may be shown here, before anything of it is proved; and again, proved, when it was opened. */
  readonly seen: (leaf: number, epochByte: number, proved: boolean) => void;
}

interface Waiting {
  readonly frame: EncodedFrame;
  readonly incoming: Incoming;
  readonly since: number;
}

/** ReceiveTransform opens the frames of one receiver. What it cannot open it drops. */
export class ReceiveTransform implements Transformer<EncodedFrame, EncodedFrame> {
  readonly tally = new Tally();
  formats: Formats = {};
  /** What is shown at the moment; nothing is taken without. */
  expected: Expected | undefined;
  readonly #parts: ReceiveParts;
  #waiting: Waiting[] = [];
  #out: TransformStreamDefaultController<EncodedFrame> | undefined;
  /** What is being opened of those that waited: others come behind. */
  #draining: Promise<void> = Promise.resolve();

  constructor(parts: ReceiveParts) {
    this.#parts = parts;
  }

  readonly start = (out: TransformStreamDefaultController<EncodedFrame>): void => {
    this.#out = out;
  };

  readonly transform = async (frame: EncodedFrame): Promise<void> => {
    this.tally.seen++;
    await this.#draining;
    try {
      const incoming = this.#parts.opener.read(new Uint8Array(frame.data), codecIn(frame, this.formats), this.#parts.medium);
      this.#see(incoming);
      if (this.#parts.opener.early(incoming)) this.#wait({ frame, incoming, since: this.#parts.now() });
      else await this.#open(frame, incoming);
    } catch (error) {
      this.tally.drop(error);
    }
  };

  /** installed tells that there are keys of another epoch: opens what waited for them. */
  installed(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#draining = this.#draining.then(() => this.#drain(waiting));
    return this.#draining;
  }

  #see({ id: { source, epochByte } }: Incoming): void {
    if (source.type !== 'leaf' || this.expected === undefined) return;
    if (this.expected.source === undefined || sameSource(source, this.expected.source)) this.#parts.seen(source.leaf, epochByte, false);
  }

  async #drain(waiting: readonly Waiting[]): Promise<void> {
    const oldest = this.#parts.now() - patience.ms;
    for (const { frame, incoming, since } of waiting) {
      try {
        if (since < oldest) throw new Refusal('late');
        await this.#open(frame, incoming);
      } catch (error) {
        this.tally.drop(error);
      }
    }
  }

  #wait(late: Waiting): void {
    const oldest = this.#parts.now() - patience.ms;
    while (this.#waiting[0] !== undefined && this.#waiting[0].since < oldest) {
      this.#waiting.shift();
      this.tally.drop(new Refusal('late'));
    }
    const bytes = this.#waiting.reduce((sum, { frame }) => sum + frame.data.byteLength, late.frame.data.byteLength);
    if (this.#waiting.length >= patience.frames || bytes > patience.bytes) throw new Refusal('late');
    this.#waiting.push(late);
  }

  async #open(frame: EncodedFrame, incoming: Incoming): Promise<void> {
    const { expected } = this;
    if (expected === undefined) throw new Refusal('binding');
    const opened = await this.#parts.opener.open(incoming, expected);
    if (this.expected !== expected) throw new Refusal('binding'); // something else is shown meanwhile
    replace(frame, opened.frame);
    this.tally.pass(frame.data.byteLength);
    this.#out?.enqueue(frame);
    if (opened.source.type === 'leaf') this.#parts.seen(opened.source.leaf, incoming.id.epochByte, true);
    const before = this.tally.source;
    this.tally.source = opened.source;
    if (before === undefined || !sameSource(before, opened.source)) this.#parts.heard(opened.source);
  }
}
