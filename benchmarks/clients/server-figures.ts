/** Tells the parent, when it asks, what this process has taken of the processor, or what it holds of memory. */
export function answerFigures(): void {
  process.on('message', (message) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage()
      process.send?.(user + system)
    }
    if (message === 'memory') {
      globalThis.gc?.()
      globalThis.gc?.()
      const { heapUsed, external } = process.memoryUsage()
      process.send?.(heapUsed + external)
    }
  })
}
