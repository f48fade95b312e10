import { equal } from '../policy/bytes.ts';
import { credentialOf } from '../mls/view.ts';
import { decodeMessage, limits } from '../mls/wire.ts';

/** adds says whether a commit, which the group has applied, adds somebody of that identity. Errors: as of the group. */
export function adds(commit: Uint8Array, identity: Uint8Array): boolean {
  const message = decodeMessage(commit, limits.commit);
  if (message.wireformat !== 'mls_public_message' || message.publicMessage.content.contentType !== 'commit') return false;
  return message.publicMessage.content.commit.proposals.some((item) => item.proposalOrRefType === 'proposal'
    && item.proposal.proposalType === 'add'
    && equal(credentialOf(item.proposal.add.keyPackage.leafNode).identity, identity));
}
