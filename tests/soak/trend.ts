/** What was counted at one time. */
export interface Sample {
  readonly atMs: number
  readonly counted: Readonly<Record<string, number>>
}

/** How steeply a line rises that is laid through the points by least squares. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  const common = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return spread === 0 ? 0 : common / spread
}

/** How much each of what was counted rises in a minute. */
export function risesPerMinute(samples: readonly Sample[]): Record<string, number> {
  const names = Object.keys(samples[0]?.counted ?? {})
  const rise = (name: string): number =>
    slopeOf(samples.map(({ atMs, counted }) => [atMs / 60_000, counted[name] ?? 0] as const))
  return Object.fromEntries(names.map((name) => [name, rise(name)]))
}

/** What rises by more than it may in a minute, in words. */
export function rising(samples: readonly Sample[], limits: Readonly<Record<string, number>>): string[] {
  return Object.entries(risesPerMinute(samples))
    .filter(([name, rise]) => rise > (limits[name] ?? Number.POSITIVE_INFINITY))
    .map(([name, rise]) => `${name} rises by ${rise.toFixed(2)} a minute, ${limits[name]} is allowed`)
}
