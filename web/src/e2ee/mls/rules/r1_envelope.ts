import type { MLSMessage } from 'ts-mls/message.js';
import type { ProposalAdd, ProposalGroupContextExtensions, ProposalRemove } from 'ts-mls/proposal.js';
import type { UpdatePath } from 'ts-mls/updatePath.js';
import { equal, own, type Bytes } from '../../policy/bytes.ts';
import { refuse } from '../group_error.ts';
import type { Member, View } from '../view.ts';

/** Envelope is a commit that rule R1 lets through, sorted by kind of proposal. */
export interface Envelope {
  readonly sender: Member;
  readonly adds: readonly ProposalAdd[];
  readonly removes: readonly ProposalRemove[];
  readonly contexts: readonly ProposalGroupContextExtensions[];
  readonly path: UpdatePath | undefined;
  readonly authenticatedData: Bytes;
}

/**
 * R1: a PublicMessage with a commit, sent by a member, of this group and epoch, all proposals in it and only Add, Remove and
 * GroupContextExtensions. So there is no external commit, no proposal by reference (whoever sent it), no Update, PSK, ReInit or
 * ExternalInit, and nothing that the delivery service cannot see to be a commit.
 */
export function envelope(before: View, message: MLSMessage): Envelope {
  if (message.wireformat !== 'mls_public_message') refuse('R1', 'not a PublicMessage');
  const { content } = message.publicMessage;
  if (content.contentType !== 'commit') refuse('R1', 'not a commit');
  if (content.sender.senderType !== 'member') refuse('R1', 'not sent by a member');
  if (!equal(content.groupId, before.group)) refuse('R1', 'another group');
  if (content.epoch !== before.epoch) refuse('R1', 'another epoch');
  const sender = before.members.get(content.sender.leafIndex);
  if (sender === undefined) refuse('R1', 'sent from a blank leaf');
  const adds: ProposalAdd[] = [];
  const removes: ProposalRemove[] = [];
  const contexts: ProposalGroupContextExtensions[] = [];
  for (const item of content.commit.proposals) {
    if (item.proposalOrRefType !== 'proposal') refuse('R1', 'a proposal by reference');
    const { proposal } = item;
    if (proposal.proposalType === 'add') adds.push(proposal);
    else if (proposal.proposalType === 'remove') removes.push(proposal);
    else if (proposal.proposalType === 'group_context_extensions') contexts.push(proposal);
    else refuse('R1', 'a proposal of another kind');
  }
  return { sender, adds, removes, contexts, path: content.commit.path, authenticatedData: own(content.authenticatedData) };
}
