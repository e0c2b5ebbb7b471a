// After `tsup`: the package once more, in a few files for Node, Bun and Deno, which `package.json` names with the
// condition `node`. A process loads a file for each module of `dist/` otherwise, and that took most of its start:
// finding and reading a file costs more than compiling it. Pages get `dist/` as it is, since a bundler drops modules
// from it one by one. Both are never in one program, since all of it is resolved with the same conditions.
import { readFileSync, rmSync } from 'node:fs'
import { build } from 'esbuild'
import { bundledEntries } from './packages/bundled-entries.ts'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))

rmSync('dist/bundled', { recursive: true, force: true })
await build({
  entryPoints: bundledEntries(manifest),
  outdir: 'dist/bundled',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'es2023',
  conditions: ['kafkado-source'],
  // `sideEffects: false` would drop the check of Node's version.
  ignoreAnnotations: true,
  // Nothing is minified and nothing has maps, as in `dist/`: a stack trace is readable as it is.
  logLevel: 'warning',
  plugins: [
    {
      name: 'only-this-package',
      setup: (bundle) =>
        bundle.onResolve({ filter: /^[^.#]/ }, ({ kind, path }) =>
          kind === 'entry-point' ? undefined : { path, external: true },
        ),
    },
  ],
})
