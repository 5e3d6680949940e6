import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import {
	type FormEvent,
	type ReactNode,
	useEffect,
	useRef,
	useState,
} from "react";
import { useTranslation } from "react-i18next";
import { countCharacters } from "@/format";
import { LanguageSwitch } from "@/i18n/LanguageSwitch";
import { Banner, ButtonLink, Loading, Mark, useDocumentTitle } from "@/kit";
import type { LinkPreview } from "@/protocol/generated/LinkPreview";
import type { Me } from "@/protocol/generated/Me";
import { ApiError, meQuery, useErrorSentence, useServer } from "@/session";
import { isOver } from "@/shared/session/times";
import { exchangeLink, linkPreviewQuery } from "../api";
import { Destination } from "./Destination";
import classes from "./JoiningLink.module.css";

/** The longest name, in characters as people count them: the server's own line. */
const maxName = 80;

/** A joining link: where it leads is said first; then whom it names goes in at once, and a guest says a name. */
export function JoiningLink() {
	const { t } = useTranslation();
	useDocumentTitle(t("link.title"));
	const { secret } = useParams({ from: "/j/$secret" });
	const server = useServer();
	const sentence = useErrorSentence();
	const preview = useQuery(linkPreviewQuery(server, secret));

	// Who is signed in here decides what is offered; where that cannot be told, nobody is.
	const me = useQuery(meQuery(server));
	if (preview.data !== undefined && !me.isPending) {
		return (
			<Known secret={secret} preview={preview.data} me={me.data ?? null} />
		);
	}
	return (
		<Frame>
			<h1>{t("link.title")}</h1>
			{preview.isPending || preview.data !== undefined ? (
				<Loading what={t("link.what")} />
			) : (
				<>
					<Banner
						tone="bad"
						action={
							preview.error instanceof ApiError &&
							(preview.error.status === 0 || preview.error.status >= 500) ? (
								<Button onClick={() => void preview.refetch()}>
									{t("kit.retry")}
								</Button>
							) : undefined
						}
					>
						{sentence(preview.error)}
					</Banner>
					<ButtonLink to="/sign-in">{t("link.signIn")}</ButtonLink>
				</>
			)}
		</Frame>
	);
}

function Frame({ children }: { children: ReactNode }) {
	const { t } = useTranslation();
	return (
		<div className={classes.page}>
			<header className={classes.top}>
				<Mark />
				<b>{t("product")}</b>
				<LanguageSwitch ground="dark" />
			</header>
			<main className={classes.card}>{children}</main>
		</div>
	);
}

/** A link that works: the meeting it leads to, and the way in. */
function Known({
	secret,
	preview,
	me,
}: {
	secret: string;
	preview: LinkPreview;
	/** Who is signed in in this browser. */
	me: Me | null;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const navigate = useNavigate();
	const sentence = useErrorSentence();
	const { state } = preview;
	const over = isOver(state);
	const isGuest = preview.bridge_point === null;
	const mayReplay = state === "ended" && isGuest && preview.guests_may_replay;

	const exchange = useMutation({
		mutationFn: (name?: string) => exchangeLink(server, secret, name),
		onSuccess: async (me) => {
			queryClient.clear();
			queryClient.setQueryData(meQuery(server).queryKey, me);
			// The secret leaves the address bar and the history.
			await navigate({
				to: over ? "/s/$code" : "/s/$code/room",
				params: { code: me.link_session ?? preview.session },
				replace: true,
			});
		},
	});

	// A link takes the place of an account that is signed in here; whoever only wants to look at it must be asked.
	const account = me?.login ? me.name : null;
	const [byLink, setByLink] = useState(false);
	const asks = account !== null && !byLink && (!over || mayReplay);
	// Whom the link names need not press anything: a room's computer may have no keyboard.
	const { mutate, isIdle } = exchange;
	const goes = isIdle && !preview.needs_name && !over && !asks;
	useEffect(() => {
		if (goes) mutate(undefined);
	}, [goes, mutate]);

	const failed = exchange.isError && (
		<Banner
			tone="bad"
			action={
				!preview.needs_name && (
					<Button onClick={() => exchange.mutate(undefined)}>
						{t("kit.retry")}
					</Button>
				)
			}
		>
			{sentence(exchange.error)}
		</Banner>
	);

	return (
		<Frame>
			<Destination preview={preview} />
			{over && !mayReplay ? (
				<>
					<Banner tone="info">
						{t(`session.shut.${state === "ended" ? "over" : state}`)}
					</Banner>
					<ButtonLink to="/sign-in">{t("link.signIn")}</ButtonLink>
				</>
			) : asks ? (
				<>
					<Banner tone="warn">{t("link.signedIn", { name: account })}</Banner>
					<ButtonLink
						to={over ? "/s/$code" : "/s/$code/room"}
						params={{ code: preview.session }}
						variant="filled"
						size="lg"
					>
						{t("link.asAccount", { name: account })}
					</ButtonLink>
					<Button size="lg" onClick={() => setByLink(true)}>
						{t("link.byLink")}
					</Button>
				</>
			) : preview.needs_name ? (
				<NameForm
					label={t(mayReplay ? "link.replay" : "link.enter")}
					busy={exchange.isPending}
					onName={(name) => exchange.mutate(name)}
				>
					{failed}
				</NameForm>
			) : mayReplay && isIdle ? (
				<Button
					variant="filled"
					size="lg"
					onClick={() => exchange.mutate(undefined)}
				>
					{t("link.replay")}
				</Button>
			) : (
				failed || <p role="status">{t("link.opening")}</p>
			)}
		</Frame>
	);
}

function NameForm({
	label,
	busy,
	onName,
	children,
}: {
	label: string;
	busy: boolean;
	onName: (name: string) => void;
	children: ReactNode;
}) {
	const { t } = useTranslation();
	const [name, setName] = useState("");
	const [tried, setTried] = useState(false);
	const length = countCharacters(name.trim());
	const field = useRef<HTMLInputElement>(null);
	// Ready to be written in, but the meeting stays in sight; a touch opens the keyboard on the glass when it is wanted.
	useEffect(() => {
		if (!matchMedia("(pointer: coarse)").matches)
			field.current?.focus({ preventScroll: true });
	}, []);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setTried(true);
		if (length > 0 && length <= maxName) onName(name.trim());
	};
	return (
		<form onSubmit={submit} noValidate>
			<TextInput
				size="lg"
				label={t("link.name")}
				description={t("link.nameHint")}
				value={name}
				onChange={(event) => setName(event.currentTarget.value)}
				autoComplete="name"
				ref={field}
				required
				withAsterisk={false}
				error={
					length > maxName
						? t("link.nameLong", { limit: maxName })
						: tried && length === 0
							? t("link.nameMissing")
							: null
				}
			/>
			{children}
			<Button type="submit" variant="filled" size="lg" fullWidth loading={busy}>
				{label}
			</Button>
		</form>
	);
}
