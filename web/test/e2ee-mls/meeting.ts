// A meeting for tests: people with identities, groups of ours, and bare states of the library for attackers and for showing what
// the library alone would take.
import { strict as assert } from 'node:assert';
import type { ClientState } from 'ts-mls/clientState.js';
import { createCommit, type CreateCommitOptions } from 'ts-mls/createCommit.js';
import { acceptAll } from 'ts-mls/incomingMessageAction.js';
import { generateKeyPackage, type KeyPackage } from 'ts-mls/keyPackage.js';
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from 'ts-mls/message.js';
import { processMessage } from 'ts-mls/processMessages.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { own, type Bytes } from '../../src/e2ee/policy/bytes.ts';
import { signCharter } from '../../src/e2ee/policy/charter.ts';
import { signRequest, type GrantRequest, type SignedRequest } from '../../src/e2ee/policy/grant_request.ts';
import { signHost } from '../../src/e2ee/policy/hosts.ts';
import { encodeRoom, roomExtension, type Room } from '../../src/e2ee/policy/room.ts';
import { newSigner, type Signer } from '../../src/e2ee/policy/signing.ts';
import { clientConfig } from '../../src/e2ee/mls/capabilities.ts';
import type { Edit } from '../../src/e2ee/mls/edit.ts';
import { Group, type Applied, type Made } from '../../src/e2ee/mls/group.ts';
import { GroupError, type GroupFault, type Rule } from '../../src/e2ee/mls/group_error.ts';
import { JoinKey } from '../../src/e2ee/mls/join_key.ts';
import type { Expectation } from '../../src/e2ee/mls/join_check.ts';
import { checkNewcomer, type Newcomer } from '../../src/e2ee/mls/newcomer.ts';
import { planNext } from '../../src/e2ee/mls/plan.ts';
import { newSuite, type Suite } from '../../src/e2ee/mls/suite.ts';
import { memberOf } from '../../src/e2ee/mls/view.ts';
import { openWelcome } from '../../src/e2ee/mls/welcome.ts';

export const roomNumber = '1000';
export const suite: Suite = await newSuite();
export const nowSeconds = Math.floor(Date.now() / 1000);

export interface Person {
  readonly name: string;
  readonly identity: Signer;
}

export async function person(name: string): Promise<Person> {
  return { name, identity: await newSigner() };
}

export function joinKey({ name, identity }: Person, room = roomNumber): Promise<JoinKey> {
  return JoinKey.make(identity, { room, kind: 'guest', name, subject: '' }, nowSeconds, suite);
}

export async function newcomer(who: Person, key?: JoinKey): Promise<Newcomer> {
  return checkNewcomer(roomNumber, (key ?? (await joinKey(who))).keyPackage, nowSeconds, suite);
}

/** roomFor is the policy of a new meeting that owner starts. */
export async function roomFor(owner: Person, change: Partial<Room> = {}): Promise<Room> {
  const group = crypto.getRandomValues(new Uint8Array(16));
  const charter = await signCharter(owner.identity, {
    room: roomNumber, group, owner: owner.identity.publicKey, floor: 'mixed', made: nowSeconds,
  });
  return {
    v: 1, rev: 0, charter, mode: 'mixed', locked: false, maxScope: ['audio'],
    hosts: [await signHost(owner.identity, group, owner.identity.publicKey)],
    fallbackHost: [], gateways: [], vetoRule: 'host', nextGrant: 1, grants: [], ...change,
  };
}

/** A meeting with groups of ours; clock is theirs. */
export class Meeting {
  readonly clock = { ms: 0 };
  readonly groups = new Map<string, Group>();
  readonly people = new Map<string, Person>();

