import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type LocalServer, startServer } from './local-server.ts'

const root = path.dirname(import.meta.dirname)
const suffix = process.platform === 'win32' ? '.exe' : ''

/** Where `npm run parts -- platforms` installs them. */
export const GO_SERVERS_FOLDER = path.join(root, '.parts', 'go')

/** What is installed there: modules with their versions, as `go install` takes them. */
export const goServerModules = (): readonly string[] =>
  readFileSync(path.join(root, 'requirements-platforms.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

/** Servers that need Go to be built, and so are not everywhere. */
export type GoServerName = 'minio' | 'versitygw'

/** Where a server is installed, or would be. */
export const goServerPath = (name: GoServerName): string =>
  path.join(GO_SERVERS_FOLDER, `${name}${suffix}`)

/** Whether a server can be started on this machine. */
export const hasGoServer = (name: GoServerName): boolean => existsSync(goServerPath(name))

/** A server of S3, and the keys of its administrator. */
export interface GoServer extends LocalServer {
  readonly endpoint: string
  readonly admin: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

const admin = { accessKeyId: 'administrator', secretAccessKey: 'administrators-secret' }

/** Starts an empty server on 127.0.0.1. Throws when it is not installed. */
export async function startGoServer(name: GoServerName): Promise<GoServer> {
  if (!hasGoServer(name))
    throw new Error(`${name} is not installed: run \`npm run parts -- platforms\``)
  const server = await startServer(({ port, folder }) => {
    const data = path.join(folder, 'data')
    mkdirSync(data)
    const address = `127.0.0.1:${port}`
    const common = { command: goServerPath(name), env: { HOME: folder } }
    if (name === 'versitygw') {
      const keys = ['--access', admin.accessKeyId, '--secret', admin.secretAccessKey]
      const where = ['--port', address, '--region', 'us-east-1', '--health', '/health']
      return {
        ...common,
        args: [...where, ...keys, '--quiet', 'posix', data],
        readyUrl: `http://${address}/health`,
      }
    }
    const MINIO = { MINIO_ROOT_USER: admin.accessKeyId, MINIO_ROOT_PASSWORD: admin.secretAccessKey }
    return {
      ...common,
      args: ['server', data, '--address', address],
      env: { ...common.env, ...MINIO, MINIO_UPDATE: 'off', MINIO_BROWSER: 'off' },
      readyUrl: `http://${address}/minio/health/ready`,
    }
  })
  return { ...server, admin, endpoint: `http://127.0.0.1:${server.port}` }
}
