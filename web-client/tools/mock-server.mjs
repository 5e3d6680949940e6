// A stand-in for the server while pages are being drawn and tested: the built client, and a made-up province behind
// `/api/v1`. It is not part of the product; the real answers are in `signaling/src/http`.

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { secondFactor } from "./mock-second-factor.mjs";
import { branding, guideOf, settingsOf } from "./mock-settings.mjs";
import {
	changesOf,
	effectOf,
	readingOf,
	registerOf,
	treeOf,
	unitOf,
} from "./mock-units.mjs";

/** The policy that the real server sends with its page; a page that needs more than this fails here first. */
const policy = (nonce) =>
	`default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

const types = {
	".css": "text/css",
	".html": "text/html; charset=utf-8",
	".js": "text/javascript",
	".svg": "image/svg+xml",
	".woff": "font/woff",
	".woff2": "font/woff2",
};

const minute = 60_000_000;
const hour = 60 * minute;
const day = 24 * hour;

const names = [
	"Sở GD&ĐT",
	"UBND xã Kim Sơn",
	"UBND xã Mường Lống",
	"UBND xã Hưng Thịnh",
	"UBND phường Cửa Nam",
	"UBND xã Châu Bình",
	"UBND xã Thanh Lâm",
	"UBND xã Yên Hòa",
	"Trường THPT Kim Sơn",
	"Trường THPT Mường Lống",
	"Trường THCS Hưng Thịnh",
	"Trường THCS Cửa Nam",
	"Trường THCS Châu Bình",
	"Trường THCS Thanh Lâm",
	"Trường TH Yên Hòa",
	"Trường TH Kim Sơn 1",
	"Trường TH Kim Sơn 2",
	"Trường TH Mường Lống",
	"Trường PTDTBT THCS Đoọc Mạy",
	"Trường TH Châu Bình",
	"Trường TH Thanh Lâm",
	"Trường mầm non Cửa Nam",
];
const points = names.map((name, index) => ({
	number: index + 1,
	code: `DC-${String(index + 1).padStart(2, "0")}`,
	name,
}));
const department = { code: "SO", name: "Sở GD&ĐT Hoan Châu" };

const people = {
	lanh: {
		name: "Đậu Quang Lĩnh",
		login: "lanh",
		roles: [{ role: "department_admin", unit: department }],
		link_session: null,
		bridge_point: points[0],
		may: [
			"plan_sessions",
			"open_monitor",
			"manage_people",
			"open_system",
			"view_settings",
			"list_units",
			"change_units",
			"manage_points",
			"keep_own_account",
			"list_accounts",
			"manage_keys",
		],
		convenes_for: [department],
		owes_second_factor: false,
	},
	hoai: {
		name: "Vi Thị Hoài",
		login: "hoai",
		roles: [{ role: "member", unit: { code: "TH-15", name: names[14] } }],
		link_session: null,
		bridge_point: points[14],
		may: ["keep_own_account"],
		convenes_for: [],
		owes_second_factor: false,
	},
	owing: {
		name: "Lương Thanh Bình",
		login: "binh.luong",
		roles: [{ role: "unit_admin", unit: { code: "XA-MK", name: names[3] } }],
		link_session: null,
		bridge_point: points[3],
		may: [],
		convenes_for: [],
		owes_second_factor: true,
	},
};

// Somebody whose installation is a day old.
people.moi = { ...people.lanh, name: "Bùi Thị Hạnh Nguyên", login: "moi" };

/** Starts the stand-in; `nowUs` fixes its clock. Returns its address and a way to close it. */
export async function startMock({
	root,
	port = 0,
	nowUs = () => Date.now() * 1_000,
}) {
	const state = { composing: 37, created: [], linked: false };
	const server = createServer(async (request, response) => {
		const url = new URL(request.url, "http://localhost");
		if (url.pathname.startsWith("/api/v1/")) {
			let body = "";
			for await (const chunk of request) body += chunk;
			const isJson = request.headers["content-type"] === "application/json";
			answer(
				request,
				response,
				url,
				isJson && body && JSON.parse(body),
				state,
				nowUs(),
			);
			return;
		}
		await serveFile(root, url.pathname, response);
	});
	await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${server.address().port}`,
		close: () => new Promise((resolve) => server.close(resolve)),
	};
}

async function serveFile(root, path, response) {
	const wanted = join(root, normalize(path));
	const file = extname(path) ? wanted : join(root, "index.html");
	try {
		let bytes = await readFile(file);
		if (file.endsWith(".html")) {
			const nonce = randomUUID();
			response.setHeader("content-security-policy", policy(nonce));
			bytes = String(bytes).replace(
				"<head>",
				`<head><meta property="csp-nonce" nonce="${nonce}" />`,
			);
		}
		response.setHeader(
			"content-type",
			types[extname(file)] ?? "application/octet-stream",
		);
		response.end(bytes);
	} catch {
		response.statusCode = 404;
		response.end();
	}
}

