import type { ClientPlan } from '../plan/client-plans.ts'
import type { Application } from './application.ts'
import type { ClientProcess } from './client-process.ts'
import { CopyingClient } from './copier.ts'
import { ProducingClient } from './producer.ts'
import { ReadingClient } from './reader.ts'
import { StreamingClient } from './streaming.ts'
import { TransactingClient } from './transactor.ts'

/** Starts what a client's plan says in a process. */
export function launch(process: ClientProcess, plan: ClientPlan): Application {
  switch (plan.kind) {
    case 'producer':
      return new ProducingClient(process, plan)
    case 'transactor':
      return new TransactingClient(process, plan)
    case 'reader':
      return new ReadingClient(process, plan)
    case 'copier':
      return new CopyingClient(process, plan)
    case 'streams':
      return new StreamingClient(process, plan)
  }
}
