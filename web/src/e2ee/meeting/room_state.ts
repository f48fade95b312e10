// What the room says of itself: a pure function of applied commits, key ids that were seen, time and the watchdog; never of what
// the server says. Our mark describes the keys that we send with.
import { retention } from '../frame/epochs.ts';
import { mediumOf } from '../frame/kind.ts';
import { equal } from '../policy/bytes.ts';
import type { Leg } from '../policy/grant_request.ts';
import { requestOf, type Grant, type Room } from '../policy/room.ts';
import type { View } from '../mls/view.ts';
import { shownLeg, shownName } from './display_name.ts';

/** Why sending stopped: a commit we cannot apply, an epoch we cannot reach, a commit we had applied was taken back, or an error of ours. */
export type BrokenWhy = 'unreachable' | 'behind' | 'reopened' | 'failed';

/** Turn is a commit that was applied: into which epoch, when (ms), and whom it shut out. */
export interface Turn {
  readonly epoch: bigint;
  readonly at: number;
  readonly removed: boolean;
  readonly revoked: boolean;
}

/** Seen is the last key id of a leaf: the epoch it sent under, and when (ms). */
export interface Seen {
  readonly epoch: bigint;
  readonly at: number;
}

/** Compared is a code that people found to be the same: when (Unix seconds), in which epoch, and who joined since. */
export interface Compared {
  readonly at: number;
  readonly epoch: bigint;
  readonly since: readonly { readonly name: string; readonly letInBy: string | undefined }[];
}

/** Allowed is who let a gateway in, and when (Unix seconds), where we saw it. */
export interface Allowed {
  readonly by: string;
  readonly at: number;
}

/** RoomFacts is all that the state follows from. */
export interface RoomFacts {
  readonly view: View;
  readonly turns: readonly Turn[];
  readonly seen: ReadonlyMap<number, Seen>;
  readonly asked: boolean;
  readonly allowed: ReadonlyMap<number, Allowed>;
  readonly broken: BrokenWhy | undefined;
  /** Frames go through the transforms and nowhere else. */
  readonly watchdog: boolean;
  readonly compared: Compared | undefined;
  /** The link's fingerprint matched, and every leaf holds the link or a pinned key. */
  readonly vouched: boolean;
  /** Same clock as turns and seen, ms. */
  readonly now: number;
}

/** Listener is one gateway that was let in: its own claims, and who let it in. */
export interface Listener {
  readonly n: number;
  readonly gateway: Uint8Array;
  readonly legs: readonly Leg[];
  readonly scope: Grant['scope'];
  readonly allowed: Allowed | undefined;
}

/** Saying is a sentence by its word key, with what it names. */
export type Saying =
  | { readonly key: 'e2ee.sealed' | 'e2ee.asked'; readonly people: number }
  | { readonly key: 'e2ee.checked' | 'e2ee.unchecked' | 'e2ee.phoneEarlier' | 'e2ee.videoPrivate' | 'e2ee.closing' | 'e2ee.open' }
  | { readonly key: 'e2ee.verified'; readonly compared: Compared }
  | { readonly key: 'e2ee.audioOpen' | 'e2ee.mediaOpen'; readonly listener: Listener }
  | { readonly key: 'e2ee.mayStillHear'; readonly names: readonly string[] }
  | { readonly key: 'e2ee.broken'; readonly why: BrokenWhy | 'watchdog' };

/** RoomState is the mark, its sentences, and what the legs of a gateway are told. */
export interface RoomState {
  readonly mark: 'SEALED' | 'ASKED' | 'AUDIO OPEN' | 'MEDIA OPEN' | 'SEALING' | 'OPEN' | 'BROKEN';
  /** Green with a tick: somebody compared, or everybody came by the link or is known. */
  readonly checked: boolean;
  readonly says: readonly Saying[];
  readonly legs: 'e2ee.legs.asked' | 'e2ee.legs.audioOpen' | 'e2ee.legs.mediaOpen' | 'e2ee.legs.open' | 'e2ee.legs.broken' | undefined;
  /** When, on the clock of the facts, it may change by itself. */
  readonly until: number | undefined;
}

/** How long somebody who sent under keys that a gateway has counts as still sending, ms. */
const laggingMs = 3000;
/** How long frames from before a commit may be on their way, ms. */
const inFlightMs = 500;

/** openState is that of a room without a group: encrypted on the way only. */
export const openState: RoomState = { mark: 'OPEN', checked: false, says: [{ key: 'e2ee.open' }], legs: 'e2ee.legs.open', until: undefined };

