// The image's tag changes with what the image is made of, and with nothing else.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { copiedSources } from '../../deploy/dockerfile-sources.ts'
import { ignoreRules } from '../../deploy/dockerignore.ts'
import { imageFiles, imageTag } from '../../deploy/image-tag.ts'

const dockerfile = `FROM node:26 AS build
# COPY commented out
COPY package.json \\
     package-lock.json ./
COPY --chown=1000 src src
ADD ["a b.txt", "https://example.com/x", "/"]
COPY --from=build /app/dist dist
`

test('the sources are those of COPY and ADD from the folder, not from another stage or a URL', () => {
  assert.deepEqual(copiedSources(dockerfile), [
    'package.json',
    'package-lock.json',
    'src',
    'a b.txt',
  ])
})

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
      assert.equal(ignoreRules(rules)(path), ignored)
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
    write('.dockerignore', '**/*.log\n')
    write('package.json', '{}')
    write('src/main.ts', 'one')
    write('src/http/server.ts', 'two')
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('is 12 hex digits, the same each time', () => {
    assert.match(imageTag(folder), /^[0-9a-f]{12}$/)
    assert.equal(imageTag(folder), imageTag(folder))
  })

  test('stands for the files that are copied', () => {
    write('src/debug.log', 'x')
    write('README.md', 'x')
    write('srcs/other.ts', 'x')
    assert.deepEqual(imageFiles(folder), ['package.json', 'src/http/server.ts', 'src/main.ts'])
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
