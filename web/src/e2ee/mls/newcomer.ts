import { makeKeyPackageRef, type KeyPackage } from 'ts-mls/keyPackage.js';
import { equal, own, type Bytes } from '../policy/bytes.ts';
import type { Credential } from '../policy/credential.ts';
import { GroupError } from './group_error.ts';
import { clockSkew, credentialLife, decodeKeyPackage, keyPackageLife } from './join_key.ts';
import { packageFits } from './rules/r6_leaf.ts';
import type { Suite } from './suite.ts';

/** Newcomer is somebody in the lobby whose KeyPackage holds by itself. */
export interface Newcomer {
  readonly keyPackage: KeyPackage;
  readonly ref: Bytes;
  readonly credential: Credential;
}

/**
 * checkNewcomer is what a host does before it shows a card, and again before it adds: rule R6 as far as a KeyPackage alone goes,
 * and the times, which are no rule of validity as clocks differ. ref is the KeyPackageRef on the card that was tapped: the server
 * cannot swap the KeyPackage behind it. nowSeconds is Unix time. Errors: GroupError.
 */
export async function checkNewcomer(
  room: string, bytes: Uint8Array, nowSeconds: number, suite: Suite, ref?: Uint8Array,
): Promise<Newcomer> {
  const keyPackage = decodeKeyPackage(bytes);
  const actual = own(await makeKeyPackageRef(keyPackage, suite.hash));
  if (ref !== undefined && !equal(ref, actual)) throw new GroupError('refused', 'not the KeyPackage on the card');
  const credential = await packageFits(room, keyPackage, suite);
  const { notBefore, notAfter } = keyPackage.leafNode.lifetime;
  const now = BigInt(nowSeconds);
  if (notBefore > now || notAfter < now) throw new GroupError('stale', 'the KeyPackage is not of this hour');
  if (notAfter - notBefore > BigInt(keyPackageLife + 2 * clockSkew)) throw new GroupError('stale', 'a KeyPackage for too long');
  const { notAfter: certEnd } = credential;
  if (certEnd < nowSeconds || certEnd > nowSeconds + credentialLife + clockSkew) throw new GroupError('stale', 'the credential is not of today');
  return { keyPackage, ref: actual, credential };
}
