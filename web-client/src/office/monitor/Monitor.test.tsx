import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { PointHistory } from "@/protocol/generated/PointHistory";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import { director, openApp, page, Refused, silence, teacher } from "@/test/app";
import { at } from "@/test/session";

// A canvas has nothing that a reader of the page could notice here; its sentence is what counts.
vi.mock("./HistoryChart", () => ({
	default: ({ label }: { label: string }) => (
		<div role="img" aria-label={label} />
	),
}));

// A slow link: the page that is left goes on for a while before the next one is here.
vi.mock("@/office/access/sign-in", async (load) => {
	await new Promise((arrived) => setTimeout(arrived, 1_500));
	return load();
});

const link = (loss: number, rtt: number): PointStatus["link"] => ({
	rtt_ms: rtt,
	ingress_loss_percent: loss,
	egress_loss_percent: 0,
	ingress_bps: 1_240_000,
	egress_bps: 2_000_000,
	estimate_bps: 4_000_000,
	path: "udp",
});

const point = (
	number: string,
	name: string,
	state: PointStatus["state"],
	measured: PointStatus["link"] = null,
): PointStatus => ({
	point: { number: Number(number), code: `DC-${number}-25`, name },
	main: number === "01",
	unit: { code: `U${number}`, name: `Đơn vị ${name}` },
	state,
	session: measured ? "HOP-261117" : null,
	last_seen_us: state === "idle" ? null : at("2026-11-16T10:12"),
	link: measured,
});

const points = [
	point("01", "Sở GD&ĐT", "good", link(0.1, 12)),
	point("07", "Con Cuông", "weak", link(4.1, 184)),
	point("11", "Kỳ Sơn", "lost"),
	point("22", "Yên Thành", "idle"),
];

/** A history of one hour with some losses in percent, a minute apart; lost once for 80 s, and in no session before. */
function history(losses: number[]): PointHistory {
	const toUs = Date.now() * 1_000;
	const ago = (minutes: number) => toUs - minutes * 60_000_000;
	return {
		from_us: ago(60),
		to_us: toUs,
		step_us: 10_000_000,
		steps: losses.map((loss, index) => ({
			at_us: ago(losses.length - index),
			loss_percent: loss,
			rtt_ms: 184,
			ingress_bps: 1_240_000,
			egress_bps: 2_000_000,
		})),
		spans:
			losses.length === 0
				? []
				: [
						{
							from_us: ago(30),
							to_us: ago(20) - 80_000_000,
							state: "in_session",
							session: "HOP-261117",
						},
						{
							from_us: ago(20) - 80_000_000,
							to_us: ago(20),
							state: "lost",
							session: "HOP-261117",
						},
						{
							from_us: ago(20),
							to_us: toUs,
							state: "in_session",
							session: "HOP-261117",
						},
					],
	};
}

const open = (more: Record<string, unknown> = {}) =>
	openApp("/monitor", {
		"GET me": director,
		"GET bridge-points/status": page(points),
		"GET bridge-points/DC-11-25/history": history([]),
		...more,
	});

/** A server of which nothing comes unless it is up: not for the page, nor for its frame. */
const cutOffUnless = (isUp: () => boolean) => ({
	"GET bridge-points/status": () => (isUp() ? page(points) : silence),
	"GET branding": () =>
		isUp() ? { name: null, short_name: null, emblem: null } : silence,
	"GET guide": () =>
		isUp() ? { steps: [], is_open: false, is_closed: true } : silence,
});

const names = () =>
	within(screen.getByRole("table", { name: "Bảng giám sát" }))
		.getAllByRole("rowheader")
		.map((cell) => cell.textContent);

