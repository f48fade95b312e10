// The worker as the page sees it: whole meetings, by messages that a structured clone can carry, around the real delivery service.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { MeetingEvent } from '../../src/e2ee/meeting/events.ts';
import type { FromServer, ToServer } from '../../src/e2ee/meeting/wire.ts';
import { encodeToServer } from '../../src/e2ee/meeting/wire_json.ts';
import { newSuite } from '../../src/e2ee/mls/suite.ts';
import type { Link } from '../../src/e2ee/policy/link.ts';
import { PageRecords } from '../../src/e2ee/store/page_records.ts';
import { ProfileStore } from '../../src/e2ee/store/profile_store.ts';
import { Stage } from '../../src/e2ee/worker/stage.ts';
import { Visit } from '../../src/e2ee/worker/visit.ts';
import type { FromVisit, MeetingTerms, Profile, ToVisit, VisitAnswer } from '../../src/e2ee/worker/visit_messages.ts';
import type { EncodedFrame } from '../../src/e2ee/worker/scope.ts';
import { Delivery, noGo } from './delivery.ts';
import { FakeClock } from './fake_clock.ts';

const suite = await newSuite();
const room = '1000';

type Wish = Omit<Extract<ToVisit, { request: number }>, 'request'> & { readonly type: string };

/** House is the room and everybody's pages. */
class House {
  readonly clock = new FakeClock();
  readonly pages = new Map<string, Page>();
  readonly delivery = new Delivery((to, message) => this.pages.get(to)?.deliver(message));

  /** until lets time go by, a tenth of a second a step, until something is so. */
  async until(what: string, condition: () => boolean): Promise<void> {
    for (let step = 0; step < 400; step++) {
      for (let i = 0; i < 10; i++) {
        await crypto.subtle.digest('SHA-256', new Uint8Array(1));
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (condition()) return;
      const to = this.clock.now + 100;
      for (let timer = this.clock.next(to); timer !== undefined; timer = this.clock.next(to)) {
        this.clock.now = Math.max(this.clock.now, timer.at);
        timer.run();
      }
      this.clock.now = to;
      await this.delivery.order({ advance: 100 });
    }
    // What the processor has still to work out takes time of the real clock.
    for (const end = performance.now() + 10_000; performance.now() < end; await new Promise((resolve) => setTimeout(resolve, 10))) if (condition()) return;
    assert.fail(`never came: ${what}`);
  }
}

/** Page is one page load of somebody's browser: records stay, all else is new. */
class Page {
  readonly events: MeetingEvent[] = [];
  readonly said: FromVisit[] = [];
  readonly opened: string[] = [];
  readonly stage: Stage;
  #visit: Visit;
  #request = 0;
  #online = true;

