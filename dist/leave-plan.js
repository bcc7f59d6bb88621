import { __name } from "./rolldown-runtime.js";
import { SyncError } from "./receiving.js";
import { inParallel } from "./requests.js";
import { INDEX_FILE, PLAN_FILE, eachOrNone, humanObjects, isOfBucket, timed, urlOf } from "./action.js";
import { SharedBucket, ifUnchanged } from "./shared.js";

// src/run/leave-plan.ts
/** Of each a few parts are held in memory. */
const FILES_AT_ONCE = 2;
/** Leaves plans where other jobs find them: of all transfers of a step, when all of them are made. */
async function leavePlans(planned) {
	await eachOrNone(planned, leavePlan);
}
async function leavePlan({ run, ready }) {
	const { planDir: folder } = ready.request;
	if (!isOfBucket(folder)) throw new SyncError("internal", "Internal error: the plan is to be left in a folder.");
	const before = run.record.stages.find(({ stage }) => stage === "plan")?.line;
	await timed(run, {
		stage: "plan",
		name: "plan-dir"
	}, () => leave(run, ready, folder), (count) => {
		const told = `${humanObjects(count, "file")} left in ${urlOf(folder)}`;
		return {
			told,
			line: [...before ? [before] : [], told].join("; ")
		};
	});
}
/** Writes all files, and last the one by which the others are known: half a plan is none. Gives how many. */
async function leave(run, ready, folder) {
	const { ports, record } = run;
	const { request, sessions, paths, deadline } = ready;
	const signal = AbortSignal.any([ports.host.cancelled, deadline]);
	const asked = {
		input: "plan-dir",
		folder,
		request,
		session: sessions.destination,
		signal
	};
	const index = record.found.parts?.index;
	const [from, names, last] = index ? [
		paths.parts,
		[
			...index.parts,
			...index.job ? [index.job] : [],
			index.finish
		].map(({ file }) => file),
		INDEX_FILE
	] : [
		request.reporting.reportDir,
		[],
		PLAN_FILE
	];
	const bucket = await SharedBucket.open(asked, ports);
	const own = /* @__PURE__ */ new Set([...names, last]);
	const stood = /* @__PURE__ */ new Map();
	for await (const { name, etag } of bucket.files()) if (own.has(name)) stood.set(name, etag);
	const write = (name) => bucket.leave({
		folder: from,
		name
	}, name, ifUnchanged(stood.get(name)));
	await inParallel(names, FILES_AT_ONCE, write);
	await write(last);
	bucket.close();
	return own.size;
}

export { leavePlans };