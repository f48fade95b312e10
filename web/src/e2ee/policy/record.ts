// Typed reading of decoded CBOR: a map with exactly the known keys, each of its type and range.
import type { Bytes } from './bytes.ts';
import { own, utf8 } from './bytes.ts';
import type { CborMap, CborValue } from './cbor.ts';
import { PolicyError } from './policy_error.ts';

/** A field reads one value; where names it for the error. */
export type Field<T> = (value: CborValue, where: string) => T;

/** Fields that a record may lack; those that are absent are absent in the result as well. */
interface Maybe<T> {
  readonly maybe: Field<T>;
}

type Fields = Readonly<Record<string, Field<unknown> | Maybe<unknown>>>;

type Required<F extends Fields> = { readonly [K in keyof F as F[K] extends Maybe<unknown> ? never : K]: F[K] extends Field<infer T> ? T : never };
type Optional<F extends Fields> = { readonly [K in keyof F as F[K] extends Maybe<unknown> ? K : never]?: F[K] extends Maybe<infer T> ? T : never };

/** What a record of these fields is read as. */
export type RecordOf<F extends Fields> = Required<F> & Optional<F>;

/** maybe marks a field that a record may lack. */
export function maybe<T>(field: Field<T>): Maybe<T> {
  return { maybe: field };
}

/** record reads a map that has these keys and no other. */
export function record<F extends Fields>(fields: F): Field<RecordOf<F>> {
  return (value, where) => {
    if (!isMap(value)) throw new PolicyError('malformed', where);
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(fields, key)) throw new PolicyError('malformed', `${where}: unknown key`);
    }
    const out: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(fields)) {
      const member = value[key];
      const path = `${where}.${key}`;
      if (member !== undefined) out[key] = (typeof field === 'function' ? field : field.maybe)(member, path);
      else if (typeof field === 'function') throw new PolicyError('malformed', path);
    }
    return out as RecordOf<F>;
  };
}

/** list reads an array of least to most items. */
export function list<T>(item: Field<T>, most: number, least = 0): Field<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value) || value.length > most || value.length < least) throw new PolicyError('malformed', where);
    return value.map((v: CborValue, i) => item(v, `${where}[${i}]`));
  };
}

/** bytes reads a byte string of exactly length bytes. */
export function bytes(length: number): Field<Bytes> {
  return (value, where) => {
    if (!(value instanceof Uint8Array) || value.length !== length) throw new PolicyError('malformed', where);
    return own(value);
  };
}

/** blob reads a byte string of any length. */
export const blob: Field<Bytes> = (value, where) => {
  if (!(value instanceof Uint8Array)) throw new PolicyError('malformed', where);
  return own(value);
};

/** text reads a text of least to most bytes of UTF-8. */
export function text(least: number, most: number): Field<string> {
  return (value, where) => {
    const length = typeof value === 'string' ? utf8(value).length : -1;
    if (typeof value !== 'string' || length < least || length > most) throw new PolicyError('malformed', where);
    return value;
  };
}

/** whole reads an integer from least to most. */
export function whole(most: number = Number.MAX_SAFE_INTEGER, least = 0): Field<number> {
  return (value, where) => {
    if (typeof value !== 'number' || value < least || value > most) throw new PolicyError('malformed', where);
    return value;
  };
}

/** version reads the number 1: everything else comes from a client that is newer than this one. */
export const version: Field<1> = (value, where) => {
  if (value !== 1) throw new PolicyError('malformed', where);
  return 1;
};

/** flag reads false or true. */
export const flag: Field<boolean> = (value, where) => {
  if (typeof value !== 'boolean') throw new PolicyError('malformed', where);
  return value;
};

/** set reads true; false has no second spelling, the key is absent then. */
export const set: Field<true> = (value, where) => {
  if (value !== true) throw new PolicyError('malformed', where);
  return true;
};

/** oneOf reads one of the given texts. */
export function oneOf<const T extends string>(choices: readonly T[]): Field<T> {
  return (value, where) => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw new PolicyError('malformed', where);
    return found;
  };
}

/** ascending says whether each number is above the one before it. */
export function ascending(numbers: readonly number[]): boolean {
  return numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? n));
}

function isMap(value: CborValue): value is CborMap {
  return typeof value === 'object' && !(value instanceof Uint8Array) && !Array.isArray(value);
}
