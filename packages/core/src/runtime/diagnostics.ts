/** A named channel where libraries publish events for tracers and metrics. */
export interface DiagnosticChannel {
  /** Whether anybody listens; if nobody does, no message needs to be made. */
  readonly hasSubscribers: boolean
  publish(message: object): void
}

interface DiagnosticsModule {
  channel(name: string): DiagnosticChannel
}

const silent: DiagnosticChannel = { hasSubscribers: false, publish: () => undefined }

/**
 * A channel of `node:diagnostics_channel`, which OpenTelemetry and others subscribe to. In browsers, and in runtimes
 * without it, nothing is published.
 */
export function diagnosticChannel(name: string): DiagnosticChannel {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  const module = process?.getBuiltinModule?.('node:diagnostics_channel') as DiagnosticsModule | undefined
  return module?.channel(name) ?? silent
}
