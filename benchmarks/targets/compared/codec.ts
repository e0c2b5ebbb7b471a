import { installedVersion } from '../../installed-version.ts'
import { paced } from '../../pace.ts'
import type { Comparison, Side, Target } from '../comparison.ts'
import { timesAsCheap } from '../judges.ts'
import { forkSide, processScript } from '../side-process.ts'

const kafkado = 'kafkado'
const platformatic = '@platformatic/kafka'
const kafkajs = 'kafkajs'

type Work = 'encode' | 'stringify' | 'decode' | 'parse'

export const codec: readonly Comparison[] = [100, 1000].flatMap((size) => [
  comparison(`encode-${size}`, size, 'encode', [
    target(`encode-${size}-platformatic`, `encode 200 B, pre-serialised, batches of ${size}`, platformatic, 9),
    target(`encode-${size}-kafkajs`, `encode 200 B, pre-serialised, batches of ${size}`, kafkajs, 20),
  ]),
  comparison(`stringify-${size}`, size, 'stringify', [
    target(`stringify-${size}-platformatic`, `JSON.stringify and encode, batches of ${size}`, platformatic, 2.2),
    target(`stringify-${size}-kafkajs`, `JSON.stringify and encode, batches of ${size}`, kafkajs, 5),
  ]),
  comparison(`decode-${size}`, size, 'decode', [
    target(`decode-${size}`, `decode to bytes, batches of ${size}`, platformatic, 4),
  ]),
  comparison(`parse-${size}`, size, 'parse', [
    target(`parse-${size}`, `decode and JSON.parse, batches of ${size}`, platformatic, 1.3),
  ]),
])

function target(name: string, what: string, against: string, atLeast: number): Target {
  return { name, what, ours: kafkado, against: [against], ...timesAsCheap(), target: atLeast }
}

function comparison(name: string, size: number, work: Work, targets: readonly Target[]): Comparison {
  return {
    name,
    targets,
    settings:
      `One thread, batches of ${size} records of about 200 bytes, without keys and compression. ` +
      'No side checks checksums.',
    warmUp: 'passes of 100,000 records until two in a row differ by less than 10 %, each side in a process of its own',
    async open(pace) {
      const used = [kafkado, platformatic, kafkajs].filter(
        (one) => one === kafkado || targets.some(({ against }) => against.includes(one)),
      )
      // What takes a tenth of a microsecond needs more of them.
      const records = String(paced(work === 'decode' ? 4_000_000 : 400_000, pace, size))
      const sides: Side[] = []
      for (const one of used)
        sides.push(
          await forkSide(
            { name: one, ...(one !== kafkado && { version: installedVersion(one) }) },
            processScript('codec.ts'),
            [one, work, String(size), records],
          ),
        )
      return { sides }
    },
  }
}
