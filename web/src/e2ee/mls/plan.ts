import type { Proposal } from 'ts-mls/proposal.js';
import { equal } from '../policy/bytes.ts';
import { encodeConsents } from '../policy/consent.ts';
import { encodeRoom, hostOf, roomExtension, type Room } from '../policy/room.ts';
import type { Edit, GrantEdit, PolicyEdit, RevokeEdit, RosterEdit } from './edit.ts';
import { edited, nextRoom } from './policy_edit.ts';
import type { Shape } from './rules/r3_shape.ts';
import { memberOf, type View } from './view.ts';

/** Plan is one commit to make. */
export interface Plan {
  readonly shape: Shape;
  readonly proposals: readonly Proposal[];
  readonly authenticatedData: Uint8Array;
}

/** Standing of an edit in an epoch: still to do, true already, or no longer possible. */
export type Standing = 'open' | 'done' | 'impossible';

/** standing looks an edit up in the group as it is now; self is our own leaf. After each applied commit it is asked anew. */
export function standing(view: View, self: number, edit: Edit): Standing {
  switch (edit.do) {
    case 'add':
    case 'rejoin':
      return newcomerStanding(view, edit);
    case 'remove': {
      const member = memberOf(view, edit.identity);
      return member === undefined ? 'done' : member.leaf === self ? 'impossible' : 'open';
    }
    case 'takeover':
      return takeoverStanding(view, self);
    case 'refresh':
      return view.epoch > edit.epoch ? 'done' : 'open';
    default:
      if (edited(view.room, edit) === view.room) return 'done';
      if (edit.do === 'grant' && edit.consents !== undefined && edit.consents.epoch !== view.epoch) return 'impossible';
      return 'open';
  }
}

/** Most people let in or removed by one commit: with names of any length it stays below the 64 kB that a commit may have. */
const mostAtOnce = 48;

/**
 * planNext is the next commit for edits that are open, or undefined where there is none: the first of them, and all others that go
 * with it (Adds with Removes, one change of policy with another). Errors: PolicyError where a change of policy cannot be written.
 */
export function planNext(view: View, self: number, edits: readonly Edit[]): Plan | undefined {
  const open = edits.filter((edit) => standing(view, self, edit) === 'open');
  const first = open[0];
  if (first === undefined) return undefined;
  if (isRoster(first)) return roster(view, open.filter(isRoster).slice(0, mostAtOnce));
  if (first.do === 'rejoin') return plan('REJOIN', [...removal(view, first.newcomer.credential.identity), ...addition(first.newcomer)]);
  if (first.do === 'refresh') return plan('REFRESH', []);
  if (first.do === 'takeover') return takeover(view, self);
  return policy(view, self, open.filter(isPolicy));
}

function policy(view: View, self: number, edits: readonly (PolicyEdit | RevokeEdit)[]): Plan {
  const identity = view.members.get(self)?.credential.identity;
  const host = identity !== undefined && hostOf(view.room, identity);
  // A grant that all consented to stands alone; a guest's commit may only delete.
  const consented = edits.find((edit): edit is GrantEdit => edit.do === 'grant' && edit.consents !== undefined);
  const chosen = !host ? edits.filter((edit) => edit.do === 'revoke') : consented === undefined ? edits : [consented];
  const shape = host ? 'POLICY' : 'REVOKE';
  return plan(shape, [context(nextRoom(view.room, chosen))], encodeGiven(consented));
}

function encodeGiven(consented: GrantEdit | undefined): Uint8Array {
  return consented?.consents === undefined ? new Uint8Array() : encodeConsents(consented.consents.given);
}

function roster(view: View, edits: readonly RosterEdit[]): Plan {
  const removals = edits.flatMap((edit) => (edit.do === 'remove' ? removal(view, edit.identity) : []));
  return plan('ROSTER', [...removals, ...edits.flatMap((edit) => (edit.do === 'add' ? addition(edit.newcomer) : []))]);
}

function takeover(view: View, self: number): Plan | undefined {
  const { room } = view;
  const identity = view.members.get(self)?.credential.identity;
  const entry = room.fallbackHost.find((e) => identity !== undefined && equal(e.identity, identity));
  if (entry === undefined) return undefined;
  const fallbackHost = room.fallbackHost.filter((e) => e !== entry);
  return plan('TAKEOVER', [context({ ...room, rev: room.rev + 1, hosts: [...room.hosts, entry], fallbackHost })]);
}

function plan(shape: Shape, proposals: readonly Proposal[], authenticatedData: Uint8Array = new Uint8Array()): Plan {
  return { shape, proposals, authenticatedData };
}

function removal(view: View, identity: Uint8Array): readonly Proposal[] {
  const member = memberOf(view, identity);
  return member === undefined ? [] : [{ proposalType: 'remove', remove: { removed: member.leaf } }];
}

function addition({ keyPackage }: { readonly keyPackage: AddedPackage }): readonly Proposal[] {
  return [{ proposalType: 'add', add: { keyPackage } }];
}

type AddedPackage = (Extract<Edit, { do: 'add' }>)['newcomer']['keyPackage'];

function context(room: Room): Proposal {
  const extensions = [{ extensionType: roomExtension, extensionData: encodeRoom(room) }];
  return { proposalType: 'group_context_extensions', groupContextExtensions: { extensions } };
}

function newcomerStanding(view: View, edit: Extract<Edit, { do: 'add' | 'rejoin' }>): Standing {
  const { keyPackage, credential } = edit.newcomer;
  const member = memberOf(view, credential.identity);
  if (member === undefined) return edit.do === 'add' ? 'open' : 'impossible';
  if (equal(member.node.signaturePublicKey, keyPackage.leafNode.signaturePublicKey)) return 'done';
  return edit.do === 'add' ? 'impossible' : 'open';
}

function takeoverStanding({ room, members }: View, self: number): Standing {
  const identity = members.get(self)?.credential.identity;
  if (identity === undefined) return 'impossible';
  if (hostOf(room, identity)) return 'done';
  return room.fallbackHost.some((entry) => equal(entry.identity, identity)) ? 'open' : 'impossible';
}

function isRoster(edit: Edit): edit is RosterEdit {
  return edit.do === 'add' || edit.do === 'remove';
}

function isPolicy(edit: Edit): edit is PolicyEdit | RevokeEdit {
  return !isRoster(edit) && edit.do !== 'rejoin' && edit.do !== 'takeover' && edit.do !== 'refresh';
}
