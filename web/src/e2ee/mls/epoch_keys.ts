import type { ClientState } from 'ts-mls/clientState.js';
import { mlsExporter } from 'ts-mls/keySchedule.js';
import type { GrantKeys, Keys } from '../frame/epoch.ts';
import { kindCode, kinds, type Kind } from '../frame/kind.ts';
import { concat, own, u32, type Bytes } from '../policy/bytes.ts';
import { requestOf, type Grant } from '../policy/room.ts';
import type { Suite } from './suite.ts';
import type { View } from './view.ts';

/** exportKey is MLS-Exporter("legroom/1 " + label, context, length) of RFC 9420, 8.5. */
export async function exportKey(state: ClientState, suite: Suite, label: 'media' | 'tag' | 'grantee', context: Uint8Array, length: number): Promise<Bytes> {
  return own(await mlsExporter(state.keySchedule.exporterSecret, `legroom/1 ${label}`, context, length, suite));
}

/** epochKeys is all that frames of the state's epoch need; removed are the leaves that the commit into it removed. Owner: the caller, who erases it. */
export async function epochKeys(state: ClientState, view: View, removed: readonly number[], suite: Suite): Promise<Keys> {
  const media = {
    audio: await mediaKey(state, 'audio', suite),
    video: await mediaKey(state, 'video', suite),
    screen: await mediaKey(state, 'screen', suite),
    'screen-audio': await mediaKey(state, 'screen-audio', suite),
  };
  const grants = await Promise.all(view.room.grants.map((grant) => grantKeys(state, grant, suite)));
  const tag = await exportKey(state, suite, 'tag', new Uint8Array(), 32);
  return { epoch: view.epoch, leaf: state.privatePath.leafIndex, roster: [...view.members.keys()], removed, grants, media, tag };
}

/** mediaKey is K[kind]: the base key under which browsers seal, 16 bytes. */
export function mediaKey(state: ClientState, kind: Kind, suite: Suite): Promise<Bytes> {
  return exportKey(state, suite, 'media', Uint8Array.of(kindCode(kind)), 16);
}

/** granteeKey is G[n, kind]: the base key under which the grantee of grant n seals, 16 bytes. */
export function granteeKey(state: ClientState, n: number, kind: Kind, suite: Suite): Promise<Bytes> {
  return exportKey(state, suite, 'grantee', concat(u32(n), Uint8Array.of(kindCode(kind))), 16);
}

/** grantKeys has G of every kind, as a frame of a kind that is not in speak, but opens under its G, tells that the grantee oversteps. */
async function grantKeys(state: ClientState, grant: Grant, suite: Suite): Promise<GrantKeys> {
  const keys: Partial<Record<Kind, Bytes>> = {};
  for (const kind of kinds) keys[kind] = await granteeKey(state, grant.n, kind, suite);
  return { n: grant.n, legs: requestOf(grant).legs.map((leg) => leg.no), scope: grant.scope, speak: grant.speak, keys };
}
