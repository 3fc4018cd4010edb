// How many uploads are parsed, wait and are refused.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createUploadTurns } from '../../src/documents/upload-turns.ts'
import { Problem } from '../../src/http/problem.ts'

const isOverloaded = (error: unknown) => error instanceof Problem && error.code === 'overloaded'

it('parses eight uploads at a time, lets 64 wait to begin, and refuses more', async () => {
  const turnsOf = createUploadTurns()
  const running = await Promise.all(Array.from({ length: 8 }, () => turnsOf()()))
  let begun = 0
  const waiting = Array.from({ length: 64 }, async () => {
    const end = await turnsOf()()
    begun++
    end()
  })
  await assert.rejects(turnsOf()(), isOverloaded)
  assert.equal(begun, 0)
  running[0]?.()
  await Promise.all(waiting)
  assert.equal(begun, 64)
  const end = await turnsOf()()
  end()
})

it('refuses no further turn of an upload that has begun', async () => {
  const turnsOf = createUploadTurns()
  const upload = turnsOf()
  const endFirst = await upload()
  endFirst()
  const running = await Promise.all(Array.from({ length: 8 }, () => turnsOf()()))
  const waiting = Array.from({ length: 64 }, () => turnsOf()())
  const next = upload()
  await assert.rejects(turnsOf()(), isOverloaded)
  for (const end of running) end()
  for (const turn of waiting) (await turn)()
  const end = await next
  end()
})
