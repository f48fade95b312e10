/** How to record and what to begin with; from the query of the page, see README.md. */
export interface MediaOptions {
  /** Sound as the microphone gives it: no echo cancellation, noise suppression or gain control. */
  readonly rawAudio: boolean;
  /** The camera is on to begin with. */
  readonly camera: boolean;
  /** The microphone is on to begin with. */
  readonly microphone: boolean;
}

export function readOptions(query: URLSearchParams): MediaOptions {
  return {
    rawAudio: query.get('audio') === 'raw',
    camera: query.get('camera') !== 'off',
    microphone: query.get('microphone') !== 'off',
  };
}

export function audioConstraints(options: MediaOptions, deviceId: string): MediaTrackConstraints {
  const processed = !options.rawAudio;
  return {
    echoCancellation: processed,
    noiseSuppression: processed,
    autoGainControl: processed,
    channelCount: 1,
    ...(deviceId === '' ? {} : { deviceId: { exact: deviceId } }),
  };
}

export function videoConstraints(deviceId: string): MediaTrackConstraints {
  return {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
    ...(deviceId === '' ? { facingMode: 'user' } : { deviceId: { exact: deviceId } }),
  };
}
