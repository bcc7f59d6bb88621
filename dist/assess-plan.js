import { __name } from "./rolldown-runtime.js";
import { SyncError } from "./receiving.js";
import { CHECKSUM_NOT_ASKED, NO_TALLY, addTally, cut, humanBytes, humanObjects, insist, isCopyReason, isNameable, optionHeaders, orAborted, overlapOf, previews, s3Url, standingBy, untilWhen, writesOf } from "./action.js";
import { isMadeByFunction, routeToDirect, s5cmdCannot, usesUpPorts, whyOneBucket, workersFor } from "./shared.js";
import { lookUpsInWords, priceOf, readCopies, readCopyBlocks, refusal, requestsOf } from "./compare.js";
import { sizeClassOf } from "./requests.js";

// src/plan/one-bucket.ts
const LOOKS = 3;
const REAL_RUN = "A real run checks this with a multipart upload, and is refused if";
/** The first keys that the plan touches: those it would delete, and those it copies from. */
function touched({ samples }) {
	const all = Object.entries(samples);
	const keysOf = (wanted) => all.filter(([reason]) => wanted(reason)).flatMap(([, some]) => some.map(({ key }) => key)).filter(isNameable).slice(0, LOOKS);
	return [...keysOf((reason) => reason === "only-at-destination"), ...keysOf(isCopyReason)];
}
const isSame = (one, other) => one?.etag === other?.etag && one?.size === other?.size && one?.modified === other?.modified;
/** What one full key tells, looked at in both buckets; undefined where it changes meanwhile or cannot be seen. */
async function byKey(key, { source, destination }) {
	const look = async () => [await source.store.stat({
		bucket: source.bucket,
		key
	}), await destination.store.stat({
		bucket: destination.bucket,
		key
	})];
	try {
		const [from, to] = await look();
		const [fromAgain, toAgain] = await look();
		if (!(isSame(from, fromAgain) && isSame(to, toAgain)) || !(from || to)) return void 0;
		if (isSame(from, to)) return "one";
		return [source, destination].some(({ bucket }) => isMadeByFunction(bucket)) ? void 0 : "two";
	} catch {
		return;
	}
}
async function shows({ store, bucket }, { key: prefix, uploadId }, timeoutMs) {
	for await (const found of store.uploads({
		bucket,
		prefix
	}, AbortSignal.timeout(timeoutMs))) if (found.uploadId === uploadId) return true;
	return false;
}
/** The key of the first write or delete of a plan. */
async function firstKey({ plan, files }) {
	const [extra] = plan.samples["only-at-destination"] ?? [];
	if (extra) return extra.key;
	for await (const { to, unnameable } of readCopies(files, plan)) if (!unnameable) return to;
}
/** Begins an upload at the destination, and looks whether the source's bucket has it; nothing is stored. */
async function byUpload(input) {
	const { source, destination, writer } = input;
	const key = await firstKey(input);
	if (!writer || key === void 0) return void 0;
	const { objects, write, timeoutMs } = writer;
	const limit = { timeoutMs };
	const bare = {
		to: {
			bucket: destination.bucket,
			key
		},
		only: void 0
	};
	try {
		const headers = optionHeaders(write);
		const upload = await insist(() => objects.startUpload({
			...bare,
			headers
		}, limit));
		try {
			if (await shows(source, upload, timeoutMs)) return "one";
			return await shows(destination, upload, timeoutMs) ? "two" : void 0;
		} finally {
			await insist(() => objects.abortUpload(upload, limit));
		}
	} catch {
		return;
	}
}
async function verdictOf(input) {
	const seen = /* @__PURE__ */ new Set();
	for (const key of touched(input.plan)) {
		const verdict = await byKey(key, input);
		if (verdict) seen.add(verdict);
	}
	const [only] = seen;
	return seen.size === 1 ? only : byUpload(input);
}
/** Why two places of one bucket do not go together, as they would be refused under one name. */
function overlapping({ source, destination, deletes }) {
	const [from, to] = [source.prefix, destination.prefix];
	return source.single && from !== to ? void 0 : overlapOf(from, to, { deletes });
}
function isOne(input, why) {
	const { source, destination } = input;
	const problem = overlapping(input);
	if (problem === void 0) return void 0;
	const to = s3Url(destination.bucket, destination.prefix);
	return new SyncError("guard", `Source and destination are in one bucket (${why}; ${source.bucket} has the same objects): ${to} ${problem}.`, { hint: "Set source and destination to prefixes that do not overlap. Nothing was touched." });
}
const unproven = ({ source, destination }, why) => new SyncError("guard", `Whether ${source.bucket} and ${destination.bucket} are different buckets could not be determined (${why}): if they are the same bucket, delete would remove objects of the source.`, { hint: "Use plain bucket names at one endpoint for both sides; or allow s3:ListBucketMultipartUploads on both buckets to this identity, so that the run can check; or run without delete. Nothing was touched." });
/**
* Refuses places that overlap in one bucket under two names, and deletes where it is not proven that there
* are two. Throws SyncError of kind `guard`; where nothing is written or deleted it gives what there is to tell: why a
* run that does so is refused, or may be.
*/
async function refuseOneBucket(input) {
	const { source, destination, plan, writer } = input;
	const { copies, deletes } = plan.trailer;
	const why = whyOneBucket(source, destination);
	if (why === void 0 || copies.objects + deletes.objects === 0) return void 0;
	const verdict = await verdictOf(input);
	if (verdict === "two") return void 0;
	const refused = verdict === "one" ? isOne(input, why) : unproven(input, why);
	if (!refused) return void 0;
	if (verdict === void 0 && deletes.objects === 0) return overlapping(input) ? { doubt: `Source and destination may be the same bucket under two names (${why}), and would then overlap.` } : void 0;
	if (writer) throw refused;
	return verdict === "one" ? { refused } : { doubt: `${refused.message} ${REAL_RUN} that proves nothing.` };
}
/** Whether one of two places holds the other. */
function overlap(one, other) {
	const holds = (outer, inner) => outer.single ? outer.prefix === inner.prefix : inner.prefix.startsWith(outer.prefix);
	return holds(one, other) || holds(other, one);
}
/**
* Refuses a transfer whose destination is, by another name of its bucket, a place of another transfer of the step: what
* one writes or deletes there, the other has not planned with. `source` of the input is that place, and `deletes` whether
* either of both deletes. Throws SyncError of kind `guard`; gives what there is to tell where it is not proven, and
* nothing is deleted, or the run writes nothing. Only an upload tells: mirrors have the same objects of the same second.
*/
async function refuseSharedPlace(input) {
	const { source: other, destination, deletes, writer } = input;
	const why = overlap(other, destination) ? whyOneBucket(other, destination) : void 0;
	const verdict = why === void 0 ? "two" : await byUpload(input);
	if (verdict === "two") return void 0;
	const [to, theirs] = [destination, other].map(({ bucket, prefix }) => s3Url(bucket, prefix));
	const doubt = `${to} and ${theirs} of another transfer may be the same bucket under two names (${why}), and would then overlap.`;
	if (!writer) return `${doubt} ${REAL_RUN} ${deletes ? "that proves nothing" : "that proves it"}.`;
	if (verdict === void 0 && !deletes) return doubt;
	throw new SyncError("guard", `${to} ${verdict === "one" ? "is" : "may be"} in the bucket of ${theirs}, which is a place of another transfer (${why}): the plan of one does not know what the other writes or deletes there.`, { hint: "Give each transfer its own destination; if these are different buckets, use their plain names, or allow s3:ListBucketMultipartUploads on both. Nothing was touched." });
}

