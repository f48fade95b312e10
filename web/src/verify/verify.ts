import type { Suite } from '../e2ee/mls/suite.ts';
import { equal, own, type Bytes } from '../e2ee/policy/bytes.ts';
import { gatewayFingerprint, sha256, verifyLabelled } from '../e2ee/policy/signing.ts';
import { Follower } from './follow.ts';
import { mostLine, parseLine, type Line } from './line.ts';
import { Report } from './report.ts';

/** NotLogError tells that a file is no log of a meeting, or one of a newer form. */
export class NotLogError extends Error {
  override readonly name = 'NotLogError';
}

/** verify reads an exported log and says what it proves. Errors: NotLogError, and those of reading. */
export async function verify(file: ReadableStream<Uint8Array>, suite: Suite): Promise<Report> {
  const verifier = new Verifier(suite);
  for await (const { bytes, whole } of linesOf(file)) {
    if (whole) await verifier.line(bytes);
    else verifier.torn();
  }
  return verifier.finish();
}

/** Verifier reads line after line. Go's is e2ee/ledger/verify.go. */
class Verifier {
  readonly #report = new Report();
  readonly #group: Follower;
  #at = 0;
  #due = 1;
  #seq = 0;
  #prev: Bytes = new Uint8Array();
  #server: Bytes = new Uint8Array();
  #ended = false;

  constructor(suite: Suite) {
    this.#group = new Follower(this.#report, suite);
  }

  torn(): void {
    this.#group.remark(this.#at + 1, 'it was not written whole and is left out');
  }

  finish(): Report {
    if (this.#at === 0) throw new NotLogError();
    this.#report.lines = this.#at;
    if (!this.#group.founded) this.#fault('no group was founded');
    if (!this.#ended) this.#fault('here the log stops without an end: it was cut, or the server did not come to its end');
    return this.#report;
  }

  async line(bytes: Bytes): Promise<void> {
    this.#at++;
    const line = parseLine(bytes);
    if (this.#at === 1) await this.#begin(line);
    const before = this.#prev;
    this.#prev = await sha256(bytes);
    if (line === undefined) {
      this.#due++;
      this.#fault('it is damaged: no line of a log is written like this');
      return;
    }
    const place = `it says it is line ${line.line}, and line ${this.#due} is due: lines`;
    if (line.line > this.#due) this.#fault(`${place} are missing`);
    else if (line.line < this.#due) this.#fault(`${place} were added or moved`);
    else if (!equal(line.prev, before)) this.#fault('it does not follow the line before it: something was changed, dropped or added');
    this.#due = line.line + 1;
    if (!(await verifyLabelled(this.#server, 'legroom/1 log', line.sig, line.signed))) this.#fault('it is not what the server signed');
    if (line.time < this.#report.to) this.#fault('its time is before that of a line above');
    this.#report.to = Math.max(this.#report.to, line.time);
    if (this.#ended) this.#fault('it stands behind the end');
    await this.#says(line);
  }

  async #begin(line: Line | undefined): Promise<void> {
    if (line?.head?.v !== 1) throw new NotLogError();
    this.#server = line.head.server;
    this.#report.group = own(line.head.group);
    this.#report.server = await gatewayFingerprint(line.head.server);
    this.#report.from = this.#report.to = line.time;
  }

  async #says(line: Line): Promise<void> {
    const { head, founded, committed, reopened, checkpoint, end, time } = line;
    const record = founded ?? committed ?? reopened;
    if (record !== undefined) {
      if (record.seq !== this.#seq + 1) this.#fault(`it is record ${record.seq}, and record ${this.#seq + 1} is due`);
      this.#seq = record.seq;
    }
    if (head !== undefined && this.#at > 1) this.#fault('a second beginning');
    if (founded !== undefined) await this.#group.found(this.#at, time, founded);
    if (committed !== undefined) await this.#group.commit(this.#at, time, committed);
    if (reopened !== undefined) this.#group.reopen(this.#at, time, reopened);
    if (checkpoint !== undefined) await this.#group.checkpoint(this.#at, checkpoint);
    if (end !== undefined) {
      this.#ended = true;
      this.#report.over = end.over;
    }
  }

  #fault(text: string): void {
    this.#group.fault(this.#at, text);
  }
}

/** linesOf cuts a stream into lines. What is longer than a line can be comes shortened; the last may not be whole. */
async function* linesOf(file: ReadableStream<Uint8Array>): AsyncGenerator<{ readonly bytes: Bytes; readonly whole: boolean }> {
  const feed = 10;
  const line = new Uint8Array(mostLine + 1);
  let length = 0;
  const reader = file.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    let rest = chunk.value;
    for (let at = rest.indexOf(feed); at >= 0; at = rest.indexOf(feed)) {
      length = put(line, length, rest.subarray(0, at));
      yield { bytes: line.slice(0, length), whole: true };
      length = 0;
      rest = rest.subarray(at + 1);
    }
    length = put(line, length, rest);
  }
  if (length > 0) yield { bytes: line.slice(0, length), whole: false };
}

function put(line: Uint8Array, length: number, more: Uint8Array): number {
  const part = more.subarray(0, line.length - length);
  line.set(part, length);
  return length + part.length;
}
