// A real browser with a page of ours, under the policy that the gateway could serve it with at the strictest.
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { build } from 'esbuild';
import { chromium as playwright, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { policyName } from '../../src/e2ee/worker/open.ts';

/** The browser of the tests, and how it is started. */
export const executablePath = '/usr/bin/chromium';
export const flags = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];
const policy = [
  "default-src 'none'", "script-src 'self'", "worker-src 'self'", "require-trusted-types-for 'script'", `trusted-types ${policyName}`,
].join('; ');

/** Why there is no browser, for node:test. */
export const noChromium = existsSync(executablePath) ? false : 'no chromium';

/** Opened is a page, and what it complained of. */
export interface Opened {
  readonly page: Page;
  readonly faults: string[];
}

/** chromium starts the browser before the tests of a file and ends it behind them; skip says why there is none. */
export function chromium(script = 'page.js'): { readonly skip: false | string; readonly open: (context?: BrowserContext) => Promise<Opened>; readonly context: () => Promise<BrowserContext> } {
  const skip = noChromium;
  let server: Server;
  let browser: Browser;
  before(async () => {
    if (skip !== false) return;
    server = await host(script);
    browser = await playwright.launch({ executablePath, args: flags });
  });
  after(async () => {
    if (skip !== false) return;
    await browser.close();
    server.close();
  });
  const open = async (context?: BrowserContext): Promise<Opened> => {
    const page = await (context ?? browser).newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (m) => { if (m.type() === 'error' && !m.text().includes('favicon')) faults.push(m.text()); });
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    return { page, faults };
  };
  return { skip, open, context: () => browser.newContext() };
}

/** host serves the test pages, the worker with keys that never change, and the real one. */
async function host(script: string): Promise<Server> {
  const web = process.env['LEGROOM_WEB'] ?? process.cwd();
  const folder = join(web, 'test', 'e2ee', 'browser');
  const { outputFiles } = await build({
    entryPoints: {
      page: join(folder, 'page.ts'), peer: join(folder, 'peer.ts'), worker: join(folder, 'worker.ts'), media: join(web, 'src', 'e2ee', 'worker', 'main.ts'),
    },
    outdir: '/', bundle: true, write: false, format: 'esm', target: 'es2022',
  });
  const files = new Map(outputFiles.map((file) => [file.path, file.text]));
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const text = files.get(path);
    if (text === undefined && path !== '/') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': text === undefined ? 'text/html' : 'text/javascript', 'content-security-policy': policy });
    response.end(text ?? `<!doctype html><title>frames</title><script type="module" src="/${script}"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
