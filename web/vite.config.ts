import { defineConfig } from 'vite';

// One script, one style sheet, nothing inline: the content security policy of the gateway allows no other form. The media worker is
// a second script, a module of the same origin, with everything it needs in one file.
export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  worker: { format: 'es', rollupOptions: { output: { entryFileNames: 'assets/media-[hash].js', inlineDynamicImports: true } } },
});
