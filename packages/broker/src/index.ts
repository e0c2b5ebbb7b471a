import { requireText } from '@kafkado/core/internal'
import { type EmbeddedOptions, engineSettings } from './settings/engine-options.ts'
import { EmbeddedTransport } from './embedded-transport.ts'
import { MemoryStorage } from './storage/memory-storage.ts'

export { type EmbeddedOptions } from './settings/engine-options.ts'
export { EmbeddedTransport } from './embedded-transport.ts'
export type { DamagedBatch, EngineEvents } from './engine/engine-events.ts'

/**
 * Makes an engine that keeps everything in this process, for tests and for data that you can lose.
 *
 * @throws InvalidRequestError when an option is not valid
 */
export function memory(options: EmbeddedOptions = {}): EmbeddedTransport {
  return new EmbeddedTransport(() => new MemoryStorage(), engineSettings(options))
}

/**
 * Makes an engine that keeps everything in a folder, durably: acknowledged records survive a crash. One process at a
 * time owns the folder. The first operation opens it, or `open()` does; only then is the storage loaded.
 *
 * @param folder is created if it does not exist
 * @throws InvalidRequestError when the folder name or an option is not valid
 */
export function embedded(folder: string, options: EmbeddedOptions = {}): EmbeddedTransport {
  requireText(folder, 'folder')
  const open = async () => {
    const { openFolder } = await import('#disk')
    return openFolder(folder, options.storage)
  }
  return new EmbeddedTransport(open, engineSettings(options))
}
