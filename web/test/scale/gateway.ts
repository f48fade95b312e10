import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';

const room = '2001';
const guestKey = 'scaleGuestSecret000';
const hostKey = 'scaleHostSecret0000';
const readyMs = 15_000;

/** Gateway is the real one, with one encrypted room that has a lobby, on ports of loopback that were free. */
export class Gateway {
  readonly room = room;
  readonly #process: ChildProcess;
  readonly #web: number;

  private constructor(process: ChildProcess, web: number) {
    this.#process = process;
    this.#web = web;
  }

  /** start runs the binary until stop; what it keeps goes into folder. */
  static async start(binary: string, folder: string): Promise<Gateway> {
    const { sip, web, media, operate } = await freePorts();
    const file = join(folder, 'legroom.yaml');
    await writeFile(file, [
      `stateDir: ${join(folder, 'state')}`, 'log: {level: warn}', 'devices: {use: false}',
      `sip: {listen: [{network: udp, address: "127.0.0.1:${sip}"}]}`,
      'calls: {drain: 0s}',
      `web: {listen: "127.0.0.1:${web}"}`,
      `browsers: {udp: "127.0.0.1:${media}", tcp: "", loopback: true}`,
      `operate: {listen: "127.0.0.1:${operate}"}`,
      `rooms: [{number: "${room}", name: Room, mode: mixed, lobby: true, capacity: 64, guestSecret: ${guestKey}, hostSecret: ${hostKey}}]`, '',
    ].join('\n'), { mode: 0o600 });
    const child = spawn(binary, ['serve', '--config', file], { stdio: ['ignore', 'ignore', 'inherit'] });
    process.once('exit', () => child.kill()); // also when this program fails
    const gateway = new Gateway(child, web);
    await ready(`http://127.0.0.1:${operate}/readyz`, child);
    return gateway;
  }

  get origin(): string {
    return `https://127.0.0.1:${this.#web}`;
  }

  /** key is what a visit says hello with. */
  key(host: boolean): string {
    return host ? `h.${hostKey}` : `g.${guestKey}`;
  }

  /** link for a guest who shows nothing of itself, and whose microphone is recorded as it is. */
  get link(): string {
    return `${this.origin}/r/${room}?audio=raw&camera=off#${this.key(false)}`;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    await gone;
  }
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const end = Date.now() + readyMs;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    if (child.exitCode !== null || Date.now() > end) throw new Error('the gateway did not start');
    await new Promise((again) => setTimeout(again, 20));
  }
}

interface Ports { readonly sip: number; readonly web: number; readonly media: number; readonly operate: number }

async function freePorts(): Promise<Ports> {
  const held = await Promise.all([hold(), hold(), hold(), hold()]);
  const [sip, web, media, operate] = held.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return { sip: sip ?? 0, web: web ?? 0, media: media ?? 0, operate: operate ?? 0 };
}

function hold(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
