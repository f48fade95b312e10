import type { Gateway } from './gateway.ts';
import { Member } from './member.ts';
import type { Publisher } from './publisher.ts';
import { visitorName } from './visitor.ts';

/** How many members there are without a browser, the host among them; how many of them can show themselves, and how many do at first, and speak. */
export const members = 49;
export const cameras = 25;
export const talkers = 3;

const tones = [440, 660, 880];

/** Company is everybody in the room who has no browser: all in this one process, each over a connection of its own. */
export class Company {
  readonly publisher: Publisher;
  readonly #gateway: Gateway;
  readonly #all: Member[] = [];
  #shown = 0;

  constructor(gateway: Gateway, publisher: Publisher) {
    this.#gateway = gateway;
    this.publisher = publisher;
  }

  /** host lets people in. */
  get host(): Member {
    const [host] = this.#all;
    if (host === undefined) throw new Error('nobody is here yet');
    return host;
  }

  /** gather has the host begin a meeting and let the others in: first those who will have a camera, whose tiles are then the first. Some of them speak. */
  async gather(): Promise<void> {
    const host = await this.#come('Host', true);
    await host.until('begin a meeting', () => host.phase === 'in');
    await this.#enter(cameras);
    await this.#enter(members - 1 - cameras);
    await this.show(talkers);
  }

  /** show has so many in all show themselves; the first few speak as well. */
  async show(many: number): Promise<void> {
    for (; this.#shown < many; this.#shown++) await this.#all[this.#shown + 1]?.publish(tones[this.#shown] ?? 0);
  }

  /**
   * hold has those who only listen follow the group later, until release. Each would have a computer of its own; here, all at once, they
   * would take the processor from those whom the newcomer is to hear.
   */
  hold(): void {
    for (const member of this.#all) member.hold();
  }

  release(): void {
    for (const member of this.#all) member.release();
  }

  /** count waits until all know of so many people in the group. */
  async count(people: number): Promise<void> {
    await Promise.all(this.#all.map((member) => member.until(`count ${people} people`, () => member.roster.length === people)));
  }

  /** alone has the host put a visitor out, and waits until it is so for all. */
  async alone(): Promise<void> {
    this.host.putOut(visitorName);
    await this.count(members);
  }

  leave(): void {
    for (const member of this.#all) member.leave();
  }

  /** enter has so many more come in. */
  async #enter(many: number): Promise<void> {
    const { host } = this;
    const had = this.#all.length;
    const guests = await Promise.all(Array.from({ length: many }, (_, i) => this.#come(`Member ${had + i}`, false)));
    await host.until('see who waits', () => host.cards.length === many);
    host.admit();
    await Promise.all(guests.map((guest) => guest.until('be let in', () => guest.phase === 'in')));
  }

  async #come(name: string, host: boolean): Promise<Member> {
    const member = await Member.come(this.#gateway, this.publisher, name, host);
    this.#all.push(member);
    return member;
  }
}
