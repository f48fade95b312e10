import type { ByeCode, ClientMessage, ServerMessage } from '../protocol/messages.ts';
import { Signalling } from '../protocol/signalling.ts';
import { attemptsToJoin, attemptsToReturn, backoff } from './backoff.ts';
import type { EndCode } from './state.ts';

/** What a Connection tells its owner. After ended it is silent. */
export interface ConnectionEvents {
  readonly opened: () => void;
  readonly message: (message: ServerMessage) => void;
  /** The connection broke or could not be made; it is being tried again. */
  readonly broke: () => void;
  readonly ended: (code: EndCode) => void;
}

/** The way to the gateway for a whole visit: it comes back by itself, with longer and longer waits, until told that it is over. */
export class Connection {
  readonly #events: ConnectionEvents;
  #signalling: Signalling | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #everReached = false;

  constructor(events: ConnectionEvents) {
    this.#events = events;
  }

  /** open makes the next try at once. */
  open(): void {
    this.close();
    this.#signalling = new Signalling({
      opened: () => this.#events.opened(),
      message: (message) => this.#events.message(message),
      closed: (code) => this.#closed(code),
    });
  }

  /** reached tells that the gateway took this client: patience begins anew. */
  reached(): void {
    this.#everReached = true;
    this.#attempt = 0;
  }

  /** hurry tries at once what else would wait: the device has a network again. */
  hurry(): void {
    if (this.#retry !== undefined) this.open();
  }

  send(message: ClientMessage): void {
    this.#signalling?.send(message);
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#signalling?.close();
    this.#signalling = undefined;
  }

  #closed(code: ByeCode | undefined): void {
    if (code !== undefined) {
      this.#events.ended(code);
      return;
    }
    this.#attempt++;
    if (this.#attempt > (this.#everReached ? attemptsToReturn : attemptsToJoin)) {
      this.#events.ended(this.#everReached ? 'connectionLost' : 'unreachable');
      return;
    }
    this.#events.broke();
    this.#retry = setTimeout(() => this.open(), backoff(this.#attempt, Math.random()));
  }
}
