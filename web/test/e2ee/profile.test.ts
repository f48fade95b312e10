// What a browser remembers: who it is, whom it knows, and how strict a room was.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { ownerFingerprint } from '../../src/e2ee/policy/link.ts';
import { PageRecords } from '../../src/e2ee/store/page_records.ts';
import { guestLife, ProfileStore } from '../../src/e2ee/store/profile_store.ts';
import { hex } from './keys.ts';

class Bench {
  now = 1_000_000;
  readonly records = new PageRecords();

  /** page is a page load: only the records stay. */
  page(): ProfileStore {
    return new ProfileStore(this.records, () => this.now);
  }

  async key(kind: 'account' | 'guest', room = '1000', page = this.page()): Promise<string> {
    return hex((await page.of(kind).identity(room)).publicKey);
  }
}

test('an account is one in all rooms for good, a guest another in every room', async () => {
  const bench = new Bench();
  const account = await bench.key('account');
  const guest = await bench.key('guest');
  assert.notEqual(account, guest);
  assert.notEqual(await bench.key('guest', '1001'), guest);
  bench.now += 10 * guestLife;
  assert.deepEqual([await bench.key('account', '1001'), await bench.key('account')], [account, account]);
});

test('a guest is the same after a reload, and nobody once it left or a day went by', async () => {
  const bench = new Bench();
  const guest = await bench.key('guest');
  bench.now += guestLife - 1;
  assert.equal(await bench.key('guest'), guest);
  const open = bench.page();
  assert.equal(await bench.key('guest', '1000', open), guest);
  bench.now += 1;
  const next = await bench.key('guest');
  assert.notEqual(next, guest);
  assert.equal(await bench.key('guest', '1000', open), guest, 'who we are does not change under way');
  await bench.page().leave('1000');
  assert.notEqual(await bench.key('guest'), next);
});

test('guests whose day is over are swept, and nobody else', async () => {
  const bench = new Bench();
  const account = await bench.key('account');
  await bench.key('guest', '1');
  bench.now += guestLife / 2;
  await bench.key('guest', '2');
  bench.now += guestLife / 2;
  await bench.page().sweep();
  assert.deepEqual([...(await bench.records.all('identities')).keys()].sort(), ['account', 'guest 2']);
  assert.equal(await bench.key('account'), account);
});

test('two tabs that begin at one moment are one person', async () => {
  const bench = new Bench();
  const [a, b] = await Promise.all([bench.key('account'), bench.key('account')]);
  assert.equal(a, b);
});

test('the private key cannot be read out of the records', async () => {
  const bench = new Bench();
  await bench.key('account');
  const kept = await bench.records.get('identities', 'account');
  assert.ok(kept);
  assert.equal(kept.pair.privateKey.extractable, false);
  await assert.rejects(crypto.subtle.exportKey('pkcs8', kept.pair.privateKey));
});

test('the link of an own room is made once, and follows the mode', async () => {
  const bench = new Bench();
  const mixed = await bench.page().ownLink('1000', 'mixed');
  const sealed = await bench.page().ownLink('1000', 'sealed');
  assert.deepEqual({ ...sealed, mode: 'mixed' }, mixed);
  assert.equal((await bench.page().link('1000'))?.mode, 'sealed');
  assert.notDeepEqual((await bench.page().ownLink('1001', 'mixed')).secret, mixed.secret);
  const account = await bench.page().identity('account', '1000');
  assert.deepEqual(mixed.owner, await ownerFingerprint(account.publicKey));
  // An identity that was lost takes its links with it.
  await bench.records.remove('identities', 'account', () => true);
  const other = await bench.page().ownLink('1000', 'mixed');
  assert.notDeepEqual([other.owner, other.secret], [mixed.owner, mixed.secret]);
});

test('who is pinned stays known by the name and time of the first meeting', async () => {
  const bench = new Bench();
  const identity = new Uint8Array(32).fill(7);
  const store = () => bench.page().of('guest');
  assert.equal(await store().pinned(identity), undefined);
  await bench.page().pin({ identity, name: 'Anna' });
  bench.now += 60;
  await bench.page().pin({ identity, name: 'Not Anna' });
  assert.equal(await store().pinned(identity), 1_000_000);
  assert.deepEqual((await store().acquaintances()).map(({ name }) => name), ['Anna']);
});

test('a disk that is full ends no meeting: the page remembers by itself, and says that nothing is kept', async () => {
  class Full extends PageRecords {
    override put(): Promise<void> {
      return Promise.reject(new DOMException('', 'QuotaExceededError'));
    }
  }
  const store = new ProfileStore(Object.assign(new Full(), { kept: true }), () => 0);
  const memory = { group: new Uint8Array(16), identities: [], strictest: 'sealed' } as const;
  assert.equal(store.kept, true);
  await store.of('guest').remember('1000', memory);
  assert.deepEqual(await store.of('guest').memory('1000'), memory);
  assert.equal(store.kept, false);
});
