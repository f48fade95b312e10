import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { joined, waiting } from '../../session/receive.ts';
import { handPosition, rosterOrder } from '../../session/sort.ts';
import { usePage, useSelect } from '../context.tsx';
import { Dialog } from '../dialog/dialog.tsx';
import { EncryptedLobby } from '../encryption/lobby.tsx';
import { Icon } from '../icon.tsx';
import type { Overlay } from './overlay.tsx';
import { Person } from './person.tsx';

interface PeopleProps {
  readonly narrow: boolean;
  readonly open: (overlay: Overlay) => void;
  readonly close: () => void;
}

/** Everybody in the room and, for hosts, in the lobby. Beside the stage, or over it on a phone. */
export function People({ narrow, open, close }: PeopleProps): JSX.Element {
  const { say } = usePage();
  const count = useSelect((s) => joined(s).length);
  const title = say('people.title', { count });
  if (narrow) return <Dialog title={title} close={close} testid="people-panel" panel><PeopleLists open={open} /></Dialog>;
  return (
    <aside class="panel" aria-labelledby="people-title" data-testid="people-panel">
      <div class="panel-head">
        <h2 id="people-title">{title}</h2>
        <button type="button" class="icon-button" aria-label={say('close')} title={say('close')} onClick={close} data-testid="close-people"><Icon name="close" /></button>
      </div>
      <div class="panel-body" tabIndex={0} role="group" aria-labelledby="people-title"><PeopleLists open={open} /></div>
    </aside>
  );
}

function PeopleLists({ open }: Pick<PeopleProps, 'open'>): JSX.Element {
  const { session, say, settings } = usePage();
  const participants = useSelect((s) => s.participants);
  const me = useSelect((s) => s.me);
  const host = useSelect((s) => s.role === 'host');
  const encrypted = useSelect((s) => s.encryption !== undefined);
  const locked = useSelect((s) => s.room?.locked ?? false);
  const people = useMemo(() => rosterOrder(joined(session.store.state), me, settings.language), [participants, me, settings.language, session]);
  return (
    <>
      {host && (
        <div class="panel-actions">
          <button type="button" class="button button--small" onClick={() => open({ name: 'muteAll' })} data-testid="mute-all"><Icon name="microphoneOff" size={18} /> {say('people.muteAll')}</button>
          <button type="button" class="button button--small" onClick={() => session.command({ type: 'lock', locked: !locked })} data-testid="lock" data-locked={locked}>
            <Icon name={locked ? 'lockOpen' : 'lock'} size={18} /> {say(locked ? 'people.unlock' : 'people.lock')}
          </button>
        </div>
      )}
      {encrypted ? <EncryptedLobby /> : host && <LobbyList />}
      <h3 class="small-title panel-title">{say('people.list')}</h3>
      <ul class="people" data-testid="roster">
        {people.map((p) => <Person key={p.id} person={p} mine={p.id === me} host={host} place={handPosition(people, p.id)} open={open} />)}
      </ul>
    </>
  );
}

function LobbyList(): JSX.Element | null {
  const { session, say } = usePage();
  const participants = useSelect((s) => s.participants);
  const queue = useMemo(() => waiting(session.store.state), [participants, session]);
  if (queue.length === 0) return null;
  return (
    <section class="lobby" data-testid="lobby-panel">
      <h3 class="small-title panel-title">{say('people.waiting', { count: queue.length })}</h3>
      <ul class="people">
        {queue.map((p) => (
          <li key={p.id} class="person person--waiting" data-testid="waiting-person" data-participant={p.id}>
            <span class="person-kind"><Icon name={p.kind} /></span>
            <span class="person-text"><span class="person-name">{p.name}</span><span class="person-hop">{say(`kind.${p.kind}`)}</span></span>
            <span class="person-decide">
              <button type="button" class="button button--small button--primary" aria-label={say('people.admitName', { name: p.name })} onClick={() => session.command({ type: 'admit', participant: p.id })} data-testid="admit">{say('people.admit')}</button>
              <button type="button" class="button button--small" aria-label={say('people.denyName', { name: p.name })} onClick={() => session.command({ type: 'deny', participant: p.id })} data-testid="deny">{say('people.deny')}</button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
