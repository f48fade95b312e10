import { equal, hex } from '../policy/bytes.ts';
import { lobbyProof } from '../policy/credential.ts';
import { hostLeaf, memberOf, type Member, type View } from '../mls/view.ts';
import { person, type SeatContext } from './context.ts';
import type { RosterEntry } from './events.ts';

interface Known {
  readonly linked: boolean;
  readonly pinned: number | undefined;
}

/** Roster is who is here, and what vouches for each. */
export class Roster {
  readonly #context: SeatContext;
  /** By leaf key. */
  readonly #known = new Map<string, Known>();
  /** By identity: the name of who let it in. */
  readonly #letIn = new Map<string, string>();
  #vouched = false;

  constructor(context: SeatContext) {
    this.#context = context;
  }

  /** The link's fingerprint matched, and everybody came by the link or is known to this browser. */
  get vouched(): boolean {
    return this.#vouched;
  }

  /** applied notes who came by the commit of whom, and gives those who were not here before. */
  applied(before: View, after: View, by: Member): readonly { readonly name: string; readonly letInBy: string | undefined }[] {
    const joined: { name: string; letInBy: string | undefined }[] = [];
    for (const { credential: { identity, name } } of after.members.values()) {
      if (memberOf(before, identity) !== undefined) continue;
      this.#letIn.set(hex(identity), by.credential.name);
      joined.push({ name, letInBy: by.credential.name });
    }
    return joined;
  }

  /** show tells the page. */
  async show(): Promise<void> {
    const { group, absent, emit, link } = this.#context;
    const { view } = group;
    const members: RosterEntry[] = [];
    for (const member of view.members.values()) {
      const known = await this.#look(member);
      members.push({
        ...person(member), ...known, host: hostLeaf(view, member.leaf), absent: absent.has(member.leaf),
        letInBy: this.#letIn.get(hex(member.credential.identity)),
      });
    }
    this.#vouched = link !== undefined && members.every(({ leaf, linked, pinned }) => leaf === group.leaf || linked || pinned !== undefined);
    emit({ type: 'roster', epoch: view.epoch, self: group.leaf, members });
  }

  async #look({ node, credential }: Member): Promise<Known> {
    const key = hex(node.signaturePublicKey);
    const { link, room, store } = this.#context;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const proof = link === undefined ? undefined : await lobbyProof(link.secret, room, node.signaturePublicKey);
    const linked = proof !== undefined && credential.link !== undefined && equal(proof, credential.link);
    const looked = { linked, pinned: await store.pinned(credential.identity) };
    this.#known.set(key, looked);
    return looked;
  }
}
