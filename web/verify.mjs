// node verify.mjs [FILE]: builds the offline verifier, one page that needs nothing else. The default is dist/verify.html.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** page gives the text of the page. Its policy lets run what is in it by its hash, and nothing else; there is no connection. */
export async function page() {
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'src', 'verify', 'page.ts')], bundle: true, write: false, minify: true, format: 'iife', target: 'es2022',
    platform: 'browser', legalComments: 'none', logLevel: 'warning',
  });
  // In a script element this would end it.
  const script = outputFiles[0].text.trim().replaceAll('</script', '<\\/script');
  const html = await readFile(join(folder, 'verify.html'), 'utf8');
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)[1];
  const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = [
    "default-src 'none'", `script-src ${hash(script)}`, `style-src ${hash(style)}`, "base-uri 'none'", "form-action 'none'",
    "require-trusted-types-for 'script'", "trusted-types 'none'",
  ].join('; ');
  // Functions, since $ means something in a text that replaces.
  return html
    .replace('<!-- policy -->', () => `<meta http-equiv="Content-Security-Policy" content="${policy}">`)
    .replace('<!-- script -->', () => `<script>${script}</script>`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = process.argv[2] ?? join(folder, 'dist', 'verify.html');
  const text = await page();
  await writeFile(file, text);
  console.log(`${file}: ${Math.round(text.length / 1024)} kB`);
}
