import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineConfig } from 'tsup'
import { withDirectImports, withoutEmptyImports } from './direct-imports.ts'

type Options = {
  /** `neutral` for what a browser can reach; `node` for what never leaves Node. */
  platform?: 'neutral' | 'node'
  /**
   * Whether names of the public list of core are imported from there, and not each from its own file: for a package of
   * which both halves, the one that a page loads first and the one it loads later, need most of the list. One piece
   * of it then packs better than several.
   */
  keepsPublicList?: boolean
}

/** Seen from the package that is built: tsup bundles what configures it, so a path from this file would be another. */
const core = join(process.cwd(), '..', 'core', 'src')

/**
 * One output file for each source file. Bundling a package into a few chunks would defeat its users' bundlers: a
 * module whose top level calls a function (every protocol operation does) can only be dropped whole, as a file.
 */
export function definePackageBuild({ platform = 'neutral', keepsPublicList = false }: Options = {}) {
  return defineConfig({
    entry: ['src/**/*.ts', '!src/**/*.test.ts', '!src/**/*.test-d.ts'],
    format: ['esm'],
    platform,
    target: 'es2023',
    external: [/^#/],
    skipNodeModulesBundle: true,
    // Some built-in modules, such as node:sqlite, have no name without it.
    removeNodeProtocol: false,
    splitting: false,
    // Nothing is minified, so the built files read well in a debugger, and maps would be a tenth of a package.
    // Declaration maps lead editors to `src/`.
    sourcemap: false,
    clean: true,
    silent: true,
    esbuildPlugins: [
      {
        name: 'keep-files-apart',
        setup(build) {
          build.onResolve({ filter: /.*/ }, ({ kind, path }) => {
            if (kind === 'entry-point') return undefined
            return { path: path.startsWith('.') ? path.replace(/\.ts$/, '.js') : path, external: true }
          })
        },
      },
      {
        name: 'direct-imports',
        setup(build) {
          build.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
            contents: withDirectImports(withoutEmptyImports(await readFile(path, 'utf8')), { core, keepsPublicList }),
            loader: 'ts',
          }))
        },
      },
    ],
  })
}
