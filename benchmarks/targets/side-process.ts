import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Figures, Side } from './comparison.ts'

const run = promisify(execFile)
const source = '--conditions=kafkado-source'

export function scriptAt(name: string, base: string): string {
  return fileURLToPath(new URL(name, base))
}

/** A script of the folder `processes`. */
export function processScript(name: string): string {
  return scriptAt(`./processes/${name}`, import.meta.url)
}

/**
 * A side in a process of its own, which `rounds-process.ts` answers for. It is warm when this resolves. None works on
 * what another has left in memory, and the CPU time of a side is that of its process.
 */
export async function forkSide(
  { name, version }: Pick<Side, 'name' | 'version'>,
  script: string,
  parameters: readonly string[] = [],
): Promise<Side> {
  const child = fork(script, parameters, { execArgv: [source] })
  await messageOf(child)
  return {
    name,
    ...(version !== undefined && { version }),
    async measure() {
      child.send('measure')
      return (await messageOf(child)) as Figures
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.send('end')
      await ended
    },
  }
}

/** A new process for each round, which prints its figures as the last line. */
export function onceAProcess(
  { name, version }: Pick<Side, 'name' | 'version'>,
  script: string,
  parameters: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Side {
  return {
    name,
    ...(version !== undefined && { version }),
    measure: () => runProcess(script, parameters, env),
  }
}

async function runProcess(script: string, parameters: readonly string[], env: NodeJS.ProcessEnv): Promise<Figures> {
  // A side that stops making progress is an error; it must not hang the benchmark.
  const limits = { maxBuffer: 64 * 1024 * 1024, timeout: 10 * 60 * 1000, env: { ...process.env, ...env } }
  const { stdout } = await run(process.execPath, [source, '--expose-gc', script, ...parameters], limits)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Figures
}

/** The next message. @throws when the process ends before */
export async function messageOf(child: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  try {
    return await Promise.race([
      once(child, 'message', { signal: over.signal }).then(([message]) => message as unknown),
      once(child, 'exit', { signal: over.signal }).then(() =>
        Promise.reject(new Error(`${child.spawnargs.join(' ')} has ended`)),
      ),
    ])
  } finally {
    over.abort()
  }
}
