import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { allMutants } from './all-mutants.ts'
import { brokerJournalMutants } from './broker-journal.ts'
import { mutated, pathOf, sourceOf } from './mutant.ts'
import { mutantsOfTurn } from './turns.ts'

// They are run by `npm run mutants`; here they are only kept up with the sources.
describe('the mutants', () => {
  it.each(allMutants.map((mutant) => [mutant.name, mutant] as const))('%s still applies', (_name, mutant) => {
    const source = sourceOf(mutant)
    expect(mutated(mutant, source)).not.toBe(source)
    expect(existsSync(pathOf(mutant.gate.file)), mutant.gate.file).toBe(true)
    expect(() => new RegExp(mutant.gate.tests ?? '')).not.toThrow()
    expect(mutant.breaks).toMatch(/^\S.*\.$/)
  })

  it('have names of their own, and are in every package whose promises they break', () => {
    expect(new Set(allMutants.map(({ name }) => name)).size).toBe(allMutants.length)
    const packages = new Set(allMutants.map(({ file }) => file.split('/')[1]))
    expect(packages).toEqual(
      new Set(['core', 'messages', 'broker', 'producer', 'consumer', 'streams', 'wire', 'server']),
    )
  })

  it('have their turn within six commits, all of a gate at once', () => {
    const parts = [7, 8, 9, 10, 11, 12].map((turn) => mutantsOfTurn(allMutants, turn))
    expect(new Set(parts.flat())).toEqual(new Set(allMutants))
    expect(parts.flat()).toHaveLength(allMutants.length)
    const gates = parts.map((part) => new Set(part.map(({ gate }) => gate.file)))
    const all = new Set(gates.flatMap((files) => [...files]))
    expect(gates.reduce((sum, { size }) => sum + size, 0)).toBe(all.size)
    // Another one among them changes nobody's turn.
    const first = allMutants[0] as (typeof allMutants)[number]
    expect(mutantsOfTurn(allMutants.slice(1), 7)).toEqual(parts[0]?.filter((mutant) => mutant !== first))
    for (const part of parts) expect(part.length).toBeGreaterThan(allMutants.length / 12)
  })

  it('of the journal are told in docs/storage.md, each beside what it breaks, and no others', () => {
    const text = readFileSync(pathOf('docs/storage.md'), 'utf8')
    const told = [...text.matchAll(/^\| .* \| .* \| (.*) \|$/gm)].flatMap(([, names = '']) => [
      ...names.matchAll(/`([^`]+)`/g),
    ])
    const names = told.map(([, name]) => name as string)
    expect(new Set(names).size).toBe(names.length)
    const known = new Set(allMutants.map(({ name }) => name))
    expect(names.filter((name) => !known.has(name))).toEqual([])
    expect(brokerJournalMutants.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([])
  })

  it('that no longer apply, or apply at two places, are told by name', () => {
    const mutant = { ...(allMutants[0] as (typeof allMutants)[number]), name: 'one', text: 'ab', replacement: '$&' }
    expect(mutated(mutant, 'xaby')).toBe('x$&y')
    for (const source of ['xy', 'abab'])
      expect(() => mutated(mutant, source)).toThrow(/the mutant one no longer applies/)
  })
})
