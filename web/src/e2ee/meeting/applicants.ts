import { equal, hex } from '../policy/bytes.ts';
import { lobbyProof } from '../policy/credential.ts';
import { hostOf } from '../policy/room.ts';
import { GroupError } from '../mls/group_error.ts';
import { checkNewcomer, type Newcomer } from '../mls/newcomer.ts';
import type { Edit } from '../mls/edit.ts';
import { memberOf, type View } from '../mls/view.ts';
import type { Committer } from './committer.ts';
import { iAmHost, turnOf, type SeatContext } from './context.ts';
import type { DisplayName } from './display_name.ts';
import type { Card } from './events.ts';
import type { Roster } from './roster.ts';

/** Most who wait that are looked at; the service has a limit of its own. */
const mostWaiting = 256;

interface Waiting {
  readonly keyPackage: Uint8Array;
  readonly newcomer: Newcomer;
  readonly card: Omit<Card, keyof DisplayName>;
  admitted: boolean;
}

/** What Applicants need of the other parts. */
export interface ApplicantsParts {
  readonly committer: Committer;
  readonly roster: Roster;
  /** Is told of an identity that comes back: its leaf is not to be removed as one that has gone. */
  readonly returning: (identity: Uint8Array) => void;
}

/**
 * Applicants are those in the lobby. A stranger gets a card, and is let in by the tap of a host: as exactly the KeyPackage on the
 * card. Somebody who sits in the group already has lost the state of that leaf, and is let in again unasked: by the lowest leaf, the
 * next one a second later.
 */
export class Applicants {
  readonly #context: SeatContext;
  readonly #committer: Committer;
  readonly #roster: Roster;
  readonly #returning: (identity: Uint8Array) => void;
  readonly #waiting = new Map<string, Waiting>();

  constructor(context: SeatContext, { committer, roster, returning }: ApplicantsParts) {
    this.#context = context;
    this.#committer = committer;
    this.#roster = roster;
    this.#returning = returning;
  }

  /** came is given a KeyPackage from the lobby, and whom the server lists under it. The ref is computed, not believed. */
  async came(keyPackage: Uint8Array, participant: string): Promise<void> {
    if (this.#waiting.size >= mostWaiting) return;
    const newcomer = await this.#check(keyPackage);
    if (newcomer === undefined) return;
    const card = { ...(await this.#card(newcomer)), participant };
    this.#waiting.set(card.ref, { keyPackage, newcomer, card, admitted: false });
    if (this.#seat(newcomer) === undefined) await this.#show();
    else this.#bringBack(card.ref);
  }

  /** gone: nobody waits under that ref any more. */
  async gone(ref: Uint8Array): Promise<void> {
    const name = hex(ref);
    if (!this.#waiting.delete(name)) return;
    this.#committer.withdraw((edit) => (edit.do === 'add' || edit.do === 'rejoin') && hex(edit.newcomer.ref) === name);
    await this.#show();
  }

  /** admit lets those in whose cards were tapped. */
  async admit(refs: readonly string[]): Promise<void> {
    if (!iAmHost(this.#context)) return;
    const adds: Edit[] = [];
    for (const ref of refs) {
      const waiting = this.#waiting.get(ref);
      if (waiting === undefined || waiting.admitted) continue;
      waiting.admitted = true;
      // Once more, as it may have grown old on the card.
      const newcomer = await this.#check(waiting.keyPackage, waiting.newcomer.ref);
      if (newcomer !== undefined) adds.push({ do: 'add', newcomer });
    }
    await this.#committer.wantAll(adds, 'next');
    await this.#show();
  }

  /** dropped: nothing came of letting somebody in. Whoever waits on has a card again. */
  async dropped(edit: Edit): Promise<void> {
    const waiting = edit.do === 'add' ? this.#waiting.get(hex(edit.newcomer.ref)) : undefined;
    if (waiting === undefined) return;
    waiting.admitted = false;
    await this.#show();
  }

  /** applied: who got a leaf needs no card; whoever lost one meanwhile does. */
  async applied(view: View): Promise<void> {
    for (const [ref, { newcomer }] of this.#waiting) {
      const seat = memberOf(view, newcomer.credential.identity);
      if (seat !== undefined && equal(seat.node.signaturePublicKey, newcomer.keyPackage.leafNode.signaturePublicKey)) this.#waiting.delete(ref);
    }
    await this.#show();
  }

  async #check(keyPackage: Uint8Array, ref?: Uint8Array): Promise<Newcomer | undefined> {
    const { room, clock, suite, emit } = this.#context;
    try {
      return await checkNewcomer(room, keyPackage, clock.unix(), suite, ref);
    } catch (error) {
      if (!(error instanceof GroupError)) throw error;
      emit({ type: 'failure', failure: { what: 'badCard' } });
      return undefined;
    }
  }

  #seat(newcomer: Newcomer): number | undefined {
    return memberOf(this.#context.group.view, newcomer.credential.identity)?.leaf;
  }

  #bringBack(ref: string): void {
    const waiting = this.#waiting.get(ref);
    const leaf = waiting === undefined ? undefined : this.#seat(waiting.newcomer);
    if (waiting === undefined || leaf === undefined || leaf === this.#context.group.leaf) return;
    this.#returning(waiting.newcomer.credential.identity);
    const wait = turnOf(this.#context, this.#mayBringBack(waiting.newcomer), leaf);
    if (wait === undefined) return;
    this.#context.later(wait, async () => {
      if (this.#waiting.get(ref) === waiting && this.#seat(waiting.newcomer) !== undefined) {
        await this.#committer.want({ do: 'rejoin', newcomer: waiting.newcomer });
      }
    });
  }

  /** While a grant is in force each epoch needs a bundle, so that guests bring back hosts only. */
  #mayBringBack({ credential: { identity } }: Newcomer): 'hosts' | 'members' {
    const { room } = this.#context.group.view;
    return room.grants.length > 0 && !hostOf(room, identity) ? 'hosts' : 'members';
  }

  async #card({ ref, credential, keyPackage }: Newcomer): Promise<Omit<Waiting['card'], 'participant'>> {
    const { link, room, store } = this.#context;
    const { kind, identity, link: proof } = credential;
    const due = link === undefined ? undefined : await lobbyProof(link.secret, room, keyPackage.leafNode.signaturePublicKey);
    const linked = due !== undefined && proof !== undefined && equal(due, proof);
    return { ref: hex(ref), kind, identity, linked, pinned: await store.pinned(identity) };
  }

  /** show tells hosts who waits, named beside those who are in. */
  async #show(): Promise<void> {
    if (!iAmHost(this.#context)) return;
    const open = [...this.#waiting.values()].filter(({ admitted, newcomer }) => !admitted && this.#seat(newcomer) === undefined);
    const { others } = await this.#roster.among(open.map(({ newcomer }) => newcomer.credential));
    this.#context.emit({ type: 'cards', cards: open.map(({ card }, i) => ({ ...card, ...(others[i] ?? { name: '', twin: undefined, impostor: false }) })) });
  }
}
