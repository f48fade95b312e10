import type { FrameGuard, GuardEvents } from '../media/encrypted.ts';
import { GuardError } from '../media/guard_error.ts';
import type { Command, MeetingEvent } from '../e2ee/meeting/events.ts';
import type { FoundingTerms } from '../e2ee/meeting/founding.ts';
import { equal, type Bytes } from '../e2ee/policy/bytes.ts';
import type { Link } from '../e2ee/policy/link.ts';
import { gatewayFingerprint } from '../e2ee/policy/signing.ts';
import type { ServerMeeting, Welcome } from '../protocol/messages.ts';
import { autoAdmitted } from './auto_admit.ts';
import type { EncryptionFault, Finding } from './encryption.ts';
import type { EncryptionChange, SessionEvent } from './event.ts';
import { foundingTerms, standingOf } from './owner.ts';
import { isHostLink } from './invitation.ts';
import { sawMode } from './seen_rooms.ts';
import type { Invitation, State } from './state.ts';

/** A worker that dies again within this time is given up, ms. */
const livesMs = 60_000;

/** What an EncryptedVisit needs of the session, and what it tells it. */
export interface VisitEnds {
  /** Starts the worker. Errors: GuardError. */
  readonly guard: (events: GuardEvents) => Promise<FrameGuard>;
  readonly state: () => State;
  readonly dispatch: (event: SessionEvent) => void;
  readonly send: (message: object) => void;
  /** Another group, or another worker: the media connection has to be made anew, or ended where there is no guard any more. */
  readonly renew: () => void;
  /** The worker died: the stay has to begin anew, so that the service greets the next one. */
  readonly anew: () => void;
  readonly fault: (fault: EncryptionFault) => void;
  /** A commit put us out; replaced: by another tab of this very browser. */
  readonly removed: (replaced: boolean) => void;
  /** Monotonic, ms. */
  readonly now: () => number;
}

/**
 * EncryptedVisit is the page's side of the meeting behind an encrypted room, for one visit: it starts the worker that the meeting
 * lives in, decides whether this browser may begin one, and passes words to and fro. It sees no key.
 */
export class EncryptedVisit {
  readonly #ends: VisitEnds;
  #guard: FrameGuard | undefined;
  #opening = false;
  #leaving = false;
  #closed = false;
  /** Messages of the service that came before the worker was up. */
  #early: unknown[] = [];
  #welcome: Welcome | undefined;
  #identity: Bytes | undefined;
  #diedAt = -Infinity;

  constructor(ends: VisitEnds) {
    this.#ends = ends;
  }

  /** guard protects the media connection; without one there is none. */
  get guard(): FrameGuard | undefined {
    return this.#guard;
  }

  /** welcomed starts the meeting at the first welcome, or goes on with it. The welcome was checked. */
  welcomed(welcome: Welcome): void {
    this.#welcome = welcome;
    if (this.#guard === undefined && !this.#opening) void this.#open();
  }

  /** receive takes a message of the delivery service. */
  receive({ message }: ServerMeeting): void {
    if (this.#guard === undefined) this.#early.push(message);
    else this.#guard.receive(message);
  }

  /** broke: the connection to the gateway broke; what was not passed on yet is said anew after the next greeting. */
  broke(): void {
    this.#early = [];
    this.#guard?.disconnected();
  }

  /** command passes on what the user wants; leaving has its own way, and what is seen of frames is the guard's. */
  command(command: Command): void {
    if (command.type === 'leave' || command.type === 'seen' || command.type === 'watchdog') return;
    this.#guard?.command(command);
    this.#ends.dispatch({ type: 'commanded', command });
  }

  /** beginAsOwner begins a meeting though the gateway knows another owner: the user has said so. */
  beginAsOwner(): void {
    const { state } = this.#ends;
    const guard = this.#guard;
    const identity = this.#identity;
    if (state().encryption?.mayBegin !== true || identity === undefined || guard === undefined) return;
    this.#change({ mayBegin: false });
    void this.#found(guard, identity, state().encryption?.link).catch((error: unknown) => this.#failed(error));
  }

  /** leave says goodbye to the meeting; done when that is on its way, or after three seconds. */
  async leave(): Promise<void> {
    this.#leaving = true;
    await this.#guard?.leave();
  }

  /** restart ends the worker; the next welcome starts another, with another leaf. */
  restart(): void {
    this.#guard?.close();
    this.#guard = undefined;
    this.#early = [];
    this.#ends.dispatch({ type: 'met', event: { type: 'phase', phase: 'connecting' } });
  }

  /** close ends the worker. */
  close(): void {
    this.#closed = true;
    this.#guard?.close();
    this.#guard = undefined;
  }

  async #open(): Promise<void> {
    this.#opening = true;
    try {
      const guard = await this.#ends.guard(this.#events());
      if (this.#closed) {
        guard.close();
        return;
      }
      this.#guard = guard;
      for (const message of this.#early.splice(0)) guard.receive(message);
      await this.#start(guard);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#opening = false;
    }
  }

  #failed(error: unknown): void {
    if (!this.#closed) this.#ends.fault(error instanceof GuardError ? error.fault : 'worker');
  }

  async #start(guard: FrameGuard): Promise<void> {
    const { welcome, invitation } = this.#here();
    const host = isHostLink(invitation);
    const { identity, kept, link: made } = await guard.profile(invitation.room, host ? 'account' : 'guest');
    const { encryption, room: { mode } } = welcome;
    if (encryption === undefined || mode === 'open') return;
    // Whoever once owned the room holds it to that, also when it comes by a link without a fingerprint.
    const link = invitation.link ?? (made === undefined ? undefined : { ...made, mode });
    const { owner, mayBegin, mayFound, foreign } = await standingOf(encryption, { host, identity, link });
    if (this.#closed || this.#guard !== guard) return;
    if (foreign) {
      this.#ends.fault('owner');
      return;
    }
    this.#identity = identity;
    this.#change({ owner, mayBegin, kept, gatewayFingerprint: encryption.gatewayFingerprint, ...(link === undefined ? {} : { link }) });
    if (mayFound) await this.#found(guard, identity, link);
    else this.#begin(guard, link, undefined);
  }

  /** found begins as the owner. Our own link is there before anybody can come by it. */
  async #found(guard: FrameGuard, identity: Bytes, link: Link | undefined): Promise<void> {
    const { welcome, invitation } = this.#here();
    const { mode } = welcome.room;
    const own = link ?? (mode === 'open' ? undefined : await guard.ownLink(invitation.room, mode));
    this.#begin(guard, link, foundingTerms(identity, welcome, own));
  }

  #begin(guard: FrameGuard, link: Link | undefined, founding: FoundingTerms | undefined): void {
    if (this.#closed || this.#guard !== guard) return;
    const { invitation } = this.#here();
    const { name } = this.#ends.state();
    const claim = { kind: isHostLink(invitation) ? 'account' : 'guest', name: name.trim(), subject: '' } as const;
    guard.begin({ room: invitation.room, claim, ...(link === undefined ? {} : { link }), ...(founding === undefined ? {} : { founding }) });
  }

  #events(): GuardEvents {
    const { send, renew } = this.#ends;
    return {
      meeting: (event) => this.#heard(event),
      send,
      renew: () => {
        this.#tell({ what: 'renewed' });
        renew();
      },
      dead: () => this.#died(),
      sender: (source, verdict) => {
        if (verdict === 'broken') this.#tell({ what: 'sender', source });
      },
      receiver: (mid, verdict) => {
        if (verdict === 'broken') this.#tell({ what: 'receiver', mid });
      },
      opening: (mid, opens) => this.#tell({ what: 'opening', mid, opens }),
      heard: () => undefined, // who is heard is told by the group and the slots
      overstepped: (n) => this.#tell({ what: 'overstepped', n }),
    };
  }

