import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * Bundles each of `pages` as esbuild does for a user, with what it loads later in files of its own.
 *
 * @param {string} root where packages are looked for
 * @param {Readonly<Record<string, string>>} pages the code of each, by name
 * @param {string} outDir where NAME.js is written
 * @param {{ conditions?: string[], external?: string[] }} [settings]
 * @returns {Promise<string[]>} what is wrong
 */
export function bundleByEsbuild(root, pages, outDir, settings = {}) {
  return faultsOf(root, pages, outDir, { platform: 'browser', format: 'esm', splitting: true, ...settings })
}

/** The same for Node, by `esbuild --platform=node`, whose files are CommonJS. */
export function bundleForNode(root, pages, outDir) {
  mkdirSync(outDir, { recursive: true })
  writeFileSync(join(outDir, 'package.json'), '{ "type": "commonjs" }')
  return faultsOf(root, pages, outDir, { platform: 'node', logOverride: { 'empty-import-meta': 'silent' } })
}

async function faultsOf(root, pages, outDir, settings) {
  const faults = []
  for (const [name, contents] of Object.entries(pages)) {
    try {
      const { warnings } = await build({
        stdin: { contents, resolveDir: root, sourcefile: `${name}.js` },
        bundle: true,
        target: 'es2023',
        minify: true,
        outdir: outDir,
        entryNames: name,
        chunkNames: `${name}-[name]-[hash]`,
        logLevel: 'silent',
        ...settings,
      })
      faults.push(...warnings.map(({ text, location }) => `esbuild: ${name}: ${text} (${location?.file})`))
    } catch (error) {
      const { errors } = /** @type {import('esbuild').BuildFailure} */ (error)
      faults.push(...errors.map(({ text, location }) => `esbuild: ${name}: ${text} (${location?.file})`))
    }
  }
  return faults
}
