import type { JSX } from 'preact';
import type { DeviceState } from '../session/state.ts';
import { usePage, useSelect } from './context.tsx';
import { Note, Select } from './field.tsx';
import { OwnLevel } from './level.tsx';

type Kind = 'microphone' | 'camera' | 'speaker';

/** The choice of microphone (with its level), camera and loudspeaker. */
export function DeviceFields(): JSX.Element {
  return (
    <div class="stack">
      <div>
        <DeviceField kind="microphone" />
        <OwnLevel />
      </div>
      <DeviceField kind="camera" />
      <DeviceField kind="speaker" />
    </div>
  );
}

const lists = { microphone: 'microphones', camera: 'cameras', speaker: 'speakers' } as const;

function DeviceField({ kind }: { readonly kind: Kind }): JSX.Element | null {
  const { session, say } = usePage();
  const choices = useSelect((s) => s.capture[lists[kind]]);
  const chosen = useSelect((s) => s.capture.chosen[kind]);
  // Not every browser lets a page choose the loudspeaker: then there is nothing to show.
  if (kind === 'speaker' && choices.length === 0) return null;
  const known = choices.some((c) => c.id === chosen);
  const shown = choices.length === 0 ? [{ id: '', label: say('device.default') }] : choices;
  return (
    <Select
      id={`device-${kind}`} label={say(`device.${kind}`)} choices={shown}
      value={known ? chosen : (shown[0]?.id ?? '')} change={(id) => session.choose(kind, id)}
    />
  );
}

/** isFault tells the states that need words from those that do not. */
export function isFault(state: DeviceState): state is 'denied' | 'missing' | 'busy' | 'failed' {
  return state !== 'off' && state !== 'asking' && state !== 'on';
}

/** What is wrong with microphone or camera, in words, and a way to try again. */
export function DeviceFaults(): JSX.Element | null {
  const { session, say } = usePage();
  const microphone = useSelect((s) => s.capture.microphone);
  const camera = useSelect((s) => s.capture.camera);
  if (!isFault(microphone) && !isFault(camera)) return null;
  return (
    <Note tone="caution" icon="warning" testid="device-fault">
      {isFault(microphone) && <p>{say(`device.microphone.${microphone}`)}</p>}
      {isFault(camera) && <p>{say(`device.camera.${camera}`)}</p>}
      <button type="button" class="button button--small" onClick={() => session.openDevices()} data-testid="ask-again">{say('green.again')}</button>
    </Note>
  );
}
