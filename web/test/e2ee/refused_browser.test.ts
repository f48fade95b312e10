// What keeps the whole client out of an encrypted room, in a real browser: clear words, and not one packet of sound or pictures.
import { strict as assert } from 'node:assert';
import { after, before, test } from 'node:test';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';
import type { Encryption, Welcome } from '../../src/protocol/messages.ts';
import { ScriptedGateway, type Script } from '../screens/gateway.ts';
import type { Host } from '../screens/host.ts';
import { guestLink, hostLink, join } from '../screens/scenario.ts';
import { executablePath, flags, noChromium } from './chromium.ts';
import { hostClient, keepConnections, packetsSent } from './client.ts';

const skip = noChromium;
let host: Host;
let browser: Browser;

before(async () => {
  if (skip !== false) return;
  host = await hostClient();
  browser = await playwright.launch({ executablePath, args: [...flags, '--use-fake-device-for-media-stream=fps=5', '--use-fake-ui-for-media-stream'] });
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  host.close();
});

const encryption: Encryption = {
  gateway: Buffer.alloc(32, 7).toString('base64url'), gatewayFingerprint: '', ownerPinned: false, maxScope: 'audio', vetoRule: 'host', autoAdmit: false,
};
/** A gateway that lets everybody in at once: what holds back media is the client alone. */
const mixed: Partial<Welcome> = { room: { number: '1000', name: 'Credit committee', mode: 'mixed', locked: false }, encryption };
/** And one whose log is full when somebody begins a meeting. There are no keys then, so there is still nothing to send. */
const full: Script = { welcome: { ...mixed, role: 'host' }, service: { hello: { type: 'hello', seated: false }, found: { type: 'failed', fault: 'logFull', after: 0 } } };

interface Case {
  readonly name: string;
  readonly script: Script;
  readonly link?: string;
  /** Runs in the page before its own script. */
  readonly init?: () => void;
  /** Runs before the page is opened. */
  readonly prepare?: (page: Page) => Promise<unknown>;
  /** The element that says it, and how it begins. */
  readonly says: readonly [id: string, words: string];
}

const cases: readonly Case[] = [
  {
    name: 'a browser without transforms', script: { welcome: mixed }, init: () => void Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform'),
    says: ['encryption-fault', 'This browser cannot take part in an encrypted meeting'],
  },
  {
    name: 'a browser that lets no worker start', script: { welcome: mixed },
    init: () => {
      globalThis.Worker = new Proxy(globalThis.Worker, {
        construct: () => {
          throw new DOMException('blocked', 'SecurityError');
        },
      });
    },
    says: ['encryption-fault', 'The encryption does not run'],
  },
  {
    name: 'a policy on the way that forbids workers', script: { welcome: mixed },
    prepare: (page) => page.route('**/r/1000', async (route) => {
      const response = await route.fetch();
      const policy = response.headers()['content-security-policy'] ?? '';
      await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': `${policy.replace(/worker-src [^;]*;?/, '')}; worker-src 'none'` } });
    }),
    says: ['encryption-fault', 'The encryption does not run'],
  },
  {
    name: 'a worker that is not there', script: { welcome: mixed }, prepare: (page) => page.route('**/media.js', (route) => route.abort()),
    says: ['encryption-fault', 'The encryption does not run'],
  },
  {
    name: 'a clock that is 11 minutes behind', script: { welcome: mixed },
    init: () => {
      const { now } = Date;
      Date.now = () => now() - 11 * 60_000;
    },
    says: ['encryption-fault', 'The clock of this device is wrong'],
  },
  {
    name: 'a clock that is 11 minutes fast', script: { welcome: mixed },
    init: () => {
      const { now } = Date;
      Date.now = () => now() + 11 * 60_000;
    },
    says: ['encryption-fault', 'The clock of this device is wrong'],
  },
  { name: 'a log that is full', script: full, link: hostLink, says: ['lobby-failure', 'The server cannot write its log: nobody can be let in.'] },
];

/** visit goes in as a user does; gone is what the gateway was told after the greeting. */
async function visit({ script, link = guestLink, init, prepare }: Omit<Case, 'name' | 'says'>): Promise<{ page: Page; gateway: ScriptedGateway }> {
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  const gateway = new ScriptedGateway(page, script);
  await gateway.install();
  await page.addInitScript(keepConnections);
  if (init !== undefined) await page.addInitScript(init);
  await prepare?.(page);
  await page.goto(host.origin + link);
  await join(page);
  return { page, gateway };
}

for (const one of cases) {
  test(`${one.name}: words, and nothing is sent`, { skip, timeout: 90_000 }, async () => {
    const { page, gateway } = await visit(one);
    const [id, words] = one.says;
    const element = page.getByTestId(id);
    await element.waitFor();
    assert.ok((await element.innerText()).includes(words), await element.innerText());
    // The camera runs and the server has let us in: what would be sent in clear would be sent now.
    gateway.send({ type: 'admitted' });
    await page.waitForTimeout(500);
    assert.deepEqual([await packetsSent(page), gateway.received.some(({ type }) => type === 'offer')], [0, false]);
    assert.ok(await element.isVisible(), 'the words stay');
    await page.context().close();
  });
}

test('the same visit to an open room sends: the tests above could see it', { skip, timeout: 90_000 }, async () => {
  const { page, gateway } = await visit({ script: {} });
  await page.locator('[data-testid=room][data-media=connected]').waitFor();
  while ((await packetsSent(page)) === 0) await page.waitForTimeout(50);
  assert.ok(gateway.received.some(({ type }) => type === 'offer'));
  await page.context().close();
});
