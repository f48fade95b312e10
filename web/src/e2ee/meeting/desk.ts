import { equal, hex, type Bytes } from '../policy/bytes.ts';
import { signHost } from '../policy/hosts.ts';
import { PolicyError } from '../policy/policy_error.ts';
import { requestOf } from '../policy/room.ts';
import { memberOf, type View } from '../mls/view.ts';
import type { PolicyEdit } from '../mls/edit.ts';
import type { Applicants } from './applicants.ts';
import type { Asks } from './asks.ts';
import type { CodeTable } from './code_table.ts';
import type { Committer } from './committer.ts';
import { iAmHost, person, type SeatContext } from './context.ts';
import type { Command } from './events.ts';
import type { Talk } from './talk.ts';
import type { TalkMessage } from './talk_message.ts';
import type { Upkeep } from './upkeep.ts';
import type { Voice } from './voice.ts';

interface Parts {
  readonly committer: Committer;
  readonly voice: Voice;
  readonly asks: Asks;
  readonly applicants: Applicants;
  readonly upkeep: Upkeep;
  readonly talk: Talk;
  readonly codes: CodeTable;
}

type Simple = Extract<Command, { type: 'mode' | 'lock' | 'maxScope' | 'vetoRule' | 'gateway' | 'host' | 'fallback' }>;
type Rest = Exclude<Command, Simple | { type: 'continue' | 'muteMe' | 'seen' | 'watchdog' | 'leave' }>;

/** Desk turns what the page wants into edits and messages. */
export class Desk {
  readonly #context: SeatContext;
  readonly #parts: Parts;
  /** Keys of the gateways that our user wants out, until they are. */
  readonly #outs = new Map<string, Bytes>();

  constructor(context: SeatContext, parts: Parts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** command does one thing. What our role does not allow does nothing. */
  async command(command: Simple | Rest | Extract<Command, { type: 'leave' }>): Promise<void> {
    switch (command.type) {
      case 'mode':
      case 'lock':
      case 'maxScope':
      case 'vetoRule':
      case 'gateway':
      case 'host':
      case 'fallback':
        if (iAmHost(this.#context)) await this.#parts.committer.want(await this.#policy(command));
        return;
      case 'leave':
        await this.#say({ t: 'leave' });
        return;
      default:
        return this.#other(command);
    }
  }

  /**
   * applied, before wishes are settled: a gateway that is to go may have got another grant in place of the one that was to be taken
   * away, as a line hung up. The wish is for the gateway.
   */
  async applied({ room }: View): Promise<void> {
    for (const [name, gateway] of this.#outs) {
      const grant = room.grants.find((g) => equal(requestOf(g).gateway, gateway));
      if (grant === undefined) this.#outs.delete(name);
      else await this.#parts.committer.want({ do: 'revoke', n: grant.n });
    }
  }

  async #other(command: Rest): Promise<void> {
    const { upkeep, asks, applicants, codes } = this.#parts;
    switch (command.type) {
      case 'admit':
        return applicants.admit(command.refs);
      case 'kick':
        return this.#kick(command.identity);
      case 'takeOver':
        return upkeep.takeOver();
      case 'revoke':
        return this.#revoke(command.n);
      case 'allow':
        return asks.allow(command.id);
      case 'decline':
        return asks.decline(command.id);
      case 'consent':
        return asks.consent(command.id);
      case 'veto':
        return asks.veto(command.id);
      case 'chat':
        return this.#chat(command.text);
      case 'hand':
        await this.#say({ t: 'hand', up: command.up });
        return;
      case 'shortCode':
        return codes.start();
      case 'longCode':
        return codes.long();
      case 'codesMatch':
        codes.match(command.match);
        return;
      case 'tryAgain':
        codes.tryAgain();
        return;
    }
  }

  async #policy(command: Simple): Promise<PolicyEdit> {
    const { identity: signer, group: { view } } = this.#context;
    switch (command.type) {
      case 'mode':
        return { do: 'mode', mode: command.mode };
      case 'lock':
        return { do: 'lock' };
      case 'maxScope':
        return { do: 'maxScope', scope: command.scope };
      case 'vetoRule':
        return { do: 'vetoRule', rule: command.rule };
      case 'gateway':
        return { do: 'gateway', key: command.key, listed: command.listed };
      case 'host': {
        const { identity, host } = command;
        const listed = view.room.hosts.some((entry) => equal(entry.identity, identity));
        if (!host || listed) return { do: 'hostOut', identity, out: !host };
        return { do: 'host', entry: await signHost(signer, view.group, identity) };
      }
      case 'fallback': {
        const { identity, listed } = command;
        return listed ? { do: 'fallback', entry: await signHost(signer, view.group, identity) } : { do: 'fallbackOut', identity };
      }
    }
  }

  async #kick(identity: Bytes): Promise<void> {
    const member = memberOf(this.#context.group.view, identity);
    if (!iAmHost(this.#context) || member === undefined || member.leaf === this.#context.group.leaf) return;
    const name = `kick:${hex(identity)}`;
    this.#parts.voice.pledge(name, 'kick', undefined, (view) => memberOf(view, identity) === undefined);
    this.#parts.upkeep.forget(identity);
    await this.#parts.committer.want({ do: 'remove', identity });
  }

  async #revoke(n: number): Promise<void> {
    const grant = this.#context.group.view.room.grants.find((g) => g.n === n);
    if (grant === undefined) return;
    const { gateway, scope: asked } = requestOf(grant);
    const scope = [...new Set([...grant.scope, ...asked])];
    this.#outs.set(hex(gateway), gateway);
    this.#parts.voice.pledge(`revoke:${hex(gateway)}`, 'revoke', scope, ({ room }) => !room.grants.some((g) => equal(requestOf(g).gateway, gateway)));
    await this.#parts.committer.want({ do: 'revoke', n });
  }

  async #chat(text: string): Promise<void> {
    const { group: { view, leaf }, emit } = this.#context;
    const self = view.members.get(leaf);
    if ((await this.#say({ t: 'chat', text })) && self !== undefined) emit({ type: 'chat', from: person(self), text });
  }

  /** say is false where the text is too long. */
  async #say(message: TalkMessage): Promise<boolean> {
    try {
      await this.#parts.talk.say(message);
      return true;
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      this.#context.emit({ type: 'failure', failure: { what: 'unsent', fault: 'tooLong' } });
      return false;
    }
  }
}
