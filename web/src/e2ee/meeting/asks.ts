import type { Kind } from '../frame/kind.ts';
import { equal, hex, u64, type Bytes } from '../policy/bytes.ts';
import type { Consent } from '../policy/consent.ts';
import { checkRequest, decodeRequest, type GrantRequest, type SignedRequest } from '../policy/grant_request.ts';
import { PolicyError } from '../policy/policy_error.ts';
import type { Grant, Room } from '../policy/room.ts';
import { sha256, verifyLabelled } from '../policy/signing.ts';
import type { GrantEdit } from '../mls/edit.ts';
import { hostLeaf, type Member, type View } from '../mls/view.ts';
import type { Committer } from './committer.ts';
import { iAmHost, nameOf, turnOf, type SeatContext } from './context.ts';
import { shownLeg } from './display_name.ts';
import type { AskCard } from './events.ts';
import { narrowed } from './narrowing.ts';
import type { Heard, Talk } from './talk.ts';
import type { RoomMessage } from './talk_message.ts';
import type { Voice } from './voice.ts';

/** How long any member may object, where the veto rule says so, ms. */
const vetoMs = 10_000;
/** The longest that a request is shown, whatever it says, ms. */
const longestMs = 3_600_000;
/** Most requests that are shown at a time. */
const mostAsks = 16;

interface Ask {
  readonly signed: SignedRequest;
  readonly request: GrantRequest;
  readonly shownAt: number;
  /** Only gives back lines of a grant in force: granted without a question, and not shown. */
  readonly narrows: boolean;
  times: number;
  readonly vetoes: Map<number, string>;
  /** By leaf, of the present epoch only. */
  consents: Map<number, Consent>;
  mine: AskCard['mine'];
}

/** Asks are the requests of gateways, and how the meeting makes up its mind about each. */
export class Asks {
  readonly #context: SeatContext;
  readonly #committer: Committer;
  readonly #talk: Talk;
  readonly #voice: Voice;
  readonly #asks = new Map<string, Ask>();

  constructor(context: SeatContext, parts: { readonly committer: Committer; readonly talk: Talk; readonly voice: Voice }) {
    this.#context = context;
    this.#committer = parts.committer;
    this.#talk = parts.talk;
    this.#voice = parts.voice;
  }

