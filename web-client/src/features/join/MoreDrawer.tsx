import { Drawer } from "@mantine/core";
import { type ReactNode, Suspense } from "react";
import { useTranslation } from "react-i18next";
import {
	PictureCodecChoice,
	ReceiveChoice,
	ShortcutList,
	Statistics,
} from "@/features/settings";
import { LanguageSwitch } from "@/ui/LanguageSwitch";
import classes from "./MoreDrawer.module.css";

/** What is needed seldom: what to receive, figures, keys, language. `children` come first: keys without room elsewhere. */
export function MoreDrawer({
	opened,
	onClose,
	shortcuts,
	wanted,
	onWanted,
	children,
}: {
	opened: boolean;
	onClose: () => void;
	shortcuts?: readonly { keys: string; what: string }[];
	wanted?: boolean;
	onWanted?: (wanted: boolean) => void;
	children?: ReactNode;
}) {
	const { t } = useTranslation("room");
	return (
		<Drawer
			opened={opened}
			onClose={onClose}
			position="right"
			size={420}
			title={t("more.title")}
			closeButtonProps={{ "aria-label": t("close") }}
		>
			<div className={classes.more} data-testid="more">
				{children && <div className={classes.keys}>{children}</div>}
				<ReceiveChoice />
				<PictureCodecChoice />
				<Suspense>
					<Statistics />
				</Suspense>
				{shortcuts && (
					<div>
						<ShortcutList keys={shortcuts} />
						<label className={classes.wanted}>
							<input
								type="checkbox"
								checked={wanted}
								onChange={(event) => onWanted?.(event.currentTarget.checked)}
							/>
							{t("more.keyboard")}
						</label>
					</div>
				)}
				<div className={classes.language}>
					<h3>{t("more.language")}</h3>
					<LanguageSwitch ground="dark" />
				</div>
			</div>
		</Drawer>
	);
}
