import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newLink } from '../../src/e2ee/policy/link.ts';
import { unencrypted } from '../../src/session/encryption.ts';
import { isHostLink, linkOf, readAddress, readTyped, toHandOn } from '../../src/session/invitation.ts';
import { initial } from '../../src/session/state.ts';

const guest = { room: '1000', key: 'g.Zm9yIHRl_-c' };

test('the address of a page', () => {
  assert.deepEqual(readAddress('/r/1000', '#g.Zm9yIHRl_-c'), { room: '1000', invitation: guest });
  assert.deepEqual(readAddress('/r/1000/', ''), { room: '1000', invitation: undefined });
  assert.deepEqual(readAddress('/r/1000', '#x.secret'), { room: '1000', invitation: undefined });
  assert.deepEqual(readAddress('/', '#g.secret'), { room: '', invitation: undefined });
  assert.deepEqual(readAddress('/r/../etc', '#g.secret'), { room: '', invitation: undefined });
});

test('what people paste', () => {
  for (const text of ['https://meet.example.com/r/1000#g.Zm9yIHRl_-c', ' meet.example.com/r/1000/#g.Zm9yIHRl_-c ', 'https://x/r/1000?audio=raw#g.Zm9yIHRl_-c']) {
    assert.deepEqual(readTyped(text)?.invitation, guest, text);
  }
  for (const text of ['1000', ' 10 00 ', 'https://meet.example.com/r/1000']) assert.deepEqual(readTyped(text), { room: '1000', invitation: undefined }, text);
  for (const text of ['', 'hello', 'https://meet.example.com/', 'javascript:alert(1)']) assert.equal(readTyped(text), undefined, text);
});

test('links go there and back', () => {
  const url = new URL(linkOf(guest, 'https://meet.example.com'));
  assert.deepEqual(readAddress(url.pathname, url.hash).invitation, guest);
  assert.equal(isHostLink(guest), false);
  assert.equal(isHostLink({ ...guest, key: 'h.abcd' }), true);
});

test('the link of an encrypted room goes there and back, whole or not at all', async () => {
  for (const mode of ['sealed', 'mixed'] as const) {
    const whole = { ...guest, link: await newLink(new Uint8Array(32), mode) };
    const url = new URL(linkOf(whole, 'https://meet.example.com'));
    assert.match(url.hash, mode === 'sealed' ? /^#1\.s\.[\w-]{22}\.[\w-]{22}\.g\.Zm9yIHRl_-c$/ : /^#1\.m\./);
    assert.deepEqual(readAddress(url.pathname, url.hash).invitation, whole);
    assert.deepEqual(readTyped(url.href)?.invitation, whole);
    // What cannot be read is no link to the room without its protection.
    const parts = url.hash.slice(1).split('.');
    for (let i = 0; i < parts.length; i++) {
      assert.equal(readAddress(url.pathname, `#${parts.filter((_, n) => n !== i).join('.')}`).invitation, undefined, `without ${i}`);
      if (i < 5) assert.equal(readAddress(url.pathname, `#${parts.map((part, n) => (n === i ? 'x' : part)).join('.')}`).invitation, undefined, `false ${i}`);
    }
    assert.equal(readAddress(url.pathname, `${url.hash}.more`).invitation, undefined);
  }
});

test('what is handed on: a guest\'s key, and the link with it', async () => {
  const link = await newLink(new Uint8Array(32), 'mixed');
  const host = { room: '1000', key: 'h.secret' };
  assert.equal(toHandOn(initial), undefined);
  assert.equal(toHandOn({ ...initial, invitation: host }), undefined);
  assert.deepEqual(toHandOn({ ...initial, invitation: guest }), guest);
  assert.deepEqual(toHandOn({ ...initial, invitation: host, guestKey: guest.key, encryption: { ...unencrypted, link } }), { ...guest, link });
});
