/** The files of vectors in this folder. */
export const vectorFiles: readonly URL[] = [
  'kafka-streams.json',
  'operators.json',
  'processor-api.json',
  'record-cache.json',
  'errors-and-outputs.json',
  'failing-rows.json',
  'found-by-oracle.json',
].map((name) => new URL(name, import.meta.url))
