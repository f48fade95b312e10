import { hex } from '../policy/bytes.ts';
import { CodePace } from '../mls/code_pace.ts';
import { longCode } from '../mls/long_code.ts';
import { advance, begin, type Ceremony, type CodeEvent, type CodeMessage, type Start, type Step } from '../mls/short_code.ts';
import type { Note } from '../mls/note.ts';
import type { SeatContext } from './context.ts';
import type { Cancel } from './ports.ts';
import type { Compared } from './room_state.ts';
import type { Heard, Talk } from './talk.ts';

/** How long a ceremony may take, ms. */
const ceremonyMs = 10_000;

interface Running {
  ceremony: Ceremony;
  readonly start: Start;
  readonly timer: Cancel;
  /** Whether another START took its place before: once, so that nobody buys guesses. */
  readonly replaced: boolean;
}

/** CodeTable holds the comparisons: the ceremony of the short code with its times, the long code, and what was found equal. */
export class CodeTable {
  readonly #context: SeatContext;
  readonly #talk: Talk;
  readonly #pace = new CodePace();
  #running: Running | undefined;
  /** The code that was shown last; the long one has no digits to speak. */
  #shown: { readonly epoch: bigint; readonly code?: string } | undefined;
  #note: Note | undefined;
  #compared: Compared | undefined;

  constructor(context: SeatContext, talk: Talk) {
    this.#context = context;
    this.#talk = talk;
  }

  get compared(): Compared | undefined {
    return this.#compared;
  }

  /** note is the last short code that people found to be the same here, and when. */
  get note(): Note | undefined {
    return this.#note;
  }

  /** start calls all who are connected to compare. */
  async start(): Promise<void> {
    const { group, clock, absent, emit } = this.#context;
    const leaves = [...group.view.members.keys()].filter((leaf) => leaf === group.leaf || !absent.has(leaf));
    if (leaves.length < 2) { emit({ type: 'shortCode', phase: 'notNow', why: 'alone' }); return; }
    const may = this.#pace.ask(clock.ms());
    if (may !== 'start') { emit({ type: 'shortCode', phase: 'notNow', why: may }); return; }
    const start: Start = { t: 'sas-start', sid: crypto.getRandomValues(new Uint8Array(16)), leaves };
    await this.#talk.say(start);
    await this.#begin(start, false);
  }

  /** hear takes a message of a ceremony. */
  async hear({ from, epoch }: Heard, message: CodeMessage): Promise<void> {
    if (message.t !== 'sas-start') {
      await this.#advance({ type: 'message', from: from.leaf, epoch, message });
      return;
    }
    if (epoch !== this.#context.group.view.epoch || !message.leaves.includes(from.leaf)) return;
    const running = this.#running;
    if (running === undefined) {
      if (this.#pace.ask(this.#context.clock.ms()) === 'start') await this.#begin(message, false);
      return;
    }
    // Two began at one moment: all take the lower sid, once.
    if (running.replaced || running.ceremony.phase !== 'committing' || hex(message.sid) >= hex(running.start.sid)) return;
    running.timer();
    await this.#begin(message, true);
  }

  /** applied: a ceremony is of one epoch. Those who joined are told apart from those who were compared. */
  async applied(joined: readonly { readonly name: string; readonly letInBy: string | undefined }[]): Promise<void> {
    this.#shown = undefined;
    if (this.#compared !== undefined) this.#compared = { ...this.#compared, since: [...this.#compared.since, ...joined] };
    await this.#advance({ type: 'epoch' });
  }

  /** match is the people's word on the code that was shown last. */
  match(equal: boolean): void {
    const { clock, emit } = this.#context;
    if (!equal) {
      this.#compared = undefined;
      this.#note = undefined;
      return emit({ type: 'failure', failure: { what: 'codesDiffer' } });
    }
    if (this.#shown === undefined) return;
    const { epoch, code } = this.#shown;
    this.#compared = { at: clock.unix(), epoch, since: [] };
    if (code !== undefined) this.#note = { code, at: clock.unix() };
  }

  /** tryAgain: people have read that somebody disturbs the comparison. */
  tryAgain(): void {
    this.#pace.reset();
  }

  /** long is the code for another channel. */
  async long(): Promise<void> {
    const { group, emit } = this.#context;
    const { view } = group;
    emit({ type: 'longCode', epoch: view.epoch, code: await longCode(group.authenticator, view.group, view.epoch) });
    this.#shown = { epoch: view.epoch };
  }

  async #begin(start: Start, replaced: boolean): Promise<void> {
    const { group, later, emit } = this.#context;
    const { epoch, members } = group.view;
    const contribution = crypto.getRandomValues(new Uint8Array(32));
    const step = await begin(start, { self: group.leaf, members: [...members.keys()], epoch, authenticator: group.authenticator, contribution });
    if (step === undefined) {
      this.#running = undefined;
      this.#pace.ended(true);
      return;
    }
    const timer = later(ceremonyMs, () => this.#advance({ type: 'timeout' }));
    this.#running = { ceremony: step.ceremony, start, timer, replaced };
    emit({ type: 'shortCode', phase: 'running' });
    await this.#took(step);
  }

  async #advance(event: CodeEvent): Promise<void> {
    const running = this.#running;
    if (running !== undefined) await this.#took(await advance(running.ceremony, event));
  }

  async #took({ ceremony, outgoing }: Step): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.ceremony = ceremony;
    for (const message of outgoing) await this.#talk.say(message);
    if (ceremony.phase !== 'done' && ceremony.phase !== 'failed') return;
    const { emit, group } = this.#context;
    running.timer();
    this.#running = undefined;
    this.#pace.ended(ceremony.phase === 'done');
    if (ceremony.phase === 'failed') { emit({ type: 'shortCode', phase: 'failed', why: ceremony.why }); return; }
    this.#shown = { epoch: group.view.epoch, code: ceremony.code };
    emit({ type: 'shortCode', phase: 'done', code: ceremony.code, leaves: running.start.leaves });
  }
}
