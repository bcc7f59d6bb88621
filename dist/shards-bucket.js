import { __name } from "./rolldown-runtime.js";
import { SyncError } from "./receiving.js";
import { inParallel } from "./requests.js";
import { bytesOf, isPart, receiptFile, rowsFile, shardOf, spareMs } from "./action.js";
import { MANIFEST_BYTES, SharedBucket, reportFileOf } from "./shared.js";

// src/run/shards-bucket.ts
const FILES_AT_ONCE = 4;
/** A plan has 256 parts at most, whose shards leave two files each; the report of a job may have more. */
const MOST_FILES = 2 ** 16;
/** A receipt holds a report, which is bounded. */
const RECEIPT_BYTES = 16 * 2 ** 20;
/** Where shards of a plan leave their files: those of another one are none of it. */
const below = ({ planId }) => `${planId}/`;
const open = (asked, ports) => {
	const { folder, request, session, signal } = asked;
	return SharedBucket.open({
		input: "shards-dir",
		folder,
		request,
		session,
		signal
	}, ports);
};
/** A file of a shard, or of the report of the plan's job; undefined: it is of neither. */
function namedIn(name, { parts, job }) {
	const start = name.lastIndexOf("/") + 1;
	const [parent, base] = [name.slice(0, start), name.slice(start)];
	const number = shardOf(base);
	if (number !== void 0) {
		const part = parts[number - 1];
		const rowBytes = part ? bytesOf(part.ops) : 0;
		const mostBytes = part && base === receiptFile(number) ? RECEIPT_BYTES : rowBytes;
		return {
			parent,
			way: [base],
			mostBytes
		};
	}
	const report = job && reportFileOf(name);
	if (!report) return void 0;
	const mostBytes = report.isManifest ? MANIFEST_BYTES : bytesOf(job.ops);
	return {
		parent: report.parent,
		way: report.file.split("/"),
		mostBytes
	};
}
/** Where the files of shards and of reports go, each folder by itself; what is neither is left where it is. */
async function sighted(bucket, index, root, { files }) {
	const parents = /* @__PURE__ */ new Map();
	const folders = /* @__PURE__ */ new Set();
	const found = [];
	for await (const { name } of bucket.files(below(index))) {
		const named = namedIn(name, index);
		if (!named) continue;
		if (found.length === MOST_FILES) break;
		const { parent, way, mostBytes } = named;
		const at = parents.get(parent) ?? files.join(root, `${parents.size + 1}`);
		parents.set(parent, at);
		const path = files.join(at, ...way);
		const folder = files.join(path, "..");
		if (!folders.has(folder)) await files.makeFolder(folder);
		folders.add(folder);
		found.push({
			name,
			path,
			mostBytes
		});
	}
	return found;
}
/**
* Brings what the shards of a plan left, and what its job of S3 Batch Operations reported, into a folder, as `findShards`
* looks for it. What cannot be had whole is there without its content, so that nobody believes it. Throws SyncError.
*/
async function fetchShards(asked, index, root, ports) {
	const { files } = ports;
	await files.makeFolder(root);
	const bucket = await open(asked, ports);
	const found = await sighted(bucket, index, root, ports);
	await inParallel(found, FILES_AT_ONCE, async ({ name, path, mostBytes }) => {
		const end = mostBytes > 0 ? await bucket.fetch(name, path, mostBytes) : "too-large";
		if (end === "changed" || end === "too-large") await files.writeText(path, "");
	});
	bucket.close();
}
/** Aborted when a cancelled run has no more time for the files of its shard. */
function inTime({ host, clock }, over) {
	const late = new AbortController();
	const begin = () => {
		const leftMs = spareMs(host.cancelledForMs());
		clock.sleep(leftMs, over).then(() => late.abort(host.cancelled.reason));
	};
	if (host.cancelled.aborted) begin();
	else host.cancelled.addEventListener("abort", begin, { once: true });
	return late.signal;
}
/** Leaves what a shard left in its report folder for the last job: its rows, and then what it says of itself. Throws SyncError. */
async function leaveShard({ folder, request, session }, index, ports) {
	const { shard, reporting } = request;
	if (!isPart(shard)) throw new SyncError("internal", "Internal error: the run is no shard.");
	const over = new AbortController();
	const signal = inTime(ports, over.signal);
	try {
		const bucket = await open({
			folder,
			request,
			session,
			signal
		}, ports);
		for (const name of [rowsFile(shard.number), receiptFile(shard.number)]) await bucket.leave({
			folder: reporting.reportDir,
			name
		}, below(index) + name, void 0);
		bucket.close();
	} finally {
		over.abort();
	}
}

export { fetchShards, leaveShard };