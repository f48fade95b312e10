import type { Bytes } from './bytes.ts';
import type { Codec, Piece } from './codec/codec.ts';
import { counterEnd } from './counter.ts';
import type { Epoch } from './epoch.ts';
import type { Epochs } from './epochs.ts';
import { decodeKeyID, sameSource, type KeyID, type Source } from './keyid.ts';
import { mediumOf, type Kind, type Medium } from './kind.ts';
import { maxFrameBytes, maxPieces } from './limits.ts';
import { Refusal } from './refusal.ts';
import { authenticationBytes, type SFrameKey } from './sframe.ts';
import { tagBytes } from './tag.ts';
import type { SealedUnit } from './unit.ts';
import { replayDepth } from './window.ts';

/** Expected is what a receiver shows at the moment: never taken from the packets, which the server writes. */
export interface Expected {
  readonly kind: Kind;
  /** The one source that is taken. Sound is taken from anybody where it is not given; pictures are then not taken at all. */
  readonly source?: Source | undefined;
}

/** Incoming is a sealed frame that was taken apart; nothing of it is proved yet. */
export interface Incoming {
  readonly codec: Codec;
  readonly id: KeyID;
  readonly pieces: readonly Piece<SealedUnit>[];
}

/** Opened is a frame for the decoder, and who made it. */
export interface Opened {
  readonly frame: Bytes;
  readonly source: Source;
}

/** Opener opens what this browser receives. All its receivers share one, and with it the replay windows of the epochs. */
export class Opener {
  readonly #epochs: Epochs;
  readonly #overstepped: (n: number) => void;

  /** overstepped is told the number of a grant whose telephone system provably sent what it was not granted. */
  constructor(epochs: Epochs, overstepped: (n: number) => void) {
    this.#epochs = epochs;
    this.#overstepped = overstepped;
  }

  /** read takes a frame of that medium apart. Owner: the result holds views of frame. Errors: Refusal. */
  read(frame: Bytes, codec: Codec, medium: Medium): Incoming {
    if (codec.medium !== medium) throw new Refusal('codec');
    if (frame.length > maxFrameBytes) throw new Refusal('malformed');
    const pieces = codec.unpack(frame);
    const first = pieces.find((piece) => piece.inner !== undefined)?.inner;
    if (first === undefined || pieces.length > maxPieces) throw new Refusal('malformed');
    for (const { inner } of pieces) {
      if (inner === undefined) continue;
      if (inner.header.counter >= BigInt(counterEnd)) throw new Refusal('malformed');
      // One frame has one sender.
      if (inner.header.kid !== first.header.kid) throw new Refusal('binding');
    }
    return { codec, id: decodeKeyID(first.header.kid), pieces };
  }

  /** early tells that the keys of a frame may be here in a moment: it is worth waiting. */
  early(incoming: Incoming): boolean {
    return this.#epochs.coming(incoming.id.epochByte);
  }

  /** open proves and opens a frame. Errors: Refusal. */
  async open(incoming: Incoming, expected: Expected): Promise<Opened> {
    const { codec, id } = incoming;
    if (codec.medium !== mediumOf(expected.kind)) throw new Refusal('binding');
    const epoch = this.#epochs.find(id.epochByte);
    if (epoch === undefined) throw new Refusal('epoch');
    this.#admit(epoch, id.source);
    if (!granted(epoch, id.source, expected.kind)) {
      await this.#overstep(epoch, incoming, expected.kind);
      throw new Refusal('grant');
    }
    bound(id.source, expected);
    const pieces = await this.#pieces(epoch, incoming, expected.kind);
    // Meanwhile the sender may have been shut out.
    this.#admit(epoch, id.source);
    this.#once(epoch, incoming, expected.kind);
    return { frame: codec.merge(pieces), source: id.source };
  }

  #admit(epoch: Epoch, source: Source): void {
    if (!this.#epochs.admits(epoch, source)) throw new Refusal(source.type === 'leaf' ? 'roster' : 'grant');
    if (source.type === 'leaf' && source.leaf === epoch.leaf) throw new Refusal('reflection');
  }

  async #pieces(epoch: Epoch, incoming: Incoming, kind: Kind): Promise<readonly Piece<Bytes>[]> {
    const { source } = incoming.id;
    const depth = replayDepth[mediumOf(kind)];
    const known = epoch.knownWindow(kind, source);
    for (const { inner } of incoming.pieces) {
      if (inner !== undefined && known?.fresh(Number(inner.header.counter), depth) === false) throw new Refusal('replay');
    }
    const key = await epoch.key(kind, source);
    if (key === undefined) throw new Refusal('noKey');
    const opened: Piece<Bytes>[] = [];
    // One after the other: of a forged frame only the first unit costs anything.
    for (const { clear, inner } of incoming.pieces) {
      opened.push(inner === undefined ? { clear } : { clear, inner: await openUnit(epoch, key, kind, source, clear, inner) });
    }
    epoch.keep(kind, source, key);
    return opened;
  }

  /** once takes every counter of an authenticated frame, or refuses it; nothing is awaited in between. */
  #once(epoch: Epoch, incoming: Incoming, kind: Kind): void {
    const window = epoch.window(kind, incoming.id.source);
    const depth = replayDepth[mediumOf(kind)];
    for (const { inner } of incoming.pieces) {
      if (inner !== undefined && !window.accept(Number(inner.header.counter), depth)) throw new Refusal('replay');
    }
  }

  async #overstep(epoch: Epoch, incoming: Incoming, kind: Kind): Promise<void> {
    const grant = incoming.id.source.type === 'grantee' ? epoch.grant(incoming.id.source.n) : undefined;
    const unit = incoming.pieces.find((piece) => piece.inner !== undefined);
    if (grant === undefined || unit?.inner === undefined) return;
    const key = await epoch.key(kind, incoming.id.source);
    if (key === undefined) return;
    try {
      await key.open(unit.inner.header, unit.clear, unit.inner.body);
    } catch (error) {
      if (error instanceof Refusal) return;
      throw error;
    }
    this.#overstepped(grant.n);
  }
}

/** granted tells whether a telephone system may send that kind on that line; members need no grant. */
function granted(epoch: Epoch, source: Source, kind: Kind): boolean {
  if (source.type === 'leaf') return true;
  const grant = epoch.grant(source.n);
  return grant !== undefined && grant.legs.includes(source.leg) && grant.speak.includes(kind);
}

function bound(source: Source, expected: Expected): void {
  if (expected.source === undefined ? mediumOf(expected.kind) === 'video' : !sameSource(source, expected.source)) {
    throw new Refusal('binding');
  }
}

async function openUnit(epoch: Epoch, key: SFrameKey, kind: Kind, source: Source, clear: Bytes, unit: SealedUnit): Promise<Bytes> {
  const { header, body } = unit;
  const tagged = source.type === 'leaf' && epoch.tagged(kind);
  const ciphertext = body.subarray(0, Math.max(0, body.length - (tagged ? tagBytes : 0)));
  // Nothing is sealed empty.
  if (ciphertext.length <= authenticationBytes) throw new Refusal('malformed');
  if (tagged && !(await epoch.tag.matches(body.subarray(ciphertext.length), kind, header, clear, ciphertext))) throw new Refusal('tag');
  return key.open(header, clear, ciphertext);
}
