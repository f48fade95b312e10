import { equal } from '../../policy/bytes.ts';
import { checkConsents } from '../../policy/consent.ts';
import { PolicyError } from '../../policy/policy_error.ts';
import { nextNumber, requestOf, sameGrant, type Grant, type Room } from '../../policy/room.ts';
import { refuse } from '../group_error.ts';
import type { View } from '../view.ts';
import type { Envelope } from './r1_envelope.ts';

/** Most leaves of a room in which everybody has to consent. */
const mostConsenting = 25;

/**
 * R5: old grants stay as they are or go; a new one has the next number, and its request is none that a grant in force was made of.
 * (That it is signed, for this room and group, of a listed gateway, and not exceeded, is in R4's checkRoom.) With vetoRule all, in
 * the policy before or the one after, up to 25 leaves, one new grant, and the consent of every leaf in authenticated_data.
 * All other commits leave authenticated_data empty.
 */
export async function grantsFollow(before: View, next: Room, { authenticatedData }: Envelope): Promise<void> {
  const { room } = before;
  const kept: Grant[] = [];
  const fresh: Grant[] = [];
  for (const grant of next.grants) {
    const old = room.grants.find((g) => g.n === grant.n);
    if (old === undefined) fresh.push(grant);
    else if (sameGrant(old, grant)) kept.push(grant);
    else refuse('R5', 'a grant in force changes');
  }
  let count = room.nextGrant;
  for (const [i, grant] of fresh.entries()) {
    if (grant.n !== nextNumber(count, [...kept, ...fresh.slice(0, i)])) refuse('R5', 'not the next number');
    if (room.grants.some((old) => sameRequest(old, grant))) refuse('R5', 'a request used before');
    count = grant.n + 1;
  }
  if (next.nextGrant !== count) refuse('R5', 'nextGrant does not count on');
  if (fresh.length > 0 && (room.vetoRule === 'all' || next.vetoRule === 'all')) await allConsent(before, fresh, authenticatedData);
  else nothingAttached(authenticatedData);
}

/** nothingAttached: authenticated_data is for consents only. */
export function nothingAttached(authenticatedData: Uint8Array): void {
  if (authenticatedData.length > 0) refuse('R5', 'authenticated_data without need');
}

async function allConsent(before: View, [grant, ...others]: readonly Grant[], authenticatedData: Uint8Array): Promise<void> {
  if (grant === undefined || others.length > 0) refuse('R5', 'more than one grant to consent to');
  if (before.members.size > mostConsenting) refuse('R5', 'too many leaves to consent');
  const leaves = new Map([...before.members].map(([leaf, member]) => [leaf, member.node.signaturePublicKey]));
  try {
    await checkConsents(authenticatedData, { group: before.group, epoch: before.epoch, request: grant.request, leaves });
  } catch (cause) {
    if (cause instanceof PolicyError) refuse('R5', cause.where, cause);
    throw cause;
  }
}

function sameRequest(a: Grant, b: Grant): boolean {
  const [x, y] = [requestOf(a), requestOf(b)];
  return equal(x.id, y.id) || equal(x.hpke, y.hpke);
}
