// One byte changed, anywhere: never accepted, never an error of another kind than GroupError, never slow.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { GroupError } from '../../src/e2ee/mls/group_error.ts';
import { checkNewcomer } from '../../src/e2ee/mls/newcomer.ts';
import { openWelcome } from '../../src/e2ee/mls/welcome.ts';
import { joinKey, Meeting, newcomer, nowSeconds, person, roomNumber, suite } from './meeting.ts';

/** CPU time, as others may be at work on the machine. */
const slowMs = 1000;

function cpuMs(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

async function mutate(bytes: Uint8Array, masks: readonly number[], take: (changed: Uint8Array) => Promise<unknown>): Promise<number> {
  let tried = 0;
  for (let at = 0; at < bytes.length; at++) {
    for (const mask of masks) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ mask;
      const began = process.cpuUsage();
      const taken = await take(changed).then(() => true, (error: unknown) => {
        assert.ok(error instanceof GroupError, `byte ${at} ^ ${mask}: ${String(error)}`);
        return false;
      });
      assert.ok(!taken, `byte ${at} ^ ${mask} was taken`);
      assert.ok(cpuMs(began) < slowMs, `byte ${at} ^ ${mask} took long`);
      tried++;
    }
  }
  return tried;
}

test('8,000 mutations of commit, Welcome and KeyPackage', { timeout: 300_000 }, async () => {
  const m = await Meeting.of(['anna', 'bob', 'carol', 'dave']);
  await m.commit('carol', { do: 'refresh', epoch: m.group('carol').view.epoch });
  const who = await person('eve');
  const key = await joinKey(who);
  const made = await m.make('anna', { do: 'remove', identity: m.person('bob').identity.publicKey }, { do: 'add', newcomer: await newcomer(who, key) });
  const carol = m.group('carol');
  const { epoch } = carol.view;
  assert.ok(made.welcome);
  const commits = await mutate(made.commit, [0x80, 0x01], (bytes) => carol.apply(bytes));
  const welcomes = await mutate(made.welcome, [0x40, 0x01], (bytes) => openWelcome(bytes, key, suite));
  const packages = await mutate(key.keyPackage, [0x80, 0x40, 0x01, 0xff], (bytes) => checkNewcomer(roomNumber, bytes, nowSeconds, suite));
  assert.ok(commits + welcomes + packages >= 8000, `${commits} + ${welcomes} + ${packages}`);
  // None of it cost anything: the real ones are still taken.
  assert.equal(carol.view.epoch, epoch);
  await m.deliver(made.commit);
  await m.join('eve', key, made);
  await m.agree();
});
