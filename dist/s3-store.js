import { __name } from "./rolldown-runtime.js";
import { Capabilities, MOST_TEXT_CHARS, PackedObjects, agentsFor, ask, closeAgents, element, elements, fromUrlEncoded, isPathStyle, isUsual, isWebPage, kmsKeyIn, leavesMd5, orAborted, otherEtag, pageMemory, plainEtag, plainNames, plainText, rootOf, systemClock, textOf, toldFailure } from "./action.js";
import { EMPTY_SHA256, MOST_SKEW_MS, PART_SIZE, ServerTime, createSigner, escapeUri, listedChecksum, onceAble, persisting, retrying, sha256, statedPartBytes, wholeChecksums } from "./requests.js";
import { BodyMemory, MAGIC, MOST_PAGE_BYTES, ServiceError, SyncError, hasExpired, hash, init__crypto, isMissing, isPuzzled, isRefusal, named, section, serviceFailure, sized, unsigned } from "./receiving.js";
import { toKeyBytes } from "./writing.js";

// src/storage/s3/region.ts
/** Regions as services name them; nothing else becomes a part of host names and signatures. */
const REGION = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;
/** The region that an answer tells; undefined where it tells none. */
const regionIn = (told) => typeof told === "string" && REGION.test(told) ? told : void 0;

// src/storage/s3/bucket-hosts.ts
/** What can stand in the name of a host, and is none of the kinds that are told apart by what follows two dashes. */
const HOST_LABEL = /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
/** What stands in a path as it is. */
const IN_PATH = /^(?!.*--)[A-Za-z0-9][A-Za-z0-9._-]{2,62}$/;
/** A regional endpoint sends elsewhere, for good or while names are not known everywhere; the global one refuses the signature. */
const SENDS_ELSEWHERE = /* @__PURE__ */ new Set([
	301,
	307,
	400
]);
/** The URL of a bucket as the SDK's rules have it, which are long; undefined where one has to ask them. */
function usualUrl(service, bucket, region) {
	const { endpoint, variant } = service;
	if (variant.fips || variant.dualstack) return void 0;
	if (endpoint !== void 0) return isPathStyle(service) && IN_PATH.test(bucket) ? new URL(`${endpoint}/${bucket}`) : void 0;
	return isUsual(service, region) && HOST_LABEL.test(bucket) ? new URL(`https://${bucket}.s3.${region}.amazonaws.com/`) : void 0;
}
/** The buckets' own addresses, by the rules that the SDK's client follows. */
var BucketHosts = class {
	#service;
	#sdk;
	#hosts = /* @__PURE__ */ new Map();
	#regions = /* @__PURE__ */ new Map();
	/** `sdk` gives the client that knows the rules. */
	constructor(service, sdk) {
		this.#service = service;
		this.#sdk = sdk;
	}
	/** Where a bucket is, as far as is known. */
	hostOf(bucket) {
		return this.#hosts.get(bucket) ?? this.#find(bucket);
	}
	/** The region that requests to a bucket are signed for by now. */
	regionOf(bucket) {
		return this.#regions.get(bucket) ?? this.#service.region;
	}
	/** Where an answer of `from` says that the bucket is; undefined where it does not, or says nothing new. */
	movedHost(bucket, from, answer) {
		if (!SENDS_ELSEWHERE.has(answer.status)) return void 0;
		const region = regionIn(answer.headers["x-amz-bucket-region"]);
		if (region === void 0 || region === from.region) return void 0;
		this.#regions.set(bucket, region);
		return this.#find(bucket);
	}
	#find(bucket) {
		const region = this.regionOf(bucket);
		const usual = usualUrl(this.#service, bucket, region);
		if (usual) return this.#note(bucket, region, usual);
		return this.#urlBySdk(bucket, region).then((url) => this.#note(bucket, region, url));
	}
	#note(bucket, region, base) {
		const root = base.pathname.replace(/\/$/, "");
		const found = {
			base,
			host: base.host,
			root,
			isSecure: base.protocol === "https:",
			region
		};
		this.#hosts.set(bucket, found);
		return found;
	}
	async #urlBySdk(bucket, region) {
		const { endpoint, variant } = this.#service;
		return (await this.#sdk()).config.endpointProvider({
			Bucket: bucket,
			Region: region,
			ForcePathStyle: isPathStyle(this.#service),
			UseFIPS: variant.fips,
			UseDualStack: variant.dualstack,
			...endpoint === void 0 ? {} : { Endpoint: endpoint }
		}).url;
	}
};

// src/storage/s3/buckets.ts
const headerIn = (answer, name) => [answer.headers[name]].flat()[0];
/** Region of a bucket, and whether the name is an alias, as far as the service tells. */
async function findBucket(hear, bucket) {
	const { answer, refusal } = await hear({
		method: "HEAD",
		on: {
			bucket,
			key: ""
		}
	});
	const region = regionIn(headerIn(answer, "x-amz-bucket-region"));
	const isAlias = headerIn(answer, "x-amz-access-point-alias") === "true";
	if (!refusal) return {
		region,
		isAlias
	};
	if (region || isRefusal(refusal)) return {
		region,
		isAlias,
		refusal
	};
	throw refusal;
}
/** Nobody waits long for what a run can do without, however often it is asked for. */
const OPTIONAL_MS = 5e3;
/** The document that answers a question about a bucket. Throws where it is another one, such as a page of a proxy. */
async function answerOf(send, { bucket, query, root }) {
	const on = {
		bucket,
		key: ""
	};
	const limit = {
		timeoutMs: OPTIONAL_MS,
		signal: AbortSignal.timeout(OPTIONAL_MS)
	};
	const { body } = await send({
		method: "GET",
		on,
		query
	}, limit);
	const document = rootOf(body.toString("latin1"), root);
	if (document !== void 0) return document;
	throw new ServiceError("Unanswered", `The response of the service is not a ${root}.`, { status: 200 });
}
/** undefined when nothing is encrypted unless it is asked for. */
async function bucketEncryption(send, bucket) {
	try {
		const document = await answerOf(send, {
			bucket,
			query: "encryption=",
			root: "ServerSideEncryptionConfiguration"
		});
		const algorithm = textOf(document, "SSEAlgorithm");
		return algorithm ? {
			algorithm,
			kmsKey: kmsKeyIn(textOf(document, "KMSMasterKeyID"))
		} : void 0;
	} catch (error) {
		if (serviceFailure(error).code !== "ServerSideEncryptionConfigurationNotFoundError") throw error;
		return;
	}
}
/** Whether a bucket keeps older versions. */
async function isVersioned(send, bucket) {
	return textOf(await answerOf(send, {
		bucket,
		query: "versioning=",
		root: "VersioningConfiguration"
	}), "Status") === "Enabled";
}

// src/storage/s3/page-bytes.ts
/** The error of a page that cannot be trusted. */
const unreadable = (why) => new SyncError("list", `The service returned an incomplete or invalid listing page: ${why}.`, {
	hint: "Nothing was touched. Run again; if this happens again, the service returns incorrect listings.",
	retryable: true
});
/** The error of a web page in the place of a listing; that of a proxy may be gone when it is asked for again. */
const webPage = () => new SyncError("list", "The service returned a web page instead of a listing.", {
	hint: "Check endpoint-url: the web console of a service and its S3 API have different addresses. Nothing was touched.",
	retryable: true
});
const LESS$2 = 60;
/** Four times `<`. */
const FOUR_LESS = 1010580540;
/** The same bytes, to be read four at a time. */
const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
/** Whether `bytes` go on with `expected`. */
function startsWith(bytes, at, expected) {
	for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
	return true;
}
/** The next `<`. Throws where there is none: then the page has ended within an object. */
function textEnd({ bytes, view }, from) {
	for (let at = from; at + 4 <= bytes.length; at += 4) {
		const four = view.getInt32(at, true) ^ FOUR_LESS;
		if ((four - 16843009 & ~four & 2155905152) === 0) continue;
		while (bytes[at] !== LESS$2) at++;
		return at;
	}
	throw unreadable("an entry is truncated");
}

// src/model/wasm-flow.ts
const BLOCK = 2;
const LOOP = 3;
const IF = 4;
const JUMP = 12;
const JUMP_IF = 13;
const END$1 = 11;
/** A block leaves nothing on the stack. */
const NOTHING = 64;
/** Code that is left by a jump to its label. */
const block = (label, ...inside) => [{
	op: BLOCK,
	label,
	inside
}];
/** Code that is begun again by a jump to its label. */
const loop = (label, ...inside) => [{
	op: LOOP,
	label,
	inside
}];
/** Code that runs where the number on the stack is not 0. */
const when = (...inside) => [{
	op: IF,
	label: "",
	inside
}];
/** Goes to a label. */
const jump = (to) => [{
	op: JUMP,
	to
}];
/** Goes there where the number on the stack is not 0. */
const jumpIf = (to) => [{
	op: JUMP_IF,
	to
}];
/** The code as WebAssembly has it, in which a jump counts the blocks that it leaves; `around`: the labels it stands in. */
function flowCode(flow, around = []) {
	return flow.flatMap((item) => {
		if (typeof item === "number") return [item];
		if ("inside" in item) return [
			item.op,
			NOTHING,
			...flowCode(item.inside, [item.label, ...around]),
			END$1
		];
		return [item.op, ...unsigned(around.indexOf(item.to))];
	});
}
const SIGN = 64;
/** A number as an operand, of which the uppermost bit of the last byte is the sign. */
const signed = (value) => value < SIGN ? [value] : [value & 127 | 128, ...signed(value >>> 7)];
/** A whole number from 0 on. */
const int = (value) => [65, ...signed(value)];
const get = (local) => [32, ...unsigned(local)];
const set = (local) => [33, ...unsigned(local)];
const tee = (local) => [34, ...unsigned(local)];
const call = (index) => [16, ...unsigned(index)];
/** An instruction that reads or writes memory so many bytes behind the address on the stack. */
const at = (op, offset = 0) => [
	op,
	0,
	...unsigned(offset)
];
/** The same of a vector of sixteen bytes, as all instructions on vectors, behind their prefix. */
const simd = (op, ...operands) => [
	253,
	...unsigned(op),
	...operands
];
const loadVector = (offset = 0) => simd(0, 0, ...unsigned(offset));
const storeVector = (offset = 0) => simd(11, 0, ...unsigned(offset));
/** Sixteen bytes. */
const vector = (bytes) => simd(12, ...bytes);

