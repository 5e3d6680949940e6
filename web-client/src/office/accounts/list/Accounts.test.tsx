import { screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { PersonAccount } from "@/protocol/generated/PersonAccount";
import { director, openApp, Refused, teacher } from "@/test/app";
import { at } from "@/test/session";

function person(part: Partial<PersonAccount>): PersonAccount {
	return {
		person: "p1",
		name: "Vi Thị Hoài",
		account: "a1",
		login: "hoai.vi",
		state: "active",
		own: false,
		places: [
			{ unit: { code: "TH-15", name: "TH Yên Hòa" }, position: "Giáo viên" },
		],
		roles: [],
		code_expires_at_us: null,
		last_seen_us: at("2026-11-17T07:12"),
		has_address: false,
		letter: null,
		may: ["manage_account", "grant_roles"],
		...part,
	};
}

const people = [
	person({}),
	person({
		person: "p2",
		name: "Hà Văn Khăm",
		account: null,
		login: null,
		state: "none",
		last_seen_us: null,
	}),
	person({
		person: "p3",
		name: "Ngân Thị Lả",
		account: "a3",
		login: "la.ngan",
		state: "invited",
		code_expires_at_us: at("2020-11-12T10:00"),
		last_seen_us: null,
	}),
	person({
		person: "p4",
		name: "Trần Thị Mai Phương",
		account: "a4",
		login: "phuong.tran",
		may: [],
	}),
];

const slip = (login: string, name: string) => ({
	name,
	position: "Giáo viên",
	unit: { code: "TH-15", name: "TH Yên Hòa" },
	login,
	code: "7KQ4 MW2P",
	expires_at_us: at("2026-11-24T10:20"),
});

const answers = {
	"GET me": director,
	"GET accounts": {
		items: people,
		next: null,
		counts: { none: 1, invited: 1, active: 2, disabled: 0 },
	},
	"GET accounts/administration": {
		units: [
			{ unit: { code: "SO", name: "Sở GD&ĐT" }, depth: 0 },
			{ unit: { code: "TH-15", name: "TH Yên Hòa" }, depth: 1 },
		],
		roles: ["unit_admin", "trainer"],
		mail: false,
	},
	"GET accounts/a1": {
		second_factor: true,
		of: people[0],
		linked: [],
		roles: [
			{
				id: "g1",
				role: "trainer",
				unit: { code: "TH-15", name: "TH Yên Hòa" },
				from: "2026-09-01",
				to: "2026-12-31",
				by_provider: true,
			},
		],
	},
};

const open = (more: Record<string, unknown> = {}) =>
	openApp("/accounts", { ...answers, ...more });

afterEach(() => vi.unstubAllGlobals());

describe("the accounts of those below", () => {
	it("say by whom else somebody signs in, and take that away when asked twice", async () => {
		const { user, sent } = await open({
			"GET accounts/a1": {
				...answers["GET accounts/a1"],
				linked: [
					{
						label: "anh.le@so.example.vn",
						host: "sso.example.vn",
						linked_at_us: at("2026-10-01T08:00"),
						last_used_us: null,
					},
				],
			},
			"DELETE accounts/a1/external": undefined,
		});
		await user.click(
			await screen.findByRole("button", { name: "Vi Thị Hoài" }),
		);
		expect(await screen.findByText("anh.le@so.example.vn")).toBeVisible();
		expect(screen.getByText(/^theo nhóm của tài khoản ngoài/)).toBeVisible();
		await user.click(
			screen.getByRole("button", {
				name: "Hủy liên kết anh.le@so.example.vn",
			}),
		);
		expect(sent.map(({ request }) => request)).not.toContain(
			"DELETE accounts/a1/external",
		);
		await user.click(await screen.findByTestId("account-yes"));
		await vi.waitFor(() =>
			expect(sent.map(({ request }) => request)).toContain(
				"DELETE accounts/a1/external",
			),
		);
	});

	it("stand in a list with how many there are of each state; a row beyond one's rights says why", async () => {
		await open();
		const row = (name: RegExp) => screen.findByRole("row", { name });
		expect(
			await screen.findByRole("radio", { name: "Tất cả 4" }),
		).toBeChecked();
		expect(
			screen.getByRole("radio", { name: "Chờ kích hoạt 1" }),
		).toBeInTheDocument();
		expect(
			within(await row(/Khăm/)).getByText("chưa có tài khoản"),
		).toBeVisible();
		expect(within(await row(/Lả/)).getByText("Mã hết hạn")).toBeVisible();
		const above = await row(/Phương/);
		expect(within(above).queryByRole("checkbox")).toBeNull();
		expect(within(above).getByText(/^Ngoài quyền/)).toBeInTheDocument();
	});

	it("are searched as the address says, and the choice stands in the address", async () => {
		const { user, sent, address } = await open();
		await user.click(await screen.findByRole("radio", { name: "Chưa có 1" }));
		await user.selectOptions(screen.getByLabelText("Đơn vị"), "TH-15");
		await user.type(screen.getByRole("searchbox"), "kham");
		await vi.waitFor(() => expect(address()).toContain("q=kham"));
		await vi.waitFor(() => {
			const last = sent
				.filter(({ request }) => request === "GET accounts")
				.at(-1);
			expect(Object.fromEntries(last?.query ?? [])).toEqual({
				q: "kham",
				unit: "TH-15",
				state: "none",
			});
		});
	});

	it("get codes for those without a password, who are counted on the key, and slips that are shown once", async () => {
		const print = vi.fn();
		vi.stubGlobal("print", print);
		const { user, bodies } = await open({
			"POST accounts/codes": {
				items: [slip("kham.ha", "Hà Văn Khăm"), slip("la.ngan", "Ngân Thị Lả")],
				next: null,
			},
		});
		for (const name of ["Vi Thị Hoài", "Hà Văn Khăm", "Ngân Thị Lả"]) {
			await user.click(
				await screen.findByRole("checkbox", { name: `Chọn ${name}` }),
			);
		}
		expect(screen.getByText("Đã chọn 3 người")).toBeVisible();
		expect(
			screen.getByText("1 người đã có mật khẩu, không cấp mã"),
		).toBeVisible();
		await user.click(
			screen.getByRole("button", { name: "Cấp mã, in 2 phiếu" }),
		);
		expect(bodies("POST accounts/codes")).toEqual([
			{ people: ["p2", "p3"], reset: false },
		]);
		const paper = await screen.findByRole("article", { name: "Hà Văn Khăm" });
		expect(within(paper).getByText("7KQ4 MW2P")).toBeVisible();
		expect(
			within(paper).getByRole("img", { name: "Mã QR của Hà Văn Khăm" }),
		).toBeVisible();
		await user.click(screen.getByRole("button", { name: "In 2 tờ A4" }));
		expect(print).toHaveBeenCalledOnce();
		await user.click(
			screen.getByRole("button", { name: "Quay lại danh sách" }),
		);
		expect(await screen.findByText("chưa có tài khoản")).toBeVisible();
		expect(screen.queryByText("7KQ4 MW2P")).toBeNull();
	});

	it("are invited by mail where there is mail and an address, and say what became of the letter", async () => {
		const reached = (part: Partial<PersonAccount>) => ({
			...part,
			has_address: true,
		});
		const invited = [
			reached(people[1] as PersonAccount),
			people[2],
			reached({
				...(people[0] as PersonAccount),
				letter: {
					state: "failed",
					failure: "refused",
					at_us: at("2026-11-17T07:12"),
				},
			}),
		];
		const administration = answers["GET accounts/administration"];
		const { user, bodies, unmount } = await open({
			"GET accounts": { items: invited, next: null, counts: null },
			"GET accounts/administration": { ...administration, mail: true },
			"POST accounts/invitations": undefined,
		});
		expect(await screen.findByText("Thư mời không gửi được")).toBeVisible();
		expect(screen.getByText(/thường do sai địa chỉ/)).toBeVisible();
		for (const name of ["Hà Văn Khăm", "Ngân Thị Lả"]) {
			await user.click(screen.getByRole("checkbox", { name: `Chọn ${name}` }));
		}
		expect(
			screen.getByText("1 người chưa có thư điện tử, in phiếu"),
		).toBeVisible();
		await user.click(
			await screen.findByRole("button", { name: "Gửi 1 thư mời" }),
		);
		await vi.waitFor(() =>
			expect(bodies("POST accounts/invitations")).toEqual([
				{ people: ["p2"], reset: false },
			]),
		);
		// Whoever has a password loses it only after a question.
		await user.click(screen.getByRole("button", { name: "Vi Thị Hoài" }));
		await user.click(
			await screen.findByRole("button", { name: "Cấp lại mã qua thư" }),
		);
		expect(bodies("POST accounts/invitations")).toHaveLength(1);
		await user.click(await screen.findByTestId("account-yes"));
		await vi.waitFor(() =>
			expect(bodies("POST accounts/invitations")[1]).toEqual({
				people: ["p1"],
				reset: true,
			}),
		);
		unmount();

		await open({
			"GET accounts": { items: invited, next: null, counts: null },
		});
		await user.click(
			await screen.findByRole("checkbox", { name: "Chọn Hà Văn Khăm" }),
		);
		expect(
			screen.getByRole("button", { name: "Cấp mã, in 1 phiếu" }),
		).toBeVisible();
		expect(screen.queryByRole("button", { name: /thư/ })).toBeNull();
	});

	it("are reset, disabled and lose a role only after a question", async () => {
		const { user, bodies, sent } = await open({
			"POST accounts/a1/disable": undefined,
			"DELETE accounts/a1/roles/g1": undefined,
			"POST accounts/codes": {
				items: [slip("hoai.vi", "Vi Thị Hoài")],
				next: null,
			},
		});
		const done = () => sent.map(({ request }) => request);
		await user.click(
			await screen.findByRole("button", { name: "Vi Thị Hoài" }),
		);
		await user.click(
			await screen.findByRole("button", {
				name: "Thu hồi Giảng viên, TH Yên Hòa",
			}),
		);
		await user.click(await screen.findByRole("button", { name: "Thôi" }));
		expect(done()).not.toContain("DELETE accounts/a1/roles/g1");
		await user.click(
			screen.getByRole("button", { name: "Thu hồi Giảng viên, TH Yên Hòa" }),
		);
		await user.click(await screen.findByTestId("account-yes"));
		await vi.waitFor(() =>
			expect(done()).toContain("DELETE accounts/a1/roles/g1"),
		);
		await user.click(screen.getByRole("button", { name: "Khóa tài khoản" }));
		await user.click(await screen.findByTestId("account-yes"));
		await vi.waitFor(() =>
			expect(done()).toContain("POST accounts/a1/disable"),
		);
		await user.click(screen.getByRole("button", { name: "Cấp lại mã" }));
		await user.click(await screen.findByTestId("account-yes"));
		expect(await screen.findByText("7KQ4 MW2P")).toBeVisible();
		expect(bodies("POST accounts/codes")).toEqual([
			{ people: ["p1"], reset: true },
		]);
	});

	it("lose their second factor after a question, where they have one", async () => {
		const { user, sent } = await open({
			"GET accounts/a3": {
				of: people[2],
				roles: [],
				linked: [],
				second_factor: false,
			},
			"DELETE accounts/a1/second-factor": undefined,
		});
		const key = { name: "Gỡ xác thực hai lớp" };
		await user.click(
			await screen.findByRole("button", { name: "Ngân Thị Lả" }),
		);
		await screen.findByText("Thành viên, không có vai trò riêng");
		expect(screen.queryByRole("button", key)).toBeNull();
		await user.click(screen.getByRole("button", { name: "Vi Thị Hoài" }));
		await user.click(await screen.findByRole("button", key));
		expect(await screen.findByText(/chắc đúng là Vi Thị Hoài/)).toBeVisible();
		await user.click(screen.getByTestId("account-yes"));
		await vi.waitFor(() =>
			expect(sent.map(({ request }) => request)).toContain(
				"DELETE accounts/a1/second-factor",
			),
		);
	});

	it("are given a role with its days, as people write them", async () => {
		const { user, bodies } = await open({
			"POST accounts/a1/roles": new Refused(403, "beyond_own_role"),
		});
		await user.click(
			await screen.findByRole("button", { name: "Vi Thị Hoài" }),
		);
		await user.click(
			await screen.findByRole("button", { name: "Thêm vai trò" }),
		);
		await user.selectOptions(screen.getByLabelText("Vai trò"), "trainer");
		await user.selectOptions(
			screen.getByLabelText("Ở đơn vị, gồm cả cấp dưới"),
			"TH-15",
		);
		await user.clear(screen.getByLabelText("Từ ngày"));
		await user.type(screen.getByLabelText("Từ ngày"), "01/12/2026");
		await user.type(screen.getByLabelText("Đến hết ngày"), "31/02/2027");
		await user.click(screen.getByRole("button", { name: "Thêm vai trò" }));
		expect(screen.getByText("Viết ngày như 31/12/2026")).toBeVisible();
		await user.clear(screen.getByLabelText("Đến hết ngày"));
		await user.type(screen.getByLabelText("Đến hết ngày"), "28/02/2027");
		await user.click(screen.getByRole("button", { name: "Thêm vai trò" }));
		expect(bodies("POST accounts/a1/roles")).toEqual([
			{ role: "trainer", unit: "TH-15", from: "2026-12-01", to: "2027-02-28" },
		]);
		expect(
			await screen.findByText(/^Chỉ cho được vai trò, đơn vị và thời hạn nằm/),
		).toBeVisible();
	});

	it("are no page for a member, who is told whose it is", async () => {
		const { sent } = await openApp("/accounts", { "GET me": teacher });
		expect(
			await screen.findByText(
				"Tài khoản này không quản lý tài khoản của người khác",
			),
		).toBeVisible();
		expect(sent.map(({ request }) => request)).toEqual(["GET me"]);
	});
});
