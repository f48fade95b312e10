import type { Participant } from '../protocol/messages.ts';
import type { IconName } from './icon.tsx';
import type { Say } from './words/words.ts';

/** How the protection of one leg is shown: by colour, by icon and in words, each enough alone. */
export interface SecurityMark {
  readonly tone: 'hop' | 'caution' | 'alert';
  readonly icon: IconName;
  /** What it is and that it is not end-to-end encrypted. */
  readonly title: string;
  /** How its own line to the gateway is protected. */
  readonly hop: string;
}

/** securityMark tells the truth about a leg of an open room: none is end-to-end encrypted. */
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
