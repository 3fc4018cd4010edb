// The image's tag: a hash of the Dockerfile and of every file it copies. Same content, same tag.
//
// A tag that is used again keeps the old image on a node that has it, and a Deployment whose text does
// not change starts nothing new. With a tag by content a change always rolls out, and nothing else does.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { argv, stdout } from 'node:process'
import { copiedSources } from './dockerfile-sources.ts'
import { globToRegExp, ignoreRules } from './dockerignore.ts'
import { isMain } from './is-main.ts'

/** The image's name in the cluster. */
export const imageName = 'data-service'

const tagLength = 12 // hex digits: two versions of one project meet once in 10^14

/** Every file that the Dockerfile copies, with `/`, sorted the same on every platform. */
export function imageFiles(root: string): string[] {
  const ignoreFile = join(root, '.dockerignore')
  const ignored = ignoreRules(existsSync(ignoreFile) ? readFileSync(ignoreFile, 'utf8') : '')
  const wanted = copiedSources(readFileSync(join(root, 'Dockerfile'), 'utf8')).map((source) => {
    const clean = source.replace(/^(\.?\/)+/, '').replace(/\/+$/, '')
    return new RegExp(clean === '' || clean === '.' ? '' : `^${globToRegExp(clean)}(?:/|$)`)
  })
  const copied = (path: string) => wanted.some((pattern) => pattern.test(path)) && !ignored(path)
  return walk(root, '')
    .filter(copied)
    .sort((a, b) => (a < b ? -1 : 1))
}

// Never copied, and large: a walk through them would take a second.
const skipped = new Set(['node_modules', '.git', 'build', 'coverage'])

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      return folder === '' && skipped.has(entry.name) ? [] : walk(root, path)
    }
    return statSync(join(root, path), { throwIfNoEntry: false })?.isFile() ? [path] : []
  })
}

/** The tag for the project in a folder. */
export function imageTag(root: string): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'Dockerfile')))
  for (const path of imageFiles(root)) {
    const content = readFileSync(join(root, path))
    // The length keeps two files apart from one that holds both.
    hash.update(`\0${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, tagLength)
}

if (isMain(import.meta.url, argv[1])) stdout.write(`${imageTag('.')}\n`)
