import { build } from 'esbuild';
import { join } from 'node:path';

/** Stage is the page of staged scenes, as files by path. */
export type Stage = ReadonlyMap<string, { readonly type: string; readonly text: string }>;

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"><title>Legroom</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml"><link rel="stylesheet" href="/staged.css"></head><body><div id="app"></div><script type="module" src="/staged.js"></script></body></html>`;

/** buildStage bundles the client with a staged session in place of the real one. */
export async function buildStage(web: string): Promise<Stage> {
  const { outputFiles } = await build({
    entryPoints: [join(web, 'test', 'screens', 'staged', 'page.tsx')], outfile: 'staged.js', bundle: true, write: false, format: 'esm', target: 'es2022',
    jsx: 'automatic', jsxImportSource: 'preact', nodePaths: [join(web, 'node_modules')], logLevel: 'warning',
  });
  const text = (end: string): string => outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
  return new Map([
    ['/staged', { type: 'text/html; charset=utf-8', text: page }],
    ['/staged.js', { type: 'text/javascript', text: text('.js') }],
    ['/staged.css', { type: 'text/css', text: text('.css') }],
  ]);
}
