// Drives headless Chromium for the end-to-end tests: one JSON request a line on standard input, one JSON answer a line on
// standard output. playwright-core and axe-core come from the web client's own node_modules.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";

const require = createRequire(process.env.LEGROOM_WEB + "/package.json");
const { chromium } = require("playwright-core");

const browsers = new Map();
const pages = new Map();

const ops = {
  async launch({ name, executable, capture, film }) {
    const args = [
      "--no-sandbox", "--ignore-certificate-errors", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--allow-loopback-in-peer-connection",
      "--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    ];
    if (film) args.push("--use-file-for-fake-video-capture=" + film);
    if (capture) args.push("--use-file-for-fake-audio-capture=" + capture);
    browsers.set(name, await chromium.launch({ executablePath: executable, args, headless: true }));
  },
  async open({ browser, page, url, width, height, dark, language, permissions, script }) {
    const context = await browsers.get(browser).newContext({
      ignoreHTTPSErrors: true, viewport: { width, height }, deviceScaleFactor: width < 600 ? 2 : 1,
      colorScheme: dark ? "dark" : "light", locale: language || "en-GB",
      permissions: permissions ?? ["microphone", "camera", "clipboard-write"],
    });
    if (script) await context.addInitScript(script);
    const p = await context.newPage();
    const log = [];
    p.on("console", (m) => log.push(`${m.type()}: ${m.text()}`));
    p.on("pageerror", (e) => log.push(`pageerror: ${e}`));
    pages.set(page, { p, context, log });
    await p.goto(url);
  },
  async goto({ page, url }) { await pages.get(page).p.goto(url); },
  async resize({ page, width, height }) { await pages.get(page).p.setViewportSize({ width, height }); },
  // What the page's scripts hold when all that is garbage is gone, bytes; those of its workers not counted.
  async heap({ page }) {
    const entry = pages.get(page);
    entry.cdp ??= await entry.context.newCDPSession(entry.p);
    await entry.cdp.send("HeapProfiler.collectGarbage");
    return (await entry.cdp.send("Runtime.getHeapUsage")).usedSize;
  },
  async reload({ page }) { await pages.get(page).p.reload(); },
  async click({ page, selector, timeout }) { await pages.get(page).p.locator(selector).first().click({ timeout }); },
  async fill({ page, selector, text, timeout }) { await pages.get(page).p.locator(selector).first().fill(text, { timeout }); },
  async upload({ page, selector, file }) { await pages.get(page).p.locator(selector).first().setInputFiles(file); },
  async press({ page, key }) { await pages.get(page).p.keyboard.press(key); },
  async wait({ page, selector, state, timeout }) {
    await pages.get(page).p.locator(selector).first().waitFor({ state: state || "visible", timeout });
  },
  async text({ page, selector, timeout }) { return pages.get(page).p.locator(selector).first().innerText({ timeout }); },
  async evaluate({ page, script, arg }) { return pages.get(page).p.evaluate(`(${script})(${JSON.stringify(arg ?? null)})`); },
  // Asked again and again from outside: the page's own policy forbids it to evaluate text.
  async until({ page, script, arg, timeout }) {
    const { p } = pages.get(page);
    const end = Date.now() + timeout;
    while (!(await p.evaluate(`(${script})(${JSON.stringify(arg ?? null)})`))) {
      if (Date.now() > end) throw new Error(`not true within ${timeout} ms: ${script}`);
      await new Promise((again) => setTimeout(again, 50));
    }
  },
  async offline({ page, offline }) { await pages.get(page).context.setOffline(offline); },
  async screenshot({ page, path }) { await pages.get(page).p.screenshot({ path, animations: "disabled" }); },
  async axe({ page }) {
    const { p } = pages.get(page);
    await p.evaluate(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
    const result = await p.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
    return result.violations.map((v) => ({ id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map((n) => n.html).slice(0, 3) }));
  },
  async console({ page }) { return pages.get(page).log; },
  async closePage({ page }) { await pages.get(page).context.close(); pages.delete(page); },
  async quit() { for (const b of browsers.values()) await b.close(); },
};

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  const request = JSON.parse(line);
  let answer = { id: request.id };
  try {
    answer.value = (await ops[request.op](request)) ?? null;
  } catch (e) {
    answer.error = String(e);
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
lines.on("close", async () => { await ops.quit().catch(() => {}); process.exit(0); });
