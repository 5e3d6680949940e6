import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatHours, formatTime } from "@/format";
import type { Gap } from "./board";
import classes from "./PointDetail.module.css";

const height = 112;

/**
 * One measurement over time: a thin line, red and thicker above the dashed threshold, and a solid block where there
 * was no link. `times` are seconds since the epoch and as long as `values`; `null` is a time without a value.
 */
export default function HistoryChart({
	times,
	values,
	gaps,
	fromUs,
	toUs,
	threshold,
	label,
}: {
	times: number[];
	values: (number | null)[];
	gaps: Gap[];
	fromUs: number;
	toUs: number;
	threshold: number;
	/** The chart in one sentence. */
	label: string;
}) {
	const host = useRef<HTMLDivElement>(null);
	const plot = useRef<uPlot>(null);
	const latest = useRef({ gaps, fromUs, toUs });
	latest.current = { gaps, fromUs, toUs };

	useEffect(() => {
		const element = host.current;
		if (element === null) return;
		const colour = (name: string) =>
			getComputedStyle(element).getPropertyValue(name).trim();
		const figures = `13px ${colour("--dc-font-figure")}`;
		const axis = {
			stroke: colour("--dc-text-2"),
			font: figures,
			grid: { show: false },
			ticks: { show: false },
		};
		const drawn = new uPlot(
			{
				width: element.clientWidth,
				height,
				legend: { show: false },
				cursor: { show: false },
				padding: [8, 4, 0, 0],
				scales: {
					x: {
						range: () => [
							latest.current.fromUs / 1e6,
							latest.current.toUs / 1e6,
						],
					},
					y: {
						range: (_, __, max) => [0, Math.max(max ?? 0, threshold) * 1.15],
					},
				},
				axes: [
					{
						...axis,
						size: 24,
						space: 80,
						values: (_, ticks) => ticks.map((tick) => formatTime(tick * 1e6)),
					},
					{
						...axis,
						size: 40,
						space: 32,
						values: (_, ticks) => ticks.map((tick) => formatHours(tick)),
					},
				],
				series: [
					{},
					{
						stroke: colour("--dc-lam-7"),
						width: 1.6,
						points: { show: false },
						spanGaps: false,
					},
					{
						stroke: colour("--dc-red-6"),
						width: 2.6,
						points: { show: false },
						spanGaps: false,
					},
				],
				hooks: {
					drawClear: [
						({ ctx, bbox, valToPos }) => {
							ctx.save();
							ctx.fillStyle = colour("--dc-slate-8");
							for (const gap of latest.current.gaps) {
								const left = Math.max(
									valToPos(gap.fromUs / 1e6, "x", true),
									bbox.left,
								);
								const right = Math.min(
									valToPos(gap.toUs / 1e6, "x", true),
									bbox.left + bbox.width,
								);
								if (right > left)
									ctx.fillRect(left, bbox.top, right - left, bbox.height);
							}
							ctx.restore();
						},
					],
					draw: [
						({ ctx, bbox, valToPos }) => {
							const y = valToPos(threshold, "y", true);
							ctx.save();
							ctx.strokeStyle = colour("--dc-slate-5");
							ctx.lineWidth = devicePixelRatio;
							ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
							ctx.beginPath();
							ctx.moveTo(bbox.left, y);
							ctx.lineTo(bbox.left + bbox.width, y);
							ctx.stroke();
							ctx.restore();
						},
					],
				},
			},
			[[], [], []],
			element,
		);
		plot.current = drawn;
		const resized = new ResizeObserver(() =>
			drawn.setSize({ width: element.clientWidth, height }),
		);
		resized.observe(element);
		return () => {
			resized.disconnect();
			drawn.destroy();
			plot.current = null;
		};
	}, [threshold]);

	useEffect(() => {
		plot.current?.setData(withBreaks(times, values, gaps, threshold));
	}, [times, values, gaps, threshold]);

	return (
		<div ref={host} className={classes.chart} role="img" aria-label={label} />
	);
}

/** The data in uPlot's shape: a line, and the parts of it above the threshold; both broken where there was no link. */
function withBreaks(
	times: number[],
	values: (number | null)[],
	gaps: Gap[],
	threshold: number,
): uPlot.AlignedData {
	const x: number[] = [];
	const line: (number | null)[] = [];
	const over: (number | null)[] = [];
	const starts = new Set(gaps.map(({ fromUs }) => fromUs / 1e6));
	for (const [index, time] of times.entries()) {
		const value = values[index] ?? null;
		const next = values[index + 1] ?? null;
		const before = values[index - 1] ?? null;
		x.push(time);
		line.push(value);
		// A red piece runs to its neighbours, or a single high sample would not show.
		const high = [before, value, next].some(
			(one) => one !== null && one > threshold,
		);
		over.push(high ? value : null);
		if (starts.has(time)) {
			x.push(time + 1);
			line.push(null);
			over.push(null);
		}
	}
	return [x, line, over];
}