// src/storage/s3/row-program.ts
/** Rows of a page that there is room for. */
const MOST_PLAIN_ROWS = 20001;
/** Where the program keeps its numbers: bytes that were written, rows that were read, and whether keys are URL-encoded. */
const [WRITTEN_AT, ROWS_AT, ENCODED_AT] = [
	0,
	4,
	8
];
/** Bytes that every key begins with, and how many chunks they are. */
const [PREFIX_BYTES_AT, PREFIX_CHUNKS_AT] = [12, 16];
/** Not 0 where some object has another class than STANDARD. */
const OTHERS_AT = 20;
/** What each byte stands for as a digit of HEX. */
const HEX_AT = 256;
const PREFIX_AT = 512;
const FORMS_AT = 8192;
/** Where spans, sizes, and classes other than STANDARD of the rows stand, then the page, and behind it what is written. */
const SPANS_AT = 65536;
const SIZES_AT = SPANS_AT + MOST_PLAIN_ROWS * 6 * 4 + 8;
const CLASSES_AT = SIZES_AT + MOST_PLAIN_ROWS * 8;
const PAGE_AT = CLASSES_AT + MOST_PLAIN_ROWS * 8;
/** Bytes that are compared at a time; behind them stand as many which say which of them count. */
const CHUNK = 16;
/** A step of a form: the length of its markup, its chunks, the field behind it, its own length, and the chunks. */
const STEP = {
	bytes: 0,
	chunks: 4,
	field: 8,
	length: 12,
	markup: 16
};
/** What stands behind markup: the value of a field, or nothing more of the object. */
const FIELD = {
	end: 0,
	key: 1,
	time: 2,
	etag: 3,
	size: 4,
	class: 5
};
const NO_DIGIT = 16;
/** The digits of HEX, as the program finds them at `HEX_AT`. */
const HEX_DIGITS = Uint8Array.from({ length: 256 }, (_, code) => {
	const digit = Number.parseInt(String.fromCharCode(code), 16);
	return Number.isNaN(digit) ? NO_DIGIT : digit;
});
const [I32, I64, V128] = [
	127,
	126,
	123
];
const RETURN = 15;
const [LOAD, LOAD_BYTE] = [at(40), at(45)];
const [IS_ZERO, EQUAL, UNEQUAL, BELOW, ABOVE, UP_TO, FROM] = [
	69,
	70,
	71,
	73,
	75,
	77,
	79
];
const [ADD, LESS$1, TIMES, AND, OR, ZEROS_BELOW] = [
	106,
	107,
	108,
	113,
	114,
	104
];
const [LONG_ADD, LONG_TIMES, AS_LONG, AS_FLOAT] = [
	124,
	126,
	173,
	186
];
const long = (value) => [66, value];
const [SAME, BELOW_AS_SIGNED, BELOW_BYTES, ABOVE_BYTES] = [
	35,
	37,
	38,
	40
].map((op) => simd(op));
const [EITHER, BOTH, DIFFERENCE, ANY, BITS] = [
	80,
	78,
	81,
	83,
	100
].map((op) => simd(op));
const code = (char) => char.charCodeAt(0);
const text = (chars) => [...Buffer.from(chars)];
const word = (chars) => Buffer.from(chars).readUInt32LE();
const pair$1 = /* @__PURE__ */ __name((chars) => Buffer.from(chars).readUInt16LE(), "pair");
const grow = (local, by) => [
	...get(local),
	...typeof by === "number" ? int(by) : by,
	ADD,
	...set(local)
];
const minus = (local, other) => [
	...get(local),
	...get(other),
	LESS$1
];
/** `stands(at, chunks, count)`: whether bytes are those of some chunks. */
function stands() {
	const [place, chunk, count] = [
		0,
		1,
		2
	];
	return {
		parameters: 3,
		locals: [],
		body: [...loop("next", ...[
			...get(count),
			IS_ZERO,
			...when(...int(1), RETURN)
		], ...[
			...get(place),
			...loadVector(),
			...get(chunk),
			...loadVector(),
			...DIFFERENCE
		], ...[
			...get(chunk),
			...loadVector(16),
			...BOTH,
			...ANY,
			...when(...int(0), RETURN)
		], ...[...grow(place, 16), ...grow(chunk, 32)], ...[
			...get(count),
			...int(1),
			LESS$1,
			...set(count),
			...jump("next")
		]), ...int(0)]
	};
}
/** All bytes that stand for others are below this one, and hardly any other of a key. */
const MEANING = 44;
/** `copyKey(from, to, out)`: writes a key decoded; gives where it ends, 0 where it is not as plain as that. */
function copyKey() {
	const [from, to, out, byte, digits, chunk] = [
		0,
		1,
		2,
		3,
		4,
		5
	];
	const decoded = [
		...[
			...get(byte),
			...int(code("+")),
			EQUAL,
			...when(...int(code(" ")), ...set(byte))
		],
		...[
			...get(byte),
			...int(code("%")),
			EQUAL
		],
		...when(...[
			...get(from),
			...int(2),
			ADD,
			...get(to),
			FROM,
			...when(...int(0), RETURN)
		], ...[
			...get(from),
			...at(45, 1),
			...at(45, 256),
			...set(byte)
		], ...[
			...get(from),
			...at(45, 2),
			...at(45, 256),
			...tee(digits)
		], ...[
			...get(byte),
			OR,
			...int(NO_DIGIT),
			FROM,
			...when(...int(0), RETURN)
		], ...[
			...get(byte),
			...int(16),
			TIMES,
			...get(digits),
			ADD,
			...set(byte)
		], ...grow(from, 2))
	];
	const body = [
		...block("one by one", ...loop("next chunk", ...[
			...get(from),
			...loadVector(),
			...tee(chunk)
		], ...[
			...vector(Array(16).fill(MEANING)),
			...BELOW_AS_SIGNED,
			...ANY
		], ...jumpIf("one by one"), ...[
			...get(out),
			...get(chunk),
			...storeVector()
		], ...[
			...minus(to, from),
			...int(16),
			UP_TO
		], ...when(...get(out), ...minus(to, from), ADD, RETURN), ...[
			...grow(from, 16),
			...grow(out, 16),
			...jump("next chunk")
		])),
		...loop("next byte", ...[
			...get(from),
			...get(to),
			FROM,
			...when(...get(out), RETURN)
		], ...[
			...get(from),
			...LOAD_BYTE,
			...tee(byte)
		], ...[
			...int(code("&")),
			EQUAL,
			...when(...int(0), RETURN)
		], ...[
			...int(0),
			...at(40, ENCODED_AT),
			...when(...decoded)
		], ...[
			...get(out),
			...get(byte),
			...at(58)
		], ...[
			...grow(from, 1),
			...grow(out, 1),
			...jump("next byte")
		]),
		...int(0)
	];
	return {
		parameters: 3,
		locals: [
			2,
			2,
			I32,
			1,
			V128
		],
		body
	};
}
/** `isTime(from, to)`: whether a time of UTC stands there, with parts of a second or without. */
function isTime() {
	const [from, to, place] = [
		0,
		1,
		2
	];
	const within = (offset, low, high) => [
		...[
			...get(from),
			...loadVector(offset),
			...vector(text(low)),
			...BELOW_BYTES
		],
		...[
			...get(from),
			...loadVector(offset),
			...vector(text(high)),
			...ABOVE_BYTES
		],
		...[
			...EITHER,
			...ANY,
			...when(...int(0), RETURN)
		]
	];
	/** Two digits, from the least on up to the most. */
	const number = (offset, least, most) => [
		...[
			...get(from),
			...at(45, offset),
			...int(10),
			TIMES
		],
		...[
			...get(from),
			...at(45, offset + 1),
			ADD
		],
		...[
			...int(11 * code("0") + least),
			LESS$1,
			...int(most - least),
			UP_TO
		],
		...[IS_ZERO, ...when(...int(0), RETURN)]
	];
	const byte = [...get(place), ...LOAD_BYTE];
	const body = [
		...within(0, "0000-00-00T00:00", "9999-19-39T29:59"),
		...within(3, "0-00-00T00:00:00", "9-19-39T29:59:59"),
		...[
			...number(5, 1, 12),
			...number(8, 1, 31),
			...number(11, 0, 23)
		],
		...[
			...get(from),
			...int(19),
			ADD,
			...set(place)
		],
		...[
			...byte,
			...int(code(".")),
			EQUAL
		],
		...when(...loop("digit", ...[
			...grow(place, 1),
			...byte,
			...int(code("0")),
			LESS$1,
			...int(9),
			UP_TO
		], ...jumpIf("digit")), ...[
			...get(place),
			...int(1),
			LESS$1,
			...LOAD_BYTE,
			...int(code(".")),
			EQUAL
		], ...when(...int(0), RETURN)),
		...[
			...byte,
			...int(code("Z")),
			EQUAL
		],
		...[
			...get(place),
			...int(1),
			ADD,
			...get(to),
			EQUAL,
			AND
		]
	];
	return {
		parameters: 2,
		locals: [
			1,
			1,
			I32
		],
		body
	};
}
const [STANDS, COPY_KEY, IS_TIME] = [
	0,
	1,
	2
];
/** A longer one is for others to judge, as is a longer key. */
const MOST_TIME_BYTES = 32;
const MOST_DIGITS$1 = 15;
const MOST_KEY_BYTES = 4096;
/** Locals of `rows`; the first ones are its parameters. */
const [AT, END, FORM, OUT, ROW, WRITTEN, STEP_AT, POS, TO, BITS_AT, SPAN_AT, KEY_END, DIGITS] = [
	0,
	1,
	2,
	3,
	4,
	5,
	6,
	7,
	8,
	9,
	10,
	11,
	12
];
/** Leaves where the number on the stack is 0. */
const stopUnless = [IS_ZERO, ...jumpIf("stop")];
const ofStep = (number) => [...get(STEP_AT), ...at(40, number)];
/** Notes where what is written next begins, or has ended. */
const noteWritten = (field) => [...[
	...get(SPAN_AT),
	...get(WRITTEN),
	...get(OUT),
	LESS$1,
	...at(54, field * 4)
]];
const readKey$1 = [
	...[
		...minus(TO, POS),
		...int(1),
		LESS$1,
		...int(MOST_KEY_BYTES),
		BELOW,
		...stopUnless
	],
	...[
		...get(POS),
		...get(TO),
		...get(WRITTEN),
		...call(COPY_KEY),
		...tee(KEY_END),
		...stopUnless
	],
	...[
		...minus(KEY_END, WRITTEN),
		...int(0),
		...at(40, PREFIX_BYTES_AT),
		FROM,
		...stopUnless
	],
	...[
		...get(WRITTEN),
		...int(512),
		...int(0),
		...at(40, PREFIX_CHUNKS_AT)
	],
	...[...call(STANDS), ...stopUnless],
	...grow(WRITTEN, [...int(0), ...at(40, PREFIX_BYTES_AT)]),
	...[
		...noteWritten(0),
		...get(KEY_END),
		...set(WRITTEN),
		...noteWritten(1)
	]
];
/** Is copied in chunks: what follows writes over what is too much. */
const readTime$1 = [
	...[
		...minus(TO, POS),
		...int(MOST_TIME_BYTES),
		UP_TO,
		...stopUnless
	],
	...[
		...get(POS),
		...get(TO),
		...call(IS_TIME),
		...stopUnless,
		...noteWritten(4)
	],
	...[
		...get(WRITTEN),
		...get(POS),
		...loadVector(),
		...storeVector()
	],
	...[
		...get(WRITTEN),
		...get(POS),
		...loadVector(16),
		...storeVector(16)
	],
	...[...grow(WRITTEN, minus(TO, POS)), ...noteWritten(4 + 1)]
];
/** Without its quotes, the ends of both of which are as long. */
const readEtag$1 = [
	...[
		...int(0),
		...set(BITS_AT),
		...get(POS),
		...LOAD_BYTE,
		...tee(KEY_END)
	],
	...[
		...int(code("\"")),
		EQUAL,
		...when(...int(1), ...set(BITS_AT))
	],
	...[
		...get(KEY_END),
		...int(code("W")),
		UNEQUAL,
		...stopUnless
	],
	...[
		...get(KEY_END),
		...int(code("&")),
		EQUAL
	],
	...when(...[
		...get(POS),
		...LOAD,
		...int(word("&quo")),
		EQUAL,
		...stopUnless
	], ...[
		...get(POS),
		...at(47, 4),
		...int(pair$1("t;")),
		EQUAL,
		...stopUnless
	], ...[...int(6), ...set(BITS_AT)]),
	...grow(POS, get(BITS_AT)),
	...[
		...get(TO),
		...get(BITS_AT),
		LESS$1,
		...set(KEY_END)
	],
	...[
		...get(POS),
		...get(KEY_END),
		BELOW,
		...stopUnless
	],
	...[
		...get(KEY_END),
		...int(1),
		LESS$1,
		...LOAD_BYTE,
		...at(45, 256)
	],
	...[
		...int(NO_DIGIT),
		BELOW,
		...stopUnless,
		...noteWritten(2)
	],
	...loop("copy", ...[
		...get(WRITTEN),
		...get(POS),
		...loadVector(),
		...storeVector()
	], ...[
		...minus(KEY_END, POS),
		...int(16),
		ABOVE
	], ...when(...grow(WRITTEN, 16), ...grow(POS, 16), ...jump("copy"))),
	...grow(WRITTEN, [
		...get(KEY_END),
		...get(POS),
		LESS$1
	]),
	...noteWritten(2 + 1)
];
const readSize$1 = [
	...[
		...minus(TO, POS),
		...int(1),
		LESS$1,
		...int(MOST_DIGITS$1),
		BELOW,
		...stopUnless
	],
	...[...long(0), ...set(DIGITS)],
	...loop("digit", ...[
		...get(POS),
		...LOAD_BYTE,
		...int(code("0")),
		LESS$1,
		...tee(BITS_AT)
	], ...[
		...int(9),
		UP_TO,
		...stopUnless
	], ...[
		...get(DIGITS),
		...long(10),
		LONG_TIMES,
		...get(BITS_AT),
		AS_LONG,
		LONG_ADD
	], ...[
		...set(DIGITS),
		...grow(POS, 1),
		...get(POS),
		...get(TO),
		BELOW,
		...jumpIf("digit")
	]),
	...[
		...get(ROW),
		...int(8),
		TIMES,
		...get(DIGITS),
		AS_FLOAT,
		...at(57, SIZES_AT)
	]
];
/** Nearly all are STANDARD; of the others it notes where they stand. */
const readClass$1 = [
	...[
		...get(ROW),
		...int(8),
		TIMES,
		...set(BITS_AT)
	],
	...[
		...get(BITS_AT),
		...int(0),
		...at(54, CLASSES_AT)
	],
	...[
		...minus(TO, POS),
		...int(8),
		UNEQUAL
	],
	...[
		...get(POS),
		...LOAD,
		...int(word("STAN")),
		UNEQUAL,
		OR
	],
	...[
		...get(POS),
		...at(40, 4),
		...int(word("DARD")),
		UNEQUAL,
		OR
	],
	...when(...[
		...get(BITS_AT),
		...get(POS),
		...at(54, CLASSES_AT)
	], ...[
		...get(BITS_AT),
		...get(TO),
		...at(54, CLASSES_AT + 4)
	], ...[
		...int(0),
		...int(1),
		...at(54, 20)
	])
];
const FIELDS$1 = [
	[FIELD.key, readKey$1],
	[FIELD.time, readTime$1],
	[FIELD.etag, readEtag$1],
	[FIELD.size, readSize$1],
	[FIELD.class, readClass$1]
];
/** Finds the next `<`: one stands behind the page at the latest. */
const findEnd = [
	...[...get(POS), ...set(TO)],
	...loop("look", ...[
		...get(TO),
		...loadVector(),
		...vector(Array(16).fill(code("<"))),
		...SAME,
		...BITS
	], ...[
		...tee(BITS_AT),
		IS_ZERO,
		...when(...grow(TO, 16), ...jump("look"))
	]),
	...grow(TO, [...get(BITS_AT), ZEROS_BELOW])
];
/** `rows(at, end, form, out)`: reads objects that have a form, and are plain; gives where the first one stands that is not. */
function rows() {
	const step = [
		...[
			...get(POS),
			...ofStep(STEP.bytes),
			ADD,
			...get(END),
			UP_TO,
			...stopUnless
		],
		...[
			...get(POS),
			...get(STEP_AT),
			...int(STEP.markup),
			ADD,
			...ofStep(STEP.chunks)
		],
		...[
			...call(STANDS),
			...stopUnless,
			...grow(POS, ofStep(STEP.bytes))
		],
		...ofStep(STEP.field),
		...when(...findEnd, ...FIELDS$1.flatMap(([field, read]) => [...[
			...ofStep(STEP.field),
			...int(field),
			EQUAL,
			...when(...read)
		]]), ...[
			...get(TO),
			...set(POS),
			...grow(STEP_AT, ofStep(STEP.length)),
			...jump("step")
		])
	];
	const body = [...block("stop", ...loop("row", ...[
		...int(0),
		...at(40, ROWS_AT),
		...tee(ROW)
	], ...[
		...int(MOST_PLAIN_ROWS),
		BELOW,
		...stopUnless
	], ...[
		...int(0),
		...at(40, WRITTEN_AT),
		...get(OUT),
		ADD,
		...set(WRITTEN)
	], ...[
		...get(ROW),
		...int(6 * 4),
		TIMES,
		...int(SPANS_AT),
		ADD,
		...set(SPAN_AT)
	], ...[
		...get(SPAN_AT),
		...long(0),
		...at(55, 2 * 4)
	], ...[
		...get(FORM),
		...set(STEP_AT),
		...get(AT),
		...set(POS)
	], ...loop("step", ...step), ...[...get(POS), ...set(AT)], ...[
		...int(0),
		...get(WRITTEN),
		...get(OUT),
		LESS$1,
		...at(54, WRITTEN_AT)
	], ...[
		...int(0),
		...get(ROW),
		...int(1),
		ADD,
		...at(54, ROWS_AT),
		...jump("row")
	])), ...get(AT)];
	return {
		parameters: 4,
		locals: [
			2,
			8,
			I32,
			1,
			I64
		],
		body
	};
}
const vectorOf = (items) => [...unsigned(items.length), ...items.flat()];
/** A module of WebAssembly that reads the objects of a page which look alike, and whose memory it is given. */
function rowProgram() {
	const functions = [
		stands(),
		copyKey(),
		isTime(),
		rows()
	];
	const types = functions.map(({ parameters }) => [...[
		96,
		...vectorOf(Array(parameters).fill([I32])),
		1,
		I32
	]]);
	const bodies = functions.map(({ locals, body }) => sized([
		...locals.length === 0 ? [0] : locals,
		...flowCode(body),
		11
	]));
	return Uint8Array.from([
		...MAGIC,
		...section(1, vectorOf(types)),
		...section(2, vectorOf([[
			...named("m"),
			...named("m"),
			2,
			0,
			1
		]])),
		...section(3, vectorOf(functions.map((_, index) => [index]))),
		...section(7, vectorOf([[
			...named("rows"),
			0,
			functions.length - 1
		]])),
		...section(10, vectorOf(bodies))
	]);
}

