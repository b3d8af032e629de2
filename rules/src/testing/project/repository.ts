import { Pool } from 'pg'

export const pool = new Pool()

export async function findUser(id: string) {
  const { rows } = await pool.query('SELECT * FROM users WHERE id = $1', [id])
  return rows[0]
}

export async function findOrders(id: string, options: { signal?: AbortSignal } = {}) {
  options.signal?.throwIfAborted()
  return id
}
