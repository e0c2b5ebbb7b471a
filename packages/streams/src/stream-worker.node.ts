import { parentPort, workerData } from 'node:worker_threads'
import { systemRuntime } from '@kafkado/core'
import { InternalNames } from './graph/internal-names.ts'
import { queryStore } from './task/query-stores.ts'
import { GlobalStores } from './member/global-stores.ts'
import { partitionCountsOf } from './plan/partition-counts.ts'
import { SourcePartitions } from './plan/source-partitions.ts'
import type { StreamsSettings } from './streams-options.ts'
import { statusOf } from './task/task-status.ts'
import { threadOf } from './member/local-member.ts'
import { topologyOfModule } from './dsl/module-topology.ts'
import { PortTransport } from './member/worker/port-transport.ts'
import type { FromThread, ThreadData, ToThread } from './member/worker/member-messages.ts'
import type { QueryEntry, QueryRequest } from './member/worker/thread-pool.ts'
import { messageOf } from './member/worker/thrown.ts'

/** What a thread of `{ workers, module }` runs: a member of the group that sends its requests by the thread that started it. */
const port = parentPort
if (!port) throw new Error('this module is the entry of a thread')
const { module, settings: given } = workerData as ThreadData
const post = (message: FromThread): void => port.postMessage(message)
const settings: StreamsSettings = { ...given, module: new URL(module), runtime: systemRuntime }
const transport = new PortTransport(post)
port.on('message', (message: ToThread) => transport.receive(message))

const topology = await topologyOfModule(settings.module as URL)
const names = new InternalNames(settings.application)
const counts = await partitionCountsOf(transport, topology, names)
const sources = new SourcePartitions(transport, topology, names, settings.application, counts)
const globals = new GlobalStores(transport, topology.globals, settings)
const onFailure = (error: unknown): void => post({ type: 'failure', error: messageOf(error) })
await globals.start(onFailure)
const thread = threadOf(transport, topology, settings, names, sources, globals, {
  onTasks: () => post({ type: 'tasks' }),
  onRestore: (progress) => post({ type: 'restore', progress }),
  onFailure,
})

function answer({ store, key, ...range }: QueryRequest): readonly QueryEntry[] | undefined {
  const found = thread.tasks.filter(
    ({ task, isReady }) =>
      isReady && task.stores.has(store) && (key === undefined || task.partition === range.partition),
  )
  if (found.length === 0) return undefined
  return found.flatMap(({ task }) => {
    const own = task.stores.get(store)
    return own ? queryStore(own, { store, key, ...range }) : []
  })
}

async function close(): Promise<void> {
  await thread.close()
  await globals.close()
  post({ type: 'closed' })
  port?.close()
}

port.on('message', (message: ToThread) => {
  if (message.type === 'status')
    post({ type: 'answer', id: message.id, value: thread.tasks.map((one) => statusOf(one)) })
  else if (message.type === 'query') post({ type: 'answer', id: message.id, value: answer(message.request) })
  else if (message.type === 'close') void close()
})
void thread.assigned.then(() => post({ type: 'assigned' }))
thread.start()
