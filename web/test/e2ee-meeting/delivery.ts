// The real delivery service: the Go program in test/e2eedelivery, by JSON lines. Time there goes on only when it is told to.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { decodeFromServer, encodeToServer } from '../../src/e2ee/meeting/wire_json.ts';
import type { FromServer, ToServer } from '../../src/e2ee/meeting/wire.ts';

/** What the gateway of the program made of a frame. */
export interface Opened {
  readonly clear?: string;
  readonly leaf: number;
  readonly error?: string;
}

/** Vouched is a checkpoint as the service keeps it: signed and sig in base64. */
export interface Vouched {
  readonly who: string;
  readonly leaf: number;
  readonly epoch: number;
  readonly state: string;
  readonly signed: string;
  readonly sig: string;
}

/** The program as run.mjs built it; empty where there is no Go. */
const program = process.env['LEGROOM_DELIVERY'] ?? '';

/** Why these tests cannot run here, for node:test. */
export const noGo = program !== '' ? false : 'no Go toolchain to build the delivery service with';

/** Delivery is one running program. */
export class Delivery {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #told: (to: string, message: FromServer) => void;
  readonly #idle: (() => void)[] = [];
  readonly #results: unknown[] = [];
  /** What members vouched for, in order. */
  readonly vouched: Vouched[] = [];

  /** Counts everything that went in or came out. */
  activity = 0;

  constructor(told: (to: string, message: FromServer) => void) {
    this.#told = told;
    this.#process = spawn(program);
    this.#process.stderr.pipe(process.stderr);
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#line(line));
  }

  /** Lines that were not worked off yet. */
  get busy(): number {
    return this.#idle.length;
  }

  /** order is done when everything that comes of it was handed on. */
  order(line: object): Promise<void> {
    return this.#write(JSON.stringify(line));
  }

  message(who: string, message: ToServer): Promise<void> {
    return this.#write(`{"who":${JSON.stringify(who)},"message":${encodeToServer(message)}}`);
  }

  async open(kind: number, codec: string, frame: Uint8Array): Promise<Opened> {
    await this.order({ open: { kind, codec, frame: Buffer.from(frame).toString('base64') } });
    const result = this.#results.pop();
    if (result === undefined) throw new Error('no result');
    return result as Opened;
  }

  /** note is what the gateway was told of a comparison, or null. */
  async note(): Promise<{ readonly Code: string; readonly At: number } | null> {
    await this.order({ note: true });
    return this.#results.pop() as { readonly Code: string; readonly At: number } | null;
  }

  close(): void {
    this.#process.stdin.end();
  }

  #write(line: string): Promise<void> {
    this.activity++;
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#process.stdin.write(`${line}\n`);
    });
  }

  #line(text: string): void {
    this.activity++;
    const { to, message, result, idle, vouched } = JSON.parse(text) as { to?: string; message?: unknown; result?: unknown; idle?: boolean; vouched?: Vouched };
    if (to !== undefined) this.#told(to, decodeFromServer(JSON.stringify(message)));
    if (result !== undefined) this.#results.push(result);
    if (vouched !== undefined) this.vouched.push(vouched);
    if (idle === true) this.#idle.shift()?.();
  }
}
