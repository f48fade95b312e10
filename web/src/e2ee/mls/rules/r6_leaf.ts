import { verifyKeyPackage, type KeyPackage } from 'ts-mls/keyPackage.js';
import { verifyLeafNodeSignatureKeyPackage, type LeafNode } from 'ts-mls/leafNode.js';
import { hex } from '../../policy/bytes.ts';
import { checkCredential, type Credential } from '../../policy/credential.ts';
import { PolicyError } from '../../policy/policy_error.ts';
import { ourCapabilities } from '../capabilities.ts';
import { refuse } from '../group_error.ts';
import { suiteName, type Suite } from '../suite.ts';
import { credentialOf, type View } from '../view.ts';
import type { Envelope } from './r1_envelope.ts';

/** Most leaves of a group. */
export const mostLeaves = 256;

/**
 * R6: an added leaf is signed, its identity let this very key into this room, neither the identity is in the group nor are the keys
 * (not even those of a leaf that goes in the same commit), it can do what ours can, brings no extensions, and there are at most
 * 256 leaves after the Removes. A gateway cannot be a leaf: no kind of credential says so.
 */
export async function leavesFit(before: View, { adds, removes }: Envelope, suite: Suite): Promise<void> {
  const gone = new Set(removes.map((proposal) => proposal.remove.removed));
  if (before.members.size - gone.size + adds.length > mostLeaves) refuse('R6', 'too many leaves');
  const identities = new Set<string>();
  const keys = new Set<string>();
  for (const [leaf, { credential, node }] of before.members) {
    if (!gone.has(leaf)) identities.add(hex(credential.identity));
    keys.add(hex(node.signaturePublicKey)).add(hex(node.hpkePublicKey));
  }
  for (const { add: { keyPackage } } of adds) {
    const credential = await packageFits(before.room.charter.room, keyPackage, suite);
    unique(identities, credential.identity, 'an identity twice');
    const { signaturePublicKey, hpkePublicKey } = keyPackage.leafNode;
    for (const key of [signaturePublicKey, hpkePublicKey, keyPackage.initKey]) unique(keys, key, 'a key twice');
  }
}

/** packageFits holds where a KeyPackage by itself can become a leaf in the room. Errors: GroupError, R6. */
export async function packageFits(room: string, keyPackage: KeyPackage, suite: Suite): Promise<Credential> {
  if (keyPackage.cipherSuite !== suiteName) refuse('R6', 'another suite');
  if (keyPackage.extensions.length > 0) refuse('R6', 'a KeyPackage with extensions');
  const credential = await leafFits(room, keyPackage.leafNode);
  const signed = await verifyLeafNodeSignatureKeyPackage(keyPackage.leafNode, suite.signature)
    && await verifyKeyPackage(keyPackage, suite.signature);
  if (!signed) refuse('R6', 'a KeyPackage that is not signed');
  return credential;
}

/** leafFits holds where a leaf node, in a KeyPackage or in a tree, says what leaves of the room have to. Errors: GroupError, R6. */
export async function leafFits(room: string, node: LeafNode): Promise<Credential> {
  if (!ourCapabilities(node.capabilities)) refuse('R6', 'other capabilities');
  if (node.extensions.length > 0) refuse('R6', 'a leaf with extensions');
  try {
    const credential = credentialOf(node);
    await checkCredential(credential, room, node.signaturePublicKey);
    return credential;
  } catch (cause) {
    if (cause instanceof PolicyError) refuse('R6', cause.where, cause);
    throw cause;
  }
}

function unique(seen: Set<string>, value: Uint8Array, why: string): void {
  const key = hex(value);
  if (seen.has(key)) refuse('R6', why);
  seen.add(key);
}
