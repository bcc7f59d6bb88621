import { __name } from "./rolldown-runtime.js";
import { agentsFor, ask, deadline, isUsual, orAborted, rootOf, textOf, toldFailure } from "./action.js";
import { ServiceError, shortened } from "./receiving.js";
import { MOST_SKEW_MS, ServerTime, createSigner, escapeUri, sdkService, sha256 } from "./requests.js";

// src/adapters/discovery.ts
const CONTAINER = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
/** Other machines than those of EC2 have metadata of their own at the same address, or nobody who answers. */
function whyNoInstance(env) {
	if (env["RUNNER_ENVIRONMENT"] === "github-hosted") return "GitHub-hosted runners have none";
	const disabled = env["AWS_EC2_METADATA_DISABLED"];
	return disabled && disabled !== "false" ? "AWS_EC2_METADATA_DISABLED is set" : void 0;
}
/** The keys of the environment, as the SDK reads them; why there are none, where there are none. */
function fromEnv(env) {
	const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
	if (accessKeyId && secretAccessKey) {
		const expiry = env["AWS_CREDENTIAL_EXPIRATION"];
		const expiresAtMs = expiry ? Date.parse(expiry) : void 0;
		const sessionToken = env["AWS_SESSION_TOKEN"] || void 0;
		return async () => ({
			accessKeyId,
			secretAccessKey,
			sessionToken,
			expiresAtMs
		});
	}
	if (accessKeyId) return "AWS_SECRET_ACCESS_KEY is not set or empty, but the other one is set";
	if (secretAccessKey) return "AWS_ACCESS_KEY_ID is not set or empty, but the other one is set";
	return "Unable to find environment variable credentials.";
}
/** A profile that was named is the only place: nobody wants the keys of somebody else for a misspelt name. */
function places(profile, bySdk) {
	const { env } = process;
	const ini = (name) => ({
		name: `profile "${name}"`,
		look: async (signal) => (await bySdk()).profile(name, signal)
	});
	if (profile) return [ini(profile)];
	const inContainer = CONTAINER.some((name) => env[name]);
	return [
		{
			name: "environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)",
			foundIn: "environment",
			look: fromEnv(env)
		},
		ini("default"),
		{
			name: "token file (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN)",
			look: async () => (await bySdk()).tokenFile()
		},
		inContainer ? {
			name: "container role",
			look: async () => (await bySdk()).container()
		} : {
			name: "container role (AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI)",
			look: "not set"
		},
		{
			name: "instance role",
			look: inContainer ? "not tried in a container" : whyNoInstance(env) ?? (async () => (await bySdk()).instance())
		}
	];
}
/** Why a place gave nothing, without what a service answered that is not JSON: that may hold secrets. */
function reasonOf(error) {
	if (!(error instanceof Error)) return "unknown";
	if (error instanceof SyntaxError) return "the response is not JSON";
	return `${/^(Error|.*Provider\w*Error)$/.test(error.name) ? "" : `${error.name}: `}${shortened(error.message).replace(/\s+/g, " ")}`;
}
const goesOn = (error) => error instanceof Error && "tryNextLink" in error && error.tryNextLink === true;
/**
* Credentials from the profile, or from the first place that has some, in the SDK's order: environment, default
* profile, token file, container, instance. Nothing is kept: every call looks anew. Throws an error with a line for
* every place that was looked at, or the reason of the signal.
*/
function discovery(profile, { timeoutMs, cancelled, bySdk }) {
	return async () => {
		const reasons = [];
		for (const { name, foundIn = name, look } of places(profile, bySdk)) {
			if (typeof look === "string") {
				reasons.push(`${name}: ${look}`);
				continue;
			}
			try {
				const signal = deadline({
					timeoutMs,
					signal: cancelled
				});
				return {
					...await orAborted(signal, look(signal)),
					foundIn
				};
			} catch (error) {
				cancelled.throwIfAborted();
				reasons.push(`${name}: ${reasonOf(error)}`);
				if (!goesOn(error)) break;
			}
		}
		throw new Error(reasons.join("\n"));
	};
}

