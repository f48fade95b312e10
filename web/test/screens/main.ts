import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checks } from './checks.ts';
import { encrypted } from './encrypted.ts';
import { ScriptedGateway } from './gateway.ts';
import { hostFiles } from './host.ts';
import { inside } from './inside.ts';
import { outside } from './outside.ts';
import type { Look, Scenario } from './scenario.ts';
import { buildStage } from './stage.ts';

const flags = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  '--use-fake-device-for-media-stream=fps=5', '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required',
];

const looks: Readonly<Record<Look, BrowserContextOptions>> = {
  'desktop': { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  'desktop-dark': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  'phone': { viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
  'phone-dark': { viewport: { width: 360, height: 740 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
};

interface AxeViolation { readonly id: string; readonly impact: string | null; readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[] }

const web = process.env['LEGROOM_WEB'] ?? process.cwd();
const axe = await readFile(createRequire(join(web, 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');
const folder = process.argv[2] ?? await mkdtemp(join(tmpdir(), 'legroom-screens-'));
const only = process.argv[3] ?? '';

/** violations are the serious and critical faults that axe finds on the page as it is. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: { run: (o: object) => Promise<{ violations: AxeViolation[] }> } }).axe.run;
    return (await run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations;
  });
  return found
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `axe ${v.impact ?? ''} ${v.id}: ${v.nodes.map((n) => `${n.html.slice(0, 160)} ${n.failureSummary?.split('\n')[1]?.trim() ?? ''}`).join(' | ')}`);
}

/** sideways tells that the page is wider than the screen. */
const sideways = (page: Page): Promise<boolean> => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

async function take(browser: Browser, origin: string, scenario: Scenario, look: Look): Promise<readonly string[]> {
  const faults: string[] = [];
  const context = await browser.newContext({ ...looks[look], locale: scenario.language ?? 'en-GB', reducedMotion: 'reduce', permissions: ['clipboard-write'] });
  try {
    context.setDefaultTimeout(60_000); // a busy machine is slow, not wrong
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(`error in the page: ${error.message}`));
    page.on('console', (m) => { if (m.type() === 'error' && !/WebSocket connection/.test(m.text())) faults.push(`console: ${m.text()}`); });
    page.on('request', (r) => { if (!r.url().startsWith(origin) && !/^(data|blob):/.test(r.url())) faults.push(`foreign request: ${r.url()}`); });
    const gateway = new ScriptedGateway(page, scenario.script ?? {});
    await gateway.install();
    if (scenario.before !== undefined) await page.addInitScript(scenario.before);
    await page.goto(origin + scenario.path);
    await scenario.act?.(page, gateway);
    await page.screenshot({ path: join(folder, `${scenario.name}.${look}.png`) });
    if (await sideways(page)) faults.push('scrolls sideways');
    faults.push(...await violations(page));
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  } finally {
    await context.close();
  }
  return faults;
}

await mkdir(folder, { recursive: true });
const host = await hostFiles(join(web, 'dist'), await buildStage(web));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
const wanted = [...outside, ...inside, ...checks, ...encrypted].filter((s) => s.name.includes(only)).flatMap((scenario) => scenario.looks.map((look) => ({ scenario, look })));
const taken = wanted.length;
let failed = 0;
async function worker(): Promise<void> {
  for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
    const { scenario, look } = next;
    const faults = await take(browser, host.origin, scenario, look);
    if (faults.length > 0) failed++;
    for (const fault of faults) console.error(`${scenario.name}.${look}: ${fault}`);
  }
}
// Most of the time goes by in waiting, so a few at once.
await Promise.all(Array.from({ length: 2 }, worker));
await browser.close();
host.close();
console.log(`${taken} screens in ${folder}, ${failed} with faults`);
process.exitCode = failed === 0 && taken > 0 ? 0 : 1;
