// Compiles TypeScript tests to plain modules in a folder of their own: Node 20 cannot strip types itself.
import { build } from 'esbuild';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const webFolder = fileURLToPath(new URL('..', import.meta.url));

/** Bundles the entry points and calls use with the folder they lie in; the folder is gone afterwards. */
export async function bundled(entryPoints, use) {
  const folder = await mkdtemp(join(tmpdir(), 'legroom-web-'));
  try {
    await symlink(join(webFolder, 'node_modules'), join(folder, 'node_modules'));
    await build({
      entryPoints, outbase: join(webFolder, 'test'), outdir: folder, bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20',
      outExtension: { '.js': '.mjs' }, jsx: 'automatic', jsxImportSource: 'preact', sourcemap: 'inline', logLevel: 'warning',
    });
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
