import type { RoomState } from '../../e2ee/meeting/room_state.ts';
import type { IconName } from '../icon.tsx';
import type { Say } from '../words/words.ts';

/** The tone of a mark: a colour that icon and words say again. */
export type MarkTone = 'plain' | 'good' | 'open' | 'caution' | 'grave' | 'alert';

/** RoomMark is what is always to be seen of the protection of a room. */
export interface RoomMark {
  readonly tone: MarkTone;
  readonly icon: IconName;
  readonly title: string;
  /** A second, smaller line. */
  readonly more: string;
}

/** roomMark is the mark of a state; undefined is a meeting that we are not in yet. Pure. */
export function roomMark(state: Pick<RoomState, 'mark' | 'checked'> | undefined, say: Say): RoomMark {
  switch (state?.mark) {
    case undefined:
      return { tone: 'plain', icon: 'lockHalf', title: say('mark.starting'), more: say('mark.starting.more') };
    case 'SEALED':
      return state.checked
        ? { tone: 'good', icon: 'lockCheck', title: say('mark.sealed'), more: say('mark.checked.more') }
        : { tone: 'plain', icon: 'lock', title: say('mark.sealed'), more: say('mark.sealed.more') };
    case 'ASKED':
      return { tone: state.checked ? 'good' : 'plain', icon: 'lockBell', title: say('mark.sealed'), more: say('mark.asked.more') };
    case 'AUDIO OPEN':
      return { tone: 'caution', icon: 'ear', title: say('mark.audioOpen'), more: say('mark.audioOpen.more') };
    case 'MEDIA OPEN':
      return { tone: 'grave', icon: 'eye', title: say('mark.mediaOpen'), more: say('mark.mediaOpen.more') };
    case 'SEALING':
      return { tone: 'caution', icon: 'lockHalf', title: say('mark.sealing'), more: say('mark.sealing.more') };
    case 'OPEN':
      return { tone: 'open', icon: 'hopKey', title: say('mark.open'), more: say('mark.open.more') };
    case 'BROKEN':
      return { tone: 'alert', icon: 'lockBroken', title: say('mark.broken'), more: say('mark.broken.more') };
  }
}
