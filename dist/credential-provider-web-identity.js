import { fromTokenFile, fromWebToken } from "./aws-sdk.js";

export { fromTokenFile };