import type { Comparison } from './comparison.ts'
import { codec } from './compared/codec.ts'
import { growth } from './compared/growth.ts'
import { httpClients } from './compared/http-clients.ts'
import { httpRequests } from './compared/http-requests.ts'
import { idleSends } from './compared/idle-sends.ts'
import { kafka } from './compared/kafka.ts'
import { memory } from './compared/memory.ts'
import { start } from './compared/start.ts'
import { storage } from './compared/storage.ts'
import { whole } from './compared/whole.ts'

/** In the order of the table. Streams beside Kafka Streams need Java programs of their own, and are not among them. */
export const comparisons: readonly Comparison[] = [
  ...codec,
  ...httpClients,
  ...httpRequests,
  ...storage,
  kafka,
  whole,
  ...idleSends,
  ...growth,
  ...start,
  ...memory,
]
