import { InvalidRequestError } from '@kafkado/core'

// Replaces folders-and-sockets.node.ts in pages and edge functions, so that bundlers do not follow imports of Node.

export function openFolder(folder: string): never {
  throw new InvalidRequestError(
    `file: URLs need Node, as pages and edge functions have no folders: '${folder}' cannot be opened here. ` +
      'Use memory: for records that this page alone has, or the http:// or https:// URL of a kafkado server',
  )
}

export function openBrokers({ brokers }: { readonly brokers: string | readonly string[] }): never {
  throw new InvalidRequestError(
    'kafka: URLs need Node, as pages and edge functions have no sockets: ' +
      `${String(brokers)} cannot be reached from here. Run \`kafkado serve --kafka BROKERS\`, ` +
      'and use its http:// or https:// URL',
  )
}
