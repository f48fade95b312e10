import { strict as assert } from 'node:assert';
import type { Command, MeetingEvent, RosterEntry } from '../../src/e2ee/meeting/events.ts';
import type { FoundingTerms } from '../../src/e2ee/meeting/founding.ts';
import { Meeting } from '../../src/e2ee/meeting/meeting.ts';
import type { Acquaintance, IdentityStore, Memory } from '../../src/e2ee/meeting/ports.ts';
import type { RoomState } from '../../src/e2ee/meeting/room_state.ts';
import { newSuite } from '../../src/e2ee/mls/suite.ts';
import type { Link } from '../../src/e2ee/policy/link.ts';
import type { Signer } from '../../src/e2ee/policy/signing.ts';
import { SealingMedia } from './sealing_media.ts';
import { room, type World } from './world.ts';

const suite = await newSuite();

/** Browser is one person's page; a reload makes a new Meeting in it. */
export class Browser implements IdentityStore {
  events: MeetingEvent[] = [];
  media: SealingMedia;
  meeting: Meeting;
  link: Link | undefined;
  /** Whom this browser knows from before. */
  friends: readonly Acquaintance[] = [];
  #memory: Memory | undefined;

  constructor(
    readonly world: World, readonly name: string, readonly signer: Signer, readonly kind: 'guest' | 'account', readonly connection: string,
    readonly founding?: FoundingTerms,
  ) {
    this.media = new SealingMedia(world.clock);
    this.meeting = this.#page();
  }

  identity(): Promise<Signer> {
    return Promise.resolve(this.signer);
  }

  memory(): Promise<Memory | undefined> {
    return Promise.resolve(this.#memory);
  }

  remember(_: string, memory: Memory): Promise<void> {
    this.#memory = memory;
    return Promise.resolve();
  }

  pinned(): Promise<number | undefined> {
    return Promise.resolve(undefined);
  }

  acquaintances(): Promise<readonly Acquaintance[]> {
    return Promise.resolve(this.friends);
  }

  async connect(): Promise<void> {
    await this.world.delivery.order({ connect: this.connection });
    await this.world.settle();
  }

  async disconnect(): Promise<void> {
    this.meeting.disconnected();
    await this.world.delivery.order({ disconnect: this.connection });
    await this.world.settle();
  }

  /** reload closes the page and opens another: only what is stored stays. */
  async reload(): Promise<void> {
    await this.disconnect();
    this.events = [];
    this.meeting = this.#page();
    await this.connect();
  }

  async want(command: Command): Promise<void> {
    this.meeting.command(command);
    await this.world.settle();
  }

  all<T extends MeetingEvent['type']>(type: T): readonly Extract<MeetingEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<MeetingEvent, { type: T }> => event.type === type);
  }

  last<T extends MeetingEvent['type']>(type: T): Extract<MeetingEvent, { type: T }> {
    const found = this.all(type).at(-1);
    assert.ok(found, `${this.name} was not told of ${type}: ${this.events.map((e) => e.type).join()}`);
    return found;
  }

  get state(): RoomState {
    return this.last('state').state;
  }

  get mark(): RoomState['mark'] {
    return this.state.mark;
  }

  get members(): readonly RosterEntry[] {
    return this.last('roster').members;
  }

  get names(): string {
    return this.members.map(({ leaf, name }) => `${leaf} ${name}`).join(', ');
  }

  get epoch(): number {
    return Number(this.last('roster').epoch);
  }

  #page(): Meeting {
    const { world, name, kind, link, founding } = this;
    const page: Meeting = new Meeting({
      room, claim: { kind, name, subject: '' }, link: link ?? world.link, founding, suite, clock: world.clock, store: this,
      media: () => (this.media = new SealingMedia(world.clock)),
      send: (message) => world.send(this, message),
      emit: (event) => {
        if (this.meeting === page) this.events.push(event);
      },
    });
    return page;
  }
}
