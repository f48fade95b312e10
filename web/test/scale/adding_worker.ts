// In a worker, as in the client: a group of many, and one more.
import type { ClientState } from 'ts-mls/clientState.js';
import { createCommit } from 'ts-mls/createCommit.js';
import { acceptAll } from 'ts-mls/incomingMessageAction.js';
import { processPublicMessage } from 'ts-mls/processMessages.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { Epoch } from '../../src/e2ee/frame/epoch.ts';
import { foundingRoom } from '../../src/e2ee/meeting/founding.ts';
import type { Edit } from '../../src/e2ee/mls/edit.ts';
import { Group, type Made } from '../../src/e2ee/mls/group.ts';
import { JoinKey } from '../../src/e2ee/mls/join_key.ts';
import { checkNewcomer } from '../../src/e2ee/mls/newcomer.ts';
import { planNext, type Plan } from '../../src/e2ee/mls/plan.ts';
import { newSuite, type Suite } from '../../src/e2ee/mls/suite.ts';
import { openWelcome } from '../../src/e2ee/mls/welcome.ts';
import { decodeMessage, limits } from '../../src/e2ee/mls/wire.ts';
import { newSigner, type Signer } from '../../src/e2ee/policy/signing.ts';

/** Added is how long each round took, ms. */
export interface Added {
  /** From the KeyPackage on the card to commit and Welcome, ready to be sent. */
  readonly make: number[];
  /** From the commit as it came to keys that frames are sealed with. */
  readonly apply: number[];
  /** The same commits by the library alone: nothing is judged, and no keys are made of them. */
  readonly bareMake: number[];
  readonly bareApply: number[];
  commitBytes: number;
  welcomeBytes: number;
}

const room = '1000';
const clock = (): number => performance.now();
const unix = Math.floor(Date.now() / 1000);

interface Guest {
  readonly identity: Signer;
  readonly key: JoinKey;
}

async function guest(name: string, suite: Suite): Promise<Guest> {
  const identity = await newSigner();
  return { identity, key: await JoinKey.make(identity, { room, kind: 'guest', name, subject: '' }, unix, suite) };
}

/** addition is the wish to add somebody, checked as a host does it. */
async function addition({ key }: Guest, suite: Suite): Promise<Edit> {
  return { do: 'add', newcomer: await checkNewcomer(room, key.keyPackage, unix, suite, key.ref) };
}

function planned(group: Group, edits: readonly Edit[]): Plan {
  const plan = planNext(group.view, group.leaf, edits);
  if (plan === undefined) throw new Error('nothing to do');
  return plan;
}

/** Crowd is a host, a member, and a member of whom there is the library's state alone. */
class Crowd {
  private constructor(readonly suite: Suite, readonly host: Group, readonly member: Group, private bare: ClientState) {}

  static async of(people: number): Promise<Crowd> {
    const suite = await newSuite();
    const owner = await newSigner();
    const terms = { owner: owner.publicKey, floor: 'mixed', mode: 'mixed', locked: false, maxScope: ['audio'], gateways: [], vetoRule: 'host', fallback: [] } as const;
    const key = await JoinKey.make(owner, { room, kind: 'account', name: 'Host', subject: '' }, unix, suite);
    const host = await Group.create(key, await foundingRoom(owner, room, terms, unix), suite, clock);
    const guests = await Promise.all(Array.from({ length: people - 1 }, (_, i) => guest(`Member ${i + 1}`, suite)));
    const edits = await Promise.all(guests.map((one) => addition(one, suite)));
    let welcome: Uint8Array | undefined;
    // One commit takes so many and no more; the next takes those who are left.
    while (host.view.members.size < people) {
      const made = await host.make(planned(host, edits));
      await host.apply(made.commit);
      welcome = made.welcome;
    }
    const [last, other] = [guests.at(-1), guests.at(-2)];
    if (welcome === undefined || last === undefined || other === undefined) throw new Error('too few people');
    const { group } = await Group.join(welcome, last.key, { room }, suite, clock);
    return new Crowd(suite, host, group, (await openWelcome(welcome, other.key, suite)).state);
  }

  /** add takes the time of one Add. */
  async add(who: Guest, times: Added): Promise<void> {
    let began = clock();
    const plan = planned(this.host, [await addition(who, this.suite)]);
    const made = await this.host.make(plan);
    times.make.push(clock() - began);
    began = clock();
    await createCommit(
      { state: this.bare, cipherSuite: this.suite },
      { wireAsPublicMessage: true, ratchetTreeExtension: true, extraProposals: [...plan.proposals], authenticatedData: plan.authenticatedData },
    );
    times.bareMake.push(clock() - began);
    began = clock();
    await this.member.apply(made.commit);
    await Epoch.of(await this.member.keys());
    times.apply.push(clock() - began);
    began = clock();
    await this.#bareApply(made);
    times.bareApply.push(clock() - began);
    await this.host.apply(made.commit);
    [times.commitBytes, times.welcomeBytes] = [made.commit.length, made.welcome?.length ?? 0];
  }

  /** remove puts somebody out again. */
  async remove({ identity }: Guest): Promise<void> {
    const made = await this.host.make(planned(this.host, [{ do: 'remove', identity: identity.publicKey }]));
    await Promise.all([this.host.apply(made.commit), this.member.apply(made.commit), this.#bareApply(made)]);
  }

  async #bareApply({ commit }: Made): Promise<void> {
    const message = decodeMessage(commit, limits.commit);
    if (message.wireformat !== 'mls_public_message') throw new Error('not a PublicMessage');
    this.bare = (await processPublicMessage(this.bare, message.publicMessage, emptyPskIndex, this.suite, acceptAll)).newState;
  }
}

async function measure(people: number, rounds: number): Promise<Added> {
  const times: Added = { make: [], apply: [], bareMake: [], bareApply: [], commitBytes: 0, welcomeBytes: 0 };
  const crowd = await Crowd.of(people - 1);
  for (let i = 0; i < rounds; i++) {
    const who = await guest(`Late ${i}`, crowd.suite);
    await crowd.add(who, times);
    if (crowd.host.view.members.size !== people) throw new Error(`${crowd.host.view.members.size} people`);
    await crowd.remove(who);
  }
  return times;
}

globalThis.onmessage = ({ data: { people, rounds } }: MessageEvent<{ people: number; rounds: number }>) => {
  void measure(people, rounds).then((times) => (globalThis as unknown as { postMessage: (message: Added) => void }).postMessage(times));
};
