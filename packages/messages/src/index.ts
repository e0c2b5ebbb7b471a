export * from './apis/index.ts'
export { everyApi } from './apis/every-api.ts'
export {
  type AnyApi,
  type AnyApiVersion,
  type Api,
  type ApiVersion,
  type RequestHeaderVersion,
  type ResponseHeaderVersion,
} from './api.ts'
export { MalformedMessage } from './codec/message-reader.ts'
export { consumerProtocolAssignment, consumerProtocolSubscription } from './consumer-protocol.ts'
export {
  readRequestHeader,
  readResponseHeader,
  type RequestHeader,
  writeRequestHeader,
  writeResponseHeader,
} from './headers.ts'
export type { Message } from './message.ts'
