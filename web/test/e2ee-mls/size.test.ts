import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newSigner } from '../../src/e2ee/policy/signing.ts';
import { encodeSealed } from '../../src/e2ee/mls/bundle.ts';
import type { Edit } from '../../src/e2ee/mls/edit.ts';
import { JoinKey } from '../../src/e2ee/mls/join_key.ts';
import { checkNewcomer } from '../../src/e2ee/mls/newcomer.ts';
import { planNext } from '../../src/e2ee/mls/plan.ts';
import { limits } from '../../src/e2ee/mls/wire.ts';
import { encodeToServer } from '../../src/e2ee/meeting/wire_json.ts';
import { Meeting, grantEdit, nowSeconds, request, roomNumber, suite } from './meeting.ts';

/** The longest message that the gateway takes, and what of it is around a message of the meeting, bytes. */
const longestMessage = 512 * 1024;
const around = 100;

/** The longest that a credential may hold: a name of 160 bytes, a subject of 128, and a proof of the link. */
const claim = {
  room: roomNumber, kind: 'account', name: '\u{10330}'.repeat(40), subject: 's'.repeat(128), linkSecret: crypto.getRandomValues(new Uint8Array(16)),
} as const;

async function crowd(size: number): Promise<Edit[]> {
  const edits: Edit[] = [];
  for (let i = 0; i < size; i++) {
    const { keyPackage } = await JoinKey.make(await newSigner(), claim, nowSeconds, suite);
    edits.push({ do: 'add', newcomer: await checkNewcomer(roomNumber, keyPackage, nowSeconds, suite) });
  }
  return edits;
}

test('the largest commits of a room of 200 fit into one message, with names as long as can be and a bundle for each of eight gateways', async (t) => {
  const gateways = await Promise.all(Array.from({ length: 8 }, () => newSigner()));
  const m = await Meeting.of(['anna'], () => ({ gateways: gateways.map((g) => g.publicKey) }));
  const anna = m.group('anna');
  for (const gateway of gateways) await m.commit('anna', grantEdit(await request(gateway, anna.view.room)));
  const open = await crowd(199);
  const [first] = open;
  assert.ok(first?.do === 'add');
  let edits: readonly Edit[] = [];
  const sizes = { commit: 0, welcome: 0, bundle: 0, message: 0 };
  const commit = async (): Promise<void> => {
    const plan = planNext(anna.view, anna.leaf, edits);
    assert.ok(plan);
    const made = await anna.make(plan);
    const bundles = made.bundles.map(encodeSealed);
    assert.equal(bundles.length, 8);
    const { commit: bytes, welcome } = made;
    const text = encodeToServer({ type: 'submit', id: Number.MAX_SAFE_INTEGER, commit: bytes, bundles, ...(welcome === undefined ? {} : { welcome }) });
    sizes.commit = Math.max(sizes.commit, bytes.length);
    sizes.welcome = Math.max(sizes.welcome, welcome?.length ?? 0);
    sizes.bundle = Math.max(sizes.bundle, ...bundles.map((b) => b.length));
    sizes.message = Math.max(sizes.message, text.length);
    await anna.apply(bytes);
  };
  edits = open.slice(0, 152);
  while (anna.view.members.size < 153) await commit();
  // The last ones with a path through a tree that only one member has ever written: the longest there is.
  edits = [{ do: 'remove', identity: first.newcomer.credential.identity }, ...open.slice(152)];
  await commit();
  assert.equal(anna.view.members.size, 199);
  t.diagnostic(JSON.stringify(sizes));
  assert.ok(sizes.commit <= limits.commit, `a commit of ${sizes.commit} bytes`);
  assert.ok(sizes.welcome <= limits.welcome, `a Welcome of ${sizes.welcome} bytes`);
  assert.ok(sizes.message + around <= longestMessage, `a message of ${sizes.message} bytes`);
});
