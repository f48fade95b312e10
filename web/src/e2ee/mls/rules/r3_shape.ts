import { decodeRoom, encodeRoom, hostOf, roomExtension, type Room } from '../../policy/room.ts';
import { equal } from '../../policy/bytes.ts';
import { PolicyError } from '../../policy/policy_error.ts';
import { refuse } from '../group_error.ts';
import { credentialOf, type Member, type View } from '../view.ts';
import type { Envelope } from './r1_envelope.ts';

/** What a commit does; each commit does exactly one of these. */
export type Shape = 'ROSTER' | 'REJOIN' | 'POLICY' | 'REVOKE' | 'TAKEOVER' | 'REFRESH';

/** Shaped is the shape of a commit and, where it changes the policy, the new one. */
export interface Shaped {
  readonly shape: Shape;
  readonly next: Room;
}

/**
 * R3: exactly one shape, by somebody who may.
 *
 * | shape    | who                                             | content                                                        |
 * | ROSTER   | host                                            | Adds, Removes; a path if any Remove                            |
 * | REJOIN   | any member; while a grant is in force only for a host's identity | one Remove and one Add of the same identity, kind, name and subject; path |
 * | POLICY   | host                                            | one GroupContextExtensions                                     |
 * | REVOKE   | any member                                      | one that deletes one or more grants and changes nothing else   |
 * | TAKEOVER | a leaf in fallbackHost                          | one that moves its own entry to hosts and changes nothing else |
 * | REFRESH  | host; others only while no grant is in force    | no proposal, a path                                            |
 *
 * Policy and roster never meet in one commit, and a policy commit has no path: the library seals the path of such a commit under
 * the extensions from before, so that nobody could open it.
 */
export function shapeOf(before: View, envelope: Envelope): Shaped {
  const { adds, removes, contexts } = envelope;
  if (contexts.length > 0) return policyShape(before, envelope);
  if (adds.length + removes.length > 0) return { shape: rosterShape(before, envelope), next: before.room };
  if (envelope.path === undefined) refuse('R3', 'neither a proposal nor a path');
  if (!mayChange(before, envelope.sender)) refuse('R3', 'REFRESH by a guest while a grant is in force');
  return { shape: 'REFRESH', next: before.room };
}

function policyShape(before: View, { sender, adds, removes, contexts, path }: Envelope): Shaped {
  const [only, ...others] = contexts;
  if (only === undefined || others.length + adds.length + removes.length > 0) refuse('R3', 'policy beside another proposal');
  if (path !== undefined) refuse('R3', 'policy with a path');
  const [extension, ...more] = only.groupContextExtensions.extensions;
  if (extension?.extensionType !== roomExtension || more.length > 0) refuse('R4', 'another extension than the room');
  const next = read(extension.extensionData);
  if (hostOf(before.room, sender.credential.identity)) return { shape: 'POLICY', next };
  if (equal(extension.extensionData, takeover(before.room, sender) ?? new Uint8Array())) return { shape: 'TAKEOVER', next };
  if (equal(extension.extensionData, revoked(before.room, next) ?? new Uint8Array())) return { shape: 'REVOKE', next };
  return refuse('R3', 'policy by a guest');
}

/** takeover is the one policy that a leaf in fallbackHost may commit. */
function takeover(room: Room, sender: Member): Uint8Array | undefined {
  const own = room.fallbackHost.find((entry) => equal(entry.identity, sender.credential.identity));
  if (own === undefined) return undefined;
  const fallbackHost = room.fallbackHost.filter((entry) => entry !== own);
  return encodeRoom({ ...room, rev: room.rev + 1, hosts: [...room.hosts, own], fallbackHost });
}

/** revoked is the one policy that any member may commit which leaves just the grants that next leaves. */
function revoked(room: Room, next: Room): Uint8Array | undefined {
  const grants = room.grants.filter((grant) => next.grants.some((kept) => kept.n === grant.n));
  return grants.length === room.grants.length ? undefined : encodeRoom({ ...room, rev: room.rev + 1, grants });
}

function rosterShape(before: View, envelope: Envelope): Shape {
  const { sender, removes, path } = envelope;
  if ((path !== undefined) !== removes.length > 0) refuse('R3', 'a Remove needs a path, and only a Remove');
  const gone = new Set(removes.map((proposal) => proposal.remove.removed));
  if (gone.size !== removes.length) refuse('R3', 'a leaf removed twice');
  if (gone.has(sender.leaf)) refuse('R3', 'the committer removes itself');
  for (const leaf of gone) {
    if (!before.members.has(leaf)) refuse('R3', 'a blank leaf removed');
  }
  if (hostOf(before.room, sender.credential.identity)) return 'ROSTER';
  return rejoin(before, envelope);
}

function rejoin(before: View, { adds, removes }: Envelope): Shape {
  const [add, remove] = [adds[0], removes[0]];
  if (add === undefined || remove === undefined || adds.length + removes.length > 2) refuse('R3', 'roster change by a guest');
  const old = before.members.get(remove.remove.removed)?.credential ?? refuse('R3', 'a blank leaf removed');
  const fresh = reading('R6', () => credentialOf(add.add.keyPackage.leafNode));
  const same = equal(old.identity, fresh.identity) && old.kind === fresh.kind && old.name === fresh.name && old.subject === fresh.subject;
  if (!same) refuse('R3', 'REJOIN of somebody else');
  if (before.room.grants.length > 0 && !hostOf(before.room, old.identity)) refuse('R3', 'REJOIN of a guest while a grant is in force');
  return 'REJOIN';
}

/** mayChange says whether the sender may make an epoch: each needs a bundle while a grant is in force, and only hosts seal those. */
function mayChange(before: View, sender: Member): boolean {
  return before.room.grants.length === 0 || hostOf(before.room, sender.credential.identity);
}

function read(data: Uint8Array): Room {
  return reading('R4', () => decodeRoom(data));
}

/** reading runs a reader of foreign bytes and turns its PolicyError into a refusal by the rule. */
function reading<T>(rule: 'R4' | 'R6', run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof PolicyError) refuse(rule, cause.where, cause);
    throw cause;
  }
}
