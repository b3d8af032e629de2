import { readFileSync } from 'node:fs'
import { isUsageError } from '../usage-error.js'
import { providePlan, type Answer, type PlanRequest } from './plan.js'

/** The process behind the transform: a request on stdin, the path of its plan on stdout. */
async function answer(request: PlanRequest): Promise<Answer> {
  try {
    const plan = await providePlan(request, (line) => process.stderr.write(`ctx-fix: ${line}\n`))
    return { plan }
  } catch (error) {
    if (isUsageError(error)) return { error: error.message }
    throw error
  }
}

process.stdout.write(
  JSON.stringify(await answer(JSON.parse(readFileSync(0, 'utf8')) as PlanRequest)),
)
