import { isSignal } from '../ambient.js'
import { runJob, type JobSignalOptions } from './job-signal.js'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** How Reflect knows metadata where `reflect-metadata` is loaded, as Nest does. */
interface MetadataReflect {
  getMetadataKeys?(target: object): unknown[]
  getMetadata?(key: unknown, target: object): unknown
  defineMetadata?(key: unknown, value: unknown, target: object): void
}

/** BullMQ makes a signal for a processor that declares three parameters. */
const PROCESSOR_LENGTH = 3

/**
 * Decorator of a method that runs with no request, where neither middleware nor interceptors run: one
 * under `@Cron`, `@Interval` or `@OnEvent`, or the `process` of a `WorkerHost` of @nestjs/bullmq. Puts a
 * signal around each run; that of a queue's job aborts with `worker.cancelJob()` too.
 */
export function JobSignal(options?: JobSignalOptions): MethodDecorator {
  return (target, name, descriptor) => {
    const method = descriptor.value as Method
    const title = `${target.constructor.name}.${String(name)}`
    const surrounded: Method = function (...args) {
      const [job] = args
      const key = typeof job === 'object' && job !== null ? job : {}
      const at = args.findIndex(isSignal)
      const signal = at < 0 ? undefined : args[at]
      return runJob({ key, name: title, signal }, options, (own) =>
        method.apply(this, at < 0 ? args : args.map((each, index) => (index === at ? own : each))),
      )
    }
    const length = { value: Math.max(PROCESSOR_LENGTH, method.length), configurable: true }
    Object.defineProperty(surrounded, 'length', length)
    Object.defineProperty(surrounded, 'name', { value: method.name, configurable: true })
    copyMetadata(method, surrounded)
    ;(descriptor as { value: unknown }).value = surrounded
  }
}

/** What decorators below this one have said of the method. */
function copyMetadata(from: object, to: object): void {
  const reflect = Reflect as MetadataReflect
  for (const key of reflect.getMetadataKeys?.(from) ?? [])
    reflect.defineMetadata?.(key, reflect.getMetadata?.(key, from), to)
}
