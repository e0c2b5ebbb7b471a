import type { RecordContext } from '../../processors/processor.ts'
import { requireAnswer } from '../../processors/processor.ts'
import type { BuildGlobalProcessor } from '../../processors/global-processor.ts'
import { opened } from './opened.ts'
import type { ClosableProcessor, ProcessFunction } from './process.ts'
import { keyValueFace, type ProcessorStore } from './processor-stores.ts'
import type { KeyValueStoreOptions } from './store-options.ts'

/** What code may do that fills a global store. */
export interface GlobalProcessorContext<SK, SV> {
  readonly store: ProcessorStore<SK, SV>
  /** The record in hand. */
  readonly record: RecordContext
}

/**
 * Made once for each member of the application; returns what is called for each record of the topic, and puts into the
 * store what it makes of it.
 */
export type GlobalProcessor<K, V, SK, SV> = (
  context: GlobalProcessorContext<SK, SV>,
) => ProcessFunction<K | null, V | null> | ClosableProcessor<K | null, V | null>

export interface GlobalStoreOptions extends KeyValueStoreOptions {
  /** The name of the store. Default that of the topic. */
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
