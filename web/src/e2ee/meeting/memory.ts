import { equal } from '../policy/bytes.ts';
import { looser } from '../policy/charter.ts';
import type { View } from '../mls/view.ts';
import type { Memory } from './ports.ts';

/** Most identities of a group that are remembered. */
const mostIdentities = 512;

/** grown is what a browser remembers of a room after it has seen this epoch. Pure. */
export function grown(memory: Memory | undefined, { group, members, room: { mode } }: View): Memory {
  const known = memory !== undefined && equal(memory.group, group) ? memory.identities : [];
  const present = [...members.values()].map(({ credential }) => credential.identity);
  const fresh = present.filter((identity) => !known.some((k) => equal(k, identity)));
  const strictest = memory !== undefined && looser(mode, memory.strictest) ? memory.strictest : mode;
  return { group, identities: [...known, ...fresh].slice(-mostIdentities), strictest };
}