describe("the monitor board", () => {
	it("knows a point by its own number, whatever figures its code has", async () => {
		await open();
		const row = await screen.findByRole("row", { name: /Con Cuông/ });
		expect(row).toHaveTextContent(/^07Con Cuông/);
	});

	it("has the worst on top, in words and figures", async () => {
		await open();
		const table = within(
			await screen.findByRole("table", { name: "Bảng giám sát" }),
		);
		expect(names()).toEqual(["Kỳ Sơn", "Con Cuông", "Sở GD&ĐT", "Yên Thành"]);
		const weak = table.getByRole("row", { name: /Con Cuông/ });
		expect(weak).toHaveTextContent("Mất gói cao");
		expect(weak).toHaveTextContent("4,1");
		expect(weak).toHaveTextContent("184");
		expect(weak).toHaveTextContent("1,2 / 2,0");
		expect(weak).toHaveTextContent("UDP");
		expect(table.getByRole("row", { name: /Kỳ Sơn/ })).toHaveTextContent(
			"16/11/2026",
		);
		expect(screen.getByRole("alert")).toHaveTextContent(
			/^1 điểm mất kết nối: \d\d Kỳ Sơn$/,
		);
	});

	it("shows only what needs a look when asked to", async () => {
		const { user } = await open();
		await user.click(await screen.findByRole("radio", { name: "Cần xem 2" }));
		expect(names()).toEqual(["Kỳ Sơn", "Con Cuông"]);
	});

	it("asks for nothing more once somebody signed out, however slowly the next page comes", async () => {
		const { user, sent } = await open({ "POST sign-out": undefined });
		await user.click(await screen.findByRole("button", { name: "Con Cuông" }));
		await screen.findByRole("region", { name: "Con Cuông" });
		await user.click(screen.getByRole("radio", { name: "30 ngày" }));
		await user.click(screen.getByRole("button", { name: /^Tài khoản / }));
		await user.click(
			await screen.findByRole("menuitem", { name: "Đăng xuất" }),
		);
		await screen.findByRole(
			"heading",
			{ name: "Đăng nhập" },
			{ timeout: 5_000 },
		);
		const requests = sent.map(({ request }) => request);
		const behind = requests.slice(requests.indexOf("POST sign-out") + 1);
		const ofTheDoor = [
			"GET me",
			"GET first-day",
			"GET sign-in/provider",
			"GET branding",
		];
		expect(behind.filter((one) => !ofTheDoor.includes(one))).toEqual([]);
	}, 12_000);

	it("opens a point with its history as charts in a sentence, in words, and as a table", async () => {
		const { user, sent } = await open({
			"GET bridge-points/DC-07-25/history": history([4.1, 2, 9.3]),
		});
		await user.click(await screen.findByRole("button", { name: "Con Cuông" }));
		const detail = within(
			await screen.findByRole("region", { name: "Con Cuông" }),
		);
		expect(
			await detail.findByRole("img", {
				name: /^Mất gói % của Con Cuông: cao nhất 9,3, mất kết nối 1 lần/,
			}),
		).toBeVisible();
		expect(detail.getByText("28 phút")).toBeVisible();
		expect(detail.getByText("1 lần, lâu nhất 1 phút")).toBeVisible();
		await user.click(detail.getByText("Xem dạng bảng"));
		const [latest] = detail.getAllByRole("rowheader");
		expect(latest?.closest("tr")).toHaveTextContent("9,3");
		await user.click(detail.getByRole("radio", { name: "30 ngày" }));
		await waitFor(() => {
			const asked = sent
				.filter(({ request }) => request.endsWith("DC-07-25/history"))
				.at(-1)?.query;
			const span = Number(asked?.get("to")) - Number(asked?.get("from"));
			expect(span).toBe(30 * 86_400_000_000);
		});
	});

	it("says that this device is cut off, and vouches for no figure then", async () => {
		let up = true;
		await open(cutOffUnless(() => up));
		const table = await screen.findByRole("table", { name: "Bảng giám sát" });
		expect(table.closest("[data-silent]")).toBeNull();
		up = false;
		window.dispatchEvent(new Event("visibilitychange"));
		document.dispatchEvent(new Event("visibilitychange"));
		expect(
			await screen.findByText(/^Máy này mất kết nối tới máy chủ/),
		).toBeVisible();
		expect(table.closest("[data-silent]")).not.toBeNull();
		expect(screen.queryByText(/Mã/)).toBeNull();
		up = true;
		await waitFor(() => expect(table.closest("[data-silent]")).toBeNull(), {
			timeout: 8_000,
		});
		expect(screen.queryByText(/^Máy này mất kết nối/)).toBeNull();
	}, 20_000);

	it("asks at once when the system says that its own cable is out", async () => {
		let up = true;
		await open(cutOffUnless(() => up));
		await screen.findByRole("table", { name: "Bảng giám sát" });
		up = false;
		act(() => void window.dispatchEvent(new Event("offline")));
		expect(
			await screen.findByText(/^Máy này mất kết nối tới máy chủ/),
		).toBeVisible();
	});

	it("is not fooled by a cable that is out: a request that never ends is silence", async () => {
		vi.useFakeTimers({ shouldAdvanceTime: true });
		try {
			let up = true;
			await open({
				"GET bridge-points/status": () =>
					up ? page(points) : new Promise(() => undefined),
				"GET bridge-points/DC-11-25/history": () =>
					up ? history([]) : new Promise(() => undefined),
			});
			await screen.findByRole("table", { name: "Bảng giám sát" });
			up = false;
			// Asked every 5 s, and 4 s are enough to wait.
			await act(() => vi.advanceTimersByTimeAsync(9_500));
			expect(screen.getByText(/^Máy này mất kết nối/)).toBeVisible();
		} finally {
			vi.useRealTimers();
		}
	});

	it("keeps the last figures and says so when the server falls silent", async () => {
		let up = true;
		const { user } = await open({
			"GET bridge-points/status": () =>
				up ? page(points) : new Refused(503, "busy"),
		});
		await screen.findByRole("table", { name: "Bảng giám sát" });
		up = false;
		window.dispatchEvent(new Event("visibilitychange"));
		document.dispatchEvent(new Event("visibilitychange"));
		expect(await screen.findByText(/^Máy chủ đang trục trặc/)).toBeVisible();
		expect(names()).toHaveLength(4);
		await user.click(screen.getByRole("radio", { name: "Không họp 1" }));
		expect(names()).toEqual(["Yên Thành"]);
	});

	it("tells a teacher that the board is not theirs, and whose it is, and asks the server for nothing", async () => {
		const { sent } = await openApp("/monitor", { "GET me": teacher });
		expect(
			await screen.findByText("Tài khoản này không xem bảng giám sát"),
		).toBeVisible();
		expect(screen.getByText(/dành cho kỹ thuật/)).toBeVisible();
		expect(
			screen.getByRole("link", { name: "Về trang hôm nay" }),
		).toBeVisible();
		expect(sent.map(({ request }) => request)).toEqual(["GET me"]);
	});
});
