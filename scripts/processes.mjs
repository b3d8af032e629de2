import { spawn } from 'node:child_process'

/** Runs a script to its end and keeps both of its outputs. */
export function runNode(args, options = {}) {
  return runCommand(process.execPath, args, options)
}

/** The same for any command. */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let output = ''
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk)
      output += String(chunk)
    })
    child.stderr.on('data', (chunk) => {
      output += String(chunk)
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, output }))
  })
}

/** Starts a server that says `listening on port …`, and waits until it does. */
export async function startServer(args, options) {
  const server = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise((resolve) => server.once('exit', resolve))
  let output = ''
  const port = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += String(chunk)
      const port = /listening on port (\d+)/.exec(output)?.[1]
      if (port) resolve(Number(port))
    }
    server.stdout.on('data', read)
    server.stderr.on('data', read)
    server.once('error', reject)
    server.once('exit', (code) => {
      reject(new Error(`the application ended with code ${String(code)}:\n${output}`))
    })
  })
  return {
    port,
    /** Everything that it has printed. */
    output: () => output,
    /** Asks it to end, and ends it where it has not after `graceMs`. */
    async stop(graceMs = 5_000) {
      server.kill('SIGTERM')
      const insist = setTimeout(() => server.kill('SIGKILL'), graceMs)
      await exited
      clearTimeout(insist)
    },
  }
}
