import { paced } from '../../pace.ts'
import type { Comparison, Target } from '../comparison.ts'
import { timesAsCheap, timesTheCost } from '../judges.ts'
import { startOurs } from '../server-process.ts'
import { forkSide, processScript } from '../side-process.ts'

const warmUp =
  'passes of 100,000 records until two in a row differ by less than 10 %, each side in a process of its own'

/** A client against the JSON of its records. Only its own process counts; the server has another one. */
export const httpClients: readonly Comparison[] = [
  compare('http-produce', ['send', 'sendBatch'], 'stringify', [
    ...produceTarget('http-produce-send', 'produce over HTTP one by one, client CPU', 'send'),
    ...produceTarget('http-produce-batch', 'produce over HTTP by sendBatch, client CPU', 'sendBatch'),
  ]),
  compare('http-consume', ['one by one', 'batches'], 'parse', [
    ...consumeTarget('http-consume-single', 'consume over HTTP with JSON.parse, one by one', 'one by one', 0.6),
    ...consumeTarget('http-consume-batches', 'consume over HTTP with JSON.parse, in batches', 'batches', 0.8),
  ]),
]

function produceTarget(name: string, what: string, ours: string): Target[] {
  return [{ name, what, ours, against: ['JSON.stringify'], ...timesTheCost(), target: 2.5 }]
}

function consumeTarget(name: string, what: string, ours: string, atLeast: number): Target[] {
  return [{ name, what, ours, against: ['JSON.parse'], ...timesAsCheap(), target: atLeast }]
}

function compare(
  name: string,
  ways: readonly string[],
  json: 'stringify' | 'parse',
  targets: readonly Target[],
): Comparison {
  return {
    name,
    targets,
    warmUp,
    settings:
      'Objects of 200 bytes as JSON, default settings, acknowledged by all; the server keeps them in memory, in ' +
      'another process whose time does not count.',
    async open(pace) {
      const server = await startOurs('memory')
      const parameters = (way: string): string[] => [way, server.url, String(paced(200_000, pace, 1000))]
      const script = processScript('http-client.ts')
      const sides = []
      for (const way of ways) sides.push(await forkSide({ name: way }, script, parameters(way)))
      sides.push(await forkSide({ name: `JSON.${json}` }, script, parameters(json)))
      return { sides, close: () => server.close() }
    },
  }
}
