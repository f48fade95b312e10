import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Session } from '../session/session.ts';
import { PageContext, useSelect, usePage } from './context.tsx';
import { AskLooser } from './encryption/consent.tsx';
import { FaultPage } from './encryption/fault.tsx';
import { Ended, Unsupported } from './ended.tsx';
import { GreenRoom } from './green-room.tsx';
import { Landing } from './landing.tsx';
import { Room } from './room/room.tsx';
import { keepSettings, readSettings, showSettings, type SettingValues } from './settings.ts';
import { Joining, Lobby } from './waiting.tsx';
import { sayIn } from './words/words.ts';

/** The whole page. */
export function App({ session }: { readonly session: Session }): JSX.Element {
  const [values, setValues] = useState<SettingValues>(readSettings);
  const page = useMemo(() => ({
    session,
    say: sayIn(values.language),
    settings: {
      ...values,
      change: (change: Partial<SettingValues>) => {
        keepSettings(change);
        setValues({ ...values, ...change });
      },
    },
  }), [session, values]);
  useEffect(() => showSettings(values), [values]);
  return <PageContext.Provider value={page}><Screen /><AskLooser /></PageContext.Provider>;
}

/** What a browser without the means for a meeting gets to see. */
export function Refusal(): JSX.Element {
  const say = sayIn(readSettings().language);
  return <Unsupported say={say} insecure={!isSecureContext} />;
}

function Screen(): JSX.Element {
  const { say } = usePage();
  const phase = useSelect((s) => s.phase);
  const fault = useSelect((s) => s.encryption?.fault);
  const room = useSelect((s) => s.room?.name ?? s.invitation?.room ?? '');
  useEffect(() => {
    document.title = room === '' ? say('brand') : `${room} · ${say('brand')}`;
  }, [room, say]);
  useEffect(() => {
    // A new screen begins at its top, and says its name: the focus of the screen before is gone.
    scrollTo(0, 0);
    const heading = document.querySelector<HTMLElement>('h1');
    if (heading === null || phase.name === 'landing') return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }, [phase.name]);
  switch (phase.name) {
    case 'landing':
      return <Landing room={phase.room} />;
    case 'greenRoom':
      return <GreenRoom />;
    case 'joining':
      return <Joining />;
    case 'lobby':
      return <Lobby position={phase.position} />;
    case 'room':
      return <Room />;
    case 'ended':
      return phase.code === 'encryption' ? <FaultPage fault={fault ?? 'worker'} /> : <Ended code={phase.code} />;
  }
}
