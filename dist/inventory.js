import { __name } from "./rolldown-runtime.js";
import { SyncError, createHash, init__crypto } from "./receiving.js";
import { MOST_BYTES, download, humanBytes, inventoryRows, quoted, schemaOf } from "./action.js";
import { array, number, object, string } from "./zod.js";

// src/storage/manifest/inventory.ts
init__crypto();
const BUCKET_ARN = /^arn:[\w-]+:s3:::([A-Za-z0-9][A-Za-z0-9._-]{1,254})$/;
/** `manifest.json` as S3 writes it beside its data files, as far as it counts. */
const document = object({
	sourceBucket: string().min(1),
	destinationBucket: string().regex(BUCKET_ARN),
	fileFormat: string(),
	fileSchema: string(),
	files: array(object({
		key: string().min(1).max(1024),
		size: number().int().nonnegative(),
		MD5checksum: string().regex(/^[0-9a-fA-F]{32}$/)
	}))
});
const refusal = (name, why, hint) => new SyncError("inputs", `The manifest ${name} ${why}.`, { hint: `${hint} Nothing was touched.` });
const NOT_ONE = "A file named manifest.json is read as an S3 Inventory manifest; give a list of rows another name, such as list.ndjson.";
/** Reads `manifest.json`. Throws SyncError where it is none of an S3 Inventory in CSV. */
function inventoryOf(text, name) {
	let value;
	try {
		value = JSON.parse(text);
	} catch {
		throw refusal(name, "is not JSON", NOT_ONE);
	}
	const read = document.safeParse(value);
	if (!read.success) {
		const where = read.error.issues[0]?.path.join(".") ?? "";
		throw refusal(name, `is not an S3 Inventory manifest: ${where === "" ? "it" : where} does not have the expected form`, NOT_ONE);
	}
	const { sourceBucket, destinationBucket, fileFormat, fileSchema, files } = read.data;
	if (fileFormat !== "CSV") throw refusal(name, `has the S3 Inventory format ${quoted(fileFormat)}`, "Only CSV is supported: set the format of the inventory to CSV.");
	const schema = schemaOf(fileSchema);
	const [, bucket = ""] = BUCKET_ARN.exec(destinationBucket) ?? [];
	if (!schema) throw refusal(name, "does not list Bucket and Key in fileSchema", NOT_ONE);
	const bytes = files.reduce((sum, { size }) => sum + size, 0);
	if (bytes > MOST_BYTES) throw refusal(name, `names data files of ${humanBytes(bytes)}`, `At most ${humanBytes(MOST_BYTES)} is allowed: limit the inventory to a prefix.`);
	return {
		sourceBucket,
		bucket,
		schema,
		files
	};
}
/** Text of so many times its packed bytes is no list of keys, but made to fill a disk. */
const MOST_UNPACKED = 300;
const FREE_UNPACKED_BYTES = 2 ** 20;
async function* bounded(chunks, packedBytes, key) {
	const hint = "Check where that file comes from.";
	let left = packedBytes * MOST_UNPACKED + FREE_UNPACKED_BYTES;
	try {
		for await (const chunk of chunks) {
			left -= chunk.length;
			if (left < 0) throw refusal(key, `unpacks to more than ${MOST_UNPACKED} times its size`, hint);
			yield chunk;
		}
	} catch (error) {
		if (error instanceof SyncError) throw error;
		const why = error instanceof Error ? error.message : String(error);
		throw refusal(key, `cannot be unpacked: ${why}`, hint);
	}
}
async function md5Of(chunks) {
	const hash = createHash("md5");
	for await (const chunk of chunks) hash.update(chunk);
	return hash.digest("hex");
}
/** The rows of all data files, one file after the other. Throws SyncError where one is not the one that S3 wrote. */
async function* allInventoryRows({ bucket, schema, files: all }, deps) {
	const { files, folder } = deps;
	const path = files.join(folder, "data");
	for (const { key, MD5checksum } of all) {
		const packedBytes = await download({
			bucket,
			key
		}, path, deps);
		if (await md5Of(files.chunks(path)) !== MD5checksum.toLowerCase()) throw refusal(key, "does not match its manifest.json: the MD5 differs", "Use manifest.json and data files of the same inventory report.");
		const chunks = key.endsWith(".gz") ? files.gunzipped(path) : files.chunks(path);
		yield* inventoryRows(bounded(chunks, packedBytes, key), schema);
		await files.removeFile(path);
	}
}

export { allInventoryRows, inventoryOf };