import { render } from 'preact';
import { FrameGuard } from './media/encrypted.ts';
import { readOptions } from './media/options.ts';
import { Playback } from './media/playback.ts';
import { workerAddress } from './media/worker_address.ts';
import { recall } from './preference/preference.ts';
import { readAddress } from './session/invitation.ts';
import { Session } from './session/session.ts';
import { App, Refusal } from './ui/app.tsx';
import { readSettings, showSettings } from './ui/settings.ts';
import './ui/style/index.css';

/** able tells whether the browser has what a meeting needs. Outside secure pages it hides the devices. */
function able(): boolean {
  return 'RTCPeerConnection' in window && 'WebSocket' in window && 'mediaDevices' in navigator;
}

function open(session: Session): void {
  const { room, invitation } = readAddress(location.pathname, location.hash);
  session.store.dispatch({ type: 'opened', invitation, room });
}

function start(home: HTMLElement): void {
  showSettings(readSettings());
  if (!able()) {
    render(<Refusal />, home);
    return;
  }
  const query = new URLSearchParams(location.search);
  const sounds = document.createElement('div');
  sounds.hidden = true;
  sounds.id = 'sounds';
  document.body.append(sounds);
  const session = new Session({
    options: readOptions(query),
    language: () => readSettings().language,
    playback: (blocked) => new Playback(sounds, blocked),
    guard: (events) => FrameGuard.open(workerAddress, events),
  });
  session.store.dispatch({ type: 'named', name: query.get('name') ?? recall('name') });
  open(session);
  // A link pasted over the address of an open page changes only the fragment: begin with it.
  addEventListener('hashchange', () => location.reload());
  addEventListener('popstate', () => location.reload());
  render(<App session={session} />, home);
}

const home = document.getElementById('app');
if (home !== null) start(home);
