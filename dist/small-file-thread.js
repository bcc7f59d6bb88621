import { __name } from "./rolldown-runtime.js";
import { DiskWrites } from "./writing.js";
import { parentPort, workerData } from "node:worker_threads";

// src/adapters/small-file-thread.ts
const toldOf = ({ code, message }) => ({
	code,
	message
});
function serve(port, { root, platform }) {
	const folder = new DiskWrites(root, platform);
	const tell = (report) => port.postMessage(report);
	let ended = [];
	const end = (report) => {
		if (ended.length === 0) setImmediate(() => {
			tell({ ended });
			ended = [];
		});
		ended.push(report);
	};
	port.on("message", (order) => {
		if ("isLast" in order) {
			folder.close().then(() => tell({ closed: {} }), (error) => tell({ closed: { failure: toldOf(error) } })).finally(() => port.close());
			return;
		}
		for (const { id, key, temporary, first, end: last, replaces } of order.files) folder.put({
			key,
			temporary,
			bytes: order.bytes.subarray(first, last),
			replaces
		}).then((there) => end({
			id,
			there
		}), (error) => end({
			id,
			failure: toldOf(error)
		}));
	});
	tell({ isReady: true });
}
if (parentPort) serve(parentPort, workerData);

export {  };