import { parentPort, workerData } from 'node:worker_threads'
import { systemRuntime } from '@kafkado/core'
import { thrownMessageOf } from '@kafkado/core/internal'
import { openStateOf } from './app/state-folder.ts'
import { topologyOfModule } from './dsl/module-topology.ts'
import { moduleErrorSettings } from './errors/error-options.ts'
import { InternalNames } from './graph/internal-names.ts'
import { LocalMember } from './member/local-member.ts'
import type { Member } from './member/member.ts'
import type { FromWorker, ToWorker, WorkerSettings } from './member/worker/member-messages.ts'
import type { MetricName } from './member/metrics/meter.ts'
import { PortTransport } from './member/worker/port-transport.ts'
import { partitionCountsOf } from './plan/partition-counts.ts'
import { sourcesAtStart } from './plan/sources-at-start.ts'
import type { StreamsSettings } from './settings/streams-settings.ts'

/**
 * Runs in a worker of `{ workers, module }`: a member of the group that sends its requests through the thread that
 * started it.
 */
const port = parentPort
if (!port) throw new Error('this module is the entry of a worker thread')
const { module, settings: given } = workerData as WorkerSettings
const settings: StreamsSettings = {
  ...given,
  module: new URL(module),
  runtime: systemRuntime,
  // The application decides, in the thread that started this one.
  onUncaughtError: 'shutDown',
}
const post = (message: FromWorker): void => port.postMessage(message)
const transport = new PortTransport(post)
/** Undefined until its topics are known. */
let member: Member | undefined
let isClosing = false
let isPaused = false
let wanted: readonly MetricName[] = []

async function start(): Promise<void> {
  const { topology, onError } = await topologyOfModule(settings.module as URL)
  const names = new InternalNames(settings.application)
  const { application, runtime } = settings
  const sources = await sourcesAtStart({ transport, topology, names, application, runtime })
  const partitionCounts = await partitionCountsOf(transport, topology, names, sources)
  if (isClosing) return
  member = new LocalMember({
    transport,
    topology,
    names,
    settings: { ...settings, onError: moduleErrorSettings(settings.onError, onError, module) },
    partitionCounts,
    openStorage: openStateOf(settings),
    events: {
      meter: {
        isWanted: (name) => wanted.includes(name),
        publish: (name, metric) => post({ type: 'metric', name, message: metric }),
      },
      onTasks: () => post({ type: 'tasks' }),
      onRestore: (progress) => post({ type: 'restore', progress }),
      onPlan: (plan) => post({ type: 'plan', plan }),
      onError: (error) => post({ type: 'error', error: thrownMessageOf(error) }),
      onFailure: (error) => post({ type: 'failure', error: thrownMessageOf(error) }),
    },
  })
  await member.pause(isPaused)
  await member.start()
  post({ type: 'started' })
}

async function close(): Promise<void> {
  isClosing = true
  await member?.close()
  post({ type: 'closed' })
  port?.close()
}

/** Sends the error of a failed question back; the application continues. */
function answer(id: number, answering: Promise<unknown> | undefined): void {
  Promise.resolve(answering)
    .then((value) => post({ type: 'answer', id, value }))
    .catch((error: unknown) => post({ type: 'unanswered', id, error: thrownMessageOf(error) }))
}

port.on('message', (message: ToWorker) => {
  transport.receive(message)
  if (message.type === 'status') answer(message.id, member?.tasks())
  else if (message.type === 'query') answer(message.id, member?.query(message.query))
  else if (message.type === 'wanted') wanted = message.names
  else if (message.type === 'pause') {
    ;({ isPaused } = message)
    answer(message.id, member?.pause(isPaused))
  } else if (message.type === 'close') void close()
})
start().catch((error: unknown) => post({ type: 'failure', error: thrownMessageOf(error) }))
