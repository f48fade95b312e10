import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { Stage } from './stage.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
};

/** policyOfGateway is the content security policy that the gateway sends, from its source: a page that needs more shows here. */
async function policyOfGateway(): Promise<string> {
  const source = await readFile(join(process.env['LEGROOM_WEB'] ?? process.cwd(), '..', 'gateway', 'api', 'pages.go'), 'utf8');
  const declared = /const contentSecurityPolicy = ((?:"[^"]*"[\s+]*)+)/.exec(source)?.[1];
  if (declared === undefined) throw new Error('pages.go declares no policy');
  return [...declared.matchAll(/"([^"]*)"/g)].map((part) => part[1]).join('');
}

export interface Host {
  readonly origin: string;
  readonly close: () => void;
}

/** hostFiles serves the built client, and the stage, on a free port of the loopback interface. */
export async function hostFiles(folder: string, stage: Stage): Promise<Host> {
  const headers = {
    'content-security-policy': await policyOfGateway(), 'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp', 'cross-origin-resource-policy': 'same-origin',
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const staged = stage.get(path);
    if (staged !== undefined) {
      response.writeHead(200, { 'content-type': staged.type, ...headers });
      response.end(staged.text);
      return;
    }
    const name = path === '/' || path.startsWith('/r/') ? 'index.html' : normalize(path).replace(/^([/\\.])+/, '');
    readFile(join(folder, name)).then(
      (content) => {
        response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream', ...headers });
        response.end(content);
      },
      () => {
        response.writeHead(404);
        response.end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}`, close: () => server.close() };
}
