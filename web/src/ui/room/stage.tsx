import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Participant, ViewItem } from '../../protocol/messages.ts';
import { joined } from '../../session/receive.ts';
import { tileOrder } from '../../session/sort.ts';
import { usePage, useSelect } from '../context.tsx';
import { Icon } from '../icon.tsx';
import { arrange, type Layout, type Rect } from '../layout.ts';
import { SharedScreen } from './shared-screen.tsx';
import { Tile } from './tile.tsx';

/** The tiles, and the shared screen when there is one. */
export function Stage(): JSX.Element {
  const { session, say } = usePage();
  const participants = useSelect((s) => s.participants);
  const me = useSelect((s) => s.me);
  const speaker = useSelect((s) => s.speaker);
  const people = useMemo(() => joined(session.store.state), [participants, session]);
  const sharing = people.filter((p) => p.sources.includes('screen'));
  const [wanted, setWanted] = useState('');
  const shown = sharing.find((p) => p.id === wanted) ?? sharing[0];
  const [page, setPage] = useState(0);
  const [home, size] = useSize();
  const layout = arrange({ ...size, count: people.length, screen: shown !== undefined, page });

  const previous = useRef<readonly string[]>([]);
  const order = tileOrder(people, me, previous.current, speaker, layout.perPage);
  previous.current = order;
  const start = layout.page * layout.perPage;
  const tiles = order.slice(start, start + layout.tiles.length).flatMap((id, i) => {
    const person = participants.get(id);
    const rect = layout.tiles[i];
    return person === undefined || rect === undefined ? [] : [{ person, rect }];
  });

  const view = viewOf(tiles, layout.screen, shown, me, speaker);
  useEffect(() => session.setView(view), [session, JSON.stringify(view)]);

  const alone = people.length <= 1 && shown === undefined;
  return (
    <div class="stage" data-testid="stage">
      <div class="stage-area" ref={home}>
        {shown !== undefined && layout.screen !== undefined && <SharedScreen people={sharing} shown={shown} choose={setWanted} rect={layout.screen} />}
        <ul class="tiles" aria-label={say('room.stage')}>
          {tiles.map(({ person, rect }) => <Tile key={person.id} person={person} rect={rect} />)}
        </ul>
        {alone && <p class="alone"><strong>{say('room.alone')}</strong><span>{say('room.alone.text')}</span></p>}
      </div>
      <Pager layout={layout} turn={setPage} />
    </div>
  );
}

function Pager({ layout, turn }: { readonly layout: Layout; readonly turn: (page: number) => void }): JSX.Element | null {
  const { say } = usePage();
  if (layout.pages < 2) return null;
  return (
    <nav class="pager" aria-label={say('room.page', { page: layout.page + 1, pages: layout.pages })}>
      <button type="button" class="icon-button" aria-label={say('room.previous')} disabled={layout.page === 0} onClick={() => turn(layout.page - 1)}><Icon name="previous" /></button>
      <span aria-hidden="true">{layout.page + 1} / {layout.pages}</span>
      <button type="button" class="icon-button" aria-label={say('room.next')} disabled={layout.page === layout.pages - 1} onClick={() => turn(layout.page + 1)}><Icon name="next" /></button>
    </nav>
  );
}

interface PlacedTile {
  readonly person: Participant;
  readonly rect: Rect;
}

/** viewOf lists the videos on the screen, most important first: the shared screen, who speaks, then the others. */
function viewOf(
  tiles: readonly PlacedTile[], screen: Rect | undefined, shown: Participant | undefined, me: string, speaker: string,
): readonly ViewItem[] {
  const dots = (rect: Rect): Pick<ViewItem, 'width' | 'height'> => ({
    width: Math.round(rect.width * devicePixelRatio),
    height: Math.round(rect.height * devicePixelRatio),
  });
  const items: ViewItem[] = [];
  if (screen !== undefined && shown !== undefined && shown.id !== me) items.push({ participant: shown.id, source: 'screen', ...dots(screen) });
  const cameras = tiles.filter(({ person }) => person.id !== me && person.sources.includes('camera'));
  cameras.sort((a, b) => Number(b.person.id === speaker) - Number(a.person.id === speaker));
  for (const { person, rect } of cameras) items.push({ participant: person.id, source: 'camera', ...dots(rect) });
  return items;
}

/** useSize measures an element whenever its size changes, CSS pixels. */
function useSize(): [preact.RefObject<HTMLDivElement>, { readonly width: number; readonly height: number }] {
  const element = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) return undefined;
    const measure = (): void => setSize({ width: target.clientWidth, height: target.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    measure();
    return () => observer.disconnect();
  }, []);
  return [element, size];
}
