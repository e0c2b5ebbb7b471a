import type { Transport } from '@kafkado/core'
import type { InternalNames } from '../../graph/internal-names.ts'
import type { OpenStateStorage } from '../../state/state-storage.ts'
import type { StateStore } from '../../state/store-definition.ts'
import type { StreamsSettings } from '../../settings/streams-settings.ts'
import { RunningTask } from '../../task/running-task.ts'
import type { RestoreProgress } from '../../task/changelog/restoration.ts'
import type { Suspicions } from '../../task/errors/suspicions.ts'
import type { MemberSession } from './member-session.ts'
import type { PossibleTask } from './task-set.ts'

export interface OpenTasksParts {
  readonly transport: Transport
  readonly names: InternalNames
  readonly globals: ReadonlyMap<string, StateStore>
  readonly openStorage: OpenStateStorage | undefined
  readonly settings: Pick<StreamsSettings, 'onError' | 'runtime'>
  readonly suspicions: Suspicions
  readonly events: {
    onTasks(): void
    onRestore(progress: RestoreProgress & { readonly task: string }): void
  }
}

/**
 * Opens the runnable tasks that are not running, one after the other. They are restored side by side while others run.
 */
export async function openTasks(session: MemberSession, parts: OpenTasksParts): Promise<void> {
  for (const possible of session.tasks.missing()) await openTask(session, parts, possible)
}

async function openTask(
  session: MemberSession,
  { transport, names, globals, openStorage, settings, events, suspicions }: OpenTasksParts,
  { subtopology, partition }: PossibleTask,
): Promise<void> {
  const running = await RunningTask.open(
    {
      transport,
      names,
      globals,
      openStorage,
      collector: session.collector,
      suspicions,
      cache: session.tasks.cache,
      writes: session.readiness.writes,
      onError: settings.onError,
      runtime: settings.runtime,
      onRestore: (progress: RestoreProgress & { readonly task: string }) => events.onRestore(progress),
    },
    subtopology,
    partition,
  )
  if (session.isOver) {
    await running.abandon()
    session.throwIfOver()
  }
  session.tasks.add(running)
  running.restore().then(
    () => {
      events.onTasks()
      session.reader.wake()
    },
    (error: unknown) => {
      // If the task was given up meanwhile, its failure does not matter.
      if (session.tasks.all.includes(running)) session.giveUp(error)
    },
  )
}
