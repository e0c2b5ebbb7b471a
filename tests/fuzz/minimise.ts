/** How often a failing input is tried to be made smaller. */
const mostTries = 3000

/**
 * A smaller input with which it is still so: without pieces of it, large ones first, and with zeros in the place of
 * bytes.
 *
 * @param isSo whether the input still shows what the first one showed
 */
export async function minimised(input: Uint8Array, isSo: (input: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  let smallest = input
  let tries = 0
  const accepted = async (candidate: Uint8Array): Promise<boolean> => {
    if (++tries > mostTries || !(await isSo(candidate))) return false
    smallest = candidate
    return true
  }
  for (let size = Math.ceil(input.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < smallest.length && tries < mostTries;) {
      const candidate = new Uint8Array(smallest.length - Math.min(size, smallest.length - start))
      candidate.set(smallest.subarray(0, start))
      candidate.set(smallest.subarray(start + size), start)
      if (!(await accepted(candidate))) start += size
    }
  }
  for (let index = 0; index < smallest.length && tries < mostTries; index++) {
    if (smallest[index] === 0) continue
    const candidate = smallest.slice()
    candidate[index] = 0
    await accepted(candidate)
  }
  return smallest
}
