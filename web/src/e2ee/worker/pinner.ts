import type { Command, MeetingEvent, RosterEntry } from '../meeting/events.ts';
import type { Acquaintance } from '../meeting/ports.ts';
import { hex } from '../policy/bytes.ts';

/**
 * Pinner decides whose account is known from now on: theirs who came by our invitation link, and theirs with whom people found the
 * code to be the same. To have met somebody is no reason.
 */
export class Pinner {
  readonly #pin: (somebody: Acquaintance) => Promise<void>;
  #members: readonly RosterEntry[] = [];
  #self: number | undefined;
  #epoch: bigint | undefined;
  /** Identities that were pinned here: the roster goes on calling them new. */
  readonly #pinned = new Set<string>();
  /** Leaves of the code that was shown last. */
  #compared: readonly number[] = [];

  constructor(pin: (somebody: Acquaintance) => Promise<void>) {
    this.#pin = pin;
  }

  /** event takes what the meeting tells. */
  event(event: MeetingEvent): void {
    if (event.type === 'shortCode') this.#compared = event.phase === 'done' ? event.leaves : [];
    if (event.type === 'longCode') this.#compared = event.epoch === this.#epoch ? this.#members.map(({ leaf }) => leaf) : [];
    if (event.type !== 'roster') return;
    if (event.epoch !== this.#epoch) this.#compared = []; // a code is of one epoch
    this.#epoch = event.epoch;
    this.#members = event.members;
    this.#self = event.self;
    this.#keep(({ linked }) => linked);
  }

  /** command takes what the user wants. */
  command(command: Command): void {
    if (command.type !== 'codesMatch') return;
    const leaves = new Set(this.#compared);
    this.#compared = [];
    if (command.match) this.#keep(({ leaf }) => leaves.has(leaf));
  }

  #keep(known: (member: RosterEntry) => boolean): void {
    for (const member of this.#members) {
      const { leaf, kind, pinned, identity, name } = member;
      if (leaf === this.#self || kind !== 'account' || pinned !== undefined || this.#pinned.has(hex(identity)) || !known(member)) continue;
      this.#pinned.add(hex(identity));
      void this.#pin({ identity, name });
    }
  }
}
