// The frame engine on a bench: streams in place of a browser's.
import { strict as assert } from 'node:assert';
import type { Bytes } from '../../src/e2ee/frame/bytes.ts';
import type { Source } from '../../src/e2ee/frame/keyid.ts';
import type { Kind } from '../../src/e2ee/frame/kind.ts';
import type { RefusalReason } from '../../src/e2ee/frame/refusal.ts';
import { MediaEngine } from '../../src/e2ee/worker/engine.ts';
import type { Counted, FromEngine, TrackCount, TransformOptions } from '../../src/e2ee/worker/messages.ts';
import type { EncodedFrame } from '../../src/e2ee/worker/scope.ts';
import { keys, run } from './keys.ts';

export const sound = run(40, 1);

/** frame is what an encoder or a depacketizer makes. */
export function frame(data: Bytes, mimeType: string | null = 'audio/opus', payloadType = 111): EncodedFrame {
  return { data: data.slice().buffer, getMetadata: () => (mimeType === null ? { payloadType } : { mimeType, payloadType }) };
}

/** Pipe is one transform: frames go in, those that come out are kept. */
export class Pipe {
  readonly out: Bytes[] = [];
  readonly #writer: WritableStreamDefaultWriter<EncodedFrame>;

  constructor(engine: MediaEngine, options: TransformOptions) {
    const source = new TransformStream<EncodedFrame, EncodedFrame>();
    this.#writer = source.writable.getWriter();
    const writable = new WritableStream<EncodedFrame>({ write: (f) => void this.out.push(new Uint8Array(f.data)) });
    engine.attach({ options, readable: source.readable, writable });
  }

  /** put sends one frame through; it was dealt with when the next is taken. */
  async put(f: EncodedFrame): Promise<void> {
    await this.#writer.write(f);
    await settled();
  }

  async end(): Promise<void> {
    await this.#writer.close();
    await settled();
  }
}

/** underWay counts the calls of WebCrypto that have not come back: they run in threads, and may take as long as they like. */
let underWay = 0;
for (const name of ['importKey', 'deriveKey', 'deriveBits', 'encrypt', 'decrypt', 'sign', 'verify', 'digest']) {
  const call = Reflect.get(crypto.subtle, name) as (...args: unknown[]) => Promise<unknown>;
  Reflect.set(SubtleCrypto.prototype, name, async function counted(this: SubtleCrypto, ...args: unknown[]): Promise<unknown> {
    underWay++;
    try {
      return await call.apply(this, args);
    } finally {
      underWay--;
    }
  });
}

/** settled waits until what is under way in WebCrypto and streams has come through. */
async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet = underWay === 0 ? quiet + 1 : 0) await new Promise((resolve) => setImmediate(resolve));
}

export class Bench {
  now = 0;
  readonly said: FromEngine[] = [];
  /** Leaves and epoch bytes. */
  readonly seen: [leaf: number, epochByte: number, proved: boolean][] = [];
  readonly engine = new MediaEngine((message) => {
    if (message.type === 'seen') this.seen.push([message.leaf, message.epochByte, message.proved]);
    else this.said.push(message);
  }, () => this.now);

  send(kind: Kind = 'audio', track = 0, id = `send ${kind}`): Pipe {
    return new Pipe(this.engine, { side: 'send', generation: 1, id, kind, track });
  }

  receive(kind: Kind = 'audio', source?: Source): Pipe {
    this.engine.handle({ type: 'expect', id: 'receive', epoch: 257n, expected: { kind, source } });
    return new Pipe(this.engine, { side: 'receive', generation: 1, id: 'receive', medium: kind === 'audio' ? 'audio' : 'video' });
  }

  counted(): Counted {
    this.engine.handle({ type: 'count', request: 7 });
    const last = this.said.at(-1);
    assert.ok(last?.type === 'counted' && last.request === 7);
    return last;
  }

  count(id: string): TrackCount {
    const found = this.counted().tracks.find((track) => track.id === id);
    assert.ok(found, id);
    return found;
  }

  dropped(id: string): Partial<Record<RefusalReason, number>> {
    return this.count(id).dropped;
  }
}

/** sealed makes n frames of Anna, leaf 2. */
export async function sealed(n: number, change: Parameters<typeof keys>[0] = {}, mimeType = 'audio/opus', kind: Kind = 'audio'): Promise<Bytes[]> {
  const anna = new Bench();
  await anna.engine.install(keys({ leaf: 2, ...change }), []);
  const pipe = anna.send(kind);
  for (let i = 0; i < n; i++) await pipe.put(frame(mimeType === 'audio/opus' ? sound : Uint8Array.of(0x31, ...sound), mimeType));
  assert.equal(pipe.out.length, n);
  return pipe.out;
}
