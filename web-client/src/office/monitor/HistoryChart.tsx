import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatDate, formatHours, formatTime } from "@/format";
import type { Gap } from "./board";
import classes from "./PointDetail.module.css";

const height = 112;

/**
 * One measurement over time: a thin line, red and thicker above the dashed threshold; a solid block where the
 * connection was lost, and a pale ground where the point was in no session. `times` are seconds since the epoch and as
 * long as `values`; `null` is a time without a value. The line breaks where steps are missing.
 */
export default function HistoryChart({
	times,
	values,
	lost,
	outside,
	stepUs,
	fromUs,
	toUs,
	threshold,
	label,
}: {
	times: number[];
	values: (number | null)[];
	lost: Gap[];
	outside: Gap[];
	/** How long one value stands for. */
	stepUs: number;
	fromUs: number;
	toUs: number;
	threshold: number;
	/** The chart in one sentence. */
	label: string;
}) {
	const host = useRef<HTMLDivElement>(null);
	const plot = useRef<uPlot>(null);
	const latest = useRef({ lost, outside, fromUs, toUs });
	latest.current = { lost, outside, fromUs, toUs };

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
						values: (plot, ticks) => {
							const { min = 0, max = 0 } = plot.scales.x ?? {};
							const long = max - min > 2 * 86_400;
							return ticks.map((tick) =>
								long
									? formatDate(tick * 1e6).slice(0, 5)
									: formatTime(tick * 1e6),
							);
						},
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
							for (const [gaps, fill] of [
								[latest.current.outside, colour("--dc-slate-2")],
								[latest.current.lost, colour("--dc-slate-8")],
							] as const) {
								ctx.fillStyle = fill;
								for (const gap of gaps) {
									const left = Math.max(
										valToPos(gap.fromUs / 1e6, "x", true),
										bbox.left,
									);
									const right = Math.min(
										valToPos(gap.toUs / 1e6, "x", true),
										bbox.left + bbox.width,
									);
									// A loss of seconds shows in a month too.
									const width = Math.max(right - left, devicePixelRatio);
									if (right >= left)
										ctx.fillRect(left, bbox.top, width, bbox.height);
								}
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
		plot.current?.setData(withBreaks(times, values, stepUs / 1e6, threshold));
	}, [times, values, stepUs, threshold]);

	return (
		<div ref={host} className={classes.chart} role="img" aria-label={label} />
	);
}

/** The data in uPlot's shape: a line, and the parts of it above the threshold; both broken where steps are missing. */
function withBreaks(
	times: number[],
	values: (number | null)[],
	step: number,
	threshold: number,
): uPlot.AlignedData {
	const x: number[] = [];
	const line: (number | null)[] = [];
	const over: (number | null)[] = [];
	for (const [index, time] of times.entries()) {
		const value = values[index] ?? null;
		const next = values[index + 1] ?? null;
		const before = values[index - 1] ?? null;
		x.push(time);
		line.push(value);
		// A red piece runs to its neighbours, or a single high step would not show.
		const high = [before, value, next].some(
			(one) => one !== null && one > threshold,
		);
		over.push(high ? value : null);
		const nextTime = times[index + 1];
		if (nextTime !== undefined && nextTime - time > 3.5 * step) {
			x.push(time + step);
			line.push(null);
			over.push(null);
		}
	}
	return [x, line, over];
}
