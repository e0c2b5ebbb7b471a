/** A named channel on which libraries tell tracers and metrics what happens. */
export interface DiagnosticChannel {
  /** Whether anybody listens, so that a message which nobody wants is not made. */
  readonly hasSubscribers: boolean
  publish(message: object): void
}

interface DiagnosticsModule {
  channel(name: string): DiagnosticChannel
}

const silent: DiagnosticChannel = { hasSubscribers: false, publish: () => undefined }

/**
 * A channel of `node:diagnostics_channel`, which is where OpenTelemetry and others listen. In a browser, and in a
 * runtime without it, nothing is published.
 */
export function diagnosticChannel(name: string): DiagnosticChannel {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  const module = process?.getBuiltinModule?.('node:diagnostics_channel') as DiagnosticsModule | undefined
  return module?.channel(name) ?? silent
}
