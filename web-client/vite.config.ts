import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the server; its certificate is self-made, so it is not verified. */
const server = process.env.DIEMCAU_URL ?? "https://localhost:8443";
const proxy = { target: server, secure: false, changeOrigin: true, ws: true };

export default defineConfig({
	plugins: [react()],
	resolve: {
		alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) },
	},
	build: {
		// Chrome 109 and Firefox 115 are the last on Windows 7, and points keep their PCs.
		// `lib` in tsconfig.json holds our own code to the same years.
		target: ["chrome109", "firefox115", "safari16"],
		// The Content-Security-Policy forbids `data:` fonts, so nothing is inlined.
		assetsInlineLimit: 0,
		manifest: true,
	},
	server: {
		proxy: {
			"/api": proxy,
			"/ws": proxy,
			"/whip": proxy,
			"/whep": proxy,
			"/ca.crt": proxy,
		},
	},
	test: {
		environment: "happy-dom",
		include: ["src/**/*.test.{ts,tsx}"],
		setupFiles: ["src/test/setup.ts"],
		css: { modules: { classNameStrategy: "non-scoped" } },
		restoreMocks: true,
		// Two cores that compile the server at the same time are slow, not wrong.
		testTimeout: 20_000,
	},
});
