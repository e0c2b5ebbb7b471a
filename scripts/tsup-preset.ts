import { defineConfig } from 'tsup'

type Options = {
  /** `neutral` for what a browser can reach; `node` for what never leaves Node. */
  platform?: 'neutral' | 'node'
}

/**
 * One output file for each source file. Bundling a package into a few chunks would defeat its users' bundlers: a
 * module whose top level calls a function (every protocol operation does) can only be dropped whole, as a file.
 */
export function definePackageBuild({ platform = 'neutral' }: Options = {}) {
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
    sourcemap: true,
    // The packages have their sources in `src/`, where source maps and declaration maps point.
    esbuildOptions: (options) => {
      options.sourcesContent = false
    },
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
    ],
  })
}
