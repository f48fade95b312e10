import type { JSX } from 'preact';
import { usePage, useSelect } from '../context.tsx';
import { Icon, type IconName } from '../icon.tsx';
import { isFault } from '../devices.tsx';

interface Trouble {
  readonly icon: IconName;
  readonly tone: 'plain' | 'caution' | 'alert';
  readonly words: string;
  readonly testid: string;
  readonly act?: { readonly label: string; readonly run: () => void };
}

/** What is wrong at the moment, the gravest only, in a line above the stage. */
export function TroubleLine(): JSX.Element {
  const trouble = useTrouble();
  return (
    <div role="status" class="trouble-home">
      {trouble !== undefined && (
        <div class={`line line--${trouble.tone}`} data-testid={trouble.testid}>
          <Icon name={trouble.icon} />
          <p>{trouble.words}</p>
          {trouble.act !== undefined && <button type="button" class="button button--small" onClick={trouble.act.run}>{trouble.act.label}</button>}
        </div>
      )}
    </div>
  );
}

function useTrouble(): Trouble | undefined {
  const { session, say } = usePage();
  const network = useSelect((s) => s.network);
  const media = useSelect((s) => s.media);
  const noRoomCodec = useSelect((s) => s.encryption?.noRoomCodec ?? false);
  const blocked = useSelect((s) => s.playbackBlocked);
  const draining = useSelect((s) => s.draining);
  const microphone = useSelect((s) => s.capture.microphone);
  const camera = useSelect((s) => s.capture.camera);
  const screen = useSelect((s) => s.capture.screen);
  if (network === 'reconnecting') return { icon: 'warning', tone: 'alert', words: say('trouble.reconnecting'), testid: 'reconnecting' };
  if (noRoomCodec) return { icon: 'cameraOff', tone: 'alert', words: say('trouble.noRoomCodec'), testid: 'no-room-codec' };
  if (media === 'refused') return { icon: 'lockBroken', tone: 'alert', words: say('trouble.mediaRefused'), testid: 'media-refused' };
  if (media === 'failed') return { icon: 'warning', tone: 'alert', words: say('trouble.mediaFailed'), testid: 'media-failed' };
  if (media === 'interrupted') return { icon: 'warning', tone: 'caution', words: say('trouble.media'), testid: 'media-interrupted' };
  if (blocked) return { icon: 'speaker', tone: 'caution', words: say('trouble.blocked'), testid: 'playback-blocked', act: { label: say('trouble.play'), run: () => session.playBlocked() } };
  if (draining) return { icon: 'info', tone: 'caution', words: say('trouble.draining'), testid: 'draining' };
  const again = { label: say('green.again'), run: () => session.openDevices() };
  if (isFault(microphone)) return { icon: 'microphoneOff', tone: 'caution', words: say(`device.microphone.${microphone}`), testid: 'microphone-fault', act: again };
  if (isFault(camera)) return { icon: 'cameraOff', tone: 'caution', words: say(`device.camera.${camera}`), testid: 'camera-fault', act: { label: say('green.again'), run: () => session.setCamera(true) } };
  if (isFault(screen)) return { icon: 'screenOff', tone: 'caution', words: say('device.screen.failed'), testid: 'screen-fault' };
  if (media === 'connecting') return { icon: 'info', tone: 'plain', words: say('trouble.mediaConnecting'), testid: 'media-connecting' };
  return undefined;
}
