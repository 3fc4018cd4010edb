// Whether a module is the program itself, so that tests can import it without running it.
import { realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** `isMain(import.meta.url, process.argv[1])`; import.meta.main needs Node 24.2. */
export function isMain(url: string, program: string | undefined): boolean {
  if (program === undefined) return false
  try {
    return url === pathToFileURL(realpathSync(program)).href
  } catch {
    return false
  }
}