function answer(request, response, url, body, state, now) {
	const send = (status, value, headers = {}) => {
		response.writeHead(status, {
			"content-type": "application/json",
			date: new Date(now / 1_000).toUTCString(),
			...headers,
		});
		response.end(value === undefined ? undefined : JSON.stringify(value));
	};
	const refuse = (status, code, params = {}) =>
		send(
			status,
			{ status, code, title: code, params },
			{ "content-type": "application/problem+json" },
		);
	const list = (items) => send(200, { items, next: null });
	const path = url.pathname.slice("/api/v1/".length);
	const who = /mock=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
	const me =
		who === "guest"
			? {
					name: "Lô Thị Hằng",
					login: null,
					roles: [],
					may: [],
					convenes_for: [],
					owes_second_factor: false,
					link_session: "GB-1126",
					bridge_point: null,
				}
			: people[who];

	if (path === "branding")
		return send(200, who === "fresh" ? { ...branding, name: null } : branding);
	const factor = secondFactor(path, body, who, now);
	if (factor) return send(...factor);
	if (path === "sign-in" && body.login === "hai.lop") {
		return send(202, { challenge: "c1", expires_at_us: now });
	}
	if (path === "sign-in") {
		const person = people[body.login];
		if (!person || body.password !== "matkhau")
			return refuse(401, "wrong_password");
		return send(200, person, { "set-cookie": `mock=${body.login}; Path=/` });
	}
	if (path === "sign-in/provider" && request.method === "GET") {
		if (!String(who).startsWith("sso")) return send(200, null);
		const name = "Đăng nhập bằng tài khoản Sở";
		return send(200, { name, down: who === "sso-down" });
	}
	if (path === "sign-in/provider") return refuse(424, "provider_down");
	if (path === "sign-in/provider/finish") {
		return refuse(401, "identity_unknown");
	}
	if (path === "first-day") {
		return send(200, { needed: who === "fresh", unit: null });
	}
	if (path === "links/preview") {
		if (body.secret === "old") return refuse(410, "link_expired");
		const of = sessionsOf(now, state).find(
			({ code }) => code === (links[body.secret] ?? "GB-1126"),
		);
		return send(200, {
			session: of.code,
			title: of.title,
			kind: of.kind,
			state: of.state,
			starts_at_us: of.starts_at_us,
			ends_at_us: of.ends_at_us,
			opens_at_us: of.opens_at_us,
			convening_unit: of.convening_unit,
			chair: of.chair,
			auto_record: of.auto_record,
			kept_until_us: of.starts_at_us + 731 * day,
			guests_may_replay: false,
			role: "presenter",
			bridge_point: null,
			name: null,
			needs_name: true,
		});
	}
	if (path === "links/exchange") {
		return send(
			200,
			{
				...people.hoai,
				name: body.name,
				login: null,
				roles: [],
				may: [],
				convenes_for: [],
				owes_second_factor: false,
				link_session: "GB-1126",
			},
			{ "set-cookie": "mock=guest; Path=/" },
		);
	}
	if (path === "me") return send(200, me ?? null);
	if (!me) return refuse(401, "not_signed_in");
	const sessions = sessionsOf(now, state);
	const recordings = recordingsOf(now, state);
	let found = null;
	if (path === "sign-out") {
		return send(204, undefined, { "set-cookie": "mock=; Path=/; Max-Age=0" });
	}
	if (path === "sessions" && request.method === "POST") {
		const clash = sessions.find(
			(one) =>
				(one.state === "planned" || one.state === "open") &&
				one.starts_at_us < body.ends_at_us &&
				one.ends_at_us > body.starts_at_us,
		);
		if (clash) {
			return refuse(409, "booking_conflict", {
				code: clash.code,
				title: clash.title,
				point: points[0].name,
				starts_at_us: String(clash.starts_at_us),
				ends_at_us: String(clash.ends_at_us),
				free_1_us: String(clash.ends_at_us + 15 * minute),
				free_2_us: String(body.starts_at_us + day),
				free_3_us: String(body.starts_at_us + 2 * day),
			});
		}
		const made = {
			...sessions[0],
			code: "MOI-01",
			title: body.title,
			kind: body.kind,
			state: "planned",
			starts_at_us: body.starts_at_us,
			ends_at_us: body.ends_at_us,
			invited: points.filter(({ code }) => body.bridge_points.includes(code)),
			present: 0,
			has_recording: false,
		};
		state.created.push(made);
		return send(201, made);
	}
	if (path === "sessions") {
		const from = Number(url.searchParams.get("from"));
		const to = Number(url.searchParams.get("to"));
		const takes = (name, said) =>
			[null, said].includes(url.searchParams.get(name));
		return list(
			who === "hoai"
				? []
				: sessions.filter(
						(one) =>
							one.starts_at_us < to &&
							one.ends_at_us > from &&
							takes("kind", one.kind) &&
							takes("unit", one.convening_unit.code),
					),
		);
	}
	if (path.endsWith("/officers")) return list(officers);
	if (path.endsWith("officer-candidates")) {
		return list(
			officers.map(({ person, name, position }) => ({
				person,
				name,
				position,
				unit: department,
			})),
		);
	}
	if (path === "notices") return list(noticesOf(now));
	if (path.startsWith("notices/")) return send(204);
	if (/^sessions\/[^/]+\/history$/.test(path))
		return list(historyOfSession(now));
	found = /^sessions\/([^/]+)$/.exec(path);
	if (found && request.method === "PATCH" && body.starts_at_us) {
		return refuse(409, "booking_conflict", {
			code: "TH03-B3",
			title: "Tập huấn Tin học, lớp 3",
			point: points[0].name,
			room: "Phòng tầng 3",
			starts_at_us: String(body.starts_at_us),
			ends_at_us: String(body.ends_at_us),
			also_1_point: points[15].name,
			also_1_title: "Họp tổ chuyên môn",
			also_1_starts_at_us: String(body.starts_at_us),
			also_1_ends_at_us: String(body.starts_at_us + hour),
			free_1_us: String(body.starts_at_us - day + 75 * minute),
			free_2_us: String(body.starts_at_us + 2 * day),
			free_3_us: String(body.starts_at_us + 3 * day),
		});
	}
	if (found) {
		const session = sessions.find(({ code }) => code === found[1]);
		return session ? send(200, session) : refuse(404, "unknown_session");
	}
	found = /^sessions\/([^/]+)\/recordings$/.exec(path);
	if (found) {
		return list(recordings.filter(({ session }) => session === found[1]));
	}
	if (/^sessions\/[^/]+\/attendance$/.test(path)) return list(attendees(now));
	if (/^sessions\/[^/]+\/links$/.test(path)) {
		if (request.method === "GET") return list(linksOf(now));
		return send(201, {
			id: String(Math.random()),
			url: "https://diemcau.hoanchau.example/j/8Jq2mVhPz0-XcLw5nTf9RkEaYsD1uGb7oQiK3xC6vNw",
			expires_at_us: now + day,
		});
	}
	if (path.startsWith("links/")) return send(204);
	if (path === "bridge-points") return list(points);
	if (path === "bridge-points/register") return list(registerOf(points, now));
	const on = url.searchParams.get("day") ?? undefined;
	if (path === "units") return send(200, treeOf(on));
	found = /^units\/([^/]+)$/.exec(path);
	if (found) {
		const unit = unitOf(found[1], on);
		return unit ? send(200, unit) : refuse(404, "unknown_unit");
	}
	if (path === "unit-changes/preview") return send(200, effectOf(body));
	if (path === "unit-changes/import/preview") return send(200, readingOf());
	if (path === "unit-changes") return list(changesOf(now));
	if (path === "bridge-points/status") return list(statusOf(now));
	found = /^bridge-points\/([^/]+)\/history$/.exec(path);
	if (found) {
		return send(
			200,
			historyOf(
				found[1],
				Number(url.searchParams.get("from")),
				Number(url.searchParams.get("to")),
			),
		);
	}
	if (path === "people-imports" && request.method === "GET") {
		return list([importOf("i1", now), importOf("i2", now)]);
	}
	if (path === "people-imports") return send(201, importOf("i1", now));
	found = /^people-imports\/([^/]+)\/rows$/.exec(path);
	if (found) {
		const verdict = url.searchParams.get("verdict");
		return list(importRows.filter((row) => row.verdict === verdict));
	}
	found = /^people-imports\/([^/]+)/.exec(path);
	if (found) return send(200, importOf(found[1], now));
	if (path === "people/units") return list(unitsOfPeople);
	if (path === "people" && request.method === "GET") {
		const wanted = url.searchParams.get("q");
		const listed = wanted ? staff.slice(3, 4) : staff;
		return send(200, { items: listed, next: wanted ? null : "more" });
	}
	if (path === "people") {
		return refuse(409, "namesake", {
			id: "p1",
			name: staff[0].name,
			code: staff[0].code,
		});
	}
	found = /^people\/([^/]+)\/erasure(\/preview)?$/.exec(path);
	if (found) {
		return send(200, {
			to_type: personOf(found[1]).code ?? personOf(found[1]).name,
			is_last_administrator: false,
			namesakes: 2,
			at_us: now - 3_600_000_000,
			finished_at_us: now - 3_590_000_000,
			report: erasureReport(now),
		});
	}
	found = /^people\/([^/]+)$/.exec(path);
	if (found) return send(200, personOf(found[1]));
	if (path === "guide") return send(200, guideOf(who === "moi"));
	if (path === "settings" || path === "settings/emblem")
		return send(200, settingsOf(now));
	if (path === "session-defaults")
		return send(200, {
			kind: "meeting",
			minutes: 90,
			auto_record: "conferences",
		});
	if (path === "backups") return send(200, backupsOf(now));
	if (path === "api-keys" && request.method === "POST") {
		return send(201, {
			key: keysOf(now)[0],
			secret: "dc_kV3mQ8sTz1xYb0PqLwN7cRfHdJ2aUe9GiXo5tKyMhB4",
		});
	}
	if (path === "api-keys") return list(keysOf(now));
	if (path === "audit-log/actions") return list(auditActions);
	if (path === "audit-log/check")
		return send(200, {
			checked_at_us: now,
			lines: 48_213,
			head: 48_213,
			faults: [],
		});
	if (path === "audit-log") {
		const found = auditLines(now).filter(
			({ action }) => action === (url.searchParams.get("action") ?? action),
		);
		return send(200, { items: found, next: found.length > 9 ? "48076" : null });
	}
	if (path === "classes") return list([classOf(now, sessions)]);
	if (path.startsWith("classes/")) return send(200, classOf(now, sessions));
	found = /^recordings\/([^/]+)$/.exec(path);
	if (found) {
		const recording = recordings.find(({ id }) => id === found[1]);
		return recording ? send(200, recording) : refuse(404, "unknown_recording");
	}
	if (path.endsWith("/compose")) return send(202);
	if (path === "account") return send(200, ownAccountOf(now));
	if (path === "account/external") {
		return send(200, externalOf(now, state.linked));
	}
	if (path === "account/external/unlink") {
		state.linked = false;
		return send(204);
	}
	if (path === "accounts") return send(200, accountsOf(now));
	if (path === "accounts/administration") {
		return send(200, {
			units: [department, ...points.slice(1, 14)].map(
				({ code, name }, index) => ({
					unit: { code, name },
					depth: Math.min(index, 1),
				}),
			),
			roles: [
				"department_admin",
				"unit_admin",
				"it_staff",
				"trainer",
				"member",
			],
			mail: true,
		});
	}
	if (path === "accounts/invitations") return send(202);
	if (path === "accounts/codes") {
		const chosen = accountsOf(now).items.filter(({ person }) =>
			body.people.includes(person),
		);
		return list(
			chosen.map(({ name, login, places }, index) => ({
				name,
				position: places[0].position,
				unit: places[0].unit,
				login: login ?? `kham.ha${index}`,
				code: ["7KQ4 MW2P", "R9TD 3XHC", "2VNP 8LKA"][index % 3],
				expires_at_us: now + 7 * day,
			})),
		);
	}
	found = /^accounts\/([^/]+)$/.exec(path);
	if (found) {
		const of = accountsOf(now).items.find(
			({ account }) => account === found[1],
		);
		return send(200, {
			of,
			second_factor: true,
			roles: of.roles.map((role, index) => ({
				...role,
				id: String(index),
				by_provider: true,
			})),
			linked: externalOf(now, true).linked,
		});
	}
	return refuse(404, "not_found");
}

