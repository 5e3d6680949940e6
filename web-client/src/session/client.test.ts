import { describe, expect, it, vi } from "vitest";
import { ApiError, asApiError } from "./client";
import { createServer, path } from "./server";

const json = (body: unknown, status = 200) =>
	new Response(JSON.stringify(body), { status });

async function refusalOf(promise: Promise<unknown>): Promise<ApiError> {
	const error = await promise.catch((caught: unknown) => caught);
	expect(error).toBeInstanceOf(ApiError);
	return error as ApiError;
}

describe("a request", () => {
	it("becomes the server's refusal, with its code and parameters", async () => {
		const server = createServer(async () =>
			json(
				{
					status: 409,
					code: "booking_conflict",
					title: "taken",
					params: { title: "Giao ban" },
				},
				409,
			),
		);
		const error = await refusalOf(server.send("GET", "sessions/HOP"));
		expect(error).toMatchObject({
			status: 409,
			code: "booking_conflict",
			params: { title: "Giao ban" },
		});
	});

	it("is unreachable when there is no answer", async () => {
		const server = createServer(async () => {
			throw new TypeError("Failed to fetch");
		});
		expect(await refusalOf(server.send("GET", "me"))).toMatchObject({
			status: 0,
			code: "unreachable",
		});
	});

	it("is unreachable when the answer never comes", async () => {
		vi.useFakeTimers();
		const server = createServer(
			(_, init) =>
				new Promise((_, reject) => {
					init?.signal?.addEventListener("abort", () =>
						reject(new DOMException("", "AbortError")),
					);
				}),
		);
		const asked = refusalOf(server.send("GET", "sessions/HOP"));
		await vi.advanceTimersByTimeAsync(11_000);
		vi.useRealTimers();
		expect(await asked).toMatchObject({ status: 0, code: "unreachable" });
	});

	it("is unreachable when the answer breaks off", async () => {
		const server = createServer(async () => {
			const cut = new Response("{");
			vi.spyOn(cut, "text").mockRejectedValue(new TypeError("network error"));
			return cut;
		});
		expect(await refusalOf(server.send("GET", "sessions/HOP"))).toMatchObject({
			status: 0,
			code: "unreachable",
		});
		expect(server.reach.current().state).toBe("silent");
	});

	it("counts a part of the page that cannot be fetched as out of reach", () => {
		for (const words of [
			"Failed to fetch dynamically imported module: https://x/a.js",
			"error loading dynamically imported module: https://x/a.js",
			"Importing a module script failed.",
			"Unable to preload CSS for /assets/a.css",
		]) {
			expect(asApiError(new TypeError(words))?.code, words).toBe("unreachable");
		}
		expect(asApiError(new Error("x is undefined"))).toBeNull();
	});

	it("survives a proxy that answers in HTML", async () => {
		const server = createServer(
			async () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
		);
		expect(await refusalOf(server.send("GET", "me"))).toMatchObject({
			status: 502,
			code: "unexpected",
		});
		const odd = createServer(
			async () => new Response("<html>", { status: 200 }),
		);
		expect(await refusalOf(odd.send("GET", "me"))).toMatchObject({
			code: "unexpected",
		});
	});

	it.each([202, 204])("needs no body in the answer of %i", async (status) => {
		const server = createServer(async () => new Response(null, { status }));
		await expect(server.send("POST", "backups")).resolves.toBeUndefined();
	});

	it("takes an answer that lost its body for none", async () => {
		const server = createServer(async () => new Response("", { status: 200 }));
		expect(await refusalOf(server.send("GET", "me"))).toMatchObject({
			code: "unexpected",
		});
	});

	it("escapes what comes from the address bar", async () => {
		const asked: string[] = [];
		const server = createServer(async (input) => {
			asked.push(input);
			return json({});
		});
		await server.send("GET", path`sessions/${"../me?x=1"}`);
		expect(asked).toEqual(["/api/v1/sessions/..%2Fme%3Fx%3D1"]);
	});
});

describe("a list", () => {
	it("is read to its last page", async () => {
		const asked: string[] = [];
		const server = createServer(async (input) => {
			asked.push(input);
			return json(
				input.includes("cursor=")
					? { items: [{ code: "b" }], next: null }
					: { items: [{ code: "a" }], next: "5.x y" },
			);
		});
		const sessions = await server.list<{ code: string }>(
			path`sessions?from=${1}&to=${2}`,
		);
		expect(sessions.map(({ code }) => code)).toEqual(["a", "b"]);
		expect(asked[1]).toBe("/api/v1/sessions?from=1&to=2&cursor=5.x%20y");
	});
});
