import { __name } from "./rolldown-runtime.js";
import { WRITE_BYTES } from "./receiving.js";
import { closeSync, constants, fchmodSync, fdatasync, fstatSync, fsyncSync, linkSync, lstatSync, mkdirSync, openSync, read, readSync, realpathSync, renameSync, rmdirSync, statSync, unlinkSync, write, writeSync } from "node:fs";
import { promisify } from "node:util";
import path from "node:path";
import { lstat, open, readdir, realpath, stat } from "node:fs/promises";

// src/model/key.ts
/** Bytes of a key that S3 takes, in UTF-8. */
const MOST_KEY_BYTES = 1024;
const ASCII = /^[\0-\x7f]*$/;
const utf8 = new TextDecoder("utf-8", {
	fatal: true,
	ignoreBOM: true
});
/** The bytes of a key given as text. */
const toKeyBytes = (text) => ASCII.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
/** The text of a key; undefined when its bytes are not valid UTF-8. */
function toText(key) {
	if (ASCII.test(key)) return key;
	try {
		return utf8.decode(Buffer.from(key, "latin1"));
	} catch {
		return;
	}
}

// src/adapters/platform.ts
/** The system that this process runs on. Asked here alone: what depends on it takes it as a parameter. */
const thisPlatform = process.platform;
/** Paths, and lists of them, as a system writes them. */
const pathsOf = (platform) => platform === "win32" ? path.win32 : path.posix;
/** The folders of a PATH that are the same wherever a program is started; others would lie in the checkout. */
function absoluteFolders(list, platform) {
	const { delimiter, isAbsolute } = pathsOf(platform);
	return (platform === "win32" ? [...list.matchAll(/(?:"[^"]*"?|[^;"])+/g)].map(([folder]) => folder.replaceAll("\"", "")) : list.split(delimiter)).filter((folder) => isAbsolute(folder));
}

// src/adapters/make-folders.ts
const isFolder = (at) => statSync(at, { throwIfNoEntry: false })?.isDirectory() ?? false;
/**
* Makes a folder, and those above it that are missing. One by one: Node's own way never ends where a file system makes no
* folders and says ENOENT, as /proc does.
*/
function makeFolders(folder) {
	const missing = [folder];
	let above = path.dirname(folder);
	while (above !== path.dirname(above) && !isFolder(above)) {
		missing.unshift(above);
		above = path.dirname(above);
	}
	for (const one of missing) try {
		mkdirSync(one);
	} catch (error) {
		if (!isFolder(one)) throw error;
	}
}

