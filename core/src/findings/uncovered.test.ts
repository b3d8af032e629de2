import { expect, test } from 'vitest'
import { analysisOf } from '../testing/program.js'
import { findAll } from './find.js'

const load = "export const load = (id: string) => fetch('/users/' + id)"

test.each<[situation: string, text: string, reports: number]>([
  ['a server has no request to derive from', load, 1],
  ['a file for the browser', `'use client'\n${load}`, 0],
  ['a component with state', `import { useState } from 'react'\n${load}`, 0],
  ['what a server has of react', `import { cache } from 'react'\n${load}`, 1],
  ['a type of it', `import type { Component } from 'react'\n${load}`, 1],
  [
    'a page that queries beside its component',
    `import { useState } from 'react'
import { Pool } from 'pg'
const pool = new Pool()
export const all = () => pool.query('SELECT 1')`,
    1,
  ],
  [
    'a signal at hand in the browser',
    `'use client'\nexport const load = (id: string, signal: AbortSignal) => fetch('/users/' + id)`,
    1,
  ],
])('%s', (_, text, reports) => {
  expect(findAll(analysisOf(text), { noSignalInScope: 'report' })).toHaveLength(reports)
})
