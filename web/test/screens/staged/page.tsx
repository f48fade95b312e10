// The client's own page over a StagedSession: /staged?scene=NAME.
import { render } from 'preact';
import { gatewayFingerprint } from '../../../src/e2ee/policy/signing.ts';
import type { Session } from '../../../src/session/session.ts';
import { App } from '../../../src/ui/app.tsx';
import { readSettings, showSettings } from '../../../src/ui/settings.ts';
import '../../../src/ui/style/index.css';
import { gatewayKey } from './cast.ts';
import { scenes } from './scenes.ts';
import { StagedSession } from './session.ts';

const name = new URLSearchParams(location.search).get('scene') ?? '';
const scene = scenes.get(name);
const home = document.getElementById('app');
if (scene === undefined || home === null) throw new Error(`no scene ${name}`);
const session = new StagedSession();
const fingerprint = await gatewayFingerprint(gatewayKey);
for (const event of scene(fingerprint)) session.store.dispatch(event);
Object.assign(globalThis, { staged: session });
showSettings(readSettings());
render(<App session={session as unknown as Session} />, home);
