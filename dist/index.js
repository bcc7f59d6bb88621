import { __name } from "./rolldown-runtime.js";
import { actionsHost, openPorts, post, sync } from "./action.js";

// src/main.ts
const host = actionsHost();
const ports = openPorts(host);
if (host.state("started") === "") {
	host.saveState("started", "true");
	process.exitCode = await sync(ports);
} else await post(ports);
setTimeout(() => process.exit(), 1e3).unref();

export {  };