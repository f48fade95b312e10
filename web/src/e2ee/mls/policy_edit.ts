import { equal, type Bytes } from '../policy/bytes.ts';
import { requestOf, nextNumber, decodeRoom, encodeRoom, type Grant, type Room } from '../policy/room.ts';
import { decodeRequest } from '../policy/grant_request.ts';
import type { HostEntry } from '../policy/hosts.ts';
import type { GrantEdit, PolicyEdit, RevokeEdit } from './edit.ts';

/** edited is the policy after one edit, with the same rev; the same object where the edit is already true. */
export function edited(room: Room, edit: PolicyEdit | RevokeEdit): Room {
  switch (edit.do) {
    case 'mode':
      return room.mode === edit.mode ? room : { ...room, mode: edit.mode };
    case 'lock':
      return room.locked ? room : { ...room, locked: true };
    case 'maxScope':
      return same(room.maxScope, edit.scope) ? room : { ...room, maxScope: edit.scope };
    case 'vetoRule':
      return room.vetoRule === edit.rule ? room : { ...room, vetoRule: edit.rule };
    case 'gateway':
      return gateway(room, edit.key, edit.listed);
    case 'host':
      return find(room.hosts, edit.entry.identity) === undefined ? { ...room, hosts: [...room.hosts, edit.entry] } : room;
    case 'hostOut':
      return hostOut(room, edit.identity, edit.out);
    case 'fallback':
      return find(room.fallbackHost, edit.entry.identity) === undefined ? { ...room, fallbackHost: [...room.fallbackHost, edit.entry] } : room;
    case 'fallbackOut':
      return find(room.fallbackHost, edit.identity) === undefined
        ? room
        : { ...room, fallbackHost: room.fallbackHost.filter((entry) => !equal(entry.identity, edit.identity)) };
    case 'grant':
      return granted(room, edit);
    case 'revoke':
      return room.grants.some((g) => g.n === edit.n) ? { ...room, grants: room.grants.filter((g) => g.n !== edit.n) } : room;
  }
}

/** nextRoom is the policy after all edits, rev counted on. It is read back, so that what is committed is what others will read. Errors: PolicyError. */
export function nextRoom(room: Room, edits: readonly (PolicyEdit | RevokeEdit)[]): Room {
  return decodeRoom(encodeRoom({ ...edits.reduce(edited, room), rev: room.rev + 1 }));
}

function gateway(room: Room, key: Bytes, listed: boolean): Room {
  const others = room.gateways.filter((known) => !equal(known, key));
  if ((others.length < room.gateways.length) === listed) return room;
  if (listed) return { ...room, gateways: [...room.gateways, key] };
  // A grant of a gateway that is no longer listed would not hold.
  return { ...room, gateways: others, grants: room.grants.filter((grant) => !equal(requestOf(grant).gateway, key)) };
}

function hostOut(room: Room, identity: Uint8Array, out: boolean): Room {
  const entry = find(room.hosts, identity);
  if (entry === undefined || (entry.out === true) === out) return room;
  const { identity: id, by, sig } = entry;
  const changed: HostEntry = out ? { identity: id, by, sig, out: true } : { identity: id, by, sig };
  return { ...room, hosts: room.hosts.map((e) => (e === entry ? changed : e)) };
}

function granted(room: Room, edit: GrantEdit): Room {
  if (room.grants.some((grant) => equal(grant.request, edit.signed.request))) return room;
  const { gateway: key } = decodeRequest(edit.signed.request);
  const others = room.grants.filter((grant) => !equal(requestOf(grant).gateway, key));
  const n = nextNumber(room.nextGrant, others);
  const { scope, speak, notAfter, signed: { request, sig } } = edit;
  const grant: Grant = { n, request, sig, scope, speak, notAfter };
  return { ...room, nextGrant: n + 1, grants: [...others, grant] };
}

function find(entries: readonly HostEntry[], identity: Uint8Array): HostEntry | undefined {
  return entries.find((entry) => equal(entry.identity, identity));
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
