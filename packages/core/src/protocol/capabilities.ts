import * as z from 'zod/mini'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const capabilitiesSchemas = () => ({
  request: z.object({}),
  response: z.object({
    /** The software that answers, with its version. */
    server: z.string(),
    /** `memory`, `disk` or `kafka`: where records are kept in the end. */
    storage: z.string(),
    /** The names of the operations that it carries out. */
    operations: z.array(z.string()),
    /** The largest record batch it takes by default, in bytes. */
    maxMessageBytes: z.int(),
    /** False once its storage has failed: what was kept can be read, and nothing is taken until a restart. */
    isWritable: z.optional(z.boolean()),
    /** How many record batches are known to be damaged; a fetch of one is refused with CORRUPT_MESSAGE. */
    damagedBatches: z.optional(z.int()),
    /**
     * What one request may be at most, told by servers; clients split what is larger. Engines and brokers have no such
     * limits.
     */
    limits: z.optional(z.object({ maxPartitions: z.int(), maxBodyBytes: z.int() })),
  }),
})

/** What stands behind a Transport: asked once by clients and people to know what they talk to. */
export const capabilities = /* @__PURE__ */ defineOperation<CapabilitiesRequest, CapabilitiesResponse>({
  apiKey: -1,
  name: 'capabilities',
  path: '/v1/capabilities',
})

export type CapabilitiesRequest = RequestIn<typeof capabilitiesSchemas>
export type CapabilitiesResponse = ResponseIn<typeof capabilitiesSchemas>