  #heard(event: MeetingEvent): void {
    if (this.#closed) return;
    const before = this.#ends.state().encryption;
    this.#ends.dispatch({ type: 'met', event });
    if (event.type === 'removed') {
      this.#ends.removed(event.replaced);
      return;
    }
    if (event.type === 'phase' && event.phase === 'out' && !this.#leaving) {
      this.#ends.fault('worker'); // an error that nothing foresaw: what state the group is in is not known
      return;
    }
    if (event.type === 'policy') void this.#agreed(event.policy, before?.policy?.gateways[0]);
    if (event.type === 'cards' || event.type === 'roster') this.#admit();
  }

  /** agreed learns from the policy what the gateway could only claim. */
  async #agreed({ owner, gateways, mode }: Extract<MeetingEvent, { type: 'policy' }>['policy'], known: Bytes | undefined): Promise<void> {
    const { invitation } = this.#here();
    sawMode(invitation.room, mode);
    const [gateway] = gateways;
    if (gateway !== undefined && (known === undefined || !equal(known, gateway))) {
      this.#change({ gatewayFingerprint: await gatewayFingerprint(gateway) });
    }
    const mine = this.#identity !== undefined && equal(owner, this.#identity);
    const shown = this.#ends.state().encryption;
    if (!mine || shown === undefined) return;
    if (!shown.owner.mine) this.#change({ owner: { ...shown.owner, known: true, mine } });
    // Who came by a link hands on that one, though it be the owner: all with one link see who else has it.
    if (invitation.link !== undefined || shown.link?.mode === mode) return;
    const link = await this.#guard?.ownLink(invitation.room, mode);
    if (link !== undefined) this.#change({ link });
  }

  /** admit lets in by itself, where the room has no lobby. */
  #admit(): void {
    const { encryption, invitation } = this.#ends.state();
    if (this.#welcome?.encryption?.autoAdmit !== true || encryption === undefined) return;
    const refs = autoAdmitted(encryption, invitation?.link);
    if (refs.length > 0) this.#guard?.command({ type: 'admit', refs });
  }

  #died(): void {
    if (this.#closed) return;
    const now = this.#ends.now();
    const again = now - this.#diedAt < livesMs;
    this.#diedAt = now;
    if (again) {
      this.#guard?.close();
      this.#guard = undefined;
      this.#ends.fault('worker');
      return;
    }
    // Counters are never made again: another leaf, in another worker.
    this.#ends.anew();
  }

  #tell(finding: Finding): void {
    if (!this.#closed) this.#ends.dispatch({ type: 'guarded', finding });
  }

  #change(change: EncryptionChange): void {
    if (!this.#closed) this.#ends.dispatch({ type: 'encryptionChanged', change });
  }

  /** here is where the visit goes: both are known before anything is started. */
  #here(): { readonly welcome: Welcome; readonly invitation: Invitation } {
    const { invitation } = this.#ends.state();
    if (this.#welcome === undefined || invitation === undefined) throw new GuardError('worker');
    return { welcome: this.#welcome, invitation };
  }
}
