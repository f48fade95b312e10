import type { JSX } from 'preact';
import { usePage } from '../context.tsx';
import { Dialog } from './dialog.tsx';

/** What "not end-to-end encrypted" means, in plain words. */
export function OpenRoom({ close }: { readonly close: () => void }): JSX.Element {
  const { say } = usePage();
  return (
    <Dialog title={say('open.title')} close={close} testid="security-dialog">
      <div class="stack">
        <p>{say('open.text.hops')}</p>
        <p>{say('open.text.encrypted')}</p>
        <p><strong>{say('open.text.care')}</strong></p>
        <div class="actions"><button type="button" class="button button--primary" onClick={close}>{say('open.got')}</button></div>
      </div>
    </Dialog>
  );
}
