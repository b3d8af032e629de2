import { expect, test } from 'vitest'
import { findingsOf } from '../testing/program.js'

const pool = `import { Pool } from 'pg'
const pool = new Pool()
`
const event = `import { OnEvent } from '@nestjs/event-emitter'
${pool}`

test.each([
  [
    'a listener of events that is given the event',
    `${event}class Mails { @OnEvent('a') async send(mail: object) { await pool.query('SELECT 1', [mail]) } }`,
    'require-signal',
  ],
  [
    'one that takes the event apart',
    `${event}class Mails { @OnEvent('a') async send({ id }: { id: string }) { await pool.query('SELECT 1', [id]) } }`,
    'require-signal',
  ],
  [
    'one that leads to the statement by another method',
    `${event}class Mails { @OnEvent('a') async send() { await this.save() }
      async save() { await pool.query('SELECT 1') } }`,
    'derive-in-handler',
  ],
  [
    'a job at a time',
    `import { Cron } from '@nestjs/schedule'
    ${pool}class Mails { @Cron('* * * * *') async send() { await pool.query('SELECT 1') } }`,
    'require-signal',
  ],
  [
    'a handler of commands',
    `import { CommandHandler } from '@nestjs/cqrs'
    ${pool}@CommandHandler(Send) class Mails { async execute(mail: Send) { await pool.query('SELECT 1') } }`,
    'require-signal',
  ],
])('is told from handlers of requests, and left to a person: %s', (_, text, rule) => {
  const found = findingsOf(text).map(({ finding }) => [
    finding.rule,
    finding.reason,
    finding.safety,
  ])
  expect(found).toEqual([[rule, 'handler-given-no-request', 'manual']])
})
