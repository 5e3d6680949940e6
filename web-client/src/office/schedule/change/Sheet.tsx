import { Button, Drawer } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Change.module.css";

/** A form at the right of the page, whose keys stay in sight; on a telephone it takes the whole screen. */
export function Sheet({
	title,
	note,
	no,
	yes,
	danger = false,
	ready = true,
	pending,
	onClose,
	onSubmit,
	children,
}: {
	title: string;
	/** What stays as it is. */
	note?: string;
	/** What changes nothing, as a word on a key. */
	no: string;
	/** What will be done, as a word on a key. */
	yes: string;
	/** Whether it cannot be taken back. */
	danger?: boolean;
	/** Whether there is something to do. */
	ready?: boolean;
	pending: boolean;
	onClose: () => void;
	onSubmit: () => void;
	children: ReactNode;
}) {
	const { t } = useTranslation();
	return (
		<Drawer
			opened
			onClose={onClose}
			position="right"
			size={488}
			title={title}
			closeButtonProps={{ "aria-label": t("kit.close") }}
			classNames={{
				content: classes.content ?? "",
				header: classes.header ?? "",
				title: classes.title ?? "",
				body: classes.body ?? "",
			}}
		>
			<form
				className={classes.form}
				noValidate
				aria-label={title}
				onSubmit={(event: FormEvent) => {
					event.preventDefault();
					if (ready && !pending) onSubmit();
				}}
			>
				<div className={classes.fields}>{children}</div>
				<div className={classes.foot}>
					{note && <p>{note}</p>}
					<Button onClick={onClose}>{no}</Button>
					<Button
						type="submit"
						variant={danger ? "outline" : "filled"}
						color={danger ? "red" : undefined}
						loading={pending}
						aria-disabled={!ready || undefined}
						data-disabled={!ready || undefined}
					>
						{yes}
					</Button>
				</div>
			</form>
		</Drawer>
	);
}
