import { readdirSync } from 'node:fs'
import { allOperations } from '@kafkado/core/internal'
import { expect, it } from 'vitest'
import * as handled from './index.ts'

it('every operation is carried out, once', () => {
  const names = Object.values(handled).map(({ operation }) => operation.name)
  expect(names.sort()).toEqual(allOperations.map(({ name }) => name).sort())
})

it('a handler has the name of its operation in core', () => {
  const namesIn = (folder: string): string[] =>
    readdirSync(new URL(folder, import.meta.url)).filter((name) => /^\d\d-.*\.ts$/.test(name))
  expect(namesIn('.')).toEqual(namesIn('../../../core/src/protocol'))
})
