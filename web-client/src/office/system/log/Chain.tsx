import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatDateTime, formatInteger } from "@/format";
import { Card, Status, type Tone } from "@/kit";
import type { AuditChain } from "@/protocol/generated/AuditChain";
import type { AuditFault } from "@/protocol/generated/AuditFault";
import { useErrorSentence, useServer } from "@/session";
import { checkChain } from "../api";
import classes from "./Log.module.css";

/** Whether the log is as it was written: checked when somebody asks. */
export function Chain() {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const check = useMutation({
		mutationFn: () => checkChain(server),
		// The check is a line of the log, too.
		onSettled: () => queryClient.invalidateQueries({ queryKey: ["audit-log"] }),
	});
	return (
		<Card className={classes.chain}>
			<div role="status">
				{check.data === undefined ? (
					<p>
						<b>{t("system.chain.title")}</b>
						<br />
						{t("system.chain.what")}
					</p>
				) : (
					<Found chain={check.data} />
				)}
			</div>
			<Button
				variant="default"
				loading={check.isPending}
				onClick={() => check.mutate()}
			>
				{t(
					check.data === undefined
						? "system.chain.check"
						: "system.chain.again",
				)}
			</Button>
			{check.error !== null && <p role="alert">{sentence(check.error)}</p>}
		</Card>
	);
}

function Found({ chain }: { chain: AuditChain }) {
	const { t } = useTranslation();
	const { faults, head } = chain;
	const tone: Tone = faults.length > 0 ? "bad" : head === null ? "warn" : "ok";
	const said = {
		bad: t("system.chain.faulty", { count: faults.length }),
		warn: t("system.chain.noWitness"),
		ok: t("system.chain.intact"),
		info: "",
		none: "",
	}[tone];
	return (
		<>
			<Status tone={tone}>
				<b>{said}</b>
			</Status>
			<p>
				{t("system.chain.lines", {
					lines: formatInteger(chain.lines),
					at: formatDateTime(chain.checked_at_us),
				})}
			</p>
			{faults.length > 0 && (
				<ul>
					{faults.slice(0, 5).map((fault) => (
						<li key={JSON.stringify(fault)}>
							<Fault fault={fault} />
						</li>
					))}
				</ul>
			)}
		</>
	);
}

function Fault({ fault }: { fault: AuditFault }) {
	const { t } = useTranslation();
	switch (fault.kind) {
		case "missing":
			return t("system.chain.missing", {
				from: formatInteger(fault.from),
				to: formatInteger(fault.to),
			});
		case "changed":
			return t("system.chain.changed", { seq: formatInteger(fault.seq) });
		case "rewritten":
			return t("system.chain.rewritten", { seq: formatInteger(fault.seq) });
	}
}
