// People with browsers around one delivery service, under one clock that stands still unless it is moved.
import { strict as assert } from 'node:assert';
import type { FoundingTerms } from '../../src/e2ee/meeting/founding.ts';
import type { FromServer, ToServer } from '../../src/e2ee/meeting/wire.ts';
import type { Bytes } from '../../src/e2ee/policy/bytes.ts';
import { newLink, type Link } from '../../src/e2ee/policy/link.ts';
import { newSigner, type Signer } from '../../src/e2ee/policy/signing.ts';
import { Browser } from './browser.ts';
import { Delivery } from './delivery.ts';
import { FakeClock } from './fake_clock.ts';

export const room = '1000';

/** The key of the gateway in the Go program, of the seed 0x70, 0x71, ... */
export const gatewayKey = await (async (): Promise<Bytes> => {
  const head = Buffer.from('302e020100300506032b657004220420', 'hex');
  const pkcs8 = Buffer.concat([head, Uint8Array.from({ length: 32 }, (_, i) => 0x70 + i)]);
  const { x } = await crypto.subtle.exportKey('jwk', await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']));
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'));
})();

/** World is the room, and everybody who has to do with it. */
export class World {
  readonly clock = new FakeClock();
  readonly browsers = new Map<string, Browser>();
  readonly delivery: Delivery;
  link: Link | undefined;
  /** What a server that does not keep to the rules does with messages; undefined drops one. */
  upward: (who: string, message: ToServer) => ToServer | undefined = (_, message) => message;
  downward: (to: string, message: FromServer) => FromServer | undefined = (_, message) => message;

  private constructor(readonly owner: Signer) {
    this.delivery = new Delivery((to, message) => {
      const passed = this.downward(to, message);
      if (passed !== undefined) this.browsers.get(to)?.meeting.receive(passed);
    });
  }

  /** run has Anna begin a meeting, and everything end with the test. */
  static async run(terms: Partial<FoundingTerms>, test: (world: World, anna: Browser) => Promise<void>): Promise<void> {
    const owner = await newSigner();
    const world = new World(owner);
    try {
      world.link = await newLink(owner.publicKey, 'mixed');
      await world.delivery.order({ config: { room, owner: [...owner.publicKey], now: world.clock.date } });
      const anna = new Browser(world, 'anna', owner, 'account', 'anna', {
        owner: owner.publicKey, floor: 'mixed', mode: 'mixed', locked: false, maxScope: ['audio'], gateways: [gatewayKey], vetoRule: 'host', fallback: [], ...terms,
      });
      world.browsers.set('anna', anna);
      await anna.connect();
      assert.deepEqual([anna.last('phase').phase, anna.mark], ['in', 'SEALED']);
      await test(world, anna);
    } finally {
      world.delivery.close();
    }
  }

  /** person opens a browser; connection is what the service calls it. */
  async person(name: string, kind: 'guest' | 'account' = 'guest', signer?: Signer, connection = name): Promise<Browser> {
    const browser = new Browser(this, name, signer ?? (await newSigner()), kind, connection);
    this.browsers.set(connection, browser);
    return browser;
  }

  /** come has people wait, Anna admit them all, and everybody follow. */
  async come(...names: readonly string[]): Promise<readonly Browser[]> {
    const browsers: Browser[] = [];
    for (const name of names) {
      const browser = this.browsers.get(name) ?? (await this.person(name));
      browsers.push(browser);
      await browser.connect();
    }
    const anna = this.browsers.get('anna');
    assert.ok(anna);
    await anna.want({ type: 'admit', refs: anna.last('cards').cards.map((card) => card.ref) });
    await this.pass(2000);
    for (const browser of browsers) assert.equal(browser.last('phase').phase, 'in', browser.name);
    return browsers;
  }

  send(from: Browser, message: ToServer): void {
    const passed = this.upward(from.connection, message);
    if (passed !== undefined) void this.delivery.message(from.connection, passed);
  }

  /** settle is done when nobody has anything left to do at this moment. */
  async settle(): Promise<void> {
    // Twice quiet: what is done last may have put something into a queue that was looked at before.
    for (let quiet = 0; quiet < 2;) {
      const before = this.delivery.activity;
      await Promise.all([...this.browsers.values()].map((browser) => browser.meeting.idle()));
      if (this.delivery.busy > 0) await this.delivery.order({});
      quiet = this.delivery.activity === before ? quiet + 1 : 0;
    }
  }

  /** pass lets time go by, one timer after another. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now + ms;
    await this.settle();
    for (let timer = this.clock.next(until); timer !== undefined; timer = this.clock.next(until)) {
      await this.#goTo(timer.at);
      timer.run();
      await this.settle();
    }
    await this.#goTo(until);
    await this.settle();
  }

  async #goTo(at: number): Promise<void> {
    if (at > this.clock.now) await this.delivery.order({ advance: at - this.clock.now });
    this.clock.now = at;
  }

  /** agree asserts that these browsers hear one another, and nobody else hears them. */
  async agree(...browsers: readonly Browser[]): Promise<void> {
    for (const from of browsers) {
      const frame = await from.media.seal('audio', `from ${from.name}`);
      for (const to of browsers) if (to !== from) assert.equal(await to.media.open(frame), `from ${from.name}`, `${from.name} to ${to.name}`);
    }
  }

  /** ask has the telephone system ask for one line. */
  async ask(seconds = 3600): Promise<string> {
    await this.delivery.order({ ask: { legs: [{ no: 0, kind: 'phone', label: 'Line 1', number: '+49 30 ...12' }], scope: [1], speak: [1], seconds } });
    await this.settle();
    const card = this.browsers.get('anna')?.last('asks').asks[0];
    assert.ok(card);
    return card.id;
  }
}

export const key = (browser: Browser): Bytes => browser.signer.publicKey;
