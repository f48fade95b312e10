/** Measures the loudness of a track until stopped. */
export class Meter {
  readonly #context: AudioContext;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor(track: MediaStreamTrack) {
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
    if (this.#context.state === 'suspended') void this.#context.resume();
  }

  stop(): void {
    void this.#context.close();
  }

  /** read gives the loudness now: 0 silence (-60 dBFS or less) to 1 full scale. */
  read(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return loudness(this.#samples);
  }
}

/** loudness maps the root mean square of samples to 0..1 over 60 dB. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const s of samples) sum += s * s;
  const decibel = 10 * Math.log10(Math.max(1e-12, sum / Math.max(1, samples.length)));
  return Math.min(1, Math.max(0, (decibel + 60) / 60));
}
