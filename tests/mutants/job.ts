// One of the processes that run gates: takes a task at a time from its parent, and answers with what came of it.
import { loadedVariable, mutantVariable } from './mutant-plugin.ts'
import { allMutants } from './all-mutants.ts'
import type { Gate } from './mutant.ts'

/** A gate to run, with a mutant or, to see that it passes then, without one. */
export interface Task {
  readonly gate: Gate
  readonly mutant?: string
  /** How long a test may take; as usual without it. */
  readonly testLimitMs?: number
}

export interface TaskResult {
  readonly passed: number
  readonly failure: string | undefined
  readonly isOutOfTime: boolean
  readonly longestMs: number
  /** Whether the file of the mutant was loaded at all. */
  readonly isLoaded: boolean
  readonly seconds: number
}

// Before vitest reads its configuration, which keeps nothing on the disk then.
process.env[mutantVariable] = ''
const { GateRunner } = await import('./gate-run.ts')
const runner = await GateRunner.start(allMutants.map(({ gate }) => gate))

async function carryOut({ gate, mutant: name, testLimitMs }: Task): Promise<TaskResult> {
  const mutant = allMutants.find((one) => one.name === name)
  process.env[mutantVariable] = mutant?.name ?? ''
  process.env[loadedVariable] = ''
  if (mutant) runner.forget(mutant.file)
  const started = performance.now()
  const result = await runner.run(gate, testLimitMs)
  const seconds = (performance.now() - started) / 1000
  const isLoaded = process.env[loadedVariable] === name
  if (mutant) runner.forget(mutant.file)
  return { ...result, isLoaded, seconds }
}

process.on('message', (task: Task) => {
  carryOut(task).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.once('disconnect', () => process.exit())
process.send?.('ready')
