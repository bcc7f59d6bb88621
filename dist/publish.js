import { __name } from "./rolldown-runtime.js";
import { SyncError, explain, healsByRunning, init__crypto, isConsequence, isVague, networkHint, randomUUID, remedyIn, serviceFailure, spokenRemedy, titleOfCode, traceOf } from "./receiving.js";
import { CHECKSUM_NOT_ASKED, IDENTITY_SOURCES, JOB_LEFT, NO_TALLY, OWN_KEYS, RECEIPT_SCHEMA, ROUTES, addTally, addressOf, adviceOf, bareMessage, cut, denialIn, humanBytes, humanCount, humanObjects, humanPace, humanSeconds, humanTime, isCopyReason, isOfBucket, isPart, isSkipReason, lastStage, lateness, leftOutBy, perSecond, planOf, previews, reportPaths, rowsFile, s3Arn, s3Url, safe, serviceOf, sha256Of, skippedBy, spareMs, tellsServices, titleOfDenial, unfinishedPath, untilWhen, visibleJson, waveOf, withRetry, writeNote, writesOf } from "./action.js";
import { IDLE_ENGINE, awaitsLook, engineTotals, mayHaveChanged, sealedText, sizeClassOf } from "./requests.js";
import { JsonLines, OutcomeTotals, WORKERS, addRows, policyFor } from "./shared.js";
import { lookUpsInWords, namedGlobs, priceOf, requestsOf as requestsOf$1 } from "./compare.js";

// src/ledger/amend.ts
const UNPROVEN = "The copy was reported as done, but the destination could not be checked.";
const TOO_LATE = "The copy was reported as done, but the run was cancelled before it was checked.";
const MISNAMED = "The copy was made, but the destination does not list it under this key; it lists a similar key that it may treat as the same.";
/** A row as what was seen leaves it: what the destination holds is done, what was not looked at stays unknown. */
function judged(row, { proofOf, misnamed }) {
	const claimed = awaitsLook(row);
	if (row.op === "copy" && (claimed || row.status === "done") && misnamed?.has(row.to ?? "")) return {
		...row,
		status: "failed",
		code: "StoredUnderAnotherName",
		message: MISNAMED
	};
	if (!claimed) return row;
	const proof = proofOf(waveOf(row));
	if (proof === "unproven") return {
		...row,
		message: UNPROVEN
	};
	if (proof.inTime && !proof.inTime.has(row.to ?? "")) return {
		...row,
		message: TOO_LATE
	};
	const message = proof.mismatches.get(row.to ?? "");
	if (message !== void 0) return {
		...row,
		status: "failed",
		message
	};
	const { code: _awaited, message: _unseen, ...seen } = row;
	return proof.byChecksum?.has(row.to ?? "") ? {
		...seen,
		status: "done",
		proof: "checksum"
	} : {
		...seen,
		status: "done"
	};
}
/**
* Reads all rows once: writes those that did not end well to `failed`, rewrites `results` where what
* was seen changes rows, and gives the totals.
*/
async function amendRows(files, paths, rules) {
	const { claimed, misnamed, sourcePrefix, onChange, isLate } = rules;
	const rewrite = claimed || (misnamed?.size ?? 0) > 0;
	const rewritten = unfinishedPath(paths.results);
	let late = false;
	const failed = await JsonLines.open(files, paths.failed);
	let results;
	const totals = new OutcomeTotals();
	try {
		if (rewrite) results = await JsonLines.open(files, rewritten);
		for await (const block of files.lineBlocks(paths.results)) {
			for (const line of block) {
				late = isLate();
				if (late) break;
				const read = JSON.parse(line);
				const row = judged(read, rules);
				totals.add(row, sourcePrefix);
				const text = row === read ? line : visibleJson(row);
				const kept = [
					results?.keep(text),
					row.status === "done" ? void 0 : failed.keep(text),
					mayHaveChanged(row) ? onChange?.(row) : void 0
				];
				for (const full of kept) if (full) await full;
			}
			if (late) break;
		}
	} finally {
		await failed.close().finally(() => results?.close());
	}
	if (rewrite && late) await files.removeFile(rewritten);
	else if (rewrite) await files.rename(rewritten, paths.results);
	return totals;
}

// src/preflight/merged-policy.ts
const union = (one, other) => [.../* @__PURE__ */ new Set([...one, ...other])];
const isAlike = (one, other) => JSON.stringify(one) === JSON.stringify(other);
/** The prefixes of a listing, where that is all that its condition says. */
const prefixesIn = ({ Condition: condition = {} }) => Object.keys(condition).join() === "StringLike" && Object.keys(condition["StringLike"] ?? {}).join() === "s3:prefix" ? condition["StringLike"]?.["s3:prefix"] : void 0;
/** One statement that allows what two allow, and no more; undefined: there is none. */
function joined(one, other) {
	if (!isAlike(one.Action, other.Action)) return void 0;
	if (isAlike(one.Condition, other.Condition)) return {
		...one,
		Resource: union(one.Resource, other.Resource)
	};
	const [prefixes, others] = [prefixesIn(one), prefixesIn(other)];
	if (!isAlike(one.Resource, other.Resource) || !prefixes || !others) return void 0;
	const condition = { StringLike: { "s3:prefix": union(prefixes, others) } };
	return {
		...one,
		Condition: condition
	};
}
const bareSid = ({ Sid }) => Sid.replace(/\d+$/, "");
/** One policy that allows what several allow together: each statement has a name of its own. */
function mergedPolicy(policies) {
	const [only, ...others] = policies;
	if (others.length === 0) return only;
	const all = [];
	for (const statement of policies.flatMap((policy) => policy.Statement)) {
		const sid = bareSid(statement);
		const alike = all.filter((one) => bareSid(one) === sid);
		const at = all.findIndex((one) => bareSid(one) === sid && joined(one, statement) !== void 0);
		const grown = at < 0 ? void 0 : joined(all[at] ?? statement, statement);
		if (grown) all[at] = grown;
		else all.push({
			...statement,
			Sid: alike.length === 0 ? sid : `${sid}${alike.length + 1}`
		});
	}
	return {
		Version: only.Version,
		Statement: all
	};
}

// src/report/advice.ts
/** ARN of all objects of the place that the refused one lies in; undefined where it is none of a run's. */
function wholeOf({ resource = "" }, places) {
	return [places.destination, places.source].filter((place) => place && !place.single).flatMap((place) => place ? [s3Arn(place, place.prefix)] : []).filter((folder) => resource.startsWith(folder)).map((folder) => `${folder}*`)[0];
}
const BY_MODE = "run again; with mode: execute, make a new plan first";
/** What to do about the objects of one code: in the service's own terms where it says them, and as this mode can. */
function advised(group, places, mode) {
	const { code, objects, help, examples, message } = group;
	const denial = denialIn(message);
	const next = mode === "execute" || mode === "finish" ? "make a new plan with mode: plan" : "run again";
	return {
		code,
		objects,
		resolution: denial ? adviceOf(denial, wholeOf(denial, places)) : spokenRemedy(group) ?? group.resolution.replace(BY_MODE, next),
		help,
		examples,
		message
	};
}

// src/report/wording.ts
/** What the plan decided and why, in people's words. */
const REASONS = {
	missing: "Missing at the destination",
	"size-differs": "Size differs",
	"etag-differs": "Same size, different ETag",
	"checksum-differs": "Same size, different checksum",
	"no-common-checksum": "Same size, no checksum to compare",
	newer: "Source is newer",
	always: "compare: always",
	"headers-differ": "Identical content, different headers",
	"destination-conflict": "Another object already exists there",
	"same-etag": "Identical content",
	"same-checksum": "Identical checksum",
	"same-size": "Same size",
	"not-newer": "Source is not newer",
	exists: "Already exists",
	"differs-unproven": "Same size, destination is newer",
	filtered: "Filtered out by include and exclude",
	"folder-marker": "Empty folder markers, which are not files",
	"only-at-destination": "Only at the destination",
	"delete-later": "Only at the destination, to be deleted later",
	"not-approved": "Not in the approved plan",
	"checksum-not-asked": "Of all these, checksum not read",
	"not-in-source": "In the manifest, missing at the source",
	duplicate: "Listed more than once in the manifest",
	noncurrent: "Noncurrent version in the inventory",
	"delete-marker": "Delete marker in the inventory"
};
/** Where the binary came from. */
const ORIGINS = {
	"tool-cache": "from the tool cache",
	release: "from the pinned release",
	mirror: "from the mirror",
	pip: "from the pinned Python wheel",
	path: "your own binary, hash verified",
	unpinned: "unpinned: no known hash"
};
/** What set a number. */
const TUNING_RULES = {
	"asked-for": "set by input",
	"size-class": "by object size",
	memory: "by memory",
	cores: "by processors",
	region: "by region",
	link: "by a slow link",
	"most-parts": "by the S3 limit on the number of parts"
};
/** How the copies were proven. */
const METHODS = {
	heads: "one HEAD request per copy",
	listing: "a listing of the destination",
	results: "the ETag in the response to each copy",
	none: "nothing"
};
/** The word for a value, where there is one: a value may come from another version's file. */
const wordFor = (words, value) => Object.hasOwn(words, value) ? words[value] : void 0;
/** What is looked at before the start. */
const CHECKS = {
	s5cmd: "s5cmd is usable",
	identity: "Credentials are valid",
	"source-bucket": "Source is reachable",
	"source-listing": "Source can be listed",
	"source-reading": "Source can be read",
	"source-encryption": "Source encryption",
	"destination-bucket": "Destination is reachable",
	"destination-listing": "Destination can be listed",
	"destination-writing": "Destination can be written",
	"destination-encryption": "Destination encryption",
	"destination-versioning": "Destination versioning",
	clock: "Clocks",
	memory: "Memory",
	disk: "Disk space"
};
/** What a check came to. */
const CHECK_WORDS = {
	pass: "✅ pass",
	warn: "⚠️ warning",
	fail: "❌ fail",
	"not-allowed": "➖ no permission to check",
	"not-known": "➖ unknown",
	"not-needed": "➖ not needed"
};
/** Words that begin with a capital, within a sentence. */
const withinSentence = (words) => words.charAt(0).toLowerCase() + words.slice(1);

// src/report/drift.ts
/** Whether objects of this reason are a difference: a sync would copy or delete them. */
const isDifference = (reason, { totals }) => isCopyReason(reason) || reason === "only-at-destination" && totals.plannedDeletes.objects > 0;
/** All that differs. */
const driftOf = ({ totals }) => addTally(totals.planned, totals.plannedDeletes);
const counted = ({ reasons }, names) => names.map((name) => ({
	name,
	objects: reasons[name]?.objects ?? 0
})).filter(({ objects }) => objects > 0).sort((a, b) => b.objects - a.objects).map(({ name, objects }) => `${withinSentence(wordFor(REASONS, name) ?? name)}: ${humanCount(objects)}`).join("; ");
/** How many objects differ in which way, the most frequent first. */
const differences = (report) => counted(report, Object.keys(report.reasons).filter((name) => isDifference(name, report)));
/** What a check does not count as drift, although the places are not the same there; '' if nothing. */
const tolerated = (report) => counted(report, [
	"differs-unproven",
	"only-at-destination",
	"delete-later"
].filter((name) => !isDifference(name, report)));
/** What to do about drift. */
const remedyOf = ({ reasons }) => reasons["destination-conflict"]?.objects ? "With overwrite: never, a sync copies nothing while other objects exist under the same keys. Remove them, or set overwrite: if-different." : "Run with mode: sync and the same inputs to repair the destination, or find out what changed it.";

// src/report/cause.ts
const MOST_KEYS = 3;
const KEY_CHARS = 100;
/** Of a message in a title. */
const SAID_CHARS = 120;
const keysOf = (samples) => samples.slice(0, MOST_KEYS).map(({ key }) => cut(JSON.stringify(key), KEY_CHARS)).join(", ");
/** A refusal, and the first of what would have been deleted. */
function refusal({ kind, title, text }, { totals, samples, mode }) {
	const first = mode === "check" ? [] : samples["only-at-destination"] ?? [];
	const deletes = totals.plannedDeletes.objects;
	const more = deletes - Math.min(first.length, MOST_KEYS);
	if (deletes === 0 || first.length === 0) return {
		kind,
		title,
		text
	};
	const rest = more > 0 ? `, and ${humanCount(more)} more` : "";
	return {
		kind,
		title,
		text: `${text}\nWould be deleted: ${keysOf(first)}${rest}`
	};
}
const RUN_AGAIN = "Run again: the next run finishes the rest.";
const GOALS = /* @__PURE__ */ new Set([
	"success",
	"nothing-to-do",
	"planned"
]);
/** What a service said of the objects of one code; '' where it said nothing. */
function saidOf({ code, message }) {
	const bare = bareMessage(code, message).replace(/[.\s]+$/, "");
	return bare === "" || bare === code ? "" : bare;
}
/** The cause of one code in a few words. */
function causeOfGroup({ code, message }, places) {
	const denial = denialIn(message);
	if (denial) return titleOfDenial(denial, wholeOf(denial, places));
	const said = isVague(code) ? saidOf({
		code,
		message
	}) : "";
	return said === "" ? titleOfCode(code) : `${code}: ${cut(said, SAID_CHARS)}`;
}
/** What approved operations no longer fit stays as it is until another plan is made. */
const OUTDATED = /* @__PURE__ */ new Set([
	"SourceChanged",
	"NoSuchKey",
	"DestinationChanged",
	"ExistsAtSource",
	"DeleteNotDue",
	"ChecksumUnknown"
]);
/** Whether the next run does better without a change, and what it does then; '' where the first remedy says so. */
const nextRun = ({ errors, mode }) => {
	const [worst] = errors;
	const stuck = errors.find(({ code }) => !healsByRunning(code) && !isConsequence(code));
	if (worst && (stuck ?? worst) === worst && /\brun again\b/i.test(worst.resolution)) return "";
	if (stuck) return "Running again does not help on its own: fix this first, then run again.";
	if (mode !== "execute" && mode !== "finish") return RUN_AGAIN;
	const outdated = errors.filter(({ code }) => OUTDATED.has(code)).length;
	if (outdated > 0 && outdated === errors.length) return "";
	return `Run the same plan again to finish it${outdated > 0 ? "; objects that changed since then need a new plan (mode: plan)" : ""}.`;
};
/** Codes of objects that nothing is wrong with: the run ended before them. */
const ENDINGS = /* @__PURE__ */ new Set([
	"Cancelled",
	"CredentialsLost",
	"LockLost",
	"MaxDuration",
	"OutOfResources",
	"Unreachable"
]);
/** Some objects of a code, and whether these are all. */
function examplesOf({ examples, objects, message, code }) {
	if (examples.length === 0 || denialIn(message) || isConsequence(code) || ENDINGS.has(code)) return "";
	const shown = keysOf(examples.map((key) => ({
		key,
		size: 0
	})));
	return objects > Math.min(examples.length, MOST_KEYS) ? `For example: ${shown}` : `Not done: ${shown}`;
}
const MOST_DENIALS = 3;
/** What else was denied, and where the rest of what failed is told. */
function others(errors) {
	const denied = errors.filter(({ message }) => denialIn(message)).slice(0, MOST_DENIALS);
	const more = errors.length - denied.length;
	return [...denied.map(({ objects, resolution }) => `Also (${humanObjects(objects)}): ${resolution}`), more > 0 ? `${humanObjects(more, "more code")} in the summary.` : ""];
}
function lostObjects(report) {
	const { totals, errors, files, transfers } = report;
	const { planned, copied, plannedDeletes, deleted } = totals;
	const all = planned.objects + plannedDeletes.objects;
	const lost = all - copied.objects - deleted.objects;
	const allCopied = copied.objects === planned.objects;
	const word = plannedDeletes.objects === 0 ? "copied" : allCopied ? "deleted" : "done";
	const worst = errors[0];
	const counted = `${humanCount(lost)} of ${humanObjects(allCopied ? plannedDeletes.objects : all)} not ${word}`;
	const said = worst && saidOf(worst);
	const text = [
		worst && said !== "" && isVague(worst.code) ? "" : worst?.resolution ?? "",
		worst ? `${worst.code} (${humanObjects(worst.objects)})${said ? `: ${said}` : ""}.` : "",
		worst ? examplesOf(worst) : "",
		...others(errors.slice(1)),
		nextRun(report),
		files.failed ? "Each object that failed has a line in failed.ndjson (output failed-path)." : "",
		transfers?.some((one) => one.failed) ? "Each object that failed has a line in failed.ndjson of its transfer (output transfers)." : ""
	];
	return {
		kind: allCopied ? "delete" : "copy",
		title: worst ? `${causeOfGroup(worst, report)}: ${counted}` : counted,
		text: text.filter((line) => line !== "").join("\n")
	};
}
/** What a cancel left, for nobody has to look whether the next run has anything to do. */
function cancelled(report) {
	const { planned, plannedDeletes, copied, deleted } = report.totals;
	const all = planned.objects + plannedDeletes.objects;
	const done = copied.objects + deleted.objects;
	const text = all > 0 && done === all ? "Everything was already done when the run was cancelled." : RUN_AGAIN;
	return {
		kind: "cancelled",
		title: `Cancelled${all > 0 ? `: ${humanCount(done)} of ${humanObjects(all)} done` : ""}`,
		text: report.failure?.text ?? text
	};
}
function foundDrift(report) {
	const { samples } = report;
	const keys = Object.entries(samples).filter(([reason]) => isDifference(reason, report)).flatMap(([, some]) => some.map(({ key }) => JSON.stringify(key)));
	return {
		kind: "drift",
		title: `Drift: ${humanObjects(driftOf(report).objects)}`,
		text: [
			`Source and destination differ: ${differences(report)}.`,
			`For example: ${keys.slice(0, MOST_KEYS).join(", ")}`,
			remedyOf(report),
			"Every difference has a line in plan.ndjson (output plan-path)."
		].join("\n")
	};
}
/**
* The cause of a run that failed, was cut short or was cancelled, of a check that found drift, or of a
* plan that no run may carry out; undefined when all went well. Untrusted: it may quote keys and messages.
*/
function causeOf(report) {
	const { failure, refused } = report;
	if (report.result === "planned" && refused) {
		const cause = refusal(refused, report);
		return {
			...cause,
			title: `A real run would be refused: ${cause.title}`
		};
	}
	if (GOALS.has(report.result)) return void 0;
	if (report.result === "cancelled") return cancelled(report);
	if (failure) return refused ? refusal(failure, report) : failure;
	return report.result === "drift" ? foundDrift(report) : lostObjects(report);
}

