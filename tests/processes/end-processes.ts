import { afterAll, beforeEach } from 'vitest'
import { killProcess, runningProcesses } from './child-processes.ts'

// Runs before each file of tests.

beforeEach(({ onTestFinished, task }) => {
  const before = new Set(runningProcesses())
  // After the hooks of the file: what they have ended is gone.
  onTestFinished(async () => {
    const left = runningProcesses().filter((child) => !before.has(child))
    await Promise.all(left.map(killProcess))
    const names = left.map(({ spawnargs }) => spawnargs.slice(1).join(' '))
    if (left.length > 0 && task.result?.state !== 'fail') throw new Error(`the test left running: ${names.join(', ')}`)
  })
})

afterAll(async () => {
  await Promise.all(runningProcesses().map(killProcess))
})
