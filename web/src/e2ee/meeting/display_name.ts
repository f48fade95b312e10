// How names are shown. These are rules of display, never of validity: versions of Unicode differ, and clients would part over them.
import { hex } from '../policy/bytes.ts';
import type { Leg } from '../policy/grant_request.ts';
import type { Acquaintance } from './ports.ts';
import { skeleton } from './skeleton.ts';

/** The longest name that is shown, code points. */
export const longestName = 40;
/** Most marks on one letter: more of them are drawn over what is around the name. */
const mostMarks = 3;

/** DisplayName is a name among others. */
export interface DisplayName {
  /** Fit to be shown, and perhaps empty. */
  readonly name: string;
  /** Counts from 1 those whose names look the same; undefined where nobody else's does. To be shown beside the name, not in it. */
  readonly twin: number | undefined;
  /** Looks like somebody whom this browser knows, and is not: "not the Anna you know". */
  readonly impostor: boolean;
}

/**
 * shownName is what may be shown of a claimed name: in form NFKC, letters, marks, digits, spaces and . ' - only. So it holds no
 * emoji that looks like a mark of ours, nothing that turns the direction of the text around it, and nothing that is not seen.
 */
export function shownName(claim: string): string {
  const plain = claim.normalize('NFKC').replace(/[\u2018\u2019\u02bc]/g, "'").replace(/[\u2010-\u2015]/g, '-').replace(/\s+/g, ' ');
  const allowed = Array.from(plain).filter((c) => /^[\p{L}\p{M}\p{Nd}.' -]$/u.test(c) && !/^\p{Default_Ignorable_Code_Point}$/u.test(c)).join('');
  const bare = allowed.replace(/^[\p{M} ]+/u, '').replace(/ {2,}/g, ' ').replace(new RegExp(`(\\p{M}{${mostMarks}})\\p{M}+`, 'gu'), '$1');
  return Array.from(bare).slice(0, longestName).join('').trim();
}

/** displayNames shows people beside one another. Order: as they came, so that nobody takes another's number. Pure. */
export function displayNames(people: readonly Acquaintance[], acquaintances: readonly Acquaintance[]): readonly DisplayName[] {
  const looks = people.map(({ name }) => skeleton(shownName(name)));
  const friends = new Map<string, string[]>();
  for (const { identity, name } of acquaintances) {
    const look = skeleton(shownName(name));
    friends.set(look, [...(friends.get(look) ?? []), hex(identity)]);
  }
  const counts = new Map<string, { all: number; before: number }>();
  for (const look of looks) counts.set(look, { all: 1 + (counts.get(look)?.all ?? 0), before: 0 });
  return people.map(({ identity, name }, i) => {
    const look = looks[i] ?? '';
    const count = counts.get(look) ?? { all: 1, before: 0 };
    count.before++;
    const known = look === '' ? undefined : friends.get(look);
    return { name: shownName(name), twin: count.all > 1 ? count.before : undefined, impostor: known !== undefined && !known.includes(hex(identity)) };
  });
}

/** shownLeg is a leg with what may be shown of its gateway's claims: a label by the rules of names, a number by the signs of numbers. Who sends no name is labelled with the number, which is shown once. */
export function shownLeg({ no, kind, label, number }: Leg): Leg {
  return { no, kind, label: label === number ? '' : shownName(label), number: number.replace(/[^0-9+*#.\u2026\u2022xX() /-]/g, '') };
}
