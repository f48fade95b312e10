import { equal } from '../policy/bytes.ts';
import { looser, type Mode } from '../policy/charter.ts';
import { linkNames, type Link } from '../policy/link.ts';
import { PolicyError } from '../policy/policy_error.ts';
import { checkRoom } from '../policy/room.ts';
import { GroupError } from './group_error.ts';
import { leafFits } from './rules/r6_leaf.ts';
import { hostLeaf, viewOf, type View } from './view.ts';
import type { Opened } from './welcome.ts';

/** Expectation is what a joiner knows of the room from elsewhere than the server. */
export interface Expectation {
  readonly room: string;
  /** The invitation link, where there is one: without it, the first contact has to be trusted. */
  readonly link?: Link | undefined;
  /** The strictest mode in which this browser has seen this room. */
  readonly strictest?: Mode | undefined;
  /** Identities that this browser remembers from this very group, after a reload: one of them may have let us back in. */
  readonly remembered?: readonly Uint8Array[] | undefined;
}

/** Joined is a group that a joiner may enter. */
export interface Joined {
  readonly view: View;
  /** The room is looser than this browser has seen it: the user is asked before anything is sent. */
  readonly askLooser: boolean;
}

/**
 * checkJoin is the joiner's part, before the first frame: charter of this room, this group and the link's owner; host chain;
 * GroupInfo signed by a host (or by somebody remembered); every leaf by rule R6; mode not looser than the link's.
 * Errors: GroupError refused.
 */
export async function checkJoin({ state, signer }: Opened, expect: Expectation): Promise<Joined> {
  const view = reading(() => viewOf(state));
  const { charter, mode } = view.room;
  if (charter.room !== expect.room) throw new GroupError('refused', 'the charter is of another room');
  if (!equal(charter.group, view.group)) throw new GroupError('refused', 'the charter is of another group');
  if (expect.link !== undefined) {
    if (!(await linkNames(expect.link, charter))) throw new GroupError('refused', 'the charter is not of the owner in the link');
    if (looser(mode, expect.link.mode)) throw new GroupError('refused', 'looser than the link');
  }
  await checkRoom(view.room).catch(refuse);
  if (!hostLeaf(view, signer) && !remembered(view, signer, expect)) throw new GroupError('refused', 'not let in by a host');
  await checkLeaves(view);
  return { view, askLooser: expect.strictest !== undefined && looser(mode, expect.strictest) };
}

async function checkLeaves(view: View): Promise<void> {
  const identities: Uint8Array[] = [];
  for (const { node } of view.members.values()) {
    const { identity } = await leafFits(view.room.charter.room, node);
    if (identities.some((seen) => equal(seen, identity))) throw new GroupError('refused', 'an identity twice');
    identities.push(identity);
  }
}

function remembered(view: View, signer: number, expect: Expectation): boolean {
  const identity = view.members.get(signer)?.credential.identity;
  return identity !== undefined && (expect.remembered ?? []).some((known) => equal(known, identity));
}

function reading<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    return refuse(cause);
  }
}

function refuse(cause: unknown): never {
  if (cause instanceof PolicyError) throw new GroupError('refused', cause.where, { cause });
  throw cause;
}
