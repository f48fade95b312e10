import type { JSX } from 'preact';
import type { RosterEntry } from '../../e2ee/meeting/events.ts';
import { named } from '../../session/people.ts';
import { usePage } from '../context.tsx';
import { Icon } from '../icon.tsx';
import { nameOr, trust, vouched } from './phrases.ts';
import { useEncryption, useSpeech } from './use.ts';

/** Everybody who holds the keys of all media, by the group's own list, and what vouches for each. */
export function Members(): JSX.Element | null {
  const { say } = usePage();
  const encryption = useEncryption();
  if (encryption === undefined || encryption.roster.length === 0) return null;
  return (
    <section class="stack stack--tight" data-testid="members">
      <h3 class="section-title">{say('trust.title')}</h3>
      <ul class="people">
        {encryption.roster.map((entry) => <Member key={entry.leaf} entry={entry} self={entry.leaf === encryption.self} />)}
      </ul>
    </section>
  );
}

function Member({ entry, self }: { readonly entry: RosterEntry; readonly self: boolean }): JSX.Element {
  const { say } = usePage();
  const speech = useSpeech();
  const sure = self || vouched(entry);
  const facts = [
    self ? say('trust.self') : trust(speech, entry),
    say(`trust.${entry.kind}`),
    ...(entry.letInBy === undefined ? [] : [say('trust.letInBy', { name: nameOr(speech, entry.letInBy) })]),
    ...(entry.absent ? [say('trust.absent')] : []),
  ];
  return (
    <li class="member" data-testid="member" data-leaf={entry.leaf} data-sure={sure}>
      <span class={`mark mark--${sure ? 'good' : 'hop'}`}><Icon name={sure ? 'lockCheck' : 'lock'} size={18} /></span>
      <span class="person-text">
        <span class="person-name">
          <span>{nameOr(speech, named(entry))}{self && <span class="person-you"> ({say('you')})</span>}</span>
          {entry.host && <span class="tag">{say('host')}</span>}
          <Impostor entry={entry} />
        </span>
        <span class="person-hop">{facts.join(' · ')}</span>
      </span>
    </li>
  );
}

/** A name that looks like that of somebody known, and is another's. */
export function Impostor({ entry }: { readonly entry: Pick<RosterEntry, 'name' | 'impostor'> }): JSX.Element | null {
  const { say } = usePage();
  if (!entry.impostor) return null;
  return <span class="tag tag--alert" data-testid="impostor"><Icon name="warning" size={14} /> {say('name.impostor', { name: entry.name })}</span>;
}
