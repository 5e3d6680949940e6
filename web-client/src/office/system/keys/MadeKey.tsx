import { Button, TextInput } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Banner, Card, CopyButton } from "@/kit";
import type { MadeApiKey } from "@/protocol/generated/MadeApiKey";
import classes from "./Keys.module.css";

/** A key that was made, the only time that it can be seen. */
export function MadeKey({
	made,
	onClose,
}: {
	made: MadeApiKey;
	onClose: () => void;
}) {
	const { t } = useTranslation();
	return (
		<Card>
			<section className={classes.form} aria-labelledby="made-key">
				<h2 id="made-key" className={classes.title}>
					{t("system.keys.made", { name: made.key.name })}
				</h2>
				<Banner tone="warn" urgent>
					{t("system.keys.once")}
				</Banner>
				<TextInput
					label={t("system.keys.secret")}
					value={made.secret}
					readOnly
					// What is told once is where the eye and the keyboard are.
					autoFocus
					spellCheck={false}
					className={classes.secret}
					onFocus={(event) => event.currentTarget.select()}
				/>
				<div className={classes.keys}>
					<CopyButton
						text={made.secret}
						label={t("system.keys.copy")}
						icon={<IconCopy size={20} stroke={1.9} aria-hidden="true" />}
					/>
					<Button onClick={onClose}>{t("system.keys.done")}</Button>
				</div>
				<div>
					<p>{t("system.keys.how")}</p>
					<code className={classes.code}>Authorization: Bearer dc_…</code>
				</div>
			</section>
		</Card>
	);
}
