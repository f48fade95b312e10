// One line of a meeting's log; the form is in docs/e2ee-log.md. Go's reader is e2ee/ledger/line.go.
import type { Bytes } from '../e2ee/policy/bytes.ts';

/** The longest line, bytes, and the end of the year 9999, Unix milliseconds. */
export const mostLine = 512 * 1024;
export const mostTime = 253402300799999;

/** What a line says, by its one member of this kind. */
export interface Said {
  readonly head?: { readonly v: number; readonly group: Bytes; readonly server: Bytes };
  readonly founded?: { readonly seq: number; readonly epoch: number; readonly keyPackage: Bytes; readonly groupInfo: Bytes };
  readonly committed?: {
    readonly seq: number; readonly epoch: number; readonly leaf: number; readonly commit: Bytes; readonly bundles: readonly Bytes[];
  };
  readonly reopened?: { readonly seq: number; readonly epoch: number };
  readonly checkpoint?: { readonly leaf: number; readonly signed: Bytes; readonly sig: Bytes };
  readonly end?: { readonly over: boolean };
}

/** Line is one that is written in the one way; nothing in it is proven. */
export interface Line extends Said {
  readonly line: number;
  readonly prev: Bytes;
  /** Unix milliseconds by the server's clock. */
  readonly time: number;
  /** What the server signed, and its signature. */
  readonly signed: Bytes;
  readonly sig: Bytes;
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Reader = (value: Json | undefined) => unknown;

/** Fault says that a line is not written in the one way. */
class Fault extends Error {}

const whole = (most: number): Reader => (value) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most) throw new Fault();
  return value;
};
const number = whole(Number.MAX_SAFE_INTEGER);
const leaf = whole(0xffffffff);
const blob = (length?: number): Reader => (value) => {
  if (typeof value !== 'string') throw new Fault();
  const bytes = Uint8Array.from(atob(value), (c) => c.charCodeAt(0));
  if (length !== undefined && bytes.length !== length) throw new Fault();
  return bytes;
};
const list = (item: Reader): Reader => (value) => {
  if (!Array.isArray(value)) throw new Fault();
  return value.map((v: Json) => item(v));
};
const truth: Reader = (value) => {
  if (typeof value !== 'boolean') throw new Fault();
  return value;
};

// In the order in which they are written.
const kinds: Readonly<Record<keyof Said, Readonly<Record<string, Reader>>>> = {
  head: { v: number, group: blob(16), server: blob(32) },
  founded: { seq: number, epoch: number, keyPackage: blob(), groupInfo: blob() },
  committed: { seq: number, epoch: number, leaf, commit: blob(), bundles: list(blob(32)) },
  reopened: { seq: number, epoch: number },
  checkpoint: { leaf, signed: blob(), sig: blob(64) },
  end: { over: truth },
};
const opening = { line: number, prev: blob(), time: whole(mostTime) };
const tail = /,"sig":"([A-Za-z0-9+/]{86}==)"\}$/;

/** parseLine reads a line without its line feed; undefined where it is not written in the one way. */
export function parseLine(bytes: Uint8Array): Line | undefined {
  if (bytes.length > mostLine) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const end = tail.exec(text);
    if (end === null) return undefined;
    const body = `${text.slice(0, end.index)}}`;
    const value = JSON.parse(body) as Json;
    if (!isMap(value)) return undefined;
    const present = (Object.keys(kinds) as (keyof Said)[]).filter((kind) => value[kind] !== undefined);
    const [kind, ...others] = present;
    if (kind === undefined || others.length > 0) return undefined;
    const said = read(kinds[kind], value[kind]);
    const head = read(opening, value, [kind]);
    const again = { ...ordered(opening, value), [kind]: ordered(kinds[kind], value[kind]) };
    if (JSON.stringify(again) !== body) return undefined;
    const sig = blob(64)(end[1]) as Bytes;
    if (btoa(String.fromCharCode(...sig)) !== end[1]) return undefined;
    const signed = new TextEncoder().encode(text.slice(0, end.index));
    return { ...head, [kind]: said, signed, sig } as unknown as Line;
  } catch {
    // Whatever the platform's decoders throw means the same.
    return undefined;
  }
}

function read(fields: Readonly<Record<string, Reader>>, value: Json | undefined, besides: readonly string[] = []): Record<string, unknown> {
  if (!isMap(value) || Object.keys(value).length !== Object.keys(fields).length + besides.length) throw new Fault();
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field(value[key])]));
}

/** ordered is the value with its members in the order in which they are written, and byte strings spelled in the one way. */
function ordered(fields: Readonly<Record<string, Reader>>, value: Json | undefined): Record<string, unknown> {
  if (!isMap(value)) throw new Fault();
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, respelled(field(value[key]))]));
}

function respelled(value: unknown): unknown {
  if (value instanceof Uint8Array) return base64(value);
  return Array.isArray(value) ? value.map(respelled) : value;
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