function externalOf(now, linked) {
	return {
		provider: "Đăng nhập bằng tài khoản Sở",
		linked: linked
			? [
					{
						label: "linh.dau@so.example.vn",
						host: "sso.example.vn",
						linked_at_us: now - 40 * day,
						last_used_us: now - 3 * hour,
					},
				]
			: [],
		is_linked: linked,
		asks_password: true,
	};
}

function ownAccountOf(now) {
	const chrome = "Chrome/142.0.0.0 Safari/537.36";
	return {
		name: people.lanh.name,
		login: "lanh",
		password_changed_at_us: now - 60 * day,
		places: [
			{
				unit: department,
				position: "Phó Giám đốc",
				from: "2025-07-01",
				to: null,
			},
		],
		roles: [
			{
				id: "g1",
				role: "department_admin",
				unit: department,
				from: "2025-07-01",
				to: null,
				by_provider: false,
			},
			{
				id: "g2",
				role: "trainer",
				unit: { code: "TH-15", name: names[14] },
				from: "2026-09-01",
				to: "2026-12-31",
				by_provider: true,
			},
		],
		sign_ins: [
			[`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome}`, "10.12.4.31", 50],
			[`Mozilla/5.0 (Linux; Android 14) ${chrome}`, "27.64.112.9", 2_400],
			["Mozilla/5.0 (iPad) Version/18.1 Safari/604.1", "113.160.8.44", 9_000],
		].map(([browser, address, ago], index) => ({
			id: `s${index}`,
			browser,
			address,
			since_us: now - ago * minute,
			last_seen_us: now - ago * minute * 0.8,
			here: index === 0,
		})),
	};
}

