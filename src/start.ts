import './adapters/memory.ts'
import './adapters/thread-pool.ts'
import { actionsHost } from './adapters/host.ts'
import { SHUTDOWN_MS } from './flow/shutdown.ts'
import { openPorts } from './open-ports.ts'
import { sync } from './run/sync.ts'

// The runner starts the same bundle twice: for the step, and after the job for what the step left.
const host = actionsHost()
const ports = openPorts(host)
if (host.state('started') === '') {
  host.saveState('started', 'true')
  const step = await sync(ports)
  const { publish } = await import('./report/publish.ts')
  const { exitCode } = await publish(step)
  process.exitCode = exitCode
} else await (await import('./post.ts')).post(ports)
// Whatever may still be open must not hold the step.
setTimeout(() => process.exit(), SHUTDOWN_MS.exit).unref()
