import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { chime } from '../../media/chime.ts';
import { waiting } from '../../session/receive.ts';
import { named, nowNamed } from '../../session/people.ts';
import type { Announcement } from '../../session/state.ts';
import { usePage, useSelect } from '../context.tsx';
import { AskNotes } from '../encryption/asks.tsx';
import { nameOr, trust, vouched } from '../encryption/phrases.ts';
import { useEncryption, useSpeech } from '../encryption/use.ts';
import { Icon } from '../icon.tsx';
import type { Say } from '../words/words.ts';

const shownMs = 7000;

/** What has just happened, for a few seconds, spoken by screen readers; and who waits, for as long as they do. */
export function Announcements({ people, showPeople }: { readonly people: boolean; readonly showPeople: () => void }): JSX.Element {
  const { say } = usePage();
  const all = useSelect((s) => s.announcements);
  const known = useSelect((s) => s.participants);
  const encrypted = useSelect((s) => s.encryption !== undefined);
  useAskChime();
  return (
    <div class="announcements">
      {encrypted ? <CardNote hidden={people} show={showPeople} /> : <WaitingNote hidden={people} show={showPeople} />}
      {encrypted && !people && <AskNotes show={showPeople} />}
      <div role="status" class="announcements-list">
        {all.map((a) => <Toast key={a.id} id={a.id} words={wordsOf(nowNamed(a, known), say)} />)}
      </div>
    </div>
  );
}

function Toast({ id, words }: { readonly id: number; readonly words: string }): JSX.Element {
  const { session, say } = usePage();
  const read = (): void => session.store.dispatch({ type: 'announcementRead', id });
  useEffect(() => {
    const timer = setTimeout(read, shownMs);
    return () => clearTimeout(timer);
  }, [id]);
  return (
    <div class="toast" data-testid="announcement">
      <p>{words}</p>
      <button type="button" class="icon-button icon-button--small" aria-label={say('notice.dismiss')} onClick={read}><Icon name="close" size={18} /></button>
    </div>
  );
}

/** wordsOf says what happened. */
export function wordsOf(a: Announcement, say: Say): string {
  const name = a.name === '' ? say('notice.somebody') : a.name;
  switch (a.code) {
    case 'handRaised':
    case 'joined':
    case 'left':
    case 'hostAsked':
      return say(`notice.${a.code}`, { name });
    case 'mutedByHost':
    case 'locked':
    case 'unlocked':
    case 'madeHost':
    case 'commandFailed':
      return say(`notice.${a.code}`);
    case 'waitingInLobby':
      return say('people.isWaiting', { name });
    case 'draining':
      return say('trouble.draining');
  }
}

function WaitingNote({ hidden, show }: { readonly hidden: boolean; readonly show: () => void }): JSX.Element {
  const { session, say, settings } = usePage();
  const count = useSelect((s) => (s.role === 'host' ? waiting(s).length : 0));
  const first = useSelect((s) => waiting(s)[0]);
  useEffect(() => {
    // A browser that plays no sound without a click plays none here either: the note is enough.
    if (count > 0 && settings.lobbySound) chime().catch(() => undefined);
  }, [count > 0]);
  return (
    <div role="status">
      {!hidden && count > 0 && first !== undefined && (
        <div class="toast toast--waiting" data-testid="waiting-note">
          <p>{count === 1 ? say('people.isWaiting', { name: first.name }) : say('people.areWaiting', { count })}</p>
          {count === 1 && <button type="button" class="button button--small button--primary" onClick={() => session.command({ type: 'admit', participant: first.id })} data-testid="admit-first">{say('people.admit')}</button>}
          <button type="button" class="button button--small" onClick={show}>{say('people.show')}</button>
        </div>
      )}
    </div>
  );
}

/** Who waits for an encrypted meeting, by what their key says: never by what the server calls them. */
function CardNote({ hidden, show }: { readonly hidden: boolean; readonly show: () => void }): JSX.Element {
  const { session, say, settings } = usePage();
  const speech = useSpeech();
  const host = useSelect((s) => s.role === 'host');
  const all = useEncryption()?.cards ?? [];
  const cards = host ? all : [];
  const [first] = cards;
  useEffect(() => {
    if (cards.length > 0 && settings.lobbySound) chime().catch(() => undefined);
  }, [cards.length > 0]);
  return (
    <div role="status">
      {!hidden && first !== undefined && (
        <div class="toast toast--waiting" data-testid="waiting-note">
          <p>{cards.length === 1 ? say('cards.isWaiting', { name: nameOr(speech, named(first)), trust: vouched(first) ? trust(speech, first) : say('trust.stranger') }) : say('people.areWaiting', { count: cards.length })}</p>
          {cards.length === 1 && <button type="button" class="button button--small button--primary" onClick={() => session.meeting({ type: 'admit', refs: [first.ref] })} data-testid="admit-first">{say('people.admit')}</button>}
          <button type="button" class="button button--small" onClick={show}>{say('people.show')}</button>
        </div>
      )}
    </div>
  );
}

/** useAskChime sounds each time that a telephone asks, so that `#` on it is heard here. */
function useAskChime(): void {
  const { settings } = usePage();
  const times = (useEncryption()?.asks ?? []).reduce((sum, ask) => sum + ask.times, 0);
  useEffect(() => {
    if (times > 0 && settings.lobbySound) chime().catch(() => undefined);
  }, [times]);
}
