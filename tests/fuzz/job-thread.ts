import { parentPort, workerData } from 'node:worker_threads'
import { blocks } from './coverage.ts'
import { corpusOf } from './corpus.ts'
import { type Failure, Fuzzer, type Outcome } from './fuzzer.ts'
import { minimised } from './minimise.ts'
import { targetNamed } from './targets.ts'

/** What a thread is told to do: a part of the runs of one target. */
export interface JobData {
  readonly target: string
  readonly seed: number
  readonly runs: number
  /** `[run, length of its input]`, which changes with every run. */
  readonly progress: Int32Array
  /** The input of the run. */
  readonly input: Uint8Array
}

export interface JobReport extends Outcome {
  readonly target: string
  readonly seed: number
  readonly coverage: { readonly reached: number; readonly total: number }
}

const data = workerData as JobData
Error.stackTraceLimit = 0

async function work(): Promise<JobReport> {
  const target = await targetNamed(data.target)
  const fuzzer = new Fuzzer(target)
  const outcome = await fuzzer.fuzz({
    seed: data.seed,
    runs: data.runs,
    corpus: corpusOf(data.target).map(({ input }) => input),
    beginRun(run, input) {
      data.progress[1] = input.length
      data.input.set(input)
      data.progress[0] = run + 1
    },
  })
  const coverage = blocks.of(target.sources)
  const failures: Failure[] = []
  for (const failure of outcome.failures) failures.push(await smaller(fuzzer, failure))
  return { ...outcome, failures, target: data.target, seed: data.seed, coverage }
}

async function smaller(fuzzer: Fuzzer, failure: Failure): Promise<Failure> {
  const kind = kindOf(failure.message)
  const input = await minimised(failure.input, async (candidate) => {
    const message = await fuzzer.check(candidate)
    return message !== undefined && kindOf(message) === kind
  })
  const message = (await fuzzer.check(input)) ?? `${failure.message} (not each time)`
  return { ...failure, input, message }
}

const kindOf = (message: string): string => message.slice(0, 24)

parentPort?.postMessage(await work())
