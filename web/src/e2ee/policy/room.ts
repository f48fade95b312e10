import { equal, hex, type Bytes } from './bytes.ts';
import { decodeCbor, encodeCbor, type CborMap } from './cbor.ts';
import { charterField, charterMap, checkCharter, looser, modes } from './charter.ts';
import { checkRequest, decodeRequest, type GrantRequest } from './grant_request.ts';
import { checkHosts, hostField, hostMap, isHost, mostFallback, mostHosts } from './hosts.ts';
import { kindSet, within } from './kind.ts';
import { PolicyError } from './policy_error.ts';
import { ascending, blob, bytes, flag, list, oneOf, record, version, whole } from './record.ts';

/** Type of the one extension in the GroupContext, from the range for private use (RFC 9420, 17.3). */
export const roomExtension = 0xf0a1;

/** Most grants in force. */
export const mostGrants = 8;

/** Who may stop a grant: only hosts decide; any member within 10 s; or all members have to consent beforehand. */
export type VetoRule = 'host' | 'any' | 'all';

/** The rules from the loosest to the strictest. */
export const vetoRules: readonly VetoRule[] = ['host', 'any', 'all'];

const grantField = record({
  /** Number of the grant in this group; counts up and never returns. */
  n: whole(0xffffffff, 1),
  /** The gateway's request as it signed it. */
  request: blob,
  sig: bytes(64),
  scope: kindSet,
  speak: kindSet,
  /** Unix time in seconds. */
  notAfter: whole(),
});

const roomField = record({
  v: version,
  /** Rises by one with each change. */
  rev: whole(),
  charter: charterField,
  mode: oneOf(modes),
  locked: flag,
  /** The most that any grant may ever hear or see. */
  maxScope: kindSet,
  hosts: list(hostField, mostHosts, 1),
  fallbackHost: list(hostField, mostFallback),
  /** Ed25519 keys of the gateways that may ask. */
  gateways: list(bytes(32), 8),
  vetoRule: oneOf(vetoRules),
  /** Above the number of every grant there ever was. */
  nextGrant: whole(0xffffffff, 1),
  grants: list(grantField, mostGrants),
});

/** Grant lets one gateway have the keys of some kinds of media, from the commit that adds it to the one that removes it. */
export type Grant = ReturnType<typeof grantField>;

/** Room is the policy of a meeting: the content of the `room` extension, part of the state that all members share. */
export type Room = ReturnType<typeof roomField>;

/** encodeRoom is the data of the extension. Errors: PolicyError over 16 kB. */
export function encodeRoom(room: Room): Bytes {
  return encodeCbor({
    ...room,
    charter: charterMap(room.charter),
    hosts: room.hosts.map(hostMap),
    fallbackHost: room.fallbackHost.map(hostMap),
    grants: room.grants.map(grantMap),
  });
}

/** decodeRoom reads the data of the extension. It proves nothing until checkRoom. Errors: PolicyError. */
export function decodeRoom(encoded: Uint8Array): Room {
  const room = roomField(decodeCbor(encoded), 'room');
  distinct(room.gateways, 'room.gateways');
  return room;
}

/**
 * checkRoom holds where the policy is whole by itself: charter, hosts and requests are signed, the mode is not looser than the
 * charter lets it be, and every grant stays within its request and the room. What may follow what is for the rules of a commit.
 * Errors: PolicyError.
 */
export async function checkRoom(room: Room): Promise<void> {
  await checkCharter(room.charter);
  await checkHosts(room.charter, room.hosts, room.fallbackHost);
  if (looser(room.mode, room.charter.floor)) throw new PolicyError('malformed', 'room.mode');
  if (room.mode === 'sealed' && room.grants.length > 0) throw new PolicyError('malformed', 'room.grants: sealed');
  const numbers = room.grants.map((grant) => grant.n);
  if (!ascending(numbers) || numbers.some((n) => n >= room.nextGrant)) throw new PolicyError('malformed', 'room.grants.n');
  if (new Set(numbers.map((n) => n % 32)).size !== numbers.length) throw new PolicyError('malformed', 'room.grants.n: modulo 32');
  const requests = await Promise.all(room.grants.map((grant) => checkGrant(room, grant)));
  distinct(requests.map((request) => request.gateway), 'room.grants');
}

async function checkGrant(room: Room, grant: Grant): Promise<GrantRequest> {
  const { charter: { room: number, group }, gateways, maxScope } = room;
  const request = await checkRequest(grant, { room: number, group, gateways });
  const inRequest = within(grant.scope, request.scope) && within(grant.speak, request.speak) && grant.notAfter <= request.notAfter;
  if (!inRequest || !within(grant.scope, maxScope) || !within(grant.speak, maxScope)) throw new PolicyError('malformed', 'grant: too wide');
  return request;
}

/** requestOf is what the gateway of a grant asked for. Errors: PolicyError. */
export function requestOf(grant: Grant): GrantRequest {
  return decodeRequest(grant.request);
}

/** sameGrant says whether two grants are equal in every member. */
export function sameGrant(a: Grant, b: Grant): boolean {
  return equal(encodeCbor(grantMap(a)), encodeCbor(grantMap(b)));
}

/** hostOf says whether a leaf of this identity is a host. */
export function hostOf(room: Room, identity: Uint8Array): boolean {
  return isHost(room.hosts, identity);
}

/** nextNumber is the number a new grant gets: the first from nextGrant on that differs from all in force modulo 32, as key ids hold five bits of it. */
export function nextNumber(nextGrant: number, inForce: readonly Grant[]): number {
  let n = nextGrant;
  while (inForce.some((grant) => grant.n % 32 === n % 32)) n++;
  return n;
}

function grantMap(grant: Grant): CborMap {
  return { ...grant };
}

function distinct(items: readonly Uint8Array[], where: string): void {
  if (new Set(items.map(hex)).size !== items.length) throw new PolicyError('malformed', `${where}: twice`);
}
