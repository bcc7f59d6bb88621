import './adapters/memory.ts'
import { actionsHost } from './adapters/host.ts'
import { SHUTDOWN_MS } from './flow/shutdown.ts'
import { openPorts } from './open-ports.ts'
import { post } from './post.ts'
import { publish } from './report/publish.ts'
import { sync } from './run/sync.ts'

// The runner starts the same bundle twice: for the step, and after the job for what the step left.
const host = actionsHost()
const ports = openPorts(host)
if (host.state('started') === '') {
  host.saveState('started', 'true')
  const { exitCode } = await publish(await sync(ports))
  process.exitCode = exitCode
} else await post(ports)
// Whatever may still be open must not hold the step.
setTimeout(() => process.exit(), SHUTDOWN_MS.exit).unref()
