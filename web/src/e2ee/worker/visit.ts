import { Meeting } from '../meeting/meeting.ts';
import type { MeetingEvent } from '../meeting/events.ts';
import type { Clock, Media } from '../meeting/ports.ts';
import type { FromServer, ToServer } from '../meeting/wire.ts';
import { decodeFromServer, encodeToServer, WireError } from '../meeting/wire_json.ts';
import type { Suite } from '../mls/suite.ts';
import type { ProfileStore } from '../store/profile_store.ts';
import { Pinner } from './pinner.ts';
import type { FromVisit, MeetingTerms, ToVisit, VisitAnswer, VisitQuestion } from './visit_messages.ts';

/** Most messages of the service that are kept until the meeting begins. */
const mostEarly = 256;

/** What a Visit is made of. */
export interface VisitParts {
  readonly suite: Suite;
  readonly clock: Clock;
  readonly store: ProfileStore;
  readonly media: (group: Uint8Array) => Media;
  readonly post: (message: FromVisit) => void;
}

/** Visit is the meeting's life in the worker: it makes the Meeting, and stands between it and the page. */
export class Visit {
  readonly #parts: VisitParts;
  readonly #pinner: Pinner;
  #meeting: Meeting | undefined;
  #terms: MeetingTerms | undefined;
  /** What the service said before the meeting began. */
  #early: FromServer[] = [];
  /** The last hello, for a meeting that takes the place of another. */
  #hello: FromServer | undefined;
  #seated = false;

  constructor(parts: VisitParts) {
    this.#parts = parts;
    this.#pinner = new Pinner((somebody) => parts.store.pin(somebody));
  }

  /** handle does what the page says. */
  handle(message: ToVisit): void {
    switch (message.type) {
      case 'profile':
      case 'link':
      case 'leave':
        void this.#answer(message);
        break;
      case 'begin':
        this.#begin(message.terms);
        break;
      case 'receive':
        this.#receive(message.message);
        break;
      case 'disconnected':
        this.#hello = undefined;
        this.#early = [];
        this.#meeting?.disconnected();
        break;
      case 'command':
        this.#pinner.command(message.command);
        this.#meeting?.command(message.command);
        break;
    }
  }

  /** seen is what the frame engine sees of others. */
  seen(leaf: number, epochByte: number, proved: boolean): void {
    this.#meeting?.command({ type: 'seen', leaf, epochByte, proved });
  }

  #begin(terms: MeetingTerms): void {
    if (this.#seated) return; // the engine is that seat's: only leaving ends it
    const { suite, clock, store, media, post } = this.#parts;
    const again = this.#meeting !== undefined;
    this.#terms = terms;
    const meeting: Meeting = new Meeting({
      ...terms, suite, clock, store: store.of(terms.claim.kind), media,
      // What a meeting still wants after another took its place is nobody's wish any more.
      send: (message) => {
        if (meeting === this.#meeting) this.#send(message);
      },
      emit: (event) => {
        if (meeting === this.#meeting) this.#tell(event);
      },
    });
    this.#meeting = meeting;
    const early = again && this.#hello !== undefined ? [this.#hello] : this.#early;
    this.#early = [];
    for (const message of early) meeting.receive(message);
    if (!again) post({ type: 'event', event: { type: 'phase', phase: 'connecting' } });
  }

  #receive(json: unknown): void {
    let message: FromServer;
    try {
      message = decodeFromServer(JSON.stringify(json));
    } catch (error) {
      if (error instanceof WireError) return; // what is no message says nothing; a record in it is missed, and fetched
      throw error;
    }
    if (message.type === 'hello') this.#hello = message;
    if (this.#meeting !== undefined) this.#meeting.receive(message);
    else if (this.#early.length < mostEarly) this.#early.push(message);
  }

  #send(message: ToServer): void {
    this.#parts.post({ type: 'send', message: JSON.parse(encodeToServer(message)) as object });
  }

  #tell(event: MeetingEvent): void {
    if (event.type === 'phase') this.#seated = event.phase === 'in';
    this.#pinner.event(event);
    this.#parts.post({ type: 'event', event });
  }

  async #answer(question: VisitQuestion): Promise<void> {
    const { request } = question;
    let answer: VisitAnswer = { type: 'answer', request };
    try {
      answer = { ...answer, ...(await this.#find(question)) };
    } catch {
      // The browser's storage or cryptography failed: the page is told that there is nothing.
    }
    this.#parts.post(answer);
  }

  async #find(question: VisitQuestion): Promise<Pick<VisitAnswer, 'profile' | 'link'>> {
    const { store } = this.#parts;
    switch (question.type) {
      case 'profile': {
        const { room, kind } = question;
        const { publicKey: identity } = await store.identity(kind, room);
        const strictest = (await store.memory(room))?.strictest;
        return { profile: { identity, kept: store.kept, strictest, link: await store.link(room) } };
      }
      case 'link':
        return { link: await store.ownLink(question.room, question.mode) };
      case 'leave':
        await this.#leave();
        return {};
    }
  }

  async #leave(): Promise<void> {
    this.#meeting?.command({ type: 'leave' });
    await this.#meeting?.idle();
    if (this.#terms?.claim.kind === 'guest') await this.#parts.store.leave(this.#terms.room);
  }
}
