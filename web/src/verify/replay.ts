// The public side of a room's MLS group, followed as somebody who is no member can. Go's is e2ee/replay.
import { verifyFramedContentSignature } from 'ts-mls/framedContent.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { verifyGroupInfoSignature } from 'ts-mls/groupInfo.js';
import { addLeafNode, removeLeafNode, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { createConfirmedHash, createInterimHash } from 'ts-mls/transcriptHash.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { toLeafIndex } from 'ts-mls/treemath.js';
import { applyUpdatePath } from 'ts-mls/updatePath.js';
import { GroupError, type Rule } from '../e2ee/mls/group_error.ts';
import { judge } from '../e2ee/mls/rules/judge.ts';
import type { Shape } from '../e2ee/mls/rules/r3_shape.ts';
import { packageFits } from '../e2ee/mls/rules/r6_leaf.ts';
import type { Suite } from '../e2ee/mls/suite.ts';
import { membersOf, roomOf, type Member, type View } from '../e2ee/mls/view.ts';
import { decodeMessage, limits } from '../e2ee/mls/wire.ts';
import { equal, own } from '../e2ee/policy/bytes.ts';
import { checkRoom } from '../e2ee/policy/room.ts';

/** State is the public side of the group in one epoch. */
export interface State {
  readonly view: View;
  readonly tree: RatchetTree;
  readonly context: GroupContext;
  /** Interim transcript hash (RFC 9420, 8.2). */
  readonly interim: Uint8Array;
}

/** Step is what a commit did. */
export interface Step {
  readonly shape: Shape;
  readonly sender: Member;
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
}

/** Why no member would have taken a commit: a rule that it breaks, a signature, a path that does not fit the tree. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';

  constructor(readonly why: Rule | 'signature' | 'tree', cause?: unknown) {
    super(why, { cause });
  }
}

/** found begins a group of one leaf, from its KeyPackage and the GroupInfo of the first epoch. It throws where that does not hold. */
export async function found(keyPackage: Uint8Array, groupInfo: Uint8Array, suite: Suite): Promise<State> {
  const leaf = decodeMessage(keyPackage, limits.keyPackage);
  const info = decodeMessage(groupInfo, limits.welcome);
  if (leaf.wireformat !== 'mls_key_package' || info.wireformat !== 'mls_group_info') throw new ReplayError('R1');
  const node = leaf.keyPackage.leafNode;
  const { groupContext: context, confirmationTag, signer } = info.groupInfo;
  const tree: RatchetTree = [{ nodeType: 'leaf', leaf: node }];
  const room = roomOf(context.extensions);
  const { identity } = await packageFits(room.charter.room, leaf.keyPackage, suite);
  await checkRoom(room);
  const hash = await treeHashRoot(tree, suite.hash);
  const holds = context.epoch === 0n && context.confirmedTranscriptHash.length === 0 && signer === 0 && context.cipherSuite === suite.name
    && equal(room.charter.group, context.groupId) && equal(room.charter.by, identity) && equal(hash, context.treeHash)
    && (await verifyGroupInfoSignature(info.groupInfo, node.signaturePublicKey, suite.signature));
  if (!holds) throw new ReplayError('tree');
  const interim = await createInterimHash(new Uint8Array(), confirmationTag, suite.hash);
  const view: View = {
    group: own(context.groupId), epoch: 0n, room, members: membersOf(tree), transcript: new Uint8Array(), tree: own(hash),
  };
  return { view, tree, context, interim };
}

/** apply gives the state that a commit makes. Errors: ReplayError. */
export async function apply(state: State, bytes: Uint8Array, suite: Suite): Promise<{ readonly next: State; readonly step: Step }> {
  const { view, context } = state;
  const { message, verdict } = await judged(view, bytes, suite);
  const { content, auth } = message;
  if (content.contentType !== 'commit' || auth.contentType !== 'commit') throw new ReplayError('R1');
  const { envelope: { sender, adds, removes, contexts, path }, shape, next: room } = verdict;
  const key = sender.node.signaturePublicKey;
  if (!(await verifyFramedContentSignature(key, 'mls_public_message', content, auth, context, suite.signature))) throw new ReplayError('signature');
  let tree = state.tree;
  for (const { remove } of removes) tree = removeLeafNode(tree, toLeafIndex(remove.removed));
  const places: number[] = [];
  for (const { add } of adds) {
    const [more, place] = addLeafNode(tree, add.keyPackage.leafNode);
    tree = more;
    places.push(place / 2);
  }
  if (path !== undefined) tree = await merged(tree, sender.leaf, path, suite);
  const transcript = own(await createConfirmedHash(
    state.interim, { wireformat: 'mls_public_message', content, signature: auth.signature }, suite.hash,
  ));
  const interim = await createInterimHash(transcript, auth.confirmationTag, suite.hash);
  const hash = own(await treeHashRoot(tree, suite.hash));
  const members = membersOf(tree, view.members);
  const extensions = contexts[0]?.groupContextExtensions.extensions ?? context.extensions;
  const epoch = view.epoch + 1n;
  const next: State = {
    view: { group: view.group, epoch, room, members, transcript, tree: hash },
    tree, interim, context: { ...context, epoch, extensions, treeHash: hash, confirmedTranscriptHash: transcript },
  };
  const removed = removes.flatMap((p) => view.members.get(p.remove.removed) ?? []);
  return { next, step: { shape, sender, removed, added: places.flatMap((place) => members.get(place) ?? []) } };
}

async function judged(view: View, bytes: Uint8Array, suite: Suite) {
  try {
    const message = decodeMessage(bytes, limits.commit);
    const verdict = await judge(view, message, suite);
    if (message.wireformat !== 'mls_public_message') throw new ReplayError('R1');
    return { message: message.publicMessage, verdict };
  } catch (cause) {
    throw new ReplayError(cause instanceof GroupError ? cause.rule ?? 'R1' : 'R1', cause);
  }
}

async function merged(tree: RatchetTree, leaf: number, path: Parameters<typeof applyUpdatePath>[2], suite: Suite): Promise<RatchetTree> {
  try {
    return await applyUpdatePath(tree, toLeafIndex(leaf), path, suite.hash);
  } catch (cause) {
    throw new ReplayError('tree', cause);
  }
}
