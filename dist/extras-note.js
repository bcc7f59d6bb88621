import { __name } from "./rolldown-runtime.js";
import { serviceFailure } from "./receiving.js";
import { OWN_KEYS, inKeyOrder, optionHeaders, s3Url } from "./action.js";
import { toKeyBytes } from "./writing.js";
import { fetchExtrasList, mergedExtras, readExtras, withoutExtras, writeExtrasList } from "./approved.js";
import { readDeletes } from "./compare.js";
import { ifUnchanged, putOwnFile } from "./shared.js";

// src/transfer/delete/extras-note.ts
/** Several runs may write at once: each sees what the other wrote, and adds to it. */
const MOST_WRITES = 4;
const isTaken = (error) => ["PreconditionFailed", "ConditionalRequestConflict"].includes(serviceFailure(error).code);
/**
* Keeps at the destination since when its extras are extra. What is deleted leaves the list before that, so that a run
* that ends in between forgets how long something waited, and never deletes anything for it.
*/
var ExtrasNote = class {
	#deps;
	#path;
	#etag;
	constructor(deps) {
		this.#deps = deps;
		this.#path = deps.files.join(deps.folder, "noted.ndjson");
		this.#etag = deps.extras.listEtag;
	}
	/** Notes the extras that stay behind the deletes of the plan. Gives why nothing may be deleted; undefined: it may. */
	async begin() {
		const { plan, files, destination, context } = this.#deps;
		const deletes = plan.trailer.deletes.objects > 0;
		try {
			const staying = deletes ? withoutExtras(this.#all(), this.#deletes()) : this.#all();
			await writeExtrasList(files, this.#path, destination, staying);
			const isAlone = await this.#write();
			const url = s3Url(destination.bucket, destination.prefix + OWN_KEYS.extras);
			context.log.line("info", `The list of objects to delete later is at ${url}.`);
			return isAlone || !deletes ? void 0 : stopped("another run wrote it at the same time");
		} catch (error) {
			const { code, message } = serviceFailure(error);
			return stopped(`${code}: ${message}`);
		}
	}
	/** Notes again what could not be deleted, by the rows of the run; else it would wait anew. */
	async end(resultsPath) {
		const { files, folder, destination, context } = this.#deps;
		try {
			const gone = await inKeyOrder(this.#gone(resultsPath), {
				files,
				folder: files.join(folder, "gone")
			});
			await writeExtrasList(files, this.#path, destination, withoutExtras(this.#all(), gone));
			await this.#write();
		} catch (error) {
			const { code, message } = serviceFailure(error);
			const why = `${code}: ${message}`;
			context.log.line("warn", `The waiting time starts again for objects that could not be deleted, because the list of delete-after could not be updated: ${why}`);
		}
	}
	#all() {
		const { extras, files } = this.#deps;
		return readExtras(files, extras.path);
	}
	async *#deletes() {
		const { plan, files, destination } = this.#deps;
		for await (const { key } of readDeletes(files, plan)) yield { key: toKeyBytes(key.slice(destination.prefix.length)) };
		return void 0;
	}
	async *#gone(resultsPath) {
		const { files, destination } = this.#deps;
		for await (const line of files.lines(resultsPath)) {
			const { op, key, status } = JSON.parse(line);
			if (op === "delete" && status === "done") yield { key: toKeyBytes(key.slice(destination.prefix.length)) };
		}
		return void 0;
	}
	/** Writes the list in place of the one that is known. Gives whether no other run wrote one meanwhile. */
	async #write() {
		for (let tried = 1;; tried++) try {
			this.#etag = await this.#put();
			return tried === 1;
		} catch (error) {
			if (!isTaken(error) || tried === MOST_WRITES) throw error;
			if (await this.#mergeTheirs()) return tried === 1;
		}
	}
	/** Adds what another run wrote to what is to be written. Gives whether that is this run's own already. */
	async #mergeTheirs() {
		const { files, folder, destination, transfer, context } = this.#deps;
		const theirs = files.join(folder, "theirs.ndjson");
		const found = await fetchExtrasList(destination, theirs, {
			files,
			clock: context.clock,
			signal: context.signal,
			timeoutMs: transfer.requestTimeoutMs,
			retryCount: transfer.retryCount
		});
		this.#etag = found.etag;
		const isRead = found.etag !== void 0 && found.flaw === void 0;
		if (isRead && await files.sha256(theirs) === await files.sha256(this.#path)) return true;
		const ours = this.#all();
		const all = isRead ? mergedExtras(ours, readExtras(files, theirs)) : ours;
		await writeExtrasList(files, this.#path, destination, all);
		return false;
	}
	async #put() {
		const { destination, transfer, openFolder, folder, context } = this.#deps;
		const { store, bucket, prefix } = destination;
		const { sse, sseKmsKeyId, acl } = transfer.write;
		const { requestTimeoutMs, retryCount } = transfer;
		const { clock, signal } = context;
		const headers = {
			...optionHeaders({
				storageClass: void 0,
				sse,
				sseKmsKeyId,
				acl: acl === "bucket-owner-full-control" ? acl : void 0
			}),
			"content-type": "application/x-ndjson",
			"cache-control": "no-store"
		};
		const only = ifUnchanged(this.#etag);
		const to = {
			bucket,
			key: prefix + OWN_KEYS.extras
		};
		const file = await openFolder(folder).open(toKeyBytes("noted.ndjson"));
		try {
			return await putOwnFile(file, {
				to,
				only,
				headers
			}, {
				store,
				clock,
				retryCount,
				requestTimeoutMs,
				signal
			});
		} finally {
			await file.close();
		}
	}
};
const stopped = (why) => ({
	status: "failed",
	code: "ExtrasNotNoted",
	message: `The list of objects to delete later (delete-after) could not be written at the destination: ${why}`
});

export { ExtrasNote };