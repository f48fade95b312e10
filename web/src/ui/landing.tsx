import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { linkOf, readTyped } from '../session/invitation.ts';
import { usePage } from './context.tsx';
import { Note } from './field.tsx';
import { Header } from './header.tsx';

/** Where somebody comes who has no whole link: it says what is missing, and takes one. */
export function Landing({ room }: { readonly room: string }): JSX.Element {
  const { session, say } = usePage();
  const [typed, setTyped] = useState('');
  const [missing, setMissing] = useState(room);
  const [unreadable, setUnreadable] = useState(false);

  const go = (e: Event): void => {
    e.preventDefault();
    const address = readTyped(typed);
    setUnreadable(address === undefined);
    setMissing(address?.invitation === undefined ? (address?.room ?? '') : '');
    if (address?.invitation === undefined) return;
    history.pushState(null, '', linkOf(address.invitation, location.origin) );
    session.store.dispatch({ type: 'opened', invitation: address.invitation, room: address.room });
  };
  const example = `${location.origin}/r/1000#…`;
  return (
    <div class="page" data-testid="landing">
      <Header />
      <main class="narrow stack stack--wide">
        <div class="stack stack--tight">
          <h1>{say('landing.title')}</h1>
          <p class="lead">{say('landing.lead')}</p>
        </div>
        <form class="stack" onSubmit={go} noValidate>
          <div class="field">
            <label class="field-label" for="address">{say('landing.field')}</label>
            <input
              id="address" data-testid="address" class="input" type="text" value={typed} autocomplete="off" autocapitalize="off" spellcheck={false}
              onInput={(e) => setTyped(e.currentTarget.value)} aria-invalid={unreadable} aria-describedby="address-fault"
            />
            <p id="address-fault" class="field-fault" role="alert">{unreadable ? say('landing.unreadable', { example }) : ''}</p>
          </div>
          <div><button type="submit" class="button button--primary" data-testid="continue">{say('landing.go')}</button></div>
        </form>
        <div role="status" class="status">
          {missing !== '' && (
            <Note tone="caution" icon="link" testid="link-missing">
              <h2 class="note-title">{say('landing.missing.title', { room: missing })}</h2>
              <p>{say('landing.missing.text')}</p>
            </Note>
          )}
        </div>
        <section class="aside">
          <h2 class="small-title">{say('landing.phone.title')}</h2>
          <p>{say('landing.phone.text')}</p>
        </section>
      </main>
    </div>
  );
}
