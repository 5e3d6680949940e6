import type { Page } from "playwright-core";

/** How far apart the beats of a page are that nothing holds up, in milliseconds. */
const BEAT_MS = 250;

/** After half a minute nothing is waited for any more. */
const MOST_BEATS = 30_000 / BEAT_MS;

/**
 * Tells how many seconds it takes, from now, until something stands in the page, with this text in it: by the beats of the
 * page's own timer. On a busy machine a page beats slower, as it does everything else, so the answer says how soon the page
 * acts and not how busy the machine is.
 */
export function ownSecondsUntil(
	page: Page,
	selector: string,
	text = "",
): Promise<number> {
	return page.evaluate(
		({ selector, text, every, most }) =>
			new Promise<number>((done) => {
				let beats = 0;
				const timer = setInterval(look, every);
				look();

				function look() {
					const found = [...document.querySelectorAll(selector)];
					const stands = found.some((it) => it.textContent?.includes(text));
					if (stands || beats === most) {
						clearInterval(timer);
						done((beats * every) / 1_000);
					}
					beats += 1;
				}
			}),
		{ selector, text, every: BEAT_MS, most: MOST_BEATS },
	);
}
