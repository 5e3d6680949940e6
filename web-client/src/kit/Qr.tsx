import { useMemo } from "react";
import { encode } from "uqr";

/** A QR code as one path of squares. */
export function Qr({ text, label }: { text: string; label: string }) {
	const { size, path } = useMemo(() => {
		const { size, data } = encode(text, { ecc: "M", border: 2 });
		const squares = data.flatMap((row, y) =>
			row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")),
		);
		return { size, path: squares.join("") };
	}, [text]);
	return (
		<svg
			viewBox={`0 0 ${size} ${size}`}
			role="img"
			aria-label={label}
			shapeRendering="crispEdges"
		>
			<path fill="#ffffff" d={`M0 0h${size}v${size}h-${size}z`} />
			<path fill="#111b21" d={path} />
		</svg>
	);
}
