import { equal, type Bytes } from './bytes.ts';
import type { CborMap } from './cbor.ts';
import type { Charter } from './charter.ts';
import { PolicyError } from './policy_error.ts';
import { bytes, maybe, record, set } from './record.ts';
import { mustBeSigned, signLabelled, type Signer } from './signing.ts';

/** Most entries of hosts; of them, most that lost the role; most of fallbackHost. */
export const mostHosts = 64;
export const mostOut = 32;
export const mostFallback = 16;

/** hostField reads one entry of hosts or fallbackHost. */
export const hostField = record({
  /** Identity key of the host. */
  identity: bytes(32),
  /** Identity key of whoever made it one. */
  by: bytes(32),
  /** Signature of by over group and identity. */
  sig: bytes(64),
  /** Present where the role was taken away; the entry stays, so that entries signed by it still end at the charter. */
  out: maybe(set),
});

/** HostEntry is one link of the chain from the charter to a host. */
export type HostEntry = ReturnType<typeof hostField>;

/** signHost makes identity a host of the group, by the signer's word. */
export async function signHost(by: Signer, group: Bytes, identity: Bytes): Promise<HostEntry> {
  return { identity, by: by.publicKey, sig: await signLabelled(by, 'legroom/1 host', group, identity) };
}

/** hostMap is an entry as it is written into the `room` extension. */
export function hostMap(entry: HostEntry): CborMap {
  return { ...entry };
}

/** isHost says whether identity has an entry that was not taken away. */
export function isHost(hosts: readonly HostEntry[], identity: Uint8Array): boolean {
  return hosts.some((entry) => entry.out === undefined && equal(entry.identity, identity));
}

/**
 * checkHosts holds where hosts begins with the starter's own entry, every other is signed by one before it, nobody is in it twice,
 * and every fallback entry is signed by one of hosts. Errors: PolicyError.
 */
export async function checkHosts(charter: Charter, hosts: readonly HostEntry[], fallback: readonly HostEntry[]): Promise<void> {
  const first = hosts[0];
  if (first === undefined || !equal(first.identity, charter.by) || !equal(first.by, charter.by)) {
    throw new PolicyError('signature', 'hosts[0]');
  }
  const out = hosts.filter((entry) => entry.out).length;
  if (out > mostOut || out === hosts.length) throw new PolicyError('malformed', 'hosts.out');
  for (const [i, entry] of hosts.entries()) {
    const before = hosts.slice(0, i);
    if (before.some((e) => equal(e.identity, entry.identity))) throw new PolicyError('malformed', `hosts[${i}]: twice`);
    if (i > 0 && !before.some((e) => equal(e.identity, entry.by))) throw new PolicyError('signature', `hosts[${i}].by`);
    await checkEntry(charter, entry, `hosts[${i}].sig`);
  }
  for (const [i, entry] of fallback.entries()) {
    const twice = fallback.slice(0, i).some((e) => equal(e.identity, entry.identity));
    if (twice || entry.out !== undefined) throw new PolicyError('malformed', `fallbackHost[${i}]`);
    if (!hosts.some((e) => equal(e.identity, entry.by))) throw new PolicyError('signature', `fallbackHost[${i}].by`);
    await checkEntry(charter, entry, `fallbackHost[${i}].sig`);
  }
}

function checkEntry(charter: Charter, entry: HostEntry, where: string): Promise<void> {
  return mustBeSigned(where, entry.by, 'legroom/1 host', entry.sig, charter.group, entry.identity);
}
