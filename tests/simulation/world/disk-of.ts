import type { StorageChanges } from '@kafkado/broker/storage'
import type { StorageModel } from '../plan/plan.ts'
import { JournalDisk } from './journal-disk.ts'
import type { ServerDisk } from './server-disk.ts'
import { SimulatedDisk } from './simulated-disk.ts'

/** @param onKept is told of each unit of the engine that outlives a crash from now on, before anybody else knows */
export function diskOf(model: StorageModel, onKept: (unit: StorageChanges) => void): ServerDisk {
  return model === 'journal' ? new JournalDisk(onKept) : new SimulatedDisk(onKept)
}
