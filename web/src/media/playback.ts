import type { SlotItem } from '../protocol/messages.ts';

/**
 * Plays what comes in: one audio element for each audio slot, in the document, so that a person can see and a test can
 * tap them: <audio data-slot="MID" data-participant="ID" data-source="microphone">.
 */
export class Playback {
  readonly #home: HTMLElement;
  readonly #blocked: (blocked: boolean) => void;
  readonly #elements = new Map<string, HTMLAudioElement>();
  #speaker = '';

  constructor(home: HTMLElement, blocked: (blocked: boolean) => void) {
    this.#home = home;
    this.#blocked = blocked;
  }

  /** show makes the elements fit the slots; track gives what a slot receives. */
  show(slots: readonly SlotItem[], track: (mid: string) => MediaStreamTrack | undefined): void {
    const seen = new Set<string>();
    for (const slot of slots) {
      const received = track(slot.mid);
      if (received?.kind !== 'audio') continue;
      seen.add(slot.mid);
      const element = this.#elements.get(slot.mid) ?? this.#add(slot.mid);
      element.dataset['participant'] = slot.participant;
      element.dataset['source'] = slot.source ?? '';
      const current = element.srcObject instanceof MediaStream ? element.srcObject.getTracks()[0] : undefined;
      if (current !== received) {
        element.srcObject = new MediaStream([received]);
        void this.#play(element);
      }
    }
    for (const [mid, element] of this.#elements) {
      if (seen.has(mid)) continue;
      element.srcObject = null;
      element.remove();
      this.#elements.delete(mid);
    }
  }

  /** resume plays what the browser held back; call it from a click. */
  resume(): void {
    this.#blocked(false);
    for (const element of this.#elements.values()) void this.#play(element);
  }

  setSpeaker(id: string): void {
    if (id === this.#speaker) return;
    this.#speaker = id;
    for (const element of this.#elements.values()) void this.#route(element);
  }

  #add(mid: string): HTMLAudioElement {
    const element = document.createElement('audio');
    element.autoplay = true;
    element.dataset['slot'] = mid;
    this.#elements.set(mid, element);
    this.#home.append(element);
    if (this.#speaker !== '') void this.#route(element);
    return element;
  }

  async #play(element: HTMLAudioElement): Promise<void> {
    try {
      await element.play();
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.#blocked(true);
    }
  }

  async #route(element: HTMLAudioElement): Promise<void> {
    if (!('setSinkId' in element)) return;
    try {
      await element.setSinkId(this.#speaker);
    } catch {
      // The chosen speaker is gone: the browser goes on with its default one.
    }
  }
}
