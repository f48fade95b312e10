import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Card } from '../../e2ee/meeting/events.ts';
import { waiting } from '../../session/receive.ts';
import { named } from '../../session/people.ts';
import { usePage, useSelect } from '../context.tsx';
import { Icon } from '../icon.tsx';
import { Asks } from './asks.tsx';
import { Impostor } from './members.tsx';
import { nameOr, trust, vouched } from './phrases.ts';
import { useEncryption, useSpeech } from './use.ts';

/** Who wants to come into an encrypted meeting: browsers by the key on their card, telephones only by the request of their system. */
export function EncryptedLobby(): JSX.Element {
  const host = useSelect((s) => s.role === 'host');
  return (
    <>
      <Asks />
      {host && <Cards />}
      {host && <Others />}
    </>
  );
}

function Cards(): JSX.Element | null {
  const { session, say } = usePage();
  const cards = useEncryption()?.cards ?? [];
  if (cards.length === 0) return null;
  const linked = cards.filter((card) => card.linked && !card.impostor);
  return (
    <section class="lobby" data-testid="lobby-panel">
      <h3 class="small-title panel-title">{say('cards.title', { count: cards.length })}</h3>
      {linked.length > 1 && (
        <button type="button" class="button button--small" onClick={() => session.meeting({ type: 'admit', refs: linked.map(({ ref }) => ref) })} data-testid="admit-linked">{say('cards.admitLinked', { count: linked.length })}</button>
      )}
      <ul class="people">{cards.map((card) => <WaitingCard key={card.ref} card={card} />)}</ul>
    </section>
  );
}

function WaitingCard({ card }: { readonly card: Card }): JSX.Element {
  const { session, say } = usePage();
  const speech = useSpeech();
  const name = nameOr(speech, named(card));
  const sure = vouched(card);
  return (
    <li class="person person--waiting" data-testid="card" data-ref={card.ref} data-linked={card.linked}>
      <span class="person-kind"><Icon name="browser" /></span>
      <span class="person-text">
        <span class="person-name"><span>{name}</span><Impostor entry={card} /></span>
        <span class="person-hop">{say(`trust.${card.kind}`)}</span>
        <span class={`person-trust mark--${sure ? 'good' : 'caution'}`}><Icon name={sure ? 'check' : 'warning'} size={16} /> {card.linked || card.pinned !== undefined ? trust(speech, card) : say('trust.stranger')}</span>
      </span>
      <span class="person-decide">
        <button type="button" class="button button--small button--primary" aria-label={say('people.admitName', { name })} onClick={() => session.meeting({ type: 'admit', refs: [card.ref] })} data-testid="admit">{say('people.admit')}</button>
        {card.participant !== '' && <button type="button" class="button button--small" aria-label={say('people.denyName', { name })} onClick={() => session.command({ type: 'deny', participant: card.participant })} data-testid="deny">{say('people.deny')}</button>}
      </span>
    </li>
  );
}

/** The server's own list of who waits and has no card: it lets nobody in, but its door can be closed to somebody. */
function Others(): JSX.Element | null {
  const { session, say } = usePage();
  const told = useSelect((s) => s.participants);
  const cards = useEncryption()?.cards;
  const queue = useMemo(() => waiting(session.store.state).filter(({ id }) => !(cards ?? []).some((card) => card.participant === id)), [told, cards, session]);
  if (queue.length === 0) return null;
  return (
    <details class="others" data-testid="others">
      <summary>{say('others.title')} ({queue.length})</summary>
      <p class="field-hint">{say('others.text')}</p>
      <ul class="people">
        {queue.map((p) => (
          <li key={p.id} class="other" data-testid="waiting-person" data-participant={p.id}>
            <Icon name={p.kind} size={18} /><span class="other-name">{p.name}</span>
            <button type="button" class="button button--small" aria-label={say('people.denyName', { name: p.name })} onClick={() => session.command({ type: 'deny', participant: p.id })} data-testid="deny">{say('people.deny')}</button>
          </li>
        ))}
      </ul>
    </details>
  );
}
