import { __name } from "./rolldown-runtime.js";
import { SyncError } from "./receiving.js";
import { toKeyBytes } from "./writing.js";
import { LineFile, NO_TALLY, addTally, count, extrasScope, narrowed, visibleJson } from "./action.js";
import { fetchExtrasList, readExtras } from "./approved.js";
import { addSample } from "./compare.js";

// src/plan/delete-after.ts
const EXTRA = "only-at-destination";
const LATER = "delete-later";
/** Whether an extra is the object that was noted: by content and time, so that one that was restored since waits anew. */
const isNoted = (op, { size, etag, lastModified }) => op.size === size && op.etag === etag && op.lastModified !== void 0 && Date.parse(op.lastModified) === Date.parse(lastModified);
/** What is noted of extras, in the order of their keys. */
var Notes = class {
	#entries;
	#next;
	#begun = false;
	constructor(entries) {
		this.#entries = entries;
	}
	/** What is noted of a key, once all before it were given to `passed`; undefined for the end of all keys. */
	async at(key, passed) {
		if (!this.#begun) await this.#step();
		this.#begun = true;
		while (this.#next && (key === void 0 || this.#next.key < key)) {
			await passed(this.#next);
			await this.#step();
		}
		if (this.#next?.key !== key) return void 0;
		const { extra } = this.#next ?? {};
		await this.#step();
		return extra;
	}
	async #step() {
		this.#next = (await this.#entries.next()).value;
	}
};
/** Tells extras that are deleted now from those that wait. */
var Judge = class {
	#deps;
	waiting = NO_TALLY;
	firstMs = Number.POSITIVE_INFINITY;
	lastMs = Number.NEGATIVE_INFINITY;
	isNews = false;
	constructor(deps) {
		this.#deps = deps;
	}
	/** Leaves in a part only what is deleted now. */
	async sift(part) {
		const { files } = this.#deps;
		const all = part.deletes;
		if (all.objects === 0) return;
		const due = new LineFile(files, `${all.path}.due`);
		delete part.samples[EXTRA];
		for await (const block of files.lineBlocks(all.path)) {
			for (const text of block) await this.#siftOne(JSON.parse(text), part, due);
			await due.flush();
			await part.waits.flush();
		}
		await due.close();
		await part.waits.close();
		part.deletes = due;
	}
	async #siftOne(op, part, due) {
		const { notes, prefix, nowMs, afterMs } = this.#deps;
		const { size, etag, lastModified = "" } = op;
		const key = op.unnameable ? void 0 : toKeyBytes(op.key.slice(prefix.length));
		if (key === void 0) return due.add(op, size);
		const noted = await notes.at(key, (entry) => this.#passed(entry));
		const known = noted && isNoted(op, noted) ? Date.parse(noted.since) : nowMs;
		const sinceMs = Math.min(nowMs, Math.max(known, Date.parse(lastModified)));
		const since = new Date(sinceMs).toISOString();
		const extra = {
			key: op.key.slice(prefix.length),
			size,
			etag,
			lastModified,
			since
		};
		await this.#keep(extra);
		const dueMs = sinceMs + afterMs;
		this.isNews ||= noted?.since !== since || dueMs <= nowMs;
		if (dueMs <= nowMs) {
			addSample(part.samples, EXTRA, {
				key: op.key,
				size
			});
			due.add(op, size);
			return;
		}
		const one = {
			objects: 1,
			bytes: size
		};
		this.waiting = addTally(this.waiting, one);
		this.firstMs = Math.min(this.firstMs, dueMs);
		this.lastMs = Math.max(this.lastMs, dueMs);
		count(part.reasons, EXTRA, {
			objects: -1,
			bytes: -size
		});
		count(part.reasons, LATER, one);
		addSample(part.samples, LATER, {
			key: op.key,
			size,
			due: new Date(dueMs).toISOString()
		});
		const wait = {
			key,
			waits: true
		};
		part.waits.add(wait, size);
	}
	/** What is noted and no extra any more is forgotten; of what lies beyond this run's filters another run may know. */
	async #passed({ key, extra }) {
		if (this.#deps.isSeen(key)) this.isNews = true;
		else await this.#keep(extra);
	}
	/** Takes what is noted behind the last extra. */
	async end() {
		await this.#deps.notes.at(void 0, (entry) => this.#passed(entry));
	}
	#keep(extra) {
		return this.#deps.writer.write(visibleJson(extra));
	}
};
/** Whether a run with these filters sees a key of the destination, which is relative to all of it. */
function seenBy({ destination, rules }) {
	const inScope = extrasScope(destination, rules);
	const start = toKeyBytes(narrowed(destination, rules).within);
	return (key) => key.startsWith(start) && inScope(key);
}
const NO_TIME = "The destination sends no Date header, so the time for delete-after is unknown.";
async function* nothing() {}
/**
* Leaves in the parts of a plan only the deletes of what was an extra for long enough, by the list that lies at the
* destination. An object that is not in it is an extra since now: whatever becomes of the list, nothing is deleted too
* early. undefined: extras do not wait. Throws SyncError where the list cannot be read.
*/
async function judgeExtras(request, parts, { files, clock, signal, extrasFolder }) {
	const { rules, destination, looks } = request;
	const { deleteAfterMs: afterMs } = rules;
	if (!rules.delete || afterMs === void 0 || extrasFolder === void 0) return void 0;
	const nowMs = destination.store.serverTimeMs();
	if (nowMs === void 0) throw new SyncError("list", NO_TIME, { hint: "Check the service or the proxy in front of it, or remove delete-after. Nothing was touched." });
	const listPath = files.join(extrasFolder, "list.ndjson");
	const reading = {
		files,
		clock,
		signal,
		timeoutMs: looks.requestTimeoutMs,
		retryCount: looks.retryCount
	};
	const { etag, flaw } = await fetchExtrasList(destination, listPath, reading);
	const isBelieved = etag !== void 0 && flaw === void 0;
	const path = files.join(extrasFolder, "extras.ndjson");
	const writer = await files.writer(path);
	const judge = new Judge({
		notes: new Notes(isBelieved ? readExtras(files, listPath) : nothing()),
		writer,
		files,
		prefix: destination.prefix,
		nowMs,
		afterMs,
		isSeen: seenBy(request)
	});
	try {
		for (const part of parts) await judge.sift(part);
		await judge.end();
	} finally {
		await writer.close();
	}
	const { waiting, firstMs, lastMs, isNews } = judge;
	const iso = (ms) => new Date(ms).toISOString();
	return {
		waiting,
		due: waiting.objects > 0 ? {
			first: iso(firstMs),
			last: iso(lastMs)
		} : void 0,
		path,
		listEtag: etag,
		flaw,
		isNews: isNews || flaw !== void 0
	};
}

export { judgeExtras };