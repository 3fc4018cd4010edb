// The image's tag changes with what the image is made of, and with nothing else.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { contextFiles, ignoreRules, imageTag } from '../../deploy/image/images.ts'

describe('.dockerignore', () => {
  for (const [rules, path, ignored] of [
    ['*\n!src', 'src/main.ts', false],
    ['*\n!src', 'README.md', true],
    ['*\n!src\nsrc/secret', 'src/secret/key', true],
    ['*.md\n!README.md', 'README.md', false],
    ['*.md', 'docs/a.md', false],
    ['**/*.md', 'docs/deep/a.md', true],
    ['**/*.md', 'a.md', true],
    ['/build/', 'build/app.yaml', true],
    ['build', 'rebuild/x', false],
    ['temp?', 'temp1', true],
    ['temp?', 'temp', false],
    ['# *\n\n', 'x', false],
    ['[ab].txt', 'b.txt', true],
    ['a.b', 'axb', false],
  ] as const) {
    test(`${JSON.stringify(rules)} ${ignored ? 'leaves out' : 'keeps'} ${path}`, () => {
      assert.equal(ignoreRules(rules).file(path), ignored)
    })
  }
})

describe('a folder', () => {
  for (const [rules, path, leftOut] of [
    ['*\n!src', 'node_modules', true],
    ['*\n!src', 'src', false],
    ['*\n!src/http/*.ts', 'src', false],
    ['*\n!src/http/*.ts', 'src/http/deep', false],
    ['*\n!src/http/*.ts', 'src/documents', true],
    ['*\n!source', 'src', true],
    ['*\n!**/*.ts', 'node_modules', false],
    ['docs', 'docs/deep', true],
    ['docs/*', 'docs', false],
  ] as const) {
    test(`${path} is ${leftOut ? 'left out' : 'looked into'} by ${JSON.stringify(rules)}`, () => {
      assert.equal(ignoreRules(rules).folder(path), leftOut)
    })
  }
})

describe('the tag', () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-tag-'))
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true })
    write('Dockerfile', 'FROM node:26\nCOPY package.json ./\nCOPY src src\n')
    write('.dockerignore', '*\n!package.json\n!src\n**/*.log\n')
    write('package.json', '{}')
    write('src/main.ts', 'one')
    write('src/http/server.ts', 'two')
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('is 12 hex digits, the same each time', () => {
    assert.match(imageTag(folder), /^[0-9a-f]{12}$/)
    assert.equal(imageTag(folder), imageTag(folder))
  })

  test('stands for the files that .dockerignore lets in', () => {
    write('src/debug.log', 'x')
    write('README.md', 'x')
    write('srcs/other.ts', 'x')
    assert.deepEqual(
      contextFiles(folder).map(({ path }) => path),
      ['package.json', 'src/http/server.ts', 'src/main.ts'],
    )
  })

  test('stands for all files if there is no .dockerignore', () => {
    rmSync(join(folder, '.dockerignore'))
    assert.deepEqual(
      contextFiles(folder).map(({ path }) => path),
      ['Dockerfile', 'package.json', 'src/http/server.ts', 'src/main.ts'],
    )
  })

  // Windows makes links for administrators only, and has no modes.
  const unix = { skip: process.platform === 'win32' }
  test('changes with where a link points, also to a folder or to nowhere', unix, () => {
    const tags = ['main.ts', 'http', 'nowhere'].map((target) => {
      rmSync(join(folder, 'src/link'), { force: true })
      symlinkSync(target, join(folder, 'src/link'))
      return imageTag(folder)
    })
    assert.equal(new Set([...tags, imageTag(folder)]).size, 3)
    write('src/link2', 'nowhere')
    const asFile = imageTag(folder)
    rmSync(join(folder, 'src/link2'))
    symlinkSync('nowhere', join(folder, 'src/link2'))
    assert.notEqual(imageTag(folder), asFile)
  })

  test('does not change with a mode, which Windows does not have', unix, () => {
    const old = imageTag(folder)
    chmodSync(join(folder, 'src/main.ts'), 0o755)
    assert.equal(imageTag(folder), old)
  })

  const before = () => imageTag(folder)
  for (const [what, change] of Object.entries({
    'a changed file': () => write('src/main.ts', 'One'),
    'a new file': () => write('src/new.ts', ''),
    'a renamed file': () => {
      rmSync(join(folder, 'src/main.ts'))
      write('src/main2.ts', 'one')
    },
    'content that moves from one file to the next': () => {
      write('src/http/server.ts', 'tw')
      write('src/main.ts', 'oone')
    },
    'another Dockerfile': () => write('Dockerfile', 'FROM node:27\nCOPY package.json src ./\n'),
    'a file that no COPY names': () => write('src/page/notes.txt', 'x'),
    'another .dockerignore that lets more in': () => write('.dockerignore', ''),
  })) {
    test(`changes with ${what}`, () => {
      const old = before()
      change()
      assert.notEqual(imageTag(folder), old)
    })
  }

  for (const [what, path] of Object.entries({
    'a test': 'test/main.test.ts',
    'the README': 'README.md',
    'an ignored file': 'src/debug.log',
    'what was built': 'build/app.yaml',
  })) {
    test(`does not change with ${what}`, () => {
      const old = before()
      write(path, 'new')
      assert.equal(imageTag(folder), old)
    })
  }
})
