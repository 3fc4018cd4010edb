// Reads what kubectl and minikube answer as JSON without trusting its shape, and finds objects in it.

/** The value at a path, or undefined where any step of it is missing. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let here = value
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
    here = Object.entries(here).find(([key]) => key === `${step}`)?.[1]
  }
  return here
}

/** The text at a path, or an empty one. */
export function text(value: unknown, ...path: (string | number)[]): string {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** The number at a path, or undefined. */
export function number(value: unknown, ...path: (string | number)[]): number | undefined {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** The list at a path, or an empty one. */
export function list(value: unknown, ...path: (string | number)[]): unknown[] {
  const found: unknown = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** Parses, and answers undefined for what is no JSON: minikube prints other things at times. */
export function parse(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}

/** For a filter: whether an object is of this kind. */
export const isKind = (kind: string) => (item: unknown) => text(item, 'kind') === kind

/** An object's name. */
export const nameOf = (item: unknown) => text(item, 'metadata', 'name')

/** The object of a kind and name among those that came. */
export const findObject = (items: readonly unknown[], kind: string, name: string): unknown =>
  items.find((item) => isKind(kind)(item) && nameOf(item) === name)
