import { Group } from '../mls/group.ts';
import type { JoinKey } from '../mls/join_key.ts';
import type { Suite } from '../mls/suite.ts';
import type { Kind } from '../frame/kind.ts';
import type { Bytes } from '../policy/bytes.ts';
import { signCharter, type Mode, type Pass } from '../policy/charter.ts';
import { signHost } from '../policy/hosts.ts';
import type { Link } from '../policy/link.ts';
import type { Room, VetoRule } from '../policy/room.ts';
import type { Signer } from '../policy/signing.ts';

/** FoundingTerms are the settings under which this browser may begin a meeting: as the room's owner, or with the owner's pass. */
export interface FoundingTerms {
  readonly owner: Bytes;
  readonly pass?: Pass | undefined;
  readonly floor: Mode;
  readonly mode: Mode;
  readonly locked: boolean;
  readonly maxScope: readonly Kind[];
  readonly gateways: readonly Bytes[];
  readonly vetoRule: VetoRule;
  /** What the owner hands out for this room, where it did not come by it: so that whoever comes with it is known to. */
  readonly link?: Link | undefined;
  /** Identities that may follow when all hosts are gone. */
  readonly fallback: readonly Bytes[];
}

/** foundingRoom is the policy of a new meeting. Errors: PolicyError where the terms do not hold. */
export async function foundingRoom(by: Signer, room: string, terms: FoundingTerms, unix: number): Promise<Room> {
  const group = crypto.getRandomValues(new Uint8Array(16));
  const { owner, pass, floor, mode, locked, maxScope, gateways, vetoRule } = terms;
  const charter = await signCharter(by, { room, group, owner, pass, floor, made: unix });
  const fallbackHost = await Promise.all(terms.fallback.map((identity) => signHost(by, group, identity)));
  const hosts = [await signHost(by, group, by.publicKey)];
  return { v: 1, rev: 0, charter, mode, locked, maxScope, hosts, fallbackHost, gateways, vetoRule, nextGrant: 1, grants: [] };
}

/** found makes the group, and the GroupInfo that shows the delivery service its policy. Errors: PolicyError, GroupError. */
export async function found(key: JoinKey, room: Room, suite: Suite, clock: () => number): Promise<{ readonly group: Group; readonly groupInfo: Bytes }> {
  const group = await Group.create(key, room, suite, clock);
  return { group, groupInfo: await group.groupInfo() };
}
