import { defineConfig } from "vitest/config";

/** End to end: the real server, real browsers, real media. `npm run e2e`, with DIEMCAU_BIN set. */
export default defineConfig({
	test: {
		include: ["e2e/specs/**/*.e2e.ts"],
		environment: "node",
		// One after the other: two cores serve a server and several browsers.
		fileParallelism: false,
		testTimeout: 300_000,
		hookTimeout: 300_000,
		retry: 0,
		reporters: ["verbose", "./e2e/failures.ts"],
	},
});
