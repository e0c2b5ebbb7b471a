import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { pageFiles } from '../../benchmarks/document/write-page.ts'

const docs = new URL('../../docs/', import.meta.url)

it('docs/performance.md and its plots are what the figures beside them come to', () => {
  const files = pageFiles()
  expect(Object.keys(files)).toContain('performance.md')
  for (const [name, text] of Object.entries(files)) expect(readFileSync(new URL(name, docs), 'utf8'), name).toBe(text)
  const plots = readdirSync(new URL('performance', docs)).map((name) => `performance/${name}`)
  expect(plots.toSorted()).toEqual(
    Object.keys(files)
      .filter((name) => name !== 'performance.md')
      .toSorted(),
  )
})

it('shows each plot that there is, and names no machine by its paths', () => {
  const { 'performance.md': page = '', ...plots } = pageFiles()
  for (const name of Object.keys(plots)) expect(page).toContain(`](${name})`)
  expect(page).not.toMatch(/\/(work|home|tmp|root)\//)
})
