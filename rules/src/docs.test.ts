import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as parser from '@typescript-eslint/parser'
import { Linter } from 'eslint'
import { describe, expect, it } from 'vitest'
import plugin from './index.js'

const folder = fileURLToPath(new URL('../../docs/rules/', import.meta.url))

interface Example {
  readonly kind: 'Incorrect' | 'Correct'
  readonly code: string
}

function examplesIn(page: string): Example[] {
  const found: Example[] = []
  let kind: Example['kind'] | undefined
  for (const [, heading, code] of page.matchAll(/^#{2,3} (.+)$|^```ts\n([^]*?)^```$/gm)) {
    if (heading !== undefined)
      kind = heading === 'Incorrect' || heading === 'Correct' ? heading : undefined
    else if (kind && code !== undefined) found.push({ kind, code })
  }
  return found
}

function rulesReporting(code: string): string[] {
  const messages = new Linter().verify(
    code,
    [
      {
        files: ['**/*.ts'],
        plugins: { ctx: plugin },
        languageOptions: { parser },
        rules: plugin.configs.all.rules,
      },
    ],
    { filename: 'example.ts' },
  )
  return messages.map((each) => each.ruleId ?? each.message)
}

const pages = readdirSync(folder).filter((each) => each !== 'README.md')

it('every rule has a page, and every page a rule', () => {
  expect(pages.toSorted()).toEqual(
    Object.keys(plugin.rules)
      .map((each) => `${each}.md`)
      .toSorted(),
  )
})

describe.each(pages)('%s', (page) => {
  const rule = `ctx/${page.replace('.md', '')}`
  const examples = examplesIn(readFileSync(folder + page, 'utf8'))

  it('has examples of both kinds', () => {
    expect(new Set(examples.map((each) => each.kind))).toEqual(new Set(['Incorrect', 'Correct']))
  })

  it.each(examples)('$kind: $code', ({ kind, code }) => {
    if (kind === 'Incorrect') expect(rulesReporting(code)).toContain(rule)
    else expect(rulesReporting(code)).toEqual([])
  })
})

it.each(['features.md', 'hosts.md', 'recall.md', 'matrix.md'])(
  'every link of %s leads to a file',
  (page) => {
    const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
    const links = [...text.matchAll(/\]\((\.[^)#\s]+)/g)].map(([, path]) => path ?? '')
    const missing = links.filter(
      (path) => !existsSync(fileURLToPath(new URL(`../../docs/${path}`, import.meta.url))),
    )
    expect(missing).toEqual([])
  },
)

describe('the table of features', () => {
  const text = readFileSync(new URL('../../docs/features.md', import.meta.url), 'utf8')
  const rows = text.split('\n').filter((line) => /^\| [^-]/.test(line))
  const [, ...capabilities] = rows.map((row) => {
    const cells = row.split(' | ').map((each) => each.replace(/^\||\|$/g, '').trim())
    return { capability: cells[0] ?? '', ours: cells.at(-1) ?? '' }
  })

  it('has the rows of the survey and more', () => {
    expect(capabilities.length).toBeGreaterThan(40)
  })

  it.each(capabilities)('$capability: the test that is named is there', ({ ours }) => {
    for (const link of ours.split(', [').map((each, at) => (at === 0 ? each : `[${each}`))) {
      const [, file, name] = /^\[y\]\((\S+\.test\.ts) ['"](.+)['"]\)$/.exec(link) ?? []
      const source = readFileSync(new URL(`../../docs/${file ?? ''}`, import.meta.url), 'utf8')
      // A folder of before and after is a test by its name.
      const situation = new URL(`../../fixtures/before-after/${name ?? ''}`, import.meta.url)
      const isNamed = source.includes(`'${name ?? ''}'`) || source.includes(`\`${name ?? ''}\``)
      expect(name !== undefined && (isNamed || existsSync(situation))).toBe(true)
    }
  })
})
