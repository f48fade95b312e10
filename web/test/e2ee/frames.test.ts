// The golden frames that Go made: every one sealed and opened, every faulty one refused, and for the same reason.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { codecOf } from '../../src/e2ee/frame/codec/codec.ts';
import { Epoch, type Keys } from '../../src/e2ee/frame/epoch.ts';
import { Epochs } from '../../src/e2ee/frame/epochs.ts';
import { encodeHeader } from '../../src/e2ee/frame/header.ts';
import { decodeKeyID, encodeKeyID, type Source } from '../../src/e2ee/frame/keyid.ts';
import { kindCode, mediumOf, type Kind } from '../../src/e2ee/frame/kind.ts';
import { Opener } from '../../src/e2ee/frame/opener.ts';
import { Refusal, type RefusalReason } from '../../src/e2ee/frame/refusal.ts';
import { Sealer } from '../../src/e2ee/frame/sealer.ts';
import { bytes, golden, hex, keys, phone, reasonOf } from './keys.ts';

interface Stream {
  readonly name: string; readonly codec: string; readonly kind: Kind; readonly kindNumber: number;
  readonly baseKey: string; readonly tag: 'none' | 'check' | 'skip'; readonly tagKey: string; readonly kid: number;
}
interface Golden {
  readonly keyIds: readonly {
    readonly type: 'browser' | 'grantee'; readonly track: number; readonly leaf: number; readonly n: number; readonly leg: number;
    readonly epoch: string; readonly kid: number; readonly header: string;
  }[];
  readonly frames: readonly (Stream & { readonly counter: number; readonly input: string; readonly sealed: string; readonly opened: string })[];
  readonly unsealable: readonly { readonly name: string; readonly codec: string; readonly kind: Kind; readonly counter: number; readonly input: string; readonly reason: string }[];
  readonly refused: readonly (Stream & { readonly before: readonly string[] | null; readonly frame: string; readonly reason: string })[];
  readonly replay: readonly { readonly name: string; readonly kind: Kind; readonly steps: readonly { readonly counter: number; readonly taken: boolean }[] }[];
}

const file = (await golden('frames.json')) as Golden;
const plain = { baseKey: '000102030405060708090a0b0c0d0e0f', tag: 'none', tagKey: '', kid: 0x301 } as const;

/** Our classes of the reasons in the file. Whose key id is foreign depends on who is in the room. */
const reasons: Readonly<Record<string, readonly RefusalReason[]>> = {
  empty: ['empty'], codec: ['codec'], malformed: ['malformed'], unit: ['unit'], tag: ['tag'], auth: ['authentication'], replay: ['replay'],
  keyId: ['binding', 'roster', 'epoch', 'grant'], exhausted: ['exhausted'],
};

/** The keys with which leaf `me` seals or opens the stream; another member of the room is `other`. */
function keysOf(stream: Omit<Stream, 'name' | 'codec' | 'kindNumber'>, me: number, other: number): Keys {
  const { source, epochByte } = decodeKeyID(BigInt(stream.kid));
  const base = bytes(stream.baseKey);
  const media = { ...keys().media, [stream.kind]: base };
  const grants = source.type === 'grantee'
    ? [phone({ n: source.n, legs: [source.leg], scope: [], speak: [stream.kind], keys: { [stream.kind]: base } })]
    : stream.tag === 'none' ? [] : [phone({ scope: [stream.kind] })];
  const tag = stream.tagKey === '' ? keys().tag : bytes(stream.tagKey);
  return keys({ epoch: 0x1000n + BigInt(epochByte), leaf: me, roster: [me, other], media, grants, tag });
}

async function epochsOf(given: Keys): Promise<Epochs> {
  const epochs = new Epochs(() => 0);
  epochs.install(await Epoch.of(given));
  return epochs;
}

/** sealer is the sender of a stream whose next counter is given; undefined for one that no browser sends. */
async function sealer(stream: Omit<Stream, 'name' | 'codec' | 'kindNumber'>, counter: number): Promise<{ sealer: Sealer; track: number } | undefined> {
  const { source } = decodeKeyID(BigInt(stream.kid));
  if (source.type === 'grantee') return undefined;
  const epochs = await epochsOf(keysOf(stream, source.leaf, 900));
  epochs.current?.counter(stream.kind, source.track).take(counter);
  return { sealer: new Sealer(epochs), track: source.track };
}

