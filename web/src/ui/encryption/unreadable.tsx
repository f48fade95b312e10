import type { JSX } from 'preact';
import type { Source } from '../../protocol/messages.ts';
import type { State } from '../../session/state.ts';
import { usePage } from '../context.tsx';
import { Icon } from '../icon.tsx';
import type { SecurityMark } from '../security.ts';
import type { Say } from '../words/words.ts';

/** Lost is why somebody is not shown or heard: what comes is not protected as it should be; or it does not open, which may pass. */
export type Lost = 'spoiled' | 'unopened';

/** lostOf says whether what a slot carries of somebody is not shown. It marks that tile, never the room: else a server could silence everybody at will. */
export function lostOf({ slots, encryption }: Pick<State, 'slots' | 'encryption'>, participant: string, source: Source): Lost | undefined {
  const mids = slots.filter((slot) => slot.participant === participant && slot.source === source).map(({ mid }) => mid);
  if (encryption === undefined) return undefined;
  if (mids.some((mid) => encryption.spoiled.includes(mid))) return 'spoiled';
  return mids.some((mid) => encryption.unopened.includes(mid)) ? 'unopened' : undefined;
}

/** lostMark is the mark of somebody whose pictures or sound are not shown; undefined where nothing is wrong. */
export function lostMark(state: Pick<State, 'slots' | 'encryption'>, participant: string, say: Say): SecurityMark | undefined {
  const picture = lostOf(state, participant, 'camera');
  const sound = lostOf(state, participant, 'microphone');
  const mark = { tone: 'alert', icon: 'lockBroken' } as const;
  if (picture === 'spoiled' || sound === 'spoiled') return { ...mark, title: say('person.unreadable'), hop: say('person.unreadable.text') };
  if (picture === undefined && sound === undefined) return undefined;
  const which = sound === undefined ? 'picture' : picture === undefined ? 'sound' : 'both';
  return { ...mark, title: say(`person.unopened.${which}`), hop: say('person.unopened.text') };
}

/** What stands in place of a picture that cannot be opened. brief: the words stand elsewhere. */
export function Unreadable({ why, brief = false }: { readonly why: Lost; readonly brief?: boolean }): JSX.Element {
  const { say } = usePage();
  return (
    <div class="tile-fault">
      <Icon name="lockBroken" size={28} />
      {!brief && <span>{why === 'spoiled' ? say('person.unreadable.text') : `${say('person.unopened.picture')}. ${say('person.unopened.text')}`}</span>}
    </div>
  );
}
