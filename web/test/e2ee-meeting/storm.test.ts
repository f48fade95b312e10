// Many people at once do whatever they may, over lines of different length, and have to be of one mind soon after each storm.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Browser } from './browser.ts';
import { noGo } from './delivery.ts';
import { key, World } from './world.ts';

const skip = { skip: noGo };
/** LEGROOM_STORMS are how many storms there are, and LEGROOM_SEED which. */
const storms = Number(process.env['LEGROOM_STORMS'] ?? 4);
const seed = Number(process.env['LEGROOM_SEED'] ?? 1);
const crowd = ['bob', 'carol', 'dave', 'erin', 'frank'];
/** The longest that a message is on its way, ms, and how long it may take until all are of one mind: guests who bring others back do so every 30 s. */
const farMs = 400;
const calmMs = 120_000;

/** chance draws numbers that are the same each time (mulberry32). */
function chance(from: number): () => number {
  let a = from;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Storm has everybody's messages take their time, and knows who ought to be in. */
class Storm {
  readonly log: string[] = [];
  readonly #arrived: string[] = [];
  readonly #world: World;
  readonly #random: () => number;
  readonly #inside = new Set<string>(['anna']);
  readonly #broken = new Set<string>();
  /** By name, whoever it was last. */
  readonly #people = new Map<string, Browser>();
  /** Of each connection, how often it was made, and until when each way is taken. */
  readonly #times = new Map<string, number>();
  readonly #taken = new Map<string, number>();
  /** Guests who have said that they leave, and are somebody else when they come again. */
  readonly #forgotten = new Set<string>();
  #phone = false;

  constructor(world: World, anna: Browser, random: () => number) {
    this.#world = world;
    this.#people.set('anna', anna);
    this.#random = random;
    world.upward = (who, message) => this.#late(`${who} up`, who, () => void world.delivery.message(who, message), message.type);
    world.downward = (to, message) => this.#late(`${to} down`, to, () => world.browsers.get(to)?.meeting.receive(message), message.type);
  }

  /** blow is one storm. */
  async blow(): Promise<void> {
    const deeds = [this.#come, this.#come, this.#admit, this.#admit, this.#leave, this.#vanish, this.#reload, this.#reload, this.#break, this.#mend, this.#kick, this.#host, this.#ring, this.#hangUp, this.#revoke];
    for (let n = 0; n < 8; n++) {
      await this.#pick(deeds)?.call(this);
      await this.#world.pass(this.#random() < 0.5 ? 0 : Math.floor(this.#random() * 2500));
    }
  }

  /** calm lets people do what they do anyway, until all who ought to be in are, in one epoch; it gives the time that took, ms. */
  async calm(): Promise<number> {
    const began = this.#world.clock.now;
    for (const who of [...this.#broken]) await this.#mendOne(who);
    for (;;) {
      const fault = this.#fault();
      if (fault === '') break;
      assert.ok(this.#world.clock.now - began < calmMs, `${fault}\n${this.#told()}`);
      for (const browser of this.#in()) browser.meeting.command({ type: 'continue' });
      for (const host of this.#hosts()) {
        host.meeting.command({ type: 'admit', refs: this.#cards(host).filter(({ name }) => this.#inside.has(name)).map(({ ref }) => ref) });
        // Whoever was to be put out by somebody who reloaded over it.
        for (const { name, identity } of host.members) if (!this.#inside.has(name)) host.meeting.command({ type: 'kick', identity });
      }
      await this.#world.pass(500);
    }
    const took = this.#world.clock.now - began;
    await this.#world.agree(...this.#in());
    return took;
  }

  #late(way: string, who: string, arrive: () => void, type: string): undefined {
    const { clock } = this.#world;
    const times = this.#times.get(who) ?? 0;
    const at = Math.max(this.#taken.get(way) ?? 0, clock.now + Math.floor(this.#random() * farMs));
    this.#taken.set(way, at);
    clock.after(at - clock.now, () => {
      if ((this.#times.get(who) ?? 0) !== times) return;
      this.#arrived.push(`${clock.now} ${way} ${type}`);
      arrive();
    });
    return undefined;
  }

  #in(): readonly Browser[] {
    return [...this.#inside].flatMap((name) => this.#people.get(name) ?? []);
  }

  /** There are hosts by their own and everybody's word, whose connection stands. */
  #hosts(): readonly Browser[] {
    return this.#in().filter((b) => !this.#broken.has(b.name) && b.events.findLast((e) => e.type === 'phase')?.phase === 'in' && b.members.some(({ name, host }) => name === b.name && host));
  }

  /** seated are those who know the group, connected or not. */
  #seated(): readonly Browser[] {
    return this.#in().filter((b) => b.events.findLast((e) => e.type === 'phase')?.phase === 'in');
  }

  #cards(host: Browser): readonly { readonly name: string; readonly ref: string }[] {
    return host.events.findLast((event) => event.type === 'cards')?.cards ?? [];
  }

  #fault(): string {
    const browsers = this.#in();
    const names = browsers.map(({ name }) => name).sort().join();
    for (const browser of browsers) {
      const phase = browser.events.findLast((event) => event.type === 'phase')?.phase;
      if (phase !== 'in') return `${browser.name} is ${phase}`;
      const members = browser.members.map(({ name }) => name).sort().join();
      if (members !== names) return `${browser.name} knows ${members}, not ${names}`;
      if (browser.epoch !== browsers[0]?.epoch) return `${browser.name} is in epoch ${browser.epoch}, ${browsers[0]?.name} in ${browsers[0]?.epoch}`;
      if (browser.mark === 'BROKEN') return `${browser.name} is broken`;
      if (!browser.media.speaks.includes('audio')) return `${browser.name} is silent`;
    }
    return '';
  }

  #told(): string {
    const events = this.#in().map((browser) => `${browser.name}: ${browser.events.slice(-30).map((e) => (e.type === 'undone' ? `undone ${e.wish} ${e.why}` : e.type === 'failure' ? `failure ${e.failure.what}` : e.type === 'phase' ? e.phase : e.type)).join()}`);
    return [...this.log, ...events, ...this.#arrived.slice(-100)].join('\n');
  }

  #pick<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.#random() * all.length)];
  }

  #say(text: string): void {
    this.log.push(`${this.#world.clock.now} ${text}`);
  }

  #cut(who: string): void {
    this.#times.set(who, (this.#times.get(who) ?? 0) + 1);
  }

  async #come(): Promise<void> {
    const name = this.#pick(crowd.filter((who) => !this.#inside.has(who)));
    if (name === undefined) return;
    this.#say(`${name} comes`);
    this.#inside.add(name);
    const known = this.#people.get(name);
    if (known !== undefined && !this.#forgotten.has(name)) return known.reload();
    this.#forgotten.delete(name);
    // Each stay of somebody else is another one to the service.
    const browser = await this.#world.person(name, 'guest', undefined, `${name} ${this.#people.size} ${this.#world.clock.now}`);
    this.#people.set(name, browser);
    await browser.connect();
  }

  async #admit(): Promise<void> {
    const host = this.#pick(this.#hosts());
    const card = host === undefined ? undefined : this.#pick(this.#cards(host));
    if (host === undefined || card === undefined) return;
    this.#say(`${host.name} admits ${card.name}`);
    await host.want({ type: 'admit', refs: [card.ref] });
  }

  async #leave(): Promise<void> {
    const browser = this.#guest();
    if (browser === undefined || this.#seated().length < 3) return;
    this.#say(`${browser.name} leaves`);
    this.#inside.delete(browser.name);
    this.#forgotten.add(browser.name);
    await browser.want({ type: 'leave' });
    await this.#world.pass(farMs);
    await this.#gone(browser);
  }

  async #vanish(): Promise<void> {
    const browser = this.#guest();
    if (browser === undefined || this.#seated().length < 3) return;
    this.#say(`${browser.name} vanishes, and is put out`);
    this.#inside.delete(browser.name);
    await this.#gone(browser);
    const host = this.#pick(this.#hosts());
    if (host === undefined) return;
    await host.want({ type: 'kick', identity: key(browser) });
  }

  /** Somebody has to be left who knows the group; where nobody is, the gateway ends it. */
  async #reload(): Promise<void> {
    const browser = this.#pick(this.#in().filter(({ name }) => !this.#broken.has(name)));
    if (browser === undefined || this.#seated().filter((other) => other !== browser).length === 0) return;
    this.#say(`${browser.name} reloads`);
    this.#cut(browser.connection);
    await browser.reload();
  }

  async #break(): Promise<void> {
    const browser = this.#pick(this.#in().filter(({ name }) => !this.#broken.has(name)));
    if (browser === undefined) return;
    this.#say(`${browser.name} loses the connection`);
    this.#broken.add(browser.name);
    this.#cut(browser.connection);
    await browser.disconnect();
  }

  async #mend(): Promise<void> {
    const who = this.#pick([...this.#broken]);
    if (who !== undefined) await this.#mendOne(who);
  }

  async #mendOne(who: string): Promise<void> {
    this.#say(`${who} has the connection back`);
    this.#broken.delete(who);
    await this.#people.get(who)?.connect();
  }

  async #kick(): Promise<void> {
    const [host, browser] = [this.#pick(this.#hosts()), this.#guest()];
    if (host === undefined || browser === undefined || host === browser || !host.members.some(({ name }) => name === browser.name)) return;
    this.#say(`${host.name} puts ${browser.name} out`);
    this.#inside.delete(browser.name);
    await host.want({ type: 'kick', identity: key(browser) });
    await this.#world.pass(5000);
    await this.#gone(browser);
  }

  async #host(): Promise<void> {
    const [host, browser] = [this.#pick(this.#hosts()), this.#guest()];
    if (host === undefined || browser === undefined || host === browser) return;
    this.#say(`${host.name} makes ${browser.name} a host`);
    await host.want({ type: 'host', identity: key(browser), host: true });
  }

  async #ring(): Promise<void> {
    if (this.#phone) return;
    this.#phone = true;
    this.#say('a telephone calls');
    await this.#world.delivery.order({ ask: { legs: [{ no: 0, kind: 'phone', label: 'Line', number: '1' }], scope: [1], speak: [1], seconds: 3600 } });
    await this.#world.pass(farMs);
    const host = this.#pick(this.#hosts());
    const ask = host?.events.findLast((event) => event.type === 'asks')?.asks[0];
    if (host === undefined || ask === undefined) return;
    this.#say(`${host.name} allows it`);
    await host.want({ type: 'allow', id: ask.id });
  }

  async #hangUp(): Promise<void> {
    if (!this.#phone) return;
    this.#phone = false;
    this.#say('it hangs up');
    await this.#world.delivery.order({ hangUp: true });
  }

  async #revoke(): Promise<void> {
    const host = this.#pick(this.#hosts());
    const grant = host?.events.findLast((event) => event.type === 'policy')?.policy.grants[0];
    if (host === undefined || grant === undefined) return;
    this.#say(`${host.name} shuts it out`);
    await host.want({ type: 'revoke', n: grant.n });
  }

  /** guest is one of those that the others can do without. */
  #guest(): Browser | undefined {
    return this.#pick(this.#in().filter(({ name }) => name !== 'anna'));
  }

  /** gone closes the page of somebody; another one begins anew. */
  async #gone(browser: Browser): Promise<void> {
    this.#cut(browser.connection);
    this.#broken.delete(browser.name);
    await browser.disconnect();
  }
}

test('whatever people do at once, all are of one mind soon after', skip, async () => {
  for (let n = seed; n < seed + storms; n++) {
    await World.run({}, async (world, anna) => {
      const random = chance(n);
      const storm = new Storm(world, anna, random);
      let longest = 0;
      try {
        for (let i = 0; i < 4; i++) {
          await storm.blow();
          longest = Math.max(longest, await storm.calm());
        }
      } catch (error) {
        if (error instanceof Error) error.message = `LEGROOM_SEED=${n}: ${error.message}`;
        throw error;
      }
      console.log(`seed ${n}: of one mind within ${longest} ms`);
    });
  }
});
