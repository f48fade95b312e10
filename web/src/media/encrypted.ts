import type { Command, MeetingEvent } from '../e2ee/meeting/events.ts';
import type { Source } from '../e2ee/frame/keyid.ts';
import type { Mode } from '../e2ee/policy/charter.ts';
import type { Link } from '../e2ee/policy/link.ts';
import type { IdentityKind } from '../e2ee/store/tables.ts';
import { silentLooks, Watchdog, type Verdict } from '../e2ee/watchdog.ts';
import type { Counted } from '../e2ee/worker/messages.ts';
import { openWorker } from '../e2ee/worker/open.ts';
import { FrameWorker, type VisitWish, type WorkerEvent } from '../e2ee/worker/page.ts';
import type { MeetingTerms, Profile, VisitAnswer } from '../e2ee/worker/visit_messages.ts';
import type { CaptureSource } from './capture.ts';
import { GuardError } from './guard_error.ts';
import { Protection } from './protection.ts';

/** How long the worker may take to start, and to answer, ms. */
const startMs = 10_000;
const answerMs = 5000;
/** How long a goodbye may take, ms. */
const leaveMs = 3000;

/** What a FrameGuard tells. */
export interface GuardEvents {
  /** Everything that the meeting in the worker tells, in order. */
  readonly meeting: (event: MeetingEvent) => void;
  /** For the delivery service: the message of a `meeting`. */
  readonly send: (message: object) => void;
  /** The group is another one, and the connection has to be too: nothing goes through the old one any more. */
  readonly renew: () => void;
  /** The worker is gone and all sending cut; another guard is another leaf. */
  readonly dead: () => void;
  /** Broken: frames of that source were seen to go past the seal. This connection sends it no more. */
  readonly sender: (source: CaptureSource, verdict: Verdict) => void;
  /** Broken: that m-line shows nothing more. */
  readonly receiver: (mid: string, verdict: Verdict) => void;
  /** Whether what comes on an m-line can be opened: said after 3 s in which frames came and none could, and when they can again. */
  readonly opening: (mid: string, opens: boolean) => void;
  /** Whose frames an m-line shows now, as the keys prove it. */
  readonly heard: (mid: string, source: Source) => void;
  /** The telephone system of that grant provably sent what it was not granted. */
  readonly overstepped: (n: number) => void;
}

/** What the worker has to have told before the guard is there. */
type Early = (event: WorkerEvent) => void;

/** able tells whether this browser has transforms at all; whether it has the cryptography, FrameGuard.open finds out. */
export function able(): boolean {
  return 'RTCRtpScriptTransform' in globalThis && 'Worker' in globalThis && 'transform' in RTCRtpSender.prototype && isSecureContext;
}

/**
 * FrameGuard is the page's end of an encrypted visit. The group, its keys and all frames are in a worker; the page gives it what the
 * delivery service says and the user wants, and it sees to it that no frame passes the worker by.
 */
export class FrameGuard {
  readonly #worker: FrameWorker;
  readonly #events: GuardEvents;
  readonly #watchdog: Watchdog;
  readonly #protections = new Set<Protection>();
  #epoch = 0n;
  #fine = true;
  #unanswered = 0;
  #names = 0;
  #ended = false;

  private constructor(worker: FrameWorker, events: GuardEvents) {
    this.#worker = worker;
    this.#events = events;
    this.#watchdog = new Watchdog((patienceMs) => this.#count(patienceMs));
    this.#watchdog.start();
  }

  /** open starts the worker at that address. Errors: GuardError. */
  static async open(address: URL, events: GuardEvents): Promise<FrameGuard> {
    if (!able()) throw new GuardError('browser');
    let hear: Early = () => undefined;
    const worker = new FrameWorker(start(address), (event) => hear(event));
    try {
      await new Promise<void>((resolve, reject) => {
        setTimeout(reject, startMs, new GuardError('worker'));
        hear = ({ type }) => {
          if (type === 'ready') resolve();
          else reject(new GuardError(type === 'unable' ? 'browser' : 'worker'));
        };
      });
    } catch (error) {
      worker.close();
      throw error;
    }
    const guard = new FrameGuard(worker, events);
    hear = (event) => guard.#hear(event);
    return guard;
  }

