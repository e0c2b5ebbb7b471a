import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { requiredNode, tooOldNode } from './required-node.ts'

it.each([
  ['18.20.4', true],
  ['20.20.2', true],
  ['22.21.1', true],
  ['22.22.0', false],
  ['22.30.1', false],
  ['23.11.0', true],
  ['24.0.0', true],
  ['24.10.0', true],
  ['24.11.0', false],
  ['25.0.0', false],
  ['26.12.1', false],
])('Node %s is too old: %s', (node, isTooOld) => {
  expect(tooOldNode({ node })).toBe(isTooOld ? `kafkado needs Node ^22.22 || >=24.11; this is Node ${node}` : undefined)
  expect(tooOldNode({ node, bun: '1.4.4' })).toBe(undefined)
  expect(tooOldNode({ node, deno: '2.9.6' })).toBe(undefined)
})

it('is what the packages say', () => {
  const packages = new URL('../../../', import.meta.url)
  const said = readdirSync(packages).map((name) => {
    const manifest = JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), 'utf8')) as {
      engines?: { node?: string }
    }
    return manifest.engines?.node
  })
  expect(new Set(said)).toEqual(new Set([requiredNode]))
})