// src/adapters/sts.ts
const API = "2011-06-15";
/** A service that gives no connection soon gives none at all. */
const CONNECT_MS = 1e4;
/** The URL of STS as the SDK's rules have it, which are long; undefined where one has to ask them. */
function usualStsUrl(service) {
	const { endpoint, region } = service;
	if (endpoint !== void 0) return new URL(endpoint);
	return isUsual(service, region) ? new URL(`https://sts.${region}.amazonaws.com`) : void 0;
}
async function baseOf(service) {
	const usual = usualStsUrl(service);
	if (usual) return usual;
	const { region, variant } = service;
	const { STSClient } = await import("./client-sts.js");
	return new STSClient({ ...sdkService(service) }).config.endpointProvider({
		Region: region,
		UseFIPS: variant.fips,
		UseDualStack: variant.dualstack,
		UseGlobalEndpoint: false
	}).url;
}
function bodyOf(action, parameters) {
	const all = {
		Action: action,
		Version: API,
		...parameters
	};
	return Buffer.from(Object.entries(all).flatMap(([name, value]) => value === void 0 ? [] : [`${escapeUri(name)}=${escapeUri(value)}`]).join("&"));
}
const parametersOf = (role) => ({
	RoleArn: role.roleArn,
	RoleSessionName: role.sessionName,
	...Object.fromEntries((role.policyArns ?? []).map((arn, at) => [`PolicyArns.member.${at + 1}.arn`, arn])),
	Policy: role.policy,
	DurationSeconds: String(role.durationSeconds),
	ExternalId: role.externalId
});
/** The result of an action. Throws ServiceError where the answer is none. */
function resultOf(answer, action) {
	const { status, body } = answer;
	if (status < 200 || status >= 300) throw toldFailure(answer).error;
	const result = rootOf(body.toString("latin1"), `${action}Response`);
	if (result !== void 0) return result;
	throw new ServiceError("Unanswered", "The response is not from STS.", { status });
}
function credentialsIn(result) {
	const [accessKeyId, secretAccessKey, sessionToken, expiration] = [
		"AccessKeyId",
		"SecretAccessKey",
		"SessionToken",
		"Expiration"
	].map((name) => textOf(result, name));
	if (!accessKeyId || !secretAccessKey || !sessionToken) throw new Error("STS returned no credentials.");
	return {
		accessKeyId,
		secretAccessKey,
		sessionToken,
		expiresAtMs: expiration === void 0 ? void 0 : Date.parse(expiration)
	};
}
/** STS by our own requests: its SDK takes longer to load than all else of a run that has nothing to do. */
var Sts = class {
	#address;
	#agents;
	#sign;
	#serverTime = new ServerTime();
	#base;
	constructor(address, agents) {
		this.#address = address;
		this.#agents = agents;
		this.#sign = createSigner({
			region: address.service.region,
			service: "sts"
		});
	}
	/** Unsigned. */
	async assumeRoleWithWebIdentity(role, token) {
		const parameters = {
			...parametersOf(role),
			WebIdentityToken: token,
			ExternalId: void 0
		};
		return credentialsIn(await this.#ask("AssumeRoleWithWebIdentity", parameters, void 0));
	}
	async assumeRole(role, by) {
		return credentialsIn(await this.#ask("AssumeRole", parametersOf(role), by));
	}
	async callerIdentity(of) {
		const result = await this.#ask("GetCallerIdentity", {}, of);
		return {
			account: textOf(result, "Account") ?? "",
			arn: textOf(result, "Arn") ?? ""
		};
	}
	/** Asks once, and once more where the signature had a time that is not the service's. */
	async #ask(action, parameters, by) {
		const body = bodyOf(action, parameters);
		const nowMs = this.#serverTime.timeMs() ?? Date.now();
		const answer = await this.#send(body, by, nowMs);
		this.#serverTime.saw(answer.headers.date);
		const serverMs = this.#serverTime.timeMs() ?? nowMs;
		return by !== void 0 && Math.abs(serverMs - nowMs) > 3e5 && answer.status >= 400 && answer.status < 500 ? resultOf(await this.#send(body, by, serverMs), action) : resultOf(answer, action);
	}
	async #send(body, by, nowMs) {
		this.#base ??= baseOf(this.#address.service);
		const base = await this.#base;
		const { pathname, host } = base;
		const path = pathname.endsWith("/") ? pathname : `${pathname}/`;
		const own = {
			host,
			"content-type": "application/x-www-form-urlencoded"
		};
		const signable = {
			method: "POST",
			path,
			query: "",
			headers: own,
			payloadSha256: sha256(body)
		};
		const headers = by ? this.#sign(signable, by, nowMs) : { ...own };
		headers["content-length"] = String(body.length);
		headers["user-agent"] = "s3-direct-sync";
		const { timeoutMs } = this.#address;
		return ask({
			base,
			method: "POST",
			target: path,
			headers,
			body,
			connectMs: CONNECT_MS
		}, this.#agents, { timeoutMs });
	}
};

// src/adapters/identity.ts
/** Credentials are asked for one after the other. */
const SOCKETS = 4;
/** STS by our own requests, one attempt a call, since every attempt takes a fresh token; the rest as the SDK finds it. */
function stsIdentity(address) {
	const agents = agentsFor({ maxSockets: SOCKETS });
	const sts = new Sts(address, agents);
	return {
		assumeRoleWithWebIdentity: (role, token) => sts.assumeRoleWithWebIdentity(role, token),
		assumeRole: async (role, base) => sts.assumeRole(role, await base()),
		callerIdentity: async (credentials) => sts.callerIdentity(await credentials()),
		discover: (profile, cancelled) => discovery(profile, {
			timeoutMs: address.timeoutMs,
			cancelled,
			bySdk: async () => (await import("./sdk-places.js")).sdkPlaces(address, agents)
		})
	};
}

export { stsIdentity };