function letterOf(index, now) {
	const letter = (state, failure = null) => ({ state, failure, at_us: now });
	return (
		{
			2: letter("sent"),
			3: letter("queued", "unreachable"),
			4: letter("failed", "refused"),
		}[index] ?? null
	);
}

function accountsOf(now) {
	const state = ["active", "active", "invited", "none", "invited", "disabled"];
	const named = [
		"Lê Thị Ánh",
		"Lô Văn Dần",
		"Vi Thị Hoài",
		"Hà Văn Khăm",
		"Ngân Thị Lả",
		"Sầm Văn Long",
		"Trần Thị Mai Phương",
		"Quang Thị Thìn",
		"Lương Thị Thoan",
		"Lữ Thị Xoan",
		"Đặng Nguyễn Quỳnh Hương Xuân",
		"Nguyễn Thị Yến",
	];
	return {
		next: "more",
		counts: { none: 9, invited: 19, active: 121, disabled: 8 },
		items: named.map((name, index) => {
			const words = name
				.normalize("NFD")
				.replace(/\p{M}/gu, "")
				.replaceAll(/đ/gi, "d")
				.toLowerCase()
				.split(" ");
			const stands = index === 8 ? "active" : state[index % state.length];
			const has = stands !== "none";
			const unit = { code: `TH-${index}`, name: names[(index % 12) + 2] };
			return {
				person: `p${index}`,
				name,
				account: has ? `a${index}` : null,
				login: has ? `${words.at(-1)}.${words[0]}` : null,
				state: stands,
				own: index === 8,
				places: [{ unit, position: "Giáo viên" }],
				roles:
					index % 4 === 1
						? [
								{
									role: "it_staff",
									unit,
									from: "2026-09-01",
									to: "2026-12-31",
								},
							]
						: [],
				code_expires_at_us:
					stands === "invited" ? now + (index === 2 ? 5 : -5) * day : null,
				last_seen_us: stands === "active" ? now - index * 700 * minute : null,
				has_address: index % 2 === 0,
				letter: letterOf(index, now),
				may: [6, 8].includes(index) ? [] : ["manage_account", "grant_roles"],
			};
		}),
	};
}

const officers = [
	["chair", "Đậu Quang Lĩnh", "Phó Giám đốc"],
	["secretary", "Phan Thị Thanh Huyền", "Phó Chánh Văn phòng"],
	["presenter", "Ngô Văn Thuận", "Trưởng phòng"],
	["presenter", "Hoàng Thị Vân Hà", "Chuyên viên"],
	["technician", "Hồ Sỹ Đạt", "Chuyên viên"],
].map(([part, name, position], index) => ({
	part,
	name,
	position,
	person: `p${index}`,
}));

function noticesOf(now) {
	const base = {
		session: "XH-04",
		title: "Xét hồ sơ trường đạt chuẩn quốc gia đợt 4",
		starts_before_us: now + 2 * day,
		ends_before_us: now + 2 * day + 90 * minute,
		starts_after_us: now + 177 * minute,
		ends_after_us: now + 267 * minute,
		by: "Phan Thị Thanh Huyền",
		at_us: now - 40 * minute,
	};
	return [
		{
			...base,
			id: "n1",
			kind: "moved",
			reason: "Trùng lịch làm việc của Ban Giám đốc",
		},
		{
			...base,
			id: "n2",
			kind: "cancelled",
			session: "HN-02",
			title: "Hội nghị triển khai học bạ số cấp tiểu học",
			reason: "Bão số 9",
			by: null,
			at_us: now - 3 * hour,
		},
	];
}

