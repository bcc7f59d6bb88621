import { __name } from "./rolldown-runtime.js";
import { SHUTDOWN_MS, actionsHost, openPorts, sync } from "./action.js";

// src/start.ts
const host = actionsHost();
const ports = openPorts(host);
if (host.state("started") === "") {
	host.saveState("started", "true");
	const step = await sync(ports);
	const { publish } = await import("./publish.js");
	const { exitCode } = await publish(step);
	process.exitCode = exitCode;
} else await (await import("./post.js")).post(ports);
setTimeout(() => process.exit(), SHUTDOWN_MS.exit).unref();

export {  };