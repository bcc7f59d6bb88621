import { __name } from "./rolldown-runtime.js";
import { SHUTDOWN_MS, actionsHost, openPorts, post, publish, sync } from "./action.js";

// src/start.ts
const host = actionsHost();
const ports = openPorts(host);
if (host.state("started") === "") {
	host.saveState("started", "true");
	const { exitCode } = await publish(await sync(ports));
	process.exitCode = exitCode;
} else await post(ports);
setTimeout(() => process.exit(), SHUTDOWN_MS.exit).unref();

export {  };