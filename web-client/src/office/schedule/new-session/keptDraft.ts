import type { Me } from "@/protocol/generated/Me";
import type { Draft } from "./draft";

const key = "diemcau.plan";

/**
 * Keeps what is being planned, in this tab alone: a look at another page, a sign-in that ran out, or a reload does not cost a
 * clerk twenty-two points and a title.
 */
export function keepDraft(me: Me, draft: Draft): void {
	try {
		sessionStorage.setItem(key, JSON.stringify({ login: me.login, draft }));
	} catch {
		// Where nothing is stored, the draft lasts as long as the page.
	}
}

/**
 * What this account was planning in this tab; `null` when nothing, or when a version of the page with other fields kept it. Where
 * the account may not convene for the unit any more, the one of `empty` stands in its place.
 */
export function keptDraft(me: Me, empty: Draft): Draft | null {
	try {
		const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
		const fits = Object.entries(empty).every(
			([field, value]) => typeof kept.draft[field] === typeof value,
		);
		if (!fits || kept.login !== me.login) return null;
		const draft: Draft = kept.draft;
		const stands = me.convenes_for.some(
			({ code }) => code === draft.conveningUnit,
		);
		return stands ? draft : { ...draft, conveningUnit: empty.conveningUnit };
	} catch {
		return null;
	}
}

/** The plan became a session, or was given up. */
export function forgetDraft(): void {
	try {
		sessionStorage.removeItem(key);
	} catch {
		// Then nothing was kept.
	}
}
