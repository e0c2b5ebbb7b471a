import { mostTokenScopes } from '../auth/token.ts'
import { scopeOperations, scopeResources } from '../auth/scopes.ts'
import type { JsonSchema } from './json-schema.ts'

/** What `POST /v1/tokens` takes. A test compares it with the schema that checks requests. */
const tokenOptionsJsonSchema: JsonSchema = {
  type: 'object',
  properties: {
    scopes: {
      type: 'array',
      maxItems: mostTokenScopes,
      items: {
        type: 'object',
        properties: {
          effect: { type: 'string', enum: ['allow', 'deny'] },
          operation: { type: 'string', enum: scopeOperations },
          resource: { type: 'string', enum: scopeResources },
          name: { type: 'string' },
          pattern: { type: 'string', enum: ['literal', 'prefix'] },
        },
        required: ['operation', 'resource', 'name', 'pattern'],
        additionalProperties: false,
      },
    },
    lifetime: { type: ['number', 'string'] },
  },
  additionalProperties: false,
}

/** The route for tokens, which is no operation of Kafka. */
export const tokenPath: JsonSchema = {
  post: {
    operationId: 'createToken',
    summary: 'A token for a web page, for at most 15 minutes and with the scopes of the API key or fewer',
    requestBody: { required: true, content: { 'application/json': { schema: tokenOptionsJsonSchema } } },
    responses: {
      200: {
        description: 'The token, which is sent where a key would be',
        content: {
          'application/json': {
            schema: {
              type: 'object',
              properties: {
                token: { type: 'string' },
                tokenId: { type: 'string', description: 'Names the token in the audit log' },
                keyId: { type: 'string' },
                expiresAt: { type: 'string', format: 'date-time' },
              },
              required: ['token', 'tokenId', 'keyId', 'expiresAt'],
            },
          },
        },
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  },
}
