import type { Browser, BrowserContext, Page, Worker } from 'playwright-core';
import type { Gateway } from './gateway.ts';
import { installProbe, type Probe, type Seen } from './page_probe.ts';

/** What every visitor calls itself. */
export const visitorName = 'Late';

/** Visitor is somebody with a real browser: the page as people get it. */
export class Visitor {
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
  }

  /** knock opens the link, gives a name and waits in the lobby until the host has the card. */
  static async knock(browser: Browser, gateway: Gateway, size: { readonly width: number; readonly height: number }): Promise<Visitor> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: size, permissions: ['microphone', 'camera'] });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(`error in the page: ${error.message}`));
    await page.addInitScript(installProbe);
    await page.goto(gateway.link);
    await page.locator('[data-testid=name]').fill(visitorName);
    await page.locator('[data-testid=join]').click();
    await page.locator('[data-testid=lobby][data-meeting=waiting]').waitFor();
    return new Visitor(context, page);
  }

  /** seen is what came to the visitor's ears and eyes by now. */
  seen(): Promise<Seen> {
    return this.page.evaluate(() => (globalThis as unknown as { probe: Probe }).probe.seen());
  }

  /** until waits for something of that; it fails after a minute. */
  async until(what: string, ok: (seen: Seen) => boolean): Promise<Seen> {
    const end = Date.now() + 60_000;
    for (;;) {
      const seen = await this.seen();
      if (ok(seen)) return seen;
      if (Date.now() > end) throw new Error(`the browser: ${what} did not happen; ${JSON.stringify(seen)}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** worker is where the group, its keys and all frames are. */
  worker(): Worker {
    const [worker, ...more] = this.page.workers();
    if (worker === undefined || more.length > 0) throw new Error(`${more.length + (worker === undefined ? 0 : 1)} workers in the page`);
    return worker;
  }

  /** close the window. */
  close(): Promise<void> {
    return this.#context.close();
  }
}
