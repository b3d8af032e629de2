import type { Entry, Library } from './types.js'

const surround = { module: '@ctx-fix/runtime/job', name: 'withJobSignal', as: 'wrapper' } as const

/** Called with nothing that a signal could be had from. */
const job = (from: number, handlerKeys?: readonly string[]): Entry => ({
  from,
  request: -1,
  params: [],
  ...(handlerKeys && { handlerKeys }),
})

/** `requestSignal()` finds the job by itself. */
const source = { request: { module: '@ctx-fix/runtime/job', optional: true } } as const

export const nodeCron = {
  name: 'node-cron',
  kind: 'framework',
  modules: ['node-cron'],
  surround,
  evidence: [
    {
      what: 'cron.schedule(expression, task) and createTask call the task at its times, with no signal',
      where: 'https://www.nodecron.com/api-reference.html',
      since: '3.0.0',
    },
  ],
  exports: {
    default: 'Cron',
    'export=': 'Cron',
    schedule: 'Schedule',
    createTask: 'Schedule',
    ScheduledTask: 'class Scheduled',
  },
  entities: {
    Cron: { members: { schedule: { type: 'Schedule' }, createTask: { type: 'Schedule' } } },
    Schedule: { call: { entry: job(1), returns: 'Scheduled' } },
    Scheduled: { ...source, members: { on: {}, start: {}, stop: {}, execute: {} } },
  },
} as const satisfies Library

export const cron = {
  name: 'cron',
  kind: 'framework',
  modules: ['cron'],
  surround,
  evidence: [
    {
      what: 'new CronJob(time, onTick) and CronJob.from({ onTick }) call onTick at its times, with no signal',
      where: 'https://github.com/kelektiv/node-cron#api',
      since: '2.0.0',
    },
  ],
  exports: { CronJob: 'class Job' },
  entities: {
    Job: {
      ...source,
      construct: { entry: job(1) },
      members: {
        from: { entry: job(0, ['onTick']), returns: 'new self' },
        addCallback: { entry: job(0) },
        start: {},
        stop: {},
      },
    },
  },
} as const satisfies Library

export const agenda = {
  name: 'agenda',
  kind: 'framework',
  modules: ['agenda', '@hokify/agenda'],
  surround,
  evidence: [
    {
      what: 'agenda.define(name, processor, options?), with options before the processor until 5, calls it with the job, with no signal',
      where: 'agenda/dist/index.d.ts, define',
      since: '4.0.0',
    },
  ],
  exports: { default: 'class Agenda', 'export=': 'class Agenda', Agenda: 'class Agenda' },
  entities: { Agenda: { ...source, members: { define: { entry: job(1) } } } },
} as const satisfies Library
