// Makes meeting.json: how a meeting of browsers (ts-mls, our own groups and frames) lets somebody in and goes on, with everything
// that the newcomer has to find out. How to run it is in README.md.
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import { encodeGroupInfo, signGroupInfo, type GroupInfo } from 'ts-mls/groupInfo.js';
import type { GroupSecrets } from 'ts-mls/groupSecrets.js';
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js';
import { decryptGroupInfo, decryptGroupSecrets, encryptGroupInfo, encryptGroupSecrets } from 'ts-mls/welcome.js';
import { codecOf } from '../../../web/src/e2ee/frame/codec/codec.ts';
import { Epoch } from '../../../web/src/e2ee/frame/epoch.ts';
import { Epochs } from '../../../web/src/e2ee/frame/epochs.ts';
import { kinds, mediumOf } from '../../../web/src/e2ee/frame/kind.ts';
import { Sealer } from '../../../web/src/e2ee/frame/sealer.ts';
import { longCode } from '../../../web/src/e2ee/mls/long_code.ts';
import { newLink, formatLink } from '../../../web/src/e2ee/policy/link.ts';
import { newSigner } from '../../../web/src/e2ee/policy/signing.ts';
import { addOf, bareCommit, grantEdit, joinKey, Meeting, newcomer, person, removeOf, request, roomNumber, suite } from '../../../web/test/e2ee-mls/meeting.ts';

const hex = (b: Uint8Array): string => Buffer.from(b).toString('hex');
const count = (n: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length: n }, (_, i) => i & 255);

const gateway = await newSigner();
const meeting = await Meeting.of(['Anna', 'Bob', 'Carol', 'Dave', 'Eve'], () => ({ gateways: [gateway.publicKey] }));
const epochOf = (name: string): bigint => meeting.group(name).view.epoch;
// A tree with a history: parent nodes, a blank leaf that was filled again, leaves that are unmerged.
await meeting.commit('Bob', { do: 'refresh', epoch: epochOf('Bob') });
await meeting.commit('Anna', { do: 'remove', identity: meeting.person('Carol').identity.publicKey });
await meeting.admit('Anna', ['Frank', 'Gina']);
await meeting.commit('Dave', { do: 'refresh', epoch: epochOf('Dave') });
const mallory = (await meeting.admitBare('Anna', ['Mallory'])).get('Mallory');
if (mallory === undefined) throw new Error('no Mallory');

const owner = meeting.person('Anna').identity.publicKey;
const link = await newLink(owner, 'mixed');
const key = await joinKey(await person('Self test'));
// By whom one is let in: the host Anna, and one who is none.
const byGuest = await bareCommit(mallory, [addOf(await newcomer(await person('Self test'), key))]);
const byGuestWithPath = await bareCommit(mallory, [removeOf(1), addOf(await newcomer(await person('Self test'), key))]);
const initPrivate = hex(key.packages.privatePackage.initPrivateKey);
const made = await meeting.admitKeys('Anna', [key]);
const groupInfo = encodeGroupInfo((await inside(made.welcome)).info);
const unconfirmed = await withoutTag(byGuest.welcome, mallory.signaturePrivateKey);

/** inside is what a Welcome holds for the key. */
async function inside(bytes: Uint8Array | undefined): Promise<{ readonly secrets: GroupSecrets; readonly info: GroupInfo }> {
  const message = decodeMlsMessage(bytes ?? count(0), 0)?.[0];
  if (message?.wireformat !== 'mls_welcome') throw new Error('no Welcome');
  const init = await suite.hpke.importPrivateKey(key.packages.privatePackage.initPrivateKey);
  const secrets = await decryptGroupSecrets(init, key.ref, message.welcome, suite.hpke);
  if (secrets === undefined) throw new Error('no secrets');
  const info = await decryptGroupInfo(message.welcome, secrets.joinerSecret, new Uint8Array(32), suite);
  if (info === undefined) throw new Error('no GroupInfo');
  return { secrets, info };
}

