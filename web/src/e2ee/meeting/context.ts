import type { Group } from '../mls/group.ts';
import type { Suite } from '../mls/suite.ts';
import { hostLeaf, type Member } from '../mls/view.ts';
import type { Link } from '../policy/link.ts';
import type { Signer } from '../policy/signing.ts';
import { shownName } from './display_name.ts';
import type { MeetingEvent, Person } from './events.ts';
import type { Cancel, Clock, IdentityStore, Media } from './ports.ts';
import type { Answer, Question, ToServer } from './wire.ts';

/** A question without its id, which whoever sends it gives. */
export type Unnumbered = Question extends infer Q ? (Q extends Question ? Omit<Q, 'id'> : never) : never;

/** Line is the way to the delivery service. */
export interface Line {
  readonly send: (message: ToServer) => void;
  /** ask sends a question; then is called with the answer, in the meeting's queue, or never where the connection breaks. */
  readonly ask: (question: Unnumbered, then: (answer: Answer) => void | Promise<void>) => void;
}

/** SeatContext is what the parts of one membership share. All of them run in the meeting's one queue. */
export interface SeatContext {
  readonly group: Group;
  readonly suite: Suite;
  readonly clock: Clock;
  readonly line: Line;
  readonly media: Media;
  readonly store: IdentityStore;
  readonly identity: Signer;
  readonly room: string;
  readonly link: Link | undefined;
  /** Leaves that the server calls disconnected, and since when, ms. */
  readonly absent: Map<number, number>;
  readonly emit: (event: MeetingEvent) => void;
  /** later runs work in the queue, unless the membership has ended by then. */
  readonly later: (ms: number, work: () => void | Promise<void>) => Cancel;
}

/** person is a member as events name it. */
export function person({ leaf, credential: { identity, kind, name } }: Member): Person {
  return { leaf, identity, kind, name: shownName(name) };
}

/** nameOf is what a member is called, as far as it may be shown. */
export function nameOf(member: Member | undefined): string {
  return shownName(member?.credential.name ?? '');
}

/** iAmHost says whether our leaf is one of a host. */
export function iAmHost({ group }: SeatContext): boolean {
  return hostLeaf(group.view, group.leaf);
}

/** Who may do something: all members, or hosts only. */
export type Among = 'hosts' | 'members' | 'hosts first';

/** How long the next one waits for the one before it, ms. */
const turnMs = 1000;

/**
 * turnOf spreads what one of many has to do: the lowest connected leaf at once (0), each next one a second later; undefined where it
 * is not for us. 'hosts first' has the other members come after all hosts. without is a leaf that does not count.
 */
export function turnOf({ group: { view, leaf: self }, absent }: SeatContext, among: Among, without?: number): number | undefined {
  const here = [...view.members.keys()].filter((leaf) => leaf !== without && (leaf === self || !absent.has(leaf)));
  const hosts = here.filter((leaf) => hostLeaf(view, leaf));
  const others = here.filter((leaf) => !hostLeaf(view, leaf));
  const row = among === 'hosts' ? hosts : among === 'members' ? here : [...hosts, ...others];
  const at = row.indexOf(self);
  return at < 0 ? undefined : at * turnMs;
}