// src/storage/s3/scan-fields.ts
/** Services send a thousand at a time; who sends twenty times as many keeps all else waiting. */
const MOST_ROWS = 2e4;
/** The error of a page that holds more than any service sends. */
const tooMany = () => unreadable(`it contains more than ${MOST_ROWS} entries`);
const AMPERSAND = 38;
const PLUS = 43;
const PERCENT = 37;
const SPACE = 32;
const ZERO = 48;
const KEY = 1;
const TIME = 2;
const SIZE = 4;
/** What every object must have; S3's own schema has the ETag as optional. */
const NEEDED$1 = {
	Key: KEY,
	LastModified: TIME,
	Size: SIZE
};
const ALL_NEEDED = 7;
/** The name of a field that the current row lacks, or that cannot be read; undefined: it is whole. */
function lacking({ seen }) {
	if ((seen & ALL_NEEDED) === ALL_NEEDED) return void 0;
	return Object.keys(NEEDED$1).find((name) => (seen & (NEEDED$1[name] ?? 0)) === 0);
}
/** Writes the bytes between two positions; `field` says which span of the row they are. */
function writeSpan(scan, from, to, field) {
	const { view, outView, spans, rows, written } = scan;
	spans[rows * 6 + field] = written;
	for (let i = 0; i < to - from; i += 4) outView.setInt32(written + i, view.getInt32(from + i));
	scan.written = written + to - from;
	spans[rows * 6 + field + 1] = scan.written;
}
const HEX = Int8Array.from({ length: 256 }, (_, code) => {
	const digit = Number.parseInt(String.fromCharCode(code), 16);
	return Number.isNaN(digit) ? -1 : digit;
});
/** The byte that `%XX` stands for; -1 when it stands for itself. */
function escapedByte(bytes, at) {
	const high = HEX[bytes[at + 1]];
	const low = HEX[bytes[at + 2]];
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}
/** Writes a key that holds character references: a service that does not encode as asked. */
function writePlainKey(scan, from, to) {
	const text = plainText(scan.bytes.toString("latin1", from, to));
	const key = scan.urlEncoded ? fromUrlEncoded(text) : text;
	scan.written += scan.out.write(key, scan.written, "latin1");
}
/** Writes bytes of a key one by one; gives where the next one is to be written, -1 where a reference stands among them. */
function writeBytes(scan, from, to, begin) {
	const { bytes, out, urlEncoded } = scan;
	let written = begin;
	for (let at = from; at < to; at++) {
		let byte = bytes[at];
		if (byte === AMPERSAND) return -1;
		if (urlEncoded && byte === PLUS) byte = SPACE;
		else if (urlEncoded && byte === PERCENT) {
			const escaped = escapedByte(bytes, at);
			if (escaped >= 0) {
				byte = escaped;
				at += 2;
			}
		}
		out[written++] = byte;
	}
	return written;
}
/** Four times what all bytes that stand for others are below, and hardly any other of a key. */
const FOUR_MEANING = 741092396;
function writeKey(scan, from, to) {
	const { view, outView } = scan;
	let at = from;
	let written = scan.written;
	for (; at + 4 <= to; at += 4, written += 4) {
		const four = view.getInt32(at, true);
		if ((four - FOUR_MEANING & ~four & 2155905152) !== 0) break;
		outView.setInt32(written, four, true);
	}
	written = writeBytes(scan, at, to, written);
	if (written < 0) writePlainKey(scan, from, to);
	else scan.written = written;
}
function readKey(scan, from, to) {
	if (to - from > 65536) throw unreadable("it contains a key that is too long");
	const { out, prefix, spans, rows } = scan;
	const begin = scan.written;
	writeKey(scan, from, to);
	if (scan.written - begin < prefix.length || !startsWith(out, begin, prefix)) throw unreadable("it contains a key outside the prefix");
	spans[rows * 6] = begin + prefix.length;
	spans[rows * 6 + 1] = scan.written;
	if (to > from) scan.seen |= KEY;
}
const QUOTES = ["&quot;", "&#34;"].map((quote) => Buffer.from(quote));
const QUOTE = 34;
function quoteLength(bytes, at) {
	if (bytes[at] === QUOTE) return 1;
	if (bytes[at] !== AMPERSAND) return 0;
	for (const quote of QUOTES) if (startsWith(bytes, at, quote)) return quote.length;
	return 0;
}
const WEAK = Buffer.from("W/");
function readEtag(scan, begin, to) {
	const { bytes } = scan;
	const from = begin + (startsWith(bytes, begin, WEAK) ? WEAK.length : 0);
	const quote = quoteLength(bytes, from);
	const begins = from + quote;
	const ends = to - quote;
	if (ends <= begins) return;
	if (HEX[bytes[ends - 1]] !== -1) writeSpan(scan, begins, ends, 2);
	else writePlainEtag(scan, bytes.toString("latin1", begins, ends));
}
/** Writes an ETag that may end with what a proxy put behind it. */
function writePlainEtag(scan, text) {
	const { spans, rows, out } = scan;
	spans[rows * 6 + 2] = scan.written;
	scan.written += out.write(plainEtag(text), scan.written, "latin1");
	spans[rows * 6 + 3] = scan.written;
}
const NO_PAIR = 100;
/** The number that two digits make; 100 where they are none. */
function pair(bytes, at) {
	const tens = bytes[at] - ZERO;
	const ones = bytes[at + 1] - ZERO;
	return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NO_PAIR;
}
const isWithin = (value, least, most) => value >= least && value <= most;
const DASH = 45;
const COLON = 58;
const T = 84;
const Z = 90;
/** As some services write the zone, most of them `+00:00`. */
const OFFSET = /^[+-](?:[01]\d|2[0-3]):[0-5]\d$/;
const DOT = 46;
/** Where the parts of a second end that stand from here on; -1 where there are none behind their dot. */
function endOfFraction(bytes, from) {
	if (bytes[from] !== DOT) return from;
	let at = from + 1;
	while (bytes[at] >= ZERO && bytes[at] <= 57) at++;
	return at === from + 1 ? -1 : at;
}
const isDate = (bytes, at) => pair(bytes, at) !== NO_PAIR && pair(bytes, at + 2) !== NO_PAIR && bytes[at + 4] === DASH && isWithin(pair(bytes, at + 5), 1, 12) && bytes[at + 7] === DASH && isWithin(pair(bytes, at + 8), 1, 31);
const isTimeOfDay = (bytes, at) => isWithin(pair(bytes, at), 0, 23) && bytes[at + 2] === COLON && isWithin(pair(bytes, at + 3), 0, 59) && bytes[at + 5] === COLON && isWithin(pair(bytes, at + 6), 0, 59);
const SECONDS_END = 19;
function readTime(scan, from, to) {
	const { bytes } = scan;
	if (!isDate(bytes, from) || bytes[from + 10] !== T || !isTimeOfDay(bytes, from + 11)) return;
	const zone = endOfFraction(bytes, from + SECONDS_END);
	const isUtc = bytes[zone] === Z && zone + 1 === to;
	if (zone < 0 || !(isUtc || OFFSET.test(bytes.toString("latin1", zone, to)))) return;
	writeSpan(scan, from, to, 4);
	scan.seen |= TIME;
}
const MOST_DIGITS = 15;
function readSize(scan, from, to) {
	let size = 0;
	for (let at = from; at < to; at++) {
		const digit = scan.bytes[at] - ZERO;
		if (!(digit >= 0 && digit <= 9)) return;
		size = size * 10 + digit;
	}
	if (to === from || to - from > MOST_DIGITS) return;
	scan.sizes[scan.rows] = size;
	scan.seen |= SIZE;
}
function setState({ states }, row, state) {
	states.set(row, {
		storageClass: "",
		restored: false,
		...states.get(row),
		...state
	});
}
const STANDARD = Buffer.from("STANDARD");
/** Reads the class of the current row, or of one before it. */
function readClass(scan, from, to, row = scan.rows) {
	if (to - from === STANDARD.length && startsWith(scan.bytes, from, STANDARD)) return;
	setState(scan, row, { storageClass: scan.bytes.toString("latin1", from, to) });
}
function readRestored(scan) {
	setState(scan, scan.rows, { restored: true });
}
/** The fields that are read, by the length of their names. */
const FIELDS = Array.from({ length: 20 }, (_, length) => [
	{
		name: "Key",
		read: readKey,
		plain: FIELD.key
	},
	{
		name: "LastModified",
		read: readTime,
		plain: FIELD.time
	},
	{
		name: "ETag",
		read: readEtag,
		plain: FIELD.etag
	},
	{
		name: "Size",
		read: readSize,
		plain: FIELD.size
	},
	{
		name: "StorageClass",
		read: readClass,
		plain: FIELD.class
	},
	{
		name: "RestoreExpiryDate",
		read: readRestored,
		plain: void 0
	}
].filter(({ name }) => name.length === length).map(({ name, read, plain }) => ({
	name: Buffer.from(name),
	read,
	plain
})));
/** The field of a name, where it is one to read. */
function fieldNamed(bytes, from, to) {
	const fields = FIELDS[to - from];
	if (fields) {
		for (const field of fields) if (startsWith(bytes, from, field.name)) return field;
	}
}