/** withoutTag is a Welcome whose GroupInfo is signed as it has to be, and has another confirmation tag. */
async function withoutTag(bytes: Uint8Array | undefined, signaturePrivateKey: Uint8Array): Promise<Uint8Array> {
  const { secrets, info } = await inside(bytes);
  const signed = await signGroupInfo({ ...info, confirmationTag: new Uint8Array(32) }, signaturePrivateKey, suite.signature);
  const welcomeSecret = await deriveSecret(await suite.kdf.extract(secrets.joinerSecret, new Uint8Array(32)), 'welcome', suite.kdf);
  const encryptedGroupInfo = await encryptGroupInfo(signed, welcomeSecret, suite);
  const init = await suite.hpke.importPublicKey(key.packages.publicPackage.initKey);
  const { ct, enc } = await encryptGroupSecrets(init, encryptedGroupInfo, secrets, suite.hpke);
  const encrypted = { newMember: key.ref, encryptedGroupSecrets: { kemOutput: enc, ciphertext: ct } };
  return encodeMlsMessage({
    version: 'mls10', wireformat: 'mls_welcome', welcome: { cipherSuite: suite.name, secrets: [encrypted], encryptedGroupInfo },
  });
}

interface Frame { readonly kind: string; readonly codec: string; readonly leaf: number; readonly plain: string; readonly sealed: string }
const opus = codecOf('audio/opus');
const vp8 = codecOf('video/vp8');
if (opus === undefined || vp8 === undefined) throw new Error('codecs');

/** epochNow is all that Go has to agree on. */
async function epochNow() {
  const group = meeting.group('Anna');
  const keys = await group.keys();
  const frames: Frame[] = [];
  const sealer = new Map<string, Sealer>();
  for (const who of ['Anna', 'Bob']) {
    const epochs = new Epochs(() => 0);
    epochs.install(await Epoch.of(await meeting.group(who).keys()));
    sealer.set(who, new Sealer(epochs));
  }
  for (const kind of kinds) {
    const sound = mediumOf(kind) === 'audio';
    for (const who of ['Anna', 'Bob']) {
      const plain = count(sound ? 60 : 200);
      plain[0] = sound ? 0x78 : 0x31; // VP8: no key frame
      const sealed = await sealer.get(who)?.seal(plain, sound ? opus : vp8, kind, 0);
      frames.push({ kind, codec: sound ? 'opus' : 'VP8', leaf: meeting.group(who).leaf, plain: hex(plain), sealed: hex(sealed ?? count(0)) });
    }
  }
  return {
    epoch: Number(group.view.epoch), authenticator: hex(group.authenticator), members: [...group.view.members.values()].map((m) => m.credential.name),
    media: Object.fromEntries(kinds.map((kind) => [kind, hex(keys.media[kind])])), tag: hex(keys.tag),
    grants: keys.grants.map(({ n, keys: own }) => ({ n, keys: Object.fromEntries(kinds.map((kind) => [kind, hex(own[kind] ?? count(0))])) })),
    longCode: await longCode(group.authenticator, group.view.group, group.view.epoch), frames,
  };
}

const epochs = [await epochNow()];
const commits: string[] = [];
async function on(...edits: Parameters<Meeting['commit']> extends [string, ...infer E] ? E : never): Promise<void> {
  commits.push(hex((await meeting.commit('Anna', ...edits)).commit));
  epochs.push(await epochNow());
}
await on(grantEdit(await request(gateway, meeting.group('Anna').view.room)));
await on({ do: 'add', newcomer: await newcomer(await person('Hugo')) });
await on({ do: 'revoke', n: 1 });
await on({ do: 'remove', identity: meeting.person('Dave').identity.publicKey });

if (made.welcome === undefined || byGuest.welcome === undefined || byGuestWithPath.welcome === undefined) throw new Error('no welcome');
process.stdout.write(`${JSON.stringify({
  note: 'Made by generate.ts. Byte strings are hex; messages are MLSMessages (RFC 9420 section 6). The last commit has a path.',
  room: roomNumber, owner: hex(owner), link: formatLink(link), keyPackage: hex(key.keyPackage), initPrivate,
  groupInfo: hex(groupInfo), welcome: hex(made.welcome), welcomeByGuest: hex(byGuest.welcome), welcomeByGuestWithPath: hex(byGuestWithPath.welcome), welcomeUnconfirmed: hex(unconfirmed),
  epochs, commits,
}, null, 1)}\n`);
