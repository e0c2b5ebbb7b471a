import type { AnyOperation } from '@kafkado/core'
import { allOperations, batchesContentType, problemContentType, schemasOf } from '@kafkado/core/internal'
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts'
import { tokenPath } from './openapi-tokens.ts'
import { contentTypeOf } from './request-body.ts'
import { tokenRoute } from './token-route.ts'

let document: string | undefined

/** Describes the server's routes, by the schemas that check requests. It never changes, so it is made once. */
export function openApiDocument(): string {
  document ??= JSON.stringify(describeServer())
  return document
}

function describeServer(): JsonSchema {
  const paths = Object.fromEntries(
    allOperations.map((operation) => [operation.path, { post: describeOperation(operation) }]),
  )
  const health = (summary: string): JsonSchema => ({
    get: {
      summary,
      security: [],
      responses: { 200: { description: 'Yes' }, 503: { $ref: '#/components/responses/Problem' } },
    },
  })
  return {
    openapi: '3.1.0',
    info: {
      title: 'kafkado',
      version: '1',
      description:
        `Kafka's operations over HTTP. A body of type ${batchesContentType} is a frame: ` +
        'the length of a JSON header as 32 bits, big-endian; the header, of the schema given; ' +
        'then the record batches (RecordBatch v2) of its partitions back to back, in their order, ' +
        'each of its byteLength.',
    },
    security: [{ apiKey: [] }],
    paths: {
      ...paths,
      [tokenRoute.path]: tokenPath,
      '/v1': {
        get: {
          operationId: 'getCapabilities',
          summary: 'What this server is',
          responses: responsesOf(operationNamed('capabilities')),
        },
      },
      '/livez': health('Whether the server lives'),
      '/readyz': health(
        'Whether what is behind the server answers, whether its disk is nearly full, and how many record batches are ' +
          'known to be damaged',
      ),
    },
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, kdo_<id>_<secret>, or a token that it issued, kdt_…',
        },
      },
      responses: {
        Problem: {
          description: 'The request failed as a whole (RFC 9457)',
          content: { [problemContentType]: { schema: problemSchema } },
        },
      },
    },
  }
}

function describeOperation(operation: AnyOperation): JsonSchema {
  const summary = operation.apiKey < 0 ? 'Not an operation of Kafka' : `Kafka's API key ${operation.apiKey}`
  return {
    operationId: operation.name,
    summary,
    requestBody: {
      required: true,
      content: { [contentTypeOf(operation)]: { schema: jsonSchemaOf(schemasOf(operation).request, 'input') } },
    },
    responses: responsesOf(operation),
  }
}

function responsesOf(operation: AnyOperation): JsonSchema {
  const contentType = operation.records === 'response' ? batchesContentType : 'application/json'
  return {
    200: {
      description: 'Carried out; parts of it may have failed',
      content: { [contentType]: { schema: jsonSchemaOf(schemasOf(operation).response, 'output') } },
    },
    default: { $ref: '#/components/responses/Problem' },
  }
}

function operationNamed(name: string): AnyOperation {
  return allOperations.find((operation) => operation.name === name) as AnyOperation
}

const problemSchema: JsonSchema = {
  type: 'object',
  required: ['title', 'status', 'detail', 'code', 'retriable', 'outcome'],
  properties: {
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'A stable name for programs' },
    kafkaCode: { type: 'integer', description: "Kafka's number of the error" },
    retriable: { type: 'boolean' },
    outcome: { enum: ['failed', 'unknown'] },
    retryAfterMs: { type: 'number' },
    requestId: { type: 'string' },
  },
}