function historyOfSession(now) {
	const by = "Phan Thị Thanh Huyền";
	return [
		{
			seq: 32,
			at_us: now - 40 * minute,
			by,
			action: "move_session",
			fields: [
				{
					field: "starts_at_us",
					before: String(now + 2 * day),
					after: String(now + 177 * minute),
				},
				{
					field: "reason",
					before: null,
					after: "Trùng lịch làm việc của Ban Giám đốc",
				},
			],
		},
		{
			seq: 21,
			at_us: now - 26 * hour,
			by,
			action: "edit_session",
			fields: [
				{ field: "bridge_points", before: "DC-07", after: "DC-15, DC-16" },
			],
		},
		{ seq: 4, at_us: now - 5 * day, by, action: "create_session", fields: [] },
	];
}

function sessionsOf(now, state) {
	const base = {
		convening_unit: department,
		my_role: "viewer",
		invited: points,
		present: 0,
		has_recording: false,
		class_code: null,
		chair: "Đậu Quang Lĩnh",
		secretary: "Phan Thị Thanh Huyền",
		secrecy: "normal",
		auto_record: true,
		keep_days: 731,
		guests_may_replay: false,
		opened_at_us: null,
		over_at_us: null,
		cancel_reason: null,
		etag: '"1"',
	};
	const may = [
		"enter_room",
		"publish_media",
		"edit_session",
		"cancel_session",
		"view_history",
		"end_session",
		"manage_links",
		"inspect_recordings",
		"view_recordings",
		"view_attendance",
	];
	const at = (code, title, kind, status, start, minutes, more = {}) => ({
		...base,
		may,
		opens_at_us: now + start - hour,
		...(status === "ended" && {
			opened_at_us: now + start - 8 * minute,
			over_at_us: now + start + (minutes - 6) * minute,
		}),
		...(status === "lapsed" && {
			over_at_us: now + start + (minutes + 120) * minute,
		}),
		code,
		title,
		kind,
		state: status,
		changeable:
			status === "planned" ? "wholly" : status === "live" ? "end" : "nothing",
		starts_at_us: now + start,
		ends_at_us: now + start + minutes * minute,
		...more,
	});
	return [
		at(
			"GB-1126",
			"Họp giao ban trực tuyến tháng 11/2026",
			"meeting",
			"live",
			-48 * minute,
			150,
			{
				my_role: "chair",
				present: 19,
			},
		),
		at(
			"XH-04",
			"Xét hồ sơ trường đạt chuẩn quốc gia đợt 4",
			"meeting",
			"planned",
			177 * minute,
			45,
			{
				my_role: "point",
				invited: points.slice(0, 5),
			},
		),
		at(
			"TH03-B3",
			"Buổi 3: Nhiệm vụ học tập",
			"training",
			"planned",
			372 * minute,
			120,
			{
				class_code: "TH-03",
			},
		),
		at(
			"TH03-B2",
			"Buổi 2: Thiết kế nhiệm vụ học tập kết hợp",
			"training",
			"ended",
			-7 * day,
			118,
			{
				class_code: "TH-03",
				has_recording: true,
			},
		),
		at("GB-1026", "Giao ban tháng 10/2026", "meeting", "ended", -5 * day, 150, {
			has_recording: true,
		}),
		at(
			"STEM",
			"Hội thảo dạy học STEM ở trường tiểu học vùng cao",
			"seminar",
			"planned",
			day + 6 * hour,
			90,
			{
				my_role: "presenter",
				invited: points.slice(2, 16),
			},
		),
		at(
			"KT-11",
			"Kiểm tra đường truyền các điểm cầu",
			"meeting",
			"lapsed",
			-6 * hour,
			60,
		),
		at("DG-T7", "Dự giờ Toán 7", "class_observation", "cancelled", day, 45),
		at(
			"HN-20",
			"Hội nghị kỷ niệm ngày Nhà giáo Việt Nam",
			"conference",
			"planned",
			3 * day,
			120,
			{
				my_role: "chair",
			},
		),
		...state.created,
	];
}

function recordingsOf(now, state) {
	const base = {
		session: "TH03-B2",
		title: "Buổi 2: Thiết kế nhiệm vụ học tập kết hợp",
		started_at_us: now - 7 * day,
		duration_us: 7_080_000_000,
		bytes: 412_000_000,
		progress_percent: 100,
		failure: null,
		keep_until_us: now + 730 * day,
		media_url: "/api/v1/recordings/r1/media",
		may_view: true,
		may_compose: true,
	};
	return [
		{ ...base, id: "r1", state: "ready" },
		{
			...base,
			id: "r2",
			state: "composing",
			started_at_us: now - 7 * day + 2 * hour,
			progress_percent: state.composing,
			bytes: null,
			media_url: null,
		},
		{
			...base,
			id: "r3",
			state: "failed",
			started_at_us: now - 6 * day,
			bytes: null,
			media_url: null,
			failure: "ffmpeg_missing",
		},
		{
			...base,
			id: "r4",
			session: "GB-1126",
			title: "Họp giao ban trực tuyến tháng 11/2026",
			state: "recording",
			started_at_us: now - 40 * minute,
			duration_us: null,
			bytes: null,
			media_url: null,
		},
	];
}

