import { own, type Bytes } from '../policy/bytes.ts';
import type { Answer, FromServer, LogRecord, Notice, ServerFault, ToServer } from './wire.ts';

/** WireError tells that the service sent what is no message. */
export class WireError extends Error {
  override readonly name = 'WireError';

  constructor(readonly where: string) {
    super(`not a message: ${where}`);
  }
}

/** encodeToServer is one JSON object without line breaks. */
export function encodeToServer(message: ToServer): string {
  return JSON.stringify(message, (_, value: unknown) => (value instanceof Uint8Array ? base64(value) : value));
}

/** decodeFromServer reads one JSON object. Errors: WireError. */
export function decodeFromServer(text: string): FromServer {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new WireError('json');
  }
  const fields = new Fields(parsed);
  const type = fields.text('type');
  return answer(type, fields) ?? notice(type, fields);
}

const faults: readonly ServerFault[] = [
  'malformed', 'tooLong', 'group', 'leaf', 'epoch', 'lost', 'roster', 'role', 'welcome', 'bundle', 'throttled', 'refused', 'gap', 'internal', 'logFull',
];

function answer(type: string, f: Fields): Answer | undefined {
  switch (type) {
    case 'done':
      return { type, id: f.whole('id') };
    case 'records':
      return { type, id: f.whole('id'), records: f.list('records').map(logRecord) };
    case 'failed':
      return { type, id: f.whole('id'), fault: f.oneOf('fault', faults), after: f.whole('after') };
    default:
      return undefined;
  }
}

function notice(type: string, f: Fields): Notice {
  switch (type) {
    case 'hello':
      return { type, ...(f.has('group') ? { group: f.bytes('group') } : {}), seated: f.flag('seated') };
    case 'applied':
      return { type, record: logRecord(f.value('record')) };
    case 'welcomed':
      return { type, seq: f.whole('seq'), welcome: f.bytes('welcome') };
    case 'applicant':
      return { type, ref: f.bytes('ref'), keyPackage: f.bytes('keyPackage'), participant: f.has('participant') ? f.text('participant') : '' };
    case 'applicantGone':
      return { type, ref: f.bytes('ref') };
    case 'relayed':
      return { type, message: f.bytes('message') };
    case 'bundled':
      return { type, epoch: f.whole('epoch'), n: f.whole('n') };
    case 'presence':
      return { type, leaf: f.whole('leaf'), here: f.flag('here') };
    case 'asked':
      return { type, request: f.bytes('request'), sig: f.bytes('sig') };
    case 'withdrawn':
      return { type, request: f.bytes('request') };
    default:
      throw new WireError('type');
  }
}

function logRecord(value: unknown): LogRecord {
  const f = new Fields(value);
  return {
    seq: f.whole('seq'), kind: f.oneOf('kind', ['founded', 'committed', 'reopened']), epoch: f.whole('epoch'),
    commit: f.has('commit') ? f.bytes('commit') : new Uint8Array(),
  };
}

/** Fields reads the members of a JSON object. What it does not know it leaves alone: the service may be newer. */
class Fields {
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WireError('object');
    this.#members = value as Readonly<Record<string, unknown>>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#members, name);
  }

  value(name: string): unknown {
    return this.has(name) ? this.#members[name] : undefined;
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value !== 'string') throw new WireError(name);
    return value;
  }

  oneOf<const T extends string>(name: string, choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.value(name));
    if (found === undefined) throw new WireError(name);
    return found;
  }

  flag(name: string): boolean {
    const value = this.value(name);
    if (typeof value !== 'boolean') throw new WireError(name);
    return value;
  }

  whole(name: string): number {
    const value = this.value(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new WireError(name);
    return value;
  }

  list(name: string): readonly unknown[] {
    const value = this.value(name);
    if (!Array.isArray(value)) throw new WireError(name);
    return value as readonly unknown[];
  }

  bytes(name: string): Bytes {
    try {
      return own(Uint8Array.from(atob(this.text(name)), (c) => c.charCodeAt(0)));
    } catch {
      throw new WireError(name);
    }
  }
}

function base64(b: Uint8Array): string {
  let binary = '';
  for (const byte of b) binary += String.fromCharCode(byte);
  return btoa(binary);
}
