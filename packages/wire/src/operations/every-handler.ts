import type { AnyOperation } from '@kafkado/core'
import { capabilitiesHandler } from './capabilities.ts'
import type { WireHandler } from './handler.ts'
import * as listed from './index.ts'

/** All handlers of index.ts by operation. */
export const handlers: ReadonlyMap<AnyOperation, WireHandler<AnyOperation>> = new Map(
  [
    capabilitiesHandler(() => [...handlers.keys()].map(({ name }) => name)),
    ...Object.values(listed).sort((left, right) => left.operation.apiKey - right.operation.apiKey),
  ].map(({ operation, handler }) => [operation, handler]),
)
