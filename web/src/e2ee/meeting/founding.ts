import { createGroup } from 'ts-mls/clientState.js';
import { createGroupInfo } from 'ts-mls/createCommit.js';
import { clientConfig } from '../mls/capabilities.ts';
import { Group } from '../mls/group.ts';
import type { JoinKey } from '../mls/join_key.ts';
import type { Suite } from '../mls/suite.ts';
import { encodeMessage } from '../mls/wire.ts';
import type { Kind } from '../frame/kind.ts';
import type { Bytes } from '../policy/bytes.ts';
import { signCharter, type Mode, type Pass } from '../policy/charter.ts';
import { signHost } from '../policy/hosts.ts';
import { encodeRoom, roomExtension, type Room, type VetoRule } from '../policy/room.ts';
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

/**
 * found makes the group, and the GroupInfo (an MLSMessage) that shows the delivery service its policy. Group does not give its
 * GroupInfo, so the first epoch is made twice of the one secret that it is made of. Errors: PolicyError, GroupError.
 */
export async function found(key: JoinKey, room: Room, suite: Suite, clock: () => number): Promise<{ readonly group: Group; readonly groupInfo: Bytes }> {
  const secret = crypto.getRandomValues(new Uint8Array(suite.kdf.size));
  const { publicPackage, privatePackage } = key.packages;
  const extensions = [{ extensionType: roomExtension, extensionData: encodeRoom(room) }];
  const state = await createGroup(room.charter.group, publicPackage, privatePackage, extensions, seeded(suite, secret), clientConfig);
  const groupInfo = await createGroupInfo(state.groupContext, state.confirmationTag, state, [], suite);
  for (const part of Object.values(state.keySchedule) as Uint8Array[]) part.fill(0);
  const group = await Group.create(key, room, seeded(suite, secret), clock);
  secret.fill(0);
  return { group, groupInfo: encodeMessage({ version: 'mls10', wireformat: 'mls_group_info', groupInfo }) };
}

/** seeded is the suite, whose first random bytes are a copy of secret. */
function seeded(suite: Suite, secret: Uint8Array): Suite {
  let first: Uint8Array | undefined = secret.slice();
  return {
    ...suite,
    rng: {
      randomBytes: (n) => {
        const given = first;
        first = undefined;
        return given?.length === n ? given : suite.rng.randomBytes(n);
      },
    },
  };
}
