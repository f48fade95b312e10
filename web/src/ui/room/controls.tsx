import type { JSX } from 'preact';
import { joined, waiting } from '../../session/receive.ts';
import { usePage, useSelect } from '../context.tsx';
import { Icon, type IconName } from '../icon.tsx';
import type { Overlay } from './overlay.tsx';

interface ControlProps {
  readonly icon: IconName;
  readonly label: string;
  readonly act: () => void;
  readonly testid: string;
  readonly look?: string;
  /** How many wait, shown on the button. */
  readonly badge?: number;
  readonly expanded?: boolean;
  readonly data?: Readonly<Record<`data-${string}`, string | boolean>>;
}

/** One button of the bar: icon and word. */
export function Control({ icon, label, act, testid, look = '', badge = 0, expanded, data }: ControlProps): JSX.Element {
  const { say } = usePage();
  return (
    <button type="button" class={`control ${look}`} onClick={act} data-testid={testid} aria-expanded={expanded} {...data}>
      <Icon name={icon} size={22} />
      <span>{label}</span>
      {badge > 0 && <span class="badge" data-testid="badge">{badge}<span class="hidden"> {say('people.waitingShort')}</span></span>}
    </button>
  );
}

interface ControlsProps {
  readonly people: boolean;
  readonly togglePeople: () => void;
  readonly open: (overlay: Overlay) => void;
}

/** The bar at the bottom of the room. */
export function Controls({ people, togglePeople, open }: ControlsProps): JSX.Element {
  const { session, say } = usePage();
  const count = useSelect((s) => joined(s).length);
  const queue = useSelect((s) => (s.encryption === undefined ? waiting(s).length : s.encryption.asks.length + (s.role === 'host' ? s.encryption.cards.length : 0)));
  return (
    <div class="controls" role="group" aria-label={say('control.bar')}>
      <div class="controls-group">
        <MicrophoneControl />
        <CameraControl />
        <ShareControl />
        <HandControl />
      </div>
      <div class="controls-group">
        <Control
          icon="people" label={`${say('control.people')} ${count}`} act={togglePeople} testid="people" badge={queue} expanded={people}
        />
        <Control icon="invite" label={say('control.invite')} act={() => open({ name: 'invite' })} testid="invite" look="control--wide-only" />
        <Control icon="settings" label={say('control.settings')} act={() => open({ name: 'settings' })} testid="settings" look="control--wide-only" />
        <Control icon="help" label={say('control.help')} act={() => open({ name: 'help' })} testid="help" look="control--wide-only" />
        <Control icon="more" label={say('control.more')} act={() => open({ name: 'more' })} testid="more" look="control--narrow-only" />
      </div>
      <Control icon="leave" label={say('control.leave')} act={() => session.leave()} testid="leave" look="control--leave" />
    </div>
  );
}

function MicrophoneControl(): JSX.Element {
  const { session, say } = usePage();
  const silent = useSelect((s) => s.muted || s.capture.microphone !== 'on');
  return (
    <Control
      icon={silent ? 'microphoneOff' : 'microphone'} label={say(silent ? 'control.unmute' : 'control.mute')} act={() => session.setMuted(!silent)}
      testid="mute" look={silent ? 'control--off' : ''} data={{ 'data-muted': silent }}
    />
  );
}

function CameraControl(): JSX.Element {
  const { session, say } = usePage();
  const camera = useSelect((s) => s.capture.camera);
  const on = camera === 'on';
  return (
    <Control
      icon={on ? 'camera' : 'cameraOff'} label={say(on ? 'control.cameraOff' : 'control.cameraOn')} act={() => session.setCamera(!on)}
      testid="camera" look={on ? '' : 'control--off'} data={{ 'data-camera': camera }}
    />
  );
}

export function canShare(): boolean {
  return 'getDisplayMedia' in navigator.mediaDevices;
}

function ShareControl(): JSX.Element | null {
  const { session, say } = usePage();
  const on = useSelect((s) => s.capture.screen === 'on');
  if (!canShare()) return null; // telephones of pocket size have no such thing
  return (
    <Control
      icon={on ? 'screenOff' : 'screen'} label={say(on ? 'control.unshare' : 'control.share')} act={() => session.setScreen(!on)}
      testid="share" look={`control--wide-only${on ? ' control--on' : ''}`} data={{ 'data-sharing': on }}
    />
  );
}

function HandControl(): JSX.Element {
  const { session, say } = usePage();
  const up = useSelect((s) => (s.participants.get(s.me)?.hand ?? 0) !== 0);
  return (
    <Control
      icon="hand" label={say(up ? 'control.unhand' : 'control.hand')} act={() => session.setHand(!up)}
      testid="hand" look={up ? 'control--on' : ''} data={{ 'data-raised': up }}
    />
  );
}
