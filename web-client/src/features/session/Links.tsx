import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconCopy, IconLink, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi, useErrorSentence } from "@/api";
import { formatDateTime } from "@/format";
import type { Link } from "@/protocol/generated/Link";
import type { LinkRequest } from "@/protocol/generated/LinkRequest";
import type { Session } from "@/protocol/generated/Session";
import { Banner, Card, Section } from "@/ui";
import { CopyButton } from "./CopyButton";
import classes from "./Links.module.css";

/** A link as made here, with words for whom it is. */
interface Made {
	link: Link;
	whom: string;
}

/** Makes joining links: for a point's room device, a presenter, or somebody who follows. Each secret is shown once, here. */
export function Links({ session }: { session: Session }) {
	const { t } = useTranslation();
	const api = useApi();
	const sentence = useErrorSentence();
	const [role, setRole] = useState<"point" | "presenter" | "viewer">("viewer");
	const [point, setPoint] = useState(session.invited[0]?.code ?? "");
	const [name, setName] = useState("");
	const [made, setMade] = useState<Made[]>([]);

	const make = useMutation({
		mutationFn: async (): Promise<Made> => {
			const request: LinkRequest =
				role === "point"
					? { role, bridge_point: point }
					: { role, ...(name.trim() !== "" && { name: name.trim() }) };
			const link = await api.createLink(session.code, request);
			const pointName = session.invited.find(
				({ code }) => code === point,
			)?.name;
			return {
				link,
				whom:
					role === "point"
						? (pointName ?? point)
						: `${t(`sessionRole.${role}`)}: ${name.trim() || t("links.anyName")}`,
			};
		},
		onSuccess: (one) => {
			setMade((others) => [one, ...others]);
			setName("");
		},
	});
	const revoke = useMutation({
		mutationFn: (id: string) => api.revokeLink(id),
		onSuccess: (_, id) =>
			setMade((others) => others.filter(({ link }) => link.id !== id)),
	});

	const submit = (event: FormEvent) => {
		event.preventDefault();
		make.mutate();
	};

	return (
		<Section
			title={t("links.title")}
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
				<p className={classes.hint}>{t("links.hint")}</p>
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
							data={session.invited.map(({ code, name: label }) => ({
								value: code,
								label,
							}))}
						/>
					) : (
						<TextInput
							label={t("links.name")}
							placeholder={t("links.anyName")}
							value={name}
							maxLength={80}
							onChange={(event) => setName(event.currentTarget.value)}
						/>
					)}
					<Button type="submit" loading={make.isPending}>
						{t("links.make")}
					</Button>
				</form>
				{make.isError && <Banner tone="bad">{sentence(make.error)}</Banner>}
				{revoke.isError && <Banner tone="bad">{sentence(revoke.error)}</Banner>}
				<ul className={classes.made} aria-live="polite">
					{made.map(({ link, whom }) => (
						<li key={link.id}>
							<b>{whom}</b>
							<TextInput
								aria-label={t("links.address", { whom })}
								value={link.url}
								readOnly
								onFocus={(event) => event.currentTarget.select()}
							/>
							<CopyButton
								label={t("links.copy")}
								text={link.url}
								icon={<IconCopy size={20} stroke={1.9} aria-hidden="true" />}
							/>
							<Button
								onClick={() => revoke.mutate(link.id)}
								leftSection={
									<IconTrash size={20} stroke={1.9} aria-hidden="true" />
								}
								aria-label={`${t("links.revoke")}: ${whom}`}
							>
								{t("links.revoke")}
							</Button>
							<small>
								{t("links.expires", {
									time: formatDateTime(link.expires_at_us),
								})}
							</small>
						</li>
					))}
				</ul>
			</Card>
		</Section>
	);
}
