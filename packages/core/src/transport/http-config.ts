import * as z from 'zod/mini'
import { durationField, integerField, runtimeField } from '../config/config-fields.ts'

/** What `http()` takes, for its error messages. */
export const httpConfig = /* @__PURE__ */ z.strictObject({
  url: z.string().check(z.regex(/^https?:\/\/[^/]/, { error: 'must begin with http:// or https:// and name a host' })),
  apiKey: z.optional(z.union([z.string(), z.custom<() => string>((value) => typeof value === 'function')], { error: 'must be a string or a function' })),
  timeout: z.optional(durationField()),
  retries: z.optional(integerField(0)),
  clientId: z.optional(z.string()),
  headers: z.optional(z.record(z.string(), z.string())),
  fetch: z.optional(z.custom((value) => typeof value === 'function', { error: 'must be a function' })),
  runtime: z.optional(runtimeField()),
})