// src/adapters/folder.ts
const { O_NOFOLLOW: O_NOFOLLOW$2 = 0, O_NONBLOCK = 0, O_RDONLY: O_RDONLY$1 } = constants;
const kindOf = (found) => found.isSymbolicLink() ? "link" : found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
const EXECUTABLE = 73;
/** `isPosix`: whether the mode means anything. */
const factsOf = (found, isPosix) => ({
	kind: kindOf(found),
	size: found.size,
	modifiedMs: found.mtimeMs,
	changedMs: found.ctimeMs,
	stamp: `${found.dev}:${found.ino}:${found.size}:${found.mtimeMs}:${found.ctimeMs}`,
	id: `${found.dev}:${found.ino}`,
	isExecutable: isPosix && found.isFile() && (found.mode & EXECUTABLE) !== 0
});
/** What is said of a path that leads nowhere: through what is no folder, in circles, or by a name that no file can have. */
const GONE$1 = /* @__PURE__ */ new Set([...[
	"ENOENT",
	"ENOTDIR",
	"ELOOP",
	"ENAMETOOLONG"
], "ERR_INVALID_ARG_VALUE"]);
const unlessGone = (error) => {
	if (!GONE$1.has(error.code)) throw error;
};
/** So many bytes of an open file, or as many as there are. */
function wholeOf(handle, size) {
	const bytes = Buffer.allocUnsafe(size);
	let filled = 0;
	while (filled < size) {
		const length = readSync(handle, bytes, filled, size - filled, filled);
		if (length === 0) break;
		filled += length;
	}
	return bytes.subarray(0, filled);
}
var Handle = class {
	#handle;
	#isPosix;
	constructor(handle, isPosix) {
		this.#handle = handle;
		this.#isPosix = isPosix;
	}
	async facts() {
		return factsOf(await this.#handle.stat(), this.#isPosix);
	}
	async read(into, at) {
		let filled = 0;
		while (filled < into.length) {
			const { bytesRead } = await this.#handle.read(into, filled, into.length - filled, at + filled);
			if (bytesRead === 0) break;
			filled += bytesRead;
		}
		return filled;
	}
	close() {
		return this.#handle.close();
	}
};
/** Node throws for what lies below a file, though there is no entry. */
function isLink(path) {
	try {
		return lstatSync(path).isSymbolicLink();
	} catch (error) {
		if (GONE$1.has(error.code)) return false;
		throw error;
	}
}
const behindLink = () => Object.assign(/* @__PURE__ */ new Error("a folder of its path is a symbolic link"), { code: "ELOOP" });
/** A name of Windows that is no text, in bytes that are none either. */
const noText = (name) => `\xff${Buffer.from(name, "utf16le").toString("latin1")}`;
var DiskFolder = class {
	#root;
	#platform;
	#isPosix;
	/** Who names a link means what it leads to; what becomes one later, nobody has named. */
	#rootIsLink;
	constructor(root, platform) {
		this.#root = root;
		this.#platform = platform;
		this.#isPosix = platform !== "win32";
		this.#rootIsLink = isLink(root);
	}
	async entries(key) {
		const found = await this.#read(key);
		return await Promise.all(found.map(async (entry) => {
			const name = this.#nameOf(entry.name);
			const kind = kindOf(entry);
			if (kind !== "other") return {
				name,
				kind
			};
			const path = `${key}${key === "" ? "" : "/"}${name}`;
			return {
				name,
				kind: (await this.look(path))?.kind ?? kind
			};
		}));
	}
	async look(key) {
		const found = await lstat(this.#pathOf(key)).catch(unlessGone);
		return found && factsOf(found, this.#isPosix);
	}
	async follow(key) {
		const path = this.#pathOf(key);
		const found = await stat(path).catch(unlessGone);
		if (!found) return void 0;
		const [top, target] = await Promise.all([realpath(this.#root), realpath(path).catch(unlessGone)]);
		const within = target === void 0 ? void 0 : this.#within(top, target);
		return {
			...factsOf(found, this.#isPosix),
			within
		};
	}
	async open(key, link) {
		const flags = O_RDONLY$1 | O_NONBLOCK | (link ? 0 : O_NOFOLLOW$2);
		const file = new Handle(await open(this.#pathOf(key), flags), this.#isPosix);
		try {
			if (!link) this.#mustLeadThroughFolders(key);
			if ((await file.facts()).kind === "file") return file;
			throw new Error("it is not a regular file");
		} catch (error) {
			await file.close();
			throw error;
		}
	}
	readNow(key, mostBytes) {
		const path = this.#pathOf(key);
		const handle = openSync(path, O_RDONLY$1 | O_NONBLOCK | O_NOFOLLOW$2);
		try {
			this.#mustLeadThroughFolders(key);
			const first = factsOf(fstatSync(handle), this.#isPosix);
			if (first.kind !== "file") throw new Error("it is not a regular file");
			const bytes = first.size > mostBytes ? void 0 : wholeOf(handle, first.size);
			const last = factsOf(fstatSync(handle), this.#isPosix);
			const named = lstatSync(path, { throwIfNoEntry: false });
			return {
				first,
				bytes,
				last,
				named: named && factsOf(named, this.#isPosix)
			};
		} finally {
			closeSync(handle);
		}
	}
	#within(top, target) {
		const { sep, isAbsolute, relative } = pathsOf(this.#platform);
		const within = relative(top, target);
		return !isAbsolute(within) && within !== ".." && !within.startsWith(`..${sep}`) ? within.replaceAll(sep, "/") : void 0;
	}
	/**
	* Throws where a folder on the way to a file that was opened is a link, as it may have become since it was listed. One
	* that is a folder again by now holds another file, which has another id.
	*/
	#mustLeadThroughFolders(key) {
		if (isLink(this.#root) !== this.#rootIsLink) throw behindLink();
		for (let end = key.indexOf("/"); end >= 0; end = key.indexOf("/", end + 1)) if (isLink(this.#pathOf(key.slice(0, end)))) throw behindLink();
	}
	#pathOf(key) {
		if (key === "") return this.#root;
		const { sep } = pathsOf(this.#platform);
		const base = this.#root.endsWith(sep) ? this.#root : this.#root + sep;
		const text = toText(key);
		if (!this.#isPosix) return base + (text ?? "").replaceAll("/", sep);
		return text === key ? base + key : Buffer.concat([Buffer.from(base), Buffer.from(key, "latin1")]);
	}
	/** macOS takes both forms of a name for one, and hands out what it was made with. */
	#nameOf(name) {
		if (typeof name === "string") return name.isWellFormed() ? toKeyBytes(name) : noText(name);
		const bytes = name.toString("latin1");
		const text = this.#platform === "darwin" ? toText(bytes) : void 0;
		return text === void 0 ? bytes : toKeyBytes(text.normalize("NFC"));
	}
	async #read(key) {
		const path = this.#pathOf(key);
		return this.#isPosix ? readdir(path, {
			withFileTypes: true,
			encoding: "buffer"
		}) : readdir(path, { withFileTypes: true });
	}
};
/** The folder at an absolute path, on a system. */
const openFolder = (root, platform = thisPlatform) => new DiskFolder(root, platform);

// src/model/folder.ts
/** Whether what has a name is still the file that was listed, and may be replaced. */
const isAsListed = (there, was) => there.size === was.size && Math.trunc(there.modifiedMs) === was.modifiedMs;

// src/adapters/pins.ts
const { O_NOFOLLOW: O_NOFOLLOW$1 = 0, O_DIRECTORY = 0, O_RDONLY } = constants;
/** Folders that are held while nobody uses them: to open one again costs a step for each name of its path. */
const MOST_IDLE = 64;
/** A failure as the file system would tell it. */
function failureOf(code, message, path) {
	return Object.assign(/* @__PURE__ */ new Error(`${code}: ${message}, '${path}'`), {
		code,
		path
	});
}
/** Throws where a name would lead elsewhere: whoever asks, nothing is named so. */
function mustBeName(name, sep) {
	if (name === "" || name === "." || name === ".." || name.includes(sep) || name.includes("\0")) throw failureOf("EINVAL", "not a file name", name);
}
/** A folder that is held: on Linux by an open handle, elsewhere by what it is known by. */
var Pin = class {
	/** Relative to the root; '' for the root. */
	key;
	/** Absolute. */
	path;
	id;
	handle;
	above;
	/** Who works in it: whoever opened it, to begin with. */
	uses = 1;
	/** Whether it got or lost names that are not on the disk for certain. */
	isDirty = false;
	#base;
	#sep;
	constructor({ key, path, id }, { handle, base, sep }, above) {
		this.#sep = sep;
		this.key = key;
		this.path = path;
		this.id = id;
		this.handle = handle;
		this.above = above;
		this.#base = base;
	}
	/** A path of a name in it that leads through no folder that could be swapped meanwhile, where the system has such. */
	at(name) {
		mustBeName(name, this.#sep);
		return this.#base + name;
	}
	/** Of what has a name in it, be it a link; undefined where nothing has. */
	look(name) {
		return lstatSync(this.at(name), { throwIfNoEntry: false });
	}
};
const EXISTS = "EEXIST";
/** What says that this process, or the system, may open no more files. */
const TOO_MANY_OPEN = /* @__PURE__ */ new Set(["EMFILE", "ENFILE"]);
/**
* The folders below a root that are written to, each opened once, never by a link. Linux names what lies in an open
* folder by `/proc/self/fd`, so that a folder that is swapped for a link leads nowhere else. Elsewhere the way is looked
* at before and behind each step.
*/
var Pins = class {
	#root;
	#sep;
	#platform;
	#pins = /* @__PURE__ */ new Map();
	#unsynced;
	constructor(root, platform) {
		const { sep } = pathsOf(platform);
		this.#root = root;
		this.#sep = sep;
		this.#platform = platform;
	}
	/** Lends a folder by its key; `make`: it is made where it is missing. Who takes it lets go of it again. */
	take(key, make) {
		const known = this.#pins.get(key);
		if (known && this.isThere(known)) {
			known.uses++;
			this.#pins.delete(key);
			this.#pins.set(key, known);
			return known;
		}
		this.drop(key);
		if (key === "") return this.#openRoot(make);
		const cut = key.lastIndexOf("/");
		const above = this.take(key.slice(0, Math.max(0, cut)), make);
		try {
			return this.#open(above, key.slice(cut + 1), make);
		} finally {
			this.letGo(above);
		}
	}
	letGo(pin) {
		pin.uses--;
		if (this.#pins.get(pin.key) !== pin) this.#close(pin);
		if (this.#pins.size <= MOST_IDLE) return;
		for (const other of this.#pins.values()) {
			if (this.#pins.size <= MOST_IDLE) return;
			if (other.uses === 0) this.drop(other.key);
		}
	}
	/** Opens a file, for which folders that nobody uses are given up where no more may be open. */
	openFile(path, flags) {
		try {
			return openSync(path, flags);
		} catch (error) {
			if (!TOO_MANY_OPEN.has(error.code)) throw error;
		}
		for (const { key, uses } of [...this.#pins.values()]) if (uses === 0) this.drop(key);
		return openSync(path, flags);
	}
	/** Forgets a folder, which is to be removed, say. */
	drop(key) {
		const pin = this.#pins.get(key);
		this.#pins.delete(key);
		if (pin) this.#close(pin);
	}
	/** Lets go of all folders. Throws where the names of one, whenever it was let go of, could not be brought to the disk. */
	close() {
		for (const key of [...this.#pins.keys()]) this.drop(key);
		if (this.#unsynced) throw this.#unsynced.error;
	}
	/** Whether a folder still has its name, and so all on its way where nothing holds them. */
	isThere(pin) {
		const found = lstatSync(pin.path, { throwIfNoEntry: false });
		if (!found || this.#idOf(found) !== pin.id || !found.isDirectory()) return false;
		return pin.handle !== void 0 || pin.above === void 0 || this.isThere(pin.above);
	}
	facts(found) {
		return factsOf(found, this.#platform !== "win32");
	}
	#openRoot(make) {
		if (make) makeFolders(this.#root);
		const path = realpathSync(this.#root);
		return this.#hold({
			key: "",
			path
		}, path, void 0);
	}
	#open(above, name, make) {
		const key = above.key === "" ? name : `${above.key}/${name}`;
		const path = (above.path.endsWith(this.#sep) ? above.path : above.path + this.#sep) + name;
		const found = above.look(name);
		if (!found && make) {
			try {
				mkdirSync(above.at(name));
			} catch (error) {
				if (error.code !== EXISTS) throw error;
			}
			above.isDirty = true;
		}
		if (found?.isSymbolicLink()) throw failureOf("ELOOP", "a symbolic link is in the way", path);
		if (found && !found.isDirectory()) throw failureOf("ENOTDIR", `${JSON.stringify(key)} is not a folder on this runner`, path);
		return this.#hold({
			key,
			path
		}, above.at(name), above);
	}
	#hold({ key, path }, openPath, above) {
		if (this.#platform === "win32") {
			const found = lstatSync(openPath);
			if (above && found.isSymbolicLink()) throw failureOf("ELOOP", "a symbolic link is in the way", path);
			if (above && !found.isDirectory()) throw failureOf("ENOTDIR", "not a folder", path);
			return this.#keep(new Pin({
				key,
				path,
				id: this.#idOf(found)
			}, this.#byPath(path), above));
		}
		const flags = O_RDONLY | O_DIRECTORY | (above ? O_NOFOLLOW$1 : 0);
		const handle = this.openFile(openPath, flags);
		const id = this.#idOf(fstatSync(handle));
		const base = `/proc/self/fd/${handle}/`;
		if (this.#platform === "linux" && this.#isHeld(base, id)) return this.#keep(new Pin({
			key,
			path,
			id
		}, {
			handle,
			base,
			sep: this.#sep
		}, above));
		closeSync(handle);
		const pin = new Pin({
			key,
			path,
			id
		}, this.#byPath(path), above);
		if (above && !this.isThere(pin)) throw failureOf("ELOOP", "a symbolic link is in the way", path);
		return this.#keep(pin);
	}
	#byPath(path) {
		return {
			handle: void 0,
			sep: this.#sep,
			base: path.endsWith(this.#sep) ? path : path + this.#sep
		};
	}
	/** A container may have no /proc. */
	#isHeld(base, id) {
		const found = lstatSync(`${base}.`, { throwIfNoEntry: false });
		return found !== void 0 && this.#idOf(found) === id;
	}
	#keep(pin) {
		this.#pins.set(pin.key, pin);
		return pin;
	}
	#idOf(found) {
		return this.facts(found).id;
	}
	/** Closes a folder once nobody works in it. */
	#close(pin) {
		if (pin.uses > 0) return;
		if (pin.isDirty) this.#sync(pin);
		pin.isDirty = false;
		if (pin.handle !== void 0) closeSync(pin.handle);
	}
	/** Brings to the disk which names a folder has. Some file systems know no such thing of folders. */
	#sync({ handle, path }) {
		if (this.#platform === "win32") return;
		try {
			const own = handle ?? openSync(path, O_RDONLY | O_DIRECTORY);
			try {
				fsyncSync(own);
			} finally {
				if (handle === void 0) closeSync(own);
			}
		} catch (error) {
			const { code = "" } = error;
			if (![
				"EINVAL",
				"ENOTSUP",
				"EBADF",
				"ENOENT",
				"ENOTDIR"
			].includes(code)) this.#unsynced ??= { error };
		}
	}
};

// src/adapters/writable-folder.ts
const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW = 0 } = constants;
const toDisk = promisify(fdatasync);
const readSome = promisify(read);
const writeSome = promisify(write);
const ANY_WRITE = 146;
const PERMISSIONS = 511;
/** What says that a file system has no second names: those that were made for cameras have not. */
const NO_LINKS = /* @__PURE__ */ new Set([
	"EPERM",
	"ENOTSUP",
	"EOPNOTSUPP",
	"ENOSYS",
	"EINVAL",
	"EMLINK"
]);
const GONE = /* @__PURE__ */ new Set(["ENOENT", "ENOTDIR"]);
const NOT_EMPTY = /* @__PURE__ */ new Set([
	"ENOTEMPTY",
	"EEXIST",
	"ENOENT",
	"ENOTDIR",
	"EBUSY"
]);
const codeOf = (error) => error.code;
/** The folder and the name of a key. Throws where it names none. */
function parted(key) {
	const text = toText(key) ?? "";
	const cut = text.lastIndexOf("/");
	mustBeName(cut === 0 ? "" : text.slice(cut + 1), "/");
	return {
		folder: text.slice(0, Math.max(0, cut)),
		name: text.slice(cut + 1)
	};
}
const standing = (pins, found) => ({
	...pins.facts(found),
	isReadOnly: (found.mode & ANY_WRITE) === 0
});
const mayReplace = (there, listed) => there.kind === "file" && !there.isReadOnly && listed !== void 0 && isAsListed(there, listed);
/** Something has the name of a file, and stays. */
var Met = class extends Error {
	there;
	constructor(there) {
		super();
		this.there = there;
	}
};
var Draft = class {
	#pins;
	#target;
	#handle;
	#isOpen = true;
	#isKept = false;
	#flushed = Promise.resolve();
	#unflushed;
	constructor(pins, target) {
		this.#pins = pins;
		this.#target = target;
		const path = target.pin.at(target.temporary);
		this.#handle = pins.openFile(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW);
	}
	get handle() {
		return this.#handle;
	}
	/** Writes small content at once, without a turn of the loop. */
	writeNow(bytes) {
		let done = 0;
		while (done < bytes.length) {
			const some = Math.min(bytes.length - done, WRITE_BYTES);
			done += writeSync(this.#handle, bytes, done, some, done);
		}
	}
	async write(bytes, at) {
		let done = 0;
		while (done < bytes.length) {
			const left = bytes.length - done;
			const { bytesWritten } = await writeSome(this.#handle, bytes, done, left, at + done);
			done += bytesWritten;
		}
	}
	async read(into, at) {
		let filled = 0;
		while (filled < into.length) {
			const left = into.length - filled;
			const { bytesRead } = await readSome(this.#handle, into, filled, left, at + filled);
			if (bytesRead === 0) break;
			filled += bytesRead;
		}
		return filled;
	}
	flush() {
		const flushed = toDisk(this.#handle).catch((error) => {
			this.#unflushed ??= { error };
		});
		this.#flushed = Promise.all([this.#flushed, flushed]).then(() => {});
		return this.#flushed;
	}
	async keep(meet) {
		await this.#flushed;
		if (this.#unflushed) throw this.#unflushed.error;
		await toDisk(this.#handle);
		const { pin, name } = this.#target;
		this.#seeThere();
		const there = pin.look(name);
		meet(there && standing(this.#pins, there));
		const own = this.#pins.facts(fstatSync(this.#handle)).id;
		if (there) fchmodSync(this.#handle, there.mode & PERMISSIONS);
		this.#close();
		if (there) this.#replace();
		else this.#give();
		pin.isDirty = true;
		this.#isKept = true;
		const kept = pin.look(name);
		if (!kept || this.#pins.facts(kept).id !== own) throw this.#moved();
		this.#seeThere();
		this.#pins.letGo(pin);
	}
	discard() {
		const { pin, temporary } = this.#target;
		if (!this.#isKept) try {
			unlinkSync(pin.at(temporary));
		} catch {}
		this.#close();
		this.#pins.letGo(pin);
	}
	#seeThere() {
		if (!this.#pins.isThere(this.#target.pin)) throw this.#moved();
	}
	#moved() {
		const { pin, name } = this.#target;
		return failureOf("ELOOP", "its folder was moved in the meantime", `${pin.path}/${name}`);
	}
	#replace() {
		const { pin, name, temporary } = this.#target;
		renameSync(pin.at(temporary), pin.at(name));
	}
	/** Takes a name that nothing has: what comes at this moment is not replaced. */
	#give() {
		const { pin, name, temporary } = this.#target;
		try {
			linkSync(pin.at(temporary), pin.at(name));
		} catch (error) {
			if (!NO_LINKS.has(codeOf(error))) throw error;
			renameSync(pin.at(temporary), pin.at(name));
			return;
		}
		unlinkSync(pin.at(temporary));
	}
	#close() {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		closeSync(this.#handle);
	}
};
/** Writes to a folder on the thread that asks; it need not be there yet. */
var DiskWrites = class {
	#pins;
	constructor(root, platform) {
		this.#pins = new Pins(root, platform);
	}
	create(key, temporary) {
		const { folder, name } = parted(key);
		const pin = this.#pins.take(folder, true);
		try {
			return new Draft(this.#pins, {
				pin,
				name,
				temporary
			});
		} catch (error) {
			this.#pins.letGo(pin);
			throw error;
		}
	}
	async put({ key, temporary, bytes, replaces }) {
		const file = this.create(key, temporary);
		try {
			file.writeNow(bytes);
			await file.keep((there) => {
				if (there && !mayReplace(there, replaces)) throw new Met(there);
			});
			return;
		} catch (error) {
			file.discard();
			if (error instanceof Met) return error.there;
			throw error;
		}
	}
	remove(key, meet) {
		const { folder, name } = parted(key);
		this.#inFolder(folder, (pin) => {
			const there = pin.look(name);
			if (!there) return;
			meet(standing(this.#pins, there));
			unlinkSync(pin.at(name));
			pin.isDirty = true;
		});
	}
	removeEmpty(key) {
		const { folder, name } = parted(key);
		let isRemoved = false;
		this.#inFolder(folder, (pin) => {
			if (!pin.look(name)?.isDirectory()) return;
			this.#pins.drop(toText(key) ?? "");
			try {
				rmdirSync(pin.at(name));
			} catch (error) {
				if (NOT_EMPTY.has(codeOf(error))) return;
				throw error;
			}
			pin.isDirty = true;
			isRemoved = true;
		});
		return isRemoved;
	}
	async close() {
		this.#pins.close();
	}
	/** Works in a folder that is there; in one that is not, nothing is to be done. */
	#inFolder(folder, work) {
		let pin;
		try {
			pin = this.#pins.take(folder, false);
		} catch (error) {
			if (GONE.has(codeOf(error))) return;
			throw error;
		}
		try {
			work(pin);
		} finally {
			this.#pins.letGo(pin);
		}
	}
};

export { DiskWrites, MOST_KEY_BYTES, absoluteFolders, isAsListed, makeFolders, openFolder, pathsOf, thisPlatform, toKeyBytes, toText };