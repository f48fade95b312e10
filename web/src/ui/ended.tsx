import type { JSX } from 'preact';
import type { EndCode } from '../session/state.ts';
import { usePage } from './context.tsx';
import { Header } from './header.tsx';
import type { Say } from './words/words.ts';

/** What can sensibly be done next. */
const next: Readonly<Record<Exclude<EndCode, 'encryption'>, 'rejoin' | 'retry' | 'reload' | 'other'>> = {
  left: 'rejoin',
  badHello: 'reload',
  badLink: 'other',
  full: 'retry',
  locked: 'retry',
  denied: 'retry',
  removed: 'rejoin',
  banned: 'other',
  revoked: 'rejoin',
  roomClosed: 'other',
  draining: 'rejoin',
  mediaLost: 'rejoin',
  replaced: 'rejoin',
  throttled: 'retry',
  protocol: 'reload',
  internal: 'rejoin',
  unreachable: 'retry',
  connectionLost: 'rejoin',
};

/** The visit is over: why, and what to do now. */
export function Ended({ code }: { readonly code: Exclude<EndCode, 'encryption'> }): JSX.Element {
  const { session, say } = usePage();
  const todo = next[code];
  const act = (): void => {
    if (todo === 'reload') location.reload();
    else session.back();
  };
  return (
    <div class="page" data-testid="ended" data-code={code}>
      <Header />
      <main class="narrow narrow--middle stack">
        <div class="stack stack--tight" role="status">
          <h1>{say(`end.${code}`)}</h1>
          <p class="lead">{say(`end.${code}.text`)}</p>
        </div>
        <div class="actions">
          {todo !== 'other' && <button type="button" class="button button--primary" onClick={act} data-testid="again">{say(`end.${todo}`)}</button>}
          <a class="button" href="/" data-testid="other">{say('end.other')}</a>
        </div>
      </main>
    </div>
  );
}

/** This browser cannot do what a meeting needs. */
export function Unsupported({ say, insecure }: { readonly say: Say; readonly insecure: boolean }): JSX.Element {
  return (
    <main class="narrow narrow--middle stack stack--tight" data-testid="unsupported">
      <h1>{say(insecure ? 'insecure.title' : 'unsupported.title')}</h1>
      <p class="lead">{say(insecure ? 'insecure.text' : 'unsupported.text')}</p>
    </main>
  );
}
