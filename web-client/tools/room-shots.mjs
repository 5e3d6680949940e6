// Pictures of the room without a server, and what axe says of them: the page gets scripted answers, a scripted WebSocket, and painted tracks in
// place of WebRTC. `npm run build && node tools/room-shots.mjs [folder]`.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { chromium } from "playwright-core";

const out = process.argv[2] ?? "shots";
const dist = process.env.DIST ?? new URL("../dist", import.meta.url).pathname;
mkdirSync(out, { recursive: true });

const names = [
	"Sở GD&ĐT",
	"Vinh",
	"Cửa Lò",
	"Thái Hòa",
	"Hoàng Mai",
	"Anh Sơn",
	"Con Cuông",
	"Diễn Châu",
	"Đô Lương",
	"Hưng Nguyên",
	"Kỳ Sơn",
	"Nam Đàn",
	"Nghi Lộc",
	"Nghĩa Đàn",
	"Quế Phong",
	"Quỳ Châu",
	"Quỳ Hợp",
	"Quỳnh Lưu",
	"THPT chuyên Lê Hồng Phong",
	"Thanh Chương",
	"Tương Dương",
	"Yên Thành",
];
const now = Date.UTC(2026, 10, 17, 1, 47, 12) * 1000;
const id = (seat) => `p${seat}`;
const seats = names.map((name, index) => ({
	number: index + 1,
	bridge_point: `b${index + 1}`,
	code: `DC-${index + 1}`,
	name,
	main: index === 0,
}));
const person = (seat, change = {}) => ({
	id: id(seat),
	name: names[seat - 1],
	role: "point",
	bridge_point: `b${seat}`,
	seat,
	connection: "connected",
	microphone: { on: false, muted: false, locked: true, granted: false },
	camera_on: true,
	encoder: false,
	...change,
});
const open = { on: true, muted: false, locked: false, granted: false };

function scene({ you, change = {}, participants }) {
	const everybody =
		participants ??
		names
			.map((_, index) => index + 1)
			.filter((seat) => seat !== 3)
			.map((seat) => {
				if (seat === 1) return person(1, { role: "chair", microphone: open });
				if (seat === 11) return person(11, { connection: "reconnecting" });
				if (seat === 15) return person(15, { microphone: open });
				if (seat === 19) return person(19, { camera_on: false });
				return person(seat);
			});
	return {
		you: id(you),
		state: {
			session: {
				id: "s",
				code: "GB-11",
				title: "Họp giao ban trực tuyến tháng 11/2026",
				kind: "meeting",
				preset: "conference",
				starts_at_us: now - 47 * 60e6,
				ends_at_us: now + 3600e6,
				opened_at_us: now - 47 * 60e6,
				auto_record: true,
				recording_kept_until_us: now + 730 * 86_400e6,
			},
			seats,
			participants: everybody,
			hands: [
				[21, "Thiếu giáo viên tiếng Anh ở các điểm trường lẻ"],
				[9, null],
				[17, null],
				[20, "Học bù sau bão"],
			].map(([seat, topic], place) => ({
				participant: id(seat),
				since_us: now - (420 - 100 * place) * 1e6,
				topic,
			})),
			unheard_first: true,
			heard: [
				{ participant: id(2), turns: 1, spoken_us: 252e6 },
				{ participant: id(12), turns: 2, spoken_us: 300e6 },
				{ participant: id(18), turns: 1, spoken_us: 228e6 },
			],
			turn_length: 300,
			floor: id(15),
			turn: {
				since_us: now - 161e6,
				opens_at_us: null,
				ends_at_us: now + 139e6,
				topic: "Chất lượng học kỳ I",
			},
			next: null,
			broadcast: id(15),
			screen: null,
			screen_locked_to: null,
			all_locked: true,
			chair_away: false,
			recording: "on",
			chat: [
				{
					id: "c1",
					from: id(9),
					name: "Đô Lương",
					bridge_point: "b9",
					text: "Điểm cầu Đô Lương nghe rõ, hình tốt.",
					at_us: now - 900e6,
				},
				{
					id: "c2",
					from: id(17),
					name: "Quỳ Hợp",
					bridge_point: "b17",
					text: "Xin gửi lại số liệu học kỳ I, bản đã rà soát sau khi các trường báo cáo bổ sung.",
					at_us: now - 300e6,
				},
				{
					id: "c3",
					from: id(1),
					name: "Sở GD&ĐT",
					bridge_point: "b1",
					text: "Đã nhận. Cảm ơn các đồng chí.",
					at_us: now - 60e6,
				},
			],
			older_chat: false,
			removed: [],
			viewers: 0,
			...change,
		},
	};
}

