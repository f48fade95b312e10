import { createContext } from 'preact';
import { useContext, useEffect, useReducer, useRef } from 'preact/hooks';
import type { Session } from '../session/session.ts';
import type { State } from '../session/state.ts';
import type { Settings } from './settings.ts';
import type { Say } from './words/words.ts';

/** What every part of the page can reach. */
export interface Page {
  readonly session: Session;
  readonly settings: Settings;
  readonly say: Say;
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error('ui: drawn outside the page');
  return page;
}

/** useSelect gives a part of the state and draws again when that part is another one (Object.is). */
export function useSelect<T>(select: (state: State) => T): T {
  const { store } = usePage().session;
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const chosen = useRef<T>();
  const by = useRef(select);
  by.current = select;
  chosen.current = select(store.state);
  useEffect(() => {
    const check = (): void => {
      if (!Object.is(by.current(store.state), chosen.current)) redraw(undefined);
    };
    check(); // something may have happened between drawing and now
    return store.subscribe(check);
  }, [store]);
  return chosen.current;
}
