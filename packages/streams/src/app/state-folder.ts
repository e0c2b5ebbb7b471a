import { platform } from '../platform.ts'
import type { OpenStateStorage } from '../state/state-storage.ts'
import type { StreamsSettings } from '../streams-options.ts'

/** Opens the storages of the application's tasks; undefined where state is in memory alone. */
export function openStateOf({ stateDirectory, application, runtime }: StreamsSettings): OpenStateStorage | undefined {
  return stateDirectory === undefined
    ? undefined
    : platform.stateStorageIn(`${stateDirectory}/${application}`, runtime.random)
}
