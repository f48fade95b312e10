import type { JSX } from 'preact';
import { usePage } from '../context.tsx';
import { Dialog } from '../dialog/dialog.tsx';
import { Note } from '../field.tsx';
import { Icon } from '../icon.tsx';
import { Codes } from './codes.tsx';
import { HouseRules } from './house-rules.tsx';
import { Listeners } from './listeners.tsx';
import { Members } from './members.tsx';
import { roomMark } from './mark.ts';
import { sentences } from './sentences.ts';
import { grouped, useEncryption, useFingerprint, useSpeech, useSystemName } from './use.ts';

/** All that is known of the protection of this meeting: the mark's sentences, who holds keys, who is here, and how to check it. */
export function EncryptionPanel({ close }: { readonly close: () => void }): JSX.Element {
  const { say } = usePage();
  return (
    <Dialog title={say('panel.title')} close={close} testid="encryption-dialog" panel={matchMedia('(max-width: 760px)').matches}>
      <div class="stack stack--wide">
        <Said />
        <Listeners />
        <Codes />
        <Members />
        <Owner />
        <Gateway />
        <HouseRules />
        <section class="stack stack--tight">
          <h3 class="section-title">{say('panel.limits')}</h3>
          <p class="small">{say('panel.limits.text')}</p>
        </section>
      </div>
    </Dialog>
  );
}

/** The mark, large, and every sentence behind it. */
function Said(): JSX.Element {
  const { say } = usePage();
  const speech = useSpeech();
  const system = useSystemName();
  const state = useEncryption()?.state;
  const mark = roomMark(state, say);
  const all = state === undefined ? [say('lobby.e2ee.checking')] : sentences(speech, state, system);
  return (
    <section class={`verdict verdict--${mark.tone}`} data-testid="verdict">
      <Icon name={mark.icon} size={32} />
      <div class="verdict-text">
        <p class="verdict-title">{mark.title}<span class="verdict-more">{mark.more}</span></p>
        {all.map((text) => <p key={text}>{text}</p>)}
        {state?.legs !== undefined && <p class="small">{say('panel.spoken', { words: say(state.legs) })}</p>}
      </div>
    </section>
  );
}

function Owner(): JSX.Element | null {
  const { say } = usePage();
  const encryption = useEncryption();
  const fingerprint = useFingerprint('owner', encryption?.policy?.owner);
  if (encryption?.policy === undefined) return null;
  const { owner, link, kept } = encryption;
  // What the browser was let in by has been held against its own link already: here people see that it was.
  const linked = link !== undefined && fingerprint !== '' && fingerprint === grouped(link.owner);
  return (
    <section class="stack stack--tight" data-testid="owner">
      <h3 class="section-title">{say('panel.owner')}</h3>
      <p class="fingerprint">{fingerprint}</p>
      <p class="small">{say(owner.mine ? 'panel.owner.mine' : linked ? 'panel.owner.linked' : 'panel.owner.unlinked')}</p>
      {owner.mine && !kept && <Note tone="caution" icon="warning">{say('panel.owner.unkept')}</Note>}
      {owner.pinned && <p class="small">{say('panel.owner.pinned')}</p>}
    </section>
  );
}

function Gateway(): JSX.Element | null {
  const { say } = usePage();
  const encryption = useEncryption();
  if (encryption === undefined || encryption.gatewayFingerprint === '' || encryption.policy?.mode === 'sealed') return null;
  return (
    <section class="stack stack--tight" data-testid="gateway">
      <h3 class="section-title">{say('panel.gateway')}</h3>
      <p class="fingerprint">{encryption.gatewayFingerprint}</p>
      <p class="small">{say('panel.gateway.text')}</p>
    </section>
  );
}
