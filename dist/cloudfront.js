import { __name } from "./rolldown-runtime.js";
import { ServiceError } from "./receiving.js";
import { agentsFor, ask, orAborted, textOf, toldFailure } from "./action.js";
import { createSigner, sha256 } from "./requests.js";

// src/adapters/cloudfront.ts
const API = "2020-05-31";
const NAMESPACE = `http://cloudfront.amazonaws.com/doc/${API}/`;
/** One for the whole world, but for China's. */
const GLOBAL = {
	url: "https://cloudfront.amazonaws.com",
	region: "us-east-1"
};
const CHINA = {
	url: "https://cloudfront.cn-northwest-1.amazonaws.com.cn",
	region: "cn-northwest-1"
};
/** Paths are escaped as URLs are, which leaves one character that XML has a use for. */
const inXml = (text) => text.replaceAll("&", "&amp;");
const batchOf = ({ paths, reference }) => Buffer.from(`<InvalidationBatch xmlns="${NAMESPACE}"><Paths><Quantity>${paths.length}</Quantity><Items>${paths.map((path) => `<Path>${inXml(path)}</Path>`).join("")}</Items></Paths><CallerReference>${reference}</CallerReference></InvalidationBatch>`);
/** CloudFront, by our own requests: its SDK would be as large as that of S3, for one of them. */
function cloudFront({ endpoint, region, credentials }) {
	const { url, region: signed } = region.startsWith("cn-") ? CHINA : GLOBAL;
	const base = new URL(endpoint ?? url);
	const sign = createSigner({
		region: signed,
		service: "cloudfront"
	});
	const agents = agentsFor({ maxSockets: 1 });
	const root = base.pathname.replace(/\/$/, "");
	return { invalidate: async (invalidation, limit) => {
		const held = await orAborted(limit.signal, Promise.resolve(credentials()));
		const path = `${root}/${API}/distribution/${invalidation.distribution}/invalidation`;
		const body = batchOf(invalidation);
		const signable = {
			method: "POST",
			path,
			query: "",
			headers: {
				host: base.host,
				"content-type": "application/xml"
			},
			payloadSha256: sha256(body)
		};
		const headers = sign(signable, held, Date.now());
		headers["content-length"] = String(body.length);
		headers["user-agent"] = "s3-direct-sync";
		const answer = await ask({
			base,
			method: "POST",
			target: path,
			headers,
			body
		}, agents, limit);
		if (answer.status >= 300) throw toldFailure(answer).error;
		const id = textOf(answer.body.toString("latin1"), "Id");
		if (id) return id;
		throw new ServiceError("Unanswered", "The response is not from CloudFront.", { status: answer.status });
	} };
}

export { cloudFront };