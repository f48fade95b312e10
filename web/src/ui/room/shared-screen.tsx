import type { JSX } from 'preact';
import type { Participant } from '../../protocol/messages.ts';
import { usePage, useSelect } from '../context.tsx';
import { nameOr } from '../encryption/phrases.ts';
import { useSpeech } from '../encryption/use.ts';
import { lostOf, Unreadable } from '../encryption/unreadable.tsx';
import { Icon } from '../icon.tsx';
import type { Rect } from '../layout.ts';
import { Video } from '../video.tsx';

interface SharedScreenProps {
  readonly people: readonly Participant[];
  readonly shown: Participant;
  readonly choose: (id: string) => void;
  readonly rect: Rect;
}

/** The large place: a screen that somebody shares. */
export function SharedScreen({ people, shown, choose, rect }: SharedScreenProps): JSX.Element {
  const { session, say } = usePage();
  const speech = useSpeech();
  const mine = useSelect((s) => s.me === shown.id);
  useSelect((s) => s.slots);
  const lost = useSelect((s) => lostOf(s, shown.id, 'screen'));
  const label = say('room.screenOf', { name: nameOr(speech, shown.name) });
  return (
    <section
      class="shared" aria-label={label} data-testid="screen" data-participant={shown.id}
      style={{ transform: `translate(${rect.x}px, ${rect.y}px)`, width: `${rect.width}px`, height: `${rect.height}px` }}
    >
      {mine ? (
        <div class="shared-mine">
          <Icon name="screen" size={40} />
          <p class="shared-title">{say('room.youShare')}</p>
          <p>{say('room.youShare.text')}</p>
          <button type="button" class="button" onClick={() => session.setScreen(false)}>{say('control.unshare')}</button>
        </div>
      ) : <Video track={session.received(shown.id, 'screen')} label={label} whole source="screen" participant={shown.id} />}
      {lost !== undefined && <Unreadable why={lost} />}
      <div class="shared-plate">
        {people.length > 1
          ? people.map((p) => (
            <button type="button" key={p.id} class="chip" aria-pressed={p.id === shown.id} onClick={() => choose(p.id)}>{say('room.screenOf', { name: nameOr(speech, p.name) })}</button>
          ))
          : !mine && <span class="plate plate--still"><span class="plate-line"><Icon name="screen" size={16} /><span class="plate-name">{label}</span></span></span>}
      </div>
    </section>
  );
}
