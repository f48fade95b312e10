import { equal, type Bytes } from '../policy/bytes.ts';
import type { RosterEdit } from '../mls/edit.ts';
import { hostLeaf, memberOf, type Member, type View } from '../mls/view.ts';
import type { Committer } from './committer.ts';
import { turnOf, type Among, type SeatContext } from './context.ts';
import type { Cancel } from './ports.ts';
import type { Voice } from './voice.ts';

/** After so long without a commit there are new keys, ms. */
const refreshMs = 15 * 60_000;
/** Within this time after joining every member commits once, so that later commits are small, ms. */
const warmMs = { least: 30_000, most: 300_000 } as const;
/** Of more people than these it takes longer in proportion: the service takes one commit a second, and others have wishes too. */
const warmPeople = 30;
/** After so long without connection a host removes a leaf, ms. */
const absentMs = 60_000;
/** After so long without any host somebody else may take over, ms. */
const hostlessMs = 30_000;
/** The longest a timer is set for, ms: a far end is looked at again. */
const lookAgainMs = 3_600_000;

/** Upkeep does what nobody asks for: new keys from time to time, leaves that are gone, the end of a grant, a meeting without hosts. */
export class Upkeep {
  readonly #context: SeatContext;
  readonly #committer: Committer;
  readonly #voice: Voice;
  /** Removals that hold for one leaf only: its owner may come back meanwhile. */
  readonly #departures = new Map<RosterEdit, { readonly identity: Bytes; readonly key: Uint8Array }>();
  #idle: Cancel | undefined;
  #expiry: Cancel | undefined;
  #hostless: Cancel | undefined;
  #offered = false;

  constructor(context: SeatContext, committer: Committer, voice: Voice) {
    this.#context = context;
    this.#committer = committer;
    this.#voice = voice;
  }

  start(): void {
    this.#warm();
    this.applied(this.#context.group.view);
  }

  /** applied, before wishes are settled. */
  applied(view: View): void {
    for (const [edit, { identity, key }] of this.#departures) {
      const member = memberOf(view, identity);
      if (member !== undefined && equal(member.node.signaturePublicKey, key)) continue;
      this.#departures.delete(edit);
      this.#committer.withdraw((open) => open === edit);
    }
    this.#idle?.();
    this.#idle = this.#context.later(refreshMs, () => this.#refresh(view.epoch));
    this.#watchExpiry();
    this.#watchHosts();
  }

  /** presence is what the server says of a member's connection. It moves only what anybody could do anyway. */
  presence(leaf: number, here: boolean): void {
    const { absent, clock, later, group } = this.#context;
    if (here || leaf === group.leaf) absent.delete(leaf);
    else if (!absent.has(leaf)) {
      const since = clock.ms();
      const member = group.view.members.get(leaf);
      absent.set(leaf, since);
      later(absentMs, async () => {
        if (member !== undefined && absent.get(leaf) === since) await this.departed(member);
      });
    }
    this.#watchHosts();
  }

  /** departed: a member has said that it goes, or has no connection any more. A host removes that leaf. */
  async departed(member: Member): Promise<void> {
    const wait = this.#turn('hosts', member.leaf);
    if (wait === undefined) return;
    const { identity } = member.credential;
    const remove = async (): Promise<void> => {
      if (!this.#still(member)) return;
      const edit: RosterEdit = { do: 'remove', identity };
      this.#departures.set(edit, { identity, key: member.node.signaturePublicKey });
      await this.#committer.want(edit, 'soon');
    };
    if (wait === 0) await remove();
    else this.#context.later(wait, remove);
  }

  /** takeOver makes us a host, once it was offered. */
  async takeOver(): Promise<void> {
    if (this.#offered) await this.#committer.want({ do: 'takeover' });
  }

  /** forget drops the removal of a leaf, where its owner comes back, or a kick is to follow, which is of the person. */
  forget(identity: Uint8Array): void {
    for (const [edit, departure] of this.#departures) {
      if (!equal(departure.identity, identity)) continue;
      this.#departures.delete(edit);
      this.#committer.withdraw((open) => open === edit);
    }
  }

  #still(member: Member): boolean {
    const now = this.#context.group.view.members.get(member.leaf);
    return now !== undefined && equal(now.node.signaturePublicKey, member.node.signaturePublicKey);
  }

  #turn(among: Among, without?: number): number | undefined {
    return turnOf(this.#context, among, without);
  }

  #warm(): void {
    const { clock, later, group } = this.#context;
    const spread = (warmMs.most - warmMs.least) * Math.max(1, group.view.members.size / warmPeople);
    later(warmMs.least + clock.random() * spread, async () => {
      const { view: { room, epoch, members } } = group;
      if (room.grants.length > 0) this.#warm();
      else if (members.size > 1) await this.#committer.want({ do: 'refresh', epoch });
    });
  }

  #refresh(epoch: bigint): void {
    const { group, later } = this.#context;
    if (group.view.epoch !== epoch) return;
    const wait = this.#turn(group.view.room.grants.length > 0 ? 'hosts' : 'hosts first');
    if (wait === undefined) return;
    later(wait, async () => {
      if (group.view.epoch === epoch) await this.#committer.want({ do: 'refresh', epoch });
    });
  }

  /** watchExpiry: at the end of a grant, by our own clock, we are silent for it until it is gone, and somebody takes it away. */
  #watchExpiry(): void {
    this.#expiry?.();
    const { clock, later, group } = this.#context;
    const { grants } = group.view.room;
    const now = clock.unix();
    for (const { n, scope, notAfter } of grants) {
      if (notAfter > now) continue;
      const name = `expiry:${n}`;
      this.#voice.pledge(name, 'expiry', scope, ({ room }) => !room.grants.some((grant) => grant.n === n));
      const wait = this.#turn('hosts first');
      if (wait !== undefined) later(wait, () => this.#committer.want({ do: 'revoke', n }));
    }
    const next = Math.min(...grants.map((grant) => grant.notAfter).filter((end) => end > now));
    if (next === Infinity) return;
    this.#expiry = later(Math.min((next - now) * 1000, lookAgainMs), () => this.#watchExpiry());
  }

  #watchHosts(): void {
    const { group: { view, leaf: self }, absent, later } = this.#context;
    const host = [...view.members.keys()].some((leaf) => hostLeaf(view, leaf) && (leaf === self || !absent.has(leaf)));
    if (host) {
      this.#hostless?.();
      this.#hostless = undefined;
      this.#offer(false);
    } else {
      this.#hostless ??= later(hostlessMs, () => this.#offer(this.#mayTakeOver()));
    }
  }

  #mayTakeOver(): boolean {
    const { view, leaf } = this.#context.group;
    const identity = view.members.get(leaf)?.credential.identity;
    return identity !== undefined && view.room.fallbackHost.some((entry) => equal(entry.identity, identity));
  }

  #offer(offered: boolean): void {
    if (offered === this.#offered) return;
    this.#offered = offered;
    this.#context.emit({ type: 'takeover', offered });
  }
}
