import { strict as assert } from 'node:assert';
import type { Page } from 'playwright-core';
import { queue } from './people.ts';
import { all, at, both, shows, type Look, type Scenario } from './scenario.ts';

const desktop: readonly Look[] = ['desktop'];

/** drawn waits until the scene is there, its pictures and its computed fingerprints. */
async function drawn(page: Page): Promise<void> {
  await page.locator('[data-testid=room], [data-testid=lobby], [data-testid=joining], [data-testid=green-room], [data-testid=encryption-fault]').first().waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('video')].every((v) => v.videoWidth > 0));
  // What a telephone system is called until its fingerprint is computed.
  await page.waitForFunction(() => !/A telephone system (?:can hear|can now hear this meeting\. You|got|asks for|now names|gets)/.test(document.body.textContent));
}

/** scene is a picture of a staged state. */
function scene(name: string, looks: readonly Look[], act: (page: Page) => Promise<void> = () => Promise.resolve(), more: Partial<Scenario> & { readonly of?: string } = {}): Scenario {
  const { of = name, ...rest } = more;
  return {
    name: `e2ee-${name}`, path: `/staged?scene=${of}`, looks,
    act: async (page) => {
      await drawn(page);
      await act(page);
    },
    ...rest,
  };
}

/** panel opens what is behind the mark, and shows the part with that id. */
const panel = (part?: string) => async (page: Page): Promise<void> => {
  await at(page, 'room-mark').click();
  await shows(page, 'encryption-dialog');
  if (part !== undefined) await at(page, part).evaluate((e) => e.scrollIntoView({ block: 'start' }));
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
};

const people = async (page: Page): Promise<void> => {
  await at(page, 'people').click();
  await shows(page, 'people-panel');
};

const invite = async (page: Page): Promise<void> => {
  if (await at(page, 'more').isVisible()) {
    await at(page, 'more').click();
    await at(page, 'more-dialog').getByRole('button', { name: 'Invite', exact: true }).click();
  } else await at(page, 'invite').click();
  await shows(page, 'invite-dialog');
};

/** wanted is what the page asked of the meeting. */
const wanted = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => (globalThis as unknown as { staged: { wanted: { type: string }[] } }).staged.wanted.map((w) => w.type));

const marks: readonly Scenario[] = [
  scene('sealed', all), scene('alone', both), scene('checked', all), scene('verified', desktop),
  scene('asked-host', all), scene('asked-again', desktop), scene('asked-guest', both), scene('asked-any', both), scene('asked-all', both), scene('asked-vetoed', desktop),
  scene('audio-open', all), scene('media-open', both), scene('sealing', both), scene('broken', all), scene('broken-watchdog', both),
  scene('audio-open-german', both, undefined, { of: 'audio-open', language: 'de-DE' }), scene('sealed-german', ['phone'], undefined, { of: 'sealed', language: 'de-DE' }),
  scene('broken-german', ['phone'], undefined, { of: 'broken', language: 'de-DE' }),
];

const panels: readonly Scenario[] = [
  scene('panel-sealed', both, panel(), { of: 'sealed' }), scene('panel-checked', ['desktop-dark'], panel(), { of: 'checked' }),
  scene('panel-verified', desktop, panel(), { of: 'verified' }), scene('panel-audio', all, panel(), { of: 'audio-open' }), scene('panel-media', both, panel(), { of: 'media-open' }),
  scene('panel-members', both, panel('members'), { of: 'names' }), scene('panel-owner', both, panel('owner'), { of: 'checked' }),
  scene('panel-rules-host', both, panel('house-rules'), { of: 'host' }), scene('panel-rules-guest', desktop, panel('house-rules'), { of: 'verified' }),
  scene('panel-rules-locked', desktop, panel('house-rules'), { of: 'host-locked' }),
  scene('codes', both, panel('codes'), { of: 'sealed' }), scene('short-running', desktop, panel('codes')), scene('short-done', both, panel('codes')),
  scene('short-failed', desktop, panel('codes')), scene('short-disturbed', desktop, panel('codes')), scene('long-code', both, panel('codes')),
  scene('panel-german', both, panel(), { of: 'audio-open', language: 'de-AT' }),
];