// src/storage/s3/plain-rows.ts
const WASM_PAGE_BYTES = 65536;
/** So far behind what counts vectors are read and written. */
const SLACK$1 = 64;
const FORM_BYTES = 4096;
const MOST_LOOKS = 16;
const MOST_PREFIX_BYTES = (FORMS_AT - 512) * 16 / (2 * 16);
/** More than any key has. */
const TOO_LONG = 2 ** 31 - 1;
const LESS = 60;
const isSame = (one, other) => Buffer.compare(one, other) === 0;
const isSameForm = (one, other) => one.steps.length === other.steps.length && one.steps.every(({ markup }, i) => isSame(markup, other.steps[i]?.markup ?? markup));
const chunksOf = ({ length }) => Math.ceil(length / 16);
const stepBytes = ({ markup }) => STEP.markup + chunksOf(markup) * 2 * 16;
/** Writes bytes in chunks, behind each of which stands which of its bytes count. */
function writeChunks(memory, at, bytes) {
	for (let i = 0; i < chunksOf(bytes); i++) {
		const chunk = bytes.subarray(i * 16, (i + 1) * 16);
		const to = at + i * 2 * 16;
		memory.fill(0, to, to + 2 * 16);
		memory.set(chunk, to);
		memory.fill(255, to + 16, to + 16 + chunk.length);
	}
}
/**
* Memory in which pages are scanned, one after the other, and a program that reads those of their objects which are plain:
* written as others before them, byte for byte, but for the values. What it does not read is for others to judge.
*/
var PlainRows = class {
	#memory = new WebAssembly.Memory({ initial: Math.ceil((PAGE_AT + 786560) / WASM_PAGE_BYTES) });
	#run;
	#forms = [];
	#all = Buffer.from(this.#memory.buffer);
	#words = new Uint32Array(this.#memory.buffer, 0, FORMS_AT / 4);
	#prefix;
	#pageEnd = PAGE_AT;
	/** How often this page was looked at for a form. */
	#looks = 0;
	/** Throws where this machine cannot. */
	constructor() {
		const module = new WebAssembly.Module(rowProgram());
		this.#run = new WebAssembly.Instance(module, { m: { m: this.#memory } }).exports.rows;
		this.#all.set(HEX_DIGITS, 256);
	}
	/** Takes a page up. What it gives is good until the next one. */
	take(page, { urlEncoded, prefix }) {
		this.#makeRoom(PAGE_AT + 2 * (page.length + SLACK$1));
		this.#pageEnd = PAGE_AT + page.length;
		this.#all.set(page, PAGE_AT);
		this.#all[this.#pageEnd] = LESS;
		this.#looks = 0;
		this.#words[ENCODED_AT / 4] = Number(urlEncoded);
		if (!this.#prefix || !isSame(this.#prefix, prefix)) this.#setPrefix(prefix);
		const { buffer } = this.#memory;
		return {
			bytes: this.#all.subarray(PAGE_AT, this.#pageEnd),
			out: this.#all.subarray(this.#pageEnd + SLACK$1),
			spans: new Uint32Array(buffer, SPANS_AT, MOST_PLAIN_ROWS * 6),
			sizes: new Float64Array(buffer, SIZES_AT, MOST_PLAIN_ROWS)
		};
	}
	/** Reads what it can from an object on; gives where the first one stands that it does not read. */
	read(scan, at) {
		for (const form of this.#forms) {
			const end = this.#readForm(scan, at, form);
			if (end > at) return end;
		}
		return at;
	}
	/** Takes a form up, by which objects are known again. Of a page it takes only some: not of each object that is odd. */
	learn(formOf) {
		if (++this.#looks > MOST_LOOKS) return;
		const form = formOf();
		if (!form) return;
		if (form.steps.reduce((sum, step) => sum + stepBytes(step), 0) > FORM_BYTES || this.#forms.some((known) => isSameForm(known, form))) return;
		const at = this.#forms[7]?.at ?? 8192 + this.#forms.length * FORM_BYTES;
		this.#writeSteps(at, form.steps);
		const known = {
			steps: form.steps.map(({ markup, field }) => ({
				markup: Buffer.from(markup),
				field
			})),
			checksums: form.checksums,
			at
		};
		this.#forms = [known, ...this.#forms.slice(0, 7)];
	}
	#readForm(scan, at, form) {
		const words = this.#words;
		words[ROWS_AT / 4] = scan.rows;
		words[WRITTEN_AT / 4] = scan.written;
		words[20 / 4] = 0;
		const end = this.#run(PAGE_AT + at, this.#pageEnd, form.at, this.#pageEnd + SLACK$1);
		const first = scan.rows;
		scan.rows = words[ROWS_AT / 4];
		scan.written = words[WRITTEN_AT / 4];
		scan.checksums.fill(form.checksums, first, scan.rows);
		if (words[20 / 4] !== 0) this.#readClasses(scan, first);
		return end - PAGE_AT;
	}
	/** Reads the classes of rows, from the first one on, that are not STANDARD. */
	#readClasses(scan, first) {
		const places = new Uint32Array(this.#memory.buffer, CLASSES_AT, scan.rows * 2);
		for (let row = first; row < scan.rows; row++) {
			const [from = 0, to = 0] = [places[row * 2], places[row * 2 + 1]];
			if (from > 0) readClass(scan, from - PAGE_AT, to - PAGE_AT, row);
		}
	}
	#setPrefix(prefix) {
		this.#prefix = Buffer.from(prefix);
		const known = prefix.subarray(0, MOST_PREFIX_BYTES);
		this.#words[PREFIX_BYTES_AT / 4] = prefix.length > MOST_PREFIX_BYTES ? TOO_LONG : prefix.length;
		this.#words[PREFIX_CHUNKS_AT / 4] = chunksOf(known);
		writeChunks(this.#all, 512, known);
	}
	#writeSteps(at, steps) {
		let to = at;
		for (const step of steps) {
			const { markup, field } = step;
			const length = stepBytes(step);
			this.#all.writeUInt32LE(markup.length, to + STEP.bytes);
			this.#all.writeUInt32LE(chunksOf(markup), to + STEP.chunks);
			this.#all.writeUInt32LE(field, to + STEP.field);
			this.#all.writeUInt32LE(length, to + STEP.length);
			writeChunks(this.#all, to + STEP.markup, markup);
			to += length;
		}
	}
	#makeRoom(bytes) {
		const more = bytes - this.#all.length;
		if (more <= 0) return;
		this.#memory.grow(Math.ceil(more / WASM_PAGE_BYTES));
		this.#all = Buffer.from(this.#memory.buffer);
		this.#words = new Uint32Array(this.#memory.buffer, 0, FORMS_AT / 4);
	}
};

// src/storage/s3/markup.ts
/** How an object of a page begins. */
const OPEN = Buffer.from("<Contents>");
const CLOSE = Buffer.from("</Contents>");
const CHECKSUM = Buffer.from("Checksum");
const CDATA$1 = Buffer.from("<![CDATA[");
const GREATER = 62;
const SLASH$1 = 47;
/**
* Reads markup from `begin` on: what follows it, and where that begins. So many bytes are known to be no tag that counts.
* Throws where the object does not end.
*/
function markupAt(page, begin, skipped) {
	const { bytes } = page;
	let checksums = 0;
	let at = textEnd(page, begin + skipped);
	for (;;) {
		const closes = bytes[at + 1] === SLASH$1;
		if (closes && startsWith(bytes, at, CLOSE)) return {
			follows: "end",
			checksums,
			end: at + CLOSE.length
		};
		if (startsWith(bytes, at, OPEN)) throw unreadable("an entry is truncated");
		if (startsWith(bytes, at, CDATA$1)) throw unreadable("it contains a CDATA section");
		const name = at + 1;
		while (bytes[at] !== GREATER) at++;
		const nameEnd = at++;
		if (at >= bytes.length) throw unreadable("an entry is truncated");
		const end = textEnd(page, at);
		const isValue = !closes && bytes[nameEnd - 1] !== SLASH$1 && bytes[end + 1] === SLASH$1;
		const field = isValue ? fieldNamed(bytes, name, nameEnd) : void 0;
		if (field) return {
			follows: field,
			checksums,
			end: at
		};
		if (isValue && startsWith(bytes, name, CHECKSUM)) checksums |= listedChecksum(bytes.toString("latin1", name, nameEnd), bytes.toString("latin1", at, end));
		at = isValue ? textEnd(page, end + 1) : end;
	}
}

// src/storage/s3/scan-objects.ts
const SLASH = 47;
/** Reads an object from its `<Contents>` on, with elements at any depth; gives where it has ended. */
function readFields(scan, open) {
	let at = open;
	let skipped = OPEN.length;
	let checksums = 0;
	for (;;) {
		const markup = markupAt(scan, at, skipped);
		const { follows, end: begin } = markup;
		checksums |= markup.checksums;
		if (follows === "end") {
			scan.checksums[scan.rows] = checksums;
			return begin;
		}
		const end = textEnd(scan, begin);
		const isValue = scan.bytes[end + 1] === SLASH;
		if (isValue) follows.read(scan, begin, end);
		skipped = isValue ? 1 : 0;
		at = end;
	}
}
const NEEDED = [
	FIELD.key,
	FIELD.time,
	FIELD.size
];
const OTHERS = [FIELD.etag, FIELD.class];
/** How an object is written that was read; undefined where others cannot be known by that. */
function formOf(scan, open) {
	const steps = [];
	let checksums = 0;
	for (let [at, skipped] = [open, OPEN.length];; skipped = 1) {
		const { follows, end, checksums: named } = markupAt(scan, at, skipped);
		const field = follows === "end" ? FIELD.end : follows.plain;
		if (field === void 0) return void 0;
		steps.push({
			markup: scan.bytes.subarray(at, end),
			field
		});
		checksums |= named;
		if (field === FIELD.end) break;
		at = textEnd(scan, end);
		if (scan.bytes[at + 1] !== SLASH) return void 0;
	}
	const times = (field) => steps.filter((step) => step.field === field).length;
	return NEEDED.every((field) => times(field) === 1) && OTHERS.every((field) => times(field) < 2) ? {
		steps,
		checksums
	} : void 0;
}
/** Begins the next row. An ETag may be missing: then the row must not have one that stood there before. */
function beginRow(scan) {
	const at = scan.rows * 6 + 2;
	scan.seen = 0;
	scan.spans[at] = 0;
	scan.spans[at + 1] = 0;
}
/** Names what is missing, so that whoever runs the service can look for it. */
function refuseHalf(scan) {
	const missing = lacking(scan);
	if (missing === void 0) return;
	const { spans, rows, out } = scan;
	const key = out.toString("utf8", spans[rows * 6], spans[rows * 6 + 1]);
	const which = missing === "Key" ? "an object" : `the object ${JSON.stringify(key.slice(0, 200))}`;
	throw unreadable(`${which} has no readable ${missing}`);
}
/** What is written at a time may end behind the last byte that counts. */
const SLACK = 4;
/** Serves one page after the other. */
const checksums = new Uint8Array(MOST_PLAIN_ROWS);
/** Where no program reads, pages stay where they are. */
const roomBeside = (bytes) => ({
	bytes,
	out: Buffer.allocUnsafeSlow(bytes.length + SLACK),
	spans: new Uint32Array(MOST_PLAIN_ROWS * 6),
	sizes: new Float64Array(MOST_PLAIN_ROWS)
});
/** Begins to read a page; `plain`: what reads objects that look alike. */
function scanOf(page, form, plain) {
	const { bytes, out, spans, sizes } = plain?.take(page, form) ?? roomBeside(page);
	return {
		urlEncoded: form.urlEncoded,
		prefix: form.prefix,
		spans,
		sizes,
		checksums,
		bytes,
		view: viewOf(bytes),
		out,
		outView: viewOf(out),
		written: 0,
		rows: 0,
		seen: 0,
		states: /* @__PURE__ */ new Map()
	};
}
/** The objects as they wait for the join, in no more memory than they need. */
function packedRows({ rows, written, out, spans, sizes, checksums, states }) {
	const memory = pageMemory(written, rows);
	memory.bytes.set(out.subarray(0, written));
	memory.spans.set(spans.subarray(0, rows * 6));
	memory.sizes.set(sizes.subarray(0, rows));
	memory.checksums.set(checksums.subarray(0, rows));
	return new PackedObjects({
		count: rows,
		byteCount: written
	}, memory, states);
}
/** Reads one object; gives where it has ended. */
function readOne(scan, open, plain) {
	beginRow(scan);
	const end = readFields(scan, open);
	refuseHalf(scan);
	scan.rows++;
	plain?.learn(() => formOf(scan, open));
	return end;
}
/**
* Reads the objects of a page, of which the root element ends where `page` ends; `plain`: what reads those that look alike,
* where this machine can. Throws SyncError.
*/
function scanObjects(page, form, plain) {
	const scan = scanOf(page, form, plain);
	const { bytes } = scan;
	let facts = "";
	let at = 0;
	for (let open = bytes.indexOf(OPEN); open >= 0;) {
		if (open > at) facts += bytes.toString("latin1", at, open);
		at = plain?.read(scan, open) ?? open;
		if (at === open) at = readOne(scan, open, plain);
		if (scan.rows > 2e4) throw tooMany();
		open = startsWith(bytes, at, OPEN) ? at : bytes.indexOf(OPEN, at);
	}
	return {
		objects: packedRows(scan),
		facts: facts + bytes.toString("latin1", at)
	};
}

// src/storage/s3/scan.ts
const ROOT_END = Buffer.from("</ListBucketResult>");
const URL_ENCODED = "<EncodingType>url</EncodingType>";
const URL_ENCODED_BYTES = Buffer.from(URL_ENCODED);
const WHITE = /^\s*$/;
function foldersOf(facts, prefix) {
	const urlEncoded = facts.includes(URL_ENCODED);
	const folders = [];
	for (const group of elements(facts, "CommonPrefixes")) {
		const text = plainText(element(group, "Prefix") ?? "");
		const folder = urlEncoded ? fromUrlEncoded(text) : text;
		if (folder === "" || !folder.startsWith(prefix)) throw unreadable("it contains a common prefix outside the prefix");
		if (folders.push(folder.slice(prefix.length)) > 2e4) throw tooMany();
	}
	return folders;
}
const CDATA = "<![CDATA[";
const CDATA_END = "]]>";
const ROOT = /<([A-Za-z_][\w.-]{0,63}):ListBucketResult[\s>]/;
/** What stands in CDATA sections, written with references. */
function withoutCdata(xml) {
	const parts = [];
	let at = 0;
	for (let open = xml.indexOf(CDATA); open >= 0; open = xml.indexOf(CDATA, at)) {
		const end = xml.indexOf(CDATA_END, open);
		if (end < 0) throw unreadable("a section of it is truncated");
		const text = xml.slice(open + 9, end);
		parts.push(xml.slice(at, open), text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
		at = end + 3;
	}
	return parts.join("") + xml.slice(at);
}
/** The page without what some services put before all names. */
function withPlainNames(bytes) {
	const [, prefix] = ROOT.exec(bytes.toString("latin1", 0, 1024)) ?? [];
	return prefix === void 0 ? bytes : Buffer.from(plainNames(bytes.toString("latin1"), prefix), "latin1");
}
/** The page up to the end of its root element. Throws when that is not the end of the page. */
function wholePage(body) {
	const bytes = withPlainNames(Buffer.from(body.buffer, body.byteOffset, body.length));
	const end = bytes.lastIndexOf(ROOT_END);
	const after = end + ROOT_END.length;
	if (end < 0 && isWebPage(bytes.toString("latin1", 0, 512))) throw webPage();
	if (end < 0 || !WHITE.test(bytes.toString("latin1", after))) throw unreadable("its root element is not closed");
	return bytes.subarray(0, after);
}
/** What reads objects that look alike, made for the first page. */
const plainRows = onceAble(() => new PlainRows());
/** Reads the objects; some services put keys into CDATA sections, where they stand as they are. */
function objectsOf(bytes, form) {
	const plain = plainRows();
	try {
		const found = scanObjects(bytes, form, plain);
		if (!found.facts.includes(CDATA)) return found;
	} catch (error) {
		if (!bytes.includes(CDATA)) throw error;
	}
	return scanObjects(Buffer.from(withoutCdata(bytes.toString("latin1")), "latin1"), form, plain);
}
/**
* Reads the XML of a ListObjectsV2 page. It counts only when its root element is closed, every object
* is whole, and their number is the one it states. Throws SyncError otherwise.
*/
function scanPage(body, prefix) {
	const bytes = wholePage(body);
	const { objects, facts } = objectsOf(bytes, {
		urlEncoded: bytes.includes(URL_ENCODED_BYTES),
		prefix: Buffer.from(prefix, "latin1")
	});
	const folders = foldersOf(facts, prefix);
	if (facts.includes("<Contents")) throw unreadable("it contains an entry of an unexpected form");
	const keyCount = element(facts, "KeyCount");
	const truncated = element(facts, "IsTruncated")?.toLowerCase();
	const nextToken = plainText(element(facts, "NextContinuationToken") ?? "");
	if (truncated !== "true" && truncated !== "false") throw unreadable("IsTruncated is missing");
	const counts = [objects.count + folders.length, objects.count];
	if (keyCount !== void 0 && !counts.includes(Number(keyCount))) throw unreadable(`KeyCount is ${keyCount}, but it contains ${counts[0]} keys`);
	if (truncated === "true" && nextToken === "") throw unreadable(keyCount === void 0 && !facts.includes("<NextContinuationToken") ? "it is truncated but has no continuation token: the service seems to support only ListObjects version 1" : "it is truncated but has no continuation token");
	return {
		objects,
		folders,
		truncated: truncated === "true",
		nextToken
	};
}

// src/storage/s3/lists.ts
/** In the order in which it is signed. */
function listQuery({ prefix, token, startAfter, delimiter, mostKeys }, encoded) {
	const all = {
		"continuation-token": token,
		delimiter,
		"encoding-type": encoded ? "url" : void 0,
		"list-type": "2",
		"max-keys": mostKeys?.toString(),
		prefix,
		"start-after": token === void 0 ? startAfter : void 0
	};
	return Object.entries(all).flatMap(([name, value]) => value === void 0 ? [] : `${name}=${escapeUri(value)}`).join("&");
}
const RESTORED = { "x-amz-optional-object-attributes": "RestoreStatus" };
const PAGES = new BodyMemory();
/** A service that gives no connection soon gives none at all. */
const CONNECT_MS = 1e4;
/** Asks for a page once. Throws as `Lister.page` does. */
async function askPage(send, query, { encoded, tellsRestored }, limit) {
	const { body } = await send({
		method: "GET",
		on: {
			bucket: query.bucket,
			key: ""
		},
		query: listQuery(query, encoded),
		headers: tellsRestored ? RESTORED : {},
		connectMs: CONNECT_MS,
		answer: {
			mostBytes: MOST_PAGE_BYTES,
			into: PAGES
		}
	}, limit);
	try {
		return scanPage(body, toKeyBytes(query.prefix));
	} finally {
		PAGES.giveBack(body);
	}
}
/** Asks for pages, again while that may help, and without an encoding where the service knows none. */
function pager(send, rules) {
	const { capabilities, timeoutMs, knowsRestored } = rules;
	const persist = persisting(rules);
	async function ask(query, encoded) {
		let attempts = 0;
		const form = {
			encoded,
			tellsRestored: knowsRestored && query.mostKeys === void 0
		};
		const limit = {
			timeoutMs,
			signal: query.signal
		};
		const once = () => {
			attempts++;
			return askPage(send, query, form, limit);
		};
		return {
			...await persist(once, limit, 0),
			attempts
		};
	}
	return async (query) => {
		const encoded = capabilities.encodesKeys;
		try {
			return await ask(query, encoded);
		} catch (error) {
			if (!encoded || !isPuzzled(serviceFailure(error))) throw error;
			const page = await ask(query, false).catch(() => Promise.reject(error));
			capabilities.lacksKeyEncoding();
			return page;
		}
	};
}

// src/storage/s3/sender.ts
init__crypto();
function unrefused({ answer, refusal }) {
	if (refusal) throw refusal;
	return answer;
}
/** Unsigned, as a proxy may change it; there are firewalls that let nothing pass which names no program. */
const PROGRAM = "s3-direct-sync";
/** Where an error begins; some services name the namespace of its elements. */
const ERROR = /<Error[\s>]/;
/** Whether what is read is what somebody stored, which may look like anything. */
const readsContent = ({ method, query = "" }) => method === "GET" && (query === "" || query.startsWith("versionId="));
/** More than stands before an element that makes an answer a refusal. */
const PROLOG_BYTES = 1024;
/** Whether an answer that says 200 tells of an error all the same. */
function tellsError({ body }, call) {
	if (call.method === "GET") return !readsContent(call) && rootOf(body.toString("latin1", 0, PROLOG_BYTES), "Error") !== void 0;
	return body.includes("<Error") && ERROR.test(body.toString("latin1"));
}
/** What an answer says is wrong; services may find that out after they said 200. */
function failureOf(answer, call) {
	if (answer.status < 200 || answer.status >= 300) return toldFailure(answer);
	if (!tellsError(answer, call)) return void 0;
	const { headers, body } = answer;
	return toldFailure({
		status: 500,
		headers,
		body
	});
}
/** By these a service refuses a signature; what else it says was found out after that. */
const UNSIGNED = /* @__PURE__ */ new Set([
	400,
	401,
	403
]);
/** Most keys hold nothing that is to be escaped. */
const PLAIN_KEY = /^[\w.~/-]*$/;
/** Escapes a key, but not its slashes. */
const escapeKey = (key) => PLAIN_KEY.test(key) ? key : key.split("/").map(escapeUri).join("/");
/** Makes requests of one service: signs them where there are credentials, and follows a bucket to its region. */
var Sender = class {
	#input;
	#signers = /* @__PURE__ */ new Map();
	constructor(input) {
		this.#input = input;
	}
	/** Sends a request, and once more each where its bucket turns out to be in another region, or the service to have another time. */
	send(call, limit) {
		return this.hear(call, limit).then(unrefused);
	}
	/** The same, for who wants to know more of an answer that tells of a failure. Throws what the network said. */
	async hear(call, limit) {
		const { bucket } = call.on;
		const { hosts } = this.#input;
		const known = hosts.hostOf(bucket);
		const host = known instanceof Promise ? await orAborted(limit.signal, known) : known;
		const first = await this.#exchange(call, host, limit);
		const moved = hosts.movedHost(bucket, host, first.answer);
		const there = moved ? await moved : host;
		const second = moved ? await this.#exchange(call, there, limit) : first;
		const { prepared, answer } = this.#hasOtherTime(second) ? await this.#exchange(call, there, limit) : second;
		const failed = failureOf(answer, call);
		return {
			answer,
			refusal: failed && this.#refusal(failed, prepared)
		};
	}
	/** Whether a signature was refused whose time is not the service's, which is known by now. */
	#hasOtherTime({ prepared, answer }) {
		return prepared.credentials !== void 0 && UNSIGNED.has(answer.status) && this.#offMs(prepared) > 3e5;
	}
	#offMs({ nowMs }) {
		return Math.abs((this.#input.serverTime.timeMs() ?? nowMs) - nowMs);
	}
	async #exchange(call, host, limit) {
		const held = this.#input.address.credentials?.();
		const credentials = held instanceof Promise ? await orAborted(limit.signal, held) : held;
		const prepared = this.#prepare(call, host, credentials);
		const answer = await ask(prepared.wire, this.#input.agents, limit);
		const { serverTime } = this.#input;
		if (answer.status >= 300 || serverTime.timeMs() === void 0) serverTime.saw(answer.headers.date);
		return {
			prepared,
			answer
		};
	}
	#signerOf(region) {
		const sign = this.#signers.get(region) ?? createSigner({
			region,
			service: "s3"
		});
		this.#signers.set(region, sign);
		return sign;
	}
	#prepare(call, host, credentials) {
		const { address, serverTime } = this.#input;
		const { method, on, query = "", body, asStored } = call;
		const path = `${host.root}/${escapeKey(on.key)}`;
		const own = {
			...call.headers,
			host: host.host
		};
		const isHeadBucket = method === "HEAD" && on.key === "";
		if (address.requestPayer && !isHeadBucket) own["x-amz-request-payer"] = address.requestPayer;
		const nowMs = serverTime.timeMs() ?? Date.now();
		const signable = {
			method,
			path,
			query,
			headers: own,
			payloadSha256: body && method === "PUT" && host.isSecure ? "UNSIGNED-PAYLOAD" : body ? sha256(body) : EMPTY_SHA256
		};
		const headers = credentials ? this.#signerOf(host.region)(signable, credentials, nowMs) : own;
		if (method === "PUT" || method === "POST") headers["content-length"] = String(body?.length ?? 0);
		if (asStored) headers["accept-encoding"] = "gzip";
		headers["user-agent"] = PROGRAM;
		const target = query === "" ? path : `${path}?${query}`;
		const { mostBytes, into } = call.answer ?? {};
		const { connectMs } = call;
		return {
			wire: {
				base: host.base,
				method,
				target,
				headers,
				body,
				mostBytes,
				connectMs,
				into
			},
			credentials,
			nowMs
		};
	}
	/** What a failed answer means to whoever signed the request. */
	#refusal({ said, error }, prepared) {
		const { address } = this.#input;
		const { credentials, nowMs } = prepared;
		const isOff = this.#offMs(prepared) > MOST_SKEW_MS;
		if (credentials && said === void 0 && error.status === 403 && isOff) return new ServiceError("RequestTimeTooSkewed", error.message, { status: 403 });
		if (!credentials || !hasExpired(said, credentials.expiresAtMs, nowMs)) return error;
		address.onExpired(credentials);
		return new ServiceError("ExpiredToken", error.message, { status: error.status });
	}
};

