export async function tryWorkers() {
  return []
}
