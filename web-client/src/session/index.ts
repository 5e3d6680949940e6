export { guideQuery, meQuery, signOut } from "./api";
export { ApiError, asApiError, type Fetch } from "./client";
export { ServerProvider, useReach, useServer } from "./context";
export { leaveFor } from "./leaveFor";
export { useErrorSentence } from "./sentence";
export { createServer, path, type Server } from "./server";
