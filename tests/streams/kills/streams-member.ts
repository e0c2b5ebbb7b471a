import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { fromSource, startProcess } from '../../processes/child-processes.ts'

const memberProcess = fileURLToPath(new URL('streams-member-process.ts', import.meta.url))

/** What a member says each time it runs: how many records of changelogs it has replayed, and when since its start. */
interface Running {
  readonly restored: number
  readonly ms: number
}

/** A member of an application in a process of its own. */
export class StreamsMember {
  /** Resolves when it runs for the first time. Rejects when it ends before. */
  readonly running: Promise<void>
  /** What it has said so far. */
  readonly said: Running[] = []
  readonly #process: ChildProcess
  #isToEnd = false

  /**
   * @param url where it reads, of any kind that a client takes
   * @param folder where it keeps its state
   * @param onFailure is told when it ends by itself
   * @param topology the file beside this one that has it and the name of the application
   */
  constructor(
    url: string,
    folder: string,
    onFailure: (error: Error) => void,
    topology = '../../../packages/streams/test/sums.ts',
  ) {
    const child = startProcess(process.execPath, [fromSource, memberProcess, url, folder, topology])
    child.stderr.pipe(process.stderr)
    this.#process = child
    this.running = new Promise((resolve, reject) => {
      child.once('exit', (code, signal) => {
        const error = new Error(`a member ended by itself (${signal ?? `exit code ${code}`})`)
        reject(error)
        if (!this.#isToEnd) onFailure(error)
      })
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.said.push(JSON.parse(line) as Running)
        resolve()
      })
    })
    // Of most nobody asks: they are killed at any time.
    this.running.catch(() => undefined)
  }

  /** Stops it where it is, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.kill(signal)
  }

  /** Resolves with its exit code when it is gone, null where a signal ended it; also when it was gone before. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    this.#isToEnd = true
    const gone = once(child, 'exit')
    child.kill(signal)
    const [code] = (await gone) as [number | null]
    return code
  }
}

/** How long members took to start, and what for. */
export function describeStarts(members: readonly StreamsMember[]): string {
  const times = members.flatMap(({ said: [first] }) => first?.ms ?? []).sort((left, right) => left - right)
  const replayed = members.flatMap(({ said }) => said.map(({ restored }) => restored))
  return (
    `a member ran ${times[Math.floor(times.length / 2)]} ms after its start (median), ${times.at(-1)} ms at` +
    ` most, and replayed ${Math.max(...replayed)} records of changelogs at most`
  )
}
