import { expect, test } from 'vitest'
import { rewrite } from './testing/rewrite.js'

const POOL = `import { Pool } from 'pg'\nconst pool = new Pool()\n`
const LOCAL = `import { Strategy } from 'passport-local'\n`

const literal = `${POOL}${LOCAL}
new Strategy(async (name, password, done) => {
  done(null, await pool.query('SELECT $1', [name]))
})`

const ofNest = `${POOL}${LOCAL}
import { PassportStrategy } from '@nestjs/passport'
export class Local extends PassportStrategy(Strategy) {
  validate(name: string) {
    return pool.query('SELECT $1', [name])
  }
}`

test.each([
  ['a function', literal],
  ['a method of a class', ofNest],
])('%s that a strategy gives no request is left with the option that gives it one', (_, text) => {
  const { files, refusals } = rewrite({ 'src/app.ts': text })
  expect(files).toEqual({})
  expect(Object.values(refusals)).toContain('request-by-option')
})

test('with the option, the signal is that of the request in front', () => {
  const { files, refusals } = rewrite({
    'src/app.ts': `${POOL}${LOCAL}
new Strategy({ passReqToCallback: true }, async (req, name, password, done) => {
  done(null, await pool.query('SELECT $1', [name]))
})`,
  })
  expect(refusals).toEqual({})
  expect(files['src/app.ts']).toContain('const signal = requestSignal(req)')
})
