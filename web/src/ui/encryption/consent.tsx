import type { JSX } from 'preact';
import type { Listening } from '../../session/encryption.ts';
import { usePage, useSelect } from '../context.tsx';
import { Dialog } from '../dialog/dialog.tsx';
import { Icon } from '../icon.tsx';
import { hears, lineCount, lineName, staysPrivate } from './phrases.ts';
import { useEncryption, useSpeech, useSystemName } from './use.ts';

/** Somebody was given keys, and our user decides whether to be heard. Until then nothing of these kinds is sealed for it. */
export function Consent({ listener, stay }: { readonly listener: Listening; readonly stay: () => void }): JSX.Element {
  const { session, say } = usePage();
  const speech = useSpeech();
  const system = useSystemName();
  const grants = useEncryption()?.policy?.grants ?? [];
  const media = listener.kinds.some((kind) => kind === 'video' || kind === 'screen');
  return (
    <Dialog title={say(media ? 'consent.title.media' : 'consent.title')} close={stay} bare testid="consent-dialog">
      <div class="stack">
        {grants.map((grant) => (
          <div class={`note note--${media ? 'grave' : 'caution'}`} key={grant.n}>
            <Icon name={media ? 'eye' : 'ear'} />
            <div class="note-text">
              <p>{say('consent.text', { system: system(grant.gateway), kinds: hears(speech, grant.scope), lines: lineCount(speech, grant.legs) })}</p>
              <ul class="legs">{grant.legs.map((leg) => <li key={leg.no}>{lineName(speech, leg)}</li>)}</ul>
              <p>{say('ask.private', { kinds: staysPrivate(speech, grant.scope, 'disjunction') })}</p>
            </div>
          </div>
        ))}
        <p><strong>{say('consent.muted')}</strong></p>
        <div class="actions">
          <button type="button" class="button button--primary" onClick={() => session.meeting({ type: 'continue' })} data-testid="consent-continue">{say('consent.continue')}</button>
          <button type="button" class="button" autofocus onClick={stay} data-testid="consent-stay">{say('consent.stay')}</button>
        </div>
      </div>
    </Dialog>
  );
}

/** The room is looser than this browser has seen it: nothing is sent until the user decides. */
export function AskLooser(): JSX.Element | null {
  const { session, say } = usePage();
  const asked = useEncryption()?.askLooser ?? false;
  const open = useSelect((s) => s.room?.mode === 'open');
  if (!asked) return null;
  return (
    <Dialog title={say(open ? 'looser.open.title' : 'looser.title')} testid="looser-dialog">
      <div class="stack">
        <p>{say(open ? 'looser.open.text' : 'looser.text')}</p>
        <div class="actions">
          <button type="button" class="button button--primary" autofocus onClick={() => session.leave()} data-testid="looser-leave">{say('control.leave')}</button>
          <button type="button" class="button" onClick={() => session.meeting({ type: 'continue' })} data-testid="looser-continue">{say('looser.continue')}</button>
        </div>
      </div>
    </Dialog>
  );
}
