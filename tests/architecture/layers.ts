/** Which packages of ours each package may import: the table of ARCHITECTURE.md. */
const layers: Record<string, string[]> = {
  core: [],
  producer: ['core'],
  consumer: ['core'],
  admin: ['core'],
  streams: ['core', 'producer', 'consumer', 'admin'],
  broker: ['core'],
  messages: ['core'],
  wire: ['core', 'messages'],
  server: ['core'],
  client: ['core', 'producer', 'consumer', 'admin', 'streams'],
  testing: ['core', 'producer', 'consumer', 'admin', 'streams', 'client', 'broker'],
  kafkado: ['core', 'producer', 'consumer', 'admin', 'streams', 'client', 'broker', 'messages', 'wire', 'server'],
}

export function mayImport(from: string, to: string): boolean {
  const allowed = layers[from]
  if (!allowed) throw new Error(`packages/${from} has no place in the layers: add it here and to ARCHITECTURE.md`)
  return from === to || allowed.includes(to)
}

/** The package of ours that a specifier names. */
export function packageOf(specifier: string): string | undefined {
  if (specifier === 'kafkado' || specifier.startsWith('kafkado/')) return 'kafkado'
  return /^@kafkado\/([^/]+)/.exec(specifier)?.[1]
}

/** What core may import besides its own files; a browser loads all but the node-conditioned files. */
export function coreMayImport(specifier: string, forNode: boolean): boolean {
  if (specifier.startsWith('#')) return true
  return forNode && (specifier.startsWith('node:') || ['undici', 'hysnappy'].includes(specifier))
}
