// What a browser holds a room to before it goes in, and who may begin a meeting.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { base64url } from '../../src/e2ee/policy/bytes.ts';
import { newLink, type Link } from '../../src/e2ee/policy/link.ts';
import type { Encryption, Mode, Welcome } from '../../src/protocol/messages.ts';
import { foundingTerms, standingOf } from '../../src/session/owner.ts';
import { checkWelcome, mostClockError, type Known } from '../../src/session/welcome_check.ts';

const now = 1_800_000_000_000;
const me = new Uint8Array(32).fill(1);
const other = new Uint8Array(32).fill(2);
const gateway = new Uint8Array(32).fill(3);

const encryption = (change: Partial<Encryption> = {}): Encryption => ({
  gateway: base64url(gateway), gatewayFingerprint: '', ownerPinned: false, maxScope: 'audio', vetoRule: 'host', autoAdmit: false, ...change,
});

function welcome(mode: Mode, change: Partial<Welcome> = {}): Welcome {
  return {
    type: 'welcome', protocol: 1, participant: 'me', resume: 'r', role: 'guest', room: { number: '1000', name: '', mode, locked: false }, iceServers: [],
    slots: { audio: 1, video: 1 }, phone: { uri: '' }, server: '1', now, ...(mode === 'open' ? {} : { encryption: encryption() }), ...change,
  };
}

const known: Known = { link: undefined, strictest: undefined, encrypted: false, able: true, now };
const sealed: Link = { mode: 'sealed', owner: new Uint8Array(16), secret: new Uint8Array(16) };
const mixed: Link = { ...sealed, mode: 'mixed' };

test('a room is entered as closed as the invitation says, or not at all', () => {
  const cases: readonly (readonly [Mode, Partial<Known>, string])[] = [
    ['open', {}, 'open'], ['open', { able: false }, 'open'], ['open', { link: mixed }, 'mode'], ['open', { link: sealed }, 'mode'], ['open', { encrypted: true }, 'mode'],
    ['open', { strictest: 'mixed' }, 'ask'], ['open', { strictest: 'sealed', link: mixed }, 'mode'],
    ['mixed', {}, 'encrypted'], ['mixed', { link: mixed }, 'encrypted'], ['mixed', { link: sealed }, 'mode'], ['sealed', { link: mixed }, 'encrypted'],
    ['sealed', { link: sealed }, 'encrypted'], ['mixed', { strictest: 'sealed' }, 'encrypted'], // the meeting itself asks
    ['mixed', { able: false }, 'browser'], ['mixed', { able: false, link: sealed }, 'mode'],
  ];
  for (const [mode, change, verdict] of cases) assert.equal(checkWelcome(welcome(mode), { ...known, ...change }), verdict, JSON.stringify([mode, change]));
});

test('a room that calls itself encrypted, and tells nothing of it, is not entered', () => {
  const { room } = welcome('mixed');
  assert.equal(checkWelcome({ ...welcome('open'), room }, known), 'mode');
});

test('clocks may be ten minutes apart', () => {
  for (const sign of [-1, 1]) {
    assert.equal(checkWelcome(welcome('mixed'), { ...known, now: now + sign * mostClockError }), 'encrypted');
    assert.equal(checkWelcome(welcome('mixed'), { ...known, now: now + sign * (mostClockError + 1) }), 'clock');
    assert.equal(checkWelcome(welcome('open'), { ...known, now: now + sign * (mostClockError + 1) }), 'open');
  }
});

test('who may begin: a host that is the owner, or where there is none', async () => {
  const mine = await newLink(me, 'mixed');
  const others = await newLink(other, 'mixed');
  const cases: readonly (readonly [Uint8Array | undefined, boolean, boolean, Link | undefined, string])[] = [
    // owner, pinned, host, link: may found, may begin anew, is foreign
    [undefined, false, true, undefined, 'found'], [me, false, true, undefined, 'found'], [me, true, true, undefined, 'found'], [other, false, true, undefined, 'begin'],
    [other, true, true, undefined, ''], [undefined, false, false, undefined, ''], [me, false, false, undefined, ''], [other, false, false, undefined, ''],
    [undefined, false, true, mine, 'found'], [undefined, false, true, others, ''], [me, false, true, others, 'foreign'], [other, false, true, others, ''],
    [other, false, true, mine, 'begin'], [other, true, true, mine, 'foreign'], [other, false, false, mine, 'foreign'], [me, false, true, mine, 'found'], [me, false, false, others, 'foreign'],
  ];
  for (const [owner, pinned, host, link, may] of cases) {
    const said = encryption({ ownerPinned: pinned, ...(owner === undefined ? {} : { owner: base64url(owner) }) });
    const standing = await standingOf(said, { host, identity: me, link });
    const is = [standing.mayFound ? 'found' : '', standing.mayBegin ? 'begin' : '', standing.foreign ? 'foreign' : ''].join('');
    assert.equal(is, may, JSON.stringify([owner?.[0], pinned, host, link?.owner[0]]));
    assert.deepEqual(standing.owner, { known: owner !== undefined, mine: owner === me, pinned });
  }
});

test('a meeting begins as the gateway is set, and with its own owner', () => {
  const terms = foundingTerms(me, welcome('mixed'), undefined);
  assert.deepEqual(terms, {
    owner: me, floor: 'mixed', mode: 'mixed', locked: false, maxScope: ['audio', 'screen-audio'], gateways: [gateway], vetoRule: 'host', fallback: [],
  });
  assert.deepEqual(foundingTerms(me, welcome('sealed', { encryption: encryption({ maxScope: 'audio+video', vetoRule: 'all' }) }), mixed), {
    ...terms, floor: 'sealed', mode: 'sealed', maxScope: ['audio', 'video', 'screen', 'screen-audio'], vetoRule: 'all', link: mixed,
  });
  assert.equal(foundingTerms(me, welcome('open'), undefined), undefined);
});
