// The one door to the MLS library: everything it does for us, and nothing else of it, goes through Group.
import { createGroup, type ClientState } from 'ts-mls/clientState.js';
import { createCommit, createGroupInfo } from 'ts-mls/createCommit.js';
import { createApplicationMessage } from 'ts-mls/createMessage.js';
import { acceptAll } from 'ts-mls/incomingMessageAction.js';
import type { MlsPublicMessage } from 'ts-mls/message.js';
import { unprotectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import { ValidationError } from 'ts-mls/mlsError.js';
import { processPublicMessage } from 'ts-mls/processMessages.js';
import { getSignaturePublicKeyFromLeafIndex } from 'ts-mls/ratchetTree.js';
import { toLeafIndex } from 'ts-mls/treemath.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import type { Keys } from '../frame/epoch.ts';
import { equal, own, type Bytes } from '../policy/bytes.ts';
import type { MarkedState } from '../policy/checkpoint.ts';
import { signConsent, type Consent } from '../policy/consent.ts';
import { checkRoom, encodeRoom, roomExtension, type Room } from '../policy/room.ts';
import type { Signer } from '../policy/signing.ts';
import type { SealedBundle } from './bundle.ts';
import type { Applied, Made } from './commit.ts';
import { clientConfig } from './capabilities.ts';
import { bundlesFor, notesFor } from './epoch_bundles.ts';
import { epochKeys } from './epoch_keys.ts';
import { GroupError } from './group_error.ts';
import type { JoinKey } from './join_key.ts';
import { checkJoin, type Expectation } from './join_check.ts';
import type { Plan } from './plan.ts';
import type { Note } from './note.ts';
import { openMessage, type Message } from './private_message.ts';
import { judge, type Verdict } from './rules/judge.ts';
import { Serial } from './serial.ts';
import { leafSigner, type Suite } from './suite.ts';
import { hostLeaf, viewOf, type View } from './view.ts';
import { vouchFor, type Vouched } from './vouch.ts';
import { openWelcome } from './welcome.ts';
import { decodeMessage, encodeMessage, limits } from './wire.ts';

export type { Applied, Made };

interface Pending {
  readonly commit: Bytes;
  readonly state: ClientState;
  readonly consumed: readonly Uint8Array[];
}

/** How long a message of the epoch before is still taken, ms. */
const formerEpochMs = 5000;

/**
 * Group is our membership of one meeting. All calls that change it wait for one another. Input from outside fails with GroupError
 * and leaves the group as it was. Clock: a monotonic one, ms; it decides on late messages only, never on validity.
 */
export class Group {
  readonly #serial = new Serial();
  readonly #suite: Suite;
  readonly #clock: () => number;
  #state: ClientState;
  #view: View;
  #open = true;
  #pending: readonly Pending[] = [];
  #removed: readonly number[] = [];
  #epochBegan: number;

  private constructor(state: ClientState, view: View, suite: Suite, clock: () => number) {
    this.#state = state;
    this.#view = view;
    this.#suite = suite;
    this.#clock = clock;
    this.#epochBegan = clock();
  }

  /** create begins a meeting of one: key's leaf, which has to be a host of the room. Errors: PolicyError, GroupError. */
  static async create(key: JoinKey, room: Room, suite: Suite, clock: () => number): Promise<Group> {
    await checkRoom(room);
    const { publicPackage, privatePackage } = key.packages;
    const extensions = [{ extensionType: roomExtension, extensionData: encodeRoom(room) }];
    const state = await createGroup(room.charter.group, publicPackage, privatePackage, extensions, suite, clientConfig);
    key.spend();
    const view = viewOf(state);
    if (!hostLeaf(view, 0)) throw new GroupError('refused', 'the creator is no host');
    return new Group(state, view, suite, clock);
  }

  /** join takes the one Welcome for key, with all the joiner's checks. Errors: GroupError. */
  static async join(
    welcome: Uint8Array, key: JoinKey, expect: Expectation, suite: Suite, clock: () => number,
  ): Promise<{ readonly group: Group; readonly askLooser: boolean }> {
    const opened = await openWelcome(welcome, key, suite);
    const { view, askLooser } = await checkJoin(opened, expect);
    return { group: new Group(opened.state, view, suite, clock), askLooser };
  }

  /** What all members know of the epoch we are in. */
  get view(): View {
    return this.#view;
  }

  /** Our leaf index. It stays until we are removed. */
  get leaf(): number {
    return this.#state.privatePath.leafIndex;
  }

  /** False once a commit removed us. */
  get open(): boolean {
    return this.#open;
  }

  /** Epoch authenticator (RFC 9420, 8.7), 32 bytes: what codes are made of. A secret. */
  get authenticator(): Bytes {
    return own(this.#state.keySchedule.epochAuthenticator).slice();
  }

  /** keys is all that frames need of the epoch we are in. Owner: the caller, who erases it. */
  keys(): Promise<Keys> {
    return this.#run(() => epochKeys(this.#state, this.#view, this.#removed, this.#suite));
  }

  /** make prepares a commit; the group stays where it is. Errors: GroupError refused where the plan breaks a rule. */
  make(plan: Plan): Promise<Made> {
    return this.#run(() => this.#make(plan));
  }

  /** apply takes the commit that won the epoch, be it another's or our own. Errors: GroupError; unless unreachable, it is to be ignored. */
  apply(commit: Uint8Array): Promise<Applied> {
    return this.#run(() => this.#apply(commit));
  }

  /** seal makes a PrivateMessage of payload, at most 8 kB, signed by our leaf and for members of this epoch only. */
  seal(payload: Uint8Array): Promise<Bytes> {
    return this.#run(() => this.#seal(payload));
  }

  /** unseal opens a PrivateMessage: of this epoch, or of the one before for 5 s, from a leaf that is still in the tree. Errors: GroupError. */
  unseal(message: Uint8Array): Promise<Message> {
    return this.#run(async () => {
      const former = this.#clock() - this.#epochBegan <= formerEpochMs;
      const { state, message: opened } = await openMessage(this.#state, this.#view, message, former, this.#suite);
      this.#state = state;
      return opened;
    });
  }

  /** consent is our leaf's signature that the gateway of this request may be let in, in this epoch only. */
  consent(request: Uint8Array): Promise<Consent> {
    return this.#run(() => {
      const { group, epoch } = this.#view;
      return signConsent(this.#signer(this.#state), this.leaf, { group, epoch, request });
    });
  }

  /** groupInfo shows the delivery service the policy of the epoch (RFC 9420, 12.4.3), as an MLSMessage. There is no tree and no key in it that lets anybody join. */
  groupInfo(): Promise<Bytes> {
    return this.#run(async () => {
      const { groupContext, confirmationTag } = this.#state;
      const groupInfo = await createGroupInfo(groupContext, confirmationTag, this.#state, [], this.#suite);
      return encodeMessage({ version: 'mls10', wireformat: 'mls_group_info', groupInfo });
    });
  }

  /** vouch is a checkpoint of this epoch for the meeting's log, and our leaf's signature over it: what our mark shows in it. */
  vouch(mark: MarkedState): Promise<Vouched> {
    return this.#run(() => vouchFor(this.#view, mark, this.#signer(this.#state)));
  }

  /** notes seals the code that people compared to the gateways, for who asks by telephone. We have to be a host. */
  notes(note: Note): Promise<readonly SealedBundle[]> {
    return this.#run(() => notesFor(this.#state, this.#view, this.#signer(this.#state), note));
  }

  /** forget erases what would open messages of the epoch before. The owner of the group calls it 5 s after each commit. */
  forget(): Promise<void> {
    return this.#run(() => {
      this.#state = { ...this.#state, historicalReceiverData: new Map() };
      return Promise.resolve();
    });
  }

  /** bundles seals this epoch's keys to the gateways anew, where one of them has none. We have to be a host. */
  bundles(): Promise<readonly SealedBundle[]> {
    return this.#run(() => this.#bundles(this.#state, this.#view));
  }

  #run<T>(work: () => Promise<T>): Promise<T> {
    return this.#serial.run(() => {
      if (!this.#open) throw new GroupError('closed', 'no longer a member');
      return work();
    });
  }

  async #make({ proposals, authenticatedData }: Plan): Promise<Made> {
    const result = await createCommit(
      { state: this.#state, cipherSuite: this.#suite },
      { wireAsPublicMessage: true, ratchetTreeExtension: true, extraProposals: [...proposals], authenticatedData },
    );
    const commit = encodeMessage(result.commit);
    // What others would refuse is not sent: they would name us.
    await judge(this.#view, decodeMessage(commit, limits.commit), this.#suite);
    this.#pending = [...this.#pending.slice(-3), { commit, state: result.newState, consumed: result.consumed }];
    const welcome = result.welcome === undefined
      ? undefined
      : encodeMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome: result.welcome });
    const view = viewOf(result.newState, this.#view);
    return { commit, welcome, bundles: hostLeaf(view, this.leaf) ? await this.#bundles(result.newState, view) : [] };
  }

  async #apply(bytes: Uint8Array): Promise<Applied> {
    const message = decodeMessage(bytes, limits.commit);
    if (message.wireformat !== 'mls_public_message') throw new GroupError('refused', 'not a PublicMessage', { rule: 'R1' });
    const verdict = await this.#judge(message);
    const removed = verdict.envelope.removes.flatMap((p) => this.#view.members.get(p.remove.removed) ?? []);
    const done = { shape: verdict.shape, sender: verdict.envelope.sender, removed, before: this.#view };
    if (removed.some((member) => member.leaf === this.leaf)) {
      await this.#mustBeSigned(message);
      this.#close();
      return { ...done, after: undefined };
    }
    const won = this.#pending.find((made) => equal(made.commit, bytes));
    const next = won ?? (await this.#process(message, verdict));
    const view = this.#viewAfter(next.state, verdict);
    for (const secret of next.consumed) secret.fill(0);
    this.#state = next.state;
    this.#view = view;
    this.#pending = [];
    this.#removed = removed.map((member) => member.leaf);
    this.#epochBegan = this.#clock();
    return { ...done, after: view };
  }

  /** judge, and where a commit is refused that its sender did sign, say so. */
  async #judge(message: MlsPublicMessage & { readonly version: 'mls10' }): Promise<Verdict> {
    try {
      return await judge(this.#view, message, this.#suite);
    } catch (error) {
      const { sender } = message.publicMessage.content;
      if (error instanceof GroupError && sender.senderType === 'member' && (await this.#signed(message))) {
        error.provenSender = sender.leafIndex;
      }
      throw error;
    }
  }

  async #process(message: MlsPublicMessage, { envelope }: Verdict): Promise<Omit<Pending, 'commit'>> {
    await this.#mustBeSigned(message);
    try {
      const { newState, consumed } = await processPublicMessage(this.#state, message.publicMessage, emptyPskIndex, this.#suite, acceptAll);
      return { state: newState, consumed };
    } catch (cause) {
      // Without a path all members compute the same and fail alike; a path may be good for all but us.
      const ours = envelope.path !== undefined && !(cause instanceof ValidationError);
      throw new GroupError(ours ? 'unreachable' : 'invalid', 'the commit cannot be applied', { cause });
    }
  }

  /** viewAfter reads the state that the library made, and holds it against the verdict: it may have done that and nothing else. */
  #viewAfter(state: ClientState, { next, envelope }: Verdict): View {
    const view = viewOf(state, this.#view);
    const size = this.#view.members.size - envelope.removes.length + envelope.adds.length;
    const whole = view.epoch === this.#view.epoch + 1n && view.members.size === size && equal(encodeRoom(view.room), encodeRoom(next));
    const idle = Object.keys(state.unappliedProposals).length === 0 && state.groupActiveState.kind === 'active';
    if (!whole || !idle) throw new GroupError('unreachable', 'the library made something else of the commit');
    return view;
  }

  async #signed(message: MlsPublicMessage): Promise<boolean> {
    const { keySchedule, groupContext, ratchetTree } = this.#state;
    try {
      await unprotectPublicMessage(keySchedule.membershipKey, groupContext, ratchetTree, message.publicMessage, this.#suite);
      return true;
    } catch {
      // Whatever it throws: nobody is proven to have signed it.
      return false;
    }
  }

  async #mustBeSigned(message: MlsPublicMessage): Promise<void> {
    if (!(await this.#signed(message))) throw new GroupError('unsigned', 'the commit');
  }

  async #seal(payload: Uint8Array): Promise<Bytes> {
    if (payload.length > limits.payload) throw new GroupError('malformed', 'too long');
    const { newState, privateMessage } = await createApplicationMessage(this.#state, payload, this.#suite);
    this.#state = newState;
    return encodeMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage });
  }

  #bundles(state: ClientState, view: View): Promise<readonly SealedBundle[]> {
    return bundlesFor(state, view, this.#signer(state), this.#suite);
  }

  #signer(state: ClientState): Signer {
    return leafSigner(getSignaturePublicKeyFromLeafIndex(state.ratchetTree, toLeafIndex(this.leaf)), state.signaturePrivateKey);
  }

  #close(): void {
    this.#open = false;
    this.#pending = [];
    for (const secret of Object.values(this.#state.keySchedule) as Uint8Array[]) secret.fill(0);
  }
}
