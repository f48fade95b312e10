import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { usePage, useSelect } from '../context.tsx';
import { Check } from '../field.tsx';
import { Dialog } from './dialog.tsx';

/** Asks before somebody is put out of the room. */
export function ConfirmRemove({ participant, close }: { readonly participant: string; readonly close: () => void }): JSX.Element {
  const { session, say } = usePage();
  const name = useSelect((s) => s.participants.get(participant)?.name) || say('notice.somebody'); // empty where a claim held nothing fit to be shown
  const [ban, setBan] = useState(false);
  const remove = (): void => {
    session.command({ type: 'remove', participant, ban });
    close();
  };
  return (
    <Dialog title={say('remove.title', { name })} close={close} testid="remove-dialog">
      <div class="stack">
        <p>{say('remove.text', { name })}</p>
        <Check id="ban" label={say('remove.ban')} checked={ban} change={setBan} />
        <div class="actions">
          <button type="button" class="button button--danger" onClick={remove} data-testid="confirm-remove">{say('remove.confirm')}</button>
          <button type="button" class="button" onClick={close}>{say('cancel')}</button>
        </div>
      </div>
    </Dialog>
  );
}

/** Asks before everybody is muted. */
export function ConfirmMuteAll({ close }: { readonly close: () => void }): JSX.Element {
  const { session, say } = usePage();
  const mute = (): void => {
    session.command({ type: 'muteAll' });
    close();
  };
  return (
    <Dialog title={say('muteAll.title')} close={close} testid="mute-all-dialog">
      <div class="stack">
        <p>{say('muteAll.text')}</p>
        <div class="actions">
          <button type="button" class="button button--primary" onClick={mute} data-testid="confirm-mute-all">{say('people.muteAll')}</button>
          <button type="button" class="button" onClick={close}>{say('cancel')}</button>
        </div>
      </div>
    </Dialog>
  );
}
