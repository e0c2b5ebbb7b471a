import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fromSource, runProcess } from '../processes/child-processes.ts'

const run = promisify(execFile)
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const compiler = ['/usr/bin/cc', '/usr/local/bin/cc', '/usr/bin/gcc'].find((path) => existsSync(path))

/** Recording the writes of a process needs Linux and a C compiler. */
export const canRecord: boolean = process.platform === 'linux' && compiler !== undefined

export type StorageKind = 'journal' | 'lmdb' | 'sqlite'

/** What a recorded process leaves. */
export interface Recording {
  readonly trace: string
  /** What it said, which is nothing when all went well. */
  readonly said: string
  /** The signal that ended it, or nothing. */
  readonly signal: string
}

/** Runs the workload with all that it writes noted, in a folder of its own. */
export class Recorder implements AsyncDisposable {
  readonly folder: string
  #count = 0

  private constructor(folder: string) {
    this.folder = folder
  }

  /** In memory where the system has a place for that: nothing of it has to outlive a real power cut. */
  static async open(): Promise<Recorder> {
    const folder = await mkdtemp(join(fastFolder(), 'kafkado-power-'))
    const options = ['-shared', '-fPIC', '-O1', '-o', join(folder, 'record-writes.so')]
    await run(compiler as string, [...options, here('record-writes.c'), '-ldl', '-lpthread'])
    return new Recorder(folder)
  }

  /** @param faults what is to fail: KAFKADO_FAIL_SYNC, KAFKADO_FAIL_WRITE */
  async record(
    storage: StorageKind,
    rounds: number,
    seed: number,
    faults: Record<string, string> = {},
  ): Promise<Recording> {
    const place = await mkdtemp(join(this.folder, 'run-'))
    const trace = join(this.folder, `trace-${this.#count++}`)
    const recorder = { LD_PRELOAD: join(this.folder, 'record-writes.so'), KAFKADO_TRACE: trace }
    const parameters = [fromSource, here('workload.ts'), place, storage, `${rounds}`, `${seed}`]
    const env = { ...process.env, ...recorder, ...faults }
    const { errors: said, signal } = await runProcess(process.execPath, parameters, { env })
    await rm(place, { recursive: true })
    return { trace, said, signal: signal ?? '' }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }
}

function fastFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK)
    return '/dev/shm'
  } catch {
    return tmpdir()
  }
}
