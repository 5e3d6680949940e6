import type { TFunction } from "i18next";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { formatDate, formatDateTime, formatIsoDay, formatTime } from "@/format";
import { asApiError } from "./client";

/** Says a failure in words: what happened, then what to do. */
export function useErrorSentence(): (error: unknown) => string {
	const { t, i18n } = useTranslation();
	return useCallback(
		(error) => errorSentence(error, t, (key) => i18n.exists(key)),
		[t, i18n],
	);
}

/**
 * The sentence of the catalogue for an error's code; by status where the code has none of its own. A parameter `x_us` is
 * said as date and time, and is there as `x_time` and `x_date` too. Where the server gives a `reason`, the sentence
 * `code_reason` is taken if there is one.
 */
export function errorSentence(
	cause: unknown,
	t: TFunction<"pages">,
	exists: (key: string) => boolean,
): string {
	const error = asApiError(cause);
	if (error === null) return t("error.page");
	if (error.status === 0) return t("error.unreachable");
	const key = `problem.${error.code}`;
	if (exists(key)) {
		const params: Record<string, string> = {
			...error.params,
			...(error.params.reason && { context: error.params.reason }),
		};
		for (const [name, value] of Object.entries(error.params)) {
			if (/^\d{4}-\d{2}-\d{2}$/.test(value)) params[name] = formatIsoDay(value);
			if (!name.endsWith("_us")) continue;
			params[name] = formatDateTime(Number(value));
			params[name.replace(/_us$/, "_time")] = formatTime(Number(value));
			params[name.replace(/_us$/, "_date")] = formatDate(Number(value));
		}
		// The code came over the wire, so the compiler cannot know which parameters its sentence takes.
		const say = t as unknown as (key: string, params: object) => string;
		return say(key, params);
	}
	switch (error.status) {
		case 401:
			return t("problem.not_signed_in");
		case 403:
			return t("problem.not_allowed");
		case 404:
		case 410:
			return t("problem.not_found");
		case 413:
			return t("problem.too_large");
		case 400:
		case 422:
			return t("problem.invalid");
		case 429:
			return t("problem.unavailable");
		case 503:
			return t("problem.unavailable");
		default:
			return t("error.unexpected");
	}
}
