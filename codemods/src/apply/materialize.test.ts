import { expect, test } from 'vitest'
import type { ImportNeed, Plan, Step } from '@ctx-fix/core'
import { materialize } from './materialize.js'
import { settleSteps } from './settle.js'

function step(id: number, rest: Partial<Step> = {}): Step {
  return {
    id,
    kind: 'sink',
    edits: [],
    imports: [],
    requires: [],
    onlyIfRequired: false,
    label: '',
    ...rest,
  }
}

const insertion = (file: string, text: string) => ({ file, start: 0, end: 0, text })
const all = ({ steps }: Plan) => new Set(steps.map(({ id }) => id))
const texts = (files: ReturnType<typeof materialize>) =>
  Object.fromEntries([...files].map(([file, { after }]) => [file, after]))

test('only kept steps change a file, and imports follow them', () => {
  const need: ImportNeed = { file: '/a.ts', module: 'rt', name: 'withSignal' }
  const plan: Plan = {
    steps: [
      step(1, { edits: [insertion('/a.ts', 'one()\n')], imports: [need] }),
      step(2, { edits: [insertion('/a.ts', 'two()\n')], imports: [need] }),
      step(3, { edits: [insertion('/b.ts', 'three()\n')] }),
    ],
  }
  const sources = new Map([
    ['/a.ts', 'a()\n'],
    ['/b.ts', 'b()\n'],
    ['/c.ts', 'c()\n'],
  ])
  expect(texts(materialize(plan, all(plan), sources))).toEqual({
    '/a.ts': "import { withSignal } from 'rt'\n\none()\ntwo()\na()\n",
    '/b.ts': 'three()\nb()\n',
  })
  expect(texts(materialize(plan, new Set([2]), sources))).toEqual({
    '/a.ts': "import { withSignal } from 'rt'\n\ntwo()\na()\n",
  })
  const [span] = materialize(plan, all(plan), sources).get('/a.ts')?.map.overlapping(0, 1) ?? []
  expect(span?.steps).toEqual([1, 2])
})

test('a side effect is imported once a program, where the first kept step wants it', () => {
  const plan: Plan = {
    steps: [
      step(1, { imports: [{ file: '/app/a.ts', module: 'rt/pg' }] }),
      step(2, { imports: [{ file: '/app/b.ts', module: 'rt/pg' }] }),
      step(3, { imports: [{ file: '/job/c.ts', module: 'rt/pg' }] }),
    ],
  }
  const sources = new Map(['/app/a.ts', '/app/b.ts', '/job/c.ts'].map((file) => [file, 'f()\n']))
  const changed = (kept: Set<number>, programOf?: (file: string) => string) => [
    ...materialize(plan, kept, sources, programOf).keys(),
  ]
  expect(changed(all(plan))).toEqual(['/app/a.ts'])
  expect(changed(new Set([2, 3]))).toEqual(['/app/b.ts'])
  expect(changed(all(plan), (file) => file.slice(0, 4))).toEqual(['/app/a.ts', '/job/c.ts'])
  sources.set('/app/b.ts', "import 'rt/pg'\n")
  expect(changed(all(plan))).toEqual([])
})

test('a step goes with what it requires, and with the last that required it', () => {
  const plan: Plan = {
    steps: [
      step(1, { onlyIfRequired: true }),
      step(2, { requires: [1] }),
      step(3, { requires: [1, 4], onlyIfRequired: true }),
      step(4),
      step(5, { requires: [3] }),
    ],
  }
  const settled = (...kept: number[]) => [...settleSteps(plan, new Set(kept))]
  expect(settled(1, 2, 3, 4, 5)).toEqual([1, 2, 3, 4, 5])
  expect(settled(1, 3, 4, 5)).toEqual([1, 3, 4, 5])
  expect(settled(1, 3, 4)).toEqual([4])
  expect(settled(2, 3, 4, 5)).toEqual([4])
  expect(settled(1, 2, 3, 5)).toEqual([1, 2])
})
