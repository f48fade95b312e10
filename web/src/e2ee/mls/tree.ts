import type { GroupContext } from 'ts-mls/groupContext.js';
import { verifyLeafNodeSignature } from 'ts-mls/leafNode.js';
import { verifyParentHashes } from 'ts-mls/parentHash.js';
import type { ParentNode } from 'ts-mls/parentNode.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex } from 'ts-mls/treemath.js';
import { equal, hex } from '../policy/bytes.ts';
import { GroupError } from './group_error.ts';
import { mostLeaves } from './rules/r6_leaf.ts';
import type { Suite } from './suite.ts';

/** checkTree holds where a ratchet tree in a GroupInfo is whole (RFC 9420, 12.4.3.1). It gives true. Errors: GroupError, and what the library throws. */
export async function checkTree(tree: RatchetTree, context: GroupContext, suite: Suite): Promise<true> {
  if (tree.length > 2 * mostLeaves - 1) throw new GroupError('refused', 'too many leaves');
  checkNodes(tree);
  for (const [index, node] of tree.entries()) {
    if (node?.nodeType === 'parent') checkUnmerged(tree, index, node.parent);
    if (node?.nodeType !== 'leaf') continue;
    if (node.leaf.leafNodeSource === 'update') throw new GroupError('refused', 'a leaf from an Update');
    const signed = await verifyLeafNodeSignature(node.leaf, context.groupId, index / 2, suite.signature);
    if (!signed) throw new GroupError('unsigned', 'a leaf');
  }
  if (!equal(context.treeHash, await treeHashRoot(tree, suite.hash))) throw new GroupError('invalid', 'tree hash');
  if (!(await verifyParentHashes(tree, suite.hash))) throw new GroupError('invalid', 'parent hashes');
  return true;
}

/** checkNodes: leaves at even places, parents at odd ones, no key twice. */
function checkNodes(tree: RatchetTree): void {
  const keys = new Set<string>();
  const unique = (key: Uint8Array): void => {
    if (keys.has(hex(key))) throw new GroupError('invalid', 'a key twice');
    keys.add(hex(key));
  };
  for (const [index, node] of tree.entries()) {
    if (node === undefined) continue;
    if ((node.nodeType === 'leaf') !== (index % 2 === 0)) throw new GroupError('invalid', 'a node in a wrong place');
    unique(node.nodeType === 'leaf' ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey);
    if (node.nodeType === 'leaf') unique(node.leaf.signaturePublicKey);
  }
}

/** checkUnmerged: each unmerged leaf is there, lies below the node, and is unmerged at every node in between that is not blank. */
function checkUnmerged(tree: RatchetTree, index: number, parent: ParentNode): void {
  let last = -1;
  for (const leaf of parent.unmergedLeaves) {
    const node = leafToNodeIndex(toLeafIndex(leaf));
    if (leaf <= last || tree[node]?.nodeType !== 'leaf') throw new GroupError('invalid', 'unmerged leaves');
    last = leaf;
    const path: readonly number[] = directPath(node, leafWidth(tree.length));
    const depth = path.indexOf(index);
    if (depth < 0) throw new GroupError('invalid', 'an unmerged leaf elsewhere');
    for (const between of path.slice(0, depth)) {
      const inner = tree[between];
      if (inner?.nodeType === 'parent' && !inner.parent.unmergedLeaves.includes(leaf)) throw new GroupError('invalid', 'unmerged leaves');
    }
  }
}