// src/plan/plan-lines.ts
/** A key in one line, whatever it holds. */
const quoted = (key) => cut(JSON.stringify(key), 200);
/** What it took to compare by checksum; none where nothing was asked. */
function checksumLines({ trailer: { checksums, reasons } }, places) {
	if (!checksums) return [];
	const price = priceOf([{
		place: places.source,
		heads: checksums.source,
		lists: 0
	}, {
		place: places.destination,
		heads: checksums.destination,
		lists: 0
	}]);
	const heads = humanObjects(checksums.source + checksums.destination, "HEAD request");
	const notAsked = reasons["checksum-not-asked"]?.objects ?? 0;
	const rest = notAsked > 0 ? `; ${humanObjects(notAsked, "more pair")} not compared` : "";
	return [`Checksums of ${humanObjects(checksums.pairs, "pair")} compared: ${heads}${price}${rest}.`];
}
/** How the rows of a manifest were looked up. */
function rowLine({ rows, lookUps: { source, destination } }, places) {
	const price = priceOf([{
		place: places.source,
		heads: source.heads,
		lists: source.lists
	}, {
		place: places.destination,
		heads: destination.heads,
		lists: destination.lists
	}]);
	const heads = source.heads + destination.heads;
	const lists = source.lists + destination.lists;
	const requests = [...heads > 0 ? [humanObjects(heads, "HEAD request")] : [], ...lists > 0 ? [humanObjects(lists, "LIST request")] : []];
	const asked = requests.length > 0 ? `; ${requests.join(" and ")}` : "";
	return `Manifest: ${humanObjects(rows, "row")}${asked}${price}.`;
}
/** What SHA256SUMS may take at most: who knows the SHA-256 of most objects is seen only when they are copied. */
function sumsLines({ trailer: { copies, reasons } }, { sums, local }, { destination }) {
	if (!sums || local) return [];
	const all = addTally(copies, standingBy(reasons));
	const price = priceOf([{
		place: destination,
		heads: all.objects,
		lists: 0,
		reads: sums.read ? all.objects : 0
	}]);
	const reads = sums.read ? `, and up to ${humanBytes(all.bytes)} read` : "";
	return [`SHA256SUMS takes at most ${humanObjects(all.objects, "HEAD request")}${reads}${price}.`];
}
/** What is deleted later. */
const waitingLines = ({ extras }) => extras?.due ? [`Only at the destination, and deleted later: ${humanObjects(extras.waiting.objects)}, ${untilWhen(extras.due)}.`] : [];
/**
* What a person should read of a plan before anything is deleted, for the log: the deletes, and how
* they are looked up. A check deletes nothing.
*/
function planLines(plan, { mode, selection }, places) {
	const { trailer, samples } = plan;
	const { deletes, manifest } = trailer;
	const compared = [
		...manifest ? [rowLine(manifest, places)] : [],
		...checksumLines(plan, places),
		...waitingLines(plan),
		...sumsLines(plan, selection, places)
	];
	if (mode === "check" || deletes.objects === 0) return compared;
	const shown = samples["only-at-destination"] ?? [];
	const more = deletes.objects - shown.length;
	const planned = requestsOf(trailer, selection);
	const { lookUps, typeLooks, lookUpLists } = planned;
	const price = priceOf([{
		place: places.source,
		heads: lookUps + typeLooks,
		lists: lookUpLists
	}]);
	return [
		...compared,
		...shown.map(({ key, size }) => `To delete: ${quoted(key)} (${humanBytes(size)})`),
		...more > 0 ? [`To delete: ${humanObjects(more, "more object")} in plan.ndjson`] : [],
		places.source.folder !== void 0 ? "Before deleting, each file is looked up once more." : `Before deleting, the source is checked once more: ${lookUpsInWords(planned)}${price}.`
	];
}

