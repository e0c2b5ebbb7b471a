import { type EmbeddedOptions, engineSettings } from './settings/engine-options.ts'
import { EmbeddedTransport } from './embedded-transport.ts'
import type { Storage } from './storage/storage.ts'

export { MemoryStorage } from './storage/memory-storage.ts'
export type { MetadataKind, MetadataKinds, MetadataRecord } from './storage/metadata-record.ts'
export {
  type LogIndexEntry,
  type ReplacedBatch,
  type Storage,
  StorageChanges,
  type StoredBatch,
} from './storage/storage.ts'

/**
 * Makes an engine over your own storage. `storageConformance` of `@kafkado/testing/conformance` has the cases that the
 * storage must pass.
 *
 * @param storage the first operation opens it, and the engine closes it
 * @throws InvalidRequestError when an option is not valid
 */
export function withStorage(storage: Storage, options: EmbeddedOptions = {}): EmbeddedTransport {
  return new EmbeddedTransport(() => storage, engineSettings(options))
}
