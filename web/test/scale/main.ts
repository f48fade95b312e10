import { chromium, type Browser } from 'playwright-core';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { adding } from './adding.ts';
import { Company } from './company.ts';
import { load } from './figures.ts';
import { Gateway } from './gateway.ts';
import { joining } from './joining.ts';
import { Publisher } from './publisher.ts';
import { watching } from './watching.ts';

const flags = [
  '--no-sandbox', '--ignore-certificate-errors', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required',
  '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
];

/** tried runs one part. Where it fails the others are measured all the same. */
async function tried(part: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(`  ${part} failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

/** inRoom runs the parts that need a gateway, and a room with people in it. */
async function inRoom(browser: Browser, programs: { readonly publisher: string; readonly gateway: string }, wanted: (part: string) => boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'legroom-scale-'));
  const gateway = await Gateway.start(programs.gateway, folder);
  const publisher = new Publisher(programs.publisher);
  const company = new Company(gateway, publisher);
  try {
    await company.gather();
    if (wanted('joining')) await tried('joining', () => joining(browser, gateway, company));
    if (wanted('watching')) await tried('watching', () => watching(browser, gateway, company));
  } finally {
    company.leave();
    publisher.close();
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const [publisher = '', gateway = '', ...parts] = process.argv.slice(2);
const wanted = (part: string): boolean => parts.length === 0 || parts.includes(part);
console.log(`\nMany people in an encrypted room, on ${availableParallelism()} cores; before the start ${load()}`);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
try {
  if (wanted('adding')) await tried('adding', () => adding(browser));
  if (wanted('joining') || wanted('watching')) await inRoom(browser, { publisher, gateway }, wanted);
} finally {
  await browser.close();
}
process.exit(); // the clocks of members who are gone, up to an hour, would keep it alive; the exit code stands
