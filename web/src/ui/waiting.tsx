import type { JSX } from 'preact';
import { usePage, useSelect } from './context.tsx';
import { BeginAsOwner } from './encryption/fault.tsx';
import { failurePhrase } from './encryption/phrases.ts';
import { useEncryption, useSpeech } from './encryption/use.ts';
import { Note } from './field.tsx';
import { Header } from './header.tsx';
import { Icon } from './icon.tsx';
import { Preview } from './preview.tsx';

/** Between asking to come in and an answer. */
export function Joining(): JSX.Element {
  const { session, say } = usePage();
  const room = useSelect((s) => s.invitation?.room ?? '');
  const attempt = useSelect((s) => s.attempt);
  const encrypted = useSelect((s) => s.encryption !== undefined);
  return (
    <div class="page" data-testid="joining">
      <Header />
      <main class="narrow narrow--middle stack">
        <h1>{say('joining.title', { room })}</h1>
        <div class="progress" aria-hidden="true" />
        <p role="status">{attempt > 0 ? say('joining.retry', { attempt: attempt + 1 }) : encrypted ? say('lobby.e2ee.checking') : ''}</p>
        <div><button type="button" class="button" onClick={() => session.back()} data-testid="back">{say('cancel')}</button></div>
      </main>
    </div>
  );
}

/** In the lobby. No media connection exists, so nothing can be heard either way. */
export function Lobby({ position }: { readonly position: number }): JSX.Element {
  const { session, say } = usePage();
  const encryption = useEncryption();
  const idle = encryption?.phase === 'noMeeting';
  // That nothing happens has then another reason than that nobody has come.
  const failure = encryption?.failures.at(-1)?.failure;
  const speech = useSpeech();
  return (
    <div class="page" data-testid="lobby" data-position={position} data-meeting={encryption?.phase ?? ''}>
      <Header />
      <main class="narrow narrow--middle stack">
        <div class="stack stack--tight">
          <h1>{say(idle ? 'lobby.e2ee.noMeeting' : 'lobby.title')}</h1>
          {failure === undefined
            ? <p class="lead">{say(idle ? 'lobby.e2ee.noMeeting.text' : encryption === undefined ? 'lobby.text' : 'lobby.e2ee.text')}</p>
            : <Note tone="alert" icon="warning" testid="lobby-failure"><p role="alert">{failurePhrase(speech, failure)}</p></Note>}
        </div>
        {idle && <BeginAsOwner />}
        <p role="status" class="lobby-position"><Place position={idle ? 0 : position} /></p>
        <LinkedLine />
        <Preview />
        <div><button type="button" class="button" onClick={() => session.leave()} data-testid="leave">{say('lobby.stop')}</button></div>
      </main>
    </div>
  );
}

function Place({ position }: { readonly position: number }): JSX.Element | null {
  const { say } = usePage();
  const reconnecting = useSelect((s) => s.network === 'reconnecting');
  if (reconnecting) return <>{say('trouble.reconnecting')}</>;
  // The server's place in line says nothing where hosts let in whom they choose.
  if (position === 0) return null;
  return <>{position <= 1 ? say('lobby.next') : say('lobby.position', { position })}</>;
}

/** What the own invitation is worth, where it says more than where the door is. */
function LinkedLine(): JSX.Element | null {
  const { say } = usePage();
  const linked = useSelect((s) => s.encryption?.link !== undefined);
  return linked ? <p class="fine"><Icon name="lockCheck" size={16} /> {say('lobby.e2ee.linked')}</p> : null;
}
