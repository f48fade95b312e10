import type { JSX } from 'preact';
import { usePage, useSelect } from './context.tsx';
import { Header } from './header.tsx';
import { Preview } from './preview.tsx';

/** Between asking to come in and an answer. */
export function Joining(): JSX.Element {
  const { session, say } = usePage();
  const room = useSelect((s) => s.invitation?.room ?? '');
  const attempt = useSelect((s) => s.attempt);
  return (
    <div class="page" data-testid="joining">
      <Header />
      <main class="narrow narrow--middle stack">
        <h1>{say('joining.title', { room })}</h1>
        <div class="progress" aria-hidden="true" />
        <p role="status">{attempt > 0 ? say('joining.retry', { attempt: attempt + 1 }) : ''}</p>
        <div><button type="button" class="button" onClick={() => session.back()} data-testid="back">{say('cancel')}</button></div>
      </main>
    </div>
  );
}

/** In the lobby. No media connection exists, so nothing can be heard either way. */
export function Lobby({ position }: { readonly position: number }): JSX.Element {
  const { session, say } = usePage();
  const reconnecting = useSelect((s) => s.network === 'reconnecting');
  return (
    <div class="page" data-testid="lobby" data-position={position}>
      <Header />
      <main class="narrow narrow--middle stack">
        <div class="stack stack--tight">
          <h1>{say('lobby.title')}</h1>
          <p class="lead">{say('lobby.text')}</p>
        </div>
        <p role="status" class="lobby-position">
          {reconnecting ? say('trouble.reconnecting') : position <= 1 ? say('lobby.next') : say('lobby.position', { position })}
        </p>
        <Preview />
        <div><button type="button" class="button" onClick={() => session.leave()} data-testid="leave">{say('lobby.stop')}</button></div>
      </main>
    </div>
  );
}