/** A session of a few points, all with long names. */
function small(count) {
	const few = seats.slice(0, count).map((seat) => ({
		...seat,
		name:
			seat.number % 2
				? seat.name
				: `Trường PTDTBT THCS ${seat.name} và điểm trường lẻ Huồi Tụ`,
	}));
	return scene({
		you: 1,
		participants: few.map(({ number, name }) =>
			person(number, { name, role: number === 1 ? "chair" : "point" }),
		),
		change: {
			seats: few,
			hands:
				count > 3
					? [{ participant: "p3", since_us: now - 60e6, topic: null }]
					: [],
			unheard_first: false,
			heard: [],
			turn_length: null,
			floor: count > 3 ? "p2" : null,
			turn:
				count > 3
					? {
							since_us: now - 139e6,
							opens_at_us: null,
							ends_at_us: null,
							topic: null,
						}
					: null,
			broadcast: count > 3 ? "p3" : null,
			all_locked: false,
		},
	});
}

const scenes = [
	{
		name: "chair-desk",
		size: [1366, 768],
		role: "chair",
		...scene({ you: 1 }),
	},
	{
		name: "chair-desk-menu",
		size: [1366, 768],
		role: "chair",
		...scene({ you: 1 }),
		act: (page) => page.click('[data-seat="9"]'),
	},
	{
		name: "chair-desk-more",
		size: [1366, 768],
		role: "chair",
		...scene({ you: 1 }),
		act: (page) => page.click("[data-testid=key-more]"),
	},
	...["devices", "technician"].map((panel) => ({
		name: `chair-desk-${panel}`,
		size: [1366, 768],
		role: "chair",
		...scene({ you: 1 }),
		act: async (page) => {
			await page.click("[data-testid=key-more]");
			await page.click(`[data-testid=tab-${panel}]`);
		},
	})),
	{
		name: "hall-keys",
		size: [1366, 768],
		role: "point",
		...scene({ you: 17 }),
		act: (page) => page.keyboard.press("Shift+Slash"),
	},
	{
		name: "chair-desk-1920",
		size: [1920, 1080],
		role: "chair",
		...scene({ you: 1 }),
	},
	{
		name: "desk-member",
		size: [1366, 768],
		role: "presenter",
		...scene({ you: 9 }),
	},
	...[2, 6, 14].map((count) => ({
		name: `small-${count}`,
		size: [1366, 768],
		role: "chair",
		...small(count),
	})),
	...["speaker", "wall"].flatMap((layout) => [
		{
			name: `desk-${layout}`,
			size: [1366, 768],
			role: "presenter",
			display: { layout },
			...scene({ you: 9 }),
		},
		{
			name: `hall-${layout}`,
			size: [1366, 768],
			role: "point",
			display: { layout },
			...scene({ you: 17 }),
		},
	]),
	{
		name: "desk-full",
		size: [1366, 768],
		role: "presenter",
		...scene({ you: 9 }),
		act: (page) => page.click("[data-testid=stage-full]"),
	},
	{
		name: "desk-hidden",
		size: [1366, 768],
		role: "presenter",
		display: { hideEmpty: true },
		...scene({ you: 9 }),
	},
	{ name: "hall", size: [1366, 768], role: "point", ...scene({ you: 17 }) },
	{
		name: "hall-1920",
		size: [1920, 1080],
		role: "point",
		...scene({ you: 17 }),
	},
	{ name: "phone", size: [390, 844], role: "point", ...scene({ you: 17 }) },
	{
		name: "phone-chat",
		size: [390, 844],
		role: "point",
		...scene({ you: 17 }),
		act: (page) => page.click("[data-testid=tab-chat]"),
	},
	{
		name: "phone-more",
		size: [390, 844],
		role: "chair",
		...scene({ you: 1 }),
		act: (page) => page.click("[data-testid=key-more]"),
	},
	...[
		[390, 844],
		[844, 390],
		[667, 375],
		[683, 384],
	].flatMap(([width, height]) => [
		{
			name: `phone-chat-${width}x${height}`,
			size: [width, height],
			role: "point",
			...scene({ you: 17 }),
			act: (page) => page.click("[data-testid=tab-chat]"),
		},
		{
			name: `phone-chair-${width}x${height}`,
			size: [width, height],
			role: "chair",
			...scene({ you: 1, change: { next: id(21) } }),
		},
	]),
	...[
		["phone", [390, 844]],
		["hall", [1366, 768]],
	].map(([layout, size]) => ({
		name: `announced-${layout}`,
		size,
		role: "point",
		...scene({
			you: 17,
			change: {
				floor: id(17),
				turn: {
					since_us: now,
					opens_at_us: now + 60e6,
					ends_at_us: null,
					topic: null,
				},
				broadcast: id(17),
			},
		}),
	})),
	{
		name: "speaking-hall",
		size: [1366, 768],
		role: "point",
		...scene({
			you: 15,
			change: { next: id(21), broadcast: null },
		}),
	},
	{
		name: "chair-next",
		size: [1366, 768],
		role: "chair",
		...scene({ you: 1, change: { next: id(21), floor: id(15) } }),
	},
	{
		name: "journal",
		size: [1366, 768],
		role: "chair",
		journal: "disk_full",
		...scene({ you: 1 }),
		act: (page) => page.click("[data-testid=tab-roster]"),
	},
	{
		name: "leaving",
		size: [390, 844],
		role: "chair",
		...scene({ you: 1 }),
		act: (page) => page.click("[data-testid=key-leave]"),
	},
	{
		name: "lowering-own",
		size: [390, 844],
		role: "point",
		...scene({ you: 17 }),
		act: (page) => page.click("[data-testid=key-hand]"),
	},
	{
		name: "lowering-other",
		size: [1366, 768],
		role: "chair",
		...scene({ you: 1 }),
		act: (page) =>
			page
				.getByRole("button", { name: /khỏi danh sách/ })
				.first()
				.click(),
	},
	{
		name: "already-here",
		size: [1366, 768],
		role: "point",
		refused: "already_here",
		bye: true,
		...scene({ you: 17 }),
	},
	{ name: "tablet", size: [768, 1024], role: "chair", ...scene({ you: 1 }) },
	{
		name: "alone",
		size: [1366, 768],
		role: "chair",
		...scene({
			you: 1,
			participants: [person(1, { role: "chair", microphone: open })],
			change: {
				hands: [],
				floor: null,
				turn: null,
				broadcast: null,
				recording: "off",
				chat: [],
			},
		}),
	},
	{
		name: "reconnecting",
		size: [1366, 768],
		role: "point",
		...scene({ you: 17 }),
		lose: true,
	},
	{
		name: "reconnecting-phone",
		size: [390, 844],
		role: "point",
		...scene({ you: 17 }),
		lose: true,
	},
	{
		name: "lobby",
		size: [1366, 768],
		role: "point",
		lobby: true,
		...scene({ you: 17 }),
	},
	{
		name: "lobby-phone",
		size: [390, 844],
		role: "point",
		lobby: true,
		...scene({ you: 17 }),
	},
	{
		name: "lobby-devices",
		size: [1366, 768],
		role: "point",
		lobby: true,
		...scene({ you: 17 }),
		act: (page) => page.click("[data-testid=pick-microphone]"),
	},
	{
		name: "phone-devices",
		size: [390, 844],
		role: "point",
		...scene({ you: 17 }),
		act: async (page) => {
			await page.click("[data-testid=key-more]");
			await page.click("[data-testid=tab-devices]");
		},
	},
	{
		name: "taken-over",
		size: [1366, 768],
		role: "point",
		bye: true,
		...scene({ you: 17 }),
	},
];

