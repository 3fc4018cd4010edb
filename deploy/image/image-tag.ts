// The image's tag: a hash of the Dockerfile and of every file that .dockerignore lets in.
//
// A tag that is used again keeps the old image on a node that has it, and a Deployment whose text does
// not change starts nothing new. With a tag by content a change always rolls out, and nothing else does.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Ignored, ignoreRules } from './dockerignore.ts'

/** The image's name in the cluster. */
export const imageName = 'data-service'

const tagLength = 12 // hex digits: two versions of one project meet once in 10^14

/** One file of what docker build is given, by its path with `/`. */
interface ContextFile {
  path: string
  link: boolean
}

/** Every file that docker build is given, sorted the same on every platform. */
export function contextFiles(root: string): ContextFile[] {
  const ignoreFile = join(root, '.dockerignore')
  const rules = ignoreRules(existsSync(ignoreFile) ? readFileSync(ignoreFile, 'utf8') : '')
  return walk(root, '', rules).sort((a, b) => (a.path < b.path ? -1 : 1))
}

function walk(root: string, folder: string, ignored: Ignored): ContextFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return ignored.folder(path) ? [] : walk(root, path, ignored)
    const link = entry.isSymbolicLink()
    return (link || entry.isFile()) && !ignored.file(path) ? [{ path, link }] : []
  })
}

/**
 * The tag for the project in a folder. Bytes count as they are, for so they come into the image: that a
 * checkout has the same everywhere is .gitattributes' work. A link counts by where it points, as docker
 * copies it. Modes do not count: Windows has none, and the same commit would have two tags.
 */
export function imageTag(root: string): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'Dockerfile')))
  for (const { path, link } of contextFiles(root)) {
    const file = join(root, path)
    const content = link ? Buffer.from(readlinkSync(file)) : readFileSync(file)
    // The length keeps two files apart from one that holds both.
    hash.update(`\0${path}\0${link ? 'link ' : ''}${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, tagLength)
}