async function opener(stream: Omit<Stream, 'name' | 'codec' | 'kindNumber'>): Promise<{ opener: Opener; source: Source }> {
  const { source } = decodeKeyID(BigInt(stream.kid));
  return { opener: new Opener(await epochsOf(keysOf(stream, 900, source.type === 'leaf' ? source.leaf : 901)), () => undefined), source };
}

const mime = (stream: { readonly codec: string }) => codecOf(`${stream.codec === 'opus' ? 'audio' : 'video'}/${stream.codec}`);

function known(stream: { readonly codec: string }) {
  const codec = mime(stream);
  if (codec === undefined) throw new Refusal('codec');
  return codec;
}

test('key ids', () => {
  assert.ok(file.keyIds.length >= 8);
  for (const k of file.keyIds) {
    const source: Source = k.type === 'browser' ? { type: 'leaf', leaf: k.leaf, track: k.track } : { type: 'grantee', n: k.n, leg: k.leg };
    const epochByte = Number(BigInt(k.epoch) & 0xffn);
    assert.equal(encodeKeyID({ source, epochByte }), k.kid);
    assert.equal(hex(encodeHeader(BigInt(k.kid), 300n).bytes), k.header);
    const carried = source.type === 'grantee' ? { ...source, n: source.n % 32 } : source;
    assert.deepEqual(decodeKeyID(BigInt(k.kid)), { source: carried, epochByte });
  }
});

test('golden frames are sealed and opened', async (t) => {
  assert.ok(file.frames.length >= 39);
  for (const f of file.frames) {
    await t.test(f.name, async () => {
      assert.equal(kindCode(f.kind), f.kindNumber);
      const sender = await sealer(f, f.counter);
      if (sender !== undefined) assert.equal(hex(await sender.sealer.seal(bytes(f.input), known(f), f.kind, sender.track)), f.sealed);
      const receiver = await opener(f);
      const opened = await receiver.opener.open(receiver.opener.read(bytes(f.sealed), known(f), mediumOf(f.kind)), { kind: f.kind, source: receiver.source });
      assert.equal(hex(opened.frame), f.opened);
      assert.deepEqual(opened.source, receiver.source);
    });
  }
});

test('what cannot be sealed is refused', async (t) => {
  assert.ok(file.unsealable.length >= 30);
  for (const f of file.unsealable) {
    await t.test(f.name, async () => {
      const sender = await sealer({ ...plain, kind: f.kind }, f.counter);
      assert.ok(sender);
      const reason = await reasonOf(() => sender.sealer.seal(bytes(f.input), known(f), f.kind, sender.track));
      assert.ok(reason !== undefined && reasons[f.reason]?.includes(reason), `${reason ?? 'sealed'}, not ${f.reason}`);
    });
  }
});

test('faulty frames are refused', async (t) => {
  // A browser never leaves a tag unchecked: those are for the gateway.
  const ours = file.refused.filter((f) => f.tag !== 'skip');
  assert.ok(ours.length >= 60);
  for (const f of ours) {
    await t.test(f.name, async () => {
      const receiver = await opener(f);
      const open = (frame: string) => receiver.opener.open(receiver.opener.read(bytes(frame), known(f), mediumOf(f.kind)), { kind: f.kind, source: receiver.source });
      for (const frame of f.before ?? []) await open(frame);
      const reason = await reasonOf(() => open(f.frame));
      assert.ok(reason !== undefined && reasons[f.reason]?.includes(reason), `${reason ?? 'opened'}, not ${f.reason}`);
    });
  }
});

test('replays are refused', async (t) => {
  assert.ok(file.replay.length >= 4);
  for (const f of file.replay) {
    await t.test(f.name, async () => {
      const codec = known({ codec: mediumOf(f.kind) === 'audio' ? 'opus' : 'VP9' });
      const receiver = await opener({ ...plain, kind: f.kind });
      for (const [i, { counter, taken }] of f.steps.entries()) {
        const sender = await sealer({ ...plain, kind: f.kind }, counter);
        assert.ok(sender);
        const frame = receiver.opener.read(await sender.sealer.seal(bytes('aa'), codec, f.kind, sender.track), codec, mediumOf(f.kind));
        assert.equal(await reasonOf(() => receiver.opener.open(frame, { kind: f.kind, source: receiver.source })), taken ? undefined : 'replay', `step ${i}`);
      }
    });
  }
});