  constructor(readonly house: House, readonly name: string, readonly records: PageRecords) {
    this.stage = new Stage({
      engine: (message) => {
        if (message.type === 'seen') this.#visit.seen(message.leaf, message.epochByte, message.proved);
      },
      renewed: () => undefined,
    }, () => house.clock.now);
    this.#visit = new Visit({
      suite, clock: house.clock, store: new ProfileStore(records, () => house.clock.unix()), media: (group) => this.stage.media(group),
      post: (message) => this.#hear(structuredClone(message)),
    });
    house.pages.set(name, this);
  }

  say(message: ToVisit): void {
    this.#visit.handle(structuredClone(message));
  }

  deliver(message: FromServer): void {
    if (this.#online) this.say({ type: 'receive', message: JSON.parse(encodeToServer(message as unknown as ToServer)) as unknown });
  }

  /** gone: the page is closed; what its worker still does reaches nobody. */
  async gone(): Promise<void> {
    this.#online = false;
    await this.house.delivery.order({ disconnect: this.name });
  }

  async ask(wish: Wish): Promise<VisitAnswer> {
    const request = ++this.#request;
    this.say({ ...wish, request } as ToVisit);
    const found = () => this.said.find((message): message is VisitAnswer => message.type === 'answer' && message.request === request);
    await this.house.until(`answer to ${wish.type}`, () => found() !== undefined);
    const answer = found();
    assert.ok(answer);
    return answer;
  }

  async profile(kind: MeetingTerms['claim']['kind']): Promise<Profile> {
    const { profile } = await this.ask({ type: 'profile', room, kind } as Wish);
    assert.ok(profile);
    return profile;
  }

  last<T extends MeetingEvent['type']>(type: T): Extract<MeetingEvent, { type: T }> | undefined {
    return this.events.findLast((event): event is Extract<MeetingEvent, { type: T }> => event.type === type);
  }

  get phase(): string | undefined {
    return this.last('phase')?.phase;
  }

  get names(): string {
    return (this.last('roster')?.members ?? []).map(({ name }) => name).join();
  }

  async connect(): Promise<void> {
    await this.house.delivery.order({ connect: this.name });
  }

  /** hears has this page open what another seals: sound of a length of its own. */
  async hears(other: Page): Promise<void> {
    const frame: EncodedFrame = { data: new Uint8Array(40).fill(7).buffer, getMetadata: () => ({ mimeType: 'audio/opus' }) };
    const sealed: EncodedFrame[] = [];
    const out = pipe(other.stage, { side: 'send', id: `to ${this.name} ${other.house.clock.now}`, generation: 1, kind: 'audio', track: 0 }, (f) => sealed.push(f));
    void out.write(frame);
    await this.house.until(`${other.name} seals`, () => sealed.length === 1);
    const [ciphertext] = sealed;
    assert.ok(ciphertext && Buffer.from(ciphertext.data).indexOf(Buffer.alloc(8, 7)) < 0);
    const opened: EncodedFrame[] = [];
    const id = `from ${other.name} ${other.house.clock.now}`;
    this.stage.handle({ type: 'expect', id, epoch: this.last('roster')?.epoch ?? 0n, expected: { kind: 'audio' } });
    const into = pipe(this.stage, { side: 'receive', id, generation: 1, medium: 'audio' }, (f) => opened.push(f));
    void into.write(ciphertext);
    await this.house.until(`${this.name} opens`, () => opened.length === 1);
    assert.deepEqual(new Uint8Array(opened[0]?.data ?? new ArrayBuffer(0)), new Uint8Array(40).fill(7));
  }

  #hear(message: FromVisit): void {
    this.said.push(message);
    if (message.type === 'event') this.events.push(message.event);
    if (message.type === 'send' && this.#online) void this.house.delivery.message(this.name, message.message as unknown as ToServer);
  }
}

function pipe(stage: Stage, options: Parameters<Stage['attach']>[0]['options'], out: (frame: EncodedFrame) => void): WritableStreamDefaultWriter<EncodedFrame> {
  const source = new TransformStream<EncodedFrame, EncodedFrame>();
  stage.attach({ options, readable: source.readable, writable: new WritableStream<EncodedFrame>({ write: out }) });
  return source.writable.getWriter();
}

/** begun is Anna's meeting, and her link. */
async function begun(): Promise<{ house: House; anna: Page; link: Link }> {
  const house = new House();
  const anna = new Page(house, 'anna', new PageRecords());
  const { identity, kept } = await anna.profile('account');
  assert.equal(kept, false);
  const { link } = await anna.ask({ type: 'link', room, mode: 'mixed' } as Wish);
  assert.ok(link);
  await house.delivery.order({ config: { room, owner: [...identity], now: house.clock.date } });
  // The service's hello comes before the page has decided on its terms.
  await anna.connect();
  anna.say({ type: 'begin', terms: {
    room, link, claim: { kind: 'account', name: 'Anna', subject: '' },
    founding: { owner: identity, floor: 'mixed', mode: 'mixed', locked: false, maxScope: ['audio'], gateways: [], vetoRule: 'host', fallback: [] },
  } });
  await house.until('Anna is in', () => anna.phase === 'in' && anna.last('state') !== undefined);
  return { house, anna, link };
}

/** come has somebody wait, and Anna admit. */
async function come(anna: Page, page: Page, terms: Omit<MeetingTerms, 'room'>): Promise<void> {
  await page.connect();
  page.say({ type: 'begin', terms: { room, ...terms } });
  await anna.house.until('a card', () => (anna.last('cards')?.cards ?? []).some(({ name }) => name === terms.claim.name));
  anna.say({ type: 'command', command: { type: 'admit', refs: (anna.last('cards')?.cards ?? []).map(({ ref }) => ref) } });
  await anna.house.until(`${page.name} is in`, () => page.phase === 'in' && page.names !== '');
}

const guest = (name: string) => ({ claim: { kind: 'guest', name, subject: '' } }) as const;

