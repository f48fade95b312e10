import type { Page, WebSocketRoute } from 'playwright-core';
import { closeCodes, type ByeCode, type ClientMessage, type Participant, type ServerMessage, type SlotItem, type Welcome } from '../../src/protocol/messages.ts';
import { colours, painter } from './painter.ts';
import { answerInPage, candidateInPage, type RemoteMedia } from './remote.ts';

/** What the scripted gateway answers to a hello. */
export interface Script {
  readonly welcome?: Partial<Welcome>;
  readonly people?: readonly Participant[];
  readonly locked?: boolean;
  /** Place in the lobby instead of admission. */
  readonly waiting?: number;
  /** Refusal instead of a welcome. */
  readonly bye?: ByeCode;
  /** Break the connection instead of any answer. */
  readonly dead?: boolean;
  /** Leave offers unanswered: no media connection comes about. */
  readonly deaf?: boolean;
  /** What the delivery service of an encrypted room's group says: its greeting, and answers by the type of the question, to which the id is added. */
  readonly service?: Readonly<Record<string, object>>;
}

/** The server's side of the protocol as far as screens need it, scripted. Not a gateway. */
export class ScriptedGateway {
  readonly received: ClientMessage[] = [];
  #script: Script;
  #socket: WebSocketRoute | undefined;
  #people: readonly Participant[];
  #revision = 1;
  media: RemoteMedia | undefined;

  constructor(readonly page: Page, script: Script) {
    this.#script = script;
    this.#people = script.people ?? [];
  }

  async install(): Promise<void> {
    await this.page.addInitScript(`globalThis.painter = (${painter.toString()})();`);
    await this.page.routeWebSocket(/\/api\/v1\/ws$/, (socket) => {
      if (this.#script.dead === true) {
        void socket.close({ code: 4999 });
        return;
      }
      this.#socket = socket;
      socket.onMessage((frame) => {
        this.#receive(JSON.parse(String(frame)) as ClientMessage).catch((error: unknown) => {
          if (!this.page.isClosed()) throw error; // the picture was taken while media was still being set up
        });
      });
    });
  }

  script(script: Script): void {
    this.#script = script;
  }

  send(message: ServerMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** breaks the connection as a network does: without a word. */
  async cut(): Promise<void> {
    await this.#socket?.close({ code: 4999 });
  }

  bye(code: ByeCode): void {
    this.send({ type: 'bye', code, message: code });
    void this.#socket?.close({ code: closeCodes[code] });
  }

  roster(people: readonly Participant[]): void {
    this.#people = people;
    this.send({ type: 'roster', revision: this.#revision++, room: this.#room(), participants: people });
    this.#slots();
  }

  #room(): Welcome['room'] {
    return { number: '1000', name: 'Credit committee', mode: 'open', locked: this.#script.locked ?? false };
  }

  async #receive(message: ClientMessage): Promise<void> {
    this.received.push(message);
    switch (message.type) {
      case 'hello':
        this.#hello();
        return;
      case 'offer':
        if (this.#script.deaf === true) return;
        this.media = await this.page.evaluate(answerInPage, { sdp: message.sdp, tracks: message.tracks, colours });
        this.send({ type: 'answer', id: message.id, sdp: this.media.answer });
        this.#slots();
        return;
      case 'candidate':
        if (this.#script.deaf !== true) await this.page.evaluate(candidateInPage, [message.candidate, message.mid] as const);
        return;
      case 'meeting':
        this.#serve(message.message as { readonly type: string; readonly id?: number });
        return;
      default:
        return;
    }
  }

  #hello(): void {
    const { bye, waiting, welcome } = this.#script;
    if (bye !== undefined) {
      this.bye(bye);
      return;
    }
    this.send({
      type: 'welcome', protocol: 1, participant: 'me', resume: 'token', role: 'guest', room: this.#room(), iceServers: [],
      slots: { audio: 4, video: 6 }, phone: { uri: 'sip:1000@meet.example.com' }, server: '1.0.0', now: Date.now(), ...welcome,
    });
    this.#serve({ type: 'hello' });
    this.roster(this.#people);
    this.send(waiting === undefined ? { type: 'admitted' } : { type: 'waiting', position: waiting });
  }

  #serve({ type, id }: { readonly type: string; readonly id?: number }): void {
    const answer = this.#script.service?.[type];
    if (answer !== undefined) this.send({ type: 'meeting', message: { ...answer, ...(id === undefined ? {} : { id }) } });
  }

  /** fills the slots as a gateway does: screens first, then cameras; sound of everybody. */
  #slots(): void {
    if (this.media === undefined) return;
    const others = this.#people.filter((p) => p.id !== 'me' && p.state === 'joined');
    const screens = others.filter((p) => p.sources.includes('screen'));
    const cameras = others.filter((p) => p.sources.includes('camera'));
    const [first, ...rest] = this.media.video; // the far end draws a screen on the first slot
    const items: SlotItem[] = this.media.audio.map((mid, i) => ({ mid, participant: others[i]?.id ?? '', source: 'microphone' }));
    if (first !== undefined && screens[0] !== undefined) items.push({ mid: first, participant: screens[0].id, source: 'screen' });
    rest.forEach((mid, i) => items.push({ mid, participant: cameras[i]?.id ?? '', source: 'camera' }));
    this.send({ type: 'slots', items });
  }
}
