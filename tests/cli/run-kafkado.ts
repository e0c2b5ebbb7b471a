import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Finished, fromSource, runProcess, startProcess } from '../processes/child-processes.ts'

const main = fileURLToPath(new URL('../../packages/kafkado/src/cli/main.ts', import.meta.url))

/** Starts the command line as a process of its own, as a user does. */
export function startKafkado(...words: string[]): ChildProcessWithoutNullStreams {
  return startProcess(process.execPath, [fromSource, main, ...words], { env: environment() })
}

/** Runs a command to its end, with `input` piped in and more variables in its environment. */
export function runKafkado(words: readonly string[], input = '', variables: NodeJS.ProcessEnv = {}): Promise<Finished> {
  const env = { ...environment(), ...variables }
  return runProcess(process.execPath, [fromSource, main, ...words], { env, input })
}

function environment(): NodeJS.ProcessEnv {
  const { KAFKA_DO_URL: _, ...others } = process.env
  return others
}

export interface ServedKafkado {
  readonly url: string
  readonly process: ChildProcessWithoutNullStreams
  /** Ends it as Ctrl-C does, or as a power cut with SIGKILL; resolves to its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

/** Serves a folder, on a free port or a given one; resolves when it listens. */
export async function serveKafkado(folder: string, port = '0', ...options: string[]): Promise<ServedKafkado> {
  const child = startKafkado('serve', '--data', folder, '--port', port, '--json', ...options)
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line) as { url: string }
    const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
      child.kill(signal)
      const [code] = (await once(child, 'exit')) as [number | null]
      return code
    }
    return { url, process: child, end }
  }
  throw new Error(`the server ended: ${errors}`)
}
