import { Epoch, type Keys } from '../frame/epoch.ts';
import { Epochs, type Clock } from '../frame/epochs.ts';
import type { Kind } from '../frame/kind.ts';
import { Opener, type Expected } from '../frame/opener.ts';
import { Sealer } from '../frame/sealer.ts';
import type { Media } from '../meeting/ports.ts';
import type { Formats } from './encoded.ts';
import { Gate } from './gate.ts';
import type { FromEngine, ToEngine, TrackCount } from './messages.ts';
import { ReceiveTransform } from './receive.ts';
import type { EncodedFrame, Transformer } from './scope.ts';
import { SendTransform } from './send.ts';
import { Sightings } from './sightings.ts';

/** What the page said of a transform, which may not be there yet. */
interface Said {
  formats: Formats;
  expected: Expected | undefined;
}

/**
 * MediaEngine is the media side of one group: every transform, every counter, every replay window. It is never made again for the
 * same leaf, as counters would begin anew; a new leaf of the group may have it, as that comes with an epoch of its own.
 */
export class MediaEngine implements Media {
  readonly #post: (message: FromEngine) => void;
  readonly #now: Clock;
  readonly #epochs: Epochs;
  readonly #sealer: Sealer;
  readonly #opener: Opener;
  readonly #gate = new Gate();
  readonly #senders = new Map<string, SendTransform>();
  readonly #receivers = new Map<string, ReceiveTransform>();
  readonly #said = new Map<string, Said>();
  /** When a leaf last went to somebody else, or to nobody. */
  readonly #vacated = new Map<number, bigint>();
  readonly #sightings: Sightings;
  #installing: Promise<void> = Promise.resolve();

  constructor(post: (message: FromEngine) => void, now: Clock) {
    this.#post = post;
    this.#now = now;
    this.#sightings = new Sightings(now);
    this.#epochs = new Epochs(now);
    this.#sealer = new Sealer(this.#epochs);
    this.#opener = new Opener(this.#epochs, (n) => this.#post({ type: 'overstepped', n }));
  }

  /**
   * install seals under these keys from now on and opens what waited for them. Of the kinds in ask nothing is sealed until the
   * user goes on: those that this epoch newly grants, where the user was not asked before.
   * Errors: KeysError; then nothing has changed.
   */
  install(keys: Keys, ask: readonly Kind[]): Promise<void> {
    const done = this.#installing.then(() => this.#install(keys, ask));
    this.#installing = done.catch(() => undefined); // the caller hears of it
    return done;
  }

  /** halt seals nothing more until other keys are installed: the group cannot be followed. */
  halt(): void {
    this.#gate.halt();
  }

  /** silence holds these kinds back, and no others, until it is called again. */
  silence(kinds: readonly Kind[]): void {
    this.#gate.silence(kinds);
  }

  /** goOn is the user's word, who was told who was let in up to that epoch. */
  goOn(epoch: bigint): void {
    this.#gate.goOn(epoch);
  }

  /** attach takes a transformer over. One with an id that is known takes the place of the other. */
  attach(transformer: Transformer): void {
    const { options } = transformer;
    if (options.side === 'send') {
      const { id, kind, track } = options;
      const proved = () => this.#post({ type: 'proved', id });
      const sender = new SendTransform(kind, track, { sealer: this.#sealer, gate: this.#gate, proved });
      sender.formats = this.#of(id).formats;
      run(transformer, sender, id, this.#senders);
      return;
    }
    const { id, medium } = options;
    const receiver = new ReceiveTransform({
      medium,
      opener: this.#opener,
      now: this.#now,
      heard: (source) => this.#post({ type: 'source', id, source }),
      seen: (leaf, epochByte, proved) => this.#see(leaf, epochByte, proved),
    });
    Object.assign(receiver, this.#of(id));
    run(transformer, receiver, id, this.#receivers);
  }

  /** handle does what the page says. */
  handle(message: ToEngine): void {
    switch (message.type) {
      case 'expect':
        this.#expect(message.id, this.#stale(message.expected, message.epoch) ? undefined : message.expected);
        break;
      case 'formats': {
        const { id, mimeTypes } = message;
        this.#of(id).formats = mimeTypes;
        for (const transform of [this.#senders.get(id), this.#receivers.get(id)]) if (transform !== undefined) transform.formats = mimeTypes;
        break;
      }
      case 'forget':
        for (const id of message.ids) for (const all of [this.#said, this.#senders, this.#receivers]) all.delete(id);
        break;
      case 'count':
        this.#count(message.request);
        break;
    }
  }

  async #install(keys: Keys, ask: readonly Kind[]): Promise<void> {
    const before = this.#epochs.current;
    const epoch = await Epoch.of(keys);
    this.#epochs.install(epoch);
    this.#gate.installed(epoch.number, new Set(epoch.grants.flatMap((grant) => grant.scope)), ask);
    for (const leaf of [...epoch.removed, ...(before?.roster ?? [])]) {
      if (epoch.removed.includes(leaf) || !epoch.roster.has(leaf)) this.#vacated.set(leaf, epoch.number);
    }
    // A tile that shows somebody who is gone must not show who comes after on the same leaf.
    for (const [id, said] of this.#said) if (this.#stale(said.expected, before?.number ?? 0n)) this.#expect(id, undefined);
    await Promise.all([...this.#receivers.values()].map((receiver) => receiver.installed()));
  }

  /** stale tells that the leaf that is meant went to somebody else after that epoch. */
  #stale(expected: Expected | undefined, epoch: bigint): boolean {
    return expected?.source?.type === 'leaf' && (this.#vacated.get(expected.source.leaf) ?? -1n) > epoch;
  }

  #see(leaf: number, epochByte: number, proved: boolean): void {
    const epoch = this.#epochs.current;
    if (epoch === undefined || leaf === epoch.leaf || !epoch.roster.has(leaf)) return;
    if (this.#sightings.worth(leaf, epochByte, epoch.byte, proved)) this.#post({ type: 'seen', leaf, epochByte, proved });
  }

  #expect(id: string, expected: Expected | undefined): void {
    this.#of(id).expected = expected;
    const receiver = this.#receivers.get(id);
    if (receiver !== undefined) receiver.expected = expected;
  }

  #of(id: string): Said {
    let said = this.#said.get(id);
    if (said === undefined) {
      said = { formats: {}, expected: undefined };
      this.#said.set(id, said);
    }
    return said;
  }

  #count(request: number): void {
    const tracks: TrackCount[] = [];
    for (const [id, sender] of this.#senders) tracks.push(sender.tally.report(id, 'send'));
    for (const [id, receiver] of this.#receivers) tracks.push(receiver.tally.report(id, 'receive'));
    const epoch = this.#epochs.current?.number;
    this.#post({ type: 'counted', request, epoch, retained: this.#epochs.retained, asking: this.#gate.asking, tracks });
  }
}

/** run pipes frames through until the sender or receiver is gone. */
function run<T extends SendTransform | ReceiveTransform>(transformer: Transformer, transform: T, id: string, all: Map<string, T>): void {
  all.set(id, transform);
  const gone = () => {
    if (all.get(id) === transform) all.delete(id);
  };
  transformer.readable.pipeThrough(new TransformStream<EncodedFrame, EncodedFrame>(transform)).pipeTo(transformer.writable).then(gone, gone);
}
