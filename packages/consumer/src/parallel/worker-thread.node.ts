// The code of a thread of `parallel({ workers, module })`: it loads the module and runs its handler for one record
// after the other.
import { parentPort, workerData } from 'node:worker_threads'
import { type AnyKafkaRecord, defineTopic, InvalidRequestError, type TopicDefinition } from '@kafkado/core'
import {
  partitionKey,
  readKafkaRecords,
  readRecordBatchHeader,
  type RecordSource,
  thrownMessageOf,
  unpackRecordBatch,
} from '@kafkado/core/internal'
import type { WorkerAnswer, WorkerTask } from './worker-pool.ts'

interface HandlerModule {
  readonly default?: (record: AnyKafkaRecord) => unknown
  readonly topics?: readonly TopicDefinition<never, never>[]
}

type Definition = TopicDefinition<unknown, unknown>

const { module } = workerData as { module: string }
const sources = new Map<string, RecordSource<unknown, unknown>>()

function answer(message: WorkerAnswer): void {
  parentPort?.postMessage(message)
}

function sourceOf(definitions: ReadonlyMap<string, Definition>, task: WorkerTask) {
  const { topic, partition } = task
  const name = partitionKey(task)
  let source = sources.get(name)
  if (!source) {
    const { key, value } = definitions.get(topic) ?? (defineTopic(topic) as Definition)
    const commit = (): Promise<never> =>
      Promise.reject(
        new InvalidRequestError('a record in a worker is committed when its handler has resolved, not by commit()'),
      )
    source = { topic, partition, keySerde: key, valueSerde: value, commit }
    sources.set(name, source)
  }
  return source
}

async function recordOf(task: WorkerTask, definitions: ReadonlyMap<string, Definition>): Promise<AnyKafkaRecord> {
  const source = sourceOf(definitions, task)
  const unpacked = await unpackRecordBatch(task.batch, readRecordBatchHeader(task.batch))
  const records: AnyKafkaRecord[] = []
  readKafkaRecords(unpacked, { source, into: records })
  return records[0] as AnyKafkaRecord
}

async function load(): Promise<void> {
  const { default: handle, topics = [] } = (await import(
    /* webpackIgnore: true */ /* @vite-ignore */ /* turbopackIgnore: true */ module
  )) as HandlerModule
  if (typeof handle !== 'function')
    throw new Error(`${module} has no default export that handles a record: export default async (record) => { … }`)
  const definitions = new Map(topics.map((definition) => [definition.name, definition as unknown as Definition]))
  const work = async (task: WorkerTask): Promise<void> => {
    try {
      await handle(await recordOf(task, definitions))
      answer({ id: task.id })
    } catch (error) {
      answer({ id: task.id, error: thrownMessageOf(error) })
    }
  }
  parentPort?.on('message', (task: WorkerTask) => void work(task))
}

load().then(
  () => answer({}),
  (error: unknown) => answer({ error: thrownMessageOf(error) }),
)
