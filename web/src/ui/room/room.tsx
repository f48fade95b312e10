import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { usePage, useSelect } from '../context.tsx';
import { Protection } from '../encryption/protection.tsx';
import { RoomMarkButton } from '../encryption/room-mark.tsx';
import { ThemeSwitch } from '../header.tsx';
import { Icon } from '../icon.tsx';
import { pressOf, shortcutOf, type ShortcutAction } from '../keyboard.ts';
import { Announcements } from './announcements.tsx';
import { canShare, Controls } from './controls.tsx';
import { OverlayDialog, type Overlay } from './overlay.tsx';
import { People } from './people.tsx';
import { Stage } from './stage.tsx';
import { TroubleLine } from './trouble.tsx';

const narrowScreen = '(max-width: 760px)';

/** The meeting. */
export function Room(): JSX.Element {
  const media = useSelect((s) => s.media);
  const encrypted = useSelect((s) => s.encryption !== undefined);
  const narrow = useMedia(narrowScreen);
  const [people, setPeople] = useState(false);
  const [overlay, setOverlay] = useState<Overlay>();
  const [told, setTold] = useState(false);
  const open = (next: Overlay): void => {
    // Two modal layers at once would be one too many on a phone.
    if (narrow) setPeople(false);
    setOverlay(next);
  };
  useShortcuts({ people: () => setPeople(!people), help: () => setOverlay({ name: 'help' }) });
  return (
    <div class="room" data-testid="room" data-media={media}>
      <TopBar open={open} />
      {!encrypted && !told && <OpenBanner understood={() => setTold(true)} open={open} />}
      <Protection narrow={narrow} details={() => open({ name: 'encryption' })} />
      <TroubleLine />
      <main class="room-main">
        <Stage />
        {people && <People narrow={narrow} open={open} close={() => setPeople(false)} />}
        <Announcements people={people} showPeople={() => setPeople(true)} />
      </main>
      <Controls people={people} togglePeople={() => setPeople(!people)} open={open} />
      <OverlayDialog overlay={overlay} open={setOverlay} close={() => setOverlay(undefined)} />
    </div>
  );
}

function TopBar({ open }: { readonly open: (overlay: Overlay) => void }): JSX.Element {
  const { say } = usePage();
  const encrypted = useSelect((s) => s.encryption !== undefined);
  const room = useSelect((s) => s.room);
  return (
    <header class="topbar">
      <span class="brand-mark"><Icon name="mark" size={20} /></span>
      <h1 class="topbar-title">
        <span class="topbar-name">{room?.name}</span>
        <span class="topbar-number">{say('room.number', { room: room?.number ?? '' })}</span>
      </h1>
      {room?.locked === true && <span class="topbar-locked" data-testid="room-locked"><Icon name="lock" size={16} />{say('room.locked')}</span>}
      <span class="topbar-space" />
      <RoomMarkButton open={() => open({ name: encrypted ? 'encryption' : 'open' })} />
      <ThemeSwitch />
    </header>
  );
}

/** Said in full at the start of every visit, and in the bar above for the rest of it. */
function OpenBanner({ understood, open }: { readonly understood: () => void; readonly open: (overlay: Overlay) => void }): JSX.Element {
  const { say } = usePage();
  return (
    <div class="line line--caution" data-testid="security-banner">
      <Icon name="hopKey" />
      <p>{say('open.banner')}</p>
      <button type="button" class="button button--small" onClick={() => open({ name: 'open' })} data-testid="security-why">{say('open.why')}</button>
      <button type="button" class="button button--small" onClick={understood} data-testid="security-understood">{say('open.got')}</button>
    </div>
  );
}

function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const changed = (): void => setMatches(list.matches);
    list.addEventListener('change', changed);
    return () => list.removeEventListener('change', changed);
  }, [query]);
  return matches;
}

/** useShortcuts acts on single keys while the room is shown. */
function useShortcuts(shown: { readonly people: () => void; readonly help: () => void }): void {
  const { session, settings } = usePage();
  useEffect(() => {
    const act = (action: ShortcutAction): void => {
      const state = session.store.state;
      switch (action) {
        case 'mute':
          return session.setMuted(!(state.muted || state.capture.microphone !== 'on'));
        case 'camera':
          return session.setCamera(state.capture.camera !== 'on');
        case 'hand':
          return session.setHand((state.participants.get(state.me)?.hand ?? 0) === 0);
        case 'share':
          return canShare() ? session.setScreen(state.capture.screen !== 'on') : undefined;
        case 'people':
          return shown.people();
        case 'help':
          return shown.help();
      }
    };
    const pressed = (event: KeyboardEvent): void => {
      const action = settings.shortcuts ? shortcutOf(pressOf(event)) : undefined;
      if (action === undefined) return;
      event.preventDefault();
      act(action);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  });
}
