import type { JSX } from 'preact';
import { usePage, useSelect } from '../context.tsx';
import { ConfirmMuteAll, ConfirmRemove } from '../dialog/confirm.tsx';
import { Dialog } from '../dialog/dialog.tsx';
import { Help } from '../dialog/help.tsx';
import { Invite } from '../dialog/invite.tsx';
import { OpenRoom } from '../dialog/open-room.tsx';
import { EncryptionPanel } from '../encryption/panel.tsx';
import { SettingsDialog } from '../dialog/settings.tsx';
import { Icon } from '../icon.tsx';
import { canShare } from './controls.tsx';

/** The dialog over the room, one at a time. */
export type Overlay =
  | { readonly name: 'invite' | 'settings' | 'help' | 'open' | 'encryption' | 'more' | 'muteAll' }
  | { readonly name: 'remove'; readonly participant: string };

interface OverlayProps {
  readonly overlay: Overlay | undefined;
  readonly open: (overlay: Overlay) => void;
  readonly close: () => void;
}

export function OverlayDialog({ overlay, open, close }: OverlayProps): JSX.Element | null {
  switch (overlay?.name) {
    case undefined:
      return null;
    case 'invite':
      return <Invite close={close} />;
    case 'settings':
      return <SettingsDialog close={close} />;
    case 'help':
      return <Help close={close} />;
    case 'open':
      return <OpenRoom close={close} />;
    case 'encryption':
      return <EncryptionPanel close={close} />;
    case 'more':
      return <More open={open} close={close} />;
    case 'muteAll':
      return <ConfirmMuteAll close={close} />;
    case 'remove':
      return <ConfirmRemove participant={overlay.participant} close={close} />;
  }
}

/** What has no room in the bar of a phone. */
function More({ open, close }: Pick<OverlayProps, 'open' | 'close'>): JSX.Element {
  const { session, say } = usePage();
  const sharing = useSelect((s) => s.capture.screen === 'on');
  const share = (): void => {
    close();
    session.setScreen(!sharing);
  };
  return (
    <Dialog title={say('control.more')} close={close} testid="more-dialog">
      <div class="menu">
        {canShare() && <button type="button" class="menu-item" onClick={share}><Icon name={sharing ? 'screenOff' : 'screen'} />{say(sharing ? 'control.unshare' : 'control.share')}</button>}
        <button type="button" class="menu-item" onClick={() => open({ name: 'invite' })}><Icon name="invite" />{say('control.invite')}</button>
        <button type="button" class="menu-item" onClick={() => open({ name: 'settings' })}><Icon name="settings" />{say('control.settings')}</button>
        <button type="button" class="menu-item" onClick={() => open({ name: 'help' })}><Icon name="help" />{say('control.help')}</button>
      </div>
    </Dialog>
  );
}
