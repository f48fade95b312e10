import type { RosterEntry } from '../e2ee/meeting/events.ts';
import type { Participant } from '../protocol/messages.ts';
import type { Encryption } from '../session/encryption.ts';
import { nameOr, trust, vouched, type Speech } from './encryption/phrases.ts';
import type { IconName } from './icon.tsx';
import type { Say } from './words/words.ts';

/** How the protection of one leg is shown: by colour, by icon and in words, each enough alone. */
export interface SecurityMark {
  readonly tone: 'good' | 'hop' | 'caution' | 'alert';
  readonly icon: IconName;
  /** What it is, and whether it is end-to-end encrypted. */
  readonly title: string;
  /** Of a leg that is not: how its own line to the gateway is protected. Of one that is: what vouches for whom it is. */
  readonly hop: string;
}

/** securityMark tells the truth about a leg of an open room, or about a telephone in any: it is not end-to-end encrypted. */
export function securityMark(person: Pick<Participant, 'kind' | 'security'>, say: Say): SecurityMark {
  const words = { title: say(`secure.${person.kind}`), hop: say(`hop.${person.security}`) };
  switch (person.security) {
    case 'dtls':
    case 'sdes':
      return { tone: 'hop', icon: 'hop', ...words };
    case 'sdesKeyInClear':
      return { tone: 'caution', icon: 'hopKey', ...words };
    case 'clear':
      return { tone: 'alert', icon: 'hopOff', ...words };
  }
}

/** entryOf is the group's own entry of somebody who is shown; undefined for a telephone, or whom the group does not know. */
export function entryOf(person: Pick<Participant, 'id' | 'leaf'>, { roster, self }: Encryption, me: string): RosterEntry | undefined {
  const leaf = person.id === me ? self : (person.leaf ?? Number(/^leaf (\d+)$/.exec(person.id)?.[1] ?? -1));
  return roster.find((entry) => entry.leaf === leaf);
}

/** personMark is the mark of somebody in a room: in an encrypted one a member of the group is protected, a telephone is not, and anybody else gets nothing. */
export function personMark(
  person: Pick<Participant, 'id' | 'kind' | 'security' | 'leaf'>, { encryption, me }: { readonly encryption: Encryption | undefined; readonly me: string }, speech: Speech,
): SecurityMark {
  const { say } = speech;
  if (encryption === undefined) return securityMark(person, say);
  if (person.kind !== 'browser') {
    const mark = securityMark(person, say);
    return mark.tone === 'alert' ? mark : { ...mark, tone: 'caution', icon: 'ear' };
  }
  const entry = entryOf(person, encryption, me);
  if (entry === undefined) return { tone: 'alert', icon: 'lockBroken', title: say('person.outside'), hop: say('trust.none') };
  const own = person.id === me;
  const by = entry.letInBy === undefined ? '' : `, ${say('trust.letInBy', { name: nameOr(speech, entry.letInBy) })}`;
  const sure = own || vouched(entry);
  return { tone: sure ? 'good' : 'hop', icon: sure ? 'lockCheck' : 'lock', title: say('person.sealed'), hop: `${own ? say('trust.self') : trust(speech, entry)}${by}` };
}
