import { createStreamsBuilder } from '@kafkado/streams'
import { type DriverRecord, TopologyTestDriver } from '@kafkado/testing/streams'
import { noTransport } from '../vectors/no-transport.ts'
import type { VectorStorage } from '../vectors/run-vector.ts'
import { buildTopology, outputTopics } from './build-topology.ts'
import type { Case, CaseOutput, Outcome } from './case.ts'

/** What our streams make of a case, with their stores kept as the storage says. */
export async function runCase({ operators, inputs }: Case, storage: VectorStorage): Promise<Outcome> {
  try {
    const topology = buildTopology(createStreamsBuilder(noTransport), operators)
    const opened = await storage.open(topology.topology().subtopologies.length)
    const driver = new TopologyTestDriver(topology, opened ? { storage: opened } : {})
    const topics = outputTopics(operators)
    const outputs: CaseOutput[] = []
    for (const [step, input] of inputs.entries()) {
      if ('advance' in input) driver.advance(input.advance)
      else {
        const { topic, key, value, ts: timestamp, header } = input
        driver.pipe(topic, { key, value, timestamp, ...(header === undefined ? {} : { headers: { header } }) })
      }
      for (const out of topics)
        for (const record of driver.read(out) as DriverRecord[]) outputs.push(outputOf(step, out, record))
      await storage.flush(driver)
    }
    return { outputs }
  } catch (error) {
    return {
      error: error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join(' ') : String(error),
    }
  } finally {
    await storage.close()
  }
}

function outputOf(step: number, out: string, { key, value, timestamp, headers }: DriverRecord): CaseOutput {
  const { header } = headers as Record<string, string | undefined>
  const content = { key: key as CaseOutput['key'], value: value as CaseOutput['value'], ts: timestamp }
  return { step, out, ...content, ...(header === undefined ? {} : { header }) }
}
