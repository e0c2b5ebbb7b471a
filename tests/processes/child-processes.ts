import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { endWithParent, type ParentWatch } from '../../scripts/kafka/end-with-parent.ts'

const onWindows = process.platform === 'win32'

/** Those that run, each with all that it starts in turn. */
const running = new Set<ChildProcess>()
/** Ends them when this process is gone, also by kill -9. */
let watch: ParentWatch | undefined

/** Where Node finds the sources of the packages. */
export const fromSource = '--conditions=kafkado-source'

/**
 * Starts a process for a test. It never outlives it: `end-processes.ts` ends what a test leaves, and so does the end of
 * the process of the test, however that ends.
 */
export function startProcess(
  file: string,
  words: readonly string[],
  options?: StartOptions,
): ChildProcessWithoutNullStreams
export function startProcess(file: string, words: readonly string[], options: SpawnOptions): ChildProcess
export function startProcess(file: string, words: readonly string[], options: SpawnOptions = {}): ChildProcess {
  // A group of its own, so that what it starts ends with it.
  const child = spawn(file, words, { ...options, detached: !onWindows })
  if (child.pid === undefined) return child
  running.add(child)
  tell()
  child.once('exit', () => {
    running.delete(child)
    tell()
  })
  return child
}

export interface StartOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

/** How a process ended, and what it said. */
export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

/** Runs a process to its end, with `input` piped in. The test's own limit is the only one. */
export async function runProcess(
  file: string,
  words: readonly string[],
  { input = '', ...options }: StartOptions & { readonly input?: string } = {},
): Promise<Finished> {
  const child = startProcess(file, words, options)
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  // One that ends before it has read everything is no fault of the test.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, output, errors }
}

/** The processes that run now. */
export function runningProcesses(): ChildProcess[] {
  return [...running]
}

/** Kills a process and what it has started; resolves when it is gone. */
export async function killProcess(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return
  const gone = once(child, 'exit')
  try {
    process.kill(groupOf(child), 'SIGKILL')
  } catch {
    // It went by itself a moment ago.
  }
  await gone
}

function groupOf({ pid }: ChildProcess): number {
  return onWindows ? (pid as number) : -(pid as number)
}

function tell(): void {
  watch ??= endWithParent()
  watch.watch([...running].map(groupOf))
}
