import type { RecordContext } from '../../processors/processor.ts'
import { requireAnswer } from '../../processors/processor.ts'
import type { BuildGlobalProcessor } from '../../processors/global-processor.ts'
import { opened } from './opened.ts'
import type { ClosableProcessor, ProcessFunction } from './process.ts'
import { keyValueFace, type ProcessorStore } from './processor-stores.ts'
import type { KeyValueStoreOptions } from './store-options.ts'

/** The context of code that fills a global store. Kafka: ProcessorContext. */
export interface GlobalProcessorContext<SK, SV> {
  readonly store: ProcessorStore<SK, SV>
  /** The current record. */
  readonly record: RecordContext
}

/**
 * Called once for each member of the application. Returns a function that is called with each record of the topic and
 * puts its results into the store. Kafka: ProcessorSupplier of addGlobalStore.
 */
export type GlobalProcessor<K, V, SK, SV> = (
  context: GlobalProcessorContext<SK, SV>,
) => ProcessFunction<K | null, V | null> | ClosableProcessor<K | null, V | null>

export interface GlobalStoreOptions extends KeyValueStoreOptions {
  /** The name of the store. Default: the name of the topic. Set it when two stores read the same topic. */
  name?: string | undefined
}

export function globalProcessor(
  name: string,
  make: GlobalProcessor<unknown, unknown, unknown, unknown>,
): BuildGlobalProcessor {
  return (context) => {
    const offered = { store: keyValueFace<unknown, unknown>(context.store, context), record: context.current }
    const process = opened(context, name, make(offered), 'process')
    return (value, key) => requireAnswer(process(value, key), name)
  }
}
