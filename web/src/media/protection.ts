import { mediumOf, type Medium } from '../e2ee/frame/kind.ts';
import type { Expected } from '../e2ee/frame/opener.ts';
import { looked, open, passageOf, type Opening } from '../e2ee/opening.ts';
import type { Verdict, Watchdog } from '../e2ee/watchdog.ts';
import type { TrackCount } from '../e2ee/worker/messages.ts';
import type { FrameWorker } from '../e2ee/worker/page.ts';
import type { CaptureSource } from './capture.ts';
import { kindOf, onlyTrack } from './expected.ts';
import { SendGate } from './send_gate.ts';
import { SharedStats } from './shared_stats.ts';

/** What a Protection needs and tells. */
export interface ProtectionParts {
  /** Begins the names of its senders and receivers: no two of a worker are alike, ever. */
  readonly name: string;
  readonly worker: FrameWorker;
  readonly watchdog: Watchdog;
  /** The latest epoch that the page knows of. */
  readonly epoch: () => bigint;
  readonly sender: (source: CaptureSource, verdict: Verdict) => void;
  readonly receiver: (mid: string, verdict: Verdict) => void;
  /** Whether what comes on an m-line can be opened, each time that it is otherwise. */
  readonly opening: (mid: string, opens: boolean) => void;
  readonly closed: () => void;
}

interface Receiver {
  readonly id: string;
  readonly transceiver: RTCRtpTransceiver;
  verdict: Verdict;
  opening: Opening;
  counted: TrackCount | undefined;
}

interface Wanted {
  readonly expected: Expected | undefined;
  readonly epoch: bigint;
  /** When it was said, ms. */
  readonly at: number;
}

/** How long a commit may take from the gateway through the worker to the page, ms. */
const onTheWayMs = 2000;

/** Protection is the guard of one connection: what it sends is sealed or not sent, and what it receives is opened or not shown. */
export class Protection {
  readonly #parts: ProtectionParts;
  readonly #stats: SharedStats;
  readonly #senders = new Map<CaptureSource, { readonly id: string; readonly transceiver: RTCRtpTransceiver; readonly gate: SendGate }>();
  readonly #receivers: Receiver[] = [];
  /** By m-line. */
  readonly #wanted = new Map<string, Wanted>();
  readonly #unwatch: (() => void)[] = [];
  readonly #broken = new Set<CaptureSource>();
  #closed = false;

  constructor(connection: RTCPeerConnection, parts: ProtectionParts) {
    this.#parts = parts;
    this.#stats = new SharedStats(connection);
  }

  /** fine tells that nothing was seen to go past the seal. */
  get fine(): boolean {
    return this.#broken.size === 0;
  }

