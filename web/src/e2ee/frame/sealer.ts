import { join, type Bytes } from './bytes.ts';
import type { Codec, Piece } from './codec/codec.ts';
import type { Epoch } from './epoch.ts';
import type { Epochs } from './epochs.ts';
import { encodeHeader, type Header } from './header.ts';
import { encodeKeyID, type Source } from './keyid.ts';
import { mediumOf, type Kind } from './kind.ts';
import { maxFrameBytes, maxPieces } from './limits.ts';
import { Refusal } from './refusal.ts';
import type { SFrameKey } from './sframe.ts';
import type { SealedUnit } from './unit.ts';

/** Sealer seals what this browser sends. All its transforms share one, and with it the counters of the epochs. */
export class Sealer {
  readonly #epochs: Epochs;

  constructor(epochs: Epochs) {
    this.#epochs = epochs;
  }

  /**
   * seal takes an encoder's frame and gives what is sent in its place, always under the current epoch.
   * Owner: the frame is not changed and not kept. Errors: Refusal; the frame is then dropped.
   */
  async seal(frame: Bytes, codec: Codec, kind: Kind, track: number): Promise<Bytes> {
    const epoch = this.#epochs.current;
    if (epoch === undefined) throw new Refusal('noKey');
    if (codec.medium !== mediumOf(kind)) throw new Refusal('codec');
    if (frame.length > maxFrameBytes) throw new Refusal('malformed');
    const pieces = codec.split(frame);
    if (pieces.length > maxPieces) throw new Refusal('malformed');
    // Up to here nothing was awaited: these counters are of this frame alone.
    const count = pieces.reduce((n, piece) => n + (piece.inner === undefined ? 0 : 1), 0);
    let counter = epoch.counter(kind, track).take(count);
    const source: Source = { type: 'leaf', leaf: epoch.leaf, track };
    const kid = BigInt(encodeKeyID(epoch.id(source)));
    const numbered = pieces.map((piece) => ({ ...piece, header: encodeHeader(kid, BigInt(piece.inner === undefined ? 0 : counter++)) }));
    const key = await epoch.key(kind, source);
    if (key === undefined) throw new Refusal('noKey');
    epoch.keep(kind, source, key);
    const sealed = numbered.map(async ({ clear, inner, header }): Promise<Piece<SealedUnit>> =>
      inner === undefined ? { clear } : { clear, inner: { header, body: await body(epoch, key, kind, header, clear, inner) } });
    return codec.pack(await Promise.all(sealed));
  }
}

/** body is the ciphertext and, where due, the sender tag over it. */
async function body(epoch: Epoch, key: SFrameKey, kind: Kind, header: Header, clear: Bytes, plain: Bytes): Promise<Bytes> {
  const ciphertext = await key.seal(header, clear, plain);
  if (!epoch.tagged(kind)) return ciphertext;
  return join([ciphertext, await epoch.tag.make(kind, header, clear, ciphertext)]);
}
