import { InvalidRequestError } from '../../errors/kafka-error.ts'
import { schemasOf } from '../../protocol/operation-schemas.ts'
import type { AnyOperation, RequestOf } from '../../protocol/operation.ts'
import { describeFaults } from '../../schema/faults.ts'
import { predicateOf } from '../../schema/predicate.ts'
import { readValue } from '../../schema/read-value.ts'
import { repeatedElement } from './repeated-elements.ts'

/**
 * Checks all requests where they enter, so that each transport refuses the same requests with the same words. It
 * imports all schemas: servers, engines and Node import it, pages do not.
 */

/**
 * Checks a request that is passed as an object. A valid one costs a look at its fields and, if it names
 * several topics, a map of them.
 *
 * @throws InvalidRequestError that names the operation and the fields
 */
export function checkRequest(operation: AnyOperation, request: unknown): void {
  const schema = schemasOf(operation).request
  const fault = predicateOf(schema)(request) ? repetitionIn(operation, request) : describeFaults(schema, request)
  if (fault !== undefined) throw new InvalidRequestError(`the ${operation.name} request is not valid: ${fault}`)
}

function repetitionIn(operation: AnyOperation, request: unknown): string | undefined {
  const repeated = repeatedElement(operation, request)
  return repeated === undefined ? undefined : `it names ${repeated} more than once`
}

/**
 * Parses a request from outside; drops unknown fields.
 *
 * @throws InvalidRequestError as {@link checkRequest}
 */
export function parseRequest<O extends AnyOperation>(operation: O, content: unknown): RequestOf<O> {
  checkRequest(operation, content)
  return readValue(schemasOf(operation).request, content) as RequestOf<O>
}

/** Parses an answer from outside; drops unknown fields. Undefined if its form is wrong. */
export function parseResponse(operation: AnyOperation, answer: unknown): unknown {
  const schema = schemasOf(operation).response
  return predicateOf(schema)(answer) ? readValue(schema, answer) : undefined
}
