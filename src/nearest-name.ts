// Which of some names was meant by one that is not among them.

/** The nearest name, if it is near: an abbreviation, another spelling, or one or two typing errors. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const word = plain(typed)
  const [nearest] = names
    .map((name) => ({ name, slips: slipsBetween(word, plain(name)) }))
    .filter(({ name, slips }) => slips <= (plain(name).length > 3 ? 2 : 1))
    .toSorted((a, b) => a.slips - b.slips)
  return nearest?.name
}

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z\d]/g, '')

/** How many letters are added, missing, changed or swapped; 0 if one word begins the other. */
function slipsBetween(typed: string, name: string): number {
  if (typed.length > 40) return Number.POSITIVE_INFINITY
  if (typed.length > 1 && name.startsWith(typed)) return 0
  let before: number[] = []
  let row = Array.from({ length: name.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...typed].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...name].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1)
      const exchanged =
        letter === name[j - 1] && other === typed[i - 1]
          ? (before[j - 1] ?? 0) + 1
          : Number.POSITIVE_INFINITY
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, changed, exchanged))
    }
    before = row
    row = next
  }
  return row.at(-1) ?? 0
}
