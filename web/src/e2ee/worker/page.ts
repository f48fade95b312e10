import type { Kind, Medium } from '../frame/kind.ts';
import type { Expected } from '../frame/opener.ts';
import type { Counted, FromWorker, ToWorker, TransformOptions } from './messages.ts';
import type { ToVisit, VisitAnswer, VisitQuestion } from './visit_messages.ts';

/** WorkerEvent is what the page hears unasked; `dead`: the worker is gone, and with it the leaf. */
export type WorkerEvent = Exclude<FromWorker, Counted | VisitAnswer> | { readonly type: 'dead' };

/** VisitWish is a question before it has its number. */
export type VisitWish = VisitQuestion extends infer Q ? (Q extends VisitQuestion ? Omit<Q, 'request'> : never) : never;

/** What is told and not asked. */
export type Told = Exclude<ToVisit, VisitQuestion>;

type Answer = Counted | VisitAnswer;

/** FrameWorker is the page's end of the media worker. */
export class FrameWorker {
  readonly #worker: Worker;
  readonly #asked = new Map<number, (answer: Answer | undefined) => void>();
  #request = 0;
  #generation = 1;

  /** event is called for what comes from the worker, until close. */
  constructor(worker: Worker, event: (event: WorkerEvent) => void) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'counted' || data.type === 'answer') {
        this.#answer(data.request, data);
        return;
      }
      if (data.type === 'renew') this.#generation = data.generation;
      event(data);
    });
    worker.addEventListener('error', () => event({ type: 'dead' }));
    worker.addEventListener('messageerror', () => event({ type: 'dead' }));
  }

  /**
   * protectSender seals what a sender sends. It has to be called in the same task as addTransceiver: a browser ignores a
   * transform that is set later, without a word, and sends in clear.
   */
  protectSender(sender: RTCRtpSender, id: string, kind: Kind, track: number): void {
    sender.transform = this.#transform({ side: 'send', id, generation: this.#generation, kind, track });
  }

  /** protectReceiver opens what a receiver receives, likewise. */
  protectReceiver(receiver: RTCRtpReceiver, id: string, medium: Medium): void {
    receiver.transform = this.#transform({ side: 'receive', id, generation: this.#generation, medium });
  }

  /** expect has a receiver show that, or nothing. epoch is the latest that the page knew when it chose. */
  expect(id: string, epoch: bigint, expected: Expected | undefined): void {
    this.#say({ type: 'expect', id, epoch, expected });
  }

  /** formats tells the payload types of a sender or receiver once they are negotiated. */
  formats(id: string, codecs: readonly { readonly payloadType: number; readonly mimeType: string }[]): void {
    this.#say({ type: 'formats', id, mimeTypes: Object.fromEntries(codecs.map((c) => [c.payloadType, c.mimeType])) });
  }

  /** forget tells that the connection of these is over. */
  forget(ids: readonly string[]): void {
    this.#say({ type: 'forget', ids });
  }

  /** count asks for the counters; undefined when there is no answer within the time, ms. */
  async count(patienceMs: number): Promise<Counted | undefined> {
    const answer = await this.#ask(patienceMs, (request) => ({ type: 'count', request }));
    return answer?.type === 'counted' ? answer : undefined;
  }

  /** tell says something of the meeting. */
  tell(told: Told): void {
    this.#say(told);
  }

  /** ask has an answer; undefined when there is none within the time, ms. */
  async ask(wish: VisitWish, patienceMs: number): Promise<VisitAnswer | undefined> {
    const answer = await this.#ask(patienceMs, (request) => ({ ...wish, request }));
    return answer?.type === 'answer' ? answer : undefined;
  }

  /** close ends the worker: nothing more is sent by its transforms. */
  close(): void {
    this.#worker.terminate();
    for (const request of this.#asked.keys()) this.#answer(request, undefined);
  }

  #ask(patienceMs: number, question: (request: number) => ToWorker): Promise<Answer | undefined> {
    const request = ++this.#request;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer(request, undefined), patienceMs);
      this.#asked.set(request, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#say(question(request));
    });
  }

  #answer(request: number, answer: Answer | undefined): void {
    const asked = this.#asked.get(request);
    this.#asked.delete(request);
    asked?.(answer);
  }

  #transform(options: TransformOptions): RTCRtpScriptTransform {
    return new RTCRtpScriptTransform(this.#worker, options);
  }

  #say(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
