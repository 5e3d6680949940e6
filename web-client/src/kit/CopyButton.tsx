import { Button, type ButtonProps } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

/** Puts a text on the clipboard and says so for three seconds. */
export function CopyButton({
	text,
	label,
	icon,
	size,
}: {
	text: string;
	label: string;
	icon: ReactNode;
	size?: ButtonProps["size"];
}) {
	const { t } = useTranslation();
	const [state, setState] = useState<"rest" | "copied" | "failed">("rest");
	useEffect(() => {
		if (state === "rest") return;
		const timer = setTimeout(() => setState("rest"), 3_000);
		return () => clearTimeout(timer);
	}, [state]);

	const copy = async () => {
		try {
			await navigator.clipboard.writeText(text);
			setState("copied");
		} catch {
			setState("failed"); // Not a secure page, or the browser says no: the text can still be selected by hand.
		}
	};

	return (
		<>
			<Button
				size={size}
				onClick={() => void copy()}
				leftSection={
					state === "copied" ? (
						<IconCircleCheck size={20} stroke={1.9} aria-hidden="true" />
					) : (
						icon
					)
				}
			>
				{label}
			</Button>
			<span className="vh" role="status">
				{state === "copied" && t("kit.copied")}
				{state === "failed" && t("kit.copyFailed")}
			</span>
		</>
	);
}
