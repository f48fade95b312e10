// Which rooms this browser has seen encrypted, and how closed at most: a server cannot call such a room open without a question to
// the user. The rooms' numbers only; what else is kept of a meeting is the worker's.
import { looser, modes, type Mode } from '../e2ee/policy/charter.ts';

const prefix = 'legroom.strictest.';

/** strictestSeen is the most closed mode that this browser has seen the room in. */
export function strictestSeen(room: string): Mode | undefined {
  try {
    return modes.find((mode) => mode === localStorage.getItem(prefix + room));
  } catch {
    return undefined; // storage is switched off: every visit is the first
  }
}

/** sawMode remembers the mode of a room's meeting, where it is not looser than what is known. */
export function sawMode(room: string, mode: Mode): void {
  const known = strictestSeen(room);
  if (known !== undefined && looser(mode, known)) return;
  try {
    localStorage.setItem(prefix + room, mode);
  } catch {
    // Storage is switched off or full: the next visit has to trust.
  }
}
