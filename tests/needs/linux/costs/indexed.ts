// Documents that cost more for their indexes than for their size.
export const indexedPaths = Array.from({ length: 16 }, (_, n) => `m${n}`)

/** 100 values at each of the paths, as many as an index keeps of a document. */
export const manyEntries = (from: number): string => {
  const values = Array.from({ length: 100 }, (_, n) => n * 2 + from)
  return JSON.stringify(Object.fromEntries(indexedPaths.map((path) => [path, values])))
}
