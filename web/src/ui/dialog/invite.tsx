import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { isHostLink, linkOf, toHandOn } from '../../session/invitation.ts';
import { usePage, useSelect } from '../context.tsx';
import { grouped } from '../encryption/use.ts';
import { Note } from '../field.tsx';
import { Icon } from '../icon.tsx';
import { Dialog } from './dialog.tsx';

/** How others come in: by link, and by telephone. */
export function Invite({ close }: { readonly close: () => void }): JSX.Element {
  const { say } = usePage();
  return (
    <Dialog title={say('invite.title')} close={close} testid="invite-dialog">
      <div class="stack">
        <ByLink />
        <ByPhone />
      </div>
    </Dialog>
  );
}

function ByLink(): JSX.Element {
  const { session, say } = usePage();
  const own = useSelect((s) => s.invitation);
  useSelect((s) => s.encryption?.link);
  // A host hands on the guest link, never the own one, while the gateway says what that is.
  const invitation = toHandOn(session.store.state) ?? own;
  const encrypted = useSelect((s) => s.encryption !== undefined);
  const [copy, setCopy] = useState<'ready' | 'copied' | 'failed'>('ready');
  const link = invitation === undefined ? '' : linkOf(invitation, location.origin);
  const copyLink = (): void => {
    navigator.clipboard.writeText(link).then(() => setCopy('copied'), () => setCopy('failed'));
  };
  return (
    <>
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
      {encrypted && <Fingerprint owner={invitation?.link?.owner} />}
    </>
  );
}

/** What makes the link more than an address. */
function Fingerprint({ owner }: { readonly owner: Uint8Array | undefined }): JSX.Element {
  const { say } = usePage();
  if (owner === undefined) return <Note tone="caution" icon="warning" testid="invite-unnamed">{say('invite.e2ee.none')}</Note>;
  return (
    <Note tone="plain" icon="lockCheck" testid="invite-named">
      <p>{say('invite.e2ee')}</p>
      <p><span class="field-label">{say('invite.e2ee.fingerprint')}</span><br /><span class="fingerprint" data-testid="invite-fingerprint">{grouped(owner)}</span></p>
    </Note>
  );
}

function ByPhone(): JSX.Element {
  const { say } = usePage();
  const room = useSelect((s) => s.invitation?.room ?? '');
  const phone = useSelect((s) => s.phone);
  const mode = useSelect((s) => (s.encryption === undefined ? 'open' : (s.encryption.policy?.mode ?? 'mixed')));
  return (
    <section class="stack stack--tight">
      <h3 class="small-title">{say('invite.phone')}</h3>
      {mode === 'sealed' ? <p>{say('invite.phone.sealed')}</p> : (
        <>
          <dl class="facts">
            <dt>{say('invite.number')}</dt><dd data-testid="invite-number">{phone?.uri ?? ''}</dd>
            <dt>{say('invite.room')}</dt><dd>{room}</dd>
            {phone?.pin !== undefined && <><dt>{say('invite.pin')}</dt><dd data-testid="invite-pin">{phone.pin}</dd></>}
          </dl>
          <p class="fine">{say(phone?.pin === undefined ? 'invite.noPin' : 'invite.pinHint')}</p>
          {mode === 'mixed' && <p class="field-hint">{say('invite.phone.mixed')}</p>}
        </>
      )}
    </section>
  );
}
