import type { Participant } from '../protocol/messages.ts';

/** rosterOrder is how the list of people is read: raised hands first, in the order they went up, then hosts, then by name. */
export function rosterOrder(people: readonly Participant[], me: string, locale: string): readonly Participant[] {
  const names = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  return [...people].sort(
    (a, b) =>
      hands(a, b) ||
      Number(b.id === me) - Number(a.id === me) ||
      Number(b.role === 'host') - Number(a.role === 'host') ||
      names.compare(a.name, b.name) ||
      (a.id < b.id ? -1 : 1),
  );
}

function hands(a: Participant, b: Participant): number {
  if (a.hand === 0 && b.hand === 0) return 0;
  if (a.hand === 0 || b.hand === 0) return a.hand === 0 ? 1 : -1;
  return a.hand - b.hand;
}

/** handPosition is the place in the queue of raised hands, 1 for the first; 0 when the hand is down. */
export function handPosition(people: readonly Participant[], id: string): number {
  const queue = people.filter((p) => p.hand !== 0).sort(hands);
  return 1 + queue.findIndex((p) => p.id === id);
}

/**
 * tileOrder is the order of tiles. Who is there keeps the place they have, so that nothing jumps; who is new goes behind,
 * oneself to the end. Only a speaker who would be out of sight (behind the first visible ones) trades places with the
 * last of those who is not oneself.
 */
export function tileOrder(
  people: readonly Participant[], me: string, previous: readonly string[], speaker: string, visible: number,
): readonly string[] {
  const there = new Set(people.map((p) => p.id));
  const kept = previous.filter((id) => there.has(id) && id !== me);
  const known = new Set(kept);
  const added = people
    .filter((p) => p.id !== me && !known.has(p.id))
    .sort((a, b) => a.joinedAt - b.joinedAt || (a.id < b.id ? -1 : 1))
    .map((p) => p.id);
  const order = [...kept, ...added];
  const at = order.indexOf(speaker);
  // One place of the visible ones is the own tile's.
  const last = Math.max(0, visible - (there.has(me) ? 2 : 1));
  const displaced = order[last];
  if (at > last && displaced !== undefined) {
    order[last] = speaker;
    order[at] = displaced;
  }
  if (there.has(me)) order.splice(Math.min(order.length, last + 1), 0, me);
  return order;
}
