import { __name } from "./rolldown-runtime.js";
import { adviceOf, denialIn, humanSeconds, isUsualLock, lockUrl, openBucket, optionHeaders, orAborted, serviceSideOf, spareMs } from "./action.js";
import { LockObject, MOST_EPOCH, NOBODYS, meaningOf, randomId, releaseLock, releaseUnproven } from "./shared.js";
import { SyncError, remedyFor, serviceFailure, spokenRemedy } from "./receiving.js";

// src/lock/lease.ts
/** Now, by both clocks. */
const momentOf = (clock) => ({
	wallMs: clock.now(),
	steadyMs: clock.steadyMs()
});
/**
* How old the last sign of life is that a lock shows: by three clocks, of which the one counts that says most. Both of
* this machine may stand still while it is paused, so the service's own goes with them.
*/
var Lease = class {
	#clock;
	#ttlMs;
	/** Before the write was sent that the service has: it cannot have it for longer. */
	#since;
	/** The age by the service's clock, and when it was told. */
	#served;
	constructor(ttlMs, since, clock) {
		this.#ttlMs = ttlMs;
		this.#since = since;
		this.#clock = clock;
	}
	get ttlMs() {
		return this.#ttlMs;
	}
	/** The service has a write that was sent behind this moment. */
	renew(since) {
		this.#since = since;
		this.#served = void 0;
	}
	/** The service says how old the write is; undefined: it does not. */
	saw(served) {
		this.#served = served ?? this.#served;
	}
	/** Milliseconds. */
	get ageMs() {
		const served = this.#served;
		return Math.max(this.#passedMs(this.#since), served ? served.ageMs + this.#passedMs(served.told) : 0);
	}
	/** By the clock of this machine that says more. */
	#passedMs(since) {
		const { wallMs, steadyMs } = momentOf(this.#clock);
		return Math.max(steadyMs - since.steadyMs, wallMs - since.wallMs);
	}
	/** Nobody else can have the lock before this is true. */
	get isOver() {
		return this.ageMs >= this.#ttlMs;
	}
};

// src/lock/claims.ts
/** The writes of a run: by them it knows its own lock, also where the answer was lost. */
var Claims = class {
	#claimant;
	#clock;
	#sent = /* @__PURE__ */ new Map();
	#standing;
	constructor(claimant, clock) {
		this.#claimant = claimant;
		this.#clock = clock;
	}
	get owner() {
		return this.#claimant.owner;
	}
	/** Whether anything was written, as far as is known. */
	get areAny() {
		return this.#sent.size > 0;
	}
	/** The last write that was answered as done, which may stand there still; undefined: none was. */
	get standing() {
		return this.#standing;
	}
	/** A write was answered with this ETag. */
	stands(holding) {
		this.#standing = holding;
	}
	/** What is written next: from now on it may stand there. */
	next(epoch) {
		const write = randomId();
		this.#sent.set(write, momentOf(this.#clock));
		const { owner, ttlSeconds, runUrl } = this.#claimant;
		return {
			owner,
			write,
			epoch,
			ttlSeconds,
			runUrl,
			isReleased: false
		};
	}
	/** Before a write was sent; undefined where it is none of this run's. */
	sentAt({ owner, write }) {
		return owner === this.#claimant.owner ? this.#sent.get(write) : void 0;
	}
};

// src/lock/stale.ts
/** How far the times of a service's machines may be apart, and what is begun in the last moment may be late. */
const MARGIN_MS = 3e4;
/** How long the holder of a lock lets pass without a sign of life; what cannot be read says it for itself, as `ownTtlMs`. */
const ttlOf = ({ body }, ownTtlMs) => body ? body.ttlSeconds * 1e3 : ownTtlMs;
/** What was looked at again and again. */
var Watched = class {
	#ownTtlMs;
	#look;
	/** When the lock was first seen as it is, by this machine's steady clock, and when last. */
	#sinceMs = 0;
	#last = {
		wallMs: 0,
		steadyMs: 0
	};
	constructor(ownTtlMs) {
		this.#ownTtlMs = ownTtlMs;
	}
	get look() {
		return this.#look;
	}
	/** Since when the lock was seen as it is, by this machine's steady clock. */
	get sinceMs() {
		return this.#sinceMs;
	}
	saw(look, at) {
		if (!(typeof look === "object" && typeof this.#look === "object" && look.etag === this.#look.etag && look.etag !== "")) this.#sinceMs = at.steadyMs;
		this.#look = look;
		this.#last = at;
	}
	/** How old the lock is by the last look; undefined: the service does not tell. */
	get served() {
		const look = this.#look;
		return typeof look === "object" && look.ageMs !== void 0 ? {
			ageMs: look.ageMs,
			told: this.#last
		} : void 0;
	}
	/** Whether the lock has run out by the service's own clock. */
	get isStale() {
		const look = this.#look;
		return typeof look === "object" && look.ageMs !== void 0 && look.ageMs > ttlOf(look, this.#ownTtlMs) + 3e4;
	}
	/** Whether it has run out, and was seen unchanged for so long that no renewal can be on its way. */
	isDead(steadyMs) {
		const look = this.#look;
		if (!this.isStale || typeof look !== "object") return false;
		return steadyMs - this.#sinceMs >= ttlOf(look, this.#ownTtlMs) / 4;
	}
};

// src/lock/words.ts
const ENCRYPTED = ", and kms:Decrypt and kms:GenerateDataKey on its key if the bucket uses SSE-KMS";
const seconds = (ms) => humanSeconds(Math.max(0, Math.round(ms / 1e3)));
/** Who holds a lock, and until when at the least, as a person reads it. */
function holderOf({ body, ageMs }, ttlMs) {
	const who = !body ? "an object that is not a lock of this action" : body.runUrl === "" ? `the run ${body.owner}` : `the run ${body.runUrl} (owner ${body.owner})`;
	if (ageMs === void 0) return `${who}; the service does not tell when it was last renewed`;
	const leftMs = ttlMs + MARGIN_MS - ageMs;
	const until = leftMs > 0 ? `it expires in ${seconds(leftMs)} unless it is renewed again` : "it has expired";
	return `${who}; last renewed ${seconds(ageMs)} ago, ${until}`;
}
/** The lock was held until the wait was over; `expires`: whether that of a run that was killed does by itself. */
const heldError = (lock, holder, expires) => new SyncError("lock", `The lock ${lockUrl(lock)} is held by ${holder}.`, {
	title: "Another run holds the lock",
	hint: `This run waited ${seconds(lock.waitMs)}, and nothing was touched. Run again when the other run has finished, or set a longer wait (lock: …,wait=30m). ${expires ? "If the other run was killed, its lock expires by itself; if you are sure of that, you can also delete the lock object." : "Without that time its lock never expires: if you are sure that the other run was killed, delete the lock object."}`
});
/** The lock was held until the run had to end. */
const endedError = (lock, waitedMs, holder) => new SyncError("lock", `The lock ${lockUrl(lock)} is held by ${holder}.`, {
	title: "The run reached max-duration while another run held the lock",
	hint: `This run waited ${seconds(waitedMs)}, and nothing was touched. Run again when the other run has finished, or raise max-duration.`
});
/** Something else has the key of the lock, which is not to be overwritten. */
const foreignError = (lock) => new SyncError("lock", `${lockUrl(lock)} is an object that is not a lock of this action.`, {
	title: "The key of the lock belongs to another object",
	hint: "It was not overwritten. Set another key for lock; if the object is not needed, delete it. Nothing was touched."
});
/** What to do where the service does not let a lock be taken. */
function hintOf(lock, failure) {
	const { code, message } = failure;
	const denial = denialIn(message);
	if (denial) return adviceOf(denial);
	const spoken = spokenRemedy(failure);
	if (spoken !== void 0) return spoken;
	if (code === "AccessDenied") return `Allow s3:PutObject, s3:GetObject and s3:DeleteObject on ${lockUrl(lock)} to the identity that writes the destination${ENCRYPTED}.`;
	return remedyFor(failure) ?? "Check endpoint-url and the name of the lock.";
}
/** Nobody could tell whether the lock was taken; what says itself what is to be done stays as it is. */
function untakenError(lock, error) {
	if (error instanceof SyncError) return error;
	const failure = serviceFailure(error);
	const { code, message } = failure;
	const what = `The lock ${lockUrl(lock)} could not be taken: ${code}: ${message}`;
	return new SyncError("lock", what, {
		title: `The lock could not be taken: ${code}`,
		hint: `${hintOf(lock, failure)} Nothing was touched.`,
		cause: error
	});
}
/** Who may not read cannot see who holds the lock. */
const hiddenError = (lock) => new SyncError("lock", `The lock ${lockUrl(lock)} exists, but this run is not allowed to read it.`, {
	title: "The lock cannot be read: permission denied",
	hint: `Allow s3:GetObject on ${lockUrl(lock)} to the identity that writes the destination${ENCRYPTED}. Nothing was touched.`
});
/** A lock of a service that ignores conditions holds nobody back. */
const voidError = (lock, what) => new SyncError("lock", `A lock at ${lockUrl(lock)} would not work: ${what}.`, {
	title: "The service does not support conditional writes, so a lock would not work",
	hint: "Remove lock, and use the workflow's concurrency instead. A lock needs If-None-Match and If-Match on writes, which S3 supports. Nothing was touched."
});
/** The lock is another's by now, or may be. */
function lostError(lock, loss) {
	const again = "Finished operations are kept: run again, and the rest is planned again.";
	const url = lockUrl(lock);
	if (loss === "gone") return new SyncError("lock", `Somebody deleted the lock ${url} during the run, so no further operation was started.`, {
		title: "The lock was deleted during the run",
		hint: again
	});
	if ("to" in loss) return new SyncError("lock", `The lock ${url} is now held by ${loss.to}, so no further operation was started.`, {
		title: "The lock was lost to another run",
		hint: `This runner was paused for longer than the ttl of its lock. ${again} A longer ttl (lock: …,ttl=15m) allows longer pauses.`
	});
	return new SyncError("lock", `The lock ${url} could not be renewed for ${seconds(loss.unheardMs)}, so no further operation was started: ${loss.why}`, {
		title: "The lock could not be renewed",
		hint: `Check the network to the service. ${again} A longer ttl (lock: …,ttl=15m) allows longer outages.`
	});
}

// src/lock/held.ts
/** How often the clocks are looked at. */
const TICK_MS = 500;
/** How often the service is asked, between renewals, whether the lock is this run's: a paused machine learns by nothing else that it was. */
const LOOK_EVERY_MS = 1500;
const LOOK_TIMEOUT_MS = 1500;
const RENEW_TIMEOUT_MS = 1e4;
/** For the last attempts, when half of the lease is over. */
const LAST_MS = 2e3;
const PAUSE_MS = 250;
const RENEW_PAUSE_MS = 1e3;
/** A lock while it is held: renewed, and looked after. */
var HeldLock = class {
	#deps;
	#taken;
	#lease;
	#lost = new AbortController();
	#over = new AbortController();
	#etag;
	#look;
	#lostAtMs = 0;
	/** It was lost as nobody answered. */
	#mayBeMine = false;
	/** A renewal, and a look, that are under way. */
	#renewing;
	#looking;
	/** The last attempts to renew it, while they are made. */
	#rescue;
	/** When a renewal, and a look, ended last. */
	#renewedMs;
	#lookedMs;
	#failure = "the service did not respond";
	/** Begins to look after a lock that was taken. */
	constructor(taken, deps) {
		const { lock, clock } = deps;
		this.#deps = deps;
		this.#taken = taken;
		this.#etag = taken.etag;
		this.#look = {
			etag: taken.etag,
			body: taken.body,
			ageMs: void 0
		};
		this.#lease = new Lease(lock.ttlMs, taken.since, clock);
		this.#lease.saw(taken.served);
		this.#renewedMs = clock.steadyMs();
		this.#lookedMs = this.#renewedMs;
		this.#watch();
	}
	/** Aborted when the lock is lost; the reason is a SyncError of kind `lock`. */
	get lost() {
		return this.#lost.signal;
	}
	/** Milliseconds since the loss; 0 while there is none. */
	lostForMs() {
		return this.#lost.signal.aborted ? this.#deps.clock.steadyMs() - this.#lostAtMs : 0;
	}
	/** Whether the run may write: undefined: it may; else resolves when it may again. Throws, or rejects with, why it may not any more. */
	allow() {
		this.#lost.signal.throwIfAborted();
		return this.#lease.isOver ? this.#recover() : void 0;
	}
	/** Releases it, within so many milliseconds, and tells what became of it. */
	async release(withinMs) {
		const { object, claims, clock, heedsDeletes } = this.#deps;
		this.#over.abort();
		this.#callOff();
		await this.#rescue?.catch(() => {});
		const isLost = this.#lost.signal.aborted;
		if (isLost && !this.#mayBeMine) return "lost";
		const holding = {
			etag: this.#etag,
			body: claims.next(this.#taken.epoch)
		};
		const { end } = await releaseLock(holding, {
			object,
			clock,
			heedsDeletes,
			withinMs
		});
		return isLost ? "lost" : end;
	}
	async #watch() {
		const { clock } = this.#deps;
		const over = AbortSignal.any([this.#over.signal, this.#lost.signal]);
		while (!over.aborted) {
			this.#tick();
			await clock.sleep(TICK_MS, over);
		}
	}
	#tick() {
		const { clock, lock } = this.#deps;
		const { ageMs } = this.#lease;
		const nowMs = clock.steadyMs();
		if (ageMs >= lock.ttlMs / 2) this.#recover().catch(() => {});
		else if (!this.#rescue) {
			if (ageMs >= lock.ttlMs / 4 && nowMs - this.#renewedMs >= RENEW_PAUSE_MS && !this.#renewing) this.#beginRenewal();
			if (!this.#looking && nowMs - this.#lookedMs >= LOOK_EVERY_MS) this.#beginLook();
		}
	}
	#beginRenewal() {
		const renewing = new AbortController();
		this.#renewing = renewing;
		this.#renew(RENEW_TIMEOUT_MS, renewing.signal).finally(() => {
			this.#renewedMs = this.#deps.clock.steadyMs();
			this.#renewing = void 0;
		});
	}
	#beginLook() {
		const looking = new AbortController();
		this.#looking = looking;
		this.#see(LOOK_TIMEOUT_MS, looking.signal).then((isSeen) => {
			if (isSeen) this.#lookedMs = this.#deps.clock.steadyMs();
			this.#looking = void 0;
		});
	}
	#callOff() {
		this.#renewing?.abort();
		this.#looking?.abort();
	}
	/** Renews it, or gives it up: once for all who ask. */
	#recover() {
		this.#rescue ??= this.#tryLast().finally(() => {
			this.#rescue = void 0;
		});
		return this.#rescue;
	}
	async #tryLast() {
		const { clock, lock } = this.#deps;
		this.#callOff();
		const restMs = lock.ttlMs - this.#lease.ageMs;
		const lastMs = restMs > 0 ? Math.min(LAST_MS, restMs) : LAST_MS;
		const attempts = new AbortController();
		const isOver = AbortSignal.any([this.#over.signal, attempts.signal]);
		clock.sleep(lastMs, isOver).then(() => attempts.abort());
		const endMs = clock.steadyMs() + lastMs;
		while (!isOver.aborted) {
			await this.#renew(Math.max(1, endMs - clock.steadyMs()), isOver);
			if (this.#lease.ageMs < lock.ttlMs / 2) break;
			if (this.#lost.signal.aborted) break;
			await clock.sleep(PAUSE_MS, isOver);
		}
		attempts.abort();
		this.#lost.signal.throwIfAborted();
		const { ageMs } = this.#lease;
		if (ageMs < lock.ttlMs / 2 || this.#over.signal.aborted) return;
		this.#lose({
			unheardMs: ageMs,
			why: this.#failure
		});
		this.#lost.signal.throwIfAborted();
	}
	/** Renews it, or learns whose it is. */
	async #renew(timeoutMs, signal) {
		const { object, claims, clock } = this.#deps;
		const endMs = clock.steadyMs() + timeoutMs;
		const body = claims.next(this.#taken.epoch);
		const since = claims.sentAt(body);
		try {
			const etag = await object.put(body, { etag: this.#etag }, {
				timeoutMs,
				signal
			});
			if (etag !== "" && since) {
				this.#look = {
					etag,
					body,
					ageMs: void 0
				};
				this.#adopt(etag, since);
				return;
			}
		} catch (error) {
			if (signal.aborted) return;
			this.#failed(error);
		}
		await this.#see(Math.max(1, endMs - clock.steadyMs()), signal);
	}
	/** Looks whose the lock is; gives whether that was to be seen. */
	async #see(timeoutMs, signal) {
		const { object } = this.#deps;
		const before = this.#etag;
		try {
			const look = await object.look({
				timeoutMs,
				signal
			}, this.#look);
			const isOutdated = this.#etag !== before && typeof look === "object" && look.etag === before;
			if (!signal.aborted && !isOutdated) this.#heed(look);
			return !isOutdated;
		} catch (error) {
			if (!signal.aborted) this.#failed(error);
			return false;
		}
	}
	#heed(look) {
		const { lock, claims } = this.#deps;
		if (look === "hidden") return;
		this.#look = look;
		if (look === "absent") {
			this.#lose("gone");
			return;
		}
		const since = look.body && claims.sentAt(look.body);
		if (!since) {
			this.#lose({ to: holderOf(look, ttlOf(look, lock.ttlMs)) });
			return;
		}
		if (look.etag !== this.#etag) this.#adopt(look.etag, since);
		if (look.ageMs !== void 0) this.#lease.saw({
			ageMs: look.ageMs,
			told: momentOf(this.#deps.clock)
		});
		if (this.#lease.ageMs >= lock.ttlMs / 2) this.#recover().catch(() => {});
	}
	#adopt(etag, since) {
		this.#etag = etag;
		this.#lease.renew(since);
	}
	#failed(error) {
		const { code, message } = serviceFailure(error);
		this.#failure = `${code}: ${message}`;
	}
	#lose(loss) {
		if (this.#lost.signal.aborted) return;
		this.#lostAtMs = this.#deps.clock.steadyMs();
		this.#mayBeMine = typeof loss === "object" && "unheardMs" in loss;
		this.#callOff();
		this.#lost.abort(lostError(this.#deps.lock, loss));
	}
};

