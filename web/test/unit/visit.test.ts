// A whole visit against a gateway that is told what to say: what the page does with an encrypted room, and what it never does.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { FrameGuard, GuardEvents } from '../../src/media/encrypted.ts';
import { base64url } from '../../src/e2ee/policy/bytes.ts';
import { newLink, type Link } from '../../src/e2ee/policy/link.ts';
import type { Mode, ServerMessage } from '../../src/protocol/messages.ts';
import type { MediaLink } from '../../src/session/media_link.ts';
import { Store } from '../../src/session/store.ts';
import { ViewTeller } from '../../src/session/view.ts';
import { Visit } from '../../src/session/visit.ts';

/** FakeSocket is the gateway's end of a WebSocket. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readonly readyState = 1;
  onopen: (() => void) | undefined;
  onmessage: ((e: { readonly data: string }) => void) | undefined;
  onclose: ((e: { readonly code: number }) => void) | undefined;
  readonly sent: string[] = [];

  constructor() {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.sent.push('close');
  }
}

const strictest = new Map<string, string>();
Object.assign(globalThis, {
  WebSocket: FakeSocket, location: { origin: 'https://meet.example.com', href: 'https://meet.example.com/' }, isSecureContext: true, Worker: Object,
  RTCRtpScriptTransform: Object, RTCRtpSender: class { transform = null; },
  localStorage: { getItem: (key: string) => strictest.get(key) ?? null, setItem: (key: string, value: string) => void strictest.set(key, value) },
});
Object.defineProperty((globalThis as unknown as { RTCRtpSender: { prototype: object } }).RTCRtpSender.prototype, 'transform', { value: null, writable: true });

class Rig {
  readonly store = new Store();
  readonly log: string[] = [];
  readonly visit: Visit;
  readonly socket: FakeSocket;
  events: GuardEvents | undefined;
  #open = false;

  constructor(link?: Link) {
    const media = {
      peer: undefined,
      foreign: () => false,
      open: (_: unknown, guard: unknown) => {
        this.log.push(guard === undefined ? 'media in clear' : 'media guarded');
        this.#open = true;
      },
      hush: () => this.log.push('media hushed'),
      close: () => {
        if (this.#open) this.log.push('media closed');
        this.#open = false;
      },
    } as unknown as MediaLink;
    this.visit = new Visit({
      store: this.store, media, view: new ViewTeller(() => true), language: () => 'en', ended: () => this.log.push('ended'),
      guard: (events) => {
        this.events = events;
        return Promise.resolve({
          profile: () => Promise.resolve({ identity: new Uint8Array(32), kept: true, strictest: undefined, link: undefined }),
          begin: () => this.log.push('begin'), receive: () => undefined, disconnected: () => this.log.push('disconnected'), command: () => undefined,
          leave: () => {
            this.log.push('goodbye');
            return Promise.resolve();
          },
          close: () => this.log.push('guard closed'),
        } as unknown as FrameGuard);
      },
    });
    this.store.dispatch({ type: 'opened', invitation: { room: '1000', key: 'g.secret', ...(link === undefined ? {} : { link }) }, room: '1000' });
    this.store.dispatch({ type: 'joinAsked' });
    this.visit.begin();
    this.socket = FakeSocket.all.at(-1) ?? new FakeSocket();
    this.socket.onopen?.();
  }

  say(message: ServerMessage): void {
    this.socket.onmessage?.({ data: JSON.stringify(message) });
  }

  welcome(mode: Mode, now = Date.now()): void {
    const encryption = { gateway: base64url(new Uint8Array(32)), gatewayFingerprint: '', ownerPinned: false, maxScope: 'audio', vetoRule: 'host', autoAdmit: false } as const;
    this.say({
      type: 'welcome', protocol: 1, participant: 'me', resume: 'r', role: 'guest', room: { number: '1000', name: '', mode, locked: false }, iceServers: [],
      slots: { audio: 1, video: 1 }, phone: { uri: '' }, server: '1', now, ...(mode === 'open' ? {} : { encryption }),
    });
  }

  async begun(): Promise<void> {
    while (!this.log.includes('begin')) await new Promise((resolve) => setImmediate(resolve));
  }

  get sent(): readonly string[] {
    return this.socket.sent.map((text) => (text.startsWith('{') ? (JSON.parse(text) as { type: string }).type : text));
  }

  get end(): readonly unknown[] {
    const { phase, encryption } = this.store.state;
    return [phase.name === 'ended' ? phase.code : phase.name, encryption?.fault];
  }
}

test('the fragment that the gateway is sent is the door key, and nothing of the link', async () => {
  const link = await newLink(new Uint8Array(32), 'mixed');
  const rig = new Rig(link);
  assert.equal(rig.socket.sent.length, 1);
  const hello = rig.socket.sent[0] ?? '';
  assert.ok(hello.includes('"key":"g.secret"'));
  assert.ok(!hello.includes(base64url(link.secret)) && !hello.includes(base64url(link.owner)));
});

test('an open room is entered as ever', () => {
  const rig = new Rig();
  rig.welcome('open');
  rig.say({ type: 'admitted' });
  rig.visit.openMedia();
  assert.deepEqual([rig.log, rig.events], [['media in clear'], undefined]);
  rig.visit.drop();
});

test('in an encrypted room no media without a guard, whoever admits', async () => {
  const rig = new Rig();
  rig.welcome('mixed');
  rig.say({ type: 'admitted' });
  rig.visit.openMedia();
  assert.deepEqual(rig.log, []);
  await rig.begun();
  assert.equal(rig.store.state.phase.name, 'joining');
  rig.events?.meeting({ type: 'phase', phase: 'in' });
  assert.equal(rig.store.state.phase.name, 'room');
  rig.visit.openMedia();
  assert.deepEqual(rig.log, ['begin', 'media guarded']);
  rig.events?.renew();
  assert.deepEqual(rig.log.slice(2), ['media closed', 'media guarded']);
  await rig.visit.leave();
  assert.deepEqual(rig.log.slice(4), ['media hushed', 'goodbye', 'media closed', 'guard closed', 'ended']);
  assert.deepEqual(rig.sent, ['hello', 'leave', 'close']);
});

test('a stay whose media connection is closed is left, and another begins by itself', async () => {
  const rig = new Rig();
  rig.welcome('mixed');
  rig.say({ type: 'admitted' });
  await rig.begun();
  rig.events?.meeting({ type: 'phase', phase: 'in' });
  rig.visit.openMedia();
  rig.events?.dead();
  assert.deepEqual(rig.log.slice(2), ['media closed', 'guard closed']);
  assert.deepEqual([rig.sent, rig.store.state.phase.name], [['hello', 'leave', 'close'], 'joining']);
  // The gateway would end the old stay with its connection: there is nothing to take up.
  const next = FakeSocket.all.at(-1);
  assert.notEqual(next, rig.socket);
  next?.onopen?.();
  assert.ok(next?.sent[0]?.includes('"hello"') === true && !next.sent[0].includes('resume'));
});

test('a room that is less than the invitation says is left before anything else is sent', async () => {
  for (const [mode, linked] of [['open', 'mixed'], ['open', 'sealed'], ['mixed', 'sealed']] as const) {
    const rig = new Rig(await newLink(new Uint8Array(32), linked));
    rig.welcome(mode);
    assert.deepEqual([rig.end, rig.sent, rig.log], [['encryption', 'mode'], ['hello', 'leave', 'close'], ['ended']], `${mode} for ${linked}`);
  }
});

test('a clock that is wrong: said, and nothing is sent', () => {
  const rig = new Rig();
  rig.welcome('mixed', Date.now() - 11 * 60_000);
  assert.deepEqual([rig.end, rig.sent], [['encryption', 'clock'], ['hello', 'leave', 'close']]);
});

test('an encrypted visit does not go on in an open room', async () => {
  const rig = new Rig();
  rig.welcome('mixed');
  await rig.begun();
  rig.welcome('open');
  assert.deepEqual(rig.end, ['encryption', 'mode']);
  assert.equal(rig.log.at(-2), 'guard closed');
});

test('a room that was seen encrypted is entered openly by the user\'s word only', () => {
  strictest.set('legroom.strictest.1000', 'mixed');
  const rig = new Rig();
  rig.welcome('open');
  rig.say({ type: 'admitted' });
  rig.visit.openMedia();
  assert.deepEqual([rig.log, rig.store.state.encryption?.askLooser, rig.store.state.phase.name], [[], true, 'joining']);
  rig.visit.goOnLooser();
  rig.visit.openMedia();
  assert.deepEqual([rig.log, rig.store.state.phase.name], [['media in clear'], 'room']);
  rig.visit.drop();
  strictest.clear();
});

test('a connection that breaks is told to the meeting, and its end closes the worker', async () => {
  const rig = new Rig();
  rig.welcome('mixed');
  await rig.begun();
  rig.socket.onclose?.({ code: 1006 });
  assert.equal(rig.log.at(-1), 'disconnected');
  rig.visit.drop();
  assert.equal(rig.log.at(-1), 'guard closed');
});
