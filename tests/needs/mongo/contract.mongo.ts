// The MongoDB store keeps the contract.
import { storeContract } from '../contract/store-contract.ts'
import { testDatabase } from './test-database.ts'

const server = testDatabase()

storeContract('MongoDB', server.open)