  /** sender has a source sealed. Call it in the task that added the transceiver. Tracks go through the gate, and no other way. */
  sender(transceiver: RTCRtpTransceiver, source: CaptureSource, failed: (error: unknown) => void): SendGate {
    const { name, worker, watchdog } = this.#parts;
    const { sender } = transceiver;
    const id = `${name} ${source}`;
    const kind = kindOf[source];
    worker.protectSender(sender, id, kind, onlyTrack);
    const gate = new SendGate(sender, failed);
    this.#senders.set(source, { id, transceiver, gate });
    this.#unwatch.push(watchdog.watch({
      id, side: 'send', medium: mediumOf(kind),
      stats: () => this.#stats.of(transceiver.mid, sender),
      cut: () => this.#cut(source),
      verdict: (verdict) => {
        gate.judged(verdict);
        this.#parts.sender(source, verdict);
      },
    }));
    return gate;
  }

  /** receiver has an m-line opened. Call it in the task that added the transceiver. It shows nothing until something is expected. */
  receiver(transceiver: RTCRtpTransceiver, medium: Medium): void {
    const { name, worker, watchdog } = this.#parts;
    const { receiver } = transceiver;
    const id = `${name} ${medium} ${this.#receivers.length}`;
    worker.protectReceiver(receiver, id, medium);
    const entry: Receiver = { id, transceiver, verdict: 'proving', opening: open, counted: undefined };
    this.#receivers.push(entry);
    this.#unwatch.push(watchdog.watch({
      id, side: 'receive', medium,
      stats: () => this.#stats.of(transceiver.mid, receiver),
      cut: () => (receiver.track.enabled = false),
      verdict: (verdict) => {
        entry.verdict = verdict;
        this.#parts.receiver(transceiver.mid ?? '', verdict);
      },
    }));
  }

  /** negotiated tells the worker which payload types there are, and what is expected on m-lines that had no name before. */
  negotiated(): void {
    const { worker } = this.#parts;
    if (this.#closed) return;
    for (const { id, transceiver } of this.#senders.values()) worker.formats(id, transceiver.sender.getParameters().codecs);
    for (const { id, transceiver } of this.#receivers) worker.formats(id, transceiver.receiver.getParameters().codecs);
    for (const [mid, wanted] of this.#wanted) this.#tell(mid, wanted);
  }

  /** expect has an m-line show that and nothing else. */
  expect(mid: string, expected: Expected | undefined): void {
    const before = this.#wanted.get(mid);
    if (this.#closed) return;
    const wanted = { expected, epoch: this.#parts.epoch(), at: performance.now() };
    // The same leaf may be somebody else's in another epoch: then it is another wish.
    if (before !== undefined && before.epoch === wanted.epoch && same(before.expected, expected)) return;
    this.#wanted.set(mid, wanted);
    this.#tell(mid, wanted);
    // What came there was somebody else's.
    const receiver = this.#receiver(mid);
    if (receiver !== undefined && !same(before?.expected, expected)) this.#know(receiver, open);
  }

  /** counted takes what the worker counted, and when, ms. */
  counted(tracks: readonly TrackCount[], at: number): void {
    for (const receiver of this.#receivers) {
      const now = tracks.find(({ id }) => id === receiver.id);
      if (now === undefined) continue;
      const shown = this.#wanted.get(receiver.transceiver.mid ?? '')?.expected !== undefined;
      this.#know(receiver, shown ? looked(receiver.opening, passageOf(at, receiver.counted, now)) : open);
      receiver.counted = now;
    }
  }

  /**
   * turned tells that the page knows of another epoch. What was said a moment ago may have been said of it, and been taken for one of
   * somebody who left that leaf.
   */
  turned(): void {
    const epoch = this.#parts.epoch();
    for (const [mid, wanted] of this.#wanted) {
      if (wanted.epoch !== epoch && performance.now() - wanted.at < onTheWayMs) this.expect(mid, wanted.expected);
    }
  }

  /** shows tells whether what an m-line receives may be drawn or played. */
  shows(mid: string): boolean {
    return !this.#closed && this.#wanted.get(mid)?.expected !== undefined && this.#receiver(mid)?.verdict !== 'broken';
  }

  /** midOf is the m-line of a receiver by its name with the worker. */
  midOf(id: string): string | undefined {
    return this.#receivers.find((receiver) => receiver.id === id)?.transceiver.mid ?? undefined;
  }

  /** close ends all sending for good, and the watch. The connection itself is closed by its owner. It may be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    for (const { gate } of this.#senders.values()) gate.judged('broken');
    this.#parts.worker.forget([...this.#senders.values(), ...this.#receivers].map(({ id }) => id));
    this.#parts.closed();
  }

  #cut(source: CaptureSource): void {
    this.#broken.add(source);
    this.#senders.get(source)?.gate.judged('broken');
  }

  #receiver(mid: string): Receiver | undefined {
    return this.#receivers.find(({ transceiver }) => transceiver.mid === mid);
  }

  #know(receiver: Receiver, opening: Opening): void {
    const { shut } = receiver.opening;
    receiver.opening = opening;
    if (opening.shut !== shut && !this.#closed) this.#parts.opening(receiver.transceiver.mid ?? '', shut);
  }

  #tell(mid: string, { expected, epoch }: Wanted): void {
    const receiver = this.#receiver(mid);
    if (receiver !== undefined) this.#parts.worker.expect(receiver.id, epoch, expected);
  }
}

function same(a: Expected | undefined, b: Expected | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