const rooms: readonly Scenario[] = [
  scene('lobby-host', all, people), scene('lobby-note', both, undefined, { of: 'lobby-host' }), scene('people-host', both, people, { of: 'audio-open-host' }),
  scene('people-names', both, people, { of: 'names' }), scene('people-ask', both, people, { of: 'asked-host' }),
  scene('people-actions', desktop, async (page) => {
    await people(page);
    await page.locator('[data-testid=person][data-participant=b2]').getByTestId('actions').click();
  }, { of: 'host' }),
  scene('consent', all), scene('consent-media', both), scene('consent-german', ['phone'], undefined, { of: 'consent', language: 'de-DE' }),
  scene('consent-still', both, async (page) => { await at(page, 'consent-stay').click(); await shows(page, 'strip-still'); }, { of: 'consent' }),
  scene('consent-chime', both), scene('looser', both), scene('looser-open', desktop), scene('wish', both), scene('takeover', both), scene('new-meeting', both), scene('lines', desktop),
  scene('undone', desktop), scene('failure-commit', both), scene('failure-unreadable', desktop), scene('failure-differ', desktop), scene('log-full', both),
  scene('cut', desktop), scene('overstepped', both), scene('unreadable', both), scene('unopened', all), scene('people-unopened', both, people, { of: 'unopened' }), scene('unopened-german', ['phone'], undefined, { of: 'unopened', language: 'de-DE' }), scene('no-room-codec', both), scene('media-refused', both),
  scene('invite-named', both, invite, { of: 'host' }), scene('invite-unnamed', desktop, invite, { of: 'unlinked' }), scene('invite-sealed', desktop, invite, { of: 'host-locked' }),
];

const doors: readonly Scenario[] = [
  scene('starting', both), scene('waiting', both), scene('no-meeting', both), scene('refused', both), scene('begin-as-owner', both), scene('green-sealed', both),
  ...(['browser', 'worker', 'clock', 'owner', 'mode'] as const).map((fault) => scene(`fault-${fault}`, fault === 'browser' ? all : both)),
];

/** countTones runs in the page before its own script, and counts the tones that it plays. */
function countTones(): void {
  const counted = { tones: 0 };
  const { createOscillator } = Object.getOwnPropertyDescriptors(BaseAudioContext.prototype);
  const make = createOscillator.value as (this: BaseAudioContext) => OscillatorNode;
  Object.defineProperty(globalThis, 'tones', { get: () => counted.tones });
  BaseAudioContext.prototype.createOscillator = function () {
    counted.tones++;
    return make.call(this);
  };
}

