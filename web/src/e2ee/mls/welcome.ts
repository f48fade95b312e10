// Opening a Welcome (RFC 9420, 12.4.3.1), out of the library's parts. Its own joinGroup hides who signed the GroupInfo, and refuses
// good trees: it wants all nodes above an unmerged leaf to have equal lists, so that nobody could join a meeting any more after two
// members of different halves had been replaced.
import type { ClientState } from 'ts-mls/clientState.js';
import { ratchetTreeFromExtension, verifyGroupInfoConfirmationTag, verifyGroupInfoSignature, type GroupInfo } from 'ts-mls/groupInfo.js';
import type { GroupSecrets } from 'ts-mls/groupSecrets.js';
import type { PrivateKeyPackage } from 'ts-mls/keyPackage.js';
import { deriveKeySchedule } from 'ts-mls/keySchedule.js';
import { pathToRoot } from 'ts-mls/pathSecrets.js';
import { mergePrivateKeyPaths, toPrivateKeyPath, type PrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import { findLeafIndex, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { createSecretTree } from 'ts-mls/secretTree.js';
import { leafToNodeIndex, leafWidth, toLeafIndex, type LeafIndex } from 'ts-mls/treemath.js';
import { firstCommonAncestor } from 'ts-mls/updatePath.js';
import { decryptGroupInfo, decryptGroupSecrets } from 'ts-mls/welcome.js';
import { clientConfig } from './capabilities.ts';
import { GroupError } from './group_error.ts';
import type { JoinKey } from './join_key.ts';
import type { Suite } from './suite.ts';
import { checkTree } from './tree.ts';
import { decodeMessage, limits } from './wire.ts';

/** What a Welcome held. It is a group that holds together; whether it is the right one is for checkJoin. */
export interface Opened {
  readonly state: ClientState;
  /** Leaf that signed the GroupInfo. */
  readonly signer: number;
}

/**
 * openWelcome takes the one Welcome for key. A Welcome that is not for this KeyPackage leaves the key as it is; any other spends
 * it, whatever comes of it. Errors: GroupError.
 */
export async function openWelcome(bytes: Uint8Array, key: JoinKey, suite: Suite): Promise<Opened> {
  const message = decodeMessage(bytes, limits.welcome);
  if (message.wireformat !== 'mls_welcome') throw new GroupError('malformed', 'not a Welcome');
  // Nothing signs this field, and the library does not look at it.
  if (message.welcome.cipherSuite !== suite.name) throw new GroupError('refused', 'another suite');
  const { publicPackage, privatePackage } = key.packages;
  const initKey = await suite.hpke.importPrivateKey(privatePackage.initPrivateKey);
  const secrets = await attempt('the Welcome is for somebody else', () => decryptGroupSecrets(initKey, key.ref, message.welcome, suite.hpke));
  key.spend();
  if (secrets.psks.length > 0) throw new GroupError('refused', 'a Welcome with a PSK');
  const none = new Uint8Array(suite.kdf.size);
  const info = await attempt('the GroupInfo does not open', () => decryptGroupInfo(message.welcome, secrets.joinerSecret, none, suite));
  const tree = await verifiedTree(info, suite);
  const leaf = findLeafIndex(tree, publicPackage.leafNode);
  if (leaf === undefined) throw new GroupError('invalid', 'our leaf is not in the tree');
  if (!(await verifyGroupInfoConfirmationTag(info, secrets.joinerSecret, none, suite))) throw new GroupError('invalid', 'confirmation tag');
  const state = await attempt('the secrets do not fit the tree', () => stateOf(info, secrets, tree, leaf, privatePackage, suite));
  return { state, signer: info.signer };
}

/** verifiedTree is the tree in the GroupInfo, once both hold: nothing else may be in the GroupInfo (no external_pub above all). */
async function verifiedTree(info: GroupInfo, suite: Suite): Promise<RatchetTree> {
  if (info.extensions.length !== 1) throw new GroupError('refused', 'GroupInfo with other extensions than the tree');
  const { groupContext } = info;
  if (groupContext.cipherSuite !== suite.name) throw new GroupError('refused', 'another suite');
  const tree = await attempt('no tree in the GroupInfo', () => Promise.resolve(ratchetTreeFromExtension(info)));
  await attempt('the tree does not hold', () => checkTree(tree, groupContext, suite));
  const signer = tree[leafToNodeIndex(toLeafIndex(info.signer))];
  if (signer?.nodeType !== 'leaf') throw new GroupError('invalid', 'signed by a blank leaf');
  if (!(await verifyGroupInfoSignature(info, signer.leaf.signaturePublicKey, suite.signature))) throw new GroupError('unsigned', 'GroupInfo');
  return tree;
}

async function stateOf(
  info: GroupInfo, secrets: GroupSecrets, tree: RatchetTree, leaf: LeafIndex, keys: PrivateKeyPackage, suite: Suite,
): Promise<ClientState> {
  const { hpkePrivateKey, signaturePrivateKey } = keys;
  const own: PrivateKeyPath = { leafIndex: leaf, privateKeys: { [leafToNodeIndex(leaf)]: hpkePrivateKey } };
  const [keySchedule, encryptionSecret] = await deriveKeySchedule(
    secrets.joinerSecret, new Uint8Array(suite.kdf.size), info.groupContext, suite.kdf,
  );
  const secretTree = await createSecretTree(leafWidth(tree.length), encryptionSecret, suite.kdf);
  encryptionSecret.fill(0);
  secrets.joinerSecret.fill(0);
  return {
    groupContext: info.groupContext,
    ratchetTree: tree,
    privatePath: secrets.pathSecret === undefined ? own : await withPath(own, secrets.pathSecret, info.signer, tree, suite),
    signaturePrivateKey,
    confirmationTag: info.confirmationTag,
    unappliedProposals: {},
    keySchedule,
    secretTree,
    historicalReceiverData: new Map(),
    groupActiveState: { kind: 'active' },
    clientConfig,
  };
}

/** withPath adds the keys from the lowest node that we share with the committer up to the root. */
async function withPath(own: PrivateKeyPath, pathSecret: Uint8Array, signer: number, tree: RatchetTree, suite: Suite): Promise<PrivateKeyPath> {
  const ancestor = firstCommonAncestor(tree, toLeafIndex(own.leafIndex), toLeafIndex(signer));
  const secrets = await pathToRoot(tree, ancestor, pathSecret, suite.kdf);
  return mergePrivateKeyPaths(await toPrivateKeyPath(secrets, own.leafIndex, suite), own);
}

/** attempt runs a part of the library: whatever it throws at strange input means that the Welcome is of no use. */
async function attempt<T>(why: string, run: () => Promise<T | undefined>): Promise<T> {
  let result: T | undefined;
  try {
    result = await run();
  } catch (cause) {
    if (cause instanceof GroupError) throw cause;
    throw new GroupError('invalid', why, { cause });
  }
  if (result === undefined) throw new GroupError('invalid', why);
  return result;
}
