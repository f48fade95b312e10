import type { ClientState } from 'ts-mls/clientState.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import type { Extension } from 'ts-mls/extension.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { equal, own, type Bytes } from '../policy/bytes.ts';
import { decodeCredential, type Credential } from '../policy/credential.ts';
import { decodeRoom, hostOf, roomExtension, type Room } from '../policy/room.ts';
import { PolicyError } from '../policy/policy_error.ts';

/** Member is one leaf and what its credential says. */
export interface Member {
  readonly leaf: number;
  readonly credential: Credential;
  readonly node: LeafNode;
}

/** View is what all members know of one epoch: everything the rules of a commit may look at, and no secret. */
export interface View {
  /** MLS group id, 16 bytes. */
  readonly group: Bytes;
  readonly epoch: bigint;
  readonly room: Room;
  /** By leaf index, ascending. */
  readonly members: ReadonlyMap<number, Member>;
  /** Confirmed transcript hash (RFC 9420, 8.2), 32 bytes; empty before the first commit. */
  readonly transcript: Bytes;
  /** Tree hash (RFC 9420, 7.8), 32 bytes. */
  readonly tree: Bytes;
}

/** viewOf is the public part of a state; what did not change since before is taken from there. Errors: PolicyError where the extension or a credential is malformed. */
export function viewOf(state: ClientState, before?: View): View {
  const { groupId, epoch, extensions, confirmedTranscriptHash, treeHash } = state.groupContext;
  return {
    group: own(groupId),
    epoch,
    room: roomOf(extensions),
    members: membersOf(state.ratchetTree, before?.members),
    transcript: own(confirmedTranscriptHash),
    tree: own(treeHash),
  };
}

/** roomOf reads the one extension that a GroupContext of ours holds. Errors: PolicyError. */
export function roomOf(extensions: readonly Extension[]): Room {
  const [only, ...others] = extensions;
  if (only?.extensionType !== roomExtension || others.length > 0) throw new PolicyError('malformed', 'group context extensions');
  return decodeRoom(only.extensionData);
}

/** membersOf reads all leaves of a tree. The library never changes a leaf in place, so the same object is the same leaf. Errors: PolicyError. */
export function membersOf(tree: RatchetTree, before?: ReadonlyMap<number, Member>): ReadonlyMap<number, Member> {
  const members = new Map<number, Member>();
  for (const [index, node] of tree.entries()) {
    if (node?.nodeType !== 'leaf') continue;
    const leaf = index / 2;
    const known = before?.get(leaf);
    members.set(leaf, known?.node === node.leaf ? known : { leaf, node: node.leaf, credential: credentialOf(node.leaf) });
  }
  return members;
}

/** credentialOf reads the credential of a leaf node. Errors: PolicyError. */
export function credentialOf(node: LeafNode): Credential {
  if (node.credential.credentialType !== 'basic') throw new PolicyError('malformed', 'credential type');
  return decodeCredential(node.credential.identity);
}

/** memberOf finds the leaf of an identity. */
export function memberOf(view: View, identity: Uint8Array): Member | undefined {
  for (const member of view.members.values()) {
    if (equal(member.credential.identity, identity)) return member;
  }
  return undefined;
}

/** hostLeaf says whether the leaf belongs to a host. */
export function hostLeaf(view: View, leaf: number): boolean {
  const member = view.members.get(leaf);
  return member !== undefined && hostOf(view.room, member.credential.identity);
}
