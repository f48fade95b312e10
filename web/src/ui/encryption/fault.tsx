import type { JSX } from 'preact';
import type { EncryptionFault } from '../../session/encryption.ts';
import { usePage, useSelect } from '../context.tsx';
import { Note } from '../field.tsx';
import { Header } from '../header.tsx';
import { Icon } from '../icon.tsx';
import { useEncryption } from './use.ts';

/** Why this browser stays out of an encrypted meeting, and what can be done. Nothing is ever sent in clear instead. */
export function FaultPage({ fault }: { readonly fault: EncryptionFault }): JSX.Element {
  const { session, say } = usePage();
  const reload = fault === 'worker' || fault === 'clock';
  return (
    <div class="page" data-testid="encryption-fault" data-fault={fault}>
      <Header />
      <main class="narrow narrow--middle stack">
        <div class="fault-sign"><Icon name="lockBroken" size={40} /></div>
        <div class="stack stack--tight" role="alert">
          <h1>{say(`fault.${fault}.title`)}</h1>
          <p class="lead">{say(`fault.${fault}.text`)}</p>
        </div>
        <p>{say(`fault.${fault}.todo`)}</p>
        <BeginAsOwner />
        <div class="actions">
          {reload
            ? <button type="button" class="button button--primary" onClick={() => location.reload()} data-testid="again">{say('fault.reload')}</button>
            : <button type="button" class="button" onClick={() => session.back()} data-testid="again">{say('end.retry')}</button>}
          <a class="button" href="/" data-testid="other">{say('end.other')}</a>
        </div>
      </main>
    </div>
  );
}

/** For a host whose room belongs to another browser: wait for that one, or take the room over, knowing what it means. */
export function BeginAsOwner(): JSX.Element | null {
  const { session, say } = usePage();
  const may = useEncryption()?.mayBegin ?? false;
  const host = useSelect((s) => s.invitation?.key.startsWith('h.') ?? false);
  if (!may || !host) return null;
  return (
    <Note tone="caution" icon="host" testid="begin">
      <h2 class="note-title">{say('begin.title')}</h2>
      <p>{say('begin.text')}</p>
      <button type="button" class="button" onClick={() => session.beginAsOwner()} data-testid="begin-as-owner">{say('begin.act')}</button>
    </Note>
  );
}