const types = {
	".html": "text/html",
	".js": "text/javascript",
	".css": "text/css",
	".svg": "image/svg+xml",
	".woff2": "font/woff2",
	".json": "application/json",
};
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
	args: [
		"--no-sandbox",
		"--use-fake-ui-for-media-stream",
		"--use-fake-device-for-media-stream=device-count=2",
		"--autoplay-policy=no-user-gesture-required",
	],
});
/** 683×384 is a desk of 1366×768 that is enlarged to 200 %. */
/** What the server tells somebody that they may do. */
function actsOf(
	{ participants, floor, chair_away, session, screen_locked_to },
	you,
) {
	const { role } = participants.find(({ id }) => id === you) ?? {};
	const presides = role === "chair" || role === "secretary";
	return [
		...(role !== "viewer" || floor === you ? ["publish_media"] : []),
		...((
			screen_locked_to === null
				? presides || floor === you || session.preset === "discussion"
				: screen_locked_to === you
		)
			? ["share_screen"]
			: []),
		...(presides ? ["preside"] : []),
		...(role === "chair" ? ["give_chair"] : []),
		...(role === "chair" || (presides && chair_away) ? ["end_session"] : []),
	];
}

const isPhone = ({ size: [width, height] }) =>
	Math.min(width, height) < 400 && width !== 683;
