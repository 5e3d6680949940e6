import { Menu, UnstyledButton } from "@mantine/core";
import {
	IconChevronDown,
	IconLanguage,
	IconLogout,
	IconMenu2,
	IconUserCircle,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { formatSeconds } from "@/format";
import { setLanguage } from "@/i18n";
import { Banner, Mark } from "@/kit";
import type { Me } from "@/protocol/generated/Me";
import { signOut, useReach, useServer } from "@/session";
import { useBranding } from "@/session/useBranding";
import { useOpenGuide } from "@/session/useGuide";
import { may, useMe } from "@/session/useMe";
import classes from "./Shell.module.css";

/** How many sections stand as words in the header of a small desk; with more, a narrower one has them in the menu. */
const most = 6;

/** The pages' frame: skip link, header with the sections as words, account menu, and the page. */
export function Shell() {
	const { t } = useTranslation();
	const me = useMe();
	const sections = useSections(me, useOpenGuide() !== null);
	const department = useBranding();
	useFocusOnNavigation();
	return (
		<>
			<a className={classes.skip} href="#main">
				{t("shell.skip")}
			</a>
			<header
				className={classes.top}
				data-many={sections.length > most || undefined}
			>
				<Link to="/" className={classes.brand}>
					<Mark own={department.emblem} />
					<span>
						<b>{t("product")}</b>
						<small>
							{department.short_name ?? department.name ?? t("tagline")}
						</small>
					</span>
				</Link>
				{sections.length > 0 && (
					<nav aria-label={t("shell.sections")} className={classes.sections}>
						{sections.map(({ to, label }) => (
							<Link
								key={to}
								to={to}
								// What is chosen on a page is no other page.
								activeOptions={{ exact: to === "/", includeSearch: false }}
							>
								{label}
							</Link>
						))}
					</nav>
				)}
				<AccountMenu me={me} sections={sections} />
			</header>
			<CutOff />
			<main id="main" tabIndex={-1} className={classes.main}>
				<Outlet />
			</main>
		</>
	);
}

/** How often a page that is cut off asks again, in milliseconds. */
const askAgainMs = 3_000;

/** Says that the server does not answer, as soon as that is known, and asks for what is shown until it does. */
function CutOff() {
	const { t } = useTranslation();
	const queryClient = useQueryClient();
	const { state, heardUs } = useReach();
	useEffect(() => {
		const ask = () =>
			void queryClient.refetchQueries(
				{ type: "active" },
				{ cancelRefetch: false },
			);
		// The system knows of its own cable at once; whether the server is out of reach then, a request tells.
		window.addEventListener("offline", ask);
		window.addEventListener("online", ask);
		const timer =
			state === "reached" ? undefined : setInterval(ask, askAgainMs);
		return () => {
			window.removeEventListener("offline", ask);
			window.removeEventListener("online", ask);
			clearInterval(timer);
		};
	}, [queryClient, state]);
	// Where nothing is shown yet, that place says why.
	const shows = queryClient
		.getQueryCache()
		.findAll({ type: "active" })
		.some((query) => query.state.data !== undefined);
	if (state === "reached" || heardUs === null || !shows) return null;
	return (
		<div className={classes.cutOff}>
			<Banner tone="bad">
				{t(`shell.cutOff.${state}`, { time: formatSeconds(heardUs) })}
			</Banner>
		</div>
	);
}

/** After a link leads to another page the keyboard starts there, as after a full load; a field that asked for the focus keeps it. */
function useFocusOnNavigation() {
	const router = useRouter();
	useEffect(
		() =>
			router.subscribe("onResolved", ({ pathChanged, fromLocation }) => {
				const main = document.getElementById("main");
				if (!pathChanged || fromLocation === undefined || main === null) return;
				if (!main.contains(document.activeElement)) {
					main.focus({ preventScroll: true });
				}
			}),
		[router],
	);
}

interface Section {
	to:
		| "/"
		| "/guide"
		| "/sessions/new"
		| "/classes"
		| "/monitor"
		| "/units"
		| "/points"
		| "/people"
		| "/accounts"
		| "/system"
		| "/system/keys";
	label: string;
}

/** The sections this person has use for; none for a guest, who has one session. */
function useSections(me: Me, isFirstDay: boolean): Section[] {
	const { t } = useTranslation();
	if (me.link_session !== null) return [];
	const sections: Section[] = [{ to: "/", label: t("home.title") }];
	if (isFirstDay) sections.push({ to: "/guide", label: t("sections.guide") });
	if (may(me, "plan_sessions")) {
		sections.push({ to: "/sessions/new", label: t("create.title") });
	}
	sections.push({ to: "/classes", label: t("classes.title") });
	if (may(me, "open_monitor")) {
		sections.push({ to: "/monitor", label: t("monitor.title") });
	}
	if (may(me, "change_units")) {
		sections.push({ to: "/units", label: t("sections.units") });
	}
	if (may(me, "manage_points")) {
		sections.push({ to: "/points", label: t("sections.points") });
	}
	if (may(me, "manage_people")) {
		sections.push({ to: "/people", label: t("sections.people") });
	}
	if (may(me, "list_accounts")) {
		sections.push({ to: "/accounts", label: t("sections.accounts") });
	}
	if (may(me, "open_system") || may(me, "view_settings")) {
		sections.push({ to: "/system", label: t("sections.system") });
	} else if (may(me, "manage_keys")) {
		sections.push({ to: "/system/keys", label: t("sections.keys") });
	}
	return sections;
}

/** Name and role; opens language and sign-out, and on narrow screens the sections too. */
function AccountMenu({ me, sections }: { me: Me; sections: Section[] }) {
	const { t, i18n } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const navigate = useNavigate();
	const many = sections.length > most || undefined;
	const role =
		me.roles[0]?.role ??
		(me.login === null ? (me.bridge_point ? "point" : "guest") : "member");
	const other = i18n.language === "en" ? "vi" : "en";

	const leave = async () => {
		try {
			await signOut(server);
		} finally {
			// The page goes first: one that is still there would ask again for what is forgotten.
			await navigate({ to: "/sign-in" });
			queryClient.clear();
		}
	};

	return (
		<Menu
			withInitialFocusPlaceholder={false}
			position="bottom-end"
			width={260}
			shadow="md"
			offset={4}
		>
			<Menu.Target>
				<UnstyledButton
					className={classes.account}
					aria-label={t("shell.account", { name: me.name })}
				>
					<span className={classes.who}>
						<b>{me.name}</b>
						<span>{t(`role.${role}`)}</span>
					</span>
					<IconChevronDown
						className={classes.wide}
						size={20}
						stroke={1.9}
						aria-hidden="true"
					/>
					<IconMenu2
						className={classes.narrow}
						data-many={many}
						size={28}
						stroke={1.9}
						aria-hidden="true"
					/>
				</UnstyledButton>
			</Menu.Target>
			<Menu.Dropdown>
				<Menu.Label>
					<span className={classes.narrow}>{me.name}, </span>
					{me.roles[0]?.unit.name ?? me.bridge_point?.name ?? me.name}
				</Menu.Label>
				{sections.map(({ to, label }) => (
					<Menu.Item
						key={to}
						className={`${classes.item} ${classes.narrow}`}
						data-many={many}
						component={Link}
						to={to}
					>
						{label}
					</Menu.Item>
				))}
				{sections.length > 0 && (
					<Menu.Divider className={classes.narrow} data-many={many} />
				)}
				{may(me, "keep_own_account") && (
					<Menu.Item
						className={classes.item}
						component={Link}
						to="/account"
						leftSection={
							<IconUserCircle size={20} stroke={1.9} aria-hidden="true" />
						}
					>
						{t("sections.ownAccount")}
					</Menu.Item>
				)}
				<Menu.Item
					className={classes.item}
					lang={other}
					leftSection={
						<IconLanguage size={20} stroke={1.9} aria-hidden="true" />
					}
					onClick={() => void setLanguage(other)}
				>
					{t(`language.${other}`)}
				</Menu.Item>
				<Menu.Item
					className={classes.item}
					leftSection={<IconLogout size={20} stroke={1.9} aria-hidden="true" />}
					onClick={() => void leave()}
				>
					{t("shell.signOut")}
				</Menu.Item>
			</Menu.Dropdown>
		</Menu>
	);
}
