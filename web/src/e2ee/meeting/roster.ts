import { equal, hex } from '../policy/bytes.ts';
import { lobbyProof } from '../policy/credential.ts';
import { hostLeaf, memberOf, type Member, type View } from '../mls/view.ts';
import { nameOf, person, type SeatContext } from './context.ts';
import { displayNames, type DisplayName } from './display_name.ts';
import type { RosterEntry } from './events.ts';
import type { Acquaintance } from './ports.ts';

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
  /** Identities in the group, in the order in which they came: nobody takes another's number by sitting on a lower leaf. */
  #came: readonly string[] = [];
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
    for (const member of after.members.values()) {
      const { identity } = member.credential;
      if (memberOf(before, identity) !== undefined) continue;
      this.#letIn.set(hex(identity), nameOf(by));
      joined.push({ name: nameOf(member), letInBy: nameOf(by) });
    }
    return joined;
  }

  /** among are the names of the members, and of others who came after them, beside one another. */
  async among(others: readonly Acquaintance[]): Promise<{ readonly members: ReadonlyMap<number, DisplayName>; readonly others: readonly DisplayName[] }> {
    const { group: { view }, store } = this.#context;
    const members = new Map([...view.members.values()].map((member) => [hex(member.credential.identity), member]));
    this.#came = [...this.#came.filter((identity) => members.has(identity)), ...[...members.keys()].filter((identity) => !this.#came.includes(identity))];
    const here = this.#came.flatMap((identity) => members.get(identity) ?? []);
    const names = displayNames([...here.map(({ credential }) => credential), ...others], await store.acquaintances());
    const none: DisplayName = { name: '', twin: undefined, impostor: false };
    return { members: new Map(here.map(({ leaf }, i) => [leaf, names[i] ?? none])), others: others.map((_, i) => names[here.length + i] ?? none) };
  }

  /** show tells the page. */
  async show(): Promise<void> {
    const { group, absent, emit, link } = this.#context;
    const { view } = group;
    const members: RosterEntry[] = [];
    const names = await this.among([]);
    for (const member of view.members.values()) {
      const known = await this.#look(member);
      const name = names.members.get(member.leaf) ?? { name: nameOf(member), twin: undefined, impostor: false };
      members.push({
        ...person(member), ...name, ...known, host: hostLeaf(view, member.leaf), absent: absent.has(member.leaf),
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
