import { kindCode, kinds, type Kind } from '../frame/kind.ts';
import { PolicyError } from './policy_error.ts';
import { ascending, list, oneOf, type Field } from './record.ts';

/** kindSet reads a list of kinds without doubles in the order of their numbers, so that one set has one spelling. */
export const kindSet: Field<readonly Kind[]> = (value, where) => {
  const read = list(oneOf(kinds), kinds.length)(value, where);
  if (!ascending(read.map(kindCode))) throw new PolicyError('malformed', where);
  return read;
};

/** within says whether every kind of the first set is in the second. */
export function within(some: readonly Kind[], most: readonly Kind[]): boolean {
  return some.every((kind) => most.includes(kind));
}
