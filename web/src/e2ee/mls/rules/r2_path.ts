import { encodeCredential } from 'ts-mls/credential.js';
import { verifyLeafNodeSignature } from 'ts-mls/leafNode.js';
import { equal } from '../../policy/bytes.ts';
import { sameCapabilities } from '../capabilities.ts';
import { refuse } from '../group_error.ts';
import type { Suite } from '../suite.ts';
import type { View } from '../view.ts';
import type { Envelope } from './r1_envelope.ts';

/**
 * R2: a path brings new HPKE keys and nothing else: the committer's credential, signature key, capabilities and extensions stay.
 * Otherwise a guest could turn into a host, by a part of the commit that the library shows to nobody.
 */
export async function pathKeepsLeaf(before: View, { sender, path }: Envelope, suite: Suite): Promise<void> {
  if (path === undefined) return;
  const { node } = sender;
  const leaf = path.leafNode;
  if (!equal(encodeCredential(leaf.credential), encodeCredential(node.credential))) refuse('R2', 'the path changes the credential');
  if (!equal(leaf.signaturePublicKey, node.signaturePublicKey)) refuse('R2', 'the path changes the signature key');
  if (!sameCapabilities(leaf.capabilities, node.capabilities)) refuse('R2', 'the path changes the capabilities');
  if (leaf.extensions.length > 0) refuse('R2', 'the path brings extensions');
  if (equal(leaf.hpkePublicKey, node.hpkePublicKey)) refuse('R2', 'the path keeps the HPKE key');
  if (!(await verifyLeafNodeSignature(leaf, before.group, sender.leaf, suite.signature))) refuse('R2', 'the leaf of the path is not signed');
}
