export type { Api } from "./api";
export { createApi } from "./api";
export { ApiError, asApiError, type Fetch } from "./client";
export { ApiProvider, useApi, useReach } from "./context";
export * from "./queries";
export { useErrorSentence } from "./sentence";