// src/transfer/workload.ts
const NAMED = 5;
function refuse(stuck, more) {
	const named = stuck.map(({ op, why }) => `- ${JSON.stringify(op.key)} (${why})`).join("\n");
	const rest = more > 0 ? `\nand ${more} more` : "";
	throw new SyncError("guard", `The plan contains objects that s5cmd cannot copy:\n${named}${rest}`, {
		title: `s5cmd cannot copy ${humanObjects(stuck.length + more)} of the plan`,
		hint: "Set engine: auto: the direct engine copies these objects. Nothing was copied."
	});
}
/** Looks at the whole plan, whose ops come in blocks. Throws SyncError when `engine: s5cmd` was asked for and cannot carry it all. */
async function survey(blocks, { routes, transfer, work: known }) {
	const classes = /* @__PURE__ */ new Set();
	const s5cmdClasses = /* @__PURE__ */ new Set();
	const stuck = [];
	const counts = {
		s5cmd: 0,
		direct: 0
	};
	const because = /* @__PURE__ */ new Map();
	let left = 0;
	let conflicts = 0;
	const look = (op) => {
		classes.add(sizeClassOf(op.size));
		if (op.reason === "destination-conflict") conflicts++;
		const direct = routeToDirect(op, routes);
		counts[direct ? "direct" : "s5cmd"]++;
		if (direct) because.set(direct, (because.get(direct) ?? 0) + 1);
		else s5cmdClasses.add(sizeClassOf(op.size));
		const hopeless = op.unnameable || op.archived;
		const why = routes.transfer.engine === "s5cmd" && !hopeless ? s5cmdCannot(op, routes) : void 0;
		if (!why) return;
		if (stuck.length < NAMED) stuck.push({
			op,
			why
		});
		else left++;
	};
	for await (const ops of blocks) for (const op of ops) look(op);
	if (stuck.length > 0) refuse(stuck, left);
	const engines = ["s5cmd", "direct"].filter((name) => counts[name] > 0);
	const { averageBytes, streamed, sameRegion, cores, memoryBytes } = known;
	const work = {
		classes,
		averageBytes,
		streamed,
		sameRegion,
		cores,
		memoryBytes
	};
	return {
		routes,
		workers: workersFor(transfer, work),
		work,
		ops: counts,
		because,
		engines,
		s5cmdClasses,
		conflicts
	};
}

