import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { equal } from '../../e2ee/policy/bytes.ts';
import type { Participant } from '../../protocol/messages.ts';
import { usePage, useSelect } from '../context.tsx';
import { Impostor } from '../encryption/members.tsx';
import { nameOr } from '../encryption/phrases.ts';
import { lostMark } from '../encryption/unreadable.tsx';
import { useEncryption, useSpeech } from '../encryption/use.ts';
import { Icon } from '../icon.tsx';
import { TalkingLevel } from '../level.tsx';
import { entryOf, personMark } from '../security.ts';
import type { Overlay } from './overlay.tsx';

interface PersonProps {
  readonly person: Participant;
  readonly mine: boolean;
  /** The user is a host and may act on others. */
  readonly host: boolean;
  /** Place in the queue of raised hands, 0 for none. */
  readonly place: number;
  readonly open: (overlay: Overlay) => void;
}

/** One row of the list: who, with what, how protected, and for hosts what can be done. */
export function Person({ person, mine, host, place, open }: PersonProps): JSX.Element {
  const { say } = usePage();
  const [unfolded, setUnfolded] = useState(false);
  const speech = useSpeech();
  const encryption = useEncryption();
  const me = useSelect((s) => s.me);
  const slots = useSelect((s) => s.slots);
  const mark = lostMark({ slots, encryption }, person.id, say) ?? personMark(person, { encryption, me }, speech);
  const entry = encryption === undefined ? undefined : entryOf(person, encryption, me);
  const name = nameOr(speech, person.name);
  const id = `actions-${person.id}`;
  return (
    <li class="person" data-testid="person" data-participant={person.id} data-kind={person.kind} data-security={person.security} data-sealed={entry !== undefined} data-muted={person.muted} data-hand={person.hand !== 0}>
      <span class="person-kind" title={say(`kind.${person.kind}`)}><Icon name={person.kind} /></span>
      <span class="person-name">
        <span>{name}{mine && <span class="person-you"> ({say('you')})</span>}</span>
        {person.role === 'host' && <span class="tag" data-testid="host-tag">{say('host')}</span>}
        {entry !== undefined && <Impostor entry={entry} />}
      </span>
      <div class="person-state">
        {person.sources.includes('screen') && <State icon="screen" words={say('person.sharing')} />}
        {place > 0 && <State icon="hand" words={say('person.hand', { position: place })} look="state--hand" count={place} />}
        {person.muted ? <State icon="microphoneOff" words={say(person.mutedByHost ? 'person.mutedByHost' : 'person.muted')} look="state--muted" /> : <TalkingLevel participant={person.id} />}
        {host && !mine && (
          <button type="button" class="icon-button icon-button--small" aria-label={say('people.actions', { name })} aria-expanded={unfolded} aria-controls={id} onClick={() => setUnfolded(!unfolded)} data-testid="actions"><Icon name="more" /></button>
        )}
      </div>
      <span class="person-secure" data-testid="security">
        <span class={`mark mark--${mark.tone}`}><Icon name={mark.icon} size={16} /></span>
        <span><span class={`mark-title mark--${mark.tone}`}>{mark.title}</span><span class="person-hop">{mark.hop}</span></span>
      </span>
      {host && !mine && unfolded && <Actions id={id} person={person} open={open} />}
    </li>
  );
}

function State({ icon, words, look = '', count }: { readonly icon: 'hand' | 'screen' | 'microphoneOff'; readonly words: string; readonly look?: string; readonly count?: number }): JSX.Element {
  return (
    <span class={`state ${look}`} role="img" aria-label={words} title={words}>
      <Icon name={icon} size={18} />{count !== undefined && <span aria-hidden="true">{count}</span>}
    </span>
  );
}

function Actions({ id, person, open }: { readonly id: string; readonly person: Participant; readonly open: (overlay: Overlay) => void }): JSX.Element {
  const { session, say } = usePage();
  const encryption = useEncryption();
  // Whom the server does not list it cannot mute; and a telephone cannot hold the key that makes a host of an encrypted meeting.
  const listed = useSelect((s) => s.told.has(person.id));
  const hostable = person.kind === 'browser' || (person.kind === 'phone' && encryption === undefined);
  return (
    <div class="person-actions" id={id}>
      {!person.muted && listed && <button type="button" class="button button--small" onClick={() => session.command({ type: 'muteOther', participant: person.id })} data-testid="mute-other"><Icon name="microphoneOff" size={18} /> {say('people.mute')}</button>}
      {person.role !== 'host' && hostable && (
        <button type="button" class="button button--small" onClick={() => session.command({ type: 'passHost', participant: person.id })} data-testid="make-host"><Icon name="host" size={18} /> {say('people.makeHost')}</button>
      )}
      <Deputy person={person} />
      <button type="button" class="button button--small button--quiet-danger" onClick={() => open({ name: 'remove', participant: person.id })} data-testid="remove"><Icon name="remove" size={18} /> {say('people.remove')}</button>
    </div>
  );
}

/** Who may take over when all hosts are gone: in an encrypted meeting nobody else can let anybody in then. */
function Deputy({ person }: { readonly person: Participant }): JSX.Element | null {
  const { session, say } = usePage();
  const encryption = useEncryption();
  const me = useSelect((s) => s.me);
  const entry = encryption === undefined ? undefined : entryOf(person, encryption, me);
  if (entry === undefined || entry.host) return null;
  const named = encryption?.policy?.fallback.some((identity) => equal(identity, entry.identity)) ?? false;
  return (
    <button type="button" class="button button--small" aria-pressed={named} onClick={() => session.meeting({ type: 'fallback', identity: entry.identity, listed: !named })} data-testid="deputy">
      <Icon name={named ? 'check' : 'host'} size={18} /> {say('people.deputy')}
    </button>
  );
}
