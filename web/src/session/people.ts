import type { GrantCard, RosterEntry } from '../e2ee/meeting/events.ts';
import type { Announcement } from './state.ts';
import type { Participant } from '../protocol/messages.ts';
import type { Encryption } from './encryption.ts';

/**
 * people are those in the room as they may be shown. In an open room that is the server's list. In an encrypted room the group says
 * who is in it, what they are called and who is a host; a telephone is what its grant calls it. The server adds what is no secret
 * of the group: muted, hand, sources, and the hop of each. Whom the group does not know is not shown, and whom the server leaves
 * out is shown all the same. Those who wait stay, as the server names them: cards show who they are. Pure.
 */
export function people(told: ReadonlyMap<string, Participant>, encryption: Encryption | undefined, me: string): ReadonlyMap<string, Participant> {
  if (encryption === undefined) return told;
  const shown = new Map<string, Participant>();
  const seated = new Map<number, Participant>();
  for (const p of told.values()) {
    if (p.state === 'waiting') shown.set(p.id, p);
    else if (p.kind === 'browser') seat(seated, p, encryption.self, me);
    else {
      const phone = telephone(p, encryption.policy?.grants ?? []);
      if (phone !== undefined) shown.set(p.id, phone);
    }
  }
  for (const entry of encryption.roster) {
    const id = entry.leaf === encryption.self ? me : `leaf ${entry.leaf}`;
    const p = seated.get(entry.leaf) ?? unlisted(id);
    shown.set(p.id, { ...p, name: named(entry), role: entry.host ? 'host' : 'guest' });
  }
  return shown;
}

/** named is a name with its number, where others look the same. */
export function named({ name, twin }: Pick<RosterEntry, 'name' | 'twin'>): string {
  return twin === undefined ? name : `${name} (${twin})`;
}

/** nowNamed fills in a name that was not known yet: in an encrypted room the group tells it, often after the server told what happened. */
export function nowNamed(a: Announcement, known: ReadonlyMap<string, Pick<Participant, 'name'>>): Announcement {
  return a.name === '' ? { ...a, name: known.get(a.participant)?.name ?? '' } : a;
}

/** seat keeps one participant for a leaf: ourselves on our own, else whoever came last. */
function seat(seated: Map<number, Participant>, p: Participant, self: number, me: string): void {
  const leaf = p.id === me ? self : p.leaf;
  if (leaf === undefined || leaf < 0 || (leaf === self && p.id !== me)) return;
  const other = seated.get(leaf);
  if (other === undefined || other.joinedAt <= p.joinedAt) seated.set(leaf, p);
}

function telephone(p: Participant, grants: readonly GrantCard[]): Participant | undefined {
  const leg = grants.find(({ n }) => n === p.grant)?.legs.find(({ no }) => no === p.line);
  return leg === undefined ? undefined : { ...p, name: leg.label === '' ? leg.number : leg.label, role: 'guest' };
}

/** unlisted is a member whom the server does not list: nothing is known of it but what the group says. */
function unlisted(id: string): Participant {
  return {
    id, name: '', kind: 'browser', role: 'guest', state: 'joined', muted: false, mutedByHost: false, hand: 0, security: 'dtls', sources: [], joinedAt: 0,
  };
}