// src/storage/s3/objects.ts
/** A condition on an ETag; none where nobody told the ETag. */
const bindingTo = (name, etag) => etag === "" ? {} : { [name]: `"${etag}"` };
const readCondition = ({ etag, unasked }) => unasked ? {} : bindingTo("if-match", etag);
const conditionOf = (only) => only === void 0 ? {} : only === "absent" ? { "if-none-match": "*" } : bindingTo("if-match", only.etag);
/** The header names bucket and key, a space as %20. */
function sourceHeaders({ bucket, key, etag, unasked, versionId }) {
	const version = versionId === void 0 ? "" : `?versionId=${escapeUri(versionId)}`;
	const copied = `${bucket}/${escapeKey(key)}${version}`;
	return unasked || etag === "" ? { "x-amz-copy-source": copied } : {
		"x-amz-copy-source": copied,
		"x-amz-copy-source-if-match": `"${etag}"`
	};
}
/** A query with the version that is asked for, in the order in which queries are signed. */
function versioned({ versionId }, query = "") {
	if (versionId === void 0) return query;
	return `${query === "" ? "" : `${query}&`}versionId=${escapeUri(versionId)}`;
}
const rangeOf = ({ first, last }) => `bytes=${first}-${last}`;
/** An ETag as S3 writes it into its answers. */
const USUAL_ETAG = /^(?:&quot;|&#34;|")([0-9a-f]{32}(?:-\d+)?)(?:&quot;|&#34;|")$/;
function etagIn({ body }) {
	const text = body.toString("latin1");
	return USUAL_ETAG.exec(element(text, "ETag") ?? "")?.[1] ?? plainEtag(textOf(text, "ETag"));
}
const etagOn = ({ headers }) => plainEtag(headers.etag);
/** Without the ETag of a part nothing can be put together: that is a failure of the service, whatever it says. */
function partEtag(etag) {
	if (etag !== "") return etag;
	throw new ServiceError("InternalError", "The service returned no ETag for a part.", { status: 500 });
}
function describedBy({ headers }) {
	const named = {};
	for (const [name, value] of Object.entries(headers)) if (typeof value === "string") named[name] = value;
	const whole = /\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1] ?? headers["content-length"];
	return {
		size: Number(whole ?? NaN),
		etag: plainEtag(headers.etag),
		headers: named
	};
}
/** Ten tags have 3,840 characters, each of which a service may write in sixteen bytes. */
const MOST_TAG_BYTES = 65536;
/** As listings have it. */
const classOf = (name = "") => name === "STANDARD" ? "" : name;
function foundIn({ headers }) {
	const modified = Date.parse(headers["last-modified"] ?? "");
	const size = Number(headers[STORED_LENGTH] ?? headers["content-length"] ?? NaN);
	const etag = plainEtag(headers.etag);
	return {
		size,
		etag,
		modified: Number.isNaN(modified) ? "" : new Date(modified).toISOString(),
		restored: /ongoing-request="false"/.test(String(headers["x-amz-restore"] ?? "")),
		partBytes: statedPartBytes(headers[`x-amz-meta-${PART_SIZE}`]?.toString(), {
			size,
			etag
		}),
		storageClass: classOf(headers["x-amz-storage-class"]?.toString()),
		versionId: headers["x-amz-version-id"]?.toString(),
		kmsKey: kmsKeyIn(headers["x-amz-server-side-encryption-aws-kms-key-id"]?.toString()),
		etagIsMd5: leavesMd5(headers["x-amz-server-side-encryption"]?.toString(), headers["x-amz-server-side-encryption-customer-algorithm"]?.toString())
	};
}
const CHECKSUM_MODE = { "x-amz-checksum-mode": "ENABLED" };
/**
* Asks for the checksums that are stored with an object beside the rest. A service that does not know that question, as
* Backblaze B2, is not asked it again: the same without it proves that it was this.
*/
async function withChecksums(capabilities, ask) {
	if (!capabilities.readChecksums) return ask({});
	try {
		return await ask(CHECKSUM_MODE);
	} catch (error) {
		if (!isPuzzled(serviceFailure(error))) throw error;
		const answer = await ask({}).catch(() => Promise.reject(error));
		capabilities.lacksReadChecksums();
		return answer;
	}
}
const checksumsIn = ({ headers }) => wholeChecksums(headers, plainEtag(headers.etag));
const md5 = (bytes) => hash("md5", bytes, "base64");
function tagsIn({ body }) {
	const document = rootOf(body.toString("latin1"), "Tagging");
	if (document === void 0) throw new ServiceError("Unanswered", "The response of the service is not a Tagging.", { status: 200 });
	return [...elements(document, "Tag")].map((tag) => ["Key", "Value"].map((name) => escapeUri(textOf(tag, name) ?? "")).join("=")).join("&");
}
function partQuery({ upload, number }) {
	return `partNumber=${number}&uploadId=${escapeUri(upload.uploadId)}`;
}
/** Of S3's elements, as both SDKs name it. */
const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
function partList(etags) {
	const parts = etags.map((etag, at) => `<Part><ETag>"${etag}"</ETag><PartNumber>${at + 1}</PartNumber></Part>`);
	return Buffer.from(`<CompleteMultipartUpload xmlns="${NAMESPACE}">${parts.join("")}</CompleteMultipartUpload>`);
}
function uploadOf(to, { body }) {
	const uploadId = textOf(body.toString("latin1"), "UploadId");
	if (uploadId) return {
		...to,
		uploadId
	};
	throw new ServiceError("InternalError", "The service started a multipart upload without returning an upload ID.", { status: 500 });
}
const WHOLE_TYPE = { "x-amz-checksum-type": "FULL_OBJECT" };
const wholeHeaders = ({ algorithm }) => ({
	"x-amz-checksum-algorithm": algorithm,
	...WHOLE_TYPE
});
const proofHeaders = ({ algorithm, value }) => value === void 0 ? WHOLE_TYPE : {
	[`x-amz-checksum-${algorithm.toLowerCase()}`]: value,
	...WHOLE_TYPE
};
const notGone = (error) => {
	if (serviceFailure(error).code !== "NoSuchUpload") throw error;
};
const bodyHeaders = (bytes) => ({ "content-md5": md5(bytes) });
const partHeaders = ({ md5, crc32 }) => ({
	"content-md5": md5,
	...crc32 === void 0 ? {} : { "x-amz-checksum-crc32": crc32 }
});
/** Writes of whole objects. */
const wholes = (send) => ({
	copy: (from, { to, only, headers }, limit) => {
		return send({
			method: "PUT",
			on: to,
			headers: {
				...headers,
				...conditionOf(only),
				...sourceHeaders(from)
			}
		}, limit).then(etagIn);
	},
	put: async ({ to, only, headers }, body, limit) => {
		const digest = headers["content-md5"] === void 0 ? bodyHeaders(body) : {};
		const all = {
			...headers,
			...conditionOf(only),
			...digest
		};
		return etagOn(await send({
			method: "PUT",
			on: to,
			headers: all,
			body
		}, limit));
	}
});
/** Writes of objects in parts. */
const uploads = (send) => ({
	startUpload: async ({ to, headers, whole }, limit) => {
		return uploadOf(to, await send({
			method: "POST",
			on: to,
			query: "uploads=",
			headers: whole ? {
				...headers,
				...wholeHeaders(whole)
			} : headers
		}, limit));
	},
	copyPart: async (part, { range, ...from }, limit) => {
		const headers = {
			...sourceHeaders(from),
			"x-amz-copy-source-range": rangeOf(range)
		};
		return partEtag(etagIn(await send({
			method: "PUT",
			on: part.upload,
			query: partQuery(part),
			headers
		}, limit)));
	},
	putPart: async (part, body, limit) => {
		const headers = part.proof ? partHeaders(part.proof) : bodyHeaders(body);
		const call = {
			method: "PUT",
			on: part.upload,
			query: partQuery(part),
			headers,
			body
		};
		return partEtag(etagOn(await send(call, limit)));
	},
	completeUpload: async (upload, { etags, only, whole }, limit) => {
		const query = `uploadId=${escapeUri(upload.uploadId)}`;
		const proof = whole ? proofHeaders(whole) : {};
		return etagIn(await send({
			method: "POST",
			on: upload,
			query,
			headers: {
				...conditionOf(only),
				...proof,
				"content-type": "application/xml"
			},
			body: partList(etags)
		}, limit));
	},
	abortUpload: async (upload, limit) => {
		await send({
			method: "DELETE",
			on: upload,
			query: `uploadId=${escapeUri(upload.uploadId)}`
		}, limit).catch(notGone);
	}
});
/** Some services do not heed `If-Match`: the answer must say itself that it is of the object that was asked for. */
function pinnedTo(etag, described) {
	if (!otherEtag(described.etag, etag)) return described;
	throw new ServiceError("PreconditionFailed", "The ETag of the object has changed.", { status: 412 });
}
const otherBytes = () => new ServiceError("InvalidRange", "The service returned a different range than requested.", { status: 416 });
/** Throws where an answer is not of the bytes that were asked for, or is shorter: then it is no answer. */
function mustBe({ status, headers }, { bytes, range }, received) {
	const sent = headers["content-range"] ?? "";
	const wanted = range && `bytes ${range.first}-${range.last}/`;
	if (wanted ? status !== 206 || !sent.startsWith(wanted) : status !== 200) throw otherBytes();
	if (received === bytes) return;
	throw new ServiceError("RequestError", `${received} of ${bytes} bytes were received.`, { status });
}
/** More bytes than were asked for are other ones. */
function notMore(error) {
	throw serviceFailure(error).code === "AnswerTooLong" ? otherBytes() : error;
}
/** The size of what is stored, where the service would send it unpacked. */
const STORED_LENGTH = "x-goog-stored-content-length";
const STORED_ENCODING = "x-goog-stored-content-encoding";
/** Whether an answer is of the object as it would come unpacked. */
const isUnpacked = ({ headers }) => headers["content-encoding"] === void 0 && headers[STORED_ENCODING] !== void 0 && headers[STORED_ENCODING] !== "identity";
/** HEAD of an object as it is stored. */
async function headOf(send, call, limit) {
	const answer = await send(call, limit);
	return isUnpacked(answer) ? await send({
		...call,
		asStored: true
	}, limit) : answer;
}
/** Reads bytes; where others come than are stored, asks once for what is stored. */
async function bytesOf(send, object, what, asked, limit) {
	const { bytes: mostBytes } = what;
	const headers = {
		...readCondition(object),
		...asked
	};
	const call = {
		method: "GET",
		on: object,
		query: versioned(object),
		headers
	};
	const ask = async (asStored) => {
		const sink = what.into?.();
		try {
			const answer = sink ? {
				mostBytes,
				into: sink
			} : { mostBytes };
			const sent = await send({
				...call,
				answer,
				asStored
			}, limit).catch(notMore);
			const described = pinnedTo(object.etag, describedBy(sent));
			mustBe(sent, what, sink?.bytes ?? sent.body.length);
			await sink?.end();
			return {
				...described,
				bytes: sent.body
			};
		} catch (error) {
			await sink?.drop();
			throw error;
		}
	};
	try {
		return await ask(false);
	} catch (error) {
		const { code, status } = serviceFailure(error);
		if (!(code === "InvalidRange" || code === "RequestError" && status === 200)) throw error;
		return await ask(true).catch(() => Promise.reject(error));
	}
}
const reads = (send, capabilities) => ({
	stat: async (on, limit, what) => {
		const ask = (headers) => send({
			method: "HEAD",
			on,
			query: versioned(on),
			headers
		}, limit);
		try {
			const answer = await (what ? withChecksums(capabilities, ask) : ask({}));
			return what ? {
				...foundIn(answer),
				checksums: checksumsIn(answer)
			} : foundIn(answer);
		} catch (error) {
			if (isMissing(error)) return void 0;
			throw error;
		}
	},
	page: (query, limit) => {
		const form = {
			encoded: capabilities.encodesKeys,
			tellsRestored: false
		};
		return askPage(send, query, form, limit);
	},
	describe: async (object, limit, what) => {
		const query = versioned(object, what === "first-part" ? "partNumber=1" : "");
		const ask = (asked) => {
			return headOf(send, {
				method: "HEAD",
				on: object,
				headers: {
					...readCondition(object),
					...asked
				},
				query
			}, limit);
		};
		const answer = await (what === "with-checksums" ? withChecksums(capabilities, ask) : ask({}));
		return pinnedTo(object.etag, describedBy(answer));
	},
	tags: async (on, limit) => tagsIn(await send({
		method: "GET",
		on,
		query: versioned(on, "tagging="),
		answer: { mostBytes: MOST_TAG_BYTES }
	}, limit)),
	read: (object, what, limit) => {
		const ask = (asked) => bytesOf(send, object, what, asked, limit);
		return what.range ? ask({ range: rangeOf(what.range) }) : withChecksums(capabilities, ask);
	}
});
/** Deletes one object while it has its ETag. */
async function deletePinned(send, object, limit) {
	await send({
		method: "DELETE",
		on: object,
		headers: readCondition(object)
	}, limit);
}
/** Objects of a service, by our own requests: they cost a tenth of the SDK's. */
const s3Objects = (send, capabilities) => ({
	...wholes(send),
	...uploads(send),
	...reads(send, capabilities)
});

