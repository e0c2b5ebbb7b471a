/** The value in the middle, which a noisy moment does not move. */
export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] as number
}

/** How many interleaved rounds a benchmark takes. */
export const rounds: number = Number(process.env['KAFKADO_BENCH_ROUNDS'] ?? 7)
