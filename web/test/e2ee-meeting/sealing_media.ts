import { strict as assert } from 'node:assert';
import { codecOf } from '../../src/e2ee/frame/codec/codec.ts';
import { Epoch, type Keys } from '../../src/e2ee/frame/epoch.ts';
import { Epochs } from '../../src/e2ee/frame/epochs.ts';
import { kinds as allKinds, mediumOf, type Kind } from '../../src/e2ee/frame/kind.ts';
import { Opener } from '../../src/e2ee/frame/opener.ts';
import { Sealer } from '../../src/e2ee/frame/sealer.ts';
import type { Clock, Media } from '../../src/e2ee/meeting/ports.ts';
import type { Bytes } from '../../src/e2ee/policy/bytes.ts';
import { Gate } from '../../src/e2ee/worker/gate.ts';

/** SealingMedia seals and opens with the product's own frames, without transforms. */
export class SealingMedia implements Media {
  readonly #gate = new Gate();
  readonly #epochs: Epochs;
  readonly #sealer: Sealer;
  readonly #opener: Opener;
  current: bigint | undefined;

  constructor(clock: Clock) {
    this.#epochs = new Epochs(() => clock.ms());
    this.#sealer = new Sealer(this.#epochs);
    this.#opener = new Opener(this.#epochs, () => undefined);
  }

  async install(keys: Keys, ask: readonly Kind[]): Promise<void> {
    const epoch = await Epoch.of(keys);
    this.#epochs.install(epoch);
    this.current = epoch.number;
    this.#gate.installed(epoch.number, new Set(epoch.grants.flatMap((grant) => grant.scope)), ask);
  }

  halt(): void {
    this.#gate.halt();
  }

  silence(kinds: readonly Kind[]): void {
    this.#gate.silence(kinds);
  }

  goOn(epoch: bigint): void {
    this.#gate.goOn(epoch);
  }

  /** Kinds that would be sent now. */
  get speaks(): readonly Kind[] {
    return allKinds.filter((kind) => {
      try {
        this.#gate.check(kind);
        return true;
      } catch {
        return false;
      }
    });
  }

  async seal(kind: Kind, frame: string): Promise<Bytes> {
    this.#gate.check(kind);
    const codec = codecOf(mediumOf(kind) === 'audio' ? 'audio/opus' : 'video/VP8');
    assert.ok(codec);
    return this.#sealer.seal(new Uint8Array(Buffer.from(frame)), codec, kind, 0);
  }

  async open(frame: Bytes): Promise<string> {
    const codec = codecOf('audio/opus');
    assert.ok(codec);
    const opened = await this.#opener.open(this.#opener.read(frame, codec, 'audio'), { kind: 'audio' });
    return Buffer.from(opened.frame).toString();
  }
}
