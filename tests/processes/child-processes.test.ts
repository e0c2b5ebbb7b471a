import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { until } from '../passing-time.ts'
import { fromSource, killProcess, runningProcesses, runProcess, startProcess } from './child-processes.ts'

const parent = fileURLToPath(new URL('parent.ts', import.meta.url))
const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a process that a test starts', () => {
  it('ends with all that it has started', async () => {
    const child = startProcess('sh', ['-c', 'sleep 1000 & echo $!; wait'])
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    expect(runningProcesses()).toEqual([child])
    await killProcess(child)
    await until(() => !isThere(Number(line)))
    expect(runningProcesses()).toEqual([])
  })

  it('ends when the process of the test dies by kill -9', async () => {
    const child = startProcess(process.execPath, [fromSource, parent])
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const pids = line.split(' ').map(Number)
    expect(pids.map(isThere)).toEqual([true, true])
    child.kill('SIGKILL')
    await until(() => !pids.some(isThere))
  })

  it('that cannot be run is no process', async () => {
    const child = startProcess('/nowhere/to/be/found', [])
    await once(child, 'error')
    expect(runningProcesses()).toEqual([])
  })

  it('is run to its end, and tells how that was', async () => {
    expect(await runProcess('sh', ['-c', 'cat; echo bad >&2; exit 3'], { input: 'in' })).toEqual({
      code: 3,
      signal: null,
      output: 'in',
      errors: 'bad\n',
    })
  })
})
