import { installedVersion } from '../installed-version.ts'
import { batchBytes, fetching, partitions } from './common-settings.ts'
import { confluentFolderVariable, confluentPackage, confluentVersion, loadConfluent } from './load-confluent.ts'
import { sayLoudly } from './say-loudly.ts'
import { subjectOf, subjects } from './subjects.ts'
import { bytesOf } from './workload.ts'

/** Says who is measured, and how. @returns the names of the clients */
export async function describeClients(isChosen: (name: string) => boolean): Promise<string[]> {
  const names = clientsHere().filter((name) => isChosen(name))
  console.log(`
  Records: values of ${Math.round(bytesOf(1000) / 1000)} bytes on average with keys, ${partitions} partitions, no compression, acknowledged by all in-sync replicas.
  Produce: batches of ${batchBytes} bytes and lingering in clients that have them, 1 ms for calls of many and 5 ms one by one.
  Consume: at most ${fetching.maxBytesPerPartition} bytes a partition and fetch, a group, commits every ${fetching.commitIntervalMs} ms; from the first record to the last.
  The comparison that counts is the one without idempotence, because with it two of the others have one request under way at a time.`)
  for (const name of names) {
    const { how, callsInFlight } = await subjectOf(name)
    const atOnce = callsInFlight === undefined ? '' : `; ${callsInFlight} calls at a time`
    console.log(`  ${name} ${versionOf(name)}: ${how}${atOnce}`)
  }
  return names
}

/** What is missing is said loudly, because it may be the best of the others. */
export function clientsHere(): string[] {
  const names = Object.keys(subjects)
  try {
    loadConfluent()
    return names
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    sayLoudly(
      `NOT MEASURED: ${confluentPackage}, which may be the best of the others. ${reason}.`,
      'To have it: npm run exec -- node benchmarks/kafka/build-confluent.ts FOLDER',
      `and then:   ${confluentFolderVariable}=FOLDER npm run bench -- kafka`,
    )
    return names.filter((name) => !name.startsWith('confluent'))
  }
}

/** Ours has none: it is that of the repository. */
export function versionOf(name: string): string {
  if (name === 'kafkado') return 'of this repository'
  return name.startsWith('confluent') ? confluentVersion() : installedVersion(name)
}
