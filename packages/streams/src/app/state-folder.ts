import { diagnosticChannel } from '@kafkado/core/internal'
import { platform } from '../platform.ts'
import type { OpenStateStorage } from '../state/state-storage.ts'
import type { StreamsSettings } from '../settings/streams-settings.ts'

/** Opens the storages of the application's tasks; undefined if state is only in memory. */
export function openStateOf({ stateDirectory, application, runtime }: StreamsSettings): OpenStateStorage | undefined {
  if (stateDirectory === undefined) return undefined
  const folder = `${stateDirectory}/${application}`
  return platform.stateStorageIn(folder, runtime.random, (task, why) =>
    diagnosticChannel('kafkado:streams:stateLoss').publish({ application, task, folder: `${folder}/${task}`, why }),
  )
}