  static async of(names: readonly string[], change: (people: ReadonlyMap<string, Person>, room: Room) => Promise<Partial<Room>> | Partial<Room> = () => ({})): Promise<Meeting> {
    const meeting = new Meeting();
    for (const name of names) meeting.people.set(name, await person(name));
    const host = meeting.person(names[0] ?? '');
    const room = await roomFor(host);
    const changed = { ...room, ...(await change(meeting.people, room)) };
    meeting.groups.set(host.name, await Group.create(await joinKey(host), changed, suite, () => meeting.clock.ms));
    if (names.length > 1) await meeting.admit(host.name, names.slice(1));
    return meeting;
  }

  person(name: string): Person {
    const found = this.people.get(name);
    assert.ok(found, name);
    return found;
  }

  group(name: string): Group {
    const found = this.groups.get(name);
    assert.ok(found, name);
    return found;
  }

  leaf(name: string): number {
    const [first] = this.groups.values();
    assert.ok(first);
    const member = memberOf(first.view, this.person(name).identity.publicKey);
    assert.ok(member, name);
    return member.leaf;
  }

  get hostGroup(): Group {
    const [first] = this.groups.values();
    assert.ok(first);
    return first;
  }

  /** admit lets people in, by a commit of host, in groups of ours. */
  async admit(host: string, names: readonly string[]): Promise<Made> {
    const keys = await this.keysFor(names);
    const made = await this.admitKeys(host, [...keys.values()]);
    for (const [name, key] of keys) await this.join(name, key, made);
    return made;
  }

  async keysFor(names: readonly string[]): Promise<Map<string, JoinKey>> {
    const keys = new Map<string, JoinKey>();
    for (const name of names) {
      if (!this.people.has(name)) this.people.set(name, await person(name));
      keys.set(name, await joinKey(this.person(name)));
    }
    return keys;
  }

  async admitKeys(host: string, keys: readonly JoinKey[]): Promise<Made> {
    const edits: Edit[] = [];
    for (const key of keys) edits.push({ do: 'add', newcomer: await checkNewcomer(roomNumber, key.keyPackage, nowSeconds, suite, key.ref) });
    return this.commit(host, ...edits);
  }

  async join(name: string, key: JoinKey, made: Made, expect: Partial<Expectation> = {}): Promise<Group> {
    assert.ok(made.welcome);
    const { group } = await Group.join(made.welcome, key, { room: roomNumber, ...expect }, suite, () => this.clock.ms);
    this.groups.set(name, group);
    return group;
  }

  /** admitBare lets people in as bare states of the library. */
  async admitBare(host: string, names: readonly string[]): Promise<Map<string, ClientState>> {
    const keys = await this.keysFor(names);
    const made = await this.admitKeys(host, [...keys.values()]);
    const states = new Map<string, ClientState>();
    assert.ok(made.welcome);
    for (const [name, key] of keys) states.set(name, (await openWelcome(made.welcome, key, suite)).state);
    return states;
  }

  async make(name: string, ...edits: readonly Edit[]): Promise<Made> {
    const group = this.group(name);
    const plan = planNext(group.view, group.leaf, edits);
    assert.ok(plan, 'nothing to commit');
    return group.make(plan);
  }

  /** commit makes a commit and delivers it to everybody. */
  async commit(name: string, ...edits: readonly Edit[]): Promise<Made> {
    const made = await this.make(name, ...edits);
    await this.deliver(made.commit);
    return made;
  }

  async deliver(commit: Uint8Array): Promise<Map<string, Applied>> {
    const done = new Map<string, Applied>();
    for (const [name, group] of this.groups) {
      done.set(name, await group.apply(commit));
      if (!group.open) this.groups.delete(name);
    }
    return done;
  }

  /** agree asserts that all groups share epoch, keys and roster. */
  async agree(): Promise<void> {
    const keys = await Promise.all([...this.groups.values()].map(async (group) => {
      // Our own leaf differs, and so does what newcomers know of those who went.
      return { ...(await group.keys()), leaf: 0, removed: [] };
    }));
    for (const other of keys) assert.deepEqual(other, keys[0]);
  }
}

