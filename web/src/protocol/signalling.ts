import { decode } from './decode.ts';
import { closeCodes, socketPath, subprotocol, type ByeCode, type ClientMessage, type ServerMessage } from './messages.ts';

/** What a connection tells its owner. Exactly one closed comes last, unless the owner closed it. */
export interface SignallingEvents {
  readonly opened: () => void;
  readonly message: (message: ServerMessage) => void;
  /** code is that of the bye or of the close frame; undefined when the connection just broke. */
  readonly closed: (code: ByeCode | undefined) => void;
}

/** One WebSocket connection to the gateway. It makes no second try: its owner does. */
export class Signalling {
  readonly #socket: WebSocket;
  readonly #events: SignallingEvents;
  #over = false;

  constructor(events: SignallingEvents, origin: string = location.origin) {
    this.#events = events;
    const url = new URL(socketPath, origin);
    url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
    this.#socket = new WebSocket(url, subprotocol);
    this.#socket.onopen = () => events.opened();
    this.#socket.onmessage = (e: MessageEvent<unknown>) => this.#receive(e.data);
    this.#socket.onclose = (e) => this.#end(codeOf(e.code));
  }

  /** send drops the message when the connection is not open: whoever reconnects tells the whole state again. */
  send(message: ClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** close ends the connection without telling the owner. */
  close(): void {
    this.#over = true;
    this.#socket.close(1000);
  }

  #receive(data: unknown): void {
    if (this.#over || typeof data !== 'string') return;
    let message: ServerMessage | undefined;
    try {
      message = decode(data);
    } catch (fault) {
      console.warn('signalling: message ignored:', fault instanceof Error ? fault.message : fault);
      return;
    }
    if (message === undefined) return;
    if (message.type === 'bye') {
      this.#end(message.code);
      this.#socket.close(1000);
      return;
    }
    this.#events.message(message);
  }

  #end(code: ByeCode | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.closed(code);
  }
}

/** codeOf gives the reason behind a close code; undefined for codes that are not ours. */
export function codeOf(close: number): ByeCode | undefined {
  // 1000 without a bye was not sent by a gateway of ours (a proxy, say): come back as after any break.
  if (close === closeCodes.left) return undefined;
  return (Object.keys(closeCodes) as ByeCode[]).find((code) => closeCodes[code] === close);
}
