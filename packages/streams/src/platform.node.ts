import { join } from 'node:path'
import type { Random } from '@kafkado/core'
import type { Member } from './member/member.ts'
import { WorkerMember } from './member/worker/worker-member.node.ts'
import type { WorkerMemberParts } from './member/worker/worker-member.ts'
import { JournalStateStorage } from './state/journal/journal-state-storage.ts'
import { NodeJournalFolder } from './state/journal/node-journal-folder.node.ts'
import type { OpenStateStorage } from './state/state-storage.ts'

export { serveQueries } from './app/queries/query-server.node.ts'
export { readPlan, writePlan } from './plan/plan-file.node.ts'

export function stateStorageIn(
  folder: string,
  random: Random,
  onLoss?: (task: string, why: string) => void,
): OpenStateStorage {
  return (task) =>
    JournalStateStorage.open({
      folder: new NodeJournalFolder(join(folder, task)),
      random,
      onLoss: (why) => onLoss?.(task, why),
    })
}

const workerEntry = new URL(`./worker-entry.node${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

export function workerMember(parts: WorkerMemberParts): Member {
  return new WorkerMember(workerEntry, parts)
}
