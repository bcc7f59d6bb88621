import { SharedBucket } from "./shared.js";

export { SharedBucket };