import * as schema from '../schema/schema.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const capabilitiesSchemas = () => ({
  request: schema.object({}),
  response: schema.object({
    /** The name and version of the answering software. */
    server: schema.string(),
    /** `memory`, `disk` or `kafka`: where records are stored in the end. */
    storage: schema.string(),
    /** The names of the operations that it can carry out. */
    operations: schema.array(schema.string()),
    /** The largest record batch that it accepts by default, in bytes. */
    maxMessageBytes: schema.integer(),
    /** False after its storage has failed: stored records can be read, and nothing is accepted until a restart. */
    isWritable: schema.optional(schema.boolean()),
    /** True while its disk is nearly full: records can be read and deleted, and nothing else is accepted. */
    isNearlyFull: schema.optional(schema.boolean()),
    /** Number of record batches known to be damaged. A fetch of one is refused with CORRUPT_MESSAGE. */
    damagedBatches: schema.optional(schema.integer()),
    /**
     * The most that one request may contain. Servers state it, and clients split larger requests. Engines and brokers
     * have no such limits.
     */
    limits: schema.optional(schema.object({ maxPartitions: schema.integer(), maxBodyBytes: schema.integer() })),
  }),
})

/** Describes the system behind a Transport. Clients and people ask once to learn what they talk to. */
export const capabilities = /* @__PURE__ */ defineOperation<CapabilitiesRequest, CapabilitiesResponse>({
  apiKey: -1,
  name: 'capabilities',
  path: '/v1/capabilities',
})

export type CapabilitiesRequest = RequestIn<typeof capabilitiesSchemas>
export type CapabilitiesResponse = ResponseIn<typeof capabilitiesSchemas>
