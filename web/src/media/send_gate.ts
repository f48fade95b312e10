import type { Verdict } from '../e2ee/watchdog.ts';

/** TrackSender is an RTCRtpSender, as far as it is used. */
export interface TrackSender {
  readonly track: MediaStreamTrack | null;
  replaceTrack(track: MediaStreamTrack | null): Promise<void>;
}

/**
 * SendGate lets a track out once its sender is seen to seal: until then a silent copy of it goes (black, no sound), and nothing any
 * more once frames were seen to go past the seal. The track itself stays as its owner has it, so that a preview shows it meanwhile.
 */
export class SendGate {
  readonly #sender: TrackSender;
  readonly #failed: (error: unknown) => void;
  #wanted: MediaStreamTrack | null = null;
  #verdict: Verdict = 'proving';
  #silent: { readonly of: MediaStreamTrack; readonly track: MediaStreamTrack } | undefined;
  #following: Promise<void> | undefined;

  /** failed is told of a track that the browser does not send. */
  constructor(sender: TrackSender, failed: (error: unknown) => void) {
    this.#sender = sender;
    this.#failed = failed;
  }

  /** feed sends that track, or nothing, as far as the gate is open. */
  feed(track: MediaStreamTrack | null): Promise<void> {
    this.#wanted = track;
    return this.#follow();
  }

  /** judged takes the watchdog's verdict. Broken is for good. */
  judged(verdict: Verdict): void {
    if (this.#verdict === 'broken') return;
    this.#verdict = verdict;
    if (verdict === 'broken') void this.#replace(null); // not behind a change that is under way
    void this.#follow();
  }

  /** follow makes one change after another until the sender has what is due. */
  #follow(): Promise<void> {
    this.#following ??= this.#run().finally(() => (this.#following = undefined));
    return this.#following;
  }

  async #run(): Promise<void> {
    let fine = true;
    for (let due = this.#due(); fine && due !== this.#sender.track; due = this.#due()) fine = await this.#replace(due);
    if (this.#sender.track === this.#silent?.track) return;
    this.#silent?.track.stop();
    this.#silent = undefined;
  }

  async #replace(track: MediaStreamTrack | null): Promise<boolean> {
    try {
      await this.#sender.replaceTrack(track);
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #due(): MediaStreamTrack | null {
    const wanted = this.#wanted;
    if (this.#verdict === 'broken' || wanted === null) return null;
    return this.#verdict === 'proved' ? wanted : this.#silence(wanted);
  }

  #silence(of: MediaStreamTrack): MediaStreamTrack {
    if (this.#silent?.of === of) return this.#silent.track;
    this.#silent?.track.stop();
    const track = of.clone();
    track.enabled = false;
    track.contentHint = of.contentHint;
    this.#silent = { of, track };
    return track;
  }
}
