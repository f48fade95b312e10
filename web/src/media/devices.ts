import type { Capture, DeviceChoice } from '../session/state.ts';

/** listDevices tells what there is to choose from. Before a permission was given, browsers hide the names: then it is empty. */
export async function listDevices(): Promise<Pick<Capture, 'microphones' | 'cameras' | 'speakers'>> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind: MediaDeviceKind): readonly DeviceChoice[] =>
    all.filter((d) => d.kind === kind && d.deviceId !== '' && d.label !== '').map((d) => ({ id: d.deviceId, label: d.label }));
  return {
    microphones: of('audioinput'),
    cameras: of('videoinput'),
    speakers: 'setSinkId' in HTMLMediaElement.prototype ? of('audiooutput') : [],
  };
}
