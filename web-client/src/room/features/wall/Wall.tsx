import {
	type KeyboardEvent,
	type ReactNode,
	useCallback,
	useEffect,
	useLayoutEffect,
	useMemo,
	useRef,
	useState,
} from "react";
import { useTranslation } from "react-i18next";
import { attendance, hasPicture, type Place } from "@/room/state/selectors";
import {
	usePlaces,
	useRoom,
	useRoomSession,
	useRoomState,
} from "@/room/view/useRoom";
import { VideoTile } from "@/room/view/VideoTile";
import { pictureIn, shapeOf } from "./shape";
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
	const places = useShownPlaces();
	const wall = useRef<HTMLElement>(null);
	const [stop, setStop] = useState<string | null>(null);
	useView(wall, places);
	useShape(wall, places);
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
	const places = useShownPlaces();
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

/** The places of the wall; by choice without those that have no picture. Seats keep their order and their numbers. */
function useShownPlaces(): readonly Place[] {
	const places = usePlaces();
	const hide = useRoom((view) => view.display.hideEmpty);
	const shown = useRoom((view) =>
		hide
			? places
					.filter((place) => hasPicture(view, place))
					.map(({ key }) => key)
					.join(" ")
			: null,
	);
	return useMemo(() => {
		if (shown === null) return places;
		const keys = new Set(shown.split(" "));
		return places.filter(({ key }) => keys.has(key));
	}, [places, shown]);
}

/**
 * Lays the wall out by its own size and that of its plates, whenever one of them changes. A name of two lines takes its
 * place from all pictures alike.
 */
function useShape(
	box: React.RefObject<HTMLElement | null>,
	places: readonly Place[],
): void {
	useLayoutEffect(() => {
		const wall = box.current;
		if (!wall) return;
		const measure = () => {
			const style = getComputedStyle(wall);
			const number = (value: string) => Number.parseFloat(value) || 0;
			const gap = number(style.rowGap);
			const height = style.getPropertyValue("--wall-flows")
				? null
				: wall.clientHeight -
					number(style.paddingTop) -
					number(style.paddingBottom);
			const sum = number(style.getPropertyValue("--wall-sum")) || 44;
			const shape = shapeOf({
				places: places.length,
				width: wall.clientWidth - 2 * number(style.paddingLeft),
				height,
				gap,
				plate: number(style.getPropertyValue("--plate-h")) || 22,
				sum,
				mostColumns: number(style.getPropertyValue("--wall-columns")) || 3,
			});
			wall.toggleAttribute("data-dense", shape.dense);
			wall.toggleAttribute("data-roomy", shape.columns <= 2);
			wall.style.gridTemplateColumns = `repeat(${shape.columns}, minmax(0, 1fr))`;
			const set = (picture: number) =>
				wall.style.setProperty("--tile-picture", `${picture}px`);
			set(shape.pictureHeight);
			if (height === null) return;
			// How high the plates are is known once they have their width.
			const plates = [...wall.querySelectorAll<HTMLElement>("[data-plate]")];
			const cells = plates.length + (shape.dense ? 1 : 0);
			const rows = Math.ceil(cells / shape.columns);
			let together = 0;
			for (let row = 0; row < rows; row += 1) {
				const inRow = plates.slice(
					row * shape.columns,
					(row + 1) * shape.columns,
				);
				together += Math.max(0, ...inRow.map((plate) => plate.scrollHeight));
			}
			const free = height - (shape.dense ? 0 : sum + gap);
			set(Math.min(shape.pictureHeight, pictureIn(free, together, rows, gap)));
		};
		measure();
		if (typeof ResizeObserver === "undefined") return;
		const observer = new ResizeObserver(measure);
		observer.observe(wall);
		return () => observer.disconnect();
	}, [box, places]);
}

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
	// A wall that is put away has nobody in view.
	useEffect(() => () => session.setView([]), [session]);
}
