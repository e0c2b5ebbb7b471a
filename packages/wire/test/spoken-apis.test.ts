import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import * as spoken from './spoken-apis.ts'

it('has every API that the sources speak, so that what is asked of every one is asked of a new one', () => {
  const sources = join(import.meta.dirname, '../src')
  const named = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!\.test)\.ts$/.test(path))
    .flatMap((path) => [...readFileSync(join(sources, path), 'utf8').matchAll(/export const (\w+Api)\b/g)])
    .map(([, name = '']) => name)
  expect(named.sort()).toEqual(Object.keys(spoken).sort())
})
