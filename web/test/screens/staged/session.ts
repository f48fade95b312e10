// A session without server, worker and group: the real store and reducer, and pictures that are drawn. What the page wants is kept.
import type { Command } from '../../../src/e2ee/meeting/events.ts';
import type { HostCommand } from '../../../src/session/command.ts';
import { Store } from '../../../src/session/store.ts';
import { colours, painter } from '../painter.ts';

/** StagedSession is what the page needs of a session, for pictures of states that only a whole meeting brings about. */
export class StagedSession {
  readonly store = new Store();
  readonly wanted: (Command | HostCommand | { readonly type: 'beginAsOwner' })[] = [];
  readonly #pictures = new Map<string, MediaStreamTrack>();

  meeting(command: Command): void {
    this.wanted.push(command);
    this.store.dispatch({ type: 'commanded', command });
  }

  command(command: HostCommand): void {
    this.wanted.push(command);
  }

  beginAsOwner(): void {
    this.wanted.push({ type: 'beginAsOwner' });
  }

  own(source: string): MediaStreamTrack | undefined {
    return source === 'camera' ? this.#picture('me') : undefined;
  }

  received(participant: string): MediaStreamTrack | undefined {
    return this.#picture(participant);
  }

  readonly #nothing = (): void => undefined;
  readonly rename = this.#nothing;
  readonly join = this.#nothing;
  readonly leave = this.#nothing;
  readonly back = this.#nothing;
  readonly choose = this.#nothing;
  readonly openDevices = this.#nothing;
  readonly playBlocked = this.#nothing;
  readonly setCamera = this.#nothing;
  readonly setHand = this.#nothing;
  readonly setMuted = this.#nothing;
  readonly setScreen = this.#nothing;
  readonly setView = this.#nothing;

  #picture(name: string): MediaStreamTrack | undefined {
    const made = this.#pictures.get(name) ?? drawn(this.#pictures.size);
    if (made !== undefined) this.#pictures.set(name, made);
    return made;
  }
}

const { track, portrait } = painter();

function drawn(index: number): MediaStreamTrack | undefined {
  const colour = colours[(index + 1) % colours.length] ?? colours[0];
  return track(640, 360, (pen) => portrait(pen, colour));
}
