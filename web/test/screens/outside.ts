import { closeCodes, type ByeCode } from '../../src/protocol/messages.ts';
import { few, queue } from './people.ts';
import { all, at, both, greenRoom, guestLink, hostLink, join, shows, type Scenario } from './scenario.ts';

/** refuse makes the devices fail with that error. It runs in the page, so the name travels in the page's own address. */
const refuse = (): void => {
  const name = new URLSearchParams(location.search).get('fault') ?? '';
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
};

const faulty = (name: string): string => guestLink.replace('#', `?fault=${name}#`);

const ends: readonly Scenario[] = (Object.keys(closeCodes) as ByeCode[]).map((code) => ({
  name: `ended-${code}`,
  path: guestLink,
  looks: code === 'removed' ? all : code === 'mediaLost' ? both : ['desktop'],
  script: { people: few, ...(code === 'left' ? {} : { bye: code }) },
  act: async (page) => {
    await join(page);
    if (code === 'left') await at(page, 'leave').click();
    await shows(page, 'ended');
  },
}));

/** Everything before and after the room. */
export const outside: readonly Scenario[] = [
  { name: 'landing', path: '/', looks: all, act: (page) => shows(page, 'landing') },
  { name: 'landing-link-incomplete', path: '/r/1000', looks: both, act: (page) => shows(page, 'link-missing') },
  {
    name: 'landing-unreadable', path: '/', looks: ['desktop'],
    act: async (page) => {
      await at(page, 'address').fill('hello');
      await at(page, 'continue').click();
      await page.locator('#address-fault:not(:empty)').waitFor();
    },
  },
  { name: 'green-room', path: guestLink, looks: all, act: greenRoom },
  { name: 'green-room-german', path: hostLink, looks: both, language: 'de-DE', act: greenRoom },
  {
    name: 'green-room-off', path: guestLink.replace('#', '?camera=off&microphone=off&name=Anna#'), looks: both,
    act: async (page) => {
      await shows(page, 'green-room');
      await page.locator('[data-testid=camera][data-camera=off]').waitFor();
    },
  },
  {
    name: 'green-room-nameless', path: guestLink, looks: ['desktop'],
    act: async (page) => {
      await greenRoom(page);
      await at(page, 'join').click();
      await page.locator('#name-fault:not(:empty)').waitFor();
    },
  },
  {
    name: 'green-room-asking', path: guestLink, looks: both,
    before: () => { navigator.mediaDevices.getUserMedia = () => new Promise(() => undefined); },
    act: (page) => shows(page, 'asking'),
  },
  { name: 'green-room-denied', path: faulty('NotAllowedError'), looks: both, before: refuse, act: (page) => shows(page, 'device-fault') },
  { name: 'green-room-missing', path: faulty('NotFoundError'), looks: ['desktop'], before: refuse, act: (page) => shows(page, 'device-fault') },
  { name: 'green-room-busy', path: faulty('NotReadableError'), looks: ['desktop'], before: refuse, act: (page) => shows(page, 'device-fault') },
  {
    name: 'joining-retry', path: guestLink, looks: both, script: { dead: true },
    act: async (page) => {
      await join(page);
      await page.getByText('Trying again').waitFor();
    },
  },
  { name: 'lobby', path: guestLink, looks: all, script: { people: queue.slice(0, 0), waiting: 2 }, act: async (page) => { await join(page); await shows(page, 'lobby'); await page.waitForFunction(() => [...document.querySelectorAll('video')].every((v) => v.videoWidth > 0)); } },
  ...ends,
  {
    name: 'ended-unreachable', path: guestLink, looks: both, script: { dead: true },
    act: async (page) => {
      await join(page);
      await shows(page, 'ended');
    },
  },
  {
    name: 'unsupported', path: '/', looks: both,
    before: () => { Reflect.deleteProperty(globalThis, 'RTCPeerConnection'); },
    act: (page) => shows(page, 'unsupported'),
  },
  {
    name: 'insecure', path: '/', looks: ['desktop'],
    before: () => {
      Reflect.deleteProperty(Navigator.prototype, 'mediaDevices');
      Object.defineProperty(globalThis, 'isSecureContext', { value: false });
    },
    act: (page) => shows(page, 'unsupported'),
  },
];
