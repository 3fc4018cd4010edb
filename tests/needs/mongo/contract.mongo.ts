// The MongoDB store keeps the contract.
import { storeContract } from '../../suites/store-contract.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

storeContract('MongoDB', server.open)
