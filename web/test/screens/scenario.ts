import type { Page } from 'playwright-core';
import type { ScriptedGateway, Script } from './gateway.ts';

export type Look = 'desktop' | 'desktop-dark' | 'phone' | 'phone-dark';

/** A screen in one state, and how to get there. */
export interface Scenario {
  readonly name: string;
  readonly path: string;
  readonly looks: readonly Look[];
  readonly language?: string;
  readonly script?: Script;
  /** Runs in the page before its own script does. */
  readonly before?: () => void;
  readonly act?: (page: Page, gateway: ScriptedGateway) => Promise<void>;
}

export const guestLink = '/r/1000#g.Zm9yIHRlc3RzIG9ubHk';
export const hostLink = '/r/1000#h.Zm9yIHRlc3RzIG9ubHk';

export const both: readonly Look[] = ['desktop', 'phone'];
export const all: readonly Look[] = ['desktop', 'desktop-dark', 'phone', 'phone-dark'];

export const at = (page: Page, id: string) => page.getByTestId(id);

/** shows waits until an element is there. */
export async function shows(page: Page, id: string): Promise<void> {
  await at(page, id).first().waitFor();
}

/** greenRoom waits until the devices run. */
export async function greenRoom(page: Page): Promise<void> {
  await shows(page, 'green-room');
  await page.locator('[data-testid=camera][data-camera=on]').waitFor();
}

/** join goes from the green room as far as the script lets it. */
export async function join(page: Page): Promise<void> {
  await greenRoom(page);
  await at(page, 'name').fill('Anna Weber');
  await at(page, 'join').click();
}

/** enter is in the room, media flowing. */
export async function enter(page: Page): Promise<void> {
  await join(page);
  await page.locator('[data-testid=room][data-media=connected]').waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('video')].every((v) => v.videoWidth > 0));
}

/** settled is enter with the banner read, as it is for most of a meeting. */
export async function settled(page: Page): Promise<void> {
  await enter(page);
  await at(page, 'security-understood').click();
}

/** levels makes somebody speak. */
export function speak(gateway: ScriptedGateway, speaker: string): void {
  gateway.send({ type: 'levels', speaker, items: [{ participant: speaker, level: 22 }, { participant: 'b', level: 50 }] });
}
