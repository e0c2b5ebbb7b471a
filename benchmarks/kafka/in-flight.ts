/** Makes `calls` calls, of which `atOnce` are under way at any time. */
export async function keepInFlight(
  calls: number,
  atOnce: number,
  call: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const callUntilDone = async (): Promise<void> => {
    while (next < calls) await call(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, callUntilDone))
}
