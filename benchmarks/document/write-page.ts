import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { performancePage } from './performance-page.ts'
import { plots } from './plots/plots.ts'
import { readResults } from './results.ts'

const docs = fileURLToPath(new URL('../../docs/', import.meta.url))

/** The page and its plots, as the kept figures make them. By their paths in `docs`. */
export function pageFiles(): Record<string, string> {
  const results = readResults()
  const made = plots(results)
  return {
    'performance.md': performancePage(results, Object.keys(made)),
    ...Object.fromEntries(Object.entries(made).map(([name, svg]) => [`performance/${name}.svg`, svg])),
  }
}

/** Writes docs/performance.md and its plots, and removes plots of before. */
export function writePage(): void {
  const files = pageFiles()
  mkdirSync(join(docs, 'performance'), { recursive: true })
  for (const name of readdirSync(join(docs, 'performance')))
    if (!(`performance/${name}` in files)) rmSync(join(docs, 'performance', name))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(docs, name), text)
  console.log(`docs/performance.md and ${Object.keys(files).length - 1} plots are written`)
}
