import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AskCard } from '../../e2ee/meeting/events.ts';
import { usePage, useSelect } from '../context.tsx';
import { Icon } from '../icon.tsx';
import { hears, lineCount, lineName, listed, nameOr, staysPrivate, type Speech } from './phrases.ts';
import { useEncryption, useFingerprint, useSpeech, useSystemName } from './use.ts';

/** Requests of telephone systems: what each asks for in full, and what we may say to it. */
export function Asks(): JSX.Element | null {
  const asks = useEncryption()?.asks ?? [];
  if (asks.length === 0) return null;
  return <>{asks.map((ask) => <Ask key={ask.id} ask={ask} />)}</>;
}

/** The same over the stage, for as long as the user does not put it aside: in full for those who have a say, for all others in a line. */
export function AskNotes({ show }: { readonly show: () => void }): JSX.Element {
  const { say } = usePage();
  const asks = useEncryption()?.asks ?? [];
  const host = useSelect((s) => s.role === 'host');
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const name = ({ id, times }: AskCard): string => `${id} ${times}`;
  const due = asks.filter((ask) => !hidden.includes(name(ask)));
  const hide = (ask: AskCard) => (): void => setHidden([...hidden, name(ask)]);
  return (
    <div role="status" class="announcements-list">
      {due.map((ask) => (host || ask.rule !== 'host'
        ? <Ask key={ask.id} ask={ask} hide={hide(ask)} />
        : (
          <div key={ask.id} class="toast toast--waiting" data-testid="ask-note">
            <p>{say('ask.short')}</p>
            <button type="button" class="button button--small" onClick={show}>{say('people.show')}</button>
            <button type="button" class="icon-button icon-button--small" aria-label={say('notice.dismiss')} onClick={hide(ask)}><Icon name="close" size={18} /></button>
          </div>
        )))}
    </div>
  );
}

function Ask({ ask, hide }: { readonly ask: AskCard; readonly hide?: () => void }): JSX.Element {
  const { say } = usePage();
  const speech = useSpeech();
  const system = useSystemName();
  const people = useEncryption()?.roster.length ?? 0;
  const fingerprint = useFingerprint('gateway', ask.gateway);
  return (
    <article class="ask" data-testid="ask" data-ask={ask.id} data-mine={ask.mine}>
      <h3 class="ask-title"><Icon name="lockBell" /> {say('ask.title')}
        {hide !== undefined && <button type="button" class="icon-button icon-button--small ask-hide" aria-label={say('notice.dismiss')} title={say('notice.dismiss')} onClick={hide} data-testid="ask-hide"><Icon name="close" size={18} /></button>}
      </h3>
      <p>{say('ask.from', { system: system(ask.gateway), lines: lineCount(speech, ask.legs) })}</p>
      <ul class="legs">{ask.legs.map((leg) => <li key={leg.no}><Icon name={leg.kind} size={16} /> {lineName(speech, leg)}</li>)}</ul>
      <p><strong>{say('ask.hears', { kinds: hears(speech, ask.scope) })}</strong> {say('ask.private', { kinds: staysPrivate(speech, ask.scope, 'disjunction') })}</p>
      <p class="field-hint">{say('ask.claim')} {say('panel.fingerprint')}: <span class="fingerprint">{fingerprint}</span></p>
      <p class="field-hint" role="status">{standing(ask, people, speech)}</p>
      <AskActions ask={ask} />
    </article>
  );
}

/** standing says by which rule it is decided, and how far that is. */
function standing(ask: AskCard, people: number, speech: Speech): string {
  const { say } = speech;
  return [
    ...(ask.times > 1 ? [say('ask.again')] : []),
    ask.rule === 'all' ? say('ask.rule.all', { given: ask.consents, people }) : say(`ask.rule.${ask.rule}`),
    ...(ask.vetoes.length > 0 ? [say('ask.vetoes', { names: listed(speech, ask.vetoes.map((name) => nameOr(speech, name))) })] : []),
    ...(ask.mine === 'open' ? [] : [say(`ask.mine.${ask.mine}`)]),
  ].join(' ');
}

function AskActions({ ask: { id, rule, mine } }: { readonly ask: AskCard }): JSX.Element | null {
  const { session, say } = usePage();
  const host = useSelect((s) => s.role === 'host');
  const agree = !host && rule === 'all' && mine === 'open';
  const object = !host && rule !== 'host' && mine !== 'vetoed';
  if (!host && !agree && !object) return null;
  return (
    <div class="actions">
      {host && mine !== 'allowed' && <button type="button" class="button button--small button--primary" onClick={() => session.meeting({ type: 'allow', id })} data-testid="ask-allow">{say('ask.allow')}</button>}
      {host && <button type="button" class="button button--small" onClick={() => session.meeting({ type: 'decline', id })} data-testid="ask-decline">{say('ask.decline')}</button>}
      {agree && <button type="button" class="button button--small button--primary" onClick={() => session.meeting({ type: 'consent', id })} data-testid="ask-agree">{say('ask.agree')}</button>}
      {object && <button type="button" class="button button--small" onClick={() => session.meeting({ type: 'veto', id })} data-testid="ask-object">{say('ask.object')}</button>}
    </div>
  );
}
