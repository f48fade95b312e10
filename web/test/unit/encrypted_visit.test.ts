// The page's side of an encrypted visit, against a worker that is told what to say.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Card, MeetingEvent, RosterEntry } from '../../src/e2ee/meeting/events.ts';
import type { MeetingTerms, Profile } from '../../src/e2ee/worker/visit_messages.ts';
import { base64url } from '../../src/e2ee/policy/bytes.ts';
import { newLink, type Link } from '../../src/e2ee/policy/link.ts';
import type { FrameGuard, GuardEvents } from '../../src/media/encrypted.ts';
import { GuardError } from '../../src/media/guard_error.ts';
import type { Encryption, Welcome } from '../../src/protocol/messages.ts';
import { EncryptedVisit } from '../../src/session/encrypted_visit.ts';
import { Store } from '../../src/session/store.ts';

const me = new Uint8Array(32).fill(1);
const other = new Uint8Array(32).fill(2);

function welcome(change: Partial<Encryption> = {}): Welcome {
  return {
    type: 'welcome', protocol: 1, participant: 'me', resume: 'r', role: 'guest', room: { number: '1000', name: '', mode: 'mixed', locked: false }, iceServers: [],
    slots: { audio: 1, video: 1 }, phone: { uri: '' }, server: '1', now: 0,
    encryption: { gateway: base64url(other), gatewayFingerprint: 'told', ownerPinned: false, maxScope: 'audio', vetoRule: 'host', autoAdmit: false, ...change },
  };
}

/** Rig is a visit with a false worker. */
class Rig {
  readonly store = new Store();
  readonly log: string[] = [];
  readonly begun: MeetingTerms[] = [];
  events: GuardEvents | undefined;
  now = 0;
  profile: Profile = { identity: me, kept: true, strictest: undefined, link: undefined };
  fault: GuardError | undefined;
  readonly visit: EncryptedVisit;

  constructor(key: string, link?: Link) {
    this.store.dispatch({ type: 'opened', invitation: { room: '1000', key, ...(link === undefined ? {} : { link }) }, room: '1000' });
    this.store.dispatch({ type: 'named', name: ' Anna ' });
    this.store.dispatch({ type: 'joinAsked' });
    this.visit = new EncryptedVisit({
      guard: (events) => {
        this.events = events;
        return this.fault === undefined ? Promise.resolve(this.#guard()) : Promise.reject(this.fault);
      },
      state: () => this.store.state,
      dispatch: (event) => this.store.dispatch(event),
      send: (message) => this.log.push(`send ${JSON.stringify(message)}`),
      renew: () => this.log.push('renew'),
      anew: () => {
        this.log.push('anew');
        this.visit.restart();
      },
      fault: (fault) => this.log.push(`fault ${fault}`),
      removed: (replaced) => this.log.push(`removed ${String(replaced)}`),
      now: () => this.now,
    });
  }

  async welcomed(change: Partial<Encryption> = {}): Promise<void> {
    const message = welcome(change);
    const ends = (): number => this.begun.length + this.log.filter((line) => line.startsWith('fault')).length;
    const before = this.visit.guard === undefined ? ends() : -1;
    this.store.dispatch({ type: 'received', message });
    this.visit.welcomed(message);
    await until(() => ends() > before);
  }

  tell(...events: readonly MeetingEvent[]): void {
    for (const event of events) this.events?.meeting(event);
  }

  #guard(): FrameGuard {
    return {
      profile: (room: string, kind: string) => {
        this.log.push(`profile ${room} ${kind}`);
        return Promise.resolve(this.profile);
      },
      ownLink: (room: string, mode: Link['mode']) => {
        this.log.push(`ownLink ${room} ${mode}`);
        return newLink(me, mode);
      },
      begin: (terms: MeetingTerms) => this.begun.push(terms),
      receive: (message: unknown) => this.log.push(`receive ${String(message)}`),
      disconnected: () => this.log.push('disconnected'),
      command: (command: object) => this.log.push(`command ${JSON.stringify(command)}`),
      leave: () => Promise.resolve(),
      close: () => this.log.push('close'),
    } as unknown as FrameGuard;
  }
}