const auditActions = [
	["sign_in", "Đăng nhập", "Sign in"],
	["create_session", "Tạo phiên", "Create a session"],
	["end_session", "Kết thúc phiên", "End a session"],
	["start_recording", "Bắt đầu ghi", "Start recording"],
	["disable_account", "Khóa tài khoản", "Disable an account"],
	["revoke_link", "Thu hồi liên kết", "Revoke a link"],
	["view_recording", "Xem bản ghi", "See a recording"],
	["remove", "Mời ra khỏi phòng", "Remove from the room"],
	["lapse_session", "Ghi nhận phiên không họp", "Note a session not held"],
	["read_audit", "Xem nhật ký", "Read the audit log"],
].map(([name, vi, en]) => ({ name, vi, en }));

/** Keys of other systems, of every state. */
function keysOf(now) {
	const key = (id, name, unit, scopes, more = {}) => ({
		id,
		name,
		unit,
		scopes,
		state: "active",
		made_by: "Đậu Quang Lĩnh",
		made_at_us: now - 40 * day,
		expires_at_us: now + 140 * day,
		last_used_us: now - 12 * minute,
		revoked_at_us: null,
		may: ["revoke_key"],
		...more,
	});
	const commune = { code: "XA-KS", name: "UBND xã Kim Sơn" };
	return [
		key("k4", "Phần mềm học bạ", department, ["units:read", "people:read"]),
		key(
			"k3",
			"Lịch công tác của xã",
			commune,
			["sessions:read", "sessions:write", "points:read"],
			{ last_used_us: null },
		),
		key("k2", "LMS bồi dưỡng", commune, ["people:read", "classes:read"], {
			state: "maker_gone",
			made_by: "Lương Thanh Bình",
		}),
		key("k1", "Trung tâm điều hành (IOC)", department, ["sessions:read"], {
			state: "revoked",
			revoked_at_us: now - 3 * day,
			may: [],
		}),
	];
}

/** Nightly copies, one of which failed. */
function backupsOf(now) {
	const night = (index, more = {}) => ({
		begun_at_us: now - 348 * minute - index * day,
		ended_at_us: now - 337 * minute - index * day,
		place: `/mnt/backup/diemcau-202611${17 - index}-020000`,
		bytes: 415_400_000_000 - index * 3_000_000_000,
		new_bytes: 3_400_000_000,
		files: 4_128,
		failure: null,
		trouble: null,
		...more,
	});
	const runs = [0, 1, 2, 3, 4, 5, 6, 7].map((index) =>
		index === 3
			? night(index, {
					place: "/mnt/backup",
					bytes: null,
					new_bytes: null,
					files: null,
					failure: "No space left on device (os error 28)",
					trouble: "disk_full",
				})
			: night(index),
	);
	return {
		folder: "/mnt/backup",
		next_at_us: now + 1_092 * minute,
		keep: 14,
		percent: null,
		last_good: runs[0],
		runs,
	};
}

/** The newest lines of the audit log. */
function auditLines(now) {
	const huyen = ["Phan Thị Thanh Huyền", "huyen.phan"];
	const linh = ["Đậu Quang Lĩnh", "lanh"];
	const session = (code, name, participant = null) => ({
		word: `session:${code}`,
		kind: "session",
		code,
		name,
		participant,
	});
	const meeting = session("GB-1126", "Họp giao ban trực tuyến tháng 11/2026");
	const lines = [
		["read_audit", linh, { word: "audit_log", kind: "audit_log" }],
		["end_session", huyen, session("STEM", "Hội thảo dạy học STEM")],
		["disable_account", linh, { kind: "account", code: "long.sam@quephong" }],
		["remove", huyen, { ...meeting, participant: "Trường TH Kim Sơn 2" }],
		["start_recording", linh, meeting],
		["create_session", huyen, session("KT-11", "Kiểm tra đường truyền")],
		["revoke_link", huyen, meeting],
		["view_recording", linh, { ...meeting, kind: "recording" }],
		["lapse_session", null, session("KT-11", "Kiểm tra đường truyền")],
		["sign_in", huyen, { kind: "account", code: "huyen.phan" }],
	];
	return lines.map(([action, who, thing], index) => ({
		seq: 48_091 - index,
		at_us: now - index * 47 * minute,
		actor: {
			word: who === null ? "system" : `account:${who[1]}`,
			kind: who === null ? "system" : "account",
			name: who?.[0] ?? null,
			login: who?.[1] ?? null,
		},
		action,
		thing: {
			word: action,
			code: null,
			name: null,
			participant: null,
			...thing,
		},
		before: action === "end_session" ? { ended_at_us: null } : null,
		after: action === "end_session" ? { ended_at_us: now } : null,
		previous_hash: "7c1e90ad27bb44f2".repeat(4),
		hash: "b03f5d18c6e4e9a7".repeat(4),
	}));
}

/** Repeatable noise in 0..1. */
const noise = (seed) => {
	const x = Math.sin(seed * 12.9898) * 43_758.5453;
	return x - Math.floor(x);
};

function linkOf(index, tick) {
	const weak = index === 6 || index === 20;
	const wobble = noise(index * 97 + tick);
	return {
		rtt_ms: (weak ? 180 : 20) + index * 3 + wobble * (weak ? 220 : 30),
		ingress_loss_percent: weak ? 1 + wobble * 4 : wobble * 0.8,
		egress_loss_percent: wobble * 0.5,
		ingress_bps: (weak ? 0.4 : 1.2) * 1e6 + wobble * 2e5,
		egress_bps: 2.1e6 + wobble * 4e5,
		estimate_bps: 4.5e6 + wobble * 1e6,
		path: index === 14 ? "tcp" : "udp",
	};
}

