import type { ClientState } from 'ts-mls/clientState.js';
import type { Kind } from '../frame/kind.ts';
import type { Bytes } from '../policy/bytes.ts';
import { encodeCredential } from '../policy/credential.ts';
import { requestOf, type Grant } from '../policy/room.ts';
import type { Signer } from '../policy/signing.ts';
import { sealBundle, sealTo, type KindKeys, type SealedBundle } from './bundle.ts';
import { granteeKey, mediaKey } from './epoch_keys.ts';
import { encodeNote, type Note } from './note.ts';
import type { Suite } from './suite.ts';
import type { View } from './view.ts';

/** bundlesFor seals the epoch's keys to each gateway that has a grant: K of the kinds in scope, G of those in speak, and nothing else. */
export async function bundlesFor(state: ClientState, view: View, sealer: Signer, suite: Suite): Promise<readonly SealedBundle[]> {
  const self = view.members.get(state.privatePath.leafIndex);
  if (self === undefined) return [];
  const { group, epoch, transcript } = view;
  return Promise.all(view.room.grants.map(async (grant) => {
    const place = { group, epoch, transcript, n: grant.n, request: grant.request };
    const keys = await keysFor(state, grant, suite);
    const sealed = await sealBundle(place, keys, requestOf(grant).hpke, sealer, encodeCredential(self.credential));
    for (const secret of [...Object.values(keys.K), ...Object.values(keys.G)]) secret.fill(0);
    return sealed;
  }));
}

/** notesFor seals a note to each gateway that has a grant. */
export async function notesFor(state: ClientState, view: View, sealer: Signer, note: Note): Promise<readonly SealedBundle[]> {
  const self = view.members.get(state.privatePath.leafIndex);
  if (self === undefined) return [];
  const { group, epoch, transcript } = view;
  const credential = encodeCredential(self.credential);
  return Promise.all(view.room.grants.map((grant) => sealTo(
    { group, epoch, transcript, n: grant.n, request: grant.request }, 'legroom/1 note', encodeNote(note), requestOf(grant).hpke, sealer, credential,
  )));
}

async function keysFor(state: ClientState, grant: Grant, suite: Suite): Promise<{ readonly K: KindKeys; readonly G: KindKeys }> {
  const K: Partial<Record<Kind, Bytes>> = {};
  const G: Partial<Record<Kind, Bytes>> = {};
  for (const kind of grant.scope) K[kind] = await mediaKey(state, kind, suite);
  for (const kind of grant.speak) G[kind] = await granteeKey(state, grant.n, kind, suite);
  return { K, G };
}
