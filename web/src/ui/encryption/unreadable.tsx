import type { JSX } from 'preact';
import type { Source } from '../../protocol/messages.ts';
import type { State } from '../../session/state.ts';
import { usePage } from '../context.tsx';
import { Icon } from '../icon.tsx';

/** unreadable says whether what a slot carries of somebody is not what it was said to be. It marks that tile, never the room: else a server could silence everybody at will. */
export function unreadable({ slots, encryption }: Pick<State, 'slots' | 'encryption'>, participant: string, source: Source): boolean {
  return encryption !== undefined && slots.some((slot) => slot.participant === participant && slot.source === source && encryption.spoiled.includes(slot.mid));
}

/** What stands in place of a picture that cannot be opened. brief: the words stand elsewhere. */
export function Unreadable({ brief = false }: { readonly brief?: boolean }): JSX.Element {
  const { say } = usePage();
  return <div class="tile-fault"><Icon name="lockBroken" size={28} />{!brief && <span>{say('person.unreadable.text')}</span>}</div>;
}
