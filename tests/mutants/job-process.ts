import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Task, TaskResult } from './job.ts'
import { pathOf } from './mutant.ts'

/** A process that runs gates, and is replaced by another when a gate does not come to an end. */
export class JobProcess {
  #process: Promise<ChildProcess> | undefined

  /** @returns undefined when the time was over */
  async run(task: Task, limitMs: number): Promise<TaskResult | undefined> {
    const job = await (this.#process ??= start())
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        job.off('message', onMessage)
        job.off('exit', onExit)
      }
      const onMessage = (result: TaskResult): void => {
        settle()
        resolve(result)
      }
      const onExit = (): void => {
        settle()
        this.#process = undefined
        reject(new Error(`the process that ran ${task.gate.file} ended`))
      }
      const timer = setTimeout(() => {
        settle()
        this.#process = undefined
        end(job)
        resolve(undefined)
      }, limitMs)
      job.on('message', onMessage)
      job.once('exit', onExit)
      job.send(task)
    })
  }

  async close(): Promise<void> {
    const job = await this.#process
    if (job) end(job)
  }
}

/** In a group of its own: a test that goes round in a loop notices nothing but the end of its process. */
async function start(): Promise<ChildProcess> {
  const job = fork(fileURLToPath(new URL('job.ts', import.meta.url)), {
    cwd: pathOf(''),
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await new Promise((resolve, reject) => {
    job.once('message', resolve)
    job.once('exit', () => reject(new Error('a process that runs gates did not start')))
  })
  return job
}

function end(job: ChildProcess): void {
  if (process.platform === 'win32' || job.pid === undefined) job.kill('SIGKILL')
  else process.kill(-job.pid, 'SIGKILL')
}
