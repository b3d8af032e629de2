import { Pool } from 'pg'

export const pool = new Pool()

export async function findUser(id: string) {
  const { rowCount } = await pool.query('SELECT * FROM users WHERE id = $1', [id])
  return rowCount
}

export function findOrders(id: string, options: { signal?: AbortSignal } = {}) {
  options.signal?.throwIfAborted()
  return Promise.resolve(id)
}
