import { recordProjectsDrivers } from '../setup/locate-drivers.js'
import { jestGlobals, requireOfTest } from '../setup/jest-globals.js'
import { startProving } from './start-proving.js'

// Loaded by jest into every test file, where `ctx-fix prove` started it.

const { afterAll } = jestGlobals()
const ledger = startProving()
recordProjectsDrivers(requireOfTest())
afterAll(() => {
  ledger?.stop()
})
