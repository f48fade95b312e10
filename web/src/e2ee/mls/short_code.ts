// The short code that people speak: commit, then reveal. Nobody sees another's contribution before its own is fixed, so a ghost
// gets one blind guess at eight digits, and giving up shows. Pure: the owner sends what outgoing says and keeps the clock.
import { equal, hex, lab, u32, type Bytes } from '../policy/bytes.ts';
import { sha256 } from '../policy/signing.ts';

/** START names the ceremony (sid, 16 random bytes) and the leaves that take part, ascending. */
export interface Start {
  readonly t: 'sas-start';
  readonly sid: Bytes;
  readonly leaves: readonly number[];
}

/** COMMIT binds its sender to a contribution that it does not show yet. */
export interface Commit {
  readonly t: 'sas-commit';
  readonly sid: Bytes;
  readonly c: Bytes;
}

/** REVEAL shows the contribution, 32 random bytes. */
export interface Reveal {
  readonly t: 'sas-reveal';
  readonly sid: Bytes;
  readonly r: Bytes;
}

export type CodeMessage = Start | Commit | Reveal;

/** Where a ceremony is. Failed is final: a new one has a new sid. */
export type Ceremony =
  | { readonly phase: 'committing' | 'revealing'; readonly set: Settings; readonly commits: Contributions; readonly reveals: Contributions }
  | { readonly phase: 'done'; readonly code: string }
  | { readonly phase: 'failed'; readonly why: 'epoch' | 'silence' | 'disturbed' };

type Contributions = ReadonlyMap<number, Bytes>;

interface Settings {
  readonly sid: Bytes;
  readonly leaves: readonly number[];
  readonly self: number;
  readonly epoch: bigint;
  readonly authenticator: Bytes;
  readonly mine: Bytes;
}

/** What happens to a ceremony. from is the MLS leaf that signed the message, never what a body says: a commitment cannot be mirrored. */
export type CodeEvent =
  | { readonly type: 'message'; readonly from: number; readonly epoch: bigint; readonly message: Commit | Reveal }
  | { readonly type: 'epoch' }
  /** 10 s without an end. */
  | { readonly type: 'timeout' };

/** Step is where a ceremony is now, and what we send for it. */
export interface Step {
  readonly ceremony: Ceremony;
  readonly outgoing: readonly (Commit | Reveal)[];
}

/** What our side brings into a ceremony. */
export interface CodeContext {
  /** Our leaf, and the leaves of the epoch. */
  readonly self: number;
  readonly members: readonly number[];
  readonly epoch: bigint;
  /** Epoch authenticator. */
  readonly authenticator: Bytes;
  /** Our contribution: 32 random bytes, fresh for each ceremony. */
  readonly contribution: Bytes;
}

/** begin takes part in a ceremony that start calls for, or gives undefined where we are not called or the leaves are no members. */
export async function begin(start: Start, { self, members, epoch, authenticator, contribution }: CodeContext): Promise<Step | undefined> {
  const { sid, leaves } = start;
  const known = leaves.every((leaf, i) => members.includes(leaf) && (i === 0 || leaf > (leaves[i - 1] ?? leaf)));
  if (!known || leaves.length < 2 || !leaves.includes(self)) return undefined;
  const set = { sid, leaves, self, epoch, authenticator, mine: contribution };
  const c = await commitment(sid, self, contribution);
  return {
    ceremony: { phase: 'committing', set, commits: new Map([[self, c]]), reveals: new Map() },
    outgoing: [{ t: 'sas-commit', sid, c }],
  };
}

/** advance is the ceremony after an event. What does not belong to it changes nothing; what contradicts it ends it. */
export async function advance(ceremony: Ceremony, event: CodeEvent): Promise<Step> {
  if (ceremony.phase === 'done' || ceremony.phase === 'failed') return { ceremony, outgoing: [] };
  if (event.type === 'epoch') return failed('epoch');
  if (event.type === 'timeout') return failed('silence');
  const { set } = ceremony;
  const { from, message } = event;
  if (!equal(message.sid, set.sid) || !set.leaves.includes(from) || from === set.self) return { ceremony, outgoing: [] };
  if (event.epoch !== set.epoch) return failed('epoch');
  return message.t === 'sas-commit' ? committed(ceremony, from, message.c) : revealed(ceremony, from, message.r);
}

type Running = Extract<Ceremony, { readonly set: Settings }>;

/** committed: with the last commitment in, and not before, we reveal. */
function committed(ceremony: Running, from: number, c: Bytes): Step {
  const before = ceremony.commits.get(from);
  // Committing twice to the same is a repeated message; to something else, a second try.
  if (before !== undefined) return equal(before, c) ? { ceremony, outgoing: [] } : failed('disturbed');
  const commits = new Map(ceremony.commits).set(from, c);
  const { set } = ceremony;
  if (commits.size < set.leaves.length) return { ceremony: { ...ceremony, commits }, outgoing: [] };
  const reveals = new Map(ceremony.reveals).set(set.self, set.mine);
  return { ceremony: { ...ceremony, phase: 'revealing', commits, reveals }, outgoing: [{ t: 'sas-reveal', sid: set.sid, r: set.mine }] };
}

async function revealed(ceremony: Running, from: number, r: Bytes): Promise<Step> {
  const { set, commits } = ceremony;
  const c = commits.get(from);
  // Nobody honest reveals before all have committed; one who does has shown a hand that others may now play against.
  if (ceremony.phase !== 'revealing' || c === undefined) return failed('disturbed');
  if (!equal(c, await commitment(set.sid, from, r))) return failed('disturbed');
  const reveals = new Map(ceremony.reveals).set(from, r);
  if (reveals.size < set.leaves.length) return { ceremony: { ...ceremony, reveals }, outgoing: [] };
  return { ceremony: { phase: 'done', code: await shortCode(set.sid, set.authenticator, set.leaves, reveals) }, outgoing: [] };
}

function failed(why: 'epoch' | 'silence' | 'disturbed'): Step {
  return { ceremony: { phase: 'failed', why }, outgoing: [] };
}

/** commitment is SHA-256 over a label, sid, leaf and contribution. */
export function commitment(sid: Uint8Array, leaf: number, r: Uint8Array): Promise<Bytes> {
  return sha256(lab('legroom/1 sas commit'), sid, u32(leaf), r);
}

/** shortCode is eight digits out of all contributions. leaves ascending; each has a contribution (RangeError otherwise). */
export async function shortCode(
  sid: Uint8Array, authenticator: Uint8Array, leaves: readonly number[], contributions: ReadonlyMap<number, Uint8Array>,
): Promise<string> {
  const parts: Uint8Array[] = [];
  for (const leaf of leaves) {
    const r = contributions.get(leaf);
    if (r === undefined) throw new RangeError('a leaf without contribution');
    parts.push(u32(leaf), await commitment(sid, leaf, r), r);
  }
  const digest = await sha256(lab('legroom/1 sas code'), sid, authenticator, u32(leaves.length), ...parts);
  return String(BigInt(`0x${hex(digest.subarray(0, 8))}`) % 100_000_000n).padStart(8, '0');
}