function statusOf(now) {
	const tick = Math.floor(now / 10_000_000);
	return points.map((point, index) => {
		const state =
			index === 10
				? "lost"
				: index === 6 || index === 20 || index === 14
					? "weak"
					: index === 2 || index === 21
						? "idle"
						: "good";
		const link =
			state === "good" || state === "weak" ? linkOf(index, tick) : null;
		return {
			point,
			main: index === 0,
			unit: { code: `U-${index}`, name: names[index] },
			state,
			session: link || state === "lost" ? "GB-1126" : null,
			last_seen_us:
				index === 21 ? null : now - (link ? 0 : index * 40 * minute),
			link,
		};
	});
}

/** Two sessions in the time asked for, a loss in each; the point that is lost at present is lost to the end. */
function historyOf(code, from, to) {
	const index = Number(code.slice(3)) - 1;
	const step = Math.max(1e7, Math.floor((to - from) / 720));
	const at = (share) => from + Math.floor((to - from) * share);
	const span = (begin, end, state) => ({
		from_us: at(begin),
		to_us: at(end),
		state,
		session: "GB-1126",
	});
	const spans = [
		span(0.05, 0.2, "in_session"),
		span(0.2, 0.23, "lost"),
		span(0.23, 0.4, "in_session"),
		span(0.6, 0.9, "in_session"),
		span(0.9, 1, index === 10 ? "lost" : "in_session"),
	];
	const steps = [];
	for (let time = from; time < to; time += step) {
		const inside = spans.some(
			({ from_us, to_us, state }) =>
				state === "in_session" && time >= from_us && time < to_us,
		);
		if (!inside) continue;
		const link = linkOf(index === 10 ? 6 : index, time / step);
		steps.push({
			at_us: time,
			loss_percent: Math.max(
				link.ingress_loss_percent,
				link.egress_loss_percent,
			),
			rtt_ms: link.rtt_ms,
			ingress_bps: Math.round(link.ingress_bps),
			egress_bps: Math.round(link.egress_bps),
		});
	}
	return { from_us: from, to_us: to, step_us: step, spans, steps };
}

/** Who was there: most points, some of them late, and a guest. */
function attendees(now) {
	const begin = now - 7 * day;
	const one = (name, role, point, from, until) => ({
		name,
		role,
		bridge_point: point,
		first_us: begin + from * minute,
		last_us: begin + until * minute,
		present_us: (until - from) * minute,
	});
	return [
		...points
			.filter((_, index) => index !== 2 && index !== 21)
			.map((point, index) =>
				one(
					point.name,
					"point",
					point,
					index % 5 === 0 ? 9 : -6,
					index % 7 === 0 ? 96 : 112,
				),
			),
		one("Đậu Quang Lĩnh", "chair", points[0], -8, 112),
		one("Lô Thị Hằng", "presenter", null, 30, 62),
	];
}

/** Secrets of links, and where they lead; others lead to the meeting that is on. */
const links = { early: "STEM", over: "GB-1026" };

function linksOf(now) {
	const one = (id, more) => ({
		id,
		purpose: "join",
		role: "point",
		bridge_point: points[1],
		name: null,
		created_at_us: now - day,
		created_by: "Phan Thị Thanh Huyền",
		first_used_at_us: null,
		expires_at_us: now + 4 * hour,
		revoked_at_us: null,
		...more,
	});
	return [
		one("k1", { first_used_at_us: now - 40 * minute }),
		one("k2", {
			role: "presenter",
			bridge_point: null,
			name: "Lô Thị Hằng",
		}),
		one("k3", { role: "viewer", bridge_point: null }),
		one("k4", {
			role: "presenter",
			bridge_point: null,
			revoked_at_us: now - 3 * hour,
		}),
	];
}

function classOf(_now, sessions) {
	return {
		code: "TH-03",
		title: "Dạy học kết hợp với học liệu số",
		unit: department,
		year: 2026,
		modules: [
			{ title: "Nhập môn dạy học kết hợp", hours: 4, mode: "self_study" },
			{ title: "Khai thác kho học liệu số", hours: 6, mode: "live" },
			{ title: "Thiết kế nhiệm vụ học tập", hours: 8, mode: "live" },
			{
				title: "Kiểm tra, đánh giá trực tuyến",
				hours: 6.5,
				mode: "self_study",
			},
		],
		sessions: sessions
			.filter(({ class_code }) => class_code === "TH-03")
			.reverse(),
		enrolled: 43,
	};
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
	const { url } = await startMock({
		root: new URL("../dist", import.meta.url).pathname,
		port: Number(process.env.PORT ?? 4173),
	});
	process.stdout.write(`${url}\n`);
}

const unitsOfPeople = names.map((name, at) => ({
	code: `DV-${at + 1}`,
	name,
}));

const staff = [
	["Lô Thị An", "Bà", "Giáo viên", 14],
	["Lương Văn Bính", "Ông", "Tổ trưởng chuyên môn Toán, Tin học", 3],
	["Vi Thị Chiên", "Bà", "Giáo viên", 9],
	["Đỗ Đức", "Ông", "Hiệu trưởng", 14],
	["Quang Thị Hà", null, "Giáo viên", 5],
	[
		"Nguyễn Trần Hoàng Khánh Vy",
		"Bà",
		"Chuyên viên phòng Giáo dục phổ thông",
		0,
	],
	["Cụt Văn Xây", "Ông", "Nhân viên", 11],
].map(([name, form_of_address, position, unit], at) => ({
	id: `p${at + 1}`,
	code: at === 4 ? null : `4150-0${110 + at}`,
	name,
	form_of_address,
	appointments: at === 6 ? [] : [{ unit: unitsOfPeople[unit], position }],
	has_account: at % 2 === 1,
}));

