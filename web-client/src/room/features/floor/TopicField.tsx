import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { SmallKey } from "@/kit/SmallKey";
import { useRoomSession } from "@/room/view/useRoom";
import classes from "./Floor.module.css";

/** As many characters as the server takes. */
const MOST = 120;

/** What one would speak about, while one's hand is up. The hand is up before it is written: nobody loses their place by typing. */
export function TopicField({ topic }: { topic: string | null }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const [typed, setTyped] = useState<string | null>(null);
	const text = typed ?? topic ?? "";
	const changed = text.trim() !== (topic ?? "");
	const save = async () => {
		const sent = text.trim();
		if (!changed) return;
		// What could not be sent stays where it was typed.
		if (await session.ask({ type: "set_topic", topic: sent })) setTyped(null);
	};
	const submit = (event: FormEvent) => {
		event.preventDefault();
		void save();
	};
	return (
		<form className={classes.topicField} onSubmit={submit}>
			<input
				aria-label={t("floor.topic")}
				placeholder={t("floor.topic")}
				title={t("floor.topicHint")}
				value={text}
				maxLength={MOST}
				onChange={({ currentTarget }) => setTyped(currentTarget.value)}
				data-testid="topic"
			/>
			{changed && (
				<SmallKey testId="topic-save" onPress={() => void save()}>
					{t("floor.topicSave")}
				</SmallKey>
			)}
		</form>
	);
}