// src/storage/s3/s3-store.ts
/** Asks again while that may help, and gives the last answer whatever it is. Throws what the network said. */
function patiently(requests, rules, timeoutMs) {
	const persist = persisting(rules);
	return async (call) => {
		let last;
		const once = async () => {
			last = void 0;
			last = await requests.hear(call, { timeoutMs });
			if (last.refusal) throw last.refusal;
			return last;
		};
		return persist(once, { timeoutMs }, 0).catch((error) => last ?? Promise.reject(error));
	};
}
/** Asks for the first byte of an object that HEAD was refused for: it takes the same right, and its refusal has a body. */
async function refusalOf(hear, on, error) {
	const { status } = serviceFailure(error);
	if (status !== 400 && status !== 403) return error;
	const { refusal } = await hear({
		method: "GET",
		on,
		headers: { range: "bytes=0-0" }
	}).catch(() => ({ refusal: void 0 }));
	return refusal?.status === status ? refusal : error;
}
async function checksumsOf(objects, on, limit) {
	const found = await objects.stat(on, limit, "with-checksums");
	if (!found) return void 0;
	const { etag, checksums: values = /* @__PURE__ */ new Map(), partBytes } = found;
	return {
		etag,
		values,
		partBytes
	};
}
/** Opened where it is needed first, and no more than once. */
function once(open) {
	let opened;
	return () => {
		opened ??= open();
		return opened;
	};
}
/** S3: what is asked often, and by all runs, by our own requests, the rest through the AWS SDK. */
function s3Store(address) {
	const agents = agentsFor({ maxSockets: address.maxSockets });
	const serverTime = new ServerTime();
	const capabilities = new Capabilities();
	const sdk = once(() => import("./sdk-client.js").then(({ openSdk }) => openSdk({
		address,
		agents,
		serverTime,
		capabilities
	})));
	const hosts = new BucketHosts(address.service, async () => (await sdk()).client);
	const requests = new Sender({
		hosts,
		address,
		agents,
		serverTime
	});
	const send = (call, limit) => requests.send(call, limit);
	const objects = s3Objects(send, capabilities);
	const again = {
		clock: systemClock,
		retryCount: address.maxAttempts - 1
	};
	const patient = retrying(objects, again);
	const persist = persisting(again);
	const sendAgain = (call, limit) => persist(() => send(call, limit), limit, 0);
	const { timeoutMs } = address;
	const hear = patiently(requests, again, timeoutMs);
	return {
		findBucket: (bucket) => findBucket(hear, bucket),
		bucketEncryption: (bucket) => bucketEncryption(sendAgain, bucket),
		isVersioned: (bucket) => isVersioned(sendAgain, bucket),
		uploads: async function* (place, signal) {
			yield* (await sdk()).uploads(place, signal);
		},
		page: pager(send, {
			clock: again.clock,
			retryCount: again.retryCount,
			capabilities,
			timeoutMs,
			knowsRestored: address.service.endpoint === void 0
		}),
		stat: (object, signal) => patient.stat(object, {
			timeoutMs,
			signal
		}),
		describe: async (object, signal) => {
			try {
				return (await patient.describe({
					...object,
					etag: ""
				}, {
					timeoutMs,
					signal
				})).headers;
			} catch (error) {
				if (isMissing(error)) return void 0;
				throw error;
			}
		},
		refusalOf: (object, error) => refusalOf(hear, object, error),
		checksums: (bucket, key, signal, versionId) => checksumsOf(patient, {
			bucket,
			key,
			versionId
		}, {
			timeoutMs,
			signal
		}),
		objects,
		deleteObjects: async (bucket, targets, limits) => (await sdk()).deleteObjects(bucket, targets, limits),
		deletePinned: (object, limit) => deletePinned(send, object, limit),
		capabilities,
		serverTimeMs: () => serverTime.timeMs(),
		regionOf: (bucket) => hosts.regionOf(bucket),
		close: () => closeAgents(agents)
	};
}

export { s3Store };