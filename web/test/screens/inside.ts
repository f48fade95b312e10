import type { Page } from 'playwright-core';
import { asHost, few, many, me, mixed, person, priya, queue, tomasz } from './people.ts';
import { all, at, both, enter, guestLink, hostLink, join, settled, shows, speak, type Scenario } from './scenario.ts';

const hostScript = { people: [...asHost(mixed), ...queue], welcome: { role: 'host', phone: { uri: 'sip:1000@meet.example.com', pin: '482916' }, guestKey: 'g.Zm9yZ3Vlc3Rz' } } as const;
const sharing = few.map((p) => (p.id === 'p' ? { ...p, sources: ['microphone', 'camera', 'screen'] as const } : p));

/** more opens what lies behind the bar's last button on a phone and in the bar itself on a desktop. */
async function menu(page: Page, id: 'invite' | 'settings' | 'help', label: string): Promise<void> {
  if (await at(page, 'more').isVisible()) {
    await at(page, 'more').click();
    await at(page, 'more-dialog').getByRole('button', { name: label, exact: true }).click();
  } else await at(page, id).click();
  await shows(page, `${id}-dialog`);
}

async function unfold(page: Page, participant: string): Promise<void> {
  await at(page, 'people').click();
  await page.locator(`[data-testid=person][data-participant=${participant}]`).getByTestId('actions').click();
}

/** The room in all its states. */
export const inside: readonly Scenario[] = [
  { name: 'room-banner', path: guestLink, looks: all, script: { people: few }, act: async (page, gateway) => { await enter(page); speak(gateway, 'p'); await page.locator('[data-speaking=true]').waitFor(); } },
  { name: 'room-alone', path: guestLink, looks: both, script: { people: [me] }, act: settled },
  { name: 'room-mixed', path: guestLink, looks: all, script: { people: mixed }, act: async (page, gateway) => { await settled(page); speak(gateway, 'f'); await page.locator('[data-speaking=true]').waitFor(); } },
  { name: 'room-many', path: guestLink, looks: both, script: { people: many }, act: settled },
  { name: 'room-two', path: guestLink, looks: both, script: { people: [me, priya] }, act: settled },
  { name: 'room-german', path: hostLink, looks: both, language: 'de-AT', script: hostScript, act: async (page) => { await settled(page); await at(page, 'people').click(); } },
  {
    name: 'people-guest', path: guestLink, looks: all, script: { people: mixed },
    act: async (page, gateway) => {
      await settled(page);
      await at(page, 'people').click();
      speak(gateway, 'p');
      await page.locator('[data-testid=talking][data-steps="3"]').first().waitFor();
    },
  },
  { name: 'people-host', path: hostLink, looks: all, script: hostScript, act: async (page) => { await settled(page); await unfold(page, 'p'); } },
  { name: 'waiting-note', path: hostLink, looks: both, script: hostScript, act: async (page) => { await settled(page); await shows(page, 'waiting-note'); } },
  { name: 'remove', path: hostLink, looks: both, script: hostScript, act: async (page) => { await settled(page); await unfold(page, 't'); await at(page, 'remove').click(); await shows(page, 'remove-dialog'); } },
  { name: 'mute-all', path: hostLink, looks: ['desktop'], script: hostScript, act: async (page) => { await settled(page); await at(page, 'people').click(); await at(page, 'mute-all').click(); } },
  { name: 'locked', path: hostLink, looks: both, script: { ...hostScript, locked: true }, act: async (page) => { await settled(page); await at(page, 'people').click(); } },
  { name: 'screen-received', path: guestLink, looks: both, script: { people: sharing }, act: settled },
  {
    name: 'screen-own', path: guestLink, looks: both, script: { people: few },
    act: async (page, gateway) => {
      await settled(page);
      gateway.roster(few.map((p) => (p.id === 'me' ? { ...p, sources: ['microphone', 'camera', 'screen'] as const } : p)));
      await shows(page, 'screen');
    },
  },
  { name: 'security', path: guestLink, looks: both, script: { people: few }, act: async (page) => { await enter(page); await at(page, 'security-why').click(); await shows(page, 'security-dialog'); } },
  { name: 'invite-host', path: hostLink, looks: both, script: hostScript, act: async (page) => { await settled(page); await menu(page, 'invite', 'Invite'); } },
  { name: 'invite-guest', path: guestLink, looks: ['desktop'], script: { people: few }, act: async (page) => { await settled(page); await menu(page, 'invite', 'Invite'); } },
  { name: 'settings', path: hostLink, looks: all, script: hostScript, act: async (page) => { await settled(page); await menu(page, 'settings', 'Settings'); } },
  { name: 'help', path: guestLink, looks: both, script: { people: few }, act: async (page) => { await settled(page); await menu(page, 'help', 'Help'); } },
  { name: 'more', path: guestLink, looks: ['phone'], script: { people: few }, act: async (page) => { await settled(page); await at(page, 'more').click(); } },
  {
    name: 'notices', path: guestLink, looks: both, script: { people: few },
    act: async (page, gateway) => {
      await settled(page);
      gateway.roster(few.map((p) => (p.id === 'me' ? { ...p, muted: true, mutedByHost: true } : p)));
      gateway.send({ type: 'notice', code: 'mutedByHost' });
      gateway.send({ type: 'notice', code: 'handRaised', participant: 't', name: tomasz.name });
      await page.locator('[data-testid=mute][data-muted=true]').waitFor();
      await at(page, 'announcement').nth(1).waitFor();
    },
  },
  { name: 'draining', path: guestLink, looks: both, script: { people: few }, act: async (page, gateway) => { await settled(page); gateway.send({ type: 'notice', code: 'draining' }); await shows(page, 'draining'); } },
  {
    name: 'reconnecting', path: guestLink, looks: both, script: { people: few },
    act: async (page, gateway) => {
      await settled(page);
      gateway.script({ dead: true });
      await gateway.cut();
      await shows(page, 'reconnecting');
    },
  },
  { name: 'media-failed', path: guestLink, looks: both, script: { people: few, deaf: true }, act: async (page) => { await join(page); await page.getByTestId('media-failed').waitFor({ timeout: 40_000 }); } },
  {
    name: 'camera-busy', path: guestLink, looks: ['desktop'], script: { people: few },
    act: async (page) => {
      await settled(page);
      await at(page, 'camera').click();
      await page.evaluate(() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotReadableError')); });
      await at(page, 'camera').click();
      await shows(page, 'camera-fault');
    },
  },
  { name: 'room-long-name', path: guestLink, looks: ['phone'], script: { people: [me, person('l', 'Dr. Maximiliane-Alexandra von Hohenstein-Wittgenstein', { muted: true })] }, act: settled },
];
