/** Makes the golden batches of packages/core anew: node scripts/golden/update.ts */
import { writeFileSync } from 'node:fs'
import { runGoldenBatches } from './java-kafka.ts'

const file = new URL('../../packages/core/src/batch/golden/kafka-clients.jsonl', import.meta.url)
writeFileSync(file, `${runGoldenBatches('write').join('\n')}\n`)
