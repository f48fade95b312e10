// A session without server, worker and group: the real store and reducer, and pictures that are drawn. What the page wants is kept.
import type { Command } from '../../../src/e2ee/meeting/events.ts';
import type { HostCommand } from '../../../src/session/command.ts';
import { Store } from '../../../src/session/store.ts';

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
    const made = this.#pictures.get(name) ?? portrait(this.#pictures.size);
    if (made !== undefined) this.#pictures.set(name, made);
    return made;
  }
}

const lights = [[94, 84, 142], [38, 90, 103], [120, 94, 60], [60, 100, 80], [90, 60, 70]] as const;

function portrait(index: number): MediaStreamTrack | undefined {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const [r, g, b] = lights[index % lights.length] ?? lights[0];
  const paint = (): void => {
    const pen = canvas.getContext('2d');
    if (pen === null) return;
    pen.fillStyle = `rgb(${r + 40} ${g + 40} ${b + 40})`;
    pen.fillRect(0, 0, 640, 360);
    pen.fillStyle = `rgb(${r / 3 + 150} ${g / 3 + 110} ${b / 3 + 90})`;
    pen.beginPath();
    pen.arc(320, 150, 70, 0, 7);
    pen.fill();
    pen.fillStyle = `rgb(${r / 2} ${g / 2} ${b / 2})`;
    pen.beginPath();
    pen.ellipse(320, 380, 150, 150, 0, 0, 7);
    pen.fill();
  };
  paint();
  setInterval(paint, 200);
  return canvas.captureStream(5).getVideoTracks()[0];
}
