import type { JSX } from 'preact';
import type { Participant } from '../../protocol/messages.ts';
import { usePage, useSelect } from '../context.tsx';
import { nameOr } from '../encryption/phrases.ts';
import { lostMark, lostOf, Unreadable } from '../encryption/unreadable.tsx';
import { useEncryption, useSpeech } from '../encryption/use.ts';
import { Icon } from '../icon.tsx';
import type { Rect } from '../layout.ts';
import { talkingSteps } from '../level.tsx';
import { personMark } from '../security.ts';
import { Video } from '../video.tsx';

/** initials are what stands for a face. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((w) => /^\p{L}/u.test(w));
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return picked.map((w) => String.fromCodePoint(w?.codePointAt(0) ?? 32).toUpperCase()).join('');
}

const smallTile = 220;

/** One participant on the stage. */
export function Tile({ person, rect }: { readonly person: Participant; readonly rect: Rect }): JSX.Element {
  const { session, say } = usePage();
  const mine = useSelect((s) => s.me === person.id);
  const speaking = useSelect((s) => s.speaker === person.id && talkingSteps(s.levels.get(person.id)) > 0);
  useSelect((s) => (mine ? s.capture.revision : s.slots));
  const track = mine ? session.own('camera') : person.sources.includes('camera') ? session.received(person.id, 'camera') : undefined;
  const speech = useSpeech();
  const encryption = useEncryption();
  const me = useSelect((s) => s.me);
  const lost = useSelect((s) => lostOf(s, person.id, 'camera'));
  const slots = useSelect((s) => s.slots);
  const stopped = lostMark({ slots, encryption }, person.id, say);
  const mark = stopped ?? personMark(person, { encryption, me }, speech);
  const shown = nameOr(speech, person.name);
  const name = mine ? `${shown} (${say('you')})` : shown;
  return (
    <li
      class={`tile${speaking ? ' tile--speaking' : ''}${rect.width < smallTile ? ' tile--small' : ''}`}
      style={{ transform: `translate(${rect.x}px, ${rect.y}px)`, width: `${rect.width}px`, height: `${rect.height}px` }}
      data-testid="tile" data-participant={person.id} data-kind={person.kind} data-speaking={speaking}
    >
      {track === undefined
        ? <span class={`face face--${person.kind}`} aria-hidden="true">{person.kind === 'browser' ? initials(shown) : <Icon name={person.kind} size={rect.width < smallTile ? 30 : 44} />}</span>
        : <Video track={track} label={name} mirrored={mine} source="camera" participant={person.id} />}
      {lost !== undefined && <Unreadable why={lost} brief />}
      {person.hand !== 0 && <span class="tile-hand"><Icon name="hand" size={18} /><span class="hidden">{say('control.hand')}</span></span>}
      <span class="plate">
        <span class="plate-line">
          {person.muted && <span class="plate-muted"><Icon name="microphoneOff" size={16} /><span class="hidden">{say('person.muted')}: </span></span>}
          <span class="plate-name">{name}</span>
          <span class={`mark mark--${mark.tone}`} title={`${mark.title}. ${mark.hop}`}><Icon name={mark.icon} size={16} /><span class="hidden">. {mark.title}. {mark.hop}</span></span>
        </span>
        {(stopped !== undefined || person.kind !== 'browser') && <span class="plate-secure" aria-hidden="true" data-testid={stopped === undefined ? undefined : 'unreadable'}>{mark.title}</span>}
      </span>
    </li>
  );
}
