import * as z from 'zod/mini'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/** What stands behind a Transport: asked once by clients and people to know what they talk to. */
export const capabilities = /* @__PURE__ */ defineOperation({
  apiKey: -1,
  name: 'capabilities',
  path: '/v1/capabilities',
  request: /* @__PURE__ */ z.object({}),
  response: /* @__PURE__ */ z.object({
    /** The software that answers, with its version. */
    server: z.string(),
    /** `memory`, `disk` or `kafka`: where records are kept in the end. */
    storage: z.string(),
    /** The names of the operations that it carries out. */
    operations: z.array(z.string()),
    /** The largest record batch it takes by default, in bytes. */
    maxMessageBytes: z.int(),
  }),
})

export type CapabilitiesRequest = RequestOf<typeof capabilities>
export type CapabilitiesResponse = ResponseOf<typeof capabilities>
