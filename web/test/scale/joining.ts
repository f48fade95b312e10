import type { Browser } from 'playwright-core';
import { members, talkers, type Company } from './company.ts';
import { load, quantile, spread } from './figures.ts';
import type { Gateway } from './gateway.ts';
import { Visitor } from './visitor.ts';

const rounds = 6;
/** hears and sees, ms after the host's tap. */
const goalMs = 1500;
/** A page that has just come up is left in peace, ms: the host does not tap in the same moment. */
const settleMs = 700;

/** joining has one browser after another come late into a room of many, and takes the time from the host's tap. */
export async function joining(browser: Browser, gateway: Gateway, company: Company): Promise<void> {
  console.log(`\nOne Chromium comes late: ${members} members in one process, ${talkers} of them speak and show 180p (who only listens follows later); ${rounds} times`);
  const [inside, heard, seen, all]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let round = 0; round < rounds; round++) {
    const visitor = await Visitor.knock(browser, gateway, { width: 1280, height: 800 });
    try {
      const { host } = company;
      await host.until('see the card', () => host.cards.length === 1);
      await visitor.page.waitForTimeout(settleMs);
      company.hold();
      const tap = Date.now();
      host.admit();
      const got = await visitor.until('hear and see', (s) => s.heard !== undefined && s.pictures.length >= talkers);
      inside.push((got.room ?? NaN) - tap);
      heard.push((got.heard ?? NaN) - tap);
      seen.push((got.pictures[0] ?? NaN) - tap);
      all.push(Math.max(got.heard ?? NaN, got.pictures[talkers - 1] ?? NaN) - tap);
    } finally {
      company.release();
      await visitor.close();
    }
    await company.alone();
  }
  console.log(`  in the room         ${spread(inside)}`);
  console.log(`  hears               ${spread(heard)}`);
  console.log(`  sees                ${spread(seen)}`);
  console.log(`  hears, and sees all ${spread(all)}; goal ${goalMs} ms: ${quantile(all, 0.95) < goalMs ? 'met' : 'missed'} at p95; ${load()}`);
}
