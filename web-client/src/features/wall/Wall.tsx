import {
	type KeyboardEvent,
	type ReactNode,
	useCallback,
	useEffect,
	useRef,
	useState,
} from "react";
import { useTranslation } from "react-i18next";
import { attendance, type Place } from "@/room/selectors";
import {
	usePlaces,
	useRoom,
	useRoomSession,
	useRoomState,
} from "@/room/useRoom";
import { VideoTile } from "@/ui/VideoTile";
import { LostFor, useTile } from "./useTile";
import classes from "./Wall.module.css";

/**
 * The wall: every invited point in its fixed place, one stop of the Tab key, walked with the arrows. Pressing a tile
 * hands it to `onPress`. Tells the server which places are in view.
 */
export function Wall({
	onPress,
	selected,
	onSelect,
}: {
	onPress: (place: Place, tile: HTMLElement) => void;
	/** The seat that the chair's keys act on. */
	selected: string | null;
	onSelect: (key: string) => void;
}) {
	const { t } = useTranslation("room");
	const places = usePlaces();
	const wall = useRef<HTMLElement>(null);
	const [stop, setStop] = useState<string | null>(null);
	useView(wall, places);
	const current = places.some((place) => place.key === stop)
		? stop
		: (places[0]?.key ?? null);

	const walk = (event: KeyboardEvent) => {
		const box = wall.current;
		if (!box) return;
		const index = places.findIndex((place) => place.key === current);
		const columns = getComputedStyle(box).gridTemplateColumns.split(" ").length;
		const steps: Record<string, number> = {
			ArrowRight: 1,
			ArrowLeft: -1,
			ArrowDown: columns,
			ArrowUp: -columns,
			Home: -index,
			End: places.length - 1 - index,
		};
		const step = steps[event.key];
		if (step === undefined) return;
		event.preventDefault();
		const next = places[index + step];
		if (!next) return;
		setStop(next.key);
		onSelect(next.key);
		tileOf(box, next.key)?.focus();
	};

	return (
		<section
			ref={wall}
			className={classes.wall}
			aria-label={t("wall.label", { count: places.length })}
			data-testid="wall"
			onKeyDown={walk}
		>
			{places.map((place) => (
				<Tile
					key={place.key}
					place={place}
					tabIndex={place.key === current ? 0 : -1}
					selected={place.key === selected}
					onPress={(tile) => {
						setStop(place.key);
						onSelect(place.key);
						onPress(place, tile);
					}}
				/>
			))}
			<Sum />
		</section>
	);
}

/** The same places as a list, for the phone. */
export function SeatList({
	onPress,
}: {
	onPress: (place: Place, tile: HTMLElement) => void;
}) {
	const places = usePlaces();
	const list = useRef<HTMLUListElement>(null);
	useView(list, places);
	return (
		<ul ref={list} className={classes.list} data-testid="wall">
			{places.map((place) => (
				<li key={place.key}>
					<Tile
						row
						place={place}
						tabIndex={0}
						selected={false}
						onPress={(tile) => onPress(place, tile)}
					/>
				</li>
			))}
		</ul>
	);
}

function Tile({
	place,
	row,
	tabIndex,
	selected,
	onPress,
}: {
	place: Place;
	/** Picture and plate beside each other. */
	row?: boolean;
	tabIndex: number;
	selected: boolean;
	onPress: (tile: HTMLElement) => void;
}) {
	const { parts, label, microphone } = useTile(place);
	const lost = parts.state === "reconnecting" && place.occupant !== null;
	const shown =
		lost && parts.flag
			? {
					...parts,
					flag: { ...parts.flag, text: "" },
					note: <LostNote id={place.occupant ?? ""} icon={parts.flag.icon} />,
				}
			: parts;
	return (
		<VideoTile
			parts={lost ? { ...shown, flag: null } : shown}
			aria-label={label}
			aria-pressed={selected}
			data-row={row || undefined}
			tabIndex={tabIndex}
			onClick={(event) => onPress(event.currentTarget)}
			data-testid="seat"
			data-place={place.key}
			data-seat={place.seat?.number}
			data-participant={place.occupant ?? undefined}
			data-microphone={microphone ?? undefined}
		/>
	);
}

function LostNote({ id, icon }: { id: string; icon: ReactNode }) {
	return (
		<>
			{icon}
			<span className="fig">
				<LostFor id={id} />
			</span>
		</>
	);
}

function Sum() {
	const { t } = useTranslation("room");
	const { present, lost, invited } = attendance(useRoomState());
	const viewers = useRoom((view) => view.room?.viewers ?? 0);
	return (
		<p className={classes.sum}>
			<b>{t("wall.present", { count: present })}</b>
			{t("wall.rest", { lost, absent: invited - present - lost })}
			{viewers > 0 && (
				<>
					<br />
					{t("wall.viewers", { count: viewers })}
				</>
			)}
		</p>
	);
}

const tileOf = (box: HTMLElement, key: string) =>
	[...box.querySelectorAll<HTMLElement>("[data-place]")].find(
		(tile) => tile.dataset.place === key,
	);

/** Tells the server which occupied places are in view, top first, whenever that changes. */
function useView(
	box: React.RefObject<HTMLElement | null>,
	places: readonly Place[],
): void {
	const session = useRoomSession();
	const inView = useRef(new Set<string>());
	const tell = useCallback(
		(all: readonly Place[]) => {
			session.setView(
				all.flatMap(({ key, occupant }) =>
					occupant !== null && inView.current.has(key) ? [occupant] : [],
				),
			);
		},
		[session],
	);
	useEffect(() => {
		const root = box.current;
		if (!root) return;
		if (typeof IntersectionObserver === "undefined") return;
		const observer = new IntersectionObserver(
			(entries) => {
				for (const entry of entries) {
					const key = (entry.target as HTMLElement).dataset.place ?? "";
					if (entry.isIntersecting) inView.current.add(key);
					else inView.current.delete(key);
				}
				tell(places);
			},
			{ threshold: 0.2 },
		);
		for (const tile of root.querySelectorAll("[data-place]")) {
			observer.observe(tile);
		}
		return () => observer.disconnect();
	}, [box, places, tell]);
}
