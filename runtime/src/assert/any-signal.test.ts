import { expect, it, vi } from 'vitest'
import { anySignal } from './any-signal.js'

it('stands for a signal or for none, and for nothing else', () => {
  const find = vi.fn<(id: string, signal?: AbortSignal) => void>()
  find('1', AbortSignal.timeout(1_000))
  expect(find).toHaveBeenLastCalledWith('1', anySignal)
  find('1', undefined)
  expect(find).toHaveBeenLastCalledWith('1', anySignal)
  find('1', 'signal' as never)
  expect(find).not.toHaveBeenLastCalledWith('1', anySignal)
})
