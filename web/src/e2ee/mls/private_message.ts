import type { ClientState } from 'ts-mls/clientState.js';
import { unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
import type { PrivateMessage } from 'ts-mls/privateMessage.js';
import { equal, own, type Bytes } from '../policy/bytes.ts';
import { GroupError } from './group_error.ts';
import type { Suite } from './suite.ts';
import type { Member, View } from './view.ts';
import { decodeMessage, limits } from './wire.ts';

/** Message is an application message and who signed it. */
export interface Message {
  /** The sender by its MLS leaf, still in the tree: never by what the payload says. */
  readonly sender: Member;
  readonly epoch: bigint;
  readonly payload: Bytes;
}

/**
 * openMessage opens one application message. The library's own way gives the payload without the sender, and takes messages of
 * somebody who was removed. former allows the epoch before. Nothing but application messages is ever handed on: a commit or a
 * proposal in a PrivateMessage is refused unseen. Errors: GroupError, and state stays.
 */
export async function openMessage(
  state: ClientState, view: View, bytes: Uint8Array, former: boolean, suite: Suite,
): Promise<{ readonly state: ClientState; readonly message: Message }> {
  const wire = decodeMessage(bytes, limits.message);
  if (wire.wireformat !== 'mls_private_message') throw new GroupError('refused', 'not a PrivateMessage');
  const { privateMessage } = wire;
  if (privateMessage.contentType !== 'application') throw new GroupError('refused', 'not an application message');
  if (!equal(privateMessage.groupId, view.group)) throw new GroupError('refused', 'another group');
  if (privateMessage.authenticatedData.length > 0) throw new GroupError('refused', 'authenticated_data');
  const result = await unprotect(state, privateMessage, former, suite);
  const { content } = result;
  if (content.contentType !== 'application' || content.sender.senderType !== 'member') throw new GroupError('refused', 'not a member');
  if (content.applicationData.length > limits.payload) throw new GroupError('malformed', 'too long');
  const sender = view.members.get(content.sender.leafIndex);
  const then = result.tree[2 * content.sender.leafIndex];
  const still = sender !== undefined && then?.nodeType === 'leaf' && equal(then.leaf.signaturePublicKey, sender.node.signaturePublicKey);
  if (!still) throw new GroupError('stale', 'from somebody who was removed');
  const message = { sender, epoch: privateMessage.epoch, payload: own(content.applicationData).slice() };
  return { state: result.state, message };
}

type Unprotected = {
  readonly state: ClientState;
  readonly tree: ClientState['ratchetTree'];
  readonly content: Awaited<ReturnType<typeof unprotectPrivateMessage>>['content']['content'];
};

/** unprotect opens the message under the keys of its epoch, and uses its key up. */
async function unprotect(state: ClientState, message: PrivateMessage, former: boolean, suite: Suite): Promise<Unprotected> {
  const { groupContext, keySchedule, secretTree, ratchetTree, historicalReceiverData, clientConfig } = state;
  const now = message.epoch === groupContext.epoch;
  const past = former && message.epoch === groupContext.epoch - 1n ? historicalReceiverData.get(message.epoch) : undefined;
  const data = now ? { senderDataSecret: keySchedule.senderDataSecret, secretTree, ratchetTree, groupContext } : past;
  if (data === undefined) throw new GroupError('stale', 'another epoch');
  try {
    const { content: { content }, tree } = await unprotectPrivateMessage(
      data.senderDataSecret, message, data.secretTree, data.ratchetTree, data.groupContext, clientConfig.keyRetentionConfig, suite,
    );
    const history = past === undefined ? historicalReceiverData : new Map(historicalReceiverData).set(message.epoch, { ...past, secretTree: tree });
    const next = past === undefined ? { ...state, secretTree: tree } : { ...state, historicalReceiverData: history };
    return { state: next, tree: data.ratchetTree, content };
  } catch (cause) {
    throw new GroupError('unsigned', 'a message', { cause });
  }
}