const only = process.env.ONLY?.split(",");
for (const shot of scenes) {
	if (only && !only.includes(shot.name)) continue;
	const [width, height] = shot.size;
	const context = await browser.newContext({
		viewport: { width, height },
		permissions: ["camera", "microphone"],
		hasTouch: isPhone(shot),
		isMobile: isPhone(shot),
		deviceScaleFactor: isPhone(shot) ? 2 : 1,
	});
	const page = await context.newPage();
	page.on("pageerror", (error) => console.error(shot.name, error.message));
	page.on(
		"console",
		(message) =>
			message.type() === "error" && console.error(shot.name, message.text()),
	);
	await page.addInitScript(paintedTracks);
	if (shot.display)
		await page.addInitScript(
			(display) => localStorage.setItem("diemcau.display", display),
			JSON.stringify(shot.display),
		);
	const json = (body) => (route) =>
		route.fulfill({
			contentType: "application/json",
			body: JSON.stringify(body),
		});
	await page.route("**/*", (route) => {
		const path = new URL(route.request().url()).pathname;
		const file = join(dist, path);
		const found =
			extname(path) && existsSync(file) ? file : join(dist, "index.html");
		return route.fulfill({
			contentType: types[extname(found)] ?? "application/octet-stream",
			body: readFileSync(found),
		});
	});
	await page.route("**/healthz", json({}));
	await page.route(
		"**/api/v1/me",
		json({
			name: "Lương Văn Thiết",
			login: "qh",
			roles: [],
			may: [],
			convenes_for: [],
			owes_second_factor: false,
			link_session: null,
			bridge_point:
				shot.role === "point" ? { code: "DC-17", name: "Quỳ Hợp" } : null,
		}),
	);
	await page.route(
		"**/api/v1/sessions/GB-11",
		json({
			code: "GB-11",
			title: shot.state.session.title,
			kind: "meeting",
			state: "live",
			starts_at_us: shot.state.session.starts_at_us,
			ends_at_us: shot.state.session.ends_at_us,
			convening_unit: { code: "S", name: "Sở" },
			my_role: shot.role,
			may: ["enter_room", "publish_media"],
			auto_record: true,
			opens_at_us: now - 60 * 60e6,
			opened_at_us: now - 47 * 60e6,
			over_at_us: null,
			chair: "Đậu Quang Lĩnh",
			secretary: null,
			secrecy: "normal",
			keep_days: 730,
			guests_may_replay: false,
			invited: [],
			present: 20,
			has_recording: false,
			class_code: null,
		}),
	);
	let lost = false;
	await page.routeWebSocket(/\/ws\/sessions/, (socket) => {
		if (lost) return socket.close();
		let mids = 0;
		const say = (frame) => socket.send(JSON.stringify(frame));
		const beat = setInterval(
			() => say({ type: "heartbeat", server_time_us: now, next_ms: 1_000 }),
			1_000,
		);
		socket.onClose(() => clearInterval(beat));
		// A page that closes says nothing of its sockets.
		page.once("close", () => clearInterval(beat));
		socket.onMessage((text) => {
			const frame = JSON.parse(text);
			if (shot.refused) {
				const refusal = { code: shot.refused };
				say({ type: "bye", reason: { type: "refused", refusal } });
				return;
			}
			if (frame.type === "hello") {
				mids = { desk: 33, room: 17, phone: 12 }[frame.profile];
				say({
					type: "welcome",
					protocol: 3,
					you: shot.you,
					resume_token: "t",
					seq: 1,
					server_time_us: now,
					resumed: false,
					heartbeat_ms: 1_000,
					last_command_id: 0,
					may: actsOf(shot.state, shot.you),
					ice_servers: [],
					state: shot.state,
					missed: [],
				});
				if (shot.journal) say({ type: "journal", trouble: shot.journal });
				if (shot.lose) {
					setTimeout(() => {
						lost = true;
						clearInterval(beat);
						socket.close();
					}, 1500);
				}
				if (shot.bye)
					setTimeout(
						() => say({ type: "bye", reason: { type: "taken_over" } }),
						500,
					);
				return;
			}
			say({ type: "reply", id: frame.id });
			if (frame.command.type === "set_view") {
				frame.command.seats.slice(0, mids - 9).forEach((participant, index) => {
					say({
						type: "media",
						message: {
							type: "slot_assigned",
							mid: String(8 + index),
							kind: "tile",
							track: { participant, source: "camera" },
							paused: participant === "p7" ? "bandwidth" : null,
						},
					});
				});
			}
			if (frame.command.type === "explain_media") {
				const needed = [150_000, 500_000, 1_500_000];
				const picture = (mid, kind, seat, given, reason) => ({
					mid: String(mid),
					kind,
					track: { participant: id(seat), source: "camera" },
					needed_bps: needed,
					given,
					flowing: given,
					reason,
				});
				say({
					type: "media",
					message: {
						type: "explanation",
						connected: true,
						mode: "everything",
						estimate_bps: 620_000,
						voices_bps: 96_000,
						budget_bps: 493_000,
						pictures: [
							picture(7, "stage", 15, 0, "link"),
							picture(8, "tile", 2, 0, "view"),
							picture(9, "tile", 4, 0, "publisher"),
							picture(10, "tile", 7, null, "link"),
							picture(11, "tile", 19, null, "muted"),
						],
					},
				});
			}
			if (frame.command.type !== "offer") return;
			say({ type: "media", message: { type: "answer", sdp: "v=0" } });
			say({ type: "media", message: { type: "connected", path: "udp" } });
			say({
				type: "media",
				message: {
					type: "slot_assigned",
					mid: "7",
					kind: "stage",
					track: { participant: shot.state.floor ?? "p2", source: "camera" },
					paused: null,
				},
			});
			say({
				type: "media",
				message: {
					type: "speakers",
					active: "p15",
					levels: [{ participant: "p15", level: 98 }],
				},
			});
			say({
				type: "media",
				message: {
					type: "link",
					rtt_ms: 34,
					ingress_loss_percent: 0.2,
					egress_loss_percent: 0.8,
					ingress_bps: 900000,
					egress_bps: 2400000,
					estimate_bps: 6200000,
					path: "udp",
				},
			});
		});
	});
	await page.goto("http://localhost/s/GB-11/room");
	await page.waitForSelector("[data-testid=join]");
	if (shot.lobby) {
		await page.waitForSelector("[data-testid=lobby] video");
		await shot.act?.(page);
	} else {
		await page.click("[data-testid=join]");
		await page.waitForSelector(
			shot.bye ? "[data-testid=over]" : "[data-testid=room]",
		);
		if (shot.lose) await page.waitForSelector("[data-testid=reconnecting]");
		await shot.act?.(page);
	}
	await page.waitForTimeout(1500);
	await page.screenshot({ path: join(out, `${shot.name}.png`) });
	const { violations } = await new AxeBuilder({ page })
		.withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
		.analyze();
	for (const { id, nodes } of violations) {
		console.error(
			shot.name,
			id,
			nodes.slice(0, 3).map((node) => node.target.join(" ")),
		);
	}
	await context.close();
	console.log(shot.name);
}
await browser.close();