  /** Whether a gateway waits for people's answer. */
  get pending(): boolean {
    return [...this.#asks.values()].some(({ narrows }) => !narrows);
  }

  /** came is given a request. Nothing of it is shown unless a listed gateway signed it for this room and group. */
  async came(signed: SignedRequest): Promise<void> {
    const { charter: { group, room }, gateways } = this.#context.group.view.room;
    let request: GrantRequest;
    try {
      request = await checkRequest(signed, { room, group, gateways });
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      this.#context.emit({ type: 'failure', failure: { what: 'badAsk' } }); return;
    }
    const { clock, group: { view } } = this.#context;
    const id = hex(request.id);
    const known = this.#asks.get(id);
    if (known !== undefined) {
      known.times++;
      this.#show();
      return;
    }
    if (request.notAfter <= clock.unix()) return;
    if (view.room.grants.some((grant) => equal(grant.request, signed.request))) return;
    if (view.room.mode === 'sealed') {
      if (turnOf(this.#context, 'hosts') === 0) this.#context.line.send({ type: 'decline', request: request.id });
      return;
    }
    // What a gateway asks names all its lines: it takes the place of what it asked before.
    for (const [other, ask] of this.#asks) if (equal(ask.request.gateway, request.gateway)) this.#forget(other);
    if (this.#asks.size >= mostAsks) return;
    const narrows = narrowed(view.room, request) !== undefined;
    const ask: Ask = { signed, request, shownAt: clock.ms(), narrows, times: 1, vetoes: new Map(), consents: new Map(), mine: 'open' };
    this.#asks.set(id, ask);
    this.#context.later(Math.min((request.notAfter - clock.unix()) * 1000, longestMs), () => this.#forget(id));
    if (narrows) await this.#narrow(id, ask);
    this.#show();
  }

  /** withdrawn: the gateway takes a request back, or its last leg hung up; then its grant is taken away at once. */
  async withdrawn(id: Uint8Array): Promise<void> {
    this.#forget(hex(id));
    const grant = this.#context.group.view.room.grants.find((g) => equal(decodeRequest(g.request).id, id));
    const wait = turnOf(this.#context, 'hosts first');
    if (grant === undefined || wait === undefined) return;
    if (wait === 0) await this.#committer.want({ do: 'revoke', n: grant.n });
    else this.#context.later(wait, () => this.#committer.want({ do: 'revoke', n: grant.n }));
  }

  /** allow is a host's yes, which counts as far as the veto rule lets it. */
  async allow(id: string): Promise<void> {
    const ask = this.#asks.get(id);
    if (ask === undefined || !iAmHost(this.#context)) return;
    ask.mine = 'allowed';
    const { clock, group: { view: { room: { vetoRule } } } } = this.#context;
    if (vetoRule === 'host') await this.#grant(ask);
    else if (vetoRule === 'all') await this.#consent(ask);
    else {
      this.#context.later(Math.max(0, ask.shownAt + vetoMs - clock.ms()), async () => {
        if (this.#asks.get(id) === ask && ask.vetoes.size === 0) await this.#grant(ask);
      });
    }
    this.#show();
  }

  /** decline is a host's no: for all, and for the caller. */
  async decline(id: string): Promise<void> {
    const ask = this.#asks.get(id);
    if (ask === undefined || !iAmHost(this.#context)) return;
    this.#context.line.send({ type: 'decline', request: ask.request.id });
    await this.#talk.say({ t: 'declined', id: ask.request.id });
    this.#forget(id);
  }

  /** consent is our own yes, where all have to say it. It holds on into later epochs. */
  async consent(id: string): Promise<void> {
    const ask = this.#asks.get(id);
    if (ask === undefined || this.#context.group.view.room.vetoRule !== 'all') return;
    if (ask.mine !== 'allowed') ask.mine = 'consented';
    await this.#consent(ask);
    this.#show();
  }

  /** veto is our own no. We are silent for that gateway until a host has declined; what a grant brings, we are asked about anyway. */
  async veto(id: string): Promise<void> {
    const ask = this.#asks.get(id);
    if (ask === undefined || this.#context.group.view.room.vetoRule === 'host') return;
    ask.mine = 'vetoed';
    ask.vetoes.set(this.#context.group.leaf, nameOf(this.#context.group.view.members.get(this.#context.group.leaf)));
    this.#voice.pledge(`veto:${id}`, 'veto', ask.request.scope, () => !this.#asks.has(id));
    await this.#talk.say({ t: 'veto', id: ask.request.id });
    if (iAmHost(this.#context)) await this.decline(id);
    else this.#show();
  }

  /** hear takes what others say of a request. */
  async hear(heard: Heard, message: Extract<RoomMessage, { t: 'veto' | 'consent' | 'declined' }>): Promise<void> {
    const id = hex(message.id);
    const ask = this.#asks.get(id);
    if (ask === undefined) return;
    const { group: { view } } = this.#context;
    switch (message.t) {
      case 'declined':
        if (hostLeaf(view, heard.from.leaf)) this.#forget(id);
        break;
      case 'veto':
        if (view.room.vetoRule !== 'host') await this.#vetoed(id, ask, heard.from);
        break;
      case 'consent':
        await this.#consented(ask, heard.from, message);
        break;
    }
  }

  /** agreed says whether our own user was asked about a grant, and did not object. */
  agreed(grant: Grant): boolean {
    const ask = this.#asks.get(hex(decodeRequest(grant.request).id));
    return ask !== undefined && (ask.mine === 'allowed' || ask.mine === 'consented');
  }

  /** objected says whether our own user objected to a grant. */
  objected(grant: Grant): boolean {
    return this.#asks.get(hex(decodeRequest(grant.request).id))?.mine === 'vetoed';
  }

  /** applied, before wishes are settled: what was granted is no request any more, and consents were for the epoch before. */
  async applied({ room }: View): Promise<void> {
    for (const [id, ask] of this.#asks) {
      const granted = room.grants.some((grant) => equal(grant.request, ask.signed.request));
      if (granted || room.mode === 'sealed' || !listed(room, ask.request.gateway)) {
        this.#forget(id);
        continue;
      }
      ask.consents = new Map();
      this.#committer.withdraw((edit) => edit.do === 'grant' && edit.consents !== undefined && edit.signed === ask.signed);
      if (ask.narrows && narrowed(room, ask.request) === undefined) {
        // What it would have narrowed is gone or another by now: people have to be asked.
        this.#asks.set(id, { ...ask, narrows: false, mine: 'open' });
        this.#committer.withdraw((edit) => edit.do === 'grant' && edit.signed === ask.signed);
        continue;
      }
      if (room.vetoRule === 'all' && (ask.mine === 'allowed' || ask.mine === 'consented')) await this.#consent(ask);
    }
  }

  /** shown again, as hosts, rules or names may have changed. */
  show(): void {
    if (this.pending) this.#show();
  }

  /** narrow has hosts grant it by themselves, one after another until it is done, and all consent where all have to. */
  async #narrow(id: string, ask: Ask): Promise<void> {
    const wait = turnOf(this.#context, 'hosts');
    ask.mine = wait === undefined ? 'consented' : 'allowed';
    if (this.#context.group.view.room.vetoRule === 'all') await this.#consent(ask);
    else if (wait === 0) await this.#grant(ask);
    else if (wait !== undefined) {
      this.#context.later(wait, async () => {
        if (this.#asks.get(id) === ask) await this.#grant(ask);
      });
    }
  }

  async #vetoed(id: string, ask: Ask, from: Member): Promise<void> {
    ask.vetoes.set(from.leaf, nameOf(from));
    this.#show();
    const wait = turnOf(this.#context, 'hosts');
    if (wait === undefined) return;
    this.#committer.withdraw((edit) => edit.do === 'grant' && edit.signed === ask.signed);
    if (wait === 0) await this.decline(id);
    else this.#context.later(wait, () => this.decline(id));
  }

  async #consent(ask: Ask): Promise<void> {
    const { group } = this.#context;
    const consent = await group.consent(ask.signed.request);
    ask.consents.set(consent.leaf, consent);
    await this.#talk.say({ t: 'consent', id: ask.request.id, epoch: Number(group.view.epoch), sig: consent.sig });
    await this.#grantIfAll(ask);
  }

  async #consented(ask: Ask, { leaf, node }: Member, { epoch, sig }: { readonly epoch: number; readonly sig: Bytes }): Promise<void> {
    const { view } = this.#context.group;
    if (BigInt(epoch) !== view.epoch || view.room.vetoRule !== 'all') return;
    const hash = await sha256(ask.signed.request);
    if (!(await verifyLabelled(node.signaturePublicKey, 'legroom/1 consent', sig, view.group, u64(epoch), hash))) return;
    ask.consents.set(leaf, { leaf, sig });
    this.#show();
    await this.#grantIfAll(ask);
  }

  async #grantIfAll(ask: Ask): Promise<void> {
    const { members, epoch } = this.#context.group.view;
    if (ask.mine !== 'allowed' || [...members.keys()].some((leaf) => !ask.consents.has(leaf))) return;
    await this.#grant(ask, { epoch, given: [...ask.consents.values()] });
  }

  async #grant({ signed, request, narrows }: Ask, consents?: GrantEdit['consents']): Promise<void> {
    const { room } = this.#context.group.view;
    const old = narrows ? narrowed(room, request) : undefined;
    if (narrows && old === undefined) return;
    const may = (kind: Kind, now: readonly Kind[] | undefined): boolean => room.maxScope.includes(kind) && (now?.includes(kind) ?? true);
    const scope = request.scope.filter((kind) => may(kind, old?.scope));
    const speak = request.speak.filter((kind) => may(kind, old?.speak));
    const notAfter = Math.min(request.notAfter, old?.notAfter ?? Infinity);
    await this.#committer.want({ do: 'grant', signed, scope, speak, notAfter, consents });
  }

  #forget(id: string): void {
    const ask = this.#asks.get(id);
    if (ask === undefined) return;
    this.#asks.delete(id);
    this.#committer.withdraw((edit) => edit.do === 'grant' && edit.signed === ask.signed);
    this.#voice.drop(`veto:${id}`);
    this.#show();
  }

  #show(): void {
    const { vetoRule: rule } = this.#context.group.view.room;
    const open = [...this.#asks].filter(([, { narrows }]) => !narrows);
    const asks = open.map(([id, { request, vetoes, consents, mine, times }]): AskCard => {
      const { gateway, legs, scope, speak } = request;
      return { id, gateway, legs: legs.map(shownLeg), scope, speak, rule, vetoes: [...vetoes.values()], consents: consents.size, mine, times };
    });
    this.#context.emit({ type: 'asks', asks });
  }
}

function listed(room: Room, gateway: Uint8Array): boolean {
  return room.gateways.some((key) => equal(key, gateway));
}
