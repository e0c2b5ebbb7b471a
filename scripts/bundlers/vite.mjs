import { join } from 'node:path'
import { build } from 'vite'
import { isBuiltIn } from './built-in.mjs'

const prefix = 'entry:'

/**
 * Bundles pages as Vite does for a user. Vite itself puts an empty module in the place of each of Node's and goes on,
 * so that the page fails later: here each is a fault.
 *
 * @param {string} root where packages are looked for
 * @param {Readonly<Record<string, string>>} pages the code of each, by name
 * @param {string} [outDir] where NAME.js is written
 * @returns {Promise<string[]>} what is wrong
 */
export async function bundleByVite(root, pages, outDir) {
  const faults = new Set()
  const input = Object.fromEntries(Object.keys(pages).map((name) => [name, prefix + name]))
  const entries = {
    name: 'entries',
    enforce: 'pre',
    resolveId(id, importer) {
      if (id.startsWith(prefix)) return id
      if (isBuiltIn(id)) faults.add(`Vite: ${importer?.split('node_modules/').at(-1)} imports ${id}`)
      return undefined
    },
    load: (id) => (id.startsWith(prefix) ? pages[id.slice(prefix.length)] : undefined),
  }
  try {
    await build({
      configFile: false,
      root,
      logLevel: 'silent',
      plugins: [entries],
      build: {
        write: outDir !== undefined,
        outDir: outDir ?? join(root, 'dist'),
        emptyOutDir: false,
        modulePreload: false,
        rollupOptions: { input, preserveEntrySignatures: 'strict', output: { entryFileNames: '[name].js' } },
      },
    })
  } catch (error) {
    faults.add(`Vite: ${String(error).split('\n').slice(0, 3).join(' ')}`)
  }
  return [...faults]
}
