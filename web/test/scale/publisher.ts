import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Keys } from '../../src/e2ee/frame/epoch.ts';
import type { OfferTrack } from '../../src/protocol/messages.ts';

/** Offered is a member's offer to the gateway. */
export interface Offered {
  readonly who: string;
  readonly sdp: string;
  readonly tracks: readonly OfferTrack[];
}

/** Sent is how many frames all members sent. */
export interface Sent {
  readonly audio: number;
  readonly video: number;
}

interface Line {
  readonly offer?: Offered;
  readonly count?: Sent;
}

/** Publisher is the Go program in test/scale/publisher: what members without a browser show and say, sealed with their keys. */
export class Publisher {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: ((line: Line) => void)[] = [];

  constructor(program: string) {
    this.#process = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#answers.shift()?.(JSON.parse(line) as Line));
    this.#process.once('exit', (code) => {
      if (this.#answers.length > 0) throw new Error(`the publisher ended with ${code ?? 'a signal'}`);
    });
  }

  /** turn gives the keys that a member seals with from now on. */
  turn(who: string, { epoch, leaf, media }: Keys): void {
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    this.#say({ keys: { who, epoch: Number(epoch), leaf, audio: text(media.audio), video: text(media.video) } });
  }

  /** publish makes the offer of a member with a camera, and with a microphone where it has a tone, Hz. */
  async publish(who: string, tone: number): Promise<Offered> {
    const { offer } = await this.#ask({ publish: { who, tone } });
    if (offer === undefined) throw new Error('the publisher made no offer');
    return offer;
  }

  /** answered begins to send. */
  answered(who: string, sdp: string): void {
    this.#say({ answer: { who, sdp } });
  }

  async sent(): Promise<Sent> {
    const { count } = await this.#ask({ count: true });
    if (count === undefined) throw new Error('the publisher did not count');
    return count;
  }

  close(): void {
    this.#process.stdin.end();
  }

  #ask(order: object): Promise<Line> {
    return new Promise((resolve) => {
      this.#answers.push(resolve);
      this.#say(order);
    });
  }

  #say(order: object): void {
    this.#process.stdin.write(`${JSON.stringify(order)}\n`);
  }
}
