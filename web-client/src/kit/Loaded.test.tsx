import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { describe, expect, it, vi } from "vitest";
import { i18n, startI18n } from "@/i18n";
import { ErrorWordsProvider } from "./errorWords";
import { type Asked, Loaded } from "./Loaded";

const no = new Error("no");
const silence = new Error("silence");

/** A part of a page whose question stands as `asked` says. */
async function show(
	asked: Partial<Asked<string>>,
	props: { keep?: boolean } = {},
) {
	await startI18n("vi");
	const refetch = vi.fn();
	const query = {
		data: undefined,
		error: null,
		isPending: false,
		refetch,
		...asked,
	};
	render(
		<I18nextProvider i18n={i18n}>
			<MantineProvider>
				<ErrorWordsProvider
					value={(error) => ({
						sentence: error === no ? "Không được xem." : "Không trả lời.",
						code: "7",
						final: error === no,
					})}
				>
					<Loaded
						query={query}
						what="danh sách"
						frame={(waiting) => <section aria-label="khung">{waiting}</section>}
						wayOut={<a href="/">Về đầu</a>}
						{...props}
					>
						{(data) => <p>{data}</p>}
					</Loaded>
				</ErrorWordsProvider>
			</MantineProvider>
		</I18nextProvider>,
	);
	return { refetch, user: userEvent.setup() };
}

describe("a guarded part", () => {
	it("says what loads, within the frame that is given for it", async () => {
		await show({ isPending: true });
		expect(await screen.findByRole("status")).toHaveTextContent(
			"Đang tải danh sách…",
		);
		expect(screen.getByRole("region", { name: "khung" })).toBeVisible();
	});

	it("says why there is nothing, and asks again when told to", async () => {
		const { refetch, user } = await show({ error: silence });
		expect(screen.getByRole("alert")).toHaveTextContent(
			/Chưa tải được danh sách.*Không trả lời\..*7/,
		);
		expect(screen.queryByRole("link")).toBeNull();
		await user.click(screen.getByRole("button", { name: "Thử lại" }));
		expect(refetch).toHaveBeenCalledOnce();
	});

	it("shows the answer without the frame", async () => {
		await show({ data: "Một" });
		expect(screen.getByText("Một")).toBeVisible();
		expect(screen.queryByRole("region")).toBeNull();
	});

	it("keeps the last answer in sight while nothing newer comes", async () => {
		await show({ data: "Một", error: silence });
		expect(screen.getByText("Một")).toBeVisible();
	});

	it("takes it away at a no, and shows the way out where asking again is in vain", async () => {
		await show({ data: "Một", error: no });
		expect(screen.queryByText("Một")).toBeNull();
		expect(screen.queryByRole("button")).toBeNull();
		expect(screen.getByRole("link", { name: "Về đầu" })).toBeVisible();
	});

	it("keeps it even then where the page says so", async () => {
		await show({ data: "Một", error: no }, { keep: true });
		expect(screen.getByText("Một")).toBeVisible();
	});
});
