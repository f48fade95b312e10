import { PolicyError } from '../policy/policy_error.ts';
import { GroupError } from '../mls/group_error.ts';
import type { Member } from '../mls/view.ts';
import { decodeMessage, limits } from '../mls/wire.ts';
import type { SeatContext } from './context.ts';
import { decodeTalk, encodeTalk, type TalkMessage } from './talk_message.ts';

/** Heard is a message, and who signed it. */
export interface Heard {
  readonly from: Member;
  readonly epoch: bigint;
  readonly message: TalkMessage;
}

/** Most messages that wait for the end of a break. */
const mostHeld = 100;

/** Talk is what members say to one another through the service: encrypted, and signed by their leaves. */
export class Talk {
  readonly #context: SeatContext;
  readonly #unreached: (epoch: bigint) => Promise<void>;
  #paused = false;
  #held: TalkMessage[] = [];

  /** unreached is told of an epoch that others speak in and we are not in yet. */
  constructor(context: SeatContext, unreached: (epoch: bigint) => Promise<void>) {
    this.#context = context;
    this.#unreached = unreached;
  }

  /** say sends to all other members; during a break, after it. Errors: PolicyError where a text is too long. */
  async say(message: TalkMessage): Promise<void> {
    const payload = encodeTalk(message);
    if (this.#paused) {
      if (this.#held.length < mostHeld) this.#held.push(message);
      return;
    }
    // Of a question that no user asked, none need hear that it was not passed on.
    this.#relay(await this.#context.group.seal(payload), message.t !== 'where' && message.t !== 'here');
  }

  pause(): void {
    this.#paused = true;
  }

  async resume(): Promise<void> {
    this.#paused = false;
    for (const message of this.#held.splice(0)) await this.say(message);
  }

  /** hear opens a message; undefined where there is nothing in it for us. */
  async hear(bytes: Uint8Array): Promise<Heard | undefined> {
    const { group, emit } = this.#context;
    try {
      const wire = decodeMessage(bytes, limits.message);
      if (wire.wireformat === 'mls_private_message' && wire.privateMessage.epoch > group.view.epoch) {
        await this.#unreached(wire.privateMessage.epoch);
        return undefined;
      }
      const { sender, epoch, payload } = await group.unseal(bytes);
      const message = decodeTalk(payload);
      return message === undefined ? undefined : { from: sender, epoch, message };
    } catch (error) {
      if (!(error instanceof GroupError) && !(error instanceof PolicyError)) throw error;
      const late = error instanceof GroupError && error.fault === 'stale';
      if (!late) emit({ type: 'failure', failure: { what: 'unreadable' } });
      return undefined;
    }
  }

  #relay(message: Uint8Array<ArrayBuffer>, telling: boolean): void {
    const { line, later, emit } = this.#context;
    line.ask({ type: 'relay', message }, (answer) => {
      if (answer.type !== 'failed') return;
      if (answer.fault === 'throttled') later(answer.after, () => this.#relay(message, telling));
      else if (telling) emit({ type: 'failure', failure: { what: 'unsent', fault: answer.fault } });
    });
  }
}