// src/run/assess-plan.ts
const EXECUTABLES = "Some files are executable: S3 does not store file permissions, so set them again after a download.";
/** Judges the plan to the end. Throws SyncError where it is refused and not only looked at. */
async function assessPlan(run, ready, listed) {
	const { request, facts } = ready;
	for (const line of planLines(listed, request, facts)) run.log.line("info", line);
	if (facts.source.store.local?.hasExecutables) run.log.line("info", EXECUTABLES);
	if (listed.refused) {
		if (!previews(request)) throw listed.refused;
		return {
			plan: listed,
			survey: void 0
		};
	}
	const { survey: work, refused = keptByOthers(ready, listed) } = await surveyed(run, ready, listed);
	return {
		plan: await toldApart(run, ready, {
			...listed,
			refused
		}),
		survey: work
	};
}
/** What the engines have to do; a plan that is only looked at tells, too, where they cannot. */
async function surveyed({ ports }, ready, plan) {
	const { request } = ready;
	if (!(writesOf(request) || previews(request) && request.transfer.engine === "s5cmd") || plan.trailer.copies.objects === 0) return {
		survey: void 0,
		refused: void 0
	};
	try {
		return {
			survey: await surveyOf(ports, ready, plan),
			refused: void 0
		};
	} catch (error) {
		if (!previews(request) || !(error instanceof SyncError) || error.kind !== "guard") throw error;
		return {
			survey: void 0,
			refused: error
		};
	}
}
/** Why a real run would copy nothing: it gives a row to each object that is in the way, and a plan that is looked at has none. */
function keptByOthers({ request }, { trailer: { reasons } }) {
	const { objects } = reasons["destination-conflict"] ?? NO_TALLY;
	if (objects === 0 || !previews(request)) return void 0;
	const exist = objects === 1 ? "exists" : "exist";
	return refusal(`${humanObjects(objects)} already ${exist} at the destination with other content`, `${humanObjects(objects)} already ${exist} at the destination with other content, and overwrite: never protects ${objects === 1 ? "it" : "them"}: nothing would be copied.`, "Publish under other keys, or remove the existing objects.");
}
const surveyOf = ({ files, system }, { request, toolchain, facts }, plan) => survey(readCopyBlocks(files, plan), {
	routes: {
		transfer: request.transfer,
		s5cmd: toolchain,
		destination: facts.destination,
		fewPorts: usesUpPorts(system.platform, plan.trailer.copies.objects)
	},
	transfer: request.transfer,
	work: workloadOf(plan.trailer.copies, facts, system)
});
/** Sees before the first write that two names do not mean one bucket where that would do harm. */
async function toldApart({ log, ports: { files, host } }, { request, facts }, plan) {
	const { source, destination, transferPath } = facts;
	if (request.mode === "check" || source.folder !== void 0 || destination.folder !== void 0) return plan;
	const { selection, transfer } = request;
	const { write, requestTimeoutMs: timeoutMs } = transfer;
	const { objects } = transferPath.carrier;
	const writer = writesOf(request) ? {
		objects,
		write,
		timeoutMs
	} : void 0;
	const look = {
		source,
		destination,
		plan,
		deletes: selection.delete,
		files,
		writer
	};
	const told = await orAborted(host.cancelled, refuseOneBucket(look));
	if (told === void 0) return plan;
	const { doubt, refused } = told;
	log.line("warn", refused ? `A real run would be refused: ${refused.message}` : `${doubt}`);
	return {
		...plan,
		doubt,
		refused: plan.refused ?? refused
	};
}
/**
* Sees that no other transfer of the step has a place where this one writes, under another name; gives the plan with
* what there is to tell of it. Throws SyncError where one has, unless the plan is only looked at.
*/
async function toldFromOthers({ log, ports: { files, host } }, { ready, assessment: { plan } }, others) {
	const { destination, transferPath } = ready.facts;
	if (destination.folder !== void 0) return plan;
	const { write, requestTimeoutMs: timeoutMs } = ready.request.transfer;
	const { objects } = transferPath.carrier;
	const writer = writesOf(ready.request) ? {
		objects,
		write,
		timeoutMs
	} : void 0;
	const doubts = plan.doubt === void 0 ? [] : [plan.doubt];
	for (const { facts, request, manifest } of others.map((other) => other.ready)) {
		const deletes = ready.request.selection.delete || request.selection.delete;
		const isApart = manifest !== void 0 || facts.source.folder !== void 0;
		for (const source of isApart ? [facts.destination] : [facts.destination, facts.source]) {
			if (source.folder !== void 0) continue;
			const look = {
				source,
				destination,
				plan,
				deletes,
				files,
				writer
			};
			const doubt = await orAborted(host.cancelled, refuseSharedPlace(look));
			if (doubt === void 0) continue;
			log.line("warn", doubt);
			doubts.push(doubt);
		}
	}
	return doubts.length === 0 ? plan : {
		...plan,
		doubt: doubts.join(" ")
	};
}
const workloadOf = ({ objects, bytes }, { source, destination, transferPath }, system) => ({
	averageBytes: bytes / Math.max(1, objects),
	streamed: transferPath.streamed !== void 0,
	sameRegion: source.region === destination.region,
	cores: system.cores(),
	memoryBytes: system.availableMemoryBytes() ?? system.totalMemoryBytes() / 2
});

export { assessPlan, toldFromOthers };