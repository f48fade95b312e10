// Readers of single fields of a message. Whatever does not fit throws DecodeError with the path of the field.

/** A message that is not what the protocol says. */
export class DecodeError extends Error {
  constructor(path: string, wanted: string) {
    super(`${path}: not ${wanted}`);
    this.name = 'DecodeError';
  }
}

/** An object of which nothing is known yet. */
export type Raw = Readonly<Record<string, unknown>>;

export function object(value: unknown, path: string): Raw {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new DecodeError(path, 'an object');
  return value as Raw;
}

export function text(raw: Raw, key: string): string {
  const value = raw[key];
  if (typeof value !== 'string') throw new DecodeError(key, 'a text');
  return value;
}

export function number(raw: Raw, key: string): number {
  const value = raw[key];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new DecodeError(key, 'a number');
  return value;
}

export function flag(raw: Raw, key: string): boolean {
  const value = raw[key];
  if (typeof value !== 'boolean') throw new DecodeError(key, 'true or false');
  return value;
}

export function oneOf<T extends string>(raw: Raw, key: string, values: readonly T[]): T {
  const value = values.find((v) => v === raw[key]);
  if (value === undefined) throw new DecodeError(key, values.join(' | '));
  return value;
}

/** A list; absent and null are the empty one. */
export function list<T>(raw: Raw, key: string, item: (value: unknown, path: string) => T): readonly T[] {
  const value = raw[key] ?? [];
  if (!Array.isArray(value)) throw new DecodeError(key, 'a list');
  return value.map((v: unknown, i) => item(v, `${key}[${i}]`));
}

export function textItem(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new DecodeError(path, 'a text');
  return value;
}

/** The field under its own name when it is there, nothing when it is not: for optional properties. */
export function optional<K extends string, T>(raw: Raw, key: K, read: (raw: Raw, key: K) => T): Partial<Record<K, T>> {
  if (raw[key] === undefined || raw[key] === null) return {};
  const out: Partial<Record<K, T>> = {};
  out[key] = read(raw, key);
  return out;
}
