import { existsSync, renameSync } from 'node:fs'
import { fetchKafkaLibraries } from './kafka-libraries.ts'
import { launchCluster } from './launch-cluster.ts'

/**
 * Writes down which classes a broker has, unless that was done, because one that reads them from there starts in
 * about half the time. Another Java than the one that wrote it does not use the file.
 */
export async function makeClassArchive(): Promise<void> {
  const { classArchive } = fetchKafkaLibraries()
  if (existsSync(classArchive)) return
  process.stderr.write('kafkado: a broker runs once to write down its classes, so that others start faster\n')
  const unfinished = `${classArchive}-${process.pid}`
  const cluster = await launchCluster({ brokers: 1, security: true }, [`-XX:ArchiveClassesAtExit=${unfinished}`])
  try {
    for (const broker of cluster.brokers) await broker.stop()
  } finally {
    await cluster.close()
  }
  // Java does not write it where another process was faster.
  if (existsSync(unfinished)) renameSync(unfinished, classArchive)
}
