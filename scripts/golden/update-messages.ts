/**
 * Makes the golden messages of packages/messages anew: node --conditions=kafkado-source
 * scripts/golden/update-messages.ts
 */
import { writeFileSync } from 'node:fs'
import { everyApi } from '../../packages/messages/src/apis/every-api.ts'
import { writeGoldenMessages } from './java-kafka.ts'

const file = new URL('../../packages/messages/test/golden/kafka-clients.jsonl', import.meta.url)
writeFileSync(file, `${writeGoldenMessages(everyApi.map(({ name }) => name)).join('\n')}\n`)
