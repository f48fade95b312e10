import { strict as assert } from 'node:assert';
import type { Page } from 'playwright-core';
import type { ScriptedGateway } from './gateway.ts';
import { few } from './people.ts';
import { at, guestLink, settled, shows, type Scenario } from './scenario.ts';

type Check = (page: Page, gateway: ScriptedGateway) => Promise<void>;

const offersOf = (gateway: ScriptedGateway) => gateway.received.filter((m) => m.type === 'offer');

/** The first offer is what docs/protocol.md promises. */
const offer: Check = (_, gateway) => {
  const first = offersOf(gateway)[0];
  assert.ok(first);
  const sections = first.sdp.split(/\r\nm=/).slice(1);
  assert.match(sections[0] ?? '', /^audio[\s\S]*a=sendonly[\s\S]*useinbandfec=1/);
  assert.match(sections[1] ?? '', /^video[\s\S]*a=sendonly/);
  assert.match(sections[1] ?? '', /a=simulcast:send l;m;h/);
  assert.equal(sections.filter((s) => s.startsWith('audio') && s.includes('a=recvonly')).length, 4);
  assert.equal(sections.filter((s) => s.startsWith('video') && s.includes('a=recvonly')).length, 6);
  assert.ok(!first.sdp.includes('m=application'), 'no data channel');
  const extensions = new Set([...first.sdp.matchAll(/a=extmap:\d+\S* (\S+)/g)].map((m) => m[1]?.split(/[:/]/).pop()));
  assert.deepEqual([...extensions].sort(), [
    'abs-send-time', 'draft-holmer-rmcat-transport-wide-cc-extensions-01', 'mid', 'repaired-rtp-stream-id', 'rtp-stream-id', 'ssrc-audio-level',
  ]);
  const codecs = new Set([...first.sdp.matchAll(/a=rtpmap:\d+ (\w+)\//g)].map((m) => m[1]));
  assert.deepEqual([...codecs].sort(), ['H264', 'VP8', 'opus', 'rtx']);
  assert.deepEqual(first.tracks.map((t) => t.source), ['microphone', 'camera']);
  return Promise.resolve();
};

/** One audio element a slot, marked with who is heard. */
const sounds: Check = async (page, gateway) => {
  const slots = await page.locator('audio[data-slot]').evaluateAll((list) =>
    list.map((e) => ({ slot: e.dataset['slot'], participant: e.dataset['participant'], tracks: e instanceof HTMLAudioElement && e.srcObject instanceof MediaStream ? e.srcObject.getAudioTracks().length : 0 })));
  assert.deepEqual(slots.map((s) => s.slot), gateway.media?.audio);
  assert.deepEqual(slots.map((s) => s.participant), ['p', 't', 'f', '']);
  assert.ok(slots.every((s) => s.tracks === 1));
};

/** The camera keeps its three layers over being switched off and on. */
const camera: Check = async (page, gateway) => {
  await at(page, 'camera').click();
  await page.locator('[data-testid=camera][data-camera=off]').waitFor();
  await until(() => offersOf(gateway).length === 2);
  assert.deepEqual(offersOf(gateway)[1]?.tracks.map((t) => t.source), ['microphone']);
  await at(page, 'camera').click();
  await until(() => offersOf(gateway).length === 3);
  const third = offersOf(gateway)[2];
  assert.deepEqual(third?.tracks.map((t) => t.source), ['microphone', 'camera']);
  assert.match(third.sdp, /a=simulcast:send l;m;h/);
};

/** Single keys act, but not in dialogs; Tab reaches every control of the bar; Escape closes and gives the focus back. */
const keyboard: Check = async (page, gateway) => {
  await page.keyboard.press('m');
  await page.locator('[data-testid=mute][data-muted=true]').waitFor();
  await until(() => gateway.received.some((m) => m.type === 'mute' && m.muted));
  await page.keyboard.press('h');
  await until(() => gateway.received.some((m) => m.type === 'hand' && m.raised));
  const reached = new Set<string>();
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? ''));
  }
  for (const id of ['security-pill', 'mute', 'camera', 'share', 'hand', 'people', 'invite', 'settings', 'help', 'leave']) assert.ok(reached.has(id), `Tab does not reach ${id}`);
  await at(page, 'settings').focus();
  await page.keyboard.press('Enter');
  await shows(page, 'settings-dialog');
  for (let i = 0; i < 15; i++) {
    await page.keyboard.press('Tab');
    const inside = await page.evaluate(() => document.activeElement === document.body || document.querySelector('dialog :focus, dialog:focus') !== null);
    assert.ok(inside, 'focus left the dialog');
  }
  await page.keyboard.press('r');
  assert.equal(await at(page, 'people-panel').count(), 0);
  await page.keyboard.press('Escape');
  await at(page, 'settings-dialog').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => (document.activeElement instanceof HTMLElement ? document.activeElement.dataset['testid'] : '')), 'settings');
  await page.keyboard.press('r');
  await shows(page, 'people-panel');
};

/** A broken connection comes back with the token of the welcome, and the sound goes on meanwhile. */
const resume: Check = async (page, gateway) => {
  await gateway.cut();
  await until(() => gateway.received.filter((m) => m.type === 'hello').length === 2);
  const hello = gateway.received.filter((m) => m.type === 'hello')[1];
  assert.equal(hello?.resume, 'token');
  await at(page, 'reconnecting').waitFor({ state: 'detached' });
  assert.equal(await page.locator('[data-testid=room][data-media=connected]').count(), 1);
};

/** The gateway is told what is on the screen, the sizes in device pixels. */
const view: Check = async (page, gateway) => {
  const tile = await page.locator('[data-testid=tile][data-participant=p]').evaluate((e) => e.clientWidth);
  const latest = () => gateway.received.flatMap((m) => (m.type === 'view' ? [m] : [])).pop()?.items ?? [];
  // The tiles grew when the banner went: the gateway hears of it a moment later.
  await until(() => latest().length === 2 && latest().every((item) => Math.abs(item.width - tile) <= 1));
  assert.deepEqual(latest().map((i) => i.participant).sort(), ['p', 't']);
};

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never: ${condition.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Behaviour that needs a real browser on the other side of a real media connection. */
export const checks: readonly Scenario[] = Object.entries({ offer, sounds, camera, keyboard, resume, view }).map(([name, check]) => ({
  name: `check-${name}`,
  path: guestLink,
  looks: ['desktop'],
  script: { people: few },
  act: async (page, gateway) => {
    await settled(page);
    await check(page, gateway);
  },
}));