/** bareCommit is what a client that keeps no rules commits. */
export async function bareCommit(state: ClientState, proposals: readonly Proposal[], options: CreateCommitOptions = {}): Promise<{
  readonly bytes: Bytes; readonly state: ClientState; readonly message: MLSMessage; readonly welcome: Bytes | undefined;
}> {
  const made = await createCommit({ state, cipherSuite: suite }, {
    wireAsPublicMessage: true, ratchetTreeExtension: true, extraProposals: [...proposals], ...options,
  });
  const welcome = made.welcome === undefined ? undefined : encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome: made.welcome });
  return {
    bytes: wire(made.commit), state: made.newState, message: made.commit, welcome: welcome === undefined ? undefined : own(welcome),
  };
}

/** bareApply is what the library alone makes of a message. */
export async function bareApply(state: ClientState, bytes: Uint8Array): Promise<ClientState> {
  const message = decodeMlsMessage(bytes, 0)?.[0];
  assert.ok(message?.wireformat === 'mls_public_message' || message?.wireformat === 'mls_private_message');
  return (await processMessage(message, state, emptyPskIndex, acceptAll, suite)).newState;
}

export function wire(message: MLSMessage): Bytes {
  return own(encodeMlsMessage(message));
}

export function addOf({ keyPackage }: { readonly keyPackage: KeyPackage }): Proposal {
  return { proposalType: 'add', add: { keyPackage } };
}

export function removeOf(leaf: number): Proposal {
  return { proposalType: 'remove', remove: { removed: leaf } };
}

export function contextOf(room: Room): Proposal {
  return {
    proposalType: 'group_context_extensions',
    groupContextExtensions: { extensions: [{ extensionType: roomExtension, extensionData: encodeRoom(room) }] },
  };
}

/** bareMember is a KeyPackage with any credential bytes at all. */
export function bareMember(credential: Uint8Array, lifetime?: { readonly notBefore: bigint; readonly notAfter: bigint }) {
  return generateKeyPackage(
    { credentialType: 'basic', identity: credential },
    { versions: ['mls10'], ciphersuites: [suite.name], extensions: [roomExtension], proposals: [], credentials: ['basic'] },
    lifetime ?? { notBefore: BigInt(nowSeconds - 60), notAfter: BigInt(nowSeconds + 3600) }, [], suite,
  );
}

/** refused asserts that ours does not take the commit, by this rule, and stays where it was. */
export async function refused(group: Group, bytes: Uint8Array, rule: Rule, why?: RegExp): Promise<GroupError> {
  return faulty(group, () => group.apply(bytes), 'refused', rule, why);
}

export async function faulty(group: Group, run: () => Promise<unknown>, fault: GroupFault, rule?: Rule, why?: RegExp): Promise<GroupError> {
  const { epoch, members } = group.view;
  const before = group.authenticator;
  let caught: unknown;
  await run().catch((error: unknown) => { caught = error; });
  assert.ok(caught instanceof GroupError, `taken, or another error: ${String(caught)}`);
  assert.deepEqual([caught.fault, caught.rule], [fault, rule], caught.message);
  if (why !== undefined) assert.match(caught.why, why);
  assert.equal(group.view.epoch, epoch);
  assert.equal(group.view.members.size, members.size);
  assert.deepEqual(group.authenticator, before);
  return caught;
}

/** A gateway for tests: it signs requests. */
export async function request(gateway: Signer, room: Room, change: Partial<GrantRequest> = {}): Promise<SignedRequest> {
  return signRequest(gateway, {
    room: room.charter.room, group: room.charter.group, id: crypto.getRandomValues(new Uint8Array(16)), hpke: crypto.getRandomValues(new Uint8Array(32)),
    legs: [{ no: 0, kind: 'phone', label: 'line 1', number: '+49 30 ****12' }], scope: ['audio'], speak: ['audio'], notAfter: nowSeconds + 3600, ...change,
  });
}

export function grantEdit(signed: SignedRequest): Extract<Edit, { do: 'grant' }> {
  return { do: 'grant', signed, scope: ['audio'], speak: ['audio'], notAfter: nowSeconds + 3600 };
}

export { clientConfig };
