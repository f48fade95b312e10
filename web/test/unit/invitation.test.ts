import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { isHostLink, linkOf, readAddress, readTyped } from '../../src/session/invitation.ts';

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
