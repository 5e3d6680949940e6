import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDate } from "@/format";
import { ButtonLink, Card, Loaded, Page } from "@/kit";
import type { Person } from "@/protocol/generated/Person";
import { useServer } from "@/session";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import { Appointments } from "./Appointments";
import { personQuery } from "./api";
import { Erased, PersonalData } from "./erasure/PersonalData";
import { Identity } from "./Identity";
import classes from "./People.module.css";

/** Somebody: what they are called, where they sit and sat, whether they can sign in. */
export function PersonPage() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "manage_people")}
			title={t("people.title")}
			refusal={t("people.notYours")}
			whose={t("people.whoMay")}
		>
			<OfAddress />
		</Only>
	);
}

function OfAddress() {
	const { t } = useTranslation();
	const { person: id } = useParams({ from: "/known/shell/people/$person" });
	const query = useQuery(personQuery(useServer(), id));
	const back = <ButtonLink to="/people">{t("person.back")}</ButtonLink>;
	return (
		<Loaded
			query={query}
			what={t("person.what")}
			frame={(waiting) => (
				<Page title={t("people.title")}>
					<Card>{waiting}</Card>
				</Page>
			)}
			wayOut={back}
		>
			{(person) => (
				<Page
					title={person.name}
					lead={
						person.erased_at_us === null
							? (person.code ?? t("person.noCode"))
							: t("erasure.erased", {
									day: formatDate(person.erased_at_us),
								})
					}
					aside={back}
				>
					{person.erased_at_us !== null &&
					person.may.includes("erase_person") ? (
						<Erased person={person} />
					) : (
						<Parts person={person} />
					)}
				</Page>
			)}
		</Loaded>
	);
}

function Parts({ person }: { person: Person }) {
	const queryClient = useQueryClient();
	const server = useServer();
	// What the server answered to a change is how it is by now.
	const [open, setOpen] = useState<"names" | "appointment" | null>(null);
	const changed = async (told: Person) => {
		queryClient.setQueryData(personQuery(server, told.id).queryKey, told);
		setOpen(null);
		await queryClient.invalidateQueries({ queryKey: ["people"] });
	};
	return (
		<div className={classes.person}>
			<Appointments
				person={person}
				adds={open === "appointment"}
				onAdd={(adds) => setOpen(adds ? "appointment" : null)}
				onChanged={changed}
			/>
			<div className={classes.beside}>
				<Identity
					person={person}
					edits={open === "names"}
					onEdit={(edits) => setOpen(edits ? "names" : null)}
					onChanged={changed}
				/>
				<PersonalData person={person} />
			</div>
		</div>
	);
}
