import { requireText } from '@kafkado/core/internal'
import { type EmbeddedOptions, engineSettings } from './settings/engine-options.ts'
import { EmbeddedTransport } from './embedded-transport.ts'
import { MemoryStorage } from './storage/memory-storage.ts'

export { type EmbeddedOptions } from './settings/engine-options.ts'
export { EmbeddedTransport } from './embedded-transport.ts'
export type { DamagedBatch, EngineEvents } from './engine/engine-events.ts'

/**
 * An engine that keeps everything in this process, for tests and for what may be lost.
 *
 * @throws InvalidRequestError when an option is not valid
 */
export function memory(options: EmbeddedOptions = {}): EmbeddedTransport {
  return new EmbeddedTransport(() => new MemoryStorage(), engineSettings(options))
}

/**
 * An engine that keeps everything in a folder, durably: what was acknowledged is there after a crash. One process at a
 * time has a folder. It is opened by the first operation, or by `open()`; only then is the database loaded.
 *
 * @param folder is made when it does not exist
 * @throws InvalidRequestError when the folder is no name or an option is not valid
 */
export function embedded(folder: string, options: EmbeddedOptions = {}): EmbeddedTransport {
  requireText(folder, 'folder')
  const open = async () => {
    const { openFolder } = await import('./disk.ts')
    return openFolder(folder, options.storage)
  }
  return new EmbeddedTransport(open, engineSettings(options))
}
