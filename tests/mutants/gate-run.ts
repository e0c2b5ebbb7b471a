import { createVitest, type TestCase, type TestModule, type TestProject, type Vitest } from 'vitest/node'
import { type Gate, pathOf } from './mutant.ts'

/** What came of running a gate, with a mutant or without one. */
export interface GateResult {
  readonly passed: number
  /** The first failing test, or what else went wrong; undefined when all is well. */
  readonly failure: string | undefined
  /** Whether a time limit ended a test. It fails all the same, only that it takes long. */
  readonly isOutOfTime: boolean
  /** How long the longest of the tests took, without what was done before and after it. */
  readonly longestMs: number
}

/**
 * Runs gates one after the other in one vitest, which keeps what it has transformed: starting one for each would take
 * most of the time.
 */
export class GateRunner {
  readonly #vitest: Vitest

  private constructor(vitest: Vitest) {
    this.#vitest = vitest
  }

  /** @param gates those that will be run */
  static async start(gates: readonly Gate[]): Promise<GateRunner> {
    const vitest = await createVitest({
      root: pathOf(''),
      watch: false,
      bail: 1,
      maxWorkers: 1,
      project: [...new Set(gates.map(projectOf))],
      reporters: [{}],
      cache: false,
      coverage: { enabled: false },
    })
    await vitest.standalone()
    return new GateRunner(vitest)
  }

  /**
   * @param limitMs how long a test and each of its hooks may take; without it, as long as vitest's configuration says
   */
  async run(gate: Gate, limitMs?: number): Promise<GateResult> {
    const file = pathOf(gate.file)
    const project = this.#vitest.getProjectByName(projectOf(gate))
    const { testTimeout, hookTimeout } = project.config
    if (limitMs !== undefined) Object.assign(project.config, { testTimeout: limitMs, hookTimeout: limitMs })
    try {
      return await this.#run(gate, file, project)
    } finally {
      Object.assign(project.config, { testTimeout, hookTimeout })
    }
  }

  async #run(gate: Gate, file: string, project: TestProject): Promise<GateResult> {
    const testNamePattern = gate.tests === undefined ? undefined : new RegExp(gate.tests)
    const specification = project.createSpecification(file, { ...(testNamePattern && { testNamePattern }) })
    const { testModules, unhandledErrors } = await this.#vitest.runTestSpecifications([specification])
    const module = testModules.find(({ moduleId }) => moduleId === file)
    if (!module) throw new Error(`there is no test file ${gate.file}`)
    const tests = [...module.children.allTests()]
    const passed = tests.filter((test) => test.result().state === 'passed').length
    const longestMs = Math.max(0, ...tests.map((test) => test.diagnostic()?.duration ?? 0))
    const failure = failureOf(module, tests) ?? unhandledErrors.map(unhandled)[0]
    return { passed, failure, isOutOfTime: tests.some(isOutOfTime), longestMs }
  }

  /** Has a file loaded anew by the next run. */
  forget(file: string): void {
    this.#vitest.invalidateFile(pathOf(file))
  }

  async close(): Promise<void> {
    await this.#vitest.close()
  }
}

function projectOf({ file }: Gate): string {
  const [folder, name = ''] = file.split('/')
  return folder === 'packages' ? name : 'tests'
}

function failureOf(module: TestModule, tests: readonly TestCase[]): string | undefined {
  const failed = tests.find((test) => test.result().state === 'failed')
  if (failed) return failed.fullName + (isOutOfTime(failed) ? ', by its time limit' : '')
  if (module.state() !== 'failed') return undefined
  const suite = [...module.children.allSuites()].find((one) => one.errors().length > 0)
  const [error] = suite?.errors() ?? module.errors()
  return `${suite?.fullName ?? 'the file as a whole'}: ${error?.message}`
}

function isOutOfTime(test: TestCase): boolean {
  return test.result().errors?.some(({ message }) => message.startsWith('Test timed out in')) === true
}

function unhandled(error: unknown): string {
  return `unhandled: ${error instanceof Error ? error.message : (error as { message?: string }).message}`
}
