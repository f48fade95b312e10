// What the frame tests share: hexadecimal, and keys of an epoch that are as boring as possible.
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes } from '../../src/e2ee/frame/bytes.ts';
import { codecOf, type Codec } from '../../src/e2ee/frame/codec/codec.ts';
import type { GrantKeys, Keys } from '../../src/e2ee/frame/epoch.ts';
import { Refusal, type RefusalReason } from '../../src/e2ee/frame/refusal.ts';

const web = process.env['LEGROOM_WEB'] ?? process.cwd();

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export const bytes = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'hex'));

/** run is n bytes o, o + 1, ... */
export const run = (n: number, o: number): Bytes => Uint8Array.from({ length: n }, (_, i) => o + i);

/** golden reads a file that the Go code made. */
export async function golden(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(web, '..', 'e2ee', 'sframe', 'testdata', name), 'utf8'));
}

/** keys are those of members 1, 2 and 3 in epoch 257; we are number 1. */
export function keys(change: Partial<Keys> = {}): Keys {
  return {
    epoch: 257n, leaf: 1, roster: [1, 2, 3], removed: [], grants: [],
    media: { 'audio': run(16, 1), 'video': run(16, 2), 'screen': run(16, 3), 'screen-audio': run(16, 4) },
    tag: run(32, 0x40), ...change,
  };
}

/** phone is grant 1: two lines that hear and speak. */
export function phone(change: Partial<GrantKeys> = {}): GrantKeys {
  return { n: 1, legs: [0, 1], scope: ['audio'], speak: ['audio'], keys: { audio: run(16, 0x80) }, ...change };
}

export function codec(mimeType: string): Codec {
  const found = codecOf(mimeType);
  assert.ok(found, mimeType);
  return found;
}

/** reasonOf is why something was refused, or undefined when it was not. Any other error is a fault. */
export async function reasonOf(deed: () => unknown): Promise<RefusalReason | undefined> {
  try {
    await deed();
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
  return undefined;
}
