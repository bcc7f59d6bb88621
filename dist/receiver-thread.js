import { __name } from "./rolldown-runtime.js";
import { Connections, FileSink, ownTrust, serviceFailure, trustOfNode } from "./receiving.js";
import { parentPort, workerData } from "node:worker_threads";

// src/adapters/receiver-thread.ts
/** Who asks for something keeps the time. */
const NO_LIMIT_MS = 2 ** 31 - 1;
const underWay = /* @__PURE__ */ new Map();
/** Of their texts: a host is known by its URL. */
const bases = /* @__PURE__ */ new Map();
function baseOf(url) {
	const base = bases.get(url) ?? new URL(url);
	bases.set(url, base);
	return base;
}
function toldOf(error) {
	const { code = "", message } = error;
	return {
		code,
		message,
		status: void 0
	};
}
/** Sends a request, and gives what came of it once nothing is written any more. */
async function read({ url, target, headers, mostBytes, connectMs }, connections, into, signal) {
	const request = {
		base: baseOf(url),
		method: "GET",
		target,
		headers,
		mostBytes,
		connectMs,
		into
	};
	try {
		const answer = await connections.ask(request, {
			timeoutMs: NO_LIMIT_MS,
			signal
		});
		into.end();
		const { status, headers, body } = answer;
		return { answer: {
			status,
			headers,
			body
		} };
	} catch (error) {
		if (into.failure) return { unwritten: toldOf(into.failure) };
		const { code, message, status } = serviceFailure(error);
		return { failure: {
			code,
			message,
			status
		} };
	} finally {
		into.release();
	}
}
function serve(port, { mostConnections }) {
	let trust;
	const trusted = () => {
		trust ??= ownTrust(process.env) ?? trustOfNode();
		return trust;
	};
	const connections = new Connections({
		most: mostConnections,
		trust: trusted
	});
	port.on("message", async (order) => {
		if ("ended" in order) {
			underWay.get(order.ended)?.abort();
			return;
		}
		const { id } = order;
		const ender = new AbortController();
		underWay.set(id, ender);
		const into = new FileSink(order);
		const ended = await read(order, connections, into, ender.signal);
		underWay.delete(id);
		port.postMessage({
			id,
			written: into.written,
			...ended
		});
	});
}
if (parentPort) serve(parentPort, workerData);

export {  };