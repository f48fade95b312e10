import type { Link } from '../e2ee/policy/link.ts';
import type { Encryption } from './encryption.ts';

/**
 * autoAdmitted are the cards that a room without a lobby lets in unasked: all who came by the link that we came by, or everybody
 * where ours has no secret to tell them by. Of the hosts only the one on the lowest leaf does it. Pure.
 */
export function autoAdmitted({ roster, self, cards }: Encryption, link: Link | undefined): readonly string[] {
  const hosts = roster.filter((entry) => entry.host && (!entry.absent || entry.leaf === self)).map(({ leaf }) => leaf);
  if (hosts.length === 0 || Math.min(...hosts) !== self) return [];
  return cards.filter((card) => link === undefined || card.linked).map(({ ref }) => ref);
}
