import { describe, expect, test } from 'vitest'
import type { Plan, Step } from '@ctx-fix/core'
import { createMaterializer } from '../apply/materialize.js'
import type { Judge } from './judge.js'
import type { Problem } from './problem.js'
import { rollBack } from './roll-back.js'

/** Step `n` writes the word `sn` into the file. */
function step(id: number, rest: Partial<Step> = {}): Step {
  return {
    id,
    kind: 'call-site',
    edits: [{ file: '/a.ts', start: 0, end: 0, text: `s${id};\n` }],
    imports: [],
    requires: [],
    onlyIfRequired: false,
    label: '',
    ...rest,
  }
}

/** Complains at the end of the file, with nobody to accuse, about each of these sets of words. */
function blindJudge(...complaints: readonly (readonly number[])[]): Judge & { looks: number } {
  return {
    looks: 0,
    newProblems(files) {
      this.looks++
      const text = files.get('/a.ts')?.after ?? ''
      return complaints.flatMap((steps, code): Problem[] => {
        if (!steps.every((id) => text.includes(`s${id};`))) return []
        const place = { file: '/b.ts', start: 9, end: 9, oldStart: 9 }
        return [{ ...place, code, message: String(steps), context: '', edited: false }]
      })
    },
    suspects: () => [],
  }
}

function goneFrom(plan: Plan, judge: Judge): number[] {
  const render = createMaterializer(plan, new Map([['/a.ts', '']]))
  const { kept, rolledBack } = rollBack(
    plan,
    new Set(plan.steps.map(({ id }) => id)),
    render,
    judge,
  )
  expect(kept.size + rolledBack.size).toBe(plan.steps.length)
  return [...rolledBack.keys()]
}

describe('without a hint, bisection', () => {
  const hub: Plan = {
    steps: [
      step(0, { kind: 'setup' }),
      step(1, { kind: 'signature', requires: [0], onlyIfRequired: true }),
      ...Array.from({ length: 200 }, (_, index) => step(index + 2, { requires: [1] })),
    ],
  }

  test('finds the one call among hundreds', () => {
    const judge = blindJudge([117])
    expect(goneFrom(hub, judge)).toEqual([117])
    expect(judge.looks).toBeLessThan(40)
  })

  test('gives up a signature, and what needs it, only where the signature is the cause', () => {
    const judge = blindJudge([1])
    expect(goneFrom(hub, judge)).toHaveLength(201)
    expect(judge.looks).toBeLessThan(40)
  })

  test('breaks up two steps that do not go together by giving up one', () => {
    expect(goneFrom(hub, blindJudge([20, 150]))).toHaveLength(1)
  })

  test('finds several culprits', () => {
    expect(goneFrom(hub, blindJudge([5], [90], [91])).toSorted((a, b) => a - b)).toEqual([
      5, 90, 91,
    ])
  })
})