function erasureReport(now) {
	const rows = (table, rows) => ({ table, rows });
	const kept = (what, rows) => ({ what, rows });
	return {
		deleted: [
			rows("access_token", 1),
			rows("account", 1),
			rows("audit_log", 14),
			rows("notice_reader", 9),
			rows("participant", 23),
			rows("people_import_row", 3),
			rows("person", 1),
			rows("session_event", 61),
			rows("sign_in", 18),
		],
		kept: [
			kept("appointments", 3),
			kept("roles", 1),
			kept("presence", 23),
			kept("attendance", 12),
			kept("log_lines", 87),
			kept("titles", 1),
		],
		recordings: [
			{
				session: "GB-1026",
				began_at_us: now - 20 * 86_400_000_000,
				keep_until_us: now + 345 * 86_400_000_000,
				on_hold: false,
			},
			{
				session: "TH-0930",
				began_at_us: now - 60 * 86_400_000_000,
				keep_until_us: null,
				on_hold: true,
			},
		],
	};
}

function personOf(id) {
	if (id === "gone") {
		return {
			...staff[1],
			id,
			code: null,
			name: "Người đã xóa dữ liệu",
			form_of_address: null,
			email: null,
			etag: '"4"',
			appointments: [],
			has_account: false,
			erased_at_us: 1_795_000_000_000_000,
			may: ["export_personal_data", "erase_person"],
		};
	}
	const one = staff.find((person) => person.id === id) ?? staff[1];
	const appointment = (id, unit, position, from, to, may) => ({
		id,
		unit: unitsOfPeople[unit],
		position,
		subject: id === "a2" ? null : "Toán, Tin học",
		from,
		to,
		may,
	});
	return {
		...one,
		email: "ha.quang@so.example.vn",
		etag: '"3"',
		appointments: [
			appointment("a3", 4, "Phó Hiệu trưởng", "2027-01-01", null, [
				"end_appointment",
			]),
			appointment("a1", 3, one.appointments[0]?.position, "2022-08-15", null, [
				"end_appointment",
			]),
			appointment("a2", 6, "Giáo viên", "2015-09-01", "2022-08-14", []),
		],
		erased_at_us: null,
		may: [
			"edit_person",
			"appoint_person",
			"export_personal_data",
			"erase_person",
		],
	};
}

function importOf(id, now) {
	const isDone = id === "i2";
	return {
		id,
		file_name: isDone ? "can-bo-so-2026.csv" : "giao-vien-que-phong.xlsx",
		sheet: isDone ? null : "Danh sách",
		header_row: 3,
		columns: [
			["TT", null, "1"],
			["Mã GV", "code", "4150-0112"],
			["Họ và tên", "name", "Lương Văn Bính"],
			["Trường", "unit", "Trường TH Yên Hòa"],
			["Chức vụ", "position", "Giáo viên"],
			["Môn dạy", "subject", "Toán, Tin học"],
			["Từ ngày", "from", "01/09/2026"],
			["Ghi chú", null, ""],
		].map(([header, column, example]) => ({ header, column, example })),
		state: isDone ? "done" : id === "i3" ? "applying" : "ready",
		created_at_us: now - 90_000_000,
		rows: 412,
		new: 341,
		changed: 56,
		same: 4,
		refused: 11,
		written: isDone ? 397 : id === "i3" ? 250 : 0,
		refused_later: 0,
		lost_zeros: isDone ? null : { rows: 2, width: 4, example: "31" },
		short_codes: "ask",
		may: isDone
			? []
			: id === "i3"
				? ["cancel_import"]
				: ["correct_import", "apply_import"],
	};
}

const importRows = [
	[
		9,
		"Lương Văn Bính",
		"4150-0112",
		"changed",
		[
			["position", "Giáo viên", "Tổ trưởng Toán, Tin học"],
			["from", null, "2026-09-01"],
		],
	],
	[
		14,
		"Vi Thị Chiên",
		"4150-0208",
		"changed",
		[
			["unit", "TH Châu Kim", "TH Mường Nọc"],
			["from", null, "2026-10-15"],
			["subject", "Tiếng Anh", "Tiếng Anh, Tin học"],
		],
	],
	[
		38,
		"Quang Thị Hà",
		"4150-0117",
		"changed",
		[["name", "Quang Thị Ha", "Quang Thị Hà"]],
	],
	[40, "Lô Văn Khánh", "4150-0301", "new", []],
	[
		27,
		"Hà Văn Hoan",
		"4150-0266",
		"refused",
		[],
		["bad_day", { column: "from", text: "31/02/1985" }],
	],
	[
		64,
		"Vi Văn Tám",
		"31",
		"refused",
		[],
		["lost_zeros", { code: "31", padded: "0031" }],
	],
	[
		101,
		"Lữ Văn Điệp",
		"4150-0031",
		"refused",
		[],
		["unit_gone", { unit: "Xã Châu Thôn" }],
	],
	[
		155,
		"NguyÔn V¨n Kh¸nh",
		"4150-0077",
		"refused",
		[],
		[
			"legacy_font",
			{ column: "name", font: "TCVN3", text: "NguyÔn V¨n Kh¸nh" },
		],
	],
	[
		188,
		"Sầm Thị Kiều",
		"4150-0093",
		"refused",
		[],
		["twin_row", { row: "187" }],
	],
	[
		240,
		"Lô Thị Lan",
		"4150-0305",
		"refused",
		[],
		["merged_cell", { column: "unit", row: "238" }],
	],
].map(([number, name, code, verdict, changes, fault]) => ({
	number,
	name,
	code,
	unit: "Trường TH Yên Hòa",
	position: "Giáo viên",
	verdict,
	result: null,
	changes: changes.map(([column, before, after]) => ({
		column,
		before,
		after,
	})),
	faults: fault ? [{ code: fault[0], params: fault[1] }] : [],
}));
