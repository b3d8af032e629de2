import '../../pg/index.js'
import { recordProjectsDrivers } from '../setup/locate-drivers.js'
import { proveInsideJest } from './hook-jest.js'
import { startProving } from './start-proving.js'

// Loaded by `ctx-fix prove` into every process of the user's test command.

if (startProving() !== undefined) {
  // The sources of what is compiled: proofs are joined with a report on those.
  process.setSourceMapsEnabled(true)
  try {
    recordProjectsDrivers()
  } catch {
    // A process of the test command that has neither; pg is found when it is loaded.
  }
  proveInsideJest(process.env['CTX_FIX_PROVE_JEST'])
}