/** The buttons ask for what they say. */
const deeds: readonly Scenario[] = [
  scene('check-consent', desktop, async (page) => {
    await page.keyboard.press('Escape');
    await shows(page, 'strip-still');
    assert.deepEqual(await wanted(page), [], 'Escape goes on');
    await at(page, 'go-on').click();
    await at(page, 'strip-still').waitFor({ state: 'detached' });
    assert.deepEqual(await wanted(page), ['continue']);
  }, { of: 'consent' }),
  scene('check-chime', desktop, async (page) => {
    await page.waitForFunction(() => (globalThis as unknown as { tones: number }).tones === 2);
    await at(page, 'mute-me').click();
    await shows(page, 'strip-still');
    assert.equal(await at(page, 'consent-dialog').count(), 0, 'asked twice');
    assert.deepEqual(await wanted(page), ['muteMe']);
  }, { of: 'consent-chime', before: countTones }),
  scene('check-looser', desktop, async (page) => {
    await page.keyboard.press('Escape');
    assert.equal(await at(page, 'looser-dialog').count(), 1, 'Escape decides');
    await at(page, 'looser-continue').click();
    await at(page, 'looser-dialog').waitFor({ state: 'detached' });
    assert.deepEqual(await wanted(page), ['continue']);
  }, { of: 'looser' }),
  scene('check-ask', desktop, async (page) => {
    await at(page, 'ask-allow').click();
    await at(page, 'ask-decline').click();
    await at(page, 'admit-first').click();
    assert.deepEqual(await wanted(page), ['allow', 'decline', 'admit']);
  }, { of: 'asked-host' }),
  scene('check-deny', desktop, async (page) => {
    await people(page);
    await page.locator('[data-testid=card]').first().getByTestId('deny').click();
    assert.deepEqual(await wanted(page), ['deny']);
    assert.equal(await page.locator('[data-testid=card]').nth(1).getByTestId('deny').count(), 0, 'whom the server does not name it cannot turn away');
    assert.equal(await page.locator(`[data-testid=waiting-person][data-participant=${queue[0]?.id ?? ''}]`).count(), 0, 'twice in the lists');
  }, { of: 'lobby-host' }),
  scene('check-codes', desktop, async (page) => {
    await panel('codes')(page);
    await at(page, 'short-start').click();
    await at(page, 'long-show').click();
    assert.deepEqual(await wanted(page), ['tryAgain', 'shortCode', 'longCode']);
  }, { of: 'short-disturbed' }),
  scene('check-rules', desktop, async (page) => {
    await panel('house-rules')(page);
    await at(page, 'policy-mode').selectOption('sealed');
    await at(page, 'policy-rule').selectOption('all');
    await at(page, 'policy-scope').selectOption('all');
    await at(page, 'lock-settings').click();
    assert.deepEqual(await wanted(page), ['mode', 'vetoRule', 'maxScope', 'lock']);
  }, { of: 'host' }),
  scene('check-locked', desktop, async (page) => {
    await panel('house-rules')(page);
    assert.equal(await at(page, 'policy-mode').locator('option').count(), 1, 'a locked meeting can be loosened');
    assert.equal(await at(page, 'lock-settings').count(), 0);
  }, { of: 'host-locked' }),
  scene('check-revoke', desktop, async (page) => {
    await at(page, 'strip-revoke').click();
    await panel('listeners')(page);
    await at(page, 'revoke').click();
    assert.deepEqual(await wanted(page), ['revoke', 'revoke'], 'a guest may shut out as well');
  }, { of: 'audio-open' }),
  scene('check-names', desktop, async (page) => {
    await people(page);
    assert.ok(!(await page.locator('body').innerText()).includes('name of the server'), 'a name of the server where the group gives one');
  }, { of: 'audio-open' }),
  scene('check-keyboard', desktop, async (page) => {
    const reached = new Set<string>();
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? ''));
    }
    for (const id of ['room-mark', 'strip-details', 'strip-revoke', 'people', 'leave']) assert.ok(reached.has(id), `Tab does not reach ${id}`);
    await at(page, 'room-mark').focus();
    await page.keyboard.press('Enter');
    await shows(page, 'encryption-dialog');
    await page.keyboard.press('Escape');
    await at(page, 'encryption-dialog').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => (document.activeElement instanceof HTMLElement ? document.activeElement.dataset['testid'] : '')), 'room-mark');
  }, { of: 'audio-open' }),
  scene('check-begin', desktop, async (page) => {
    await at(page, 'begin-as-owner').click();
    assert.deepEqual(await wanted(page), ['beginAsOwner']);
  }, { of: 'begin-as-owner' }),
];

/** Encrypted rooms, in every state that people can see. A staged session stands in for server, worker and group: what brings the states about is tested elsewhere. */
export const encrypted: readonly Scenario[] = [...marks, ...panels, ...rooms, ...doors, ...deeds];
