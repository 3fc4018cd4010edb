// The page on MongoDB.
import { after } from 'node:test'
import { type Mongod, startMongod, testUser } from '../../support/mongod.ts'
import { skipWithout } from '../../support/tool.ts'
import { pageSuite } from './page-suite.ts'

let mongod: Mongod | undefined
after(() => mongod?.remove())

pageSuite('MongoDB', {
  skip: skipWithout('mongod', '--version'),
  outage: {
    stop: async () => mongod?.stop(),
    start: async () => mongod?.start(),
  },
  async settings() {
    mongod = await startMongod()
    return { DB_URL: mongod.address, USER_NAME: testUser.name, USER_PWD: testUser.password }
  },
})
