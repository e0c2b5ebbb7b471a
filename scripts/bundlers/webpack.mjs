import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * Bundles pages as webpack does for a user; it refuses modules of Node by itself.
 *
 * @param {string} webpackPath where its main file is
 * @param {string} root where packages are looked for
 * @param {Readonly<Record<string, string>>} pages the code of each, by name
 * @param {string} outDir where NAME.js is written
 * @returns {Promise<string[]>} what is wrong
 */
export async function bundleByWebpack(webpackPath, root, pages, outDir) {
  const webpack = createRequire(import.meta.url)(webpackPath)
  const sources = join(root, 'sources-of-webpack')
  mkdirSync(sources, { recursive: true })
  for (const [name, code] of Object.entries(pages)) writeFileSync(join(sources, `${name}.mjs`), code)
  const compiler = webpack({
    mode: 'production',
    target: 'web',
    context: root,
    entry: Object.fromEntries(Object.keys(pages).map((name) => [name, join(sources, `${name}.mjs`)])),
    experiments: { outputModule: true },
    // A page's assets lie beside it; Node, which runs it here, has no scripts that would say where it is.
    output: { path: outDir, filename: '[name].js', library: { type: 'module' }, publicPath: './' },
    performance: { hints: false },
  })
  const stats = await new Promise((resolve, reject) => {
    compiler.run((/** @type {Error | null} */ error, /** @type {unknown} */ found) =>
      error ? reject(error) : resolve(found),
    )
  })
  await new Promise((done) => compiler.close(done))
  const { errors = [], warnings = [] } = stats.toJson({ all: false, errors: true, warnings: true })
  return [...errors, ...warnings].map(({ message, moduleName }) => `webpack: ${moduleName}: ${message.split('\n')[0]}`)
}
