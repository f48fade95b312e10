import type { Kind, Medium } from '../frame/kind.ts';
import type { Expected } from '../frame/opener.ts';
import type { Counted, FromWorker, ToWorker, TransformOptions } from './messages.ts';

/** WorkerEvent is what the page hears unasked; `dead`: the worker is gone, and with it the leaf. */
export type WorkerEvent = Exclude<FromWorker, Counted> | { readonly type: 'dead' };

/** FrameWorker is the page's end of the media worker. */
export class FrameWorker {
  readonly #worker: Worker;
  readonly #asked = new Map<number, (counted: Counted | undefined) => void>();
  #request = 0;

  /** event is called for what comes from the worker, until close. */
  constructor(worker: Worker, event: (event: WorkerEvent) => void) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'counted') this.#answer(data.request, data);
      else event(data);
    });
    worker.addEventListener('error', () => event({ type: 'dead' }));
  }

  /**
   * protectSender seals what a sender sends. It has to be called in the same task as addTransceiver: a browser ignores a
   * transform that is set later, without a word, and sends in clear.
   */
  protectSender(sender: RTCRtpSender, id: string, kind: Kind, track: number): void {
    sender.transform = this.#transform({ side: 'send', id, kind, track });
  }

  /** protectReceiver opens what a receiver receives, likewise. */
  protectReceiver(receiver: RTCRtpReceiver, id: string, medium: Medium): void {
    receiver.transform = this.#transform({ side: 'receive', id, medium });
  }

  expect(id: string, epoch: bigint, expected: Expected | undefined): void {
    this.#say({ type: 'expect', id, epoch, expected });
  }

  /** formats tells the payload types of a sender or receiver once they are negotiated. */
  formats(id: string, codecs: readonly { readonly payloadType: number; readonly mimeType: string }[]): void {
    this.#say({ type: 'formats', id, mimeTypes: Object.fromEntries(codecs.map((c) => [c.payloadType, c.mimeType])) });
  }

  silence(kinds: readonly Kind[]): void {
    this.#say({ type: 'silence', kinds });
  }

  /** goOn is the user's word after a question that named that epoch. */
  goOn(epoch: bigint): void {
    this.#say({ type: 'continue', epoch });
  }

  /** count asks for the counters; undefined when there is no answer within the time, ms. */
  count(patienceMs: number): Promise<Counted | undefined> {
    const request = ++this.#request;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer(request, undefined), patienceMs);
      this.#asked.set(request, (counted) => {
        clearTimeout(timer);
        resolve(counted);
      });
      this.#say({ type: 'count', request });
    });
  }

  /** close ends the worker: nothing more is sent by its transforms. */
  close(): void {
    this.#worker.terminate();
    for (const request of this.#asked.keys()) this.#answer(request, undefined);
  }

  #answer(request: number, counted: Counted | undefined): void {
    this.#asked.get(request)?.(counted);
    this.#asked.delete(request);
  }

  #transform(options: TransformOptions): RTCRtpScriptTransform {
    return new RTCRtpScriptTransform(this.#worker, options);
  }

  #say(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
