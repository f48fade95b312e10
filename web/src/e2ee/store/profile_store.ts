import type { Acquaintance, IdentityStore, Memory } from '../meeting/ports.ts';
import { equal, hex } from '../policy/bytes.ts';
import type { Mode } from '../policy/charter.ts';
import { newLink, ownerFingerprint, type Link } from '../policy/link.ts';
import { newSigner, signerOf, type Signer } from '../policy/signing.ts';
import type { IdentityKind, Pin, Records } from './tables.ts';

/** How long a guest's identity is kept, seconds. */
export const guestLife = 24 * 3600;

const guestPrefix = 'guest ';

/** ProfileStore is what this browser profile is to others, and what it remembers of them. */
export class ProfileStore {
  readonly #records: Records;
  readonly #unix: () => number;
  /** Who we are does not change while the page lives, whatever another tab deletes. */
  readonly #signers = new Map<string, Promise<Signer>>();
  /** What this page remembers by itself: a disk that is full must not end a meeting. */
  readonly #memories = new Map<string, Memory>();
  #failed = false;

  /** unix is the time, Unix seconds. */
  constructor(records: Records, unix: () => number) {
    this.#records = records;
    this.#unix = unix;
  }

  /** Whether anything outlives the page. */
  get kept(): boolean {
    return this.#records.kept && !this.#failed;
  }

  /** of is the store as a meeting sees it, of somebody of that kind. */
  of(kind: IdentityKind): IdentityStore {
    return {
      identity: (room) => this.identity(kind, room),
      memory: (room) => this.memory(room),
      remember: (room, memory) => this.#remember(room, memory),
      pinned: async (identity) => (await this.#records.get('pins', hex(identity)).catch(() => undefined))?.since,
      acquaintances: async () => [...(await this.#records.all('pins').catch(() => new Map<string, Pin>())).values()],
    };
  }

  /** identity is the account's, or a guest's in that room; it is made where there is none. */
  identity(kind: IdentityKind, room: string): Promise<Signer> {
    const name = nameOf(kind, room);
    const known = this.#signers.get(name);
    if (known !== undefined) return known;
    const signer = this.#load(name);
    this.#signers.set(name, signer);
    signer.catch(() => this.#signers.delete(name));
    return signer;
  }

  async memory(room: string): Promise<Memory | undefined> {
    return this.#memories.get(room) ?? this.#records.get('memories', room).catch(() => undefined);
  }

  /** link is the one that this browser made for a room as its owner. */
  link(room: string): Promise<Link | undefined> {
    return this.#records.get('links', room);
  }

  /** ownLink is link, made once for an owner, as it is handed on while the room is in that mode. */
  async ownLink(room: string, mode: Mode): Promise<Link> {
    const { publicKey } = await this.identity('account', room);
    const made = await this.#records.add('links', room, await newLink(publicKey, mode));
    const mine = equal(made.owner, await ownerFingerprint(publicKey));
    const link = mine ? { ...made, mode } : await newLink(publicKey, mode);
    if (!mine || made.mode !== mode) await this.#records.put('links', room, link);
    return link;
  }

  /** pin remembers that an identity is known from now on, and what it is called, unless it was before. */
  async pin({ identity, name }: Acquaintance): Promise<void> {
    await this.#try(this.#records.add('pins', hex(identity), { identity, name, since: this.#unix() }));
  }

  /** leave forgets who a guest was in the room. */
  async leave(room: string): Promise<void> {
    const name = nameOf('guest', room);
    this.#signers.delete(name);
    await this.#records.remove('identities', name, () => true);
  }

  /** sweep forgets guests whose time is over. */
  async sweep(): Promise<void> {
    for (const name of (await this.#records.all('identities')).keys()) {
      if (name.startsWith(guestPrefix)) await this.#records.remove('identities', name, ({ made }) => this.#old(made));
    }
  }

  async #remember(room: string, memory: Memory): Promise<void> {
    this.#memories.set(room, memory);
    await this.#try(this.#records.put('memories', room, memory));
  }

  async #try(writing: Promise<unknown>): Promise<void> {
    try {
      await writing;
    } catch {
      this.#failed = true;
    }
  }

  async #load(name: string): Promise<Signer> {
    if (name.startsWith(guestPrefix)) await this.#records.remove('identities', name, ({ made }) => this.#old(made));
    const there = await this.#records.get('identities', name);
    if (there !== undefined) return signerOf(there.pair);
    const { pair } = await newSigner();
    return signerOf((await this.#records.add('identities', name, { pair, made: this.#unix() })).pair);
  }

  /** old: a clock that was set back makes nobody older. */
  #old(made: number): boolean {
    return this.#unix() - made >= guestLife;
  }
}

function nameOf(kind: IdentityKind, room: string): string {
  return kind === 'account' ? kind : guestPrefix + room;
}
