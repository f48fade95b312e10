/** Seen is what came out of a page, Unix ms; undefined for what did not yet. */
export interface Seen {
  /** The page has the room on the screen. */
  readonly room: number | undefined;
  /** The first sample of sound that is none of silence. */
  readonly heard: number | undefined;
  /** When each video element had its first picture, in order. */
  readonly pictures: readonly number[];
  /** Pictures that all video elements have had. */
  readonly frames: number;
}

/** Probe is what installProbe leaves in the page. */
export interface Probe {
  readonly seen: () => Seen;
}

/**
 * installProbe listens to and looks at whatever the page plays, as a person would: samples that reach the loudspeaker, pictures that are
 * handed to the screen. It runs in the page before the page's own script and leans on nothing outside itself.
 */
export function installProbe(): void {
  const context = new AudioContext({ sampleRate: 48_000 });
  const heard: { at?: number } = {};
  const room: { at?: number } = {};
  const pictures = new Map<HTMLVideoElement, number | undefined>();
  const tapped = new WeakSet<MediaStream>();
  const now = (): number => performance.timeOrigin + performance.now();
  const tap = context.createAnalyser();
  tap.fftSize = 1024; // 21 ms: nothing falls between two looks
  const samples = new Float32Array(tap.fftSize);
  const look = (): void => {
    if (document.querySelector('[data-testid=room]') !== null) room.at ??= now();
    for (const { srcObject } of document.querySelectorAll('audio')) {
      if (!(srcObject instanceof MediaStream) || tapped.has(srcObject) || srcObject.getAudioTracks().length === 0) continue;
      tapped.add(srcObject);
      context.createMediaStreamSource(srcObject).connect(tap);
    }
    for (const video of document.querySelectorAll('video')) {
      if (pictures.has(video)) continue;
      pictures.set(video, undefined);
      video.requestVideoFrameCallback(() => pictures.set(video, now()));
    }
    tap.getFloatTimeDomainData(samples);
    // Louder than what a decoder makes of nothing.
    if (samples.some((sample) => Math.abs(sample) > 0.01)) heard.at ??= now();
  };
  setInterval(look, 5);
  const seen = (): Seen => ({
    room: room.at, heard: heard.at, pictures: [...pictures.values()].filter((at) => at !== undefined).sort((a, b) => a - b),
    frames: [...pictures.keys()].reduce((sum, video) => sum + video.getVideoPlaybackQuality().totalVideoFrames, 0),
  });
  Object.assign(globalThis, { probe: { seen } satisfies Probe });
}
