// What a line says of the group, held against what the lines before it said. Go's is e2ee/ledger/verify_group.go.
import { mediumOf } from '../e2ee/frame/kind.ts';
import type { Suite } from '../e2ee/mls/suite.ts';
import type { Member } from '../e2ee/mls/view.ts';
import { base64url, equal, hex, lab, type Bytes } from '../e2ee/policy/bytes.ts';
import { decodeCheckpoint, type Checkpoint, type MarkedState } from '../e2ee/policy/checkpoint.ts';
import { encodeRoom, requestOf, type Room } from '../e2ee/policy/room.ts';
import { gatewayFingerprint, sha256, verifyLabelled } from '../e2ee/policy/signing.ts';
import type { Said } from './line.ts';
import { apply, found, ReplayError, type State } from './replay.ts';
import { endSpan, newSpan, type Report } from './report.ts';
import { quoted } from './text.ts';

const mostStates = 64;

/** Follower follows the group of one log. at is the line in the file. */
export class Follower {
  #states: State[] = [];
  #withdrawn: State[] = [];
  founded = false;

  constructor(private readonly report: Report, private readonly suite: Suite) {}

  get #now(): State | undefined {
    return this.#states.at(-1);
  }

  fault(at: number, text: string): void {
    this.report.keep(this.report.faults, { line: at, text });
  }

  remark(at: number, text: string): void {
    this.report.keep(this.report.remarks, { line: at, text });
  }

  #stick(at: number, text: string): void {
    this.report.stuck = true;
    this.fault(at, `${text}; the group could not be followed from here on`);
  }

  async found(at: number, time: number, said: NonNullable<Said['founded']>): Promise<void> {
    if (this.founded) {
      this.fault(at, 'a second group');
      return;
    }
    this.founded = true;
    const state = await found(said.keyPackage, said.groupInfo, this.suite).catch(() => undefined);
    if (state === undefined || !equal(state.view.group, this.report.group) || said.epoch !== 0) {
      this.#stick(at, 'the group does not begin as its charter and the first line say');
      return;
    }
    this.#states.push(state);
    const { charter } = state.view.room;
    this.report.room = charter.room;
    const owner = (await sha256(lab('legroom/1 owner'), charter.owner)).slice(0, 16);
    this.report.owner = (hex(owner).match(/.{4}/g) ?? []).join(' ');
    this.report.ownerInLinks = base64url(owner);
    for (const member of state.view.members.values()) this.#join(member, 0, time, 'founded the group');
    await this.#grants(undefined, state.view.room, 0, time, 'the founder', '');
  }

  async commit(at: number, time: number, said: NonNullable<Said['committed']>): Promise<void> {
    const now = this.#now;
    if (this.report.stuck) return;
    if (now === undefined) {
      this.#stick(at, 'a commit before there is a group');
      return;
    }
    const epoch = Number(now.view.epoch);
    if (said.epoch > epoch) {
      this.#stick(at, `a commit of epoch ${said.epoch}, and that of epoch ${epoch} is due: it is missing`);
      return;
    }
    if (said.epoch < epoch) {
      this.fault(at, `a second commit of epoch ${said.epoch}: the server split the group`);
      return;
    }
    let applied: Awaited<ReturnType<typeof apply>>;
    try {
      applied = await apply(now, said.commit, this.suite);
    } catch (cause) {
      this.#stick(at, whyNot(cause));
      return;
    }
    const { next, step } = applied;
    const by = quoted(step.sender.credential.name);
    if (said.leaf !== step.sender.leaf) this.fault(at, `it names leaf ${said.leaf}, and leaf ${step.sender.leaf} committed`);
    if (said.bundles.length > next.view.room.grants.length) this.fault(at, 'more bundles of keys than grants');
    for (const { leaf } of step.removed) {
      for (const person of this.report.people) if (person.open && person.leaf === leaf) endSpan(person, epoch, time, `removed by ${by}`);
    }
    const began = `${step.shape === 'REJOIN' ? 'brought back' : 'let in'} by ${by}`;
    for (const member of step.added) this.#join(member, epoch + 1, time, began);
    const all = now.view.room.vetoRule === 'all' || next.view.room.vetoRule === 'all';
    await this.#grants(now.view.room, next.view.room, epoch + 1, time, by, all ? ' with the consent of everybody' : '');
    this.#states = [...this.#states, next].slice(-mostStates);
    this.report.epoch = epoch + 1;
  }

  reopen(at: number, time: number, { epoch }: NonNullable<Said['reopened']>): void {
    if (this.report.stuck) return;
    const now = this.#now;
    const index = this.#states.findIndex((state) => state.view.epoch === BigInt(epoch));
    if (now === undefined || index < 0 || index === this.#states.length - 1) {
      return this.#stick(at, `it takes back commits from epoch ${epoch} on, which are not there`);
    }
    this.#withdrawn = [...this.#withdrawn, ...this.#states.slice(index + 1).reverse()].slice(-mostStates);
    this.#states = this.#states.slice(0, index + 1);
    this.report.takeBack(epoch, Number(now.view.epoch), time);
    this.report.epoch = epoch;
    this.remark(at, `the server took back the commits from epoch ${epoch} on; it says that most members had refused them`);
  }

  async checkpoint(at: number, said: NonNullable<Said['checkpoint']>): Promise<void> {
    const checkpoint = decoded(said.signed);
    if (checkpoint === undefined || !equal(checkpoint.group, this.report.group)) {
      this.fault(at, 'a checkpoint that is damaged or of another group');
      return;
    }
    const now = this.#now;
    if (this.report.stuck || now === undefined) {
      this.remark(at, 'a checkpoint that could not be compared');
      return;
    }
    const { epoch } = checkpoint;
    const lost = await this.#tookBack(checkpoint, said);
    if (lost !== undefined) {
      this.#vouch(at, checkpoint, lost, false);
      const name = quoted(lost.credential.name);
      this.fault(at, `${name} went on with a commit of epoch ${epoch - 1} that was taken back: the group was split`);
      return;
    }
    if (BigInt(epoch) > now.view.epoch) {
      this.fault(at, `leaf ${said.leaf} vouched for epoch ${epoch}, which the log does not have`);
      return;
    }
    const state = this.#states.find(({ view }) => view.epoch === BigInt(epoch));
    if (state === undefined) {
      this.remark(at, 'a checkpoint that could not be compared');
      return;
    }
    const member = state.view.members.get(said.leaf);
    if (member === undefined || !(await signedBy(member, said))) {
      this.fault(at, `a checkpoint of epoch ${epoch} that leaf ${said.leaf} did not sign`);
      return;
    }
    const name = quoted(member.credential.name);
    const agrees = await same(checkpoint, state);
    const fits = marks(checkpoint.state, state.view.room);
    this.#vouch(at, checkpoint, member, agrees && fits);
    if (!agrees) this.fault(at, `${name} vouched for another history of epoch ${epoch} than the log tells`);
    else if (!fits) this.fault(at, `the browser of ${name} showed ${checkpoint.state}, which is not what the policy of epoch ${epoch} says`);
  }

  async #tookBack(checkpoint: Checkpoint, said: NonNullable<Said['checkpoint']>): Promise<Member | undefined> {
    for (const state of this.#withdrawn) {
      const member = state.view.members.get(said.leaf);
      if (member !== undefined && (await same(checkpoint, state)) && (await signedBy(member, said))) return member;
    }
    return undefined;
  }

  #vouch(line: number, { epoch, state }: Checkpoint, { credential: { name } }: Member, agrees: boolean): void {
    this.report.keep(this.report.vouched, { line, name, epoch, state, agrees });
  }

  #join({ leaf, credential: { name, kind, identity } }: Member, epoch: number, time: number, how: string): void {
    this.report.keep(this.report.people, { ...newSpan(epoch, time, how), name, kind, identity, leaf });
  }

  async #grants(old: Room | undefined, next: Room, epoch: number, time: number, by: string, consent: string): Promise<void> {
    for (const { n } of old?.grants ?? []) {
      if (next.grants.some((grant) => grant.n === n)) continue;
      for (const machine of this.report.machines) if (machine.open && machine.n === n) endSpan(machine, epoch - 1, time, `ended by ${by}`);
    }
    for (const grant of next.grants) {
      if (old?.grants.some(({ n }) => n === grant.n) ?? false) continue;
      const { gateway, legs } = requestOf(grant);
      const { n, scope, speak, notAfter } = grant;
      const span = newSpan(epoch, time, `approved by ${by}${consent}`);
      this.report.keep(this.report.machines, { ...span, n, gateway: await gatewayFingerprint(gateway), scope, speak, notAfter, legs });
    }
  }
}

