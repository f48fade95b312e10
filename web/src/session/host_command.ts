import type { Command } from '../e2ee/meeting/events.ts';
import type { Bytes } from '../e2ee/policy/bytes.ts';
import type { HostCommand } from './command.ts';
import type { State } from './state.ts';

/** What a host's wish comes to: a word to the meeting, one to the gateway, or both. */
export interface Carried {
  readonly meeting?: Command;
  readonly gateway?: HostCommand;
}

/**
 * carried says who has to carry out what a host wants. In an encrypted room the group decides who is in it and who is a host, so
 * that removing somebody is a commit, and letting in (see Command admit and allow) is none of the gateway's business; it still ends
 * the connection of whoever was removed, mutes, and locks its door. Pure.
 */
export function carried(state: State, command: HostCommand): Carried {
  if (state.encryption === undefined) return { gateway: command };
  switch (command.type) {
    case 'admit':
      return {};
    case 'passHost': {
      const identity = identityOf(state, command.participant);
      return identity === undefined ? {} : { meeting: { type: 'host', identity, host: true } };
    }
    case 'remove': {
      const identity = identityOf(state, command.participant);
      return {
        ...(identity === undefined ? {} : { meeting: { type: 'kick', identity } as const }),
        ...(state.told.has(command.participant) ? { gateway: command } : {}),
      };
    }
    default:
      return { gateway: command };
  }
}

/** identityOf is the key of the member that is shown as this participant. */
function identityOf({ told, encryption }: State, participant: string): Bytes | undefined {
  const p = told.get(participant);
  if (p !== undefined && p.kind !== 'browser') return undefined;
  const leaf = p === undefined ? Number(/^leaf (\d+)$/.exec(participant)?.[1] ?? -1) : p.leaf;
  return encryption?.roster.find((entry) => entry.leaf === leaf)?.identity;
}
