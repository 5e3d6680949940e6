/** How often a condition is looked at, in milliseconds. */
const POLL_MS = 150;

/**
 * Waits until `look` returns something other than false, null or undefined, and returns that. When it does not happen within
 * `withinMs`, fails with `what` and what was seen last.
 */
export async function eventually<T>(
	what: string,
	look: () => T | Promise<T>,
	{ withinMs = 15_000 }: { withinMs?: number } = {},
): Promise<Exclude<T, false | null | undefined>> {
	const deadline = performance.now() + withinMs;
	let last: unknown;
	for (;;) {
		try {
			const seen = await look();
			if (seen !== false && seen !== null && seen !== undefined) {
				return seen as Exclude<T, false | null | undefined>;
			}
			last = seen;
		} catch (error) {
			last = error;
		}
		if (performance.now() > deadline) {
			throw new Error(
				`not within ${withinMs} ms: ${what} (last: ${last instanceof Error ? last.message : JSON.stringify(last)})`,
			);
		}
		await new Promise((done) => setTimeout(done, POLL_MS));
	}
}

/** Says why a condition does not hold yet; `eventually` waits on and tells the last reason when time is up. */
export function missing(reason: string): never {
	throw new Error(reason);
}

/** Watches `look` for `forMs` and fails as soon as it is true: for what must not happen. */
export async function never(
	what: string,
	look: () => boolean | Promise<boolean>,
	{ forMs = 2_000 }: { forMs?: number } = {},
): Promise<void> {
	const end = performance.now() + forMs;
	while (performance.now() < end) {
		if (await look()) throw new Error(`must not happen: ${what}`);
		await new Promise((done) => setTimeout(done, POLL_MS));
	}
}
