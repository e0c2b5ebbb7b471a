import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { createAdmin } from '@kafkado/admin'
import type { Transport } from '@kafkado/core'
import { allCommittedOffsets } from '@kafkado/core/internal'
import { freshName } from '../fresh-name.ts'
import { Application, type Side } from './applications.ts'
import type { Job, Spent } from './job.ts'

const mostMilliseconds = 600_000
const pollMilliseconds = 25

export interface Measured extends Spent {
  /** How many records it has written to its output, from its start on. */
  readonly written: number
}

type Shared = Omit<Job, 'application' | 'output' | 'stateFolder'>

/** Runs an application until it has committed all orders, and removes what it has made. */
export async function measureApplication(
  transport: Transport,
  side: Side,
  orders: number,
  partitions: number,
  shared: Shared,
): Promise<Measured> {
  const admin = createAdmin(transport)
  const application = freshName('bench')
  const output = `${application}-output`
  const stateFolder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
  await admin.createTopic(output, { partitions })
  try {
    await using running = new Application(side, { ...shared, application, output, stateFolder })
    await untilCommitted(transport, running, { application, topic: shared.input, records: orders })
    const spent = await running.spent()
    if (spent.seen !== orders) throw new Error(`${side} was given ${spent.seen} orders instead of ${orders}`)
    const { offsets } = await admin.describeTopic(output)
    return { ...spent, written: offsets.reduce((sum, { latest }) => sum + latest, 0) }
  } finally {
    for (const { name } of await admin.listTopics()) if (name.startsWith(application)) await admin.deleteTopic(name)
    await rm(stateFolder, { recursive: true, force: true })
  }
}

/** Resolves when the application has committed so many records of a topic: then their results are written as well. */
async function untilCommitted(
  transport: Transport,
  running: Application,
  { application, topic, records }: { application: string; topic: string; records: number },
): Promise<void> {
  const startedMs = performance.now()
  for (;;) {
    const offsets = await allCommittedOffsets(transport, application)
    const committed = offsets.reduce((sum, one) => sum + (one.topic === topic ? one.offset : 0), 0)
    if (committed >= records) return
    if (running.hasEnded) await running.spent()
    if (performance.now() - startedMs > mostMilliseconds)
      throw new Error(`the application has committed ${committed} of ${records} records in 10 minutes`)
    await setTimeout(pollMilliseconds)
  }
}
