import { Button } from "@mantine/core";
import {
	IconCalendarTime,
	IconCalendarX,
	IconClockPlus,
	IconPencil,
} from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "@/protocol/generated/Session";
import classes from "./ChangeKeys.module.css";

// Fetched when one is opened: the page of a session shows the way into its room first.
const forms = () => import("./forms");
const Cancel = lazy(async () => ({ default: (await forms()).Cancel }));
const Edit = lazy(async () => ({ default: (await forms()).Edit }));
const Extend = lazy(async () => ({ default: (await forms()).Extend }));
const Move = lazy(async () => ({ default: (await forms()).Move }));

type Form = "edit" | "move" | "extend" | "cancel";

/** The keys that change a session, as far as it can still be changed by whoever looks at it. */
export function ChangeKeys({
	session,
	now,
}: {
	session: Session;
	now: number;
}) {
	const { t } = useTranslation();
	const [form, setForm] = useState<Form | null>(null);
	const { changeable, may } = session;
	const edits = may.includes("edit_session") && changeable !== "nothing";
	const cancels = may.includes("cancel_session") && changeable === "wholly";
	const close = () => setForm(null);
	const key = (opens: Form, icon: ReactNode, label: string, danger = false) => (
		<Button
			color={danger ? "red" : undefined}
			variant={danger ? "outline" : undefined}
			leftSection={icon}
			onClick={() => setForm(opens)}
		>
			{label}
		</Button>
	);
	const icon = { size: 20, stroke: 1.9, "aria-hidden": true } as const;

	return (
		<>
			{(edits || cancels) && (
				<div className={classes.keys}>
					{edits && key("edit", <IconPencil {...icon} />, t("change.editKey"))}
					{edits &&
						(changeable === "wholly"
							? key("move", <IconCalendarTime {...icon} />, t("change.move"))
							: key("extend", <IconClockPlus {...icon} />, t("change.extend")))}
					{cancels &&
						key(
							"cancel",
							<IconCalendarX {...icon} />,
							t("change.cancel"),
							true,
						)}
				</div>
			)}
			<Suspense fallback={null}>
				{form === "edit" && <Edit session={session} onClose={close} />}
				{form === "move" && (
					<Move session={session} now={now} onClose={close} />
				)}
				{form === "extend" && (
					<Extend session={session} now={now} onClose={close} />
				)}
				{form === "cancel" && <Cancel session={session} onClose={close} />}
			</Suspense>
		</>
	);
}
