import { __name } from "./rolldown-runtime.js";
import { Identities, humanObjects, lockUrl, openSessions, orAborted, postRequest, stateName, storeAt } from "./action.js";
import { ServiceError, explain } from "./receiving.js";
import { LockObject, abortAll, abortUnheard, releaseLeft } from "./shared.js";
import { openUploads } from "./requests.js";

// src/post.ts
/** Aborts what a transfer began and did not end. Throws what kept it from that. */
async function abortUnfinished({ uploads, trace, request: kept }, ports) {
	const { host, store: openStore } = ports;
	const request = await postRequest(kept, host);
	const { transfer, reporting } = request;
	const log = host.log(reporting.logLevel, reporting.logLines);
	const session = (await openSessions(request, new Identities(ports, log)))[trace.by];
	const store = await storeAt(trace, session, {
		transfer,
		openStore
	});
	const { begun, unheard } = uploads;
	const timeoutMs = transfer.requestTimeoutMs;
	const [failure] = await abortAll(begun, store.objects, { timeoutMs });
	if (failure !== void 0) throw failure;
	const search = {
		store,
		arn: session?.facts.arn,
		known: begun,
		timeoutMs,
		signal: host.cancelled
	};
	const lost = await abortUnheard(unheard, search).catch((error) => {
		log.line("warn", `An unfinished multipart upload may remain at ${unheard[0]?.key}: the response to CreateMultipartUpload was lost, and the uploads there could not be listed or aborted: ${reasonOf(error)}`);
		return 0;
	});
	log.line("info", `Unfinished multipart uploads that were aborted: ${begun.length + lost}.`);
}
/** A service that refuses is no fault of the action. */
const reasonOf = (error) => error instanceof ServiceError ? `${error.name}: ${error.message}` : explain(error, "report").text;
/** What a cancelled or killed transfer left at the destination. Throws where nobody can tell. */
async function abortLeft(request, state, ports) {
	const { host, files } = ports;
	const trace = JSON.parse(state);
	const uploads = await openUploads(files, trace.path);
	const { begun, unheard } = uploads;
	if (begun.length === 0 && unheard.length === 0) return;
	const left = {
		uploads,
		trace,
		request
	};
	await orAborted(host.cancelled, abortUnfinished(left, ports)).catch((error) => host.annotate("warning", "Unfinished multipart uploads remain at the destination", `${humanObjects(begun.length, "unfinished multipart upload")} could not be aborted, and the parts still cost storage: ${reasonOf(error)}\nThe next run under the same role aborts the uploads of the objects it copies; a lifecycle rule (AbortIncompleteMultipartUpload) removes the others.`));
}
const POST_RELEASE_MS = 1e4;
/** Gives back a lock that the step still holds, as one does that was killed. Throws what kept it from that. */
async function releaseLockLeft(state, request, ports) {
	const { host, store: openStore, clock } = ports;
	const trace = JSON.parse(state);
	const { source, destination: to, access, sourceAccess, ...rest } = await postRequest(request, host);
	const { transfer, reporting } = rest;
	const log = host.log(reporting.logLevel, reporting.logLines);
	const identities = new Identities(ports, log);
	const { destination } = await openSessions({
		source,
		destination: to,
		access,
		sourceAccess,
		transfer
	}, identities);
	const store = await storeAt(trace, destination, {
		transfer,
		openStore
	});
	if (await releaseLeft(trace.owner, {
		object: new LockObject(store, trace.lock, trace.headers),
		clock,
		heedsDeletes: trace.endpoint === void 0,
		withinMs: POST_RELEASE_MS
	}) === "released") log.line("info", `The lock ${lockUrl(trace.lock)} is released.`);
}
/** Gives the lock back that the step left. Never throws. */
async function releaseAny(ports) {
	const { host } = ports;
	const state = host.state("lock");
	const request = host.state(stateName("request", { at: 0 }));
	if (state === "" || request === "") return;
	await orAborted(host.cancelled, releaseLockLeft(state, request, ports)).catch((error) => host.annotate("warning", "The lock was not released", `The lock that the step held could not be released: ${reasonOf(error)}\nIt expires by itself, 30 seconds after its ttl.`));
}
/** After the job: says so when the step was killed, aborts the uploads that it left unfinished, and gives its lock back. Never throws. */
async function post(ports) {
	const { host } = ports;
	if (host.state("finished") === "") host.annotate("warning", "s3-direct-sync was killed", "The step was killed before it could write its report, so its result is unknown. Run again: copied objects stay, and the rest is planned again.");
	for (let at = 0;; at++) {
		const request = host.state(stateName("request", { at }));
		if (request === "") break;
		const state = host.state(stateName("uploads", { at }));
		if (state === "") continue;
		await abortLeft(request, state, ports).catch((error) => host.annotate("warning", "Unfinished multipart uploads were not checked", `The state that the step saved for its post step cannot be read: ${explain(error, "report").text}\nThe next run under the same role aborts the unfinished uploads of the objects it copies.`));
	}
	await releaseAny(ports);
}

export { post };