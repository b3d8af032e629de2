// Answers of programs, as JSON: node run-programs.mjs <folder of folders with an app.js>
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const answers = {}
for (const name of readdirSync(process.argv[2])) {
  const load = (file) => import(pathToFileURL(join(process.argv[2], name, file)).href)
  const { app } = await load('app.js')
  const { pool } = await load('db.js')
  const server = app.listen(0)
  const { port } = server.address()
  const routes = app.router.stack.flatMap((each) => each.route?.path ?? [])
  answers[name] = []
  for (const route of routes) {
    const response = await fetch(`http://127.0.0.1:${port}${route.replace(':id', 'key')}`)
    answers[name].push([response.status, await response.text()])
  }
  server.closeAllConnections()
  server.close()
  await pool.end()
}
process.stdout.write(JSON.stringify(answers))
