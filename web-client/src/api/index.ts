export type { Api } from "./api";
export { createApi } from "./api";
export { ApiError, type Fetch } from "./client";
export { ApiProvider, useApi } from "./context";
export * from "./queries";
export { useErrorSentence } from "./sentence";
