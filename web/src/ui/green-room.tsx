import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { isHostLink } from '../session/invitation.ts';
import { usePage, useSelect } from './context.tsx';
import { DeviceFaults, DeviceFields } from './devices.tsx';
import { Note } from './field.tsx';
import { Header } from './header.tsx';
import { Icon } from './icon.tsx';
import { Preview } from './preview.tsx';

const nameLength = 64;

/** Name, picture and sound before joining. */
export function GreenRoom(): JSX.Element {
  const { session, say } = usePage();
  const invitation = useSelect((s) => s.invitation);
  const name = useSelect((s) => s.name);
  const asking = useSelect((s) => s.capture.microphone === 'asking' && s.capture.microphones.length === 0);
  const [nameless, setNameless] = useState(false);

  const join = (e: Event): void => {
    e.preventDefault();
    setNameless(name.trim() === '');
    if (name.trim() === '') document.getElementById('name')?.focus();
    else session.join();
  };
  return (
    <div class="page" data-testid="green-room">
      <Header />
      <main class="green">
        <div class="green-preview"><Preview /></div>
        <form class="green-form stack" onSubmit={join} noValidate>
          <div class="stack stack--tight">
            <h1>{say('green.title', { room: invitation?.room ?? '' })}</h1>
            <p class="lead">{say('green.lead')}</p>
          </div>
          {asking && <Note tone="plain" icon="info" testid="asking">{say('green.ask')}</Note>}
          <DeviceFaults />
          <div class="field">
            <label class="field-label" for="name">{say('green.name')}</label>
            <input
              id="name" data-testid="name" class="input" type="text" value={name} maxLength={nameLength} autocomplete="name" required
              aria-invalid={nameless} aria-describedby="name-hint name-fault"
              onInput={(e) => { setNameless(false); session.rename(e.currentTarget.value); }}
            />
            <p id="name-hint" class="field-hint">{say('green.name.hint')}</p>
            <p id="name-fault" class="field-fault" role="alert">{nameless ? say('green.name.missing') : ''}</p>
          </div>
          <DeviceFields />
          <div class="stack stack--tight">
            <button type="submit" class="button button--primary button--wide" data-testid="join">{say('green.join')}</button>
            {invitation !== undefined && isHostLink(invitation) && <p class="fine"><Icon name="host" size={16} /> {say('green.host')}</p>}
            <p class="fine"><Icon name={invitation?.link === undefined ? 'info' : 'lock'} size={16} /> {say(invitation?.link === undefined ? 'green.e2ee.unknown' : `green.e2ee.${invitation.link.mode}`)}</p>
          </div>
        </form>
      </main>
    </div>
  );
}
