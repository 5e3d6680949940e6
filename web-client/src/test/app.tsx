import { createMemoryHistory } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "@/app/App";
import { createAppRouter, createQueryClient } from "@/app/router";
import { startI18n } from "@/i18n";
import type { Branding } from "@/protocol/generated/Branding";
import type { Guide } from "@/protocol/generated/Guide";
import type { Me } from "@/protocol/generated/Me";
import { createServer } from "@/session";

/** What the pretended server says to one request: a body, a refusal, or a function of what was sent. */
export type Answer = unknown | Refused | ((body: unknown, url: URL) => unknown);

/** A refusal, as `application/problem+json`. */
export class Refused {
	constructor(
		readonly status: number,
		readonly code: string,
		readonly params: Record<string, string> = {},
	) {}
}

/** No answer at all: the cable is out. */
export const silence = Symbol("silence");

/** One request as it reached the pretended server. */
export interface Sent {
	/** For example `POST sessions`. */
	request: string;
	body: unknown;
	query: URLSearchParams;
	/** The version that a change is made to. */
	ifMatch: string | null;
}

/** What every page asks besides who is here: what the department is called, and whether its first days are over. */
const asksAlways = ["GET branding", "GET guide"];

/** What is said where nothing is listed: no name, and no first days, where the server answers at all. */
async function fallback(request: string, answers: Record<string, Answer>) {
	if (!asksAlways.includes(request)) return undefined;
	const me = answers["GET me"];
	const said = typeof me === "function" ? await me() : me;
	if (said === silence) return silence;
	const guide: Guide = { steps: [], is_open: false, is_closed: true };
	const nothing: Branding = { name: null, short_name: null, emblem: null };
	return request === "GET guide" ? guide : nothing;
}

/**
 * Opens the whole client at `path` on a pretended server. `answers` are keyed like `GET sessions`, query left out; what
 * is not listed is `unknown`. `headers` go with every answer. Gives the user's hands, the address bar, and what was sent.
 */
export async function openApp(
	path: string,
	answers: Record<string, Answer>,
	headers: Record<string, string> = {},
) {
	await startI18n("vi");
	const sent: Sent[] = [];
	const server = createServer(async (input, init) => {
		const url = new URL(input, "http://diemcau.test");
		const request = `${init?.method} ${url.pathname.replace("/api/v1/", "")}`;
		const body =
			typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
		const ifMatch = new Headers(init?.headers).get("if-match");
		if (!asksAlways.includes(request) || request in answers) {
			sent.push({ request, body, query: url.searchParams, ifMatch });
		}
		const answer = answers[request] ?? (await fallback(request, answers));
		const said =
			typeof answer === "function"
				? await (answer as (body: unknown, url: URL) => unknown)(body, url)
				: answer;
		if (said === silence) throw new TypeError("Failed to fetch");
		if (
			said instanceof Refused ||
			(!(request in answers) && answer === undefined)
		) {
			const { status, code, params } =
				said instanceof Refused ? said : new Refused(404, "unknown");
			return new Response(
				JSON.stringify({ status, code, title: code, params }),
				{
					status,
					headers: { "content-type": "application/problem+json", ...headers },
				},
			);
		}
		return said === undefined
			? new Response(null, { status: 204, headers })
			: new Response(JSON.stringify(said), { status: 200, headers });
	});
	const queryClient = createQueryClient();
	const { queries, mutations } = queryClient.getDefaultOptions();
	queryClient.setDefaultOptions({
		mutations: { ...mutations },
		queries: { ...queries, retry: false, staleTime: 0 },
	});
	const history = createMemoryHistory({ initialEntries: [path] });
	const router = createAppRouter({ server, queryClient }, history);
	const view = render(
		<App server={server} queryClient={queryClient} router={router} />,
	);
	return {
		...view,
		user: userEvent.setup(),
		address: () => router.state.location.href,
		/** To another page without any key of this one. */
		goTo: (path: string) => history.push(path),
		sent,
		/** The bodies of all requests of one kind, in order. */
		bodies: (request: string) =>
			sent.filter((one) => one.request === request).map(({ body }) => body),
	};
}

/** A list of one page. */
export const page = (items: unknown[]) => ({ items, next: null });

/** The chief of the department, who may do everything. */
export const director: Me = {
	name: "Đậu Quang Lĩnh",
	login: "linh.dau",
	roles: [
		{
			role: "department_admin",
			unit: { code: "SO", name: "Sở GD&ĐT Hoan Châu" },
		},
	],
	link_session: null,
	bridge_point: null,
	may: [
		"plan_sessions",
		"open_monitor",
		"manage_people",
		"open_system",
		"view_settings",
		"keep_own_account",
		"list_accounts",
	],
	convenes_for: [{ code: "SO", name: "Sở GD&ĐT Hoan Châu" }],
	owes_second_factor: false,
};

/** A teacher, who takes part. */
export const teacher: Me = {
	name: "Vi Thị Hoài",
	login: "hoai.vi",
	roles: [
		{ role: "member", unit: { code: "TH-15", name: "Trường TH Yên Hòa" } },
	],
	link_session: null,
	bridge_point: { number: 15, code: "DC-15", name: "Trường TH Yên Hòa" },
	may: ["keep_own_account"],
	convenes_for: [],
	owes_second_factor: false,
};
