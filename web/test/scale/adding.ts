import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Added } from './adding_worker.ts';
import { load, quantile, spread } from './figures.ts';

/** How many are in the group with whom is added, and how often. */
const people = 200;
const rounds = 30;
/** To make the commit, and to apply it, ms each. */
const goalMs = 150;

/** adding has a real browser's worker add somebody to a large group, again and again, by the client's own code with all its rules. */
export async function adding(browser: Browser): Promise<void> {
  console.log(`\nChromium adds one to ${people - 1} others, by the client's code and its rules, beside the bare library; ${rounds} times`);
  const server = await host();
  const page = await browser.newPage();
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const added = await page.evaluate(async ([n, times]) => {
      const worker = new Worker('/adding_worker.js', { type: 'module' });
      const answer = new Promise<Added>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Added>) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
      });
      worker.postMessage({ people: n, rounds: times });
      return answer;
    }, [people, rounds] as const);
    const judge = (ms: readonly number[]): string => (quantile(ms, 0.95) < goalMs ? 'met' : 'missed');
    console.log(`  to make   ${spread(added.make)}, bare ${spread(added.bareMake)}; goal ${goalMs} ms: ${judge(added.make)} at p95; ${load()}`);
    console.log(`  to apply  ${spread(added.apply)}, bare ${spread(added.bareApply)}; goal ${goalMs} ms: ${judge(added.apply)} at p95`);
    console.log(`  a commit of ${added.commitBytes} bytes to everybody, a Welcome of ${(added.welcomeBytes / 1000).toFixed(1)} kB to the new one`);
  } finally {
    await page.close();
    server.close();
  }
}

/** host serves an empty page, and the worker. The page is isolated as the client's is, so that its clock is as fine. */
async function host(): Promise<Server> {
  const web = process.env['LEGROOM_WEB'] ?? process.cwd();
  const { outputFiles: [script] } = await build({
    entryPoints: [join(web, 'test', 'scale', 'adding_worker.ts')], bundle: true, write: false, minify: true, format: 'esm', target: 'es2022',
  });
  const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
  const server = createServer((request, response) => {
    const scripted = request.url === '/adding_worker.js';
    response.writeHead(200, { ...headers, 'content-type': scripted ? 'text/javascript' : 'text/html' });
    response.end(scripted ? script?.text : '<!doctype html><title>adding</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
