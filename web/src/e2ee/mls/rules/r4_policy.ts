import { equal } from '../../policy/bytes.ts';
import { encodeCbor } from '../../policy/cbor.ts';
import { charterMap, looser } from '../../policy/charter.ts';
import { hostMap, type HostEntry } from '../../policy/hosts.ts';
import { within } from '../../policy/kind.ts';
import { PolicyError } from '../../policy/policy_error.ts';
import { checkRoom, hostOf, vetoRules, type Room } from '../../policy/room.ts';
import { refuse } from '../group_error.ts';
import { memberOf, type View } from '../view.ts';
import type { Shaped } from './r3_shape.ts';

/**
 * R4: what a new policy may be after the old one. By itself it has to hold (checkRoom: charter, chains, requests, mode not looser
 * than the charter's floor, sealed without grants, every grant of a listed gateway). After the old one: rev + 1, the same charter,
 * locked is kept and obeyed, a host remains, no host entry is deleted, and new host and fallback entries are signed by a present host.
 * What a guest may commit (REVOKE, TAKEOVER) R3 has compared byte for byte already, and there need not be a host any more.
 */
export async function policyFollows(before: View, { shape, next }: Shaped): Promise<void> {
  const { room } = before;
  try {
    await checkRoom(next);
  } catch (cause) {
    if (cause instanceof PolicyError) refuse('R4', cause.where, cause);
    throw cause;
  }
  if (shape !== 'POLICY') return;
  if (next.rev !== room.rev + 1) refuse('R4', 'rev does not count on');
  if (!equal(encodeCbor(charterMap(next.charter)), encodeCbor(charterMap(room.charter)))) refuse('R4', 'another charter');
  lockHolds(room, next);
  hostsGrow(before, next);
  if (![...before.members.values()].some((member) => hostOf(next, member.credential.identity))) refuse('R4', 'no host remains');
}

/** lockHolds: once locked, always locked, and mode, maxScope, vetoRule and gateways only get narrower. */
function lockHolds(room: Room, next: Room): void {
  if (!room.locked) return;
  if (!next.locked) refuse('R4', 'unlocked');
  if (looser(next.mode, room.mode)) refuse('R4', 'looser mode of a locked room');
  if (!within(next.maxScope, room.maxScope)) refuse('R4', 'wider maxScope of a locked room');
  if (vetoRules.indexOf(next.vetoRule) < vetoRules.indexOf(room.vetoRule)) refuse('R4', 'looser vetoRule of a locked room');
  if (!next.gateways.every((key) => room.gateways.some((known) => equal(known, key)))) refuse('R4', 'another gateway in a locked room');
}

/** hostsGrow: the old entries stay in their places, only out may change; new ones, and new fallback entries, come from a present host. */
function hostsGrow(before: View, next: Room): void {
  const { hosts, fallbackHost } = before.room;
  for (const [i, old] of hosts.entries()) {
    const entry = next.hosts[i];
    if (entry === undefined || !sameEntry(withoutOut(old), withoutOut(entry))) refuse('R4', 'a host entry is gone');
  }
  const fresh = [
    ...next.hosts.slice(hosts.length),
    ...next.fallbackHost.filter((entry) => !fallbackHost.some((old) => sameEntry(old, entry))),
  ];
  for (const entry of fresh) {
    if (!hostOf(before.room, entry.by) || memberOf(before, entry.by) === undefined) refuse('R4', 'a host made by nobody who is present');
  }
}

function withoutOut({ identity, by, sig }: HostEntry): HostEntry {
  return { identity, by, sig };
}

function sameEntry(a: HostEntry, b: HostEntry): boolean {
  return equal(encodeCbor(hostMap(a)), encodeCbor(hostMap(b)));
}
