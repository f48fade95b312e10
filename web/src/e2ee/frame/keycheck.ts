import type { GrantKeys, Keys } from './epoch.ts';
import { grantResidues, maxLeafs } from './keyid.ts';
import { kinds } from './kind.ts';

/** KeysError tells that keys of an epoch cannot be used. `what` names the part, never its value. */
export class KeysError extends Error {
  readonly what: string;

  constructor(what: string) {
    super(`keys of an epoch: ${what}`);
    this.name = 'KeysError';
    this.what = what;
  }
}

const baseKeyBytes = 16;
const tagKeyBytes = 32;

/** checkKeys makes sure that what key ids and derivations rely on holds. Errors: KeysError. */
export function checkKeys(keys: Keys): void {
  check(keys.epoch >= 0n && keys.epoch < 1n << 64n, 'epoch');
  check([...keys.roster, ...keys.removed].every((leaf) => below(leaf, maxLeafs)), 'roster');
  check(keys.roster.includes(keys.leaf), 'leaf');
  check(kinds.every((kind) => keys.media[kind].length === baseKeyBytes), 'media');
  check(keys.tag.length === tagKeyBytes, 'tag');
  check(new Set(keys.grants.map((grant) => grant.n % grantResidues)).size === keys.grants.length, 'grants');
  keys.grants.forEach(checkGrant);
}

function checkGrant(grant: GrantKeys): void {
  check(below(grant.n, 2 ** 32), 'grant number');
  check(grant.legs.every((leg) => below(leg, maxLeafs)), 'legs');
  check(grant.speak.every((kind) => grant.keys[kind] !== undefined), 'grantee keys');
  check(kinds.every((kind) => (grant.keys[kind]?.length ?? baseKeyBytes) === baseKeyBytes), 'grantee keys');
}

function below(value: number, end: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < end;
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new KeysError(what);
}
