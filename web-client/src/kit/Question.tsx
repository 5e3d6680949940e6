import { Button, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isSecondClick } from "./Key";
import classes from "./Question.module.css";

/** Asks before something that a slip of the thumb must not do. What changes nothing has the focus. */
export function Question({
	opened,
	title,
	no,
	yes,
	testId,
	onClose,
	onYes,
	children,
}: {
	opened: boolean;
	title: string;
	/** What changes nothing, as a word on a key. */
	no: string;
	/** What is asked about, as a word on a key. */
	yes: string;
	/** Of the key that does it. */
	testId: string;
	onClose: () => void;
	/** Called before `onClose`. */
	onYes: () => void;
	/** What will happen. */
	children: ReactNode;
}) {
	const { t } = useTranslation();
	return (
		<Modal
			opened={opened}
			onClose={onClose}
			title={title}
			closeButtonProps={{ "aria-label": t("kit.close") }}
			// Over a drawer whose key asked, whichever of the two came first.
			zIndex="calc(var(--mantine-z-index-modal) + 1)"
			centered
		>
			{children}
			<div className={classes.keys}>
				<Button onClick={onClose} data-autofocus>
					{no}
				</Button>
				<Button
					className={classes.end}
					data-testid={testId}
					onClick={(event) => {
						// The second press of what opened this was no answer.
						if (isSecondClick(event)) return;
						onYes();
						onClose();
					}}
				>
					{yes}
				</Button>
			</div>
		</Modal>
	);
}