function whyNot(cause: unknown): string {
  const why = cause instanceof ReplayError ? cause.why : undefined;
  if (why === 'signature') return 'the commit is not signed for this history by the leaf that it names';
  return why === 'tree' ? 'the commit does not fit the tree' : 'the commit breaks the rules of the room, and no member takes such a one';
}

function decoded(signed: Uint8Array): Checkpoint | undefined {
  try {
    return decodeCheckpoint(signed);
  } catch {
    // PolicyError is all that it throws, and the reason is not told.
    return undefined;
  }
}

function signedBy({ node }: Member, { signed, sig }: { readonly signed: Bytes; readonly sig: Bytes }): Promise<boolean> {
  return verifyLabelled(node.signaturePublicKey, 'legroom/1 checkpoint', sig, signed);
}

async function same(checkpoint: Checkpoint, { view }: State): Promise<boolean> {
  return BigInt(checkpoint.epoch) === view.epoch && equal(checkpoint.transcript, view.transcript) && equal(checkpoint.tree, view.tree)
    && equal(checkpoint.room, await sha256(encodeRoom(view.room)));
}

/** marks says whether a mark can be shown under a policy. What hangs on more than the policy is let pass. */
function marks(state: MarkedState, { grants }: Room): boolean {
  const wide = grants.some((grant) => grant.scope.some((kind) => mediumOf(kind) !== 'audio') || requestOf(grant).legs.some(({ kind }) => kind === 'recorder'));
  if (state === 'sealed') return grants.length === 0;
  if (state === 'audioOpen') return grants.length > 0 && !wide;
  return state === 'mediaOpen' ? wide : true;
}
