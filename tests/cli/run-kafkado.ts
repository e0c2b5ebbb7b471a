import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { processEnvironment } from '../reliability/process-environment.ts'

const main = fileURLToPath(new URL('../../packages/kafkado/src/cli/main.ts', import.meta.url))

/** Starts the command line as a process of its own, as a user does. */
export function startKafkado(...words: string[]): ChildProcessWithoutNullStreams {
  const environment = processEnvironment()
  delete environment['KAFKA_DO_URL']
  return spawn(process.execPath, ['--conditions=kafkado-source', main, ...words], { env: environment })
}

export interface Finished {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs a command to its end, with `input` piped in. */
export async function runKafkado(words: readonly string[], input = ''): Promise<Finished> {
  const child = startKafkado(...words)
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  // A command that ends before it has read everything is no fault of the test.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output, errors }
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
