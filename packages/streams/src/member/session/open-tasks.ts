import { RunningTask } from '../../task/running-task.ts'
import type { RestoreProgress } from '../../task/changelog/restoration.ts'
import type { Suspicions } from '../../task/errors/suspicions.ts'
import type { MemberLoopParts } from '../member-loop-parts.ts'
import type { MemberSession } from './member-session.ts'
import type { PossibleTask } from './task-set.ts'

type OpenTasksParts = Pick<
  MemberLoopParts,
  'transport' | 'names' | 'globals' | 'openStorage' | 'settings' | 'events'
> & { readonly suspicions: Suspicions }

/** Opens the tasks that can run and do not, one after the other; they are restored side by side while others go on. */
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
      // A task that was given up meanwhile need not be restored.
      if (session.tasks.all.includes(running)) session.giveUp(error)
    },
  )
}
