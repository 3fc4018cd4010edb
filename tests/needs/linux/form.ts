// Which form of the suite runs: the long one, or the short one that every change goes through.

/** Whether RELIABILITY_SHORT=1 asks for the form that takes about ten minutes. */
export const short = process.env.RELIABILITY_SHORT === '1'

/** How often to do something. RELIABILITY_`name` sets another number than that of the form. */
export function amount(name: string, long: number, shorter: number): number {
  const given = Number(process.env[`RELIABILITY_${name}`] ?? Number.NaN)
  return Number.isInteger(given) && given > 0 ? given : short ? shorter : long
}
