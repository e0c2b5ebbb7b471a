import { createInterface } from 'node:readline'
import { embedded } from '@kafkado/broker'
import { backupFolder, restoreFolder, verifyFolder } from '@kafkado/broker/disk'

/** A line of input: what is done, with which folder, and where to. */
export type Step = readonly [action: string, folder: string, target?: string]

/** A line of output. */
export interface Outcome {
  readonly done?: unknown
  readonly refused?: string
  readonly code?: string
}

/** What is done with folders by somebody who may write to nothing of them, line by line. */
const actions: Readonly<Record<string, (folder: string, target: string) => Promise<unknown>>> = {
  verify: verifyFolder,
  backup: backupFolder,
  restore: restoreFolder,
  open: async (folder) => {
    await using engine = embedded(folder)
    await engine.open()
  },
}

// Root may write everywhere. What is imported is loaded by now.
if (process.getuid?.() === 0) process.setuid?.(65_534)
for await (const line of createInterface({ input: process.stdin })) {
  const [action, folder, target = ''] = JSON.parse(line) as Step
  let outcome: Outcome
  try {
    outcome = { done: await actions[action]?.(folder, target) }
  } catch (error) {
    const { message, code } = error as Error & { code: string }
    outcome = { refused: message, code }
  }
  console.log(JSON.stringify(outcome))
}