/** until is done when something has come about. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setImmediate(resolve));
}

const entry = (leaf: number, host: boolean): RosterEntry => ({
  leaf, host, identity: Uint8Array.of(leaf), kind: 'guest', name: 'x', twin: undefined, impostor: false, absent: false, linked: false, pinned: undefined, letInBy: undefined,
});
const card = (ref: string): Card => ({ ref, kind: 'guest', name: ref, twin: undefined, impostor: false, identity: Uint8Array.of(1), linked: false, pinned: undefined, participant: '' });

test('a guest joins what there is, under its own name, and what came before the worker is kept', async () => {
  const rig = new Rig('g.secret', await newLink(other, 'mixed'));
  rig.visit.receive({ type: 'meeting', message: 'hello' });
  await rig.welcomed({ owner: base64url(other) });
  assert.deepEqual(rig.log, ['receive hello', 'profile 1000 guest']);
  const [terms] = rig.begun;
  assert.deepEqual([terms?.claim, terms?.founding, terms?.link?.owner], [{ kind: 'guest', name: 'Anna', subject: '' }, undefined, rig.store.state.invitation?.link?.owner]);
  rig.visit.receive({ type: 'meeting', message: 'next' });
  await rig.welcomed({ owner: base64url(other) });
  assert.deepEqual([rig.log.slice(2), rig.begun.length], [['receive next'], 1], 'one worker for the whole visit');
  assert.deepEqual(rig.store.state.encryption?.owner, { known: true, mine: false, pinned: false });
});

test('the first host begins, as the owner, and makes the link', async () => {
  const rig = new Rig('h.secret');
  await rig.welcomed();
  const founding = rig.begun[0]?.founding;
  assert.deepEqual([rig.begun[0]?.claim.kind, founding?.owner, founding?.link?.mode], ['account', me, 'mixed']);
  rig.tell({ type: 'policy', policy: { mode: 'mixed', floor: 'mixed', locked: false, maxScope: [], vetoRule: 'host', grants: [], gateways: [other], fallback: [], owner: me } });
  await until(() => rig.store.state.encryption?.link !== undefined);
  const { encryption } = rig.store.state;
  assert.deepEqual([encryption?.link?.mode, encryption?.owner.mine], ['mixed', true]);
  // What the gateway could only claim is in the policy by now.
  assert.match(encryption?.gatewayFingerprint ?? '', /^([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
});

test('where another is the owner a host begins only by its user\'s word, and not where the owner is pinned', async () => {
  const rig = new Rig('h.secret');
  await rig.welcomed({ owner: base64url(other) });
  assert.deepEqual([rig.begun.length, rig.begun[0]?.founding, rig.store.state.encryption?.mayBegin], [1, undefined, true]);
  rig.visit.beginAsOwner();
  await until(() => rig.begun.length > 1);
  assert.deepEqual([rig.begun.length, rig.begun[1]?.founding?.owner, rig.store.state.encryption?.mayBegin], [2, me, false]);
  const pinned = new Rig('h.secret');
  await pinned.welcomed({ owner: base64url(other), ownerPinned: true });
  pinned.visit.beginAsOwner();
  assert.deepEqual([pinned.begun.length, pinned.begun[0]?.founding], [1, undefined]);
  const guest = new Rig('g.secret');
  await guest.welcomed();
  guest.visit.beginAsOwner();
  assert.deepEqual([guest.begun.length, guest.begun[0]?.founding], [1, undefined]);
});

test('another owner than the invitation\'s: nothing is begun; so too where this browser once was the owner', async () => {
  const rig = new Rig('g.secret', await newLink(me, 'mixed'));
  await rig.welcomed({ owner: base64url(other) });
  assert.deepEqual([rig.begun, rig.log.at(-1)], [[], 'fault owner']);
  const former = new Rig('g.secret');
  former.profile = { ...former.profile, link: await newLink(me, 'mixed') };
  await former.welcomed({ owner: base64url(other) });
  assert.deepEqual([former.begun, former.log.at(-1)], [[], 'fault owner']);
});

test('no worker: clear words, and nothing else', async () => {
  for (const fault of ['browser', 'worker'] as const) {
    const rig = new Rig('g.secret');
    rig.fault = new GuardError(fault);
    await rig.welcomed();
    assert.deepEqual([rig.log, rig.visit.guard], [[`fault ${fault}`], undefined]);
  }
});

test('a worker that dies gets one successor, in a new stay', async () => {
  const rig = new Rig('g.secret');
  await rig.welcomed();
  rig.tell({ type: 'phase', phase: 'in' });
  rig.events?.dead();
  assert.deepEqual([rig.log.slice(-2), rig.visit.guard, rig.store.state.encryption?.phase], [['anew', 'close'], undefined, 'connecting']);
  await rig.welcomed();
  assert.notEqual(rig.visit.guard, undefined);
  rig.now = 59_999;
  rig.events?.dead();
  assert.equal(rig.log.at(-1), 'fault worker');
});

test('a room without a lobby lets in by itself, one with a lobby does not', async () => {
  for (const autoAdmit of [true, false]) {
    const rig = new Rig('h.secret');
    await rig.welcomed({ autoAdmit });
    rig.tell({ type: 'roster', epoch: 1n, self: 0, members: [entry(0, true)] }, { type: 'cards', cards: [card('a')] });
    assert.equal(rig.log.includes('command {"type":"admit","refs":["a"]}'), autoAdmit);
  }
});

test('a meeting that ends without a word is a fault, one that was left is none', async () => {
  const rig = new Rig('g.secret');
  await rig.welcomed();
  rig.tell({ type: 'phase', phase: 'out' });
  assert.equal(rig.log.at(-1), 'fault worker');
  const left = new Rig('g.secret');
  await left.welcomed();
  await left.visit.leave();
  left.tell({ type: 'phase', phase: 'out' });
  assert.equal(left.log.some((line) => line.startsWith('fault')), false);
});

test('removed by a commit: over; and after the end nothing is told', async () => {
  const rig = new Rig('g.secret');
  await rig.welcomed();
  rig.tell({ type: 'removed', by: 'Anna', replaced: true });
  assert.equal(rig.log.at(-1), 'removed true');
  rig.visit.close();
  const { length } = rig.log;
  rig.tell({ type: 'removed', by: 'Anna', replaced: false });
  rig.events?.dead();
  assert.equal(rig.log.length, length);
});

test('what is the guard\'s to say is not the page\'s', async () => {
  const rig = new Rig('g.secret');
  await rig.welcomed();
  const { length } = rig.log;
  rig.visit.command({ type: 'leave' });
  rig.visit.command({ type: 'watchdog', fine: true });
  rig.visit.command({ type: 'seen', leaf: 0, epochByte: 1, proved: false });
  assert.equal(rig.log.length, length);
  rig.visit.command({ type: 'lock' });
  rig.visit.broke();
  assert.deepEqual(rig.log.slice(length), ['command {"type":"lock"}', 'disconnected']);
});
