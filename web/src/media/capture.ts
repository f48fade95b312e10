import { recall, remember } from '../preference/preference.ts';
import { noCapture, type Capture, type DeviceState } from '../session/state.ts';
import { listDevices } from './devices.ts';
import { faultOf } from './fault.ts';
import { audioConstraints, videoConstraints, type MediaOptions } from './options.ts';

/** What can be recorded; the names are those of the protocol. */
export type CaptureSource = 'microphone' | 'camera' | 'screen' | 'screenAudio';

/** Told after every change of what is recorded. */
export type CaptureChanged = (state: Capture) => void;

/** The microphone, the camera and the shared screen of this browser. */
export class CaptureDevices {
  readonly #options: MediaOptions;
  readonly #changed: CaptureChanged;
  readonly #tracks = new Map<CaptureSource, MediaStreamTrack>();
  #state: Capture = {
    ...noCapture,
    chosen: { microphone: recall('microphone'), camera: recall('camera'), speaker: recall('speaker') },
  };
  /** Calls under way, one counter a source: what comes back to an older call is thrown away. */
  readonly #asked = new Map<CaptureSource, number>();
  #muted = false;

  constructor(options: MediaOptions, changed: CaptureChanged) {
    this.#options = options;
    this.#changed = changed;
    navigator.mediaDevices.addEventListener('devicechange', () => void this.#relist());
  }

  get state(): Capture {
    return this.#state;
  }

  track(source: CaptureSource): MediaStreamTrack | undefined {
    return this.#tracks.get(source);
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    const track = this.#tracks.get('microphone');
    if (track !== undefined) track.enabled = !muted;
  }

  /** open asks for the microphone and, if wanted, the camera: in one question, and one by one when that fails. */
  async open(camera: boolean): Promise<void> {
    if (!camera) return this.startMicrophone();
    this.#set({ microphone: 'asking', camera: 'asking' });
    const audio = this.#next('microphone');
    const video = this.#next('camera');
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: audioConstraints(this.#options, this.#state.chosen.microphone),
        video: videoConstraints(this.#state.chosen.camera),
      });
      this.#take('microphone', stream.getAudioTracks()[0], audio);
      this.#take('camera', stream.getVideoTracks()[0], video);
      await this.#relist();
    } catch {
      await this.startMicrophone();
      await this.startCamera();
    }
  }

  async startMicrophone(): Promise<void> {
    await this.#start('microphone', (exact) => ({
      audio: audioConstraints(this.#options, exact ? this.#state.chosen.microphone : ''),
    }));
  }

  async startCamera(): Promise<void> {
    await this.#start('camera', (exact) => ({ video: videoConstraints(exact ? this.#state.chosen.camera : '') }));
  }

  stopCamera(): void {
    this.#drop('camera', 'off');
  }

  async choose(kind: 'microphone' | 'camera' | 'speaker', id: string): Promise<void> {
    remember(kind, id);
    this.#set({ chosen: { ...this.#state.chosen, [kind]: id } });
    if (kind === 'microphone') await this.startMicrophone();
    if (kind === 'camera' && this.#state.camera !== 'off') await this.startCamera();
  }

  /** startScreen asks which screen or window to share. Saying no is not a fault. */
  async startScreen(): Promise<void> {
    this.#set({ screen: 'asking' });
    const asked = this.#next('screen');
    const askedAudio = this.#next('screenAudio');
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({
        video: { frameRate: { ideal: 15, max: 30 } },
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
      const video = stream.getVideoTracks()[0];
      if (video !== undefined) video.contentHint = 'detail';
      const audio = stream.getAudioTracks()[0];
      if (audio !== undefined) this.#take('screenAudio', audio, askedAudio);
      this.#take('screen', video, asked);
    } catch (error) {
      const fault = faultOf(error);
      this.#set({ screen: fault === 'denied' ? 'off' : fault });
    }
  }

  stopScreen(): void {
    this.#drop('screenAudio', 'off');
    this.#drop('screen', 'off');
  }

  /** close lets go of every device. */
  close(): void {
    this.stopScreen();
    this.#drop('camera', 'off');
    this.#drop('microphone', 'off');
  }

  async #start(source: 'microphone' | 'camera', wanted: (exact: boolean) => MediaStreamConstraints): Promise<void> {
    const asked = this.#next(source);
    this.#set({ [source]: 'asking' });
    try {
      let stream: MediaStream;
      try {
        stream = await navigator.mediaDevices.getUserMedia(wanted(true));
      } catch (error) {
        // The device of last time is not there any more: take any.
        if (faultOf(error) !== 'missing' || this.#state.chosen[source] === '') throw error;
        stream = await navigator.mediaDevices.getUserMedia(wanted(false));
      }
      this.#take(source, stream.getTracks()[0], asked);
      await this.#relist();
    } catch (error) {
      if (this.#asked.get(source) === asked) this.#drop(source, faultOf(error));
    }
  }

  #next(source: CaptureSource): number {
    const asked = 1 + (this.#asked.get(source) ?? 0);
    this.#asked.set(source, asked);
    return asked;
  }

  #take(source: CaptureSource, track: MediaStreamTrack | undefined, asked: number): void {
    if (track === undefined || this.#asked.get(source) !== asked) {
      track?.stop();
      return;
    }
    this.#tracks.get(source)?.stop();
    this.#tracks.set(source, track);
    if (source === 'microphone') track.enabled = !this.#muted;
    // The browser's own "stop sharing" button, or a cable that was pulled.
    track.onended = () => {
      if (this.#tracks.get(source) !== track) return;
      if (source === 'screen') this.stopScreen();
      else this.#drop(source, source === 'screenAudio' ? 'off' : 'missing');
    };
    this.#show(source, 'on');
  }

  #drop(source: CaptureSource, state: DeviceState): void {
    this.#next(source);
    const track = this.#tracks.get(source);
    this.#tracks.delete(source);
    track?.stop();
    this.#show(source, state);
  }

  #show(source: CaptureSource, state: DeviceState): void {
    const revision = this.#state.revision + 1;
    this.#set(source === 'screenAudio' ? { revision } : { [source]: state, revision });
  }

  async #relist(): Promise<void> {
    this.#set(await listDevices());
  }

  #set(change: Partial<Capture>): void {
    this.#state = { ...this.#state, ...change };
    this.#changed(this.#state);
  }
}
