import {
  parseEnvoyTimeout,
  parseGrpcTimeout,
  parseRequestTimeout,
  type BareUnit,
  type DeadlineHeader,
} from './parse-headers.js'

/** Which deadline headers of a caller are believed. */
export interface DeadlineHeaderOptions {
  /** All three where left out. */
  headers?: readonly DeadlineHeader[] | undefined
  /** Unit of an X-Request-Timeout without one; such a value is ignored where left out. */
  bareUnit?: BareUnit | undefined
}

export const ALL_HEADERS: readonly DeadlineHeader[] = [
  'x-request-timeout',
  'grpc-timeout',
  'x-envoy-expected-rq-timeout-ms',
]

/**
 * How long the caller of a request will wait, in milliseconds: the least of its deadline headers, 0
 * when one is spent, `Infinity` without any. What cannot be read strictly is ignored. Never throws.
 *
 * @param headers as Node and the frameworks over it give them: names in lower case.
 */
export function deadlineFromHeaders(
  headers: unknown,
  { headers: trusted = ALL_HEADERS, bareUnit }: DeadlineHeaderOptions = {},
): number {
  if (typeof headers !== 'object' || headers === null) return Infinity
  const values = headers as Readonly<Record<string, unknown>>
  let leastMs = Infinity
  for (const name of trusted) {
    leastMs = Math.min(leastMs, millisecondsOf(name, values[name], bareUnit) ?? Infinity)
  }
  return leastMs
}

/** The reading of one header. */
export function millisecondsOf(
  header: DeadlineHeader,
  value: unknown,
  bareUnit?: BareUnit,
): number | undefined {
  switch (header) {
    case 'x-request-timeout':
      return parseRequestTimeout(value, bareUnit)
    case 'grpc-timeout':
      return parseGrpcTimeout(value)
    case 'x-envoy-expected-rq-timeout-ms':
      return parseEnvoyTimeout(value)
  }
}
