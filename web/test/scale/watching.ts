import type { Browser } from 'playwright-core';
import { cameras, members, type Company } from './company.ts';
import { load, quantile } from './figures.ts';
import type { Gateway } from './gateway.ts';
import { installTransformProbe, type Timed, type TransformProbe } from './transform_probe.ts';
import { Visitor } from './visitor.ts';

const seconds = 20;
/** p95 of what a frame takes in the worker, ms. */
const goalMs = 1;

/** watching has one browser show many cameras, and takes the time that each frame is held up by being opened. */
export async function watching(browser: Browser, gateway: Gateway, company: Company): Promise<void> {
  console.log(`\nOne Chromium shows ${cameras} videos of 180p at 25 pictures a second, sealed by ${cameras} members; ${seconds} s`);
  await company.show(cameras);
  const visitor = await Visitor.knock(browser, gateway, { width: 1920, height: 1080 });
  try {
    await visitor.worker().evaluate(installTransformProbe);
    const { host } = company;
    await host.until('see the card', () => host.cards.length === 1);
    host.admit();
    await visitor.until('see everybody', (s) => s.pictures.length >= cameras);
    await company.count(members + 1);
    await take(visitor); // what came while it began
    const [seen, sent] = [await visitor.seen(), await company.publisher.sent()];
    await visitor.page.waitForTimeout(seconds * 1000);
    const timed = await take(visitor);
    report(timed, { sent: (await company.publisher.sent()).video - sent.video, shown: (await visitor.seen()).frames - seen.frames });
  } finally {
    await visitor.close();
  }
  await company.alone();
}

function take(visitor: Visitor): Promise<Timed> {
  return visitor.worker().evaluate(() => (globalThis as unknown as { transformProbe: TransformProbe }).transformProbe.take());
}

function report({ transform, whole, bare, came, streams, bytes }: Timed, { sent, shown }: { readonly sent: number; readonly shown: number }): void {
  const line = (ms: readonly number[]): string => [50, 95, 99].map((q) => `p${q} ${quantile(ms, q / 100).toFixed(2)}`).join(', ');
  const rate = (came / seconds / streams).toFixed(1);
  console.log(`  ${sent} frames were sent; ${came} of ${streams} videos came (${rate} a second each, ${Math.round(bytes / came)} bytes), ${transform.length} were opened, ${shown} shown`);
  console.log(`  in the transform, until the decoder has it   ${line(transform)} ms; goal p95 ${goalMs} ms: ${quantile(transform, 0.95) < goalMs ? 'met' : 'missed'}; ${load()}`);
  if (whole.length > 0) console.log(`  from its last packet, waiting in queues too  ${line(whole)} ms`);
  console.log(`  one bare AES-GCM by WebCrypto, same worker   ${line(bare)} ms`);
}
