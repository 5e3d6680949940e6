import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconCopy, IconLink } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDateTime, seatName } from "@/format";
import { Banner, Card, CopyButton, Section } from "@/kit";
import type { Link } from "@/protocol/generated/Link";
import type { LinkRequest } from "@/protocol/generated/LinkRequest";
import type { Session } from "@/protocol/generated/Session";
import { useErrorSentence, useServer } from "@/session";
import { createLink, linksQuery } from "../api";
import { LinkList } from "./LinkList";
import classes from "./Links.module.css";

/** A link as made here, with words for whom it is. */
interface Made {
	link: Link;
	whom: string;
}

/** Joining links: made for a point's room device, a presenter, or somebody who follows; each address is shown once. Below, all there are, with the key that takes them back. */
export function Links({
	session,
	ahead,
}: {
	session: Session;
	/** Whether new ones make sense. */
	ahead: boolean;
}) {
	const { t } = useTranslation();
	const [made, setMade] = useState<Made | null>(null);
	return (
		<Section
			title={t("links.title")}
			className={classes.section}
			aside={
				<CopyButton
					size="sm"
					label={t("links.copyAddress")}
					text={`${window.location.origin}/s/${session.code}`}
					icon={<IconLink size={20} stroke={1.9} aria-hidden="true" />}
				/>
			}
		>
			<Card className={classes.card}>
				{ahead && (
					<>
						<p className={classes.hint}>{t("links.hint")}</p>
						<Maker session={session} onMade={setMade} />
					</>
				)}
				<div aria-live="polite">
					{made && (
						<div className={classes.made}>
							<b>{made.whom}</b>
							<TextInput
								aria-label={t("links.address", { whom: made.whom })}
								value={made.link.url}
								readOnly
								onFocus={(event) => event.currentTarget.select()}
							/>
							<CopyButton
								label={t("links.copy")}
								text={made.link.url}
								icon={<IconCopy size={20} stroke={1.9} aria-hidden="true" />}
							/>
							<small>
								{t("links.expires", {
									time: formatDateTime(made.link.expires_at_us),
								})}
							</small>
						</div>
					)}
				</div>
				<LinkList
					code={session.code}
					onRevoked={(id) => made?.link.id === id && setMade(null)}
				/>
			</Card>
		</Section>
	);
}

function Maker({
	session,
	onMade,
}: {
	session: Session;
	onMade: (made: Made) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const [role, setRole] = useState<"point" | "presenter" | "viewer">("viewer");
	const [point, setPoint] = useState(session.invited[0]?.code ?? "");
	const [name, setName] = useState("");

	const make = useMutation({
		mutationFn: async (): Promise<Made> => {
			const request: LinkRequest =
				role === "point"
					? { role, bridge_point: point }
					: { role, ...(name.trim() !== "" && { name: name.trim() }) };
			const link = await createLink(server, session.code, request);
			const pointName = session.invited.find(
				({ code }) => code === point,
			)?.name;
			return {
				link,
				whom:
					role === "point"
						? (pointName ?? point)
						: `${t(`sessionRole.${role}`)}: ${name.trim() || t("session.anyName")}`,
			};
		},
		onSuccess: async (made) => {
			onMade(made);
			setName("");
			await queryClient.invalidateQueries(linksQuery(server, session.code));
		},
	});

	const submit = (event: FormEvent) => {
		event.preventDefault();
		make.mutate();
	};

	return (
		<>
			<form className={classes.form} onSubmit={submit}>
				<NativeSelect
					size="md"
					label={t("links.role")}
					value={role}
					onChange={(event) =>
						setRole(event.currentTarget.value as typeof role)
					}
					data={[
						{ value: "viewer", label: t("links.viewer") },
						{ value: "presenter", label: t("links.presenter") },
						...(session.invited.length > 0
							? [{ value: "point", label: t("links.point") }]
							: []),
					]}
				/>
				{role === "point" ? (
					<NativeSelect
						size="md"
						label={t("sessionRole.point")}
						value={point}
						onChange={(event) => setPoint(event.currentTarget.value)}
						data={session.invited.map((invited) => ({
							value: invited.code,
							label: seatName(invited),
						}))}
					/>
				) : (
					<TextInput
						label={t("links.name")}
						placeholder={t("session.anyName")}
						value={name}
						onChange={(event) => setName(event.currentTarget.value)}
					/>
				)}
				<Button type="submit" loading={make.isPending}>
					{t("links.make")}
				</Button>
			</form>
			{make.isError && <Banner tone="bad">{sentence(make.error)}</Banner>}
		</>
	);
}
