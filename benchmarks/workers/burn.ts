// A handler that needs the processor for about a millisecond.
export default function burn(): number {
  let sum = 0
  for (let index = 0; index < 400_000; index++) sum += Math.sqrt(index)
  return sum
}