/** roomState is the state at this moment. Pure. */
export function roomState(facts: RoomFacts): RoomState {
  const { view: { room }, broken, watchdog } = facts;
  if (broken !== undefined || !watchdog) {
    const says = [{ key: 'e2ee.broken', why: broken ?? 'watchdog' }] as const;
    return { mark: 'BROKEN', checked: false, says, legs: 'e2ee.legs.broken', until: undefined };
  }
  if (room.grants.length > 0) return granted(facts);
  return sealing(facts) ?? sealed(facts);
}

function sealed(facts: RoomFacts): RoomState {
  const { view: { room, members }, asked } = facts;
  const says: Saying[] = [{ key: asked ? 'e2ee.asked' : 'e2ee.sealed', people: members.size }, ...verified(facts)];
  if (room.nextGrant > 1) says.push({ key: 'e2ee.phoneEarlier' });
  return { mark: asked ? 'ASKED' : 'SEALED', checked: checked(facts), says, legs: asked ? 'e2ee.legs.asked' : undefined, until: undefined };
}

function granted(facts: RoomFacts): RoomState {
  const { view: { room } } = facts;
  const media = room.grants.some(beyondSound);
  const says = room.grants.map((grant): Saying => {
    const { gateway, legs } = requestOf(grant);
    const listener = { n: grant.n, gateway, legs: legs.map(shownLeg), scope: grant.scope, allowed: facts.allowed.get(grant.n) };
    return { key: beyondSound(grant) ? 'e2ee.mediaOpen' : 'e2ee.audioOpen', listener };
  });
  if (!media) says.push({ key: 'e2ee.videoPrivate' });
  return {
    mark: media ? 'MEDIA OPEN' : 'AUDIO OPEN', checked: checked(facts), says: [...says, ...verified(facts)],
    legs: media ? 'e2ee.legs.mediaOpen' : 'e2ee.legs.audioOpen', until: undefined,
  };
}

/** sealing: who was shut out could still hear or forge while old keys are held, and hears who has not switched. */
function sealing(facts: RoomFacts): RoomState | undefined {
  const { now, turns, view } = facts;
  const late = laggards(facts);
  const shut = turns.filter((turn) => turn.removed || turn.revoked).map((turn) => turn.at + retention.shutOut);
  const ends = [...shut, ...late.map((lag) => lag.until)].filter((end) => end > now);
  if (ends.length === 0) return undefined;
  // Whoever has not switched when all could have is named.
  const over = now >= Math.max(0, ...shut);
  const names = (over ? late : []).map(({ leaf }) => shownName(view.members.get(leaf)?.credential.name ?? ''));
  const says: Saying[] = [{ key: 'e2ee.closing' }, ...(names.length > 0 ? [{ key: 'e2ee.mayStillHear', names } as const] : [])];
  return { mark: 'SEALING', checked: false, says, legs: undefined, until: Math.min(...ends) };
}

/** laggards are members who have lately sent under an epoch from before the last revocation. */
function laggards({ now, turns, seen, view }: RoomFacts): readonly { readonly leaf: number; readonly until: number }[] {
  const revoked = turns.findLast((turn) => turn.revoked);
  if (revoked === undefined) return [];
  return [...seen].flatMap(([leaf, { epoch, at }]) => {
    const late = view.members.has(leaf) && epoch < revoked.epoch && at > revoked.at + inFlightMs && at + laggingMs > now;
    return late ? [{ leaf, until: at + laggingMs }] : [];
  });
}

function verified({ compared, vouched }: RoomFacts): readonly Saying[] {
  if (compared !== undefined) return [{ key: 'e2ee.verified', compared }];
  return [{ key: vouched ? 'e2ee.checked' : 'e2ee.unchecked' }];
}

/** checked: those who joined after a comparison were compared by nobody. */
function checked({ compared, vouched }: RoomFacts): boolean {
  return vouched || (compared !== undefined && compared.since.length === 0);
}

/** beyondSound says whether a grant gives more than sound (of microphones, or of shared screens), or to a recorder. */
export function beyondSound(grant: Grant): boolean {
  return grant.scope.some((kind) => mediumOf(kind) !== 'audio') || requestOf(grant).legs.some((leg) => leg.kind === 'recorder');
}

/** newKinds are the kinds of which a commit gives keys to somebody who had none: another gateway, another kind, or a first recorder. */
export function newKinds(before: Room | undefined, after: Room): Grant['scope'] {
  const kinds = after.grants.flatMap((grant) => {
    const { gateway, legs } = requestOf(grant);
    const old = before?.grants.find((g) => equal(requestOf(g).gateway, gateway));
    const recorder = legs.some((leg) => leg.kind === 'recorder');
    const recorded = old !== undefined && requestOf(old).legs.some((leg) => leg.kind === 'recorder');
    return old === undefined || (recorder && !recorded) ? grant.scope : grant.scope.filter((kind) => !old.scope.includes(kind));
  });
  return [...new Set(kinds)];
}

