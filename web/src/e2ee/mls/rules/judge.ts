import type { MLSMessage } from 'ts-mls/message.js';
import type { Room } from '../../policy/room.ts';
import type { Suite } from '../suite.ts';
import type { View } from '../view.ts';
import { envelope, type Envelope } from './r1_envelope.ts';
import { pathKeepsLeaf } from './r2_path.ts';
import { shapeOf, type Shape } from './r3_shape.ts';
import { policyFollows } from './r4_policy.ts';
import { grantsFollow, nothingAttached } from './r5_grants.ts';
import { leavesFit } from './r6_leaf.ts';

/** Verdict is what a valid commit does. */
export interface Verdict {
  readonly shape: Shape;
  readonly envelope: Envelope;
  /** The policy afterwards. */
  readonly next: Room;
}

/**
 * judge says what a commit does, or refuses it. It is a function of what all members share before the commit and of the commit:
 * never of the clock, a server's word or a user's wish, or members would part. It runs before the library sees the commit, and is
 * the only thing between a commit and the library. It does not prove that the sender signed the commit: the library does, next.
 * Errors: GroupError refused, with the rule.
 */
export async function judge(before: View, message: MLSMessage, suite: Suite): Promise<Verdict> {
  const commit = envelope(before, message);
  await pathKeepsLeaf(before, commit, suite);
  const shaped = shapeOf(before, commit);
  const { shape, next } = shaped;
  if (commit.contexts.length > 0) {
    await policyFollows(before, shaped);
    await grantsFollow(before, next, commit);
  } else {
    nothingAttached(commit.authenticatedData);
    await leavesFit(before, commit, suite);
  }
  return { shape, envelope: commit, next };
}
