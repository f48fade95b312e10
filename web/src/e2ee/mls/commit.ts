import type { Bytes } from '../policy/bytes.ts';
import type { SealedBundle } from './bundle.ts';
import type { Shape } from './rules/r3_shape.ts';
import type { Member, View } from './view.ts';

/** Applied is what a commit did. */
export interface Applied {
  readonly shape: Shape;
  /** Leaf that made it, before it. */
  readonly sender: Member;
  /** Members that it removed, as they were. */
  readonly removed: readonly Member[];
  readonly before: View;
  /** Undefined where it removed ourselves. */
  readonly after: View | undefined;
}

/** Made is a commit of ours. It does nothing until apply is given the same bytes, from the delivery service, as the winner. */
export interface Made {
  readonly commit: Bytes;
  /** For those whom it adds. */
  readonly welcome: Bytes | undefined;
  /** For the gateways, handed on only if the commit wins; none unless we are a host. */
  readonly bundles: readonly SealedBundle[];
}
