import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { isHostLink, linkOf } from '../../session/invitation.ts';
import { usePage, useSelect } from '../context.tsx';
import { Note } from '../field.tsx';
import { Icon } from '../icon.tsx';
import { Dialog } from './dialog.tsx';

/** How others come in: by link, and by telephone. */
export function Invite({ close }: { readonly close: () => void }): JSX.Element {
  const { say } = usePage();
  const own = useSelect((s) => s.invitation);
  const guestKey = useSelect((s) => s.guestKey);
  // A host hands on the guest link, never the own one.
  const invitation = own !== undefined && guestKey !== undefined ? { ...own, key: guestKey } : own;
  const phone = useSelect((s) => s.phone);
  const [copy, setCopy] = useState<'ready' | 'copied' | 'failed'>('ready');
  const link = invitation === undefined ? '' : linkOf(invitation, location.origin);
  const copyLink = (): void => {
    navigator.clipboard.writeText(link).then(() => setCopy('copied'), () => setCopy('failed'));
  };
  return (
    <Dialog title={say('invite.title')} close={close} testid="invite-dialog">
      <div class="stack">
        <div class="field">
          <label class="field-label" for="invite-link">{say('invite.link')}</label>
          <div class="input-row">
            <input id="invite-link" class="input" readonly value={link} onFocus={(e) => e.currentTarget.select()} data-testid="invite-link" />
            <button type="button" class="button" onClick={copyLink} data-testid="copy-link">
              <Icon name={copy === 'copied' ? 'check' : 'copy'} /> {say(copy === 'copied' ? 'invite.copied' : 'invite.copy')}
            </button>
          </div>
          <p class="field-fault" role="status">{copy === 'failed' ? say('invite.failed') : ''}</p>
        </div>
        {invitation !== undefined && isHostLink(invitation) && <Note tone="caution" icon="host">{say('invite.hostLink')}</Note>}
        <section class="stack stack--tight">
          <h3 class="small-title">{say('invite.phone')}</h3>
          <dl class="facts">
            <dt>{say('invite.number')}</dt><dd data-testid="invite-number">{phone?.uri ?? ''}</dd>
            <dt>{say('invite.room')}</dt><dd>{invitation?.room ?? ''}</dd>
            {phone?.pin !== undefined && <><dt>{say('invite.pin')}</dt><dd data-testid="invite-pin">{phone.pin}</dd></>}
          </dl>
          <p class="fine">{say(phone?.pin === undefined ? 'invite.noPin' : 'invite.pinHint')}</p>
        </section>
      </div>
    </Dialog>
  );
}
