import type { JSX } from 'preact';
import { usePage, useSelect } from './context.tsx';
import { Icon } from './icon.tsx';
import { Video } from './video.tsx';

/** The own picture before joining, with the two switches that matter under it. */
export function Preview(): JSX.Element {
  const { session, say } = usePage();
  const camera = useSelect((s) => s.capture.camera);
  const microphone = useSelect((s) => s.capture.microphone);
  const muted = useSelect((s) => s.muted);
  useSelect((s) => s.capture.revision);
  const silent = muted || microphone !== 'on';
  return (
    <div class="preview">
      {camera === 'on'
        ? <Video track={session.own('camera')} label={say('green.preview')} mirrored source="camera" participant="me" />
        : <p class="preview-off"><Icon name="cameraOff" size={28} /><span>{say(camera === 'asking' ? 'green.cameraAsking' : 'green.cameraOff')}</span></p>}
      <div class="preview-controls">
        <button type="button" class={silent ? 'control control--off' : 'control'} onClick={() => session.setMuted(!silent)} data-testid="mute" data-muted={silent}>
          <Icon name={silent ? 'microphoneOff' : 'microphone'} size={22} /><span>{say(silent ? 'control.unmute' : 'control.mute')}</span>
        </button>
        <button type="button" class={camera === 'on' ? 'control' : 'control control--off'} onClick={() => session.setCamera(camera !== 'on')} data-testid="camera" data-camera={camera}>
          <Icon name={camera === 'on' ? 'camera' : 'cameraOff'} size={22} /><span>{say(camera === 'on' ? 'control.cameraOff' : 'control.cameraOn')}</span>
        </button>
      </div>
    </div>
  );
}