/** Runs in the page: an RTCPeerConnection whose tracks are painted. */
function paintedTracks() {
	const colours = ["#7c5c46", "#4c6b5a", "#58667f", "#7f6a3a", "#6a4f6e"];
	function painted(index) {
		const canvas = document.createElement("canvas");
		// Most cameras are wide; one is old, one is a phone held upright.
		[canvas.width, canvas.height] = {
			7: [1280, 720],
			12: [240, 180],
			13: [180, 320],
		}[index] ?? [320, 180];
		const pen = canvas.getContext("2d");
		const paint = () => {
			const { width, height } = canvas;
			pen.fillStyle = colours[index % colours.length];
			pen.fillRect(0, 0, width, height);
			pen.fillStyle = "#d8c3a5";
			for (const at of [0.25, 0.5, 0.75]) {
				pen.beginPath();
				pen.arc(width * at, height * 0.5, height * 0.13, 0, 7);
				pen.fill();
			}
			pen.fillStyle = "#e9eef0";
			pen.fillRect(0, height * 0.72, width, height * 0.28);
		};
		paint();
		setInterval(paint, 500);
		return canvas.captureStream(2).getVideoTracks()[0];
	}
	window.RTCPeerConnection = class {
		lines = [];
		signalingState = "stable";
		iceConnectionState = "new";
		addTransceiver(kind, { direction }) {
			const index = this.lines.length;
			const line = {
				mid: null,
				direction,
				sender: {
					track: null,
					replaceTrack: async () => {},
					getParameters: () => ({ encodings: [] }),
					setParameters: async () => {},
				},
				get receiver() {
					line.track ??=
						kind === "video"
							? painted(index)
							: new AudioContext()
									.createMediaStreamDestination()
									.stream.getAudioTracks()[0];
					return { track: line.track };
				},
			};
			this.lines.push(line);
			return line;
		}
		getTransceivers() {
			return this.lines;
		}
		async createOffer() {
			return { type: "offer", sdp: "v=0" };
		}
		async setLocalDescription() {
			this.signalingState = "have-local-offer";
			this.lines.forEach((line, index) => {
				line.mid = String(index);
			});
		}
		async setRemoteDescription() {
			this.signalingState = "stable";
			this.remoteDescription = {};
			this.iceConnectionState = "connected";
			this.oniceconnectionstatechange?.();
		}
		async getStats() {
			return new Map();
		}
		setConfiguration() {}
		restartIce() {}
		close() {}
	};
}
