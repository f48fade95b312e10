import type { JSX } from 'preact';
import { openState } from '../../e2ee/meeting/room_state.ts';
import { usePage } from '../context.tsx';
import { Icon } from '../icon.tsx';
import { roomMark } from './mark.ts';
import { useEncryption } from './use.ts';

/** How the room is protected: always to be seen, in the page's own bar, and a button to all that is behind it. */
export function RoomMarkButton({ open }: { readonly open: () => void }): JSX.Element {
  const { say } = usePage();
  const encryption = useEncryption();
  const state = encryption === undefined ? openState : encryption.state;
  const mark = roomMark(state, say);
  const words = `${mark.title}, ${mark.more}`;
  const broken = mark.tone === 'alert';
  return (
    <>
      <button
        type="button" class={`seal seal--${mark.tone}`} onClick={open} title={say('mark.label')}
        data-testid={encryption === undefined ? 'security-pill' : 'room-mark'} data-mark={state?.mark ?? ''} data-checked={state?.checked ?? false}
      >
        <Icon name={mark.icon} size={22} />
        <span class="seal-text"><span class="seal-title">{mark.title}</span><span class="seal-more">{mark.more}</span></span>
      </button>
      <span class="hidden" role="status">{broken ? '' : words}</span>
      <span class="hidden" role="alert">{broken ? words : ''}</span>
    </>
  );
}