// src/report/markdown.ts
/** Untrusted text of many lines, each of which the runner can never obey. */
const safeLines = (text) => text.split(/\r\n|[\r\n]/).map(safe).join("\n");
/**
* Untrusted text as one Markdown code span, where `<`, `@`, links and emphasis mean nothing; what is
* empty says so, for an empty list item would turn the line above it into a heading. Pipes are the
* table's concern.
*/
function code(text, max = 200) {
	const shown = cut(safe(text), max) || "(empty)";
	const longestRun = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
	const fence = "`".repeat(longestRun + 1);
	const pad = /^[ `]|[ `]$/.test(shown) ? " " : "";
	return `${fence}${pad}${shown}${pad}${fence}`;
}
const PLAIN = /^[A-Za-z0-9]+(?:[-'][A-Za-z0-9]+)*$|^\d+(?:[.,:]\d+)*$|^[→–—…·×]*$/;
const WORDS = /[("']*`[^`]+`[)"'.,:;!?]*(?= |$)|[^ ]+/g;
const TOKEN = /^([("']*)(.*?)([)"'.,:;!?]*)$/;
function word(token) {
	const [, before = "", core = token, after = ""] = TOKEN.exec(token) ?? [];
	const quoted = /^`([^`]+)`$/.exec(core)?.[1];
	return before + (PLAIN.test(core) ? core : code(quoted ?? core, 500)) + after;
}
/**
* One line of untrusted prose: words of letters and digits stay as they are, and all that Markdown
* could read as more than a word becomes a code span.
*/
const prose = (text, max = 500) => (cut(safe(text), max).match(WORDS) ?? []).map(word).join(" ");
const PAD_CHARS = 40;
/** Odd backslashes before a pipe keep it inside its cell, however a parser pairs them. */
const cell = (text) => text.replace(/(\\*)\|/g, "$1$1\\|");
/** A Markdown table; '' when it has no rows. Cells are Markdown already. */
function table(columns, rows) {
	if (rows.length === 0) return "";
	const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(cell))];
	const widths = columns.map((_, at) => Math.min(PAD_CHARS, Math.max(3, ...cells.map((row) => row[at]?.length ?? 0))));
	const line = (row) => `| ${columns.map(({ align }, at) => pad(row[at] ?? "", widths[at] ?? 0, align)).join(" | ")} |`;
	const rule = columns.map(({ align }, at) => align === "right" ? `${"-".repeat((widths[at] ?? 1) - 1)}:` : "-".repeat(widths[at] ?? 0));
	const [head = [], ...body] = cells;
	return [
		head,
		rule,
		...body
	].map(line).join("\n");
}
const pad = (text, width, align = "left") => align === "right" ? text.padStart(width) : text.padEnd(width);
/** A section under its heading; '' when it has nothing to say. */
const section = (title, ...parts) => {
	const said = parts.filter((part) => part !== "");
	return said.length === 0 ? "" : [`### ${title}`, ...said].join("\n\n");
};
/** A folded section; '' when it has nothing to say. `title` is our own words. */
const details = (title, body) => body === "" ? "" : `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
/** A block of code; what stands in it means nothing, line by line. */
function fenced(language, text) {
	const shown = safeLines(text.trimEnd());
	const longestRun = Math.max(2, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
	const fence = "`".repeat(longestRun + 1);
	return `${fence}${language}\n${shown}\n${fence}`;
}
/** An alert block. Lines are Markdown already. */
const alert = (kind, lines) => [`> [!${kind}]`, ...lines.map((line) => `> ${line}`.trimEnd())].join("\n");

// src/report/annotation.ts
const TITLE_CHARS = 200;
const TEXT_CHARS = 4e3;
const WARNINGS = 3;
/** One sentence that does not say yet what to do. */
const BARE_CAUSE = /^(?!Allow |Remove |.*\.\s+[A-Z])[^\n]*[^.:;]\.?$/;
/** The cause and what to do about it in one sentence, where each is a line: no more than that may be read. */
function led({ text }) {
	const [cause = "", remedy = "", ...rest] = text.split(/\r\n|[\r\n]/);
	if (!BARE_CAUSE.test(cause) || !/^[A-Z][a-z]/.test(remedy)) return text;
	const first = cause.replace(/\.$/, "");
	return [`${first}${first.includes(": ") ? "; " : ": "}${remedy.charAt(0).toLowerCase() + remedy.slice(1)}`, ...rest].join("\n");
}
/** What a warning says first, in a few words. */
const headOf = (text) => /^.{1,120}?(?=[.:;,](\s|$))/.exec(text)?.[0] ?? text;
const annotation = (level, title, text) => ({
	level,
	title: cut(safe(title), TITLE_CHARS),
	text: cut(safeLines(text), TEXT_CHARS)
});
/**
* One note with cause and remedy when the run missed its goal (a warning where `fail-on` forgives it,
* an error otherwise), and at most three warnings in all; `others`: warnings of other hands among them.
*/
function annotations(report, others = 0) {
	const cause = causeOf(report);
	const level = report.exitCode === 0 ? "warning" : "error";
	const isError = (report.failure ?? report.refused) !== void 0;
	const notes = cause ? [annotation(level, cause.title, isError ? led(cause) : cause.text)] : [];
	const most = WARNINGS - others;
	const room = level === "warning" ? most - notes.length : most;
	const warnings = report.warnings.slice(0, room).map((text) => annotation("warning", headOf(text), text));
	return [...notes, ...warnings];
}

// src/model/report.ts
/** Version of report.json. */
const REPORT_SCHEMA = "s3-direct-sync/report/1";

// src/report/sums.ts
/** What SHA256SUMS has, for a report. */
const sumsFacts = (sums, bucket) => {
	if (!sums) return void 0;
	const { lines, unknown, unnamed, read, written } = sums;
	return {
		lines,
		unknown,
		unnamed,
		read,
		published: written === void 0 ? void 0 : s3Url(bucket ?? "", written)
	};
};
/** It in a few words. */
const sumsInWords = ({ lines, read }) => `${humanObjects(lines, "line")}${read.objects > 0 ? `, ${humanBytes(read.bytes)} read to compute them` : ""}`;
/** What it has not. */
function sumsWarnings({ unknown = 0, unnamed = 0 } = {}) {
	const have = (objects) => objects === 1 ? "has" : "have";
	return [...unknown > 0 ? [`${humanObjects(unknown)} ${have(unknown)} no line in SHA256SUMS, because no SHA-256 is stored with ${unknown === 1 ? "it" : "them"} and the bytes did not pass through this runner. Set sha256sums: read to read such objects.`] : [], ...unnamed > 0 ? [`${humanCount(unnamed)} ${unnamed === 1 ? "object has a name" : "objects have names"} with a line break or a backslash, which a line of SHA256SUMS cannot contain.`] : []];
}

// src/report/verdict.ts
function resultOf({ found, refused, planned, done, aborted, failure }) {
	if (aborted || failure === "cancelled") return "cancelled";
	if (failure !== void 0) return done > 0 ? "partial" : "failed";
	if (planned === 0 && !refused) return "nothing-to-do";
	if (found) return found;
	if (done === planned) return "success";
	return done > 0 ? "partial" : "failed";
}
const FINE = /* @__PURE__ */ new Set([
	"success",
	"nothing-to-do",
	"planned"
]);
const FORGIVEN = /* @__PURE__ */ new Set(["partial", "drift"]);
/** What the process says of a result; `fail-on: never` forgives `partial` and `drift`, and nothing else. */
const exitCodeOf = (result, failOn) => FINE.has(result) || FORGIVEN.has(result) && failOn === "never" ? 0 : 1;
/** The result by the contract's table. */
function verdict(facts) {
	const result = resultOf(facts);
	return {
		result,
		exitCode: exitCodeOf(result, facts.failOn)
	};
}
/** What the transfers of a step come to together; `done`: ops of all of them. */
function resultOfAll(results, done) {
	const has = (...some) => results.some((result) => some.includes(result));
	if (has("cancelled")) return "cancelled";
	if (has("failed", "partial")) return done > 0 ? "partial" : "failed";
	return [
		"drift",
		"planned",
		"success"
	].find((result) => has(result)) ?? "nothing-to-do";
}

// src/report/waiting.ts
/** The reason of what only the destination has and is deleted later. */
const LATER = "delete-later";
/** What waits to be deleted, for a report; undefined where extras do not wait. */
function waitingFacts(plan) {
	if (!plan?.extras) return void 0;
	const { waiting, due } = plan.extras;
	const { bucket, prefix } = plan.header.destination;
	return {
		...waiting,
		due,
		list: s3Url(bucket, prefix + OWN_KEYS.extras)
	};
}
/** The same of several transfers together; each has a list of its own. */
function waitingOfAll(reports) {
	const all = reports.flatMap(({ waiting }) => waiting ?? []);
	const [only] = all;
	if (all.length < 2) return only;
	const dues = all.flatMap(({ due }) => due ?? []);
	const [first = ""] = dues.map((due) => due.first).sort();
	const last = dues.map((due) => due.last).sort().at(-1) ?? "";
	return {
		...all.map(({ objects, bytes }) => ({
			objects,
			bytes
		})).reduce(addTally, NO_TALLY),
		due: dues.length > 0 ? {
			first,
			last
		} : void 0
	};
}
const line$1 = /* @__PURE__ */ __name(({ key, size, due }) => `- ${code(key)} ${humanBytes(size)}${due === void 0 ? "" : `, until ${humanTime(due)}`}`, "line");
/** What only the destination has and waits to be deleted, and until when. */
function waiting({ waiting: facts, samples }) {
	if (!facts?.due) return "";
	const { objects, bytes, due, list } = facts;
	const shown = samples["delete-later"] ?? [];
	const more = objects - shown.length;
	const told = `${humanObjects(objects)} (${humanBytes(bytes)}) that ${objects === 1 ? "exists" : "exist"} only at the destination ${objects === 1 ? "is" : "are"} kept (${untilWhen(due)}). The first run after that deletes what the source still does not have.`;
	const where = list === void 0 ? "" : ` The list ${code(list)} says since when.`;
	const lines = [...shown.map(line$1), ...more > 0 ? [`- and ${humanObjects(more, "more object")}`] : []];
	return section(`Deleted later (${humanCount(objects)})`, told + where, details("The first of them", lines.join("\n")));
}

// src/preflight/exposure.ts
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])\.?$/;
/** Whether what is sent to a URL can be read on its way: http to another machine than this one. */
const isReadable = (endpoint) => {
	const { protocol, hostname } = new URL(endpoint);
	return protocol === "http:" && !LOOPBACK.test(hostname);
};
const SIGNED = "all objects, their keys, the access key ID and the session token";
const UNSIGNED = "all objects and their keys";
function contactsOf({ source, destination, access, sourceAccess, reporting }) {
	const stsOf = (own) => ({
		what: "STS",
		endpoint: own.sts.endpoint,
		carried: own.roleArn ? "the OIDC token or other proof of identity, and the credentials that STS returns, including the secret key" : "the access key ID and the session token"
	});
	return [
		{
			what: "source",
			endpoint: source.endpoint,
			carried: sourceAccess === "anonymous" ? UNSIGNED : SIGNED
		},
		{
			what: "destination",
			endpoint: destination.endpoint,
			carried: SIGNED
		},
		stsOf(access),
		...sourceAccess && sourceAccess !== "anonymous" ? [stsOf(sourceAccess)] : [],
		{
			what: "CloudWatch",
			endpoint: reporting.metricsEndpoint,
			carried: "all metrics, the access key ID and the session token"
		}
	];
}
/** One warning of each URL that is asked in clear text. */
function inClearText(request) {
	const contacts = contactsOf(request).filter(({ endpoint }) => endpoint && isReadable(endpoint));
	return [...new Set(contacts.map(({ endpoint = "" }) => endpoint))].map((url) => {
		const here = contacts.filter(({ endpoint }) => endpoint === url);
		return `Requests to ${url} (${[...new Set(here.map(({ what }) => what))].join(", ")}) use http, which is not encrypted: anyone on the network path can read and change ${[...new Set(here.map((contact) => contact.carried))].join("; ")}. Use https.`;
	});
}
/** What is sent of one identity to two services, where it is. */
function twoServices({ source, destination, sourceAccess }) {
	if ((source.local ?? destination.local) !== void 0 || sourceAccess !== void 0) return [];
	if (source.endpoint === destination.endpoint) return [];
	const [from, to] = [source, destination].map(({ endpoint }) => endpoint ?? "AWS");
	return [`The same credentials are used for two services: the access key ID and session token are sent to ${from} (source) and to ${to} (destination). Give the source its own: source-role-to-assume, source-profile, source-aws-access-key-id or source-no-sign-request.`];
}
/** Node alone heeds it: s5cmd checks certificates all the same. */
const unchecked = (env) => env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0" ? ["The environment variable NODE_TLS_REJECT_UNAUTHORIZED is 0: TLS certificates are not verified, so anyone on the network path can impersonate STS, S3 and the token endpoint, and steal credentials. Unset it for this step; add your own CA certificates with NODE_EXTRA_CA_CERTS."] : [];
/** What a run lets others read of its identity and its objects: what is sent, and to whom. */
const exposures = (request, env) => [
	...unchecked(env),
	...inClearText(request),
	...twoServices(request)
];

// src/report/warnings.ts
const UNCONDITIONAL = "The destination does not support conditional writes: objects that somebody else wrote there during the run may have been overwritten.";
const TAGS_UNREADABLE = "Objects were copied without tags: if they have any, allow s3:GetObjectTagging on the source to the identity that reads it.";
/** What a sync would run into, where nothing else says so. */
function destinationConflicts(found) {
	const plan = planOf(found);
	const objects = plan?.trailer.reasons["destination-conflict"]?.objects ?? 0;
	if (objects === 0 || found.copy || plan?.refused) return [];
	const exist = objects === 1 ? "exists" : "exist";
	return [`${humanObjects(objects)} already ${exist} at the destination with other content, and overwrite: never protects ${objects === 1 ? "it" : "them"}: this plan would copy nothing.`];
}
/** What an approved plan is not any more, by what both places hold now. */
function approvalWarnings(found) {
	const { unapproved, outdated } = planOf(found)?.approval ?? {};
	const left = (unapproved?.copies ?? 0) + (unapproved?.deletes ?? 0);
	const stale = (outdated?.copies ?? 0) + (outdated?.deletes ?? 0);
	const changes = left === 1 ? "change is" : "changes are";
	return [...left > 0 ? [`${humanCount(left)} ${changes} not in the approved plan, so not applied: make a new plan with mode: plan.`] : [], ...stale > 0 && !found.copy ? [`${humanCount(stale)} of the approved operations can no longer be applied, because the objects changed after the plan was made.`] : []];
}
const UNVERSIONED = "The destination bucket is not versioned: objects that this plan overwrites or deletes cannot be restored.";
const REPLACING = [
	"size-differs",
	"etag-differs",
	"checksum-differs",
	"no-common-checksum",
	"newer"
];
/** Whether a plan takes something away that no older version keeps. */
function takesAway(found) {
	const plan = planOf(found);
	if (!plan || found.preflight?.facts?.versioned !== false) return false;
	const { reasons, deletes, listed } = plan.trailer;
	const objects = (reason) => reasons[reason]?.objects ?? 0;
	const replaced = REPLACING.reduce((sum, reason) => sum + objects(reason), 0);
	return deletes.objects + replaced > 0 || objects("always") > 0 && listed.destination > 0;
}
/** Checks that have a place of their own among the warnings. */
const TOLD_ELSEWHERE = /* @__PURE__ */ new Set(["s5cmd", "destination-versioning"]);
const checkWarnings = (checks) => checks.filter(({ name, status }) => status === "warn" && !TOLD_ELSEWHERE.has(name)).map(({ name, detail }) => `${CHECKS[name]}: ${detail}.`);
/** Globs that may be misspelled, as nothing was matched by them. */
function idleGlobs(found) {
	const plan = planOf(found);
	const { include = [], exclude = [] } = plan?.idleGlobs ?? {};
	const rules = plan?.idleHeaderGlobs ?? [];
	return Object.entries({
		include,
		exclude
	}).flatMap(([input, globs]) => globs.length === 0 ? [] : [`${input} ${namedGlobs(globs)} matched nothing at the source and at the destination.`]).concat(rules.length === 0 ? [] : [`headers: ${namedGlobs(rules)} matched no object, by its key at the destination.`]);
}
/** What a person should know of the waves before anybody relies on their order. */
function waveWarnings(found) {
	const plan = planOf(found);
	const { idle = [], unproven = [] } = plan?.waveFindings ?? {};
	const last = (plan?.trailer.waves ?? []).findLastIndex(({ objects }) => objects > 0);
	const doubtful = (found.inputs?.mode === "check" ? [] : unproven).slice(0, Math.max(0, last)).reduce((sum, { objects }) => sum + objects, 0);
	const left = doubtful === 1 ? "is left unchanged" : "are left unchanged";
	return [...idle.length > 0 ? [`waves ${namedGlobs(idle)} matched nothing at the source and at the destination.`] : [], ...doubtful > 0 ? [`${humanObjects(doubtful)} of earlier waves ${left}: same size, newer than the source's. Objects of later waves may refer to other content. Set compare: etag to copy such objects.`] : []];
}
/** Objects whose content `compare: checksum` cannot compare: those of multipart uploads are copied by every run. */
function incomparable(plan) {
	const objects = plan?.trailer.reasons["no-common-checksum"]?.objects ?? 0;
	return objects === 0 ? [] : [`${humanObjects(objects)} of the same size ${objects === 1 ? "has another ETag" : "have other ETags"} and cannot be compared by checksum. If the source is a multipart upload, every run with compare: checksum copies it again: use compare: auto, or upload with a full-object checksum such as CRC64NVME.`];
}
/** A list that cannot be trusted is written anew. */
const listWarnings = (plan) => plan?.extras?.flaw === void 0 ? [] : [`The list of delete-after at the destination is invalid (${plan.extras.flaw}), so it is ignored: the waiting time starts again for all objects that exist only there.`];
/** Regions that the inputs name and that the buckets are not in: the run went on where they are. */
function otherRegions({ inputs, preflight }) {
	const facts = preflight?.facts;
	if (!inputs || !facts) return [];
	return ["source", "destination"].flatMap((side) => {
		const asked = inputs.settings.find(({ name }) => name === `${side}-region`);
		const { bucket, region } = facts[side];
		if (!asked || asked.origin === "default" || asked.value === region || asked.value === "auto") return [];
		return [`The bucket ${bucket} is in ${region}, but ${side}-region is ${asked.value}: set it to ${region}, or remove it.`];
	});
}
const unknownInputs = ({ unknownInputs: names }) => names.length === 0 ? [] : [`Unknown input, ignored: ${names.join(", ")}.`];
/** Of a lock that was another's before the run had noticed it. */
const lockWarnings = (lock, failure) => lock?.end === "lost" && failure === void 0 ? [`The lock ${lock.url} was lost shortly before the run ended: another run may have written at the same time. Run again to be sure.`] : [];
/** What a person should know although the run went on. */
function warningsOf$1({ found }, { host }) {
	const { inputs, install, copy } = found;
	const plan = planOf(found);
	const filtered = plan?.trailer.reasons["filtered"]?.objects ?? 0;
	const nothingPasses = (inputs ? inputs.selection.include.length + inputs.selection.exclude.length : 0) > 0 && filtered === plan?.trailer.listed.source && !plan.refused;
	return [
		...otherRegions(found),
		...inputs ? [...unknownInputs(inputs), ...exposures(inputs, host.env)] : [],
		...install?.toolchainProblem ? [install.toolchainProblem] : [],
		...copy?.engine.unconditional ? [UNCONDITIONAL] : [],
		...copy?.engine.tagsUnreadable ? [TAGS_UNREADABLE] : [],
		...checkWarnings(found.preflight?.checks ?? []),
		...plan?.doubt ? [plan.doubt] : [],
		...destinationConflicts(found),
		...approvalWarnings(found),
		...takesAway(found) && !plan?.refused ? [UNVERSIONED] : [],
		...idleGlobs(found),
		...plan?.headersDoubt ? [plan.headersDoubt] : [],
		...incomparable(plan),
		...waveWarnings(found),
		...listWarnings(plan),
		...nothingPasses ? ["No source object matches include and exclude."] : []
	];
}
__name(warningsOf$1, "warningsOf");

// src/report/build.ts
/** What is left; an object may have another size by now than was planned. */
const left = (planned, recorded) => planned.objects === recorded.objects ? NO_TALLY : {
	objects: planned.objects - recorded.objects,
	bytes: Math.max(0, planned.bytes - recorded.bytes)
};
/** Ops that a broken run left without a row are unknown: every planned op is accounted for. */
function totalsOf$1({ found, entered }, { status, deleted }) {
	const { copies = NO_TALLY, deletes = NO_TALLY, reasons = {} } = planOf(found)?.trailer ?? {};
	const { done: copied, failed } = status;
	const begun = [...entered.has("copy") ? [copies] : [], ...entered.has("delete") ? [deletes] : []].reduce(addTally, NO_TALLY);
	const recorded = [
		copied,
		deleted,
		failed,
		status.unknown
	].reduce(addTally);
	const unheard = begun.objects === 0 ? NO_TALLY : left(begun, recorded);
	return {
		planned: copies,
		copied,
		plannedDeletes: deletes,
		deleted,
		failed,
		unknown: addTally(status.unknown, unheard),
		skipped: skippedBy(reasons)
	};
}
__name(totalsOf$1, "totalsOf");
const placeOf = (place) => {
	if (!place) return void 0;
	const { bucket, prefix, single, endpoint, region, folder } = place;
	return {
		bucket,
		prefix,
		single,
		endpoint,
		region,
		folder
	};
};
const placesOf = (facts) => ({
	source: placeOf(facts?.source),
	destination: placeOf(facts?.destination)
});
/** Who reads the source, where that is not who writes the destination. */
function sourceIdentity$1(sessions) {
	if (!sessions || sessions.source === sessions.destination) return void 0;
	return sessions.source?.facts ?? "anonymous";
}
__name(sourceIdentity$1, "sourceIdentity");
const writtenBy = ({ transferPath, destination }) => transferPath.carrier === destination.store ? "destination" : "source";
/** What ops come to in a run that carries none of them out. */
function unwritten(request) {
	if (!request || writesOf(request)) return void 0;
	return previews(request) ? "planned" : "drift";
}
function verdictOf(record, totals, cancelled) {
	const { found, failure } = record;
	const request = found.inputs;
	const planned = totals.planned.objects + totals.plannedDeletes.objects;
	const done = totals.copied.objects + totals.deleted.objects;
	const isOver = request?.name !== void 0 && failure === void 0 && planOf(found) && done === planned;
	return verdict({
		found: unwritten(request),
		refused: planOf(found)?.refused !== void 0,
		planned,
		done,
		aborted: cancelled && !isOver,
		failure: failure === void 0 ? void 0 : explain(failure, lastStage(record)).kind,
		failOn: request?.reporting.failOn ?? "failed"
	});
}
function verificationOf$2({ found }) {
	const { copy, verify, parts } = found;
	if (!copy || !verify) return void 0;
	const { method, checked, proven, mismatches } = verify;
	return {
		method,
		checked,
		mismatched: (parts?.handed.map(({ receipt }) => receipt?.report.verification?.mismatched) ?? []).reduce((sum, one = 0) => sum + one, mismatches.size),
		byChecksum: proven.checksum,
		bySizeAndTime: proven["size-and-time"]
	};
}
__name(verificationOf$2, "verificationOf");
function engineOf$1({ found }) {
	const { install, copy, parts } = found;
	if (!copy && !install?.toolchain && !install?.toolchainProblem) return void 0;
	const own = {
		...IDLE_ENGINE,
		...install,
		...copy?.engine
	};
	const all = [...parts?.handed.flatMap(({ receipt }) => receipt?.report.engine ?? []) ?? [], own];
	const numworkers = Math.max(...all.map((engine) => engine.numworkers));
	return {
		...own,
		...engineTotals(all),
		numworkers
	};
}
__name(engineOf$1, "engineOf");
const secondsIn = ({ stages }, name) => stages.find(({ stage }) => stage === name)?.seconds ?? 0;
/** How long was copied, of shards by all runners together; 0 where not all of them tell. */
function copySecondsOf(record) {
	const handed = record.found.parts?.handed ?? [];
	const isTold = handed.every(({ receipt, rows }) => receipt || rows.totals.status.done.objects === 0);
	const seconds = handed.map(({ receipt }) => receipt?.report.copySeconds ?? 0);
	return isTold ? seconds.reduce((sum, one) => sum + one, secondsIn(record, "copy")) : 0;
}
/** Never below the average: a run may be over before ten seconds are. */
const peakOf = (record, { copied }) => Math.max(record.found.copy?.peakBytesPerSecond ?? 0, perSecond(copied.bytes, copySecondsOf(record)));
/** The manifest that named the objects, as far as it was come to. */
function manifestFacts(found, { sha256Proven }) {
	const asked = found.inputs?.selection.manifest;
	const { header, trailer } = planOf(found) ?? {};
	if (!asked || !header?.manifest || !trailer?.manifest) return void 0;
	const { rows, lookUps } = trailer.manifest;
	const sha256Unproven = trailer.manifest.sha256Unproven - sha256Proven;
	const { name, missing } = asked;
	return {
		name,
		sha256: header.manifest,
		missing,
		rows,
		sha256Unproven,
		lookUps
	};
}
/** One of several transfers waits for the others between its stages. */
const durationOf = ({ startedMs, found, stages }, { clock }) => found.inputs?.name === void 0 ? (clock.now() - startedMs) / 1e3 : stages.reduce((sum, { seconds }) => sum + seconds, 0);
/** The waves of a plan, and what became of each. */
function wavesOf({ found }, { waves: ended }) {
	const globs = found.inputs?.selection.waves?.globs;
	return planOf(found)?.trailer.waves?.map((planned, wave) => {
		const { done = NO_TALLY, failed = 0, heldBack = 0 } = ended[wave] ?? {};
		return {
			wave,
			globs: globs?.[wave - 1],
			planned,
			done,
			failed,
			heldBack
		};
	});
}
const partsFacts = ({ parts }) => parts && {
	planId: parts.index.planId,
	count: parts.index.parts.length,
	job: parts.index.job
};
const shardRow = ({ number, receipt, lost, rows }) => {
	const { done, failed, unknown } = rows.totals.status;
	return {
		shard: number,
		result: receipt?.report.result ?? (lost === void 0 ? "reported" : void 0),
		lost,
		durationSeconds: receipt?.report.durationSeconds,
		done,
		failed: failed.objects + unknown.objects
	};
};
/** Whether a signal ended the run; a lock that is lost ends it in the same way. */
const isCancelled = ({ host: { cancelled } }) => cancelled.aborted && !(cancelled.reason instanceof SyncError && cancelled.reason.kind === "lock");
/** An error as it is told; where others copied before it, as the job does that ends their plan. */
function toldOf$1({ found }, error, stage) {
	if (error === void 0) return void 0;
	const { kind, title, text } = explain(error, stage);
	return {
		kind,
		title,
		text: found.parts?.handed.some(({ rows }) => rows.totals.status.done.objects > 0) ? text.replace(/Nothing was (?:touched|copied)/, "This job changed nothing") : text
	};
}
__name(toldOf$1, "toldOf");
const allWarnings = (record, { ports, invalidated, lock }, sums) => [
	...warningsOf$1(record, ports),
	...lockWarnings(lock, record.failure),
	...sumsWarnings(sums),
	...invalidated?.problems ?? []
];
/** The report of a run, whatever it came to. */
function buildReport(record, outcomes, parts) {
	const { ports, files, invalidated, lock } = parts;
	const { found, failure, stages } = record;
	const { inputs, credentials } = found;
	const plan = planOf(found);
	const { checks = [], facts } = found.preflight ?? {};
	const totals = totalsOf$1(record, outcomes);
	const sums = sumsFacts(found.sums, facts?.destination.bucket);
	return {
		schema: REPORT_SCHEMA,
		...verdictOf(record, totals, isCancelled(ports)),
		mode: inputs?.mode ?? "sync",
		dryRun: inputs?.dryRun ?? false,
		startedAt: new Date(record.startedMs).toISOString(),
		durationSeconds: durationOf(record, ports),
		copySeconds: copySecondsOf(record),
		peakBytesPerSecond: peakOf(record, totals),
		settings: inputs?.settings ?? [],
		identity: credentials?.destination.facts,
		sourceIdentity: sourceIdentity$1(credentials),
		writtenBy: facts && writtenBy(facts),
		streamed: facts?.transferPath.streamed,
		source: placeOf(facts?.source),
		destination: placeOf(facts?.destination),
		checks,
		reasons: plan?.trailer.reasons ?? {},
		samples: plan?.samples ?? {},
		listed: plan?.trailer.listed ?? {
			source: 0,
			destination: 0
		},
		totals,
		manifest: manifestFacts(found, outcomes),
		requests: plan && inputs && requestsOf$1(plan.trailer, inputs.selection, inputs.transfer.write),
		sizeClasses: outcomes.sizeClasses,
		folders: outcomes.folderRows(),
		parts: partsFacts(found),
		shards: inputs?.mode === "finish" ? found.parts?.handed.map(shardRow) : void 0,
		waves: wavesOf(record, outcomes),
		slowest: outcomes.slowest,
		routes: outcomes.routes,
		stages,
		engine: engineOf$1(record),
		verification: verificationOf$2(record),
		errors: outcomes.errorGroups().map((group) => advised(group, placesOf(facts), inputs?.mode ?? "sync")),
		waiting: waitingFacts(plan),
		sha256sums: sums,
		lock,
		invalidations: invalidated?.made,
		warnings: allWarnings(record, parts, sums),
		failure: toldOf$1(record, failure, lastStage(record)),
		refused: toldOf$1(record, plan?.refused, "plan"),
		peakMemoryBytes: ports.system.peakMemoryBytes(),
		files
	};
}

// src/model/cdn-paths.ts
/** What a URL has in place of these: RFC 1738's unsafe characters, `?` where a query would begin, all beyond ASCII. */
const ESCAPED = /[^!$&()*+,./0-9:;=@A-Z_a-z-]/gu;
const escaped = (text) => text.replace(ESCAPED, (char) => [...Buffer.from(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""));
/** All that lies under the folder in which a path is; of a wildcard, under the one around it. */
const folderOf = (path) => path.slice(0, path.replace(/\/?\*$/, "").lastIndexOf("/") + 1);
const INDEX = "index.html";
/**
* The paths under which a CDN may hold an object with this key of its origin. An index page is also its folder, with
* and without the slash. A key with a `*`, which would be a wildcard, is covered by the folder in which it stands; so is
* one with a `~` or a `'`: CloudFront refuses a request for a path that has them as they are, and browsers send them so.
*/
function pathsOf(key) {
	const doubtful = key.search(/[*~']/);
	if (doubtful >= 0) return [`/${escaped(key.slice(0, key.lastIndexOf("/", doubtful) + 1))}*`];
	const path = `/${escaped(key)}`;
	if (!`/${key}`.endsWith(`/${INDEX}`)) return [path];
	const folder = path.slice(0, -10);
	return folder === "/" ? [path, folder] : [
		path,
		folder,
		folder.slice(0, -1)
	];
}
const isWildcard = (path) => path.endsWith("*");
/** The folders around a path, the nearest first. */
function* foldersAround(path) {
	for (let folder = folderOf(path); folder !== ""; folder = folderOf(`${folder}*`)) yield folder;
}
/** Folders by their depth, and what of the paths lies in each. */
function grouped(paths) {
	const byDepth = /* @__PURE__ */ new Map();
	for (const path of paths) addTo(byDepth, folderOf(path), path);
	return byDepth;
}
function addTo(byDepth, folder, path) {
	const depth = folder.split("/").length;
	const folders = byDepth.get(depth) ?? /* @__PURE__ */ new Map();
	byDepth.set(depth, folders);
	const paths = folders.get(folder) ?? [];
	folders.set(folder, paths);
	paths.push(path);
}
/**
* Paths that cover the same and more, within limits: the deepest folder that holds several takes their place, of these
* the one that holds most, until few enough are left. At worst that is all there is.
*/
function covering(paths, limits) {
	const left = new Set(paths);
	for (const path of left) for (const folder of foldersAround(path)) if (left.has(`${folder}*`)) left.delete(path);
	let wildcards = [...left].filter(isWildcard).length;
	const isEnough = () => left.size <= limits.paths && wildcards <= limits.wildcards;
	const byDepth = grouped(left);
	for (let depth = Math.max(0, ...byDepth.keys()); depth > 0; depth--) {
		const folders = [...byDepth.get(depth) ?? []].sort(([a, inA], [b, inB]) => inB.length - inA.length || (a < b ? -1 : 1));
		for (const [folder, held] of folders) {
			if (isEnough()) return [...left].sort();
			const [only] = held;
			const isAlone = held.length === 1 && folder !== "/";
			const next = isAlone ? only ?? "" : `${folder}*`;
			if (!isAlone) {
				for (const path of held) left.delete(path);
				left.add(next);
				wildcards += 1 - held.filter(isWildcard).length;
			}
			if (folder !== "/") addTo(byDepth, folderOf(`${folder}*`), next);
		}
	}
	return [...left].sort();
}
/** As many are held one by one; what goes beyond that is held by folders. */
const MOST_HELD = 2e4;
const KEPT = {
	paths: 5e3,
	wildcards: Number.POSITIVE_INFINITY
};
/** Paths that changed, however many, in memory that does not grow with them. */
var ChangedPaths = class {
	#paths = /* @__PURE__ */ new Set();
	#folded = false;
	/** Takes a path. */
	add(path) {
		if (this.#folded) {
			for (const folder of foldersAround(path)) if (this.#paths.has(`${folder}*`)) return;
		}
		this.#paths.add(path);
		if (this.#paths.size <= MOST_HELD) return;
		this.#paths = new Set(covering(this.#paths, KEPT));
		this.#folded = true;
	}
	/** Paths within limits that cover all that were taken; none where none was. */
	covering(limits) {
		return covering(this.#paths, limits);
	}
};

// src/report/changed-paths.ts
/** Writes changed-paths.txt: a line for each path of what was overwritten or deleted, below the prefix that a CDN serves. */
var ChangedPathsFile = class ChangedPathsFile {
	#writer;
	#cdn;
	#paths = new ChangedPaths();
	constructor(writer, cdn) {
		this.#writer = writer;
		this.#cdn = cdn;
	}
	/** Opens an empty file; `cdn`: what is to be told of the paths, if any. */
	static async open(files, path, cdn) {
		return new ChangedPathsFile(await files.writer(path), cdn);
	}
	/** Takes a row that changed the destination, or may have; what is new was never served. Resolves when more can be taken; undefined: it can now. */
	add({ op, key, to, replaced }) {
		const changed = op === "delete" ? key : replaced ? to : void 0;
		return changed === void 0 ? void 0 : this.addKey(changed);
	}
	/** Takes the full key of an object that was overwritten or deleted, as `add` does. */
	addKey(key) {
		const prefix = this.#cdn?.originPrefix ?? "";
		if (!key.startsWith(prefix)) return void 0;
		const paths = pathsOf(key.slice(prefix.length));
		if (this.#cdn) for (const path of paths) this.#paths.add(path);
		return this.#writer.write(paths.join("\n"));
	}
	/** Has a CDN told that anything may have changed. */
	addAll() {
		if (this.#cdn) this.#paths.add("/*");
	}
	/** All of them so far; none where no CDN is to be told. */
	get paths() {
		return this.#paths;
	}
	close() {
		return this.#writer.close();
	}
};

// src/report/invalidate.ts
init__crypto();
/** So many paths with a wildcard may be under way at a time. */
const MOST_WILDCARDS = 15;
/** Paths of one request. */
const MOST_AT_ONCE = 1e3;
/** How long others that are under way are waited for, and how often they are asked after. */
const MOST_WAIT_MS = 3e5;
const WAIT_MS = 1e4;
const NONE = {
	made: [],
	problems: []
};
/** In a shell a word that stands for itself. */
const quoted = (word) => `'${word.replaceAll("'", `'\\''`)}'`;
/** More paths than that are no line for a person. */
const MOST_IN_LINE = 30;
/** What CloudFront says of paths that it takes from nobody. */
const NO_PATHS = "InvalidArgument";
/** The command of the AWS CLI that does the same, or more where it would be too long, or be refused as well. */
function commandOf({ distribution, paths }, error) {
	return `aws cloudfront create-invalidation --distribution-id ${distribution} --paths ${paths.length > MOST_IN_LINE || serviceFailure(error).code === NO_PATHS ? quoted("/*") : paths.map(quoted).join(" ")}`;
}
/** What went wrong, and what to do. */
function reasonOf$1(error) {
	if (error instanceof SyncError && error.kind === "cancelled") return "the run was cancelled.";
	if (error instanceof SyncError) return `${error.message} ${error.hint ?? ""}`.trim();
	const failure = serviceFailure(error);
	const { code, message, status } = failure;
	const told = `${code}: ${message.replace(/\.$/, "")}.`;
	if (status === void 0) return `${told} ${networkHint(failure) ?? ""}`.trim();
	return status === 403 ? `${told} Allow cloudfront:CreateInvalidation on the distribution to the identity that writes the destination.` : told;
}
__name(reasonOf$1, "reasonOf");
/** Makes one, and waits for its turn where too many are under way. The same reference makes none twice. */
async function makeInTurn(invalidation, making) {
	const { clock, log, timeoutMs } = making;
	const signal = making.host.cancelled;
	const cdn = await making.cdn();
	const ask = () => cdn.invalidate(invalidation, {
		timeoutMs,
		signal
	});
	const untilMs = clock.now() + MOST_WAIT_MS;
	for (;;) try {
		return await withRetry(clock, ask, ({ code }) => log.line("debug", `CloudFront: ${code}, retrying`));
	} catch (error) {
		signal.throwIfAborted();
		if (!(serviceFailure(error).code === "TooManyInvalidationsInProgress") || clock.now() + WAIT_MS > untilMs) throw error;
		log.line("info", "CloudFront has too many invalidations in progress: waiting for them.");
		await clock.sleep(WAIT_MS, signal);
	}
}
/** Makes one in what time a cancelled run has left. */
async function makeInHaste(invalidation, making) {
	const { host, clock, timeoutMs } = making;
	const [over, late] = [new AbortController(), new AbortController()];
	clock.sleep(spareMs(host.cancelledForMs()), over.signal).then(() => late.abort(host.cancelled.reason));
	try {
		return await (await making.cdn()).invalidate(invalidation, {
			timeoutMs,
			signal: late.signal
		});
	} finally {
		over.abort();
	}
}
async function make(invalidation, making) {
	const { cancelled } = making.host;
	if (cancelled.aborted) return makeInHaste(invalidation, making);
	return makeInTurn(invalidation, making).catch((error) => {
		if (!cancelled.aborted) throw error;
		return makeInHaste(invalidation, making);
	});
}
/**
* The invalidations that cover what changed. Their references are of this run alone: one plan may be carried out by
* several runs, and of a reference that it knows CloudFront makes nothing.
*/
function invalidationsOf$1(paths, distributions) {
	const run = randomUUID().replaceAll("-", "");
	const chunks = Array.from({ length: Math.ceil(paths.length / MOST_AT_ONCE) }, (_, at) => paths.slice(at * MOST_AT_ONCE, (at + 1) * MOST_AT_ONCE));
	return distributions.flatMap((distribution) => chunks.map((chunk, at) => ({
		distribution,
		paths: chunk,
		reference: `s3-direct-sync-${run}-${at}`
	})));
}
__name(invalidationsOf$1, "invalidationsOf");
/**
* Tells CloudFront what was overwritten or deleted, where that is asked for; what could not be told is a problem for a
* person, and never another result. A cancelled run asks but once: no later run knows what this one changed.
*/
async function invalidate(changed, run) {
	const { record, ports, log } = run;
	const { inputs, credentials, preflight } = record.found;
	const cdn = inputs?.reporting.cdn;
	if (!cdn || !credentials || !preflight?.facts || !tellsServices(inputs)) return NONE;
	const { maxPaths: paths, distributions, endpoint } = cdn;
	const wanted = invalidationsOf$1(changed.covering({
		paths,
		wildcards: MOST_WILDCARDS
	}), distributions);
	const made = [];
	const problems = [];
	const address = {
		endpoint,
		region: preflight.facts.destination.region,
		credentials: credentials.destination.credentials
	};
	const making = {
		cdn: () => ports.cdn(address),
		host: ports.host,
		clock: ports.clock,
		log,
		timeoutMs: inputs.transfer.requestTimeoutMs
	};
	for (const one of wanted) try {
		const id = await make(one, making);
		made.push({
			distribution: one.distribution,
			id,
			paths: one.paths
		});
		log.line("info", `CloudFront ${one.distribution}: ${humanObjects(one.paths.length, "path")} invalidated (${id})`);
	} catch (error) {
		problems.push(`CloudFront ${one.distribution} could not be invalidated: ${reasonOf$1(error)} To do it by hand: ${commandOf(one, error)}`);
	}
	return {
		made,
		problems
	};
}

// src/report/headline.ts
const CAUSE_LINES = 20;
/**
* Whether any op was given to an engine: else there is nothing to tell of a copy. Rows of a manifest that a guard refused
* count as failed or unknown, and nothing was begun.
*/
const attempted = ({ totals, failure }) => {
	const { copied, deleted, failed, unknown } = totals;
	const left = failed.objects + unknown.objects;
	return copied.objects + deleted.objects > 0 || left > 0 && failure?.kind !== "guard";
};
/** How the copies of a run were verified; '' where nobody looked. Only ETags and checksums verify what an object holds. */
function verified({ verification, totals: { copied } }) {
	if (!verification || verification.method === "none" || verification.mismatched > 0) return "";
	const { bySizeAndTime } = verification;
	if (bySizeAndTime === 0) return ", verified";
	if (bySizeAndTime >= copied.objects) return ", checked by size and time";
	return `, ${humanCount(copied.objects - bySizeAndTime)} verified, ${humanCount(bySizeAndTime)} checked by size and time`;
}
/** Whether a run ended between its plan and its first op: what there is to tell is the plan. */
const isRefusedPlan = (report) => report.result === "failed" && report.mode !== "check" && report.files.plan !== void 0 && !attempted(report);
/** Ops that max-duration left nobody time to begin with. */
const notBegun = ({ errors }) => errors.find(({ code: name }) => name === "MaxDuration")?.objects ?? 0;
function progress(report) {
	const { planned, copied, plannedDeletes, deleted, failed, unknown } = report.totals;
	const left = notBegun(report);
	return [
		`${humanCount(copied.objects)} of ${humanObjects(planned.objects)} copied`,
		plannedDeletes.objects > 0 ? `${humanCount(deleted.objects)} of ${humanCount(plannedDeletes.objects)} deleted` : "",
		failed.objects > left ? `${humanCount(failed.objects - left)} failed` : "",
		left > 0 ? `${humanCount(left)} not started` : "",
		unknown.objects > 0 ? `${humanCount(unknown.objects)} unknown` : ""
	].filter((part) => part !== "").join(", ");
}
/** Objects of the source that were compared and left as they are. */
const comparedIn = ({ totals, reasons }) => totals.skipped.objects - (reasons["filtered"]?.objects ?? 0) - leftOutBy(reasons).objects;
function agreement(report) {
	const compared = comparedIn(report);
	const rest = tolerated(report);
	return `✅ Source and destination match: ${humanObjects(compared)} compared${rest ? ` (${rest})` : ""}`;
}
function wouldBe({ totals: { planned, plannedDeletes } }) {
	if (planned.objects === 0 && plannedDeletes.objects > 0) return `${humanObjects(plannedDeletes.objects)} would be deleted`;
	const deletes = plannedDeletes.objects > 0 ? `, ${humanCount(plannedDeletes.objects)} deleted` : "";
	return `${humanObjects(planned.objects)} would be copied (${humanBytes(planned.bytes)})${deletes}`;
}
/** Other objects under the keys of the plan, which `overwrite: never` keeps: one is enough, and nothing is copied. */
const publishedAlready = ({ reasons }) => reasons["destination-conflict"]?.objects ?? 0;
/** What a plan holds that is not carried out; '' where it holds nothing. */
function inPlanFile(report) {
	const { planned, plannedDeletes } = report.totals;
	if (planned.objects + plannedDeletes.objects === 0) return "";
	return `The ${report.transfers ? "plans are in `*/plan.ndjson`" : "plan is in `plan.ndjson`"}: ${wouldBe(report)}.`;
}
/** Whether the callout tells what became of most objects that failed: no error ended the run. */
const tellsWorst = (report) => report.failure === void 0 && (report.result === "partial" || report.result === "failed") && report.errors.length > 0;
/** The cause of most failures, where the run itself did not fail. */
function why(report) {
	const [worst] = report.errors;
	if (!worst || !tellsWorst(report)) return "";
	const cause = causeOfGroup(worst, report).replace(/^[A-Z](?=[a-z]* )/, (first) => first.toLowerCase());
	return `: ${prose(cause)}`;
}
const SENTENCES = {
	success: (report) => {
		const { copied, deleted } = report.totals;
		const copies = `${humanObjects(copied.objects)} copied (${humanBytes(copied.bytes)})${verified(report)}`;
		const deletes = deleted.objects > 0 ? `${humanObjects(deleted.objects)} deleted` : "";
		return `✅ ${[copied.objects > 0 ? copies : "", deletes].filter((part) => part !== "").join(", ")}`;
	},
	"nothing-to-do": (report) => report.mode === "check" ? agreement(report) : `✅ Nothing to do: ${humanObjects(comparedIn(report))} compared, nothing to copy`,
	planned: (report) => {
		if (report.refused) return `📝 ${prose(causeOf(report)?.title ?? "")}`;
		const kept = publishedAlready(report);
		return kept > 0 ? `📝 Nothing would be copied: ${humanObjects(kept)} protected by \`overwrite: never\`` : `📝 ${wouldBe(report)}`;
	},
	drift: (report) => `⚠️ Drift: ${humanObjects(driftOf(report).objects)} (${differences(report)})`,
	partial: (report) => `⚠️ ${progress(report)}${why(report)}`,
	failed: (report) => attempted(report) ? `❌ ${progress(report)}${why(report)}` : `❌ ${prose(causeOf(report)?.title ?? "The run failed")}`,
	cancelled: (report) => attempted(report) ? `🛑 Cancelled: ${progress(report)}` : "🛑 Cancelled before anything was written"
};
const address = (place) => code(addressOf(place, place.prefix));
/** Where a place was found, or else as it was asked for; '' where the inputs were refused. */
function shownPlace(report, name) {
	const place = report[name];
	const asked = report.settings.find((setting) => setting.name === name)?.value;
	return place ? address(place) : asked ? code(asked) : "";
}
function journey(report) {
	const { durationSeconds, transfers } = report;
	if (transfers) return `${humanObjects(transfers.length, "transfer")} in **${humanSeconds(durationSeconds)}**`;
	const [from, to] = [shownPlace(report, "source"), shownPlace(report, "destination")];
	const places = from && to ? `${from} → ${to} ` : "";
	return `${places}${places ? "in" : "After"} **${humanSeconds(durationSeconds)}**`;
}
/** Lines of untrusted text as paragraphs; lines that start with `- ` stay the items of a list. */
function paragraphs(text) {
	const lines = text.split(/\r\n|[\r\n]/).filter((line) => line.trim() !== "");
	const shown = lines.slice(0, CAUSE_LINES).flatMap((line, at) => {
		const item = /^\s*- (.*\S.*)/.exec(line)?.[1];
		if (item !== void 0) return [`- ${prose(item)}`];
		return at === 0 ? [prose(line)] : ["", prose(line)];
	});
	const more = lines.length - CAUSE_LINES;
	return more > 0 ? [
		...shown,
		"",
		`${humanObjects(more, "more line")} in the log.`
	] : shown;
}
/** What to do about most objects that failed, and what the service said of them. */
function worstOf(report) {
	const [worst] = report.errors;
	if (!worst || !tellsWorst(report)) return [];
	const said = saidOf(worst);
	const told = said === "" ? [] : [`${code(worst.code)}: ${prose(said)}`];
	if (told.length > 0 && isVague(worst.code)) return told;
	const remedy = prose(remedyIn(worst.code, worst.resolution));
	return told.length > 0 ? [
		remedy,
		"",
		...told
	] : [remedy];
}
/** An error that says so itself needs nobody to say it again. */
const SAYS_NOTHING_WAS_DONE = /\bnothing was (?:touched|copied|written)\b/i;
const untouched = ({ failure, refused }) => SAYS_NOTHING_WAS_DONE.test((failure ?? refused)?.text ?? "") ? "" : "Nothing was copied.";
function afterCancel({ totals }) {
	const { planned, plannedDeletes, copied, deleted, unknown } = totals;
	if (copied.objects + deleted.objects === planned.objects + plannedDeletes.objects) return "Everything was already done when the run was cancelled.";
	return `Copied objects stay copied${unknown.objects > 0 ? ", and unknown objects may have been copied too" : ""}. Run again: the next run finishes the rest.`;
}
function nextStep(report) {
	if (isRefusedPlan(report) || report.result === "planned" && report.refused) return `${untouched(report)} ${inPlanFile(report)}`.trim();
	switch (report.result) {
		case "planned":
			if (publishedAlready(report) > 0) return "Nothing was written. Publish under other keys, or remove the existing objects.";
			return report.dryRun ? "Nothing was written. Run without `dry-run` to apply the plan." : report.parts ? `Nothing was written. The plan has ${humanObjects(report.parts.count, "part")} in \`plan/\`: run one job with \`mode: execute\` and \`shard\` for each, then one job with \`mode: finish\`.` : "Nothing was written. To apply exactly this plan, keep `plan.ndjson` and run with `mode: execute`; to plan again and apply, run with `mode: sync`.";
		case "drift": return `Nothing was changed. ${prose(remedyOf(report))} Every difference has a line in \`plan.ndjson\`.`;
		case "cancelled": return attempted(report) ? afterCancel(report) : untouched(report);
		case "partial": return `Copied objects stay copied. ${prose(nextRun(report))}`.trim();
		case "failed": return attempted(report) ? prose(nextRun(report)) : untouched(report);
		default: return "";
	}
}
const ALERTS = {
	planned: "NOTE",
	drift: "WARNING",
	partial: "WARNING",
	cancelled: "WARNING",
	failed: "CAUTION"
};
/** What the headline says already is not said again below it. */
function withoutTitle({ title, text }) {
	const [first = "", ...rest] = text.split(/\r\n|[\r\n]/);
	return first.replace(/[.\s]+$/, "") === title && rest.length > 0 ? rest.join("\n") : text;
}
/** Why the run ended, where something ended it. */
function endingOf(failure, report) {
	if (!attempted(report)) return paragraphs(withoutTitle(failure));
	if (report.result === "cancelled") return paragraphs(failure.text.split("\n", 1)[0] ?? "");
	return [...failure.title === "" ? [] : [`**${prose(failure.title)}**`, ""], ...paragraphs(failure.text)];
}
function callout(report) {
	const { failure = report.refused, refused, result } = report;
	const kind = result === "planned" && refused ? "WARNING" : ALERTS[result];
	if (kind === void 0) return "";
	const told = failure ? endingOf(failure, report) : worstOf(report);
	const next = nextStep(report);
	return alert(kind, [
		...told,
		...told.length > 0 && next !== "" ? [""] : [],
		...next !== "" ? [next] : []
	]);
}
/** The verdict in one sentence, from where to where, and what to do next. */
const headline = (report) => [
	`## ${SENTENCES[report.result](report)}`,
	journey(report),
	callout(report)
].filter((part) => part !== "").join("\n\n");

// src/report/last-lines.ts
const MB = 1e6;
/** MB a second: less than that would be shown as none. */
const LEAST_SPEED = .05;
const files$1 = /* @__PURE__ */ __name((word, { objects, bytes }) => `${word}: ${objects} files${bytes > 0 ? `, ${humanBytes(bytes)}` : ""}`, "files");
function skipped({ totals, reasons }) {
	const skips = Object.entries(reasons).filter(([name, tally]) => isSkipReason(name) && tally.objects > 0).sort(([, a], [, b]) => b.objects - a.objects);
	const why = withinSentence(wordFor(REASONS, skips[0]?.[0] ?? "") ?? "");
	const { objects } = totals.skipped;
	const most = skips.length > 1 ? "mostly: " : "";
	return `Skipped: ${objects} files${objects > 0 && why ? ` (${most}${why})` : ""}`;
}
/** What is deleted by a later run. */
const later = ({ waiting }) => waiting?.due ? [`${files$1("To delete later", waiting)} (${untilWhen(waiting.due)})`] : [];
/** Why the plan is not carried out, where it is not only waiting. */
const refusedLine = (report) => {
	const title = causeOf(report)?.title;
	if (title === void 0) return [];
	return [safe(report.result === "planned" ? title : `Not run: ${title}`)];
};
const STOPPED = /* @__PURE__ */ new Set(["failed", "cancelled"]);
/** What the run came to, and the files in which a person reads on. */
function whereTo(report) {
	const { result, files: written } = report;
	const isOnlyPlanned = result === "planned" || result === "drift" || isRefusedPlan(report);
	return [
		`Result: ${result}`,
		...isOnlyPlanned && written.plan ? [`Plan: ${safe(written.plan)}`] : [],
		...written.report === "" ? [] : [`Report: ${safe(written.report)}`]
	];
}
/** Closing lines of the log, as the specification prints them. */
function closingLines(report) {
	const { totals, durationSeconds, copySeconds } = report;
	const { plannedDeletes, deleted } = totals;
	const time = `Total time: ${durationSeconds.toFixed(1)}s`;
	const where = whereTo(report);
	if (report.result === "drift") return [
		`${files$1("Missing or different", totals.planned)} (nothing was changed)`,
		...plannedDeletes.objects > 0 ? [files$1("Only at the destination", plannedDeletes)] : [],
		skipped(report),
		time,
		...where
	];
	if (report.result === "planned" || isRefusedPlan(report)) return [
		...refusedLine(report),
		`${files$1("Planned", totals.planned)} (nothing was written)`,
		...plannedDeletes.objects > 0 ? [files$1("To delete", plannedDeletes)] : [],
		...later(report),
		skipped(report),
		time,
		...where
	];
	if (STOPPED.has(report.result) && !attempted(report)) return [time, ...where];
	const speed = perSecond(totals.copied.bytes, copySeconds) / MB;
	return [
		files$1("Copied", totals.copied),
		skipped(report),
		...plannedDeletes.objects > 0 ? [files$1("Deleted", deleted)] : [],
		...later(report),
		files$1("Failed", totals.failed),
		...totals.unknown.objects > 0 ? [files$1("Unknown", totals.unknown)] : [],
		time,
		...speed >= LEAST_SPEED ? [`Average speed: ${speed.toFixed(1)} MB/s`] : [],
		...where
	];
}

// src/model/stages.ts
/** The stages of a run, in their order: log, report, `failure-kind` and docs use these words. */
const STAGES = [
	"inputs",
	"install",
	"credentials",
	"preflight",
	"list",
	"plan",
	"copy",
	"verify",
	"delete",
	"report"
];

// src/report/merge.ts
/** Of these examples are all that is shown. */
const SAMPLES = 100;
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
/** Each once, where several transfers share a place. */
const checksOf = (reports) => {
	const all = reports.flatMap(({ checks }) => checks);
	const texts = all.map((check) => JSON.stringify(check));
	return all.filter((_check, at) => texts.indexOf(texts[at] ?? "") === at);
};
/** Sums what has the same name. */
function tallies(records) {
	const all = {};
	for (const record of records) for (const [name, tally] of Object.entries(record)) all[name] = addTally(all[name] ?? NO_TALLY, tally);
	return all;
}
/** What all say alike; undefined where they differ. */
function common(facts) {
	const [first, ...others] = facts;
	const text = JSON.stringify(first);
	return others.every((other) => JSON.stringify(other) === text) ? first : void 0;
}
function totalsOf(reports) {
	const of = (name) => reports.map(({ totals }) => totals[name]).reduce(addTally, NO_TALLY);
	return {
		planned: of("planned"),
		copied: of("copied"),
		plannedDeletes: of("plannedDeletes"),
		deleted: of("deleted"),
		failed: of("failed"),
		unknown: of("unknown"),
		skipped: of("skipped")
	};
}
function requestsOf(reports) {
	const all = reports.flatMap(({ requests }) => requests ?? []);
	const of = (name) => sum(all.map((requests) => requests[name]));
	const looksAt = (of, side) => sum(all.map((requests) => requests[of][side]));
	const bySide = (of) => ({
		source: looksAt(of, "source"),
		destination: looksAt(of, "destination")
	});
	return all.length === 0 ? void 0 : {
		copies: of("copies"),
		deletes: of("deletes"),
		lookUps: of("lookUps"),
		lookUpLists: of("lookUpLists"),
		sourceLists: of("sourceLists"),
		destinationLists: of("destinationLists"),
		typeLooks: of("typeLooks"),
		headerLooks: of("headerLooks"),
		headerCompares: of("headerCompares"),
		checksumLooks: bySide("checksumLooks"),
		rowLooks: bySide("rowLooks")
	};
}
/** Of rows that one manifest has for several transfers. */
function manifestOf$1(reports) {
	const all = reports.flatMap(({ manifest }) => manifest ?? []);
	const [first] = all;
	if (!first || all.some(({ sha256 }) => sha256 !== first.sha256)) return void 0;
	const lookUps = (side) => ({
		heads: sum(all.map((one) => one.lookUps[side].heads)),
		lists: sum(all.map((one) => one.lookUps[side].lists))
	});
	return {
		name: first.name,
		sha256: first.sha256,
		missing: first.missing,
		rows: sum(all.map(({ rows }) => rows)),
		sha256Unproven: sum(all.map(({ sha256Unproven }) => sha256Unproven)),
		lookUps: {
			source: lookUps("source"),
			destination: lookUps("destination")
		}
	};
}
__name(manifestOf$1, "manifestOf");
function samplesOf(reports) {
	const names = new Set(reports.flatMap(({ samples }) => Object.keys(samples)));
	return Object.fromEntries([...names].map((name) => [name, reports.flatMap(({ samples }) => samples[name] ?? []).slice(0, SAMPLES)]));
}
/** The stages of all in their order: their times are sums. */
function stagesOf(shared, parts) {
	const ofAll = parts.flatMap(({ name, report }) => report.stages.map((timing) => ({
		...timing,
		line: `${name}: ${timing.line}`
	})));
	return STAGES.flatMap((stage) => {
		const timings = [...shared, ...ofAll].filter((timing) => timing.stage === stage);
		const seconds = sum(timings.map((timing) => timing.seconds));
		const line = timings.map((timing) => timing.line).join("; ");
		return timings.length === 0 ? [] : [{
			stage,
			seconds,
			line
		}];
	});
}
function engineOf(parts) {
	const all = parts.flatMap(({ name, report: { engine } }) => engine ? [{
		name,
		engine
	}] : []);
	const engines = all.map(({ engine }) => engine);
	const [first] = engines;
	if (!first) return void 0;
	const widest = engines.reduce((most, one) => one.numworkers > most.numworkers ? one : most);
	return {
		...engineTotals(engines),
		toolchain: engines.find(({ toolchain }) => toolchain)?.toolchain,
		toolchainProblem: engines.find((one) => one.toolchainProblem)?.toolchainProblem,
		numworkers: widest.numworkers,
		workersRule: widest.workersRule,
		concurrency: all.flatMap(({ name, engine }) => engine.concurrency.map((one) => ({
			...one,
			name: `${name}: ${one.name}`
		}))),
		batchOps: Object.assign({}, ...engines.map(({ batchOps }) => batchOps)),
		partBytes: first.partBytes,
		linkBytesPerSecond: engines.findLast((one) => one.linkBytesPerSecond)?.linkBytesPerSecond
	};
}
function verificationOf$1(reports) {
	const all = reports.flatMap(({ verification }) => verification ?? []);
	const looked = all.find(({ method }) => method !== "none" && method !== "results") ?? all[0];
	return looked && {
		method: looked.method,
		checked: sum(all.map(({ checked }) => checked)),
		mismatched: sum(all.map(({ mismatched }) => mismatched)),
		byChecksum: sum(all.map(({ byChecksum }) => byChecksum)),
		bySizeAndTime: sum(all.map(({ bySizeAndTime }) => bySizeAndTime))
	};
}
__name(verificationOf$1, "verificationOf");
/** Globs of the step that match nothing in one of its transfers are no slip: another one may have what they are for. */
function isOfOthers(text, { settings }) {
	const [, input] = /^(include|exclude|waves|headers)\b.* matched (?:nothing|no object)\b/.exec(text) ?? [];
	return settings.some(({ name, origin }) => name === input && origin !== "transfer");
}
/** Each warning once, with the names of the transfers that it is about, unless that is all of them. */
function warningsOf(parts) {
	const about = /* @__PURE__ */ new Map();
	for (const part of parts) for (const text of part.report.warnings) about.set(text, [...about.get(text) ?? [], part]);
	return [...about].flatMap(([text, some]) => {
		if (some.length === parts.length) return [text];
		const own = some.filter(({ report }) => !isOfOthers(text, report)).map(({ name }) => name);
		if (own.length === 0) return [];
		return [`${text} ${own.length === 1 ? "Transfer" : "Transfers"}: ${own.join(", ")}.`];
	});
}
/** Why real runs of transfers would be refused, as one. */
function refusedOf(parts) {
	const [first, ...others] = parts.flatMap(({ name, report: { refused } }) => refused ? [{
		name,
		refused
	}] : []);
	if (!first) return void 0;
	const { name, refused } = first;
	const counted = others.length === 0 ? "" : ` (and ${humanObjects(others.length, "more transfer")})`;
	return {
		kind: refused.kind,
		title: `${name}: ${refused.title}${counted}`,
		text: [`${name}: ${refused.text}`, ...others.map((other) => `Also ${other.name}: ${other.refused.title}.`)].join("\n")
	};
}
/** What each transfer says alike: the others are its own, and stand in its report. */
const settingsOf = (parts) => {
	const [first, ...others] = parts.map(({ report }) => report.settings);
	const isCommon = (setting) => others.every((settings) => settings.some(({ name, value }) => name === setting.name && value === setting.value));
	return [{
		name: "transfers",
		value: parts.map(({ name }) => name).join(", "),
		origin: "input"
	}, ...(first ?? []).filter((setting) => setting.origin !== "transfer" && isCommon(setting))];
};
const rowOf$3 = /* @__PURE__ */ __name(({ name, report }) => ({
	name,
	result: report.result,
	totals: report.totals,
	durationSeconds: report.durationSeconds,
	cause: causeOf(report)?.title,
	report: report.files.report === "" ? void 0 : report.files.report,
	plan: report.files.plan,
	failed: report.files.failed
}), "rowOf");
/** What the transfers of a step come to together. */
function mergeReports(parts, facts) {
	const reports = parts.map(({ report }) => report);
	const [{ report: first }] = parts;
	const { outcomes, failOn } = facts;
	const totals = totalsOf(reports);
	const results = reports.map(({ result }) => result);
	const result = resultOfAll(results, totals.copied.objects + totals.deleted.objects);
	const source = common(reports.map((report) => report.source));
	const destination = common(reports.map((report) => report.destination));
	return {
		schema: REPORT_SCHEMA,
		result,
		exitCode: exitCodeOf(result, failOn),
		mode: first.mode,
		dryRun: first.dryRun,
		startedAt: new Date(facts.startedMs).toISOString(),
		durationSeconds: facts.durationSeconds,
		copySeconds: sum(reports.map(({ copySeconds }) => copySeconds)),
		peakBytesPerSecond: Math.max(...reports.map(({ peakBytesPerSecond: peak }) => peak)),
		settings: settingsOf(parts),
		identity: common(reports.map(({ identity }) => identity)),
		sourceIdentity: common(reports.map(({ sourceIdentity }) => sourceIdentity)),
		writtenBy: common(reports.map(({ writtenBy }) => writtenBy)),
		streamed: common(reports.map(({ streamed }) => streamed)),
		source,
		destination,
		checks: checksOf(reports),
		reasons: tallies(reports.map(({ reasons }) => reasons)),
		samples: samplesOf(reports),
		listed: {
			source: sum(reports.map(({ listed }) => listed.source)),
			destination: sum(reports.map(({ listed }) => listed.destination))
		},
		totals,
		manifest: manifestOf$1(reports),
		requests: requestsOf(reports),
		sizeClasses: outcomes.sizeClasses,
		folders: outcomes.folderRows(),
		slowest: outcomes.slowest,
		routes: outcomes.routes,
		stages: stagesOf(facts.stages, parts),
		engine: engineOf(parts),
		verification: verificationOf$1(reports),
		waiting: waitingOfAll(reports),
		lock: first.lock,
		invalidations: reports.flatMap(({ invalidations = [] }) => invalidations),
		errors: outcomes.errorGroups().map((group) => advised(group, {
			source,
			destination
		}, first.mode)),
		warnings: warningsOf(parts),
		failure: facts.failure,
		refused: refusedOf(parts),
		peakMemoryBytes: Math.max(...reports.map(({ peakMemoryBytes }) => peakMemoryBytes)),
		transfers: parts.map(rowOf$3),
		files: facts.files
	};
}

// src/report/metrics.ts
const BYTES_PER_MB = 1e6;
const DIMENSIONS = {
	Repository: "GITHUB_REPOSITORY",
	Workflow: "GITHUB_WORKFLOW"
};
/** CloudWatch takes printable ASCII, and workflows have all kinds of names. */
const ascii$1 = /* @__PURE__ */ __name((text) => text.replace(/[^\x20-\x7e]+/g, "?").trim(), "ascii");
function dimensionsOf(env) {
	const named = Object.entries(DIMENSIONS).map(([name, variable]) => [name, ascii$1(env[variable] ?? "")]);
	return Object.fromEntries(named.filter(([, value]) => value !== ""));
}
function metricsOf({ totals, durationSeconds, copySeconds }) {
	const { copied, failed, unknown, skipped } = totals;
	const speed = perSecond(copied.bytes, copySeconds) / BYTES_PER_MB;
	return [
		...speed > 0 ? [{
			name: "TransferSpeed",
			value: speed,
			unit: "None"
		}] : [],
		{
			name: "FilesTransferred",
			value: copied.objects,
			unit: "Count"
		},
		{
			name: "TransferDuration",
			value: durationSeconds,
			unit: "Seconds"
		},
		{
			name: "FilesFailed",
			value: failed.objects + unknown.objects,
			unit: "Count"
		},
		{
			name: "FilesSkipped",
			value: skipped.objects,
			unit: "Count"
		},
		{
			name: "BytesTransferred",
			value: copied.bytes,
			unit: "Bytes"
		}
	];
}
/** What CloudWatch is told of a run. Names and units of the first three are the specification's: megabytes a second have none. */
const metricData = (report, { namespace, env }) => ({
	namespace,
	dimensions: dimensionsOf(env),
	metrics: metricsOf(report)
});
/** Credentials that AWS does not know. */
const STRANGERS = /^(InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch)/;
/** What is to be done so that metrics arrive. */
function remedy(failure, { namespace, region }) {
	const { code, status } = failure;
	if (code === "UntrustedCertificate" || code === "ProxyRefused") return networkHint(failure) ?? "";
	if (status === void 0) return `Allow the runner to reach CloudWatch in ${region}.`;
	if (status === 403 && !STRANGERS.test(code)) return `Allow cloudwatch:PutMetricData on the resource * to the identity that writes the destination, for the namespace ${namespace} (condition key cloudwatch:namespace).`;
	return "Check that the destination uses AWS credentials, and that AWS_ENDPOINT_URL does not point to another service.";
}
/** What went wrong, and what to do. */
function reasonOf(error, target) {
	if (error instanceof SyncError) return error.hint === void 0 ? error.message : `${error.message} ${error.hint}`;
	const failure = serviceFailure(error);
	const { code, message, status } = failure;
	return `${(code === "SyntaxError" ? `HTTP status ${status}` : `${code}: ${message}`).replace(/\.$/, "")}. ${remedy(failure, target)}`;
}
/**
* Sends what CloudWatch is told of a run that could write, where that is asked for. Gives a warning when
* it could not be sent; a cancelled run does not wait for it.
*/
async function sendMetrics(report, { record, ports, log }) {
	const { inputs, credentials, preflight } = record.found;
	const facts = preflight?.facts;
	const { host, metrics } = ports;
	const namespace = inputs?.reporting.metricsNamespace;
	if (!namespace || !credentials || !facts || !tellsServices(inputs) || host.cancelled.aborted) return void 0;
	const { region, variant } = facts.destination;
	const service = serviceOf({
		endpoint: inputs.reporting.metricsEndpoint,
		region,
		variant
	});
	log.line("debug", `Metrics go to CloudWatch: ${namespace}, ${region}`);
	try {
		await (await metrics({
			service,
			credentials: credentials.destination.credentials
		})).put(metricData(report, {
			namespace,
			env: host.env
		}), {
			timeoutMs: inputs.transfer.requestTimeoutMs,
			signal: host.cancelled
		});
		return;
	} catch (error) {
		return `Metrics could not be sent to CloudWatch: ${reasonOf(error, {
			namespace,
			region
		})} To send none, set cloudwatch-metrics: false.`;
	}
}

// src/report/outputs.ts
const VALUE_CHARS = 4e3;
const whole = (value) => String(Math.round(value));
const tenths = (value) => value.toFixed(1);
function numbers({ totals, durationSeconds, copySeconds }) {
	const { planned, plannedDeletes, copied, deleted, skipped, failed, unknown } = totals;
	return {
		"planned-copies": whole(planned.objects),
		"planned-deletes": whole(plannedDeletes.objects),
		copied: whole(copied.objects),
		deleted: whole(deleted.objects),
		skipped: whole(skipped.objects),
		failed: whole(failed.objects),
		unknown: whole(unknown.objects),
		"bytes-planned": whole(planned.bytes),
		"bytes-copied": whole(copied.bytes),
		"duration-seconds": tenths(durationSeconds),
		"objects-per-second": tenths(perSecond(copied.objects, copySeconds)),
		"bytes-per-second": whole(perSecond(copied.bytes, copySeconds))
	};
}
/** Lines as sentences in a row; what is indented is to be copied as it is. */
const oneLine = (text) => text.split(/[\r\n]+/).map((line, at, all) => at < all.length - 1 && /^(?!\s).*[\p{L}\p{N})"'`]$/u.test(line) ? `${line}.` : line).join(" ");
function texts(report) {
	const { engine, identity, files } = report;
	const cause = causeOf(report);
	return {
		result: report.result,
		engine: engine?.used.join(","),
		"s5cmd-version": engine?.toolchain?.version,
		"s5cmd-path": engine?.toolchain?.path,
		"source-region": report.source?.region,
		"destination-region": report.destination?.region,
		"aws-account-id": identity?.account,
		"assumed-role-arn": identity?.roleArn && (identity.arn ?? identity.roleArn),
		"report-dir": files.folder,
		"plan-path": files.plan,
		"plan-id": report.parts?.planId,
		shards: report.parts && `[${Array.from({ length: report.parts.count }, (_, at) => at + 1)}]`,
		"shard-count": report.parts && whole(report.parts.count),
		"report-path": files.report,
		"failed-path": files.failed,
		"not-in-source-path": files.notInSource,
		"published-path": files.published,
		"sha256sums-path": files.sums,
		"lock-epoch": report.lock && whole(report.lock.epoch),
		"manifest-rows": report.manifest && whole(report.manifest.rows),
		"batch-dir": files.batches,
		"policy-path": files.policy,
		"summary-path": files.summary,
		"changed-paths-path": files.changed,
		"cloudfront-invalidations": report.invalidations?.map(({ id }) => id).join(","),
		"failure-kind": cause?.kind,
		"failure-message": cause && oneLine(cause.text)
	};
}
/** Of at most 50, each with its paths: a job's outputs have room for them. */
const transfersOf = ({ transfers }) => transfers === void 0 ? "" : visibleJson(transfers.map(({ name, result, totals, cause, report, plan, failed }) => ({
	name,
	result,
	"planned-copies": totals.planned.objects,
	"planned-deletes": totals.plannedDeletes.objects,
	copied: totals.copied.objects,
	deleted: totals.deleted.objects,
	skipped: totals.skipped.objects,
	failed: totals.failed.objects,
	unknown: totals.unknown.objects,
	"bytes-copied": totals.copied.bytes,
	"report-path": report ?? "",
	"plan-path": plan ?? "",
	"failed-path": failed ?? "",
	"failure-message": cause ?? ""
})));
/**
* Every output by name. Counts are integers, seconds and objects per second have one decimal, rates
* are of the execute stage's time; what is absent is ''. A value is one line and no command.
*/
function outputs(report) {
	const values = Object.entries({
		...numbers(report),
		...texts(report)
	}).map(([name, value]) => [name, cut(safe(value ?? ""), VALUE_CHARS)]);
	return Object.fromEntries([...values, ["transfers", transfersOf(report)]]);
}

// src/report/receipt.ts
/** Which attempt of its workflow run this is; 0 where the runner does not tell. */
function attemptOf({ env }) {
	const { GITHUB_RUN_ATTEMPT: attempt = "" } = env;
	return /^\d{1,9}$/.test(attempt) ? Number(attempt) : 0;
}
/** Writes what a shard says of itself, by which the last job knows its rows; a run that is none writes nothing. */
async function writeReceipt({ record, ports: { files, host } }, report) {
	const { found } = record;
	const index = found.parts?.index;
	const shard = found.inputs?.shard;
	if (!found.inputs || !index || !isPart(shard)) return;
	const { number, of } = shard;
	const { results, receipt } = reportPaths(files, found.inputs.reporting.reportDir, shard);
	const part = index.parts[number - 1];
	if (receipt === void 0 || !part) return;
	if (!await files.exists(results)) await files.writeText(results, "");
	const said = {
		schema: RECEIPT_SCHEMA,
		planId: index.planId,
		shard: number,
		of,
		attempt: attemptOf(host),
		part: part.digest,
		rows: {
			file: rowsFile(number),
			digest: await files.sha256(results)
		},
		report: JSON.parse(JSON.stringify(report))
	};
	await files.writeText(receipt, sealedText(said, "digest"));
}
/**
* Leaves what a shard left in a bucket, where the last job is to find it there; a run that is none leaves nothing. Throws
* where it cannot.
*/
async function handOver(run, report) {
	const { inputs: request, credentials, parts } = run.record.found;
	if (!request || !credentials || !parts || !isPart(request.shard)) return;
	const { shardsDir: folder } = request;
	if (!isOfBucket(folder)) return;
	await writeReceipt(run, report);
	const { leaveShard } = await import("./shards-bucket.js");
	const session = credentials.destination;
	await leaveShard({
		folder,
		request,
		session
	}, parts.index, run.ports);
}

// src/report/checks.ts
const row = ({ name, status, detail }) => [
	CHECKS[name],
	CHECK_WORDS[status],
	code(detail, 500)
];
/** How many checks came to what; those that a run can do without do not count. */
function countsOf(all) {
	const of = (...wanted) => all.filter(({ status }) => wanted.includes(status)).length;
	const warnings = of("warn");
	const failed = of("fail");
	const unseen = of("not-allowed", "not-known");
	return [
		...failed > 0 ? [`${failed} failed`] : [],
		`${of("pass")} passed`,
		...warnings > 0 ? [humanObjects(warnings, "warning")] : [],
		...unseen > 0 ? [`${unseen} not checked`] : []
	].join(", ");
}
/** What was looked at before the start; what failed stands at the top of the summary already. */
function checks({ checks: all }) {
	const text = table([
		{ title: "Check" },
		{ title: "" },
		{ title: "Found" }
	], all.map(row));
	return details(`Preflight checks: ${countsOf(all)}`, text);
}

// src/report/lasting.ts
/** Inputs that say how objects are written: they change none that is there already. */
const ON_WRITE = [
	"storage-class",
	"sse",
	"sse-kms-key-id",
	"acl",
	"metadata-directive",
	"cache-control",
	"content-type"
];
/** undefined where there is nothing of the kind. */
function lastingOf({ settings, totals, reasons, result }) {
	if (![
		"success",
		"nothing-to-do",
		"planned"
	].includes(result)) return void 0;
	const given = settings.filter(({ origin, value }) => origin !== "default" && value !== "");
	const inputs = ON_WRITE.filter((name) => given.some((one) => one.name === name));
	const objects = comparedIn({
		totals,
		reasons
	});
	return inputs.length > 0 && objects > 0 ? {
		inputs,
		objects
	} : void 0;
}
/** Says so, and how they are applied. */
function lasting(report) {
	const found = lastingOf(report);
	if (!found) return "";
	const names = found.inputs.map((name) => code(name)).join(", ");
	const keep = found.objects === 1 ? "keeps its value" : "keep their values";
	return alert("NOTE", [`${names}: applied to copied objects only. ${humanObjects(found.objects)} that did not change ${keep}. To apply it to all objects, run once with \`compare: always\`, which copies them again.`]);
}

// src/report/estimate.ts
/** One CopyObject of a small object within AWS, seconds: 100 to 200 ms are seen. */
const COPY_SECONDS = .15;
/** What the service copies of one object in a second, bytes. */
const COPIED_BYTES = 5e7;
/** What a runner reads and writes again in a second, bytes. */
const STREAMED_BYTES = 5e7;
/** Of all copies of a plan; `asked`: objects at a time that were asked for, NaN where nothing fixes them. */
function estimateOf({ objects, bytes }, { asked, streamed }) {
	const wanted = asked > 0 ? asked : WORKERS[sizeClassOf(bytes / Math.max(1, objects))];
	const workers = Math.min(wanted, Math.max(1, objects));
	const perCopy = objects * COPY_SECONDS / workers;
	const byBytes = streamed ? bytes / STREAMED_BYTES : bytes / (COPIED_BYTES * workers);
	const rate = `${humanBytes(streamed ? STREAMED_BYTES : COPIED_BYTES)}/s`;
	return {
		seconds: perCopy + byBytes,
		assumed: `${humanObjects(workers, "object")} in parallel, ${COPY_SECONDS} s per object plus its bytes at ${rate}${streamed ? " for all" : ""}`
	};
}

// src/report/plan.ts
const TITLES = {
	planned: "Planned changes",
	drift: "What differs"
};
const REASONS_SHOWN$1 = 20;
const titleOf = (report) => isRefusedPlan(report) ? "Changes not applied" : TITLES[report.result];
function priceOfPlan(taken, source, destination) {
	const { lookUps, typeLooks, headerLooks, headerCompares, checksumLooks, rowLooks } = taken;
	const { copies, lookUpLists, sourceLists, destinationLists } = taken;
	const reads = destination.folder === void 0 ? 0 : copies;
	return priceOf([{
		place: source,
		heads: lookUps + typeLooks + headerLooks + checksumLooks.source + rowLooks.source + reads,
		lists: lookUpLists + sourceLists
	}, {
		place: destination,
		heads: headerCompares + checksumLooks.destination + rowLooks.destination,
		lists: destinationLists,
		copies
	}]);
}
/** What carrying out the plan asks of the service. */
function requests(report) {
	const { requests: taken, source, destination } = report;
	if (!taken) return "";
	const { copies, deletes, sourceLists, destinationLists, typeLooks } = taken;
	const { checksumLooks, rowLooks, headerLooks, headerCompares } = taken;
	const compared = checksumLooks.source + checksumLooks.destination;
	const rows = rowLooks.source + rowLooks.destination;
	const lists = sourceLists + destinationLists;
	const lookUps = lookUpsInWords(taken);
	const counts = [
		...copies > 0 ? [humanObjects(copies, destination?.folder === void 0 ? "copy request" : "GET request")] : [],
		...typeLooks > 0 ? [`${humanObjects(typeLooks, "HEAD request")} to keep content types`] : [],
		...rows > 0 ? [`${humanObjects(rows, "HEAD request")} to look up the manifest`] : [],
		...headerLooks > 0 ? [`${humanObjects(headerLooks, "HEAD request")} to keep the headers that no rule names`] : [],
		...headerCompares > 0 ? [`${humanObjects(headerCompares, "HEAD request")} to compare headers`] : [],
		...lists > 0 || rows === 0 ? [humanObjects(lists, "LIST request")] : [],
		...compared > 0 ? [`${humanObjects(compared, "HEAD request")} to compare checksums`] : [],
		...deletes > 0 ? [humanObjects(deletes, "delete request")] : [],
		...lookUps ? [`${lookUps} to check the source before deleting`] : []
	];
	if (copies + deletes === 0) return "";
	const price = source && destination ? priceOfPlan(taken, source, destination) : "";
	const transfer = price ? ", cross-region data transfer not included" : "";
	return [
		`Applying it takes at least ${counts.join(", ")}${price}${transfer}.`,
		throughRunner(report),
		timeOf(report)
	].filter((sentence) => sentence !== "").join(" ");
}
function throughRunner({ streamed, totals: { planned } }) {
	return streamed && planned.bytes > 0 ? `${humanBytes(planned.bytes)} pass through the runner: ${wordFor(ROUTES, streamed)}.` : "";
}
/** How long copying may take; measured rates differ by more than the objects do, so that it says what it assumes. */
function timeOf({ totals: { planned }, settings, streamed }) {
	if (planned.objects === 0) return "";
	const asked = Number(settings.find(({ name }) => name === "numworkers")?.value);
	const estimate = estimateOf(planned, {
		asked,
		streamed: streamed !== void 0
	});
	return `Estimated copy time: ${humanSeconds(estimate.seconds)} (${estimate.assumed}).`;
}
const line = ({ key, size }) => `- ${code(key)} ${humanBytes(size)}`;
function deedOf$1(reason, report) {
	if (!isDifference(reason, report)) return report.mode === "check" ? "Not counted" : "Leave";
	if (report.mode === "check") return "Different";
	return isCopyReason(reason) ? "Copy" : "Delete";
}
__name(deedOf$1, "deedOf");
function examples$1(report, reason) {
	const shown = report.samples[reason] ?? [];
	const all = report.reasons[reason]?.objects ?? shown.length;
	const word = wordFor(REASONS, reason) ?? "another reason";
	const more = all - shown.length;
	const lines = [...shown.map(line), ...more > 0 ? [`- and ${humanObjects(more, "more object")} in the plan file`] : []];
	return details(`${deedOf$1(reason, report)}: ${withinSentence(word)} (${humanCount(all)})`, lines.join("\n"));
}
__name(examples$1, "examples");
const DELETED = "only-at-destination";
/** Whether the deletes are listed by themselves. */
const listsDeletes = (report) => (report.result === "planned" || isRefusedPlan(report)) && report.totals.plannedDeletes.objects > 0;
/** More open lines would push all that follows off the screen. */
const DELETES_OPEN = 10;
/** The deletes of a plan that waits or was refused, the first open to the eye: what a person must read before agreeing. `who`: whose plan it is, as Markdown. */
function deletes(report, who = "it") {
	if (!listsDeletes(report)) return "";
	const { objects } = report.totals.plannedDeletes;
	const shown = (report.samples[DELETED] ?? []).map(line);
	const more = objects - shown.length;
	const rest = shown.slice(DELETES_OPEN);
	return section(`What ${who} would delete (${humanCount(objects)})`, shown.slice(0, DELETES_OPEN).join("\n"), details(`The next ${rest.length}`, rest.join("\n")), more > 0 ? `And ${humanCount(more)} more in \`plan.ndjson\`.` : "");
}
/** Copies, then deletes, then what is left. */
const rankOf = (reason, report) => isCopyReason(reason) ? 0 : isDifference(reason, report) ? 1 : 2;
/** What a plan that waits would do, or what differs, and why: the first objects of each reason. */
function plan(report) {
	const title = titleOf(report);
	if (title === void 0) return "";
	const reasons = Object.keys(report.samples).filter((reason) => reason !== "delete-later" && (reason !== DELETED || !listsDeletes(report))).sort((a, b) => rankOf(a, report) - rankOf(b, report));
	return section(title, report.result === "drift" ? "" : requests(report), ...reasons.slice(0, REASONS_SHOWN$1).map((reason) => examples$1(report, reason)));
}

// src/report/policy.ts
const DENIED = /\bAccessDenied\b|not authorized to perform|\bdenied\b/;
/** Whether the service refused what a policy can allow; a role's trust policy is another matter. */
function wasDenied({ failure, errors }) {
	if (errors.some(({ code }) => code === "AccessDenied")) return true;
	return failure !== void 0 && failure.kind !== "credentials" && DENIED.test(`${failure.title} ${failure.text}`);
}
/** The smallest policy for the run, where it was denied something. */
const policy = (report, { policy: text }) => text !== void 0 && wasDenied(report) ? details("The smallest IAM policy for this run", fenced("json", text)) : "";

// src/report/run-facts.ts
const SHORT_SHA = 12;
const SEPARATOR = " · ";
const listed = (parts) => parts.filter((part) => part).join(SEPARATOR) || void 0;
const place = (where) => where && listed([
	code(addressOf(where, where.prefix)),
	where.region && code(where.region),
	where.endpoint && code(where.endpoint)
]);
const identity = (who) => who && listed([who.arn && code(who.arn), wordFor(IDENTITY_SOURCES, who.source)]);
const sourceIdentity = ({ sourceIdentity: who, writtenBy }) => who === "anonymous" ? "anonymous (unsigned requests)" : listed([identity(who), writtenBy === "source" ? "same as the destination" : void 0]);
const streamed = ({ streamed: why, totals: { copied } }) => why && copied.objects > 0 ? listed([
	humanObjects(copied.objects),
	humanBytes(copied.bytes),
	wordFor(ROUTES, why)
]) : void 0;
const toolchain = ({ version, reported, sha256, origin }) => listed([
	`s5cmd ${code(version)}`,
	reported === version ? void 0 : code(reported),
	`sha256 ${code(sha256.slice(0, SHORT_SHA))}`,
	wordFor(ORIGINS, origin)
]);
const engineName = ({ used, toolchain: tool, toolchainProblem }) => listed([
	tool && (used.length === 0 || used.includes("s5cmd")) ? toolchain(tool) : void 0,
	used.includes("direct") ? "direct engine" : void 0,
	toolchainProblem && prose(toolchainProblem)
]);
const adaptedConcurrency = ({ concurrency }) => listed(concurrency.filter(({ initial, final }) => final !== initial).map(({ name, initial, final }) => `${name}: ${humanCount(initial)} → ${humanCount(final)}`));
const processes = ({ processes: begun, used }) => {
	if (!used.includes("s5cmd")) return void 0;
	return begun === 1 ? "1 process" : `${humanCount(begun)} processes`;
};
function batches({ batches: made, batchOps }) {
	const count = made === 1 ? "1 batch" : `${humanCount(made)} batches`;
	const sizes = Object.values(batchOps);
	const [first] = sizes;
	if (!first) return count;
	return `${count} of at most ${humanCount(Math.max(...sizes.map(({ value }) => value)))} (${wordFor(TUNING_RULES, first.rule)})`;
}
const parallelism = (engine) => engine.batches === 0 ? void 0 : listed([
	`${humanObjects(engine.numworkers, "worker")} (${wordFor(TUNING_RULES, engine.workersRule)})`,
	adaptedConcurrency(engine),
	processes(engine),
	batches(engine)
]);
/** Where bytes passed through the runner in parts: how large these were, and how fast they came. */
const parts$1 = /* @__PURE__ */ __name(({ partBytes, linkBytesPerSecond: speed }) => listed([...partBytes.map(({ value, rule }) => `${humanBytes(value)} (${wordFor(TUNING_RULES, rule)})`), speed === void 0 ? void 0 : `${humanBytes(speed)}/s measured`]), "parts");
const retries = (engine) => {
	const { requestRetries, slowdowns, extraPasses, crashes } = engine;
	return listed([
		requestRetries > 0 ? `${humanObjects(requestRetries, "request")} retried` : void 0,
		slowdowns > 0 ? `slowed down ${humanObjects(slowdowns, "time")}` : void 0,
		extraPasses === 0 ? void 0 : `failed objects retried ${humanObjects(extraPasses, "time")}`,
		crashes > 0 ? `s5cmd ended early ${humanObjects(crashes, "time")}` : void 0
	]);
};
const routes = ({ routes: byReason, streamed: why }) => listed(Object.entries(byReason).filter(([reason, ops]) => ops > 0 && reason !== why && reason !== "batch-operations").sort(([, a], [, b]) => b - a).map(([reason, ops]) => `${humanCount(ops)} × ${wordFor(ROUTES, reason) ?? code(reason)}`));
/** What is handed to a job, and what it reported. */
function byJob({ parts, routes: { "batch-operations": reported = 0 } }) {
	if (!parts?.job) return void 0;
	const { ops, bytes, left } = parts.job;
	return listed([
		`${humanObjects(ops)}, ${humanBytes(bytes)}`,
		reported > 0 ? `${humanCount(reported)} reported` : void 0,
		...Object.entries(left).map(([why, { objects }]) => `${humanCount(objects)} in the parts instead (${JOB_LEFT[why]})`)
	]);
}
const CLASSES = {
	small: "under 10 MB",
	medium: "to 100 MB",
	large: "over 100 MB"
};
const classes = ({ sizeClasses }) => listed(Object.keys(CLASSES).filter((name) => sizeClasses[name].objects > 0).map((name) => `${humanCount(sizeClasses[name].objects)} ${CLASSES[name]}`));
function verificationOf({ verification: proven }) {
	if (!proven) return void 0;
	const word = wordFor(METHODS, proven.method);
	if (proven.method === "none" || proven.method === "results") return word;
	return listed([
		`${humanObjects(proven.checked)} checked`,
		word,
		proven.byChecksum > 0 ? `${humanCount(proven.byChecksum)} by checksum` : void 0,
		proven.bySizeAndTime > 0 ? `${humanCount(proven.bySizeAndTime)} by size and time (no comparable ETag or checksum)` : void 0,
		proven.mismatched > 0 ? `**${humanCount(proven.mismatched)} ${proven.mismatched === 1 ? "mismatch" : "mismatches"}**` : void 0
	]);
}
const engineFacts = (engine) => engine ? [
	["Engine", engineName(engine)],
	["Parallel", parallelism(engine)],
	["Parts", parts$1(engine)],
	["Retries", retries(engine)]
] : [];
const speed = ({ totals: { copied }, copySeconds, peakBytesPerSecond: peak, shards }) => copied.objects === 0 || copySeconds === 0 ? void 0 : listed([
	shards && "one runner on average",
	humanPace(perSecond(copied.objects, copySeconds)),
	`${humanBytes(perSecond(copied.bytes, copySeconds))}/s`,
	humanBytes(peak) === humanBytes(perSecond(copied.bytes, copySeconds)) ? void 0 : `at most ${humanBytes(peak)}/s`
]);
const invalidationsOf = ({ invalidations = [] }) => listed(invalidations.map(({ distribution, id, paths }) => `${humanObjects(paths.length, "path")} of ${code(distribution)} invalidated (${code(id)})`));
const sumsOf = ({ sha256sums }) => sha256sums && listed([sumsInWords(sha256sums), sha256sums.published && code(sha256sums.published)]);
function manifestOf({ manifest, reasons, files }) {
	if (!manifest) return void 0;
	const missing = reasons["not-in-source"]?.objects ?? 0;
	const named = files.notInSource === void 0 ? "" : `, named in ${code("not-in-source.ndjson")}`;
	return listed([
		code(manifest.name),
		humanObjects(manifest.rows, "row"),
		missing > 0 ? `${humanCount(missing)} not in the source${named}` : void 0,
		manifest.sha256Unproven > 0 ? `SHA-256 of ${humanCount(manifest.sha256Unproven)} not verified, because S3 stores none` : void 0
	]);
}
/** How a lock ended, in words. */
const LOCK_ENDS = {
	released: "released",
	left: "not released yet: the post step does that, or it expires by itself",
	lost: "lost during the run"
};
const lockOf = ({ lock }) => lock && listed([
	code(lock.url),
	lock.isTakenOver ? "taken over from a run that stopped renewing it" : void 0,
	lock.waitedSeconds >= 1 ? `waited ${humanSeconds(lock.waitedSeconds)}` : void 0,
	`epoch ${humanCount(lock.epoch)}`,
	LOCK_ENDS[lock.end]
]);
/** Who ran, from where to where, and how it was carried and proven. */
function runFacts(report) {
	const facts = [
		["Source", place(report.source)],
		["Destination", place(report.destination)],
		["Manifest", manifestOf(report)],
		["Lock", lockOf(report)],
		["Identity", identity(report.identity)],
		["Identity at the source", sourceIdentity(report)],
		["Bytes through this runner", streamed(report)],
		...engineFacts(report.engine),
		["Why the direct engine", routes(report)],
		["S3 Batch Operations", byJob(report)],
		["Copied objects by size", classes(report)],
		["Speed", speed(report)],
		["Verified by", verificationOf(report)],
		["SHA256SUMS", sumsOf(report)],
		["CloudFront", invalidationsOf(report)],
		["Peak memory", report.peakMemoryBytes > 0 ? humanBytes(report.peakMemoryBytes) : void 0]
	];
	if (!report.source && !report.identity) return "";
	const rows = facts.flatMap(([name, value]) => value ? [[name, value]] : []);
	return section("The run", table([{ title: "What" }, { title: "Value" }], rows));
}

// src/report/chart.ts
const LEAST_SLICES = 3;
/** A thinner slice is a line whose name lies on its neighbour's. */
const LEAST_SHARE = .05;
/** A Mermaid pie of the slices that have anything in them; '' where fewer than three can be seen, as a table says that better. */
function pie(slices) {
	const filled = slices.filter(({ objects }) => objects > 0);
	const all = filled.reduce((sum, { objects }) => sum + objects, 0);
	if (filled.filter(({ objects }) => objects >= all * LEAST_SHARE).length < LEAST_SLICES) return "";
	return [
		"```mermaid",
		"pie showData",
		...filled.map(({ name, objects }) => `  "${name}" : ${objects}`),
		"```"
	].join("\n");
}
const EIGHTHS = [
	"",
	"▏",
	"▎",
	"▍",
	"▌",
	"▋",
	"▊",
	"▉"
];
const BAR_CHARS = 16;
/** A bar of block characters for a share from 0 to 1; the smallest visible one for what is not nothing. */
function bar(share) {
	const eighths = Math.round(Math.min(1, Math.max(0, share)) * BAR_CHARS * 8);
	const shown = share > 0 ? Math.max(1, eighths) : 0;
	return "█".repeat(Math.floor(shown / 8)) + (EIGHTHS[shown % 8] ?? "");
}

// src/report/sections.ts
const CODES_SHOWN = 20;
const FEW_OBJECTS = 3;
const REASONS_SHOWN = 20;
const SETTINGS_SHOWN = 100;
const WARNINGS_SHOWN = 20;
const LINE_CHARS = 160;
const OBJECTS = {
	title: "Objects",
	align: "right"
};
const SIZE = {
	title: "Size",
	align: "right"
};
const minus = (a, ...others) => ({
	objects: others.reduce((left, { objects }) => left - objects, a.objects),
	bytes: others.reduce((left, { bytes }) => left - bytes, a.bytes)
});
function parts(report) {
	const { planned, copied, plannedDeletes, deleted, failed, unknown, skipped } = report.totals;
	const rest = minus(addTally(planned, plannedDeletes), copied, deleted, failed, unknown);
	const filtered = report.reasons["filtered"] ?? NO_TALLY;
	const leftOut = leftOutBy(report.reasons);
	return [
		{
			icon: "✅",
			name: "Copied",
			tally: copied
		},
		{
			icon: "🗑️",
			name: "Deleted",
			tally: deleted
		},
		{
			icon: "❌",
			name: "Failed",
			tally: failed
		},
		{
			icon: "❔",
			name: "Unknown",
			tally: unknown
		},
		{
			icon: "⏳",
			name: "Not started",
			tally: rest
		},
		{
			icon: "⚪",
			name: "Unchanged",
			tally: minus(skipped, filtered, leftOut)
		},
		{
			icon: "➖",
			name: "Filtered out",
			tally: filtered
		},
		{
			icon: "➖",
			name: "Left out",
			tally: leftOut
		}
	].filter(({ tally }) => tally.objects > 0);
}
const toldOf = (report) => report.result !== "failed" || attempted(report);
const hasPlan = (report) => toldOf(report) || isRefusedPlan(report);
const waits = (report) => report.result === "planned" || isRefusedPlan(report);
const comparesOnly = ({ mode, result }) => mode === "check" || result === "drift";
/** Result: a table, and the same as a pie. A plan that nobody carries out is told by its reasons. */
function objects(report) {
	if (!hasPlan(report) || waits(report) || comparesOnly(report)) return "";
	const shown = parts(report);
	const row = ({ icon, name, tally }) => [
		`${icon} ${name}`,
		humanCount(tally.objects),
		humanBytes(tally.bytes)
	];
	return [table([
		{ title: "Result" },
		OBJECTS,
		SIZE
	], shown.map(row)), pie(shown.map(({ name, tally }) => ({
		name,
		objects: tally.objects
	})))].filter((part) => part !== "").join("\n\n");
}
const DEEDS = [
	"**copy**",
	"**delete**",
	"leave",
	""
];
function deedOf(reason, report) {
	if (reason === "checksum-not-asked") return "";
	if (!isDifference(reason, report)) return "leave";
	return isCopyReason(reason) ? "**copy**" : "**delete**";
}
/** What the plan decided, and why. */
function reasons(report) {
	if (!hasPlan(report)) return "";
	const rows = Object.entries(report.reasons).filter(([, { objects }]) => objects > 0).map(([reason, tally]) => ({
		reason,
		tally,
		deed: deedOf(reason, report)
	})).sort((a, b) => DEEDS.indexOf(a.deed) - DEEDS.indexOf(b.deed) || b.tally.objects - a.tally.objects).slice(0, REASONS_SHOWN).map(({ reason, tally, deed }) => [
		deed,
		wordFor(REASONS, reason) ?? code(reason),
		humanCount(tally.objects),
		humanBytes(tally.bytes)
	]);
	const title = report.mode === "check" ? "A sync would" : "Plan";
	const text = table([
		{ title },
		{ title: "Because" },
		OBJECTS,
		SIZE
	], rows);
	return waits(report) || comparesOnly(report) ? section("Reasons", text) : details("Reasons", text);
}
/** `said`: whether what the service said is told here, and not above. */
function examples(group, said) {
	const message = said ? saidOf(group) : "";
	return [`- ${code(group.code)}${message === "" ? "" : `: ${code(message, 500)}`}`, ...group.examples.slice(0, 5).map((key) => `  - ${code(key)}`)].join("\n");
}
const rowOf$2 = /* @__PURE__ */ __name(({ code: name, objects: count, resolution }) => [
	code(name),
	humanCount(count),
	prose(resolution)
], "rowOf");
/** Failed and unknown objects by code, and what to do. */
function errors(report, { pageOf }) {
	const shown = report.errors.slice(0, CODES_SHOWN);
	const more = report.errors.length - shown.length;
	const worst = tellsWorst(report);
	const rows = shown.length === 1 && (worst || report.result === "cancelled") ? [] : shown.map(rowOf$2);
	const lines = shown.map((group, at) => examples(group, at > 0 || !worst)).join("\n");
	const few = shown.reduce((sum, group) => sum + group.objects, 0) <= FEW_OBJECTS;
	return section("What failed", table([
		{ title: "Code" },
		OBJECTS,
		{ title: "What to do" }
	], rows), shown.length > 0 ? `${pageOf("docs/troubleshooting.md", "error-codes-of-s3")} has a section for each code.` : "", more > 0 ? `${humanObjects(more, "more code")} in the report file.` : "", few ? lines : details(shown.length > 1 ? "Messages and example keys" : "Example keys", lines));
}
/** Kinds of failures, as the headings of the page spell them. */
const KIND = /^[a-z]+(?:-[a-z]+)*$/;
/** Where a failure that is none of single objects is explained. */
function readOn(report, { pageOf }) {
	const { kind } = report.failure ?? report.refused ?? { kind: "" };
	if (!KIND.test(kind) || report.errors.length > 0) return "";
	return `${pageOf("docs/troubleshooting.md", kind)} has a section for ${code(kind)}.`;
}
/** Copies by the folders right below the source, where there are several. */
function folders({ folders: all }) {
	if (all.length < 2) return "";
	const rows = all.map(({ folder, done, failed }) => [
		code(folder),
		humanCount(done.objects),
		humanBytes(done.bytes),
		failed > 0 ? humanCount(failed) : ""
	]);
	return details(`Copied by folder (${all.length})`, table([
		{ title: "Folder" },
		{
			title: "Copied",
			align: "right"
		},
		{
			title: "Size",
			align: "right"
		},
		{
			title: "Failed",
			align: "right"
		}
	], rows));
}
/** Below it there is nothing to look into. */
const SLOW_SECONDS = 1;
/** The copies that took longest, where that was long at all. */
function slowest({ slowest: all }) {
	if ((all[0]?.seconds ?? 0) < SLOW_SECONDS) return "";
	const rows = all.map(({ key, bytes, seconds }) => [
		code(key),
		humanBytes(bytes),
		humanSeconds(seconds),
		`${humanBytes(perSecond(bytes, seconds))}/s`
	]);
	const right = (title) => ({
		title,
		align: "right"
	});
	const columns = [
		{ title: "Object" },
		SIZE,
		right("Time"),
		right("Speed")
	];
	return details("Slowest objects", table(columns, rows));
}
/** Below it nobody asks where the time went. */
const FOLDED_SECONDS = 60;
/** Where the time went, stage by stage; folded under a minute. */
function timings(report) {
	if (!toldOf(report)) return "";
	const { stages } = report;
	const longest = Math.max(0, ...stages.map(({ seconds }) => seconds));
	const rows = stages.map(({ stage, seconds, line }) => {
		return [
			longest > 0 && seconds === longest ? `**${stage}**` : stage,
			humanSeconds(seconds),
			bar(longest > 0 ? seconds / longest : 0),
			prose(line, LINE_CHARS)
		];
	});
	const text = table([
		{ title: "Stage" },
		{
			title: "Time",
			align: "right"
		},
		{ title: "" },
		{ title: "Result" }
	], rows);
	return report.durationSeconds < FOLDED_SECONDS ? details("Where the time went", text) : section("Where the time went", text);
}
/** What deserves a look although nothing failed. */
function warnings({ warnings: all }) {
	const shown = all.slice(0, WARNINGS_SHOWN).map((text) => `- ⚠️ ${prose(text)}`);
	const more = all.length - shown.length;
	if (more > 0) shown.push(`- ${humanObjects(more, "more warning")} in the report file`);
	return section("Warnings", shown.join("\n"));
}
/** Settings that are not the defaults, and where they came from. */
function settings(report) {
	const chosen = report.settings.filter(({ origin }) => origin !== "default");
	const rows = chosen.slice(0, SETTINGS_SHOWN).map(({ name, value, origin }) => [
		code(name),
		code(value.split(/\r\n|[\r\n]/).join(", ")),
		origin
	]);
	return details(`Settings that differ from the defaults (${chosen.length})`, table([
		{ title: "Setting" },
		{ title: "Value" },
		{ title: "From" }
	], rows));
}
const FILES = [
	[
		"report",
		"report.json",
		"report-path"
	],
	[
		"plan",
		"plan.ndjson",
		"plan-path"
	],
	[
		"failed",
		"failed.ndjson",
		"failed-path"
	],
	[
		"notInSource",
		"not-in-source.ndjson",
		"not-in-source-path"
	],
	[
		"published",
		"published.ndjson",
		"published-path"
	],
	[
		"sums",
		"SHA256SUMS",
		"sha256sums-path"
	],
	[
		"changed",
		"changed-paths.txt",
		"changed-paths-path"
	],
	[
		"batches",
		"batches/",
		"batch-dir"
	],
	[
		"policy",
		"policy.json",
		"policy-path"
	],
	[
		"summary",
		"summary.md",
		"summary-path"
	]
];
/** The files that were written, by the outputs that name them: their paths end with the runner. */
function files({ files: written, transfers }) {
	const shown = (file) => transfers && file === "plan.ndjson" ? `*/${file}` : file;
	const rows = FILES.flatMap(([name, file, output]) => written[name] ? [[code(shown(file)), code(output)]] : []);
	return rows.length === 0 ? "" : details("Files", `${table([{ title: "File" }, { title: "Output" }], rows)}\n\nTo keep all of them, upload the folder that the output \`report-dir\` names.`);
}

// src/report/shards.ts
const COLUMNS = [
	{
		title: "Shard",
		align: "right"
	},
	{
		title: "Copied",
		align: "right"
	},
	{
		title: "Size",
		align: "right"
	},
	{
		title: "Not done",
		align: "right"
	},
	{ title: "Time" },
	{ title: "Result" }
];
/** The result of what S3 Batch Operations did. */
const JOB = "reported by S3 Batch Operations";
const isWell = ({ lost, failed }) => lost === void 0 && failed === 0;
function rowOf$1({ shard, result, lost, durationSeconds, done, failed }) {
	return [
		shard === 0 ? "job" : String(shard),
		humanCount(done.objects),
		humanBytes(done.bytes),
		humanCount(failed),
		durationSeconds === void 0 ? "" : humanSeconds(durationSeconds),
		lost === void 0 ? prose(result === "reported" ? JOB : result ?? "") : `❌ lost: ${prose(lost)}`
	];
}
__name(rowOf$1, "rowOf");
/** What each shard came to, in the run that ends their plan: those that are not well first, the others folded. */
function shards({ shards: all = [] }) {
	if (all.length === 0) return "";
	const [well, others] = [all.filter(isWell), all.filter((row) => !isWell(row))];
	const told = [...others.length > 0 ? [table(COLUMNS, others.map(rowOf$1))] : [], ...well.length > 0 ? [details(`${humanObjects(well.length, "shard")} with every copy done`, table(COLUMNS, well.map(rowOf$1)))] : []];
	return section("Shards", told.join("\n\n"));
}

// src/report/surroundings.ts
const SERVER = /^https:\/\/[a-z0-9.-]+(:\d+)?$/;
const REPOSITORY = /^[\w.-]+\/[\w.-]+$/;
const REF = /^[\w.-]+(\/[\w.-]+)*$/;
/** URL of a page at the version that runs; undefined where the runner does not say which that is, as for an action of the checkout. */
function pageUrl(env, path, anchor = "") {
	const { GITHUB_SERVER_URL: server = "https://github.com", GITHUB_ACTION_REPOSITORY: repository = "", GITHUB_ACTION_REF: ref = "" } = env;
	if (!SERVER.test(server) || !REPOSITORY.test(repository) || !REF.test(ref)) return void 0;
	return `${server}/${repository}/blob/${ref}/${path}${anchor === "" ? "" : `#${anchor}`}`;
}
/** What a summary is surrounded by on this runner. */
const surroundings = (env, policy) => ({
	policy,
	pageOf: (path, anchor) => {
		const url = pageUrl(env, path, anchor);
		return url === void 0 ? code(path) : `[${path}](${url})`;
	}
});
/** Where nothing is known of the runner. */
const NOWHERE = surroundings({});

// src/report/waves.ts
const GLOBS_SHOWN = 6;
function globsOf({ globs }) {
	if (!globs) return "everything else";
	const more = globs.length - GLOBS_SHOWN;
	return [...globs.slice(0, GLOBS_SHOWN).map((glob) => code(glob)), ...more > 0 ? [`${more} more`] : []].join(", ");
}
/** The first wave with copies that are not done: the later ones waited for it. */
const blocking = (waves) => waves.find(({ failed }) => failed > 0);
/** What became of a wave that was carried out, or was to be. */
function fateOf({ wave, planned, done, failed, heldBack }, { waves = [] }) {
	if (planned.objects === 0) return "nothing to copy";
	if (heldBack > 0) {
		const first = blocking(waves);
		const why = first && first.wave < wave ? `: wave ${first.wave} is not done` : "";
		return `⏸️ ${humanCount(heldBack)} not started${why}`;
	}
	if (failed > 0) return `❌ ${humanCount(failed)} not done`;
	return done.objects === planned.objects ? "✅ done" : "not started";
}
/** Whether something was carried out of the plan, so that there is more to tell than the plan. */
const wasBegun = (waves) => waves.some(({ done, failed, heldBack }) => done.objects + failed + heldBack > 0);
/** The waves of a plan in their order: what each has, and what became of it. */
function waves(report) {
	const { waves: all = [], totals } = report;
	if (totals.planned.objects === 0 || all.length === 0) return "";
	const begun = wasBegun(all);
	const rows = all.map((row) => [
		String(row.wave),
		globsOf(row),
		humanCount(row.planned.objects),
		humanBytes(row.planned.bytes),
		...begun ? [humanCount(row.done.objects), fateOf(row, report)] : []
	]);
	const right = (title) => ({
		title,
		align: "right"
	});
	const columns = [
		{ title: "Wave" },
		{ title: "Keys" },
		right("To copy"),
		right("Size"),
		...begun ? [right("Copied"), { title: "Result" }] : []
	];
	const held = all.reduce((sum, { heldBack }) => sum + heldBack, 0);
	const first = blocking(all);
	const deletes = totals.plannedDeletes.objects;
	const why = held > 0 && first ? `${humanObjects(held)} ${held === 1 ? "was" : "were"} not started, because ${humanObjects(first.failed)} of wave ${first.wave} ${first.failed === 1 ? "is" : "are"} not copied and verified${deletes > 0 ? "; nothing was deleted either" : ""}.` : "";
	return section("Waves", table(columns, rows), why);
}

// src/report/transfers.ts
const ICONS = {
	success: "✅",
	"nothing-to-do": "✅",
	planned: "📝",
	drift: "⚠️",
	partial: "⚠️",
	failed: "❌",
	cancelled: "🛑"
};
const right = (title) => ({
	title,
	align: "right"
});
function rowOf({ name, result, totals, durationSeconds, cause }) {
	const { planned, copied, plannedDeletes, deleted, failed, unknown } = totals;
	const of = (done, all) => all === 0 ? "" : done === all ? humanCount(all) : `${humanCount(done)} of ${humanCount(all)}`;
	return [
		code(name),
		`${ICONS[result]} ${result}`,
		of(copied.objects, planned.objects),
		humanBytes(copied.bytes),
		of(deleted.objects, plannedDeletes.objects),
		failed.objects + unknown.objects > 0 ? humanCount(failed.objects + unknown.objects) : "",
		humanSeconds(durationSeconds),
		cause === void 0 ? "" : prose(cause)
	];
}
/** What became of each transfer, one a row; '' where there is no list. */
function transferTable({ transfers = [] }) {
	const columns = [
		{ title: "Transfer" },
		{ title: "Result" },
		right("Copied"),
		right("Size"),
		right("Deleted"),
		right("Not done"),
		right("Time"),
		{ title: "Why" }
	];
	return table(columns, transfers.map(rowOf));
}
/** The deletes of plans that wait or were refused, each in the name of its transfer. */
const transferDeletes = (parts) => parts.map(({ name, report }) => deletes(report, code(name)));
/** All that there is to tell of each transfer, folded. */
const transferDetails = (parts, around) => parts.map(({ name, report }) => details(`${name}: ${report.result}`, [
	headline(report).replace(/^## /, "### "),
	objects(report),
	waves(report),
	errors(report, around),
	plan(report),
	waiting(report),
	reasons(report),
	warnings(report),
	runFacts(report),
	checks(report),
	folders(report),
	slowest(report),
	settings(report)
].filter((part) => part !== "").join("\n\n")));

// src/report/summary.ts
/** The runner shows nothing of a summary above 1,048,576 bytes; the rest is room for its masks. */
const SUMMARY_BYTES = 1e6;
const LEFT_OUT = "_Truncated to the size limit of a job summary: see report.json for the rest._";
const bytesOf = (text) => Buffer.byteLength(text, "utf8") + 2;
/** Sections in their order while they fit; the first is bounded by its own parts. */
function whileTheyFit(parts) {
	const shown = [];
	let room = SUMMARY_BYTES - bytesOf(LEFT_OUT);
	for (const part of parts) {
		room -= bytesOf(part);
		if (room < 0) return [
			...shown,
			LEFT_OUT,
			""
		].join("\n\n");
		shown.push(part);
	}
	return `${shown.join("\n\n")}\n`;
}
/**
* The job summary, GitHub-flavoured Markdown of at most `SUMMARY_BYTES`: verdict first, then what
* became of the objects, then how. Text from outside is shown in code spans only.
*/
const summary = (report, around = NOWHERE) => whileTheyFit([
	headline(report),
	readOn(report, around),
	policy(report, around),
	deletes(report),
	objects(report),
	waves(report),
	shards(report),
	errors(report, around),
	plan(report),
	waiting(report),
	reasons(report),
	lasting(report),
	warnings(report),
	timings(report),
	runFacts(report),
	checks(report),
	folders(report),
	slowest(report),
	settings(report),
	files(report)
].filter((part) => part !== ""));
/** The job summary of a step with a list of transfers: what they come to, a table of them, and each of them folded. */
const stepSummary = (report, parts, around = NOWHERE) => whileTheyFit([
	headline(report),
	readOn(report, around),
	transferTable(report),
	policy(report, around),
	...transferDeletes(parts),
	errors(report, around),
	warnings(report),
	timings(report),
	settings(report),
	files(report),
	...transferDetails(parts, around)
].filter((part) => part !== ""));

// src/report/publish.ts
const hasWritten = ({ entered }) => entered.has("copy") || entered.has("delete");
/** Closes the rows of a run that began to copy; a failure to do so is the run's failure. */
async function closeRows({ record, ports: { files, host } }) {
	const { inputs } = record.found;
	if (!inputs) return { outcomes: new OutcomeTotals() };
	const paths = reportPaths(files, inputs.reporting.reportDir, inputs.shard);
	const { sums } = record.found;
	const own = sums?.replaced ? sums.written : void 0;
	const isCopying = hasWritten(record);
	if (!isCopying && own === void 0) return { outcomes: await flawedRows(files, paths.failed) };
	const handed = record.found.parts?.handed.map(({ rows }) => rows) ?? [];
	try {
		const hasOwn = isCopying && await files.exists(paths.results);
		if (hasOwn || handed.length > 0 || own !== void 0) {
			const changes = await ChangedPathsFile.open(files, paths.changed, inputs.reporting.cdn);
			const onChange = (row) => changes.add(row);
			const onReplaced = (key) => changes.addKey(key);
			const isLate = lateness(host.cancelledForMs, "amendedRows");
			try {
				if (own !== void 0) await changes.addKey(own);
				const outcomes = hasOwn ? await amendRows(files, paths, {
					proofOf: (wave) => record.proofs.get(wave) ?? "unproven",
					claimed: record.found.copy?.claims.some(({ count }) => count > 0) ?? true,
					misnamed: record.found.delete?.misnamed,
					isLate,
					sourcePrefix: record.found.preflight?.facts?.source.prefix ?? "",
					onChange
				}) : new OutcomeTotals();
				for (const { totals } of handed) outcomes.merge(totals);
				if (handed.length > 0) await addRows(handed, {
					files,
					paths,
					onReplaced,
					isLate
				});
				if (isLate()) changes.addAll();
				return {
					outcomes,
					changed: changes.paths
				};
			} finally {
				await changes.close();
			}
		}
	} catch (error) {
		record.failure ??= error;
	}
	return { outcomes: new OutcomeTotals() };
}
/** The rows of a manifest that cannot be copied as they say; nothing was written then. */
async function flawedRows(files, path) {
	const totals = new OutcomeTotals();
	if (await files.exists(path)) for await (const line of files.lines(path)) totals.add(JSON.parse(line), "");
	return totals;
}
/** Whether a line is of an object that the destination does not show under its name. */
const isMisnamed = (line, misnamed, prefix) => misnamed.has(prefix + JSON.parse(line).key);
/** Makes what was gathered of the destination a file of its own, once something was to be written there; else it goes. */
async function closePublished({ record, ports: { files } }) {
	const { published, found, failure } = record;
	if (published === void 0 || !found.inputs || !await files.exists(published)) return;
	const { published: path } = reportPaths(files, found.inputs.reporting.reportDir);
	const misnamed = found.delete?.misnamed;
	try {
		if (failure !== void 0 && !hasWritten(record)) await files.removeFile(published);
		else if (!misnamed || misnamed.size === 0) await files.rename(published, path);
		else {
			const prefix = found.preflight?.facts?.destination.prefix ?? "";
			const writer = await files.writer(path);
			for await (const line of files.lines(published)) if (!isMisnamed(line, misnamed, prefix)) await writer.write(line);
			await writer.close();
			await files.removeFile(published);
		}
	} catch (error) {
		record.failure ??= error;
	}
}
async function filesOf({ record, ports: { files } }) {
	const { inputs } = record.found;
	if (!inputs) return { report: "" };
	const paths = reportPaths(files, inputs.reporting.reportDir, inputs.shard);
	const copying = hasWritten(record);
	const existing = async (path) => await files.exists(path) ? path : void 0;
	return {
		folder: inputs.reporting.reportDir,
		report: paths.report,
		plan: planOf(record.found)?.path,
		results: copying ? await existing(paths.results) : void 0,
		failed: await existing(paths.failed),
		notInSource: await existing(paths.notInSource),
		published: await existing(paths.published),
		sums: record.found.sums && paths.sums,
		batches: copying ? await existing(paths.batches) : void 0,
		policy: inputs.name === void 0 ? paths.policy : void 0,
		summary: inputs.name === void 0 ? paths.summary : void 0,
		changed: await existing(paths.changed)
	};
}
/** The files of a step with a list of transfers: what is each one's own lies in a folder of its name. */
function stepFiles({ reportDir }, parts, { files }) {
	const { report, policy, summary } = reportPaths(files, reportDir);
	return {
		folder: reportDir,
		report,
		policy,
		summary,
		plan: parts.some((part) => part.report.files.plan !== void 0) ? reportDir : void 0
	};
}
const json = (value) => `${visibleJson(value, 2)}\n`;
/** IAM takes no other characters in the text of a policy. */
const ascii = (text) => text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
/** The first line of summary.md: by it the next run knows the file, and a workflow its comment on a pull request. */
const SUMMARY_MARK = "<!-- s3-direct-sync/summary/1 -->";
const policyOfRun = ({ found: { inputs, preflight, credentials } }) => {
	if (!inputs) return [];
	const account = credentials?.destination.facts.account;
	return [policyFor({
		request: inputs,
		facts: preflight?.facts,
		account
	})];
};
/** The text of policy.json, one for all transfers; undefined where the inputs were refused. */
function policyOf({ transfers }) {
	const [first, ...others] = transfers.flatMap(({ record }) => policyOfRun(record));
	return first && ascii(json(mergedPolicy([first, ...others])));
}
/** Where the result is read. Each is told by itself: one that fails must not silence the others. */
function channels({ step, report, parts }, unwritten) {
	const { ports, log } = step.run;
	const { host, files } = ports;
	const { request } = step;
	const wanted = request?.transfers[0].reporting.jobSummary ?? !/^false$/i.test(host.input("job-summary"));
	const { policy, summary: summaryPath } = report.files;
	const policyText = policyOf(step);
	const around = surroundings(host.env, policyText);
	const text = report.transfers ? stepSummary(report, parts, around) : summary(report, around);
	return {
		"policy.json": async () => {
			if (!request || !policy || policyText === void 0) return;
			await writeNote(files, request.reportDir, sha256Of(policyText));
			await files.writeText(policy, policyText);
		},
		"shard-NNN.json": () => writeReceipt(step.run, report),
		"summary.md": async () => {
			if (summaryPath) await files.writeText(summaryPath, host.hideMasked(`${SUMMARY_MARK}\n${text}`));
		},
		"the outputs": async () => {
			for (const [name, value] of Object.entries(outputs(report))) host.output(name, value);
		},
		"the job summary": async () => {
			if (wanted) await host.summary(text);
		},
		"the annotations": async () => {
			for (const { level, title, text } of annotations(report, unwritten.length > 0 ? 1 : 0)) host.annotate(level, title, text);
		},
		"the log": async () => {
			for (const line of closingLines(report)) log.line("info", line);
		},
		"the state for the post step": async () => host.saveState("finished", "true")
	};
}
/** Sends the metrics of a step, as one of its transfers can; that they could not be sent is a warning, and never another result. */
async function withMetrics(report, { run, transfers }) {
	const sender = transfers.find(({ record }) => record.found.preflight?.facts) ?? run;
	const problem = await sendMetrics(report, sender);
	return problem === void 0 ? report : {
		...report,
		warnings: [...report.warnings, problem]
	};
}
/** Without secrets that a service sent back, before anything is cut out of its texts; rows were written without them. */
function withoutSecrets(report, { ports: { host } }) {
	const masked = JSON.parse(JSON.stringify(report), (_name, value) => typeof value === "string" ? host.hideMasked(value) : value);
	const hidden = ({ kind, title, text }) => ({
		kind,
		title: host.hide(title),
		text: host.hide(text)
	});
	const { engine, failure, refused } = masked;
	const problem = engine?.toolchainProblem;
	return {
		...masked,
		engine: engine && problem ? {
			...engine,
			toolchainProblem: host.hide(problem)
		} : engine,
		checks: masked.checks.map((check) => ({
			...check,
			detail: host.hide(check.detail)
		})),
		warnings: masked.warnings.map(host.hide),
		failure: failure && hidden(failure),
		refused: refused && hidden(refused)
	};
}
/** With the whole URLs of the pages that it names, where the runner tells them. */
function linked(report, { ports: { host } }) {
	const urlOf = (help) => {
		const [path = "", anchor] = help.split("#");
		return pageUrl(host.env, path, anchor) ?? help;
	};
	const errors = report.errors.map((group) => ({
		...group,
		help: urlOf(group.help)
	}));
	return {
		...report,
		errors
	};
}
/** Writes report.json. A run whose report cannot be written says so, and names no file. */
async function withFile(report, { ports: { files } }) {
	const { report: path } = report.files;
	if (path === "") return report;
	try {
		await files.writeText(path, json(report));
		return report;
	} catch (error) {
		const warnings = [`report.json could not be written: ${error instanceof Error ? error.message : String(error)}. The result is in the outputs and the job summary.`, ...report.warnings];
		return {
			...report,
			files: {
				...report.files,
				report: ""
			},
			warnings
		};
	}
}
async function knownOf(run) {
	const { record, ports, log } = run;
	const { outcomes, changed } = await closeRows(run);
	const { folder } = record.found.parts ?? {};
	if (folder !== void 0) await ports.files.remove(folder).catch(() => {});
	await closePublished(run);
	const invalidated = changed && await invalidate(changed, run);
	if (record.failure !== void 0) log.line("debug", traceOf(record.failure));
	const files = await filesOf(run);
	const again = () => buildReport(record, outcomes, {
		ports,
		files,
		invalidated,
		lock: run.lock
	});
	return {
		report: again(),
		outcomes,
		again
	};
}
/** The report of a run that is no list; of a shard with what it left for the last job, where that is to lie in a bucket. */
async function ofOne(run) {
	const { report, again } = await knownOf(run);
	try {
		await handOver(run, linked(withoutSecrets(report, run), run));
		return report;
	} catch (error) {
		const { record, log } = run;
		if (record.failure !== void 0) log.line("error", explain(error, "report").text);
		record.failure ??= error;
		return again();
	}
}
/** What the transfers of a list come to, each with a report file of its own. */
async function mergedOf(step, request) {
	const { run, transfers } = step;
	const { record, ports } = run;
	const all = new OutcomeTotals();
	const parts = [];
	for (const one of transfers) {
		const { report, outcomes } = await knownOf(one);
		all.merge(outcomes);
		const told = linked(withoutSecrets(report, one), one);
		const { files, warnings } = await withFile(told, one);
		if (warnings.length > told.warnings.length) one.log.line("error", warnings[0] ?? "");
		parts.push({
			name: one.record.found.inputs?.name ?? "",
			report: {
				...told,
				files
			}
		});
	}
	const [first, ...others] = parts;
	if (!first) throw new SyncError("internal", "Internal error: there is no transfer.");
	const { failure, startedMs, stages } = record;
	return {
		report: mergeReports([first, ...others], {
			startedMs,
			durationSeconds: (ports.clock.now() - startedMs) / 1e3,
			stages,
			failure: failure === void 0 ? void 0 : explain(failure, lastStage(record)),
			outcomes: all,
			failOn: request.transfers[0].reporting.failOn,
			files: stepFiles(request, parts, ports)
		}),
		parts
	};
}
/** Tells the result of a step everywhere it is read: report.json, outputs, job summary, annotations and log. */
async function publish(step) {
	const { run, request } = step;
	const { log, ports } = run;
	const made = request?.transfers[0].name !== void 0 ? await mergedOf(step, request) : {
		report: await ofOne(run),
		parts: []
	};
	const report = await withFile(linked(withoutSecrets(await withMetrics(made.report, step), run), run), run);
	const unwritten = [];
	const telling = {
		step,
		report,
		parts: made.parts
	};
	for (const [name, tell] of Object.entries(channels(telling, unwritten))) await tell().catch((error) => {
		const why = `Could not write ${name}: ${serviceFailure(error).message}`;
		log.line("error", why);
		if (name !== "the annotations") unwritten.push(why);
	});
	if (unwritten.length > 0) ports.host.annotate("warning", "Part of the result is missing", unwritten.join("\n"));
	return report;
}

export { publish };