// src/lock/take.ts
const LEAST_POLL_MS = 1e3;
const MOST_POLL_MS = 5e3;
/** A look that shows nothing may be followed by another attempt at once so often. */
const QUICK_TRIES = 3;
const PROBES = 5;
/** By so many locks beside one of this run the service is not heeding conditions: one or two may have followed one that had run out. */
const SECONDS = 3;
const TELL_EVERY_MS = 6e4;
const FREE = {
	only: "absent",
	epoch: 1,
	isTakenOver: false
};
/** Waits for a lock, takes it, and proves that it holds others back. */
var Taking = class {
	#deps;
	#ended;
	#watched;
	#beganMs;
	#toldMs = Number.NEGATIVE_INFINITY;
	/** Why the last write, and the last look, failed, where that was no other's lock. */
	#failure = {};
	/** Locks that the service took while one of this run was thought to stand. */
	#seconds = 0;
	/** What was written beside a lock, and over another ETag, to no effect as it seems: what is late may come behind the next proof. */
	#beside = /* @__PURE__ */ new Set();
	#over = /* @__PURE__ */ new Set();
	constructor(deps) {
		this.#deps = deps;
		this.#ended = AbortSignal.any([deps.signal, deps.deadline]);
		this.#watched = new Watched(deps.lock.ttlMs);
		this.#beganMs = deps.clock.steadyMs();
	}
	async run() {
		const { clock, lock } = this.#deps;
		let lastMs;
		for (let quick = 0;;) {
			const claim = this.#claim();
			const mine = (claim && await this.#write(claim)) ?? await this.#look();
			this.#mustBeLock();
			if (mine) {
				const waitedMs = clock.steadyMs() - this.#beganMs;
				const proven = await this.#prove(mine);
				if (proven) {
					const { served } = this.#watched;
					return {
						...proven,
						served,
						waitedMs,
						isTakenOver: claim?.isTakenOver ?? false
					};
				}
			}
			if (this.#claim() && ++quick < QUICK_TRIES) continue;
			if (quick === QUICK_TRIES && this.#isHidden) throw hiddenError(lock);
			quick = 0;
			const leftMs = lock.waitMs - (clock.steadyMs() - this.#beganMs);
			if (leftMs <= 0) {
				const { isStale, sinceMs } = this.#watched;
				lastMs ??= sinceMs;
				if (!isStale || sinceMs !== lastMs) throw this.#untaken();
			}
			this.#tell();
			const pollMs = Math.min(MOST_POLL_MS, Math.max(LEAST_POLL_MS, lock.waitMs / 10));
			await clock.sleep(leftMs > 0 ? Math.min(pollMs, leftMs) : pollMs, this.#ended);
			this.#heed();
		}
	}
	/** What may be written by what was seen; undefined: somebody else holds the lock. */
	#claim() {
		const { look } = this.#watched;
		if (typeof look !== "object") return FREE;
		const { body, etag } = look;
		if (etag === "") return void 0;
		const epoch = Math.min((body?.epoch ?? 0) + 1, MOST_EPOCH);
		if (body?.isReleased) return {
			only: { etag },
			epoch,
			isTakenOver: false
		};
		return this.#watched.isDead(this.#deps.clock.steadyMs()) ? {
			only: { etag },
			epoch,
			isTakenOver: true
		} : void 0;
	}
	/** Writes a claim; undefined where that was not answered as if it were done. */
	async #write({ only, epoch }) {
		const { object, claims, lock } = this.#deps;
		const body = claims.next(epoch);
		try {
			const etag = await object.put(body, only, this.#limit());
			this.#failure.write = void 0;
			if (etag === "") return void 0;
			claims.stands({
				etag,
				body
			});
			return this.#mine(etag, body);
		} catch (error) {
			this.#heed();
			const meaning = meaningOf(error);
			if (meaning === "puzzled") throw voidError(lock, unknown(error));
			if (meaning === "refused") throw untakenError(lock, error);
			const isUnknown = meaning === "unclear" || serviceFailure(error).status === 409;
			this.#failure.write = isUnknown ? error : void 0;
			return;
		}
	}
	/** Looks who has the lock; it may be this run, whose answer was lost. */
	async #look() {
		const { object, clock } = this.#deps;
		let look;
		try {
			look = await object.look(this.#limit(), this.#watched.look);
		} catch (error) {
			this.#heed();
			this.#failure.look = error;
			return;
		}
		this.#failure.look = void 0;
		this.#watched.saw(look, momentOf(clock));
		return typeof look === "object" && look.body ? this.#mine(look.etag, look.body) : void 0;
	}
	/** Throws where what has the key is no lock: under a name of somebody's choice it may be anything, and is not overwritten. */
	#mustBeLock() {
		const { lock } = this.#deps;
		const { look } = this.#watched;
		if (typeof look === "object" && !look.body && !isUsualLock(lock.key)) throw foreignError(lock);
	}
	#mine(etag, body) {
		const since = this.#deps.claims.sentAt(body);
		if (!since) return void 0;
		if (etag === "") throw voidError(this.#deps.lock, "the service does not tell its ETag");
		return {
			etag,
			epoch: body.epoch,
			body,
			since
		};
	}
	/**
	* Sees that the service refuses what must not be: a second lock beside this one, and a write over another ETag. Gives
	* the lock as it is then; undefined where it is another's by now. Throws where the service takes either, or does not say.
	*/
	async #prove({ etag, epoch }) {
		const { lock } = this.#deps;
		const isTaken = await this.#probe(epoch, "absent", this.#beside);
		if (!isTaken && await this.#probe(epoch, { etag: NOBODYS }, this.#over)) throw voidError(lock, "the service ignores If-Match");
		const mine = await this.#lookForCertain();
		const { look } = this.#watched;
		const standing = mine && typeof look === "object" ? look.body?.write : void 0;
		if (standing !== void 0 && this.#over.has(standing)) throw voidError(lock, "the service overwrites a lock although a condition forbids it");
		const isSecond = standing !== void 0 && this.#beside.delete(standing);
		const isOfBefore = !isTaken && !isSecond;
		if (isOfBefore && mine?.etag === etag) return mine;
		if (!isOfBefore && ++this.#seconds === SECONDS) throw voidError(lock, "the service ignores If-None-Match");
		return mine && this.#prove(mine);
	}
	/** Writes what must be refused, and notes it; gives whether it was taken. */
	async #probe(epoch, only, written) {
		const { object, claims, lock } = this.#deps;
		for (let left = PROBES;; left--) {
			const body = claims.next(epoch);
			written.add(body.write);
			const end = await object.put(body, only, this.#limit()).then(() => void 0, (error) => ({ error }));
			if (!end) return true;
			this.#heed();
			const meaning = meaningOf(end.error);
			const { status } = serviceFailure(end.error);
			if (meaning === "unmet" && status !== 409) return false;
			if (meaning === "puzzled") throw voidError(lock, unknown(end.error));
			if (meaning === "refused" || left === 1) throw untakenError(lock, end.error);
			await this.#pause(left);
		}
	}
	/** Looks until that is answered, or asked often enough to throw why it is not. */
	async #lookForCertain() {
		for (let left = PROBES;; left--) {
			const mine = await this.#look();
			if (this.#failure.look === void 0) return mine;
			if (left === 1) throw untakenError(this.#deps.lock, this.#failure.look);
			await this.#pause(left);
		}
	}
	#pause(left) {
		const { clock } = this.#deps;
		return clock.sleep(clock.random() * 200 * 2 ** (PROBES - left), this.#ended);
	}
	#limit() {
		return {
			timeoutMs: this.#deps.timeoutMs,
			signal: this.#ended
		};
	}
	/** Throws where the run is to end: that is no failure of the service. */
	#heed() {
		const { signal, deadline, lock, clock } = this.#deps;
		signal.throwIfAborted();
		if (!deadline.aborted) return;
		const { look } = this.#watched;
		if (typeof look !== "object") throw deadline.reason;
		throw endedError(lock, clock.steadyMs() - this.#beganMs, this.#holder(look));
	}
	/** Whether the last write was refused as there is a lock, which this run may not read. */
	get #isHidden() {
		return this.#watched.look === "hidden" && this.#failure.write === void 0;
	}
	/** Why the lock was not had. */
	#untaken() {
		const { lock } = this.#deps;
		const { look } = this.#watched;
		const failure = this.#failure.look ?? this.#failure.write;
		if (failure !== void 0) return untakenError(lock, failure);
		if (look === "absent") return voidError(lock, "the service refuses If-None-Match although there is no lock");
		if (typeof look !== "object") return heldError(lock, "another run", true);
		return heldError(lock, this.#holder(look), look.ageMs !== void 0);
	}
	#holder = (look) => holderOf(look, ttlOf(look, this.#deps.lock.ttlMs));
	#tell() {
		const { clock, log } = this.#deps;
		const { look } = this.#watched;
		const nowMs = clock.steadyMs();
		if (nowMs - this.#toldMs < TELL_EVERY_MS) return;
		this.#toldMs = nowMs;
		const failure = this.#failure.look ?? this.#failure.write;
		const why = failure !== void 0 ? `the service does not respond: ${serviceFailure(failure).message}` : typeof look === "object" ? `held by ${this.#holder(look)}` : "held";
		log.line("info", `Waiting for the lock: ${why}.`);
	}
};
const unknown = (error) => {
	const { code, message } = serviceFailure(error);
	return `the service does not support conditional writes (${code}: ${message})`;
};
/**
* Waits for a lock and takes it. Throws SyncError of kind `lock` where another run holds it until the wait is over, where
* the service does not heed conditions, and where it cannot be taken; the reason of the signal where that ends it.
*/
const takeLock = (deps) => new Taking(deps).run();

// src/run/step-lock.ts
/** Of one request, unless the inputs allow less. */
const TIMEOUT_MS = 1e4;
const RELEASE_MS = 1e4;
/** The page of this run; '' where the runner tells none. */
function runUrlOf({ env }) {
	const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = env;
	return server && repository && id ? `${server}/${repository}/actions/runs/${id}` : "";
}
/** A write that is begun only while it may be. */
const guarded = (allow, write) => async (...args) => {
	const turn = allow();
	if (turn) await turn;
	return write(...args);
};
function guardedObjects(objects, allow) {
	return {
		...objects,
		copy: guarded(allow, objects.copy),
		put: guarded(allow, objects.put),
		startUpload: guarded(allow, objects.startUpload),
		copyPart: guarded(allow, objects.copyPart),
		putPart: guarded(allow, objects.putPart),
		completeUpload: guarded(allow, objects.completeUpload)
	};
}
const guardedStore = (store, allow) => ({
	...store,
	objects: guardedObjects(store.objects, allow),
	deleteObjects: guarded(allow, store.deleteObjects)
});
function guardedFile(file, allow) {
	return {
		handle: file.handle,
		write: (bytes, at) => file.write(bytes, at),
		read: (into, at) => file.read(into, at),
		flush: () => file.flush(),
		keep: guarded(allow, (meet) => file.keep(meet)),
		discard: () => file.discard()
	};
}
/** Files are written beside their names as ever: what counts is when they get them. */
const guardedFolder = (folder, allow) => ({
	create: (key, temporary) => guardedFile(folder.create(key, temporary), allow),
	put: guarded(allow, (file) => folder.put(file)),
	remove: (key, meet) => {
		const turn = allow();
		turn?.catch(() => {});
		if (turn) throw new Error("the lock was not renewed in time");
		folder.remove(key, meet);
	},
	removeEmpty: (key) => folder.removeEmpty(key),
	close: () => folder.close()
});
/** The lock of a step: taken once for all of its transfers, and the end of them where it is lost. */
var StepLock = class {
	#lock;
	#ports;
	#log;
	#ended = new AbortController();
	#taking;
	#held;
	#facts;
	constructor(lock, ports, log) {
		this.#lock = lock;
		this.#ports = ports;
		this.#log = log;
	}
	/** The same doors for those who work under the lock: a loss is as a cancel, and nothing is written without it. */
	get ports() {
		const { host } = this.#ports;
		const allow = () => this.#held?.allow();
		return {
			...this.#ports,
			host: {
				...host,
				cancelled: AbortSignal.any([host.cancelled, this.#ended.signal]),
				cancelledForMs: () => Math.max(host.cancelledForMs(), this.#held?.lostForMs() ?? 0)
			},
			store: async (address) => guardedStore(await this.#ports.store(address), allow),
			writableFolder: (path) => guardedFolder(this.#ports.writableFolder(path), allow)
		};
	}
	/** Waits for the lock and takes it, as who writes the destination; once for all who ask. Throws SyncError, also when the deadline is over. */
	take(request, session, deadline) {
		this.#taking ??= this.#take(request, session, deadline);
		return this.#taking;
	}
	/** Gives the lock back, and tells what became of it; undefined where it was never had. */
	async release() {
		if (!this.#held || !this.#facts) return void 0;
		const end = await this.#inTime(this.#held.release(RELEASE_MS)) ?? "left";
		if (end === "released") this.#ports.host.saveState("lock", "");
		if (end === "left") this.#log.line("warn", `The lock ${this.#facts.url} is not released yet.`);
		return {
			...this.#facts,
			end
		};
	}
	/** What gives the lock back; undefined where it takes too long. What a cancel leaves no time for, the post step repeats. */
	async #inTime(releasing) {
		const { host, clock } = this.#ports;
		const over = new AbortController();
		const late = async () => {
			await clock.sleep(RELEASE_MS, AbortSignal.any([host.cancelled, over.signal]));
			if (host.cancelled.aborted) await clock.sleep(spareMs(host.cancelledForMs()), over.signal);
		};
		const end = await Promise.race([releasing, late()]);
		over.abort();
		return end;
	}
	async #take(request, session, deadline) {
		const { clock, host } = this.#ports;
		const lock = this.#lock;
		const log = this.#log;
		const end = log.group();
		const opened = await orAborted(deadline, this.#open(request, session));
		const { object, claims, heedsDeletes } = opened;
		const timeoutMs = Math.min(TIMEOUT_MS, request.transfer.requestTimeoutMs);
		const { cancelled: signal } = host;
		try {
			const taken = await takeLock({
				lock,
				object,
				claims,
				clock,
				log,
				signal,
				deadline,
				timeoutMs
			});
			const held = new HeldLock(taken, {
				lock,
				object,
				claims,
				clock,
				heedsDeletes
			});
			held.lost.addEventListener("abort", () => this.#ended.abort(held.lost.reason));
			this.#held = held;
			const { epoch, waitedMs, isTakenOver } = taken;
			const waitedSeconds = Math.round(waitedMs / 100) / 10;
			this.#facts = {
				url: lockUrl(lock),
				epoch,
				waitedSeconds,
				isTakenOver
			};
			const over = isTakenOver ? `, taken over from a run that stopped renewing it (epoch ${epoch})` : "";
			end(`lock: ${lockUrl(lock)}${over}, ${humanSeconds(waitedSeconds)}`);
		} catch (error) {
			await this.#forget(opened);
			end(`lock: not taken, ${lockUrl(lock)}`);
			throw error;
		}
	}
	/** Comes to the place of the lock, and notes it for the post step. */
	async #open(request, session) {
		const { host, clock, store: openStore } = this.#ports;
		const lock = this.#lock;
		const { transfer } = request;
		const service = request[serviceSideOf(request)];
		const side = {
			...service,
			bucket: lock.bucket,
			path: lock.key
		};
		const { store, region, variant } = await openBucket("lock", {
			side,
			session,
			folder: void 0
		}, {
			transfer,
			openStore
		});
		const { sse, sseKmsKeyId } = transfer.write;
		const headers = optionHeaders({
			sse,
			sseKmsKeyId
		});
		const owner = randomId();
		const claimant = {
			owner,
			ttlSeconds: lock.ttlMs / 1e3,
			runUrl: runUrlOf(host)
		};
		const { endpoint } = service;
		const trace = {
			lock,
			owner,
			endpoint,
			region,
			variant,
			headers
		};
		host.saveState("lock", JSON.stringify(trace));
		return {
			object: new LockObject(store, lock, headers),
			claims: new Claims(claimant, clock),
			heedsDeletes: endpoint === void 0
		};
	}
	/**
	* Gives back what was written of a lock that was not had in the end, as not every machine has a post step. That looks once
	* more: a write that was called off may come behind this.
	*/
	async #forget({ object, claims, heedsDeletes }) {
		const { clock } = this.#ports;
		const deps = {
			object,
			clock,
			heedsDeletes,
			withinMs: RELEASE_MS
		};
		await this.#inTime(releaseUnproven(claims, deps).catch(() => void 0));
	}
};

export { StepLock };