  /** profile is what this browser is in a room; its identity is made where there is none. Errors: GuardError worker. */
  async profile(room: string, kind: IdentityKind): Promise<Profile> {
    return given((await this.#ask({ type: 'profile', room, kind })).profile);
  }

  /** ownLink is what the owner of a room hands on; its secret is made once and kept. Errors: GuardError worker. */
  async ownLink(room: string, mode: Mode): Promise<Link> {
    return given((await this.#ask({ type: 'link', room, mode })).link);
  }

  /** begin starts the meeting. Once more, it takes the place of the first, as when a user begins as the new owner. */
  begin(terms: MeetingTerms): void {
    this.#worker.tell({ type: 'begin', terms });
  }

  /** receive takes a message of the delivery service, as it came. */
  receive(message: unknown): void {
    this.#worker.tell({ type: 'receive', message });
  }

  /** disconnected: the connection to the delivery service broke. */
  disconnected(): void {
    this.#worker.tell({ type: 'disconnected' });
  }

  /** command passes on what the user wants. */
  command(command: Exclude<Command, { readonly type: 'leave' | 'seen' | 'watchdog' }>): void {
    this.#worker.tell({ type: 'command', command });
  }

  /** leave says goodbye and forgets who a guest was. Done when all that is to be sent was given to send, or it took too long. */
  async leave(): Promise<void> {
    if (!this.#ended) await this.#worker.ask({ type: 'leave' }, leaveMs);
  }

  /** protect guards a connection from its first transceiver to its end. */
  protect(connection: RTCPeerConnection): Protection {
    const protection: Protection = new Protection(connection, {
      name: String(++this.#names), worker: this.#worker, watchdog: this.#watchdog, epoch: () => this.#epoch,
      sender: (source, verdict) => {
        this.#judge();
        this.#events.sender(source, verdict);
      },
      receiver: (mid, verdict) => this.#events.receiver(mid, verdict),
      opening: (mid, opens) => this.#events.opening(mid, opens),
      closed: () => {
        this.#protections.delete(protection);
        this.#judge();
      },
    });
    this.#protections.add(protection);
    return protection;
  }

  /** close ends the worker, and with it whatever is still sent. */
  close(): void {
    this.#ended = true;
    this.#watchdog.stop();
    this.#retire();
    this.#worker.close();
  }

  #hear(event: WorkerEvent): void {
    if (this.#ended) return;
    switch (event.type) {
      case 'event':
        if (event.event.type === 'roster' || event.event.type === 'joined') this.#turn(event.event.epoch);
        this.#events.meeting(event.event);
        break;
      case 'send':
        this.#events.send(event.message);
        break;
      case 'renew':
        this.#epoch = 0n;
        this.#retire();
        this.#events.renew();
        break;
      case 'source': {
        const mid = [...this.#protections].map((protection) => protection.midOf(event.id)).find((found) => found !== undefined);
        if (mid !== undefined) this.#events.heard(mid, event.source);
        break;
      }
      case 'overstepped':
        this.#events.overstepped(event.n);
        break;
      case 'dead':
        this.#die();
        break;
      case 'proved': // the watchdog counts by itself, and says when both agree
      case 'ready':
      case 'unable':
        break;
    }
  }

  #turn(epoch: bigint): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    for (const protection of this.#protections) protection.turned();
  }

  /** retire ends every connection that there is: its transforms let nothing through any more. */
  #retire(): void {
    for (const protection of [...this.#protections]) protection.close();
  }

  /** judge tells the meeting whether sending can be trusted. */
  #judge(): void {
    const fine = [...this.#protections].every((protection) => protection.fine);
    if (fine === this.#fine || this.#ended) return;
    this.#fine = fine;
    this.#worker.tell({ type: 'command', command: { type: 'watchdog', fine } });
  }

  async #count(patienceMs: number): Promise<Counted | undefined> {
    const counted = await this.#worker.count(patienceMs);
    this.#unanswered = counted === undefined ? this.#unanswered + 1 : 0;
    if (this.#unanswered >= silentLooks) this.#die();
    if (counted !== undefined) for (const protection of this.#protections) protection.counted(counted.tracks, performance.now());
    return counted;
  }

  #die(): void {
    if (this.#ended) return;
    this.close();
    this.#events.dead();
  }

  async #ask(wish: VisitWish): Promise<VisitAnswer> {
    return given(await this.#worker.ask(wish, answerMs));
  }
}

function start(address: URL): Worker {
  try {
    return openWorker(address);
  } catch {
    throw new GuardError('worker'); // a policy that the page was served with
  }
}

function given<T>(answer: T | undefined): T {
  if (answer === undefined) throw new GuardError('worker');
  return answer;
}