test('a meeting lives in the worker: begun, joined, heard, and left', { skip: noGo, timeout: 60_000 }, async () => {
  const { house, anna, link } = await begun();
  try {
    const ben = new Page(house, 'ben', new PageRecords());
    await come(anna, ben, { link, ...guest('Ben') });
    await house.until('Anna sees Ben', () => anna.names === 'Anna,Ben');
    await ben.hears(anna);
    await anna.hears(ben);
    assert.equal(anna.last('state')?.state.mark, 'SEALED');
    const before = (await ben.profile('guest')).identity;
    assert.equal((await ben.profile('guest')).strictest, 'mixed');
    await ben.ask({ type: 'leave' });
    assert.equal(ben.phase, 'out');
    await house.until('Ben has gone', () => anna.names === 'Anna');
    assert.notDeepEqual((await new Page(house, 'later', ben.records).profile('guest')).identity, before);
  } finally {
    house.delivery.close();
  }
});

test('a reload comes back by itself, as the same guest', { skip: noGo, timeout: 60_000 }, async () => {
  const { house, anna, link } = await begun();
  try {
    const ben = new Page(house, 'ben', new PageRecords());
    await come(anna, ben, { link, ...guest('Ben') });
    await ben.gone();
    const again = new Page(house, 'ben', ben.records);
    again.say({ type: 'begin', terms: { room, link, ...guest('Ben') } });
    await again.connect();
    await house.until('Ben is back', () => again.phase === 'in' && again.names === 'Anna,Ben');
    assert.deepEqual((await again.profile('guest')).identity, (await ben.profile('guest')).identity);
    await again.hears(anna);
  } finally {
    house.delivery.close();
  }
});

test('accounts that came by the link are pinned, guests and strangers are not', { skip: noGo, timeout: 60_000 }, async () => {
  const { house, anna, link } = await begun();
  try {
    const mia = new Page(house, 'mia', new PageRecords());
    await come(anna, mia, { link, claim: { kind: 'account', name: 'Mia', subject: '' } });
    const zoe = new Page(house, 'zoe', new PageRecords());
    await come(anna, zoe, { claim: { kind: 'account', name: 'Zoe', subject: '' } });
    const ben = new Page(house, 'ben', new PageRecords());
    await come(anna, ben, { link, ...guest('Ben') });
    await house.until('all are there', () => anna.names.split(',').length === 4);
    const pins = async (page: Page) => [...(await page.records.all('pins')).values()].map(({ name }) => name).sort();
    assert.deepEqual(await pins(anna), ['Mia']);
    assert.deepEqual(await pins(mia), ['Anna']);
    assert.deepEqual(await pins(zoe), [], 'who has no link knows of nobody who has it');
    // A code that people found to be the same vouches for all who were in it.
    zoe.say({ type: 'command', command: { type: 'longCode' } });
    await house.until('a code', () => zoe.last('longCode') !== undefined);
    zoe.say({ type: 'command', command: { type: 'codesMatch', match: true } });
    await house.until('Zoe is sure', () => zoe.last('state')?.state.checked === true);
    assert.deepEqual(await pins(zoe), ['Anna', 'Mia']);
  } finally {
    house.delivery.close();
  }
});

test('who begins as the new owner takes up where the first attempt waited', { skip: noGo, timeout: 60_000 }, async () => {
  const house = new House();
  try {
    const anna = new Page(house, 'anna', new PageRecords());
    const { identity } = await anna.profile('account');
    await house.delivery.order({ config: { room, owner: [...identity], now: house.clock.date } });
    const terms = { room, claim: { kind: 'account', name: 'Anna', subject: '' } } as const;
    anna.say({ type: 'begin', terms });
    await anna.connect();
    await house.until('no meeting', () => anna.phase === 'noMeeting');
    anna.say({ type: 'begin', terms: { ...terms, founding: { owner: identity, floor: 'mixed', mode: 'mixed', locked: false, maxScope: ['audio'], gateways: [], vetoRule: 'host', fallback: [] } } });
    await house.until('Anna is in', () => anna.phase === 'in');
  } finally {
    house.delivery.close();
  }
});

test('what is no message of the service is ignored', { skip: noGo, timeout: 60_000 }, async () => {
  const { house, anna } = await begun();
  try {
    const before = anna.events.length;
    for (const message of [undefined, null, 7, 'x', [], {}, { type: 'applied' }, { type: 'hello', seated: 'yes' }, { type: 'relayed', message: '***' }]) {
      anna.say({ type: 'receive', message });
    }
    anna.say({ type: 'command', command: { type: 'longCode' } });
    await house.until('it goes on', () => anna.last('longCode') !== undefined);
    const since = anna.events.slice(before).map(({ type }) => type);
    assert.ok(!since.some((type) => type === 'failure' || type === 'broken' || type === 'phase'), since.join());
    assert.equal(anna.phase, 'in');
  } finally {
    house.delivery.close();
  }
});
